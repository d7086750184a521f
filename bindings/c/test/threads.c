/* Eight threads, a connection each, and then eight threads on one connection. Prints the sum of all that was read. */
#include <keelback/sqlite3.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

enum { THREADS = 8, ROWS = 40 };

static sqlite3* shared;

static void fail(sqlite3* db) {
  fprintf(stderr, "%s\n", sqlite3_errmsg(db));
  exit(1);
}

static void twice(sqlite3_context* context, int count, sqlite3_value** values) {
  (void)count;
  sqlite3_result_int64(context, 2 * sqlite3_value_int64(values[0]));
}

static long long work(sqlite3* db, int number) {
  sqlite3_stmt* statement = NULL;
  long long total = 0;
  char* sql = sqlite3_mprintf("CREATE TABLE t%d(a INTEGER)", number);
  if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK) fail(db);
  sqlite3_free(sql);
  sql = sqlite3_mprintf("INSERT INTO t%d VALUES (?1)", number);
  if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) != SQLITE_OK) fail(db);
  sqlite3_free(sql);
  for (int row = 0; row < ROWS; row++) {
    sqlite3_bind_int(statement, 1, row);
    if (sqlite3_step(statement) != SQLITE_DONE) fail(db);
    sqlite3_reset(statement);
  }
  sqlite3_finalize(statement);
  sql = sqlite3_mprintf("SELECT twice(a) FROM t%d", number);
  if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) != SQLITE_OK) fail(db);
  sqlite3_free(sql);
  while (sqlite3_step(statement) == SQLITE_ROW) total += sqlite3_column_int64(statement, 0);
  if (sqlite3_finalize(statement) != SQLITE_OK) fail(db);
  return total;
}

static void* work_alone(void* argument) {
  sqlite3* db = NULL;
  if (sqlite3_open(":memory:", &db) != SQLITE_OK) fail(db);
  sqlite3_create_function(db, "twice", 1, SQLITE_UTF8, NULL, twice, NULL, NULL);
  long long total = work(db, *(int*)argument);
  sqlite3_close(db);
  return (void*)total;
}

static void* work_together(void* argument) { return (void*)work(shared, *(int*)argument); }

static long long run(void* (*body)(void*)) {
  pthread_t threads[THREADS];
  int numbers[THREADS];
  long long total = 0;
  for (int at = 0; at < THREADS; at++) {
    numbers[at] = at;
    pthread_create(&threads[at], NULL, body, &numbers[at]);
  }
  for (int at = 0; at < THREADS; at++) {
    void* result;
    pthread_join(threads[at], &result);
    total += (long long)result;
  }
  return total;
}

int main(void) {
  long long alone = run(work_alone);
  if (sqlite3_open(":memory:", &shared) != SQLITE_OK) fail(shared);
  sqlite3_create_function(shared, "twice", 1, SQLITE_UTF8, NULL, twice, NULL, NULL);
  long long together = run(work_together);
  sqlite3_close(shared);
  printf("%lld %lld\n", alone, together);
  return 0;
}
