// Loops whose body is cut in two: batches of rows are computed by pages, then the tail is run for one row after
// another.
//
//     Rewind, or the Next of a row:  the next row of the batch goes into the registers that the tail reads, the cursor
//                                    stands on it, and the machine goes on with the tail, to come back at the Next
//
// 1. What has been computed is good while the cursor has not moved but by us, which any change of its tree and any page
//    that leaves the cache would make it do; where other trees were read, while nothing at all has changed; and while
//    the registers that the computation read hold what they held.
// 2. After a disturbance rows are done one by one, the more of them the more disturbances follow one another.
// 3. An error in the computation is no error yet: rows before it have to be given first, and perhaps nobody wants the
//    one that it is about. The machine meets it where it belongs.
// 4. Batches begin small: most callers that want a few rows want only those.
//
// Twin: none, the reference runs all loops row by row.
#include <numeric>

#include "machine.hpp"
#include "ops/cursor.hpp"
#include "ops/handler.hpp"
#include "page_loop.hpp"

namespace keelback::vm {

namespace {

constexpr size_t first_batch = 8;
constexpr size_t batch_growth = 4;
constexpr int most_patience = 1024;

bool is_same(const Value& left, const Value& right) noexcept {
  if (left.type() != right.type()) return false;
  if (left.has_bytes()) return left.text().data() == right.text().data() && left.size() == right.size();
  if (left.is_integer()) return left.integer() == right.integer();
  return !left.is_real() || std::bit_cast<int64_t>(left.real()) == std::bit_cast<int64_t>(right.real());
}

Signal go_to_next(Machine& m, Cursor& cursor, const program::Instruction& next, bool& found) {
  KEELBACK_OP_TRY(cursor.next(found));
  if (found) {
    m.jump(next.p2);
    ++m.counts[next.p5];
  }
  return Signal::next;
}

}  // namespace

Signal PageLoop::begin_rows(Machine& m, Cursor& cursor, storage::TreeCursor& tree) {
  if (is_index_ == cursor.is_table) return Signal::next;
  rows_of_ = &cursor;
  tree_ = &tree;
  rows_done_ = 0;
  rows_alone_ = 0;
  patience_ = 0;
  batch_limit_ = first_batch;
  bool can_run = false;
  if (m.has_json || !bind(m, can_run).is_ok() || !can_run) return Signal::next;
  if (group_compare_ && !m.find_comparator(*group_compare_->p4.key, group_order_).is_ok()) return Signal::next;
  for (const Constant& constant : constants_) {
    if (m.r(constant.index).holds() != Holds::value) return Signal::next;
  }
  cursor.pages = this;
  // The Rewind has found the first row.
  count_rows(m, -1);
  return give_batches(m);
}

// The cursor is on a row that nothing has been done for.
Signal PageLoop::give_batches(Machine& m) {
  for (bool found = true; found;) {
    if (m.host.is_interrupted.load(std::memory_order_relaxed)) return m.fail(Status(result::INTERRUPT));
    if (!compute_batch(m).is_ok()) {
      if (tree_->is_at_leaf()) tree_->stand_on(batch_.first());
      m.jump(static_cast<int32_t>(body_));
      count_rows(m, 1);
      return go_on_alone();
    }
    if (!rows_.empty()) return give_row(m);
    KEELBACK_OP_TRY(batch_.leave(found));
  }
  m.jump(static_cast<int32_t>(end_) + 1);
  return Signal::next;
}

Status PageLoop::compute_batch(Machine& m) {
  given_ = 0;
  is_change_known_ = false;
  rows_.clear();
  for (Step& step : steps_) {
    step.parked.clear();
    step.taken.clear();
    step.taken_count = 0;
  }
  KEELBACK_TRY(batch_.load(*rows_of_, *tree_, batch_limit_, true));
  rows_.resize(batch_.row_count());
  std::iota(rows_.begin(), rows_.end(), uint16_t{0});
  rows_done_ += rows_.size();
  batch_limit_ = std::min(batch_limit_ * batch_growth, PageBatch::most_rows);
  origins_ = nullptr;
  const size_t front = group_take_ ? tail_ - body_ + 1 : steps_.size();
  KEELBACK_TRY(run_steps(m, 0, front));
  if (group_take_) {
    const Rows in_front = rows_;
    const auto take = static_cast<size_t>(group_take_ - m.instruction_at(0));
    KEELBACK_TRY(run_steps(m, take - body_ + 1, steps_.size()));
    rows_ = in_front;
  }
  if (!is_alone_) KEELBACK_TRY(batch_.come_back());
  for (const Output& output : outputs_) {
    if (!output.is_constant) continue;
    for (const uint16_t row : rows_) slot(output.slot)[row] = m.r(output.index).value();
  }
  for (Constant& constant : constants_) {
    const Register& source = m.r(constant.index);
    constant.value = source.value();
    constant.serial = source.record_serial();
  }
  change_serial_ = m.session.change_serial;
  count_rows(m, static_cast<int64_t>(batch_.row_count()));
  return ok_status;
}

Signal PageLoop::give_row(Machine& m) {
  const uint16_t row = rows_[given_++];
  tree_->stand_on(batch_.first() + row);
  move_serial_ = tree_->move_serial();
  if (result_count_) {
    m.jump(static_cast<int32_t>(tail_) + 1);
    return m.give_row(take_row(row), slot_stride * sizeof(Value), result_count_, is_tail_at_end_ ? this : nullptr);
  }
  bool found = true;
  if (!sought_.empty()) KEELBACK_OP_TRY(seek_again(m, row, found));
  if (!found) {
    m.jump(static_cast<int32_t>(body_));
    uncount_rest(m);
    return go_on_alone();
  }
  if (deferred_ && ops::deferred_seek(m, *deferred_) == Signal::failed) return Signal::failed;
  for (const Output& output : outputs_) m.r(output.index).set(slot(output.slot)[row]);
  m.jump(static_cast<int32_t>(is_change_known_ ? tail_ + 2 : tail_));
  return Signal::next;
}

// Bring the cursors of look-ups to the rows that were found for this one.
Status PageLoop::seek_again(Machine& m, uint16_t row, bool& found) {
  for (const size_t place : sought_) {
    const Step& step = steps_[place];
    const Value& key = values(m, step.sources[0])[row];
    const Value rowid = key.is_integer() ? key : ops::number_of_rowid(key);
    Cursor* const sought = m.cursor(step.instruction->p1);
    found = sought && rowid.is_integer();
    if (found) KEELBACK_TRY(sought->find({&rowid, 1}, found));
    if (!found) break;
  }
  return ok_status;
}

// A row of vectors as a row to be given: its texts get a NUL at their ends, and outlive the page.
const Value* PageLoop::take_row(size_t row) {
  Value* const first = slots_.get() + row;
  for (size_t column = 0; column < result_count_; ++column) {
    Value& value = first[column * slot_stride];
    if (!value.has_bytes()) continue;
    std::string& text = texts_[column];
    text.assign(value.text());
    value = value.is_text() ? Value::of_text(text) : Value::of_blob(std::string_view(text));
  }
  return first;
}

bool PageLoop::has_given_next(Machine& m) {
  if (given_ >= rows_.size() || m.cursor(cursor_) != rows_of_ || !is_undisturbed(m)) return false;
  const uint16_t row = rows_[given_++];
  tree_->stand_on(batch_.first() + row);
  move_serial_ = tree_->move_serial();
  m.give_row(take_row(row), slot_stride * sizeof(Value), result_count_, this);
  return true;
}

size_t PageLoop::kept_bytes() const noexcept {
  size_t bytes = batch_.kept_bytes();
  for (const std::string& text : texts_) bytes += text.capacity();
  return bytes;
}

bool PageLoop::is_undisturbed(Machine& m) const noexcept {
  if (tree_->move_serial() != move_serial_ || m.host.progress_period) return false;
  if (m.has_json || (!is_alone_ && m.session.change_serial != change_serial_)) return false;
  for (const Constant& constant : constants_) {
    const Register& source = m.r(constant.index);
    if (constant.serial != source.record_serial() || !is_same(constant.value, source.value())) return false;
  }
  return true;
}

// The rows of the batch behind the one at hand have been counted, and will be met again.
void PageLoop::uncount_rest(Machine& m) const noexcept {
  count_rows(m, int64_t{rows_[given_ - 1]} + 1 - static_cast<int64_t>(batch_.row_count()));
}

Signal PageLoop::go_on_alone() noexcept {
  for (Step& step : steps_) {
    // A table that took the place of look-ups is of what there was before.
    if (step.lookup) step.lookup->begin();
  }
  if (patience_ == most_patience) rows_of_->pages = nullptr;
  patience_ = std::min(2 * patience_ + 2, most_patience);
  rows_alone_ = patience_;
  batch_limit_ = first_batch;
  return Signal::next;
}

Signal PageLoop::next_row(Machine& m, Cursor& cursor, const program::Instruction& next) {
  bool found = false;
  if (rows_of_ != &cursor || &next != m.instruction_at(static_cast<int64_t>(end_))) [[unlikely]] {
    // The loop has been begun again with another cursor, or another loop goes over this one.
    cursor.pages = nullptr;
    return go_to_next(m, cursor, next, found);
  }
  if (rows_alone_ > 0) [[unlikely]] {
    const Signal signal = go_to_next(m, cursor, next, found);
    if (!found || --rows_alone_ > 0 || m.host.progress_period || m.has_json) return signal;
    // The Next has counted the row that the batch begins with.
    count_rows(m, -1);
    return give_batches(m);
  }
  if (!is_undisturbed(m)) [[unlikely]] {
    uncount_rest(m);
    go_on_alone();
    return go_to_next(m, cursor, next, found);
  }
  if (given_ < rows_.size()) return give_row(m);
  patience_ = 0;
  KEELBACK_OP_TRY(batch_.leave(found));
  return found ? give_batches(m) : Signal::next;
}

}  // namespace keelback::vm
