// Answers that several files of this room share.
#ifndef KEELBACK_CAPI_ERROR_HPP
#define KEELBACK_CAPI_ERROR_HPP

#include "database.hpp"
#include "statement.hpp"

namespace keelback::capi {

// SQLITE_ERROR with "not supported yet: <function>" as the connection's message.
int not_supported(sqlite3* db, const char* function);
int not_supported(sqlite3_stmt* statement, const char* function);
// Runs what may run out of memory, which then is the connection's error. Nothing is allocated for that.
template <typename Body>
int guard_connection(sqlite3* db, Body&& body) noexcept {
  try {
    return body();
  } catch (const std::exception&) {
    Lock lock(db->mutex);
    return db->run_out_of_memory();
  }
}
// Reports to the logger of sqlite3_config(SQLITE_CONFIG_LOG), if there is one.
void log_error(int code, const char* message);
// Why a text could not be prepared, and why a running statement ended. A database that is locked and foreign keys that
// are found violated at the end of a statement or transaction are no errors worth a log to SQLite.
void log_prepare(const engine::Failure& failure, const char* sql, size_t most);
void log_step(const engine::Failure& failure, std::string_view sql);
int misuse(const char* what);

}  // namespace keelback::capi

#endif
