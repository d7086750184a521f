/* Preparing texts that the library has never seen: one program, run on real SQLite and on Keelback by LD_LIBRARY_PATH.
 *
 *   prepare FOLDER TEXTS [KIND]     prints one line a kind of statement: name, operations, nanoseconds of CPU time
 *
 * With KIND only that one; what is counted is what `measured` does (prepare_cost.py counts instructions so).
 * Every text differs from all others in a name, so that no cache of programs knows it; literals would be lifted out of
 * it. Which form the compiler has (Python's sources, or what mypyc made of them) is chosen by KEELBACK_COMPILER. */
#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static sqlite3* database;

static const char* const schema =
    "CREATE TABLE t(id INTEGER PRIMARY KEY, g INTEGER, v REAL, s TEXT);"
    "CREATE TABLE u(g INTEGER PRIMARY KEY, name TEXT);"
    "CREATE INDEX t_s ON t(s);"
    "CREATE TABLE wide(a1 INTEGER PRIMARY KEY, a2 TEXT, a3 INT, a4 REAL, a5, a6, a7 INT, a8 TEXT NOT NULL, a9, a10);"
    "CREATE INDEX wide_a3 ON wide(a3, a7);";

static const struct {
  const char *name, *text;
} kinds[] = {
    {"prepare_new_point", "SELECT v AS c%d, s FROM t WHERE id=?"},
    {"prepare_new_join",
     "SELECT u.name AS c%d, count(*), sum(a.v) FROM t AS a JOIN u ON u.g = a.g JOIN t AS b ON b.id = a.id + 1"
     " WHERE a.v > ? GROUP BY u.name ORDER BY 2 DESC LIMIT 10"},
    {"prepare_new_index", "SELECT id AS c%d, v FROM t WHERE s = ?"},
    {"prepare_new_range", "SELECT id AS c%d FROM t WHERE s BETWEEN ? AND ? ORDER BY s LIMIT 5"},
    {"prepare_new_sum", "SELECT count(*) AS c%d, sum(v) FROM t WHERE g=? AND v>1.5"},
    {"prepare_new_in", "SELECT id AS c%d FROM t WHERE g IN (1, 2, 3) OR s LIKE 'a%%'"},
    {"prepare_new_subquery", "SELECT id AS c%d FROM t WHERE g = (SELECT max(g) FROM u WHERE u.name = t.s)"},
    {"prepare_new_left_join", "SELECT t.id AS c%d, u.name FROM t LEFT JOIN u USING(g) WHERE t.s = ?"},
    {"prepare_new_case",
     "SELECT CASE WHEN v > 1 THEN 'a' ELSE 'b' END AS c%d, upper(s) || 'x', coalesce(g, 0) FROM t WHERE id = ?"},
    {"prepare_new_wide",
     "SELECT a1 AS c%d, a2, a3, a4, a5, a6, a7, a8, a9, a10 FROM wide WHERE a3 = ? AND a7 > ?"
     " ORDER BY a9"},
    {"prepare_new_union", "SELECT id AS c%d FROM t WHERE g = 1 UNION ALL SELECT g FROM u WHERE name = 'x'"},
    {"prepare_new_with",
     "WITH x AS (SELECT g, count(*) AS n FROM t GROUP BY g) SELECT u.name AS c%d, x.n FROM x JOIN u ON u.g = x.g"
     " WHERE x.n > 3"},
    {"prepare_new_window",
     "SELECT id AS c%d, sum(v) OVER (PARTITION BY g ORDER BY id), row_number() OVER (ORDER BY v) FROM t WHERE g < ?"},
    {"prepare_new_insert_select", "INSERT INTO u SELECT id, s AS c%d FROM t WHERE g = ? AND v > 1.5"},
    {"prepare_new_insert", "INSERT INTO t VALUES(:a, :p%d, :c, 'abc')"},
    {"prepare_new_update", "UPDATE t SET v = v + :p%d * g, s = :s WHERE id = :i"},
    {"prepare_new_delete", "DELETE FROM t WHERE id = :i AND g <> :p%d + v"},
};

static void fail(const char* what) {
  fprintf(stderr, "prepare: %s: %s\n", what, sqlite3_errmsg(database));
  exit(1);
}

static int64_t now(void) {
  struct timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void prepare(const char* text, int number) {
  char sql[400];
  sqlite3_stmt* statement = NULL;
  snprintf(sql, sizeof sql, text, number);
  if (sqlite3_prepare_v2(database, sql, -1, &statement, NULL) != SQLITE_OK) fail(sql);
  sqlite3_finalize(statement);
}

static __attribute__((noinline)) void measured(const char* text, int texts) {
  for (int i = 0; i < texts; i++) prepare(text, 1000 + i);
}

int main(int argc, char** argv) {
  if (argc != 3 && argc != 4) return 2;
  const int texts = atoi(argv[2]);
  if (sqlite3_open(":memory:", &database) != SQLITE_OK) fail("open");
  if (sqlite3_exec(database, schema, NULL, NULL, NULL) != SQLITE_OK) fail(schema);
  for (size_t kind = 0; kind < sizeof kinds / sizeof *kinds; kind++) {
    if (argc == 4 && strcmp(argv[3], kinds[kind].name) != 0) continue;
    /* The first ones import what the kind needs. */
    for (int i = 0; i < 10; i++) prepare(kinds[kind].text, i);
    const int64_t started = now();
    measured(kinds[kind].text, texts);
    printf("%s %d %lld\n", kinds[kind].name, texts, (long long)(now() - started));
    fflush(stdout);
  }
  sqlite3_close(database);
  return 0;
}
