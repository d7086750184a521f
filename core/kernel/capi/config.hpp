// Settings of the whole process that other files ask for.
#ifndef KEELBACK_CAPI_CONFIG_HPP
#define KEELBACK_CAPI_CONFIG_HPP

struct sqlite3;

namespace keelback::capi {

// The library is in use from now on (sqlite3_initialize): most of sqlite3_config comes too late.
void note_use() noexcept;

// Whether file names are URIs even without SQLITE_OPEN_URI (SQLITE_CONFIG_URI).
bool are_uris_on();

// How sqlite3_config wants threads kept apart; connections of our own are always serialized.
enum class Threading { single, multi, serialized };
Threading threading();

// Whether the connection's statements may hold comments (SQLITE_DBCONFIG_ENABLE_COMMENTS).
bool are_comments_on(const sqlite3* db);

// Whether the process has a log (SQLITE_CONFIG_LOG).
bool has_log();

// Gives a new connection its sqlite_log() where the process has a log (SQLITE_CONFIG_LOG): it is told of what SQL says.
// Elsewhere the engines' own, which tells nobody, is enough. The result code.
int define_log_function(sqlite3* db);

}  // namespace keelback::capi

#endif
