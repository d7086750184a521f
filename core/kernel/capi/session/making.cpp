// sqlite3changegroup_change_*: a change that a program makes itself, value by value, for its change group.
//
// 1. One change is at work at a time; finishing it, also with an error, makes room for the next.
//
// Source: https://sqlite.org/session/changegroup_change_begin.html
#include <bit>
#include <cstring>
#include <string>
#include <utility>

#include "../error.hpp"
#include "../guard.hpp"
#include "../memory.hpp"
#include "group.hpp"

using namespace keelback::capi;

namespace {

std::string count_text(size_t number) { return std::to_string(number); }

const char* defined_word(const std::string& value) { return value.empty() ? "undefined" : "defined"; }

bool is_null(const std::string& value) { return value.size() == 1; }

// What is wrong with the change; empty if nothing is.
std::string fault_of_update(const ChangeAtWork& change, bool is_patchset) {
  const std::vector<uint8_t>& keys = change.table->keys;
  for (size_t place = 0; place < keys.size(); ++place) {
    const std::string& old_value = change.values[place];
    const std::string& new_value = change.values[place + keys.size()];
    if (keys[place] != 0) {
      if (old_value.empty()) return "invalid change: undefined value in PK of old.* record";
      if (is_null(old_value)) return "invalid change: null value in PK of old.* record";
      if (!new_value.empty()) return "invalid change: defined value in PK of new.* record";
    } else if (!is_patchset && old_value.empty() != new_value.empty()) {
      return "invalid change: column " + count_text(place) + " - old.* value is " + defined_word(old_value) +
             " but new.* is " + defined_word(new_value);
    }
  }
  return {};
}

std::string fault_of_row(const ChangeAtWork& change, bool is_patchset) {
  const std::vector<uint8_t>& keys = change.table->keys;
  for (size_t place = 0; place < keys.size(); ++place) {
    const bool is_key = keys[place] != 0;
    const bool is_needed = change.operation == SQLITE_INSERT || !is_patchset || is_key;
    if (is_needed && change.values[place].empty()) {
      return "invalid change: column " + count_text(place) + " is undefined";
    }
    if (is_key && is_null(change.values[place])) return "invalid change: null value in PK";
  }
  return {};
}

void append_defined(std::string& out, const std::string& value) {
  if (value.empty()) {
    out.push_back(undefined_value);
  } else {
    out += value;
  }
}

std::string record_of(const ChangeAtWork& change, bool is_patchset) {
  const size_t width = change.table->width();
  std::string record;
  if (!is_patchset) {
    for (const std::string& value : change.values) append_defined(record, value);
    return record;
  }
  for (size_t place = 0; place < width; ++place) {
    const bool is_key = change.table->keys[place] != 0;
    if (!is_key && change.operation == SQLITE_DELETE) continue;
    const bool is_new = !is_key && change.operation == SQLITE_UPDATE;
    append_defined(record, change.values[place + (is_new ? width : 0)]);
  }
  return record;
}

int begin(sqlite3_changegroup& group, int operation, const char* name, bool is_indirect, char** message) {
  if (group.at_work.table != nullptr) return misuse("sqlite3changegroup_change_begin");
  if (operation != SQLITE_INSERT && operation != SQLITE_UPDATE && operation != SQLITE_DELETE) return SQLITE_ERROR;
  GroupTable* table = nullptr;
  if (const int code = group.find_table(name, nullptr, table); code != SQLITE_OK) return code;
  if (table == nullptr) {
    if (message != nullptr) *message = copy_to_heap("no such table: " + std::string(name));
    return SQLITE_ERROR;
  }
  std::vector<std::string> values(table->width() * (operation == SQLITE_UPDATE ? 2 : 1));
  group.at_work = {table, operation, is_indirect, std::move(values)};
  return SQLITE_OK;
}

int put_value(sqlite3_changegroup* group, int is_new, int column, std::string value) {
  if (group == nullptr || group->at_work.table == nullptr) return misuse("sqlite3changegroup_change_int64");
  ChangeAtWork& change = group->at_work;
  const size_t width = change.table->width();
  if (column < 0 || static_cast<size_t>(column) >= width) return SQLITE_RANGE;
  if (change.operation == (is_new != 0 ? SQLITE_DELETE : SQLITE_INSERT)) return SQLITE_ERROR;
  const bool is_behind = is_new != 0 && change.operation == SQLITE_UPDATE;
  change.values[static_cast<size_t>(column) + (is_behind ? width : 0)] = std::move(value);
  return SQLITE_OK;
}

int put_bytes(sqlite3_changegroup* group, int is_new, int column, int type, const void* bytes, size_t size) {
  return guard(SQLITE_NOMEM, [&] {
    std::string value(1, static_cast<char>(type));
    append_varint(value, static_cast<uint32_t>(size));
    if (size > 0) value.append(static_cast<const char*>(bytes), size);
    return put_value(group, is_new, column, std::move(value));
  });
}

int finish(sqlite3_changegroup& group, bool is_discarded, char** message) {
  const ChangeAtWork change = std::exchange(group.at_work, {});
  if (change.table == nullptr || is_discarded) return SQLITE_OK;
  const bool is_update = change.operation == SQLITE_UPDATE;
  const std::string fault =
      is_update ? fault_of_update(change, group.is_patchset) : fault_of_row(change, group.is_patchset);
  if (!fault.empty()) {
    if (message != nullptr) *message = copy_to_heap(fault);
    return SQLITE_ERROR;
  }
  auto made = std::make_unique<Change>();
  made->operation = change.operation;
  made->is_indirect = change.is_indirect;
  made->record = record_of(change, group.is_patchset);
  group.put(*change.table, std::move(made));
  return SQLITE_OK;
}

}  // namespace

extern "C" {

int sqlite3changegroup_change_begin(sqlite3_changegroup* group, int operation, const char* table, int is_indirect,
                                    char** message) {
  if (message != nullptr) *message = nullptr;
  if (group == nullptr || table == nullptr) return misuse("sqlite3changegroup_change_begin");
  return guard(SQLITE_NOMEM, [&] { return begin(*group, operation, table, is_indirect != 0, message); });
}

int sqlite3changegroup_change_int64(sqlite3_changegroup* group, int is_new, int column, sqlite3_int64 number) {
  return guard(SQLITE_NOMEM, [&] {
    std::string value(1, SQLITE_INTEGER);
    append_integer(value, number);
    return put_value(group, is_new, column, std::move(value));
  });
}

int sqlite3changegroup_change_null(sqlite3_changegroup* group, int is_new, int column) {
  return guard(SQLITE_NOMEM, [&] { return put_value(group, is_new, column, std::string(1, SQLITE_NULL)); });
}

int sqlite3changegroup_change_double(sqlite3_changegroup* group, int is_new, int column, double number) {
  return guard(SQLITE_NOMEM, [&] {
    std::string value(1, SQLITE_FLOAT);
    append_integer(value, std::bit_cast<int64_t>(number));
    return put_value(group, is_new, column, std::move(value));
  });
}

int sqlite3changegroup_change_text(sqlite3_changegroup* group, int is_new, int column, const char* text, int size) {
  if (text == nullptr && size != 0) return misuse("sqlite3changegroup_change_text");
  return put_bytes(group, is_new, column, SQLITE_TEXT, text, size >= 0 ? static_cast<size_t>(size) : std::strlen(text));
}

int sqlite3changegroup_change_blob(sqlite3_changegroup* group, int is_new, int column, const void* bytes, int size) {
  if (size < 0 || (bytes == nullptr && size > 0)) return misuse("sqlite3changegroup_change_blob");
  return put_bytes(group, is_new, column, SQLITE_BLOB, bytes, static_cast<size_t>(size));
}

int sqlite3changegroup_change_finish(sqlite3_changegroup* group, int is_discarded, char** message) {
  if (message != nullptr) *message = nullptr;
  if (group == nullptr) return misuse("sqlite3changegroup_change_finish");
  return guard(SQLITE_NOMEM, [&] { return finish(*group, is_discarded != 0, message); });
}

}  // extern "C"
