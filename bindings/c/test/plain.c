/* A program without Python: opens, writes and reads; the locale and standard error stay as they were. */
#include <keelback/sqlite3.h>

#include <locale.h>
#include <stdio.h>
#include <string.h>

int main(int count, char** arguments) {
  sqlite3* db = NULL;
  sqlite3_stmt* statement = NULL;
  char locale_before[64];
  int total = -1;
  snprintf(locale_before, sizeof locale_before, "%s", setlocale(LC_ALL, NULL));
  if (sqlite3_open(count > 1 ? arguments[1] : ":memory:", &db) != SQLITE_OK) return 1;
  if (sqlite3_exec(db, "CREATE TABLE t(a); INSERT INTO t VALUES (20), (22)", NULL, NULL, NULL) != SQLITE_OK) {
    fprintf(stderr, "%s\n", sqlite3_errmsg(db));
    return 2;
  }
  if (sqlite3_prepare_v2(db, "SELECT a FROM t", -1, &statement, NULL) != SQLITE_OK) return 3;
  for (total = 0; sqlite3_step(statement) == SQLITE_ROW;) total += sqlite3_column_int(statement, 0);
  sqlite3_finalize(statement);
  if (sqlite3_close(db) != SQLITE_OK || strcmp(locale_before, setlocale(LC_ALL, NULL)) != 0) return 4;
  printf("%d\n", total);
  return 0;
}
