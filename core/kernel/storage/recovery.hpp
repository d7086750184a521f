// Hot journals: what a process that died left behind, and how the next reader puts it right.
//
// A journal is hot when nobody holds RESERVED, the database is not empty, and its first byte is not zero. It is rolled
// back under EXCLUSIVE, which is taken straight from SHARED, so that nobody meanwhile takes us for an ordinary writer.
//
// It works on files only. Spec: https://www.sqlite.org/lockingv3.html#hot_journals. Twin:
// reference/storage/recovery.py.
#ifndef KEELBACK_STORAGE_RECOVERY_HPP
#define KEELBACK_STORAGE_RECOVERY_HPP

#include "journal.hpp"

namespace keelback::storage {

// How a journal that is not needed any more goes.
struct JournalEnd {
  JournalMode mode = JournalMode::delete_file;
  int synchronous = synchronous_full;
  int64_t size_limit = -1;           // most bytes of it to keep; less than 0: all
  bool names_super_journal = false;  // then nothing is kept, lest the next transaction seem to be named there
};

// Whether the database, on which SHARED is held, has a hot journal. A stale one beside an empty file is deleted.
Status has_hot_journal(Vfs& vfs, VfsFile& database, const std::string& journal_path, bool& is_hot);
// Roll a hot journal back, from SHARED and back to it, and count its pages. READONLY_ROLLBACK, BUSY, IOERR_*.
Status recover(Vfs& vfs, VfsFile& database, const std::string& journal_path, JournalEnd end, uint32_t& played_back);
// Make a journal not hot, in the way of the journal mode. In a transaction this is the moment of commit.
Status finish_journal(Vfs& vfs, VfsFile& journal, const std::string& journal_path, const JournalEnd& end);

}  // namespace keelback::storage

#endif
