/* The table carray: arrays bound by sqlite3_carray_bind and as plain pointers, of each type, and what is refused. */
#include <stdio.h>
#include <string.h>
#include <sys/uio.h>

#include "sqlite3.h"

static int destroyed;

static void destroy(void *argument) {
  (void)argument;
  ++destroyed;
}

static void rows(sqlite3 *db, sqlite3_stmt *statement) {
  int code;
  while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
    printf("  row");
    for (int column = 0; column < sqlite3_column_count(statement); ++column) {
      printf(" %d:", sqlite3_column_type(statement, column));
      const char *text = (const char *)sqlite3_column_text(statement, column);
      printf("%s", text ? text : "NULL");
    }
    printf("\n");
  }
  printf("  %d %s\n", code, code == SQLITE_DONE ? "" : sqlite3_errmsg(db));
  sqlite3_reset(statement);
}

static sqlite3_stmt *prepared(sqlite3 *db, const char *sql) {
  sqlite3_stmt *statement = NULL;
  printf("%s\n", sql);
  if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) != SQLITE_OK) printf("  %s\n", sqlite3_errmsg(db));
  return statement;
}

static int integers[] = {3, -1, 2147483647, 3};
static sqlite3_int64 longs[] = {1, -9223372036854775807LL - 1, 5};
static double reals[] = {1.5, -0.0, 1e300};
static char *texts[] = {"a", NULL, "", "\xc3\xa9t\xc3\xa9"};

static void bound(sqlite3 *db, const char *sql) {
  struct iovec blobs[] = {{"ab", 2}, {NULL, 0}, {"\0x", 2}};
  sqlite3_stmt *statement = prepared(db, sql);
  if (statement == NULL) return;
  void (*const ways[])(void *) = {SQLITE_STATIC, SQLITE_TRANSIENT, destroy};
  for (int way = 0; way < 3; ++way) {
    printf(" way %d: %d", way, sqlite3_carray_bind(statement, 1, integers, 4, SQLITE_CARRAY_INT32, ways[way]));
    printf(" destroyed %d\n", destroyed);
    rows(db, statement);
    printf(" int64 %d\n", sqlite3_carray_bind(statement, 1, longs, 3, SQLITE_CARRAY_INT64, ways[way]));
    rows(db, statement);
    printf(" double %d\n", sqlite3_carray_bind(statement, 1, reals, 3, SQLITE_CARRAY_DOUBLE, ways[way]));
    rows(db, statement);
    printf(" text %d\n", sqlite3_carray_bind(statement, 1, texts, 4, SQLITE_CARRAY_TEXT, ways[way]));
    rows(db, statement);
    printf(" blob %d\n", sqlite3_carray_bind(statement, 1, blobs, 3, SQLITE_CARRAY_BLOB, ways[way]));
    rows(db, statement);
    printf(" none %d\n", sqlite3_carray_bind(statement, 1, integers, 0, SQLITE_CARRAY_INT32, ways[way]));
    rows(db, statement);
  }
  sqlite3_finalize(statement);
  printf(" destroyed %d\n", destroyed);
}

static void refused(sqlite3 *db) {
  sqlite3_stmt *statement = prepared(db, "SELECT count(*) FROM carray(?1)");
  printf(" type -1: %d\n", sqlite3_carray_bind(statement, 1, integers, 4, -1, destroy));
  printf(" type 5: %d\n", sqlite3_carray_bind(statement, 1, integers, 4, 5, destroy));
  printf(" count -1: %d\n", sqlite3_carray_bind(statement, 1, integers, -1, SQLITE_CARRAY_INT32, destroy));
  printf(" index 2: %d\n", sqlite3_carray_bind(statement, 2, integers, 4, SQLITE_CARRAY_INT32, destroy));
  printf(" no statement: %d\n", sqlite3_carray_bind(NULL, 1, integers, 4, SQLITE_CARRAY_INT32, destroy));
  printf(" version 2: %d\n",
         sqlite3_carray_bind_v2(statement, 1, integers, 4, SQLITE_CARRAY_INT32, destroy, (void *)"argument"));
  rows(db, statement);
  sqlite3_finalize(statement);
  printf(" destroyed %d\n", destroyed);
}

static void plain(sqlite3 *db, const char *sql, void *pointer, const char *type) {
  sqlite3_stmt *statement = prepared(db, sql);
  if (statement == NULL) return;
  for (int index = 1; index <= sqlite3_bind_parameter_count(statement); ++index) {
    sqlite3_bind_pointer(statement, index, pointer, type, NULL);
  }
  rows(db, statement);
  sqlite3_finalize(statement);
}

static void changed(sqlite3 *db) {
  int numbers[] = {1, 2, 3};
  sqlite3_stmt *statement = prepared(db, "SELECT sum(value) FROM carray(?1)");
  sqlite3_carray_bind(statement, 1, numbers, 3, SQLITE_CARRAY_INT32, SQLITE_STATIC);
  rows(db, statement);
  numbers[1] = 20;
  rows(db, statement);
  sqlite3_carray_bind(statement, 1, numbers, 3, SQLITE_CARRAY_INT32, SQLITE_TRANSIENT);
  numbers[1] = 200;
  rows(db, statement);
  sqlite3_clear_bindings(statement);
  rows(db, statement);
  sqlite3_bind_int(statement, 1, 5);
  rows(db, statement);
  sqlite3_finalize(statement);
}

int main(void) {
  sqlite3 *db;
  sqlite3_open(":memory:", &db);
  bound(db, "SELECT value, typeof(value), rowid, count, ctype, pointer FROM carray(?1)");
  bound(db, "SELECT value, hex(value) FROM carray(?1) ORDER BY value DESC");
  refused(db);
  changed(db);
  sqlite3_exec(db, "CREATE TABLE t(a INTEGER PRIMARY KEY, b); INSERT INTO t VALUES(1, 'x'), (3, 'y'), (5, 'z')", NULL,
               NULL, NULL);
  plain(db, "SELECT b FROM t WHERE a IN carray(?1, 3, 'int32')", integers, "carray");
  plain(db, "SELECT b FROM t WHERE a IN (SELECT value FROM carray(?1, 4))", integers, "carray");
  plain(db, "SELECT b, value FROM carray(?1, 3, 'INT64') LEFT JOIN t ON a = value", longs, "carray");
  plain(db, "SELECT value FROM carray(?1, 2, 'double')", reals, "carray");
  plain(db, "SELECT value FROM carray(?1, 3, 'char*')", texts, "carray");
  plain(db, "SELECT value FROM carray(?1, -1, 'char*')", texts, "carray");
  plain(db, "SELECT value FROM carray(?1, NULL)", integers, "carray");
  plain(db, "SELECT value FROM carray(?1, 2, 'int')", integers, "carray");
  plain(db, "SELECT value FROM carray(?1, 2, NULL)", integers, "carray");
  plain(db, "SELECT value FROM carray(NULL, 2, 7)", integers, "carray");
  plain(db, "SELECT value FROM carray(?1)", integers, "carray");
  plain(db, "SELECT value FROM carray(?1, 2)", integers, "carray-bind");
  plain(db, "SELECT value FROM carray(?1, 2)", integers, "Carray");
  plain(db, "SELECT value FROM carray(?1, 2)", NULL, "carray");
  plain(db, "SELECT value FROM carray WHERE pointer = ?1 AND count = 2", integers, "carray");
  plain(db, "SELECT value FROM carray WHERE count = 2 AND ctype = 'int32' AND ?1 = pointer", integers, "carray");
  plain(db, "SELECT value FROM carray WHERE pointer = ?1 AND ctype = 'int32'", integers, "carray");
  plain(db, "SELECT value FROM t, carray(?1, t.a) WHERE t.a < 4", integers, "carray");
  plain(db, "SELECT value FROM carray", NULL, "carray");
  plain(db, "SELECT value FROM carray(?1, ?2)", integers, "carray");
  plain(db, "SELECT value FROM carray(?1, 2, 'int32', 4)", integers, "carray");
  plain(db, "INSERT INTO carray VALUES(1)", integers, "carray");
  plain(db, "DELETE FROM carray", integers, "carray");
  plain(db, "CREATE VIRTUAL TABLE c USING carray", integers, "carray");
  plain(db, "CREATE VIEW v AS SELECT value FROM carray(1, 2)", integers, "carray");
  plain(db, "SELECT * FROM v", integers, "carray");
  plain(db, "SELECT name FROM pragma_table_xinfo('carray')", NULL, "carray");
  plain(db, "SELECT name FROM pragma_module_list WHERE name = 'carray'", NULL, "carray");
  printf("close %d\n", sqlite3_close(db));
  return 0;
}
