// The sqlite3_file of our own VFS objects: the methods that a program's VFS passes its calls on to.
#include <cstring>
#include <new>

#include "../storage/shared_memory.hpp"
#include "guard.hpp"
#include "vfs.hpp"

namespace {

using keelback::Status;
using keelback::storage::SharedMemory;
using keelback::storage::VfsFile;

constexpr int sector_bytes = 4096;

// What a program reserves szOsFile bytes for.
struct OwnFile {
  sqlite3_file base;
  const char* vfs_name;
  bool is_deleted_at_close;
  // `owned` is empty where somebody else closes the file.
  VfsFile* file;
  std::unique_ptr<VfsFile> owned;
  std::unique_ptr<SharedMemory> memory;
};

// `base` comes first, so that both have one address.
OwnFile& own(sqlite3_file* file) { return *reinterpret_cast<OwnFile*>(file); }

int code_of(const Status& status) { return status.is_ok() ? SQLITE_OK : status.code(); }

int close_file(sqlite3_file* file) {
  OwnFile& mine = own(file);
  if (mine.owned == nullptr) return SQLITE_OK;
  mine.memory.reset();
  mine.file->close();
  if (mine.is_deleted_at_close) {
    static_cast<void>(keelback::storage::os_vfs().delete_file(mine.file->path(), false).is_ok());
  }
  mine.~OwnFile();
  file->pMethods = nullptr;
  return SQLITE_OK;
}

int read_file(sqlite3_file* file, void* out, int size, sqlite3_int64 offset) {
  size_t count = 0;
  auto* bytes = static_cast<uint8_t*>(out);
  const auto wanted = static_cast<size_t>(size);
  const Status status = own(file).file->read_at(bytes, wanted, static_cast<uint64_t>(offset), count);
  if (!status.is_ok()) return status.code();
  if (count == wanted) return SQLITE_OK;
  std::memset(bytes + count, 0, wanted - count);
  return SQLITE_IOERR_SHORT_READ;
}

int write_file(sqlite3_file* file, const void* bytes, int size, sqlite3_int64 offset) {
  const auto* from = static_cast<const uint8_t*>(bytes);
  return code_of(own(file).file->write_at({from, static_cast<size_t>(size)}, static_cast<uint64_t>(offset)));
}

int truncate_file(sqlite3_file* file, sqlite3_int64 size) {
  return code_of(own(file).file->truncate(static_cast<uint64_t>(size)));
}

int sync_file(sqlite3_file* file, int) { return code_of(own(file).file->sync()); }

int size_of_file(sqlite3_file* file, sqlite3_int64* out) {
  uint64_t size = 0;
  const Status status = own(file).file->size(size);
  *out = static_cast<sqlite3_int64>(size);
  return code_of(status);
}

int lock_file(sqlite3_file* file, int level) { return code_of(own(file).file->lock(level)); }
int unlock_file(sqlite3_file* file, int level) { return code_of(own(file).file->unlock(level)); }

int check_reserved_lock(sqlite3_file* file, int* out) {
  bool is_reserved = false;
  const Status status = own(file).file->is_reserved_by_anyone(is_reserved);
  *out = is_reserved ? 1 : 0;
  return code_of(status);
}

int control_file(sqlite3_file* file, int operation, void* argument) {
  switch (operation) {
    case SQLITE_FCNTL_LOCKSTATE:
      *static_cast<int*>(argument) = own(file).file->lock_level();
      return SQLITE_OK;
    case SQLITE_FCNTL_HAS_MOVED:
      *static_cast<int*>(argument) = own(file).file->has_moved() ? 1 : 0;
      return SQLITE_OK;
    case SQLITE_FCNTL_VFSNAME:
      *static_cast<char**>(argument) = sqlite3_mprintf("%s", own(file).vfs_name);
      return SQLITE_OK;
    case SQLITE_FCNTL_SIZE_HINT:
    case SQLITE_FCNTL_CHUNK_SIZE:
      return SQLITE_OK;
    case SQLITE_FCNTL_POWERSAFE_OVERWRITE:
      if (*static_cast<int*>(argument) < 0) *static_cast<int*>(argument) = 1;
      return SQLITE_OK;
    default:
      return SQLITE_NOTFOUND;
  }
}

int sector_size(sqlite3_file*) { return sector_bytes; }
int device_characteristics(sqlite3_file*) { return SQLITE_IOCAP_POWERSAFE_OVERWRITE; }

int map_memory(sqlite3_file* file, int region, int size, int is_made, void volatile** out) {
  *out = nullptr;
  return keelback::capi::guard(SQLITE_IOERR_NOMEM, [&] {
    OwnFile& mine = own(file);
    if (static_cast<size_t>(size) != keelback::storage::region_bytes) return SQLITE_IOERR_SHMSIZE;
    if (mine.memory == nullptr) {
      const Status status = mine.file->open_shared_memory(mine.file->path() + "-shm", mine.memory);
      if (!status.is_ok()) return status.code();
      if (mine.memory == nullptr) return SQLITE_IOERR_SHMOPEN;
    }
    uint8_t* memory = nullptr;
    const Status status = mine.memory->region(static_cast<uint32_t>(region), is_made != 0, memory);
    *out = memory;
    if (status.is_ok() && mine.memory->is_readonly()) return SQLITE_READONLY;
    return code_of(status);
  });
}

int lock_memory(sqlite3_file* file, int first, int count, int flags) {
  SharedMemory* memory = own(file).memory.get();
  if (memory == nullptr) return SQLITE_IOERR_SHMLOCK;
  const bool is_exclusive = (flags & SQLITE_SHM_EXCLUSIVE) != 0;
  if ((flags & SQLITE_SHM_LOCK) != 0) {
    return code_of(memory->lock(static_cast<uint32_t>(first), static_cast<uint32_t>(count), is_exclusive));
  }
  memory->unlock(static_cast<uint32_t>(first), static_cast<uint32_t>(count), is_exclusive);
  return SQLITE_OK;
}

void order_memory(sqlite3_file*) { __atomic_thread_fence(__ATOMIC_SEQ_CST); }

int unmap_memory(sqlite3_file* file, int is_deleted) {
  OwnFile& mine = own(file);
  if (mine.memory != nullptr && is_deleted != 0) mine.memory->remove_file();
  mine.memory.reset();
  return SQLITE_OK;
}

int fetch_nothing(sqlite3_file*, sqlite3_int64, int, void** out) {
  *out = nullptr;
  return SQLITE_OK;
}

int give_back_nothing(sqlite3_file*, sqlite3_int64, void*) { return SQLITE_OK; }

template <bool has_memory>
constexpr sqlite3_io_methods methods{3,
                                     close_file,
                                     read_file,
                                     write_file,
                                     truncate_file,
                                     sync_file,
                                     size_of_file,
                                     lock_file,
                                     unlock_file,
                                     check_reserved_lock,
                                     control_file,
                                     sector_size,
                                     device_characteristics,
                                     has_memory ? map_memory : nullptr,
                                     lock_memory,
                                     order_memory,
                                     unmap_memory,
                                     fetch_nothing,
                                     give_back_nothing};

}  // namespace

namespace keelback::capi {

int own_file_size() noexcept { return static_cast<int>(sizeof(OwnFile)); }

void make_own_file(sqlite3_file* place, std::unique_ptr<storage::VfsFile> file, const char* vfs_name,
                   bool is_deleted_at_close) {
  const sqlite3_io_methods* found = file->supports_wal() ? &methods<true> : &methods<false>;
  VfsFile* opened = file.get();
  ::new (static_cast<void*>(place)) OwnFile{{found}, vfs_name, is_deleted_at_close, opened, std::move(file), nullptr};
}

// Without the memory of a WAL: a second handle on that would take the first one's locks with it.
sqlite3_file* BorrowedFile::lend(storage::VfsFile& file, const char* vfs_name) {
  place_.resize(sizeof(OwnFile) / sizeof(std::max_align_t) + 1);
  void* place = place_.data();
  // What it owns is nothing, so that nothing has to be destroyed before it is made anew.
  return &(::new (place) OwnFile{{&methods<false>}, vfs_name, false, &file, nullptr, nullptr})->base;
}

}  // namespace keelback::capi
