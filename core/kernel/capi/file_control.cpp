// sqlite3_file_control: what the engine answers, and what only the file of a program's own VFS can.
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

// Stands for the files of our own, which are no sqlite3_file: one that says that it is not open.
sqlite3_file* unopened_file() {
  static sqlite3_file file{nullptr};
  return &file;
}

}  // namespace

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
      auto* file = static_cast<sqlite3_file*>(db->engine->foreign_file(schema == nullptr ? "main" : schema));
      *static_cast<sqlite3_file**>(argument) = file != nullptr ? file : unopened_file();
      return SQLITE_OK;
    }
    case SQLITE_FCNTL_VFSNAME:
      if (argument == nullptr) return SQLITE_ERROR;
      if (const int code = ask_foreign(db, schema, operation, argument); code != SQLITE_NOTFOUND) return code;
      // A database that has no file of a name has none of a VFS.
      if (const char* name = sqlite3_db_filename(db, schema); name == nullptr || *name == '\0') return SQLITE_NOTFOUND;
      *static_cast<char**>(argument) = sqlite3_mprintf("%s", db->vfs_object->zName);
      return SQLITE_OK;
    case SQLITE_FCNTL_RESERVE_BYTES:
      if (argument != nullptr) *static_cast<int*>(argument) = 0;
      return SQLITE_OK;
    case SQLITE_FCNTL_RESET_CACHE:
      return SQLITE_OK;
    case SQLITE_FCNTL_LOCKSTATE:
    case SQLITE_FCNTL_PERSIST_WAL:
    case SQLITE_FCNTL_POWERSAFE_OVERWRITE:
    case SQLITE_FCNTL_HAS_MOVED:
    case SQLITE_FCNTL_DATA_VERSION:
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
