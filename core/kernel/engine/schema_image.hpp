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

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "../storage/database.hpp"

namespace keelback::engine {

// Where the rows of a tree stand in an image.
struct TreeRows {
  uint32_t root;
  size_t offset;
  size_t size;
};

// The image of a database, as a part of a longer one.
struct SchemaPart {
  bool is_known = false;
  uint32_t cookie = 0;
  size_t offset = 0;
  size_t size = 0;
  std::vector<TreeRows> trees;  // offsets from the beginning of the part
};

// Append the image of a database.
Status append_schema_image(storage::Database& database, std::string& image, SchemaPart& part);
// The rows of a tree, as they stand in an image.
void each_row(std::string_view rows, const std::function<void(int64_t, std::string_view)>& take);

}  // namespace keelback::engine

#endif
