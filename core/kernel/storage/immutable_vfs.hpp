// Files that nobody changes, as file:NAME?immutable=1 promises: they are read without locks, and no journal or WAL that
// lies beside them is looked for.
//
// 1. The database is opened for reading only; `exists` and `open` know no other file.
//
// Spec: https://sqlite.org/uri.html. Twin: reference/storage/immutable_vfs.py.
#ifndef KEELBACK_STORAGE_IMMUTABLE_VFS_HPP
#define KEELBACK_STORAGE_IMMUTABLE_VFS_HPP

#include "vfs.hpp"

namespace keelback::storage {

// Beside the flags of sqlite3_open_v2, which has none for it.
inline constexpr int open_immutable = 0x4000000;

// Lives for ever.
Vfs& immutable_vfs() noexcept;

}  // namespace keelback::storage

#endif
