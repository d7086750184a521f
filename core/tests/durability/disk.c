// A disk that is watched and that fails: preloaded into a program, it stands before the system calls on files in one
// folder.
//
// KEELBACK_DISK_ROOT is the folder. Where KEELBACK_DISK_LOG is set, every change goes into that file, which
// disk_model.py reads: one byte of kind, the number of the file (u32), offset and size (u64), then that many bytes:
//
//     C created, E opened though it was there, U unlinked (bytes: the name)    W written    T truncated to the offset
//     S synced    F a sync failed    D the folder was synced    M a mark (offset: its number)
//
// KEELBACK_DISK_STOP=SUFFIX:N stops the process (SIGSTOP) before the N-th read of a file whose name ends so.
//
// A program may also let calls fail: disk_fail(kind, at, count) arms it, disk_calls() tells how many calls there were.
// Files that end in -shm are memory: they are not looked at. One thread at a time.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MOST_FILES 1024
#define FOLDER MOST_FILES
#define BLOCK 512

enum { FAIL_NOT, FAIL_IO, FAIL_FULL, FAIL_SHORT, FAIL_INTERRUPTED, FAIL_SYNC };
enum { CALL_OTHER, CALL_WRITE, CALL_SYNC, CALL_UNLINK };

static char root[PATH_MAX];
static size_t root_size;
static int log_descriptor = -1;
static char* names[MOST_FILES];
static int file_of[MOST_FILES];  // by descriptor: number of the file + 1
static uint32_t file_count = 1;

static const char* stop_suffix;
static size_t stop_suffix_size;
static long stop_in;

static int fail_kind;
static long fail_at, fail_count, calls;

__attribute__((constructor)) static void start(void) {
  const char* folder = getenv("KEELBACK_DISK_ROOT");
  const char* path = getenv("KEELBACK_DISK_LOG");
  if (folder == NULL) return;
  const char* stop = getenv("KEELBACK_DISK_STOP");
  if (stop != NULL) {
    stop_suffix = stop;
    stop_suffix_size = strcspn(stop, ":");
    stop_in = atol(stop + stop_suffix_size + 1);
  }
  root_size = strlen(folder);
  memcpy(root, folder, root_size + 1);
  if (path != NULL) {
    const int descriptor = (int)syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    log_descriptor = fcntl(descriptor, F_DUPFD_CLOEXEC, 900);
    syscall(SYS_close, descriptor);
  }
}

static void put(const void* bytes, size_t size) {
  const char* at = bytes;
  while (size > 0) {
    const long count = syscall(SYS_write, log_descriptor, at, size);
    if (count <= 0) abort();
    at += count;
    size -= (size_t)count;
  }
}

static void note(char kind, uint32_t file, uint64_t offset, const void* bytes, uint64_t size) {
  if (log_descriptor < 0) return;
  char head[21];
  head[0] = kind;
  memcpy(head + 1, &file, 4);
  memcpy(head + 5, &offset, 8);
  memcpy(head + 13, &size, 8);
  put(head, sizeof head);
  put(bytes, size);
}

// The name within the folder, NULL where a path is not of it.
static const char* name_of(const char* path) {
  if (root_size == 0 || path == NULL || strncmp(path, root, root_size) != 0) return NULL;
  const char* name = path + root_size;
  if (*name == '\0') return name;
  if (*name != '/' || strchr(name + 1, '/') != NULL) return NULL;
  const size_t size = strlen(name);
  if (size > 4 && strcmp(name + size - 4, "-shm") == 0) return NULL;
  return name + 1;
}

static int watched(int descriptor) {
  return root_size != 0 && descriptor >= 0 && descriptor < MOST_FILES ? file_of[descriptor] : 0;
}

// Whether this call is to fail.
static int fails(int call) {
  if (fail_kind == FAIL_NOT) return 0;
  if (fail_kind == FAIL_SYNC && call != CALL_SYNC) return 0;
  if ((fail_kind == FAIL_FULL || fail_kind == FAIL_SHORT) && call != CALL_WRITE) return 0;
  // No signal interrupts these.
  if (fail_kind == FAIL_INTERRUPTED && call >= CALL_SYNC) return 0;
  const long number = calls++;
  if (number < fail_at || number >= fail_at + fail_count) return 0;
  errno = fail_kind == FAIL_FULL ? ENOSPC : fail_kind == FAIL_INTERRUPTED ? EINTR : EIO;
  return 1;
}

__attribute__((visibility("default"))) void disk_fail(int kind, long at, long count) {
  fail_kind = kind;
  fail_at = at;
  fail_count = count;
  calls = 0;
}
__attribute__((visibility("default"))) long disk_calls(void) { return calls; }
__attribute__((visibility("default"))) void disk_mark(long number) { note('M', 0, (uint64_t)number, "", 0); }

static int opened(int (*real)(int, const char*, int, ...), int folder, const char* path, int flags, mode_t mode) {
  const char* name = name_of(path);
  if (name == NULL) return real(folder, path, flags, mode);
  if (fails(CALL_OTHER)) return -1;
  struct stat status;
  const int was_there = stat(path, &status) == 0;
  const int descriptor = real(folder, path, flags, mode);
  if (descriptor < 0 || descriptor >= MOST_FILES) return descriptor;
  if (*name == '\0') {
    file_of[descriptor] = FOLDER + 1;
    return descriptor;
  }
  uint32_t file = 1;
  while (file < file_count && (names[file] == NULL || strcmp(names[file], name) != 0)) ++file;
  if (file == file_count) {
    // A log tells a file from an older one of its name; without a log the numbers would only run out.
    for (file = 1; file < file_count && (names[file] != NULL || log_descriptor >= 0);) ++file;
    if (file == file_count && ++file_count >= MOST_FILES) abort();
    names[file] = strdup(name);
    note(was_there ? 'E' : 'C', file, 0, name, strlen(name));
  }
  file_of[descriptor] = (int)file + 1;
  return descriptor;
}

#define REAL(name) __typeof__(name)* real = (__typeof__(name)*)dlsym(RTLD_NEXT, #name)
#define MODE(flags)                      \
  mode_t mode = 0;                       \
  if ((flags) & (O_CREAT | O_TMPFILE)) { \
    va_list rest;                        \
    va_start(rest, flags);               \
    mode = va_arg(rest, mode_t);         \
    va_end(rest);                        \
  }

static int system_openat(int folder, const char* path, int flags, ...) {
  MODE(flags)
  return (int)syscall(SYS_openat, folder, path, flags, mode);
}

int open(const char* path, int flags, ...) {
  MODE(flags)
  return opened(system_openat, AT_FDCWD, path, flags, mode);
}
int open64(const char* path, int flags, ...) {
  MODE(flags)
  return opened(system_openat, AT_FDCWD, path, flags | O_LARGEFILE, mode);
}
int openat(int folder, const char* path, int flags, ...) {
  MODE(flags)
  return opened(system_openat, folder, path, flags, mode);
}
int openat64(int folder, const char* path, int flags, ...) {
  MODE(flags)
  return opened(system_openat, folder, path, flags | O_LARGEFILE, mode);
}

int close(int descriptor) {
  REAL(close);
  if (watched(descriptor)) file_of[descriptor] = 0;
  return real(descriptor);
}

static ssize_t written(int descriptor, const void* bytes, size_t size, off_t offset) {
  REAL(pwrite);
  const int file = watched(descriptor);
  if (file == 0) return real(descriptor, bytes, size, offset);
  if (fails(CALL_WRITE)) {
    if (fail_kind != FAIL_SHORT && fail_kind != FAIL_FULL) return -1;
    // A disk that gets full takes the blocks that still fit.
    const off_t half = offset + (off_t)(size / 2);
    if (fail_kind == FAIL_SHORT) {
      size /= 2;
    } else {
      size = half / BLOCK * BLOCK > offset ? (size_t)(half / BLOCK * BLOCK - offset) : 0;
    }
    if (size == 0) return -1;
    fail_count = fail_kind == FAIL_FULL ? fail_count : 0;
    if (fail_kind == FAIL_FULL && fail_at < calls - 1) return -1;
  }
  const ssize_t count = real(descriptor, bytes, size, offset);
  if (count > 0) note('W', (uint32_t)file - 1, (uint64_t)offset, bytes, (uint64_t)count);
  return count;
}
ssize_t pwrite(int descriptor, const void* bytes, size_t size, off_t offset) {
  return written(descriptor, bytes, size, offset);
}
ssize_t pwrite64(int descriptor, const void* bytes, size_t size, off64_t offset) {
  return written(descriptor, bytes, size, offset);
}
ssize_t write(int descriptor, const void* bytes, size_t size) {
  REAL(write);
  if (watched(descriptor) && log_descriptor >= 0) abort();
  return real(descriptor, bytes, size);
}

static void stop_if_asked(int file) {
  if (stop_in == 0 || file == 0 || file > FOLDER) return;
  const char* name = names[file - 1];
  const size_t size = name != NULL ? strlen(name) : 0;
  if (size < stop_suffix_size || strncmp(name + size - stop_suffix_size, stop_suffix, stop_suffix_size) != 0) return;
  if (--stop_in == 0) raise(SIGSTOP);
}

ssize_t pread(int descriptor, void* bytes, size_t size, off_t offset) {
  REAL(pread);
  stop_if_asked(watched(descriptor));
  return watched(descriptor) && fails(CALL_OTHER) ? -1 : real(descriptor, bytes, size, offset);
}
ssize_t pread64(int descriptor, void* bytes, size_t size, off64_t offset) {
  REAL(pread);
  stop_if_asked(watched(descriptor));
  return watched(descriptor) && fails(CALL_OTHER) ? -1 : real(descriptor, bytes, size, offset);
}

static int truncated(int descriptor, off_t size) {
  REAL(ftruncate);
  const int file = watched(descriptor);
  if (file != 0 && fails(CALL_OTHER)) return -1;
  const int result = real(descriptor, size);
  if (file != 0 && result == 0) note('T', (uint32_t)file - 1, (uint64_t)size, "", 0);
  return result;
}
int ftruncate(int descriptor, off_t size) { return truncated(descriptor, size); }
int ftruncate64(int descriptor, off64_t size) { return truncated(descriptor, size); }

// Real syncs would only cost time: what is on the disk is for disk_model.py to say.
static int synced(int descriptor) {
  const int file = watched(descriptor);
  if (file == 0) return (int)syscall(SYS_fsync, descriptor);
  if (fails(CALL_SYNC)) {
    if (file != FOLDER + 1) note('F', (uint32_t)file - 1, 0, "", 0);
    return -1;
  }
  note(file == FOLDER + 1 ? 'D' : 'S', (uint32_t)file - 1, 0, "", 0);
  return 0;
}
int fsync(int descriptor) { return synced(descriptor); }
int fdatasync(int descriptor) { return synced(descriptor); }

int unlink(const char* path) {
  REAL(unlink);
  const char* name = name_of(path);
  if (name == NULL) return real(path);
  if (fails(CALL_UNLINK)) return -1;
  const int result = real(path);
  for (uint32_t file = 1; result == 0 && file < file_count; ++file) {
    if (names[file] != NULL && strcmp(names[file], name) == 0) {
      note('U', file, 0, name, strlen(name));
      free(names[file]);
      names[file] = NULL;
    }
  }
  return result;
}

int rename(const char* from, const char* to) {
  REAL(rename);
  if (name_of(from) != NULL || name_of(to) != NULL) abort();
  return real(from, to);
}
