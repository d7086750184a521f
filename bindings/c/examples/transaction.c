/* Moves money between two accounts, or does not move it at all. */
#include <keelback/keelback.h>

#include <stdio.h>

static int run(sqlite3* db, const char* sql) { return sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK; }

static int balance(sqlite3* db, int id) {
  sqlite3_stmt* statement = NULL;
  int cents = -1;
  sqlite3_prepare_v2(db, "SELECT cents FROM account WHERE id = ?", -1, &statement, NULL);
  sqlite3_bind_int(statement, 1, id);
  if (sqlite3_step(statement) == SQLITE_ROW) cents = sqlite3_column_int(statement, 0);
  sqlite3_finalize(statement);
  return cents;
}

static int move(sqlite3* db, int cents) {
  char* take = sqlite3_mprintf("UPDATE account SET cents = cents - %d WHERE id = 1", cents);
  char* give = sqlite3_mprintf("UPDATE account SET cents = cents + %d WHERE id = 2", cents);
  int moved = run(db, "BEGIN") && run(db, give) && run(db, take) && run(db, "COMMIT");
  if (!moved) {
    printf("refused: %s\n", sqlite3_errmsg(db));
    if (!sqlite3_get_autocommit(db)) run(db, "ROLLBACK");
  }
  sqlite3_free(take);
  sqlite3_free(give);
  return moved;
}

int main(void) {
  sqlite3* db = NULL;
  if (sqlite3_open(":memory:", &db) != SQLITE_OK ||
      !run(db, "CREATE TABLE account(id INTEGER PRIMARY KEY, cents INTEGER CHECK (cents >= 0))") ||
      !run(db, "INSERT INTO account VALUES (1, 1000), (2, 0)")) {
    fprintf(stderr, "%s\n", sqlite3_errmsg(db));
    sqlite3_close(db);
    return 1;
  }
  move(db, 700);
  move(db, 700);
  printf("%d and %d\n", balance(db, 1), balance(db, 2));
  sqlite3_close(db);
  return 0;
}
