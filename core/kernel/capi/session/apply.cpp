// sqlite3changeset_apply: the changes of a changeset made in the tables of `main`, with a conflict handler.
//
// 1. All or nothing: everything happens within a savepoint, and foreign keys are looked at in the end.
//
// Source: https://sqlite.org/session/sqlite3changeset_apply.html
#include "../database.hpp"
#include "../error.hpp"
#include "../guard.hpp"
#include "applier.hpp"

using namespace keelback::capi;

namespace {

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

// Twin: compiler_session.py.
constexpr int key_actions_switch = 2000;

// SQLITE_CHANGESETAPPLY_FKNOACTION: as long as it is there, foreign keys do nothing but be broken.
class KeysWithoutActions {
 public:
  KeysWithoutActions(sqlite3* db, bool is_wanted) : db_(is_wanted ? db : nullptr) { turn(0); }
  KeysWithoutActions(const KeysWithoutActions&) = delete;
  KeysWithoutActions& operator=(const KeysWithoutActions&) = delete;
  ~KeysWithoutActions() { turn(1); }

 private:
  void turn(int value) {
    int before = 0;
    if (db_ != nullptr) (void)db_->engine->limit(key_actions_switch, value, before);
  }

  sqlite3* db_;
};

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
  Applier applier(db, handlers, flags);
  {
    const KeysWithoutActions keys(db, (flags & SQLITE_CHANGESETAPPLY_FKNOACTION) != 0);
    code = applier.apply(changes);
  }
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
  const std::string& told = applier.rebase();
  if (code == SQLITE_OK && !changes.is_patchset && rebase != nullptr && rebase_size != nullptr && !told.empty()) {
    code = hand_out(told, rebase_size, rebase);
  }
  if (code == SQLITE_OK) return db->succeed();
  db->fail(code);
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
