#include "vfs.hpp"

#include <dlfcn.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <mutex>

#include "../storage/vfs_names.hpp"
#include "config.hpp"
#include "error.hpp"
#include "guard.hpp"
#include "os.hpp"

using namespace keelback::capi;
using keelback::Status;

namespace {

constexpr sqlite3_int64 unix_epoch_ms = 210866760000000LL;  // as Julian day milliseconds
constexpr int most_path_bytes = 512;

keelback::storage::Vfs& files_of(sqlite3_vfs* vfs) { return *static_cast<keelback::storage::Vfs*>(vfs->pAppData); }

int open_file(sqlite3_vfs* vfs, sqlite3_filename name, sqlite3_file* file, int flags, int* flags_out) {
  file->pMethods = nullptr;
  return guard(SQLITE_NOMEM, [&] {
    std::unique_ptr<keelback::storage::VfsFile> opened;
    const Status status =
        name == nullptr ? files_of(vfs).open_temporary(opened) : files_of(vfs).open(name, flags, opened);
    if (!status.is_ok()) return status.code();
    constexpr int access_flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
    const int found = opened->is_readonly() ? (flags & ~access_flags) | SQLITE_OPEN_READONLY : flags;
    if (flags_out != nullptr) *flags_out = files_of(vfs).is_memory() ? found | SQLITE_OPEN_MEMORY : found;
    make_own_file(file, std::move(opened), vfs->zName, name != nullptr && (flags & SQLITE_OPEN_DELETEONCLOSE) != 0);
    return SQLITE_OK;
  });
}

int delete_file(sqlite3_vfs* vfs, const char* name, int is_directory_synced) {
  return guard(SQLITE_IOERR_NOMEM, [&] {
    if (files_of(vfs).is_memory()) return SQLITE_IOERR_DELETE;
    if (access(name, F_OK) != 0 && errno == ENOENT) return SQLITE_IOERR_DELETE_NOENT;
    return files_of(vfs).delete_file(name, is_directory_synced != 0).code();
  });
}

int check_access(sqlite3_vfs* vfs, const char* name, int flags, int* result) {
  return guard(SQLITE_IOERR_NOMEM, [&] {
    bool is_there = false;
    if (files_of(vfs).is_memory()) {
      *result = 0;
      return SQLITE_OK;
    }
    if (flags != SQLITE_ACCESS_EXISTS) {
      *result = access(name, W_OK | R_OK) == 0 ? 1 : 0;
      return SQLITE_OK;
    }
    const Status status = files_of(vfs).exists(name, is_there);
    *result = is_there ? 1 : 0;
    return status.is_ok() ? SQLITE_OK : status.code();
  });
}

int full_path(sqlite3_vfs* vfs, const char* name, int size, char* out) {
  return guard(SQLITE_CANTOPEN, [&] {
    std::string found;
    if (const Status status = files_of(vfs).full_path(name, found); !status.is_ok()) return status.code();
    if (size <= 0 || found.size() >= static_cast<size_t>(size)) return SQLITE_CANTOPEN;
    std::memcpy(out, found.c_str(), found.size() + 1);
    return SQLITE_OK;
  });
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
  fill_from_system(out, static_cast<size_t>(size));
  return size;
}

int sleep_microseconds(sqlite3_vfs*, int microseconds) {
  sleep_us(microseconds);
  return microseconds;
}

int current_time_ms(sqlite3_vfs* vfs, sqlite3_int64* out) {
  *out = unix_epoch_ms + files_of(vfs).current_time_milliseconds();
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

constexpr size_t own_count = std::size(keelback::storage::vfs_names);

// Our objects, and the list that they and those of programs are in.
struct Registry {
  std::mutex mutex;
  sqlite3_vfs own[own_count];
  sqlite3_vfs* first = nullptr;

  Registry() {
    for (size_t place = own_count; place-- > 0;) {
      const char* name = keelback::storage::vfs_names[place];
      own[place] = {3,
                    own_file_size(),
                    most_path_bytes,
                    first,
                    name,
                    keelback::storage::find_vfs(name),
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
      first = &own[place];
    }
  }

  void unlink(const sqlite3_vfs* vfs) {
    for (sqlite3_vfs** place = &first; *place != nullptr; place = &(*place)->pNext) {
      if (*place != vfs) continue;
      *place = vfs->pNext;
      return;
    }
  }
};

// Never destroyed: programs may hold its objects.
Registry& registry() {
  static auto* made = new Registry;
  return *made;
}

}  // namespace

namespace keelback::capi {

namespace {

std::atomic<sqlite3_vfs*> foreign_default{nullptr};

// After each change of the list, whose mutex is held.
void note_default() noexcept {
  sqlite3_vfs* first = registry().first;
  foreign_default = first == nullptr || own_file_system(first) != nullptr ? nullptr : first;
}

}  // namespace

sqlite3_vfs* foreign_default_vfs() noexcept { return foreign_default.load(std::memory_order_relaxed); }

storage::Vfs* own_file_system(const sqlite3_vfs* vfs) noexcept {
  for (const sqlite3_vfs& own : registry().own) {
    if (vfs == &own) return static_cast<storage::Vfs*>(own.pAppData);
  }
  return nullptr;
}

}  // namespace keelback::capi

extern "C" {

sqlite3_vfs* sqlite3_vfs_find(const char* name) {
  note_use();
  const std::lock_guard lock(registry().mutex);
  for (sqlite3_vfs* vfs = registry().first; vfs != nullptr; vfs = vfs->pNext) {
    if (name == nullptr || std::strcmp(name, vfs->zName) == 0) return vfs;
  }
  return nullptr;
}

int sqlite3_vfs_register(sqlite3_vfs* vfs, int is_default) {
  if (vfs == nullptr) return misuse("sqlite3_vfs_register");
  note_use();
  const std::lock_guard lock(registry().mutex);
  registry().unlink(vfs);
  sqlite3_vfs*& place = is_default != 0 || registry().first == nullptr ? registry().first : registry().first->pNext;
  vfs->pNext = place;
  place = vfs;
  note_default();
  return SQLITE_OK;
}

int sqlite3_vfs_unregister(sqlite3_vfs* vfs) {
  const std::lock_guard lock(registry().mutex);
  registry().unlink(vfs);
  note_default();
  return SQLITE_OK;
}

}  // extern "C"
