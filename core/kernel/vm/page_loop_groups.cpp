// Loops over rows that come in the order of their groups: the machine runs the tail for the first row of each group,
// and all rows of the group are taken into its aggregates at once.
//
//     Compare previous, keys         the first row of a batch is looked at by the machine, for it may belong to the
//     group Jump -> change, same, change   before; of the others the loop knows by itself where a group begins change:
//     ...                    the group before is handed out, and a new one begun same: ...                      what is
//     kept of a group's first row GroupTake                      the loop takes in the rows of the group, this one
//     first, and jumps to the Next
//     ... AggStep                    what the loop does for each row: computed for the whole batch beforehand
//     Next
//
// Where something has happened in the meantime GroupTake does nothing, and the machine goes on row by row.
//
// Twin: none, the reference runs all loops row by row.
#include "machine.hpp"
#include "ops/aggregate.hpp"
#include "page_loop_analysis.hpp"

namespace keelback::vm {

using namespace program;

size_t PageLoopAnalysis::find_group_take() const {
  const Instruction& compare = at(split_);
  if (compare.opcode != OP_COMPARE || compare.p5 & 1) return 0;
  const Instruction& jump = at(split_ + 1);
  const auto change = static_cast<int32_t>(split_) + 2;
  if (jump.opcode != OP_JUMP || jump.p1 != change || jump.p3 != change || jump.p2 <= change) return 0;
  for (const std::string_view name : compare.p4.key->collation_names) {
    Collation collation;
    if (!name.empty() && !find_builtin_collation(name, collation)) return 0;
  }
  for (auto address = static_cast<size_t>(jump.p2); address + 1 < end_; ++address) {
    const Instruction& i = at(address);
    if (i.opcode == OP_GROUP_TAKE) return i.p1 == at(rewind_).p1 && static_cast<size_t>(i.p2) == end_ ? address : 0;
  }
  return 0;
}

// The keys, and the steps behind GroupTake, which leave nothing behind that the machine reads.
bool PageLoopAnalysis::add_group_steps() {
  arrive(split_);
  if (!is_reached_) return false;
  const Instruction& compare = at(split_);
  for (int32_t key = compare.p2; key < compare.p2 + compare.p3; ++key) {
    if (!assigned_.count(key)) return false;
    loop_->group_keys_.push_back(slot_at(key, 0));
  }
  const std::set<int32_t> assigned_in_front = assigned_;
  for (size_t address = take_ + 1; address < end_; ++address) {
    address_ = address;
    const Opcode opcode = at(address).opcode;
    if (opcode == OP_SEEK_ROWID || (opcode != OP_AGG_STEP && !may_be_in_front(at(address)))) return false;
    if (!add_step(address)) return false;
    const int slot = step_at(address).slot;
    for (const int32_t index : front_written_) {
      const auto found = slots_.find(index);
      if (slot >= 0 && found != slots_.end() && found->second == slot) return false;
    }
  }
  assigned_ = assigned_in_front;
  is_reached_ = true;
  loop_->group_compare_ = &compare;
  loop_->group_take_ = &at(take_);
  return true;
}

bool PageLoop::is_same_group(uint16_t left, uint16_t right) const {
  for (size_t place = 0; place < group_keys_.size(); ++place) {
    const Value* keys = slot(group_keys_[place]);
    const Value& one = keys[left];
    const Value& other = keys[right];
    if (one.is_integer() && other.is_integer()) {
      if (one.integer() != other.integer()) return false;
    } else if (group_order_->compare_column(one, other, place) != 0) {
      return false;
    }
  }
  return true;
}

Signal PageLoop::take_group(Machine& m, const Instruction& take) {
  if (&take != group_take_ || rows_alone_ > 0 || given_ == 0 || m.cursor(cursor_) != rows_of_) return Signal::next;
  if (!is_undisturbed(m)) return Signal::next;
  const uint16_t first = rows_[given_ - 1];
  while (given_ < rows_.size() && is_same_group(first, rows_[given_])) ++given_;
  for (Step& step : steps_) {
    if (step.taken_count < step.taken.size()) KEELBACK_OP_TRY(take_rows(m, step, rows_[given_ - 1]));
  }
  is_change_known_ = true;
  m.jump(take.p2);
  return Signal::next;
}

// Step an aggregate with the rows that come to it, up to the last one of the group.
Status PageLoop::take_rows(Machine& m, Step& step, uint16_t last) {
  const size_t first = step.taken_count;
  while (step.taken_count < step.taken.size() && step.taken[step.taken_count] <= last) ++step.taken_count;
  if (step.taken_count == first) return ok_status;
  return step_aggregate(m, step, {step.taken.data() + first, step.taken_count - first});
}

}  // namespace keelback::vm
