/* The C benchmark: one program, run on real SQLite and on Keelback by LD_LIBRARY_PATH.
 *
 *   bench FOLDER ROWS     prints one line a workload: name, operations, nanoseconds of CPU time
 *
 * It uses nothing but the sqlite3_* C API, so that what differs is the library alone. */
#include <string.h>

#include "program.h"

static void report(const char* name, int64_t operations, int64_t started) {
  printf("%s %lld %lld\n", name, (long long)operations, (long long)(now() - started));
  fflush(stdout);
}

static int64_t drain(const char* sql) {
  sqlite3_stmt* statement = prepare(sql);
  int64_t count = 0, check = 0;
  while (sqlite3_step(statement) == SQLITE_ROW) {
    count++;
    check += sqlite3_column_int64(statement, 0);
  }
  if (sqlite3_finalize(statement) != SQLITE_OK || (count == 0 && check == 0)) fail(sql);
  return count;
}

static void key_text(char* out, unsigned number) { sprintf(out, "key-%08u", number % 100000000u); }

/* number: what g and v are made from. */
static void insert_row(sqlite3_stmt* insert, sqlite3_int64 id, int number, const char* text) {
  sqlite3_bind_int64(insert, 1, id);
  sqlite3_bind_int64(insert, 2, number % 1000);
  sqlite3_bind_double(insert, 3, number / 7.0);
  sqlite3_bind_text(insert, 4, text, -1, SQLITE_STATIC);
  if (sqlite3_step(insert) != SQLITE_DONE) fail("insert");
  sqlite3_reset(insert);
}

static void query(const char* name, const char* sql, int64_t operations) {
  drain(sql); /* warm */
  int64_t started = now();
  drain(sql);
  report(name, operations, started);
}

/* The bound insert once more, into a database in memory. */
static void insert_in_memory(void) {
  sqlite3* file = database;
  char text[64];
  if (sqlite3_open(":memory:", &database) != SQLITE_OK) fail("open");
  run("CREATE TABLE t(id INTEGER PRIMARY KEY, g INTEGER, v REAL, s TEXT)");
  int64_t started = now();
  run("BEGIN");
  sqlite3_stmt* insert = prepare("INSERT INTO t VALUES(?,?,?,?)");
  for (int i = 1; i <= rows; i++) {
    key_text(text, (unsigned)i);
    insert_row(insert, i, i, text);
  }
  sqlite3_finalize(insert);
  run("COMMIT");
  report("insert_memory", rows, started);
  sqlite3_close(database);
  database = file;
}

/* Rows that do not come in order, rows under an index, rows out of a query: in a file of their own. */
static void insert_otherwise(const char* folder) {
  sqlite3* before = database;
  const int count = rows / 5 > 0 ? rows / 5 : 1;
  char path[4096], text[64], sql[100];
  snprintf(path, sizeof path, "%s/inserts.db", folder);
  remove(path);
  if (sqlite3_open(path, &database) != SQLITE_OK) fail("open");
  static const char* const names[] = {"insert_random", "insert_indexed"};
  for (int kind = 0; kind < 2; kind++) {
    snprintf(sql, sizeof sql, "CREATE TABLE t%d(id INTEGER PRIMARY KEY, g INTEGER, v REAL, s TEXT)", kind);
    run(sql);
    if (kind == 1) run("CREATE INDEX t1_s ON t1(s)");
    snprintf(sql, sizeof sql, "INSERT INTO t%d VALUES(?,?,?,?)", kind);
    int64_t started = now();
    run("BEGIN");
    sqlite3_stmt* insert = prepare(sql);
    for (int i = 1; i <= count; i++) {
      key_text(text, random_number());
      insert_row(insert, kind == 0 ? (sqlite3_int64)((uint64_t)i * 2654435761u % 4294967291u) : i, i, text);
    }
    sqlite3_finalize(insert);
    run("COMMIT");
    report(names[kind], count, started);
  }
  run("CREATE TABLE copy(id INTEGER PRIMARY KEY, g INTEGER, v REAL, s TEXT)");
  int64_t started = now();
  run("INSERT INTO copy SELECT id, g, v + 1, s FROM t1");
  report("insert_select", count, started);
  started = now();
  run("CREATE TABLE made AS SELECT id, g, v, s FROM t1");
  report("create_table_as", count, started);
  sqlite3_close(database);
  remove(path);
  database = before;
}

/* Opening a small file, one query, closing: what a short program does. */
static void open_query_close(const char* path) {
  const int opens = 200;
  sqlite3* before = database;
  int64_t started = 0;
  for (int i = -1; i < opens; i++) {
    if (i == 0) started = now();
    if (sqlite3_open(path, &database) != SQLITE_OK) fail("open");
    drain("SELECT name FROM u WHERE g = 7");
    sqlite3_close(database);
  }
  database = before;
  report("open_query_close", opens, started);
}

/* Texts that the library has seen, and that differ in literals only; for those never seen there is prepare.c. */
static void prepare_texts(void) {
  const int known = 20000;
  char sql[400];
  sqlite3_finalize(prepare("SELECT v, s FROM t WHERE id=?"));
  int64_t started = now();
  for (int i = 0; i < known; i++) sqlite3_finalize(prepare("SELECT v, s FROM t WHERE id=?"));
  report("prepare_known", known, started);
  sqlite3_finalize(prepare("SELECT v, s FROM t WHERE id=-5 AND s<>'a'"));
  started = now();
  for (int i = 0; i < known; i++) {
    snprintf(sql, sizeof sql, "SELECT v, s FROM t WHERE id=%d AND s<>'text %d'", i + 10, i);
    sqlite3_finalize(prepare(sql));
  }
  report("prepare_literals", known, started);
}

/* One insert a transaction into a database in WAL mode, synchronous as most programs then have it; and looking at it
 * from a second connection after each hundredth, which takes a new snapshot. */
static void wal_commit(const char* folder) {
  char path[4096], text[64];
  sqlite3* before = database;
  const int commits = rows < 20000 ? rows : 20000;
  snprintf(path, sizeof path, "%s/wal.db", folder);
  remove(path);
  if (sqlite3_open(path, &database) != SQLITE_OK) fail("open");
  drain("PRAGMA journal_mode = wal");
  run("PRAGMA synchronous = normal");
  run("CREATE TABLE t(id INTEGER PRIMARY KEY, s TEXT)");
  sqlite3_stmt* insert = prepare("INSERT INTO t VALUES(?,?)");
  int64_t started = now();
  for (int i = 1; i <= commits; i++) {
    key_text(text, (unsigned)i);
    sqlite3_bind_int64(insert, 1, i);
    sqlite3_bind_text(insert, 2, text, -1, SQLITE_STATIC);
    if (sqlite3_step(insert) != SQLITE_DONE) fail("insert");
    sqlite3_reset(insert);
  }
  report("wal_commit", commits, started);
  sqlite3* writer = database;
  if (sqlite3_open(path, &database) != SQLITE_OK) fail("open");
  sqlite3_stmt* point = prepare("SELECT s FROM t WHERE id=?");
  started = now();
  for (int i = 0; i < commits; i++) {
    if (i % 100 == 0) {
      sqlite3_bind_int64(insert, 1, commits + 1 + i);
      if (sqlite3_step(insert) != SQLITE_DONE) fail("insert");
      sqlite3_reset(insert);
    }
    sqlite3_bind_int64(point, 1, random_number() % commits + 1);
    if (sqlite3_step(point) != SQLITE_ROW) fail("point select");
    sqlite3_reset(point);
  }
  report("wal_read_beside_writer", commits, started);
  sqlite3_finalize(point);
  sqlite3_close(database);
  sqlite3_finalize(insert);
  sqlite3_close(writer);
  database = before;
}

// Rows of `u` or a table like it by sqlite3_exec, each text another one, in one transaction.
static void insert_literals(const char* table, int count) {
  run("BEGIN");
  for (int i = 0; i < count; i++) {
    char sql[100];
    snprintf(sql, sizeof sql, "INSERT INTO %s VALUES(%d,'group %d')", table, i, i);
    run(sql);
  }
  run("COMMIT");
}

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  rows = atoi(argv[2]);
  char path[4096], text[64];
  snprintf(path, sizeof path, "%s/bench.db", argv[1]);
  remove(path);
  int lookups = rows < 20000 ? rows : 20000;

  int64_t started = now();
  int opens = 50;
  for (int i = 0; i < opens; i++) {
    if (sqlite3_open(path, &database) != SQLITE_OK) fail("open");
    sqlite3_close(database);
  }
  report("open_close", opens, started);

  if (sqlite3_open(path, &database) != SQLITE_OK) fail("open");
  run("CREATE TABLE t(id INTEGER PRIMARY KEY, g INTEGER, v REAL, s TEXT)");
  run("CREATE TABLE u(g INTEGER PRIMARY KEY, name TEXT)");

  started = now();
  run("BEGIN");
  sqlite3_stmt* insert = prepare("INSERT INTO t VALUES(?,?,?,?)");
  for (int i = 1; i <= rows; i++) {
    key_text(text, random_number());
    sqlite3_bind_int64(insert, 1, i);
    sqlite3_bind_int64(insert, 2, random_number() % 1000);
    sqlite3_bind_double(insert, 3, random_number() / 1000.0);
    sqlite3_bind_text(insert, 4, text, -1, SQLITE_TRANSIENT);
    if (sqlite3_step(insert) != SQLITE_DONE) fail("insert");
    sqlite3_reset(insert);
  }
  sqlite3_finalize(insert);
  run("COMMIT");
  report("insert_bound", rows, started);
  insert_in_memory();
  insert_otherwise(argv[1]);

  insert_literals("u", 1000);
  run("CREATE TABLE w(g INTEGER PRIMARY KEY, name TEXT)");
  started = now();
  insert_literals("w", lookups);
  report("insert_exec_literal", lookups, started);
  run("DROP TABLE w");

  started = now();
  run("CREATE INDEX t_s ON t(s)");
  report("create_index_text", rows, started);

  prepare_texts();
  open_query_close(path);

  run("BEGIN");
  sqlite3_stmt* point = prepare("SELECT v, s FROM t WHERE id=?");
  started = now();
  for (int i = 0; i < lookups; i++) {
    sqlite3_bind_int64(point, 1, random_number() % rows + 1);
    if (sqlite3_step(point) != SQLITE_ROW) fail("point select");
    (void)sqlite3_column_double(point, 0);
    (void)sqlite3_column_text(point, 1);
    sqlite3_reset(point);
  }
  report("point_rowid", lookups, started);
  sqlite3_finalize(point);

  point = prepare("SELECT id FROM t WHERE s=?");
  random_state = 12345;
  started = now();
  for (int i = 0; i < lookups; i++) {
    key_text(text, random_number());
    random_number();
    random_number();
    sqlite3_bind_text(point, 1, text, -1, SQLITE_TRANSIENT);
    if (sqlite3_step(point) != SQLITE_ROW) fail("point select by text");
    sqlite3_reset(point);
  }
  report("point_text_index", lookups, started);
  sqlite3_finalize(point);
  run("COMMIT");

  query("scan_filter_sum", "SELECT sum(g) FROM t WHERE v > 1000.0", rows);
  query("scan_rows", "SELECT g, v FROM t", rows);
  query("group_1000", "SELECT g, count(*), sum(v) FROM t GROUP BY g", rows);
  query("sort_real", "SELECT id FROM t ORDER BY v", rows);
  query("join_rowid", "SELECT count(*), sum(u.g) FROM t JOIN u ON u.g = t.g", rows);
  // Every row of t is looked up in a table of as many rows that has no index; then in a tenth of it, with a filter.
  run("CREATE TABLE w(k INTEGER, x INTEGER)");
  run("INSERT INTO w SELECT id * 7919 % (SELECT max(id) FROM t), id FROM t");
  query("join_no_index", "SELECT count(*), sum(w.x) FROM t CROSS JOIN w ON w.k = t.id", rows);
  query("join_no_index_filter",
        "SELECT count(*), max(w.x), sum(t.g) FROM t CROSS JOIN w ON w.k = t.id WHERE w.x % 10 = 3", rows);

  started = now();
  run("BEGIN");
  sqlite3_stmt* update = prepare("UPDATE t SET v = v + 1 WHERE id = ?");
  for (int i = 0; i < lookups; i++) {
    sqlite3_bind_int64(update, 1, random_number() % rows + 1);
    if (sqlite3_step(update) != SQLITE_DONE) fail("update");
    sqlite3_reset(update);
  }
  sqlite3_finalize(update);
  run("COMMIT");
  report("update_rowid", lookups, started);

  char sql[100];
  started = now();
  snprintf(sql, sizeof sql, "DELETE FROM t WHERE id BETWEEN %d AND %d", rows / 10, rows / 5);
  run(sql);
  report("delete_range", rows / 10, started);

  started = now();
  run("DELETE FROM t WHERE id % 3 = 0");
  report("delete_third", rows, started);
  wal_commit(argv[1]);
  sqlite3_close(database);
  return 0;
}
