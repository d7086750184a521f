/* The benchmark of writing: one program, run on real SQLite and on Keelback by LD_LIBRARY_PATH.
 *
 *   writes FOLDER ROWS [NAME [PRAGMAS]]     prints one line a workload: name, operations, nanoseconds of CPU time
 *
 * Each workload has a file of its own: what is in the table is made first, then the work is measured, its commit
 * included. NAME: this one only; PRAGMAS: SQL to run before it. The measured part is the function `measure`, so that
 * callgrind --toggle-collect=measure sees nothing else. It uses nothing but the sqlite3_* C API. */
#include <string.h>

#include "program.h"

enum { blob_bytes = 20000, blob_rows_share = 200 };

/* A row: number tells g and v, and the text is random. */
static void put_row(sqlite3_stmt* insert, sqlite3_int64 id, int number) {
  char text[64];
  sprintf(text, "key-%08u", random_number() % 100000000u);
  if (id > 0) sqlite3_bind_int64(insert, 1, id);
  sqlite3_bind_int64(insert, 2, number % 1000);
  sqlite3_bind_double(insert, 3, number / 7.0);
  sqlite3_bind_text(insert, 4, text, -1, SQLITE_STATIC);
  if (sqlite3_step(insert) != SQLITE_DONE) fail("insert");
  sqlite3_reset(insert);
}

typedef enum { ids_ascending, ids_random, ids_again, ids_given } Ids;

static void put_rows(const char* sql, Ids ids) {
  run("BEGIN");
  sqlite3_stmt* insert = prepare(sql);
  for (int i = 1; i <= rows; i++) {
    sqlite3_int64 id = i;
    if (ids == ids_random) id = (sqlite3_int64)((uint64_t)i * 2654435761u % 4294967291u);
    if (ids == ids_again) id = random_number() % (unsigned)rows + 1;
    if (ids == ids_given) id = 0;
    put_row(insert, id, i);
  }
  sqlite3_finalize(insert);
  run("COMMIT");
}

static int blob_rows(void) { return rows / blob_rows_share > 0 ? rows / blob_rows_share : 1; }

static void put_blobs(const char* sql, int shift) {
  static char bytes[blob_bytes + 16];
  memset(bytes, 'x', sizeof bytes);
  run("BEGIN");
  sqlite3_stmt* insert = prepare(sql);
  for (int i = 1; i <= blob_rows(); i++) {
    sqlite3_bind_blob(insert, 1, bytes, blob_bytes + shift, SQLITE_STATIC);
    sqlite3_bind_int64(insert, 2, i);
    if (sqlite3_step(insert) != SQLITE_DONE) fail(sql);
    sqlite3_reset(insert);
  }
  sqlite3_finalize(insert);
  run("COMMIT");
}

#define TABLE_T "CREATE TABLE t(id INTEGER PRIMARY KEY, g INTEGER, v REAL, s TEXT);"
#define INDEX_S "CREATE INDEX t_s ON t(s);"
#define INTO_T "INTO t VALUES(?,?,?,?)"
#define TABLE_B "CREATE TABLE b(id INTEGER PRIMARY KEY, x BLOB)"

static void make_empty(void) { run(TABLE_T); }
static void make_table(void) {
  run(TABLE_T);
  put_rows("INSERT " INTO_T, ids_ascending);
}
static void make_indexed(void) {
  make_table();
  run(INDEX_S);
}
static void make_empty_indexed(void) { run(TABLE_T INDEX_S); }
static void make_empty_two_indexes(void) { run(TABLE_T INDEX_S "CREATE INDEX t_g ON t(g, v);"); }
static void make_empty_without_rowid(void) { run("CREATE TABLE t(id, g, v, s, PRIMARY KEY(s, id)) WITHOUT ROWID"); }
static void make_empty_autoincrement(void) {
  run("CREATE TABLE t(id INTEGER PRIMARY KEY AUTOINCREMENT, g INTEGER, v REAL, s TEXT)");
}
static void make_empty_unique(void) { run("CREATE TABLE t(id INTEGER PRIMARY KEY, g INTEGER, v REAL, s TEXT UNIQUE)"); }
static void make_copy(void) {
  make_table();
  run("CREATE TABLE copy(id INTEGER PRIMARY KEY, g INTEGER, v REAL, s TEXT)");
}
static void make_empty_blobs(void) { run(TABLE_B); }
static void make_blobs(void) {
  run(TABLE_B);
  put_blobs("INSERT INTO b(x, id) VALUES(?, ?)", 0);
}

static void insert_ascending(void) { put_rows("INSERT " INTO_T, ids_ascending); }
static void insert_random(void) { put_rows("INSERT " INTO_T, ids_random); }
static void insert_without_id(void) { put_rows("INSERT " INTO_T, ids_given); }
static void insert_or_ignore(void) { put_rows("INSERT OR IGNORE " INTO_T, ids_ascending); }
static void replace_rows(void) { put_rows("REPLACE " INTO_T, ids_again); }
static void upsert_rows(void) {
  put_rows("INSERT " INTO_T " ON CONFLICT(id) DO UPDATE SET g = excluded.g + g, v = excluded.v", ids_again);
}
static void insert_select(void) { run("INSERT INTO copy SELECT id, g, v + 1, s FROM t"); }
static void create_table_as(void) { run("CREATE TABLE made AS SELECT id, g, v, s FROM t"); }
static void update_all(void) { run("UPDATE t SET v = v + 1"); }
static void update_some(void) { run("UPDATE t SET v = v + 1 WHERE g % 10 = 3"); }
static void update_longer(void) { run("UPDATE t SET s = s || ' and more'"); }
static void update_random(void) {
  run("BEGIN");
  sqlite3_stmt* update = prepare("UPDATE t SET v = v + 1 WHERE id = ?");
  for (int i = 0; i < rows; i++) {
    sqlite3_bind_int64(update, 1, random_number() % (unsigned)rows + 1);
    if (sqlite3_step(update) != SQLITE_DONE) fail("update");
    sqlite3_reset(update);
  }
  sqlite3_finalize(update);
  run("COMMIT");
}
static void update_key(void) { run("UPDATE t SET s = 'new-' || s WHERE g % 10 = 3"); }
static void delete_range(void) {
  char sql[100];
  snprintf(sql, sizeof sql, "DELETE FROM t WHERE id BETWEEN %d AND %d", rows / 10, rows / 10 + rows / 5);
  run(sql);
}
static void delete_third(void) { run("DELETE FROM t WHERE id % 3 = 0"); }
static void delete_each(void) { run("DELETE FROM t WHERE id > 0"); }
static void delete_all(void) { run("DELETE FROM t"); }
static void insert_blobs(void) { put_blobs("INSERT INTO b(x, id) VALUES(?, ?)", 0); }
static void update_blobs(void) { put_blobs("UPDATE b SET x = ? WHERE id = ?", 7); }
static void delete_blobs(void) { run("DELETE FROM b WHERE id > 0"); }
static void read_blobs(void) {
  static char bytes[blob_bytes];
  sqlite3_blob* blob = NULL;
  if (sqlite3_blob_open(database, "main", "b", "x", 1, 0, &blob) != SQLITE_OK) fail("blob_open");
  for (int i = 1; i <= blob_rows(); i++) {
    if (i > 1 && sqlite3_blob_reopen(blob, i) != SQLITE_OK) fail("blob_reopen");
    for (int at = 0; at < blob_bytes; at += 1000) {
      if (sqlite3_blob_read(blob, bytes + at, 1000, at) != SQLITE_OK) fail("blob_read");
    }
  }
  sqlite3_blob_close(blob);
}

typedef struct {
  const char* name;
  void (*make)(void);
  void (*work)(void);
  int is_blobs;
} Workload;

static const Workload workloads[] = {
    {"w_insert_ascending", make_empty, insert_ascending, 0},
    {"w_insert_random", make_empty, insert_random, 0},
    {"w_insert_indexed", make_empty_indexed, insert_ascending, 0},
    {"w_insert_two_indexes", make_empty_two_indexes, insert_ascending, 0},
    {"w_insert_unique", make_empty_unique, insert_or_ignore, 0},
    {"w_insert_without_rowid", make_empty_without_rowid, insert_ascending, 0},
    {"w_insert_autoincrement", make_empty_autoincrement, insert_without_id, 0},
    {"w_insert_select", make_copy, insert_select, 0},
    {"w_create_table_as", make_table, create_table_as, 0},
    {"w_replace", make_table, replace_rows, 0},
    {"w_replace_indexed", make_indexed, replace_rows, 0},
    {"w_upsert", make_table, upsert_rows, 0},
    {"w_update_all", make_table, update_all, 0},
    {"w_update_some", make_table, update_some, 0},
    {"w_update_longer", make_table, update_longer, 0},
    {"w_update_random", make_table, update_random, 0},
    {"w_update_key", make_indexed, update_key, 0},
    {"w_delete_range", make_indexed, delete_range, 0},
    {"w_delete_range_plain", make_table, delete_range, 0},
    {"w_delete_third", make_indexed, delete_third, 0},
    {"w_delete_third_plain", make_table, delete_third, 0},
    {"w_delete_each", make_indexed, delete_each, 0},
    {"w_delete_all", make_indexed, delete_all, 0},
    {"w_insert_blobs", make_empty_blobs, insert_blobs, 1},
    {"w_read_blobs", make_blobs, read_blobs, 1},
    {"w_update_blobs", make_blobs, update_blobs, 1},
    {"w_delete_blobs", make_blobs, delete_blobs, 1},
};

__attribute__((noinline)) void measure(const Workload* workload) { workload->work(); }

int main(int count, char** arguments) {
  if (count < 3) return 2;
  rows = atoi(arguments[2]);
  const char* only = count > 3 ? arguments[3] : NULL;
  const char* pragmas = count > 4 ? arguments[4] : "";
  char path[4096];
  snprintf(path, sizeof path, "%s/writes.db", arguments[1]);
  for (size_t i = 0; i < sizeof workloads / sizeof *workloads; i++) {
    const Workload* workload = &workloads[i];
    if (only && strcmp(only, workload->name) != 0) continue;
    remove(path);
    random_state = 12345;
    if (sqlite3_open(path, &database) != SQLITE_OK) fail("open");
    run(pragmas);
    workload->make();
    const int64_t started = now();
    measure(workload);
    const int64_t taken = now() - started;
    printf("%s %d %lld\n", workload->name, workload->is_blobs ? blob_rows() : rows, (long long)taken);
    fflush(stdout);
    sqlite3_close(database);
  }
  remove(path);
  return 0;
}
