#include "page_loop.hpp"

#include <algorithm>
#include <numeric>

#include "../value/affinity.hpp"
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

double add_reals(double left, double right) { return left + right; }
double subtract_reals(double left, double right) { return left - right; }
double multiply_reals(double left, double right) { return left * right; }

}  // namespace

// What the moment must allow: native functions, a table of groups where one is wanted.
Status PageLoop::bind(Machine& machine, bool& can_run) {
  can_run = false;
  if (machine.host.progress_period) return ok_status;
  for (Step& step : steps_) {
    // An error may have left rows waiting.
    step.parked.clear();
    if (step.lookup) step.lookup->begin();
    if (!step.instruction) continue;
    const Instruction& i = *step.instruction;
    if (step.lookup && !can_look_up(machine, step)) return ok_status;
    switch (i.opcode) {
      case OP_AGG_STEP:
        KEELBACK_TRY(machine.find_call(i, true, step.call));
        if (!step.call->aggregate) return ok_status;
        break;
      case OP_FUNCTION:
        KEELBACK_TRY(machine.find_call(i, false, step.call));
        if (const NativeScalar& native = step.call->scalar;
            !native.function || native.hands_on || native.is_about_json || (tail_ && native.is_about_moment)) {
          return ok_status;
        }
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
        if (!groups_ || groups_->key_count() != step.sources.size() || groups_->is_full()) return ok_status;
        break;
      default:
        break;
    }
  }
  if (groups_cursor_ >= 0) groups_->put_away(&machine.r(0));
  can_run = true;
  return ok_status;
}

PageLoop::~PageLoop() = default;

void PageLoop::Lookup::begin() noexcept {
  joined.reset();
  is_settled = false;
  asked = 0;
  found = 0;
}

Status PageLoop::run(Machine& machine, Cursor& cursor, storage::TreeCursor& tree, bool& has_run) {
  has_run = false;
  if (is_index_ == cursor.is_table) return ok_status;
  tree_ = &tree;
  rows_done_ = 0;
  bool can_run = false;
  if (!bind(machine, can_run).is_ok() || !can_run) return ok_status;
  has_run = true;
  // The Rewind has found the first row.
  count_rows(machine, -1);
  bool must_leave = false;
  for (bool found = true; found;) {
    if (machine.host.is_interrupted.load(std::memory_order_relaxed)) return Status(result::INTERRUPT);
    KEELBACK_TRY(batch_.load(cursor, tree, PageBatch::most_rows, false));
    rows_.resize(batch_.row_count());
    std::iota(rows_.begin(), rows_.end(), uint16_t{0});
    rows_done_ += rows_.size();
    count_rows(machine, static_cast<int64_t>(rows_.size()));
    origins_ = nullptr;
    KEELBACK_TRY(run_steps(machine, 0, steps_.size()));
    KEELBACK_TRY(batch_.leave(found));
    // Rows that the table of groups turns away are the program's to keep.
    must_leave = found && groups_cursor_ >= 0 && groups_->is_full();
    if (must_leave) break;
  }
  for (Step& step : steps_) {
    if (step.lookup) step.lookup->begin();
  }
  // The row at hand has not been met yet: go on with it at the beginning of the body, or behind the loop.
  machine.jump(must_leave ? program_->instructions[end_].p2 : static_cast<int32_t>(end_) + 1);
  return ok_status;
}

// Rows count as what they spare the machine: one for the Next, the steps as instructions.
void PageLoop::count_rows(Machine& machine, int64_t rows) const noexcept {
  machine.counts[program_->instructions[end_].p5] += rows;
  machine.counts[count_step] += rows * static_cast<int64_t>(steps_.size() + 1);
}

Status PageLoop::run_steps(Machine& machine, size_t first, size_t end) {
  for (size_t place = first; place < end; ++place) {
    Step& step = steps_[place];
    if (step.is_target) unpark(step);
    if (step.instruction && !rows_.empty()) {
      KEELBACK_TRY(step.lookup && step.lookup->end ? join_rows(machine, step, place) : run_step(machine, step));
    }
    if (step.first_of) keep_first(*step.first_of);
    if (step.lookup && step.lookup->end) place = step.lookup->end - 1;
  }
  return ok_status;
}

Status PageLoop::run_step(Machine& machine, Step& step) {
  switch (step.instruction->opcode) {
    case OP_COLUMN:
      return read_column(machine, step);
    case OP_ROWID:
    case OP_IDX_ROWID:
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
    case OP_CONCAT:
      return concatenate(machine, step);
    case OP_CAST:
      return cast_to_number(machine, step);
    case OP_AGG_STEP:
      if (!group_take_) return step_aggregate(machine, step, rows_);
      step.taken = rows_;
      return ok_status;
    case OP_GROUP_FIND:
      return find_groups(machine, step);
    case OP_MAKE_RECORD:
      return ok_status;
    case OP_SORTER_INSERT:
      return insert_into_sorter(machine, step);
    case OP_ONCE:
      return run_once(machine, step);
    case OP_SEEK_ROWID:
      return seek_rowids(machine, step);
    case OP_DEFERRED_SEEK:
      return seek_deferred(machine, step);
    case OP_AFFINITY:
      return apply_affinities(machine, step);
    case OP_HASH_INSERT:
      return insert_into_table(machine, step);
    case OP_FILTER_ADD:
      return add_to_filter(machine, step);
    case OP_FILTER:
      return ask_filter(machine, step);
    case OP_FOUND:
    case OP_NOT_FOUND:
      return find_members(machine, step);
    case OP_REWIND:
      return test_empty(machine, step);
    default:
      return calculate(machine, step);
  }
}

// Rows

PageLoop::Values PageLoop::values(Machine& machine, const Source& source) const noexcept {
  if (source.slot < 0) return {&machine.r(source.index).value(), 0};
  return {slot(source.slot), 1};
}

void PageLoop::finish_output(Machine& machine, const Step& step, int32_t index) {
  // A loop that stands beside a program has registers that the program has not; a tail gets those that it reads.
  if (!filled_ && !tail_) machine.r(index).set(output(step)[rows_.back()]);
}

// Values

Status PageLoop::read_column(Machine& machine, Step& step) {
  const Instruction& i = *step.instruction;
  if (step.lookup) KEELBACK_TRY(seek_deferred(machine, step));
  if (!step.sources.empty()) return copy_values(machine, step, step.sources[0], i.p3);
  const auto column = static_cast<size_t>(i.p2);
  const Value missing = i.constant();
  if (step.is_kept) {
    for (const uint16_t row : rows_) {
      Value value;
      KEELBACK_TRY(batch_.column(origin(row), column, missing, value));
      groups_->kept(group_of_row_[row], i.p3).set(value);
    }
    return ok_status;
  }
  Value* out = output(step);
  for (const uint16_t row : rows_) KEELBACK_TRY(batch_.column(origin(row), column, missing, out[row]));
  finish_output(machine, step, i.p3);
  return ok_status;
}

Status PageLoop::read_rowid(Machine& machine, Step& step) {
  const Instruction& i = *step.instruction;
  if (step.lookup) KEELBACK_TRY(seek_deferred(machine, step));
  if (!step.sources.empty()) return copy_values(machine, step, step.sources[0], i.p2);
  for (const uint16_t row : rows_) {
    Value value;
    KEELBACK_TRY(batch_.rowid(origin(row), value));
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
  if (!step.sources.empty()) return copy_values(machine, step, step.sources[0], i.p2);
  const Value constant = i.opcode == OP_INTEGER ? Value::of_integer(i.p1) : i.constant();
  return put_values(machine, step, {&constant, 0}, i.p2);
}

Status PageLoop::copy_values(Machine& machine, Step& step, const Source& source, int32_t index) {
  return put_values(machine, step, values(machine, source), index);
}

Status PageLoop::put_values(Machine& machine, Step& step, Values from, int32_t index) {
  if (step.is_kept) {
    for (const uint16_t row : rows_) put(step, index, row, from[row]);
    return ok_status;
  }
  Value* out = output(step);
  for (const uint16_t row : rows_) out[row] = from[row];
  finish_output(machine, step, index);
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

Status PageLoop::apply_affinities(Machine& machine, Step& step) {
  const char code = step.instruction->p4.bytes->front();
  const Values from = values(machine, step.sources[0]);
  Value* out = output(step);
  TextBuffer buffer;
  for (const uint16_t row : rows_) {
    const Value value = from[row];
    const Value applied = code > affinity::blob && !value.is_null() ? apply_affinity(value, code, buffer) : value;
    out[row] = applied.is_text() && !value.is_text() ? batch_.keep(applied) : applied;
  }
  finish_output(machine, step, step.instruction->p1);
  return ok_status;
}

// Where the result of a step goes for a row.
void PageLoop::put(const Step& step, int32_t index, uint16_t row, const Value& value) {
  if (step.is_kept) {
    Register& kept = groups_->kept(group_of_row_[row], index);
    const size_t before = kept.kept_bytes();
    kept.set(value);
    if (kept.kept_bytes() != before) groups_->note_growth(kept.kept_bytes() - before);
  } else {
    slot(step.slot)[row] = value;
  }
}

Status PageLoop::calculate(Machine& machine, Step& step) {
  const Instruction& i = *step.instruction;
  const int32_t index = i.opcode == OP_NOT ? i.p2 : i.p3;
  const Values first = values(machine, step.sources[0]);
  if (i.opcode == OP_NOT) {
    for (const uint16_t row : rows_) put(step, index, row, logical_not(first[row]));
  } else {
    const Values second = values(machine, step.sources[1]);
    const bool is_logic = i.opcode == OP_AND || i.opcode == OP_OR;
    calculate_pairs(step, index, is_logic ? first : second, is_logic ? second : first);
  }
  if (!step.is_kept) finish_output(machine, step, index);
  return ok_status;
}

// Reals, of which most columns to be summed up are, without a call.
template <double (*calculate_reals)(double, double), Value (*calculate_values)(const Value&, const Value&) noexcept>
void PageLoop::calculate_numbers(const Step& step, int32_t index, Values left, Values right) {
  for (const uint16_t row : rows_) {
    const Value& first = left[row];
    const Value& second = right[row];
    if (first.is_real() && second.is_real()) {
      put(step, index, row, Value::of_real(calculate_reals(first.real(), second.real())));
    } else if (first.is_real() && second.is_integer()) {
      put(step, index, row, Value::of_real(calculate_reals(first.real(), static_cast<double>(second.integer()))));
    } else if (first.is_integer() && second.is_real()) {
      put(step, index, row, Value::of_real(calculate_reals(static_cast<double>(first.integer()), second.real())));
    } else {
      put(step, index, row, calculate_values(first, second));
    }
  }
}

void PageLoop::calculate_pairs(const Step& step, int32_t index, Values left, Values right) {
  switch (step.instruction->opcode) {
    case OP_ADD:
      return calculate_numbers<add_reals, keelback::add>(step, index, left, right);
    case OP_SUBTRACT:
      return calculate_numbers<subtract_reals, keelback::subtract>(step, index, left, right);
    case OP_MULTIPLY:
      return calculate_numbers<multiply_reals, keelback::multiply>(step, index, left, right);
    default:
      break;
  }
  const Operation operation = operation_of(step.instruction->opcode);
  for (const uint16_t row : rows_) put(step, index, row, operation(left[row], right[row]));
}

}  // namespace keelback::vm
