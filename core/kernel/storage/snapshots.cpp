#include "snapshots.hpp"

namespace keelback::storage {

namespace {

// What was asked of the WAL for one beginning of a transaction, whatever comes of that.
class Wish {
 public:
  explicit Wish(Wal* wal) noexcept : wal_(wal) {
    if (wal_ != nullptr) wal_->keep_snapshots(true);
  }
  Wish(Wal& wal, const WalIndexHeader& snapshot) noexcept : wal_(&wal) { wal.want_snapshot(&snapshot); }
  Wish(const Wish&) = delete;
  Wish& operator=(const Wish&) = delete;
  ~Wish() {
    if (wal_ == nullptr) return;
    wal_->keep_snapshots(false);
    wal_->want_snapshot(nullptr);
    wal_->let_go_snapshot();
  }

 private:
  Wal* wal_;
};

}  // namespace

Status get_snapshot(Database& database, WalIndexHeader& snapshot) {
  if (database.transaction_state() == TransactionState::write) return Status(result::ERROR);
  Pager& pager = database.pager();
  {
    const Wish wish(pager.wal());
    KEELBACK_TRY(database.begin_read());
  }
  return pager.wal() != nullptr ? pager.wal()->get_snapshot(snapshot) : Status(result::ERROR);
}

Status open_snapshot(Database& database, const WalIndexHeader& snapshot) {
  Wal* wal = database.pager().wal();
  if (wal == nullptr || database.transaction_state() == TransactionState::write) return Status(result::ERROR);
  const Wish wish(*wal, snapshot);
  if (database.transaction_state() == TransactionState::read) {
    KEELBACK_TRY(wal->hold_snapshot(snapshot));
    KEELBACK_TRY(database.end_read());
  }
  return database.begin_read();
}

Status recover_snapshots(Database& database) {
  if (database.transaction_state() != TransactionState::none) return Status(result::ERROR);
  KEELBACK_TRY(database.begin_read());
  Wal* wal = database.pager().wal();
  const Status status = wal != nullptr ? wal->recover_snapshots() : Status(result::ERROR);
  const Status ended = database.end_read();
  return status.is_ok() ? ended : status;
}

}  // namespace keelback::storage
