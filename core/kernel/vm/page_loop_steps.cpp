// The instructions of a loop as steps that run for many rows at once: what they read and write, and where.
#include "page_loop_analysis.hpp"

#include <algorithm>

namespace keelback::vm {

using namespace program;

size_t PageLoopAnalysis::enter_range(size_t address) {
  Range& range = ranges_.at(address);
  PageLoop::Step& look_up = step_at(address);
  look_up.lookup->end = range.end - rewind_ - 1;
  look_up.lookup->table = range.table;
  if (range.finds_one) {
    if (range.last_filter) {
      step_at(range.last_filter).first_of = look_up.lookup.get();
      look_up.lookup->finds_one = true;
    } else {
      look_up.lookup->finds_any = true;
    }
  }
  range.assigned_before = assigned_;
  for (const int32_t index : range.writes) assigned_.erase(index);
  open_ranges_.push_back(address);
  if (!fetch_columns(look_up, at(address).p1) || (range.table >= 0 && !fetch_columns(look_up, range.table))) {
    is_reached_ = false;
  }
  describe_index_source(look_up, address, range);
  return range.begin;
}

bool PageLoopAnalysis::leave_ranges(size_t address) {
  while (!open_ranges_.empty() && ranges_.at(open_ranges_.back()).end == address) {
    Range& range = ranges_.at(open_ranges_.back());
    assigned_ = range.assigned_before;
    for (const int32_t index : range.writes) assigned_.erase(index);
    is_reached_ = true;
    open_ranges_.pop_back();
  }
  return true;
}

bool PageLoopAnalysis::find_kept(int32_t cursor) {
  groups_cursor_ = cursor;
  for (const Instruction& i : program_.instructions) {
    if (i.opcode != OP_GROUP_OPEN || i.p1 != cursor) continue;
    if (kept_first_) return false;
    kept_first_ = i.p2;
    kept_last_ = i.p2 + i.p3 - 1;
  }
  return kept_first_ > 0;
}

void PageLoopAnalysis::arrive(size_t address) {
  const auto arriving = waiting_.find(address);
  if (arriving == waiting_.end()) return;
  if (is_reached_) {
    std::set<int32_t> both;
    std::set_intersection(assigned_.begin(), assigned_.end(), arriving->second.begin(), arriving->second.end(),
                          std::inserter(both, both.end()));
    assigned_ = std::move(both);
  } else {
    assigned_ = arriving->second;
  }
  is_reached_ = true;
}

bool PageLoopAnalysis::add_step(size_t address) {
  const Instruction& i = at(address);
  arrive(address);
  const bool is_end = i.opcode == OP_HASH_NEXT || i.opcode == OP_NEXT;
  if (is_end) return is_range_end(address);
  step().instruction = &i;
  if (!is_reached_) return false;
  switch (i.opcode) {
    case OP_COLUMN:
      return read_found(i, i.p2) && write(i.p3);
    case OP_ROWID:
    case OP_IDX_ROWID:
      return read_found(i, -1) && write(i.p2);
    case OP_AFFINITY:
    case OP_CAST:
      return !is_kept(i.p1) && read(i.p1) && write(i.p1);
    case OP_ONCE:
      return true;
    case OP_SEEK_ROWID:
      step().lookup = std::make_unique<PageLoop::Lookup>();
      if (!read(i.p3) || !jump(address, i.p2) || !fetch_columns(step(), i.p1)) return false;
      describe_rowid_source(step(), address);
      return true;
    case OP_DEFERRED_SEEK:
      if (i.p1 != at(rewind_).p1) return false;
      if (is_early_) return find_rows();
      step().instruction = nullptr;
      return true;
    case OP_HASH_FIND:
    case OP_SEEK_GE:
      step().lookup = std::make_unique<PageLoop::Lookup>();
      return read_range(i.p3, i.count());
    case OP_HASH_INSERT:
      return read_range(i.p3, i.count());
    case OP_FILTER_ADD:
      return read_range(i.p3, i.count());
    case OP_REWIND:
      return jump(address, i.p2);
    case OP_FOUND:
    case OP_NOT_FOUND:
    case OP_FILTER:
      return read_range(i.p3, i.count()) && jump(address, i.p2);
    case OP_INTEGER:
    case OP_INT64:
    case OP_REAL:
    case OP_STRING8:
    case OP_BLOB:
    case OP_NULL:
      return write(i.p2);
    case OP_COPY:
    case OP_S_COPY:
      return read(i.p1) && write(i.p2);
    case OP_REAL_AFFINITY:
      if (is_kept(i.p1)) return write(i.p1);
      return assigned_.count(i.p1) && write(i.p1);
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
      return read(i.p1) && read(i.p2) && write(i.p3);
    case OP_NOT:
      return read(i.p1) && write(i.p2);
    case OP_FUNCTION:
      return read_range(i.p2, i.p5) && write(i.p3);
    case OP_EQ:
    case OP_NE:
    case OP_LT:
    case OP_LE:
    case OP_GT:
    case OP_GE:
      return read(i.p3) && read(i.p1) && jump(address, i.p2);
    case OP_IF:
    case OP_IF_NOT:
    case OP_IS_NULL:
    case OP_NOT_NULL:
      return read(i.p1) && jump(address, i.p2);
    case OP_GOTO:
      if (is_exit(address)) {
        step().instruction = nullptr;
        is_reached_ = false;
        return true;
      }
      if (!jump(address, i.p2)) return false;
      is_reached_ = false;
      return true;
    case OP_GROUP_FIND:
      has_groups_ = true;
      groups_level_ = open_ranges_.size();
      // No row may come to the group's registers past this.
      for (const auto& [target, assigned] : waiting_) {
        if (target > address && target < end_) return false;
      }
      return read_range(i.p3, i.count()) && jump(address, i.p2);
    case OP_GROUP_ROOM:
      // The loop is left before rows are turned away.
      step().instruction = nullptr;
      return true;
    case OP_AGG_STEP:
      step().is_kept = has_groups_ && groups_level_ == open_ranges_.size() && is_kept(i.p3);
      return (step().is_kept || !kept_first_) && !written_.count(i.p3) && read_range(i.p2, i.p5);
    case OP_MAKE_RECORD:
      return read_range(i.p1, i.p2);
    case OP_SORTER_INSERT: {
      std::vector<PageLoop::Source>& before = step_at(address - 1).sources;
      step().sources = before;
      return waiting_.find(address) == waiting_.end();
    }
    default:
      return false;
  }
}

bool PageLoopAnalysis::is_range_end(size_t address) const {
  for (const auto& [begin, range] : ranges_) {
    if (range.end == address) return true;
  }
  return false;
}

bool PageLoopAnalysis::is_exit(size_t address) {
  const Range* range = range_of(address);
  return range && range->finds_one && range->end == address + 1;
}

bool PageLoopAnalysis::read_found(const Instruction& i, int32_t column) {
  if (i.p1 == at(rewind_).p1) return true;
  const int32_t pseudo = pseudo_register(i.p1, column);
  if (i.p1 == deferred_table_ && !assigned_.count(pseudo)) {
    if (is_early_ || !open_ranges_.empty() || !find_rows()) return false;
  }
  return assigned_.count(pseudo) && read(pseudo);
}

bool PageLoopAnalysis::find_rows() {
  auto lookup = std::make_unique<PageLoop::Lookup>();
  lookup->table = deferred_table_;
  step().lookup = std::move(lookup);
  if (!fetch_columns(step(), deferred_table_)) return false;
  for (const PageLoop::Fetch& wanted : step().lookup->fetches) {
    step().lookup->reads_row = step().lookup->reads_row || wanted.column >= 0;
  }
  return true;
}

bool PageLoopAnalysis::read(int32_t index) {
  PageLoop::Source source;
  source.index = index;
  if (index > 0 && (is_kept(index) || accumulators_.count(index))) return false;
  if (assigned_.count(index)) {
    source.slot = slot_at(index, open_ranges_.size());
  } else if (written_.count(index)) {
    return false;
  }
  step().sources.push_back(source);
  return true;
}

bool PageLoopAnalysis::read_range(int32_t first, int64_t count) {
  for (int64_t offset = 0; offset < count; ++offset) {
    if (!read(first + static_cast<int32_t>(offset))) return false;
  }
  return true;
}

bool PageLoopAnalysis::write(int32_t index) {
  if (accumulators_.count(index)) return false;
  if (is_kept(index)) {
    step().is_kept = true;
    return has_groups_ && groups_level_ == open_ranges_.size();
  }
  step().slot = slot_of(index);
  assigned_.insert(index);
  return true;
}

bool PageLoopAnalysis::jump(size_t address, int32_t to) {
  const auto target = static_cast<size_t>(to);
  if (target <= address || target > end_) return false;
  const Range* around = range_of(address);
  // On to the next row: out of this body, which is all there is to it.
  if (around ? target == around->end : target == end_) {
    step().target = loop_->steps_.size();
    return true;
  }
  if (range_of(target) != around || is_range_end(target)) return false;
  // Where only the first row counts nobody may go past the place where it is chosen.
  if (around && around->finds_one && address <= around->last_filter && target > around->last_filter) return false;
  step().target = target - rewind_ - 1;
  targets_.insert(target);
  const auto waiting = waiting_.find(target);
  if (waiting == waiting_.end()) {
    waiting_.emplace(target, assigned_);
  } else {
    std::set<int32_t> both;
    std::set_intersection(assigned_.begin(), assigned_.end(), waiting->second.begin(), waiting->second.end(),
                          std::inserter(both, both.end()));
    waiting->second = std::move(both);
  }
  return true;
}

int PageLoopAnalysis::slot_of(int32_t index) {
  std::map<int32_t, int>& slots = open_ranges_.empty() ? slots_ : ranges_.at(open_ranges_.back()).slots;
  const auto [found, is_new] = slots.emplace(index, slot_count_);
  if (is_new) ++slot_count_;
  return found->second;
}

int PageLoopAnalysis::slot_at(int32_t index, size_t depth) {
  if (depth == 0) {
    const auto [found, is_new] = slots_.emplace(index, slot_count_);
    if (is_new) ++slot_count_;
    return found->second;
  }
  const size_t address = open_ranges_[depth - 1];
  Range& range = ranges_.at(address);
  const auto [found, is_new] = range.slots.emplace(index, slot_count_);
  if (!is_new) return found->second;
  const int slot = slot_count_++;
  if (!range.writes.count(index)) {
    step_at(address).lookup->carried.push_back({slot_at(index, depth - 1), slot});
  }
  return slot;
}

}  // namespace keelback::vm
