// Databases in memory that have a name, which all connections of the process share: file:NAME?mode=memory&cache=shared.
//
// 1. The content lies in an anonymous file of the system, which is there while some connection has it open.
// 2. It is locked like any file, never synced, and its journal is kept in memory: `exists` and `open` know no other
// file.
//
// Twin: reference/storage/named_memory.py.
#ifndef KEELBACK_STORAGE_NAMED_MEMORY_HPP
#define KEELBACK_STORAGE_NAMED_MEMORY_HPP

#include "vfs.hpp"

namespace keelback::storage {

// Whether the flags ask for such a database; the path is its name.
[[nodiscard]] inline bool is_named_memory(const std::string& path, int flags) noexcept {
  return !path.empty() && (flags & open_memory) && (flags & open_shared_cache);
}

// They live for ever. In the second one, the VFS `memdb`, only names that begin with "/" are shared.
Vfs& named_memory_vfs() noexcept;
Vfs& memdb_vfs() noexcept;

}  // namespace keelback::storage

#endif
