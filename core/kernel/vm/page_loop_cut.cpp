// Where the body of a loop is cut: in front what only computes and looks at the row, behind it the tail.
#include "page_loop_analysis.hpp"

namespace keelback::vm {

using namespace program;

std::unique_ptr<PageLoop> PageLoopAnalysis::make_with_tail(bool takes_groups) {
  if (!find_tail()) return nullptr;
  if (takes_groups) {
    take_ = find_group_take();
    if (take_ == 0) return nullptr;
  } else if (deferred_table_ >= 0 && !gives_rows()) {
    // The tail would look up the rows of the table once more.
    return nullptr;
  }
  return make_steps();
}

bool PageLoopAnalysis::find_tail() {
  const int32_t cursor = at(rewind_).p1;
  const auto body = static_cast<int32_t>(rewind_) + 1;
  for (end_ = rewind_ + 1; end_ < program_.instructions.size(); end_ = behind(end_)) {
    const Instruction& i = at(end_);
    if (i.opcode == OP_NEXT && i.p1 == cursor && i.p2 == body) break;
    if (i.opcode == OP_HALT) return false;
  }
  if (end_ >= program_.instructions.size()) return false;
  split_ = rewind_ + 1;
  while (split_ < end_ && may_be_in_front(at(split_)) && behind(split_) <= end_) split_ = behind(split_);
  // Nobody jumps over the cut, but out of the row.
  for (size_t address = rewind_ + 1; address < split_; address = behind(address)) {
    const Instruction& i = at(address);
    if (!is_jump(i) || i.opcode == OP_ONCE || static_cast<size_t>(i.p2) == end_) continue;
    if (static_cast<size_t>(i.p2) > address && static_cast<size_t>(i.p2) <= split_) continue;
    split_ = address;
    address = rewind_;
  }
  if (split_ >= end_) return false;
  bool reads_row = false;
  for (size_t address = rewind_ + 1; address < split_; address = behind(address)) {
    const Instruction& i = at(address);
    reads_row = reads_row || i.opcode == OP_COLUMN || i.opcode == OP_ROWID || i.opcode == OP_IDX_ROWID;
    const bool is_deferred = i.opcode == OP_DEFERRED_SEEK;
    if (i.opcode != OP_SEEK_ROWID && !is_deferred) continue;
    if (!looked_up_.emplace(is_deferred ? i.p3 : i.p1, address).second) return false;
    if (is_deferred) deferred_table_ = i.p3;
    is_alone_ = false;
  }
  return reads_row;
}

bool PageLoopAnalysis::may_be_in_front(const Instruction& i) const {
  switch (i.opcode) {
    case OP_COLUMN:
    case OP_ROWID: {
      if (i.p1 == at(rewind_).p1) return true;
      for (size_t address = rewind_ + 1; address < split_; address = behind(address)) {
        if (at(address).opcode == OP_SEEK_ROWID && at(address).p1 == i.p1) return true;
        if (at(address).opcode == OP_DEFERRED_SEEK && at(address).p3 == i.p1) return true;
      }
      return false;
    }
    case OP_IDX_ROWID:
    case OP_DEFERRED_SEEK:
      return i.p1 == at(rewind_).p1;
    case OP_STRING8:
    case OP_BLOB:
      return i.p3 == 0;
    case OP_NULL:
      return i.p1 == 0 && i.p3 <= i.p2;
    case OP_COPY:
      return i.p3 == 0 && i.p5 == 0;
    case OP_AFFINITY:
      return i.p2 == 1 && i.p4_kind == Operand4Kind::text && i.p4.bytes->size() == 1;
    case OP_CAST:
      return is_cast_to_number(i);
    case OP_EQ:
    case OP_NE:
    case OP_LT:
    case OP_LE:
    case OP_GT:
    case OP_GE: {
      // Nobody's own collation is called before it is its turn.
      Collation collation;
      return i.p4_kind != Operand4Kind::text || find_builtin_collation(*i.p4.bytes, collation);
    }
    case OP_FUNCTION: {
      const std::string& name = i.p4.function->collation_name;
      Collation collation;
      return name.empty() || find_builtin_collation(name, collation);
    }
    case OP_INTEGER:
    case OP_INT64:
    case OP_REAL:
    case OP_S_COPY:
    case OP_REAL_AFFINITY:
    case OP_CONCAT:
    case OP_ADD:
    case OP_SUBTRACT:
    case OP_MULTIPLY:
    case OP_DIVIDE:
    case OP_REMAINDER:
    case OP_BIT_AND:
    case OP_BIT_OR:
    case OP_AND:
    case OP_OR:
    case OP_NOT:
    case OP_IF:
    case OP_IF_NOT:
    case OP_IS_NULL:
    case OP_NOT_NULL:
    case OP_GOTO:
    case OP_SEEK_ROWID:
    case OP_FILTER:
      return true;
    default:
      return false;
  }
}

bool PageLoopAnalysis::gives_rows() const {
  if (at(split_).opcode != OP_RESULT_ROW) return false;
  size_t behind_row = split_ + 1;
  if (at(behind_row).opcode == OP_DECR_JUMP_ZERO) ++behind_row;
  return behind_row == end_;
}

void PageLoopAnalysis::place_results() {
  for (int32_t column = 0; column < at(split_).p2; ++column) slots_.emplace(at(split_).p1 + column, slot_count_++);
}

bool PageLoopAnalysis::find_outputs() {
  constexpr int most_slots = 256;
  arrive(split_);
  if (!is_reached_ || slot_count_ > most_slots) return false;
  const Instruction& i = at(split_);
  const bool is_result = gives_rows();
  // A register that only some rows write keeps for the others what the row before has left.
  if (is_result) {
    for (int32_t index = i.p1; index < i.p1 + i.p2; ++index) {
      const bool is_constant = !written_.count(index);
      if (!is_constant && !assigned_.count(index)) return false;
      loop_->outputs_.push_back({index, slots_.at(index), is_constant});
    }
    loop_->result_count_ = loop_->outputs_.size();
    loop_->is_tail_at_end_ = split_ + 1 == end_;
    loop_->texts_.resize(loop_->outputs_.size());
  } else {
    for (const int32_t index : take_ ? front_written_ : written_) {
      if (index < 0) continue;
      if (!assigned_.count(index)) return false;
      loop_->outputs_.push_back({index, slot_at(index, 0), false});
    }
  }
  // The tail may read what was looked up: its cursor is brought there again, for which the key is still to be at hand.
  for (size_t place = 0; place < loop_->steps_.size() && !is_result; ++place) {
    const PageLoop::Step& seek = loop_->steps_[place];
    if (!seek.instruction || seek.instruction->opcode != OP_SEEK_ROWID) continue;
    for (size_t later = place + 1; later < loop_->steps_.size(); ++later) {
      if (seek.sources[0].slot >= 0 && loop_->steps_[later].slot == seek.sources[0].slot) return false;
    }
    loop_->sought_.push_back(place);
  }
  std::set<int32_t> constants;
  for (const PageLoop::Step& step : loop_->steps_) {
    for (const PageLoop::Source& source : step.sources) {
      if (source.slot < 0) constants.insert(source.index);
    }
  }
  for (const int32_t index : constants) {
    if (!is_result) {
      loop_->constants_.push_back({index, Value(), 0});
    } else if (at(split_ + 1).opcode == OP_DECR_JUMP_ZERO && at(split_ + 1).p1 == index) {
      return false;
    }
  }
  for (size_t address = rewind_ + 1; address < split_ && !is_result; address = behind(address)) {
    if (at(address).opcode == OP_DEFERRED_SEEK) loop_->deferred_ = &at(address);
  }
  loop_->cursor_ = at(rewind_).p1;
  loop_->body_ = rewind_ + 1;
  loop_->tail_ = split_;
  loop_->is_alone_ = is_alone_;
  return true;
}

}  // namespace keelback::vm
