// Loads extensions in every way and shows what comes of it; argv[1]: the extension.
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

static int show(void* unused, int count, char** values, char** names) {
  (void)unused;
  (void)names;
  printf("  row");
  for (int at = 0; at < count; ++at) printf(" %s", values[at] ? values[at] : "NULL");
  printf("\n");
  return 0;
}

static void run(sqlite3* db, const char* sql) {
  char* message = NULL;
  printf("%s\n", strncmp(sql, "SELECT load", 11) == 0 ? "SELECT load..." : sql);
  const int code = sqlite3_exec(db, sql, show, NULL, &message);
  if (code != SQLITE_OK) printf("  error %d: %s\n", code, message);
  sqlite3_free(message);
}

static void load(sqlite3* db, const char* file, const char* entry, const char* what) {
  char* message = NULL;
  const int code = sqlite3_load_extension(db, file, entry, &message);
  printf("%s: %d %s | %s\n", what, code, message ? message : "-", sqlite3_errmsg(db));
  sqlite3_free(message);
}

int main(int count, char** arguments) {
  sqlite3* db;
  char sql[1024];
  if (count < 2 || sqlite3_open(":memory:", &db) != SQLITE_OK) return 1;
  // Some builds allow it from the start.
  sqlite3_enable_load_extension(db, 0);
  load(db, arguments[1], NULL, "not allowed");
  run(db, "SELECT load_extension('x')");
  sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 1, NULL);
  run(db, "SELECT load_extension('x')");
  load(db, "/no/such/file", NULL, "no file");
  load(db, arguments[1], "no_such_entry", "no entry");
  load(db, arguments[1], "refuse", "refused");
  load(db, arguments[1], NULL, "loaded");
  run(db, "SELECT half(5), half('7.5'), half(NULL)");
  run(db, "CREATE TABLE t(a, b COLLATE BACKWARDS)");
  run(db, "INSERT INTO t VALUES (2, 'a'), (3, 'ab'), (7, 'b')");
  run(db, "CREATE INDEX th ON t(half(a))");
  run(db, "SELECT product(a), product(a) FILTER (WHERE a < 3) FROM t");
  run(db, "SELECT a, b FROM t ORDER BY b");
  run(db, "SELECT a FROM t WHERE half(a) > 1 ORDER BY half(a) DESC");
  run(db, "SELECT value, half(value) FROM numbers(3)");
  run(db, "SELECT a, value FROM t, numbers WHERE stop = a AND value > 1 ORDER BY 1, 2");
  run(db, "SELECT * FROM numbers");
  sqlite3_enable_load_extension(db, 1);
  snprintf(sql, sizeof sql, "SELECT load_extension('%s', 'stay')", arguments[1]);
  run(db, sql);
  snprintf(sql, sizeof sql, "SELECT load_extension('%s', 'refuse')", arguments[1]);
  run(db, sql);
  run(db, "SELECT stayed(3)");
  sqlite3_enable_load_extension(db, 0);
  run(db, sql);
  load(db, arguments[1], NULL, "not allowed any more");
  sqlite3_auto_extension((void (*)(void))NULL);
  sqlite3_close(db);
  return 0;
}
