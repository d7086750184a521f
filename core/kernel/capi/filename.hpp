// Database file names with their URI parameters, in the memory layout that sqlite3_filename promises: the name, then
// key and value by turns, each ended by a NUL, then an empty key; four NULs stand before the name.
#ifndef KEELBACK_CAPI_FILENAME_HPP
#define KEELBACK_CAPI_FILENAME_HPP

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api.hpp"

namespace keelback::capi {

class Filename {
 public:
  Filename() : Filename("", {}) {}
  Filename(std::string_view path, const std::vector<std::pair<std::string, std::string>>& parameters);

  [[nodiscard]] const char* c_str() const { return block_.data() + 4; }

 private:
  std::string block_;
};

struct ParsedName {
  std::string path;
  std::vector<std::pair<std::string, std::string>> parameters;
  int flags = 0;
  std::string vfs;
};

// Takes apart a `file:` name if flags (or the global setting) allow URIs; `error` says what is wrong with it.
// 0 or a result code.
int parse_name(std::string_view name, int flags, ParsedName& parsed, std::string& error);

}  // namespace keelback::capi

#endif
