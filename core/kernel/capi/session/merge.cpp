#include "merge.hpp"

namespace keelback::capi {

namespace {

bool is_defined(std::string_view value) { return !value.empty() && value[0] != undefined_value; }

bool is_replaced(std::string_view value) { return !value.empty() && value[0] == replaced_value; }

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

}  // namespace

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

std::unique_ptr<Change> first_rebase(const ChangedTable& table, std::unique_ptr<Change> change) {
  if (!change->is_indirect) return change;
  std::string_view record = change->record;
  std::string marked;
  for (const uint8_t key : table.keys) {
    const std::string_view value = first_value(record);
    record.remove_prefix(value.size());
    if (key == 0 && is_defined(value)) {
      marked.push_back(replaced_value);
    } else {
      marked.append(value);
    }
  }
  change->record = std::move(marked);
  return change;
}

std::unique_ptr<Change> merge_rebases(const ChangedTable& table, std::unique_ptr<Change> first,
                                      std::unique_ptr<Change> second) {
  if (first->operation == SQLITE_DELETE && first->is_indirect) return first;
  std::string_view one = first->record, two = second->record;
  std::string merged;
  for (const uint8_t key : table.keys) {
    const std::string_view before = first_value(one), after = first_value(two);
    one.remove_prefix(before.size());
    two.remove_prefix(after.size());
    if (is_replaced(before) || (key == 0 && second->is_indirect)) {
      merged.push_back(replaced_value);
    } else {
      merged.append(is_defined(after) ? after : before);
    }
  }
  second->is_indirect = second->is_indirect || first->is_indirect;
  second->record = std::move(merged);
  return second;
}

std::string merge_rebased_row(std::string_view row, std::string_view others, size_t width) {
  std::string merged;
  for (size_t place = 0; place < width; ++place) {
    const std::string_view value = first_value(row), other = first_value(others);
    row.remove_prefix(value.size());
    others.remove_prefix(other.size());
    merged.append(is_defined(value) && !is_replaced(value) ? value : other);
  }
  return merged;
}

std::string rebase_update(const ChangedTable& table, std::string_view record, std::string_view rebase) {
  const size_t width = table.width();
  const Values old_row = take_values(record, width), new_row = take_values(record, width);
  const Values theirs = take_values(rebase, width);
  std::string rebased;
  bool is_needed = false;
  for (size_t place = 0; place < width; ++place) {
    const bool is_key = table.keys[place] != 0;
    if (is_key || !is_defined(theirs[place])) {
      is_needed = is_needed || (!is_key && is_defined(old_row[place]));
      rebased.append(old_row[place]);
    } else if (!is_replaced(theirs[place]) && is_defined(old_row[place])) {
      is_needed = true;
      rebased.append(theirs[place]);
    } else {
      rebased.push_back(undefined_value);
    }
  }
  if (!is_needed) return {};
  for (size_t place = 0; place < width; ++place) {
    if (table.keys[place] != 0 || !is_replaced(theirs[place])) {
      rebased.append(new_row[place]);
    } else {
      rebased.push_back(undefined_value);
    }
  }
  return rebased;
}

}  // namespace keelback::capi
