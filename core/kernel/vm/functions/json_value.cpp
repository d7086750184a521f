#include "json_value.hpp"

#include <cmath>

#include "../../value/cast.hpp"
#include "../../value/numeric_text.hpp"
#include "json_binary.hpp"
#include "json_memory.hpp"
#include "json_plain.hpp"
#include "json_print.hpp"
#include "json_string.hpp"
#include "json_text.hpp"
#include "json_validity.hpp"

namespace keelback::vm::json {

namespace {

__extension__ using Wide = unsigned __int128;

Status no_blobs() { return Status(result::ERROR, "JSON cannot hold BLOB values"); }

// An integer, or a real if it does not fit.
Status integer_value(int kind, std::string_view payload, Value& value) {
  const bool is_negative = payload.starts_with('-');
  std::string_view digits = payload.substr(is_negative ? 1 : 0);
  Wide number = 0;
  if (kind == kind_integer5 && (digits.starts_with("0x") || digits.starts_with("0X"))) {
    digits.remove_prefix(2);
    if (digits.empty()) return malformed();
    for (const char c : digits) {
      if (!is_hex(c) || number >> 60 != 0) return malformed();
      number = number * 16 + static_cast<Wide>(hex_digit(c));
    }
  } else {
    if (digits.empty()) return malformed();
    for (const char c : digits) {
      if (!is_digit(c)) return malformed();
    }
    if (digits.size() > 20) {
      value = Value::of_real(scan_real(payload).value);
      return ok_status;
    }
    for (const char c : digits) number = number * 10 + static_cast<Wide>(c - '0');
  }
  constexpr Wide limit = Wide{1} << 63;
  if (is_negative ? number <= limit : number < limit) {
    const auto magnitude = static_cast<uint64_t>(number);
    value = Value::of_integer(static_cast<int64_t>(is_negative ? ~magnitude + 1 : magnitude));
  } else {
    value = Value::of_real(is_negative ? -static_cast<double>(number) : static_cast<double>(number));
  }
  return ok_status;
}

}  // namespace

Status parse_text(const std::string& text, std::string& out, InterruptSource* source) {
  char room[plain_binary_room];
  if (const size_t size = parse_plain(text.c_str(), text.size(), room); size > 0) {
    out.append(room, size);
    return ok_status;
  }
  JsonParser parser(text.c_str(), source);
  const bool is_sound = parser.parse(out);
  if (parser.is_interrupted()) return Status(result::INTERRUPT);
  return is_sound ? ok_status : malformed();
}

std::string_view text_bytes(const Value& value, TextBuffer& buffer) {
  if (value.is_blob()) return value.text();
  const Value text = to_text(value, buffer);
  return text.is_null() ? std::string_view() : text.text();
}

Status parse_argument(Host& host, const Value& value, std::string_view& data) {
  if (value.is_blob() && is_binary(value.text())) {
    data = value.text();
    return ok_status;
  }
  TextBuffer buffer;
  return memory_of(host).parse(text_bytes(value, buffer), data, host);
}

Status append_element_of(const Value& value, bool is_json, std::string& out) {
  TextBuffer buffer;
  switch (value.type()) {
    case Type::null:
      out.push_back(static_cast<char>(kind_null));
      return ok_status;
    case Type::blob:
      if (!is_binary(value.text())) return no_blobs();
      out.append(value.text());
      return ok_status;
    case Type::text:
      if (is_json) return parse_text(std::string(value.text()), out);
      append_element(out, kind_text_raw, value.text());
      return ok_status;
    case Type::integer:
      append_element(out, kind_integer, integer_to_text(value.integer(), buffer));
      return ok_status;
    case Type::real:
      if (std::isinf(value.real())) {
        append_element(out, kind_real, value.real() > 0 ? "9e999" : "-9e999");
      } else {
        append_element(out, kind_real, real_to_text(value.real(), buffer));
      }
      return ok_status;
  }
  return ok_status;
}

Status append_json_of(const Value& value, bool is_json, std::string& out) {
  TextBuffer buffer;
  switch (value.type()) {
    case Type::null:
      out.append("null");
      return ok_status;
    case Type::blob:
      return is_binary(value.text()) ? print(value.text(), 0, out) : no_blobs();
    case Type::text:
      if (is_json) {
        out.append(value.text());
      } else {
        append_quoted(out, value.text());
      }
      return ok_status;
    case Type::integer:
      out.append(integer_to_text(value.integer(), buffer));
      return ok_status;
    case Type::real:
      if (std::isinf(value.real())) {
        out.append(value.real() > 0 ? "9.0e+999" : "-9.0e+999");
      } else {
        out.append(real_to_text(value.real(), buffer));
      }
      return ok_status;
  }
  return ok_status;
}

Status element_value(std::string_view data, size_t at, bool as_binary, std::string& buffer, ElementValue& found) {
  const Bounds bounds = element_bounds(data, at);
  if (!bounds.is_sound()) return malformed();
  const int kind = kind_at(data, at);
  const std::string_view payload = payload_of(data, bounds);
  found.is_json = false;
  switch (kind) {
    case kind_null:
    case kind_true:
    case kind_false:
      if (!payload.empty()) return malformed();
      found.value = kind == kind_null ? Value() : Value::of_integer(kind == kind_true);
      return ok_status;
    case kind_array:
    case kind_object:
      if (as_binary) {
        found.value = Value::of_blob(data.substr(at, bounds.end - at));
        return ok_status;
      }
      buffer.clear();
      KEELBACK_TRY(print(data, at, buffer));
      found.value = Value::of_text(buffer);
      found.is_json = true;
      return ok_status;
    case kind_text:
    case kind_text_raw:
      found.value = Value::of_text(payload);
      return ok_status;
    case kind_text_escaped:
    case kind_text5:
      buffer.clear();
      append_unescaped(buffer, payload);
      found.value = Value::of_text(buffer);
      return ok_status;
    case kind_integer:
    case kind_integer5:
      return payload.empty() ? malformed() : integer_value(kind, payload, found.value);
    case kind_real:
    case kind_real5: {
      const ScannedReal real = scan_real(payload);
      if (real.extent == Extent::not_numeric) return malformed();
      found.value = Value::of_real(real.value);
      return ok_status;
    }
    default:
      return malformed();
  }
}

Status path_error(Host& host, int64_t code, std::string_view path) {
  if (code == damaged) return malformed();
  std::string text = code == not_an_array ? "not an array element: '" : "bad JSON path: '";
  for (const char c : path) text.append(c == '\'' ? 2 : 1, c);
  text.push_back('\'');
  return host.fail(result::ERROR, std::move(text));
}

}  // namespace keelback::vm::json
