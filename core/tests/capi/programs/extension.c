// An extension as users write them: built against sqlite3ext.h, it knows the library only by the table it is handed.
#include <sqlite3ext.h>
SQLITE_EXTENSION_INIT1
#include <stdlib.h>
#include <string.h>

static void half(sqlite3_context* context, int count, sqlite3_value** values) {
  (void)count;
  sqlite3_result_double(context, sqlite3_value_double(values[0]) / 2);
}

typedef struct {
  sqlite3_int64 product;
  int is_begun;
} state;

static void product_step(sqlite3_context* context, int count, sqlite3_value** values) {
  (void)count;
  state* here = sqlite3_aggregate_context(context, sizeof(state));
  if (here == NULL) return;
  if (!here->is_begun) here->product = 1;
  here->is_begun = 1;
  here->product *= sqlite3_value_int64(values[0]);
}

static void product_final(sqlite3_context* context) {
  state* here = sqlite3_aggregate_context(context, 0);
  sqlite3_result_int64(context, here ? here->product : 0);
}

static int backwards(void* unused, int one_size, const void* one, int other_size, const void* other) {
  (void)unused;
  const int size = one_size < other_size ? one_size : other_size;
  const int order = memcmp(other, one, size);
  return order != 0 ? order : other_size - one_size;
}

typedef struct {
  sqlite3_vtab_cursor base;
  sqlite3_int64 at, end;
} cursor;

static int connect(sqlite3* db, void* unused, int count, const char* const* arguments, sqlite3_vtab** made,
                   char** why) {
  (void)unused;
  (void)count;
  (void)arguments;
  (void)why;
  *made = sqlite3_malloc(sizeof(sqlite3_vtab));
  if (*made == NULL) return SQLITE_NOMEM;
  memset(*made, 0, sizeof(sqlite3_vtab));
  return sqlite3_declare_vtab(db, "CREATE TABLE x(value, stop HIDDEN)");
}
static int disconnect(sqlite3_vtab* table) {
  sqlite3_free(table);
  return SQLITE_OK;
}
static int best_index(sqlite3_vtab* table, sqlite3_index_info* info) {
  (void)table;
  for (int at = 0; at < info->nConstraint; ++at) {
    if (info->aConstraint[at].iColumn == 1 && info->aConstraint[at].usable &&
        info->aConstraint[at].op == SQLITE_INDEX_CONSTRAINT_EQ) {
      info->aConstraintUsage[at].argvIndex = 1;
      info->aConstraintUsage[at].omit = 1;
      info->idxNum = 1;
      return SQLITE_OK;
    }
  }
  return SQLITE_CONSTRAINT;
}
static int open_cursor(sqlite3_vtab* table, sqlite3_vtab_cursor** made) {
  (void)table;
  cursor* here = sqlite3_malloc(sizeof(cursor));
  if (here == NULL) return SQLITE_NOMEM;
  memset(here, 0, sizeof(cursor));
  *made = &here->base;
  return SQLITE_OK;
}
static int close_cursor(sqlite3_vtab_cursor* base) {
  sqlite3_free(base);
  return SQLITE_OK;
}
static int filter(sqlite3_vtab_cursor* base, int number, const char* text, int count, sqlite3_value** values) {
  (void)number;
  (void)text;
  (void)count;
  ((cursor*)base)->at = 1;
  ((cursor*)base)->end = sqlite3_value_int64(values[0]);
  return SQLITE_OK;
}
static int next(sqlite3_vtab_cursor* base) {
  ((cursor*)base)->at++;
  return SQLITE_OK;
}
static int eof(sqlite3_vtab_cursor* base) { return ((cursor*)base)->at > ((cursor*)base)->end; }
static int column(sqlite3_vtab_cursor* base, sqlite3_context* context, int number) {
  sqlite3_result_int64(context, number == 0 ? ((cursor*)base)->at : ((cursor*)base)->end);
  return SQLITE_OK;
}
static int rowid(sqlite3_vtab_cursor* base, sqlite3_int64* found) {
  *found = ((cursor*)base)->at;
  return SQLITE_OK;
}

static sqlite3_module numbers = {.xConnect = connect,
                                 .xBestIndex = best_index,
                                 .xDisconnect = disconnect,
                                 .xOpen = open_cursor,
                                 .xClose = close_cursor,
                                 .xFilter = filter,
                                 .xNext = next,
                                 .xEof = eof,
                                 .xColumn = column,
                                 .xRowid = rowid};

int sqlite3_extension_init(sqlite3* db, char** message, const sqlite3_api_routines* api) {
  SQLITE_EXTENSION_INIT2(api);
  (void)message;
  sqlite3_create_function(db, "half", 1, SQLITE_UTF8 | SQLITE_DETERMINISTIC, NULL, half, NULL, NULL);
  sqlite3_create_function(db, "product", 1, SQLITE_UTF8, NULL, NULL, product_step, product_final);
  sqlite3_create_collation(db, "BACKWARDS", SQLITE_UTF8, NULL, backwards);
  return sqlite3_create_module(db, "numbers", &numbers, NULL);
}

int refuse(sqlite3* db, char** message, const sqlite3_api_routines* api) {
  SQLITE_EXTENSION_INIT2(api);
  (void)db;
  *message = sqlite3_mprintf("not on %s", "mondays");
  return SQLITE_ERROR;
}

int stay(sqlite3* db, char** message, const sqlite3_api_routines* api) {
  SQLITE_EXTENSION_INIT2(api);
  (void)message;
  sqlite3_create_function(db, "stayed", 1, SQLITE_UTF8, NULL, half, NULL, NULL);
  return SQLITE_OK_LOAD_PERMANENTLY;
}
