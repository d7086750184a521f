// What sessions ask of a table: its columns and its primary key, and the rows with a given one.
//
// 1. A table without a primary key may be known by its rowid, which is then the first column.
// 2. sqlite_stat1 has none either, and counts as one of the primary key (tbl, idx); an idx of NULL, which would have no
//    place in a key, is an empty blob in changesets.
#ifndef KEELBACK_CAPI_SESSION_TABLE_FACTS_HPP
#define KEELBACK_CAPI_SESSION_TABLE_FACTS_HPP

#include <string>
#include <vector>

#include "records.hpp"

namespace keelback::capi {

struct TableFacts {
  std::vector<std::string> columns;
  std::vector<std::string> defaults;  // the expressions; empty: NULL
  std::vector<uint8_t> keys;
  std::vector<int> numbers;  // of the columns among those that are stored: generated ones are left out; rowid_number
  size_t stored_width = 0;   // with those that are generated and stored
  bool has_rowid_key = false;
  bool is_statistics = false;

  static constexpr int rowid_number = -1;
  // Of sqlite_stat1.
  static constexpr size_t idx_place = 1;

  [[nodiscard]] bool has_key() const {
    for (const uint8_t key : keys) {
      if (key != 0) return true;
    }
    return false;
  }
};

// No columns where there is no such table. may_use_rowid: as the key of a table without one.
int read_table_facts(sqlite3* db, const std::string& schema, const std::string& table, bool may_use_rowid,
                     TableFacts& facts);

// Of sqlite_stat1.
TableFacts statistics_facts();

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
// Conditions for the row whose primary key the parameters ?1, ... (by column) are.
std::string key_condition(const TableFacts& facts);
// SELECT of all columns of that row. tells_noops: and whether it has the values of the other parameters already; those
// behind all columns say which of them do not matter.
std::string select_by_key(const std::string& schema, const std::string& table, const TableFacts& facts,
                          bool tells_noops = false);
// INSERT of a row with these parameters into a table of `main`.
std::string insert_into(const std::string& table, const TableFacts& facts);
// The default values of all columns as a record each.
int read_defaults(sqlite3* db, const TableFacts& facts, std::vector<std::string>& values);
// Parameter = the value; an undefined one is left alone.
int bind_bytes(sqlite3_stmt* statement, int parameter, std::string_view value);
int bind_value(sqlite3_stmt* statement, int parameter, sqlite3_value* value);

}  // namespace keelback::capi

#endif
