// Counters: of the process, and of a connection. What we do not count is 0.
#include "error.hpp"
#include "guard.hpp"
#include "statement.hpp"

using namespace keelback::capi;

namespace {

// What an operation of the engine answers, 0 where there is no engine yet or it does not count.
sqlite3_int64 ask_engine(sqlite3* db, int operation, int64_t value) {
  if (db->engine == nullptr) return 0;
  return guard(sqlite3_int64{0}, [&]() -> sqlite3_int64 {
    int64_t answer = value;
    return db->engine->file_control("main", operation, answer) == SQLITE_OK ? answer : 0;
  });
}

// What a statement takes by itself; programs are shared.
sqlite3_int64 bytes_of(const sqlite3_stmt& statement) {
  size_t bytes = sizeof statement + statement.sql.size();
  bytes += statement.parameters.capacity() * sizeof(keelback::OwnedValue);
  return static_cast<sqlite3_int64>(bytes);
}

}  // namespace

extern "C" {

int sqlite3_status64(int operation, sqlite3_int64* current, sqlite3_int64* highest, int reset) {
  if (operation < 0 || operation > SQLITE_STATUS_MALLOC_COUNT) return misuse("sqlite3_status");
  if (current == nullptr || highest == nullptr) return misuse("sqlite3_status");
  *current = *highest = 0;
  if (operation == SQLITE_STATUS_MEMORY_USED) {
    *current = sqlite3_memory_used();
    *highest = sqlite3_memory_highwater(reset);
  }
  return SQLITE_OK;
}

int sqlite3_status(int operation, int* current, int* highest, int reset) {
  if (current == nullptr || highest == nullptr) return misuse("sqlite3_status");
  sqlite3_int64 now = 0, most = 0;
  const int code = sqlite3_status64(operation, &now, &most, reset);
  if (code == SQLITE_OK) {
    *current = static_cast<int>(now);
    *highest = static_cast<int>(most);
  }
  return code;
}

int sqlite3_db_status64(sqlite3* db, int operation, sqlite3_int64* current, sqlite3_int64* highest, int reset) {
  if (!is_usable(db) || current == nullptr || highest == nullptr) return misuse("sqlite3_db_status");
  const Lock lock(db->mutex);
  *current = *highest = 0;
  switch (operation) {
    case SQLITE_DBSTATUS_CACHE_USED:
    case SQLITE_DBSTATUS_CACHE_USED_SHARED:
      *current = ask_engine(db, cache_used, -1);
      return SQLITE_OK;
    case SQLITE_DBSTATUS_CACHE_HIT:
      *current = ask_engine(db, cache_hits, reset != 0 ? 0 : -1);
      return SQLITE_OK;
    case SQLITE_DBSTATUS_CACHE_MISS:
      *current = ask_engine(db, cache_misses, reset != 0 ? 0 : -1);
      return SQLITE_OK;
    case SQLITE_DBSTATUS_CACHE_WRITE:
      *current = ask_engine(db, cache_writes, reset != 0 ? 0 : -1);
      return SQLITE_OK;
    case SQLITE_DBSTATUS_CACHE_SPILL:
      *current = ask_engine(db, cache_spills, reset != 0 ? 0 : -1);
      return SQLITE_OK;
    case SQLITE_DBSTATUS_STMT_USED:
      for (const sqlite3_stmt* one = db->first_statement; one != nullptr; one = one->next) *current += bytes_of(*one);
      return SQLITE_OK;
    default:
      return operation >= 0 && operation <= SQLITE_DBSTATUS_MAX ? SQLITE_OK : SQLITE_ERROR;
  }
}

int sqlite3_db_status(sqlite3* db, int operation, int* current, int* highest, int reset) {
  if (!is_usable(db) || current == nullptr || highest == nullptr) return misuse("sqlite3_db_status");
  sqlite3_int64 now = 0, most = 0;
  const int code = sqlite3_db_status64(db, operation, &now, &most, reset);
  *current = static_cast<int>(now & 0x7FFFFFFF);
  *highest = static_cast<int>(most & 0x7FFFFFFF);
  return code;
}

int sqlite3_db_release_memory(sqlite3* db) {
  if (!is_usable(db)) return misuse("sqlite3_db_release_memory");
  const Lock lock(db->mutex);
  (void)ask_engine(db, release_memory, 0);
  return SQLITE_OK;
}

int sqlite3_db_cacheflush(sqlite3* db) {
  if (!is_usable(db)) return misuse("sqlite3_db_cacheflush");
  const Lock lock(db->mutex);
  if (db->engine == nullptr) return SQLITE_OK;
  return guard(SQLITE_NOMEM, [&] {
    int64_t value = 0;
    const int code = db->engine->file_control("main", flush_cache, value);
    return code == SQLITE_OK ? db->succeed() : db->fail(code);
  });
}

}  // extern "C"
