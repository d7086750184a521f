// Snapshots of databases in WAL mode, for sqlite3_snapshot_*.
#include <cstring>

#include "../storage/snapshots.hpp"
#include "kernel_connection.hpp"

namespace keelback::engine {

static_assert(sizeof(storage::WalIndexHeader) == snapshot_bytes);

int KernelConnection::snapshot(SnapshotOrder order, std::string_view schema, std::span<uint8_t> bytes) {
  constexpr int temp = 1;
  const int number = number_of(schema);
  if (number < 0 || number == temp) return result::ERROR;
  storage::Database& database = *session_.databases[static_cast<size_t>(number)];
  if (order == SnapshotOrder::recover) return storage::recover_snapshots(database).code();
  if (session_.autocommit) return result::ERROR;
  storage::WalIndexHeader header;
  if (order == SnapshotOrder::get) {
    const Status status = storage::get_snapshot(database, header);
    if (status.is_ok()) std::memcpy(bytes.data(), &header, snapshot_bytes);
    return status.code();
  }
  std::memcpy(&header, bytes.data(), snapshot_bytes);
  return storage::open_snapshot(database, header).code();
}

}  // namespace keelback::engine
