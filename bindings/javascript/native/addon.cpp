// The raw layer: functions over connections and statements, one to one with the C API but for rows, which are read in
// whole batches. Policy (arguments, modes, transactions) is lib/'s.

#include <cctype>
#include <cstring>

#include "backup.hpp"
#include "functions.hpp"
#include "handles.hpp"
#include "modules.hpp"

namespace keelback::node {

namespace {

enum class RowShape { object, array, first };

class ParameterSink : public ValueSink {
 public:
  ParameterSink(sqlite3_stmt* statement, int index) : statement_(statement), index_(index) {}
  int null() override { return sqlite3_bind_null(statement_, index_); }
  int integer(sqlite3_int64 value) override { return sqlite3_bind_int64(statement_, index_, value); }
  int real(double value) override { return sqlite3_bind_double(statement_, index_, value); }
  int text(const std::string& value) override {
    return sqlite3_bind_text64(statement_, index_, value.data(), value.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
  }
  int blob(const void* data, size_t size) override {
    if (size == 0) return sqlite3_bind_zeroblob(statement_, index_, 0);
    return sqlite3_bind_blob64(statement_, index_, data, size, SQLITE_TRANSIENT);
  }

 private:
  sqlite3_stmt* statement_;
  int index_;
};

// open(path, flags) -> connection
napi_value open_database(napi_env env, napi_callback_info info) {
  auto values = arguments(env, info, 2);
  std::string path;
  if (!get_text(env, values[0], path)) return nullptr;
  auto connection = std::make_shared<Connection>();
  int code = sqlite3_open_v2(path.c_str(), &connection->handle, static_cast<int>(get_int(env, values[1])), nullptr);
  if (code != SQLITE_OK) return throw_error(env, connection->handle, code);
  sqlite3_extended_result_codes(connection->handle, 1);
  return wrap(env, std::move(connection));
}

// close(connection)
napi_value close_database(napi_env env, napi_callback_info info) {
  auto connection = connection_of(env, arguments(env, info, 1)[0]);
  if (!connection) return nullptr;
  if (connection->running != 0) {
    throw_type_error(env, "This database connection is busy executing a query");
    return nullptr;
  }
  connection->close();
  return make_undefined(env);
}

// busyTimeout(connection, milliseconds)
napi_value busy_timeout(napi_env env, napi_callback_info info) {
  auto values = arguments(env, info, 2);
  auto connection = connection_of(env, values[0]);
  if (connection) sqlite3_busy_timeout(connection->handle, static_cast<int>(get_int(env, values[1])));
  return make_undefined(env);
}

napi_value make_expanded(napi_env env, sqlite3_stmt* statement) {
  char* text = sqlite3_expanded_sql(statement);
  napi_value result = make_text(env, text);
  sqlite3_free(text);
  return result;
}

// Call a listener, if it is one, with the text of a statement; false (with its exception pending) if it threw.
bool tell(napi_env env, napi_value listener, sqlite3_stmt* statement) {
  napi_valuetype type = napi_undefined;
  napi_typeof(env, listener, &type);
  if (type != napi_function) return true;
  napi_value text = make_expanded(env, statement);
  return napi_call_function(env, make_undefined(env), listener, 1, &text, nullptr) == napi_ok;
}

// exec(connection, sql, listener or null): the listener is told each statement before it runs
napi_value exec(napi_env env, napi_callback_info info) {
  auto values = arguments(env, info, 3);
  auto connection = connection_of(env, values[0]);
  std::string sql;
  if (!connection || !get_text(env, values[1], sql)) return nullptr;
  const RunningNow running(*connection);
  const char* rest = sql.c_str();
  while (*rest != '\0') {
    sqlite3_stmt* statement = nullptr;
    while (std::isspace(static_cast<unsigned char>(*rest)) != 0) ++rest;
    int code = sqlite3_prepare_v2(connection->handle, rest, -1, &statement, &rest);
    if (code != SQLITE_OK) return throw_error(env, connection->handle, code);
    if (statement == nullptr) continue;
    if (!tell(env, values[2], statement)) {
      sqlite3_finalize(statement);
      return nullptr;
    }
    do {
      code = sqlite3_step(statement);
    } while (code == SQLITE_ROW);
    if (code != SQLITE_DONE) {
      throw_error(env, connection->handle, code);
      sqlite3_finalize(statement);
      return nullptr;
    }
    sqlite3_finalize(statement);
  }
  return make_undefined(env);
}

// state(connection) -> [changes, totalChanges, lastInsertRowid, isAutocommit], the numbers as bigints
napi_value state(napi_env env, napi_callback_info info) {
  auto connection = connection_of(env, arguments(env, info, 1)[0]);
  if (!connection) return nullptr;
  napi_value result = nullptr;
  napi_create_array_with_length(env, 4, &result);
  sqlite3* handle = connection->handle;
  napi_set_element(env, result, 0, make_integer(env, sqlite3_changes64(handle), IntegerMode::bigint));
  napi_set_element(env, result, 1, make_integer(env, sqlite3_total_changes64(handle), IntegerMode::bigint));
  napi_set_element(env, result, 2, make_integer(env, sqlite3_last_insert_rowid(handle), IntegerMode::bigint));
  napi_set_element(env, result, 3, make_bool(env, sqlite3_get_autocommit(handle) != 0));
  return result;
}

// Whether the rest of a text holds no further statement; a rest that does not compile is taken for one.
bool is_blank(sqlite3* handle, const char* text) {
  while (*text != '\0') {
    sqlite3_stmt* statement = nullptr;
    int code = sqlite3_prepare_v2(handle, text, -1, &statement, &text);
    sqlite3_finalize(statement);
    if (code != SQLITE_OK || statement != nullptr) return false;
  }
  return true;
}

// prepare(connection, sql) -> [statement or null, hasMore, columnCount, isReadonly, parameterNames]
napi_value prepare(napi_env env, napi_callback_info info) {
  auto values = arguments(env, info, 2);
  auto connection = connection_of(env, values[0]);
  std::string sql;
  if (!connection || !get_text(env, values[1], sql)) return nullptr;
  auto statement = std::make_unique<Statement>();
  statement->connection = connection;
  const char* tail = nullptr;
  int code = sqlite3_prepare_v2(connection->handle, sql.c_str(), -1, &statement->handle, &tail);
  if (code != SQLITE_OK) return throw_error(env, connection->handle, code);
  napi_value result = nullptr;
  napi_create_array_with_length(env, 5, &result);
  sqlite3_stmt* handle = statement->handle;
  napi_set_element(env, result, 1, make_bool(env, handle != nullptr && !is_blank(connection->handle, tail)));
  if (handle == nullptr) {
    napi_value null_value = nullptr;
    napi_get_null(env, &null_value);
    napi_set_element(env, result, 0, null_value);
    return result;
  }
  napi_value count = nullptr;
  napi_create_int32(env, sqlite3_column_count(handle), &count);
  napi_value names = nullptr;
  int parameters = sqlite3_bind_parameter_count(handle);
  napi_create_array_with_length(env, static_cast<size_t>(parameters), &names);
  for (int i = 1; i <= parameters; i++) {
    napi_set_element(env, names, static_cast<uint32_t>(i - 1), make_text(env, sqlite3_bind_parameter_name(handle, i)));
  }
  napi_set_element(env, result, 2, count);
  napi_set_element(env, result, 3, make_bool(env, sqlite3_stmt_readonly(handle) != 0));
  napi_set_element(env, result, 4, names);
  napi_set_element(env, result, 0, wrap(env, std::move(statement)));
  return result;
}

// bind(statement, index, value): 0, or -1 / -2 for a value that cannot be bound
napi_value bind(napi_env env, napi_callback_info info) {
  auto values = arguments(env, info, 3);
  Statement* statement = statement_of(env, values[0]);
  if (statement == nullptr) return nullptr;
  ParameterSink sink(statement->handle, static_cast<int>(get_int(env, values[1])));
  int code = to_sqlite(env, values[2], sink);
  if (code > 0) return throw_error(env, statement->connection->handle, code);
  napi_value result = nullptr;
  napi_create_int32(env, code, &result);
  return result;
}

// clear(statement): reset it and unbind everything
napi_value clear(napi_env env, napi_callback_info info) {
  Statement* statement = statement_of(env, arguments(env, info, 1)[0]);
  if (statement == nullptr) return nullptr;
  sqlite3_reset(statement->handle);
  sqlite3_clear_bindings(statement->handle);
  return make_undefined(env);
}

// reset(statement)
napi_value reset(napi_env env, napi_callback_info info) {
  Statement* statement = statement_of(env, arguments(env, info, 1)[0]);
  if (statement == nullptr) return nullptr;
  sqlite3_reset(statement->handle);
  return make_undefined(env);
}

void refresh_names(napi_env env, Statement& statement) {
  auto count = static_cast<size_t>(sqlite3_column_count(statement.handle));
  if (statement.names.size() == count) return;
  for (napi_ref name : statement.names) napi_delete_reference(env, name);
  statement.names.clear();
  for (size_t i = 0; i < count; i++) {
    napi_value holder = nullptr;
    napi_create_object(env, &holder);
    napi_value key = make_text(env, sqlite3_column_name(statement.handle, static_cast<int>(i)));
    napi_set_named_property(env, holder, "key", key);
    napi_ref stored = nullptr;
    napi_create_reference(env, holder, 1, &stored);
    statement.names.push_back(stored);
  }
}

napi_value read_row(napi_env env, Statement& statement, RowShape shape, IntegerMode mode) {
  int count = sqlite3_data_count(statement.handle);
  if (shape == RowShape::first) return from_sqlite(env, sqlite3_column_value(statement.handle, 0), mode);
  napi_value row = nullptr;
  if (shape == RowShape::array) {
    napi_create_array_with_length(env, static_cast<size_t>(count), &row);
  } else {
    napi_create_object(env, &row);
    refresh_names(env, statement);
  }
  for (int i = 0; i < count; i++) {
    napi_value value = from_sqlite(env, sqlite3_column_value(statement.handle, i), mode);
    if (value == nullptr) return nullptr;
    if (shape == RowShape::array) {
      napi_set_element(env, row, static_cast<uint32_t>(i), value);
    } else {
      napi_value holder = nullptr;
      napi_value key = nullptr;
      napi_get_reference_value(env, statement.names[static_cast<size_t>(i)], &holder);
      napi_get_named_property(env, holder, "key", &key);
      napi_set_property(env, row, key, value);
    }
  }
  return row;
}

// rows(statement, limit, shape, safeIntegers) -> array of up to `limit` rows (0: all); with fewer the statement ended
// and was reset
napi_value rows(napi_env env, napi_callback_info info) {
  auto values = arguments(env, info, 4);
  Statement* statement = statement_of(env, values[0]);
  if (statement == nullptr) return nullptr;
  auto limit = static_cast<uint32_t>(get_int(env, values[1]));
  auto shape = static_cast<RowShape>(get_int(env, values[2]));
  IntegerMode mode = get_bool(env, values[3]) ? IntegerMode::bigint : IntegerMode::number;
  napi_value result = nullptr;
  napi_create_array(env, &result);
  const RunningNow running(*statement->connection);
  uint32_t count = 0;
  while (limit == 0 || count < limit) {
    int code = sqlite3_step(statement->handle);
    if (code == SQLITE_DONE) {
      sqlite3_reset(statement->handle);
      return result;
    }
    if (code != SQLITE_ROW) {
      throw_error(env, statement->connection->handle, code);
      sqlite3_reset(statement->handle);
      return nullptr;
    }
    napi_handle_scope scope = nullptr;
    napi_open_handle_scope(env, &scope);
    napi_value row = read_row(env, *statement, shape, mode);
    if (row != nullptr) napi_set_element(env, result, count++, row);
    napi_close_handle_scope(env, scope);
    if (row == nullptr) {
      sqlite3_reset(statement->handle);
      return nullptr;
    }
  }
  return result;
}

// expandedSql(statement): its text with the values of its parameters
napi_value expanded_sql(napi_env env, napi_callback_info info) {
  Statement* statement = statement_of(env, arguments(env, info, 1)[0]);
  return statement == nullptr ? nullptr : make_expanded(env, statement->handle);
}

// run(statement): to its end, whatever rows it gives
napi_value run(napi_env env, napi_callback_info info) {
  Statement* statement = statement_of(env, arguments(env, info, 1)[0]);
  if (statement == nullptr) return nullptr;
  const RunningNow running(*statement->connection);
  int code = SQLITE_ROW;
  while (code == SQLITE_ROW) code = sqlite3_step(statement->handle);
  if (code != SQLITE_DONE) throw_error(env, statement->connection->handle, code);
  sqlite3_reset(statement->handle);
  return code == SQLITE_DONE ? make_undefined(env) : nullptr;
}

// columns(statement) -> [{name, column, table, database, type}]
napi_value columns(napi_env env, napi_callback_info info) {
  Statement* statement = statement_of(env, arguments(env, info, 1)[0]);
  if (statement == nullptr) return nullptr;
  sqlite3_stmt* handle = statement->handle;
  int count = sqlite3_column_count(handle);
  napi_value result = nullptr;
  napi_create_array_with_length(env, static_cast<size_t>(count), &result);
  for (int i = 0; i < count; i++) {
    napi_value column = nullptr;
    napi_create_object(env, &column);
    napi_set_named_property(env, column, "name", make_text(env, sqlite3_column_name(handle, i)));
    napi_set_named_property(env, column, "column", make_text(env, sqlite3_column_origin_name(handle, i)));
    napi_set_named_property(env, column, "table", make_text(env, sqlite3_column_table_name(handle, i)));
    napi_set_named_property(env, column, "database", make_text(env, sqlite3_column_database_name(handle, i)));
    napi_set_named_property(env, column, "type", make_text(env, sqlite3_column_decltype(handle, i)));
    napi_set_element(env, result, static_cast<uint32_t>(i), column);
  }
  return result;
}

// serialize(connection, database name) -> Buffer
napi_value serialize(napi_env env, napi_callback_info info) {
  auto values = arguments(env, info, 2);
  auto connection = connection_of(env, values[0]);
  std::string name;
  if (!connection || !get_text(env, values[1], name)) return nullptr;
  sqlite3_int64 size = -1;
  unsigned char* bytes = sqlite3_serialize(connection->handle, name.c_str(), &size, 0);
  if (bytes == nullptr && size != 0)
    return throw_error(env, connection->handle, size < 0 ? SQLITE_ERROR : SQLITE_NOMEM);
  napi_value result = nullptr;
  napi_create_buffer_copy(env, static_cast<size_t>(size), bytes, nullptr, &result);
  sqlite3_free(bytes);
  return result;
}

// deserialize(connection, Buffer, is it readonly): the main database has what the buffer holds
napi_value deserialize(napi_env env, napi_callback_info info) {
  auto values = arguments(env, info, 3);
  auto connection = connection_of(env, values[0]);
  void* data = nullptr;
  size_t size = 0;
  if (!connection || napi_get_buffer_info(env, values[1], &data, &size) != napi_ok) return nullptr;
  auto* copy = static_cast<unsigned char*>(sqlite3_malloc64(size == 0 ? 1 : size));
  if (copy == nullptr) return throw_error(env, connection->handle, SQLITE_NOMEM);
  if (size != 0) std::memcpy(copy, data, size);
  const unsigned flags = SQLITE_DESERIALIZE_FREEONCLOSE | SQLITE_DESERIALIZE_RESIZEABLE |
                         (get_bool(env, values[2]) ? SQLITE_DESERIALIZE_READONLY : 0U);
  const auto length = static_cast<sqlite3_int64>(size);
  const int code = sqlite3_deserialize(connection->handle, "main", copy, length, length, flags);
  return code == SQLITE_OK ? make_undefined(env) : throw_error(env, connection->handle, code);
}

// loadExtension(connection, path, entry point or null)
napi_value load_extension(napi_env env, napi_callback_info info) {
  auto values = arguments(env, info, 3);
  auto connection = connection_of(env, values[0]);
  std::string path;
  std::string entry;
  if (!connection || !get_text(env, values[1], path)) return nullptr;
  napi_valuetype type = napi_undefined;
  napi_typeof(env, values[2], &type);
  if (type == napi_string && !get_text(env, values[2], entry)) return nullptr;
  sqlite3_db_config(connection->handle, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 1, nullptr);
  char* message = nullptr;
  const int code =
      sqlite3_load_extension(connection->handle, path.c_str(), type == napi_string ? entry.c_str() : nullptr, &message);
  sqlite3_db_config(connection->handle, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, nullptr);
  napi_value result = code == SQLITE_OK ? make_undefined(env) : make_text(env, message != nullptr ? message : "");
  sqlite3_free(message);
  return result;
}

// libraryVersion() -> text
napi_value library_version(napi_env env, napi_callback_info) { return make_text(env, sqlite3_libversion()); }

void define(napi_env env, napi_value exports, const char* name, napi_callback function) {
  napi_value value = nullptr;
  napi_create_function(env, name, NAPI_AUTO_LENGTH, function, nullptr, &value);
  napi_set_named_property(env, exports, name, value);
}

}  // namespace

napi_value initialize(napi_env env, napi_value exports) {
  define(env, exports, "setErrorClass", set_error_class);
  define(env, exports, "open", open_database);
  define(env, exports, "close", close_database);
  define(env, exports, "busyTimeout", busy_timeout);
  define(env, exports, "exec", exec);
  define(env, exports, "state", state);
  define(env, exports, "prepare", prepare);
  define(env, exports, "bind", bind);
  define(env, exports, "clear", clear);
  define(env, exports, "reset", reset);
  define(env, exports, "rows", rows);
  define(env, exports, "run", run);
  define(env, exports, "expandedSql", expanded_sql);
  define(env, exports, "columns", columns);
  define(env, exports, "createFunction", create_function);
  define(env, exports, "createAggregate", create_aggregate);
  define(env, exports, "createModule", create_module);
  define(env, exports, "openBackup", open_backup);
  define(env, exports, "transferBackup", transfer_backup);
  define(env, exports, "closeBackup", close_backup);
  define(env, exports, "serialize", serialize);
  define(env, exports, "deserialize", deserialize);
  define(env, exports, "loadExtension", load_extension);
  define(env, exports, "libraryVersion", library_version);
  return exports;
}

}  // namespace keelback::node

NAPI_MODULE_INIT() { return keelback::node::initialize(env, exports); }
