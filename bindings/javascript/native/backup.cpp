// A backup owns the connection to its target; it ends with close, or with the object that holds it.

#include "backup.hpp"

#include <memory>

#include "handles.hpp"

namespace keelback::node {

namespace {

constexpr napi_type_tag backup_tag = {0x6b65656c6261636b, 0x6261636b75700000};

struct Backup {
  std::shared_ptr<Connection> source;
  Connection target;
  sqlite3_backup* handle = nullptr;
  void close() {
    if (handle != nullptr) sqlite3_backup_finish(handle);
    handle = nullptr;
    target.close();
    source.reset();
  }
  ~Backup() { close(); }
};

Backup* backup_of(napi_env env, napi_value value) {
  bool matches = false;
  void* data = nullptr;
  if (napi_check_object_type_tag(env, value, &backup_tag, &matches) == napi_ok && matches) {
    napi_get_value_external(env, value, &data);
  }
  return static_cast<Backup*>(data);
}

void set_number(napi_env env, napi_value object, const char* name, int number) {
  napi_value value = nullptr;
  napi_create_int32(env, number, &value);
  napi_set_named_property(env, object, name, value);
}

}  // namespace

// openBackup(connection, schema, file) -> backup
napi_value open_backup(napi_env env, napi_callback_info info) {
  auto values = arguments(env, info, 3);
  auto connection = connection_of(env, values[0]);
  std::string schema;
  std::string file;
  if (!connection || !get_text(env, values[1], schema) || !get_text(env, values[2], file)) return nullptr;
  auto backup = std::make_unique<Backup>();
  backup->source = connection;
  const int code = sqlite3_open_v2(file.c_str(), &backup->target.handle,
                                   SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_URI, nullptr);
  if (code != SQLITE_OK) return throw_error(env, backup->target.handle, code);
  sqlite3_extended_result_codes(backup->target.handle, 1);
  backup->handle = sqlite3_backup_init(backup->target.handle, "main", connection->handle, schema.c_str());
  if (backup->handle == nullptr) return throw_error(env, backup->target.handle, SQLITE_ERROR);
  napi_value result = nullptr;
  napi_create_external(
      env, backup.release(), [](napi_env, void* data, void*) { delete static_cast<Backup*>(data); }, nullptr, &result);
  napi_type_tag_object(env, result, &backup_tag);
  return result;
}

// transferBackup(backup, pages) -> {totalPages, remainingPages, isDone}; a locked database is no progress and no error
napi_value transfer_backup(napi_env env, napi_callback_info info) {
  auto values = arguments(env, info, 2);
  Backup* backup = backup_of(env, values[0]);
  if (backup == nullptr || backup->handle == nullptr || backup->source->handle == nullptr) {
    throw_type_error(env, "The database connection is not open");
    return nullptr;
  }
  const int code = sqlite3_backup_step(backup->handle, static_cast<int>(get_int(env, values[1])));
  if (code != SQLITE_OK && code != SQLITE_DONE && code != SQLITE_BUSY && code != SQLITE_LOCKED) {
    return throw_error(env, nullptr, code);
  }
  napi_value result = nullptr;
  napi_create_object(env, &result);
  set_number(env, result, "totalPages", sqlite3_backup_pagecount(backup->handle));
  set_number(env, result, "remainingPages", sqlite3_backup_remaining(backup->handle));
  napi_set_named_property(env, result, "isDone", make_bool(env, code == SQLITE_DONE));
  return result;
}

// closeBackup(backup): before its end the target is as it was
napi_value close_backup(napi_env env, napi_callback_info info) {
  Backup* backup = backup_of(env, arguments(env, info, 1)[0]);
  if (backup != nullptr) backup->close();
  return make_undefined(env);
}

}  // namespace keelback::node
