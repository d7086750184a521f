// What a schema says, asked through SQL: sqlite3_db_name, sqlite3_table_column_metadata; checkpoints through pragmas.
#include <map>

#include "error.hpp"
#include "guard.hpp"

using namespace keelback::capi;

namespace {

std::string formatted(const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  char* text = sqlite3_vmprintf(format, arguments);
  va_end(arguments);
  std::string result = text != nullptr ? text : "";
  sqlite3_free(text);
  return result;
}

// Steps a query; the caller finalizes it.
sqlite3_stmt* query(sqlite3* db, const std::string& sql) {
  sqlite3_stmt* statement = nullptr;
  size_t used = 0;
  const int code = prepare(db, sql.c_str(), sql.size(), SQLITE_PREPARE_DONT_LOG, false, &statement, used);
  return code == SQLITE_OK ? statement : nullptr;
}

const char* text_at(sqlite3_stmt* statement, int index) {
  return reinterpret_cast<const char*>(sqlite3_column_text(statement, index));
}

struct Column {
  std::string declared_type;
  std::string collation;
  bool has_type = false;
  int is_not_null = 0;
  int is_primary_key = 0;
  int is_autoincrement = 0;
};

// -1 where there is no such table or column. A column hides the rowid's name, which comes behind the columns.
int find_column(sqlite3* db, const std::string& prefix, const char* table, const char* name, Column& column) {
  sqlite3_stmt* statement = query(db, formatted("PRAGMA %scolumn_metadata(%Q)", prefix.c_str(), table));
  if (statement == nullptr) return db->error.code;
  bool has_table = false, is_found = false;
  while (!is_found && sqlite3_step(statement) == SQLITE_ROW) {
    has_table = true;
    if (name == nullptr || sqlite3_stricmp(text_at(statement, 0), name) != 0) continue;
    is_found = true;
    column.has_type = sqlite3_column_type(statement, 1) != SQLITE_NULL;
    column.declared_type = column.has_type ? text_at(statement, 1) : "";
    column.collation = text_at(statement, 2);
    column.is_not_null = sqlite3_column_int(statement, 3);
    column.is_primary_key = sqlite3_column_int(statement, 4);
    column.is_autoincrement = sqlite3_column_int(statement, 5);
  }
  if (const int code = sqlite3_finalize(statement); code != SQLITE_OK) return code;
  return has_table && (is_found || name == nullptr) ? SQLITE_OK : -1;
}

}  // namespace

extern "C" {

const char* sqlite3_db_name(sqlite3* db, int index) {
  if (!is_usable(db) || index < 0) return nullptr;
  if (index == 0) return "main";
  if (index == 1) return "temp";
  return guard<const char*>(nullptr, [&]() -> const char* {
    Lock lock(db->mutex);
    if (db->engine == nullptr) return nullptr;
    sqlite3_stmt* statement = query(db, "PRAGMA database_list");
    const char* found = nullptr;
    while (statement != nullptr && sqlite3_step(statement) == SQLITE_ROW) {
      if (sqlite3_column_int(statement, 0) != index) continue;
      const std::string name = text_at(statement, 1);
      found = db->filenames.insert_or_assign("\1" + name, Filename(name, {})).first->second.c_str();
    }
    sqlite3_finalize(statement);
    return found;
  });
}

int sqlite3_table_column_metadata(sqlite3* db, const char* schema, const char* table, const char* name,
                                  char const** declared_type, char const** collation, int* is_not_null,
                                  int* is_primary_key, int* is_autoincrement) {
  if (!is_usable(db) || table == nullptr) return misuse("sqlite3_table_column_metadata");
  return guard(SQLITE_NOMEM, [&] {
    Lock lock(db->mutex);
    Column column;
    const std::string prefix = schema != nullptr ? formatted("\"%w\".", schema) : "";
    const bool has_schema =
        schema == nullptr || sqlite3_stricmp(schema, "temp") == 0 || sqlite3_db_readonly(db, schema) >= 0;
    const int code = has_schema ? find_column(db, prefix, table, name, column) : -1;
    if (code == -1) {
      const std::string full = std::string(table) + "." + (name != nullptr ? name : "");
      return db->fail(SQLITE_ERROR, "no such table column: " + full);
    }
    if (code != SQLITE_OK) return db->visible(code);
    if (name == nullptr) column = {"INTEGER", "BINARY", true, 0, 1, 0};  // only the table was asked for
    // Kept with the connection, as the strings are read after the call.
    const auto kept = [&](const char* key, const std::string& text) {
      return db->filenames.insert_or_assign(key, Filename(text, {})).first->second.c_str();
    };
    const char* type = kept("\2type", column.declared_type);
    if (declared_type != nullptr) *declared_type = column.has_type ? type : nullptr;
    if (collation != nullptr) *collation = kept("\3collation", column.collation);
    if (is_not_null != nullptr) *is_not_null = column.is_not_null;
    if (is_primary_key != nullptr) *is_primary_key = column.is_primary_key;
    if (is_autoincrement != nullptr) *is_autoincrement = column.is_autoincrement;
    return db->succeed();
  });
}

int sqlite3_wal_checkpoint_v2(sqlite3* db, const char* schema, int mode, int* frames, int* done) {
  static constexpr const char* modes[] = {"noop", "passive", "full", "restart", "truncate"};
  if (frames != nullptr) *frames = -1;
  if (done != nullptr) *done = -1;
  if (!is_usable(db)) return misuse("sqlite3_wal_checkpoint_v2");
  if (mode < SQLITE_CHECKPOINT_NOOP || mode > SQLITE_CHECKPOINT_TRUNCATE) return SQLITE_MISUSE;
  return guard(SQLITE_NOMEM, [&] {
    Lock lock(db->mutex);
    const bool is_of_one = schema != nullptr && *schema != '\0';
    if (is_of_one && sqlite3_db_readonly(db, schema) < 0) {
      return db->fail(SQLITE_ERROR, std::string("unknown database: ") + schema);
    }
    // Also of who is interrupted, which a statement would tell first.
    if (sqlite3_txn_state(db, is_of_one ? schema : "main") > SQLITE_TXN_NONE) {
      return db->fail(SQLITE_LOCKED, "database table is locked");
    }
    const std::string prefix = is_of_one ? formatted("\"%w\".", schema) : "";
    const std::string sql = "PRAGMA " + prefix + "wal_checkpoint(" + modes[mode - SQLITE_CHECKPOINT_NOOP] + ")";
    sqlite3_stmt* statement = nullptr;
    int code = sqlite3_prepare_v2(db, sql.c_str(), -1, &statement, nullptr);
    if (code != SQLITE_OK) return code;
    bool is_busy = false;
    if (sqlite3_step(statement) == SQLITE_ROW) {
      is_busy = sqlite3_column_int(statement, 0) != 0;
      if (frames != nullptr) *frames = sqlite3_column_int(statement, 1);
      if (done != nullptr) *done = sqlite3_column_int(statement, 2);
    }
    code = sqlite3_finalize(statement);
    if (code != SQLITE_OK) return code;
    return is_busy ? db->fail(SQLITE_BUSY, "database is locked") : db->succeed();
  });
}

int sqlite3_wal_checkpoint(sqlite3* db, const char* schema) {
  return sqlite3_wal_checkpoint_v2(db, schema, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
}

}  // extern "C"
