// Functions that tell of the connection. Twin: keelback_core/reference/vm/functions/connection.py.
#include "../../value/cast.hpp"
#include "../../value/library_facts.hpp"
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

Status version(const FunctionContext& context, Arguments) {
  context.result.set_plain(Value::of_text(library_facts::version));
  return ok_status;
}
Status source_id(const FunctionContext& context, Arguments) {
  context.result.set_plain(Value::of_text(library_facts::source_id));
  return ok_status;
}

// Whether an option of that name, with or without a value, is in force.
Status compile_option_used(const FunctionContext& context, Arguments arguments) {
  TextBuffer buffer;
  const Value name = to_text(arguments[0], buffer);
  if (name.is_null()) return give_null(context);
  std::string wanted(until_nul(name.text()));
  for (char& c : wanted) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
  }
  if (wanted.starts_with("SQLITE_")) wanted.erase(0, 7);
  for (const std::string_view option : library_facts::compile_options) {
    if (option == wanted || option.substr(0, option.find('=')) == wanted) return give_integer(context, 1);
  }
  return give_integer(context, 0);
}

// The n-th option, from 0; NULL beyond.
Status compile_option_get(const FunctionContext& context, Arguments arguments) {
  const int64_t number = to_integer(arguments[0]);
  if (number < 0 || number >= static_cast<int64_t>(std::size(library_facts::compile_options))) {
    return give_null(context);
  }
  context.result.set_plain(Value::of_text(library_facts::compile_options[number]));
  return ok_status;
}

constexpr ScalarEntry table[] = {
    {"last_insert_rowid", 0, last_insert_rowid},
    {"changes", 0, changes},
    {"total_changes", 0, total_changes},
    {"sqlite_version", 0, version},
    {"sqlite_source_id", 0, source_id},
    {"sqlite_compileoption_used", 1, compile_option_used},
    {"sqlite_compileoption_get", 1, compile_option_get},
};

}  // namespace

std::span<const ScalarEntry> connection_scalars() { return table; }

}  // namespace keelback::vm::functions
