/* Binds parameters by number and by name, and uses one statement many times. */
#include <keelback/keelback.h>

#include <stdio.h>

static int check(sqlite3* db, int code) {
  if (code == SQLITE_OK || code == SQLITE_ROW || code == SQLITE_DONE) return 0;
  fprintf(stderr, "%s\n", sqlite3_errmsg(db));
  return 1;
}

int main(void) {
  sqlite3* db = NULL;
  sqlite3_stmt *insert = NULL, *query = NULL;
  static const char* const names[] = {"ash", "birch", "cedar"};
  int failed = check(db, sqlite3_open(":memory:", &db));
  failed += check(db, sqlite3_exec(db, "CREATE TABLE tree(id INTEGER PRIMARY KEY, name TEXT)", NULL, NULL, NULL));
  failed += check(db, sqlite3_prepare_v2(db, "INSERT INTO tree(id, name) VALUES (?1, ?2)", -1, &insert, NULL));
  for (int at = 0; at < 3 && !failed; at++) {
    failed += check(db, sqlite3_bind_int(insert, 1, 10 * (at + 1)));
    failed += check(db, sqlite3_bind_text(insert, 2, names[at], -1, SQLITE_STATIC));
    failed += check(db, sqlite3_step(insert));
    failed += check(db, sqlite3_reset(insert));
  }
  failed += check(db, sqlite3_prepare_v2(db, "SELECT name FROM tree WHERE id > :least ORDER BY id", -1, &query, NULL));
  failed += check(db, sqlite3_bind_int(query, sqlite3_bind_parameter_index(query, ":least"), 10));
  while (!failed && sqlite3_step(query) == SQLITE_ROW) printf("%s\n", sqlite3_column_text(query, 0));
  sqlite3_finalize(insert);
  sqlite3_finalize(query);
  sqlite3_close(db);
  return failed ? 1 : 0;
}
