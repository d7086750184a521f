/*
 * keelback/keelback.h: what Keelback adds to the SQLite C API. Everything else is in keelback/sqlite3.h.
 */
#ifndef KEELBACK_KEELBACK_H
#define KEELBACK_KEELBACK_H

#include "sqlite3.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Keelback's own version, as "0.1.0"; sqlite3_libversion() tells the SQLite version it stands in for. */
SQLITE_API const char* keelback_version(void);

/* The engine in use: "reference", "kernel" or "mirror" (environment variable KEELBACK_ENGINE). */
SQLITE_API const char* keelback_engine(void);

#ifdef __cplusplus
}
#endif

#endif
