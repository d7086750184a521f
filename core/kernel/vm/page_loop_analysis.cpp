// The shape of a loop that may run by pages: its end, the loops inside, what is written in it.
#include "page_loop_analysis.hpp"

#include <algorithm>

namespace keelback::vm {

using namespace program;

std::unique_ptr<PageLoop> PageLoopAnalysis::make(bool is_early) {
  is_early_ = is_early;
  if (!find_end() || !find_ranges()) return nullptr;
  return make_steps();
}

std::unique_ptr<PageLoop> PageLoopAnalysis::make_steps() {
  if (!collect_writes()) return nullptr;
  loop_.reset(new PageLoop(last_column_, is_alone_, is_over_index()));
  loop_->program_ = &program_;
  loop_->end_ = end_;
  loop_->groups_cursor_ = groups_cursor_;
  // Behind the others stands a step where those rows arrive that jump to the tail.
  loop_->steps_.resize((take_ ? end_ : split_) - rewind_ - (split_ < end_ ? 0 : 1));
  is_reached_ = true;
  if (split_ < end_ && gives_rows()) place_results();
  for (size_t address = rewind_ + 1; address < split_;) {
    address_ = address;
    if (!leave_ranges(address) || !add_step(address)) return nullptr;
    address = behind(address);
    if (ranges_.count(address_)) address = enter_range(address_);
  }
  if (!leave_ranges(end_)) return nullptr;
  if (take_ && !add_group_steps()) return nullptr;
  if (split_ < end_ && !find_outputs()) return nullptr;
  for (const size_t target : targets_) {
    if (target < end_) loop_->steps_[target - rewind_ - 1].is_target = true;
  }
  loop_->slots_ = std::make_unique<Value[]>(static_cast<size_t>(slot_count_) * PageLoop::slot_stride);
  return std::move(loop_);
}

size_t PageLoopAnalysis::behind(size_t address) const {
  const Instruction& i = at(address);
  const auto target = static_cast<size_t>(i.p2);
  return (i.opcode == OP_ONCE || i.opcode == OP_GROUP_ROOM) && target > address ? target : address + 1;
}

bool PageLoopAnalysis::find_end() {
  const int32_t cursor = at(rewind_).p1;
  const auto body = static_cast<int32_t>(rewind_) + 1;
  for (end_ = rewind_ + 1; end_ < program_.instructions.size(); end_ = behind(end_)) {
    const Instruction& i = at(end_);
    if (i.opcode == OP_NEXT && i.p1 == cursor) {
      split_ = end_;
      return i.p2 == body && end_ > rewind_ + 1;
    }
    // Not worth a walk to the end of the program.
    if (i.opcode == OP_RESULT_ROW || i.opcode == OP_HALT || (i.opcode == OP_REWIND && !is_members(i.p1))) return false;
  }
  return false;
}

bool PageLoopAnalysis::is_over_index() const {
  for (const Instruction& i : program_.instructions) {
    if ((i.opcode == OP_OPEN_READ || i.opcode == OP_OPEN_WRITE) && i.p1 == at(rewind_).p1) {
      return i.p4_kind == Operand4Kind::key;
    }
  }
  return false;
}

bool PageLoopAnalysis::is_members(int32_t cursor) const {
  bool is_ephemeral = false;
  for (const Instruction& i : program_.instructions) {
    const bool opens = i.opcode == OP_OPEN_EPHEMERAL;
    if (i.opcode == OP_NEXT && i.p1 == cursor) return false;
    if (opens && i.p1 == cursor) is_ephemeral = i.p4_kind == Operand4Kind::key;
  }
  return is_ephemeral;
}

bool PageLoopAnalysis::find_ranges() {
  for (size_t address = rewind_ + 1; address < end_; address = behind(address)) {
    const Instruction& i = at(address);
    if (i.opcode == OP_SEEK_ROWID && !looked_up_.emplace(i.p1, address).second) return false;
    if (i.opcode == OP_ONCE || i.opcode == OP_SEEK_ROWID) is_alone_ = false;
    if (i.opcode == OP_DEFERRED_SEEK && i.p1 == at(rewind_).p1) {
      if (deferred_table_ >= 0 || !looked_up_.emplace(i.p3, address).second) return false;
      deferred_table_ = i.p3;
      is_alone_ = false;
    }
    if (i.opcode != OP_HASH_FIND && i.opcode != OP_SEEK_GE) continue;
    is_alone_ = false;
    if (!looked_up_.emplace(i.p1, address).second) return false;
    const bool is_hash = i.opcode == OP_HASH_FIND;
    Range range;
    range.begin = address + 1;
    if (!is_hash) {
      const Instruction& stop = at(range.begin);
      const bool is_same_key = stop.opcode == OP_IDX_GT && stop.p1 == i.p1 && stop.p2 == i.p2 && stop.p3 == i.p3 &&
                               stop.count() == i.count() && i.count() > 0;
      if (!is_same_key) return false;
      const Instruction& seek = at(++range.begin);
      if (seek.opcode == OP_DEFERRED_SEEK && seek.p1 == i.p1) {
        range.table = seek.p3;
        ++range.begin;
        if (!looked_up_.emplace(seek.p3, address).second) return false;
      }
    }
    const Opcode ending = is_hash ? OP_HASH_NEXT : OP_NEXT;
    for (range.end = range.begin; range.end < end_; range.end = behind(range.end)) {
      if (at(range.end).opcode == ending && at(range.end).p1 == i.p1) break;
    }
    if (range.end >= end_ || at(range.end).p2 != static_cast<int32_t>(address) + 1) return false;
    // All rows go on behind it.
    if (i.p2 != static_cast<int32_t>(range.end) + 1) return false;
    for (size_t place = range.begin; place < range.end; place = behind(place)) {
      const Instruction& inner = at(place);
      if (inner.p2 == static_cast<int32_t>(range.end) && is_jump(inner)) range.last_filter = place;
    }
    const Instruction& last = at(range.end - 1);
    range.finds_one = last.opcode == OP_GOTO && last.p2 == static_cast<int32_t>(range.end) + 1;
    ranges_.emplace(address, std::move(range));
  }
  return true;
}

PageLoopAnalysis::Range* PageLoopAnalysis::range_of(size_t address) {
  Range* found = nullptr;
  for (auto& [begin, range] : ranges_) {
    if (begin < address && address < range.end && (!found || begin > found->begin)) found = &range;
  }
  return found;
}

void PageLoopAnalysis::note_write(size_t address, int32_t index) {
  written_.insert(index);
  for (auto& [begin, range] : ranges_) {
    if (begin < address && address < range.end) range.writes.insert(index);
  }
}

int32_t PageLoopAnalysis::pseudo_register(int32_t cursor, int32_t column) {
  return -1 - pseudo_.emplace(std::pair(cursor, column), static_cast<int32_t>(pseudo_.size())).first->second;
}

bool PageLoopAnalysis::note_column(const Instruction& i, int32_t column) {
  if (i.p1 == at(rewind_).p1) {
    last_column_ = std::max(last_column_, column);
    return true;
  }
  const auto found = looked_up_.find(i.p1);
  if (found == looked_up_.end()) return false;
  const int32_t pseudo = pseudo_register(i.p1, column);
  first_reads_.emplace(pseudo, &i);
  // The row is found in the body of the look-up, if it has one.
  note_write(ranges_.count(found->second) ? found->second + 1 : found->second, pseudo);
  return true;
}

bool PageLoopAnalysis::collect_writes() {
  for (size_t address = rewind_ + 1; address < end_; address = behind(address)) {
    // What stands between the change of groups and GroupTake, or in another tail, is the machine's.
    if (address == split_ && take_ == 0) break;
    if (address == split_) {
      front_written_ = written_;
      address = take_ + 1;
    }
    const Instruction& i = at(address);
    switch (i.opcode) {
      case OP_COLUMN:
        if (!note_column(i, i.p2)) return false;
        note_write(address, i.p3);
        break;
      case OP_ROWID:
      case OP_IDX_ROWID:
        if (!note_column(i, -1)) return false;
        note_write(address, i.p2);
        break;
      case OP_INTEGER:
      case OP_INT64:
      case OP_REAL:
        note_write(address, i.p2);
        break;
      case OP_STRING8:
      case OP_BLOB:
        if (i.p3) return false;
        note_write(address, i.p2);
        break;
      case OP_NULL:
        if (i.p1 || i.p3 > i.p2) return false;
        note_write(address, i.p2);
        break;
      case OP_COPY:
        if (i.p3 || i.p5) return false;
        note_write(address, i.p2);
        break;
      case OP_S_COPY:
        note_write(address, i.p2);
        break;
      case OP_REAL_AFFINITY:
        note_write(address, i.p1);
        break;
      case OP_AFFINITY:
        if (i.p2 != 1 || i.p4_kind != Operand4Kind::text || i.p4.bytes->size() != 1) return false;
        note_write(address, i.p1);
        break;
      case OP_CAST:
        if (!is_cast_to_number(i)) return false;
        note_write(address, i.p1);
        break;
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
      case OP_FUNCTION:
        note_write(address, i.p3);
        break;
      case OP_NOT:
        note_write(address, i.p2);
        break;
      case OP_EQ:
      case OP_NE:
      case OP_LT:
      case OP_LE:
      case OP_GT:
      case OP_GE:
      case OP_IF:
      case OP_IF_NOT:
      case OP_IS_NULL:
      case OP_NOT_NULL:
      case OP_GOTO:
      case OP_FILTER:
      case OP_SEEK_ROWID:
      case OP_HASH_FIND:
      case OP_HASH_NEXT:
      case OP_SEEK_GE:
      case OP_IDX_GT:
      case OP_DEFERRED_SEEK:
      case OP_NEXT:
      case OP_HASH_INSERT:
      case OP_GROUP_ROOM:
        break;
      case OP_FOUND:
      case OP_NOT_FOUND:
        if (i.count() <= 0 || !is_members(i.p1)) return false;
        is_alone_ = false;
        break;
      case OP_REWIND:
        is_alone_ = false;
        break;
      case OP_FILTER_ADD:
        accumulators_.insert(i.p1);
        break;
      case OP_ONCE:
        if (!note_block(address)) return false;
        break;
      case OP_GROUP_FIND:
        if (groups_cursor_ >= 0 || !find_kept(i.p1)) return false;
        break;
      case OP_AGG_STEP:
        accumulators_.insert(i.p3);
        break;
      case OP_MAKE_RECORD:
        // Only as the record of the sorter that takes it next.
        if (address + 1 == end_ || at(address + 1).opcode != OP_SORTER_INSERT || at(address + 1).p2 != i.p3)
          return false;
        if (i.p4_kind != Operand4Kind::none || i.p5) return false;
        break;
      case OP_SORTER_INSERT:
        if (at(address - 1).opcode != OP_MAKE_RECORD) return false;
        break;
      default:
        return false;
    }
  }
  for (const int32_t index : block_writes_) {
    if (written_.count(index) || accumulators_.count(index)) return false;
  }
  return true;
}

bool PageLoopAnalysis::note_block(size_t once) {
  if (at(once).p2 <= static_cast<int32_t>(once) || static_cast<size_t>(at(once).p2) > end_) return false;
  for (size_t address = once + 1; address < static_cast<size_t>(at(once).p2); ++address) {
    const Instruction& i = at(address);
    const int32_t operands[3] = {i.p1, i.p2, i.p3};
    for (int place = 0; place < 3; ++place) {
      const OperandKind kind = opcode_facts[i.opcode].operands[place];
      const bool is_written = kind == OperandKind::out || kind == OperandKind::inout || kind == OperandKind::out_range;
      if (is_written) block_writes_.insert(operands[place]);
    }
    const int32_t last = i.opcode == OP_COPY ? i.p2 + i.p3 : i.opcode == OP_NULL ? i.p3 : 0;
    for (int32_t index = i.p2; index <= last; ++index) block_writes_.insert(index);
    if (i.opcode == OP_GROUP_OPEN || i.opcode == OP_RESULT_ROW || i.opcode == OP_MOVE) return false;
  }
  return true;
}

std::unique_ptr<PageLoop> PageLoop::make(const Program& program, size_t rewind, bool may_have_tail) {
  PageLoopAnalysis analysis(program, rewind);
  std::unique_ptr<PageLoop> loop = analysis.make(false);
  if (!loop && analysis.has_deferred_seek()) loop = PageLoopAnalysis(program, rewind).make(true);
  if (loop || !may_have_tail) return loop;
  loop = PageLoopAnalysis(program, rewind).make_with_tail(true);
  return loop ? std::move(loop) : PageLoopAnalysis(program, rewind).make_with_tail(false);
}

}  // namespace keelback::vm
