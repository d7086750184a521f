#include "temporary_file.hpp"

#include <sys/stat.h>
#include <unistd.h>
#include <atomic>
#include <cstdlib>

namespace keelback::storage {

namespace {

std::atomic<char* const*> directory_variable{nullptr};
std::atomic<void (*)(const char*)> assign_directory{nullptr};

bool is_usable_directory(const char* path) {
  struct stat status{};
  return path && *path && stat(path, &status) == 0 && S_ISDIR(status.st_mode) && access(path, W_OK | X_OK) == 0;
}

}  // namespace

void set_temporary_directory_variable(char* const* variable, void (*assign)(const char* text)) noexcept {
  directory_variable.store(variable);
  assign_directory.store(assign);
}

std::string temporary_directory() {
  char* const* const variable = directory_variable.load();
  return variable && *variable ? *variable : "";
}

Status set_temporary_directory(const std::string& directory) {
  if (!directory.empty() && access(directory.c_str(), R_OK | W_OK) != 0) return Status(result::CANTOPEN);
  if (const auto assign = assign_directory.load()) assign(directory.empty() ? nullptr : directory.c_str());
  return ok_status;
}

Status find_temporary_directory(std::string& directory) {
  char* const* const variable = directory_variable.load();
  const char* const places[] = {variable ? *variable : nullptr,
                                std::getenv("SQLITE_TMPDIR"),
                                std::getenv("TMPDIR"),
                                "/var/tmp",
                                "/usr/tmp",
                                "/tmp",
                                "."};
  for (const char* place : places) {
    if (!is_usable_directory(place)) continue;
    directory = place;
    return ok_status;
  }
  return Status(result::IOERR_GETTEMPPATH);
}

Status TemporaryFile::append(Bytes bytes) {
  if (!file_) KEELBACK_TRY(vfs_.open_temporary(file_));
  KEELBACK_TRY(file_->write_at(bytes, size_));
  size_ += bytes.size();
  return ok_status;
}

Status TemporaryFile::read(uint8_t* out, size_t size, uint64_t offset) {
  if (!file_ || offset + size > size_) return Status(result::IOERR_SHORT_READ);
  size_t count = 0;
  KEELBACK_TRY(file_->read_at(out, size, offset, count));
  return count == size ? ok_status : Status(result::IOERR_SHORT_READ);
}

Status TemporaryFile::clear() {
  size_ = 0;
  return file_ ? file_->truncate(0) : ok_status;
}

}  // namespace keelback::storage
