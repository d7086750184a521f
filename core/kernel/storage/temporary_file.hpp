// Temporary files: what does not fit into memory lies there; they have no name and go with their last descriptor.
//
// 1. The folder is the first of sqlite3_temp_directory, SQLITE_TMPDIR, TMPDIR, /var/tmp, /usr/tmp, /tmp and `.` that is
//    one and may be written.
// 2. A file is made when it is first written.
//
// Must not know: what is in them. Spec: https://www.sqlite.org/tempfiles.html, section 5.
#ifndef KEELBACK_STORAGE_TEMPORARY_FILE_HPP
#define KEELBACK_STORAGE_TEMPORARY_FILE_HPP

#include "vfs.hpp"

namespace keelback::storage {

// Where the folder that the program has set stands, and what gives that variable a copy of a text (null: none) in the
// place of what it holds: the program may free or change it.
void set_temporary_directory_variable(char* const* variable, void (*assign)(const char* text)) noexcept;

// What that variable holds, which may be nothing.
std::string temporary_directory();

// Have it hold this folder; empty: none. CANTOPEN where it cannot be read and written.
Status set_temporary_directory(const std::string& directory);

// The folder for temporary files. IOERR_GETTEMPPATH where there is none.
Status find_temporary_directory(std::string& directory);

// Bytes that are appended and read by position.
class TemporaryFile {
 public:
  explicit TemporaryFile(Vfs& vfs) : vfs_(vfs) {}

  uint64_t size() const noexcept { return size_; }
  // CANTOPEN, IOERR_*, FULL.
  Status append(Bytes bytes);
  // All of these bytes, which have been written. IOERR_*.
  Status read(uint8_t* out, size_t size, uint64_t offset);
  // Forget what is in it, and give the disk back.
  Status clear();

 private:
  Vfs& vfs_;
  std::unique_ptr<VfsFile> file_;
  uint64_t size_ = 0;
};

}  // namespace keelback::storage

#endif
