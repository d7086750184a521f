// Opcodes of the family compare: comparisons with affinity and collation, logic, counters of LIMIT.
//
// A comparison never changes its registers: affinities act on copies. Eq to Ge compare r[p3] (left) with r[p1] (right).
// Twin: keelback_core/reference/vm/ops/compare.py.
#ifndef KEELBACK_VM_OPS_COMPARE_HPP
#define KEELBACK_VM_OPS_COMPARE_HPP

#include <limits>

#include "../../value/arithmetic.hpp"
#include "../../value/cast.hpp"
#include "handler.hpp"

namespace keelback::vm::ops {

// The outcome of a comparison with a NULL.
inline constexpr int order_unknown = 2;

// The comparison of what is not two integers; false where a collation is missing.
bool order_of_values(Machine& m, const Instruction& i, int& order);
// The same of values that are in no registers, none of which is a cleared NULL.
bool order_of_pair(Machine& m, const Instruction& i, Value left, Value right, int& order);

// -1, 0, 1 as r[p3] is to r[p1], or order_unknown; remembers equality for ElseEq.
inline bool order_of(Machine& m, const Instruction& i, int& order) {
  const Value& left = m.r(i.p3).value();
  const Value& right = m.r(i.p1).value();
  if (left.is_integer() && right.is_integer()) [[likely]] {
    order = left.integer() < right.integer() ? -1 : left.integer() > right.integer();
  } else if (!order_of_values(m, i, order)) {
    return false;
  }
  m.compare_equal = order == 0;
  return true;
}

template <bool (*holds)(int order)>
inline Signal jump_if_order(Machine& m, const Instruction& i) {
  int order = 0;
  if (!order_of(m, i, order)) return Signal::failed;
  if (order == order_unknown ? (i.p5 & program::compare_jump_if_null) != 0 : holds(order)) m.jump(i.p2);
  return Signal::next;
}

inline bool is_equal(int order) { return order == 0; }
inline bool is_not_equal(int order) { return order != 0; }
inline bool is_less(int order) { return order < 0; }
inline bool is_less_or_equal(int order) { return order <= 0; }
inline bool is_greater(int order) { return order > 0; }
inline bool is_greater_or_equal(int order) { return order >= 0; }

inline Signal jump_if_was_equal(Machine& m, const Instruction& i) {
  if (m.compare_equal) m.jump(i.p2);
  return Signal::next;
}

inline Signal zero_or_null(Machine& m, const Instruction& i) {
  if (m.r(i.p1).is_null() || m.r(i.p3).is_null()) {
    m.r(i.p2).set_null();
  } else {
    m.r(i.p2).set_integer(0);
  }
  return Signal::next;
}

Signal compare(Machine& m, const Instruction& i);

inline Signal jump_by_order(Machine& m, const Instruction& i) {
  m.jump(m.compare_order < 0 ? i.p1 : m.compare_order == 0 ? i.p2 : i.p3);
  return Signal::next;
}

template <Value (*operation)(const Value&, const Value&) noexcept>
inline Signal logic(Machine& m, const Instruction& i) {
  m.r(i.p3).set_plain(operation(m.r(i.p1).value(), m.r(i.p2).value()));
  return Signal::next;
}

inline Signal not_register(Machine& m, const Instruction& i) {
  m.r(i.p2).set_plain(logical_not(m.r(i.p1).value()));
  return Signal::next;
}

inline Signal test_truth(Machine& m, const Instruction& i) {
  const Truth truth = is_true(m.r(i.p1).value());
  const int64_t value = truth == Truth::unknown ? i.p3 : truth == Truth::yes;
  m.r(i.p2).set_integer(value ^ (i.p4_kind == program::Operand4Kind::integer ? i.p4.integer : 0));
  return Signal::next;
}

inline Signal jump_if_true(Machine& m, const Instruction& i) {
  const Truth truth = is_true(m.r(i.p1).value());
  if (truth == Truth::yes || (truth == Truth::unknown && i.p3)) m.jump(i.p2);
  return Signal::next;
}

inline Signal jump_if_false(Machine& m, const Instruction& i) {
  const Truth truth = is_true(m.r(i.p1).value());
  if (truth == Truth::no || (truth == Truth::unknown && i.p3)) m.jump(i.p2);
  return Signal::next;
}

inline Signal jump_if_null(Machine& m, const Instruction& i) {
  if (m.r(i.p1).is_null()) m.jump(i.p2);
  return Signal::next;
}

inline Signal jump_if_not_null(Machine& m, const Instruction& i) {
  if (!m.r(i.p1).is_null()) m.jump(i.p2);
  return Signal::next;
}

inline Signal jump_if_positive(Machine& m, const Instruction& i) {
  const int64_t value = to_integer(m.r(i.p1).value());
  if (value > 0) {
    m.r(i.p1).set_integer(value - i.p3);
    m.jump(i.p2);
  }
  return Signal::next;
}

inline Signal jump_if_not_zero(Machine& m, const Instruction& i) {
  const int64_t value = to_integer(m.r(i.p1).value());
  if (value != 0) {
    if (value > 0) m.r(i.p1).set_integer(value - 1);
    m.jump(i.p2);
  }
  return Signal::next;
}

inline Signal decrement_and_jump_if_zero(Machine& m, const Instruction& i) {
  const int64_t value = to_integer(m.r(i.p1).value());
  if (value > std::numeric_limits<int64_t>::min()) m.r(i.p1).set_integer(value - 1);
  if (value == 1) m.jump(i.p2);
  return Signal::next;
}

inline Signal offset_limit(Machine& m, const Instruction& i) {
  const int64_t limit = to_integer(m.r(i.p1).value());
  const int64_t offset = to_integer(m.r(i.p3).value());
  int64_t total = 0;
  const bool overflows = __builtin_add_overflow(limit, offset > 0 ? offset : 0, &total);
  m.r(i.p2).set_integer(limit <= 0 || overflows ? -1 : total);
  return Signal::next;
}

}  // namespace keelback::vm::ops

#endif
