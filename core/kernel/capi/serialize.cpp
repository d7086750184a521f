// A database as one block of bytes, and a block of bytes as a database.
#include <cstring>

#include "error.hpp"
#include "guard.hpp"

using namespace keelback::capi;

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
  if (!is_usable(db) || size < 0 || capacity < size) {
    release();
    return misuse("sqlite3_deserialize");
  }
  const int code = guard(SQLITE_NOMEM, [&] {
    Lock lock(db->mutex);
    if (db->ensure_engine() != SQLITE_OK) return db->visible(db->error.code);
    const std::string_view content(reinterpret_cast<const char*>(data), static_cast<size_t>(size));
    Failure failure = db->engine->deserialize(schema == nullptr ? "main" : schema, content,
                                              (flags & SQLITE_DESERIALIZE_READONLY) != 0);
    return failure ? db->fail(failure) : db->succeed();
  });
  release();
  return code;
}

}  // extern "C"
