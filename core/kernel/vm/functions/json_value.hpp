// Between SQL values and JSON: arguments of the JSON functions and their results.
//
// 1. A text with the JSON mark counts as JSON where a value is asked for, another text as a string.
// 2. A BLOB counts as JSONB if its outermost element is sound; as the first argument it may also hold JSON as text.
// 3. Results that are JSON text are marked; JSONB is a plain BLOB.
// 4. The last few texts that were parsed are kept with their JSONB in the host: statements ask several things of one
//    text, row after row.
//
// Twin: keelback_core/reference/vm/functions/json_value.py.
#ifndef KEELBACK_VM_FUNCTIONS_JSON_VALUE_HPP
#define KEELBACK_VM_FUNCTIONS_JSON_VALUE_HPP

#include <string>
#include <string_view>

#include "../host.hpp"
#include "json_path.hpp"

namespace keelback::vm::json {

// JSONB of a JSON text, appended. "malformed JSON".
Status parse_text(const std::string& text, std::string& out, InterruptSource* source = nullptr);
// The bytes of the value as a text; a view of the value or of the buffer.
std::string_view text_bytes(const Value& value, TextBuffer& buffer);
// JSONB of an argument that must be JSON (not NULL): a view of the argument or of the host's memory, good until another
// four arguments have been parsed. "malformed JSON".
Status parse_argument(Host& host, const Value& value, std::string_view& data);
// The value as JSONB that goes into other JSONB, and as JSON text that goes into other JSON text; appended.
Status append_element_of(const Value& value, bool is_json, std::string& out);
Status append_json_of(const Value& value, bool is_json, std::string& out);

// The SQL value of an element: scalars as themselves, arrays and objects as JSON (marked) or as JSONB.
struct ElementValue {
  Value value;  // views the data or the buffer
  bool is_json = false;
};
Status element_value(std::string_view data, size_t at, bool as_binary, std::string& buffer, ElementValue& found);

// The error of a look-up that failed for another reason than that there is nothing.
Status path_error(Host& host, int64_t code, std::string_view path);

}  // namespace keelback::vm::json

#endif
