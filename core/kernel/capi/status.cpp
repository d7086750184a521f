// Counters: of the process, and of a connection. What we do not count is 0.
#include "error.hpp"

using namespace keelback::capi;

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

int sqlite3_db_status64(sqlite3* db, int operation, sqlite3_int64* current, sqlite3_int64* highest, int) {
  if (!is_usable(db) || current == nullptr || highest == nullptr) return misuse("sqlite3_db_status");
  *current = *highest = 0;
  return operation >= 0 && operation <= SQLITE_DBSTATUS_MAX ? SQLITE_OK : SQLITE_ERROR;
}

int sqlite3_db_status(sqlite3* db, int operation, int* current, int* highest, int) {
  if (!is_usable(db) || current == nullptr || highest == nullptr) return misuse("sqlite3_db_status");
  *current = *highest = 0;
  return operation >= 0 && operation <= SQLITE_DBSTATUS_MAX ? SQLITE_OK : SQLITE_ERROR;
}

int sqlite3_db_release_memory(sqlite3* db) { return is_usable(db) ? SQLITE_OK : misuse("sqlite3_db_release_memory"); }

int sqlite3_db_cacheflush(sqlite3* db) { return is_usable(db) ? SQLITE_OK : misuse("sqlite3_db_cacheflush"); }

}  // extern "C"
