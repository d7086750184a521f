// sqlite3_exec and sqlite3_get_table: whole scripts, with rows as text.
#include <cstring>
#include <vector>

#include "error.hpp"
#include "guard.hpp"
#include "memory.hpp"

using namespace keelback::capi;

namespace {

struct Row {
  std::vector<char*> values, names;
};

// The names and values of the row at hand, as sqlite3_exec hands them out.
void fill(sqlite3_stmt* statement, Row& row) {
  const int count = sqlite3_column_count(statement);
  row.names.assign(static_cast<size_t>(count) + 1, nullptr);
  row.values.assign(static_cast<size_t>(count) + 1, nullptr);
  for (int at = 0; at < count; ++at) {
    row.names[static_cast<size_t>(at)] = const_cast<char*>(sqlite3_column_name(statement, at));
    const unsigned char* text = sqlite3_column_text(statement, at);
    row.values[static_cast<size_t>(at)] = reinterpret_cast<char*>(const_cast<unsigned char*>(text));
  }
}

int run_statement(sqlite3* db, sqlite3_stmt* statement, sqlite3_callback callback, void* argument) {
  Row row;
  for (;;) {
    const int code = sqlite3_step(statement);
    if (callback != nullptr && code == SQLITE_ROW) {
      fill(statement, row);
      const int count = sqlite3_column_count(statement);
      if (callback(argument, count, row.values.data(), row.names.data()) != 0) {
        sqlite3_finalize(statement);
        return db->fail(SQLITE_ABORT);
      }
    }
    if (code != SQLITE_ROW) return sqlite3_finalize(statement);
  }
}

int run(sqlite3* db, const char* sql, sqlite3_callback callback, void* argument) {
  Lock lock(db->mutex);
  std::string_view rest = sql;
  db->succeed();
  while (!rest.empty()) {
    sqlite3_stmt* statement = nullptr;
    size_t used = 0;
    const int code = prepare(db, rest.data(), rest.size(), 0, false, &statement, used);
    if (code != SQLITE_OK) return code;
    rest.remove_prefix(used);
    if (statement == nullptr) continue;
    if (const int result = run_statement(db, statement, callback, argument); result != SQLITE_OK) return result;
  }
  return SQLITE_OK;
}

struct Table {
  std::vector<char*> cells;
  int rows = 0;
  int columns = 0;
  bool is_uneven = false;
};

char* copy_cell(const char* text) { return text == nullptr ? nullptr : copy_to_heap(text); }

int add_row(void* context, int count, char** values, char** names) {
  auto* table = static_cast<Table*>(context);
  try {
    if (table->columns == 0) {
      table->columns = count;
      for (int at = 0; at < count; ++at) table->cells.push_back(copy_cell(names[at]));
    } else if (table->columns != count) {
      table->is_uneven = true;
      return 1;
    }
    if (values == nullptr) return 0;
    ++table->rows;
    for (int at = 0; at < count; ++at) table->cells.push_back(copy_cell(values[at]));
    return 0;
  } catch (const std::exception&) {
    return 1;
  }
}

}  // namespace

extern "C" {

int sqlite3_exec(sqlite3* db, const char* sql, sqlite3_callback callback, void* argument, char** message) {
  if (message != nullptr) *message = nullptr;
  if (!is_usable(db)) return misuse("sqlite3_exec");
  return guard_connection(db, [&] {
    const int code = run(db, sql == nullptr ? "" : sql, callback, argument);
    if (code != SQLITE_OK && message != nullptr) *message = copy_to_heap(sqlite3_errmsg(db));
    return code;
  });
}

int sqlite3_get_table(sqlite3* db, const char* sql, char*** out, int* rows, int* columns, char** message) {
  if (message != nullptr) *message = nullptr;
  if (rows != nullptr) *rows = 0;
  if (columns != nullptr) *columns = 0;
  if (out != nullptr) *out = nullptr;
  if (!is_usable(db) || out == nullptr) return misuse("sqlite3_get_table");
  return guard(SQLITE_NOMEM, [&] {
    Table table;
    int code = sqlite3_exec(db, sql, &add_row, &table, message);
    if (table.is_uneven) {
      sqlite3_free(message != nullptr ? *message : nullptr);
      if (message != nullptr) {
        *message = copy_to_heap("sqlite3_get_table() called with two or more incompatible queries");
      }
      code = SQLITE_ERROR;
    }
    // The number of cells stands in front, for sqlite3_free_table.
    auto* block =
        code == SQLITE_OK ? static_cast<char**>(sqlite3_malloc64((table.cells.size() + 2) * sizeof(char*))) : nullptr;
    if (block == nullptr) {
      for (char* cell : table.cells) sqlite3_free(cell);
      return code == SQLITE_OK ? SQLITE_NOMEM : code;
    }
    const size_t count = table.cells.size();
    std::memcpy(block, &count, sizeof count);
    for (size_t at = 0; at < count; ++at) block[at + 1] = table.cells[at];
    block[count + 1] = nullptr;
    *out = block + 1;
    if (rows != nullptr) *rows = table.rows;
    if (columns != nullptr) *columns = table.columns;
    return SQLITE_OK;
  });
}

void sqlite3_free_table(char** table) {
  if (table == nullptr) return;
  char** block = table - 1;
  size_t count = 0;
  std::memcpy(&count, block, sizeof count);
  for (size_t at = 1; at <= count; ++at) sqlite3_free(block[at]);
  sqlite3_free(block);
}

}  // extern "C"
