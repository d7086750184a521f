// A VFS of the program's own over the default one: it counts, knows the time, reads parameters of the name, answers an
// operation of its own and fails when it is told to.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "shown.h"
#include "sqlite3.h"

typedef struct {
  sqlite3_file base;
  int kind;  // the SQLITE_OPEN_ bits that say what it is
  sqlite3_file *real;
} ShimFile;

static sqlite3_vfs *root;
static int opened_databases, opened_journals, opened_wals, open_files, syncs, writes, shared_locks;
static int fail_writes_after = -1, fail_syncs, fail_opens;
static char parameter[100], journal_parameter[100];

#define REAL(file) (((ShimFile *)(file))->real)

static int shim_close(sqlite3_file *file) {
  const int code = REAL(file)->pMethods->xClose(REAL(file));
  free(REAL(file));
  --open_files;
  return code;
}
static int shim_read(sqlite3_file *file, void *out, int size, sqlite3_int64 offset) {
  return REAL(file)->pMethods->xRead(REAL(file), out, size, offset);
}
static int shim_write(sqlite3_file *file, const void *bytes, int size, sqlite3_int64 offset) {
  ++writes;
  if (fail_writes_after >= 0 && fail_writes_after-- == 0) return SQLITE_IOERR_WRITE;
  return REAL(file)->pMethods->xWrite(REAL(file), bytes, size, offset);
}
static int shim_truncate(sqlite3_file *file, sqlite3_int64 size) {
  return REAL(file)->pMethods->xTruncate(REAL(file), size);
}
static int shim_sync(sqlite3_file *file, int flags) {
  ++syncs;
  if (fail_syncs) return SQLITE_IOERR_FSYNC;
  return REAL(file)->pMethods->xSync(REAL(file), flags);
}
static int shim_size(sqlite3_file *file, sqlite3_int64 *size) {
  return REAL(file)->pMethods->xFileSize(REAL(file), size);
}
static int shim_lock(sqlite3_file *file, int level) {
  if (level == SQLITE_LOCK_SHARED) ++shared_locks;
  return REAL(file)->pMethods->xLock(REAL(file), level);
}
static int shim_unlock(sqlite3_file *file, int level) { return REAL(file)->pMethods->xUnlock(REAL(file), level); }
static int shim_reserved(sqlite3_file *file, int *out) {
  return REAL(file)->pMethods->xCheckReservedLock(REAL(file), out);
}
static int shim_control(sqlite3_file *file, int operation, void *argument) {
  if (operation == 4711) {
    *(int *)argument = 42;
    return SQLITE_OK;
  }
  const int code = REAL(file)->pMethods->xFileControl(REAL(file), operation, argument);
  if (operation == SQLITE_FCNTL_VFSNAME && code == SQLITE_OK) {
    *(char **)argument = sqlite3_mprintf("shim/%z", *(char **)argument);
  }
  return code;
}
static int shim_sector(sqlite3_file *file) { return REAL(file)->pMethods->xSectorSize(REAL(file)); }
static int shim_device(sqlite3_file *file) { return REAL(file)->pMethods->xDeviceCharacteristics(REAL(file)); }
static int shim_map(sqlite3_file *file, int region, int size, int extend, void volatile **out) {
  return REAL(file)->pMethods->xShmMap(REAL(file), region, size, extend, out);
}
static int shim_shm_lock(sqlite3_file *file, int first, int count, int flags) {
  return REAL(file)->pMethods->xShmLock(REAL(file), first, count, flags);
}
static void shim_barrier(sqlite3_file *file) { REAL(file)->pMethods->xShmBarrier(REAL(file)); }
static int shim_unmap(sqlite3_file *file, int is_deleted) {
  return REAL(file)->pMethods->xShmUnmap(REAL(file), is_deleted);
}

static sqlite3_io_methods methods = {2,           shim_close,    shim_read,   shim_write,    shim_truncate, shim_sync,
                                     shim_size,   shim_lock,     shim_unlock, shim_reserved, shim_control,  shim_sector,
                                     shim_device, shim_map,      shim_shm_lock, shim_barrier, shim_unmap,   NULL,
                                     NULL};
static sqlite3_io_methods old_methods;

static int shim_open(sqlite3_vfs *vfs, sqlite3_filename name, sqlite3_file *file, int flags, int *flags_out) {
  ShimFile *shim = (ShimFile *)file;
  (void)vfs;
  file->pMethods = NULL;
  if (fail_opens) return SQLITE_CANTOPEN;
  shim->real = calloc(1, (size_t)root->szOsFile);
  const int code = root->xOpen(root, name, shim->real, flags, flags_out);
  if (code != SQLITE_OK) {
    free(shim->real);
    return code;
  }
  if (flags & SQLITE_OPEN_MAIN_DB) {
    ++opened_databases;
    const char *value = sqlite3_uri_parameter(name, "tag");
    snprintf(parameter, sizeof parameter, "%s", value == NULL ? "none" : value);
  }
  if (flags & SQLITE_OPEN_MAIN_JOURNAL) {
    ++opened_journals;
    const char *value = sqlite3_uri_parameter(sqlite3_filename_database(name), "tag");
    snprintf(journal_parameter, sizeof journal_parameter, "%s", value == NULL ? "none" : value);
  }
  if (flags & SQLITE_OPEN_WAL) ++opened_wals;
  ++open_files;
  file->pMethods = strcmp(vfs->zName, "old") == 0 ? &old_methods : &methods;
  return SQLITE_OK;
}
static int shim_delete(sqlite3_vfs *vfs, const char *name, int sync) {
  (void)vfs;
  return root->xDelete(root, name, sync);
}
static int shim_access(sqlite3_vfs *vfs, const char *name, int flags, int *out) {
  (void)vfs;
  return root->xAccess(root, name, flags, out);
}
static int shim_path(sqlite3_vfs *vfs, const char *name, int size, char *out) {
  (void)vfs;
  return root->xFullPathname(root, name, size, out);
}
static int shim_random(sqlite3_vfs *vfs, int size, char *out) {
  (void)vfs;
  return root->xRandomness(root, size, out);
}
static int shim_sleep(sqlite3_vfs *vfs, int microseconds) {
  (void)vfs;
  return root->xSleep(root, microseconds);
}
static int shim_time(sqlite3_vfs *vfs, double *out) {
  (void)vfs;
  *out = 2451545.0;
  return SQLITE_OK;
}
static int shim_time64(sqlite3_vfs *vfs, sqlite3_int64 *out) {
  (void)vfs;
  *out = 211813488000000LL;
  return SQLITE_OK;
}

static int run(sqlite3 *db, const char *sql) {
  char *message = NULL;
  const int code = sqlite3_exec(db, sql, print_row, NULL, &message);
  printf("  %s = %d (%d) %s\n", sql, code, sqlite3_extended_errcode(db), message == NULL ? "" : message);
  sqlite3_free(message);
  return code;
}

int main(void) {
  root = sqlite3_vfs_find(NULL);
  sqlite3_vfs shim = {2,           (int)sizeof(ShimFile), root->mxPathname, NULL,       "shim",     NULL,
                      shim_open,   shim_delete,           shim_access,      shim_path,  NULL,       NULL,
                      NULL,        NULL,                  shim_random,      shim_sleep, shim_time,  NULL,
                      shim_time64, NULL,                  NULL,             NULL};
  sqlite3_vfs old = shim;
  old.iVersion = 1;
  old.zName = "old";
  old_methods = methods;
  old_methods.iVersion = 1;
  printf("register %d\n", sqlite3_vfs_register(&shim, 0));
  printf("register %d\n", sqlite3_vfs_register(&old, 0));
  printf("default is still ours: %d; found %d\n", sqlite3_vfs_find(NULL) == root, sqlite3_vfs_find("shim") == &shim);
  sqlite3 *db = NULL;
  const int uri = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_URI;
  printf("open %d\n", sqlite3_open_v2("file:a.db?tag=blue&vfs=shim", &db, uri, NULL));
  printf("opened %d with %s\n", opened_databases, parameter);
  run(db, "CREATE TABLE t(x INTEGER PRIMARY KEY, y)");
  run(db, "INSERT INTO t SELECT value, hex(zeroblob(300)) FROM (WITH RECURSIVE c(value) AS (SELECT 1 UNION ALL SELECT "
          "value + 1 FROM c LIMIT 500) SELECT value FROM c)");
  printf("journal of %s, wrote %d, synced %d, locked %d\n", journal_parameter, writes > 10, syncs > 2, shared_locks > 0);
  run(db, "SELECT count(*), sum(x) FROM t");
  run(db, "SELECT datetime('now')");
  run(db, "PRAGMA integrity_check");
  int answer = 0;
  printf("own operation %d", sqlite3_file_control(db, "main", 4711, &answer));
  printf(" %d, unknown %d\n", answer, sqlite3_file_control(db, "main", 4712, &answer));
  sqlite3_file *file = NULL;
  printf("file pointer %d", sqlite3_file_control(db, "main", SQLITE_FCNTL_FILE_POINTER, &file));
  printf(" %d\n", file != NULL && file->pMethods == &methods);
  char *name = NULL;
  sqlite3_file_control(db, "main", SQLITE_FCNTL_VFSNAME, &name);
  printf("name %s\n", name);
  sqlite3_free(name);
  fail_writes_after = 3;
  run(db, "UPDATE t SET y = hex(randomblob(300))");
  fail_writes_after = -1;
  run(db, "ROLLBACK");
  run(db, "SELECT count(*), sum(x), sum(length(y)) FROM t");
  run(db, "PRAGMA integrity_check");
  fail_syncs = 1;
  run(db, "DELETE FROM t WHERE x > 100");
  fail_syncs = 0;
  run(db, "SELECT count(*) FROM t");
  run(db, "ATTACH 'b.db' AS b; CREATE TABLE b.u(z); INSERT INTO b.u VALUES(1); SELECT count(*) FROM b.u");
  printf("opened %d\n", opened_databases);
  run(db, "PRAGMA journal_mode = WAL");
  run(db, "INSERT INTO t VALUES(-1, 'wal')");
  printf("wals %d\n", opened_wals > 0);
  sqlite3 *second = NULL;
  printf("open %d\n", sqlite3_open_v2("a.db", &second, SQLITE_OPEN_READWRITE, "shim"));
  run(second, "SELECT count(*) FROM t");
  run(second, "INSERT INTO t VALUES(-2, 'by the second')");
  run(db, "SELECT count(*) FROM t");
  run(db, "PRAGMA wal_checkpoint(PASSIVE)");
  printf("close %d\n", sqlite3_close(second));
  run(db, "PRAGMA journal_mode = DELETE");
  printf("close %d\n", sqlite3_close(db));
  printf("files left open %d\n", open_files);
  printf("open %d\n", sqlite3_open_v2("a.db", &db, SQLITE_OPEN_READWRITE, "old"));
  run(db, "PRAGMA journal_mode = WAL");
  run(db, "SELECT count(*) FROM t");
  printf("close %d\n", sqlite3_close(db));
  fail_opens = 1;
  printf("open %d", sqlite3_open_v2("a.db", &db, SQLITE_OPEN_READWRITE, "shim"));
  printf(" %s\n", sqlite3_errmsg(db));
  sqlite3_close(db);
  fail_opens = 0;
  printf("register as default %d\n", sqlite3_vfs_register(&shim, 1));
  opened_databases = 0;
  printf("open %d\n", sqlite3_open("a.db", &db));
  run(db, "SELECT count(*) FROM t");
  run(db, "CREATE TEMP TABLE tt AS SELECT * FROM t ORDER BY y; SELECT count(*) FROM tt");
  printf("opened %d\n", opened_databases);
  printf("close %d\n", sqlite3_close(db));
  printf("unregister %d\n", sqlite3_vfs_unregister(&shim));
  printf("default is ours: %d, found %d\n", sqlite3_vfs_find(NULL) != NULL && sqlite3_vfs_find(NULL) != &shim,
         sqlite3_vfs_find("shim") != NULL);
  return 0;
}
