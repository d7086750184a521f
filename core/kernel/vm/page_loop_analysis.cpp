// Which loops can run by pages, and their steps.
#include <algorithm>
#include <map>
#include <set>

#include "page_loop.hpp"

namespace keelback::vm {

using namespace program;

class PageLoopAnalysis {
 public:
  PageLoopAnalysis(const Program& program, size_t rewind) : program_(program), rewind_(rewind) {}

  std::unique_ptr<PageLoop> make() {
    if (!find_end() || !collect_writes()) return nullptr;
    loop_.reset(new PageLoop(last_column_));
    loop_->end_ = end_;
    loop_->groups_cursor_ = groups_cursor_;
    is_reached_ = true;
    for (size_t address = rewind_ + 1; address < end_; ++address) {
      loop_->steps_.emplace_back();
      if (!add_step(address)) return nullptr;
    }
    for (const size_t target : targets_) {
      if (target < end_) loop_->steps_[target - rewind_ - 1].is_target = true;
    }
    for (size_t slot = 0; slot < slot_of_register_.size(); ++slot) {
      loop_->slots_.push_back(std::make_unique<Value[]>(PageBatch::most_rows));
    }
    return std::move(loop_);
  }

 private:
  const Instruction& at(size_t address) const { return program_.instructions[address]; }

  bool find_end() {
    const int32_t cursor = at(rewind_).p1;
    const auto body = static_cast<int32_t>(rewind_) + 1;
    for (end_ = rewind_ + 1; end_ < program_.instructions.size(); ++end_) {
      const Instruction& i = at(end_);
      if (i.opcode == OP_NEXT) return i.p1 == cursor && i.p2 == body && end_ > rewind_ + 1;
    }
    return false;
  }

  // What the body writes, and whether it has only instructions that it may have.
  bool collect_writes() {
    for (size_t address = rewind_ + 1; address < end_; ++address) {
      const Instruction& i = at(address);
      switch (i.opcode) {
        case OP_COLUMN:
          if (i.p1 != at(rewind_).p1) return false;
          last_column_ = std::max(last_column_, i.p2);
          written_.insert(i.p3);
          break;
        case OP_ROWID:
        case OP_INTEGER:
        case OP_INT64:
        case OP_REAL:
          written_.insert(i.p2);
          break;
        case OP_STRING8:
        case OP_BLOB:
          if (i.p3) return false;
          written_.insert(i.p2);
          break;
        case OP_NULL:
          if (i.p1 || i.p3 > i.p2) return false;
          written_.insert(i.p2);
          break;
        case OP_COPY:
          if (i.p3 || i.p5) return false;
          written_.insert(i.p2);
          break;
        case OP_S_COPY:
          written_.insert(i.p2);
          break;
        case OP_REAL_AFFINITY:
          written_.insert(i.p1);
          break;
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
          written_.insert(i.p3);
          break;
        case OP_NOT:
          written_.insert(i.p2);
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
    return true;
  }

  bool find_kept(int32_t cursor) {
    groups_cursor_ = cursor;
    for (const Instruction& i : program_.instructions) {
      if (i.opcode != OP_GROUP_OPEN || i.p1 != cursor) continue;
      if (kept_first_) return false;
      kept_first_ = i.p2;
      kept_last_ = i.p2 + i.p3 - 1;
    }
    return kept_first_ > 0;
  }
  bool is_kept(int32_t index) const { return kept_first_ > 0 && index >= kept_first_ && index <= kept_last_; }

  bool add_step(size_t address) {
    const Instruction& i = at(address);
    const auto arriving = waiting_.find(address);
    if (arriving != waiting_.end()) {
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
    step().instruction = &i;
    if (!is_reached_) return false;
    switch (i.opcode) {
      case OP_COLUMN:
        return write(i.p3);
      case OP_ROWID:
        return i.p1 == at(rewind_).p1 && write(i.p2);
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
      case OP_ADD:
      case OP_SUBTRACT:
      case OP_MULTIPLY:
      case OP_DIVIDE:
      case OP_REMAINDER:
      case OP_BIT_AND:
      case OP_BIT_OR:
      case OP_AND:
      case OP_OR:
        return read(i.p1) && read(i.p2) && !is_kept(i.p3) && write(i.p3);
      case OP_NOT:
        return read(i.p1) && !is_kept(i.p2) && write(i.p2);
      case OP_FUNCTION:
        return read_range(i.p2, i.p5) && !is_kept(i.p3) && write(i.p3);
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
        if (!jump(address, i.p2)) return false;
        is_reached_ = false;
        return true;
      case OP_GROUP_FIND:
        has_groups_ = true;
        // No row may come to the group's registers past this.
        for (const auto& [target, assigned] : waiting_) {
          if (target > address && target < end_) return false;
        }
        return read_range(i.p3, i.count()) && jump(address, i.p2);
      case OP_AGG_STEP:
        step().is_kept = has_groups_ && is_kept(i.p3);
        return (step().is_kept || !kept_first_) && !written_.count(i.p3) && read_range(i.p2, i.p5);
      case OP_MAKE_RECORD:
        return read_range(i.p1, i.p2);
      case OP_SORTER_INSERT: {
        std::vector<PageLoop::Source>& before = loop_->steps_[loop_->steps_.size() - 2].sources;
        step().sources = before;
        return waiting_.find(address) == waiting_.end();
      }
      default:
        return false;
    }
  }

  PageLoop::Step& step() { return loop_->steps_.back(); }

  bool read(int32_t index) {
    PageLoop::Source source;
    source.index = index;
    if (is_kept(index) || accumulators_.count(index)) return false;
    if (assigned_.count(index)) {
      source.slot = slot_of(index);
    } else if (written_.count(index)) {
      return false;
    }
    step().sources.push_back(source);
    return true;
  }
  bool read_range(int32_t first, int64_t count) {
    for (int64_t offset = 0; offset < count; ++offset) {
      if (!read(first + static_cast<int32_t>(offset))) return false;
    }
    return true;
  }
  bool write(int32_t index) {
    if (accumulators_.count(index)) return false;
    if (is_kept(index)) {
      step().is_kept = true;
      return has_groups_;
    }
    step().slot = slot_of(index);
    assigned_.insert(index);
    return true;
  }
  bool jump(size_t address, int32_t to) {
    const auto target = static_cast<size_t>(to);
    if (target <= address || target > end_) return false;
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
  int slot_of(int32_t index) {
    return slot_of_register_.emplace(index, static_cast<int>(slot_of_register_.size())).first->second;
  }

  const Program& program_;
  const size_t rewind_;
  size_t end_ = 0;
  int last_column_ = -1;
  std::set<int32_t> written_;
  std::set<int32_t> accumulators_;
  int32_t groups_cursor_ = -1;
  int32_t kept_first_ = 0;
  int32_t kept_last_ = 0;
  bool has_groups_ = false;
  bool is_reached_ = false;
  std::set<int32_t> assigned_;
  std::map<size_t, std::set<int32_t>> waiting_;
  std::set<size_t> targets_;
  std::map<int32_t, int> slot_of_register_;
  std::unique_ptr<PageLoop> loop_;
};

std::unique_ptr<PageLoop> PageLoop::make(const Program& program, size_t rewind) {
  return PageLoopAnalysis(program, rewind).make();
}

}  // namespace keelback::vm
