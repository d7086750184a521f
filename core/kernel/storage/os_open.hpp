// Descriptors of files, as the operating system gives them.
//
// 1. Never 0, 1 or 2: a program whose standard streams are closed would print into a database.
// 2. A file that is made beside a database has its permissions, whatever the umask says, and its owner where root makes
//    it: who may write the database must be able to write its journal, its WAL and its shared memory.
//
// It knows nothing of locks. Twin: reference/storage/os_open.py.
#ifndef KEELBACK_STORAGE_OS_OPEN_HPP
#define KEELBACK_STORAGE_OS_OPEN_HPP

#include <fcntl.h>
#include <sys/stat.h>

namespace keelback::storage {

// As open(2), but no signal interrupts it.
int open_descriptor(const char* path, int mode, mode_t permissions = 0) noexcept;
// The same of a file that, where it is made, is made beside a database.
int open_beside(const char* path, int mode, const struct stat& database) noexcept;

}  // namespace keelback::storage

#endif
