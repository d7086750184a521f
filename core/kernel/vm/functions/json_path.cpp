#include "json_path.hpp"

#include <vector>

#include "json_binary.hpp"
#include "json_string.hpp"

namespace keelback::vm::json {

bool Walk::read_label(size_t at, Label& label) const {
  size_t end = at;
  if (path_at(at) == '"') {
    end = at + 1;
    while (end < path_.size() && path_[end] != '"') end += path_[end] == '\\' && end + 1 < path_.size() ? 2 : 1;
    if (end >= path_.size()) return false;
    const std::string_view name = path_.substr(at + 1, end - at - 1);
    label = {name, name.find('\\') == std::string_view::npos, end + 1};
    return true;
  }
  while (end < path_.size() && path_[end] != '.' && path_[end] != '[') ++end;
  label = {path_.substr(at, end - at), true, end};
  return end > at;
}

// The digits at `at` as a number, held at 32 bits, and where they end.
Walk::Number Walk::read_number(size_t at) const {
  constexpr int64_t most = 0xFFFFFFFF;
  int64_t number = 0;
  for (; is_digit(path_at(at)); ++at) {
    if (number < most) number = number * 10 + (path_[at] - '0');
  }
  return {number, at};
}

int64_t Walk::follow() {
  int64_t place = 0;
  int64_t label_place = 0;
  size_t at = 1;
  while (at < path_.size()) {
    const char c = path_[at];
    if (c != '.' && c != '[') return bad_path;
    const auto here = static_cast<size_t>(place);
    const Step step = c == '.' ? step_label(here, at + 1) : step_index(here, at);
    place = step.place;
    label_place = step.label_place;
    at = step.after;
    if (place < 0 || at == all_done) return place;
  }
  return finish(place, label_place);
}

// The path has ended at an element that exists.
int64_t Walk::finish(int64_t place, int64_t label_place) {
  label_place_ = label_place;
  if (edit_ == Edit::look) return place;
  if (edit_ == Edit::insert) return not_found;
  if (edit_ == Edit::array_insert) return not_an_array;
  const size_t end = element_bounds(data_, static_cast<size_t>(place)).end;
  if (end == 0) return damaged;
  const auto start = static_cast<size_t>(edit_ == Edit::remove && label_place > 0 ? label_place : place);
  splice(start, end, edit_ == Edit::remove ? std::string() : overwrite(end - start, insertion_));
  return place;
}

// Replace these bytes and mend the sizes of the containers around them.
void Walk::splice(size_t start, size_t end, std::string_view replacement) {
  std::string& data = *target_;
  data.replace(start, end - start, replacement);
  int64_t growth = static_cast<int64_t>(replacement.size()) - static_cast<int64_t>(end - start);
  for (size_t level = way_.size(); level-- > 0 && growth != 0;) {
    const size_t container = way_[level];
    // The old size is still in the header, though the bytes no longer are.
    const int code = byte_at(data, container) >> 4;
    uint64_t size = static_cast<uint64_t>(code);
    if (code > 11) {
      size = 0;
      for (size_t place = 1; place < header_length(code); ++place) size = size << 8 | byte_at(data, container + place);
    }
    growth += resize(data, container, static_cast<size_t>(size + static_cast<uint64_t>(growth)));
  }
  data_ = data;
}

// Into an object.
Walk::Step Walk::step_label(size_t place, size_t at) {
  Label label;
  if (!read_label(at, label)) return {bad_path};
  if (kind_at(data_, place) != kind_object) return {not_found};
  const Bounds object = element_bounds(data_, place);
  size_t position = object.start;
  while (position < object.end) {
    const int kind = kind_at(data_, position);
    const Bounds name = element_bounds(data_, position);
    if (!is_label(kind) || !name.is_sound() || name.end >= object.end) return {damaged};
    const size_t value_end = element_bounds(data_, name.end).end;
    if (is_same_label(label.name, label.is_raw, payload_of(data_, name), is_raw_text(kind))) {
      if (kind_at(data_, name.end) > kind_object || value_end == 0 || value_end > object.end) return {damaged};
      if (edit_ != Edit::look) way_.push_back(place);
      return {static_cast<int64_t>(name.end), static_cast<int64_t>(position), label.after};
    }
    if (value_end == 0) return {damaged};
    position = value_end;
  }
  if (position > object.end) return {damaged};
  if (edit_ < Edit::insert) return {not_found};
  if (is_array_insert_elsewhere()) return {not_an_array};
  std::string built;
  if (const int64_t wrong = build(label.after, built); wrong < 0) return {wrong};
  way_.push_back(place);
  splice(position, position, element(label.is_raw ? kind_text_raw : kind_text5, label.name) + built);
  return {static_cast<int64_t>(position), 0, all_done};
}

// The number between the brackets, counted from the start, and the place of what must be the bracket.
Walk::Number Walk::index(size_t place, size_t at) const {
  const Number plain = read_number(at + 1);
  if (plain.end > at + 1) return plain;
  if (path_at(at + 1) != '#') return {bad_path, plain.end};
  int64_t count = count_elements(data_, place);
  size_t end = at + 2;
  if (path_at(end) == '-' && is_digit(path_at(end + 1))) {
    const Number back = read_number(end + 1);
    end = back.end;
    if (back.value > count) return {not_found, end};
    count -= back.value;
  }
  return {count, end};
}

// Into an array.
Walk::Step Walk::step_index(size_t place, size_t at) {
  if (kind_at(data_, place) != kind_array) return {not_found};
  Number number = index(place, at);
  if (number.value < 0) return {number.value};
  if (path_at(number.end) != ']') return {bad_path};
  const size_t after = number.end + 1;
  const Bounds array = element_bounds(data_, place);
  size_t position = array.start;
  while (position < array.end) {
    if (number.value == 0) {
      if (edit_ != Edit::look) way_.push_back(place);
      if (edit_ == Edit::array_insert && after == path_.size()) {
        splice(position, position, insertion_);
        return {static_cast<int64_t>(position), 0, all_done};
      }
      return {static_cast<int64_t>(position), 0, after};
    }
    --number.value;
    position = element_bounds(data_, position).end;
    if (position == 0) return {damaged};
  }
  if (position > array.end) return {damaged};
  if (number.value > 0 || edit_ < Edit::insert) return {not_found};
  std::string built;
  if (const int64_t wrong = build(after, built); wrong < 0) return {wrong};
  way_.push_back(place);
  splice(position, position, built);
  return {static_cast<int64_t>(position), 0, all_done};
}

// Whether json_array_insert is to make a label though the path does not end in an index.
bool Walk::is_array_insert_elsewhere() const {
  if (edit_ != Edit::array_insert) return false;
  const size_t bracket = path_.rfind('[');
  const size_t point = path_.rfind('.');
  const bool ends_in_index =
      path_.ends_with(']') && bracket != std::string_view::npos && (point == std::string_view::npos || bracket > point);
  return !ends_in_index;
}

// The insertion inside the containers that the rest of the path asks for; negative: what is wrong with the rest.
int64_t Walk::build(size_t at, std::string& built) const {
  // Labels as elements; empty for an index.
  std::vector<std::string> labels;
  while (at < path_.size()) {
    if (path_[at] == '.') {
      Label label;
      if (!read_label(at + 1, label)) return bad_path;
      if (is_array_insert_elsewhere()) return not_an_array;
      labels.push_back(element(label.is_raw ? kind_text_raw : kind_text5, label.name));
      at = label.after;
      continue;
    }
    if (path_[at] != '[') return bad_path;
    const Number number = new_index(at);
    if (number.value != 0) return number.value < 0 ? number.value : not_found;
    labels.emplace_back();
    at = number.end + 1;
  }
  built.assign(insertion_);
  for (size_t level = labels.size(); level-- > 0;) {
    built = labels[level].empty() ? element(kind_array, built) : element(kind_object, labels[level] + built);
  }
  return 0;
}

// The index in the brackets at `at`, into an array that is still empty, and where the closing bracket is.
Walk::Number Walk::new_index(size_t at) const {
  Number number = read_number(at + 1);
  if (number.end == at + 1) {
    if (path_at(number.end) != '#') return {bad_path, number.end};
    ++number.end;
    if (path_at(number.end) == '-' && is_digit(path_at(number.end + 1))) {
      number = read_number(number.end + 1);
      if (number.value > 0) return {not_found, number.end};
    }
  }
  return {path_at(number.end) == ']' ? number.value : bad_path, number.end};
}

}  // namespace keelback::vm::json
