// What the families of JSON functions say often: marks of arguments, results as text or JSONB.
#ifndef KEELBACK_VM_FUNCTIONS_JSON_RESULT_HPP
#define KEELBACK_VM_FUNCTIONS_JSON_RESULT_HPP

#include "json_print.hpp"
#include "json_value.hpp"
#include "registry.hpp"

namespace keelback::vm::functions {

// Whether that argument is a TEXT that a JSON function made.
inline bool is_marked(const FunctionContext& context, size_t place) {
  return place < 64 && context.host.json_arguments >> place & 1;
}

// JSON text as the result: as it is, or as JSONB.
template <bool as_binary>
Status give_text_as(const FunctionContext& context, std::string&& text) {
  if constexpr (as_binary) {
    std::string data;
    KEELBACK_TRY(json::parse_text(text, data));
    context.result.adopt(std::move(data), Type::blob);
  } else {
    context.result.adopt(std::move(text), Type::text);
    context.result.mark_json();
  }
  return ok_status;
}

// JSONB as the result: as it is, or printed.
template <bool as_binary>
Status give_document(const FunctionContext& context, std::string_view data) {
  if constexpr (as_binary) {
    context.result.set_bytes(data, Type::blob);
  } else {
    std::string text;
    text.reserve(data.size() + data.size() / 4 + 8);
    KEELBACK_TRY(json::print(data, 0, text, &context.host));
    context.result.adopt(std::move(text), Type::text);
    context.result.mark_json();
  }
  return ok_status;
}

}  // namespace keelback::vm::functions

#endif
