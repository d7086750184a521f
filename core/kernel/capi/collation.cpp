// User collations.
#include <algorithm>

#include "database.hpp"
#include "error.hpp"
#include "guard.hpp"
#include "text.hpp"

using namespace keelback::capi;

namespace keelback::capi {

namespace {

int create(sqlite3* db, const char* name, int encoding, void* argument,
           int (*compare)(void*, int, const void*, int, const void*), void (*destroy)(void*)) {
  encoding &= 7;
  if (encoding == SQLITE_UTF16 || encoding == SQLITE_UTF16_ALIGNED) encoding = SQLITE_UTF16LE;
  if (encoding < SQLITE_UTF8 || encoding > SQLITE_UTF16BE) return db->fail(misuse("sqlite3_create_collation"));
  if (db->ensure_engine() != SQLITE_OK) return db->visible(db->error.code);
  std::string key = name;
  for (char& c : key) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
  }
  const bool is_known = std::any_of(db->collations.begin(), db->collations.end(),
                                    [&](const auto& entry) { return entry.second->key == key; });
  if (is_known && db->running_statements > 0) {
    return db->fail(SQLITE_BUSY, "unable to delete/modify collation sequence due to active statements");
  }
  const int64_t number = db->next_number++;
  Failure failure =
      compare != nullptr ? db->engine->create_collation(number, name) : db->engine->remove_collation(name);
  if (failure) return db->fail(failure);
  std::erase_if(db->collations, [&](const auto& entry) { return entry.second->key == key; });
  if (compare == nullptr) return db->succeed();
  auto entry = std::make_unique<CollationEntry>();
  entry->key = key;
  entry->encoding = encoding;
  entry->argument = argument;
  entry->compare = compare;
  entry->destructor = std::make_shared<Destructor>(argument, destroy);
  db->collations[number] = std::move(entry);
  return db->succeed();
}

}  // namespace

}  // namespace keelback::capi

extern "C" {

// Unlike a function's, the destructor is not called when the registration fails.
int sqlite3_create_collation_v2(sqlite3* db, const char* name, int encoding, void* argument,
                                int (*compare)(void*, int, const void*, int, const void*), void (*destroy)(void*)) {
  if (!is_usable(db) || name == nullptr) return misuse("sqlite3_create_collation");
  return guard(SQLITE_NOMEM, [&] {
    Lock lock(db->mutex);
    return create(db, name, encoding, argument, compare, destroy);
  });
}

int sqlite3_create_collation(sqlite3* db, const char* name, int encoding, void* argument,
                             int (*compare)(void*, int, const void*, int, const void*)) {
  return sqlite3_create_collation_v2(db, name, encoding, argument, compare, nullptr);
}

int sqlite3_create_collation16(sqlite3* db, const void* name, int encoding, void* argument,
                               int (*compare)(void*, int, const void*, int, const void*)) {
  if (!is_usable(db) || name == nullptr) return misuse("sqlite3_create_collation16");
  return guard(SQLITE_NOMEM, [&] {
    return sqlite3_create_collation(db, utf8_from_encoding(name, -1, SQLITE_UTF16LE).c_str(), encoding, argument,
                                    compare);
  });
}

int sqlite3_collation_needed(sqlite3* db, void* argument, void (*callback)(void*, sqlite3*, int, const char*)) {
  if (!is_usable(db)) return misuse("sqlite3_collation_needed");
  Lock lock(db->mutex);
  db->callbacks.collation_needed = {callback, argument};
  db->callbacks.collation_needed16 = {};
  return SQLITE_OK;
}

int sqlite3_collation_needed16(sqlite3* db, void* argument, void (*callback)(void*, sqlite3*, int, const void*)) {
  if (!is_usable(db)) return misuse("sqlite3_collation_needed16");
  Lock lock(db->mutex);
  db->callbacks.collation_needed = {};
  db->callbacks.collation_needed16 = {callback, argument};
  return SQLITE_OK;
}

}  // extern "C"
