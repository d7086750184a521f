// Opcodes of the family aggregate: aggregate functions, tables of groups, row sets.
//
// The state of an aggregate is an object in a register; it is made at its first step, and used again for the next
// group. Twin: keelback_core/reference/vm/ops/aggregate.py.
#ifndef KEELBACK_VM_OPS_AGGREGATE_HPP
#define KEELBACK_VM_OPS_AGGREGATE_HPP

#include "../../value/memory_account.hpp"
#include "../bloom_filter.hpp"
#include "../groups.hpp"
#include "../row_set.hpp"
#include "../samples.hpp"
#include "handler.hpp"

namespace keelback::vm::ops {

// Begin the state of the aggregate in a register.
Signal begin_aggregate(Machine& m, const Instruction& i, Register& state);

inline Signal aggregate_step(Machine& m, const Instruction& i) {
  Register& state = m.r(i.p3);
  if (state.holds() != Holds::aggregate) [[unlikely]] {
    if (begin_aggregate(m, i, state) == Signal::failed) return Signal::failed;
  }
  auto* aggregate = static_cast<Aggregate*>(state.object());
  if (m.has_json || !aggregate->made_by) [[unlikely]] {
    m.mark_arguments(i.p2, i.p5);
    aggregate->json_arguments = m.host.json_arguments;
  }
  KEELBACK_OP_TRY(aggregate->step(m.values(i.p2, i.p5)));
  return Signal::next;
}

inline Signal aggregate_inverse(Machine& m, const Instruction& i) {
  Register& state = m.r(i.p3);
  if (state.holds() != Holds::aggregate) {
    if (begin_aggregate(m, i, state) == Signal::failed) return Signal::failed;
  }
  KEELBACK_OP_TRY(static_cast<Aggregate*>(state.object())->inverse(m.values(i.p2, i.p5)));
  return Signal::next;
}

inline Signal aggregate_value(Machine& m, const Instruction& i) {
  Register& state = m.r(i.p1);
  if (i.p1 == i.p3) return m.fail(impossible());
  if (state.holds() != Holds::aggregate) {
    if (begin_aggregate(m, i, state) == Signal::failed) return Signal::failed;
  }
  Register& result = m.r(i.p3);
  KEELBACK_OP_TRY(static_cast<Aggregate*>(state.object())->value(m.host, result));
  if (result.is_json()) [[unlikely]]
    m.has_json = true;
  if (result.value().has_bytes() && result.value().size() > m.limit_length())
    return m.fail(Status(keelback::result::TOOBIG));
  return Signal::next;
}

inline Signal aggregate_final(Machine& m, const Instruction& i) {
  Register& state = m.r(i.p1);
  if (i.p5) {
    // Nobody wants the result: what a user's function holds is to be freed, and its error is not told.
    if (state.holds() == Holds::aggregate) (void)static_cast<Aggregate*>(state.object())->final(m.host, state);
    state.set_null();
    return Signal::next;
  }
  if (state.holds() != Holds::aggregate) {
    if (begin_aggregate(m, i, state) == Signal::failed) return Signal::failed;
  }
  KEELBACK_OP_TRY(static_cast<Aggregate*>(state.object())->final(m.host, state));
  if (state.is_json()) [[unlikely]]
    m.has_json = true;
  if (state.value().has_bytes() && state.value().size() > m.limit_length()) return m.fail(Status(result::TOOBIG));
  if (state.value().has_bytes() && memory_account::would_pass_hard_limit(state.value().size())) [[unlikely]]
    return m.fail(Status(result::NOMEM));
  return Signal::next;
}

Signal group_open(Machine& m, const Instruction& i);

Signal sample_open(Machine& m, const Instruction& i);
Signal sample_push(Machine& m, const Instruction& i);
Signal sample_next(Machine& m, const Instruction& i);

inline GroupCursor* groups(Machine& m, int32_t index) {
  Cursor* cursor = m.cursor(index);
  return cursor && cursor->kind == CursorKind::groups ? static_cast<GroupCursor*>(cursor) : nullptr;
}

inline Signal group_find(Machine& m, const Instruction& i) {
  GroupCursor* cursor = groups(m, i.p1);
  if (!cursor) return m.fail(impossible());
  bool is_known = false;
  cursor->go_to(m.values(i.p3, i.count()), &m.r(0), is_known);
  if (is_known) m.jump(i.p2);
  return Signal::next;
}

inline Signal group_sort(Machine& m, const Instruction& i) {
  GroupCursor* cursor = groups(m, i.p1);
  if (!cursor) return m.fail(impossible());
  bool found = false;
  KEELBACK_OP_TRY(cursor->sort(&m.r(0), found));
  if (!found) m.jump(i.p2);
  return Signal::next;
}

inline Signal group_next(Machine& m, const Instruction& i) {
  GroupCursor* cursor = groups(m, i.p1);
  if (!cursor) return m.fail(impossible());
  bool found = false;
  KEELBACK_OP_TRY(cursor->go_on(&m.r(0), found));
  if (found) m.jump(i.p2);
  return Signal::next;
}

inline Signal group_room(Machine& m, const Instruction& i) {
  GroupCursor* cursor = groups(m, i.p1);
  if (!cursor) return m.fail(impossible());
  if (!cursor->is_turned_away()) m.jump(i.p2);
  return Signal::next;
}

inline Signal group_defer(Machine& m, const Instruction& i) {
  GroupCursor* cursor = groups(m, i.p1);
  if (!cursor || !m.r(i.p2).is_record()) return m.fail(impossible());
  KEELBACK_OP_TRY(cursor->defer(m.r(i.p2).value().text()));
  return Signal::next;
}

// By the loop by pages that gives the rows of the cursor.
Signal group_take(Machine& m, const Instruction& i);

inline Signal group_row(Machine& m, const Instruction& i) {
  GroupCursor* cursor = groups(m, i.p1);
  if (!cursor) return m.fail(impossible());
  bool found = false;
  KEELBACK_OP_TRY(cursor->take_row(found));
  if (!found) m.jump(i.p2);
  return Signal::next;
}

inline Signal filter_add(Machine& m, const Instruction& i) {
  add_to_bloom_filter(m.r(i.p1), i.p2, m.values(i.p3, i.count()));
  return Signal::next;
}

inline Signal filter_test(Machine& m, const Instruction& i) {
  const bool may_be = may_be_in_bloom_filter(m.r(i.p1).value(), m.values(i.p3, i.count()));
  ++m.counts[may_be ? program::count_filter_miss : program::count_filter_hit];
  if (!may_be) m.jump(i.p2);
  return Signal::next;
}

inline RowSet& row_set(Machine& m, Register& place) {
  if (place.holds() != Holds::row_set) {
    auto* kept = dynamic_cast<RowSet*>(place.object());
    if (kept) {
      kept->clear();
      place.hold_object(Holds::row_set);
    } else {
      place.set_object(std::make_unique<RowSet>(m.session.working_memory()), Holds::row_set);
    }
  }
  return *static_cast<RowSet*>(place.object());
}

inline Signal row_set_add(Machine& m, const Instruction& i) {
  const Value& rowid = m.r(i.p2).value();
  KEELBACK_OP_TRY(row_set(m, m.r(i.p1)).add(rowid.is_integer() ? rowid.integer() : 0));
  return Signal::next;
}

inline Signal row_set_read(Machine& m, const Instruction& i) {
  int64_t rowid = 0;
  bool found = false;
  KEELBACK_OP_TRY(row_set(m, m.r(i.p1)).take_smallest(rowid, found));
  if (found) {
    m.r(i.p3).set_integer(rowid);
  } else {
    m.r(i.p1).set_null();
    m.jump(i.p2);
  }
  return Signal::next;
}

inline Signal row_set_test(Machine& m, const Instruction& i) {
  RowSet& set = row_set(m, m.r(i.p1));
  const Value& rowid = m.r(i.p3).value();
  if (!rowid.is_integer()) return m.fail(impossible());
  bool found = false;
  KEELBACK_OP_TRY(set.contains(rowid.integer(), found));
  if (found) {
    m.jump(i.p2);
  } else {
    KEELBACK_OP_TRY(set.add(rowid.integer()));
  }
  return Signal::next;
}

}  // namespace keelback::vm::ops

#endif
