// What sessions ask of a table: its columns and its primary key, and the rows with a given one.
#ifndef KEELBACK_CAPI_SESSION_TABLE_FACTS_HPP
#define KEELBACK_CAPI_SESSION_TABLE_FACTS_HPP

#include <string>
#include <vector>

#include "records.hpp"

namespace keelback::capi {

struct TableFacts {
  std::vector<std::string> columns;
  std::vector<uint8_t> keys;
  std::vector<int> numbers;  // of the columns in the table: those that are generated are left out

  [[nodiscard]] bool has_key() const {
    for (const uint8_t key : keys) {
      if (key != 0) return true;
    }
    return false;
  }
};

// No columns where there is no such table.
int read_table_facts(sqlite3* db, const std::string& schema, const std::string& table, TableFacts& facts);

// A prepared statement that is finalized at the end.
class PreparedText {
 public:
  PreparedText() = default;
  PreparedText(const PreparedText&) = delete;
  PreparedText& operator=(const PreparedText&) = delete;
  ~PreparedText() { sqlite3_finalize(statement_); }

  int prepare(sqlite3* db, const std::string& sql) {
    sqlite3_finalize(statement_);
    statement_ = nullptr;
    return sqlite3_prepare_v2(db, sql.c_str(), static_cast<int>(sql.size()), &statement_, nullptr);
  }
  [[nodiscard]] sqlite3_stmt* get() const { return statement_; }
  [[nodiscard]] bool is_there() const { return statement_ != nullptr; }

 private:
  sqlite3_stmt* statement_ = nullptr;
};

// "name" with its quotes doubled.
std::string quoted(std::string_view name);
// SELECT of all columns of the row whose primary key the parameters ?1, ... (by column) are.
std::string select_by_key(const std::string& schema, const std::string& table, const TableFacts& facts);
// Parameter = the value; an undefined one is left alone.
int bind_bytes(sqlite3_stmt* statement, int parameter, std::string_view value);
int bind_value(sqlite3_stmt* statement, int parameter, sqlite3_value* value);

}  // namespace keelback::capi

#endif
