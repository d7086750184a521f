// The error state of a connection: sqlite3_errcode, sqlite3_errmsg and their kin.
#include "error.hpp"

#include "guard.hpp"
#include "tables.hpp"
#include "text.hpp"

using namespace keelback::capi;

namespace keelback::capi {

const char* error_text(int code) {
  if (code == SQLITE_ABORT_ROLLBACK) return "abort due to ROLLBACK";
  if (code == SQLITE_ROW) return "another row available";
  if (code == SQLITE_DONE) return "no more rows available";
  return result_code_text(code & 0xFF);
}

int not_supported(sqlite3* db, const char* function) {
  if (!is_usable(db)) return SQLITE_MISUSE;
  return guard(SQLITE_NOMEM, [&] {
    Lock lock(db->mutex);
    return db->fail(SQLITE_ERROR, std::string("not supported yet: ") + function);
  });
}

int not_supported(sqlite3_stmt* statement, const char* function) {
  if (!is_usable(statement)) return SQLITE_MISUSE;
  return not_supported(statement->db, function);
}

int misuse(const char* what) {
  log_error(SQLITE_MISUSE, what);
  return SQLITE_MISUSE;
}

}  // namespace keelback::capi

int sqlite3::fail(const Failure& failure) {
  error.code = failure.code;
  error.message = failure.message;
  error.offset = failure.offset;
  if (failure.code != SQLITE_OK && failure.message.empty()) error.message = error_text(failure.code);
  if (failure.code == SQLITE_CANTOPEN || (failure.code & 0xFF) == SQLITE_IOERR) error.system_errno = errno;
  return visible(failure.code);
}

int sqlite3::fail(int code) { return fail(Failure{code, error_text(code), -1}); }

int sqlite3::fail(int code, std::string message) { return fail(Failure{code, std::move(message), -1}); }

int sqlite3::run_out_of_memory() noexcept {
  error.code = SQLITE_NOMEM;
  error.offset = -1;
  // sqlite3_errmsg has a text for the code.
  error.message.clear();
  return SQLITE_NOMEM;
}

extern "C" {

int sqlite3_errcode(sqlite3* db) {
  if (db != nullptr && !is_usable_or_sick(db)) return misuse("sqlite3_errcode");
  return db == nullptr ? SQLITE_NOMEM : db->visible(db->error.code);
}

int sqlite3_extended_errcode(sqlite3* db) {
  if (db != nullptr && !is_usable_or_sick(db)) return misuse("sqlite3_extended_errcode");
  return db == nullptr ? SQLITE_NOMEM : db->error.code;
}

const char* sqlite3_errmsg(sqlite3* db) {
  if (db == nullptr) return error_text(SQLITE_NOMEM);
  if (!is_usable_or_sick(db)) return error_text(misuse("sqlite3_errmsg"));
  Lock lock(db->mutex);
  return db->error.message.empty() ? error_text(db->error.code) : db->error.message.c_str();
}

const void* sqlite3_errmsg16(sqlite3* db) {
  if (db == nullptr) return u"out of memory";
  if (!is_usable_or_sick(db)) return u"bad parameter or other API misuse";
  return guard<const void*>(nullptr, [&]() -> const void* {
    Lock lock(db->mutex);
    db->error.message16 = to_utf16(sqlite3_errmsg(db));
    return db->error.message16.c_str();
  });
}

int sqlite3_error_offset(sqlite3* db) {
  if (!is_usable_or_sick(db)) return -1;
  Lock lock(db->mutex);
  return db->error.code != SQLITE_OK ? db->error.offset : -1;
}

const char* sqlite3_errstr(int code) { return error_text(code); }

int sqlite3_extended_result_codes(sqlite3* db, int on) {
  if (!is_usable(db)) return misuse("sqlite3_extended_result_codes");
  Lock lock(db->mutex);
  db->has_extended_codes = on != 0;
  return SQLITE_OK;
}

int sqlite3_system_errno(sqlite3* db) { return is_usable_or_sick(db) ? db->error.system_errno : 0; }

int sqlite3_set_errmsg(sqlite3* db, int code, const char* message) {
  if (!is_usable(db)) return misuse("sqlite3_set_errmsg");
  return guard(SQLITE_NOMEM, [&] {
    Lock lock(db->mutex);
    db->fail(code, message != nullptr ? message : error_text(code));
    return SQLITE_OK;
  });
}

}  // extern "C"
