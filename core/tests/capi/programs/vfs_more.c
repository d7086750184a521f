/* What a program's VFS is asked: pragmas, temporary files, randomness, the file of a database by the name of its
   journal; and what file controls tell of any database. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sqlite3.h"

static sqlite3_vfs *under;
static int temporary_opens, named_opens, randomness_calls;
static sqlite3_file *main_file;
static int journal_knows_its_database;

typedef struct {
  sqlite3_file base;
  sqlite3_io_methods methods;
} File;

static sqlite3_file *inner(sqlite3_file *file) { return (sqlite3_file *)((File *)file + 1); }

static int x_close(sqlite3_file *f) {
  int code = inner(f)->pMethods ? inner(f)->pMethods->xClose(inner(f)) : SQLITE_OK;
  return code;
}
static int x_read(sqlite3_file *f, void *b, int n, sqlite3_int64 o) { return inner(f)->pMethods->xRead(inner(f), b, n, o); }
static int x_write(sqlite3_file *f, const void *b, int n, sqlite3_int64 o) {
  return inner(f)->pMethods->xWrite(inner(f), b, n, o);
}
static int x_truncate(sqlite3_file *f, sqlite3_int64 n) { return inner(f)->pMethods->xTruncate(inner(f), n); }
static int x_sync(sqlite3_file *f, int n) { return inner(f)->pMethods->xSync(inner(f), n); }
static int x_size(sqlite3_file *f, sqlite3_int64 *n) { return inner(f)->pMethods->xFileSize(inner(f), n); }
static int x_lock(sqlite3_file *f, int n) { return inner(f)->pMethods->xLock(inner(f), n); }
static int x_unlock(sqlite3_file *f, int n) { return inner(f)->pMethods->xUnlock(inner(f), n); }
static int x_reserved(sqlite3_file *f, int *n) { return inner(f)->pMethods->xCheckReservedLock(inner(f), n); }
static int x_sector(sqlite3_file *f) { return inner(f)->pMethods->xSectorSize(inner(f)); }
static int x_traits(sqlite3_file *f) { return inner(f)->pMethods->xDeviceCharacteristics(inner(f)); }

static int x_control(sqlite3_file *f, int operation, void *argument) {
  if (operation != SQLITE_FCNTL_PRAGMA) return inner(f)->pMethods->xFileControl(inner(f), operation, argument);
  char **words = argument;
  if (strcmp(words[1], "answered") == 0) {
    words[0] = sqlite3_mprintf("%s of %s", words[2] ? "value" : "nothing", words[2] ? words[2] : "it");
    return SQLITE_OK;
  }
  if (strcmp(words[1], "refused") == 0) {
    words[0] = sqlite3_mprintf("not this one");
    return SQLITE_PERM;
  }
  if (strcmp(words[1], "broken") == 0) return SQLITE_IOERR;
  /* Also one that SQLite knows. */
  if (strcmp(words[1], "user_version") == 0 && words[2] && strcmp(words[2], "77") == 0) {
    words[0] = sqlite3_mprintf("mine");
    return SQLITE_OK;
  }
  return SQLITE_NOTFOUND;
}

static int x_open(sqlite3_vfs *vfs, sqlite3_filename name, sqlite3_file *file, int flags, int *out) {
  (void)vfs;
  File *mine = (File *)file;
  mine->base.pMethods = NULL;
  memset(mine + 1, 0, under->szOsFile);
  if (name == NULL) {
    ++temporary_opens;
  } else {
    ++named_opens;
  }
  if (name && (flags & SQLITE_OPEN_MAIN_JOURNAL)) journal_knows_its_database = sqlite3_database_file_object(name) == main_file;
  const int code = under->xOpen(under, name, inner(file), flags, out);
  if (code != SQLITE_OK) return code;
  mine->methods = (sqlite3_io_methods){1, x_close, x_read, x_write, x_truncate, x_sync, x_size, x_lock, x_unlock,
                                       x_reserved, x_control, x_sector, x_traits, 0, 0, 0, 0, 0, 0};
  mine->base.pMethods = &mine->methods;
  if (flags & SQLITE_OPEN_MAIN_DB) main_file = file;
  return SQLITE_OK;
}
static int x_delete(sqlite3_vfs *v, const char *n, int s) { (void)v; return under->xDelete(under, n, s); }
static int x_access(sqlite3_vfs *v, const char *n, int f, int *o) { (void)v; return under->xAccess(under, n, f, o); }
static int x_path(sqlite3_vfs *v, const char *n, int s, char *o) { (void)v; return under->xFullPathname(under, n, s, o); }
static int x_randomness(sqlite3_vfs *v, int size, char *out) {
  (void)v;
  ++randomness_calls;
  for (int at = 0; at < size; ++at) out[at] = (char)(at * 7 + 3);
  return size;
}
static int x_sleep(sqlite3_vfs *v, int n) { (void)v; return under->xSleep(under, n); }
static int x_time(sqlite3_vfs *v, double *t) { (void)v; return under->xCurrentTime(under, t); }
static int x_error(sqlite3_vfs *v, int n, char *t) { (void)v; return under->xGetLastError(under, n, t); }

static void run(sqlite3 *db, const char *sql) {
  sqlite3_stmt *statement = NULL;
  int code = sqlite3_prepare_v2(db, sql, -1, &statement, NULL);
  printf("%s: %d", sql, code);
  if (code != SQLITE_OK) {
    printf(" %s (%d)\n", sqlite3_errmsg(db), sqlite3_extended_errcode(db));
    return;
  }
  for (int at = 0; at < sqlite3_column_count(statement); ++at) printf(" [%s]", sqlite3_column_name(statement, at));
  while ((code = sqlite3_step(statement)) == SQLITE_ROW) printf(" %s", sqlite3_column_text(statement, 0));
  printf(" %d\n", code);
  sqlite3_finalize(statement);
}

static void controls(const char *name) {
  sqlite3 *db;
  sqlite3_open(name, &db);
  int value = 40;
  printf("reserve %d", sqlite3_file_control(db, "main", SQLITE_FCNTL_RESERVE_BYTES, &value));
  printf(" %d", value);
  value = -1;
  printf(" then %d", sqlite3_file_control(db, "main", SQLITE_FCNTL_RESERVE_BYTES, &value));
  printf(" %d\n", value);
  unsigned before = 0, after = 0;
  run(db, "CREATE TABLE t(a, b)");
  printf("version %d\n", sqlite3_file_control(db, NULL, SQLITE_FCNTL_DATA_VERSION, &before));
  run(db, "SELECT count(*) FROM t");
  sqlite3_file_control(db, NULL, SQLITE_FCNTL_DATA_VERSION, &after);
  printf("after a query %s", before == after ? "the same" : "another");
  run(db, "INSERT INTO t VALUES(1, 2)");
  sqlite3_file_control(db, NULL, SQLITE_FCNTL_DATA_VERSION, &after);
  printf("after a change %s\n", before == after ? "the same" : "another");
  sqlite3_file *file = NULL;
  printf("file %d", sqlite3_file_control(db, NULL, SQLITE_FCNTL_FILE_POINTER, &file));
  if (file && file->pMethods) {
    sqlite3_int64 size = 0;
    char header[100] = "";
    printf(" size %d", file->pMethods->xFileSize(file, &size));
    printf(" %d", (int)size);
    printf(" read %d", file->pMethods->xRead(file, header, 100, 0));
    printf(" %.15s reserve %d", header, header[20]);
    printf(" beyond %d", file->pMethods->xRead(file, header, 100, size) == SQLITE_IOERR_SHORT_READ);
  }
  printf("\n");
  sqlite3_vfs *vfs = NULL;
  printf("vfs %d", sqlite3_file_control(db, NULL, SQLITE_FCNTL_VFS_POINTER, &vfs));
  printf(" %s\n", vfs ? vfs->zName : "none");
  sqlite3_close(db);
}

int main(void) {
  controls("plain.db");
  controls(":memory:");
  under = sqlite3_vfs_find(NULL);
  sqlite3_vfs mine = {1, (int)sizeof(File) + under->szOsFile, 512, NULL, "mine", NULL, x_open, x_delete, x_access,
                      x_path, NULL, NULL, NULL, NULL, x_randomness, x_sleep, x_time, x_error, NULL, NULL, NULL, NULL};
  sqlite3_vfs_register(&mine, 0);
  sqlite3 *db;
  printf("open %d\n", sqlite3_open_v2("mine.db", &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, "mine"));
  run(db, "PRAGMA answered");
  run(db, "PRAGMA answered(7)");
  run(db, "PRAGMA answered = 'a word'");
  run(db, "PRAGMA main.answered = -3");
  run(db, "PRAGMA temp.answered");
  run(db, "PRAGMA refused");
  run(db, "PRAGMA broken");
  run(db, "PRAGMA unknown_to_both");
  run(db, "PRAGMA user_version = 77");
  run(db, "PRAGMA user_version = 5");
  run(db, "PRAGMA user_version");
  run(db, "CREATE TABLE t(a)");
  printf("journal knows its database: %d\n", journal_knows_its_database);
  printf("temporary files so far: %d\n", temporary_opens > 0);
  run(db, "PRAGMA temp_store = 1");
  run(db, "PRAGMA cache_size = 5");
  run(db, "PRAGMA temp.cache_size = 5");
  run(db, "CREATE TEMP TABLE big AS WITH RECURSIVE n(i) AS (VALUES(1) UNION ALL SELECT i + 1 FROM n WHERE i < 3000) "
          "SELECT i, hex(zeroblob(200)) AS b FROM n");
  run(db, "SELECT count(*), sum(i) FROM big");
  printf("temporary files after a big table: %d\n", temporary_opens > 0);
  sqlite3_close(db);
  unsigned char bytes[4][10];
  sqlite3_randomness(0, NULL);
  sqlite3_vfs_register(&mine, 1);
  sqlite3_randomness(10, bytes[0]);
  sqlite3_randomness(10, bytes[1]);
  sqlite3_randomness(0, NULL);
  sqlite3_randomness(10, bytes[2]);
  sqlite3_randomness(10, bytes[3]);
  printf("randomness %d:", randomness_calls);
  for (int row = 0; row < 2; ++row) {
    printf(" %d ", memcmp(bytes[row], bytes[row + 2], 10));
    for (int at = 0; at < 10; ++at) printf("%02x", bytes[row][at]);
  }
  unsigned char many[200];
  sqlite3_randomness(200, many);
  printf(" ");
  for (int at = 0; at < 200; at += 9) printf("%02x", many[at]);
  printf("\n");
  return 0;
}
