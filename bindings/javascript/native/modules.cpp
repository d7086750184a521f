// Virtual tables whose rows a JavaScript generator gives, on the thread of their environment.
//
// lib/table.js checks definitions and rows; here arrive
//   factory(module, schema, table, ...arguments) -> [declaration, rows, parameter count, safeIntegers, directOnly]
//   rows(...parameters) -> an iterator of arrays, with the parameters first and the columns behind them
// The parameters are hidden columns; what they are equal to is what `rows` is called with.

#include "modules.hpp"

#include <memory>

#include "callbacks.hpp"
#include "handles.hpp"

namespace keelback::node {

namespace {

struct Module {
  napi_env env;
  std::string name;
  Reference factory;
};

struct Table : sqlite3_vtab {
  Module* module = nullptr;
  Reference rows;
  int parameters = 0;
  IntegerMode mode = IntegerMode::number;
};

struct Cursor : sqlite3_vtab_cursor {
  Reference iterator;
  Reference row;  // the array of the row; not set at the end
  sqlite3_int64 number = 0;
};

Table& table_of(sqlite3_vtab* table) { return *static_cast<Table*>(table); }
Cursor& cursor_of(sqlite3_vtab_cursor* cursor) { return *static_cast<Cursor*>(cursor); }

napi_value element(napi_env env, napi_value array, uint32_t index) {
  napi_value value = nullptr;
  napi_get_element(env, array, index, &value);
  return value;
}

napi_value property(napi_env env, napi_value object, const char* name) {
  napi_value value = nullptr;
  napi_get_named_property(env, object, name, &value);
  return value;
}

int connect(sqlite3* db, void* data, int count, const char* const* given, sqlite3_vtab** result, char**) {
  auto* module = static_cast<Module*>(data);
  napi_env env = module->env;
  if (is_pending(env)) return SQLITE_ERROR;
  const HandleScope scope(env);
  std::vector<napi_value> values;
  for (int i = 0; i < count; i++) values.push_back(make_text(env, given[i]));
  napi_value made = nullptr;
  if (napi_call_function(env, make_undefined(env), module->factory.get(), values.size(), values.data(), &made) !=
      napi_ok) {
    return SQLITE_ERROR;
  }
  std::string declaration;
  if (!get_text(env, element(env, made, 0), declaration)) return SQLITE_ERROR;
  if (const int code = sqlite3_declare_vtab(db, declaration.c_str()); code != SQLITE_OK) return code;
  if (get_bool(env, element(env, made, 4))) sqlite3_vtab_config(db, SQLITE_VTAB_DIRECTONLY);
  auto table = std::make_unique<Table>();
  table->module = module;
  table->rows.set(env, element(env, made, 1));
  table->parameters = static_cast<int>(get_int(env, element(env, made, 2)));
  table->mode = get_bool(env, element(env, made, 3)) ? IntegerMode::bigint : IntegerMode::number;
  *result = table.release();
  return SQLITE_OK;
}

// Another function than connect: a module whose xCreate is its xConnect has a table of its own name.
int create(sqlite3* db, void* data, int count, const char* const* given, sqlite3_vtab** result, char** message) {
  return connect(db, data, count, given, result, message);
}

int disconnect(sqlite3_vtab* table) {
  delete &table_of(table);
  return SQLITE_OK;
}

// Each parameter that is equal to something becomes an argument; idxNum has a bit for it. Arguments are in the order of
// the parameters.
int best_index(sqlite3_vtab* base, sqlite3_index_info* index) {
  const int parameters = table_of(base).parameters;
  std::vector<int> constraint_of(static_cast<size_t>(parameters), -1);
  for (int i = 0; i < index->nConstraint; i++) {
    const auto& constraint = index->aConstraint[i];
    if (constraint.op != SQLITE_INDEX_CONSTRAINT_EQ || constraint.iColumn < 0 || constraint.iColumn >= parameters) {
      continue;
    }
    if (constraint.usable == 0) return SQLITE_CONSTRAINT;
    int& found = constraint_of[static_cast<size_t>(constraint.iColumn)];
    if (found < 0) found = i;
  }
  int arguments = 0;
  for (int parameter = 0; parameter < parameters; parameter++) {
    const int found = constraint_of[static_cast<size_t>(parameter)];
    if (found < 0) continue;
    index->idxNum |= 1 << parameter;
    index->aConstraintUsage[found].argvIndex = ++arguments;
    index->aConstraintUsage[found].omit = 1;
  }
  // The fewer parameters are left open, the fewer rows there are.
  index->estimatedCost = 1e9 / (1 + arguments);
  index->estimatedRows = 1000000000 / (1 + arguments);
  return SQLITE_OK;
}

int open_cursor(sqlite3_vtab*, sqlite3_vtab_cursor** result) {
  *result = new Cursor{};
  return SQLITE_OK;
}

// The generator's `finally` runs where it was not read to its end.
void leave(napi_env env, Cursor& cursor) {
  if (cursor.iterator.is_set() && cursor.row.is_set() && !is_pending(env)) {
    const HandleScope scope(env);
    napi_value iterator = cursor.iterator.get();
    napi_value ignored = nullptr;
    napi_call_function(env, iterator, property(env, iterator, "return"), 0, nullptr, &ignored);
  }
  cursor.row.clear();
  cursor.iterator.clear();
}

int close_cursor(sqlite3_vtab_cursor* base) {
  napi_env env = table_of(base->pVtab).module->env;
  leave(env, cursor_of(base));
  delete &cursor_of(base);
  return SQLITE_OK;
}

int next(sqlite3_vtab_cursor* base) {
  Cursor& cursor = cursor_of(base);
  napi_env env = table_of(base->pVtab).module->env;
  if (is_pending(env)) return SQLITE_ERROR;
  const HandleScope scope(env);
  napi_value iterator = cursor.iterator.get();
  napi_value step = nullptr;
  cursor.row.clear();
  if (napi_call_function(env, iterator, property(env, iterator, "next"), 0, nullptr, &step) != napi_ok) {
    cursor.iterator.clear();
    return SQLITE_ERROR;
  }
  cursor.number++;
  if (!get_bool(env, property(env, step, "done"))) cursor.row.set(env, property(env, step, "value"));
  return SQLITE_OK;
}

int filter(sqlite3_vtab_cursor* base, int chosen, const char*, int, sqlite3_value** given) {
  Cursor& cursor = cursor_of(base);
  Table& table = table_of(base->pVtab);
  napi_env env = table.module->env;
  leave(env, cursor);
  if (is_pending(env)) return SQLITE_ERROR;
  const HandleScope scope(env);
  std::vector<napi_value> values;
  int arguments = 0;
  for (int parameter = 0; parameter < table.parameters; parameter++) {
    const bool is_given = (chosen >> parameter & 1) != 0;
    napi_value value = is_given ? from_sqlite(env, given[arguments++], table.mode) : make_undefined(env);
    if (value == nullptr) return SQLITE_ERROR;
    values.push_back(value);
  }
  napi_value iterator = nullptr;
  if (napi_call_function(env, make_undefined(env), table.rows.get(), values.size(), values.data(), &iterator) !=
      napi_ok) {
    return SQLITE_ERROR;
  }
  cursor.iterator.set(env, iterator);
  cursor.number = 0;
  return next(base);
}

int at_end(sqlite3_vtab_cursor* base) { return cursor_of(base).row.is_set() ? 0 : 1; }

int column(sqlite3_vtab_cursor* base, sqlite3_context* context, int number) {
  const Table& table = table_of(base->pVtab);
  napi_env env = table.module->env;
  if (is_pending(env)) return SQLITE_ERROR;
  const HandleScope scope(env);
  ResultSink sink(context);
  if (to_sqlite(env, element(env, cursor_of(base).row.get(), static_cast<uint32_t>(number)), sink) < 0) {
    const std::string message = "Virtual table module \"" + table.module->name + "\" yielded an invalid value";
    throw_type_error(env, message.c_str());
    sqlite3_result_error(context, message.c_str(), -1);
    return SQLITE_ERROR;
  }
  return SQLITE_OK;
}

int rowid(sqlite3_vtab_cursor* base, sqlite3_int64* result) {
  *result = cursor_of(base).number;
  return SQLITE_OK;
}

void destroy(void* data) { delete static_cast<Module*>(data); }

sqlite3_module make_methods(bool is_eponymous) {
  sqlite3_module methods{};
  methods.xCreate = is_eponymous ? nullptr : create;
  methods.xConnect = connect;
  methods.xBestIndex = best_index;
  methods.xDisconnect = disconnect;
  methods.xDestroy = disconnect;
  methods.xOpen = open_cursor;
  methods.xClose = close_cursor;
  methods.xFilter = filter;
  methods.xNext = next;
  methods.xEof = at_end;
  methods.xColumn = column;
  methods.xRowid = rowid;
  return methods;
}

const sqlite3_module eponymous_methods = make_methods(true);
const sqlite3_module created_methods = make_methods(false);

}  // namespace

// createModule(connection, name, factory, is eponymous)
napi_value create_module(napi_env env, napi_callback_info info) {
  auto values = arguments(env, info, 4);
  auto connection = connection_of(env, values[0]);
  auto module = std::make_unique<Module>();
  module->env = env;
  if (!connection || !get_text(env, values[1], module->name)) return nullptr;
  module->factory.set(env, values[2]);
  const std::string name = module->name;
  const sqlite3_module& methods = get_bool(env, values[3]) ? eponymous_methods : created_methods;
  const int code = sqlite3_create_module_v2(connection->handle, name.c_str(), &methods, module.release(), destroy);
  return code == SQLITE_OK ? make_undefined(env) : throw_error(env, connection->handle, code);
}

}  // namespace keelback::node
