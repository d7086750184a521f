// Opcodes of the family arith: arithmetic, bits, concatenation, casts. The operators themselves are value/arithmetic.
//
// Operands stand as SQLite has them: r[p2] is the left one, r[p1] the right one. Twin:
// keelback_core/reference/vm/ops/arith.py.
#ifndef KEELBACK_VM_OPS_ARITH_HPP
#define KEELBACK_VM_OPS_ARITH_HPP

#include <limits>

#include "../../value/affinity.hpp"
#include "../../value/arithmetic.hpp"
#include "../../value/cast.hpp"
#include "../../value/memory_account.hpp"
#include "../../value/text_bytes.hpp"
#include "handler.hpp"

namespace keelback::vm::ops {

template <Value (*operation)(const Value&, const Value&) noexcept>
inline Signal binary(Machine& m, const Instruction& i) {
  m.r(i.p3).set_plain(operation(m.r(i.p2).value(), m.r(i.p1).value()));
  return Signal::next;
}

// Reals and integers that do not overflow need no call.
inline Signal add_registers(Machine& m, const Instruction& i) {
  const Value& left = m.r(i.p2).value();
  const Value& right = m.r(i.p1).value();
  if (left.is_real() && right.is_real()) {
    m.r(i.p3).set_plain(Value::of_real(left.real() + right.real()));
    return Signal::next;
  }
  return binary<add>(m, i);
}

inline Signal concat_registers(Machine& m, const Instruction& i) {
  Joined joined;
  KEELBACK_OP_TRY(joined.open(m.r(i.p2).value(), m.r(i.p1).value(), m.limit_length()));
  Register& target = m.r(i.p3);
  if (joined.is_null) {
    target.set_null();
    return Signal::next;
  }
  if (memory_account::would_pass_hard_limit(joined.first.size() + joined.second.size())) [[unlikely]]
    return m.fail(Status(result::NOMEM));
  if (i.p3 != i.p1 && i.p3 != i.p2) {
    target.set_joined(joined.first, joined.second);
  } else {
    std::string text(joined.first);
    target.set_bytes(text.append(joined.second), Type::text);
  }
  return Signal::next;
}

inline Signal add_immediate(Machine& m, const Instruction& i) {
  // Wraps around as the 64-bit register of SQLite does.
  const auto total = static_cast<uint64_t>(to_integer(m.r(i.p1).value())) + static_cast<uint64_t>(int64_t{i.p2});
  m.r(i.p1).set_integer(static_cast<int64_t>(total));
  return Signal::next;
}

// As real_as_integer, and the smallest integer too.
inline Value real_as_rowid(double real) {
  return real == -9223372036854775808.0 ? Value::of_integer(std::numeric_limits<int64_t>::min())
                                        : real_as_integer(real);
}

inline Signal must_be_int(Machine& m, const Instruction& i) {
  const Value value = m.r(i.p1).value();
  if (value.is_integer()) return Signal::next;
  TextBuffer buffer;
  const Value number = value.is_real() ? real_as_rowid(value.real()) : apply_affinity(value, affinity::numeric, buffer);
  if (number.is_integer()) {
    m.r(i.p1).set_plain(number);
  } else if (i.p2) {
    m.jump(i.p2);
  } else {
    return m.fail(Status(result::MISMATCH));
  }
  return Signal::next;
}

inline Signal real_affinity(Machine& m, const Instruction& i) {
  const Value value = m.r(i.p1).value();
  if (value.is_integer()) m.r(i.p1).set_plain(Value::of_real(static_cast<double>(value.integer())));
  return Signal::next;
}

// CAST in a database of UTF-16, whose text has other bytes.
inline void cast_utf16(Machine& m, const Instruction& i) {
  const char wanted = static_cast<char>(i.p2);
  Register& place = m.r(i.p1);
  TextBuffer buffer;
  std::string other;
  const int encoding = i.p5 & 3;
  if ((i.p5 & 4) && !place.value().is_text()) return;
  if (place.value().is_blob() && wanted > affinity::blob) {
    decode_utf16(place.value().text(), encoding, other);
    place.adopt(std::move(other), Type::text);
  } else if (!place.value().is_null() && !place.value().is_blob() && wanted <= affinity::blob) {
    encode_text(to_text(place.value(), buffer).text(), encoding, other);
    place.adopt(std::move(other), Type::blob);
  }
  place.set(cast_value(place.value(), wanted, buffer));
}

inline Signal cast(Machine& m, const Instruction& i) {
  TextBuffer buffer;
  // A TEXT cast to TEXT stays what it is, JSON included.
  if (m.r(i.p1).is_json() && static_cast<char>(i.p2) == affinity::text) return Signal::next;
  if (i.p5) {
    cast_utf16(m, i);
    return Signal::next;
  }
  m.r(i.p1).set(cast_value(m.r(i.p1).value(), static_cast<char>(i.p2), buffer));
  return Signal::next;
}

inline Signal bit_not_register(Machine& m, const Instruction& i) {
  m.r(i.p2).set_plain(bit_not(m.r(i.p1).value()));
  return Signal::next;
}

}  // namespace keelback::vm::ops

#endif
