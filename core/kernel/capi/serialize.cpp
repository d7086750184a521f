// A database as one block of bytes, and a block of bytes as a database.
#include <algorithm>
#include <cstring>
#include <string>

#include "error.hpp"
#include "guard.hpp"

using namespace keelback::capi;

namespace {

constexpr size_t page_size_at = 16;

// Without SQLITE_DESERIALIZE_RESIZEABLE the database has no more room than the block.
void keep_within(sqlite3* db, const char* schema, std::string_view content, sqlite3_int64 capacity) {
  if (content.size() < page_size_at + 2) return;
  const auto high = static_cast<uint8_t>(content[page_size_at]), low = static_cast<uint8_t>(content[page_size_at + 1]);
  // 1 stands for 65536.
  const sqlite3_int64 page_size = high == 0 && low == 1 ? 65536 : high << 8 | low;
  if (page_size < 512) return;
  std::string name(schema);
  for (size_t at = 0; (at = name.find('"', at)) != std::string::npos; at += 2) name.insert(at, 1, '"');
  const sqlite3_int64 pages = std::max<sqlite3_int64>(capacity / page_size, 1);
  const std::string sql = "PRAGMA \"" + name + "\".max_page_count = " + std::to_string(pages);
  (void)sqlite3_exec(db, sql.c_str(), nullptr, nullptr, nullptr);
}

}  // namespace

extern "C" {

unsigned char* sqlite3_serialize(sqlite3* db, const char* schema, sqlite3_int64* size, unsigned int flags) {
  if (size != nullptr) *size = -1;
  if (!is_usable(db)) return misuse("sqlite3_serialize"), nullptr;
  // With NOCOPY only a database that already is one block is handed out, and none of ours is.
  if ((flags & SQLITE_SERIALIZE_NOCOPY) != 0) return nullptr;
  return guard<unsigned char*>(nullptr, [&]() -> unsigned char* {
    Lock lock(db->mutex);
    if (db->ensure_engine() != SQLITE_OK) return nullptr;
    std::string content;
    if (Failure failure = db->engine->serialize(schema == nullptr ? "main" : schema, content)) {
      db->fail(failure);
      return nullptr;
    }
    if (size != nullptr) *size = static_cast<sqlite3_int64>(content.size());
    if (content.empty()) return nullptr;
    auto* block = static_cast<unsigned char*>(sqlite3_malloc64(content.size() + 1));
    if (block != nullptr) std::memcpy(block, content.data(), content.size());
    return block;
  });
}

int sqlite3_deserialize(sqlite3* db, const char* schema, unsigned char* data, sqlite3_int64 size,
                        sqlite3_int64 capacity, unsigned flags) {
  const auto release = [&] {
    if ((flags & SQLITE_DESERIALIZE_FREEONCLOSE) != 0) sqlite3_free(data);
  };
  if (!is_usable(db) || size < 0 || capacity < 0) {
    release();
    return misuse("sqlite3_deserialize");
  }
  if (schema == nullptr) schema = "main";
  const int code = guard(SQLITE_NOMEM, [&] {
    Lock lock(db->mutex);
    if (db->ensure_engine() != SQLITE_OK) return db->visible(db->error.code);
    if (sqlite3_stricmp(schema, "temp") == 0) return SQLITE_ERROR;
    if (sqlite3_txn_state(db, schema) == SQLITE_TXN_WRITE) return db->fail(SQLITE_BUSY);
    const std::string_view content(reinterpret_cast<const char*>(data), static_cast<size_t>(size));
    const bool is_readonly = (flags & SQLITE_DESERIALIZE_READONLY) != 0;
    if (Failure failure = db->engine->deserialize(schema, content, is_readonly)) return db->fail(failure);
    // The file that the connection had opened is no longer its database.
    if (sqlite3_stricmp(schema, "main") == 0) db->filename = Filename("", {});
    if ((flags & SQLITE_DESERIALIZE_RESIZEABLE) == 0) keep_within(db, schema, content, capacity);
    return db->succeed();
  });
  release();
  return code;
}

}  // extern "C"
