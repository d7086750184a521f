// The operating system as the C API shows it: time to sleep, random bytes, the default VFS.
//
// The VFS object answers what programs ask of sqlite3_vfs_find(0) beside files; opening files through it is refused.
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/random.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "error.hpp"

using namespace keelback::capi;

namespace {

void sleep_us(long long microseconds) {
  if (microseconds <= 0) return;
  timespec left{static_cast<time_t>(microseconds / 1000000), static_cast<long>(microseconds % 1000000) * 1000};
  while (nanosleep(&left, &left) != 0 && errno == EINTR) {
  }
}

void fill_randomly(char* out, size_t size) {
  while (size > 0) {
    const ssize_t got = getrandom(out, size > 256 ? 256 : size, 0);
    if (got < 0 && errno != EINTR) return;
    if (got > 0) out += got, size -= static_cast<size_t>(got);
  }
}

constexpr sqlite3_int64 unix_epoch_ms = 210866760000000LL;  // as Julian day milliseconds

int open_file(sqlite3_vfs*, sqlite3_filename, sqlite3_file* file, int, int*) {
  if (file != nullptr) file->pMethods = nullptr;
  return SQLITE_CANTOPEN;
}

int delete_file(sqlite3_vfs*, const char* name, int) {
  if (unlink(name) == 0) return SQLITE_OK;
  return errno == ENOENT ? SQLITE_IOERR_DELETE_NOENT : SQLITE_IOERR_DELETE;
}

int check_access(sqlite3_vfs*, const char* name, int flags, int* result) {
  *result = access(name, flags == SQLITE_ACCESS_READWRITE ? R_OK | W_OK : F_OK) == 0 ? 1 : 0;
  return SQLITE_OK;
}

int full_path(sqlite3_vfs*, const char* name, int size, char* out) {
  char folder[4096] = "";
  if (name[0] != '/' && getcwd(folder, sizeof folder) == nullptr) return SQLITE_CANTOPEN;
  const int needed = std::snprintf(out, static_cast<size_t>(size), "%s%s%s", folder, name[0] != '/' ? "/" : "", name);
  return needed >= size ? SQLITE_CANTOPEN : SQLITE_OK;
}

void* open_library(sqlite3_vfs*, const char* name) { return dlopen(name, RTLD_NOW | RTLD_GLOBAL); }

void library_error(sqlite3_vfs*, int size, char* out) {
  const char* text = dlerror();
  std::snprintf(out, static_cast<size_t>(size), "%s", text != nullptr ? text : "");
}

void (*find_symbol(sqlite3_vfs*, void* library, const char* name))(void) {
  return reinterpret_cast<void (*)(void)>(dlsym(library, name));
}

void close_library(sqlite3_vfs*, void* library) { dlclose(library); }

int random_bytes(sqlite3_vfs*, int size, char* out) {
  fill_randomly(out, static_cast<size_t>(size));
  return size;
}

int sleep_microseconds(sqlite3_vfs*, int microseconds) {
  sleep_us(microseconds);
  return microseconds;
}

int current_time_ms(sqlite3_vfs*, sqlite3_int64* out) {
  timeval now{};
  gettimeofday(&now, nullptr);
  *out = unix_epoch_ms + 1000LL * now.tv_sec + now.tv_usec / 1000;
  return SQLITE_OK;
}

int current_time(sqlite3_vfs* vfs, double* out) {
  sqlite3_int64 milliseconds = 0;
  current_time_ms(vfs, &milliseconds);
  *out = static_cast<double>(milliseconds) / 86400000.0;
  return SQLITE_OK;
}

int last_error(sqlite3_vfs*, int, char*) { return errno; }

int set_call(sqlite3_vfs*, const char*, sqlite3_syscall_ptr) { return SQLITE_NOTFOUND; }
sqlite3_syscall_ptr get_call(sqlite3_vfs*, const char*) { return nullptr; }
const char* next_call(sqlite3_vfs*, const char*) { return nullptr; }

sqlite3_vfs default_vfs{3,
                        static_cast<int>(sizeof(sqlite3_file)),
                        512,
                        nullptr,
                        "unix",
                        nullptr,
                        open_file,
                        delete_file,
                        check_access,
                        full_path,
                        open_library,
                        library_error,
                        find_symbol,
                        close_library,
                        random_bytes,
                        sleep_microseconds,
                        current_time,
                        last_error,
                        current_time_ms,
                        set_call,
                        get_call,
                        next_call};

}  // namespace

extern "C" {

int sqlite3_sleep(int milliseconds) {
  if (milliseconds < 0) return 0;
  sleep_us(1000LL * milliseconds);
  return milliseconds;
}

void sqlite3_randomness(int size, void* out) {
  if (size > 0 && out != nullptr) fill_randomly(static_cast<char*>(out), static_cast<size_t>(size));
}

sqlite3_vfs* sqlite3_vfs_find(const char* name) {
  return name == nullptr || std::strcmp(name, default_vfs.zName) == 0 ? &default_vfs : nullptr;
}

// The operations that need no file object of a program's own; the others are unknown, as to a VFS that does not have
// them.
int sqlite3_file_control(sqlite3* db, const char* schema, int operation, void* argument) {
  if (!is_usable(db)) return misuse("sqlite3_file_control");
  Lock lock(db->mutex);
  if (sqlite3_db_readonly(db, schema) < 0) return SQLITE_ERROR;
  switch (operation) {
    case SQLITE_FCNTL_VFS_POINTER:
      if (argument != nullptr) *static_cast<sqlite3_vfs**>(argument) = &default_vfs;
      return SQLITE_OK;
    case SQLITE_FCNTL_RESERVE_BYTES:
      if (argument != nullptr) *static_cast<int*>(argument) = 0;
      return SQLITE_OK;
    case SQLITE_FCNTL_RESET_CACHE:
      return SQLITE_OK;
    case SQLITE_FCNTL_LOCKSTATE:
    case SQLITE_FCNTL_PERSIST_WAL:
    case SQLITE_FCNTL_POWERSAFE_OVERWRITE:
    case SQLITE_FCNTL_HAS_MOVED:
    case SQLITE_FCNTL_DATA_VERSION:
    case SQLITE_FCNTL_SIZE_HINT: {
      if (argument == nullptr || db->ensure_engine() != SQLITE_OK) return SQLITE_ERROR;
      const bool is_hint = operation == SQLITE_FCNTL_SIZE_HINT;
      int64_t value = is_hint ? *static_cast<sqlite3_int64*>(argument) : *static_cast<int*>(argument);
      const int code = db->engine->file_control(schema == nullptr ? "main" : schema, operation, value);
      if (code == SQLITE_OK && !is_hint) *static_cast<int*>(argument) = static_cast<int>(value);
      return code;
    }
    default:
      return SQLITE_NOTFOUND;
  }
}

}  // extern "C"
