// Callbacks of a connection: told to the engine when it starts.
#ifndef KEELBACK_CAPI_HOOKS_HPP
#define KEELBACK_CAPI_HOOKS_HPP

#include "api.hpp"

namespace keelback::capi {

// Tells a new engine connection which callbacks are set.
void install_hooks(sqlite3* db);
// Has the engine show rows before they change, where somebody wants to see them.
void tell_of_rows(sqlite3* db);
// Has the engine tell the process's log, or no longer, where that has changed.
void follow_log(sqlite3* db);
// Runs the registered automatic extensions on a new connection; an error is left in the connection.
void run_auto_extensions(sqlite3* db);

}  // namespace keelback::capi

#endif
