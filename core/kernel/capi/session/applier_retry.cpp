// The end of a table: the changes that were put off.
//
// 1. They are tried again as long as fewer are left each time.
// 2. Then each UPDATE among them in turn has its row taken out, the others are tried, and the row is put back as it is
//    to become: rows may have to change places. Where that breaks a constraint it is undone.
// 3. Then the handler is asked.
#include "../database.hpp"
#include "../error.hpp"
#include "applier.hpp"

namespace keelback::capi {

namespace {

constexpr size_t none_left_out = static_cast<size_t>(-1);

bool is_without_rowid(sqlite3* db, const std::string& table) {
  PreparedText statement;
  if (statement.prepare(db, "PRAGMA main.table_list(" + quoted(table) + ")") != SQLITE_OK) return false;
  return sqlite3_step(statement.get()) == SQLITE_ROW && sqlite3_column_int(statement.get(), 4) != 0;
}

}  // namespace

int Applier::retry(const std::string& again, size_t left_out) {
  sqlite3_changeset_iter changes(again, (flags_ & SQLITE_CHANGESETAPPLY_INVERT) != 0);
  int code = SQLITE_OK;
  for (size_t number = 0; (code = changes.next()) == SQLITE_ROW; ++number) {
    if (number == left_out) continue;
    if (const int applied = apply_with_retry(changes); applied != SQLITE_OK) return applied;
  }
  return code == SQLITE_DONE ? SQLITE_OK : code;
}

int Applier::retry_until_stuck(size_t left_out) {
  while (!put_off_.empty()) {
    const std::string again = std::move(put_off_);
    put_off_.clear();
    if (const int code = retry(again, left_out); code != SQLITE_OK) return code;
    if (put_off_.size() >= again.size()) break;
    left_out = none_left_out;
  }
  return SQLITE_OK;
}

// Deletes the row of an UPDATE, and prepares the INSERT of what it is to become.
int Applier::take_out(sqlite3_changeset_iter& update, PreparedText& insert, bool& is_there) {
  is_there = false;
  TableFacts facts = facts_;
  if (!facts.has_rowid_key && !is_without_rowid(db_, table_)) {
    facts.columns.emplace_back("_rowid_");
    facts.keys.push_back(0);
  }
  PreparedText select;
  int code = select.prepare(db_, select_by_key("main", table_, facts));
  if (code == SQLITE_OK) code = insert.prepare(db_, insert_into(table_, facts));
  if (code != SQLITE_OK) return code;
  for (size_t column = 0; column < facts_.columns.size(); ++column) {
    if (facts.keys[column] != 0) bind_value(select.get(), place_of(column), &*update.old_row[column]);
  }
  if (sqlite3_step(select.get()) != SQLITE_ROW) return sqlite3_reset(select.get());
  is_there = true;
  for (size_t column = 0; column < facts.columns.size(); ++column) {
    sqlite3_value* value = sqlite3_column_value(select.get(), static_cast<int>(column));
    if (column < facts_.columns.size() && update.new_row[column]) value = &*update.new_row[column];
    bind_value(insert.get(), place_of(column), value);
  }
  code = sqlite3_reset(select.get());
  return code == SQLITE_OK ? remove_row(update.old_row) : code;
}

int Applier::retry_without_update(size_t number, bool& is_there, bool& is_done) {
  is_there = is_done = false;
  const std::string before = put_off_;
  PreparedText insert;
  size_t place = 0;
  {
    sqlite3_changeset_iter changes(before, (flags_ & SQLITE_CHANGESETAPPLY_INVERT) != 0);
    size_t updates = 0;
    while (changes.next() == SQLITE_ROW) {
      is_there = changes.operation == SQLITE_UPDATE && updates++ == number;
      if (is_there) break;
      ++place;
    }
    if (!is_there) return SQLITE_OK;
    int code = run(db_, "SAVEPOINT update_op");
    bool has_row = false;
    if (code == SQLITE_OK) code = take_out(changes, insert, has_row);
    if (code != SQLITE_OK) return code;
    if (!has_row) return run(db_, "RELEASE update_op");
  }
  if (const int code = retry_until_stuck(place); code != SQLITE_OK) return code;
  sqlite3_step(insert.get());
  int code = sqlite3_reset(insert.get());
  is_done = code == SQLITE_OK;
  if ((code & 0xFF) == SQLITE_CONSTRAINT) {
    code = run(db_, "ROLLBACK TO update_op");
    put_off_ = before;
  }
  return code == SQLITE_OK ? run(db_, "RELEASE update_op") : code;
}

int Applier::end_table() {
  if (const int code = retry_until_stuck(none_left_out); code != SQLITE_OK) return code;
  const bool may_move_updates = (flags_ & SQLITE_CHANGESETAPPLY_NOUPDATELOOP) == 0;
  bool is_there = may_move_updates;
  for (size_t number = 0; is_there && !put_off_.empty();) {
    bool is_done = false;
    if (const int code = retry_without_update(number, is_there, is_done); code != SQLITE_OK) return code;
    number = is_done ? 0 : number + 1;
  }
  if (put_off_.empty()) return SQLITE_OK;
  puts_off_ = false;
  const std::string again = std::move(put_off_);
  put_off_.clear();
  return retry(again, none_left_out);
}

}  // namespace keelback::capi
