#include "compare.hpp"

#include "../../value/affinity.hpp"

namespace keelback::vm::ops {

bool order_of_values(Machine& m, const Instruction& i, int& order) {
  const bool is_cleared = m.r(i.p3).holds() == Holds::cleared_null || m.r(i.p1).holds() == Holds::cleared_null;
  if (is_cleared && i.p5 & program::compare_null_equal) [[unlikely]] {
    order = m.r(i.p3).is_null() ? -1 : 1;
    return true;
  }
  return order_of_pair(m, i, m.r(i.p3).value(), m.r(i.p1).value(), order);
}

bool order_of_pair(Machine& m, const Instruction& i, Value left, Value right, int& order) {
  if (left.is_null() || right.is_null()) {
    if (!(i.p5 & program::compare_null_equal)) {
      order = order_unknown;
    } else if (left.is_null() && right.is_null()) {
      order = 0;
    } else {
      order = left.is_null() ? -1 : 1;
    }
    return true;
  }
  TextBuffer buffer;
  const auto affinity = static_cast<char>(i.p5 & program::compare_affinity_mask);
  const bool are_texts = left.is_text() && right.is_text();
  if (affinity >= (are_texts ? affinity::numeric : affinity::text) && (left.is_text() || right.is_text())) {
    apply_comparison_affinity(left, right, affinity, buffer);
  }
  static constexpr Collation binary{};
  const Collation* collation = &binary;
  if (left.is_text() && right.is_text()) {
    const bool is_named = i.p4_kind == program::Operand4Kind::text;
    const Status status = is_named ? m.find_collation(*i.p4.bytes, collation) : m.find_binary(collation);
    if (!status.is_ok()) {
      m.fail(status);
      return false;
    }
  }
  order = compare_values(left, right, *collation);
  return true;
}

Signal compare(Machine& m, const Instruction& i) {
  // Most rows of an order belong to the group before.
  if (i.p3 == 1 && !(i.p5 & 1) && m.r(i.p1).value().is_integer() && m.r(i.p2).value().is_integer() &&
      m.r(i.p1).value().integer() == m.r(i.p2).value().integer()) {
    m.compare_order = 0;
    return Signal::next;
  }
  const KeyComparator* comparator = nullptr;
  KEELBACK_OP_TRY(m.find_comparator(*i.p4.key, comparator));
  const std::vector<int64_t>* offsets = i.p5 & 1 ? (&i - 1)->p4.integers : nullptr;
  m.compare_order = 0;
  for (int32_t position = 0; position < i.p3 && m.compare_order == 0; ++position) {
    const auto place = static_cast<size_t>(position);
    const auto offset = static_cast<int32_t>(offsets ? (*offsets)[place] : position);
    m.compare_order = comparator->compare_column(m.r(i.p1 + offset).value(), m.r(i.p2 + offset).value(), place);
  }
  return Signal::next;
}

}  // namespace keelback::vm::ops
