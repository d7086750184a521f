// Opcodes of the family sort: sorters and ephemeral trees. Twin: keelback_core/reference/vm/ops/sort.py.
#ifndef KEELBACK_VM_OPS_SORT_HPP
#define KEELBACK_VM_OPS_SORT_HPP

#include "../sorter.hpp"
#include "handler.hpp"

namespace keelback::vm::ops {

Signal open_ephemeral(Machine& m, const Instruction& i);
Signal sorter_open(Machine& m, const Instruction& i);

inline SorterCursor* sorter(Machine& m, int32_t index) {
  Cursor* cursor = m.cursor(index);
  return cursor && cursor->kind == CursorKind::sorter ? static_cast<SorterCursor*>(cursor) : nullptr;
}

inline Signal sorter_insert(Machine& m, const Instruction& i) {
  SorterCursor* cursor = sorter(m, i.p1);
  const Register& record = m.r(i.p2);
  if (!cursor || !record.is_record()) return m.fail(impossible());
  KEELBACK_OP_TRY(cursor->add(record.value().text()));
  return Signal::next;
}

inline Signal sort(Machine& m, const Instruction& i) {
  ++m.counts[program::count_sort];
  KEELBACK_OP_CURSOR(cursor, i.p1);
  bool found = false;
  KEELBACK_OP_TRY(cursor->first(found));
  if (!found) m.jump(i.p2);
  return Signal::next;
}

inline Signal sorter_data(Machine& m, const Instruction& i) {
  SorterCursor* cursor = sorter(m, i.p1);
  if (!cursor) return m.fail(impossible());
  std::string_view record;
  KEELBACK_OP_TRY(cursor->record(record));
  m.r(i.p2).set_record(record);
  if (i.p3 >= 0 && static_cast<size_t>(i.p3) < m.cursor_count()) {
    Cursor* pseudo = m.cursor(i.p3);
    if (pseudo) pseudo->is_null_row = false;
  }
  return Signal::next;
}

inline Signal sorter_compare(Machine& m, const Instruction& i) {
  SorterCursor* cursor = sorter(m, i.p1);
  const Register& record = m.r(i.p3);
  if (!cursor || !record.is_record()) return m.fail(impossible());
  bool is_same = false;
  KEELBACK_OP_TRY(cursor->is_same_key(record.value().text(), i.count(), is_same));
  if (!is_same) m.jump(i.p2);
  return Signal::next;
}

inline Signal sorter_next(Machine& m, const Instruction& i) {
  SorterCursor* cursor = sorter(m, i.p1);
  if (!cursor) return m.fail(impossible());
  bool found = false;
  KEELBACK_OP_TRY(cursor->next(found));
  if (found) m.jump(i.p2);
  return Signal::next;
}

inline Signal reset_sorter(Machine& m, const Instruction& i) {
  KEELBACK_OP_CURSOR(cursor, i.p1);
  KEELBACK_OP_TRY(cursor->clear());
  return Signal::next;
}

}  // namespace keelback::vm::ops

#endif
