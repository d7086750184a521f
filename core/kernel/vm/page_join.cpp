// Loops inside of a loop by pages: look-ups by rowid, in hash tables and in indexes, and blocks behind a Once.
#include <algorithm>
#include <numeric>

#include "machine.hpp"
#include "ops/cursor.hpp"
#include "ops/join.hpp"
#include "page_loop.hpp"

namespace keelback::vm {

using namespace program;

namespace {

constexpr size_t first_look_ahead = 16;

}  // namespace

bool PageLoop::can_look_up(Machine& machine, const Step& step) const {
  const Instruction& i = *step.instruction;
  // A hash table may be made in the loop itself.
  if (i.opcode == OP_HASH_FIND) return true;
  const Cursor* cursor = machine.cursor(i.p1);
  if (!cursor) return false;
  if (i.opcode == OP_SEEK_ROWID || i.opcode == OP_COLUMN || i.opcode == OP_ROWID) {
    return cursor->kind == CursorKind::table;
  }
  if (i.opcode == OP_DEFERRED_SEEK) {
    const Cursor* rows = machine.cursor(i.p3);
    return rows && rows->kind == CursorKind::table;
  }
  if (cursor->kind != CursorKind::index) return false;
  if (step.lookup->table < 0) return true;
  const Cursor* table = machine.cursor(step.lookup->table);
  return table && table->kind == CursorKind::table;
}

Status PageLoop::run_once(Machine& machine, const Step& step) {
  const Instruction& i = *step.instruction;
  const auto behind = static_cast<size_t>(&i - machine.instruction_at(0)) + 1;
  if (machine.frame().meet_once(behind)) return ok_status;
  return machine.run_block(static_cast<int32_t>(behind), i.p2);
}

Status PageLoop::key_of(Machine& machine, const Step& step, size_t row) {
  arguments_.resize(step.sources.size());
  for (size_t place = 0; place < arguments_.size(); ++place) {
    arguments_[place] = values(machine, step.sources[place])[row];
  }
  return ok_status;
}

// What the loop reads of the row that a cursor has found; `read` gives the value of a column.
template <typename Read>
Status PageLoop::fetch_by(Cursor& cursor, Lookup& lookup, int32_t number, size_t pair, Read read) {
  for (const Fetch& wanted : lookup.fetches) {
    if (wanted.cursor != number) continue;
    Value& value = slot(wanted.slot)[pair];
    if (wanted.column < 0) {
      KEELBACK_TRY(cursor.rowid(value));
      continue;
    }
    KEELBACK_TRY(read(wanted, value));
    if (value.has_bytes()) value = keep_bytes(lookup, value);
  }
  return ok_status;
}

Status PageLoop::fetch(Cursor& cursor, Lookup& lookup, int32_t number, size_t pair) {
  return fetch_by(cursor, lookup, number, pair, [&](const Fetch& wanted, Value& value) {
    return cursor.column(static_cast<size_t>(wanted.column), wanted.first->constant(), value);
  });
}

Value PageLoop::keep_bytes(Lookup& lookup, const Value& value) {
  const std::string_view bytes = value.text();
  auto* const copy = reinterpret_cast<char*>(lookup.texts.take(bytes.size()));
  if (!bytes.empty()) std::memcpy(copy, bytes.data(), bytes.size());
  const std::string_view kept(copy, bytes.size());
  return value.is_text() ? Value::of_text(kept) : Value::of_blob(kept);
}

// The same of a row in a table, most of which have one of a few shapes.
Status PageLoop::fetch_row(TableTreeCursor& cursor, Lookup& lookup, int32_t number, size_t pair) {
  Bytes record;
  if (!cursor.tree().plain_payload(record) || cursor.encoding() != utf8) return fetch(cursor, lookup, number, pair);
  return fetch_record(cursor, record, lookup, number, pair);
}

Status PageLoop::fetch_record(TableTreeCursor& cursor, Bytes record, Lookup& lookup, int32_t number, size_t pair) {
  if (!lookup.shapes) {
    int last = -1;
    for (const Fetch& wanted : lookup.fetches) {
      if (wanted.cursor == number) last = std::max(last, wanted.column);
    }
    lookup.shapes = std::make_unique<RecordShapes>(last);
  }
  const RecordShapes::Shape* shape = lookup.shapes->of(record.data(), record.size());
  if (!shape) return fetch(cursor, lookup, number, pair);
  return fetch_by(cursor, lookup, number, pair, [&](const Fetch& wanted, Value& value) {
    const auto column = static_cast<size_t>(wanted.column);
    if (column >= shape->count || shape->ends[column] > record.size()) [[unlikely]] {
      return cursor.column(column, wanted.first->constant(), value);
    }
    value = decode_plain_value(record.data() + shape->offsets[column], shape->types[column]);
    return ok_status;
  });
}

// The rows of the entries at hand.
Status PageLoop::seek_deferred(Machine& machine, Step& step) {
  Lookup& lookup = *step.lookup;
  auto& table = static_cast<TableTreeCursor&>(*machine.cursor(lookup.table));
  storage::TableCursor& tree = table.tree();
  bool is_near = false;
  lookup.texts.clear();
  for (const uint16_t row : rows_) {
    Value rowid;
    KEELBACK_TRY(batch_.rowid(origin(row), rowid));
    if (!lookup.reads_row) {
      for (const Fetch& wanted : lookup.fetches) slot(wanted.slot)[row] = rowid;
      continue;
    }
    Bytes record;
    if (is_near && tree.step_to(rowid.integer(), record)) {
      KEELBACK_TRY(fetch_record(table, record, lookup, lookup.table, row));
      continue;
    }
    bool found = false;
    KEELBACK_TRY(table.find({&rowid, 1}, found));
    if (!found) return corrupt();
    is_near = table.encoding() == utf8;
    KEELBACK_TRY(fetch_row(table, lookup, lookup.table, row));
  }
  return ok_status;
}

Status PageLoop::seek_rowids(Machine& machine, Step& step) {
  Lookup& lookup = *step.lookup;
  Cursor& cursor = *machine.cursor(step.instruction->p1);
  if (is_worth_a_table(machine, lookup)) KEELBACK_TRY(make_table(machine, step));
  if (lookup.joined) return find_rowids(machine, step);
  lookup.asked += rows_.size();
  const Values keys = values(machine, step.sources[0]);
  lookup.texts.clear();
  jumping_.clear();
  for (const uint16_t row : rows_) {
    const Value rowid = keys[row].is_integer() ? keys[row] : ops::number_of_rowid(keys[row]);
    bool found = false;
    if (rowid.is_integer()) KEELBACK_TRY(cursor.find({&rowid, 1}, found));
    if (found) {
      KEELBACK_TRY(fetch_row(static_cast<TableTreeCursor&>(cursor), lookup, step.instruction->p1, row));
    } else {
      jumping_.push_back(row);
    }
  }
  select(step);
  return ok_status;
}

// The same in a table in memory.
Status PageLoop::find_rowids(Machine& machine, Step& step) {
  Lookup& lookup = *step.lookup;
  HashTableCursor& table = *lookup.joined;
  const Values keys = values(machine, step.sources[0]);
  lookup.key.resize(PageBatch::most_rows);
  lookup.hashes.resize(PageBatch::most_rows);
  for (const uint16_t row : rows_) {
    Value& rowid = lookup.key[row];
    rowid = keys[row].is_integer() ? keys[row] : ops::number_of_rowid(keys[row]);
    if (!rowid.is_integer()) rowid = Value();
    if (!table.hash({&rowid, 1}, lookup.hashes[row])) continue;
    table.prefetch(lookup.hashes[row]);
  }
  jumping_.clear();
  for (const uint16_t row : rows_) {
    const Value& rowid = lookup.key[row];
    const uint32_t found = rowid.is_null() ? HashTableCursor::none : table.first(lookup.hashes[row], {&rowid, 1});
    if (found == HashTableCursor::none) {
      jumping_.push_back(row);
      continue;
    }
    for (size_t place = 0; place < lookup.fetches.size(); ++place) {
      slot(lookup.fetches[place].slot)[row] = table.value(found, 1 + place);
    }
  }
  select(step);
  return ok_status;
}

// All rows go on behind the loop, whether they have found something or not.
Status PageLoop::join_rows(Machine& machine, Step& step, size_t place) {
  Lookup& lookup = *step.lookup;
  lookup.waiting.swap(rows_);
  lookup.parents.clear();
  lookup.texts.clear();
  lookup.done = -1;
  if (step.instruction->opcode == OP_HASH_FIND) {
    KEELBACK_TRY(join_hash(machine, step, place));
  } else {
    KEELBACK_TRY(join_index(machine, step, place));
  }
  KEELBACK_TRY(run_pairs(machine, step, place));
  rows_.swap(lookup.waiting);
  return ok_status;
}

// The body for the pairs that have been collected.
Status PageLoop::run_pairs(Machine& machine, Step& step, size_t place) {
  Lookup& lookup = *step.lookup;
  const size_t count = lookup.parents.size();
  if (count == 0) return ok_status;
  for (const Carried& carried : lookup.carried) {
    const Value* from = slot(carried.from);
    Value* to = slot(carried.to);
    for (size_t pair = 0; pair < count; ++pair) to[pair] = from[lookup.parents[pair]];
  }
  lookup.origins.resize(count);
  for (size_t pair = 0; pair < count; ++pair) {
    lookup.origins[pair] = static_cast<uint16_t>(origin(lookup.parents[pair]));
  }
  const Rows* around = origins_;
  origins_ = &lookup.origins;
  rows_.resize(count);
  std::iota(rows_.begin(), rows_.end(), uint16_t{0});
  if (lookup.finds_any) keep_first(lookup);
  KEELBACK_TRY(run_steps(machine, place + 1, lookup.end));
  origins_ = around;
  lookup.parents.clear();
  lookup.texts.clear();
  return ok_status;
}

// Of the pairs that are left only the first of each parent.
void PageLoop::keep_first(Lookup& lookup) {
  size_t kept = 0;
  for (const uint16_t pair : rows_) {
    if (lookup.done == lookup.parents[pair]) continue;
    lookup.done = lookup.parents[pair];
    rows_[kept++] = pair;
  }
  rows_.resize(kept);
}

void PageLoop::begin_parent(Lookup& lookup) noexcept {
  lookup.last_look_ahead = first_look_ahead;
  lookup.look_ahead = lookup.last_look_ahead;
}

// is_enough: no further row of the parent is wanted. Where one row that passes the tests is, they are asked soon, and
// then after twice as many each time.
Status PageLoop::add_pair(Machine& machine, Step& step, size_t place, uint16_t parent, bool& is_enough) {
  Lookup& lookup = *step.lookup;
  lookup.parents.push_back(parent);
  is_enough = lookup.finds_any;
  const bool is_time = lookup.finds_one && --lookup.look_ahead == 0;
  if (!is_time && lookup.parents.size() < PageBatch::most_rows) return ok_status;
  KEELBACK_TRY(run_pairs(machine, step, place));
  if (!lookup.finds_one) return ok_status;
  is_enough = lookup.done == parent;
  if (is_time) lookup.last_look_ahead = std::min(2 * lookup.last_look_ahead, PageBatch::most_rows);
  lookup.look_ahead = lookup.last_look_ahead;
  return ok_status;
}

Status PageLoop::join_hash(Machine& machine, Step& step, size_t place) {
  Lookup& lookup = *step.lookup;
  HashTableCursor* table = ops::hash_table(machine, step.instruction->p1);
  if (!table || table->key_count() != step.sources.size()) return impossible();
  if (table->is_in_tree()) {
    for (const uint16_t parent : lookup.waiting) {
      KEELBACK_TRY(key_of(machine, step, parent));
      bool found = false;
      KEELBACK_TRY(table->find(arguments_, found));
      begin_parent(lookup);
      bool is_enough = false;
      while (found) {
        KEELBACK_TRY(fetch(*table, lookup, step.instruction->p1, lookup.parents.size()));
        KEELBACK_TRY(add_pair(machine, step, place, parent, is_enough));
        if (is_enough) break;
        KEELBACK_TRY(table->next(found));
      }
    }
    return ok_status;
  }
  table->finish();
  return join_table(machine, step, place, *table, 0);
}

// first_fetched: the column of the table that is fetched first, the others behind it; 0: each fetch says its column.
Status PageLoop::join_table(Machine& machine, Step& step, size_t place, HashTableCursor& table, size_t first_fetched) {
  Lookup& lookup = *step.lookup;
  // Three passes, so that what one row waits for in memory is fetched for many.
  lookup.hashes.resize(lookup.waiting.size());
  size_t count = 0;
  for (const uint16_t parent : lookup.waiting) {
    KEELBACK_TRY(key_of(machine, step, parent));
    if (!table.hash(arguments_, lookup.hashes[count])) continue;
    table.prefetch(lookup.hashes[count]);
    lookup.waiting_keys[count++] = parent;
  }
  for (size_t key = 0; key < count; ++key) table.prefetch_row(lookup.hashes[key]);
  for (size_t key = 0; key < count; ++key) {
    const uint16_t parent = lookup.waiting_keys[key];
    KEELBACK_TRY(key_of(machine, step, parent));
    uint32_t row = table.first(lookup.hashes[key], arguments_);
    begin_parent(lookup);
    bool is_enough = false;
    for (; row != HashTableCursor::none; row = table.following(row)) {
      const size_t pair = lookup.parents.size();
      for (size_t number = 0; number < lookup.fetches.size(); ++number) {
        const Fetch& wanted = lookup.fetches[number];
        const size_t column = first_fetched       ? first_fetched + number
                              : wanted.column < 0 ? table.column_count() - 1
                                                  : static_cast<size_t>(wanted.column);
        slot(wanted.slot)[pair] = table.value(row, column);
      }
      KEELBACK_TRY(add_pair(machine, step, place, parent, is_enough));
      if (is_enough) break;
    }
  }
  return ok_status;
}

// A NULL is looked up only where it equals NULL, which it does not in a hash table.
bool PageLoop::has_null_key(Machine& machine, const Step& step) const {
  for (const Source& source : step.sources) {
    const Values keys = values(machine, source);
    for (const uint16_t parent : step.lookup->waiting) {
      if (keys[parent].is_null()) return true;
    }
  }
  return false;
}

Status PageLoop::join_index(Machine& machine, Step& step, size_t place) {
  Lookup& lookup = *step.lookup;
  Cursor& index = *machine.cursor(step.instruction->p1);
  Cursor* table = lookup.table < 0 ? nullptr : machine.cursor(lookup.table);
  if (is_worth_a_table(machine, lookup)) KEELBACK_TRY(make_table(machine, step));
  if (lookup.joined && !has_null_key(machine, step)) {
    return join_table(machine, step, place, *lookup.joined, lookup.key_columns.size());
  }
  lookup.asked += lookup.waiting.size();
  const bool reads_table = std::any_of(lookup.fetches.begin(), lookup.fetches.end(),
                                       [&](const Fetch& wanted) { return wanted.cursor == lookup.table; });
  for (const uint16_t parent : lookup.waiting) {
    KEELBACK_TRY(key_of(machine, step, parent));
    lookup.key.assign(arguments_.begin(), arguments_.end());
    bool found = false;
    KEELBACK_TRY(index.seek_forward(lookup.key, true, found));
    begin_parent(lookup);
    bool is_enough = false;
    while (found) {
      int order = 0;
      KEELBACK_TRY(index.compare_key(lookup.key, order));
      if (order > 0) break;
      const size_t pair = lookup.parents.size();
      ++lookup.found;
      KEELBACK_TRY(fetch(index, lookup, step.instruction->p1, pair));
      if (table && reads_table) {
        Value rowid;
        KEELBACK_TRY(index.rowid(rowid));
        if (!rowid.is_integer()) return corrupt();
        KEELBACK_TRY(table->find({&rowid, 1}, found));
        if (!found) return corrupt();
        KEELBACK_TRY(fetch_row(static_cast<TableTreeCursor&>(*table), lookup, lookup.table, pair));
      }
      KEELBACK_TRY(add_pair(machine, step, place, parent, is_enough));
      if (is_enough) break;
      KEELBACK_TRY(index.next(found));
    }
  }
  return ok_status;
}

}  // namespace keelback::vm
