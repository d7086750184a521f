// sqlite3_blob_*: incremental reading and writing of one value, done with SQL statements.
//
// Each access fetches the value anew: a row that went away makes the handle expire with SQLITE_ABORT, as in SQLite.
// A change of the row by others is not noticed unless the value's type or size changed.
#include <cstring>

#include "error.hpp"
#include "guard.hpp"

using namespace keelback::capi;

struct sqlite3_blob {
  sqlite3* db = nullptr;
  std::string schema, table, column;
  sqlite3_int64 rowid = 0;
  bool is_writable = false;
  bool is_expired = false;
  int size = 0;
};

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

// Fetches the value. SQLITE_DONE: there is no such row. SQLITE_MISMATCH: the value has no bytes; its type is in
// `bytes`.
int fetch(const sqlite3_blob& blob, std::string& bytes, bool& is_text) {
  sqlite3_stmt* statement = nullptr;
  size_t used = 0;
  const std::string sql = formatted("SELECT \"%w\" FROM \"%w\".\"%w\" WHERE rowid=?1", blob.column.c_str(),
                                    blob.schema.c_str(), blob.table.c_str());
  if (const int code = prepare(blob.db, sql, 0, false, &statement, used); code != SQLITE_OK) return code;
  sqlite3_bind_int64(statement, 1, blob.rowid);
  const int code = sqlite3_step(statement);
  int result = code;
  if (code == SQLITE_ROW) {
    const int type = sqlite3_column_type(statement, 0);
    is_text = type == SQLITE_TEXT;
    result = SQLITE_OK;
    if (type == SQLITE_TEXT || type == SQLITE_BLOB) {
      bytes.assign(sqlite3_column_value(statement, 0)->bytes());
    } else {
      bytes = type == SQLITE_NULL ? "null" : type == SQLITE_FLOAT ? "real" : "integer";
      result = SQLITE_MISMATCH;
    }
  }
  const int final_code = sqlite3_finalize(statement);
  return result == SQLITE_DONE && final_code != SQLITE_OK ? final_code : result;
}

// Hands every row of a statement to `visit`.
template <typename Visitor>
void each_row_of(sqlite3* db, const std::string& sql, Visitor visit) {
  sqlite3_stmt* statement = nullptr;
  size_t used = 0;
  if (prepare(db, sql, 0, false, &statement, used) != SQLITE_OK) return;
  while (sqlite3_step(statement) == SQLITE_ROW) visit(statement);
  sqlite3_finalize(statement);
}

// Hands every row of PRAGMA schema.name(argument) to `visit`.
template <typename Visitor>
void each_row(sqlite3* db, const sqlite3_blob& blob, const char* name, const std::string& argument, Visitor visit) {
  each_row_of(db, formatted("PRAGMA \"%w\".%s(%Q)", blob.schema.c_str(), name, argument.c_str()), visit);
}

std::string text_at(sqlite3_stmt* statement, int column) {
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement, column));
  return text != nullptr ? text : "";
}

// Why the table cannot be opened for its values; empty if it can.
std::string table_fault(sqlite3* db, const sqlite3_blob& blob) {
  std::string fault;
  each_row(db, blob, "table_list", blob.table, [&](sqlite3_stmt* row) {
    const std::string kind = text_at(row, 2);
    if (kind == "virtual" || kind == "view") fault = "cannot open " + kind + (kind == "view" ? ": " : " table: ");
    if (sqlite3_column_int(row, 4)) fault = "cannot open table without rowid: ";
  });
  if (!fault.empty()) return fault + blob.table;
  each_row(db, blob, "table_xinfo", blob.table, [&](sqlite3_stmt* row) {
    if (sqlite3_column_int(row, 6) > 1) fault = "cannot open table with generated columns: " + blob.table;
  });
  return fault;
}

// Whether the column exists, so that a quoted name is not taken for a string.
bool has_column(sqlite3* db, const sqlite3_blob& blob, bool& has_table) {
  bool is_found = false;
  has_table = false;
  each_row(db, blob, "table_xinfo", blob.table, [&](sqlite3_stmt* row) {
    has_table = true;
    is_found = is_found || sqlite3_stricmp(text_at(row, 1).c_str(), blob.column.c_str()) == 0;
  });
  return is_found;
}

// What a column is that may not be written behind the back of constraints: "indexed", "foreign key", or nothing.
std::string column_fault(sqlite3* db, const sqlite3_blob& blob) {
  std::string fault;
  const auto is_column = [&](const std::string& name) { return !sqlite3_stricmp(name.c_str(), blob.column.c_str()); };
  bool enforces_keys = false;
  each_row_of(db, "PRAGMA foreign_keys", [&](sqlite3_stmt* row) { enforces_keys = sqlite3_column_int(row, 0) != 0; });
  if (enforces_keys) {
    each_row(db, blob, "foreign_key_list", blob.table, [&](sqlite3_stmt* row) {
      if (is_column(text_at(row, 3))) fault = "foreign key";
    });
  }
  std::vector<std::string> indexes;
  each_row(db, blob, "index_list", blob.table, [&](sqlite3_stmt* row) { indexes.push_back(text_at(row, 1)); });
  for (const std::string& index : indexes) {
    each_row(db, blob, "index_info", index, [&](sqlite3_stmt* row) {
      // An expression may read any column.
      if (sqlite3_column_int(row, 1) == -2 || is_column(text_at(row, 2))) fault = "indexed";
    });
  }
  return fault;
}

int position(sqlite3_blob& blob, sqlite3_int64 rowid) {
  blob.rowid = rowid;
  std::string bytes;
  bool is_text = false;
  const int code = fetch(blob, bytes, is_text);
  if (code == SQLITE_DONE) {
    blob.is_expired = true;
    return blob.db->fail(SQLITE_ERROR, "no such rowid: " + std::to_string(rowid));
  }
  if (code == SQLITE_MISMATCH) {
    blob.is_expired = true;
    return blob.db->fail(SQLITE_ERROR, "cannot open value of type " + bytes);
  }
  if (code != SQLITE_OK) return code;
  blob.is_expired = false;
  blob.size = static_cast<int>(bytes.size());
  return blob.db->succeed();
}

// Checks the range, and gives the value as it is now.
int access(sqlite3_blob* blob, int size, int offset, std::string& bytes, bool& is_text) {
  if (size < 0 || offset < 0 || static_cast<long long>(offset) + size > blob->size) return blob->db->fail(SQLITE_ERROR);
  if (blob->is_expired) return blob->db->fail(SQLITE_ABORT);
  const int code = fetch(*blob, bytes, is_text);
  if (code == SQLITE_OK && static_cast<int>(bytes.size()) == blob->size) return SQLITE_OK;
  if (code != SQLITE_OK && code != SQLITE_DONE && code != SQLITE_MISMATCH) return code;
  blob->is_expired = true;
  return blob->db->fail(SQLITE_ABORT);
}

int store(sqlite3_blob* blob, const std::string& bytes, bool is_text) {
  sqlite3_stmt* statement = nullptr;
  size_t used = 0;
  const std::string sql = formatted("UPDATE \"%w\".\"%w\" SET \"%w\"=?1 WHERE rowid=?2", blob->schema.c_str(),
                                    blob->table.c_str(), blob->column.c_str());
  if (const int code = prepare(blob->db, sql, 0, false, &statement, used); code != SQLITE_OK) return code;
  const auto size = static_cast<sqlite3_uint64>(bytes.size());
  if (is_text) {
    sqlite3_bind_text64(statement, 1, bytes.data(), size, SQLITE_STATIC, SQLITE_UTF8);
  } else {
    sqlite3_bind_blob64(statement, 1, bytes.data(), size, SQLITE_STATIC);
  }
  sqlite3_bind_int64(statement, 2, blob->rowid);
  (void)sqlite3_step(statement);
  return sqlite3_finalize(statement);
}

}  // namespace

extern "C" {

int sqlite3_blob_open(sqlite3* db, const char* schema, const char* table, const char* column, sqlite3_int64 rowid,
                      int flags, sqlite3_blob** out) {
  if (out == nullptr) return misuse("sqlite3_blob_open");
  *out = nullptr;
  if (!is_usable(db) || table == nullptr || column == nullptr) return misuse("sqlite3_blob_open");
  return guard(SQLITE_NOMEM, [&] {
    Lock lock(db->mutex);
    auto blob = std::make_unique<sqlite3_blob>();
    blob->db = db;
    blob->schema = schema == nullptr ? "main" : schema;
    blob->table = table;
    blob->column = column;
    blob->is_writable = flags != 0;
    if (const std::string fault = table_fault(db, *blob); !fault.empty()) return db->fail(SQLITE_ERROR, fault);
    bool has_table = false;
    if (!has_column(db, *blob, has_table)) {
      const std::string full = (schema != nullptr ? std::string(schema) + "." : "") + table;
      return db->fail(SQLITE_ERROR, has_table ? "no such column: \"" + blob->column + "\"" : "no such table: " + full);
    }
    if (blob->is_writable) {
      const std::string fault = column_fault(db, *blob);
      if (!fault.empty()) return db->fail(SQLITE_ERROR, "cannot open " + fault + " column for writing");
    }
    if (const int code = position(*blob, rowid); code != SQLITE_OK) return code;
    ++db->open_blobs;
    *out = blob.release();
    return SQLITE_OK;
  });
}

int sqlite3_blob_close(sqlite3_blob* blob) {
  if (blob == nullptr) return SQLITE_OK;
  sqlite3* db = blob->db;
  {
    Lock lock(db->mutex);
    --db->open_blobs;
    delete blob;
  }
  release_if_zombie(db);
  return SQLITE_OK;
}

int sqlite3_blob_bytes(sqlite3_blob* blob) { return blob == nullptr || blob->is_expired ? 0 : blob->size; }

int sqlite3_blob_read(sqlite3_blob* blob, void* out, int size, int offset) {
  if (blob == nullptr) return misuse("sqlite3_blob_read");
  return guard(SQLITE_NOMEM, [&] {
    Lock lock(blob->db->mutex);
    std::string bytes;
    bool is_text = false;
    if (const int code = access(blob, size, offset, bytes, is_text); code != SQLITE_OK) return code;
    if (size > 0) std::memcpy(out, bytes.data() + offset, static_cast<size_t>(size));
    return blob->db->succeed();
  });
}

int sqlite3_blob_write(sqlite3_blob* blob, const void* data, int size, int offset) {
  if (blob == nullptr) return misuse("sqlite3_blob_write");
  return guard(SQLITE_NOMEM, [&] {
    Lock lock(blob->db->mutex);
    std::string bytes;
    bool is_text = false;
    if (const int code = access(blob, size, offset, bytes, is_text); code != SQLITE_OK) return code;
    if (!blob->is_writable) return blob->db->fail(SQLITE_READONLY);
    if (size > 0) std::memcpy(bytes.data() + offset, data, static_cast<size_t>(size));
    return store(blob, bytes, is_text);
  });
}

int sqlite3_blob_reopen(sqlite3_blob* blob, sqlite3_int64 rowid) {
  if (blob == nullptr) return misuse("sqlite3_blob_reopen");
  return guard(SQLITE_NOMEM, [&] {
    Lock lock(blob->db->mutex);
    if (blob->is_expired) return blob->db->fail(SQLITE_ABORT);
    return position(*blob, rowid);
  });
}

}  // extern "C"
