// Prints what a callback of sqlite3_autovacuum_pages is asked, what becomes of its answers, and normalized statements.
#include <stdio.h>

#include "shown.h"
#include "sqlite3.h"

// Older libraries are without it.
#pragma weak sqlite3_normalized_sql

static unsigned int wish;

static unsigned int choose(void* argument, const char* schema, unsigned int pages, unsigned int free,
                           unsigned int size) {
  printf("  %s: %s has %u pages, %u free, of %u\n", (const char*)argument, schema, pages, free, size);
  return wish < free ? wish : free + 5;
}

static void forget(void* argument) { printf("  forget %s\n", (const char*)argument); }

static void run(sqlite3* db, const char* sql) {
  printf("%s\n", sql);
  char* message = NULL;
  if (sqlite3_exec(db, sql, print_row, NULL, &message) != SQLITE_OK) printf("  = %s\n", message);
  sqlite3_free(message);
}

static void fill_and_empty(sqlite3* db, unsigned int pages) {
  wish = pages;
  run(db,
      "INSERT INTO t WITH RECURSIVE n(i) AS (VALUES(1) UNION ALL SELECT i + 1 FROM n WHERE i < 20) SELECT"
      " zeroblob(3000) FROM n");
  run(db, "DELETE FROM t");
  run(db, "PRAGMA page_count; PRAGMA freelist_count; PRAGMA integrity_check");
}

static const char* const texts[] = {
    "SELECT 1",
    "select  A.b, \"Two Words\", [plain], `k` , \"select\" from main.t as A where x IN (1,2, 3) -- end",
    "SELECT x FROM t WHERE x IS NULL AND y NOT NULL AND z = NULL AND x IN (SELECT 1 FROM t) AND x in (?1, :a, $b)",
    "INSERT INTO t(x) SELECT 1 WHERE 2 IN ('text', 1.5, x'00ff', 1_000, -7); SELECT 2",
    "SELECT x IN ((1), (2)), abs(-1), x->>'a', x IN (max(1,2), 3), current_time FROM t;",
    "  /* first */ EXPLAIN SELECT count(*) FILTER (WHERE x > 1) OVER (), \"a\"\"b\" FROM t WHERE x ISNULL",
};

int main(void) {
  sqlite3* db = NULL;
  setvbuf(stdout, NULL, _IONBF, 0);
  if (sqlite3_open(":memory:", &db) != SQLITE_OK) return 1;
  run(db, "PRAGMA page_size = 1024; PRAGMA auto_vacuum = 1; CREATE TABLE t(x)");
  printf("  = %d\n", sqlite3_autovacuum_pages(db, choose, "first", forget));
  fill_and_empty(db, 7);
  fill_and_empty(db, 0);
  printf("  = %d\n", sqlite3_autovacuum_pages(db, choose, "second", forget));
  fill_and_empty(db, 1000);
  run(db,
      "ATTACH ':memory:' AS other; PRAGMA other.auto_vacuum = 1; CREATE TABLE other.u(x); INSERT INTO other.u"
      " VALUES(zeroblob(20000)); DELETE FROM other.u");
  printf("  = %d\n", sqlite3_autovacuum_pages(db, NULL, NULL, NULL));
  fill_and_empty(db, 7);
  printf("  = %d\n", sqlite3_autovacuum_pages(db, choose, "third", forget));
  run(db,
      "CREATE TABLE \"Two Words\"(x); DROP TABLE t; CREATE TABLE t(x, y, z, b, k, plain, [select], [Two Words],"
      " [a\"b])");
  if (sqlite3_normalized_sql != NULL) {
    for (size_t at = 0; at < sizeof texts / sizeof texts[0]; ++at) {
      sqlite3_stmt* statement = NULL;
      printf("%s\n", texts[at]);
      const int code = sqlite3_prepare_v3(db, texts[at], -1, SQLITE_PREPARE_NORMALIZE, &statement, NULL);
      const char* normalized = code == SQLITE_OK ? sqlite3_normalized_sql(statement) : sqlite3_errmsg(db);
      printf("  %s\n", normalized);
      sqlite3_finalize(statement);
    }
  }
  return sqlite3_close(db);
}
