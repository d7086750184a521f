// The modules of sqlite3_create_module, their tables and cursors, by the numbers under which engines know them.
#ifndef KEELBACK_CAPI_MODULE_HPP
#define KEELBACK_CAPI_MODULE_HPP

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "../engine/engine.hpp"
#include "function.hpp"

namespace keelback::capi {

struct ModuleEntry {
  std::string name;
  const sqlite3_module* methods = nullptr;
  void* argument = nullptr;
  std::shared_ptr<Destructor> destructor;
};

struct ModuleTable {
  std::shared_ptr<ModuleEntry> module;
  sqlite3_vtab* table = nullptr;
  // The numbers of the functions that it has for its own columns.
  std::vector<int64_t> functions;
};

// All members of an IN at once, as an argument of xFilter (sqlite3_vtab_in_first).
struct ValueList {
  static constexpr const char* type = "keelback list of values";
  std::vector<sqlite3_value> values;
  size_t next = 0;
};

struct ModuleCursor {
  const sqlite3_module* methods = nullptr;
  sqlite3_vtab* table = nullptr;
  sqlite3_vtab_cursor* cursor = nullptr;
};

// What xConnect and xCreate say through sqlite3_declare_vtab and sqlite3_vtab_config while they run.
struct Connecting {
  std::string declaration;
  bool is_declared = false;
  int risk = 1;
  bool has_constraint_support = false;
};

class Modules {
 public:
  explicit Modules(sqlite3* db) : db_(db) {}

  std::map<std::string, std::shared_ptr<ModuleEntry>> by_name;  // lower case
  std::map<int64_t, std::shared_ptr<ModuleEntry>> by_number;
  Connecting* connecting = nullptr;
  // Of the running xUpdate; 0 outside of one.
  int conflict = 0;

  int ask(int question, Reader& request, std::string& answer);

 private:
  int connect(Reader& request, std::string& answer);
  int best_index(Reader& request, std::string& answer);
  int open(Reader& request, std::string& answer);
  int filter(Reader& request, std::string& answer);
  int next(Reader& request, std::string& answer);
  int column(Reader& request, std::string& answer);
  int rowid(Reader& request, std::string& answer);
  int close(Reader& request);
  int update(Reader& request, std::string& answer);
  int call(Reader& request, std::string& answer);
  int find_function(ModuleTable& table, Reader& request, std::string& answer);
  int64_t number_of_function(ModuleTable& table, void (*scalar)(sqlite3_context*, int, sqlite3_value**),
                             void* argument);
  int is_shadow(int64_t number, Reader& request, std::string& answer);
  int end(int64_t number, bool is_destroy, std::string& answer);
  ModuleTable* table(int64_t number);
  ModuleCursor* cursor(int64_t number);

  sqlite3* db_;
  std::map<int64_t, ModuleTable> tables_;
  std::map<int64_t, ModuleCursor> cursors_;
  int64_t next_number_ = 1;
};

}  // namespace keelback::capi

#endif
