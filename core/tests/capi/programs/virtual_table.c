/* A module written in C: rows of (name, number) in memory, told and asked by whatever libsqlite3 is loaded.
 *
 * Prints what every statement gives and what the module is asked, so that two libraries can be compared line by line. */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 64 };

typedef struct {
  sqlite3_int64 rowid;
  char name[32];
  sqlite3_int64 number;
} Row;

typedef struct {
  sqlite3_vtab base;
  sqlite3 *db;
  Row rows[MOST];
  int count;
} Table;

typedef struct {
  sqlite3_vtab_cursor base;
  int at;
  int has_number;
  sqlite3_int64 number;
} Cursor;

static int connect(sqlite3 *db, void *argument, int argc, const char *const *argv, sqlite3_vtab **table, char **error) {
  Table *made;
  int code;
  printf("  connect %s", (const char *)argument);
  for (int i = 0; i < argc; ++i) printf(" [%s]", argv[i]);
  printf("\n");
  if (argc > 3 && strcmp(argv[3], "fail") == 0) {
    *error = sqlite3_mprintf("told to fail by %s", argv[2]);
    return SQLITE_ERROR;
  }
  if (argc > 3 && strcmp(argv[3], "silent") == 0) return SQLITE_NOMEM;
  if (argc <= 3 || strcmp(argv[3], "undeclared") != 0) {
    code = sqlite3_declare_vtab(db, "CREATE TABLE x(name TEXT COLLATE NOCASE, number INTEGER, secret HIDDEN)");
    if (code != SQLITE_OK) return code;
  }
  if (argc > 3 && strcmp(argv[3], "direct") == 0) sqlite3_vtab_config(db, SQLITE_VTAB_DIRECTONLY);
  made = sqlite3_malloc(sizeof *made);
  memset(made, 0, sizeof *made);
  made->db = db;
  *table = &made->base;
  return SQLITE_OK;
}

static int disconnect(sqlite3_vtab *table) {
  printf("  disconnect\n");
  sqlite3_free(table);
  return SQLITE_OK;
}
static int destroy(sqlite3_vtab *table) {
  printf("  destroy\n");
  sqlite3_free(table);
  return SQLITE_OK;
}

static int best_index(sqlite3_vtab *table, sqlite3_index_info *info) {
  (void)table;
  for (int i = 0; i < info->nConstraint; ++i) {
    if (!info->aConstraint[i].usable || info->aConstraint[i].iColumn != 1) continue;
    if (info->aConstraint[i].op != SQLITE_INDEX_CONSTRAINT_EQ) continue;
    info->aConstraintUsage[i].argvIndex = 1;
    info->aConstraintUsage[i].omit = 1;
    info->idxNum = 7;
    info->idxStr = sqlite3_mprintf("number %s", sqlite3_vtab_collation(info, i));
    info->needToFreeIdxStr = 1;
    info->estimatedCost = 3;
    info->estimatedRows = 2;
    return SQLITE_OK;
  }
  info->estimatedCost = 100;
  info->estimatedRows = 50;
  return SQLITE_OK;
}

static int open_cursor(sqlite3_vtab *table, sqlite3_vtab_cursor **cursor) {
  Cursor *made = sqlite3_malloc(sizeof *made);
  (void)table;
  memset(made, 0, sizeof *made);
  *cursor = &made->base;
  return SQLITE_OK;
}
static int close_cursor(sqlite3_vtab_cursor *cursor) {
  sqlite3_free(cursor);
  return SQLITE_OK;
}

static void skip(Cursor *cursor) {
  Table *table = (Table *)cursor->base.pVtab;
  while (cursor->at < table->count && cursor->has_number && table->rows[cursor->at].number != cursor->number) {
    ++cursor->at;
  }
}
static int filter(sqlite3_vtab_cursor *base, int number, const char *text, int argc, sqlite3_value **argv) {
  Cursor *cursor = (Cursor *)base;
  printf("  filter %d %s %d\n", number, text ? text : "-", argc);
  cursor->at = 0;
  cursor->has_number = argc > 0;
  if (argc > 0) cursor->number = sqlite3_value_int64(argv[0]);
  if (argc > 0 && cursor->number == 99) {
    base->pVtab->zErrMsg = sqlite3_mprintf("no ninety-nine");
    return SQLITE_ERROR;
  }
  skip(cursor);
  return SQLITE_OK;
}
static int next(sqlite3_vtab_cursor *base) {
  Cursor *cursor = (Cursor *)base;
  ++cursor->at;
  skip(cursor);
  return SQLITE_OK;
}
static int eof(sqlite3_vtab_cursor *base) { return ((Cursor *)base)->at >= ((Table *)base->pVtab)->count; }
static int column(sqlite3_vtab_cursor *base, sqlite3_context *context, int number) {
  Row *row = &((Table *)base->pVtab)->rows[((Cursor *)base)->at];
  if (number == 0) {
    sqlite3_result_text(context, row->name, -1, SQLITE_TRANSIENT);
  } else if (number == 1) {
    sqlite3_result_int64(context, row->number);
  } else if (row->number == 13) {
    sqlite3_result_error(context, "unlucky", -1);
  }
  return SQLITE_OK;
}
static int rowid(sqlite3_vtab_cursor *base, sqlite3_int64 *found) {
  *found = ((Table *)base->pVtab)->rows[((Cursor *)base)->at].rowid;
  return SQLITE_OK;
}

static int place_of(Table *table, sqlite3_int64 wanted) {
  for (int i = 0; i < table->count; ++i) {
    if (table->rows[i].rowid == wanted) return i;
  }
  return -1;
}
static int update(sqlite3_vtab *base, int argc, sqlite3_value **argv, sqlite3_int64 *made) {
  Table *table = (Table *)base;
  int place;
  printf("  update %d, conflict %d\n", argc, sqlite3_vtab_on_conflict(table->db));
  if (sqlite3_value_type(argv[0]) != SQLITE_NULL) {
    place = place_of(table, sqlite3_value_int64(argv[0]));
    if (argc == 1) {
      memmove(&table->rows[place], &table->rows[place + 1], sizeof(Row) * (size_t)(table->count - place - 1));
      --table->count;
      return SQLITE_OK;
    }
  } else {
    if (place_of(table, sqlite3_value_int64(argv[1])) >= 0 && sqlite3_value_type(argv[1]) != SQLITE_NULL) {
      base->zErrMsg = sqlite3_mprintf("that rowid is taken");
      return SQLITE_CONSTRAINT;
    }
    place = table->count++;
  }
  if (sqlite3_value_type(argv[1]) == SQLITE_NULL) {
    table->rows[place].rowid = place == 0 ? 1 : table->rows[place - 1].rowid + 1;
  } else {
    table->rows[place].rowid = sqlite3_value_int64(argv[1]);
  }
  *made = table->rows[place].rowid;
  snprintf(table->rows[place].name, sizeof table->rows[place].name, "%s", (const char *)sqlite3_value_text(argv[2]));
  table->rows[place].number = sqlite3_value_int64(argv[3]);
  return SQLITE_OK;
}
static int note(const char *what) {
  printf("  %s\n", what);
  return SQLITE_OK;
}
static int begin(sqlite3_vtab *table) { return (void)table, note("begin"); }
static int sync(sqlite3_vtab *table) { return (void)table, note("sync"); }
static int commit(sqlite3_vtab *table) { return (void)table, note("commit"); }
static int rollback(sqlite3_vtab *table) { return (void)table, note("rollback"); }
static int rename_table(sqlite3_vtab *table, const char *name) {
  (void)table;
  printf("  rename %s\n", name);
  return SQLITE_OK;
}

static void let_go(void *argument) { printf("  let go of %s\n", (const char *)argument); }

static int print_row(void *argument, int count, char **values, char **names) {
  (void)argument, (void)names;
  for (int i = 0; i < count; ++i) printf("%s%s", i ? "|" : "  = ", values[i] ? values[i] : "NULL");
  printf("\n");
  return 0;
}

static void run(sqlite3 *db, const char *sql) {
  char *error = NULL;
  int code;
  printf("%s\n", sql);
  code = sqlite3_exec(db, sql, print_row, NULL, &error);
  if (code != SQLITE_OK) printf("  ! %d %s\n", code, error);
  sqlite3_free(error);
}

int main(void) {
  static const char *statements[] = {
      "CREATE VIRTUAL TABLE t USING pairs(one, two words)",
      "INSERT INTO t VALUES ('a', 1), ('B', 2), ('c', 3)",
      "SELECT rowid, *, secret FROM t",
      "SELECT name FROM t WHERE number = 2",
      "SELECT name FROM t WHERE number IN (1, 3)",
      "SELECT name FROM t WHERE name = 'b'",
      "SELECT x.name, y.name FROM t x JOIN t y ON y.number = x.number + 1",
      "SELECT name FROM t WHERE number = 99",
      "INSERT INTO t(rowid, name, number) VALUES (2, 'x', 5)",
      "INSERT OR IGNORE INTO t(rowid, name, number) VALUES (2, 'x', 5)",
      "INSERT OR REPLACE INTO t(rowid, name, number) VALUES (70, 'x', 13)",
      "SELECT last_insert_rowid(), changes()",
      "SELECT secret FROM t WHERE rowid = 70",
      "UPDATE t SET number = number + 10 WHERE name < 'c'",
      "DELETE FROM t WHERE rowid = 70",
      "SELECT rowid, * FROM t ORDER BY number DESC",
      "BEGIN",
      "INSERT INTO t VALUES ('d', 4)",
      "COMMIT",
      "BEGIN",
      "DELETE FROM t WHERE number = 4",
      "ROLLBACK",
      "ALTER TABLE t RENAME TO u",
      "SELECT count(*) FROM u",
      "CREATE VIRTUAL TABLE bad USING pairs(fail)",
      "CREATE VIRTUAL TABLE bad USING pairs(silent)",
      "CREATE VIRTUAL TABLE bad USING pairs(undeclared)",
      "CREATE VIRTUAL TABLE direct USING pairs(direct)",
      "CREATE VIEW v AS SELECT name FROM direct",
      "SELECT * FROM v",
      "DROP VIEW v",
      "DROP TABLE direct",
      "DROP TABLE u",
      "SELECT overloaded(1)",
      "SELECT * FROM alone WHERE number = 5",
      "SELECT name FROM pragma_module_list WHERE name IN ('pairs', 'alone') ORDER BY 1",
  };
  static sqlite3_module pairs, alone;
  sqlite3 *db;
  pairs.iVersion = 1;
  pairs.xCreate = pairs.xConnect = connect;
  pairs.xBestIndex = best_index;
  pairs.xDisconnect = disconnect;
  pairs.xDestroy = destroy;
  pairs.xOpen = open_cursor;
  pairs.xClose = close_cursor;
  pairs.xFilter = filter;
  pairs.xNext = next;
  pairs.xEof = eof;
  pairs.xColumn = column;
  pairs.xRowid = rowid;
  pairs.xUpdate = update;
  pairs.xBegin = begin;
  pairs.xSync = sync;
  pairs.xCommit = commit;
  pairs.xRollback = rollback;
  pairs.xRename = rename_table;
  alone = pairs;
  alone.xCreate = NULL;
  alone.xUpdate = NULL;
  setvbuf(stdout, NULL, _IONBF, 0);
  sqlite3_open(":memory:", &db);
  printf("%d\n", sqlite3_create_module_v2(db, "pairs", &pairs, "first", let_go));
  printf("%d\n", sqlite3_create_module(db, "alone", &alone, "alone"));
  printf("%d\n", sqlite3_overload_function(db, "overloaded", 1));
  printf("%d\n", sqlite3_declare_vtab(db, "CREATE TABLE x(a)"));
  for (size_t i = 0; i < sizeof statements / sizeof statements[0]; ++i) run(db, statements[i]);
  printf("%d\n", sqlite3_create_module_v2(db, "pairs", &pairs, "second", let_go));
  run(db, "CREATE VIRTUAL TABLE t USING pairs");
  run(db, "INSERT INTO t VALUES ('q', 1)");
  printf("%d\n", sqlite3_drop_modules(db, (const char *[]){"pairs", NULL}));
  run(db, "SELECT * FROM alone");
  printf("%d\n", sqlite3_close(db));
  return 0;
}
