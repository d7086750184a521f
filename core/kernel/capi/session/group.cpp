#include "group.hpp"

#include "../database.hpp"
#include "../error.hpp"
#include "../guard.hpp"
#include "merge.hpp"

using namespace keelback::capi;

namespace {

int write_inverse(sqlite3_changeset_iter& changes, std::string& out) {
  std::string table_name;
  std::vector<uint8_t> keys;
  bool is_first = true;
  int code = SQLITE_OK;
  while ((code = changes.next()) == SQLITE_ROW) {
    if (changes.is_patchset) return SQLITE_CORRUPT;
    if (is_first || changes.table.name != table_name || changes.table.keys != keys) {
      append_header(out, changes.table, false);
      table_name = changes.table.name;
      keys = changes.table.keys;
      is_first = false;
    }
    std::string_view record = changes.record();
    Change change;
    change.is_indirect = changes.is_indirect;
    if (changes.operation != SQLITE_UPDATE) {
      change.operation = changes.operation == SQLITE_INSERT ? SQLITE_DELETE : SQLITE_INSERT;
      change.record = record;
    } else {
      change.operation = SQLITE_UPDATE;
      const Values old_row = take_values(record, keys.size());
      const Values new_row = take_values(record, keys.size());
      for (size_t place = 0; place < keys.size(); ++place) {
        change.record.append(keys[place] != 0 ? old_row[place] : new_row[place]);
      }
      for (size_t place = 0; place < keys.size(); ++place) {
        if (keys[place] != 0) {
          change.record.push_back(undefined_value);
        } else {
          change.record.append(old_row[place]);
        }
      }
    }
    append_change(out, change);
  }
  return code == SQLITE_DONE ? SQLITE_OK : code;
}

std::string_view view_of(const void* bytes, int size) {
  return {static_cast<const char*>(bytes), size > 0 ? static_cast<size_t>(size) : 0};
}

int concatenate(std::string_view first, std::string_view second, std::string& out) {
  sqlite3_changegroup group;
  sqlite3_changeset_iter one(first), two(second);
  if (const int code = group.add(one); code != SQLITE_OK) return code;
  if (const int code = group.add(two); code != SQLITE_OK) return code;
  out = group.write();
  return SQLITE_OK;
}

}  // namespace

// A table that is known has so many columns, or more where a schema was given.
bool GroupTable::fits(const ChangedTable& like) const {
  if (!has_schema) return keys == like.keys;
  if (like.width() > width()) return false;
  for (size_t place = 0; place < width(); ++place) {
    if (keys[place] != (place < like.width() ? like.keys[place] : 0)) return false;
  }
  return true;
}

int sqlite3_changegroup::find_table(const std::string& name, const std::vector<uint8_t>* keys, GroupTable*& table) {
  table = nullptr;
  for (const auto& known : tables_) {
    if (are_same_name(known->name, name)) table = known.get();
  }
  if (table != nullptr || (keys == nullptr && db_ == nullptr)) return SQLITE_OK;
  auto made = std::make_unique<GroupTable>();
  made->name = name;
  if (db_ == nullptr) {
    made->keys = *keys;
  } else {
    TableFacts facts;
    Lock lock(db_->mutex);
    if (const int code = read_table_facts(db_, schema_, name, true, facts); code != SQLITE_OK) return code;
    if (facts.columns.empty()) return SQLITE_OK;
    if (const int code = read_defaults(db_, facts, made->defaults); code != SQLITE_OK) return code;
    made->keys = facts.keys;
    made->has_schema = true;
  }
  table = made.get();
  tables_.push_back(std::move(made));
  return SQLITE_OK;
}

// What a change lacks of columns that the schema has: default values where there is a row, undefined ones in UPDATEs.
void GroupTable::widen(Change& change, size_t width_before, bool is_patchset) const {
  if (width_before >= width() || (change.operation == SQLITE_DELETE && is_patchset)) return;
  std::string added;
  for (size_t place = width_before; place < width(); ++place) {
    if (change.operation == SQLITE_UPDATE) {
      added.push_back(undefined_value);
    } else {
      added += defaults[place];
    }
  }
  if (change.operation == SQLITE_UPDATE && !is_patchset) {
    std::string_view rest = change.record;
    take_values(rest, width_before);
    change.record.insert(change.record.size() - rest.size(), added);
  }
  change.record += added;
}

int sqlite3_changegroup::add_change(sqlite3_changeset_iter& iterator) {
  if (tables_.empty()) is_patchset = iterator.is_patchset;
  if (is_patchset != iterator.is_patchset) return SQLITE_ERROR;
  GroupTable* table = nullptr;
  const ChangedTable& like = iterator.table;
  if (const int code = find_table(like.name, &like.keys, table); code != SQLITE_OK) return code;
  if (table == nullptr || !table->fits(like)) return SQLITE_SCHEMA;
  auto change = std::make_unique<Change>();
  change->operation = iterator.operation;
  change->is_indirect = iterator.is_indirect;
  change->record = iterator.record();
  table->widen(*change, like.width(), is_patchset);
  put(*table, std::move(change));
  return SQLITE_OK;
}

void sqlite3_changegroup::put(GroupTable& table, std::unique_ptr<Change> change) {
  table.grow(is_patchset);
  const bool is_key_only = is_patchset && change->operation == SQLITE_DELETE;
  const size_t bucket = bucket_of(table, is_key_only, change->record, table.buckets.size());
  std::unique_ptr<Change>* place = &table.buckets[bucket];
  while (*place != nullptr) {
    const bool is_known_key_only = is_patchset && (*place)->operation == SQLITE_DELETE;
    if (have_equal_keys(table, is_known_key_only, (*place)->record, is_key_only, change->record)) break;
    place = &(*place)->next;
  }
  if (*place != nullptr) {
    std::unique_ptr<Change> known = std::move(*place);
    *place = std::move(known->next);
    --table.change_count;
    change = is_rebase_ ? merge_rebases(table, std::move(known), std::move(change))
                        : merge_changes(table, is_patchset, std::move(known), std::move(change));
  } else if (is_rebase_) {
    change = first_rebase(table, std::move(change));
  }
  if (change != nullptr) table.put(bucket, std::move(change));
}

const Change* sqlite3_changegroup::find_change(const ChangedTable& table, std::string_view record) {
  if (table.buckets.empty()) return nullptr;
  const size_t bucket = bucket_of(table, false, record, table.buckets.size());
  const Change* change = table.buckets[bucket].get();
  while (change != nullptr && !have_equal_keys(table, false, change->record, false, record)) {
    change = change->next.get();
  }
  return change;
}

int sqlite3_changegroup::add(sqlite3_changeset_iter& iterator) {
  int code = SQLITE_OK;
  while ((code = iterator.next()) == SQLITE_ROW) {
    if (const int added = add_change(iterator); added != SQLITE_OK) return added;
  }
  return code == SQLITE_DONE ? SQLITE_OK : code;
}

std::string sqlite3_changegroup::write() const {
  std::string out;
  for (const auto& table : tables_) {
    if (table->change_count == 0) continue;
    append_header(out, *table, is_patchset);
    for (const auto& bucket : table->buckets) {
      for (const Change* change = bucket.get(); change != nullptr; change = change->next.get()) {
        append_change(out, *change);
      }
    }
  }
  return out;
}

int sqlite3_changegroup::set_schema(sqlite3* db, const char* schema) {
  if (!tables_.empty() || db_ != nullptr) return misuse("sqlite3changegroup_schema");
  schema_ = schema;
  db_ = db;
  return SQLITE_OK;
}

int sqlite3_changegroup::set_patchset(int& wish) {
  if (tables_.empty() && wish >= 0) is_patchset = wish > 0;
  wish = is_patchset ? 1 : 0;
  return SQLITE_OK;
}

extern "C" {

int sqlite3changegroup_new(sqlite3_changegroup** out) {
  if (out == nullptr) return misuse("sqlite3changegroup_new");
  *out = nullptr;
  return guard(SQLITE_NOMEM, [&] {
    *out = std::make_unique<sqlite3_changegroup>().release();
    return SQLITE_OK;
  });
}

int sqlite3changegroup_add(sqlite3_changegroup* group, int size, void* bytes) {
  if (group == nullptr) return misuse("sqlite3changegroup_add");
  return guard(SQLITE_NOMEM, [&] {
    sqlite3_changeset_iter iterator(view_of(bytes, size));
    return group->add(iterator);
  });
}

int sqlite3changegroup_add_strm(sqlite3_changegroup* group, int (*read)(void*, void*, int*), void* context) {
  if (group == nullptr || read == nullptr) return misuse("sqlite3changegroup_add_strm");
  return guard(SQLITE_NOMEM, [&] {
    std::string bytes;
    if (const int code = stream_in(read, context, bytes); code != SQLITE_OK) return code;
    sqlite3_changeset_iter iterator(bytes);
    return group->add(iterator);
  });
}

int sqlite3changegroup_add_change(sqlite3_changegroup* group, sqlite3_changeset_iter* iterator) {
  if (group == nullptr || iterator == nullptr || iterator->record().empty() || iterator->is_inverse) {
    return SQLITE_ERROR;
  }
  return guard(SQLITE_NOMEM, [&] { return group->add_change(*iterator); });
}

int sqlite3changegroup_schema(sqlite3_changegroup* group, sqlite3* db, const char* schema) {
  if (group == nullptr || !is_usable(db)) return misuse("sqlite3changegroup_schema");
  return guard(SQLITE_NOMEM, [&] { return group->set_schema(db, schema == nullptr ? "main" : schema); });
}

int sqlite3changegroup_config(sqlite3_changegroup* group, int operation, void* argument) {
  if (group == nullptr || argument == nullptr || operation != SQLITE_CHANGEGROUP_CONFIG_PATCHSET) {
    return misuse("sqlite3changegroup_config");
  }
  return group->set_patchset(*static_cast<int*>(argument));
}

int sqlite3changegroup_output(sqlite3_changegroup* group, int* size, void** out) {
  if (group == nullptr || size == nullptr || out == nullptr) return misuse("sqlite3changegroup_output");
  *size = 0;
  *out = nullptr;
  return guard(SQLITE_NOMEM, [&] { return hand_out(group->write(), size, out); });
}

int sqlite3changegroup_output_strm(sqlite3_changegroup* group, int (*write)(void*, const void*, int), void* context) {
  if (group == nullptr || write == nullptr) return misuse("sqlite3changegroup_output_strm");
  return guard(SQLITE_NOMEM, [&] { return stream_out(group->write(), write, context); });
}

void sqlite3changegroup_delete(sqlite3_changegroup* group) { const std::unique_ptr<sqlite3_changegroup> owned(group); }

int sqlite3changeset_concat(int first_size, void* first, int second_size, void* second, int* size, void** out) {
  if (size == nullptr || out == nullptr) return misuse("sqlite3changeset_concat");
  *size = 0;
  *out = nullptr;
  return guard(SQLITE_NOMEM, [&] {
    std::string bytes;
    const int code = concatenate(view_of(first, first_size), view_of(second, second_size), bytes);
    return code == SQLITE_OK ? hand_out(bytes, size, out) : code;
  });
}

int sqlite3changeset_concat_strm(int (*read_first)(void*, void*, int*), void* first_context,
                                 int (*read_second)(void*, void*, int*), void* second_context,
                                 int (*write)(void*, const void*, int), void* context) {
  if (read_first == nullptr || read_second == nullptr || write == nullptr)
    return misuse("sqlite3changeset_concat_strm");
  return guard(SQLITE_NOMEM, [&] {
    std::string first, second, bytes;
    if (const int code = stream_in(read_first, first_context, first); code != SQLITE_OK) return code;
    if (const int code = stream_in(read_second, second_context, second); code != SQLITE_OK) return code;
    const int code = concatenate(first, second, bytes);
    return code == SQLITE_OK ? stream_out(bytes, write, context) : code;
  });
}

int sqlite3changeset_invert(int size_in, const void* bytes, int* size, void** out) {
  if (size == nullptr || out == nullptr) return misuse("sqlite3changeset_invert");
  *size = 0;
  *out = nullptr;
  return guard(SQLITE_NOMEM, [&] {
    sqlite3_changeset_iter changes(view_of(bytes, size_in));
    std::string inverse;
    const int code = write_inverse(changes, inverse);
    return code == SQLITE_OK ? hand_out(inverse, size, out) : code;
  });
}

int sqlite3changeset_invert_strm(int (*read)(void*, void*, int*), void* read_context,
                                 int (*write)(void*, const void*, int), void* context) {
  if (read == nullptr || write == nullptr) return misuse("sqlite3changeset_invert_strm");
  return guard(SQLITE_NOMEM, [&] {
    std::string bytes, inverse;
    if (const int code = stream_in(read, read_context, bytes); code != SQLITE_OK) return code;
    sqlite3_changeset_iter changes(bytes);
    const int code = write_inverse(changes, inverse);
    return code == SQLITE_OK ? stream_out(inverse, write, context) : code;
  });
}

}  // extern "C"
