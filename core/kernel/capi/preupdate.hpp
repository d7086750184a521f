// The row that sqlite3_preupdate_hook is told of, for as long as the hook runs.
#ifndef KEELBACK_CAPI_PREUPDATE_HPP
#define KEELBACK_CAPI_PREUPDATE_HPP

#include <cstdint>
#include <vector>

#include "../engine/wire.hpp"
#include "value.hpp"

namespace keelback::capi {

// The values are views of the request. An inserted row has no old values, a deleted one no new ones.
struct ShownChange {
  int operation = 0;
  int depth = 0;
  int column_count = 0;
  int blob_column = -1;
  int64_t old_rowid = 0;
  int64_t new_rowid = 0;
  std::vector<sqlite3_value> old_values;
  std::vector<sqlite3_value> new_values;
};

// Tells the sessions of a connection (session/session.cpp).
void tell_sessions(sqlite3* db, const char* schema, const char* table, ShownChange& change);

// Calls the sessions and the hook of the connection with the change that KB_ASK_PREUPDATE carries.
void show_change(sqlite3* db, engine::Reader& request);

}  // namespace keelback::capi

#endif
