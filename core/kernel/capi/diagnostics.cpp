// What SQLite answers where it has nothing to tell: connections that wait for no other one, statements whose scans are
// not measured, and the controls for tests that programs use.
#include <cstdarg>

#include "database.hpp"
#include "error.hpp"
#include "statement.hpp"

using namespace keelback::capi;

extern "C" {

// Nobody is ever blocked by a connection that shares its cache, so whoever asks is told at once.
int sqlite3_unlock_notify(sqlite3* db, void (*notify)(void**, int), void* argument) {
  if (!is_usable(db)) return misuse("sqlite3_unlock_notify");
  {
    Lock lock(db->mutex);
    db->succeed();
  }
  if (notify != nullptr) notify(&argument, 1);
  return SQLITE_OK;
}

// As a build without SQLITE_ENABLE_STMT_SCANSTATUS, where every loop is out of range.
int sqlite3_stmt_scanstatus(sqlite3_stmt*, int, int, void*) { return 1; }
int sqlite3_stmt_scanstatus_v2(sqlite3_stmt*, int, int, int, void*) { return 1; }
void sqlite3_stmt_scanstatus_reset(sqlite3_stmt*) {}

int sqlite3_memory_alarm(void (*)(void*, sqlite3_int64, int), void*, sqlite3_int64) { return SQLITE_OK; }

// What changes the inside of SQLite for its own tests changes nothing here, which is no error.
int sqlite3_test_control(int operation, ...) {
  constexpr int always = 13;
  constexpr int byte_order = 22;
  constexpr int little_endian = 123410;
  std::va_list arguments;
  va_start(arguments, operation);
  const int code = operation == always ? va_arg(arguments, int) : operation == byte_order ? little_endian : SQLITE_OK;
  va_end(arguments);
  return code;
}

}  // extern "C"
