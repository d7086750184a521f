// sqlite3_snapshot_*: states of a database in WAL mode that a program keeps and reads again.
//
// Source: https://sqlite.org/c3ref/snapshot.html
#include <cstring>
#include <memory>

#include "database.hpp"
#include "error.hpp"
#include "guard.hpp"
#include "memory.hpp"

using namespace keelback::capi;
using keelback::engine::snapshot_bytes;
using keelback::engine::SnapshotOrder;

namespace {

static_assert(sizeof(sqlite3_snapshot) == snapshot_bytes);

int order_snapshot(sqlite3* db, SnapshotOrder order, const char* schema, sqlite3_snapshot* snapshot) {
  if (schema == nullptr) return SQLITE_ERROR;
  if (const int code = db->ensure_engine(); code != SQLITE_OK) return code;
  // Who reads would see something else all of a sudden.
  if (order == SnapshotOrder::open && db->running_statements > 0 && sqlite3_txn_state(db, schema) != SQLITE_TXN_NONE) {
    return SQLITE_ERROR;
  }
  std::span<uint8_t> bytes;
  if (snapshot != nullptr) bytes = {snapshot->hidden, snapshot_bytes};
  return db->engine->snapshot(order, schema, bytes);
}

// The number of times that the WAL has started again, and its frames.
uint32_t restarts_of(const sqlite3_snapshot& snapshot) {
  constexpr size_t salt_offset = 32;
  const uint8_t* at = snapshot.hidden + salt_offset;
  return uint32_t{at[0]} << 24 | uint32_t{at[1]} << 16 | uint32_t{at[2]} << 8 | at[3];
}

uint32_t frames_of(const sqlite3_snapshot& snapshot) {
  constexpr size_t frames_offset = 16;
  uint32_t frames = 0;
  std::memcpy(&frames, snapshot.hidden + frames_offset, sizeof frames);
  return frames;
}

}  // namespace

extern "C" {

int sqlite3_snapshot_get(sqlite3* db, const char* schema, sqlite3_snapshot** out) {
  if (out != nullptr) *out = nullptr;
  if (!is_usable(db) || out == nullptr) return misuse("sqlite3_snapshot_get");
  return guard(SQLITE_NOMEM, [&] {
    Lock lock(db->mutex);
    auto* made = static_cast<sqlite3_snapshot*>(sqlite3_malloc(sizeof(sqlite3_snapshot)));
    if (made == nullptr) return SQLITE_NOMEM;
    std::unique_ptr<sqlite3_snapshot, void (*)(sqlite3_snapshot*)> owned(made, sqlite3_snapshot_free);
    const int code = order_snapshot(db, SnapshotOrder::get, schema, made);
    if (code == SQLITE_OK) *out = owned.release();
    return code;
  });
}

int sqlite3_snapshot_open(sqlite3* db, const char* schema, sqlite3_snapshot* snapshot) {
  if (!is_usable(db) || snapshot == nullptr) return misuse("sqlite3_snapshot_open");
  return guard(SQLITE_NOMEM, [&] {
    Lock lock(db->mutex);
    return order_snapshot(db, SnapshotOrder::open, schema, snapshot);
  });
}

int sqlite3_snapshot_recover(sqlite3* db, const char* schema) {
  if (!is_usable(db)) return misuse("sqlite3_snapshot_recover");
  return guard(SQLITE_NOMEM, [&] {
    Lock lock(db->mutex);
    return order_snapshot(db, SnapshotOrder::recover, schema, nullptr);
  });
}

int sqlite3_snapshot_cmp(sqlite3_snapshot* left, sqlite3_snapshot* right) {
  if (left == nullptr || right == nullptr) return 0;
  const uint64_t first = uint64_t{restarts_of(*left)} << 32 | frames_of(*left);
  const uint64_t second = uint64_t{restarts_of(*right)} << 32 | frames_of(*right);
  return first < second ? -1 : first > second ? 1 : 0;
}

void sqlite3_snapshot_free(sqlite3_snapshot* snapshot) { sqlite3_free(snapshot); }

}  // extern "C"
