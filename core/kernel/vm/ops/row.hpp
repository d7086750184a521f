// Opcodes of the family row: columns, records, affinities, the result row.
//
// Twin: keelback_core/reference/vm/ops/row.py.
#ifndef KEELBACK_VM_OPS_ROW_HPP
#define KEELBACK_VM_OPS_ROW_HPP

#include "../../value/affinity.hpp"
#include "../tree_cursor.hpp"
#include "handler.hpp"

namespace keelback::vm::ops {

inline Signal column(Machine& m, const Instruction& i) {
  KEELBACK_OP_CURSOR(cursor, i.p1);
  if (cursor->kind == CursorKind::table) [[likely]] {
    auto* table = static_cast<TableTreeCursor*>(cursor);
    RecordView* view = nullptr;
    KEELBACK_OP_TRY(table->open_view(view));
    if (!view) {
      KEELBACK_OP_TRY(table->load_column(i, m.r(i.p3)));
      return Signal::next;
    }
    // The columns that are read next, mostly of the same row, in one go.
    const Instruction* at = &i;
    KEELBACK_OP_TRY(view->load_run(at, table->encoding(), &m.r(0)));
    m.skip_to(at);
    return Signal::next;
  }
  Value value;
  KEELBACK_OP_TRY(cursor->column(static_cast<size_t>(i.p2), i.constant(), value));
  Register& target = m.r(i.p3);
  target.set(value);
  if (m.has_json && value.is_text() && cursor->is_json(static_cast<size_t>(i.p2))) [[unlikely]]
    target.mark_json();
  return Signal::next;
}

Signal type_check(Machine& m, const Instruction& i);

inline Signal affinity(Machine& m, const Instruction& i) {
  if (i.p4_kind != program::Operand4Kind::text) return Signal::next;
  const std::string& affinities = *i.p4.bytes;
  const int count = static_cast<int>(affinities.size()) < i.p2 ? static_cast<int>(affinities.size()) : i.p2;
  TextBuffer buffer;
  for (int offset = 0; offset < count; ++offset) {
    const char code = affinities[static_cast<size_t>(offset)];
    Register& target = m.r(i.p1 + offset);
    if (!may_change(target.value(), code)) continue;
    const Value value = target.value();
    const Value applied = apply_affinity(value, code, buffer);
    if (applied.type() != value.type() || applied.is_number()) target.set(applied);
  }
  return Signal::next;
}

Signal make_record(Machine& m, const Instruction& i);
Signal record_blob(Machine& m, const Instruction& i);

inline Signal result_row(Machine& m, const Instruction& i) { return m.give_row(i.p1, i.p2); }

inline Signal rowid(Machine& m, const Instruction& i) {
  KEELBACK_OP_CURSOR(cursor, i.p1);
  Value value;
  KEELBACK_OP_TRY(cursor->rowid(value));
  m.r(i.p2).set_plain(value);
  return Signal::next;
}

inline Signal row_data(Machine& m, const Instruction& i) {
  KEELBACK_OP_CURSOR(cursor, i.p1);
  std::string_view record;
  KEELBACK_OP_TRY(cursor->record(record));
  m.r(i.p2).set_record(record);
  return Signal::next;
}

inline Signal null_row(Machine& m, const Instruction& i) {
  KEELBACK_OP_CURSOR(cursor, i.p1);
  cursor->set_null_row();
  return Signal::next;
}

inline Signal count(Machine& m, const Instruction& i) {
  KEELBACK_OP_CURSOR(cursor, i.p1);
  int64_t total = 0;
  KEELBACK_OP_TRY(cursor->count(total));
  m.r(i.p2).set_integer(total);
  return Signal::next;
}

inline Signal sequence(Machine& m, const Instruction& i) {
  KEELBACK_OP_CURSOR(cursor, i.p1);
  m.r(i.p2).set_integer(cursor->sequence++);
  return Signal::next;
}

inline Signal sequence_test(Machine& m, const Instruction& i) {
  KEELBACK_OP_CURSOR(cursor, i.p1);
  if (cursor->sequence++ == 0) m.jump(i.p2);
  return Signal::next;
}

}  // namespace keelback::vm::ops

#endif
