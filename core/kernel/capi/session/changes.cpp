// Changesets and patchsets out of a session: the rows as they were at first, held against the rows that are there now.
#include <algorithm>

#include "../database.hpp"
#include "../error.hpp"
#include "../guard.hpp"
#include "session.hpp"

using namespace keelback::capi;

namespace {

// Whether the column of the row is no longer this value.
bool is_changed(sqlite3_stmt* row, int column, std::string_view value) {
  // Both zeros are one.
  if (value[0] == SQLITE_FLOAT && sqlite3_column_type(row, column) == SQLITE_FLOAT) {
    return real_in(value) != sqlite3_column_double(row, column);
  }
  std::string now;
  append_column(now, row, column);
  return now != value;
}

// Nothing where the row is what it was.
void append_update(std::string& out, bool is_patchset, sqlite3_stmt* row, const Change& change,
                   const std::vector<uint8_t>& keys) {
  std::string old_record, new_record;
  bool is_needed = false;
  std::string_view record = change.record;
  for (size_t place = 0; place < keys.size(); ++place) {
    const std::string_view value = first_value(record);
    record.remove_prefix(value.size());
    const int column = static_cast<int>(place);
    const bool is_other = is_changed(row, column, value);
    is_needed = is_needed || is_other;
    if (is_other || keys[place] != 0) {
      old_record.append(value);
    } else {
      old_record.push_back(undefined_value);
    }
    if (is_other || (is_patchset && keys[place] != 0)) {
      append_column(new_record, row, column);
    } else {
      new_record.push_back(undefined_value);
    }
  }
  if (!is_needed) return;
  out.push_back(SQLITE_UPDATE);
  out.push_back(change.is_indirect ? 1 : 0);
  if (!is_patchset) out.append(old_record);
  out.append(new_record);
}

void append_delete(std::string& out, bool is_patchset, const Change& change, const std::vector<uint8_t>& keys) {
  out.push_back(SQLITE_DELETE);
  out.push_back(change.is_indirect ? 1 : 0);
  if (!is_patchset) {
    out.append(change.record);
    return;
  }
  std::string_view record = change.record;
  for (const uint8_t key : keys) {
    const std::string_view value = first_value(record);
    record.remove_prefix(value.size());
    if (key != 0) out.append(value);
  }
}

int append_now(std::string& out, bool is_patchset, sqlite3_stmt* select, const Change& change,
               const std::vector<uint8_t>& keys) {
  std::string_view record = change.record;
  for (size_t place = 0; place < keys.size(); ++place) {
    const std::string_view value = first_value(record);
    record.remove_prefix(value.size());
    if (keys[place] == 0) continue;
    if (const int code = bind_bytes(select, static_cast<int>(place) + 1, value); code != SQLITE_OK) return code;
  }
  if (sqlite3_step(select) == SQLITE_ROW) {
    if (change.operation == SQLITE_INSERT) {
      out.push_back(SQLITE_INSERT);
      out.push_back(change.is_indirect ? 1 : 0);
      for (size_t place = 0; place < keys.size(); ++place) append_column(out, select, static_cast<int>(place));
    } else {
      append_update(out, is_patchset, select, change, keys);
    }
  } else if (change.operation != SQLITE_INSERT) {
    append_delete(out, is_patchset, change, keys);
  }
  return sqlite3_reset(select);
}

// Changes from before a column was added get its default value.
int widen_changes(sqlite3* db, WatchedTable& table) {
  bool has_narrow = false;
  for (const auto& bucket : table.buckets) {
    for (const Change* change = bucket.get(); change != nullptr; change = change->next.get()) {
      has_narrow = has_narrow || change->width != table.width();
    }
  }
  if (!has_narrow) return SQLITE_OK;
  std::vector<std::string> defaults;
  if (const int code = read_defaults(db, table.facts, defaults); code != SQLITE_OK) return code;
  for (const auto& bucket : table.buckets) {
    for (Change* change = bucket.get(); change != nullptr; change = change->next.get()) {
      std::string record = change->record;
      for (size_t place = change->width; place < table.width(); ++place) record += defaults[place];
      change->record = std::move(record);
      change->width = table.width();
    }
  }
  return SQLITE_OK;
}

int write_table(sqlite3_session& session, WatchedTable& table, bool is_patchset, std::string& out) {
  if (const int code = session.learn_again(table); code != SQLITE_OK) return session.error = code;
  if (const int code = widen_changes(session.db, table); code != SQLITE_OK) return session.error = code;
  const size_t start = out.size();
  append_header(out, table, is_patchset);
  const size_t first = out.size();
  PreparedText select;
  const std::string sql = select_by_key(session.schema, table.name, table.facts);
  if (const int code = select.prepare(session.db, sql); code != SQLITE_OK) return code;
  for (const auto& bucket : table.buckets) {
    for (const Change* change = bucket.get(); change != nullptr; change = change->next.get()) {
      const int code = append_now(out, is_patchset, select.get(), *change, table.keys);
      if (code != SQLITE_OK) return code;
    }
  }
  if (out.size() == first) out.resize(start);
  return SQLITE_OK;
}

int write_changes(sqlite3_session* session, bool is_patchset, std::string& out) {
  Lock lock(session->db->mutex);
  return session->write(is_patchset, out);
}

}  // namespace

int sqlite3_session::write(bool is_patchset, std::string& out) {
  if (error != SQLITE_OK) return error;
  int code = sqlite3_exec(db, "SAVEPOINT changeset", nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return code;
  for (const auto& table : tables) {
    if (table->change_count == 0) continue;
    code = write_table(*this, *table, is_patchset, out);
    if (code != SQLITE_OK) break;
  }
  sqlite3_exec(db, "RELEASE changeset", nullptr, nullptr, nullptr);
  return code;
}

extern "C" {

int sqlite3session_changeset(sqlite3_session* session, int* size, void** out) {
  if (session == nullptr || size == nullptr || out == nullptr) return misuse("sqlite3session_changeset");
  *size = 0;
  *out = nullptr;
  return guard(SQLITE_NOMEM, [&] {
    std::string bytes;
    const int code = write_changes(session, false, bytes);
    return code == SQLITE_OK ? hand_out(bytes, size, out) : code;
  });
}

int sqlite3session_patchset(sqlite3_session* session, int* size, void** out) {
  if (session == nullptr || size == nullptr || out == nullptr) return misuse("sqlite3session_patchset");
  *size = 0;
  *out = nullptr;
  return guard(SQLITE_NOMEM, [&] {
    std::string bytes;
    const int code = write_changes(session, true, bytes);
    return code == SQLITE_OK ? hand_out(bytes, size, out) : code;
  });
}

int sqlite3session_changeset_strm(sqlite3_session* session, int (*write)(void*, const void*, int), void* context) {
  if (session == nullptr || write == nullptr) return misuse("sqlite3session_changeset_strm");
  return guard(SQLITE_NOMEM, [&] {
    std::string bytes;
    const int code = write_changes(session, false, bytes);
    return code == SQLITE_OK ? stream_out(bytes, write, context) : code;
  });
}

int sqlite3session_patchset_strm(sqlite3_session* session, int (*write)(void*, const void*, int), void* context) {
  if (session == nullptr || write == nullptr) return misuse("sqlite3session_patchset_strm");
  return guard(SQLITE_NOMEM, [&] {
    std::string bytes;
    const int code = write_changes(session, true, bytes);
    return code == SQLITE_OK ? stream_out(bytes, write, context) : code;
  });
}

// An upper limit is promised; this is the size itself.
sqlite3_int64 sqlite3session_changeset_size(sqlite3_session* session) {
  if (session == nullptr || !session->tells_size) return 0;
  return guard<sqlite3_int64>(0, [&] {
    std::string bytes;
    return write_changes(session, false, bytes) == SQLITE_OK ? static_cast<sqlite3_int64>(bytes.size()) : 0;
  });
}

}  // extern "C"
