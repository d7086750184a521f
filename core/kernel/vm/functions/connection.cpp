// Functions that tell of the connection. Twin: keelback_core/reference/vm/functions/connection.py.
#include "registry.hpp"

namespace keelback::vm::functions {

namespace {

Status last_insert_rowid(const FunctionContext& context, Arguments) {
  return give_integer(context, context.host.last_insert_rowid);
}
Status changes(const FunctionContext& context, Arguments) { return give_integer(context, context.host.changes); }
Status total_changes(const FunctionContext& context, Arguments) {
  return give_integer(context, context.host.total_changes);
}

constexpr ScalarEntry table[] = {
    {"last_insert_rowid", 0, last_insert_rowid},
    {"changes", 0, changes},
    {"total_changes", 0, total_changes},
};

}  // namespace

std::span<const ScalarEntry> connection_scalars() { return table; }

}  // namespace keelback::vm::functions
