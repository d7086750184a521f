/* A signal handler interrupts a long statement, as a shell does on Ctrl-C. */
#include <keelback/sqlite3.h>

#include <signal.h>
#include <stdio.h>
#include <sys/time.h>

static sqlite3* db;

static void interrupt(int number) {
  (void)number;
  sqlite3_interrupt(db);
}

int main(void) {
  struct itimerval soon = {{0, 0}, {0, 200000}};
  signal(SIGALRM, interrupt);
  if (sqlite3_open(":memory:", &db) != SQLITE_OK ||
      sqlite3_exec(db, "CREATE TABLE t(a); INSERT INTO t VALUES (1),(2),(3),(4),(5),(6),(7),(8),(9),(10)", NULL, NULL,
                   NULL) != SQLITE_OK) {
    return 1;
  }
  setitimer(ITIMER_REAL, &soon, NULL);
  int code = sqlite3_exec(db, "SELECT count(*) FROM t a, t b, t c, t d, t e, t f, t g, t h WHERE a.a + h.a = -1", NULL,
                          NULL, NULL);
  printf("%d %s\n", code, sqlite3_errmsg(db));
  code = sqlite3_exec(db, "SELECT 1", NULL, NULL, NULL);
  printf("%d %d\n", code, sqlite3_close(db));
  return 0;
}
