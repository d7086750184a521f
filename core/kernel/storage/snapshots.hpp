// Snapshots of a database in WAL mode that a program keeps and comes back to; wal_snapshot.cpp says what they are.
#ifndef KEELBACK_STORAGE_SNAPSHOTS_HPP
#define KEELBACK_STORAGE_SNAPSHOTS_HPP

#include "database.hpp"

namespace keelback::storage {

// What the database's transaction reads, which is begun if there is none. ERROR where there is no WAL or it is empty,
// or the transaction writes.
Status get_snapshot(Database& database, WalIndexHeader& snapshot);
// Have the database's transaction read that, in the place of what it may have read before. ERROR, ERROR_SNAPSHOT.
Status open_snapshot(Database& database, const WalIndexHeader& snapshot);
// After a crash in the middle of a checkpoint: find out which snapshots are still there. ERROR in a transaction.
Status recover_snapshots(Database& database);

}  // namespace keelback::storage

#endif
