#include "json_text.hpp"

#include <array>

#include "json_space.hpp"

namespace keelback::vm::json {

namespace {

// Classes of bytes, by table.
enum : uint8_t {
  class_plain_string = 1,  // what a string may hold that needs no thought
  class_label_start = 2,
  class_alphanumeric = 4,
  class_space = 8,
};
constexpr std::array<uint8_t, 256> make_classes() {
  std::array<uint8_t, 256> classes{};
  for (int byte = 0; byte < 256; ++byte) {
    const bool is_letter = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
    const bool is_number = byte >= '0' && byte <= '9';
    uint8_t found = 0;
    if (byte >= 0x20 && byte != '"' && byte != '\\') found |= class_plain_string;
    if (is_letter || byte == '_' || byte == '$' || byte >= 0x80) found |= class_label_start;
    if (is_letter || is_number) found |= class_alphanumeric;
    if (byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r') found |= class_space;
    classes[static_cast<size_t>(byte)] = found;
  }
  return classes;
}
constexpr std::array<uint8_t, 256> classes = make_classes();
bool is_of(char c, uint8_t wanted) noexcept { return (classes[static_cast<uint8_t>(c)] & wanted) != 0; }
char lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

// What stands for a number that JSON cannot write.
struct Word {
  std::string_view text;
  Kind kind;
  std::string_view payload;
};
constexpr Word words[] = {{"infinity", kind_real, "9e999"},
                          {"inf", kind_real, "9e999"},
                          {"qnan", kind_null, ""},
                          {"snan", kind_null, ""},
                          {"nan", kind_null, ""}};
constexpr Word constants[] = {{"true", kind_true, ""}, {"false", kind_false, ""}, {"null", kind_null, ""}};

}  // namespace

bool JsonParser::is_hex_run(size_t place, size_t count) const {
  for (size_t offset = 0; offset < count; ++offset) {
    if (!is_hex(at(place + offset))) return false;
  }
  return true;
}

bool JsonParser::starts_with_word(size_t place, std::string_view word) const {
  for (size_t offset = 0; offset < word.size(); ++offset) {
    if (lower(at(place + offset)) != word[offset]) return false;
  }
  return true;
}

bool JsonParser::parse(std::string& out) {
  out_ = &out;
  out.reserve(out.size() + data_.size() + 8);
  if (!parse_value()) return false;
  skip_spaces();
  if (position_ < data_.size()) {
    skip();
    if (position_ < data_.size()) return false;
  }
  return true;
}

void JsonParser::skip_spaces() {
  while (position_ < data_.size() && is_of(data_[position_], class_space)) ++position_;
}

// White space of JSON5; more than JSON's is a mark of JSON5.
void JsonParser::skip() {
  skip_spaces();
  if (const size_t count = json5_space(data_, position_); count > 0) {
    is_nonstandard_ = true;
    position_ += count;
  }
}

// The tree, with a stack instead of recursion.
bool JsonParser::parse_value() {
  for (;;) {
    const size_t start = position_;
    if (!open_.empty()) open_.back().item_start = start;
    skip();
    const char c = at(position_);
    if (c == '{' || c == '[') {
      if (!open(c == '{' ? kind_object : kind_array)) return false;
      continue;
    }
    size_t value = out_->size();
    Container* around = open_.empty() ? nullptr : &open_.back();
    // Where an element or a label may begin the container may end; where a value must follow it may not.
    if (around && c == (around->kind == kind_object ? '}' : ']') &&
        (around->kind == kind_array || around->wants_label)) {
      if (around->has_elements) is_nonstandard_ = true;
      error_position_ = position_;
      ++position_;
      value = around->header;
      close();
    } else if (!parse_item(start)) {
      return false;
    }
    // A finished value may finish the containers around it.
    for (;;) {
      if (open_.empty()) return true;
      const After after = after_value(value);
      if (after == After::failed) return false;
      if (after == After::more) break;
      value = open_.back().header;
      close();
    }
  }
}

bool JsonParser::open(Kind kind) {
  if (open_.size() >= maximum_depth) return fail(position_);
  open_.push_back({.kind = kind, .wants_label = kind == kind_object, .header = out_->size()});
  out_->push_back('\0');
  ++position_;
  return true;
}

// The header was left one byte; a longer one moves the payload.
void JsonParser::close() {
  const Container container = open_.back();
  open_.pop_back();
  const size_t size = out_->size() - container.header - 1;
  if (size <= 11) {
    (*out_)[container.header] = static_cast<char>(size << 4 | container.kind);
    return;
  }
  std::string header;
  append_header(header, container.kind, size);
  out_->replace(container.header, 1, header);
}

// A scalar or a bare label at the position; `start` is where the white space before it began.
bool JsonParser::parse_item(size_t start) {
  const size_t place = position_;
  const char c = at(place);
  const Container* around = open_.empty() ? nullptr : &open_.back();
  if (c == '}' || c == ']' || c == ',' || c == ':' || c == '\0') {
    if (around) return fail(around->wants_label ? place : start);
    return fail(c ? place : 0);
  }
  if (parse_scalar()) return true;
  if (!around || !around->wants_label) return false;
  const bool is_escape = c == '\\' && at(place + 1) == 'u' && is_hex_run(place + 2, 4);
  if (!is_escape && !is_of(c, class_label_start)) return false;
  parse_bare_label(place);
  return true;
}

void JsonParser::parse_bare_label(size_t place) {
  Kind kind = kind_text;
  size_t end = place;
  for (;;) {
    const char c = at(end);
    if (c == '\\' && at(end + 1) == 'u' && is_hex_run(end + 2, 4)) {
      kind = kind_text_escaped;
    } else if (!is_of(c, class_label_start | class_alphanumeric) ||
               (static_cast<uint8_t>(c) >= 0x80 && json5_space(data_, end) > 0)) {
      break;
    }
    ++end;
  }
  is_nonstandard_ = true;
  position_ = end;
  append_element(*out_, kind, data_.substr(place, end - place));
}

// Take in the value that begins there in the output, and read the punctuation after it.
JsonParser::After JsonParser::after_value(size_t value) {
  Container& container = open_.back();
  container.has_elements = true;
  if (container.wants_label) {
    if (!is_label(kind_at(*out_, value))) {
      fail(container.item_start);
      return After::failed;
    }
    container.wants_label = false;
    skip_spaces();
    const size_t place = position_;
    if (at(place) != ':') {
      skip();
      if (at(position_) != ':') {
        fail_after_label(place);
        return After::failed;
      }
      error_position_ = position_;
    }
    ++position_;
    return After::more;
  }
  skip_spaces();
  const size_t place = position_;
  const char close = container.kind == kind_object ? '}' : ']';
  char c = at(place);
  if (c != ',' && c != close) {
    skip();
    error_position_ = position_;
    c = at(position_);
  }
  ++position_;
  if (c == ',') {
    container.wants_label = container.kind == kind_object;
    return After::more;
  }
  if (c == close) return After::closed;
  fail(place);
  return After::failed;
}

// No colon after a label: SQLite reads a value there, and complains of that if it is bad too.
bool JsonParser::fail_after_label(size_t place) {
  fail(place);
  const char c = at(position_);
  const bool ends = c == '{' || c == '[' || c == '}' || c == ']' || c == ',' || c == ':' || c == '\0';
  if (!ends && parse_scalar()) fail(place);
  return false;
}

bool JsonParser::parse_scalar() {
  const size_t place = position_;
  const char c = at(place);
  if (c == '"' || c == '\'') return parse_string(place);
  if (is_digit(c) || c == '-' || c == '+' || c == '.') return parse_number(place);
  const std::string_view rest = data_.substr(place);
  for (const Word& word : constants) {
    if (rest.starts_with(word.text) && !is_of(at(place + word.text.size()), class_alphanumeric)) {
      position_ = place + word.text.size();
      out_->push_back(static_cast<char>(word.kind));
      return true;
    }
  }
  for (const Word& word : words) {
    if (starts_with_word(place, word.text) && !is_of(at(place + word.text.size()), class_alphanumeric)) {
      is_nonstandard_ = true;
      position_ = place + word.text.size();
      append_element(*out_, word.kind, word.payload);
      return true;
    }
  }
  return fail(place);
}

bool JsonParser::parse_string(size_t place) {
  const char quote = data_[place];
  Kind kind = kind_text;
  if (quote == '\'') is_nonstandard_ = true;
  size_t position = place + 1;
  for (;; ++position) {
    while (position < data_.size() && is_of(data_[position], class_plain_string) && data_[position] != quote)
      ++position;
    const char c = at(position);
    if (c == quote) break;
    if (c == '\\') {
      ++position;
      const int escape = escape_kind(position);
      if (escape < 0) return fail(position);
      if (escape == kind_text5) {
        kind = kind_text5;
        is_nonstandard_ = true;
        if (at(position) == '\r' && at(position + 1) == '\n') ++position;
      } else if (kind == kind_text) {
        kind = kind_text_escaped;
      }
    } else if (static_cast<uint8_t>(c) <= 0x1F) {
      if (c == '\0') return fail(position);
      kind = kind_text5;
      is_nonstandard_ = true;
    } else if (c == '"') {
      kind = kind_text5;
    }
  }
  position_ = position + 1;
  append_element(*out_, kind, data_.substr(place + 1, position - place - 1));
  return true;
}

// What the escape whose letter is at `place` asks of the string's kind; -1 for none that exists.
int JsonParser::escape_kind(size_t place) const {
  switch (at(place)) {
    case '"':
    case '\\':
    case '/':
    case 'b':
    case 'f':
    case 'n':
    case 'r':
    case 't':
      return kind_text_escaped;
    case 'u':
      return is_hex_run(place + 1, 4) ? static_cast<int>(kind_text_escaped) : -1;
    case '\'':
    case 'v':
    case '\n':
    case '\r':
      return kind_text5;
    case 'x':
      return is_hex_run(place + 1, 2) ? static_cast<int>(kind_text5) : -1;
    case '0':
      return is_digit(at(place + 1)) ? -1 : static_cast<int>(kind_text5);
    default:
      return is_line_separator(data_, place) ? static_cast<int>(kind_text5) : -1;
  }
}

// A number; SQLite's kinds: integer or real, each plain or JSON5.
bool JsonParser::parse_number(size_t place) {
  const char c = data_[place];
  if (c == '.') {
    if (!is_digit(at(place + 1))) return fail(place);
    is_nonstandard_ = true;
    return parse_decimal(place, true, true);
  }
  size_t first = place;
  if (c == '+' || c == '-') {
    if (c == '+') is_nonstandard_ = true;
    first = place + 1;
    if (!is_digit(at(first))) {
      if (starts_with_word(first, "inf")) {
        is_nonstandard_ = true;
        position_ = place + (starts_with_word(place + 4, "inity") ? 9 : 4);
        append_element(*out_, kind_real, c == '-' ? "-9e999" : "9e999");
        return true;
      }
      if (at(first) != '.') return fail(place);
      is_nonstandard_ = true;
      return parse_decimal(place, true, false);
    }
  }
  if (at(first) == '0') {
    if ((at(first + 1) == 'x' || at(first + 1) == 'X') && is_hex(at(first + 2))) {
      is_nonstandard_ = true;
      size_t end = first + 3;
      while (is_hex(at(end))) ++end;
      position_ = end;
      const size_t start = c == '+' ? place + 1 : place;
      append_element(*out_, kind_integer5, data_.substr(start, end - start));
      return true;
    }
    if (is_digit(at(first + 1))) return fail(place + 1);
  }
  return parse_decimal(place, false, false);
}

bool JsonParser::parse_decimal(size_t place, bool is_json5, bool is_real) {
  bool has_exponent = false;
  size_t position = place;
  for (;;) {
    ++position;
    const char c = at(position);
    if (is_digit(c)) continue;
    if (c == '.') {
      if (is_real) return fail(position);
      is_real = true;
    } else if (c == 'e' || c == 'E') {
      if (!is_digit(at(position - 1))) {
        if (!ends_with_point(place, position)) return fail(position);
        is_json5 = true;
      }
      if (has_exponent) return fail(position);
      is_real = true;
      has_exponent = true;
      if (at(position + 1) == '+' || at(position + 1) == '-') ++position;
      if (!is_digit(at(position + 1))) return fail(position);
    } else {
      break;
    }
  }
  if (!is_digit(at(position - 1))) {
    if (!ends_with_point(place, position)) return fail(position);
    is_json5 = true;
  }
  if (is_json5) is_nonstandard_ = true;
  position_ = position;
  const size_t start = data_[place] == '+' ? place + 1 : place;
  append_element(*out_, (is_real ? kind_real : kind_integer) + (is_json5 ? 1 : 0),
                 data_.substr(start, position - start));
  return true;
}

// Whether the number is so far a digit and a point.
bool JsonParser::ends_with_point(size_t place, size_t position) const {
  return at(position - 1) == '.' && position >= place + 2 && is_digit(at(position - 2));
}

}  // namespace keelback::vm::json
