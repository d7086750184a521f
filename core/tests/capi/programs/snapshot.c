// Runs commands about snapshots of WAL databases from standard input, one a line, and prints what comes of them.
// Connections are a, b and c on the file x.db of the folder it runs in; snapshots are numbers.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shown.h"
#include "sqlite3.h"

// Older libraries are without them.
#pragma weak sqlite3_snapshot_get
#pragma weak sqlite3_snapshot_open
#pragma weak sqlite3_snapshot_cmp
#pragma weak sqlite3_snapshot_free
#pragma weak sqlite3_snapshot_recover

static sqlite3* databases[3];
static sqlite3_snapshot* snapshots[10];
static sqlite3_stmt* running;

static void run_command(char* line) {
  char name = 0, schema[20] = "";
  int one = 0, two = 0;
  if (sscanf(line, "open %c", &name) == 1) {
    printf("  = %d\n", sqlite3_open("x.db", &databases[name - 'a']));
  } else if (sscanf(line, "close %c", &name) == 1) {
    printf("  = %d\n", sqlite3_close(databases[name - 'a']));
    databases[name - 'a'] = NULL;
  } else if (sscanf(line, "sql %c", &name) == 1) {
    char* message = NULL;
    const int code = sqlite3_exec(databases[name - 'a'], line + 6, print_row, NULL, &message);
    if (code != SQLITE_OK) {
      printf("  = %d %d %s\n", code, sqlite3_extended_errcode(databases[name - 'a']), message);
    }
    sqlite3_free(message);
  } else if (sscanf(line, "get %c %19s %d", &name, schema, &one) == 3) {
    sqlite3_snapshot_free(snapshots[one]);
    snapshots[one] = NULL;
    printf("  = %d", sqlite3_snapshot_get(databases[name - 'a'], schema, &snapshots[one]));
    printf(" %s\n", snapshots[one] == NULL ? "nothing" : "a snapshot");
  } else if (sscanf(line, "read %c %19s %d", &name, schema, &one) == 3) {
    printf("  = %d", sqlite3_snapshot_open(databases[name - 'a'], schema, snapshots[one]));
    printf(" state %d\n", sqlite3_txn_state(databases[name - 'a'], "main"));
  } else if (sscanf(line, "compare %d %d", &one, &two) == 2) {
    printf("  = %d\n", sqlite3_snapshot_cmp(snapshots[one], snapshots[two]));
  } else if (sscanf(line, "recover %c %19s", &name, schema) == 2) {
    printf("  = %d\n", sqlite3_snapshot_recover(databases[name - 'a'], schema));
  } else if (sscanf(line, "begin %c", &name) == 1) {
    sqlite3_prepare_v2(databases[name - 'a'], "SELECT * FROM t", -1, &running, NULL);
    printf("  step %d\n", sqlite3_step(running));
  } else if (strcmp(line, "end") == 0) {
    sqlite3_finalize(running);
  } else {
    printf("  what?\n");
  }
}

int main(void) {
  setvbuf(stdout, NULL, _IONBF, 0);
  char line[4096];
  while (fgets(line, sizeof line, stdin) != NULL) {
    line[strcspn(line, "\n")] = '\0';
    printf("%s\n", line);
    run_command(line);
  }
  for (int at = 0; at < 10; ++at) sqlite3_snapshot_free(snapshots[at]);
  for (int at = 0; at < 3; ++at) sqlite3_close(databases[at]);
  return 0;
}
