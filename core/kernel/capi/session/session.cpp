#include "session.hpp"

#include <algorithm>
#include <bit>

#include "../database.hpp"
#include "../error.hpp"
#include "../guard.hpp"
#include "../hooks.hpp"

using namespace keelback::capi;

namespace {

bool is_null(const sqlite3_value* value) { return value == nullptr || value->type() == SQLITE_NULL; }

// The bucket of a row by its primary key; false where the key has a NULL.
bool find_bucket(const WatchedTable& table, const std::vector<sqlite3_value*>& row, size_t& bucket) {
  uint32_t hash = 0;
  if (table.facts.has_rowid_key) {
    // Without the type, which counts as soon as the table of changes grows.
    bucket = hash_with_integer(hash, row[0]->as_integer()) % table.buckets.size();
    return true;
  }
  for (size_t place = 0; place < table.width(); ++place) {
    if (table.keys[place] == 0) continue;
    const sqlite3_value* value = row[place];
    if (is_null(value)) return false;
    hash = hash_with(hash, static_cast<uint32_t>(value->type()));
    if (value->type() == SQLITE_INTEGER) {
      hash = hash_with_integer(hash, value->as_integer());
    } else if (value->type() == SQLITE_FLOAT) {
      hash = hash_with_integer(hash, std::bit_cast<int64_t>(value->as_real()));
    } else {
      hash = hash_with_bytes(hash, value->bytes());
    }
  }
  bucket = hash % table.buckets.size();
  return true;
}

bool is_change_of(const WatchedTable& table, const Change& change, const std::vector<sqlite3_value*>& row) {
  std::string_view record = change.record;
  std::string expected;
  for (size_t place = 0; place < table.width(); ++place) {
    const std::string_view value = first_value(record);
    record.remove_prefix(value.size());
    if (table.keys[place] == 0) continue;
    expected.clear();
    append_value(expected, row[place]);
    if (value != expected) return false;
  }
  return true;
}

}  // namespace

WatchedTable* sqlite3_session::add_table(const std::string& name) {
  for (const auto& table : tables) {
    if (are_same_name(table->name, name)) return table.get();
  }
  tables.push_back(std::make_unique<WatchedTable>());
  tables.back()->name = name;
  return tables.back().get();
}

WatchedTable* sqlite3_session::find_table(const std::string& name, bool is_asked_for) {
  for (const auto& table : tables) {
    if (are_same_name(table->name, name)) return table.get();
  }
  if (!(watches_all || is_asked_for) || (filter != nullptr && filter(filter_context, name.c_str()) == 0))
    return nullptr;
  return add_table(name);
}

int sqlite3_session::learn(WatchedTable& table) { return table.is_known ? SQLITE_OK : learn_again(table); }

// Columns may have come behind those that were there.
int sqlite3_session::learn_again(WatchedTable& table) {
  TableFacts facts;
  if (const int code = read_table_facts(db, schema, table.name, knows_rowids, facts); code != SQLITE_OK) return code;
  if (table.is_known) {
    const size_t width = table.keys.size();
    if (facts.keys.size() < width || facts.has_rowid_key != table.facts.has_rowid_key) return SQLITE_SCHEMA;
    for (size_t place = 0; place < facts.keys.size(); ++place) {
      if (facts.keys[place] != (place < width ? table.keys[place] : 0)) return SQLITE_SCHEMA;
    }
  }
  table.facts = std::move(facts);
  table.keys = table.facts.keys;
  table.is_known = table.width() > 0;
  return SQLITE_OK;
}

int sqlite3_session::learn_at_width(WatchedTable& table, size_t stored_width) {
  if (!table.is_known && are_same_name(table.name, "sqlite_stat1")) {
    // The ANALYZE that made it may still run, so that the schema does not have it.
    table.facts = statistics_facts();
    table.keys = table.facts.keys;
    table.is_known = true;
  }
  if (const int code = learn(table); code != SQLITE_OK) return code;
  if (table.facts.stored_width < stored_width) {
    if (const int code = learn_again(table); code != SQLITE_OK) return code;
  }
  return table.facts.stored_width == stored_width ? SQLITE_OK : SQLITE_SCHEMA;
}

void sqlite3_session::note(WatchedTable& table, const RowChange& change) {
  if (error != SQLITE_OK) return;
  error = learn(table);
  if (error != SQLITE_OK || !table.facts.has_key()) return;
  note_one(table, change, change.operation);
  if (change.operation == SQLITE_UPDATE) note_one(table, change, SQLITE_INSERT);
}

// An UPDATE counts as a change of the old key, and as an INSERT of the new one where nothing is known of that.
void sqlite3_session::note_one(WatchedTable& table, const RowChange& change, int operation) {
  const bool is_new = operation == SQLITE_INSERT;
  const std::vector<sqlite3_value*>& shown = is_new ? change.new_values : change.old_values;
  std::vector<sqlite3_value*> statistics;
  sqlite3_value no_index;
  if (table.facts.is_statistics && is_null(shown[TableFacts::idx_place])) {
    no_index.set_blob({});
    statistics = shown;
    statistics[TableFacts::idx_place] = &no_index;
  }
  const std::vector<sqlite3_value*>& row = statistics.empty() ? shown : statistics;
  table.grow(false);
  size_t bucket = 0;
  if (!find_bucket(table, row, bucket)) return;
  for (Change* known = table.buckets[bucket].get(); known != nullptr; known = known->next.get()) {
    if (!is_change_of(table, *known, row)) continue;
    if (known->is_indirect && change.depth == 0 && !is_indirect) known->is_indirect = false;
    return;
  }
  auto made = std::make_unique<Change>();
  made->operation = operation;
  made->is_indirect = is_indirect || change.depth > 0;
  made->width = table.width();
  for (size_t place = 0; place < table.width(); ++place) {
    append_value(made->record, is_new && table.keys[place] == 0 ? nullptr : row[place]);
  }
  table.put(bucket, std::move(made));
}

bool sqlite3_session::is_empty() const {
  return std::none_of(tables.begin(), tables.end(), [](const auto& table) { return table->change_count > 0; });
}

namespace keelback::capi {

namespace {

std::vector<sqlite3_value*> wanted(const WatchedTable& table, std::vector<sqlite3_value>& row, sqlite3_value& rowid) {
  std::vector<sqlite3_value*> values;
  for (const int number : table.facts.numbers) {
    if (number == TableFacts::rowid_number) {
      values.push_back(&rowid);
      continue;
    }
    const auto place = static_cast<size_t>(number);
    values.push_back(place < row.size() ? &row[place] : nullptr);
  }
  return values;
}

}  // namespace

void tell_sessions(sqlite3* db, const char* schema, const char* table_name, ShownChange& change) {
  const std::vector<sqlite3_session*> sessions(db->sessions.rbegin(), db->sessions.rend());
  for (sqlite3_session* session : sessions) {
    // What a blob handle writes is shown as the end of the row; the new one is read later.
    if (!session->is_enabled || session->error != SQLITE_OK || !are_same_name(session->schema, schema)) continue;
    WatchedTable* table = session->find_table(table_name);
    if (table == nullptr) continue;
    session->error = session->learn_at_width(*table, static_cast<size_t>(change.column_count));
    if (session->error != SQLITE_OK) continue;
    RowChange row{change.operation, change.depth, {}, {}};
    sqlite3_value old_rowid, new_rowid;
    old_rowid.set_integer(change.old_rowid);
    new_rowid.set_integer(change.new_rowid);
    if (!change.old_values.empty()) row.old_values = wanted(*table, change.old_values, old_rowid);
    if (!change.new_values.empty()) row.new_values = wanted(*table, change.new_values, new_rowid);
    session->note(*table, row);
  }
}

}  // namespace keelback::capi

extern "C" {

int sqlite3session_create(sqlite3* db, const char* schema, sqlite3_session** out) {
  if (out == nullptr) return misuse("sqlite3session_create");
  *out = nullptr;
  if (!is_usable(db) || schema == nullptr) return misuse("sqlite3session_create");
  return guard(SQLITE_NOMEM, [&] {
    Lock lock(db->mutex);
    auto made = std::make_unique<sqlite3_session>(db, schema);
    db->sessions.push_back(made.get());
    const int code = guard(SQLITE_NOMEM, [&] {
      tell_of_rows(db);
      return SQLITE_OK;
    });
    if (code != SQLITE_OK) {
      db->sessions.pop_back();
      return code;
    }
    *out = made.release();
    return SQLITE_OK;
  });
}

void sqlite3session_delete(sqlite3_session* session) {
  if (session == nullptr) return;
  const std::unique_ptr<sqlite3_session> owned(session);
  sqlite3* db = session->db;
  if (!is_usable(db)) return;
  Lock lock(db->mutex);
  std::erase(db->sessions, session);
  // Rows that are shown to nobody do no harm.
  (void)guard(0, [&] {
    tell_of_rows(db);
    return 0;
  });
}

int sqlite3session_attach(sqlite3_session* session, const char* table) {
  if (session == nullptr) return misuse("sqlite3session_attach");
  return guard(SQLITE_NOMEM, [&] {
    Lock lock(session->db->mutex);
    if (table == nullptr) {
      session->watches_all = true;
    } else {
      session->add_table(table);
    }
    return SQLITE_OK;
  });
}

void sqlite3session_table_filter(sqlite3_session* session, int (*filter)(void*, const char*), void* context) {
  if (session == nullptr) return;
  session->watches_all = true;
  session->filter = filter;
  session->filter_context = context;
}

int sqlite3session_enable(sqlite3_session* session, int is_enabled) {
  if (session == nullptr) return 0;
  if (is_enabled >= 0) session->is_enabled = is_enabled != 0;
  return session->is_enabled ? 1 : 0;
}

int sqlite3session_indirect(sqlite3_session* session, int is_indirect) {
  if (session == nullptr) return 0;
  if (is_indirect >= 0) session->is_indirect = is_indirect != 0;
  return session->is_indirect ? 1 : 0;
}

int sqlite3session_isempty(sqlite3_session* session) {
  if (session == nullptr) return 1;
  return session->is_empty() ? 1 : 0;
}

sqlite3_int64 sqlite3session_memory_used(sqlite3_session* session) {
  if (session == nullptr) return 0;
  size_t bytes = sizeof *session;
  for (const auto& table : session->tables) {
    bytes += sizeof *table + table->buckets.size() * sizeof(void*);
    for (const auto& bucket : table->buckets) {
      for (const Change* change = bucket.get(); change != nullptr; change = change->next.get()) {
        bytes += sizeof *change + change->record.size();
      }
    }
  }
  return static_cast<sqlite3_int64>(bytes);
}

int sqlite3session_object_config(sqlite3_session* session, int operation, void* argument) {
  if (session == nullptr || argument == nullptr) return misuse("sqlite3session_object_config");
  const bool is_size = operation == SQLITE_SESSION_OBJCONFIG_SIZE;
  if (!is_size && operation != SQLITE_SESSION_OBJCONFIG_ROWID) return misuse("sqlite3session_object_config");
  bool& setting = is_size ? session->tells_size : session->knows_rowids;
  int& value = *static_cast<int*>(argument);
  int code = SQLITE_OK;
  if (value >= 0) {
    // Not once a table is watched.
    if (session->tables.empty()) {
      setting = value != 0;
    } else {
      code = misuse("sqlite3session_object_config");
    }
  }
  value = setting ? 1 : 0;
  return code;
}

int sqlite3session_config(int operation, void* argument) {
  if (operation != SQLITE_SESSION_CONFIG_STRMSIZE || argument == nullptr) return misuse("sqlite3session_config");
  int& value = *static_cast<int*>(argument);
  if (value > 0) stream_chunk_bytes = value;
  value = stream_chunk_bytes;
  return SQLITE_OK;
}

}  // extern "C"
