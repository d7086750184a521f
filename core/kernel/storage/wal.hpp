// The write-ahead log of one connection: snapshots for readers, frames for a writer, and the way back into the
// database.
//
// The eight locks of the shared memory: 0 write, 1 checkpoint, 2 recovery, 3 ... 7 one for each read mark.
//
// 1. A reader holds the lock of a read mark shared. While mark 0 is held, everything is in the database file and the
// WAL
//    is not looked at; while mark i is held, no frame that its transaction may need is overwritten or left behind.
// 2. `header_` is the snapshot of this connection; of a writer, with the frames that it has written so far. Others see
//    frames only once a header that counts them is in the wal-index.
// 3. A writer appends behind the last committed frame; when all frames are back in the database and nobody reads
//    them, it starts again at the first, with other salts, which is what tells old frames from new ones.
// 4. The WAL is synced before its frames go to the database, the database before the frames are given up.
// 5. Heap: the wal-index is private, and the connection either has the database exclusively or only reads it.
//
// Reading is in wal.cpp and wal_snapshot.cpp, the rest in wal_recovery.cpp, wal_writer.cpp and checkpoint.cpp. It does
// not know the cache. Spec: https://www.sqlite.org/wal.html, walformat.html. Twin: reference/storage/wal.py.
#ifndef KEELBACK_STORAGE_WAL_HPP
#define KEELBACK_STORAGE_WAL_HPP

#include <atomic>
#include <functional>
#include <span>

#include "../value/interrupt_source.hpp"
#include "page.hpp"
#include "vfs.hpp"
#include "wal_format.hpp"
#include "wal_index.hpp"

namespace keelback::storage {

// Asked after each BUSY whether to try again.
using BusyWait = std::function<bool()>;

// none: only tell how far earlier ones came.
enum class CheckpointMode : int8_t { none = -1, passive, full, restart, truncate };

// What is asked of a checkpoint.
struct CheckpointOrder {
  CheckpointMode mode = CheckpointMode::passive;
  bool is_synced = true;
  uint32_t page_size = 0;
  InterruptSource* interrupt_source = nullptr;
  BusyWait wait;
};

// Committed frames in the WAL, and how many of them are in the database; -1 where that was not found out.
struct CheckpointResult {
  int frames = -1;
  int done = -1;
};

class Wal {
 public:
  // Open or make the WAL of a database whose SHARED lock is held; `is_alone`: with the EXCLUSIVE one. CANTOPEN, BUSY.
  static Status open(Vfs& vfs, VfsFile& database, const std::string& database_path, bool is_alone,
                     std::unique_ptr<Wal>& wal);
  Wal(Vfs& vfs, VfsFile& database, std::string path) : vfs_(vfs), database_(database), path_(std::move(path)) {}
  Wal(const Wal&) = delete;
  Wal& operator=(const Wal&) = delete;
  ~Wal();

  // Most bytes to keep of a WAL that starts again; less than 0: all.
  int64_t size_limit = -1;

  // Readers. BUSY, BUSY_RECOVERY, PROTOCOL, READONLY_CANTINIT, IOERR_*.
  Status begin_read(bool& is_changed);
  void end_read() noexcept;

  // Snapshots that programs keep (wal_snapshot.cpp). The one of this reader; ERROR where there is nothing in the WAL.
  Status get_snapshot(WalIndexHeader& snapshot) const noexcept;
  // What the next begin_read is to read, which lives until then; null for the newest. ERROR_SNAPSHOT if it is gone.
  void want_snapshot(const WalIndexHeader* snapshot) noexcept { wanted_ = snapshot; }
  // Until this is taken back, readers keep writers from starting the WAL again, so that their snapshots stay.
  void keep_snapshots(bool is_kept) noexcept { keeps_snapshots_ = is_kept; }
  // Keep checkpoints away from a snapshot that is still there, and let them. ERROR_SNAPSHOT, BUSY.
  Status hold_snapshot(const WalIndexHeader& snapshot);
  void let_go_snapshot() noexcept;
  // After a checkpoint that did not end: find out which snapshots are still there. For a reader.
  Status recover_snapshots();
  // The frames that were found when the wal-index was made anew, told once.
  uint32_t take_recovered_frames() noexcept { return std::exchange(recovered_frames_, 0); }
  bool is_reading() const noexcept { return read_lock_ >= 0; }
  // Pages of the database in this snapshot; 0 where only the file knows.
  uint32_t page_count() const noexcept { return is_reading() ? header_.page_count : 0; }
  uint32_t page_size() const noexcept { return page_size_; }
  // The frame of this snapshot that holds a page; 0: the database file has it.
  Status find(uint32_t page, uint32_t& frame) noexcept;
  // The start of a frame's page. A WAL that was cut gives fewer bytes.
  Status read_frame(uint32_t frame, uint8_t* out, size_t size, size_t& count) noexcept;

  // Writers, who are reading. BUSY, BUSY_SNAPSHOT, READONLY.
  Status begin_write();
  void end_write() noexcept;
  // Write frames; with a number of pages the last one commits. CORRUPT, FULL, IOERR_*.
  Status append(std::span<Page* const> pages, uint32_t page_size, uint32_t commit_page_count, int synchronous);
  // Whether frames were written since the last commit.
  bool has_uncommitted_frames() const noexcept { return is_writing_ && first_own_frame_ <= header_.frame_count; }
  // Forget the frames written since the last commit.
  Status undo() noexcept;
  // The frames in the WAL at the last commit of this connection, told once; 0 when there was none since.
  uint32_t take_committed_frames() noexcept { return std::exchange(committed_frames_, 0); }

  // Bring frames back into the database. BUSY when not all that was asked could be done; `result` counts all the same.
  Status checkpoint(const CheckpointOrder& order, CheckpointResult& result);

  // Whether the wal-index is this connection's own.
  bool is_heap() const noexcept { return is_heap_; }
  // Give up the locks of the shared memory, as the EXCLUSIVE lock of the database is held; and take them again.
  void be_alone() noexcept;
  Status be_among_others() noexcept;
  bool is_alone() const noexcept { return is_alone_; }

  // Close the files, and delete them where `order` says so and everything went back into the database; then the
  // EXCLUSIVE lock of the database must be held. The result is that of the checkpoint.
  Status close(const CheckpointOrder* order, bool keeps_file);

 private:
  static constexpr uint32_t write_lock = 0;
  static constexpr uint32_t checkpoint_lock = 1;
  static constexpr uint32_t recovery_lock = 2;
  static constexpr uint32_t first_read_lock = 3;
  static constexpr int largest_read_tries = 100;

  Status lock(uint32_t number, uint32_t count, bool is_exclusive) noexcept;
  void unlock(uint32_t number, uint32_t count, bool is_exclusive) noexcept;
  Status lock_patiently(const BusyWait& wait, uint32_t number, uint32_t count);

  // wal_snapshot.cpp
  Status begin_snapshot_read(bool& is_changed);
  bool is_there(const WalIndexHeader& snapshot) const noexcept;
  Status recover_snapshots_of(uint64_t database_size, std::vector<uint8_t>& in_database,
                              std::vector<uint8_t>& in_wal) noexcept;

  // wal.cpp
  Status begin_newest_read(bool& is_changed);
  Status read_index(bool& is_changed);
  Status try_begin_read(bool& is_changed, bool uses_wal, bool& is_retried);
  Status choose_read_mark(bool& is_retried);
  Status begin_unattended_read(bool& is_changed, bool& is_retried);
  void be_attended() noexcept;

  // wal_recovery.cpp
  Status recover();
  Status recover_frames(WalIndexHeader& header);
  Status read_frames(WalIndexHeader& header, WalIndex& index);

  // wal_writer.cpp
  Status restart_if_done();
  void restart_header(uint32_t salt) noexcept;
  Status write_file_header(uint32_t page_size, int synchronous);
  Status write_frames(std::span<Page* const> pages, uint32_t commit_page_count);
  Status cut_file(uint32_t last) noexcept;
  Status sync_frames(uint32_t last);

  // checkpoint.cpp
  Status tell_progress(CheckpointResult& result);
  Status bring_back(const CheckpointOrder& order, const BusyWait& wait, CheckpointMode mode);
  Status safe_frame(const BusyWait& wait, bool& is_waiting, uint32_t& frame);
  Status copy_frames(const CheckpointOrder& order, uint32_t safe, uint32_t page_count);
  Status finish_restart(const BusyWait& wait, CheckpointMode mode);

  Vfs& vfs_;
  VfsFile& database_;
  const std::string path_;
  std::unique_ptr<VfsFile> file_;
  std::unique_ptr<WalIndex> index_;
  std::unique_ptr<WalIndex> shared_index_;  // where `index_` stands in for it
  WalIndexHeader header_;
  uint32_t page_size_ = 0;
  uint32_t restart_count_ = 0;
  uint32_t first_frame_ = 1;  // of this snapshot; those before are in the database
  uint32_t first_own_frame_ = 1;
  uint32_t committed_frames_ = 0;
  uint32_t recovered_frames_ = 0;
  const WalIndexHeader* wanted_ = nullptr;
  bool keeps_snapshots_ = false;
  bool holds_snapshot_ = false;
  int read_lock_ = -1;
  bool is_readonly_ = false;
  bool is_heap_ = false;
  bool is_alone_ = false;
  bool is_unattended_ = false;  // read-only, without a shared memory that anybody keeps up
  bool is_writing_ = false;
  bool has_checkpoint_lock_ = false;
  bool is_cut_at_commit_ = false;
  bool is_rewrite_due_ = false;  // a sync has failed
  std::vector<uint8_t> buffer_;
};

}  // namespace keelback::storage

#endif
