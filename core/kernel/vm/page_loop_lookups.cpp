// Look-ups inside of a loop: what a table in memory in their place would be made from, and the tests that go into it.
#include "page_loop_analysis.hpp"

#include <algorithm>

namespace keelback::vm {

using namespace program;

void PageLoopAnalysis::describe_rowid_source(PageLoop::Step& look_up, size_t address) {
  const Instruction& i = at(address);
  look_up.lookup->source = i.p1;
  look_up.lookup->key_columns = {-1};
  for (PageLoop::Fetch& wanted : look_up.lookup->fetches) wanted.source_column = wanted.column;
  // A row that fails its tests may only be left out where a row that is not there is left out.
  const Range* around = range_of(address);
  const size_t drop = around ? around->end : end_;
  if (static_cast<size_t>(i.p2) == drop) find_local(*look_up.lookup, address + 1, drop);
}

void PageLoopAnalysis::describe_index_source(PageLoop::Step& look_up, size_t address, const Range& range) {
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

void PageLoopAnalysis::find_local(PageLoop::Lookup& lookup, size_t begin, size_t drop) {
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

bool PageLoopAnalysis::is_local_value(int32_t index) const {
  return own_.count(index) || (!written_.count(index) && !accumulators_.count(index) && !is_kept(index));
}

bool PageLoopAnalysis::own(int32_t index) {
  own_.insert(index);
  return !is_kept(index);
}

bool PageLoopAnalysis::is_local(const Instruction& i, int32_t cursor) {
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

bool PageLoopAnalysis::fetch_columns(PageLoop::Step& look_up, int32_t cursor) {
  for (const auto& [name, number] : pseudo_) {
    if (name.first != cursor) continue;
    const int32_t pseudo = -1 - number;
    look_up.lookup->fetches.push_back({cursor, name.second, slot_of(pseudo), first_reads_.at(pseudo)});
    assigned_.insert(pseudo);
  }
  return true;
}

}  // namespace keelback::vm
