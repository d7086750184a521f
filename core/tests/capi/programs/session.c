// Runs commands about sessions and changesets from standard input, one a line, and prints what comes of them,
// changesets byte by byte. Databases are a and b; slots of changesets are numbers.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shown.h"
#include "sqlite3.h"

// Older libraries are without them.
#pragma weak sqlite3changegroup_change_int64
#pragma weak sqlite3changegroup_change_double
#pragma weak sqlite3changegroup_change_text
#pragma weak sqlite3changegroup_change_blob
#pragma weak sqlite3changegroup_change_null
#pragma weak sqlite3changegroup_change_begin
#pragma weak sqlite3changegroup_change_finish
#pragma weak sqlite3changegroup_config
#pragma weak sqlite3changegroup_schema

static sqlite3* databases[2];
static sqlite3_session* session;
static struct {
  int size;
  void* bytes;
} slots[10];

static void print_value(sqlite3_value* value) {
  if (value == NULL) {
    printf(" -");
    return;
  }
  switch (sqlite3_value_type(value)) {
    case SQLITE_NULL:
      printf(" NULL");
      break;
    case SQLITE_INTEGER:
      printf(" %lld", sqlite3_value_int64(value));
      break;
    case SQLITE_FLOAT:
      printf(" %.17g", sqlite3_value_double(value));
      break;
    case SQLITE_TEXT:
      printf(" '%s'", (const char*)sqlite3_value_text(value));
      break;
    default: {
      const unsigned char* bytes = sqlite3_value_blob(value);
      printf(" x");
      for (int at = 0; at < sqlite3_value_bytes(value); ++at) printf("%02x", bytes[at]);
    }
  }
}

static void print_change(sqlite3_changeset_iter* iterator, int has_conflict) {
  const char* table = NULL;
  unsigned char* keys = NULL;
  int width = 0, operation = 0, is_indirect = 0, key_width = 0;
  sqlite3changeset_op(iterator, &table, &width, &operation, &is_indirect);
  sqlite3changeset_pk(iterator, &keys, &key_width);
  printf("%s %d indirect %d keys", table, operation, is_indirect);
  for (int at = 0; at < key_width; ++at) printf(" %d", keys[at]);
  for (int kind = 0; kind < 3; ++kind) {
    if (kind == 2 && !has_conflict) continue;
    printf(kind == 0 ? "; old" : kind == 1 ? "; new" : "; there");
    for (int column = 0; column < width; ++column) {
      sqlite3_value* value = NULL;
      const int code = kind == 0   ? sqlite3changeset_old(iterator, column, &value)
                       : kind == 1 ? sqlite3changeset_new(iterator, column, &value)
                                   : sqlite3changeset_conflict(iterator, column, &value);
      if (code != SQLITE_OK) {
        printf(" error %d", code);
        break;
      }
      print_value(value);
    }
  }
  printf("\n");
}

// What the handler answers by kind of conflict, a letter each: o(mit), r(eplace), a(bort).
static int on_conflict(void* context, int kind, sqlite3_changeset_iter* iterator) {
  const char* answers = context;
  if (kind == SQLITE_CHANGESET_FOREIGN_KEY) {
    int count = -1;
    printf("  conflict %d", kind);
    printf(" keys %d", sqlite3changeset_fk_conflicts(iterator, &count));
    printf(" %d\n", count);
  } else {
    printf("  conflict %d: ", kind);
    print_change(iterator, kind == SQLITE_CHANGESET_DATA || kind == SQLITE_CHANGESET_CONFLICT);
  }
  const char answer = answers[kind - 1];
  return answer == 'r' ? SQLITE_CHANGESET_REPLACE : answer == 'a' ? SQLITE_CHANGESET_ABORT : SQLITE_CHANGESET_OMIT;
}

static int without_w(void* context, const char* table) {
  (void)context;
  return strcmp(table, "w") != 0;
}

static void print_bytes(int slot) {
  const unsigned char* bytes = slots[slot].bytes;
  printf("  slot %d, %d bytes: ", slot, slots[slot].size);
  for (int at = 0; at < slots[slot].size; ++at) printf("%02x", bytes[at]);
  printf("\n");
}

struct Reading {
  int slot, at;
};

static int read_piece(void* context, void* out, int* size) {
  struct Reading* reading = context;
  const int left = slots[reading->slot].size - reading->at;
  if (*size > left) *size = left;
  if (*size > 0) memcpy(out, (char*)slots[reading->slot].bytes + reading->at, (size_t)*size);
  reading->at += *size;
  return SQLITE_OK;
}

static int write_piece(void* context, const void* bytes, int size) {
  const int slot = *(int*)context;
  slots[slot].bytes = sqlite3_realloc(slots[slot].bytes, slots[slot].size + size);
  memcpy((char*)slots[slot].bytes + slots[slot].size, bytes, (size_t)size);
  slots[slot].size += size;
  return SQLITE_OK;
}

static void empty(int slot) {
  sqlite3_free(slots[slot].bytes);
  slots[slot].bytes = NULL;
  slots[slot].size = 0;
}

static sqlite3* database_of(const char* name) { return databases[name[0] == 'b']; }

#include "session_more.h"

static void run_command(char* line) {
  if (run_more(line)) return;
  char word[3][200] = {"", "", ""};
  int one = 0, two = 0, three = 0;
  if (sscanf(line, "sql %199s", word[0]) == 1) {
    char* message = NULL;
    sqlite3* db = database_of(word[0]);
    const int code = sqlite3_exec(db, line + 6, print_row, NULL, &message);
    if (code != SQLITE_OK) printf("  = %d %s\n", code, message);
    sqlite3_free(message);
  } else if (sscanf(line, "blob %199s %d", word[0], &one) == 2) {
    sqlite3_blob* blob = NULL;
    sqlite3_blob_open(database_of(word[0]), "main", "t", "c", one, 1, &blob);
    printf("  write %d", sqlite3_blob_write(blob, "WX", 2, 0));
    printf(" %d\n", sqlite3_blob_close(blob));
  } else if (sscanf(line, "session %199s %199s", word[0], word[1]) == 2) {
    if (session != NULL) sqlite3session_delete(session);
    printf("  create %d\n", sqlite3session_create(database_of(word[0]), word[1], &session));
  } else if (sscanf(line, "attach %199s", word[0]) == 1) {
    printf("  attach %d\n", sqlite3session_attach(session, strcmp(word[0], "*") == 0 ? NULL : word[0]));
  } else if (strcmp(line, "filter") == 0) {
    sqlite3session_table_filter(session, without_w, NULL);
  } else if (sscanf(line, "enable %d", &one) == 1) {
    printf("  enabled %d\n", sqlite3session_enable(session, one));
  } else if (sscanf(line, "indirect %d", &one) == 1) {
    printf("  indirect %d\n", sqlite3session_indirect(session, one));
  } else if (strcmp(line, "isempty") == 0) {
    printf("  empty %d\n", sqlite3session_isempty(session));
  } else if (sscanf(line, "changeset %d", &one) == 1) {
    empty(one);
    printf("  = %d\n", sqlite3session_changeset(session, &slots[one].size, &slots[one].bytes));
    print_bytes(one);
  } else if (sscanf(line, "patchset %d", &one) == 1) {
    empty(one);
    printf("  = %d\n", sqlite3session_patchset(session, &slots[one].size, &slots[one].bytes));
    print_bytes(one);
  } else if (sscanf(line, "stream %d", &one) == 1) {
    empty(one);
    printf("  = %d\n", sqlite3session_changeset_strm(session, write_piece, &one));
    print_bytes(one);
  } else if (sscanf(line, "diff %199s %199s", word[0], word[1]) == 2) {
    char* message = NULL;
    const int code = sqlite3session_diff(session, word[0], word[1], &message);
    printf("  = %d %s\n", code, message == NULL ? "" : message);
    sqlite3_free(message);
  } else if (sscanf(line, "iterate %d %d", &one, &two) == 2) {
    sqlite3_changeset_iter* iterator = NULL;
    printf("  start %d\n", sqlite3changeset_start_v2(&iterator, slots[one].size, slots[one].bytes, two));
    int code = SQLITE_OK;
    while ((code = sqlite3changeset_next(iterator)) == SQLITE_ROW) {
      printf("    ");
      print_change(iterator, 0);
    }
    printf("  next %d", code);
    printf(" finalize %d\n", sqlite3changeset_finalize(iterator));
  } else if (sscanf(line, "invert %d %d", &one, &two) == 2) {
    empty(two);
    printf("  = %d\n", sqlite3changeset_invert(slots[one].size, slots[one].bytes, &slots[two].size, &slots[two].bytes));
    print_bytes(two);
  } else if (sscanf(line, "concat %d %d %d", &one, &two, &three) == 3) {
    empty(three);
    printf("  = %d\n", sqlite3changeset_concat(slots[one].size, slots[one].bytes, slots[two].size, slots[two].bytes,
                                               &slots[three].size, &slots[three].bytes));
    print_bytes(three);
  } else if (sscanf(line, "group %d %d", &one, &two) == 2) {
    sqlite3_changegroup* group = NULL;
    printf("  new %d\n", sqlite3changegroup_new(&group));
    for (int slot = 0; slot < one; ++slot) {
      struct Reading reading = {slot, 0};
      printf("  add %d\n", sqlite3changegroup_add_strm(group, read_piece, &reading));
    }
    empty(two);
    printf("  output %d\n", sqlite3changegroup_output(group, &slots[two].size, &slots[two].bytes));
    print_bytes(two);
    sqlite3changegroup_delete(group);
  } else if (sscanf(line, "cut %d %d", &one, &two) == 2) {
    slots[one].size = two;
  } else if (sscanf(line, "apply %199s %d %d %199s", word[0], &one, &two, word[1]) == 4) {
    printf("  = %d\n", sqlite3changeset_apply_v2(database_of(word[0]), slots[one].size, slots[one].bytes,
                                                 strchr(word[1], 'w') == NULL ? NULL : without_w, on_conflict, word[1],
                                                 NULL, NULL, two));
  } else if (sscanf(line, "apply_stream %199s %d %199s", word[0], &one, word[1]) == 3) {
    struct Reading reading = {one, 0};
    printf("  = %d\n",
           sqlite3changeset_apply_strm(database_of(word[0]), read_piece, &reading, NULL, on_conflict, word[1]));
  } else {
    printf("  what?\n");
  }
}

int main(void) {
  setvbuf(stdout, NULL, _IONBF, 0);
  char line[4096];
  if (sqlite3_open(":memory:", &databases[0]) != SQLITE_OK || sqlite3_open(":memory:", &databases[1]) != SQLITE_OK) {
    return 1;
  }
  while (fgets(line, sizeof line, stdin) != NULL) {
    line[strcspn(line, "\n")] = '\0';
    printf("%s\n", line);
    run_command(line);
  }
  if (session != NULL) sqlite3session_delete(session);
  end_more();
  for (int slot = 0; slot < 10; ++slot) empty(slot);
  return sqlite3_close(databases[0]) + sqlite3_close(databases[1]);
}
