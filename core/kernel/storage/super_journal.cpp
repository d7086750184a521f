#include "super_journal.hpp"

#include <cstdio>

#include "../value/varint.hpp"

namespace keelback::storage {

Status SuperJournal::create(Vfs& vfs, const std::string& main_path, std::span<const std::string> journals) {
  bool is_there = true;
  while (is_there) {
    uint8_t bytes[4] = {};
    vfs.randomness(bytes);
    const uint32_t number = get_u32(bytes);
    char suffix[24];
    std::snprintf(suffix, sizeof suffix, "-mj%06X9%02X", number >> 8 & 0xFFFFFF, number & 0xFF);
    path_ = main_path + suffix;
    KEELBACK_TRY(vfs.exists(path_, is_there));
  }
  std::string content;
  for (const std::string& journal : journals) content.append(journal).push_back('\0');
  std::unique_ptr<VfsFile> file;
  KEELBACK_TRY(vfs.open(path_, open_readwrite | open_create | open_main_journal, file));
  vfs_ = &vfs;
  KEELBACK_TRY(file->write_at({reinterpret_cast<const uint8_t*>(content.data()), content.size()}, 0));
  return file->sync();
}

Status SuperJournal::remove(bool is_synced) {
  if (!vfs_) return ok_status;
  KEELBACK_TRY(vfs_->delete_file(path_, is_synced));
  vfs_ = nullptr;
  return ok_status;
}

}  // namespace keelback::storage
