// ForeignVfs: a program's sqlite3_vfs as a file system of the storage.
//
// 1. One object per connection and VFS; it lives until the connection's engine has closed its files.
// 2. Names go to xOpen in the memory layout of sqlite3_filename: that of the database with its URI parameters, those of
//    its journal and WAL within the same block.
// 3. Temporary files are files without a name there.
#ifndef KEELBACK_CAPI_FOREIGN_VFS_HPP
#define KEELBACK_CAPI_FOREIGN_VFS_HPP

#include <map>
#include <utility>
#include <vector>

#include "filename.hpp"
#include "vfs.hpp"

namespace keelback::capi {

class ForeignVfs final : public storage::Vfs {
 public:
  using Parameters = std::vector<std::pair<std::string, std::string>>;

  explicit ForeignVfs(sqlite3_vfs* vfs) : vfs_(vfs) {}

  // What a URI says of the database that is opened next.
  void set_parameters(Parameters parameters) { parameters_ = std::move(parameters); }

  Status open(const std::string& path, int flags, std::unique_ptr<storage::VfsFile>& file) override;
  Status open_temporary(std::unique_ptr<storage::VfsFile>& file) override;
  Status delete_file(const std::string& path, bool is_directory_synced) override;
  Status exists(const std::string& path, bool& is_there) override;
  Status full_path(const std::string& path, std::string& full) override;
  void randomness(std::span<uint8_t> out) noexcept override;
  void sleep(uint32_t microseconds) noexcept override;
  int64_t current_time_milliseconds() noexcept override;

 private:
  Status open_named(const char* name, const std::string& path, int flags, std::unique_ptr<storage::VfsFile>& file);
  // The name as xOpen gets it; lives as long as this object.
  const char* name_of(const std::string& path, int flags);

  sqlite3_vfs* vfs_;
  Parameters parameters_;
  std::map<std::string, Filename> names_;  // of databases, by their paths
  std::map<std::string, Filename> others_;
};

// The open file of a database of a program's VFS, by the name that xOpen got; null where there is none.
sqlite3_file* find_foreign_file(const char* name);

}  // namespace keelback::capi

#endif
