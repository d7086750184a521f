// struct sqlite3_stmt: a prepared statement as C sees it.
//
// 1. Parameters are kept here and handed to the engine together before the first step after a change.
// 2. Columns are read from the engine's row until the next step or reset; a sqlite3_value is made only of a column that
//    has to be converted or handed out as one.
// 3. `result` is what the last step gave; reset and finalize repeat its error.
#ifndef KEELBACK_CAPI_STATEMENT_HPP
#define KEELBACK_CAPI_STATEMENT_HPP

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "../engine/engine.hpp"
#include "database.hpp"
#include "value.hpp"

namespace keelback::capi {

int prepare(sqlite3* db, const char* sql, size_t most, unsigned flags, bool is_legacy, sqlite3_stmt** statement,
            size_t& tail);

// Names of a column that have been asked for as UTF-16.
struct WideNames {
  std::u16string name, declared_type, database, table, origin;
};

// A column's value with the conversions that were asked of it; good for the row of that serial.
struct ConvertedColumn {
  sqlite3_value value;
  uint64_t serial = 0;
};

// What sqlite3_bind_pointer gave: the number under which the connection keeps it.
struct BoundPointer {
  size_t parameter = 0;
  int64_t number = 0;
};

}  // namespace keelback::capi

struct sqlite3_stmt {
 public:
  enum class Phase { ready, row, done, halted };

  sqlite3_stmt() = default;
  sqlite3_stmt(const sqlite3_stmt&) = delete;
  sqlite3_stmt& operator=(const sqlite3_stmt&) = delete;
  ~sqlite3_stmt() { forget_pointers(); }

  sqlite3* db = nullptr;
  std::unique_ptr<keelback::capi::EngineStatement> engine;
  keelback::capi::StatementDescription description;
  std::string_view sql;
  std::string normalized;  // as soon as somebody asks
  std::vector<keelback::capi::WideNames> wide_names;
  std::vector<keelback::OwnedValue> parameters;
  std::vector<keelback::capi::BoundPointer> pointers;
  // The numbers of the parameters that sqlite3_bind_zeroblob has bound, which are shown as it was told.
  std::vector<size_t> zero_blobs;
  bool are_parameters_dirty = false;
  keelback::Row row;
  Phase phase = Phase::ready;
  int result = SQLITE_OK;  // of the last step
  bool is_legacy = false;  // sqlite3_prepare: step gives SQLITE_ERROR, reset the real code
  std::array<int64_t, keelback::program::statement_count_end> counters{};
  sqlite3_stmt* next = nullptr;
  sqlite3_stmt* previous = nullptr;

  [[nodiscard]] bool is_busy() const { return phase == Phase::row; }
  int step();
  int reset();
  // A step has run out of memory: it has ended with that.
  int run_out_of_memory();
  char* expanded_sql();
  // The column of the row at hand, null if there is none.
  [[nodiscard]] const keelback::Value* column(int index) const {
    return static_cast<size_t>(index) < row.size() ? &row[static_cast<size_t>(index)] : nullptr;
  }
  // The same as a value with conversions, for an index that there is.
  sqlite3_value* converted(int index);
  void describe_anew();
  // Forget the pointers bound to a parameter, or all.
  void forget_pointers(size_t parameter = static_cast<size_t>(-1));

 private:
  friend int keelback::capi::prepare(sqlite3* db, const char* sql, size_t most, unsigned flags, bool is_legacy,
                                     sqlite3_stmt** statement, size_t& tail);

  int begin();
  keelback::engine::Failure hand_over_parameters();
  // Tell those who trace and measure statements.
  void tell_begin();
  void tell_end();
  void end(Phase to);
  void adopt_description();
  void let_row_go() {
    row = {};
    ++row_serial;
  }

  bool is_running = false;
  long long started_ns = 0;
  uint64_t row_serial = 1;
  std::vector<keelback::capi::ConvertedColumn> conversions;
  std::shared_ptr<const void> sql_owner;
  keelback::capi::Failure last_failure;
};

namespace keelback::capi {

inline bool is_usable(const sqlite3_stmt* statement) { return statement != nullptr && statement->db != nullptr; }

// Prepares the first statement of `sql`, which ends with its first NUL or after `most` bytes; `tail` counts the bytes
// used. The database's error is set.
int prepare(sqlite3* db, const char* sql, size_t most, unsigned flags, bool is_legacy, sqlite3_stmt** statement,
            size_t& tail);
int finalize(sqlite3_stmt* statement);

}  // namespace keelback::capi

#endif
