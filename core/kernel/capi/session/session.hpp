// sqlite3_session: what has changed in the tables of a database since the session began to watch.
//
// 1. Of a change the session keeps the primary key and, where there was a row, the row as it was at first. What has
//    become of it is read when a changeset is made.
// 2. Sessions of a connection are told of rows beside its preupdate hook, the newest session first.
#ifndef KEELBACK_CAPI_SESSION_SESSION_HPP
#define KEELBACK_CAPI_SESSION_SESSION_HPP

#include <memory>
#include <string>
#include <vector>

#include "../preupdate.hpp"
#include "records.hpp"
#include "table_facts.hpp"

namespace keelback::capi {

// A table that a session watches; its facts are read at the first change.
struct WatchedTable : ChangedTable {
  TableFacts facts;
  bool is_known = false;
};

// A row before and after; null where there is none.
struct RowChange {
  int operation = 0;
  int depth = 0;
  std::vector<sqlite3_value*> old_values;
  std::vector<sqlite3_value*> new_values;
};

}  // namespace keelback::capi

struct sqlite3_session {
 public:
  sqlite3_session(sqlite3* connection, std::string name) : db(connection), schema(std::move(name)) {}

  // The table of that name, if it is watched; is_asked_for: watched from now on, unless the filter is against it.
  keelback::capi::WatchedTable* find_table(const std::string& name, bool is_asked_for = false);
  keelback::capi::WatchedTable* add_table(const std::string& name);
  // Reads what is to be known of a table; again, when it may have got more columns; so that it has so many. SCHEMA.
  int learn(keelback::capi::WatchedTable& table);
  int learn_again(keelback::capi::WatchedTable& table);
  int learn_at_width(keelback::capi::WatchedTable& table, size_t stored_width);
  void note(keelback::capi::WatchedTable& table, const keelback::capi::RowChange& change);
  // The changes as bytes.
  int write(bool is_patchset, std::string& out);
  [[nodiscard]] bool is_empty() const;

  sqlite3* db;
  std::string schema;
  bool is_enabled = true;
  bool is_indirect = false;
  bool watches_all = false;
  bool tells_size = false;
  bool knows_rowids = false;  // as keys of tables without one
  int error = SQLITE_OK;
  int (*filter)(void*, const char*) = nullptr;
  void* filter_context = nullptr;
  std::vector<std::unique_ptr<keelback::capi::WatchedTable>> tables;

 private:
  void note_one(keelback::capi::WatchedTable& table, const keelback::capi::RowChange& change, int operation);
};

#endif
