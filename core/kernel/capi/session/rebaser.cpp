// sqlite3_rebaser: local changesets made over, so that they apply to a database that other changes came into first.
//
// 1. It is told (sqlite3rebaser_configure) how the conflicts of those other changes were answered, by what
//    sqlite3changeset_apply_v2 gave as rebase information.
// 2. Only changesets can be rebased, as a patchset does not say what was there before.
//
// Source: https://sqlite.org/session/rebaser.html
#include "../error.hpp"
#include "../guard.hpp"
#include "group.hpp"
#include "merge.hpp"

using namespace keelback::capi;

struct sqlite3_rebaser {
 public:
  int rebase(sqlite3_changeset_iter& changes, std::string& out);

  sqlite3_changegroup told{true};

 private:
  static void append(std::string& out, int operation, bool is_indirect, std::string_view record);
  static void rebase_change(std::string& out, const sqlite3_changeset_iter& change, const Change& told);
};

void sqlite3_rebaser::append(std::string& out, int operation, bool is_indirect, std::string_view record) {
  out.push_back(static_cast<char>(operation));
  out.push_back(is_indirect ? 1 : 0);
  out.append(record);
}

// told.is_indirect: the other side's row has won.
void sqlite3_rebaser::rebase_change(std::string& out, const sqlite3_changeset_iter& change, const Change& told) {
  const size_t width = change.table.width();
  const bool is_there = told.operation == SQLITE_INSERT;
  std::string_view record = change.record();
  switch (change.operation) {
    case SQLITE_INSERT:
      if (!is_there) {
        append(out, SQLITE_INSERT, change.is_indirect, record);
      } else if (!told.is_indirect) {
        append(out, SQLITE_UPDATE, change.is_indirect, told.record + std::string(record));
      }
      break;
    case SQLITE_UPDATE:
      if (is_there) {
        const std::string rows = rebase_update(change.table, record, told.record);
        if (!rows.empty()) append(out, SQLITE_UPDATE, change.is_indirect, rows);
      } else if (!told.is_indirect) {
        take_values(record, width);
        append(out, SQLITE_INSERT, change.is_indirect, merge_rebased_row(record, told.record, width));
      }
      break;
    default:
      if (is_there) append(out, SQLITE_DELETE, change.is_indirect, merge_rebased_row(told.record, record, width));
  }
}

int sqlite3_rebaser::rebase(sqlite3_changeset_iter& changes, std::string& out) {
  GroupTable* table = nullptr;
  size_t headers = 0;
  int code = SQLITE_OK;
  while ((code = changes.next()) == SQLITE_ROW) {
    if (changes.is_patchset) return SQLITE_ERROR;
    if (changes.headers != headers) {
      headers = changes.headers;
      append_header(out, changes.table, false);
      if (const int found = told.find_table(changes.table.name, nullptr, table); found != SQLITE_OK) return found;
      if (table != nullptr && table->keys != changes.table.keys) return SQLITE_SCHEMA;
    }
    const Change* change = table == nullptr ? nullptr : sqlite3_changegroup::find_change(*table, changes.record());
    if (change != nullptr) {
      rebase_change(out, changes, *change);
    } else {
      append(out, changes.operation, changes.is_indirect, changes.record());
    }
  }
  return code == SQLITE_DONE ? SQLITE_OK : code;
}

extern "C" {

int sqlite3rebaser_create(sqlite3_rebaser** out) {
  if (out == nullptr) return misuse("sqlite3rebaser_create");
  *out = nullptr;
  return guard(SQLITE_NOMEM, [&] {
    *out = std::make_unique<sqlite3_rebaser>().release();
    return SQLITE_OK;
  });
}

int sqlite3rebaser_configure(sqlite3_rebaser* rebaser, int size, const void* bytes) {
  if (rebaser == nullptr || size < 0 || (bytes == nullptr && size > 0)) return misuse("sqlite3rebaser_configure");
  return guard(SQLITE_NOMEM, [&] {
    sqlite3_changeset_iter changes(std::string_view(static_cast<const char*>(bytes), static_cast<size_t>(size)));
    return rebaser->told.add(changes);
  });
}

int sqlite3rebaser_rebase(sqlite3_rebaser* rebaser, int size_in, const void* bytes, int* size, void** out) {
  if (rebaser == nullptr || size_in < 0 || (bytes == nullptr && size_in > 0) || size == nullptr || out == nullptr) {
    return misuse("sqlite3rebaser_rebase");
  }
  *size = 0;
  *out = nullptr;
  return guard(SQLITE_NOMEM, [&] {
    sqlite3_changeset_iter changes(std::string_view(static_cast<const char*>(bytes), static_cast<size_t>(size_in)));
    std::string rebased;
    const int code = rebaser->rebase(changes, rebased);
    return code == SQLITE_OK ? hand_out(rebased, size, out) : code;
  });
}

int sqlite3rebaser_rebase_strm(sqlite3_rebaser* rebaser, int (*read)(void*, void*, int*), void* read_context,
                               int (*write)(void*, const void*, int), void* context) {
  if (rebaser == nullptr || read == nullptr || write == nullptr) return misuse("sqlite3rebaser_rebase_strm");
  return guard(SQLITE_NOMEM, [&] {
    std::string bytes, rebased;
    if (const int code = stream_in(read, read_context, bytes); code != SQLITE_OK) return code;
    sqlite3_changeset_iter changes(bytes);
    const int code = rebaser->rebase(changes, rebased);
    return code == SQLITE_OK ? stream_out(rebased, write, context) : code;
  });
}

void sqlite3rebaser_delete(sqlite3_rebaser* rebaser) { const std::unique_ptr<sqlite3_rebaser> owned(rebaser); }

}  // extern "C"
