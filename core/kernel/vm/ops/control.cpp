#include "control.hpp"

#include "../../value/cast.hpp"

namespace keelback::vm::ops {

namespace {

const char* constraint_kind(int p5) {
  switch (p5) {
    case program::halt_not_null:
      return "NOT NULL";
    case program::halt_unique:
      return "UNIQUE";
    case program::halt_check:
      return "CHECK";
    default:
      return "FOREIGN KEY";
  }
}

}  // namespace

Signal halt(Machine& m, const Instruction& i) {
  if (i.p1 == result::OK) {
    if (!m.frame().parent) return m.finish();
    m.host.changes = m.change_count;
    m.host.total_changes += m.change_count;
    const int32_t ignore_address = m.leave_frame();
    return i.p2 == program::conflict_ignore || i.p3 ? m.jump_to(ignore_address) : Signal::next;
  }
  m.error_action = i.p2 ? i.p2 : static_cast<int>(program::conflict_abort);
  const std::string* detail = i.p4_kind == program::Operand4Kind::text ? i.p4.bytes : nullptr;
  if (i.p5 != program::halt_message) {
    std::string message = std::string(constraint_kind(i.p5)) + " constraint failed";
    if (detail) message += ": " + *detail;
    return m.fail(m.host.fail(i.p1, std::move(message)));
  }
  if (detail) return m.fail(m.host.fail(i.p1, *detail));
  if (i.p3 <= 0 || i.p3 > m.frame().program->register_count || i.opcode != program::OP_HALT)
    return m.fail(Status(i.p1));
  TextBuffer buffer;
  const Value text = to_text(m.r(i.p3).value(), buffer);
  return m.fail(m.host.fail(i.p1, text.is_null() ? std::string() : std::string(text.text())));
}

Signal run_program(Machine& m, const Instruction& i) {
  const Program& sub_program = *i.p4.program;
  const int trigger_number = i.p5 >> 1;
  if (!(i.p5 & 1) && m.is_active(sub_program, trigger_number)) return Signal::next;
  if (m.frame().depth >= m.session.trigger_depth_limit) {
    return m.fail(Status(result::ERROR, "triggers nested too deep"));
  }
  m.enter_frame(sub_program, trigger_number, i.p1, i.p2);
  return Signal::next;
}

}  // namespace keelback::vm::ops
