// sqlite3_keyword_*: the keywords of the grammar, from core/spec/keywords.toml.
#include <cstring>

#include "api.hpp"
#include "tables.hpp"

using keelback::capi::keyword_count;
using keelback::capi::keywords;

extern "C" {

int sqlite3_keyword_count(void) { return keyword_count; }

int sqlite3_keyword_name(int index, const char** name, int* size) {
  if (index < 0 || index >= keyword_count || name == nullptr || size == nullptr) return SQLITE_ERROR;
  *name = keywords[index];
  *size = static_cast<int>(std::strlen(keywords[index]));
  return SQLITE_OK;
}

int sqlite3_keyword_check(const char* text, int size) {
  if (text == nullptr || size <= 0) return 0;
  for (int at = 0; at < keyword_count; ++at) {
    if (std::strlen(keywords[at]) == static_cast<size_t>(size) && sqlite3_strnicmp(text, keywords[at], size) == 0)
      return 1;
  }
  return 0;
}

}  // extern "C"
