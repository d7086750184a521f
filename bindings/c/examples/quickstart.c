/* Opens a database, makes a table, fills it and reads it. */
#include <keelback/keelback.h>

#include <stdio.h>

static int print_row(void* context, int count, char** values, char** names) {
  (void)context;
  for (int at = 0; at < count; at++)
    printf("%s%s=%s", at > 0 ? " " : "", names[at], values[at] != NULL ? values[at] : "NULL");
  printf("\n");
  return 0;
}

int main(void) {
  sqlite3* db = NULL;
  char* message = NULL;
  if (sqlite3_open(":memory:", &db) != SQLITE_OK) {
    fprintf(stderr, "%s\n", sqlite3_errmsg(db));
    sqlite3_close(db);
    return 1;
  }
  int code = sqlite3_exec(db,
                          "CREATE TABLE city(id INTEGER PRIMARY KEY, name TEXT, people INTEGER);"
                          "INSERT INTO city(name, people) VALUES ('Oslo', 709000), ('Bergen', 291000);"
                          "SELECT name, people FROM city ORDER BY name",
                          print_row, NULL, &message);
  if (code != SQLITE_OK) fprintf(stderr, "%s\n", message);
  sqlite3_free(message);
  sqlite3_close(db);
  return code == SQLITE_OK ? 0 : 1;
}
