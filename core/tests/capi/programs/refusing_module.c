/* A module of virtual tables that refuses one of its methods, and what becomes of statements and transactions. */
#include <stdio.h>
#include <string.h>

#include "sqlite3.h"

static const char *refused;
static sqlite3 *db;

typedef struct {
  sqlite3_vtab_cursor base;
  int at;
} Cursor;

static int answer(const char *method, int code) {
  return refused != NULL && strcmp(refused, method) == 0 ? code : SQLITE_OK;
}

static int connect_table(sqlite3 *database, void *data, int count, const char *const *texts, sqlite3_vtab **table,
                         char **message) {
  (void)data, (void)count, (void)texts, (void)message;
  *table = sqlite3_malloc(sizeof **table);
  memset(*table, 0, sizeof **table);
  return sqlite3_declare_vtab(database, "CREATE TABLE x(a, b)");
}
static int disconnect_table(sqlite3_vtab *table) { return sqlite3_free(table), SQLITE_OK; }
static int best_index(sqlite3_vtab *table, sqlite3_index_info *info) {
  (void)table;
  info->estimatedCost = 10;
  return SQLITE_OK;
}
static int open_cursor(sqlite3_vtab *table, sqlite3_vtab_cursor **cursor) {
  (void)table;
  *cursor = sqlite3_malloc(sizeof(Cursor));
  memset(*cursor, 0, sizeof(Cursor));
  return SQLITE_OK;
}
static int close_cursor(sqlite3_vtab_cursor *cursor) { return sqlite3_free(cursor), SQLITE_OK; }
static int filter(sqlite3_vtab_cursor *cursor, int number, const char *text, int count, sqlite3_value **values) {
  (void)number, (void)text, (void)count, (void)values;
  ((Cursor *)cursor)->at = 0;
  return SQLITE_OK;
}
static int next_row(sqlite3_vtab_cursor *cursor) { return ++((Cursor *)cursor)->at, SQLITE_OK; }
static int is_at_end(sqlite3_vtab_cursor *cursor) { return ((Cursor *)cursor)->at >= 2; }
static int column(sqlite3_vtab_cursor *cursor, sqlite3_context *context, int number) {
  sqlite3_result_int(context, ((Cursor *)cursor)->at * 10 + number);
  return SQLITE_OK;
}
static int rowid(sqlite3_vtab_cursor *cursor, sqlite3_int64 *found) { return *found = ((Cursor *)cursor)->at, SQLITE_OK; }
static int update(sqlite3_vtab *table, int count, sqlite3_value **values, sqlite3_int64 *made) {
  (void)table, (void)count, (void)values;
  printf("   update\n");
  *made = 5;
  return answer("update", SQLITE_CONSTRAINT_VTAB);
}

#define TRANSACTION(name)                   \
  static int name(sqlite3_vtab *table) {    \
    (void)table;                            \
    printf("   " #name "\n");               \
    return answer(#name, SQLITE_IOERR);     \
  }
#define SAVEPOINT(name)                             \
  static int name(sqlite3_vtab *table, int depth) { \
    (void)table;                                    \
    printf("   " #name " %d\n", depth);             \
    return answer(#name, SQLITE_BUSY);              \
  }
TRANSACTION(begin)
TRANSACTION(sync)
TRANSACTION(commit)
TRANSACTION(rollback)
SAVEPOINT(savepoint)
SAVEPOINT(release)
SAVEPOINT(rollback_to)

static const sqlite3_module module = {
    .iVersion = 2, .xCreate = connect_table, .xConnect = connect_table, .xBestIndex = best_index,
    .xDisconnect = disconnect_table, .xDestroy = disconnect_table, .xOpen = open_cursor, .xClose = close_cursor,
    .xFilter = filter, .xNext = next_row, .xEof = is_at_end, .xColumn = column, .xRowid = rowid, .xUpdate = update,
    .xBegin = begin, .xSync = sync, .xCommit = commit, .xRollback = rollback, .xSavepoint = savepoint,
    .xRelease = release, .xRollbackTo = rollback_to};

static void run(const char *sql) {
  sqlite3_stmt *statement = NULL;
  printf("%s\n", sql);
  if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) != SQLITE_OK) {
    printf("  %s\n", sqlite3_errmsg(db));
    return;
  }
  int code;
  while ((code = sqlite3_step(statement)) == SQLITE_ROW) printf("  row %s\n", sqlite3_column_text(statement, 0));
  printf("  %d %d %s, autocommit %d\n", code, sqlite3_extended_errcode(db), code == SQLITE_DONE ? "" : sqlite3_errmsg(db),
         sqlite3_get_autocommit(db));
  sqlite3_finalize(statement);
}

int main(void) {
  static const char *methods[] = {"savepoint", "release", "rollback_to", "begin", "sync", "commit", "rollback", "update"};
  static const char *texts[] = {
      "INSERT INTO v VALUES (1, 2)", "BEGIN", "INSERT INTO v VALUES (1, 2)", "SAVEPOINT s", "INSERT INTO v VALUES (3, 4)",
      "INSERT INTO t VALUES (1)", "ROLLBACK TO s", "RELEASE s", "COMMIT", "ROLLBACK", "SELECT count(*) FROM t",
      "INSERT INTO t SELECT a FROM v", "INSERT INTO v SELECT a, 1 FROM t"};
  sqlite3_open(":memory:", &db);
  sqlite3_create_module(db, "m", &module, NULL);
  run("CREATE VIRTUAL TABLE v USING m");
  run("CREATE TABLE t(a UNIQUE)");
  for (size_t method = 0; method < sizeof methods / sizeof *methods; ++method) {
    refused = methods[method];
    printf("refused: %s\n", refused);
    for (size_t text = 0; text < sizeof texts / sizeof *texts; ++text) run(texts[text]);
    refused = NULL;
    run("DELETE FROM t");
    run("ROLLBACK");
  }
  sqlite3_close(db);
  return 0;
}
