// struct sqlite3_stmt: a prepared statement as C sees it.
//
// 1. Parameters are kept here and handed to the engine together before the first step after a change.
// 2. A row is taken apart once per step; columns are views into the engine's row until the next step or reset.
// 3. `result` is what the last step gave; reset and finalize repeat its error.
#ifndef KEELBACK_CAPI_STATEMENT_HPP
#define KEELBACK_CAPI_STATEMENT_HPP

#include <memory>
#include <string>
#include <vector>

#include "../engine/engine.hpp"
#include "database.hpp"
#include "value.hpp"

namespace keelback::capi {

// Names of a column that have been asked for as UTF-16.
struct WideNames {
  std::u16string name, declared_type, database, table, origin;
};

}  // namespace keelback::capi

struct sqlite3_stmt {
 public:
  enum class Phase { ready, row, done, halted };

  sqlite3* db = nullptr;
  std::unique_ptr<keelback::capi::EngineStatement> engine;
  keelback::capi::StatementDescription description;
  std::string sql;
  std::vector<keelback::capi::WideNames> wide_names;
  std::vector<sqlite3_value> parameters;
  bool are_parameters_dirty = false;
  std::vector<sqlite3_value> columns;
  Phase phase = Phase::ready;
  int result = SQLITE_OK;  // of the last step
  bool is_legacy = false;  // sqlite3_prepare: step gives SQLITE_ERROR, reset the real code
  std::vector<int> counters = std::vector<int>(16, 0);
  sqlite3_stmt* next = nullptr;
  sqlite3_stmt* previous = nullptr;

  [[nodiscard]] bool is_busy() const { return phase == Phase::row; }
  int step();
  int reset();
  char* expanded_sql();

 private:
  int begin();
  keelback::engine::Failure hand_over_parameters();
  void end(Phase to);
  void take_row(const keelback::engine::Row& row);

  bool is_running = false;
  long long started_ns = 0;
  keelback::capi::Failure last_failure;
};

namespace keelback::capi {

inline bool is_usable(const sqlite3_stmt* statement) { return statement != nullptr && statement->db != nullptr; }

// Prepares the first statement of `sql`; `tail` counts the bytes used. The database's error is set.
int prepare(sqlite3* db, std::string_view sql, unsigned flags, bool is_legacy, sqlite3_stmt** statement, size_t& tail);
int finalize(sqlite3_stmt* statement);

}  // namespace keelback::capi

#endif
