// The file systems that have names, as `vfs=NAME` in a URI and sqlite3_open_v2 choose them.
//
//     unix           locks.hpp: POSIX advisory locks
//     memdb          databases in memory; those whose name begins with "/" are shared under it by the whole process
//     unix-excl      the first lock keeps other processes out until the file is closed
//     unix-dotfile   a lock is a directory NAME.lock beside the file: one connection at a time, no WAL
//     unix-none      no locks, no WAL: for who is alone anyway
//
// Twin: reference/storage/vfs_names.py.
#ifndef KEELBACK_STORAGE_VFS_NAMES_HPP
#define KEELBACK_STORAGE_VFS_NAMES_HPP

#include <string_view>

#include "vfs.hpp"

namespace keelback::storage {

// In the order in which SQLite lists them.
inline constexpr const char* vfs_names[] = {"unix", "memdb", "unix-excl", "unix-dotfile", "unix-none"};

// Null for an unknown name. They live for ever.
Vfs* find_vfs(std::string_view name) noexcept;

}  // namespace keelback::storage

#endif
