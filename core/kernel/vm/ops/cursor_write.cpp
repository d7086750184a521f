#include "cursor_write.hpp"

#include <limits>
#include <vector>

#include "../../value/cast.hpp"
#include "../tree_cursor.hpp"

namespace keelback::vm::ops {

namespace {

// The codes that sqlite3_update_hook hands out.
constexpr int hook_delete = 9;
constexpr int hook_insert = 18;
constexpr int hook_update = 23;

constexpr int random_tries = 100;
constexpr int64_t largest = std::numeric_limits<int64_t>::max();

Status random_rowid(Machine& m, Cursor& cursor, int64_t& rowid) {
  for (int attempt = 0; attempt < random_tries; ++attempt) {
    m.host.random_bytes(&rowid, sizeof rowid);
    rowid = (rowid & (largest >> 1)) + 1;
    const Value key = Value::of_integer(rowid);
    bool found = false;
    KEELBACK_TRY(cursor.find({&key, 1}, found));
    if (!found) return ok_status;
  }
  return Status(result::FULL);
}

const std::string* table_name(const Instruction& i) {
  return i.p4_kind == program::Operand4Kind::text ? i.p4.bytes : nullptr;
}

}  // namespace

Register* outermost_register(Machine& m, int32_t index) {
  Frame* frame = &m.frame();
  while (frame->parent) frame = frame->parent.get();
  if (index < 1 || index > frame->program->register_count) return nullptr;
  return &frame->registers[static_cast<size_t>(index)];
}

Signal new_rowid(Machine& m, const Instruction& i) {
  KEELBACK_OP_CURSOR(cursor, i.p1);
  bool found = false;
  Value last = Value::of_integer(0);
  if (cursor->kind == CursorKind::table) [[likely]] {
    KEELBACK_OP_TRY(static_cast<TableTreeCursor*>(cursor)->last_rowid(last));
  } else {
    KEELBACK_OP_TRY(cursor->last(found));
    if (found) KEELBACK_OP_TRY(cursor->rowid(last));
  }
  if (!last.is_integer()) return m.fail(corrupt());
  const bool is_full = last.integer() == largest;
  int64_t rowid = is_full ? largest : last.integer() + 1;
  if (i.p3 > 0) {
    Register* used_register = outermost_register(m, i.p3);
    if (!used_register) return m.fail(impossible());
    const int64_t used = to_integer(used_register->value());
    if (used == largest || is_full) return m.fail(Status(result::FULL));
    if (rowid < used + 1) rowid = used + 1;
    used_register->set_integer(rowid);
  } else if (is_full) {
    KEELBACK_OP_TRY(random_rowid(m, *cursor, rowid));
  }
  m.r(i.p2).set_integer(rowid);
  return Signal::next;
}

Signal insert(Machine& m, const Instruction& i) {
  KEELBACK_OP_CURSOR(cursor, i.p1);
  const Register& record = m.r(i.p2);
  const Value rowid = m.r(i.p3).value();
  if (!record.is_record() || !rowid.is_integer()) return m.fail(impossible());
  if (i.p5 & program::write_count_change) ++m.change_count;
  if (i.p5 & program::write_last_rowid) m.host.last_insert_rowid = rowid.integer();
  const std::string_view bytes = record.value().text();
  if (cursor->kind == CursorKind::table) [[likely]] {
    auto& table = *static_cast<TableTreeCursor*>(cursor);
    if (table.stored_size(bytes) > m.limit_length()) return m.fail(Status(result::TOOBIG));
    ++m.session.change_serial;
    KEELBACK_OP_TRY(table.insert_row(rowid.integer(), bytes, i.p5 & program::write_keep_position));
  } else {
    KEELBACK_OP_TRY(cursor->insert_row(rowid.integer(), bytes, i.p5 & program::write_keep_position));
  }
  const std::string* table = m.host.has_update_hook ? table_name(i) : nullptr;
  if (table && cursor->is_stored()) {
    m.host.update_hook(i.p5 & program::write_is_update ? hook_update : hook_insert, cursor->database, *table,
                       rowid.integer());
  }
  return Signal::next;
}

Signal delete_entry(Machine& m, const Instruction& i) {
  KEELBACK_OP_CURSOR(cursor, i.p1);
  const std::string* table = m.host.has_update_hook ? table_name(i) : nullptr;
  const bool is_hooked = table && cursor->is_stored() && !(i.p5 & program::write_is_update);
  Value rowid;
  if (is_hooked && cursor->is_table) KEELBACK_OP_TRY(cursor->rowid(rowid));
  ++m.session.change_serial;
  if (cursor->kind == CursorKind::table) [[likely]] {
    KEELBACK_OP_TRY(static_cast<TableTreeCursor*>(cursor)->remove());
  } else {
    KEELBACK_OP_TRY(cursor->remove());
  }
  if (i.p2 & program::write_count_change) ++m.change_count;
  if (rowid.is_integer()) m.host.update_hook(hook_delete, cursor->database, *table, rowid.integer());
  return Signal::next;
}

Signal index_insert(Machine& m, const Instruction& i) {
  KEELBACK_OP_CURSOR(cursor, i.p1);
  const Register& record = m.r(i.p2);
  if (!record.is_record()) return m.fail(impossible());
  if (i.p5 & program::write_count_change) ++m.change_count;
  ++m.session.change_serial;
  if (i.p5 & program::write_append) {
    KEELBACK_OP_TRY(cursor->append_entry(record.value().text()));
    return Signal::next;
  }
  if (cursor->kind == CursorKind::index && i.p3 > 0 && i.count() > 0) [[likely]] {
    auto& index = *static_cast<IndexTreeCursor*>(cursor);
    KEELBACK_OP_TRY(index.insert_under(m.values(i.p3, i.count()), record.value().text()));
    return Signal::next;
  }
  KEELBACK_OP_TRY(cursor->insert_entry(record.value().text(), static_cast<size_t>(i.count())));
  return Signal::next;
}

Signal index_delete(Machine& m, const Instruction& i) {
  KEELBACK_OP_CURSOR(cursor, i.p1);
  bool found = false;
  KEELBACK_OP_TRY(cursor->find(m.values(i.p2, i.p3), found));
  if (found) {
    ++m.session.change_serial;
    KEELBACK_OP_TRY(cursor->remove());
  } else if (i.p5) {
    return m.fail(Status(result::CORRUPT_INDEX));
  }
  return Signal::next;
}

Signal pre_update(Machine& m, const Instruction& i) {
  const std::string* table = table_name(i);
  if (!table) return m.fail(impossible());
  PreUpdate change;
  change.operation = i.p2 <= 0 ? hook_insert : i.p3 <= 0 ? hook_delete : hook_update;
  change.depth = m.frame().depth;
  const size_t width = size_t{i.p5} + 1;
  // One buffer serves both rows of an UPDATE.
  std::vector<Value> old;
  if (i.p2 > 0) {
    const std::span<const Value> row = m.values(i.p2, i.p5 + 1);
    old.assign(row.begin(), row.end());
    change.old_row = std::span<const Value>(old).subspan(1, width - 1);
    change.old_rowid = change.new_rowid = to_integer(old[0]);
  }
  if (i.p3 > 0) {
    const std::span<const Value> row = m.values(i.p3, i.p5 + 1);
    change.new_row = row.subspan(1, width - 1);
    change.new_rowid = to_integer(row[0]);
    if (i.p2 <= 0) change.old_rowid = change.new_rowid;
  }
  m.host.preupdate_hook(i.p1, *table, change);
  return Signal::next;
}

}  // namespace keelback::vm::ops
