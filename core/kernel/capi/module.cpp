// Modules of C as the engines ask for them: every question goes to one method of a sqlite3_module.
//
// 1. Engines know a module, a table and a cursor by its number; what is asked and answered stands in
//    keelback_core/engine/foreign_module.py.
// 2. A method's error leaves its text in sqlite3_vtab::zErrMsg, which is taken and freed here.
// 3. A table keeps its module's entry, so that the destructor of a module runs after its last table has gone.
#include "module.hpp"

#include <iterator>
#include <vector>

#include "../engine/plugin/table.h"
#include "../program/marks.hpp"
#include "../value/record.hpp"
#include "carray.hpp"
#include "database.hpp"
#include "error.hpp"
#include "index_request.hpp"

using namespace keelback::capi;

namespace keelback::capi {

namespace {

constexpr unsigned json_subtype = 'J';

enum Method {
  method_begin,
  method_sync,
  method_commit,
  method_rollback,
  method_savepoint,
  method_release,
  method_rollback_to,
  method_rename,
  method_destroy,
  method_disconnect,
  method_check,
  method_find_function,
  method_is_shadow
};

int fail(std::string& answer, int code, std::string_view message) {
  answer.clear();
  Writer(answer).text(message);
  return code;
}

// A method's failure, with the text that it left in its table.
int fail(std::string& answer, int code, sqlite3_vtab* table) {
  const std::string message = table->zErrMsg != nullptr ? table->zErrMsg : error_text(code);
  sqlite3_free(table->zErrMsg);
  table->zErrMsg = nullptr;
  return fail(answer, code, message);
}

// An argument that is a list of records of one column (ListAppend) as what sqlite3_vtab_in_first understands.
void make_list(sqlite3_value& argument) {
  auto list = std::make_unique<ValueList>();
  std::string_view rest = argument.type() == SQLITE_BLOB ? argument.bytes() : std::string_view();
  while (rest.size() >= 2) {
    const auto* at = reinterpret_cast<const uint8_t*>(rest.data());
    uint64_t header = 0;
    uint64_t serial_type = 0;
    const uint8_t* types = read_varint(at, at + rest.size(), header);
    if (types == nullptr || header > rest.size()) break;
    if (read_varint(types, at + rest.size(), serial_type) == nullptr) break;
    const uint64_t size = header + serial_size(serial_type);
    if (size > rest.size()) break;
    const Value value = decode_plain_value(at + header, serial_type);
    sqlite3_value& member = list->values.emplace_back();
    if (value.is_text()) {
      member.set_text(std::string(value.text()));
    } else if (value.is_blob()) {
      member.set_blob(std::string(value.text()));
    } else {
      member.set_view(value);
    }
    rest.remove_prefix(size);
  }
  argument.set_pointer(list.release(), ValueList::type, [](void* kept) { delete static_cast<ValueList*>(kept); });
}

}  // namespace

ModuleTable* Modules::table(int64_t number) {
  const auto found = tables_.find(number);
  return found == tables_.end() ? nullptr : &found->second;
}

ModuleCursor* Modules::cursor(int64_t number) {
  const auto found = cursors_.find(number);
  return found == cursors_.end() ? nullptr : &found->second;
}

int Modules::ask(int question, Reader& request, std::string& answer) {
  switch (question) {
    case KB_ASK_MODULE_CONNECT:
      return connect(request, answer);
    case KB_ASK_MODULE_BEST_INDEX:
      return best_index(request, answer);
    case KB_ASK_MODULE_OPEN:
      return open(request, answer);
    case KB_ASK_MODULE_FILTER:
      return filter(request, answer);
    case KB_ASK_MODULE_NEXT:
      return next(request, answer);
    case KB_ASK_MODULE_COLUMN:
      return column(request, answer);
    case KB_ASK_MODULE_ROWID:
      return rowid(request, answer);
    case KB_ASK_MODULE_CLOSE:
      return close(request);
    case KB_ASK_MODULE_UPDATE:
      return update(request, answer);
    default:
      return call(request, answer);
  }
}

int Modules::connect(Reader& request, std::string& answer) {
  const int64_t module_number = request.integer();
  if (module_number == KB_MODULE_CARRAY && by_number.count(module_number) == 0) {
    by_number[module_number] = std::make_shared<ModuleEntry>(ModuleEntry{"carray", &carray_module(), nullptr, nullptr});
  }
  const auto found = by_number.find(module_number);
  if (found == by_number.end()) return SQLITE_MISUSE;
  const std::shared_ptr<ModuleEntry> module = found->second;
  const bool is_create = request.integer() != 0;
  std::vector<std::string> texts;
  while (request.has_more()) texts.emplace_back(request.bytes());
  if (texts.size() < 3) return SQLITE_MISUSE;
  std::vector<const char*> arguments;
  for (const std::string& text : texts) arguments.push_back(text.c_str());
  auto* constructor = is_create ? module->methods->xCreate : module->methods->xConnect;
  if (constructor == nullptr) return SQLITE_MISUSE;
  Connecting state;
  Connecting* outer = connecting;
  connecting = &state;
  sqlite3_vtab* made = nullptr;
  char* message = nullptr;
  const int code =
      constructor(db_, module->argument, static_cast<int>(arguments.size()), arguments.data(), &made, &message);
  connecting = outer;
  if (code != SQLITE_OK || made == nullptr) {
    std::string text = message != nullptr ? message : "vtable constructor failed: " + texts[2];
    if (code == SQLITE_NOMEM) text = error_text(code);
    sqlite3_free(message);
    return fail(answer, code == SQLITE_OK ? SQLITE_ERROR : code, text);
  }
  sqlite3_free(message);
  made->pModule = module->methods;
  made->nRef = 1;
  made->zErrMsg = nullptr;
  if (!state.is_declared) {
    module->methods->xDisconnect(made);
    return fail(answer, SQLITE_ERROR, "vtable constructor did not declare schema: " + texts[2]);
  }
  const int64_t number = next_number_++;
  tables_[number] = {module, made, {}};
  Writer(answer)
      .integer(number)
      .text(state.declaration)
      .integer(module->methods->xUpdate != nullptr ? 1 : 0)
      .integer(state.risk)
      .integer(state.has_constraint_support ? 1 : 0);
  return SQLITE_OK;
}

int Modules::best_index(Reader& request, std::string& answer) {
  ModuleTable* found = table(request.integer());
  if (found == nullptr) return SQLITE_MISUSE;
  IndexRequest asked;
  asked.read(request);
  const int code = found->module->methods->xBestIndex(found->table, &asked.info);
  Writer writer(answer);
  if (code == SQLITE_CONSTRAINT) {
    writer.integer(0);
    return SQLITE_OK;
  }
  if (code != SQLITE_OK) return fail(answer, code == SQLITE_NOMEM ? code : SQLITE_ERROR, found->table);
  writer.integer(1).integer(asked.info.idxNum).text_or_null(asked.info.idxStr);
  writer.integer(asked.info.orderByConsumed).real(asked.info.estimatedCost).integer(asked.info.estimatedRows);
  writer.integer(asked.info.idxFlags);
  for (size_t at = 0; at < asked.usages.size(); ++at) {
    writer.integer(asked.usages[at].argvIndex).integer(asked.usages[at].omit).integer(asked.is_list[at] ? 1 : 0);
  }
  return SQLITE_OK;
}

int Modules::open(Reader& request, std::string& answer) {
  ModuleTable* found = table(request.integer());
  if (found == nullptr) return SQLITE_MISUSE;
  sqlite3_vtab_cursor* made = nullptr;
  const int code = found->module->methods->xOpen(found->table, &made);
  if (code != SQLITE_OK) return fail(answer, code, found->table);
  made->pVtab = found->table;
  const int64_t number = next_number_++;
  cursors_[number] = {found->module->methods, found->table, made};
  Writer(answer).integer(number);
  return SQLITE_OK;
}

int Modules::filter(Reader& request, std::string& answer) {
  ModuleCursor* found = cursor(request.integer());
  if (found == nullptr) return SQLITE_MISUSE;
  const int number = static_cast<int>(request.integer());
  const Value text = request.next();
  const std::string kept(text.is_text() ? text.text() : std::string_view());
  const bool has_text = text.is_text();
  const auto lists = static_cast<uint64_t>(request.integer());
  Arguments arguments(request, db_->pointers);
  for (size_t at = 0; at < arguments.values.size() && at < 32; ++at) {
    if (lists >> at & 1) make_list(arguments.values[at]);
  }
  const ModuleCursor here = *found;
  const int code = here.methods->xFilter(here.cursor, number, has_text ? kept.c_str() : nullptr, arguments.count(),
                                         arguments.pointers.data());
  if (code != SQLITE_OK) return fail(answer, code, here.table);
  Writer(answer).integer(here.methods->xEof(here.cursor) ? 0 : 1);
  return SQLITE_OK;
}

int Modules::next(Reader& request, std::string& answer) {
  ModuleCursor* found = cursor(request.integer());
  if (found == nullptr) return SQLITE_MISUSE;
  const ModuleCursor here = *found;
  const int code = here.methods->xNext(here.cursor);
  if (code != SQLITE_OK) return fail(answer, code, here.table);
  Writer(answer).integer(here.methods->xEof(here.cursor) ? 0 : 1);
  return SQLITE_OK;
}

int Modules::column(Reader& request, std::string& answer) {
  ModuleCursor* found = cursor(request.integer());
  if (found == nullptr) return SQLITE_MISUSE;
  const ModuleCursor here = *found;
  const Function no_function;
  sqlite3_context context;
  context.db = db_;
  context.function = &no_function;
  // Below zero: an UPDATE does not change the column, so that the module may leave the result as it is.
  const auto number = static_cast<int>(request.integer());
  context.may_be_unchanged = number < 0;
  if (number < 0) context.result.set_blob(std::string(program::no_change));
  const int code = here.methods->xColumn(here.cursor, &context, number < 0 ? -1 - number : number);
  if (context.error != SQLITE_OK) {
    return fail(answer, context.error, context.message.empty() ? error_text(context.error) : context.message);
  }
  if (code != SQLITE_OK) return fail(answer, code, here.table);
  const bool is_json = context.result.subtype == json_subtype;
  Writer writer(answer);
  context.write_result(writer);
  writer.integer(is_json ? 1 : 0);
  return SQLITE_OK;
}

int Modules::rowid(Reader& request, std::string& answer) {
  ModuleCursor* found = cursor(request.integer());
  if (found == nullptr) return SQLITE_MISUSE;
  const ModuleCursor here = *found;
  sqlite3_int64 rowid = 0;
  const int code = here.methods->xRowid(here.cursor, &rowid);
  if (code != SQLITE_OK) return fail(answer, code, here.table);
  Writer(answer).integer(rowid);
  return SQLITE_OK;
}

int Modules::close(Reader& request) {
  const auto found = cursors_.find(request.integer());
  if (found == cursors_.end()) return SQLITE_OK;
  const ModuleCursor here = found->second;
  cursors_.erase(found);
  here.methods->xClose(here.cursor);
  return SQLITE_OK;
}

int Modules::update(Reader& request, std::string& answer) {
  // The actions of Halt's p2, as sqlite3_vtab_on_conflict names them.
  constexpr int conflicts[] = {SQLITE_ABORT, SQLITE_ROLLBACK, SQLITE_ABORT, SQLITE_FAIL, SQLITE_IGNORE, SQLITE_REPLACE};
  ModuleTable* found = table(request.integer());
  if (found == nullptr || found->module->methods->xUpdate == nullptr) return SQLITE_READONLY;
  const auto action = static_cast<size_t>(request.integer());
  Arguments arguments(request, db_->pointers);
  for (sqlite3_value& value : arguments.values) {
    if (value.type() != SQLITE_BLOB || value.bytes() != program::no_change) continue;
    value.set_null();
    value.is_unchanged = true;
  }
  const int outer = conflict;
  conflict = action < std::size(conflicts) ? conflicts[action] : SQLITE_ABORT;
  sqlite3_int64 rowid = 0;
  sqlite3_vtab* here = found->table;
  const int code = found->module->methods->xUpdate(here, arguments.count(), arguments.pointers.data(), &rowid);
  conflict = outer;
  if (code != SQLITE_OK) return fail(answer, code, here);
  Writer(answer).integer(rowid);
  return SQLITE_OK;
}

int Modules::end(int64_t number, bool is_destroy, std::string& answer) {
  const auto found = tables_.find(number);
  if (found == tables_.end()) return SQLITE_OK;
  const ModuleTable here = found->second;
  const sqlite3_module* methods = here.module->methods;
  // A table that cannot be destroyed is still there.
  const int code =
      is_destroy && methods->xDestroy != nullptr ? methods->xDestroy(here.table) : methods->xDisconnect(here.table);
  if (code != SQLITE_OK && is_destroy) return fail(answer, code, here.table);
  for (const int64_t function : here.functions) db_->functions.erase(function);
  tables_.erase(number);
  return SQLITE_OK;
}

int64_t Modules::number_of_function(ModuleTable& table, void (*scalar)(sqlite3_context*, int, sqlite3_value**),
                                    void* argument) {
  for (const int64_t known : table.functions) {
    const auto found = db_->functions.find(known);
    if (found != db_->functions.end() && found->second->scalar == scalar && found->second->user_data == argument) {
      return known;
    }
  }
  auto made = std::make_unique<Function>();
  made->scalar = scalar;
  made->user_data = argument;
  const int64_t number = db_->next_number++;
  db_->functions[number] = std::move(made);
  table.functions.push_back(number);
  return number;
}

int Modules::find_function(ModuleTable& table, Reader& request, std::string& answer) {
  const std::string name(request.bytes());
  const auto count = static_cast<int>(request.integer());
  void (*scalar)(sqlite3_context*, int, sqlite3_value**) = nullptr;
  void* argument = nullptr;
  const sqlite3_module* methods = table.module->methods;
  const int found = methods->xFindFunction != nullptr
                        ? methods->xFindFunction(table.table, count, name.c_str(), &scalar, &argument)
                        : 0;
  const bool is_known = found != 0 && scalar != nullptr;
  Writer(answer).integer(found).integer(is_known ? number_of_function(table, scalar, argument) : 0);
  return SQLITE_OK;
}

int Modules::is_shadow(int64_t number, Reader& request, std::string& answer) {
  const auto found = by_number.find(number);
  const sqlite3_module* methods = found == by_number.end() ? nullptr : found->second->methods;
  const std::string name(request.bytes());
  const bool is_shadow = methods != nullptr && methods->iVersion >= 3 && methods->xShadowName != nullptr &&
                         methods->xShadowName(name.c_str()) != 0;
  Writer(answer).integer(is_shadow ? 1 : 0);
  return SQLITE_OK;
}

int Modules::call(Reader& request, std::string& answer) {
  const int64_t number = request.integer();
  if (number < 0) {
    // Below zero: not a table, but a module.
    return request.integer() == method_is_shadow ? is_shadow(-number, request, answer) : SQLITE_MISUSE;
  }
  ModuleTable* found = table(number);
  if (found == nullptr) return SQLITE_OK;
  const int64_t method = request.integer();
  if (method == method_destroy || method == method_disconnect) return end(number, method == method_destroy, answer);
  const sqlite3_module* methods = found->module->methods;
  sqlite3_vtab* here = found->table;
  const bool has_savepoints = methods->iVersion >= 2;
  const auto run = [&](int (*function)(sqlite3_vtab*)) { return function != nullptr ? function(here) : SQLITE_OK; };
  const auto run_at = [&](int (*function)(sqlite3_vtab*, int)) {
    const int depth = static_cast<int>(request.integer());
    return has_savepoints && function != nullptr ? function(here, depth) : SQLITE_OK;
  };
  int code = SQLITE_OK;
  switch (method) {
    case method_begin:
      code = run(methods->xBegin);
      break;
    case method_sync:
      code = run(methods->xSync);
      break;
    case method_commit:
      code = run(methods->xCommit);
      break;
    case method_rollback:
      code = run(methods->xRollback);
      break;
    case method_savepoint:
      code = run_at(methods->xSavepoint);
      break;
    case method_release:
      code = run_at(methods->xRelease);
      break;
    case method_rollback_to:
      code = run_at(methods->xRollbackTo);
      break;
    case method_find_function:
      return find_function(*found, request, answer);
    case method_rename: {
      const std::string name(request.bytes());
      code = methods->xRename != nullptr ? methods->xRename(here, name.c_str()) : SQLITE_OK;
      break;
    }
    default: {
      const std::string schema(request.bytes()), name(request.bytes());
      const int is_quick = static_cast<int>(request.integer());
      char* message = nullptr;
      if (methods->iVersion >= 4 && methods->xIntegrity != nullptr) {
        code = methods->xIntegrity(here, schema.c_str(), name.c_str(), is_quick, &message);
      }
      Writer(answer).text_or_null(message);
      sqlite3_free(message);
    }
  }
  return code == SQLITE_OK ? SQLITE_OK : fail(answer, code, here);
}

}  // namespace keelback::capi
