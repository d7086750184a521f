// VFS objects as programs see them: ours by their names, and those that programs register.
//
// 1. Ours carry the storage's file system (storage::Vfs) as pAppData; all methods work on it, so that a program's VFS
//    may stand on one of ours.
// 2. The list has the default in front.
//
// Source: https://sqlite.org/c3ref/vfs.html
#ifndef KEELBACK_CAPI_VFS_HPP
#define KEELBACK_CAPI_VFS_HPP

#include <cstddef>
#include <vector>

#include "../storage/vfs.hpp"
#include "api.hpp"

namespace keelback::capi {

// The file system behind a VFS object of ours; null for a program's.
storage::Vfs* own_file_system(const sqlite3_vfs* vfs) noexcept;

// The size of a file object of ours, and how one is made of a file that has been opened (vfs_file.cpp).
int own_file_size() noexcept;
void make_own_file(sqlite3_file* place, std::unique_ptr<storage::VfsFile> file, const char* vfs_name,
                   bool is_deleted_at_close);

// A file object whose methods work on a file that somebody else has opened and closes: SQLITE_FCNTL_FILE_POINTER.
struct BorrowedFile {
  BorrowedFile() = default;
  BorrowedFile(const BorrowedFile&) = delete;
  BorrowedFile& operator=(const BorrowedFile&) = delete;
  // Of this file from now on.
  sqlite3_file* lend(storage::VfsFile& file, const char* vfs_name);

 private:
  std::vector<std::max_align_t> place_;
};

}  // namespace keelback::capi

#endif
