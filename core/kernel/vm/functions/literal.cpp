// Functions about how values are written. Twin: keelback_core/reference/vm/functions/literal.py.
#include "../../value/cast.hpp"
#include "../../value/quote.hpp"
#include "registry.hpp"

namespace keelback::vm::functions {

namespace {

Status type_of(const FunctionContext& context, Arguments arguments) {
  static constexpr std::string_view names[] = {"null", "integer", "real", "text", "blob"};
  context.result.set_plain(Value::of_text(names[static_cast<size_t>(arguments[0].type())]));
  return ok_status;
}

Status hexadecimal(const FunctionContext& context, Arguments arguments) {
  static constexpr char digits[] = "0123456789ABCDEF";
  TextBuffer buffer;
  const Value bytes = to_blob(arguments[0], buffer);
  std::string text;
  if (!bytes.is_null()) {
    if (2 * bytes.size() + 1 > context.host.limit_length) return Status(result::TOOBIG);
    text.reserve(2 * bytes.size());
    for (const uint8_t byte : bytes.blob()) {
      text.push_back(digits[byte >> 4]);
      text.push_back(digits[byte & 15]);
    }
  }
  return give_text(context, std::move(text));
}

Status quote(const FunctionContext& context, Arguments arguments) {
  return give_text(context, quote_value(arguments[0]));
}

constexpr ScalarEntry table[] = {
    {"typeof", 1, type_of},
    {"hex", 1, hexadecimal},
    {"quote", 1, quote},
};

}  // namespace

std::span<const ScalarEntry> literal_scalars() { return table; }

}  // namespace keelback::vm::functions
