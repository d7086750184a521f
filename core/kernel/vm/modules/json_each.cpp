// json_each, json_tree, jsonb_each, jsonb_tree: the elements of a JSON value as rows.
//
// 1. The value is JSONB all along; `id` is the place of an element in it (of a member its label's).
// 2. json_each gives the elements of the one container that the path names; json_tree all below it, and itself.
// 3. A path names one element; where there is none there are no rows, where it is wrong there is an error.
// 4. The numbers of a plan are those of the twin, which makes the plans.
//
// Twin: keelback_core/reference/vm/modules/json_each.py.
#include <vector>

#include "../functions/json_binary.hpp"
#include "../functions/json_path.hpp"
#include "../functions/json_print.hpp"
#include "../functions/json_value.hpp"
#include "registry.hpp"

namespace keelback::vm::modules {

namespace {

using namespace json;

enum Column {
  column_key,
  column_value,
  column_type,
  column_atom,
  column_id,
  column_parent,
  column_fullkey,
  column_path,
  column_json,
  column_root
};

// A container that the rows are inside of.
struct Level {
  int64_t identity;
  size_t end;
  int64_t index;  // of the row's element in it, from 0
  bool is_object;
  size_t path_length;  // of the path to what is around it
};

class JsonRows final : public VirtualRows {
 public:
  JsonRows(Host& host, bool is_tree, bool as_binary) : host_(host), is_tree_(is_tree), as_binary_(as_binary) {}

  Status filter(int64_t number, const std::string*, std::span<const Value> arguments, int64_t, bool& has_row) override {
    clear();
    has_row = false;
    const bool has_root = number == 3;
    if (number == 0 || arguments.size() < (has_root ? 2U : 1U) || arguments[0].is_null()) return ok_status;
    std::string_view data;
    KEELBACK_TRY(parse_argument(host_, arguments[0], data));
    if (has_root && arguments[1].is_null()) return ok_status;
    keep_json(arguments[0], data);
    data_.assign(data);
    int64_t found = 0;
    if (has_root) {
      TextBuffer buffer;
      const std::string_view text = text_bytes(arguments[1], buffer);
      path_.assign(text.substr(0, text.find('\0')));
      root_length_ = path_.size();
      Walk walk(data_, path_);
      found = path_.starts_with('$') ? walk.follow() : bad_path;
      if (found == not_found) return ok_status;
      if (found < 0) return path_error(host_, found, path_);
      has_label_ = walk.label_place() > 0;
      place_ = static_cast<size_t>(has_label_ ? walk.label_place() : found);
    }
    const Bounds bounds = element_bounds(data_, static_cast<size_t>(found));
    end_ = bounds.end;
    const int kind = kind_at(data_, static_cast<size_t>(found));
    if ((kind == kind_array || kind == kind_object) && !is_tree_) {
      levels_.push_back({static_cast<int64_t>(place_), end_, 0, kind == kind_object, root_length_});
      place_ = bounds.start;
      has_label_ = kind == kind_object;
    }
    has_row = place_ < end_;
    return ok_status;
  }

  Status next(bool& has_row) override {
    size_t value = 0;
    KEELBACK_TRY(find_value(value));
    const Bounds bounds = element_bounds(data_, value);
    if (!bounds.is_sound()) return malformed();
    const int kind = kind_at(data_, value);
    ++number_;
    if (is_tree_ && (kind == kind_array || kind == kind_object)) {
      const size_t length = path_.size();
      if (!levels_.empty()) append_step(path_);
      levels_.push_back({static_cast<int64_t>(place_), bounds.end, -1, kind == kind_object, length});
      place_ = bounds.start;
    } else {
      place_ = bounds.end;
    }
    while (is_tree_ && !levels_.empty() && place_ >= levels_.back().end) {
      path_.resize(levels_.back().path_length);
      levels_.pop_back();
    }
    has_label_ = !levels_.empty() && levels_.back().is_object;
    if (!levels_.empty()) ++levels_.back().index;
    has_row = place_ < end_;
    return ok_status;
  }

  Status column(int number, OwnedValue& value, bool& is_json) override {
    is_json = false;
    switch (number) {
      case column_key:
        return key(value, is_json);
      case column_value:
      case column_type:
      case column_atom:
        return value_column(number, value, is_json);
      case column_id:
        value.assign(Value::of_integer(static_cast<int64_t>(place_)));
        return ok_status;
      case column_parent:
        value.assign(!levels_.empty() && is_tree_ ? Value::of_integer(levels_.back().identity) : Value());
        return ok_status;
      case column_fullkey: {
        std::string text = path_;
        if (!levels_.empty()) append_step(text);
        value.adopt(std::move(text), Type::text);
        return ok_status;
      }
      case column_path:
        value.assign(Value::of_text(std::string_view(path_).substr(0, parent_length())));
        return ok_status;
      case column_json:
        value.assign(json_.value());
        return ok_status;
      default:
        value.assign(Value::of_text(std::string_view(path_).substr(0, root_length_)));
        return ok_status;
    }
  }

  Status rowid(int64_t& rowid) override {
    rowid = number_;
    return ok_status;
  }

 private:
  void clear() {
    data_.clear();
    place_ = 0;
    has_label_ = false;
    end_ = 0;
    number_ = 0;
    levels_.clear();
    path_ = "$";
    root_length_ = 1;
  }
  // What the column json shows: JSONB as it was given, anything else as text.
  void keep_json(const Value& given, std::string_view data) {
    TextBuffer buffer;
    if (given.is_blob() && given.text().data() == data.data()) {
      json_.assign(given);
    } else {
      json_.assign(Value::of_text(text_bytes(given, buffer)));
    }
  }
  // Where the element itself begins.
  Status find_value(size_t& value) const {
    value = place_;
    if (!has_label_) return ok_status;
    value = element_bounds(data_, place_).end;
    return value == 0 || value >= data_.size() ? malformed() : ok_status;
  }
  // The step of a path from the container to the row's element.
  void append_step(std::string& path) const {
    if (!has_label_) {
      path.append("[").append(std::to_string(levels_.back().index)).append("]");
      return;
    }
    const std::string_view label = payload_of(data_, element_bounds(data_, place_));
    bool is_plain = !label.empty() && !is_digit(label[0]);
    for (const char c : label) {
      is_plain = is_plain && (is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'));
    }
    path.append(is_plain ? "." : ".\"").append(label).append(is_plain ? "" : "\"");
  }
  // The length of the path to the container; of the first row of json_tree it is cut off the given path, where what is
  // left names a container that begins with the element.
  size_t parent_length() const {
    if (number_ > 0 || !is_tree_ || path_.size() < 2) return path_.size();
    for (size_t length = path_.size() - 1; length > 0; --length) {
      if (path_[length] != '[' && path_[length] != '.') continue;
      const int64_t found = Walk(data_, std::string_view(path_).substr(0, length)).follow();
      if (found >= 0 && element_bounds(data_, static_cast<size_t>(found)).start == place_) return length;
    }
    return 1;
  }
  Status element(size_t at, bool as_binary, OwnedValue& value, bool& is_json) const {
    std::string buffer;
    ElementValue found;
    KEELBACK_TRY(element_value(data_, at, as_binary, buffer, found));
    value.assign(found.value);
    is_json = found.is_json;
    return ok_status;
  }
  Status value_column(int number, OwnedValue& value, bool& is_json) const {
    size_t at = 0;
    KEELBACK_TRY(find_value(at));
    const int kind = kind_at(data_, at);
    if (number == column_type) {
      value.assign(Value::of_text(kind_name(kind)));
      return ok_status;
    }
    if (number == column_atom && kind >= kind_array) {
      value.assign(Value());
      return ok_status;
    }
    return element(at, as_binary_, value, is_json);
  }
  // The label or the number of the element; of the first row of json_tree what the given path ends in.
  Status key(OwnedValue& value, bool& is_json) const {
    if (!levels_.empty()) {
      if (has_label_) return element(place_, false, value, is_json);
      value.assign(Value::of_integer(levels_.back().index));
      return ok_status;
    }
    value.assign(Value());
    const std::string_view step = std::string_view(path_).substr(parent_length());
    if (root_length_ == 1 || step.empty()) return ok_status;
    if (step[0] != '[') {
      const bool is_quoted = step.size() > 1 && step[1] == '"';
      value.assign(Value::of_text(is_quoted ? step.substr(2, step.size() < 3 ? 0 : step.size() - 3) : step.substr(1)));
      return ok_status;
    }
    const std::string_view digits = step.substr(1, step.find(']') - 1);
    int64_t index = 0;
    for (const char c : digits) {
      if (!is_digit(c)) {
        index = 0;
        break;
      }
      // A path that named an element has no number that does not fit.
      index = index * 10 + (c - '0');
    }
    value.assign(Value::of_integer(index));
    return ok_status;
  }

  Host& host_;
  bool is_tree_;
  bool as_binary_;
  OwnedValue json_;
  std::string data_;
  size_t place_ = 0;        // of the row's element, of a member that of its label
  bool has_label_ = false;  // the row's element is a member
  size_t end_ = 0;          // where the rows end
  int64_t number_ = 0;
  std::vector<Level> levels_;  // outermost first
  std::string path_ = "$";     // to the container of the element
  size_t root_length_ = 1;     // how much of it was given
};

}  // namespace

std::unique_ptr<VirtualRows> open_json_rows(Host& host, bool is_tree, bool as_binary) {
  return std::make_unique<JsonRows>(host, is_tree, as_binary);
}

}  // namespace keelback::vm::modules
