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
    if (!find_end() || !find_ranges() || !collect_writes()) return nullptr;
    loop_.reset(new PageLoop(last_column_, is_alone_));
    loop_->program_ = &program_;
    loop_->end_ = end_;
    loop_->groups_cursor_ = groups_cursor_;
    loop_->steps_.resize(end_ - rewind_ - 1);
    is_reached_ = true;
    for (size_t address = rewind_ + 1; address < end_;) {
      address_ = address;
      if (!leave_ranges(address) || !add_step(address)) return nullptr;
      const Instruction& i = at(address);
      address = i.opcode == OP_ONCE ? static_cast<size_t>(i.p2) : address + 1;
      if (ranges_.count(address_)) address = enter_range(address_);
    }
    if (!leave_ranges(end_)) return nullptr;
    for (const size_t target : targets_) {
      if (target < end_) loop_->steps_[target - rewind_ - 1].is_target = true;
    }
    for (int slot = 0; slot < slot_count_; ++slot) {
      loop_->slots_.push_back(std::make_unique<Value[]>(PageBatch::most_rows));
    }
    return std::move(loop_);
  }

 private:
  // A loop inside, over the rows of one key: from the look-up to the Next (or HashNext) that ends it.
  struct Range {
    size_t begin = 0;  // the first instruction of the body
    size_t end = 0;
    int32_t table = -1;
    size_t last_filter = 0;  // the last instruction that goes on to the next row
    bool finds_one = false;  // it is left after the first row that gets through
    std::set<int32_t> writes;
    std::set<int32_t> assigned_before;
    std::map<int32_t, int> slots;
  };

  const Instruction& at(size_t address) const { return program_.instructions[address]; }
  PageLoop::Step& step_at(size_t address) { return loop_->steps_[address - rewind_ - 1]; }

  // Where to go on behind an instruction, past a block that runs once.
  size_t behind(size_t address) const {
    const Instruction& i = at(address);
    const auto target = static_cast<size_t>(i.p2);
    return i.opcode == OP_ONCE && target > address ? target : address + 1;
  }

  bool find_end() {
    const int32_t cursor = at(rewind_).p1;
    const auto body = static_cast<int32_t>(rewind_) + 1;
    for (end_ = rewind_ + 1; end_ < program_.instructions.size(); end_ = behind(end_)) {
      const Instruction& i = at(end_);
      if (i.opcode == OP_NEXT && i.p1 == cursor) return i.p2 == body && end_ > rewind_ + 1;
      // Not worth a walk to the end of the program.
      if (i.opcode == OP_REWIND || i.opcode == OP_RESULT_ROW || i.opcode == OP_HALT) return false;
    }
    return false;
  }

  bool find_ranges() {
    for (size_t address = rewind_ + 1; address < end_; address = behind(address)) {
      const Instruction& i = at(address);
      if (i.opcode == OP_SEEK_ROWID && !looked_up_.emplace(i.p1, address).second) return false;
      if (i.opcode == OP_ONCE || i.opcode == OP_SEEK_ROWID) is_alone_ = false;
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

  static bool is_jump(const Instruction& i) { return opcode_facts[i.opcode].operands[1] == OperandKind::jump; }

  // The innermost range that the address is in the body of; null in the loop itself.
  Range* range_of(size_t address) {
    Range* found = nullptr;
    for (auto& [begin, range] : ranges_) {
      if (begin < address && address < range.end && (!found || begin > found->begin)) found = &range;
    }
    return found;
  }

  void note_write(size_t address, int32_t index) {
    written_.insert(index);
    for (auto& [begin, range] : ranges_) {
      if (begin < address && address < range.end) range.writes.insert(index);
    }
  }

  // What stands for a column of a row that is looked up: a register that no program has.
  int32_t pseudo_register(int32_t cursor, int32_t column) {
    return -1 - pseudo_.emplace(std::pair(cursor, column), static_cast<int32_t>(pseudo_.size())).first->second;
  }

  // A read of a column (-1: of the rowid); false if it is not of a row that is at hand.
  bool note_column(const Instruction& i, int32_t column) {
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

  // What the body writes, and whether it has only instructions that it may have.
  bool collect_writes() {
    for (size_t address = rewind_ + 1; address < end_; address = behind(address)) {
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

  // A block that runs once leaves registers as they are for the whole loop; no instruction of the loop writes them too.
  bool note_block(size_t once) {
    if (at(once).p2 <= static_cast<int32_t>(once) || static_cast<size_t>(at(once).p2) > end_) return false;
    for (size_t address = once + 1; address < static_cast<size_t>(at(once).p2); ++address) {
      const Instruction& i = at(address);
      const int32_t operands[3] = {i.p1, i.p2, i.p3};
      for (int place = 0; place < 3; ++place) {
        const OperandKind kind = opcode_facts[i.opcode].operands[place];
        const bool is_written =
            kind == OperandKind::out || kind == OperandKind::inout || kind == OperandKind::out_range;
        if (is_written) block_writes_.insert(operands[place]);
      }
      const int32_t last = i.opcode == OP_COPY ? i.p2 + i.p3 : i.opcode == OP_NULL ? i.p3 : 0;
      for (int32_t index = i.p2; index <= last; ++index) block_writes_.insert(index);
      if (i.opcode == OP_GROUP_OPEN || i.opcode == OP_RESULT_ROW || i.opcode == OP_MOVE) return false;
    }
    return true;
  }

  // Ranges

  size_t enter_range(size_t address) {
    Range& range = ranges_.at(address);
    PageLoop::Step& look_up = step_at(address);
    look_up.lookup->end = range.end - rewind_ - 1;
    look_up.lookup->table = range.table;
    if (range.finds_one) {
      if (range.last_filter) {
        step_at(range.last_filter).first_of = look_up.lookup.get();
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

  // Tables in memory

  void describe_rowid_source(PageLoop::Step& look_up, size_t address) {
    const Instruction& i = at(address);
    look_up.lookup->source = i.p1;
    look_up.lookup->key_columns = {-1};
    for (PageLoop::Fetch& wanted : look_up.lookup->fetches) wanted.source_column = wanted.column;
    // A row that fails its tests may only be left out where a row that is not there is left out.
    const Range* around = range_of(address);
    const size_t drop = around ? around->end : end_;
    if (static_cast<size_t>(i.p2) == drop) find_local(*look_up.lookup, address + 1, drop);
  }

  void describe_index_source(PageLoop::Step& look_up, size_t address, const Range& range) {
    if (range.table < 0 || at(range.begin - 1).p4_kind != Operand4Kind::integers) return;
    const std::vector<int64_t>& places = *at(range.begin - 1).p4.integers;
    std::vector<int32_t> columns;
    for (size_t column = 0; column < places.size(); ++column) {
      if (places[column] <= 0) continue;
      columns.resize(std::max(columns.size(), static_cast<size_t>(places[column])), -1);
      columns[static_cast<size_t>(places[column]) - 1] = static_cast<int32_t>(column);
    }
    const auto count = static_cast<size_t>(at(address).count());
    if (count > columns.size() || std::count(columns.begin(), columns.end(), -1)) return;
    for (PageLoop::Fetch& wanted : look_up.lookup->fetches) {
      wanted.is_of_source = wanted.cursor == range.table;
      wanted.source_column = wanted.column;
      if (wanted.is_of_source || wanted.column < 0) continue;
      if (static_cast<size_t>(wanted.column) >= columns.size()) return;
      wanted.source_column = columns[static_cast<size_t>(wanted.column)];
    }
    look_up.lookup->source = range.table;
    look_up.lookup->key_columns = std::move(columns);
    find_local(*look_up.lookup, range.begin, range.end);
  }

  // The instructions from `begin` on that do nothing but test the row found, and cannot fail.
  void find_local(PageLoop::Lookup& lookup, size_t begin, size_t drop) {
    own_.clear();
    size_t end = begin;
    while (end < drop && is_local(at(end), lookup.source)) ++end;
    // Whole tests only.
    bool is_whole = false;
    while (!is_whole) {
      while (end > begin && !is_jump(at(end - 1))) --end;
      is_whole = true;
      for (size_t address = begin; address < end && is_whole; ++address) {
        const auto target = static_cast<size_t>(at(address).p2);
        if (!is_jump(at(address)) || target == drop || (target > address && target <= end)) continue;
        end = address;
        is_whole = false;
      }
    }
    for (size_t address = begin; address < end; ++address) lookup.local.push_back(address);
  }

  bool is_local_value(int32_t index) const {
    return own_.count(index) || (!written_.count(index) && !accumulators_.count(index) && !is_kept(index));
  }
  bool own(int32_t index) {
    own_.insert(index);
    return !is_kept(index);
  }

  bool is_local(const Instruction& i, int32_t cursor) {
    switch (i.opcode) {
      case OP_COLUMN:
        return i.p1 == cursor && own(i.p3);
      case OP_ROWID:
        return i.p1 == cursor && own(i.p2);
      case OP_INTEGER:
      case OP_INT64:
      case OP_REAL:
      case OP_STRING8:
        return own(i.p2);
      case OP_REAL_AFFINITY:
        return own_.count(i.p1);
      case OP_ADD:
      case OP_SUBTRACT:
      case OP_MULTIPLY:
        return is_local_value(i.p1) && is_local_value(i.p2) && own(i.p3);
      case OP_EQ:
      case OP_NE:
      case OP_LT:
      case OP_LE:
      case OP_GT:
      case OP_GE: {
        Collation collation;
        const bool is_named = i.p4_kind == Operand4Kind::text;
        return (!is_named || find_builtin_collation(*i.p4.bytes, collation)) && is_local_value(i.p1) &&
               is_local_value(i.p3);
      }
      case OP_IF:
      case OP_IF_NOT:
      case OP_IS_NULL:
      case OP_NOT_NULL:
        return is_local_value(i.p1);
      case OP_GOTO:
        return true;
      default:
        return false;
    }
  }

  // Behind the body the rows around go on, with what they had before.
  bool leave_ranges(size_t address) {
    while (!open_ranges_.empty() && ranges_.at(open_ranges_.back()).end == address) {
      Range& range = ranges_.at(open_ranges_.back());
      assigned_ = range.assigned_before;
      for (const int32_t index : range.writes) assigned_.erase(index);
      is_reached_ = true;
      open_ranges_.pop_back();
    }
    return true;
  }

  bool fetch_columns(PageLoop::Step& look_up, int32_t cursor) {
    for (const auto& [name, number] : pseudo_) {
      if (name.first != cursor) continue;
      const int32_t pseudo = -1 - number;
      look_up.lookup->fetches.push_back({cursor, name.second, slot_of(pseudo), first_reads_.at(pseudo)});
      assigned_.insert(pseudo);
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
        return !is_kept(i.p1) && read(i.p1) && write(i.p1);
      case OP_ONCE:
        return true;
      case OP_SEEK_ROWID:
        step().lookup = std::make_unique<PageLoop::Lookup>();
        if (!read(i.p3) || !jump(address, i.p2) || !fetch_columns(step(), i.p1)) return false;
        describe_rowid_source(step(), address);
        return true;
      case OP_HASH_FIND:
      case OP_SEEK_GE:
        step().lookup = std::make_unique<PageLoop::Lookup>();
        return read_range(i.p3, i.count());
      case OP_HASH_INSERT:
        return read_range(i.p3, i.count());
      case OP_FILTER_ADD:
        return read_range(i.p3, i.count());
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

  PageLoop::Step& step() { return step_at(address_); }

  bool is_range_end(size_t address) const {
    for (const auto& [begin, range] : ranges_) {
      if (range.end == address) return true;
    }
    return false;
  }
  // The jump out of a loop of which only the first row is wanted.
  bool is_exit(size_t address) {
    const Range* range = range_of(address);
    return range && range->finds_one && range->end == address + 1;
  }

  // A column of the row that a cursor has found; of the loop's own rows the batch knows.
  bool read_found(const Instruction& i, int32_t column) {
    if (i.p1 == at(rewind_).p1) return true;
    const int32_t pseudo = pseudo_register(i.p1, column);
    return assigned_.count(pseudo) && read(pseudo);
  }

  bool read(int32_t index) {
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
      return has_groups_ && groups_level_ == open_ranges_.size();
    }
    step().slot = slot_of(index);
    assigned_.insert(index);
    return true;
  }
  bool jump(size_t address, int32_t to) {
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

  // The vector of a register that is written at this depth.
  int slot_of(int32_t index) {
    std::map<int32_t, int>& slots = open_ranges_.empty() ? slots_ : ranges_.at(open_ranges_.back()).slots;
    const auto [found, is_new] = slots.emplace(index, slot_count_);
    if (is_new) ++slot_count_;
    return found->second;
  }
  // The vector to read a register from at a depth: what was written further out is carried in.
  int slot_at(int32_t index, size_t depth) {
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
  std::map<int32_t, int> slots_;
  int slot_count_ = 0;
  // Loops inside, by the address of their look-up; those that the analysis is in; the look-ups by their cursors.
  std::map<size_t, Range> ranges_;
  std::vector<size_t> open_ranges_;
  std::map<int32_t, size_t> looked_up_;
  std::map<std::pair<int32_t, int32_t>, int32_t> pseudo_;
  std::map<int32_t, const Instruction*> first_reads_;
  std::set<int32_t> block_writes_;
  std::set<int32_t> own_;
  size_t address_ = 0;
  size_t groups_level_ = 0;
  bool is_alone_ = true;
  std::unique_ptr<PageLoop> loop_;
};

std::unique_ptr<PageLoop> PageLoop::make(const Program& program, size_t rewind) {
  return PageLoopAnalysis(program, rewind).make();
}

}  // namespace keelback::vm
