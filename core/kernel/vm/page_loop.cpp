#include "page_loop.hpp"

#include <algorithm>
#include <numeric>

#include "../value/arithmetic.hpp"
#include "../value/cast.hpp"
#include "machine.hpp"
#include "ops/aggregate.hpp"
#include "ops/compare.hpp"
#include "ops/sort.hpp"

namespace keelback::vm {

using namespace program;

namespace {

using Operation = Value (*)(const Value&, const Value&) noexcept;

Operation operation_of(Opcode opcode) {
  switch (opcode) {
    case OP_ADD:
      return keelback::add;
    case OP_SUBTRACT:
      return keelback::subtract;
    case OP_MULTIPLY:
      return keelback::multiply;
    case OP_DIVIDE:
      return keelback::divide;
    case OP_REMAINDER:
      return keelback::remainder;
    case OP_BIT_AND:
      return keelback::bit_and;
    case OP_BIT_OR:
      return keelback::bit_or;
    case OP_AND:
      return logical_and;
    default:
      return logical_or;
  }
}

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

}  // namespace

// What the moment must allow: native functions, a table of groups where one is wanted.
Status PageLoop::bind(Machine& machine, bool& can_run) {
  can_run = false;
  if (machine.host.progress_period) return ok_status;
  for (Step& step : steps_) {
    const Instruction& i = *step.instruction;
    switch (i.opcode) {
      case OP_AGG_STEP:
        KEELBACK_TRY(machine.find_call(i, true, step.call));
        if (!step.call->aggregate) return ok_status;
        break;
      case OP_FUNCTION:
        KEELBACK_TRY(machine.find_call(i, false, step.call));
        if (!step.call->scalar || step.call->hands_on || step.call->is_about_json) return ok_status;
        break;
      case OP_EQ:
      case OP_NE:
        for (const Source& source : step.sources) {
          if (source.slot < 0 && machine.r(source.index).holds() == Holds::cleared_null) return ok_status;
        }
        break;
      case OP_SORTER_INSERT:
        if (!ops::sorter(machine, i.p1)) return ok_status;
        break;
      case OP_GROUP_FIND:
        groups_ = ops::groups(machine, i.p1);
        if (!groups_ || groups_->key_count() != step.sources.size()) return ok_status;
        break;
      default:
        break;
    }
  }
  if (groups_cursor_ >= 0) groups_->put_away(&machine.r(0));
  can_run = true;
  return ok_status;
}

Status PageLoop::run(Machine& machine, TableTreeCursor& cursor, bool& has_run) {
  has_run = false;
  bool can_run = false;
  if (!bind(machine, can_run).is_ok() || !can_run) return ok_status;
  has_run = true;
  for (bool found = true; found;) {
    if (machine.host.is_interrupted.load(std::memory_order_relaxed)) return Status(result::INTERRUPT);
    batch_.load(cursor);
    rows_.resize(batch_.row_count());
    std::iota(rows_.begin(), rows_.end(), uint16_t{0});
    KEELBACK_TRY(run_batch(machine));
    KEELBACK_TRY(batch_.leave(cursor, found));
  }
  machine.jump(static_cast<int32_t>(end_) + 1);
  return ok_status;
}

Status PageLoop::run_batch(Machine& machine) {
  for (Step& step : steps_) {
    if (step.is_target) unpark(step);
    if (!rows_.empty()) KEELBACK_TRY(run_step(machine, step));
  }
  return ok_status;
}

Status PageLoop::run_step(Machine& machine, Step& step) {
  switch (step.instruction->opcode) {
    case OP_COLUMN:
      return read_column(machine, step);
    case OP_ROWID:
      return read_rowid(machine, step);
    case OP_INTEGER:
    case OP_INT64:
    case OP_REAL:
    case OP_STRING8:
    case OP_BLOB:
    case OP_NULL:
    case OP_COPY:
    case OP_S_COPY:
      return assign(machine, step);
    case OP_REAL_AFFINITY:
      return make_real(machine, step);
    case OP_EQ:
    case OP_NE:
    case OP_LT:
    case OP_LE:
    case OP_GT:
    case OP_GE:
      return compare(machine, step);
    case OP_IF:
    case OP_IF_NOT:
    case OP_IS_NULL:
    case OP_NOT_NULL:
      return test(machine, step);
    case OP_GOTO:
      jumping_ = rows_;
      select(step);
      return ok_status;
    case OP_FUNCTION:
      return call_function(machine, step);
    case OP_AGG_STEP:
      return step_aggregate(machine, step);
    case OP_GROUP_FIND:
      return find_groups(machine, step);
    case OP_MAKE_RECORD:
      return ok_status;
    case OP_SORTER_INSERT:
      return insert_into_sorter(machine, step);
    default:
      return calculate(machine, step);
  }
}

// Rows

// The rows that wait here and those that come from above go on together.
void PageLoop::unpark(Step& step) {
  if (step.parked.empty()) return;
  merged_.clear();
  std::merge(rows_.begin(), rows_.end(), step.parked.begin(), step.parked.end(), std::back_inserter(merged_));
  rows_.swap(merged_);
  step.parked.clear();
}

// The rows of `jumping_` go to the step's target, or out of the loop; the others go on.
void PageLoop::select(Step& step) {
  if (jumping_.empty()) return;
  if (jumping_.size() == rows_.size()) {
    merged_.clear();
  } else {
    merged_.clear();
    std::set_difference(rows_.begin(), rows_.end(), jumping_.begin(), jumping_.end(), std::back_inserter(merged_));
  }
  rows_.swap(merged_);
  if (step.target >= steps_.size()) return;
  Rows& parked = steps_[step.target].parked;
  merged_.clear();
  std::merge(parked.begin(), parked.end(), jumping_.begin(), jumping_.end(), std::back_inserter(merged_));
  parked.swap(merged_);
}

PageLoop::Values PageLoop::values(Machine& machine, const Source& source) const noexcept {
  if (source.slot < 0) return {&machine.r(source.index).value(), 0};
  return {slots_[static_cast<size_t>(source.slot)].get(), 1};
}

void PageLoop::finish_output(Machine& machine, const Step& step, int32_t index) {
  machine.r(index).set(output(step)[rows_.back()]);
}

// Values

Status PageLoop::read_column(Machine& machine, Step& step) {
  const Instruction& i = *step.instruction;
  const auto column = static_cast<size_t>(i.p2);
  const Value missing = i.constant();
  if (step.is_kept) {
    for (const uint16_t row : rows_) {
      Value value;
      KEELBACK_TRY(batch_.column(row, column, missing, value));
      groups_->kept(group_of_row_[row], i.p3).set(value);
    }
    return ok_status;
  }
  Value* out = output(step);
  for (const uint16_t row : rows_) KEELBACK_TRY(batch_.column(row, column, missing, out[row]));
  finish_output(machine, step, i.p3);
  return ok_status;
}

Status PageLoop::read_rowid(Machine& machine, Step& step) {
  const Instruction& i = *step.instruction;
  for (const uint16_t row : rows_) {
    Value value;
    KEELBACK_TRY(batch_.rowid(row, value));
    if (step.is_kept) {
      groups_->kept(group_of_row_[row], i.p2).set_plain(value);
    } else {
      output(step)[row] = value;
    }
  }
  if (!step.is_kept) finish_output(machine, step, i.p2);
  return ok_status;
}

// A constant, or a copy.
Status PageLoop::assign(Machine& machine, Step& step) {
  const Instruction& i = *step.instruction;
  const Value constant = i.opcode == OP_INTEGER ? Value::of_integer(i.p1) : i.constant();
  const Values from = step.sources.empty() ? Values{&constant, 0} : values(machine, step.sources[0]);
  if (step.is_kept) {
    for (const uint16_t row : rows_) groups_->kept(group_of_row_[row], i.p2).set(from[row]);
    return ok_status;
  }
  Value* out = output(step);
  for (const uint16_t row : rows_) out[row] = from[row];
  finish_output(machine, step, i.p2);
  return ok_status;
}

Status PageLoop::make_real(Machine& machine, Step& step) {
  const int32_t index = step.instruction->p1;
  if (step.is_kept) {
    for (const uint16_t row : rows_) {
      Register& kept = groups_->kept(group_of_row_[row], index);
      if (kept.value().is_integer()) kept.set_plain(Value::of_real(kept.value().number()));
    }
    return ok_status;
  }
  Value* out = output(step);
  for (const uint16_t row : rows_) {
    if (out[row].is_integer()) out[row] = Value::of_real(static_cast<double>(out[row].integer()));
  }
  finish_output(machine, step, index);
  return ok_status;
}

Status PageLoop::calculate(Machine& machine, Step& step) {
  const Instruction& i = *step.instruction;
  Value* out = output(step);
  const Values first = values(machine, step.sources[0]);
  if (i.opcode == OP_NOT) {
    for (const uint16_t row : rows_) out[row] = logical_not(first[row]);
    finish_output(machine, step, i.p2);
    return ok_status;
  }
  const Values second = values(machine, step.sources[1]);
  const Operation operation = operation_of(i.opcode);
  const bool is_sum = i.opcode == OP_ADD;
  const bool is_product = i.opcode == OP_MULTIPLY;
  const bool is_logic = i.opcode == OP_AND || i.opcode == OP_OR;
  for (const uint16_t row : rows_) {
    const Value& left = is_logic ? first[row] : second[row];
    const Value& right = is_logic ? second[row] : first[row];
    if ((is_sum || is_product) && left.is_real() && right.is_real()) {
      out[row] = Value::of_real(is_sum ? left.real() + right.real() : left.real() * right.real());
    } else {
      out[row] = operation(left, right);
    }
  }
  finish_output(machine, step, i.p3);
  return ok_status;
}

Status PageLoop::call_function(Machine& machine, Step& step) {
  const Instruction& i = *step.instruction;
  Register& result = machine.r(i.p3);
  Value* out = output(step);
  arguments_.resize(step.sources.size());
  for (const uint16_t row : rows_) {
    for (size_t place = 0; place < arguments_.size(); ++place) {
      arguments_[place] = values(machine, step.sources[place])[row];
    }
    KEELBACK_TRY(step.call->scalar({machine.host, step.call->collation, result}, arguments_));
    if (result.value().has_bytes() && result.value().size() > machine.limit_length()) return Status(result::TOOBIG);
    out[row] = batch_.keep(result.value());
  }
  return ok_status;
}

// Jumps

Status PageLoop::compare(Machine& machine, Step& step) {
  const Instruction& i = *step.instruction;
  const Values left = values(machine, step.sources[0]);
  const Values right = values(machine, step.sources[1]);
  const std::array<bool, 3> jumps = jumping_orders(i.opcode);
  const bool jumps_if_null = i.p5 & compare_jump_if_null;
  jumping_.clear();
  for (const uint16_t row : rows_) {
    const Value& first = left[row];
    const Value& second = right[row];
    int order = 0;
    if (first.is_integer() && second.is_integer()) {
      order = (first.integer() > second.integer()) - (first.integer() < second.integer());
    } else if (first.is_real() && second.is_real()) {
      order = (first.real() > second.real()) - (first.real() < second.real());
    } else if (!ops::order_of_pair(machine, i, first, second, order)) {
      return machine.error;
    }
    if (order == ops::order_unknown ? jumps_if_null : jumps[static_cast<size_t>(order + 1)]) jumping_.push_back(row);
  }
  select(step);
  return ok_status;
}

Status PageLoop::test(Machine& machine, Step& step) {
  const Values tested = values(machine, step.sources[0]);
  jumping_.clear();
  for (const uint16_t row : rows_) {
    if (jumps_by_truth(*step.instruction, tested[row])) jumping_.push_back(row);
  }
  select(step);
  return ok_status;
}

// Effects

Status PageLoop::step_aggregate(Machine& machine, Step& step) {
  const Instruction& i = *step.instruction;
  const bool is_single = step.sources.size() == 1;
  const Values single = is_single ? values(machine, step.sources[0]) : Values{nullptr, 0};
  if (!step.is_kept && is_single) {
    Register& state = machine.r(i.p3);
    if (state.holds() != Holds::aggregate && ops::begin_aggregate(machine, i, state) == Signal::failed) {
      return machine.error;
    }
    return static_cast<Aggregate*>(state.object())->step_rows(single.first, single.stride, rows_);
  }
  arguments_.resize(step.sources.size());
  for (const uint16_t row : rows_) {
    Register& state = step.is_kept ? groups_->kept(group_of_row_[row], i.p3) : machine.r(i.p3);
    if (state.holds() != Holds::aggregate && ops::begin_aggregate(machine, i, state) == Signal::failed) {
      return machine.error;
    }
    auto* aggregate = static_cast<Aggregate*>(state.object());
    if (is_single) {
      KEELBACK_TRY(aggregate->step({&single[row], 1}));
      continue;
    }
    for (size_t place = 0; place < arguments_.size(); ++place) {
      arguments_[place] = values(machine, step.sources[place])[row];
    }
    KEELBACK_TRY(aggregate->step(arguments_));
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

}  // namespace keelback::vm
