// A module that logs every call, and statements that make the library call it: the log is the same on every SQLite.
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROW_LIMIT 64

typedef struct {
  sqlite3_int64 rowid;
  char* fields[4];
} row;

typedef struct {
  sqlite3_vtab base;
  sqlite3* db;
  char name[64];
  row rows[ROW_LIMIT];
  int count;
} table;

typedef struct {
  sqlite3_vtab_cursor base;
  int at;
} cursor;

static int use_in = 1, take_order = 0, take_all = 1, take_limit = 1, omits = 0, fail_sync = 0, is_unique = 0;
static int refuses_unusable = 0, bad_plan = 0, found_code = 0, estimated_rows = 0, skips_unchanged = 1;
static char configuration[32] = "", failing[32] = "", declaration[256] = "";
static const char plain_declaration[] = "CREATE TABLE x(a INTEGER, b TEXT, c TEXT COLLATE NOCASE, d HIDDEN)";

// Whether the method of this name has been told to fail, which it does with its name in the message.
static int fails(sqlite3_vtab* base, const char* what) {
  if (strcmp(failing, what) != 0) return SQLITE_OK;
  failing[0] = 0;
  printf("  %s fails\n", what);
  if (base != NULL) base->zErrMsg = sqlite3_mprintf("%s failed", what);
  return SQLITE_CANTOPEN;
}

static void show_value(sqlite3_value* value) {
  switch (sqlite3_value_type(value)) {
    case SQLITE_NULL:
      printf(" NULL");
      break;
    case SQLITE_INTEGER:
      printf(" %lld", sqlite3_value_int64(value));
      break;
    default:
      printf(" '%s'", (const char*)sqlite3_value_text(value));
  }
}

static int make(sqlite3* db, void* unused, int count, const char* const* arguments, sqlite3_vtab** made, char** message,
                const char* what) {
  (void)unused;
  printf("  %s", what);
  for (int at = 0; at < count; ++at) printf(" [%s]", arguments[at]);
  printf("\n");
  if (count > 3 && strcmp(arguments[3], "broken") == 0) {
    *message = sqlite3_mprintf("broken as wished");
    return SQLITE_ERROR;
  }
  if (fails(NULL, what) != SQLITE_OK) return SQLITE_CANTOPEN;
  table* here = calloc(1, sizeof(table));
  here->db = db;
  snprintf(here->name, sizeof here->name, "%s", arguments[2]);
  for (int at = 0; at < 5; ++at) {
    here->rows[at].rowid = at + 1;
    here->rows[at].fields[0] = sqlite3_mprintf("%d", (at * 3) % 5);
    here->rows[at].fields[1] = sqlite3_mprintf("n%d", at % 3);
    here->rows[at].fields[2] = sqlite3_mprintf("%c", 'E' - at);
  }
  here->count = 5;
  const int code = strcmp(declaration, "none") == 0
                       ? SQLITE_OK
                       : sqlite3_declare_vtab(db, declaration[0] ? declaration : plain_declaration);
  if (strcmp(configuration, "constraint") == 0) sqlite3_vtab_config(db, SQLITE_VTAB_CONSTRAINT_SUPPORT, 1);
  if (strcmp(configuration, "direct") == 0) sqlite3_vtab_config(db, SQLITE_VTAB_DIRECTONLY);
  if (strcmp(configuration, "innocuous") == 0) sqlite3_vtab_config(db, SQLITE_VTAB_INNOCUOUS);
  if (strcmp(configuration, "schemas") == 0) sqlite3_vtab_config(db, SQLITE_VTAB_USES_ALL_SCHEMAS);
  *made = &here->base;
  return code;
}

static int create(sqlite3* db, void* p, int n, const char* const* a, sqlite3_vtab** made, char** message) {
  return make(db, p, n, a, made, message, "create");
}
static int connect(sqlite3* db, void* p, int n, const char* const* a, sqlite3_vtab** made, char** message) {
  return make(db, p, n, a, made, message, "connect");
}
static int drop(sqlite3_vtab* base, const char* what) {
  table* here = (table*)base;
  printf("  %s %s\n", what, here->name);
  if (fails(base, what) != SQLITE_OK) return SQLITE_CANTOPEN;
  for (int at = 0; at < here->count; ++at) {
    for (int field = 0; field < 4; ++field) sqlite3_free(here->rows[at].fields[field]);
  }
  free(here);
  return SQLITE_OK;
}
static int disconnect(sqlite3_vtab* base) { return drop(base, "disconnect"); }
static int destroy(sqlite3_vtab* base) { return drop(base, "destroy"); }

static int best_index(sqlite3_vtab* base, sqlite3_index_info* info) {
  printf("  best %s distinct=%d colUsed=%llx", ((table*)base)->name, sqlite3_vtab_distinct(info), info->colUsed);
  int taken = 0, has_unusable = 0;
  char text[32] = "";
  for (int at = 0; at < info->nConstraint; ++at) {
    printf(" (%d op%d %s %s", info->aConstraint[at].iColumn, info->aConstraint[at].op,
           info->aConstraint[at].usable ? "usable" : "not", sqlite3_vtab_collation(info, at));
    sqlite3_value* value = NULL;
    int code = sqlite3_vtab_rhs_value(info, at, &value);
    if (code == SQLITE_OK) {
      printf(" rhs");
      show_value(value);
    } else {
      printf(" rhs=%d", code);
    }
    const int can = sqlite3_vtab_in(info, at, -1);
    if (can) printf(" in");
    printf(")");
    const int operation = info->aConstraint[at].op,
              is_limit = operation == SQLITE_INDEX_CONSTRAINT_LIMIT || operation == SQLITE_INDEX_CONSTRAINT_OFFSET;
    has_unusable |= !info->aConstraint[at].usable;
    if (take_all == 2 && operation != SQLITE_INDEX_CONSTRAINT_EQ) continue;
    if (take_all && info->aConstraint[at].usable && (take_limit || !is_limit)) {
      info->aConstraintUsage[at].argvIndex = ++taken;
      info->aConstraintUsage[at].omit = omits;
      const int is_in = can && use_in && sqlite3_vtab_in(info, at, 1);
      strcat(text, is_in ? "i" : "v");
    }
  }
  for (int at = 0; at < info->nOrderBy; ++at)
    printf(" order(%d %d)", info->aOrderBy[at].iColumn, info->aOrderBy[at].desc);
  printf("\n");
  if (fails(base, "best") != SQLITE_OK) return SQLITE_CANTOPEN;
  if (refuses_unusable && has_unusable) return SQLITE_CONSTRAINT;
  if (bad_plan && taken) info->aConstraintUsage[0].argvIndex = bad_plan;
  info->orderByConsumed = take_order;
  info->idxNum = taken;
  info->idxStr = sqlite3_mprintf("%s", text);
  info->needToFreeIdxStr = 1;
  info->estimatedCost = 1000.0 / (1 + taken);
  info->estimatedRows = estimated_rows ? estimated_rows : 100 / (1 + taken);
  if (is_unique && taken) info->idxFlags = SQLITE_INDEX_SCAN_UNIQUE;
  return SQLITE_OK;
}

static int open_cursor(sqlite3_vtab* base, sqlite3_vtab_cursor** made) {
  printf("  open\n");
  if (fails(base, "open") != SQLITE_OK) return SQLITE_CANTOPEN;
  *made = calloc(1, sizeof(cursor));
  return SQLITE_OK;
}
static int close_cursor(sqlite3_vtab_cursor* base) {
  printf("  close\n");
  free(base);
  return SQLITE_OK;
}
static int filter(sqlite3_vtab_cursor* base, int number, const char* text, int count, sqlite3_value** arguments) {
  printf("  filter %d '%s'", number, text ? text : "(null)");
  for (int at = 0; at < count; ++at) {
    if (text && text[at] == 'i') {
      printf(" {");
      sqlite3_value* value = NULL;
      int code;
      for (code = sqlite3_vtab_in_first(arguments[at], &value); code == SQLITE_OK && value;
           code = sqlite3_vtab_in_next(arguments[at], &value))
        show_value(value);
      printf(" } %d", code);
    } else {
      show_value(arguments[at]);
    }
  }
  printf("\n");
  ((cursor*)base)->at = 0;
  return fails(base->pVtab, "filter");
}
static int next(sqlite3_vtab_cursor* base) {
  if (fails(base->pVtab, "next") != SQLITE_OK) return SQLITE_CANTOPEN;
  ((cursor*)base)->at++;
  return SQLITE_OK;
}
static int eof(sqlite3_vtab_cursor* base) { return ((cursor*)base)->at >= ((table*)base->pVtab)->count; }
static int column(sqlite3_vtab_cursor* base, sqlite3_context* context, int number) {
  row* here = &((table*)base->pVtab)->rows[((cursor*)base)->at];
  if (fails(base->pVtab, "column") != SQLITE_OK) return SQLITE_CANTOPEN;
  if (fails(NULL, "result") != SQLITE_OK) {
    sqlite3_result_error(context, "result failed", -1);
    return SQLITE_OK;
  }
  if (sqlite3_vtab_nochange(context)) {
    printf("  column %d nochange\n", number);
    if (skips_unchanged) return SQLITE_OK;
  }
  if (here->fields[number] == NULL)
    sqlite3_result_null(context);
  else if (number == 0)
    sqlite3_result_int(context, atoi(here->fields[0]));
  else
    sqlite3_result_text(context, here->fields[number], -1, SQLITE_TRANSIENT);
  return SQLITE_OK;
}
static int rowid(sqlite3_vtab_cursor* base, sqlite3_int64* found) {
  *found = ((table*)base->pVtab)->rows[((cursor*)base)->at].rowid;
  return fails(base->pVtab, "rowid");
}
static int update(sqlite3_vtab* base, int count, sqlite3_value** arguments, sqlite3_int64* made) {
  table* here = (table*)base;
  printf("  update conflict=%d", sqlite3_vtab_on_conflict(here->db));
  for (int at = 0; at < count; ++at) {
    show_value(arguments[at]);
    if (sqlite3_value_nochange(arguments[at])) printf("(same)");
  }
  printf("\n");
  if (fails(base, "update") != SQLITE_OK) return SQLITE_CANTOPEN;
  if (count > 2 && sqlite3_value_type(arguments[2]) == SQLITE_INTEGER && sqlite3_value_int(arguments[2]) == 99) {
    return SQLITE_CONSTRAINT;
  }
  if (count > 2 && sqlite3_value_type(arguments[2]) == SQLITE_INTEGER && sqlite3_value_int(arguments[2]) == 98) {
    here->base.zErrMsg = sqlite3_mprintf("98 is refused");
    return SQLITE_ERROR;
  }
  if (count > 1 && sqlite3_value_type(arguments[0]) == SQLITE_NULL) *made = 77;
  return SQLITE_OK;
}
static int say(sqlite3_vtab* base, const char* what) {
  printf("  %s %s\n", what, ((table*)base)->name);
  return fails(base, what);
}
static int say_at(sqlite3_vtab* base, const char* what, int depth) {
  printf("  %s %s %d\n", what, ((table*)base)->name, depth);
  return fails(base, what);
}
static int begin(sqlite3_vtab* base) { return say(base, "begin"); }
static int sync_it(sqlite3_vtab* base) {
  say(base, "sync");
  if (!fail_sync) return SQLITE_OK;
  base->zErrMsg = sqlite3_mprintf("sync refused");
  return SQLITE_ERROR;
}
static int commit(sqlite3_vtab* base) { return say(base, "commit"); }
static int rollback(sqlite3_vtab* base) { return say(base, "rollback"); }
static int savepoint(sqlite3_vtab* base, int depth) { return say_at(base, "savepoint", depth); }
static int release(sqlite3_vtab* base, int depth) { return say_at(base, "release", depth); }
static int rollback_to(sqlite3_vtab* base, int depth) { return say_at(base, "rollback_to", depth); }
static int rename_it(sqlite3_vtab* base, const char* name) {
  printf("  rename %s to %s\n", ((table*)base)->name, name);
  if (fails(base, "rename") != SQLITE_OK) return SQLITE_CANTOPEN;
  snprintf(((table*)base)->name, 64, "%s", name);
  return SQLITE_OK;
}
static void special(sqlite3_context* context, int count, sqlite3_value** arguments) {
  printf("  special");
  for (int at = 0; at < count; ++at) show_value(arguments[at]);
  printf("\n");
  sqlite3_result_int(context, sqlite3_value_int(arguments[count - 1]) > 1);
}
static int find_function(sqlite3_vtab* base, int count, const char* name,
                         void (**function)(sqlite3_context*, int, sqlite3_value**), void** data) {
  printf("  find %s %s/%d\n", ((table*)base)->name, name, count);
  *data = NULL;
  if (strcmp(name, "special") == 0) {
    *function = special;
    return 1;
  }
  if (found_code && sqlite3_stricmp(name, "upper") != 0) {
    *function = special;
    return found_code;
  }
  return 0;
}
static int shadow_name(const char* name) { return strcmp(name, "data") == 0; }
static int integrity(sqlite3_vtab* base, const char* schema, const char* name, int flags, char** message) {
  printf("  integrity %s %s %s %d\n", ((table*)base)->name, schema, name, flags);
  if (strcmp(name, "bad") == 0) *message = sqlite3_mprintf("bad table %s", name);
  return SQLITE_OK;
}

static sqlite3_module module = {4,         create,      connect,      best_index,    disconnect,
                                destroy,   open_cursor, close_cursor, filter,        next,
                                eof,       column,      rowid,        update,        begin,
                                sync_it,   commit,      rollback,     find_function, rename_it,
                                savepoint, release,     rollback_to,  shadow_name,   integrity};
static sqlite3_module eponymous = {
    4,      connect, connect, best_index, disconnect, disconnect, open_cursor, close_cursor,
    filter, next,    eof,     column,     rowid,      0,          0,           0,
    0,      0,       0,       0,          0,          0,          0,           0,
    0};

// Tables of this module cannot be written, and cannot be created.
static sqlite3_module only = {1,      NULL, connect, best_index, disconnect, NULL, open_cursor, close_cursor,
                              filter, next, eof,     column,     rowid,      0,    0,           0,
                              0,      0,    0,       0,          0,          0,    0,           0,
                              0};

static void plain_special(sqlite3_context* context, int count, sqlite3_value** arguments) {
  (void)count;
  sqlite3_result_value(context, arguments[0]);
}

static int show_row(void* unused, int count, char** values, char** names) {
  (void)unused;
  (void)names;
  printf("  row");
  for (int at = 0; at < count; ++at) printf(" %s", values[at] ? values[at] : "NULL");
  printf("\n");
  return 0;
}

static void setting(sqlite3* db, const char* line) {
  char name[32], kept[32] = "";
  int value;
  if (sscanf(line, ".%31s %d", name, &value) == 2) {
    if (strcmp(name, "in") == 0) use_in = value;
    if (strcmp(name, "order") == 0) take_order = value;
    if (strcmp(name, "take") == 0) take_all = value;
    if (strcmp(name, "omit") == 0) omits = value;
    if (strcmp(name, "sync") == 0) fail_sync = value;
    if (strcmp(name, "unique") == 0) is_unique = value;
    if (strcmp(name, "limit") == 0) take_limit = value;
    if (strcmp(name, "refuse") == 0) refuses_unusable = value;
    if (strcmp(name, "bad") == 0) bad_plan = value;
    if (strcmp(name, "found") == 0) found_code = value;
    if (strcmp(name, "rows") == 0) estimated_rows = value;
    if (strcmp(name, "skip") == 0) skips_unchanged = value;
    if (strcmp(name, "defensive") == 0) sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, value, NULL);
  } else if (sscanf(line, ".keep %31s", kept) == 1) {
    const char* names[] = {kept, NULL};
    printf("  dropped: %d\n", sqlite3_drop_modules(db, names));
  } else if (strncmp(line, ".declare ", 9) == 0) {
    snprintf(declaration, sizeof declaration, "%s", strcmp(line + 9, "plain") == 0 ? "" : line + 9);
  } else if (sscanf(line, ".fail %31s", failing) != 1) {
    sscanf(line, ".config %31s", configuration);
  }
}

int main(void) {
  sqlite3* db;
  char line[2048];
  setvbuf(stdout, NULL, _IOLBF, 0);
  if (sqlite3_open(":memory:", &db) != SQLITE_OK) return 1;
  sqlite3_create_module(db, "log", &module, NULL);
  sqlite3_create_module(db, "epo", &eponymous, NULL);
  sqlite3_create_module(db, "only", &only, NULL);
  sqlite3_create_function(db, "special", 2, SQLITE_UTF8, NULL, plain_special, NULL, NULL);
  while (fgets(line, sizeof line, stdin)) {
    line[strcspn(line, "\n")] = 0;
    if (line[0] == 0 || line[0] == '#') continue;
    printf("%s\n", line);
    if (line[0] == '.') {
      setting(db, line);
      continue;
    }
    char* message = NULL;
    const int code = sqlite3_exec(db, line, show_row, NULL, &message);
    if (code != SQLITE_OK) printf("  error %d: %s\n", sqlite3_extended_errcode(db), message);
    sqlite3_free(message);
  }
  printf("close\n");
  sqlite3_close(db);
  return 0;
}
