// sqlite3_file_control: what the engine answers, and what only the file of a program's own VFS can.
#include "../storage/database.hpp"
#include "database.hpp"
#include "error.hpp"
#include "vfs.hpp"

using namespace keelback::capi;

namespace {

// The answer of a program's own VFS; NOTFOUND where the database is not opened through one.
int ask_foreign(sqlite3* db, const char* schema, int operation, void* argument) {
  if (db->ensure_engine() != SQLITE_OK) return SQLITE_ERROR;
  auto* file = static_cast<sqlite3_file*>(db->engine->foreign_file(schema == nullptr ? "main" : schema));
  if (file == nullptr || file->pMethods == nullptr) return SQLITE_NOTFOUND;
  return file->pMethods->xFileControl(file, operation, argument);
}

// Stands for what is no file: one that says that it is not open.
sqlite3_file* unopened_file() {
  static sqlite3_file file{nullptr};
  return &file;
}

// The file of a database: a program's own, or one that stands for ours.
sqlite3_file* file_of(sqlite3* db, const char* schema) {
  if (auto* foreign = static_cast<sqlite3_file*>(db->engine->foreign_file(schema)); foreign != nullptr) return foreign;
  keelback::storage::Database* database = db->engine->storage_of(schema);
  keelback::storage::VfsFile* file = database != nullptr ? database->pager().file.get() : nullptr;
  return file != nullptr ? db->lent_files[schema].lend(*file, db->vfs_object->zName) : unopened_file();
}

}  // namespace

int sqlite3::file_pragma(void* file, const std::string& name, const std::optional<std::string>& value,
                         std::optional<std::string>& text) {
  auto* asked = static_cast<sqlite3_file*>(file);
  if (asked->pMethods == nullptr) return SQLITE_NOTFOUND;
  std::string name_bytes = name;
  std::string value_bytes = value.value_or("");
  char* arguments[4] = {nullptr, name_bytes.data(), value ? value_bytes.data() : nullptr, nullptr};
  const int code = asked->pMethods->xFileControl(asked, SQLITE_FCNTL_PRAGMA, arguments);
  if (arguments[0] != nullptr) text = arguments[0];
  if (code != SQLITE_NOTFOUND) sqlite3_free(arguments[0]);
  return code;
}

extern "C" {

int sqlite3_file_control(sqlite3* db, const char* schema, int operation, void* argument) {
  if (!is_usable(db)) return misuse("sqlite3_file_control");
  Lock lock(db->mutex);
  if (sqlite3_db_readonly(db, schema) < 0) return SQLITE_ERROR;
  switch (operation) {
    case SQLITE_FCNTL_VFS_POINTER:
      if (argument != nullptr) *static_cast<sqlite3_vfs**>(argument) = db->vfs_object;
      return SQLITE_OK;
    case SQLITE_FCNTL_FILE_POINTER: {
      if (argument == nullptr || db->ensure_engine() != SQLITE_OK) return SQLITE_ERROR;
      *static_cast<sqlite3_file**>(argument) = file_of(db, schema == nullptr ? "main" : schema);
      return SQLITE_OK;
    }
    case SQLITE_FCNTL_JOURNAL_POINTER:
      if (argument == nullptr) return SQLITE_ERROR;
      *static_cast<sqlite3_file**>(argument) = unopened_file();
      return SQLITE_OK;
    case SQLITE_FCNTL_VFSNAME:
      if (argument == nullptr) return SQLITE_ERROR;
      if (const int code = ask_foreign(db, schema, operation, argument); code != SQLITE_NOTFOUND) return code;
      // A database that has no file of a name has none of a VFS.
      if (const char* name = sqlite3_db_filename(db, schema); name == nullptr || *name == '\0') return SQLITE_NOTFOUND;
      *static_cast<char**>(argument) = sqlite3_mprintf("%s", db->vfs_object->zName);
      return SQLITE_OK;
    case SQLITE_FCNTL_RESET_CACHE:
      return SQLITE_OK;
    case SQLITE_FCNTL_LOCKSTATE:
    case SQLITE_FCNTL_PERSIST_WAL:
    case SQLITE_FCNTL_POWERSAFE_OVERWRITE:
    case SQLITE_FCNTL_HAS_MOVED:
    case SQLITE_FCNTL_DATA_VERSION:
    case SQLITE_FCNTL_RESERVE_BYTES:
    case SQLITE_FCNTL_SIZE_HINT: {
      if (argument == nullptr || db->ensure_engine() != SQLITE_OK) return SQLITE_ERROR;
      const bool is_hint = operation == SQLITE_FCNTL_SIZE_HINT;
      int64_t value = is_hint ? *static_cast<sqlite3_int64*>(argument) : *static_cast<int*>(argument);
      const int code = db->engine->file_control(schema == nullptr ? "main" : schema, operation, value);
      if (code == SQLITE_OK && !is_hint) *static_cast<int*>(argument) = static_cast<int>(value);
      return code;
    }
    default:
      return ask_foreign(db, schema, operation, argument);
  }
}

}  // extern "C"
