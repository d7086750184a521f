// sqlite3_create_module and the sqlite3_vtab_ calls: what a program says of its modules, and what a module asks while
// one of its methods runs.
#include <cstdarg>
#include <cstdlib>
#include <vector>

#include "database.hpp"
#include "error.hpp"
#include "guard.hpp"
#include "index_request.hpp"
#include "module.hpp"

using namespace keelback::capi;

namespace keelback::capi {

namespace {

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  }
  return out;
}

bool is_constraint(const sqlite3_index_info* info, int place) {
  return info != nullptr && place >= 0 && place < info->nConstraint;
}

int register_module(sqlite3* db, const char* name, const sqlite3_module* methods, void* argument,
                    void (*destroy)(void*)) {
  if (!is_usable(db) || name == nullptr) {
    if (destroy != nullptr) destroy(argument);
    return misuse("sqlite3_create_module");
  }
  return guard(SQLITE_NOMEM, [&] {
    Lock lock(db->mutex);
    auto entry = std::make_shared<ModuleEntry>();
    entry->name = name;
    entry->methods = methods;
    entry->argument = argument;
    // What only takes a module away has nothing to destroy.
    entry->destructor = std::make_shared<Destructor>(argument, methods != nullptr ? destroy : nullptr);
    if (db->ensure_engine() != SQLITE_OK) return db->visible(db->error.code);
    const bool has_create = methods != nullptr && methods->xCreate != nullptr;
    const bool is_eponymous = methods != nullptr && (!has_create || methods->xCreate == methods->xConnect);
    const int64_t number = methods != nullptr ? db->next_number++ : 0;
    if (Failure failure = db->engine->create_module(number, name, is_eponymous, has_create)) return db->fail(failure);
    const std::string key = lower(name);
    const auto before = db->modules.by_name.find(key);
    if (before != db->modules.by_name.end()) {
      std::erase_if(db->modules.by_number, [&](const auto& known) { return known.second == before->second; });
      db->modules.by_name.erase(before);
    }
    if (methods != nullptr) {
      db->modules.by_name[key] = entry;
      db->modules.by_number[number] = entry;
    }
    return db->succeed();
  });
}

// A declaration is what makes a table in an empty database; its key has one column if the table has no rowids and can
// be written, for xUpdate tells rows by one value.
Failure check_declaration(const char* sql) {
  const std::string text = lower(sql);
  const size_t first = text.find_first_not_of(" \t\r\n\f");
  if (first == std::string::npos || text.compare(first, 6, "create") != 0) return {SQLITE_ERROR, ""};
  const size_t second = text.find_first_not_of(" \t\r\n\f", first + 6);
  if (second == std::string::npos || text.compare(second, 5, "table") != 0) return {SQLITE_ERROR, ""};
  sqlite3* scratch = nullptr;
  int code = sqlite3_open(":memory:", &scratch);
  if (code == SQLITE_OK) code = sqlite3_exec(scratch, sql, nullptr, nullptr, nullptr);
  const std::string message = code == SQLITE_OK ? "" : sqlite3_errmsg(scratch);
  if (code == SQLITE_OK) {
    const auto counted = [&](const char* question) {
      const auto take = [](void* kept, int, char** values, char**) {
        *static_cast<int*>(kept) = values[0] != nullptr ? std::atoi(values[0]) : 0;
        return 0;
      };
      int count = 0;
      if (code == SQLITE_OK) code = sqlite3_exec(scratch, question, take, &count, nullptr);
      return count;
    };
    if (text.find("without") != std::string::npos &&
        counted("SELECT count(*) FROM pragma_table_list t, pragma_table_xinfo(t.name) c WHERE t.wr AND c.pk") > 1) {
      code = SQLITE_ERROR;
    }
    // Neither columns that are computed nor a table made from a SELECT, whose text is not kept.
    if (text.find("as") != std::string::npos &&
        counted("SELECT count(*) FROM sqlite_schema s, pragma_table_xinfo(s.name) c WHERE c.hidden > 0") > 0) {
      code = SQLITE_ERROR;
    }
    if (text.find("select") != std::string::npos &&
        counted("SELECT count(*) FROM sqlite_schema WHERE sql NOT LIKE '%select%'") > 0) {
      code = SQLITE_ERROR;
    }
  }
  (void)sqlite3_close(scratch);
  if (code == SQLITE_OK) return {};
  return {code == SQLITE_NOMEM ? SQLITE_NOMEM : SQLITE_ERROR, message};
}

// The first or next member of a list.
int member_of(sqlite3_value* argument, sqlite3_value** value, bool is_first) {
  *value = nullptr;
  auto* list = static_cast<ValueList*>(argument->pointer(ValueList::type));
  if (list == nullptr) return SQLITE_ERROR;
  list->next = is_first ? 0 : list->next;
  if (list->next >= list->values.size()) return SQLITE_DONE;
  *value = &list->values[list->next++];
  return SQLITE_OK;
}

bool is_kept(const char* const* names, const std::string& name) {
  for (size_t at = 0; names != nullptr && names[at] != nullptr; ++at) {
    if (name == names[at]) return true;
  }
  return false;
}

// Called for a function that only a virtual table could have given a meaning.
void refuse_call(sqlite3_context* context, int, sqlite3_value**) {
  const auto* name = static_cast<const char*>(sqlite3_user_data(context));
  char* message = sqlite3_mprintf("unable to use function %s in the requested context", name);
  sqlite3_result_error(context, message, -1);
  sqlite3_free(message);
}

}  // namespace

}  // namespace keelback::capi

extern "C" {

int sqlite3_create_module_v2(sqlite3* db, const char* name, const sqlite3_module* methods, void* argument,
                             void (*destroy)(void*)) {
  return register_module(db, name, methods, argument, destroy);
}

int sqlite3_create_module(sqlite3* db, const char* name, const sqlite3_module* methods, void* argument) {
  return register_module(db, name, methods, argument, nullptr);
}

int sqlite3_drop_modules(sqlite3* db, const char** kept) {
  if (!is_usable(db)) return misuse("sqlite3_drop_modules");
  return guard(SQLITE_NOMEM, [&] {
    Lock lock(db->mutex);
    std::vector<std::string> names;
    for (const auto& [key, entry] : db->modules.by_name) {
      if (!is_kept(kept, entry->name)) names.push_back(entry->name);
    }
    for (const std::string& name : names) (void)register_module(db, name.c_str(), nullptr, nullptr, nullptr);
    return SQLITE_OK;
  });
}

int sqlite3_declare_vtab(sqlite3* db, const char* sql) {
  if (!is_usable(db) || sql == nullptr) return misuse("sqlite3_declare_vtab");
  return guard(SQLITE_NOMEM, [&] {
    Lock lock(db->mutex);
    Connecting* connecting = db->modules.connecting;
    if (connecting == nullptr || connecting->is_declared) return db->fail(SQLITE_MISUSE);
    if (Failure failure = check_declaration(sql)) return db->fail(failure);
    connecting->declaration = sql;
    connecting->is_declared = true;
    return SQLITE_OK;
  });
}

int sqlite3_vtab_config(sqlite3* db, int option, ...) {
  if (!is_usable(db)) return misuse("sqlite3_vtab_config");
  Lock lock(db->mutex);
  Connecting* connecting = db->modules.connecting;
  if (connecting == nullptr) return db->fail(SQLITE_MISUSE);
  va_list arguments;
  va_start(arguments, option);
  int code = SQLITE_OK;
  switch (option) {
    case SQLITE_VTAB_CONSTRAINT_SUPPORT:
      connecting->has_constraint_support = va_arg(arguments, int) != 0;
      break;
    case SQLITE_VTAB_INNOCUOUS:
      connecting->risk = 0;
      break;
    case SQLITE_VTAB_DIRECTONLY:
      connecting->risk = 2;
      break;
    case SQLITE_VTAB_USES_ALL_SCHEMAS:
      break;
    default:
      code = SQLITE_MISUSE;
  }
  va_end(arguments);
  return code == SQLITE_OK ? SQLITE_OK : db->fail(code);
}

int sqlite3_vtab_on_conflict(sqlite3* db) { return is_usable(db) ? db->modules.conflict : 0; }

const char* sqlite3_vtab_collation(sqlite3_index_info* info, int place) {
  return is_constraint(info, place) ? request_of(info).collations[static_cast<size_t>(place)].c_str() : nullptr;
}

int sqlite3_vtab_distinct(sqlite3_index_info* info) { return info != nullptr ? request_of(info).distinct : 0; }

int sqlite3_vtab_in(sqlite3_index_info* info, int place, int wish) {
  // Only the first 32 constraints can be lists.
  if (!is_constraint(info, place) || place >= 32) return 0;
  IndexRequest& request = request_of(info);
  const auto at = static_cast<size_t>(place);
  if (!request.is_in[at]) return 0;
  if (wish >= 0) request.is_list[at] = wish > 0;
  return 1;
}

int sqlite3_vtab_in_first(sqlite3_value* argument, sqlite3_value** value) {
  if (argument == nullptr || value == nullptr) return misuse("sqlite3_vtab_in_first");
  return member_of(argument, value, true);
}

int sqlite3_vtab_in_next(sqlite3_value* argument, sqlite3_value** value) {
  if (argument == nullptr || value == nullptr) return misuse("sqlite3_vtab_in_next");
  return member_of(argument, value, false);
}

int sqlite3_vtab_rhs_value(sqlite3_index_info* info, int place, sqlite3_value** value) {
  if (value == nullptr) return misuse("sqlite3_vtab_rhs_value");
  *value = nullptr;
  if (!is_constraint(info, place)) return misuse("sqlite3_vtab_rhs_value");
  IndexRequest& request = request_of(info);
  if (!request.is_value_known[static_cast<size_t>(place)]) return SQLITE_NOTFOUND;
  *value = &request.values[static_cast<size_t>(place)];
  return SQLITE_OK;
}

int sqlite3_vtab_nochange(sqlite3_context* context) { return context != nullptr && context->may_be_unchanged ? 1 : 0; }

int sqlite3_overload_function(sqlite3* db, const char* name, int argument_count) {
  if (!is_usable(db) || name == nullptr || argument_count < -2) return misuse("sqlite3_overload_function");
  return guard(SQLITE_NOMEM, [&] {
    Lock lock(db->mutex);
    sqlite3_stmt* statement = nullptr;
    int code = sqlite3_prepare_v2(db, "SELECT 1 FROM pragma_function_list WHERE name = lower(?1) AND narg IN (-1, ?2)",
                                  -1, &statement, nullptr);
    if (code != SQLITE_OK) return code;
    sqlite3_bind_text(statement, 1, name, -1, SQLITE_TRANSIENT);
    sqlite3_bind_int(statement, 2, argument_count);
    const bool is_known = sqlite3_step(statement) == SQLITE_ROW;
    code = sqlite3_finalize(statement);
    if (code != SQLITE_OK || is_known) return code;
    char* kept = sqlite3_mprintf("%s", name);
    if (kept == nullptr) return db->fail(SQLITE_NOMEM);
    return sqlite3_create_function_v2(db, name, argument_count, SQLITE_UTF8, kept, refuse_call, nullptr, nullptr,
                                      sqlite3_free);
  });
}

}  // extern "C"
