#include "iterator.hpp"

#include "../error.hpp"
#include "../guard.hpp"

using namespace keelback::capi;

namespace {

constexpr size_t most_columns = 32767;

bool read_varint(std::string_view& bytes, uint32_t& number) {
  uint64_t found = 0;
  for (size_t at = 0; at < bytes.size() && at < 5; ++at) {
    const auto byte = static_cast<uint8_t>(bytes[at]);
    found = found << 7 | (byte & 0x7F);
    if (byte >= 0x80) continue;
    bytes.remove_prefix(at + 1);
    number = static_cast<uint32_t>(found);
    return found <= 0x7FFFFFFF;
  }
  return false;
}

}  // namespace

int sqlite3_changeset_iter::read_header() {
  rest.remove_prefix(1);
  uint32_t width = 0;
  if (!read_varint(rest, width) || width == 0 || width > most_columns || width > rest.size()) return SQLITE_CORRUPT;
  table.keys.assign(rest.begin(), rest.begin() + width);
  rest.remove_prefix(width);
  const size_t end = rest.find('\0');
  if (end == std::string_view::npos) return SQLITE_CORRUPT;
  table.name = rest.substr(0, end);
  rest.remove_prefix(end + 1);
  has_table = true;
  ++headers;
  return SQLITE_OK;
}

int sqlite3_changeset_iter::read_value(std::optional<sqlite3_value>& value) {
  if (rest.empty()) return SQLITE_CORRUPT;
  const char type = rest[0];
  if (type == undefined_value) {
    rest.remove_prefix(1);
    return SQLITE_OK;
  }
  value.emplace();
  switch (type) {
    case SQLITE_INTEGER:
    case SQLITE_FLOAT:
      if (rest.size() < 9) return SQLITE_CORRUPT;
      if (type == SQLITE_INTEGER) {
        value->set_integer(integer_in(rest));
      } else {
        value->set_real(real_in(rest));
      }
      rest.remove_prefix(9);
      return SQLITE_OK;
    case SQLITE_TEXT:
    case SQLITE_BLOB: {
      rest.remove_prefix(1);
      uint32_t size = 0;
      if (!read_varint(rest, size) || size > rest.size()) return SQLITE_CORRUPT;
      std::string content(rest.substr(0, size));
      rest.remove_prefix(size);
      if (type == SQLITE_TEXT) {
        value->set_text(std::move(content));
      } else {
        value->set_blob(std::move(content));
      }
      return SQLITE_OK;
    }
    case SQLITE_NULL:
      rest.remove_prefix(1);
      return SQLITE_OK;
    default:
      return SQLITE_CORRUPT;
  }
}

int sqlite3_changeset_iter::read_row(Row& row, bool is_key_only) {
  for (size_t place = 0; place < table.width(); ++place) {
    if (is_key_only && table.keys[place] == 0) continue;
    if (const int code = read_value(row[place]); code != SQLITE_OK) return code;
  }
  return SQLITE_OK;
}

// What takes the change back.
void sqlite3_changeset_iter::invert() {
  old_row.swap(new_row);
  if (operation != SQLITE_UPDATE) {
    operation = operation == SQLITE_INSERT ? SQLITE_DELETE : SQLITE_INSERT;
    return;
  }
  // The key stands with the old values.
  for (size_t place = 0; place < table.width(); ++place) {
    if (table.keys[place] != 0 && !old_row[place]) old_row[place].swap(new_row[place]);
  }
}

int sqlite3_changeset_iter::next() {
  if (error != SQLITE_OK) return error;
  old_row.clear();
  new_row.clear();
  while (!rest.empty() && (rest[0] == 'T' || rest[0] == 'P')) {
    is_patchset = rest[0] == 'P';
    if (const int code = read_header(); code != SQLITE_OK) return fail(code);
  }
  if (rest.empty()) return SQLITE_DONE;
  // A patchset does not say what was there before.
  if (!has_table || rest.size() < 2 || (is_patchset && is_inverse)) return fail(SQLITE_CORRUPT);
  operation = static_cast<uint8_t>(rest[0]);
  is_indirect = rest[1] != 0;
  if (operation != SQLITE_INSERT && operation != SQLITE_DELETE && operation != SQLITE_UPDATE) {
    return fail(SQLITE_CORRUPT);
  }
  rest.remove_prefix(2);
  const std::string_view start = rest;
  old_row.resize(table.width());
  new_row.resize(table.width());
  int code = SQLITE_OK;
  if (operation == SQLITE_DELETE || (operation == SQLITE_UPDATE && !is_patchset)) {
    code = read_row(old_row, operation == SQLITE_DELETE && is_patchset);
  }
  if (code == SQLITE_OK && operation != SQLITE_DELETE) code = read_row(new_row, false);
  if (code != SQLITE_OK) return fail(code);
  record_ = start.substr(0, start.size() - rest.size());
  if (is_patchset && operation == SQLITE_UPDATE) {
    for (size_t place = 0; place < table.width(); ++place) {
      if (table.keys[place] == 0) continue;
      if (!new_row[place]) return fail(SQLITE_CORRUPT);
      old_row[place].swap(new_row[place]);
    }
  }
  // Old values of columns that do not change are not looked at; old rebasers made such.
  if (!is_patchset && operation == SQLITE_UPDATE) {
    for (size_t place = 0; place < table.width(); ++place) {
      if (table.keys[place] == 0 && !new_row[place]) old_row[place].reset();
    }
  }
  // A change without its key leads nowhere.
  for (size_t place = 0; place < table.width(); ++place) {
    const Row& row = operation == SQLITE_INSERT ? new_row : old_row;
    if (table.keys[place] != 0 && !row[place]) return fail(SQLITE_CORRUPT);
  }
  if (is_inverse) invert();
  return SQLITE_ROW;
}

namespace {

int start(sqlite3_changeset_iter** out, std::string bytes, int flags) {
  auto made = std::make_unique<sqlite3_changeset_iter>();
  made->owned = std::move(bytes);
  made->rest = made->owned;
  made->is_inverse = (flags & SQLITE_CHANGESETSTART_INVERT) != 0;
  *out = made.release();
  return SQLITE_OK;
}

// The program keeps the bytes.
int start_at(sqlite3_changeset_iter** out, int size, void* bytes, int flags) {
  if (out == nullptr || size < 0 || (bytes == nullptr && size > 0)) return misuse("sqlite3changeset_start");
  *out = nullptr;
  return guard(SQLITE_NOMEM, [&] {
    const bool is_inverse = (flags & SQLITE_CHANGESETSTART_INVERT) != 0;
    const std::string_view view(static_cast<const char*>(bytes), static_cast<size_t>(size));
    *out = std::make_unique<sqlite3_changeset_iter>(view, is_inverse).release();
    return SQLITE_OK;
  });
}

int start_streaming(sqlite3_changeset_iter** out, int (*read)(void*, void*, int*), void* context, int flags) {
  if (out == nullptr || read == nullptr) return misuse("sqlite3changeset_start_strm");
  *out = nullptr;
  return guard(SQLITE_NOMEM, [&] {
    std::string bytes;
    if (const int code = stream_in(read, context, bytes); code != SQLITE_OK) return code;
    return start(out, std::move(bytes), flags);
  });
}

int value_at(sqlite3_changeset_iter::Row& row, int place, sqlite3_value** out) {
  if (place < 0 || static_cast<size_t>(place) >= row.size()) return SQLITE_RANGE;
  std::optional<sqlite3_value>& value = row[static_cast<size_t>(place)];
  *out = value ? &*value : nullptr;
  return SQLITE_OK;
}

}  // namespace

extern "C" {

int sqlite3changeset_start(sqlite3_changeset_iter** out, int size, void* bytes) {
  return start_at(out, size, bytes, 0);
}

int sqlite3changeset_start_v2(sqlite3_changeset_iter** out, int size, void* bytes, int flags) {
  return start_at(out, size, bytes, flags);
}

int sqlite3changeset_start_strm(sqlite3_changeset_iter** out, int (*read)(void*, void*, int*), void* context) {
  return start_streaming(out, read, context, 0);
}

int sqlite3changeset_start_v2_strm(sqlite3_changeset_iter** out, int (*read)(void*, void*, int*), void* context,
                                   int flags) {
  return start_streaming(out, read, context, flags);
}

int sqlite3changeset_next(sqlite3_changeset_iter* iterator) {
  if (iterator == nullptr || iterator->conflict != nullptr) return misuse("sqlite3changeset_next");
  return guard(SQLITE_NOMEM, [&] { return iterator->next(); });
}

int sqlite3changeset_op(sqlite3_changeset_iter* iterator, const char** table, int* width, int* operation,
                        int* is_indirect) {
  if (iterator == nullptr) return misuse("sqlite3changeset_op");
  *operation = iterator->operation;
  *width = static_cast<int>(iterator->table.width());
  *table = iterator->table.name.c_str();
  if (is_indirect != nullptr) *is_indirect = iterator->is_indirect ? 1 : 0;
  return SQLITE_OK;
}

int sqlite3changeset_pk(sqlite3_changeset_iter* iterator, unsigned char** keys, int* width) {
  if (iterator == nullptr) return misuse("sqlite3changeset_pk");
  *keys = iterator->table.keys.data();
  if (width != nullptr) *width = static_cast<int>(iterator->table.width());
  return SQLITE_OK;
}

int sqlite3changeset_old(sqlite3_changeset_iter* iterator, int column, sqlite3_value** out) {
  if (iterator == nullptr || (iterator->operation != SQLITE_UPDATE && iterator->operation != SQLITE_DELETE)) {
    return misuse("sqlite3changeset_old");
  }
  return value_at(iterator->old_row, column, out);
}

int sqlite3changeset_new(sqlite3_changeset_iter* iterator, int column, sqlite3_value** out) {
  if (iterator == nullptr || (iterator->operation != SQLITE_UPDATE && iterator->operation != SQLITE_INSERT)) {
    return misuse("sqlite3changeset_new");
  }
  return value_at(iterator->new_row, column, out);
}

int sqlite3changeset_conflict(sqlite3_changeset_iter* iterator, int column, sqlite3_value** out) {
  if (iterator == nullptr || iterator->conflict == nullptr) return misuse("sqlite3changeset_conflict");
  if (column < 0 || static_cast<size_t>(column) >= iterator->table.width()) return SQLITE_RANGE;
  *out = sqlite3_column_value(iterator->conflict, column);
  return SQLITE_OK;
}

int sqlite3changeset_fk_conflicts(sqlite3_changeset_iter* iterator, int* count) {
  if (iterator == nullptr || !iterator->broken_keys) return misuse("sqlite3changeset_fk_conflicts");
  *count = *iterator->broken_keys;
  return SQLITE_OK;
}

int sqlite3changeset_finalize(sqlite3_changeset_iter* iterator) {
  if (iterator == nullptr) return SQLITE_OK;
  const std::unique_ptr<sqlite3_changeset_iter> owned(iterator);
  return owned->error;
}

}  // extern "C"
