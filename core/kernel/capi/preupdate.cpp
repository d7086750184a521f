// sqlite3_preupdate_*: what the hook of sqlite3_preupdate_hook may ask of the row that is about to change.
//
// 1. Outside of the hook there is no such row: values are SQLITE_MISUSE, numbers are 0.
//
// Source: https://sqlite.org/c3ref/preupdate_blobwrite.html
#include "preupdate.hpp"

#include "database.hpp"
#include "error.hpp"
#include "guard.hpp"

using namespace keelback::capi;

namespace keelback::capi {

namespace {

void read_row(engine::Reader& request, size_t count, int64_t& rowid, std::vector<sqlite3_value>& values) {
  rowid = request.integer();
  values.resize(count);
  for (sqlite3_value& value : values) value.set_view(request.next());
}

// Who calls from within a hook that this one has led to gets its own row, and then this one again.
class Shown {
 public:
  Shown(sqlite3* db, ShownChange& change) : db_(db), before_(db->shown_change) { db->shown_change = &change; }
  Shown(const Shown&) = delete;
  Shown& operator=(const Shown&) = delete;
  ~Shown() { db_->shown_change = before_; }

 private:
  sqlite3* db_;
  ShownChange* before_;
};

int answer(sqlite3* db, std::vector<sqlite3_value> ShownChange::* row, int missing, int column, sqlite3_value** out) {
  if (!is_usable(db) || out == nullptr) return misuse("sqlite3_preupdate_old");
  Lock lock(db->mutex);
  ShownChange* change = db->shown_change;
  if (change == nullptr || change->operation == missing) return db->fail(misuse("sqlite3_preupdate_old"));
  if (column < 0 || column >= change->column_count) return db->fail(SQLITE_RANGE);
  *out = &(change->*row)[static_cast<size_t>(column)];
  return SQLITE_OK;
}

}  // namespace

void show_change(sqlite3* db, engine::Reader& request) {
  ShownChange change;
  change.operation = static_cast<int>(request.integer());
  change.depth = static_cast<int>(request.integer());
  const Value schema = request.next(), table = request.next();
  const bool has_old = request.integer() != 0;
  const bool has_new = request.integer() != 0;
  change.blob_column = static_cast<int>(request.integer());
  change.column_count = static_cast<int>(request.integer());
  const auto count = static_cast<size_t>(change.column_count);
  if (has_old) read_row(request, count, change.old_rowid, change.old_values);
  if (has_new) read_row(request, count, change.new_rowid, change.new_values);
  if (!has_old) change.old_rowid = change.new_rowid;
  if (!has_new) change.new_rowid = change.old_rowid;
  const Shown shown(db, change);
  tell_sessions(db, schema.text().data(), table.text().data(), change);
  if (!db->callbacks.preupdate) return;
  db->callbacks.preupdate.function(db->callbacks.preupdate.argument, db, change.operation, schema.text().data(),
                                   table.text().data(), change.old_rowid, change.new_rowid);
}

}  // namespace keelback::capi

extern "C" {

int sqlite3_preupdate_old(sqlite3* db, int column, sqlite3_value** out) {
  return guard(SQLITE_NOMEM, [&] { return answer(db, &ShownChange::old_values, SQLITE_INSERT, column, out); });
}

int sqlite3_preupdate_new(sqlite3* db, int column, sqlite3_value** out) {
  return guard(SQLITE_NOMEM, [&] { return answer(db, &ShownChange::new_values, SQLITE_DELETE, column, out); });
}

int sqlite3_preupdate_count(sqlite3* db) {
  return is_usable(db) && db->shown_change != nullptr ? db->shown_change->column_count : 0;
}

int sqlite3_preupdate_depth(sqlite3* db) {
  return is_usable(db) && db->shown_change != nullptr ? db->shown_change->depth : 0;
}

int sqlite3_preupdate_blobwrite(sqlite3* db) {
  return is_usable(db) && db->shown_change != nullptr ? db->shown_change->blob_column : -1;
}

}  // extern "C"
