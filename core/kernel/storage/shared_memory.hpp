// The memory that all connections to a database in WAL mode share: regions of 32 KiB, and eight locks.
//
//     region i       bytes 32768 i ... of the file `-shm`, mapped; what stands in it says wal_index.hpp
//     lock i         byte 120 + i of the file, locked with fcntl: many may hold it shared, or one exclusively
//     byte 128       read-locked by every process that has the file open; who finds nobody there empties the file
//
// 1. As with the locks of the database (locks.hpp), POSIX knows processes only: all connections of this process to one
//    inode share one ShmNode, where conflicts between them are found, and which has the only descriptor of the file.
// 2. ShmNodes and their locks are touched only under one mutex; the regions are read and written without.
// 3. HeapMemory is for a connection that has the database for itself: nobody else sees it and every lock is given.
//
// It does not know what the regions hold or the locks mean. Twin: reference/storage/shared_memory.py.
#ifndef KEELBACK_STORAGE_SHARED_MEMORY_HPP
#define KEELBACK_STORAGE_SHARED_MEMORY_HPP

#include <memory>
#include <string>
#include <vector>

#include "../value/status.hpp"

namespace keelback::storage {

inline constexpr size_t region_bytes = 32768;
inline constexpr uint32_t shared_lock_count = 8;

class SharedMemory {
 public:
  SharedMemory() = default;
  SharedMemory(const SharedMemory&) = delete;
  SharedMemory& operator=(const SharedMemory&) = delete;
  virtual ~SharedMemory() = default;

  // A region; null when it is not there yet and is not to be made. IOERR_SHMMAP, IOERR_SHMSIZE, NOMEM; of a file that
  // may only be read and that nobody keeps up READONLY_CANTINIT.
  virtual Status region(uint32_t index, bool is_made, uint8_t*& memory) noexcept = 0;
  // Whether the regions may only be read.
  virtual bool is_readonly() const noexcept { return false; }
  // BUSY.
  virtual Status lock(uint32_t first, uint32_t count, bool is_exclusive) noexcept = 0;
  virtual void unlock(uint32_t first, uint32_t count, bool is_exclusive) noexcept = 0;
  // Have the file deleted when the last connection of this process lets go.
  virtual void remove_file() noexcept = 0;
};

class HeapMemory final : public SharedMemory {
 public:
  Status region(uint32_t index, bool is_made, uint8_t*& memory) noexcept override;
  Status lock(uint32_t, uint32_t, bool) noexcept override { return ok_status; }
  void unlock(uint32_t, uint32_t, bool) noexcept override {}
  void remove_file() noexcept override {}

 private:
  std::vector<std::unique_ptr<uint8_t[]>> regions_;
};

// Connect to the file `-shm` of the database that a descriptor has open. CANTOPEN, BUSY, IOERR_SHMOPEN.
Status open_shared_memory(int database_descriptor, const std::string& path, std::unique_ptr<SharedMemory>& memory);

}  // namespace keelback::storage

#endif
