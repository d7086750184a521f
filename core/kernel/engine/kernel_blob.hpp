// KernelBlob: a handle of sqlite3_blob_open on the kernel: a paused machine, and the bytes of the row it stands on.
//
// 1. The machine runs the program of emit/blob.py; while it is paused, its transaction and its locks stay, as those of
//    a statement that has given a row.
// 2. A failure with the code ABORT says that the row was changed or is gone, and that the handle is over; so does every
//    failure of `seek`. After ABORT_ROLLBACK and others it is still to be closed.
// 3. What `read` or `write` failed with last is what the handle ends with, as a statement that failed so.
//
// Must not know: SQL. Twin: keelback_core/engine/blob_handle.py.
#ifndef KEELBACK_ENGINE_KERNEL_BLOB_HPP
#define KEELBACK_ENGINE_KERNEL_BLOB_HPP

#include "../storage/overflow_chain.hpp"
#include "../vm/machine.hpp"
#include "kernel_connection.hpp"

namespace keelback::engine {

class KernelBlob final : public EngineBlob {
 public:
  KernelBlob(KernelConnection& connection, const std::shared_ptr<const program::Program>& program);
  KernelBlob(const KernelBlob&) = delete;
  KernelBlob& operator=(const KernelBlob&) = delete;
  ~KernelBlob() override;

  Failure seek(int64_t rowid, int64_t& size) override;
  Failure read(int64_t offset, std::span<uint8_t> out) override;
  Failure write(int64_t offset, std::span<const uint8_t> data) override;
  Failure close() override;

 private:
  Status find_value(uint64_t& size, const char*& refused);
  // The tree under the cursor; ABORT_ROLLBACK where a rollback has taken it away.
  Status find_tree(storage::TableCursor*& tree);
  // The same, standing on the row that is as it was. ABORT.
  Status find_row(storage::TableCursor*& tree);
  // Tell the preupdate hook, if there is one, of the row that is about to be written: as if it were deleted.
  Status show_row(storage::TableCursor& tree);
  // What an access has come to.
  Failure note(Status status);
  // End the run without telling how.
  void end();
  Failure failure_of_machine() const { return {machine_->error_code(), machine_->error_message(), -1}; }

  KernelConnection& connection_;
  const uint64_t generation_;
  std::unique_ptr<vm::Machine> machine_;
  storage::OverflowChain chain_;
  uint64_t offset_ = 0;  // of the value in the record
  Failure last_;         // of the last access
};

}  // namespace keelback::engine

#endif
