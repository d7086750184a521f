// sqlite3_backup_*: copies a database page by page (storage/database_copy).
//
// Between engines that have no storage of ours (the reference, the mirror) a database is copied whole, through
// serialize and deserialize, in the step that would finish it; steps before it only count pages, from the first again
// where somebody else has changed the source. It is copied as it is at the last step, which is what that gives.
#include <algorithm>
#include <functional>

#include "../storage/database_copy.hpp"

#include "error.hpp"
#include "guard.hpp"

using namespace keelback::capi;

struct sqlite3_backup {
  sqlite3* destination = nullptr;
  sqlite3* source = nullptr;
  std::string destination_schema, source_schema;
  keelback::storage::DatabaseCopy copy;
  int total = 0;
  int remaining = 0;
  int64_t source_changes = 0;
  size_t source_content = 0;
  int result = SQLITE_OK;
  bool is_done = false;
};

namespace {

bool has_schema(sqlite3* db, const std::string& schema) {
  return sqlite3_stricmp(schema.c_str(), "temp") == 0 || sqlite3_db_readonly(db, schema.c_str()) >= 0;
}

// Without its schema, which may be damaged; and a hash of all that there is.
int page_count(sqlite3* db, const std::string& schema, int& pages, size_t& hash) {
  constexpr size_t page_size_offset = 16;
  std::string content;
  if (Failure failure = db->engine->serialize(schema, content)) return db->fail(failure);
  hash = std::hash<std::string>()(content);
  if (content.size() < page_size_offset + 2) return SQLITE_OK;
  const auto* size = reinterpret_cast<const unsigned char*>(content.data()) + page_size_offset;
  const unsigned stored = size[0] << 8U | size[1];
  pages = static_cast<int>(content.size() / (stored <= 1 ? 65536 : stored));
  return SQLITE_OK;
}

int copy_all(sqlite3_backup* backup) {
  std::string content;
  if (Failure failure = backup->source->engine->serialize(backup->source_schema, content))
    return backup->destination->fail(failure);
  if (backup->destination->ensure_engine() != SQLITE_OK) return backup->destination->error.code;
  if (Failure failure = backup->destination->engine->replace_content(backup->destination_schema, content)) {
    return backup->destination->fail(failure);
  }
  return SQLITE_OK;
}

int step_by_pages(sqlite3_backup* backup, keelback::storage::Database& source, keelback::storage::Database& destination,
                  int pages) {
  bool is_done = false;
  const keelback::Status status = backup->copy.step(source, destination, pages, is_done);
  backup->total = static_cast<int>(backup->copy.page_count());
  backup->remaining = static_cast<int>(backup->copy.remaining());
  if (!status.is_ok()) {
    backup->destination->fail(Failure{status.code(), status.message(), -1});
    return backup->result = backup->destination->visible(status.code());
  }
  backup->result = SQLITE_OK;
  if (!is_done) return SQLITE_OK;
  backup->is_done = true;
  backup->destination->engine->content_was_replaced();
  return SQLITE_DONE;
}

int step(sqlite3_backup* backup, int pages) {
  if (backup->is_done) return SQLITE_DONE;
  if (backup->result != SQLITE_OK && backup->result != SQLITE_BUSY && backup->result != SQLITE_LOCKED)
    return backup->result;
  if (backup->destination->ensure_engine() != SQLITE_OK) return backup->result = backup->destination->error.code;
  auto* from = backup->source->engine->storage_of(backup->source_schema);
  auto* to = backup->destination->engine->storage_of(backup->destination_schema);
  if (from != nullptr && to != nullptr) return step_by_pages(backup, *from, *to, pages);
  if (sqlite3_txn_state(backup->source, backup->source_schema.c_str()) == SQLITE_TXN_WRITE) {
    backup->destination->fail(Failure{SQLITE_BUSY, {}, -1});
    return backup->result = SQLITE_BUSY;
  }
  int total = 0;
  size_t hash = 0;
  if (const int code = page_count(backup->source, backup->source_schema, total, hash); code != SQLITE_OK) {
    return backup->result = backup->source->error.code;
  }
  // What another connection has written has it begin anew; what the source's own has, does not.
  const int64_t changes = backup->source->state().total_changes;
  const bool has_changed = hash != backup->source_content && changes == backup->source_changes;
  backup->source_changes = changes;
  backup->source_content = hash;
  const int copied = has_changed ? 0 : std::min(backup->total - backup->remaining, total);
  backup->total = total;
  backup->remaining = pages < 0 ? 0 : std::max(0, total - copied - pages);
  if (backup->remaining > 0) return backup->result = SQLITE_OK;
  if (const int code = copy_all(backup); code != SQLITE_OK) {
    backup->remaining = total - copied;
    return backup->result = code;
  }
  backup->is_done = true;
  backup->result = SQLITE_OK;
  return SQLITE_DONE;
}

}  // namespace

extern "C" {

sqlite3_backup* sqlite3_backup_init(sqlite3* destination, const char* destination_schema, sqlite3* source,
                                    const char* source_schema) {
  if (!is_usable(destination) || !is_usable(source)) return misuse("sqlite3_backup_init"), nullptr;
  return guard<sqlite3_backup*>(nullptr, [&]() -> sqlite3_backup* {
    Lock source_lock(source->mutex);
    Lock destination_lock(destination->mutex);
    if (destination == source) {
      destination->fail(SQLITE_ERROR, "source and destination must be distinct");
      return nullptr;
    }
    const std::string from = source_schema == nullptr ? "main" : source_schema;
    const std::string to = destination_schema == nullptr ? "main" : destination_schema;
    if (source->ensure_engine() != SQLITE_OK || !has_schema(source, from)) {
      destination->fail(SQLITE_ERROR, "unknown database " + from);
      return nullptr;
    }
    if (!has_schema(destination, to)) {
      destination->fail(SQLITE_ERROR, "unknown database " + to);
      return nullptr;
    }
    if (sqlite3_txn_state(destination, to.c_str()) > SQLITE_TXN_NONE) {
      destination->fail(SQLITE_ERROR, "destination database is in use");
      return nullptr;
    }
    auto* backup = new sqlite3_backup;
    backup->destination = destination;
    backup->source = source;
    backup->destination_schema = to;
    backup->source_schema = from;
    backup->source_changes = source->state().total_changes;
    ++source->open_backups;
    destination->succeed();
    return backup;
  });
}

int sqlite3_backup_step(sqlite3_backup* backup, int pages) {
  if (backup == nullptr) return misuse("sqlite3_backup_step");
  return guard(SQLITE_NOMEM, [&] {
    Lock source_lock(backup->source->mutex);
    Lock destination_lock(backup->destination->mutex);
    return step(backup, pages);
  });
}

int sqlite3_backup_finish(sqlite3_backup* backup) {
  if (backup == nullptr) return SQLITE_OK;
  sqlite3* source = backup->source;
  int code = backup->result;
  {
    Lock source_lock(source->mutex);
    Lock destination_lock(backup->destination->mutex);
    --source->open_backups;
    if (auto* to = backup->destination->engine == nullptr
                       ? nullptr
                       : backup->destination->engine->storage_of(backup->destination_schema)) {
      if (const keelback::Status undone = backup->copy.abandon(*to); !undone.is_ok() && code == SQLITE_OK) {
        code = backup->destination->visible(undone.code());
      }
    }
    if (code == SQLITE_OK) {
      backup->destination->succeed();
    } else if (backup->destination->error.code != code) {
      backup->destination->fail(code);
    }
    code = backup->destination->visible(code);
    delete backup;
  }
  release_if_zombie(source);
  return code;
}

int sqlite3_backup_remaining(sqlite3_backup* backup) { return backup == nullptr ? 0 : backup->remaining; }

int sqlite3_backup_pagecount(sqlite3_backup* backup) { return backup == nullptr ? 0 : backup->total; }

}  // extern "C"
