// What the steps of a loop by pages do to accumulators, groups, sorters, filters and hash tables.
#include "bloom_filter.hpp"
#include "machine.hpp"
#include "ops/aggregate.hpp"
#include "ops/join.hpp"
#include "ops/sort.hpp"
#include "page_loop.hpp"

namespace keelback::vm {

using namespace program;

Status PageLoop::step_aggregate(Machine& machine, Step& step, std::span<const uint16_t> rows) {
  const Instruction& i = *step.instruction;
  const bool is_single = step.sources.size() == 1;
  const Values single = is_single ? values(machine, step.sources[0]) : Values{nullptr, 0};
  if (!step.is_kept && is_single) {
    Register& state = machine.r(i.p3);
    if (state.holds() != Holds::aggregate && ops::begin_aggregate(machine, i, state) == Signal::failed) {
      return machine.error;
    }
    return static_cast<Aggregate*>(state.object())->step_rows(single.first, single.stride, rows);
  }
  arguments_.resize(step.sources.size());
  for (const uint16_t row : rows) {
    Register& state = step.is_kept ? groups_->kept(group_of_row_[row], i.p3) : machine.r(i.p3);
    if (state.holds() != Holds::aggregate && ops::begin_aggregate(machine, i, state) == Signal::failed) {
      return machine.error;
    }
    auto* aggregate = static_cast<Aggregate*>(state.object());
    if (is_single) {
      KEELBACK_TRY(aggregate->step({&single[row], 1}));
    } else {
      for (size_t place = 0; place < arguments_.size(); ++place) {
        arguments_[place] = values(machine, step.sources[place])[row];
      }
      KEELBACK_TRY(aggregate->step(arguments_));
    }
    if (step.is_kept) groups_->note_growth(*aggregate);
  }
  return ok_status;
}

Status PageLoop::find_groups(Machine& machine, Step& step) {
  arguments_.resize(step.sources.size());
  jumping_.clear();
  for (const uint16_t row : rows_) {
    for (size_t place = 0; place < arguments_.size(); ++place) {
      arguments_[place] = values(machine, step.sources[place])[row];
    }
    bool is_known = false;
    group_of_row_[row] = groups_->find_group(arguments_, is_known);
    if (is_known) jumping_.push_back(row);
  }
  select(step);
  return ok_status;
}

Status PageLoop::insert_into_sorter(Machine& machine, Step& step) {
  SorterCursor& sorter = *ops::sorter(machine, step.instruction->p1);
  arguments_.resize(step.sources.size());
  for (const uint16_t row : rows_) {
    for (size_t place = 0; place < arguments_.size(); ++place) {
      arguments_[place] = values(machine, step.sources[place])[row];
    }
    KEELBACK_TRY(sorter.add_row(arguments_));
  }
  return ok_status;
}

Status PageLoop::insert_into_table(Machine& machine, Step& step) {
  HashTableCursor* table = filled_ ? filled_ : ops::hash_table(machine, step.instruction->p1);
  if (!table) return impossible();
  for (const uint16_t row : rows_) {
    KEELBACK_TRY(key_of(machine, step, row));
    KEELBACK_TRY(table->insert(arguments_));
  }
  return ok_status;
}

Status PageLoop::add_to_filter(Machine& machine, Step& step) {
  for (const uint16_t row : rows_) {
    KEELBACK_TRY(key_of(machine, step, row));
    add_to_bloom_filter(machine.r(step.instruction->p1), step.instruction->p2, arguments_);
  }
  return ok_status;
}

Status PageLoop::ask_filter(Machine& machine, Step& step) {
  const Value& filter = machine.r(step.instruction->p1).value();
  jumping_.clear();
  for (const uint16_t row : rows_) {
    KEELBACK_TRY(key_of(machine, step, row));
    if (!may_be_in_bloom_filter(filter, arguments_)) jumping_.push_back(row);
  }
  machine.counts[count_filter_hit] += static_cast<int64_t>(jumping_.size());
  machine.counts[count_filter_miss] += static_cast<int64_t>(rows_.size() - jumping_.size());
  select(step);
  return ok_status;
}

}  // namespace keelback::vm
