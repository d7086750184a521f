// Extensions: shared libraries whose entry point is handed the connection and the functions of this library.
//
// 1. An extension calls the library only through the table that it is given, so it needs no symbols of ours.
// 2. load_extension() in SQL is ours once somebody has allowed it; before that the engines' own refuses.
// Source: https://sqlite.org/loadext.html
#include "extension.hpp"

#include <dlfcn.h>

#include <string>
#include <string_view>

#include "database.hpp"
#include "error.hpp"
#include "extension_routines.hpp"
#include "guard.hpp"
#include "memory.hpp"

using namespace keelback::capi;

namespace keelback::capi {

namespace {

constexpr size_t longest_path = 4096;
constexpr std::string_view suffix = ".so";
constexpr const char* default_entry = "sqlite3_extension_init";

using Initializer = int (*)(sqlite3*, char**, const sqlite3_api_routines*);

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

// sqlite3_x_init for the file .../libx.so: letters alone, or with digits.
std::string entry_of_file(std::string_view file, bool with_digits) {
  const size_t slash = file.rfind('/');
  if (slash != std::string_view::npos) file.remove_prefix(slash + 1);
  if (file.size() >= 3 && sqlite3_strnicmp(file.data(), "lib", 3) == 0) file.remove_prefix(3);
  std::string entry = "sqlite3_";
  for (const char c : file.substr(0, file.find('.'))) {
    if (is_letter(c)) entry += static_cast<char>(c | 0x20);
    if (with_digits && is_digit(c)) entry += c;
  }
  return entry + "_init";
}

std::string last_loader_error(std::string otherwise) {
  const char* told = dlerror();
  return told != nullptr ? told : std::move(otherwise);
}

// The library of a file, by this name or with the suffix of shared libraries.
void* open_library(const std::string& file) {
  if (file.empty() || file.size() > longest_path) return nullptr;
  void* library = dlopen(file.c_str(), RTLD_NOW | RTLD_GLOBAL);
  return library != nullptr ? library : dlopen((file + std::string(suffix)).c_str(), RTLD_NOW | RTLD_GLOBAL);
}

Initializer find_entry(void* library, const std::string& file, const char* wanted, std::string& entry) {
  entry = wanted != nullptr ? wanted : default_entry;
  void* found = dlsym(library, entry.c_str());
  for (int attempt = 0; found == nullptr && wanted == nullptr && attempt < 2; ++attempt) {
    entry = entry_of_file(file, attempt == 1);
    found = dlsym(library, entry.c_str());
  }
  return reinterpret_cast<Initializer>(found);
}

// The connection's own error stays as it was: the text is the caller's alone.
int load(sqlite3* db, const std::string& file, const char* wanted, std::string& text) {
  int is_on = 0;
  (void)sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, -1, &is_on);
  if (is_on == 0) {
    text = "not authorized";
    return SQLITE_ERROR;
  }
  (void)dlerror();
  void* library = open_library(file);
  if (library == nullptr) {
    text = last_loader_error("unable to open shared library [" + file + "]");
    return SQLITE_ERROR;
  }
  std::string entry;
  const Initializer initialize = find_entry(library, file, wanted, entry);
  if (initialize == nullptr) {
    text = last_loader_error("no entry point [" + entry + "] in shared library [" + file + "]");
    dlclose(library);
    return SQLITE_ERROR;
  }
  char* message = nullptr;
  const int code = initialize(db, &message, extension_api());
  if (code != SQLITE_OK && code != SQLITE_OK_LOAD_PERMANENTLY) {
    text = std::string("error during initialization: ") + (message != nullptr ? message : "");
    dlclose(library);
  } else if (code == SQLITE_OK) {
    db->extensions.keep(library);
  }
  sqlite3_free(message);
  return text.empty() ? SQLITE_OK : SQLITE_ERROR;
}

void load_in_sql(sqlite3_context* context, int count, sqlite3_value** arguments) {
  sqlite3* db = sqlite3_context_db_handle(context);
  const auto* file = reinterpret_cast<const char*>(sqlite3_value_text(arguments[0]));
  const char* entry = count == 2 ? reinterpret_cast<const char*>(sqlite3_value_text(arguments[1])) : nullptr;
  if (!db->extensions.sql_may_load) {
    sqlite3_result_error(context, "not authorized", -1);
    return;
  }
  char* message = nullptr;
  if (file != nullptr && sqlite3_load_extension(db, file, entry, &message) != SQLITE_OK) {
    sqlite3_result_error(context, message, -1);
    sqlite3_free(message);
  }
}

int define_function(sqlite3* db) {
  constexpr int kind = SQLITE_UTF8 | SQLITE_DIRECTONLY;
  for (int count = 1; count <= 2; ++count) {
    const int code =
        sqlite3_create_function_v2(db, "load_extension", count, kind, nullptr, load_in_sql, nullptr, nullptr, nullptr);
    if (code != SQLITE_OK) return code;
  }
  db->extensions.has_function = true;
  return SQLITE_OK;
}

}  // namespace

LoadedExtensions::~LoadedExtensions() {
  for (void* library : libraries_) dlclose(library);
}

const sqlite3_api_routines* extension_api() {
  return reinterpret_cast<const sqlite3_api_routines*>(&extension_routines);
}

}  // namespace keelback::capi

extern "C" {

int sqlite3_enable_load_extension(sqlite3* db, int on) {
  if (!is_usable(db)) return misuse("sqlite3_enable_load_extension");
  return guard(SQLITE_NOMEM, [&] {
    Lock lock(db->mutex);
    const int code = sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, on != 0 ? 1 : 0, nullptr);
    if (code != SQLITE_OK) return code;
    db->extensions.sql_may_load = on != 0;
    return on != 0 && !db->extensions.has_function ? define_function(db) : SQLITE_OK;
  });
}

int sqlite3_load_extension(sqlite3* db, const char* file, const char* entry, char** message) {
  if (message != nullptr) *message = nullptr;
  if (!is_usable(db) || file == nullptr) return misuse("sqlite3_load_extension");
  return guard(SQLITE_NOMEM, [&] {
    Lock lock(db->mutex);
    std::string text;
    const int code = load(db, file, entry, text);
    if (code != SQLITE_OK && message != nullptr) *message = copy_to_heap(text);
    return code;
  });
}

}  // extern "C"
