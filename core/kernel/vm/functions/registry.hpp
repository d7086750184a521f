// The tables of the native functions, one a family. Twin: keelback_core/reference/vm/functions/registry.py.
#ifndef KEELBACK_VM_FUNCTIONS_REGISTRY_HPP
#define KEELBACK_VM_FUNCTIONS_REGISTRY_HPP

#include "../function.hpp"

namespace keelback::vm::functions {

// argument_count -1: any number.
struct ScalarEntry {
  std::string_view name;
  int argument_count;
  ScalarFunction function;
};
struct AggregateEntry {
  std::string_view name;
  int argument_count;
  AggregateFactory factory;
};

std::span<const ScalarEntry> conditional_scalars();
std::span<const ScalarEntry> connection_scalars();
std::span<const ScalarEntry> date_scalars();
std::span<const ScalarEntry> decimal_scalars();
std::span<const ScalarEntry> digest_scalars();
std::span<const ScalarEntry> format_scalars();
std::span<const ScalarEntry> json_scalars();
std::span<const ScalarEntry> json_edit_scalars();
std::span<const ScalarEntry> literal_scalars();
std::span<const ScalarEntry> mathematics_scalars();
std::span<const ScalarEntry> number_scalars();
std::span<const ScalarEntry> pattern_scalars();
std::span<const ScalarEntry> regexp_scalars();
std::span<const ScalarEntry> text_scalars();
std::span<const ScalarEntry> time_scalars();
std::span<const ScalarEntry> time_written_scalars();
std::span<const ScalarEntry> uuid_scalars();
std::span<const ScalarEntry> encoding_scalars();
std::span<const ScalarEntry> ieee754_scalars();
std::span<const ScalarEntry> edit_distance_scalars();
std::span<const AggregateEntry> decimal_aggregates();
std::span<const AggregateEntry> json_aggregates();
std::span<const AggregateEntry> number_aggregates();
std::span<const AggregateEntry> statistics_aggregates();
std::span<const AggregateEntry> value_aggregates();

// What every family says often.
inline Status give_null(const FunctionContext& context) {
  context.result.set_null();
  return ok_status;
}
inline Status give(const FunctionContext& context, const Value& value) {
  context.result.set(value);
  return ok_status;
}
inline Status give_integer(const FunctionContext& context, int64_t integer) {
  context.result.set_integer(integer);
  return ok_status;
}
inline Status give_text(const FunctionContext& context, std::string&& text) {
  context.result.adopt(std::move(text), Type::text);
  return ok_status;
}
inline std::string_view until_nul(std::string_view text) { return text.substr(0, text.find('\0')); }

}  // namespace keelback::vm::functions

#endif
