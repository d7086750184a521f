/* measure OUT DATABASE SQL...: runs the texts on one connection, appends their rows to OUT (columns as text with `|`
 * between), and prints a line for each text: result code, growth of the most memory resident (VmHWM) in KiB, bytes
 * written to temporary files, whether autocommit is on, message.
 *
 * With MEASURE_FULL=N in the environment a write beyond byte N of a temporary file (one whose name is gone) finds the
 * disk full. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "keelback/sqlite3.h"

static long long most_written = -1;
static long long temporary_written = 0;

ssize_t pwrite(int descriptor, const void* bytes, size_t size, off_t offset) {
  static ssize_t (*real)(int, const void*, size_t, off_t);
  struct stat status;
  if (!real) real = (ssize_t (*)(int, const void*, size_t, off_t))dlsym(RTLD_NEXT, "pwrite");
  if (fstat(descriptor, &status) == 0 && status.st_nlink == 0) {
    if (most_written >= 0 && offset + (long long)size > most_written) {
      errno = ENOSPC;
      return -1;
    }
    temporary_written += (long long)size;
  }
  return real(descriptor, bytes, size, offset);
}

/* A field of /proc/self/status in KiB. */
static long status_kb(const char* name) {
  char line[256];
  long found = -1;
  FILE* status = fopen("/proc/self/status", "r");
  while (status && fgets(line, sizeof line, status)) {
    if (strncmp(line, name, strlen(name)) == 0) found = atol(line + strlen(name));
  }
  if (status) fclose(status);
  return found;
}

/* Let the highest resident size be what it is now. */
static void reset_highest(void) {
  FILE* control = fopen("/proc/self/clear_refs", "w");
  if (!control) return;
  fputs("5", control);
  fclose(control);
}

static int run(sqlite3* db, const char* sql, FILE* out) {
  int code = SQLITE_OK;
  while (code == SQLITE_OK && *sql) {
    sqlite3_stmt* statement = NULL;
    code = sqlite3_prepare_v2(db, sql, -1, &statement, &sql);
    if (code != SQLITE_OK || !statement) continue;
    const int columns = sqlite3_column_count(statement);
    while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
      for (int column = 0; column < columns; ++column) {
        const unsigned char* text = sqlite3_column_text(statement, column);
        if (column) fputc('|', out);
        if (text) fwrite(text, 1, (size_t)sqlite3_column_bytes(statement, column), out);
      }
      fputc('\n', out);
    }
    code = sqlite3_finalize(statement);
  }
  return code;
}

int main(int count, char** arguments) {
  sqlite3* db = NULL;
  if (count < 4 || sqlite3_open(arguments[2], &db) != SQLITE_OK) return 2;
  FILE* out = fopen(arguments[1], "wb");
  if (!out) return 2;
  if (getenv("MEASURE_FULL")) most_written = atoll(getenv("MEASURE_FULL"));
  for (int place = 3; place < count; ++place) {
    reset_highest();
    const long before = status_kb("VmHWM:");
    const long long written = temporary_written;
    const int code = run(db, arguments[place], out);
    printf("%d %ld %lld %d %s\n", sqlite3_extended_errcode(db) ? sqlite3_extended_errcode(db) : code,
           status_kb("VmHWM:") - before, temporary_written - written, sqlite3_get_autocommit(db), sqlite3_errmsg(db));
  }
  fclose(out);
  return sqlite3_close(db) == SQLITE_OK ? 0 : 3;
}
