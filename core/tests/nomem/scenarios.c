/*
 * Runs each scenario again and again, with the first, the second, ... allocation of the library failing, until one run
 * meets no failure: every call gives its result or SQLITE_NOMEM (or an error that says so), and afterwards the
 * connection works, the transaction can be ended, and the database is whole.
 *
 *     scenarios PATH [SCENARIO]      PATH: a file that is made anew, or :memory:; with failing_malloc.so loaded first
 */
#include <keelback/sqlite3.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern void failing_malloc_arm(long n, int all);
extern long failing_malloc_disarm(void);

enum { MOST_RUNS = 6000, STEP_AFTER = 400 };

struct scenario {
  const char* name;
  const char* statements[6];
};

static const char* setup[] = {
    "CREATE TABLE t(id INTEGER PRIMARY KEY, g INTEGER, v REAL, s TEXT)",
    "CREATE INDEX t_s ON t(s)",
    "CREATE TABLE u(a TEXT PRIMARY KEY, b BLOB) ",
    "CREATE TRIGGER w AFTER DELETE ON t BEGIN INSERT INTO u VALUES(old.id || 'gone', NULL); END",
    "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 120)"
    " INSERT INTO t SELECT n, n % 7, n / 3.0, 'text number ' || n FROM r",
    "INSERT INTO u SELECT s, zeroblob(id * 20) FROM t WHERE id % 3 = 0",
    NULL,
};

static const struct scenario scenarios[] = {
    {"point", {"SELECT v, s FROM t WHERE id = 17", "SELECT id FROM t WHERE s = 'text number 44'"}},
    {"scan", {"SELECT count(*), sum(v), max(s) FROM t WHERE g > 2"}},
    {"group", {"SELECT g, count(*), group_concat(s) FROM t GROUP BY g ORDER BY 2, 1"}},
    {"sort", {"SELECT s || '!', v FROM t ORDER BY v DESC, s", "SELECT DISTINCT g FROM t"}},
    {"join",
     {"SELECT t.s, length(u.b) FROM t JOIN u ON u.a = t.s WHERE t.g < 5",
      "SELECT a.id FROM t a JOIN t b ON a.v = b.v"}},
    {"subquery",
     {"SELECT s FROM t WHERE g IN (SELECT g FROM t WHERE id < 5) AND EXISTS (SELECT 1 FROM u WHERE a = s)"}},
    {"window", {"SELECT id, sum(v) OVER (PARTITION BY g ORDER BY id ROWS 3 PRECEDING) FROM t"}},
    {"recursive", {"WITH RECURSIVE r(n) AS (SELECT 1 UNION SELECT n + 1 FROM r WHERE n < 50) SELECT sum(n) FROM r"}},
    {"insert", {"INSERT INTO t VALUES(NULL, 1, 2.5, 'new row')", "INSERT INTO u VALUES('k', randomblob(9000))"}},
    {"update", {"UPDATE t SET v = v + 1, s = s || 'x' WHERE id BETWEEN 20 AND 60"}},
    {"delete", {"DELETE FROM t WHERE g = 3", "DELETE FROM u"}},
    {"upsert",
     {"INSERT INTO u VALUES('text number 3', 'b') ON CONFLICT(a) DO UPDATE SET b = excluded.b RETURNING a, b"}},
    {"transaction", {"BEGIN", "UPDATE t SET g = g + 1", "SAVEPOINT p", "DELETE FROM t", "ROLLBACK TO p", "COMMIT"}},
    {"wal",
     {"PRAGMA journal_mode = wal", "BEGIN", "UPDATE t SET g = g + 1, s = s || zeroblob(900)", "COMMIT",
      "PRAGMA wal_checkpoint(truncate)", "PRAGMA journal_mode = delete"}},
    {"schema",
     {"CREATE TABLE n(x UNIQUE, y DEFAULT 5)", "CREATE INDEX n_y ON n(y)", "ALTER TABLE n RENAME TO m",
      "DROP TABLE m"}},
    {"functions",
     {"SELECT twice(id), upper(s), substr(s, 3, 4), replace(s, 'e', 'E'), printf('%8.2f|%s', v, s), quote(b) FROM t, u "
      "LIMIT 30"}},
    {"collation", {"SELECT s FROM t ORDER BY s COLLATE backwards LIMIT 9"}},
    {"json", {"SELECT json_group_array(json_object('g', g, 's', s)) FROM t WHERE id < 20"}},
    {"vacuum", {"VACUUM"}},
    {"blob", {"INSERT INTO u VALUES('long', zeroblob(50000))", "BLOB", "BEGIN", "BLOB", "SAVEPOINT p", "COMMIT"}},
    {"session", {"SESSION"}},
    {"backup", {"BACKUP", "BEGIN", "SELECT count(*) FROM t", "BACKUP", "COMMIT"}},
};

static void twice(sqlite3_context* context, int count, sqlite3_value** values) {
  (void)count;
  sqlite3_result_int64(context, 2 * sqlite3_value_int64(values[0]));
}

static int backwards(void* unused, int left_size, const void* left, int right_size, const void* right) {
  (void)unused;
  const int common = left_size < right_size ? left_size : right_size;
  const int order = memcmp(right, left, (size_t)common);
  return order != 0 ? order : right_size - left_size;
}

static void fail(const char* scenario, long n, const char* what, sqlite3* db) {
  failing_malloc_disarm();
  fprintf(stderr, "%s, allocation %ld: %s: %s\n", scenario, n, what, db == NULL ? "" : sqlite3_errmsg(db));
  exit(1);
}

static int is_out_of_memory(int code) { return (code & 0xFF) == SQLITE_NOMEM || code == SQLITE_IOERR_NOMEM; }

/* What BLOB stands for in a scenario: a handle that reads, writes and goes to another row. */
static int use_blob(sqlite3* db) {
  static char bytes[30000];
  sqlite3_blob* blob = NULL;
  int code = sqlite3_blob_open(db, "main", "u", "b", sqlite3_last_insert_rowid(db), 1, &blob);
  if (code == SQLITE_OK) code = sqlite3_blob_read(blob, bytes, sizeof bytes, 20000);
  if (code == SQLITE_OK) code = sqlite3_blob_write(blob, bytes, sizeof bytes, 1000);
  if (code == SQLITE_OK) code = sqlite3_blob_reopen(blob, 30);
  if (code == SQLITE_OK) code = sqlite3_blob_write(blob, bytes, sqlite3_blob_bytes(blob), 0);
  const int last = sqlite3_blob_close(blob);
  return code != SQLITE_OK ? code : last;
}

static int replace(void* context, int kind, sqlite3_changeset_iter* change) {
  (void)context;
  (void)change;
  return kind == SQLITE_CHANGESET_DATA || kind == SQLITE_CHANGESET_CONFLICT ? SQLITE_CHANGESET_REPLACE
                                                                            : SQLITE_CHANGESET_OMIT;
}

/* What SESSION stands for: a changeset, applied to what it was made of, and rebased by what that tells. */
static int use_session(sqlite3* db) {
  sqlite3_session* session = NULL;
  sqlite3_rebaser* rebaser = NULL;
  void *changes = NULL, *told = NULL, *rebased = NULL;
  int size = 0, told_size = 0, rebased_size = 0;
  int code = sqlite3session_create(db, "main", &session);
  if (code == SQLITE_OK) code = sqlite3session_attach(session, NULL);
  if (code == SQLITE_OK) {
    code = sqlite3_exec(db, "UPDATE u SET b = 'new' WHERE a < 'text number 3'; DELETE FROM u WHERE a > 'text number 8'",
                        NULL, NULL, NULL);
  }
  if (code == SQLITE_OK) code = sqlite3session_changeset(session, &size, &changes);
  sqlite3session_delete(session);
  if (code == SQLITE_OK) code = sqlite3changeset_apply_v2(db, size, changes, NULL, replace, NULL, &told, &told_size, 0);
  if (code == SQLITE_OK) code = sqlite3rebaser_create(&rebaser);
  if (code == SQLITE_OK) code = sqlite3rebaser_configure(rebaser, told_size, told);
  if (code == SQLITE_OK) code = sqlite3rebaser_rebase(rebaser, size, changes, &rebased_size, &rebased);
  sqlite3rebaser_delete(rebaser);
  sqlite3_free(changes);
  sqlite3_free(told);
  sqlite3_free(rebased);
  return code;
}

/* What BACKUP stands for: a copy into memory, some pages at a time. */
static int use_backup(sqlite3* db) {
  sqlite3* copy = NULL;
  int code = sqlite3_open(":memory:", &copy);
  if (code == SQLITE_OK) code = sqlite3_extended_result_codes(copy, 1);
  if (code == SQLITE_OK) {
    sqlite3_backup* backup = sqlite3_backup_init(copy, "main", db, "main");
    if (backup == NULL) {
      code = sqlite3_extended_errcode(copy);
    } else {
      do {
        code = sqlite3_backup_step(backup, 3);
      } while (code == SQLITE_OK);
      const int last = sqlite3_backup_finish(backup);
      if (code == SQLITE_DONE) code = last;
    }
  }
  sqlite3_close(copy);
  return code;
}

/* One statement to its end; texts are read both ways, so that conversions are met too. */
static int run(sqlite3* db, const char* sql) {
  if (strcmp(sql, "BLOB") == 0) return use_blob(db);
  if (strcmp(sql, "SESSION") == 0) return use_session(db);
  if (strcmp(sql, "BACKUP") == 0) return use_backup(db);
  sqlite3_stmt* statement = NULL;
  int code = sqlite3_prepare_v2(db, sql, -1, &statement, NULL);
  if (code != SQLITE_OK) return code;
  while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
    for (int column = 0; column < sqlite3_column_count(statement); column++) {
      (void)sqlite3_column_text(statement, column);
      (void)sqlite3_column_text16(statement, column);
      (void)sqlite3_column_bytes(statement, column);
    }
  }
  const int last = sqlite3_finalize(statement);
  if (code == SQLITE_DONE) return last;
  return code;
}

static sqlite3* open_fresh(const char* path, const char* scenario) {
  sqlite3* db = NULL;
  remove(path);
  if (sqlite3_open(path, &db) != SQLITE_OK) fail(scenario, 0, "open", db);
  sqlite3_extended_result_codes(db, 1);
  for (const char** sql = setup; *sql != NULL; sql++) {
    if (run(db, *sql) != SQLITE_OK) fail(scenario, 0, *sql, db);
  }
  sqlite3_create_function(db, "twice", 1, SQLITE_UTF8, NULL, twice, NULL, NULL);
  sqlite3_create_collation(db, "backwards", SQLITE_UTF8, NULL, backwards);
  return db;
}

static void check_usable(sqlite3* db, const struct scenario* scenario, long n) {
  if (!sqlite3_get_autocommit(db) && run(db, "ROLLBACK") != SQLITE_OK) fail(scenario->name, n, "ROLLBACK", db);
  sqlite3_stmt* statement = NULL;
  if (sqlite3_prepare_v2(db, "PRAGMA integrity_check", -1, &statement, NULL) != SQLITE_OK ||
      sqlite3_step(statement) != SQLITE_ROW) {
    fail(scenario->name, n, "integrity_check", db);
  }
  if (strcmp((const char*)sqlite3_column_text(statement, 0), "ok") != 0) {
    fail(scenario->name, n, (const char*)sqlite3_column_text(statement, 0), NULL);
  }
  sqlite3_finalize(statement);
  if (run(db, "INSERT INTO u VALUES('after', 1)") != SQLITE_OK) fail(scenario->name, n, "a write afterwards", db);
  if (run(db, "DELETE FROM u WHERE a = 'after'") != SQLITE_OK) fail(scenario->name, n, "a delete afterwards", db);
}

/* Whether an allocation failed in this run. */
static int run_with_failure(const struct scenario* scenario, const char* path, long n, int all) {
  sqlite3* db = open_fresh(path, scenario->name);
  failing_malloc_arm(n, all);
  for (int at = 0; at < 6 && scenario->statements[at] != NULL; at++) {
    const int code = run(db, scenario->statements[at]);
    if (code == SQLITE_OK) continue;
    if (!is_out_of_memory(code)) fail(scenario->name, n, scenario->statements[at], db);
    break;
  }
  const int has_failed = failing_malloc_disarm() > 0;
  check_usable(db, scenario, n);
  if (sqlite3_close(db) != SQLITE_OK) fail(scenario->name, n, "close", db);
  return has_failed;
}

int main(int count, char** arguments) {
  if (count < 2) return 2;
  const char* path = arguments[1];
  for (size_t at = 0; at < sizeof scenarios / sizeof *scenarios; at++) {
    const struct scenario* scenario = &scenarios[at];
    if (count > 2 && strcmp(arguments[2], scenario->name) != 0) continue;
    /* The first run fills the program cache and starts what is started once. */
    run_with_failure(scenario, path, 0, 0);
    for (int all = 0; all < 2; all++) {
      long n = 1;
      /* Every one at first; later ones with growing steps, so that long scenarios end. */
      while (run_with_failure(scenario, path, n, all) && n < MOST_RUNS) n += n < STEP_AFTER ? 1 : n / 50;
      printf("%s: %ld allocations%s\n", scenario->name, n - 1, all ? ", all from one on" : "");
    }
    fflush(stdout);
  }
  return 0;
}
