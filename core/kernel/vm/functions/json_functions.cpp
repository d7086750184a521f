// The JSON functions that read and make JSON: json, json_extract, ->, ->>, json_array, json_object, json_type, ...
//
// The functions that change JSON are in json_edit. A name that begins with jsonb_ gives JSONB where the other gives
// text. Twin: keelback_core/reference/vm/functions/json_functions.py.
#include "../../value/cast.hpp"
#include "json_binary.hpp"
#include "json_memory.hpp"
#include "json_print.hpp"
#include "json_result.hpp"
#include "json_string.hpp"
#include "json_text.hpp"
#include "json_validity.hpp"
#include "json_value.hpp"
#include "registry.hpp"

namespace keelback::vm::functions {

namespace {

using namespace json;

// The bits of the second argument of json_valid().
constexpr int64_t valid_json = 1;
constexpr int64_t valid_json5 = 2;
constexpr int64_t valid_binary = 4;
constexpr int64_t valid_binary_whole = 8;

// About what an argument takes in the text that is made of it.
constexpr size_t likely_bytes = 12;

template <bool as_binary>
Status convert(const FunctionContext& context, Arguments arguments) {
  if (arguments[0].is_null()) return give_null(context);
  std::string_view data;
  KEELBACK_TRY(parse_argument(context.host, arguments[0], data));
  return give_document<as_binary>(context, data);
}

template <bool as_binary>
Status make_array(const FunctionContext& context, Arguments arguments) {
  std::string text = "[";
  text.reserve(likely_bytes * arguments.size());
  for (size_t place = 0; place < arguments.size(); ++place) {
    if (place > 0) text.push_back(',');
    KEELBACK_TRY(append_json_of(arguments[place], is_marked(context, place), text));
  }
  text.push_back(']');
  return give_text_as<as_binary>(context, std::move(text));
}

template <bool as_binary>
Status make_object(const FunctionContext& context, Arguments arguments) {
  if (arguments.size() % 2) return Status(result::ERROR, "json_object() requires an even number of arguments");
  for (size_t place = 0; place < arguments.size(); place += 2) {
    if (!arguments[place].is_text()) return Status(result::ERROR, "json_object() labels must be TEXT");
  }
  std::string text = "{";
  text.reserve(likely_bytes * arguments.size());
  for (size_t place = 0; place < arguments.size(); place += 2) {
    if (place > 0) text.push_back(',');
    append_quoted(text, arguments[place].text());
    text.push_back(':');
    KEELBACK_TRY(append_json_of(arguments[place + 1], is_marked(context, place + 1), text));
  }
  text.push_back('}');
  return give_text_as<as_binary>(context, std::move(text));
}

// The place that the path names, or not_found. An error for a bad path.
Status look(const FunctionContext& context, std::string_view data, const Value& path, int64_t& found) {
  TextBuffer buffer;
  const std::string_view text = until_nul(text_bytes(path, buffer));
  found = text.starts_with('$') ? Walk(data, text).follow() : bad_path;
  return found < not_found ? path_error(context.host, found, text) : ok_status;
}

Status give_element(const FunctionContext& context, std::string_view data, int64_t place, bool as_binary,
                    bool keeps_mark = true) {
  if (place == not_found) return give_null(context);
  std::string buffer;
  ElementValue found;
  KEELBACK_TRY(element_value(data, static_cast<size_t>(place), as_binary, buffer, found));
  context.result.set(found.value);
  if (found.is_json && keeps_mark) context.result.mark_json();
  return ok_status;
}

template <bool as_binary>
Status extract(const FunctionContext& context, Arguments arguments) {
  if (arguments.size() < 2 || arguments[0].is_null()) return give_null(context);
  std::string_view data;
  KEELBACK_TRY(parse_argument(context.host, arguments[0], data));
  int64_t found = not_found;
  if (arguments.size() == 2) {
    if (arguments[1].is_null()) return give_null(context);
    KEELBACK_TRY(look(context, data, arguments[1], found));
    return give_element(context, data, found, as_binary);
  }
  std::string text = "[";
  for (size_t place = 1; place < arguments.size(); ++place) {
    if (arguments[place].is_null()) return give_null(context);
    KEELBACK_TRY(look(context, data, arguments[place], found));
    if (place > 1) text.push_back(',');
    if (found == not_found) {
      text.append("null");
    } else {
      KEELBACK_TRY(print(data, static_cast<size_t>(found), text, &context.host));
    }
  }
  text.push_back(']');
  return give_text_as<as_binary>(context, std::move(text));
}

// The path that the right side of -> stands for: a path, a label, or an index.
std::string arrow_path(const Value& value) {
  TextBuffer buffer;
  const std::string_view path = until_nul(text_bytes(value, buffer));
  if (path.starts_with('$')) return std::string(path);
  std::string made = "$";
  if (value.is_integer()) {
    made.push_back('[');
    if (path.starts_with('-')) made.push_back('#');
    return made.append(path).append("]");
  }
  bool is_plain = true;
  for (const char c : path) {
    is_plain = is_plain && (is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_');
  }
  if (is_plain) return made.append(".").append(path);
  if (path.starts_with('[') && path.ends_with(']') && path.size() >= 3) return made.append(path);
  return made.append(".\"").append(path).append("\"");
}

// The JSONB on the left and the place that the right side names; not_found where either is NULL.
Status arrow_look(const FunctionContext& context, Arguments arguments, std::string_view& data, int64_t& found) {
  found = not_found;
  if (arguments[0].is_null()) return ok_status;
  KEELBACK_TRY(parse_argument(context.host, arguments[0], data));
  if (arguments[1].is_null()) return ok_status;
  const std::string path = arrow_path(arguments[1]);
  found = Walk(data, path).follow();
  if (found >= not_found) return ok_status;
  TextBuffer buffer;
  return path_error(context.host, found, until_nul(text_bytes(arguments[1], buffer)));
}

Status arrow(const FunctionContext& context, Arguments arguments) {
  std::string_view data;
  int64_t found = not_found;
  KEELBACK_TRY(arrow_look(context, arguments, data, found));
  if (found == not_found) return give_null(context);
  std::string text;
  text.reserve(element_bounds(data, static_cast<size_t>(found)).end - static_cast<size_t>(found) + likely_bytes);
  KEELBACK_TRY(print(data, static_cast<size_t>(found), text, &context.host));
  return give_text_as<false>(context, std::move(text));
}

Status double_arrow(const FunctionContext& context, Arguments arguments) {
  std::string_view data;
  int64_t found = not_found;
  KEELBACK_TRY(arrow_look(context, arguments, data, found));
  return give_element(context, data, found, false, false);
}

// The document and the place that the optional second argument names; not_found: the result is NULL.
Status document_place(const FunctionContext& context, Arguments arguments, std::string_view& data, int64_t& found) {
  found = not_found;
  if (arguments[0].is_null()) return ok_status;
  KEELBACK_TRY(parse_argument(context.host, arguments[0], data));
  if (arguments.size() < 2) {
    found = 0;
    return ok_status;
  }
  return arguments[1].is_null() ? ok_status : look(context, data, arguments[1], found);
}

Status type_of(const FunctionContext& context, Arguments arguments) {
  std::string_view data;
  int64_t found = not_found;
  KEELBACK_TRY(document_place(context, arguments, data, found));
  if (found == not_found) return give_null(context);
  context.result.set_plain(Value::of_text(kind_name(kind_at(data, static_cast<size_t>(found)))));
  return ok_status;
}

Status array_length(const FunctionContext& context, Arguments arguments) {
  std::string_view data;
  int64_t found = not_found;
  KEELBACK_TRY(document_place(context, arguments, data, found));
  if (found == not_found) return give_null(context);
  const auto place = static_cast<size_t>(found);
  return give_integer(context, kind_at(data, place) == kind_array ? count_elements(data, place) : 0);
}

Status quote(const FunctionContext& context, Arguments arguments) {
  std::string text;
  KEELBACK_TRY(append_json_of(arguments[0], is_marked(context, 0), text));
  return give_text_as<false>(context, std::move(text));
}

Status pretty(const FunctionContext& context, Arguments arguments) {
  if (arguments[0].is_null()) return give_null(context);
  std::string_view data;
  KEELBACK_TRY(parse_argument(context.host, arguments[0], data));
  TextBuffer buffer;
  std::string_view indent = "    ";
  if (arguments.size() == 2 && !arguments[1].is_null()) indent = until_nul(text_bytes(arguments[1], buffer));
  std::string text;
  KEELBACK_TRY(print_pretty(data, indent, text, &context.host));
  return give_text(context, std::move(text));
}

Status valid(const FunctionContext& context, Arguments arguments) {
  int64_t flags = valid_json;
  if (arguments.size() == 2) {
    flags = to_integer(arguments[1]);
    if (flags < 1 || flags > 15) {
      return Status(result::ERROR, "FLAGS parameter to json_valid() must be between 1 and 15");
    }
  }
  const Value& value = arguments[0];
  if (value.is_null()) return give_null(context);
  if (value.is_blob() && is_binary(value.text())) {
    if (flags & valid_binary) return give_integer(context, 1);
    return give_integer(context, flags & valid_binary_whole && find_fault(value.text()) == 0);
  }
  if (!(flags & (valid_json | valid_json5))) return give_integer(context, 0);
  TextBuffer buffer;
  std::string_view data;
  JsonMemory& memory = memory_of(context.host);
  const Status status = memory.parse(text_bytes(value, buffer), data, context.host);
  if (status.code() == result::INTERRUPT) return status;
  if (!status.is_ok()) return give_integer(context, 0);
  return give_integer(context, flags & valid_json5 || !memory.is_nonstandard());
}

// The character at which a text stops being JSON5, from 1; the byte in JSONB; 0 if none.
Status error_position(const FunctionContext& context, Arguments arguments) {
  const Value& value = arguments[0];
  if (value.is_null()) return give_null(context);
  if (value.is_blob() && is_binary(value.text())) {
    return give_integer(context, static_cast<int64_t>(find_fault(value.text())));
  }
  TextBuffer buffer;
  const std::string text(text_bytes(value, buffer));
  JsonParser parser(text.c_str(), &context.host);
  std::string data;
  const bool is_sound = parser.parse(data);
  if (parser.is_interrupted()) return Status(result::INTERRUPT);
  if (is_sound) return give_integer(context, 0);
  int64_t characters = 1;
  for (const char c : text.substr(0, parser.error_position())) characters += (static_cast<uint8_t>(c) & 0xC0) != 0x80;
  return give_integer(context, characters);
}

// subtype(x): 74, the letter J, for what a JSON function made as text, 0 for all else.
Status subtype(const FunctionContext& context, Arguments) {
  return give_integer(context, is_marked(context, 0) ? 74 : 0);
}

constexpr ScalarEntry table[] = {
    {"json", 1, convert<false>},
    {"jsonb", 1, convert<true>},
    {"json_array", -1, make_array<false>},
    {"jsonb_array", -1, make_array<true>},
    {"json_object", -1, make_object<false>},
    {"jsonb_object", -1, make_object<true>},
    {"json_extract", -1, extract<false>},
    {"jsonb_extract", -1, extract<true>},
    {"->", 2, arrow},
    {"->>", 2, double_arrow},
    {"json_type", 1, type_of},
    {"json_type", 2, type_of},
    {"json_array_length", 1, array_length},
    {"json_array_length", 2, array_length},
    {"json_quote", 1, quote},
    {"json_pretty", 1, pretty},
    {"json_pretty", 2, pretty},
    {"json_valid", 1, valid},
    {"json_valid", 2, valid},
    {"json_error_position", 1, error_position},
    {"subtype", 1, subtype},
};

}  // namespace

std::span<const ScalarEntry> json_scalars() { return table; }

}  // namespace keelback::vm::functions
