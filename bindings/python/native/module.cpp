// The extension keelback._keelback: the raw layer and the handles. The idiom is Python (src/keelback).
#include <keelback/keelback.h>

#include "callback.hpp"
#include "statement.hpp"

NB_MODULE(_keelback, module) {
  using namespace keelback::python;
  nb::set_leak_warnings(false);  // a host may end with connections open
  define_errors(module);
  define_constants(module);
  define_database(module);
  define_statement(module);
  define_backup(module);
  define_bind(module);
  define_callbacks(module);
  module.attr("sqlite_version") = sqlite3_libversion();
  module.attr("threadsafety") = sqlite3_threadsafe() == 1 ? 3 : sqlite3_threadsafe() == 2 ? 1 : 0;
  module.def("complete", [](const char* text) { return sqlite3_complete(text) != 0; });
}
