// Functions that have little to tell, as the system's SQLite answers them.
#include <stdio.h>

#include "sqlite3.h"

static void notify(void **arguments, int count) { printf("notified %d %s\n", count, (const char *)arguments[0]); }

static int status_of(sqlite3 *db) {
  int now = -1, most = -1;
  sqlite3_db_status(db, SQLITE_DBSTATUS_DEFERRED_FKS, &now, &most, 0);
  return now * 10 + most;
}

int main(void) {
  sqlite3 *db = NULL;
  sqlite3_open(":memory:", &db);
  printf("unlock_notify %d\n", sqlite3_unlock_notify(db, notify, "argument"));
  printf("unlock_notify %d\n", sqlite3_unlock_notify(db, NULL, NULL));
  printf("test_control %d %d %d\n", sqlite3_test_control(13, 7), sqlite3_test_control(22),
         sqlite3_test_control(15, db, 0));
  sqlite3_exec(db,
               "PRAGMA foreign_keys = 1; CREATE TABLE p(a PRIMARY KEY);"
               "CREATE TABLE c(a REFERENCES p DEFERRABLE INITIALLY DEFERRED)",
               NULL, NULL, NULL);
  printf("deferred %d\n", status_of(db));
  sqlite3_exec(db, "BEGIN; INSERT INTO c VALUES(1), (2)", NULL, NULL, NULL);
  printf("deferred %d\n", status_of(db));
  sqlite3_exec(db, "INSERT INTO p VALUES(1), (2)", NULL, NULL, NULL);
  printf("deferred %d\n", status_of(db));
  sqlite3_exec(db, "COMMIT", NULL, NULL, NULL);
  return sqlite3_close(db);
}
