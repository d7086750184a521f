#include "applier.hpp"

#include <algorithm>

#include "../database.hpp"
#include "../error.hpp"

namespace keelback::capi {

namespace {

bool is_constraint(int code) { return (code & 0xFF) == SQLITE_CONSTRAINT; }

}  // namespace

int run(sqlite3* db, const char* sql) { return sqlite3_exec(db, sql, nullptr, nullptr, nullptr); }

int Applier::begin_table(const ChangedTable& table) {
  table_ = table.name;
  is_skipped_ = false;
  puts_off_ = true;
  put_off_.clear();
  has_rebase_header_ = false;
  keys_ = table.keys;
  updated_.clear();
  if (const int code = read_table_facts(db_, "main", table.name, true, facts_); code != SQLITE_OK) return code;
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
  std::string differences;
  for (size_t column = 0; column < table.width(); ++column) {
    if (facts_.keys[column] != 0) continue;
    differences += (differences.empty() ? "" : " AND ") + quoted(facts_.columns[column]) + " IS ?" +
                   std::to_string(place_of(column));
  }
  const std::string flag = "?" + std::to_string(table.width() + 1);
  const std::string condition = differences.empty() ? "" : " AND (" + flag + " OR " + differences + ")";
  int code = select_.prepare(db_, select_by_key("main", table_, facts_, ignores_noops()));
  if (code == SQLITE_OK) code = insert_.prepare(db_, insert_into(table_, facts_));
  if (code != SQLITE_OK) return code;
  return delete_.prepare(db_, "DELETE FROM main." + quoted(table_) + " WHERE " + key_condition(facts_) + condition);
}

// An UPDATE of the columns that the change has, of the row with its key and, unless it is forced, its old values.
int Applier::prepare_update(const sqlite3_changeset_iter& change) {
  const size_t width = facts_.columns.size();
  std::vector<bool> updated;
  for (const auto& value : change.new_row) updated.push_back(value.has_value());
  for (const auto& value : change.old_row) updated.push_back(value.has_value());
  if (update_.is_there() && updated == updated_) return sqlite3_clear_bindings(update_.get());
  updated_ = updated;
  const std::string flag = "?" + std::to_string(2 * width + 1);
  std::string columns, differences;
  for (size_t column = 0; column < width; ++column) {
    if (facts_.keys[column] != 0) continue;
    const std::string name = quoted(facts_.columns[column]);
    if (updated[column]) {
      columns += (columns.empty() ? "" : ", ") + name + " = ?" + std::to_string(width + column + 1);
    }
    if (!updated[width + column]) continue;
    differences += (differences.empty() ? "" : " AND ") + name + " IS ?" + std::to_string(place_of(column));
  }
  const std::string condition = differences.empty() || is_patchset_ ? "" : " AND (" + flag + " OR " + differences + ")";
  return update_.prepare(
      db_, "UPDATE main." + quoted(table_) + " SET " + columns + " WHERE " + key_condition(facts_) + condition);
}

int Applier::find_row(sqlite3_changeset_iter& change, bool& is_there) {
  sqlite3_stmt* select = select_.get();
  sqlite3_clear_bindings(select);
  auto& row = change.operation == SQLITE_INSERT ? change.new_row : change.old_row;
  for (size_t column = 0; column < row.size(); ++column) {
    if (facts_.keys[column] != 0) {
      bind_value(select, place_of(column), row[column] ? &*row[column] : nullptr);
    } else if (ignores_noops() && change.operation != SQLITE_DELETE) {
      auto& value = change.new_row[column];
      sqlite3_bind_int(select, place_of(row.size() + column), value ? 0 : 1);
      if (value) bind_value(select, place_of(column), &*value);
    }
  }
  is_there = sqlite3_step(select) == SQLITE_ROW;
  return is_there ? SQLITE_OK : sqlite3_reset(select);
}

int Applier::meet_conflict(int kind, sqlite3_changeset_iter& change, bool may_replace, Answer& answer) {
  answer = Answer::done;
  bool is_there = false;
  if (may_replace) {
    if (const int code = find_row(change, is_there); code != SQLITE_OK) return code;
  }
  int wish = SQLITE_CHANGESET_OMIT;
  if (is_there) {
    sqlite3_stmt* row = select_.get();
    const bool is_noop = ignores_noops() && sqlite3_column_int(row, sqlite3_column_count(row) - 1) != 0;
    if (!is_noop) {
      change.conflict = row;
      wish = handlers_.conflict(handlers_.context, kind, &change);
      change.conflict = nullptr;
    }
    if (const int code = sqlite3_reset(row); code != SQLITE_OK) return code;
  } else if (puts_off_ && kind == SQLITE_CHANGESET_CONFLICT) {
    if (put_off_.empty()) append_header(put_off_, change.table, change.is_patchset);
    put_off_ += change.bytes();
    return SQLITE_OK;
  } else if (!ignores_noops() || kind == SQLITE_CHANGESET_CONFLICT || change.operation != SQLITE_DELETE) {
    wish = handlers_.conflict(handlers_.context, kind + 1, &change);
    if (wish == SQLITE_CHANGESET_REPLACE) return SQLITE_MISUSE;
  }
  if (wish == SQLITE_CHANGESET_ABORT) return SQLITE_ABORT;
  if (wish != SQLITE_CHANGESET_OMIT && (wish != SQLITE_CHANGESET_REPLACE || !may_replace)) return SQLITE_MISUSE;
  if (wish == SQLITE_CHANGESET_REPLACE) answer = Answer::replace;
  note_answer(wish, change);
  return SQLITE_OK;
}

void Applier::note_answer(int wish, sqlite3_changeset_iter& change) {
  if (!has_rebase_header_) append_header(rebase_, change.table, false);
  has_rebase_header_ = true;
  const bool is_delete = change.operation == SQLITE_DELETE;
  rebase_.push_back(is_delete ? SQLITE_DELETE : SQLITE_INSERT);
  rebase_.push_back(wish == SQLITE_CHANGESET_REPLACE ? 1 : 0);
  for (size_t column = 0; column < change.table.width(); ++column) {
    const bool is_old = is_delete || (change.operation == SQLITE_UPDATE && keys_[column] != 0);
    auto& value = is_old ? change.old_row[column] : change.new_row[column];
    append_value(rebase_, value ? &*value : nullptr);
  }
}

// is_forced: whatever the row looks like.
int Applier::apply_one(sqlite3_changeset_iter& change, bool is_forced, Answer& answer) {
  answer = Answer::done;
  const bool is_insert = change.operation == SQLITE_INSERT;
  const bool is_update = change.operation == SQLITE_UPDATE;
  const size_t width = facts_.columns.size();
  sqlite3_stmt* statement = is_insert ? insert_.get() : delete_.get();
  if (is_update) {
    const bool is_nothing =
        std::none_of(change.new_row.begin(), change.new_row.end(), [](const auto& value) { return value.has_value(); });
    if (is_nothing) return SQLITE_OK;
    if (const int code = prepare_update(change); code != SQLITE_OK) return code;
    statement = update_.get();
    for (size_t column = 0; column < width; ++column) {
      if (facts_.keys[column] != 0 || !change.new_row[column]) continue;
      bind_value(statement, place_of(width + column), &*change.new_row[column]);
    }
  }
  auto& row = is_insert ? change.new_row : change.old_row;
  for (size_t column = 0; column < width; ++column) {
    if (row[column]) {
      bind_value(statement, place_of(column), &*row[column]);
    } else if (!is_update && (is_insert || !change.is_patchset)) {
      return SQLITE_CORRUPT;
    }
  }
  // Of a patchset the other values are not known.
  if (change.operation == SQLITE_DELETE) {
    sqlite3_bind_int(statement, place_of(width), is_forced || change.is_patchset ? 1 : 0);
  } else if (is_update) {
    sqlite3_bind_int(statement, place_of(2 * width), is_forced ? 1 : 0);
  }
  if (is_insert && facts_.is_statistics) {
    // Its key is ours alone, so that no constraint tells.
    bool is_there = false;
    if (const int code = find_row(change, is_there); code != SQLITE_OK) return code;
    if (is_there) {
      sqlite3_reset(select_.get());
      return meet_conflict(SQLITE_CHANGESET_CONFLICT, change, !is_forced, answer);
    }
  }
  sqlite3_step(statement);
  const int code = sqlite3_reset(statement);
  if (is_constraint(code)) return meet_conflict(SQLITE_CHANGESET_CONFLICT, change, is_insert && !is_forced, answer);
  if (code != SQLITE_OK || is_insert || sqlite3_changes(db_) > 0) return code;
  return meet_conflict(SQLITE_CHANGESET_DATA, change, !is_forced, answer);
}

// The row with the key that these values have.
int Applier::remove_row(sqlite3_changeset_iter::Row& row) {
  sqlite3_stmt* statement = delete_.get();
  sqlite3_clear_bindings(statement);
  for (size_t column = 0; column < facts_.columns.size(); ++column) {
    if (facts_.keys[column] != 0 && row[column]) bind_value(statement, place_of(column), &*row[column]);
  }
  sqlite3_bind_int(statement, place_of(facts_.columns.size()), 1);
  sqlite3_step(statement);
  return sqlite3_reset(statement);
}

int Applier::apply_with_retry(sqlite3_changeset_iter& change) {
  Answer answer = Answer::done;
  int code = apply_one(change, false, answer);
  if (code != SQLITE_OK || answer == Answer::done) return code;
  Answer ignored = Answer::done;
  if (change.operation != SQLITE_INSERT) return apply_one(change, true, ignored);
  code = run(db_, "SAVEPOINT replace_op");
  if (code == SQLITE_OK) code = remove_row(change.new_row);
  if (code == SQLITE_OK) code = apply_one(change, true, ignored);
  return code == SQLITE_OK ? run(db_, "RELEASE replace_op") : code;
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

}  // namespace keelback::capi
