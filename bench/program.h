/* What the benchmark programs share: one database, errors that end the program, the CPU's clock, random numbers that
 * are the same in every run. */
#ifndef KEELBACK_BENCH_PROGRAM_H
#define KEELBACK_BENCH_PROGRAM_H

#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static sqlite3* database;
static int rows;

static void fail(const char* what) {
  fprintf(stderr, "%s: %s\n", what, database ? sqlite3_errmsg(database) : "no database");
  exit(1);
}

static void run(const char* sql) {
  if (sqlite3_exec(database, sql, NULL, NULL, NULL) != SQLITE_OK) fail(sql);
}

static sqlite3_stmt* prepare(const char* sql) {
  sqlite3_stmt* statement = NULL;
  if (sqlite3_prepare_v2(database, sql, -1, &statement, NULL) != SQLITE_OK) fail(sql);
  return statement;
}

static int64_t now(void) {
  struct timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static unsigned random_state = 12345;
static unsigned random_number(void) { return random_state = random_state * 1103515245u + 12345u; }

#endif
