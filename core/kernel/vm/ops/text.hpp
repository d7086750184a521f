// Opcodes of the family text: calls of scalar functions.
//
// A user's function (Host) goes before the built-in one of the same name; a built-in one without a native twin runs in
// the host as well. What a call resolves to is kept for the run. Twin: keelback_core/reference/vm/ops/text.py.
#ifndef KEELBACK_VM_OPS_TEXT_HPP
#define KEELBACK_VM_OPS_TEXT_HPP

#include "../../value/memory_account.hpp"
#include "handler.hpp"

namespace keelback::vm::ops {

inline Signal call_function(Machine& m, const Instruction& i) {
  const ResolvedCall* call = nullptr;
  KEELBACK_OP_TRY(m.find_call(i, false, call));
  const Arguments arguments = m.values(i.p2, i.p5);
  Register& result = m.r(i.p3);
  if (const NativeScalar& native = call->scalar; native.function) {
    if (native.hands_on || native.is_about_json) m.mark_arguments(i.p2, i.p5);
    const uint64_t marked = native.hands_on ? m.host.json_arguments : 0;
    KEELBACK_OP_TRY(native.function({m.host, call->collation, result}, arguments));
    if (marked != 0) [[unlikely]] {
      for (int place = 0; place < i.p5 && place < 64; ++place) {
        const Value& argument = m.r(i.p2 + place).value();
        if (marked >> place & 1 && argument.text() == result.value().text()) result.mark_json();
      }
    }
    if (native.is_about_json && result.is_json()) m.has_json = true;
  } else {
    OwnedValue found;
    m.mark_arguments(i.p2, i.p5);
    KEELBACK_OP_TRY(m.host.call_scalar(*i.p4.function, arguments, found));
    if (const int64_t number = result.value().pointer_number(); number > 0) [[unlikely]] {
      m.host.release_pointer(number);
    }
    result.set(found.value());
    // A function may have interrupted its own connection.
    if (m.host.is_interrupted.load(std::memory_order_relaxed) && !m.host.progress_period) [[unlikely]] {
      m.note_long_work();
    }
    if (m.host.is_json_result) [[unlikely]] {
      result.mark_json();
      m.has_json = true;
    }
  }
  if (result.value().has_bytes() && result.value().size() > InterruptWatch::bytes_between) [[unlikely]] {
    if (result.value().size() > m.limit_length()) return m.fail(Status(result::TOOBIG));
    // SQLite writes zeros out only where somebody looks at them.
    const bool is_text = result.value().type() == Type::text;
    if (is_text && memory_account::would_pass_hard_limit(result.value().size())) return m.fail(Status(result::NOMEM));
    if (!m.host.progress_period) m.note_long_work();
  } else if (result.value().has_bytes() && result.value().size() > m.limit_length()) {
    return m.fail(Status(result::TOOBIG));
  }
  return Signal::next;
}

}  // namespace keelback::vm::ops

#endif
