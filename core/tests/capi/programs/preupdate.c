// Runs the statements of standard input, one a line, and prints every call of the preupdate and update hooks with what
// the hook can ask. `.hook off` and `.hook on` take the hook away and set it again; `.step SQL` prepares a statement
// before the hook is set anew and runs it afterwards; `.blob SCHEMA TABLE COLUMN ROWID` writes through a blob handle.
#include <stdio.h>
#include <string.h>

#include "sqlite3.h"

static void print_value(sqlite3_value *value) {
  switch (sqlite3_value_type(value)) {
    case SQLITE_NULL:
      printf(" NULL");
      break;
    case SQLITE_INTEGER:
      printf(" i%lld", sqlite3_value_int64(value));
      break;
    case SQLITE_FLOAT:
      printf(" r%.17g", sqlite3_value_double(value));
      break;
    case SQLITE_TEXT:
      printf(" t'%s'", (const char *)sqlite3_value_text(value));
      break;
    default: {
      const unsigned char *bytes = sqlite3_value_blob(value);
      printf(" x'");
      for (int at = 0; at < sqlite3_value_bytes(value); ++at) printf("%02x", bytes[at]);
      printf("'");
    }
  }
}

static void preupdate(void *context, sqlite3 *db, int operation, const char *schema, const char *table,
                      sqlite3_int64 old_key, sqlite3_int64 new_key) {
  const int count = sqlite3_preupdate_count(db);
  printf("  %s: %d %s.%s %lld %lld columns %d depth %d blob %d\n", (const char *)context, operation, schema, table,
         old_key, new_key, count, sqlite3_preupdate_depth(db), sqlite3_preupdate_blobwrite(db));
  for (int is_new = 0; is_new < 2; ++is_new) {
    printf("    %s", is_new ? "new" : "old");
    // Behind the columns of a blob handle SQLite 3.40 has one more, which is NULL.
    const int end = sqlite3_preupdate_blobwrite(db) < 0 ? count : count - 1;
    for (int column = -1; column <= end; ++column) {
      sqlite3_value *value = NULL;
      const int code =
          is_new ? sqlite3_preupdate_new(db, column, &value) : sqlite3_preupdate_old(db, column, &value);
      if (code != SQLITE_OK) {
        printf(" error %d (%d)", code, sqlite3_errcode(db));
      } else {
        print_value(value);
      }
    }
    printf("\n");
  }
}

static void update(void *context, int operation, const char *schema, const char *table, sqlite3_int64 key) {
  (void)context;
  printf("  update: %d %s.%s %lld\n", operation, schema, table, key);
}

int main(void) {
  sqlite3 *db = NULL;
  char line[4096];
  if (sqlite3_open(":memory:", &db) != SQLITE_OK) return 1;
  sqlite3_update_hook(db, update, NULL);
  printf("set: %s\n", sqlite3_preupdate_hook(db, preupdate, "first") == NULL ? "nothing before" : "something before");
  printf("again: %s\n", (const char *)sqlite3_preupdate_hook(db, preupdate, "hook"));
  sqlite3_value *none = NULL;
  printf("outside: %d %d %d %d\n", sqlite3_preupdate_old(db, 0, &none), sqlite3_preupdate_new(db, 0, &none),
         sqlite3_preupdate_count(db), sqlite3_preupdate_depth(db));
  while (fgets(line, sizeof line, stdin) != NULL) {
    line[strcspn(line, "\n")] = '\0';
    printf("%s\n", line);
    if (strcmp(line, ".hook off") == 0) {
      printf("  was %s\n", (const char *)sqlite3_preupdate_hook(db, NULL, NULL));
    } else if (strcmp(line, ".hook on") == 0) {
      sqlite3_preupdate_hook(db, preupdate, "hook");
    } else if (strncmp(line, ".blob ", 6) == 0) {
      char schema[50], table[50], column[50];
      sqlite3_int64 rowid = 0;
      sqlite3_blob *blob = NULL;
      sscanf(line, ".blob %49s %49s %49s %lld", schema, table, column, &rowid);
      printf("  open %d", sqlite3_blob_open(db, strcmp(schema, "-") == 0 ? NULL : schema, table, column, rowid, 1, &blob));
      printf(" write\n");
      printf("  = %d", sqlite3_blob_write(blob, "yz", 2, 1));
      printf(" %d\n", sqlite3_blob_close(blob));
    } else if (strncmp(line, ".step ", 6) == 0) {
      sqlite3_stmt *statement = NULL;
      sqlite3_prepare_v2(db, line + 6, -1, &statement, NULL);
      sqlite3_preupdate_hook(db, preupdate, "hook");
      int code = SQLITE_OK;
      while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
      }
      printf("  step %d, finalize %d\n", code, sqlite3_finalize(statement));
    } else {
      char *message = NULL;
      const int code = sqlite3_exec(db, line, NULL, NULL, &message);
      printf("  = %d %s, %d changes\n", code, message == NULL ? "" : message, sqlite3_changes(db));
      sqlite3_free(message);
    }
  }
  return sqlite3_close(db);
}
