/* The C benchmark: one program, run on real SQLite and on Keelback by LD_LIBRARY_PATH.
 *
 *   bench FOLDER ROWS     prints one line a workload: name, operations, nanoseconds of CPU time
 *
 * It uses nothing but the sqlite3_* C API, so that what differs is the library alone. */
#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static sqlite3 *database;
static int rows;

static void fail(const char *what) {
  fprintf(stderr, "bench: %s: %s\n", what, database ? sqlite3_errmsg(database) : "no database");
  exit(1);
}

static void run(const char *sql) {
  if (sqlite3_exec(database, sql, NULL, NULL, NULL) != SQLITE_OK) fail(sql);
}

static sqlite3_stmt *prepare(const char *sql) {
  sqlite3_stmt *statement = NULL;
  if (sqlite3_prepare_v2(database, sql, -1, &statement, NULL) != SQLITE_OK) fail(sql);
  return statement;
}

static int64_t now(void) {
  struct timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void report(const char *name, int64_t operations, int64_t started) {
  printf("%s %lld %lld\n", name, (long long)operations, (long long)(now() - started));
  fflush(stdout);
}

static int64_t drain(const char *sql) {
  sqlite3_stmt *statement = prepare(sql);
  int64_t count = 0, check = 0;
  while (sqlite3_step(statement) == SQLITE_ROW) {
    count++;
    check += sqlite3_column_int64(statement, 0);
  }
  if (sqlite3_finalize(statement) != SQLITE_OK || (count == 0 && check == 0)) fail(sql);
  return count;
}

static unsigned random_state = 12345;
static unsigned random_number(void) { return random_state = random_state * 1103515245u + 12345u; }

static void key_text(char *out, unsigned number) { sprintf(out, "key-%08u", number % 100000000u); }

static void query(const char *name, const char *sql, int64_t operations) {
  drain(sql); /* warm */
  int64_t started = now();
  drain(sql);
  report(name, operations, started);
}

int main(int argc, char **argv) {
  if (argc != 3) return 2;
  rows = atoi(argv[2]);
  char path[4096], text[64];
  snprintf(path, sizeof path, "%s/bench.db", argv[1]);
  remove(path);
  int lookups = rows < 20000 ? rows : 20000;

  int64_t started = now();
  int opens = 50;
  for (int i = 0; i < opens; i++) {
    if (sqlite3_open(path, &database) != SQLITE_OK) fail("open");
    sqlite3_close(database);
  }
  report("open_close", opens, started);

  if (sqlite3_open(path, &database) != SQLITE_OK) fail("open");
  run("CREATE TABLE t(id INTEGER PRIMARY KEY, g INTEGER, v REAL, s TEXT)");
  run("CREATE TABLE u(g INTEGER PRIMARY KEY, name TEXT)");

  started = now();
  run("BEGIN");
  sqlite3_stmt *insert = prepare("INSERT INTO t VALUES(?,?,?,?)");
  for (int i = 1; i <= rows; i++) {
    key_text(text, random_number());
    sqlite3_bind_int64(insert, 1, i);
    sqlite3_bind_int64(insert, 2, random_number() % 1000);
    sqlite3_bind_double(insert, 3, random_number() / 1000.0);
    sqlite3_bind_text(insert, 4, text, -1, SQLITE_TRANSIENT);
    if (sqlite3_step(insert) != SQLITE_DONE) fail("insert");
    sqlite3_reset(insert);
  }
  sqlite3_finalize(insert);
  run("COMMIT");
  report("insert_bound", rows, started);

  started = now();
  run("BEGIN");
  for (int i = 0; i < 1000; i++) {
    char sql[100];
    snprintf(sql, sizeof sql, "INSERT INTO u VALUES(%d,'group %d')", i, i);
    run(sql);
  }
  run("COMMIT");
  report("insert_exec_literal", 1000, started);

  started = now();
  run("CREATE INDEX t_s ON t(s)");
  report("create_index_text", rows, started);

  started = now();
  int prepares = 300;
  for (int i = 0; i < prepares; i++) sqlite3_finalize(prepare("SELECT v, s FROM t WHERE id=?"));
  report("prepare_same", prepares, started);
  started = now();
  for (int i = 0; i < prepares; i++) {
    char sql[200];
    snprintf(sql, sizeof sql, "SELECT v, s, g+%d FROM t WHERE id=? AND g<>%d", i, i);
    sqlite3_finalize(prepare(sql));
  }
  report("prepare_distinct", prepares, started);

  run("BEGIN");
  sqlite3_stmt *point = prepare("SELECT v, s FROM t WHERE id=?");
  started = now();
  for (int i = 0; i < lookups; i++) {
    sqlite3_bind_int64(point, 1, random_number() % rows + 1);
    if (sqlite3_step(point) != SQLITE_ROW) fail("point select");
    (void)sqlite3_column_double(point, 0);
    (void)sqlite3_column_text(point, 1);
    sqlite3_reset(point);
  }
  report("point_rowid", lookups, started);
  sqlite3_finalize(point);

  point = prepare("SELECT id FROM t WHERE s=?");
  random_state = 12345;
  started = now();
  for (int i = 0; i < lookups; i++) {
    key_text(text, random_number());
    random_number();
    random_number();
    sqlite3_bind_text(point, 1, text, -1, SQLITE_TRANSIENT);
    if (sqlite3_step(point) != SQLITE_ROW) fail("point select by text");
    sqlite3_reset(point);
  }
  report("point_text_index", lookups, started);
  sqlite3_finalize(point);
  run("COMMIT");

  query("scan_filter_sum", "SELECT sum(g) FROM t WHERE v > 1000.0", rows);
  query("scan_rows", "SELECT g, v FROM t", rows);
  query("group_1000", "SELECT g, count(*), sum(v) FROM t GROUP BY g", rows);
  query("sort_real", "SELECT id FROM t ORDER BY v", rows);
  query("join_rowid", "SELECT count(*), sum(u.g) FROM t JOIN u ON u.g = t.g", rows);

  started = now();
  run("BEGIN");
  sqlite3_stmt *update = prepare("UPDATE t SET v = v + 1 WHERE id = ?");
  for (int i = 0; i < lookups; i++) {
    sqlite3_bind_int64(update, 1, random_number() % rows + 1);
    if (sqlite3_step(update) != SQLITE_DONE) fail("update");
    sqlite3_reset(update);
  }
  sqlite3_finalize(update);
  run("COMMIT");
  report("update_rowid", lookups, started);

  started = now();
  run("DELETE FROM t WHERE id % 3 = 0");
  report("delete_third", rows, started);
  sqlite3_close(database);
  return 0;
}
