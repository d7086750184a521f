// VFS objects: those that the library has, what their methods answer, and VFSs of a program's own that stand on them.
// Runs in an empty folder and prints what it finds.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "shown.h"
#include "sqlite3.h"

static int run(sqlite3 *db, const char *sql) {
  char *message = NULL;
  const int code = sqlite3_exec(db, sql, print_row, NULL, &message);
  printf("  %s = %d %s\n", sql, code, message == NULL ? "" : message);
  sqlite3_free(message);
  return code;
}

static sqlite3 *open_it(const char *name, int flags, const char *vfs) {
  sqlite3 *db = NULL;
  const int code = sqlite3_open_v2(name, &db, flags, vfs);
  printf("open %s [%s] = %d %s\n", name, vfs == NULL ? "default" : vfs, code, sqlite3_errmsg(db));
  return db;
}

static const int read_write = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
static const int uri = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_URI;

static void list_objects(void) {
  for (sqlite3_vfs *vfs = sqlite3_vfs_find(NULL); vfs != NULL; vfs = vfs->pNext) {
    printf("vfs %s, default %d, found %d\n", vfs->zName, vfs == sqlite3_vfs_find(NULL),
           vfs == sqlite3_vfs_find(vfs->zName));
  }
  printf("unknown: %d\n", sqlite3_vfs_find("unix-nothing") == NULL);
}

static void use_files(const char *name) {
  sqlite3_vfs *vfs = sqlite3_vfs_find(name);
  char path[3000], expected[2000];
  printf("files of %s\n", name);
  printf("  full path %d, %d\n", vfs->xFullPathname(vfs, "a/../f.bin", (int)sizeof path, path),
         getcwd(expected, sizeof expected) != NULL && strncmp(path, expected, strlen(expected)) == 0);
  int found = -1;
  printf("  access %d", vfs->xAccess(vfs, "f.bin", SQLITE_ACCESS_EXISTS, &found));
  printf(" %d\n", found);
  sqlite3_file *file = malloc((size_t)vfs->szOsFile);
  int flags = 0;
  const int wanted = read_write | SQLITE_OPEN_MAIN_DB;
  snprintf(path, sizeof path, "%s/f.bin", expected);
  const char *block = sqlite3_create_filename(path, "", "", 0, NULL);
  printf("  open %d", vfs->xOpen(vfs, block, file, wanted, &flags));
  printf(" flags %x\n", flags);
  const sqlite3_io_methods *methods = file->pMethods;
  char bytes[8] = "xxxxxxx";
  sqlite3_int64 size = -1;
  printf("  write %d\n", methods->xWrite(file, "hello", 5, 3));
  printf("  short read %d", methods->xRead(file, bytes, 8, 4));
  printf(" %.4s %d\n", bytes, bytes[4]);
  printf("  read %d", methods->xRead(file, bytes, 5, 3));
  printf(" %.5s\n", bytes);
  printf("  size %d", methods->xFileSize(file, &size));
  printf(" %lld\n", size);
  printf("  truncate %d\n", methods->xTruncate(file, 4));
  printf("  sync %d\n", methods->xSync(file, SQLITE_SYNC_NORMAL));
  methods->xFileSize(file, &size);
  printf("  size %lld\n", size);
  for (int level = SQLITE_LOCK_SHARED; level <= SQLITE_LOCK_EXCLUSIVE; ++level) {
    if (level != SQLITE_LOCK_PENDING) printf("  lock %d\n", methods->xLock(file, level));
  }
  sqlite3_file *other = malloc((size_t)vfs->szOsFile);
  printf("  second open %d\n", vfs->xOpen(vfs, block, other, wanted, &flags));
  printf("  second lock %d\n", other->pMethods->xLock(other, SQLITE_LOCK_SHARED));
  printf("  second unlock %d\n", other->pMethods->xUnlock(other, SQLITE_LOCK_NONE));
  printf("  second close %d\n", other->pMethods->xClose(other));
  printf("  unlock %d\n", methods->xUnlock(file, SQLITE_LOCK_SHARED));
  printf("  unlock %d\n", methods->xUnlock(file, SQLITE_LOCK_NONE));
  printf("  unknown control %d\n", methods->xFileControl(file, 123456, NULL));
  printf("  close %d\n", methods->xClose(file));
  printf("  access %d", vfs->xAccess(vfs, "f.bin", SQLITE_ACCESS_EXISTS, &found));
  printf(" %d", found);
  vfs->xAccess(vfs, "f.bin", SQLITE_ACCESS_READWRITE, &found);
  printf(" %d\n", found);
  printf("  delete %d", vfs->xDelete(vfs, "f.bin", 1));
  printf(" %d\n", vfs->xDelete(vfs, "f.bin", 0));
  printf("  temporary %d", vfs->xOpen(vfs, NULL, file, read_write | SQLITE_OPEN_DELETEONCLOSE | SQLITE_OPEN_EXCLUSIVE |
                                                          SQLITE_OPEN_TEMP_DB, &flags));
  printf(" %d", file->pMethods->xWrite(file, "x", 1, 0));
  printf(" %d\n", file->pMethods->xClose(file));
  sqlite3_free_filename(block);
  free(file);
  free(other);
}

// Two connections through one of our VFSs.
static void use_two(const char *vfs) {
  printf("two through %s\n", vfs);
  sqlite3 *a = open_it("two.db", read_write, vfs), *b = open_it("two.db", read_write, vfs);
  run(a, "CREATE TABLE IF NOT EXISTS t(x)");
  run(a, "BEGIN IMMEDIATE; INSERT INTO t VALUES(1)");
  run(b, "SELECT count(*) FROM t");
  run(b, "BEGIN IMMEDIATE");
  run(b, "ROLLBACK");
  run(a, "COMMIT");
  run(b, "SELECT count(*) FROM t");
  run(b, "PRAGMA journal_mode = WAL");
  run(b, "INSERT INTO t VALUES(2)");
  run(b, "PRAGMA journal_mode = DELETE");
  printf("  journal there %d, lock there %d\n", access("two.db-journal", F_OK), access("two.db.lock", F_OK));
  char *name = NULL;
  printf("  name %d", sqlite3_file_control(a, "main", SQLITE_FCNTL_VFSNAME, &name));
  printf(" %s\n", name);
  sqlite3_free(name);
  sqlite3_vfs *pointer = NULL;
  sqlite3_file_control(a, "main", SQLITE_FCNTL_VFS_POINTER, &pointer);
  printf("  pointer %d\n", pointer == sqlite3_vfs_find(vfs));
  printf("close %d\n", sqlite3_close(a));
  printf("close %d\n", sqlite3_close(b));
  unlink("two.db");
}

static void use_memory(void) {
  printf("memdb\n");
  sqlite3 *a = open_it("/shared", read_write, "memdb"), *b = open_it("file:/shared?vfs=memdb", uri, NULL);
  sqlite3 *c = open_it("private", read_write, "memdb"), *d = open_it("private", read_write, "memdb");
  run(a, "CREATE TABLE t(x); INSERT INTO t VALUES('shared')");
  run(b, "SELECT x FROM t");
  run(c, "CREATE TABLE t(x); INSERT INTO t VALUES('private')");
  run(d, "SELECT x FROM t");
  run(c, "ATTACH 'file:/shared?vfs=memdb' AS s");
  run(c, "PRAGMA journal_mode");
  run(a, "PRAGMA journal_mode");
  run(a, "PRAGMA journal_mode = wal");
  run(a, "BEGIN IMMEDIATE; INSERT INTO t VALUES('more')");
  run(b, "BEGIN IMMEDIATE");
  run(a, "COMMIT");
  run(b, "BEGIN IMMEDIATE; ROLLBACK");
  printf("close %d\n", sqlite3_close(a));
  printf("close %d\n", sqlite3_close(b));
  printf("close %d\n", sqlite3_close(c));
  printf("close %d\n", sqlite3_close(d));
  a = open_it("/shared", read_write, "memdb");
  run(a, "SELECT x FROM t");
  sqlite3_close(a);
}

int main(void) {
  list_objects();
  use_files("unix");
  use_files("unix-none");
  use_files("unix-dotfile");
  use_files("unix-excl");
  use_two("unix");
  use_two("unix-none");
  use_two("unix-dotfile");
  use_two("unix-excl");
  use_memory();
  sqlite3_close(open_it("x.db", read_write, "nothing"));
  sqlite3_close(open_it("file:x.db?vfs=nothing", uri, "unix"));
  sqlite3_close(open_it("file:x.db?vfs=unix-none", uri, "nothing"));
  sqlite3 *db = open_it("file:x.db?nolock=1", uri, NULL);
  run(db, "CREATE TABLE x(a); ATTACH 'file:y.db?vfs=unix-none' AS y; ATTACH 'file:z.db?vfs=nothing' AS z");
  run(db, "CREATE TABLE y.t(a); SELECT name FROM y.sqlite_master");
  sqlite3_close(db);
  return 0;
}
