// Opcodes of the family join: hash tables. Twin: keelback_core/reference/vm/ops/join.py.
#ifndef KEELBACK_VM_OPS_JOIN_HPP
#define KEELBACK_VM_OPS_JOIN_HPP

#include "../hash_table.hpp"
#include "handler.hpp"

namespace keelback::vm::ops {

Signal hash_open(Machine& m, const Instruction& i);

inline HashTableCursor* hash_table(Machine& m, int32_t index) {
  Cursor* cursor = m.cursor(index);
  return cursor && cursor->kind == CursorKind::hash_table ? static_cast<HashTableCursor*>(cursor) : nullptr;
}

inline Signal hash_insert(Machine& m, const Instruction& i) {
  HashTableCursor* table = hash_table(m, i.p1);
  if (!table) return m.fail(impossible());
  KEELBACK_OP_TRY(table->insert(m.values(i.p3, i.count())));
  return Signal::next;
}

inline Signal hash_find(Machine& m, const Instruction& i) {
  HashTableCursor* table = hash_table(m, i.p1);
  if (!table) return m.fail(impossible());
  bool found = false;
  KEELBACK_OP_TRY(table->find(m.values(i.p3, i.count()), found));
  if (!found) m.jump(i.p2);
  return Signal::next;
}

inline Signal hash_next(Machine& m, const Instruction& i) {
  HashTableCursor* table = hash_table(m, i.p1);
  if (!table) return m.fail(impossible());
  bool found = false;
  KEELBACK_OP_TRY(table->next(found));
  if (found) m.jump(i.p2);
  return Signal::next;
}

}  // namespace keelback::vm::ops

#endif
