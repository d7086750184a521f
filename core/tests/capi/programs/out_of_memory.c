// Fails the n-th allocation of each of some known statements, for every n: SQLITE_NOMEM or success, and the connection
// goes on. Prints "ok, ...": integrity_check and the counts. Run by test_out_of_memory.py.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
extern void* __libc_malloc(size_t);
static long countdown = -1;
static int failed;
void* malloc(size_t n) {
  if (countdown >= 0) {
    if (countdown == 0) {
      failed = 1;
      countdown = -1;
      return 0;
    }
    countdown--;
  }
  return __libc_malloc(n);
}
static const char* work[] = {"SELECT a,b FROM t WHERE a=5",
                             "SELECT count(*),b FROM t GROUP BY b ORDER BY 1 DESC",
                             "INSERT INTO t VALUES(1000,'x'||'y')",
                             "UPDATE t SET b=b||'zzz' WHERE a<50",
                             "DELETE FROM t WHERE a=1000",
                             "SELECT x.a FROM t x, t y WHERE x.b=y.b AND y.a<10 ORDER BY x.b",
                             "SELECT max(b), group_concat(b) FROM t",
                             "BEGIN",
                             "INSERT INTO t SELECT a+2000,b FROM t",
                             "ROLLBACK",
                             "INSERT INTO u SELECT b FROM t WHERE a<20",
                             "DELETE FROM u",
                             0};
static int run(sqlite3* db, const char* q) {
  sqlite3_stmt* s = 0;
  int rc = sqlite3_prepare_v2(db, q, -1, &s, 0);
  if (rc) return rc;
  while ((rc = sqlite3_step(s)) == SQLITE_ROW) {
    sqlite3_column_text(s, 0);
  }
  int r2 = sqlite3_finalize(s);
  return rc == SQLITE_DONE ? r2 : rc;
}
int main(int argc, char** argv) {
  sqlite3* db;
  int rc;
  const char* file = argc > 1 ? argv[1] : ":memory:";
  remove(file);
  sqlite3_open(file, &db);
  rc = sqlite3_exec(db,
                    "PRAGMA synchronous=OFF;CREATE TABLE t(a INTEGER PRIMARY KEY,b TEXT);CREATE INDEX tb ON "
                    "t(b);CREATE TABLE u(c UNIQUE ON CONFLICT REPLACE);WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL "
                    "SELECT i+1 FROM n WHERE i<200) INSERT INTO t SELECT i,'text number '||(i%17) FROM n",
                    0, 0, 0);
  if (rc) {
    printf("%s\n", sqlite3_errmsg(db));
    return 1;
  }
  for (int k = 0; work[k]; k++)
    if ((rc = run(db, work[k]))) {
      printf("warm %s: %s\n", work[k], sqlite3_errmsg(db));
      return 1;
    }
  long total = 0, noms = 0;
  int from = argc > 2 ? atoi(argv[2]) : 0;
  for (int k = from; work[k]; k++) {
    for (long n = 0; n < 5000; n++) {
      if (k == 8 || k == 9) run(db, "BEGIN");
      failed = 0;
      countdown = n;
      rc = run(db, work[k]);
      countdown = -1;
      total++;
      if (rc != 0 && rc != SQLITE_NOMEM) {
        printf("%s at %ld: %d %s\n", work[k], n, rc, sqlite3_errmsg(db));
        return 2;
      }
      if (rc == SQLITE_NOMEM)
        noms++;
      else if (failed) {
      }
      if (!sqlite3_get_autocommit(db))
        if ((rc = run(db, "ROLLBACK"))) {
          printf("rollback after %s at %ld: %d %s\n", work[k], n, rc, sqlite3_errmsg(db));
          return 3;
        }
      if ((rc = run(db, "DELETE FROM t WHERE a=1000"))) {
        printf("usable after %s at %ld: %d %s\n", work[k], n, rc, sqlite3_errmsg(db));
        return 3;
      }
      if (!failed) break;
    }
  }
  sqlite3_stmt* s;
  sqlite3_prepare_v2(db, "PRAGMA integrity_check", -1, &s, 0);
  sqlite3_step(s);
  printf("%s, %ld runs, %ld NOMEM\n", sqlite3_column_text(s, 0), total, noms);
  sqlite3_finalize(s);
  sqlite3_prepare_v2(db, "SELECT count(*) FROM t", -1, &s, 0);
  sqlite3_step(s);
  printf("%d rows\n", sqlite3_column_int(s, 0));
  sqlite3_finalize(s);
  return sqlite3_close(db);
}
