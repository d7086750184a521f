/* What an error says: its code, its extended code, its message and its place in the text. */
#include <keelback/keelback.h>

#include <stdio.h>

static void try_sql(sqlite3* db, const char* sql) {
  int code = sqlite3_exec(db, sql, NULL, NULL, NULL);
  printf("%d %d %s", code, sqlite3_extended_errcode(db), sqlite3_errmsg(db));
  if (sqlite3_error_offset(db) >= 0) printf(" at %d", sqlite3_error_offset(db));
  printf("\n");
}

int main(void) {
  sqlite3* db = NULL;
  if (sqlite3_open(":memory:", &db) != SQLITE_OK) return 1;
  try_sql(db, "CREATE TABLE t(a UNIQUE)");
  try_sql(db, "INSERT INTO t VALUES (1)");
  try_sql(db, "INSERT INTO t VALUES (1)");
  try_sql(db, "SELECT * FORM t");
  try_sql(db, "SELECT b FROM t");
  sqlite3_close(db);
  return 0;
}
