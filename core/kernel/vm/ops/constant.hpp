// Opcodes of the family constant: constants, parameters, and moves between registers.
//
// Twin: keelback_core/reference/vm/ops/constant.py.
#ifndef KEELBACK_VM_OPS_CONSTANT_HPP
#define KEELBACK_VM_OPS_CONSTANT_HPP

#include "handler.hpp"

namespace keelback::vm::ops {

inline Signal integer(Machine& m, const Instruction& i) {
  m.r(i.p2).set_integer(i.p1);
  return Signal::next;
}

inline Signal constant_p4(Machine& m, const Instruction& i) {
  // The program outlives the run, so its texts need no copy.
  m.r(i.p2).set_plain(i.constant());
  return Signal::next;
}

inline Signal constant_bytes(Machine& m, const Instruction& i) {
  const Value& value = i.constant();
  if (value.size() > m.limit_length()) return m.fail(Status(result::TOOBIG));
  m.r(i.p2).set_plain(value);
  return Signal::next;
}

inline Signal null(Machine& m, const Instruction& i) {
  const int32_t last = i.p3 > i.p2 ? i.p3 : i.p2;
  for (int32_t target = i.p2; target <= last; ++target) {
    if (i.p1) {
      m.r(target).set_cleared_null();
    } else {
      m.r(target).set_null();
    }
  }
  return Signal::next;
}

inline Signal soft_null(Machine& m, const Instruction& i) {
  m.r(i.p1).set_null();
  return Signal::next;
}

inline Signal variable(Machine& m, const Instruction& i) {
  if (i.p1 < 1 || static_cast<size_t>(i.p1) > m.parameters.size()) return m.fail(Status(result::INTERNAL));
  const Value& value = m.parameters[static_cast<size_t>(i.p1) - 1];
  if (value.has_bytes() && value.size() > m.limit_length()) return m.fail(Status(result::TOOBIG));
  // Bindings do not change while the machine runs.
  m.r(i.p2).set_plain(value);
  return Signal::next;
}

inline Signal move(Machine& m, const Instruction& i) {
  for (int32_t offset = 0; offset < i.p3; ++offset) m.r(i.p2 + offset).move_from(m.r(i.p1 + offset));
  return Signal::next;
}

inline Signal copy(Machine& m, const Instruction& i) {
  for (int32_t offset = 0; offset <= i.p3; ++offset) m.r(i.p2 + offset).copy(m.r(i.p1 + offset));
  if (i.p5 & program::copy_clears_subtype) m.r(i.p2).clear_json();
  return Signal::next;
}

inline Signal copy_one(Machine& m, const Instruction& i) {
  m.r(i.p2).copy(m.r(i.p1));
  return Signal::next;
}

}  // namespace keelback::vm::ops

#endif
