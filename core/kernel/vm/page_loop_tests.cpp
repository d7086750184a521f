// Jumps of a loop by pages: tests that divide the rows at hand into those that go on and those that wait at a target.
#include <algorithm>
#include <bit>

#include "../value/affinity.hpp"
#include "hash_bytes.hpp"
#include "machine.hpp"
#include "ops/compare.hpp"
#include "page_loop.hpp"

namespace keelback::vm {

using namespace program;

namespace {

// Whether a comparison of this opcode jumps for -1, 0 and 1.
std::array<bool, 3> jumping_orders(Opcode opcode) {
  switch (opcode) {
    case OP_EQ:
      return {false, true, false};
    case OP_NE:
      return {true, false, true};
    case OP_LT:
      return {true, false, false};
    case OP_LE:
      return {true, true, false};
    case OP_GT:
      return {false, false, true};
    default:
      return {false, true, true};
  }
}

bool jumps_by_truth(const Instruction& i, const Value& value) {
  switch (i.opcode) {
    case OP_IS_NULL:
      return value.is_null();
    case OP_NOT_NULL:
      return !value.is_null();
    default:
      break;
  }
  const Truth truth = is_true(value);
  return truth == (i.opcode == OP_IF ? Truth::yes : Truth::no) || (truth == Truth::unknown && i.p3);
}

// As compare_binary; texts that are compared in bulk often differ in their first word.
int order_of_texts(std::string_view left, std::string_view right) {
  if (left.size() >= sizeof(uint64_t) && right.size() >= sizeof(uint64_t)) {
    static_assert(std::endian::native == std::endian::little);
    const uint64_t first = __builtin_bswap64(load_word(left.data()));
    const uint64_t second = __builtin_bswap64(load_word(right.data()));
    if (first != second) return first < second ? -1 : 1;
  }
  const int order = compare_binary(left, right);
  return (order > 0) - (order < 0);
}

// Whether texts are compared as they are, by their bytes.
bool compares_bytes(const Instruction& i) {
  const auto code = static_cast<char>(i.p5 & compare_affinity_mask);
  return code < affinity::numeric && (i.p4_kind != Operand4Kind::text || *i.p4.bytes == "BINARY");
}

}  // namespace

// The rows that wait here and those that come from above go on together.
void PageLoop::unpark(Step& step) {
  if (step.parked.empty()) return;
  merged_.clear();
  std::merge(rows_.begin(), rows_.end(), step.parked.begin(), step.parked.end(), std::back_inserter(merged_));
  rows_.swap(merged_);
  step.parked.clear();
}

// The rows of `jumping_` wait at the step's target, or have left the loop.
void PageLoop::park(const Step& step) {
  if (jumping_.empty() || step.target >= steps_.size()) return;
  Rows& parked = steps_[step.target].parked;
  merged_.clear();
  std::merge(parked.begin(), parked.end(), jumping_.begin(), jumping_.end(), std::back_inserter(merged_));
  parked.swap(merged_);
}

// The rows of `jumping_` go to the step's target, or out of the loop; the others go on.
void PageLoop::select(const Step& step) {
  if (jumping_.empty()) return;
  merged_.clear();
  if (jumping_.size() < rows_.size()) {
    std::set_difference(rows_.begin(), rows_.end(), jumping_.begin(), jumping_.end(), std::back_inserter(merged_));
  }
  rows_.swap(merged_);
  park(step);
}

// The same for a question about each row, without a branch on the answer.
template <typename Jumps>
void PageLoop::divide(const Step& step, Jumps jumps) {
  merged_.resize(rows_.size());
  jumping_.resize(rows_.size());
  size_t stay = 0;
  size_t jump = 0;
  for (const uint16_t row : rows_) {
    const bool is_jumping = jumps(row);
    merged_[stay] = row;
    jumping_[jump] = row;
    stay += is_jumping ? 0 : 1;
    jump += is_jumping ? 1 : 0;
  }
  merged_.resize(stay);
  jumping_.resize(jump);
  rows_.swap(merged_);
  park(step);
}

Status PageLoop::compare(Machine& machine, Step& step) {
  const Instruction& i = *step.instruction;
  const Values left = values(machine, step.sources[0]);
  const Values right = values(machine, step.sources[1]);
  const std::array<bool, 3> jumps = jumping_orders(i.opcode);
  const bool jumps_if_null = i.p5 & compare_jump_if_null;
  const bool has_plain_texts = compares_bytes(i);
  bool has_failed = false;
  divide(step, [&](uint16_t row) {
    const Value& first = left[row];
    const Value& second = right[row];
    int order = 0;
    if (first.is_integer() && second.is_integer()) {
      order = (first.integer() > second.integer()) - (first.integer() < second.integer());
    } else if (first.is_real() && second.is_real()) {
      order = (first.real() > second.real()) - (first.real() < second.real());
    } else if (has_plain_texts && first.is_text() && second.is_text()) {
      order = order_of_texts(first.text(), second.text());
    } else if (!ops::order_of_pair(machine, i, first, second, order)) {
      has_failed = true;
    }
    return order == ops::order_unknown ? jumps_if_null : jumps[static_cast<size_t>(order + 1)];
  });
  return has_failed ? machine.error : ok_status;
}

Status PageLoop::test(Machine& machine, Step& step) {
  const Values tested = values(machine, step.sources[0]);
  const Instruction& i = *step.instruction;
  if (i.opcode == OP_IS_NULL || i.opcode == OP_NOT_NULL) {
    const bool wanted = i.opcode == OP_IS_NULL;
    divide(step, [&](uint16_t row) { return tested[row].is_null() == wanted; });
  } else {
    divide(step, [&](uint16_t row) { return jumps_by_truth(i, tested[row]); });
  }
  return ok_status;
}

// Whether a key is in an ephemeral index, which nothing in the loop changes.
Status PageLoop::find_members(Machine& machine, Step& step) {
  Cursor* members = machine.cursor(step.instruction->p1);
  if (!members || members->kind != CursorKind::ephemeral_index) return impossible();
  const bool jumps_if_found = step.instruction->opcode == OP_FOUND;
  jumping_.clear();
  for (const uint16_t row : rows_) {
    KEELBACK_TRY(key_of(machine, step, row));
    bool found = false;
    KEELBACK_TRY(members->find(arguments_, found));
    if (found == jumps_if_found) jumping_.push_back(row);
  }
  select(step);
  return ok_status;
}

// Whether such an index is empty: all rows jump, or none.
Status PageLoop::test_empty(Machine& machine, Step& step) {
  Cursor* members = machine.cursor(step.instruction->p1);
  if (!members || members->kind != CursorKind::ephemeral_index) return impossible();
  bool found = false;
  KEELBACK_TRY(members->first(found));
  if (found) return ok_status;
  jumping_ = rows_;
  select(step);
  return ok_status;
}

}  // namespace keelback::vm
