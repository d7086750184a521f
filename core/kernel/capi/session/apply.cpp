// sqlite3changeset_apply: the changes of a changeset made in the tables of `main`, with a conflict handler.
//
// 1. All or nothing: everything happens within a savepoint, and foreign keys are looked at in the end.
// 2. A change that breaks a constraint although no row is in its way is put off until the others of its table are
//    done, as one of them may make room.
//
// Source: https://sqlite.org/session/sqlite3changeset_apply.html
#include <algorithm>

#include "../database.hpp"
#include "../error.hpp"
#include "../guard.hpp"
#include "iterator.hpp"
#include "table_facts.hpp"

using namespace keelback::capi;

namespace {

struct Handlers {
  int (*filter)(void*, const char*) = nullptr;
  int (*filter_change)(void*, sqlite3_changeset_iter*) = nullptr;
  int (*conflict)(void*, int, sqlite3_changeset_iter*) = nullptr;
  void* context = nullptr;
};

bool is_constraint(int code) { return (code & 0xFF) == SQLITE_CONSTRAINT; }

int run(sqlite3* db, const char* sql) { return sqlite3_exec(db, sql, nullptr, nullptr, nullptr); }

class Applier {
 public:
  Applier(sqlite3* db, const Handlers& handlers, bool ignores_noops)
      : db_(db), handlers_(handlers), ignores_noops_(ignores_noops) {}

  int apply(sqlite3_changeset_iter& changes);

 private:
  // The row that is in the way of a change, for the handler; what is to become of the change.
  enum class Answer { done, replace };

  int begin_table(const ChangedTable& table);
  int end_table();
  int apply_with_retry(sqlite3_changeset_iter& change);
  int apply_one(sqlite3_changeset_iter& change, bool is_forced, bool may_conflict, Answer& answer, bool& is_insert);
  int meet_conflict(int kind, sqlite3_changeset_iter& change, bool may_replace, Answer& answer);
  int find_row(sqlite3_changeset_iter& change, bool& is_there);
  int remove_row(sqlite3_changeset_iter& change);
  int prepare_update(const sqlite3_changeset_iter& change);
  bool is_done_already(sqlite3_changeset_iter& change) const;

  [[nodiscard]] int place_of(size_t column) const { return static_cast<int>(column) + 1; }
  [[nodiscard]] std::string key_condition() const;

  sqlite3* db_;
  const Handlers& handlers_;
  bool ignores_noops_;
  std::string table_;
  TableFacts facts_;
  bool is_skipped_ = false;
  bool puts_off_ = true;
  bool is_patchset_ = false;
  std::vector<uint8_t> keys_;
  PreparedText select_, insert_, delete_, update_;
  std::vector<bool> updated_;  // the columns that `update_` sets
  std::string put_off_;
};

std::string Applier::key_condition() const {
  std::string text;
  for (size_t column = 0; column < facts_.columns.size(); ++column) {
    if (facts_.keys[column] == 0) continue;
    if (!text.empty()) text += " AND ";
    text += quoted(facts_.columns[column]) + " = ?" + std::to_string(place_of(column));
  }
  return text;
}

int Applier::begin_table(const ChangedTable& table) {
  table_ = table.name;
  is_skipped_ = false;
  puts_off_ = true;
  put_off_.clear();
  keys_ = table.keys;
  updated_.clear();
  if (const int code = read_table_facts(db_, "main", table.name, facts_); code != SQLITE_OK) return code;
  const size_t width = facts_.columns.size();
  if (width == 0) {
    sqlite3_log(SQLITE_SCHEMA, "sqlite3changeset_apply(): no such table: %s", table_.c_str());
    is_skipped_ = true;
  } else if (width < table.width()) {
    sqlite3_log(SQLITE_SCHEMA, "sqlite3changeset_apply(): table %s has %d columns, expected %d or more", table_.c_str(),
                static_cast<int>(width), static_cast<int>(table.width()));
    is_skipped_ = true;
  } else if (!std::equal(table.keys.begin(), table.keys.end(), facts_.keys.begin()) ||
             std::any_of(facts_.keys.begin() + static_cast<std::ptrdiff_t>(table.width()), facts_.keys.end(),
                         [](uint8_t key) { return key != 0; })) {
    sqlite3_log(SQLITE_SCHEMA, "sqlite3changeset_apply(): primary key mismatch for table %s", table_.c_str());
    is_skipped_ = true;
  }
  if (is_skipped_) return SQLITE_OK;
  // A row made here has defaults in the columns that the changeset does not know.
  facts_.columns.resize(table.width());
  facts_.keys.resize(table.width());
  std::string columns, parameters, differences;
  for (size_t column = 0; column < table.width(); ++column) {
    const std::string number = "?" + std::to_string(place_of(column));
    columns += (column > 0 ? ", " : "") + quoted(facts_.columns[column]);
    parameters += (column > 0 ? ", " : "") + number;
    if (facts_.keys[column] == 0) {
      differences += (differences.empty() ? "" : " AND ") + quoted(facts_.columns[column]) + " IS " + number;
    }
  }
  const std::string name = "main." + quoted(table_);
  const std::string flag = "?" + std::to_string(table.width() + 1);
  const std::string condition = differences.empty() ? "" : " AND (" + flag + " OR " + differences + ")";
  if (const int code = select_.prepare(db_, select_by_key("main", table_, facts_)); code != SQLITE_OK) return code;
  if (const int code = insert_.prepare(db_, "INSERT INTO " + name + "(" + columns + ") VALUES(" + parameters + ")");
      code != SQLITE_OK) {
    return code;
  }
  return delete_.prepare(db_, "DELETE FROM " + name + " WHERE " + key_condition() + condition);
}

// An UPDATE of the columns that the change has, of the row with its key and, unless it is forced, its old values.
int Applier::prepare_update(const sqlite3_changeset_iter& change) {
  std::vector<bool> updated;
  for (const auto& value : change.new_row) updated.push_back(value.has_value());
  if (update_.is_there() && updated == updated_) return sqlite3_clear_bindings(update_.get());
  updated_ = updated;
  const size_t width = facts_.columns.size();
  const std::string flag = "?" + std::to_string(2 * width + 1);
  std::string columns, differences;
  for (size_t column = 0; column < width; ++column) {
    if (!updated[column]) continue;
    const std::string name = quoted(facts_.columns[column]);
    columns += (columns.empty() ? "" : ", ") + name + " = ?" + std::to_string(width + column + 1);
    if (facts_.keys[column] != 0) continue;
    differences += (differences.empty() ? "" : " AND ") + name + " IS ?" + std::to_string(place_of(column));
  }
  const std::string condition = differences.empty() || is_patchset_ ? "" : " AND (" + flag + " OR " + differences + ")";
  return update_.prepare(db_,
                         "UPDATE main." + quoted(table_) + " SET " + columns + " WHERE " + key_condition() + condition);
}

int Applier::find_row(sqlite3_changeset_iter& change, bool& is_there) {
  auto& row = change.operation == SQLITE_INSERT ? change.new_row : change.old_row;
  for (size_t column = 0; column < row.size(); ++column) {
    if (facts_.keys[column] != 0) bind_value(select_.get(), place_of(column), row[column] ? &*row[column] : nullptr);
  }
  is_there = sqlite3_step(select_.get()) == SQLITE_ROW;
  return is_there ? SQLITE_OK : sqlite3_reset(select_.get());
}

// Whether the row in the way is what the change would make of it.
bool Applier::is_done_already(sqlite3_changeset_iter& change) const {
  if (change.operation == SQLITE_DELETE) return false;
  for (size_t column = 0; column < change.new_row.size(); ++column) {
    if (!change.new_row[column]) continue;
    std::string wanted, found;
    append_value(wanted, &*change.new_row[column]);
    append_column(found, select_.get(), static_cast<int>(column));
    if (wanted != found) return false;
  }
  return true;
}

int Applier::meet_conflict(int kind, sqlite3_changeset_iter& change, bool may_replace, Answer& answer) {
  answer = Answer::done;
  bool is_there = false;
  if (may_replace) {
    if (const int code = find_row(change, is_there); code != SQLITE_OK) return code;
  }
  int wish = SQLITE_CHANGESET_OMIT;
  if (is_there) {
    if (!ignores_noops_ || !is_done_already(change)) {
      change.conflict = select_.get();
      wish = handlers_.conflict(handlers_.context, kind, &change);
      change.conflict = nullptr;
    }
    if (const int code = sqlite3_reset(select_.get()); code != SQLITE_OK) return code;
  } else if (puts_off_ && kind == SQLITE_CHANGESET_CONFLICT) {
    if (put_off_.empty()) append_header(put_off_, change.table, change.is_patchset);
    Change again;
    again.operation = change.operation;
    again.is_indirect = change.is_indirect;
    again.record = change.record();
    append_change(put_off_, again);
    return SQLITE_OK;
  } else if (!ignores_noops_ || kind != SQLITE_CHANGESET_DATA || change.operation != SQLITE_DELETE) {
    const int other_kind = kind == SQLITE_CHANGESET_CONSTRAINT ? kind : kind + 1;
    wish = handlers_.conflict(handlers_.context, other_kind, &change);
    if (wish == SQLITE_CHANGESET_REPLACE) return SQLITE_MISUSE;
  }
  if (wish == SQLITE_CHANGESET_OMIT) return SQLITE_OK;
  if (wish == SQLITE_CHANGESET_ABORT) return SQLITE_ABORT;
  if (wish != SQLITE_CHANGESET_REPLACE || !may_replace) return SQLITE_MISUSE;
  answer = Answer::replace;
  return SQLITE_OK;
}

// is_forced: whatever the row looks like. Without `may_conflict` nobody is asked any more.
int Applier::apply_one(sqlite3_changeset_iter& change, bool is_forced, bool may_conflict, Answer& answer,
                       bool& is_insert) {
  answer = Answer::done;
  is_insert = change.operation == SQLITE_INSERT;
  const size_t width = facts_.columns.size();
  sqlite3_stmt* statement = is_insert ? insert_.get() : delete_.get();
  if (change.operation == SQLITE_UPDATE) {
    const bool is_nothing =
        std::none_of(change.new_row.begin(), change.new_row.end(), [](const auto& value) { return value.has_value(); });
    if (is_nothing) return SQLITE_OK;
    if (const int code = prepare_update(change); code != SQLITE_OK) return code;
    statement = update_.get();
    for (size_t column = 0; column < width; ++column) {
      if (change.new_row[column]) {
        bind_value(statement, static_cast<int>(width + column) + 1, &*change.new_row[column]);
      }
    }
  }
  auto& row = is_insert ? change.new_row : change.old_row;
  for (size_t column = 0; column < width; ++column) {
    if (row[column]) bind_value(statement, place_of(column), &*row[column]);
  }
  // Of a patchset the other values are not known.
  if (change.operation == SQLITE_DELETE) {
    sqlite3_bind_int(statement, place_of(width), is_forced || change.is_patchset ? 1 : 0);
  } else if (change.operation == SQLITE_UPDATE) {
    sqlite3_bind_int(statement, place_of(2 * width), is_forced ? 1 : 0);
  }
  sqlite3_step(statement);
  const int code = sqlite3_reset(statement);
  if (code == SQLITE_OK) {
    if (is_insert || sqlite3_changes(db_) > 0) return SQLITE_OK;
    return may_conflict ? meet_conflict(SQLITE_CHANGESET_DATA, change, true, answer) : SQLITE_OK;
  }
  if (!is_constraint(code) || !may_conflict) return code;
  if (is_insert) return meet_conflict(SQLITE_CHANGESET_CONFLICT, change, true, answer);
  return meet_conflict(SQLITE_CHANGESET_CONFLICT, change, false, answer);
}

int Applier::remove_row(sqlite3_changeset_iter& change) {
  for (size_t column = 0; column < facts_.columns.size(); ++column) {
    if (facts_.keys[column] != 0 && change.new_row[column]) {
      bind_value(delete_.get(), place_of(column), &*change.new_row[column]);
    }
  }
  sqlite3_bind_int(delete_.get(), place_of(facts_.columns.size()), 1);
  sqlite3_step(delete_.get());
  return sqlite3_reset(delete_.get());
}

int Applier::apply_with_retry(sqlite3_changeset_iter& change) {
  Answer answer = Answer::done;
  bool is_insert = false;
  int code = apply_one(change, false, true, answer, is_insert);
  if (code != SQLITE_OK || answer == Answer::done) return code;
  Answer ignored = Answer::done;
  if (!is_insert) return apply_one(change, true, false, ignored, is_insert);
  code = run(db_, "SAVEPOINT replace_op");
  if (code == SQLITE_OK) code = remove_row(change);
  if (code == SQLITE_OK) code = apply_one(change, true, false, ignored, is_insert);
  return code == SQLITE_OK ? run(db_, "RELEASE replace_op") : code;
}

// What was put off is tried again as long as that gets anywhere, and then the handler is asked.
int Applier::end_table() {
  while (!put_off_.empty()) {
    const std::string again = std::move(put_off_);
    put_off_.clear();
    sqlite3_changeset_iter changes(again);
    int code = SQLITE_OK;
    while ((code = changes.next()) == SQLITE_ROW) {
      if (const int applied = apply_with_retry(changes); applied != SQLITE_OK) return applied;
    }
    if (code != SQLITE_DONE) return code;
    if (put_off_.size() >= again.size()) puts_off_ = false;
  }
  return SQLITE_OK;
}

int Applier::apply(sqlite3_changeset_iter& changes) {
  int code = SQLITE_OK;
  bool is_begun = false;
  bool is_wanted = false;
  while ((code = changes.next()) == SQLITE_ROW) {
    if (!is_begun || !are_same_name(table_, changes.table.name) || keys_ != changes.table.keys) {
      if (const int ended = is_wanted ? end_table() : SQLITE_OK; ended != SQLITE_OK) return ended;
      is_begun = true;
      is_patchset_ = changes.is_patchset;
      table_ = changes.table.name;
      keys_ = changes.table.keys;
      is_wanted = handlers_.filter == nullptr || handlers_.filter(handlers_.context, table_.c_str()) != 0;
      if (is_wanted) {
        if (const int begun = begin_table(changes.table); begun != SQLITE_OK) return begun;
        is_wanted = !is_skipped_;
      }
    }
    if (!is_wanted) continue;
    if (handlers_.filter_change != nullptr && handlers_.filter_change(handlers_.context, &changes) == 0) continue;
    if (const int applied = apply_with_retry(changes); applied != SQLITE_OK) return applied;
  }
  if (code != SQLITE_DONE) return code;
  return is_wanted ? end_table() : SQLITE_OK;
}

// 1 where deferred foreign keys are broken: SQLite does not tell how many.
int count_broken_keys(sqlite3* db) {
  int count = 0, unused = 0;
  return sqlite3_db_status(db, SQLITE_DBSTATUS_DEFERRED_FKS, &count, &unused, 0) == SQLITE_OK ? count : 0;
}

bool defers_keys(sqlite3* db) {
  PreparedText statement;
  if (statement.prepare(db, "PRAGMA defer_foreign_keys") != SQLITE_OK) return false;
  return sqlite3_step(statement.get()) == SQLITE_ROW && sqlite3_column_int(statement.get(), 0) != 0;
}

int apply(sqlite3* db, sqlite3_changeset_iter& changes, const Handlers& handlers, void** rebase, int* rebase_size,
          int flags) {
  if (!is_usable(db) || handlers.conflict == nullptr) return misuse("sqlite3changeset_apply");
  if (rebase != nullptr) *rebase = nullptr;
  if (rebase_size != nullptr) *rebase_size = 0;
  Lock lock(db->mutex);
  const bool has_savepoint = (flags & SQLITE_CHANGESETAPPLY_NOSAVEPOINT) == 0;
  changes.is_inverse = (flags & SQLITE_CHANGESETAPPLY_INVERT) != 0;
  const bool deferred_before = defers_keys(db);
  int code = has_savepoint ? run(db, "SAVEPOINT changeset_apply") : SQLITE_OK;
  if (code != SQLITE_OK) return code;
  if (!deferred_before) run(db, "PRAGMA defer_foreign_keys = 1");
  Applier applier(db, handlers, (flags & SQLITE_CHANGESETAPPLY_IGNORENOOP) != 0);
  code = applier.apply(changes);
  if (code == SQLITE_OK) {
    if (const int broken = count_broken_keys(db); broken != 0) {
      sqlite3_changeset_iter told;
      told.broken_keys = broken;
      const int wish = handlers.conflict(handlers.context, SQLITE_CHANGESET_FOREIGN_KEY, &told);
      if (wish != SQLITE_CHANGESET_OMIT) code = SQLITE_CONSTRAINT;
    }
  }
  if (!deferred_before) run(db, "PRAGMA defer_foreign_keys = 0");
  if (has_savepoint) {
    if (code == SQLITE_OK) {
      code = run(db, "RELEASE changeset_apply");
    }
    if (code != SQLITE_OK) {
      run(db, "ROLLBACK TO changeset_apply");
      run(db, "RELEASE changeset_apply");
    }
  }
  return code;
}

int apply_bytes(sqlite3* db, int size, void* bytes, const Handlers& handlers, void** rebase, int* rebase_size,
                int flags) {
  return guard(SQLITE_NOMEM, [&] {
    const std::string_view view(static_cast<const char*>(bytes), size > 0 ? static_cast<size_t>(size) : 0);
    sqlite3_changeset_iter changes(view);
    return apply(db, changes, handlers, rebase, rebase_size, flags);
  });
}

int apply_stream(sqlite3* db, int (*read)(void*, void*, int*), void* read_context, const Handlers& handlers,
                 void** rebase, int* rebase_size, int flags) {
  if (read == nullptr) return misuse("sqlite3changeset_apply_strm");
  return guard(SQLITE_NOMEM, [&] {
    std::string bytes;
    if (const int code = stream_in(read, read_context, bytes); code != SQLITE_OK) return code;
    sqlite3_changeset_iter changes(bytes);
    return apply(db, changes, handlers, rebase, rebase_size, flags);
  });
}

using Filter = int (*)(void*, const char*);
using ChangeFilter = int (*)(void*, sqlite3_changeset_iter*);
using Conflict = int (*)(void*, int, sqlite3_changeset_iter*);
using Input = int (*)(void*, void*, int*);

}  // namespace

extern "C" {

int sqlite3changeset_apply(sqlite3* db, int size, void* bytes, Filter filter, Conflict conflict, void* context) {
  return apply_bytes(db, size, bytes, {filter, nullptr, conflict, context}, nullptr, nullptr, 0);
}

int sqlite3changeset_apply_v2(sqlite3* db, int size, void* bytes, Filter filter, Conflict conflict, void* context,
                              void** rebase, int* rebase_size, int flags) {
  return apply_bytes(db, size, bytes, {filter, nullptr, conflict, context}, rebase, rebase_size, flags);
}

int sqlite3changeset_apply_v3(sqlite3* db, int size, void* bytes, ChangeFilter filter, Conflict conflict, void* context,
                              void** rebase, int* rebase_size, int flags) {
  return apply_bytes(db, size, bytes, {nullptr, filter, conflict, context}, rebase, rebase_size, flags);
}

int sqlite3changeset_apply_strm(sqlite3* db, Input read, void* read_context, Filter filter, Conflict conflict,
                                void* context) {
  return apply_stream(db, read, read_context, {filter, nullptr, conflict, context}, nullptr, nullptr, 0);
}

int sqlite3changeset_apply_v2_strm(sqlite3* db, Input read, void* read_context, Filter filter, Conflict conflict,
                                   void* context, void** rebase, int* rebase_size, int flags) {
  return apply_stream(db, read, read_context, {filter, nullptr, conflict, context}, rebase, rebase_size, flags);
}

int sqlite3changeset_apply_v3_strm(sqlite3* db, Input read, void* read_context, ChangeFilter filter, Conflict conflict,
                                   void* context, void** rebase, int* rebase_size, int flags) {
  return apply_stream(db, read, read_context, {nullptr, filter, conflict, context}, rebase, rebase_size, flags);
}

}  // extern "C"
