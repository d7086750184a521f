// SuperJournal: the file whose deletion commits a transaction over several databases.
//
// It holds the names of the journals, each ended by a NUL; each of these journals names it at its end. While it is
// there, every one of them is hot; once it is gone, none of them is.
//
// Spec: https://www.sqlite.org/atomiccommit.html#_multi_file_commit. Twin: reference/storage/super_journal.py.
#ifndef KEELBACK_STORAGE_SUPER_JOURNAL_HPP
#define KEELBACK_STORAGE_SUPER_JOURNAL_HPP

#include <span>
#include <string>

#include "vfs.hpp"

namespace keelback::storage {

class SuperJournal {
 public:
  // Written and on the disk afterwards, beside the main database.
  Status create(Vfs& vfs, const std::string& main_path, std::span<const std::string> journals);
  bool is_open() const noexcept { return vfs_ != nullptr; }
  const std::string& path() const noexcept { return path_; }
  // is_synced: the deletion is on the disk when this returns. Nothing happens where there is none.
  Status remove(bool is_synced);
  // Leave it to those who will roll back the journals that name it.
  void leave() noexcept { vfs_ = nullptr; }

 private:
  Vfs* vfs_ = nullptr;
  std::string path_;
};

}  // namespace keelback::storage

#endif
