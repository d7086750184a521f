// How the programs show rows.
#ifndef SHOWN_H
#define SHOWN_H

#include <stdio.h>

// A callback of sqlite3_exec.
static int print_row(void *unused, int count, char **values, char **names) {
  (void)unused;
  (void)names;
  printf("   ");
  for (int at = 0; at < count; ++at) printf(" %s", values[at] == NULL ? "NULL" : values[at]);
  printf("\n");
  return 0;
}

#endif
