// Opcodes of the family control: jumps, subroutines, coroutines, sub-programs, halting.
//
// An address kept in a register is that of the instruction that stored it; execution goes on after it. Twin:
// keelback_core/reference/vm/ops/control.py.
#ifndef KEELBACK_VM_OPS_CONTROL_HPP
#define KEELBACK_VM_OPS_CONTROL_HPP

#include "handler.hpp"

namespace keelback::vm::ops {

inline Signal jump_to_p2(Machine& m, const Instruction& i) {
  m.jump(i.p2);
  return Signal::next;
}

inline Signal gosub(Machine& m, const Instruction& i) {
  m.r(i.p1).set_integer(m.address_of_next() - 1);
  m.jump(i.p2);
  return Signal::next;
}

inline Signal return_after(Machine& m, const Instruction& i) {
  const Value& address = m.r(i.p1).value();
  if (address.is_integer()) return m.jump_to(address.integer() + 1);
  return i.p3 ? Signal::next : m.fail(Status(result::INTERNAL));
}

inline Signal init_coroutine(Machine& m, const Instruction& i) {
  m.r(i.p1).set_integer(static_cast<int64_t>(i.p3) - 1);
  m.jump(i.p2);
  return Signal::next;
}

inline Signal end_coroutine(Machine& m, const Instruction& i) {
  const Value caller = m.r(i.p1).value();
  const Instruction* yield = caller.is_integer() ? m.instruction_at(caller.integer()) : nullptr;
  if (!yield) return m.fail(Status(result::INTERNAL));
  m.r(i.p1).set_integer(m.address_of_next() - 2);
  return m.jump_to(yield->p2);
}

inline Signal yield_control(Machine& m, const Instruction& i) {
  const Value target = m.r(i.p1).value();
  if (!target.is_integer()) return m.fail(Status(result::INTERNAL));
  m.r(i.p1).set_integer(m.address_of_next() - 1);
  return m.jump_to(target.integer() + 1);
}

Signal halt(Machine& m, const Instruction& i);
Signal run_program(Machine& m, const Instruction& i);

inline Signal halt_if_null(Machine& m, const Instruction& i) { return m.r(i.p3).is_null() ? halt(m, i) : Signal::next; }

inline Signal once(Machine& m, const Instruction& i) {
  const auto here = static_cast<size_t>(m.address_of_next());
  if (m.frame().meet_once(here)) m.jump(i.p2);
  return Signal::next;
}

inline Signal begin_subroutine(Machine& m, const Instruction& i) {
  m.r(i.p2).set_null();
  return Signal::next;
}

inline Signal param(Machine& m, const Instruction& i) {
  Frame& frame = m.frame();
  if (!frame.parent) return m.fail(Status(result::INTERNAL));
  const int64_t place = static_cast<int64_t>(frame.first_parameter) + i.p1;
  if (place < 1 || place > frame.parent->program->register_count) return m.fail(Status(result::INTERNAL));
  m.r(i.p2).copy(frame.parent->registers[static_cast<size_t>(place)]);
  return Signal::next;
}

inline Signal noop(Machine&, const Instruction&) { return Signal::next; }

}  // namespace keelback::vm::ops

#endif
