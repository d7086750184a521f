// Opcodes of the family txn: transactions, savepoints, counters. The rules are in session and statement_end.
//
// Twin: keelback_core/reference/vm/ops/txn.py.
#ifndef KEELBACK_VM_OPS_TXN_HPP
#define KEELBACK_VM_OPS_TXN_HPP

#include "../../value/cast.hpp"
#include "cursor_write.hpp"
#include "handler.hpp"

namespace keelback::vm::ops {

Signal transaction(Machine& m, const Instruction& i);
Signal auto_commit(Machine& m, const Instruction& i);
Signal savepoint(Machine& m, const Instruction& i);

inline Signal reset_count(Machine& m, const Instruction&) {
  m.host.changes = m.change_count;
  m.host.total_changes += m.change_count;
  m.change_count = 0;
  return Signal::next;
}

inline Signal mem_max(Machine& m, const Instruction& i) {
  // The counter of AUTOINCREMENT is one of the statement, also from within a trigger.
  Register* counter = outermost_register(m, i.p1);
  if (!counter) return m.fail(impossible());
  const int64_t left = to_integer(counter->value());
  const int64_t right = to_integer(m.r(i.p2).value());
  counter->set_integer(left > right ? left : right);
  return Signal::next;
}

inline Signal count_constraint(Machine& m, const Instruction& i) {
  if (m.session.defers_foreign_keys) {
    m.session.deferred_immediate_constraints += i.p2;
  } else if (i.p1) {
    m.session.deferred_constraints += i.p2;
  } else {
    m.constraint_count += i.p2;
  }
  return Signal::next;
}

inline Signal jump_if_no_constraint(Machine& m, const Instruction& i) {
  const int64_t count = i.p1 ? m.session.deferred_constraints : m.constraint_count;
  if (count == 0 && m.session.deferred_immediate_constraints == 0) m.jump(i.p2);
  return Signal::next;
}

}  // namespace keelback::vm::ops

#endif
