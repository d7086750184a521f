// Numbers and words of JSON5. Twin: the same part of keelback_core/reference/vm/functions/json_text.py.
#include <cstring>

#include "json_parsing.hpp"

namespace keelback::vm::json {

namespace {

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

bool starts_with(const char* at, std::string_view word) noexcept {
  return std::strncmp(at, word.data(), word.size()) == 0;
}
bool starts_with_lowered(const char* at, std::string_view word) noexcept {
  for (const char c : word) {
    if (lower(*at++) != c) return false;
  }
  return true;
}

// Whether a number that begins at `start` and goes to `at` is so far a digit and a point.
bool ends_with_point(const char* start, const char* at) noexcept {
  return at[-1] == '.' && at - start >= 2 && is_digit(at[-2]);
}

}  // namespace

bool JsonParser::parse_word() {
  for (const Word& word : constants) {
    if (starts_with(at_, word.text) && !is_of(at_[word.text.size()], class_alphanumeric)) {
      at_ += word.text.size();
      put_element(word.kind, at_, at_);
      return true;
    }
  }
  for (const Word& word : words) {
    if (starts_with_lowered(at_, word.text) && !is_of(at_[word.text.size()], class_alphanumeric)) {
      is_nonstandard_ = true;
      at_ += word.text.size();
      put_element(word.kind, word.payload.data(), word.payload.data() + word.payload.size());
      return true;
    }
  }
  return fail(at_);
}

// A number; SQLite's kinds: integer or real, each plain or JSON5.
bool JsonParser::parse_number() {
  const char c = *at_;
  if (c == '.') {
    if (!is_digit(at_[1])) return fail(at_);
    is_nonstandard_ = true;
    return parse_decimal(true, true);
  }
  const char* first = at_;
  if (c == '+' || c == '-') {
    if (c == '+') is_nonstandard_ = true;
    ++first;
    if (!is_digit(*first)) {
      if (starts_with_lowered(first, "inf")) {
        is_nonstandard_ = true;
        at_ += starts_with_lowered(at_ + 4, "inity") ? 9 : 4;
        const std::string_view infinite = "-9e999";
        put_element(kind_real, infinite.data() + (c == '-' ? 0 : 1), infinite.data() + infinite.size());
        return true;
      }
      if (*first != '.') return fail(at_);
      is_nonstandard_ = true;
      return parse_decimal(true, false);
    }
  }
  if (*first == '0') {
    if ((first[1] == 'x' || first[1] == 'X') && is_hex(first[2])) {
      is_nonstandard_ = true;
      const char* end = first + 3;
      while (is_hex(*end)) ++end;
      const char* start = c == '+' ? at_ + 1 : at_;
      at_ = end;
      put_element(kind_integer5, start, end);
      return true;
    }
    if (is_digit(first[1])) return fail(at_ + 1);
  }
  return parse_decimal(false, false);
}

bool JsonParser::parse_decimal(bool is_json5, bool is_real) {
  const char* start = at_;
  const char* end = start;
  bool has_exponent = false;
  for (;;) {
    ++end;
    const char c = *end;
    if (is_digit(c)) continue;
    if (c == '.') {
      if (is_real) return fail(end);
      is_real = true;
    } else if (c == 'e' || c == 'E') {
      if (!is_digit(end[-1])) {
        if (!ends_with_point(start, end)) return fail(end);
        is_json5 = true;
      }
      if (has_exponent) return fail(end);
      is_real = true;
      has_exponent = true;
      if (end[1] == '+' || end[1] == '-') ++end;
      if (!is_digit(end[1])) return fail(end);
    } else {
      break;
    }
  }
  if (!is_digit(end[-1])) {
    if (!ends_with_point(start, end)) return fail(end);
    is_json5 = true;
  }
  if (is_json5) is_nonstandard_ = true;
  at_ = end;
  put_element((is_real ? kind_real : kind_integer) + (is_json5 ? 1 : 0), *start == '+' ? start + 1 : start, end);
  return true;
}

}  // namespace keelback::vm::json
