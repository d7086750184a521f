// Schema images: all that compiling reads of a database, as bytes.
//
// 1. An image holds the cookie, the file format, the encoding, the records of sqlite_schema with their rowids, and
//    those of sqlite_stat1 and sqlite_stat4; the number of pages where it decides which records are refused. Equal
//    images give equal programs.
// 2. It is read in a transaction of its own, where none is open.
//
// Must not know: SQL. What the compile tower reads: keelback_core/engine/schema_loader.py and statistics.py.
#ifndef KEELBACK_ENGINE_SCHEMA_IMAGE_HPP
#define KEELBACK_ENGINE_SCHEMA_IMAGE_HPP

#include <string>

#include "../storage/database.hpp"

namespace keelback::engine {

// Append the image of a database.
Status append_schema_image(storage::Database& database, std::string& image, uint32_t& cookie);

}  // namespace keelback::engine

#endif
