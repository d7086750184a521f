// LoadedExtensions: the shared libraries that a connection has loaded, and whether SQL may load more.
//
// They are closed in the order in which they came, after everything that they have registered is gone.
#ifndef KEELBACK_CAPI_EXTENSION_HPP
#define KEELBACK_CAPI_EXTENSION_HPP

#include "api.hpp"

#include <vector>

struct sqlite3_api_routines;

namespace keelback::capi {

class LoadedExtensions {
 public:
  LoadedExtensions() = default;
  LoadedExtensions(const LoadedExtensions&) = delete;
  LoadedExtensions& operator=(const LoadedExtensions&) = delete;
  ~LoadedExtensions();

  void keep(void* library) { libraries_.push_back(library); }

  // sqlite3_enable_load_extension has allowed load_extension() in SQL too.
  bool sql_may_load = false;
  // load_extension() has been defined for this connection.
  bool has_function = false;

 private:
  std::vector<void*> libraries_;
};

// The table of functions that extensions are handed.
[[nodiscard]] const sqlite3_api_routines* extension_api();

}  // namespace keelback::capi

#endif
