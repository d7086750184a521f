// Functions that choose among their arguments. Twin: keelback_core/reference/vm/functions/conditional.py.
#include "../../value/cast.hpp"
#include "registry.hpp"

namespace keelback::vm::functions {

namespace {

Status coalesce(const FunctionContext& context, Arguments arguments) {
  for (const Value& argument : arguments) {
    if (!argument.is_null()) return give(context, argument);
  }
  return give_null(context);
}

Status nullif(const FunctionContext& context, Arguments arguments) {
  if (compare_values(arguments[0], arguments[1], context.collation) == 0) return give_null(context);
  return give(context, arguments[0]);
}

Status iif(const FunctionContext& context, Arguments arguments) {
  for (size_t place = 0; place + 1 < arguments.size(); place += 2) {
    if (is_true(arguments[place]) == Truth::yes) return give(context, arguments[place + 1]);
  }
  return arguments.size() % 2 ? give(context, arguments.back()) : give_null(context);
}

// min(a, b, ...): of equal ones the last; max(a, b, ...): the first.
Status extreme(const FunctionContext& context, Arguments arguments, bool is_least) {
  const Value* best = &arguments[0];
  for (const Value& argument : arguments) {
    if (argument.is_null()) return give_null(context);
    const int order = compare_values(*best, argument, context.collation);
    if (is_least ? order >= 0 : order < 0) best = &argument;
  }
  return give(context, *best);
}
Status least(const FunctionContext& context, Arguments arguments) { return extreme(context, arguments, true); }
Status greatest(const FunctionContext& context, Arguments arguments) { return extreme(context, arguments, false); }

Status first_argument(const FunctionContext& context, Arguments arguments) { return give(context, arguments[0]); }

constexpr ScalarEntry table[] = {
    {"coalesce", -1, coalesce},
    {"ifnull", 2, coalesce},
    {"nullif", 2, nullif},
    {"iif", -1, iif},
    {"if", -1, iif},
    {"min", -1, least},
    {"max", -1, greatest},
    {"likely", 1, first_argument},
    {"unlikely", 1, first_argument},
    {"likelihood", 2, first_argument},
};

}  // namespace

std::span<const ScalarEntry> conditional_scalars() { return table; }

}  // namespace keelback::vm::functions
