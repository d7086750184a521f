// Counters: of the process, and of a connection. What we do not count is 0.
#include "error.hpp"
#include "guard.hpp"
#include "memory.hpp"
#include "statement.hpp"

using namespace keelback::capi;

namespace {

sqlite3_int64 count_cache(sqlite3* db, CacheCount what, int reset) {
  return db->engine == nullptr ? 0 : db->engine->count_cache(what, reset != 0);
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
  } else if (operation == SQLITE_STATUS_MALLOC_COUNT) {
    const AllocationCounts counts = allocation_counts(reset != 0, false);
    *current = counts.current;
    *highest = counts.highest;
  } else if (operation == SQLITE_STATUS_MALLOC_SIZE) {
    *highest = allocation_counts(false, reset != 0).largest;
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
      *current = count_cache(db, CacheCount::bytes, reset);
      return SQLITE_OK;
    case SQLITE_DBSTATUS_CACHE_HIT:
      *current = count_cache(db, CacheCount::hits, reset);
      return SQLITE_OK;
    case SQLITE_DBSTATUS_CACHE_MISS:
      *current = count_cache(db, CacheCount::misses, reset);
      return SQLITE_OK;
    case SQLITE_DBSTATUS_CACHE_WRITE:
      *current = count_cache(db, CacheCount::writes, reset);
      return SQLITE_OK;
    case SQLITE_DBSTATUS_CACHE_SPILL:
      *current = count_cache(db, CacheCount::spills, reset);
      return SQLITE_OK;
    case SQLITE_DBSTATUS_DEFERRED_FKS:
      *current = db->engine != nullptr && db->engine->has_broken_deferred_keys() ? 1 : 0;
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
  if (db->engine == nullptr) return SQLITE_OK;
  return guard(SQLITE_NOMEM, [&] {
    const Failure failure = db->engine->release_memory();
    return failure ? db->fail(failure) : SQLITE_OK;
  });
}

int sqlite3_db_cacheflush(sqlite3* db) {
  if (!is_usable(db)) return misuse("sqlite3_db_cacheflush");
  const Lock lock(db->mutex);
  if (db->engine == nullptr) return SQLITE_OK;
  return guard(SQLITE_NOMEM, [&] {
    const Failure failure = db->engine->flush_cache();
    return failure ? db->fail(failure) : db->succeed();
  });
}

}  // extern "C"
