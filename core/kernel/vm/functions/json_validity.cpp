#include "json_validity.hpp"

#include <vector>

#include "json_binary.hpp"
#include "json_string.hpp"

namespace keelback::vm::json {

namespace {

// One scalar being looked at: the place of its element and the bounds of its payload.
struct Scalar {
  std::string_view data;
  size_t at;
  size_t start;
  size_t end;

  size_t size() const { return end - start; }
  size_t fault_at_element() const { return at + 1; }
};

size_t integer_fault(Scalar s) {
  if (s.size() < 1) return s.fault_at_element();
  if (s.data[s.start] == '-') {
    ++s.start;
    if (s.size() < 1) return s.fault_at_element();
  }
  for (size_t position = s.start; position < s.end; ++position) {
    if (!is_digit(s.data[position])) return position + 1;
  }
  return 0;
}

size_t hexadecimal_fault(Scalar s) {
  if (s.size() < 3) return s.fault_at_element();
  if (s.data[s.start] == '-') {
    if (s.size() < 4) return s.fault_at_element();
    ++s.start;
  }
  if (s.data[s.start] != '0') return s.fault_at_element();
  if (s.data[s.start + 1] != 'x' && s.data[s.start + 1] != 'X') return s.start + 2;
  for (size_t position = s.start + 2; position < s.end; ++position) {
    if (!is_hex(s.data[position])) return position + 1;
  }
  return 0;
}

// The sign and what may stand before the first digits; `position` goes behind them.
size_t real_start_fault(const Scalar& s, bool is_plain, size_t& position, bool& has_point) {
  if (s.size() < 2) return s.fault_at_element();
  if (s.data[position] == '-') {
    ++position;
    if (s.size() < 3) return s.fault_at_element();
  }
  if (s.data[position] == '.') {
    if (is_plain || !is_digit(s.data[position + 1])) return position + 1;
    position += 2;
    has_point = true;
  } else if (s.data[position] == '0' && is_plain) {
    if (position + 3 > s.end) return position + 1;
    const char next = s.data[position + 1];
    if (next != '.' && next != 'e' && next != 'E') return position + 1;
    ++position;
  }
  return 0;
}

size_t real_fault(const Scalar& s) {
  const bool is_plain = kind_at(s.data, s.at) == kind_real;
  bool has_point = false;
  bool has_exponent = false;
  size_t position = s.start;
  if (const size_t fault = real_start_fault(s, is_plain, position, has_point); fault > 0) return fault;
  for (; position < s.end; ++position) {
    const char c = s.data[position];
    const bool is_last = position == s.end - 1;
    if (c == '.') {
      if (has_point || has_exponent) return position + 1;
      if (is_plain && (is_last || !is_digit(s.data[position + 1]))) return position + 1;
      has_point = true;
    } else if (c == 'e' || c == 'E') {
      if (has_exponent || is_last) return position + 1;
      if (s.data[position + 1] == '+' || s.data[position + 1] == '-') {
        ++position;
        if (position == s.end - 1) return position + 1;
      }
      has_exponent = true;
    } else if (!is_digit(c)) {
      return position + 1;
    }
  }
  return has_point || has_exponent ? 0 : s.fault_at_element();
}

// Where the escape at that place ends; 0 if it is none.
size_t after_escape(const Scalar& s, size_t at, int kind) {
  if (at + 1 >= s.end) return 0;
  if (is_plain_escape(s.data[at + 1])) return at + 2;
  if (s.data[at + 1] == 'u') {
    if (at + 5 >= s.end) return 0;
    for (size_t digit = at + 2; digit < at + 6; ++digit) {
      if (!is_hex(s.data[digit])) return 0;
    }
    return at + 2;
  }
  if (kind != kind_text5) return 0;
  const Unescaped found = unescape_one(s.data.substr(0, s.end), at);
  return found.code >= 0 ? found.after : 0;
}

size_t string_fault(const Scalar& s) {
  const int kind = kind_at(s.data, s.at);
  size_t position = s.start;
  while (position < s.end) {
    const char c = s.data[position];
    if (static_cast<uint8_t>(c) >= 0x20 && c != '"' && c != '\\') {
      ++position;
    } else if (kind == kind_text || (kind == kind_text_escaped && c != '\\')) {
      return position + 1;
    } else if (c != '\\') {
      ++position;
    } else {
      const size_t after = after_escape(s, position, kind);
      if (after == 0) return position + 1;
      position = after;
    }
  }
  return 0;
}

size_t scalar_fault(const Scalar& s) {
  switch (kind_at(s.data, s.at)) {
    case kind_null:
    case kind_true:
    case kind_false:
      return s.end == s.at + 1 ? 0 : s.fault_at_element();
    case kind_integer:
      return integer_fault(s);
    case kind_integer5:
      return hexadecimal_fault(s);
    case kind_real:
    case kind_real5:
      return real_fault(s);
    case kind_text:
    case kind_text_escaped:
    case kind_text5:
      return string_fault(s);
    case kind_text_raw:
      return 0;
    default:
      return s.fault_at_element();
  }
}

// A container whose elements are being looked at.
struct Open {
  size_t end;
  bool is_object;
  size_t count = 0;
};

}  // namespace

bool is_binary(std::string_view data) {
  if (!looks_binary(data)) return false;
  const char c = data[0];
  const bool may_be_text =
      data.size() <= header_length(byte_at(data, 0) >> 4) + 7 && (c == '{' || c == '[' || is_digit(c));
  return !may_be_text || find_fault(data) == 0;
}

size_t find_fault(std::string_view data) {
  std::vector<Open> stack;
  size_t at = 0;
  size_t limit = data.size();
  for (;;) {
    const Bounds bounds = element_bounds(data, at);
    if (!bounds.is_sound() || bounds.end > limit || (stack.empty() && bounds.end != limit)) return at + 1;
    const int kind = kind_at(data, at);
    if (!stack.empty() && stack.back().is_object && stack.back().count % 2 == 0 && !is_label(kind)) return at + 1;
    if (kind == kind_array || kind == kind_object) {
      if (stack.size() >= maximum_depth) return at + 1;
      stack.push_back({bounds.end, kind == kind_object});
      limit = bounds.end;
      at = bounds.start;
    } else {
      const size_t fault = scalar_fault({data, at, bounds.start, bounds.end});
      if (fault > 0 || stack.empty()) return fault;
      ++stack.back().count;
      at = bounds.end;
    }
    while (at == stack.back().end) {
      const Open closed = stack.back();
      stack.pop_back();
      if (closed.is_object && closed.count % 2) return at + 1;
      if (stack.empty()) return 0;
      ++stack.back().count;
      limit = stack.back().end;
    }
  }
}

}  // namespace keelback::vm::json
