// sqlite3_bind_*: parameters are copied into the statement; the engine gets them at the next step.
#include <cstring>
#include <utility>

#include "error.hpp"
#include "guard.hpp"
#include "statement.hpp"
#include "text.hpp"

using namespace keelback::capi;

namespace {

using Destroy = void (*)(void*);

// Checks the handle and the index, then lets `set` change the parameter. `data` is given back if that was agreed.
template <typename Set>
int bind(sqlite3_stmt* statement, int index, const void* data, Destroy destroy, Set&& set) {
  const auto release = [&] {
    if (data != nullptr && destroy != SQLITE_STATIC && destroy != SQLITE_TRANSIENT) destroy(const_cast<void*>(data));
  };
  if (!is_usable(statement)) {
    release();
    return misuse("sqlite3_bind");
  }
  const int code = guard_connection(statement->db, [&] {
    sqlite3* db = statement->db;
    Lock lock(db->mutex);
    if (statement->phase != sqlite3_stmt::Phase::ready) {
      const std::string what = "bind on a busy prepared statement: [" + std::string(statement->sql) + "]";
      return db->fail(misuse(what.c_str()));
    }
    if (index < 1 || static_cast<size_t>(index) > statement->parameters.size()) return db->fail(SQLITE_RANGE);
    if (!statement->pointers.empty()) statement->forget_pointers(static_cast<size_t>(index));
    std::erase(statement->zero_blobs, static_cast<size_t>(index));
    const int result = set(statement->parameters[static_cast<size_t>(index) - 1], *db);
    statement->are_parameters_dirty = true;
    return result == SQLITE_OK ? db->succeed() : db->fail(result);
  });
  release();
  return code;
}

int bind_text(sqlite3_stmt* statement, int index, const void* data, long long size, int encoding, Destroy destroy) {
  return bind(statement, index, data, destroy, [&](keelback::OwnedValue& value, const sqlite3& db) {
    if (data == nullptr) {
      value.assign(keelback::Value());
      return SQLITE_OK;
    }
    if (size > db.limits[SQLITE_LIMIT_LENGTH]) return SQLITE_TOOBIG;
    if (encoding == SQLITE_UTF8) {
      const auto* text = static_cast<const char*>(data);
      const size_t length = size < 0 ? std::strlen(text) : static_cast<size_t>(size);
      if (length > static_cast<size_t>(db.limits[SQLITE_LIMIT_LENGTH])) return SQLITE_TOOBIG;
      value.assign(keelback::Value::of_text({text, length}));
    } else {
      value.adopt(utf8_from_encoding(data, size, encoding), keelback::Type::text);
    }
    return SQLITE_OK;
  });
}

int bind_blob(sqlite3_stmt* statement, int index, const void* data, sqlite3_uint64 size, Destroy destroy) {
  return bind(statement, index, data, destroy, [&](keelback::OwnedValue& value, const sqlite3& db) {
    if (data == nullptr) {
      value.assign(keelback::Value());
      return SQLITE_OK;
    }
    if (size > static_cast<sqlite3_uint64>(db.limits[SQLITE_LIMIT_LENGTH])) return SQLITE_TOOBIG;
    value.assign(keelback::Value::of_blob(std::string_view(static_cast<const char*>(data), size)));
    return SQLITE_OK;
  });
}

int bind_copy(sqlite3_stmt* statement, int index, const keelback::Value& bound) {
  return bind(statement, index, nullptr, nullptr, [&](keelback::OwnedValue& value, const sqlite3&) {
    value.assign(bound);
    return SQLITE_OK;
  });
}

constexpr sqlite3_uint64 absurd_size = 0x7FFFFFFFFFFFFFFFULL;

}  // namespace

extern "C" {

int sqlite3_bind_blob(sqlite3_stmt* statement, int index, const void* data, int size, Destroy destroy) {
  if (size < 0) return misuse("sqlite3_bind_blob: size");
  return bind_blob(statement, index, data, static_cast<sqlite3_uint64>(size), destroy);
}

int sqlite3_bind_blob64(sqlite3_stmt* statement, int index, const void* data, sqlite3_uint64 size, Destroy destroy) {
  return bind_blob(statement, index, data, size, destroy);
}

int sqlite3_bind_double(sqlite3_stmt* statement, int index, double real) {
  return bind_copy(statement, index, keelback::Value::of_real(real));
}

int sqlite3_bind_int(sqlite3_stmt* statement, int index, int integer) {
  return bind_copy(statement, index, keelback::Value::of_integer(integer));
}

int sqlite3_bind_int64(sqlite3_stmt* statement, int index, sqlite3_int64 integer) {
  return bind_copy(statement, index, keelback::Value::of_integer(integer));
}

int sqlite3_bind_null(sqlite3_stmt* statement, int index) { return bind_copy(statement, index, keelback::Value()); }

int sqlite3_bind_text(sqlite3_stmt* statement, int index, const char* text, int size, Destroy destroy) {
  return bind_text(statement, index, text, size, SQLITE_UTF8, destroy);
}

int sqlite3_bind_text64(sqlite3_stmt* statement, int index, const char* text, sqlite3_uint64 size, Destroy destroy,
                        unsigned char encoding) {
  if (encoding == SQLITE_UTF16) encoding = SQLITE_UTF16LE;
  if (encoding == SQLITE_UTF8_ZT) encoding = SQLITE_UTF8;
  return bind_text(statement, index, text, static_cast<long long>(std::min(size, absurd_size)), encoding, destroy);
}

int sqlite3_bind_text16(sqlite3_stmt* statement, int index, const void* text, int size, Destroy destroy) {
  return bind_text(statement, index, text, size, SQLITE_UTF16LE, destroy);
}

// To SQL it is NULL.
int sqlite3_bind_pointer(sqlite3_stmt* statement, int index, void* pointer, const char* type, Destroy destroy) {
  const int code = bind(statement, index, nullptr, nullptr, [&](keelback::OwnedValue& value, const sqlite3&) {
    statement->pointers.reserve(statement->pointers.size() + 1);
    const int64_t number = statement->db->pointers.keep({pointer, type != nullptr ? type : "", destroy});
    statement->pointers.push_back({static_cast<size_t>(index), number});
    value.assign(keelback::Value::of_pointer(number));
    return SQLITE_OK;
  });
  if (code != SQLITE_OK && destroy != nullptr) destroy(pointer);
  return code;
}

int sqlite3_bind_value(sqlite3_stmt* statement, int index, const sqlite3_value* source) {
  return bind_copy(statement, index, source == nullptr ? keelback::Value() : source->view());
}

int sqlite3_bind_zeroblob64(sqlite3_stmt* statement, int index, sqlite3_uint64 size) {
  return bind(statement, index, nullptr, nullptr, [&](keelback::OwnedValue& value, const sqlite3& db) {
    if (size > static_cast<sqlite3_uint64>(db.limits[SQLITE_LIMIT_LENGTH])) return SQLITE_TOOBIG;
    statement->zero_blobs.push_back(static_cast<size_t>(index));
    value.adopt(std::string(size, '\0'), keelback::Type::blob);
    return SQLITE_OK;
  });
}

int sqlite3_bind_zeroblob(sqlite3_stmt* statement, int index, int size) {
  return sqlite3_bind_zeroblob64(statement, index, size < 0 ? 0 : static_cast<sqlite3_uint64>(size));
}

int sqlite3_bind_parameter_count(sqlite3_stmt* statement) {
  return is_usable(statement) ? static_cast<int>(statement->description.parameter_names.size()) : 0;
}

const char* sqlite3_bind_parameter_name(sqlite3_stmt* statement, int index) {
  if (!is_usable(statement)) return nullptr;
  const auto& names = statement->description.parameter_names;
  if (index < 1 || static_cast<size_t>(index) > names.size()) return nullptr;
  const auto& name = names[static_cast<size_t>(index) - 1];
  return name.has_value() ? name->data() : nullptr;
}

int sqlite3_bind_parameter_index(sqlite3_stmt* statement, const char* name) {
  if (!is_usable(statement) || name == nullptr) return 0;
  const auto& names = statement->description.parameter_names;
  for (size_t at = 0; at < names.size(); ++at) {
    if (names[at].has_value() && *names[at] == name) return static_cast<int>(at) + 1;
  }
  return 0;
}

int sqlite3_clear_bindings(sqlite3_stmt* statement) {
  if (!is_usable(statement)) return misuse("sqlite3_clear_bindings");
  Lock lock(statement->db->mutex);
  for (keelback::OwnedValue& parameter : statement->parameters) parameter.assign(keelback::Value());
  statement->forget_pointers();
  statement->zero_blobs.clear();
  statement->are_parameters_dirty = true;
  return SQLITE_OK;
}

int sqlite3_transfer_bindings(sqlite3_stmt* from, sqlite3_stmt* to) {
  if (!is_usable(from) || !is_usable(to)) return misuse("sqlite3_transfer_bindings");
  if (from->parameters.size() != to->parameters.size()) return SQLITE_ERROR;
  return guard(SQLITE_NOMEM, [&] {
    Lock lock(from->db->mutex);
    if (from->db != to->db || to->phase != sqlite3_stmt::Phase::ready) return SQLITE_MISUSE;
    to->forget_pointers();
    to->parameters = from->parameters;
    to->pointers.swap(from->pointers);
    to->zero_blobs = std::exchange(from->zero_blobs, {});
    to->are_parameters_dirty = true;
    for (keelback::OwnedValue& parameter : from->parameters) parameter.assign(keelback::Value());
    from->are_parameters_dirty = true;
    return SQLITE_OK;
  });
}

}  // extern "C"
