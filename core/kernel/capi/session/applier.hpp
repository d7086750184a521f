// Applies the changes of one changeset or patchset to the tables of `main`, one after the other.
//
// 1. A change that breaks a constraint although no row is in its way is put off until the others of its table are
//    done, as one of them may make room (applier_retry.cpp).
// 2. Of each conflict that was answered the rebase information says how.
//
// Source: https://sqlite.org/session/sqlite3changeset_apply.html
#ifndef KEELBACK_CAPI_SESSION_APPLIER_HPP
#define KEELBACK_CAPI_SESSION_APPLIER_HPP

#include <optional>
#include <string>
#include <vector>

#include "iterator.hpp"
#include "table_facts.hpp"

namespace keelback::capi {

struct Handlers {
  int (*filter)(void*, const char*) = nullptr;
  int (*filter_change)(void*, sqlite3_changeset_iter*) = nullptr;
  int (*conflict)(void*, int, sqlite3_changeset_iter*) = nullptr;
  void* context = nullptr;
};

int run(sqlite3* db, const char* sql);

class Applier {
 public:
  // flags: SQLITE_CHANGESETAPPLY_*.
  Applier(sqlite3* db, const Handlers& handlers, int flags) : db_(db), handlers_(handlers), flags_(flags) {}

  int apply(sqlite3_changeset_iter& changes);
  // What sqlite3_rebaser is to be told of.
  [[nodiscard]] const std::string& rebase() const { return rebase_; }

 private:
  // The row that is in the way of a change, for the handler; what is to become of the change.
  enum class Answer { done, replace };

  int begin_table(const ChangedTable& table);
  int apply_with_retry(sqlite3_changeset_iter& change);
  int apply_one(sqlite3_changeset_iter& change, bool is_forced, Answer& answer);
  int meet_conflict(int kind, sqlite3_changeset_iter& change, bool may_replace, Answer& answer);
  int find_row(sqlite3_changeset_iter& change, bool& is_there);
  int remove_row(sqlite3_changeset_iter::Row& row);
  int prepare_update(const sqlite3_changeset_iter& change);
  void note_answer(int wish, sqlite3_changeset_iter& change);

  // applier_retry.cpp
  int end_table();
  // Tries changes of this table again; the one of that number is left out.
  int retry(const std::string& changes, size_t left_out);
  int retry_until_stuck(size_t left_out);
  // The same without the update of that number (`is_there`: if there is one), whose row is taken out meanwhile.
  int retry_without_update(size_t number, bool& is_there, bool& is_done);
  int take_out(sqlite3_changeset_iter& update, PreparedText& insert, bool& is_there);

  [[nodiscard]] bool ignores_noops() const { return (flags_ & SQLITE_CHANGESETAPPLY_IGNORENOOP) != 0; }
  [[nodiscard]] int place_of(size_t column) const { return static_cast<int>(column) + 1; }

  sqlite3* db_;
  const Handlers& handlers_;
  int flags_;
  std::string table_;
  TableFacts facts_;
  bool is_skipped_ = false;
  bool puts_off_ = true;
  bool is_patchset_ = false;
  std::vector<uint8_t> keys_;
  PreparedText select_, insert_, delete_, update_;
  std::vector<bool> updated_;  // the columns that `update_` sets, and those that it compares
  std::string put_off_;
  std::string rebase_;
  bool has_rebase_header_ = false;
};

}  // namespace keelback::capi

#endif
