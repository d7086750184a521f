#include "group.hpp"

#include "../error.hpp"
#include "../guard.hpp"

using namespace keelback::capi;

namespace {

using Values = std::vector<std::string_view>;

bool is_defined(std::string_view value) { return !value.empty() && value[0] != undefined_value; }

// Of every column the second value if there is one.
std::string merge_rows(const Values& first, const Values& second) {
  std::string merged;
  for (size_t place = 0; place < first.size(); ++place) {
    merged.append(is_defined(second[place]) ? second[place] : first[place]);
  }
  return merged;
}

Values merge(const Values& first, const Values& second) {
  Values merged(first.size());
  for (size_t place = 0; place < first.size(); ++place) {
    merged[place] = !second.empty() && is_defined(second[place]) ? second[place] : first[place];
  }
  return merged;
}

// The record of an UPDATE from these rows to those; false where nothing is left to change.
bool make_update(const ChangedTable& table, bool is_patchset, const Values& old_row, const Values& new_row,
                 std::string& record) {
  const auto is_kept = [&](size_t place) { return old_row[place] == new_row[place]; };
  if (!is_patchset) {
    bool is_needed = false;
    for (size_t place = 0; place < table.width(); ++place) {
      if (table.keys[place] != 0 || !is_kept(place)) {
        if (table.keys[place] == 0) is_needed = true;
        record.append(old_row[place]);
      } else {
        record.push_back(undefined_value);
      }
    }
    if (!is_needed) return false;
  }
  for (size_t place = 0; place < table.width(); ++place) {
    if (!is_patchset && (table.keys[place] != 0 || is_kept(place))) {
      record.push_back(undefined_value);
    } else {
      record.append(new_row[place]);
    }
  }
  return true;
}

// One change of two to the same row; null where they take each other back.
std::unique_ptr<Change> merge_changes(const ChangedTable& table, bool is_patchset, std::unique_ptr<Change> first,
                                      std::unique_ptr<Change> second) {
  const int before = first->operation;
  const int after = second->operation;
  const bool is_senseless = (before == SQLITE_DELETE) == (after != SQLITE_INSERT);
  if (is_senseless) return first;
  if (before == SQLITE_INSERT && after == SQLITE_DELETE) return nullptr;
  const size_t width = table.width();
  auto made = std::make_unique<Change>();
  made->is_indirect = first->is_indirect && second->is_indirect;
  std::string_view one = first->record, two = second->record;
  if (before == SQLITE_INSERT) {
    made->operation = SQLITE_INSERT;
    const Values inserted = take_values(one, width);
    if (!is_patchset) take_values(two, width);
    made->record = merge_rows(inserted, take_values(two, width));
    return made;
  }
  if (before == SQLITE_DELETE) {
    made->operation = SQLITE_UPDATE;
    if (is_patchset) {
      made->record = second->record;
      return made;
    }
    const Values old_row = take_values(one, width);
    return make_update(table, false, old_row, take_values(two, width), made->record) ? std::move(made) : nullptr;
  }
  if (after == SQLITE_UPDATE) {
    made->operation = SQLITE_UPDATE;
    Values old_row(width);
    if (!is_patchset) {
      const Values old_of_first = take_values(one, width);
      old_row = merge(take_values(two, width), old_of_first);
    }
    const Values new_of_first = take_values(one, width);
    const Values new_row = merge(new_of_first, take_values(two, width));
    return make_update(table, is_patchset, old_row, new_row, made->record) ? std::move(made) : nullptr;
  }
  made->operation = SQLITE_DELETE;
  if (is_patchset) {
    made->record = second->record;
    return made;
  }
  const Values old_of_first = take_values(one, width);
  made->record = merge_rows(take_values(two, width), old_of_first);
  return made;
}

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

int sqlite3_changegroup::find_table(const ChangedTable& like, ChangedTable*& table) {
  for (const auto& known : tables_) {
    if (!are_same_name(known->name, like.name)) continue;
    table = known.get();
    return known->keys == like.keys ? SQLITE_OK : SQLITE_SCHEMA;
  }
  tables_.push_back(std::make_unique<ChangedTable>());
  table = tables_.back().get();
  table->name = like.name;
  table->keys = like.keys;
  return SQLITE_OK;
}

int sqlite3_changegroup::add_change(sqlite3_changeset_iter& iterator) {
  if (!is_patchset_) is_patchset_ = iterator.is_patchset;
  if (*is_patchset_ != iterator.is_patchset) return SQLITE_ERROR;
  ChangedTable* table = nullptr;
  if (const int code = find_table(iterator.table, table); code != SQLITE_OK) return code;
  table->grow(*is_patchset_);
  auto change = std::make_unique<Change>();
  change->operation = iterator.operation;
  change->is_indirect = iterator.is_indirect;
  change->record = iterator.record();
  const bool is_key_only = *is_patchset_ && change->operation == SQLITE_DELETE;
  const size_t bucket = bucket_of(*table, is_key_only, change->record, table->buckets.size());
  std::unique_ptr<Change>* place = &table->buckets[bucket];
  while (*place != nullptr) {
    const bool is_known_key_only = *is_patchset_ && (*place)->operation == SQLITE_DELETE;
    if (have_equal_keys(*table, is_known_key_only, (*place)->record, is_key_only, change->record)) break;
    place = &(*place)->next;
  }
  if (*place != nullptr) {
    std::unique_ptr<Change> known = std::move(*place);
    *place = std::move(known->next);
    --table->change_count;
    change = merge_changes(*table, *is_patchset_, std::move(known), std::move(change));
  }
  if (change != nullptr) table->put(bucket, std::move(change));
  return SQLITE_OK;
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
    append_header(out, *table, *is_patchset_);
    for (const auto& bucket : table->buckets) {
      for (const Change* change = bucket.get(); change != nullptr; change = change->next.get()) {
        append_change(out, *change);
      }
    }
  }
  return out;
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
