/* Threading modes, SQLITE_PREPARE_NO_VTAB, and what sqlite3_expanded_sql shows of values. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sqlite3.h"

static sqlite3 *db;

static void run(const char *sql) {
  if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK) printf("%s: %s\n", sql, sqlite3_errmsg(db));
}

static void prepare(const char *sql, unsigned flags) {
  sqlite3_stmt *statement = NULL;
  const int code = sqlite3_prepare_v3(db, sql, -1, flags, &statement, NULL);
  printf("prepare %u %s: %d %s\n", flags, sql, code, code != SQLITE_OK ? sqlite3_errmsg(db) : "");
  if (code == SQLITE_OK) printf("  step %d\n", sqlite3_step(statement));
  sqlite3_finalize(statement);
}

static void without_virtual_tables(void) {
  static const char *texts[] = {
      "SELECT * FROM json_each('[1]')",
      "SELECT * FROM main.json_each('[1]')",
      "SELECT * FROM t",
      "SELECT * FROM v",
      "SELECT * FROM pragma_table_info('t')",
      "SELECT * FROM x",
      "INSERT INTO t VALUES (1, 2)",
      "INSERT INTO plain VALUES (1)",
      "SELECT * FROM t WHERE EXISTS (SELECT 1 FROM json_tree('[1]'))",
      "WITH json_each AS (SELECT 1) SELECT * FROM json_each",
      "CREATE VIRTUAL TABLE y USING dbstat",
      "SELECT * FROM none",
      "PRAGMA table_info(t)",
      "EXPLAIN SELECT * FROM json_each('[1]')",
      "DELETE FROM x",
      "DROP TABLE y",
      "SELECT 1",
  };
  run("CREATE TABLE t(a, b); CREATE TABLE plain(a); CREATE VIRTUAL TABLE x USING dbstat(main)");
  run("CREATE VIEW v AS SELECT value FROM json_each('[1]')");
  run("CREATE TRIGGER r AFTER INSERT ON t BEGIN UPDATE t SET b = (SELECT value FROM json_each('[9]')); END");
  for (size_t at = 0; at < sizeof texts / sizeof *texts; ++at) {
    prepare(texts[at], 0);
    prepare(texts[at], SQLITE_PREPARE_NO_VTAB);
    prepare(texts[at], 0);
  }
  sqlite3_stmt *kept = NULL;
  sqlite3_prepare_v2(db, "SELECT count(*) FROM json_each('[1, 2]')", -1, &kept, NULL);
  prepare("SELECT 2 FROM json_each('[1]')", SQLITE_PREPARE_NO_VTAB);
  printf("kept %d %d\n", sqlite3_step(kept), sqlite3_column_int(kept, 0));
  prepare("SELECT 3 FROM json_each('[1]')", SQLITE_PREPARE_NO_VTAB);
  printf("kept %d\n", sqlite3_step(kept));
  sqlite3_finalize(kept);
}

static void show(sqlite3_stmt *statement) {
  char *text = sqlite3_expanded_sql(statement);
  printf("expanded %.90s\n", text);
  sqlite3_free(text);
}

static void expanded(const char *sql) {
  sqlite3_stmt *statement = NULL, *other = NULL;
  sqlite3_prepare_v2(db, sql, -1, &statement, NULL);
  sqlite3_prepare_v2(db, sql, -1, &other, NULL);
  show(statement);
  sqlite3_bind_zeroblob(statement, 1, 5);
  show(statement);
  sqlite3_step(statement);
  show(statement);
  sqlite3_reset(statement);
  sqlite3_bind_zeroblob64(statement, 1, 70000);
  show(statement);
  sqlite3_bind_zeroblob(statement, 1, 0);
  show(statement);
  sqlite3_transfer_bindings(statement, other);
  show(statement);
  show(other);
  sqlite3_clear_bindings(other);
  show(other);
  sqlite3_bind_zeroblob(statement, 1, 3);
  sqlite3_bind_double(statement, 1, 0.1);
  show(statement);
  sqlite3_bind_text(statement, 1, "it's", -1, SQLITE_STATIC);
  show(statement);
  sqlite3_bind_blob(statement, 1, "\0\0\0", 3, SQLITE_STATIC);
  show(statement);
  sqlite3_finalize(statement);
  sqlite3_finalize(other);
}

static const char *whether(const void *pointer) { return pointer != NULL ? "there" : "none"; }

static void mutexes(void) {
  static const int flags[] = {0, SQLITE_OPEN_NOMUTEX, SQLITE_OPEN_FULLMUTEX};
  for (int at = 0; at < 3; ++at) {
    sqlite3 *made = NULL;
    sqlite3_open_v2(":memory:", &made, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | flags[at], NULL);
    printf("flags %x mutex %s\n", flags[at], whether(sqlite3_db_mutex(made)));
    sqlite3_close(made);
  }
  sqlite3_mutex *first = sqlite3_mutex_alloc(SQLITE_MUTEX_RECURSIVE), *second = sqlite3_mutex_alloc(SQLITE_MUTEX_FAST);
  printf("made %s, the same %d\n", whether(first), first == second);
  sqlite3_mutex_enter(first);
  printf("try %d\n", sqlite3_mutex_try(first));
  sqlite3_mutex_leave(first);
  sqlite3_mutex_leave(first);
  sqlite3_mutex_free(first);
  sqlite3_mutex_free(second);
  sqlite3_mutex_enter(sqlite3_mutex_alloc(SQLITE_MUTEX_STATIC_APP1));
  sqlite3_mutex_leave(sqlite3_mutex_alloc(SQLITE_MUTEX_STATIC_APP1));
}

/* The argument is the threading mode of sqlite3_config, whose methods stay those of the first of a process. */
int main(int count, char **arguments) {
  const int mode = count > 1 ? atoi(arguments[1]) : SQLITE_CONFIG_SERIALIZED;
  printf("mode %d: %d, threadsafe %d\n", mode, sqlite3_config(mode), sqlite3_threadsafe());
  mutexes();
  sqlite3_open(":memory:", &db);
  without_virtual_tables();
  expanded("SELECT ?1");
  expanded("SELECT @a, length(@a) /* ?1 */, '?1'");
  sqlite3_close(db);
  return 0;
}
