// Machine: runs one Program.
//
//     begin -> running <-> paused on a row -> ended (done, or an error)
//
// 1. Registers, cursors and once-marks belong to the running frame; register 0 is never used.
// 2. While an instruction runs, `next` is the one after it; a jump sets it. A handler gives a Signal; where that is
//    `failed`, the error is in `error`.
// 3. Whatever way a run ends, it ends once, through statement_end.
// 4. Registers, and what calls resolve to, are made once and kept between runs of the same machine.
//
// Must not know: what any opcode does (ops/ does). Twin: keelback_core/reference/vm/machine.py.
#ifndef KEELBACK_VM_MACHINE_HPP
#define KEELBACK_VM_MACHINE_HPP

#include <array>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "../program/program.hpp"
#include "../value/row.hpp"
#include "cursor.hpp"
#include "frame.hpp"
#include "function.hpp"
#include "session.hpp"

namespace keelback::vm {

using program::Instruction;
using program::Program;

class PageLoop;
class RepeatedScan;

enum class Signal : uint8_t { next, row, done, failed };
enum class Step : uint8_t { row, done, failed };

// What a Function or AggStep instruction calls.
struct ResolvedCall {
  NativeScalar scalar;
  AggregateFactory aggregate = nullptr;
  Collation collation;
};

class Machine {
 public:
  Machine(std::shared_ptr<const Program> program, Session& session);
  Machine(const Machine&) = delete;
  Machine& operator=(const Machine&) = delete;
  ~Machine();

  const std::shared_ptr<const Program> program;
  Session& session;
  Host& host;
  // Their bytes are those of whoever sets them, and stay while the machine runs.
  std::vector<Value> parameters;

  // The last row, and the error that ended the last run.
  Row row() const { return Row(row_first_, row_stride_, row_count_); }
  int error_code() const { return error_code_; }
  const std::string& error_message() const { return error_message_; }
  bool is_running() const { return is_running_; }
  // Forget the parameters of a machine that is not running, so that it can be kept for another statement of the same
  // program; false where it holds too much to be kept.
  bool make_spare() noexcept;

  // Add what was counted to `into`, and begin anew.
  void take_counts(std::span<int64_t, program::statement_count_end> into) noexcept;

  // Run to the next row or to the end.
  Step step();
  // End the run: what a statement has done so far stays and is committed if it was the last one to write.
  Status reset();
  // End a run that is paused as if it had failed so.
  void end_failed(int code, std::string message);

  // For the handlers.

  // Some register holds, or did hold in this run, the state of an aggregate that the user has written.
  bool has_hosted_aggregates = false;
  Register& r(int32_t index) { return registers_[index]; }
  Value* scratch(size_t count) {
    if (scratch_.size() < count) scratch_.resize(count);
    return scratch_.data();
  }
  // Views of `count` registers from `first`.
  std::span<const Value> values(int32_t first, int count) {
    if (count <= 1) return {&registers_[first].value(), static_cast<size_t>(count)};
    Value* found = scratch(static_cast<size_t>(count));
    for (int offset = 0; offset < count; ++offset) found[offset] = registers_[first + offset].value();
    return {found, static_cast<size_t>(count)};
  }
  Cursor* cursor(int32_t index) { return cursors_[index].get(); }
  size_t cursor_count() const { return frame_->cursors.size(); }
  // Put a cursor in its place (or none); one that was there is closed.
  void open_cursor(int32_t index, std::unique_ptr<Cursor> cursor) {
    if (cursors_[index]) {
      forget_alternate(*frame_, *cursors_[index]);
      put_aside(static_cast<size_t>(index));
    }
    cursors_[index] = std::move(cursor);
  }
  // Lay the cursor aside that the same instruction has opened before, to be taken up again.
  void lay_aside(const Instruction& instruction);
  // The cursor that was closed in this place last, perhaps in the run before; else null.
  std::unique_ptr<Cursor> take_up_cursor(int32_t index, bool is_writable) {
    return std::move(aside(static_cast<size_t>(index), is_writable));
  }
  // The same where that cursor was opened by the same instruction and its tree is as it was; whether it is open now.
  bool take_up_unchanged(const Instruction& instruction, const storage::Pager& pager, bool is_writable) {
    std::unique_ptr<Cursor>& found = aside(static_cast<size_t>(instruction.p1), is_writable);
    if (!found || found->opened_by != &instruction || cursors_[instruction.p1]) return false;
    if (!found->take_up_unchanged(pager)) return false;
    cursors_[instruction.p1] = std::move(found);
    return true;
  }
  // Look for an interrupt before the next instruction: this one took long.
  void note_long_work() {
    counts[program::count_step] -= ticks_;
    ticks_ = 0;
  }
  void jump(int32_t address) { next = code_ + address; }
  // Go on at an instruction further on; those before it have been done.
  void skip_to(const Instruction* instruction) {
    ticks_ -= static_cast<int>(instruction - next);
    next = instruction;
  }
  int64_t address_of_next() const { return next - code_; }
  // Jump to an address out of a register.
  Signal jump_to(int64_t address) {
    if (address < 0 || address >= frame_->code_size()) return fail(Status(result::INTERNAL));
    next = code_ + address;
    return Signal::next;
  }
  const Instruction* instruction_at(int64_t address) const {
    return address < 0 || address >= frame_->code_size() ? nullptr : code_ + address;
  }
  Signal fail(Status status) {
    error = status;
    return Signal::failed;
  }
  Signal give_row(int32_t first, int count) {
    set_row(&registers_[first].value(), sizeof(Register), static_cast<size_t>(count));
    return Signal::row;
  }
  // The same for values that stand elsewhere. source: the loop that may have the next row too, without an instruction
  // in between.
  Signal give_row(const Value* first, size_t stride, size_t count, PageLoop* source) {
    set_row(first, stride, count);
    row_source_ = source;
    return Signal::row;
  }
  // End the run with success, as Halt does.
  Signal finish();
  Frame& frame() { return *frame_; }
  void enter_frame(const Program& sub_program, int trigger_number, int32_t first_parameter, int32_t ignore_address);
  // Go back to the caller of the running sub-program; gives where RAISE(IGNORE) goes.
  int32_t leave_frame();
  // Whether the trigger of this number runs, as one program or another, or (number 0) the program itself.
  bool is_active(const Program& sub_program, int trigger_number) const;
  // Make every further use of the cursors on stored trees (only_writing: of those that write) fail.
  void abort_cursors(bool only_writing);
  // BINARY in the encoding of the main database.
  Status find_binary(const Collation*& collation);
  Status find_collation(std::string_view name, const Collation*& collation);
  Status find_collations(const KeyInfo& key_info, std::vector<Collation>& collations);
  // The comparator of a KeyInfo; made once a run.
  Status find_comparator(const KeyInfo& key_info, const KeyComparator*& comparator);
  Status find_call(const Instruction& instruction, bool is_aggregate, const ResolvedCall*& call) {
    const RecentCall& recent = recent_call(instruction);
    call = recent.call;
    return recent.instruction == &instruction ? ok_status : resolve_call(instruction, is_aggregate, call);
  }
  // Tell the host which of the arguments are marked as JSON.
  void mark_arguments(int32_t first, int count) {
    host.json_arguments = 0;
    host.is_json_result = false;
    for (int offset = 0; offset < count && offset < 64; ++offset) {
      if (registers_[first + offset].is_json()) host.json_arguments |= uint64_t{1} << offset;
    }
  }
  // Run from one address until the other is reached, in the middle of an instruction.
  Status run_block(int32_t from, int32_t to);
  // The loop behind a Rewind of the running program: by pages, and as one that is run again and again, if it can be.
  // has_many_rows: one by pages with a tail pays. is_table: it goes over a table's rows, not over an index.
  struct Loop {
    const Instruction* rewind;
    std::unique_ptr<PageLoop> by_pages;
    std::unique_ptr<RepeatedScan> repeated;
    bool is_settled;  // whether one with a tail has been tried
  };
  Loop& loop(const Instruction& rewind, bool has_many_rows, bool is_table = true);
  size_t limit_length() const { return host.limit_length; }

  const Instruction* next = nullptr;
  Status error;
  // What runs have counted since the last `take_counts`; instructions only up to the last refill of `ticks_`.
  std::array<int64_t, program::statement_count_end> counts{};
  int compare_order = 0;
  bool compare_equal = false;
  // Some register has been marked as JSON; until then nobody need look for marks.
  bool has_json = false;
  int error_action = program::conflict_abort;
  int64_t change_count = 0;
  int64_t constraint_count = 0;
  int statement_depth = -1;
  int64_t deferred_constraints_before = 0;
  int64_t deferred_immediate_constraints_before = 0;

 private:
  // What a call resolved to, found again without looking it up: in a place by the instruction's address.
  struct RecentCall {
    const Instruction* instruction = nullptr;
    const ResolvedCall* call = nullptr;
  };
  RecentCall& recent_call(const Instruction& instruction) noexcept {
    static_assert(sizeof(Instruction) % 8 == 0);
    return recent_calls_[reinterpret_cast<uintptr_t>(&instruction) / 8 % recent_calls_.size()];
  }
  Status resolve_call(const Instruction& instruction, bool is_aggregate, const ResolvedCall*& call);
  void set_row(const Value* first, size_t stride, size_t count) {
    row_first_ = first;
    row_stride_ = stride;
    row_count_ = count;
  }
  std::unique_ptr<Cursor>& aside(size_t index, bool is_writable) {
    return frame_->laid_aside[2 * index + (is_writable ? 1 : 0)];
  }
  // Lay the cursor in this place aside, if it is on a stored tree.
  void put_aside(size_t index) {
    Cursor& cursor = *cursors_[index];
    if (cursor.is_stored() && cursor.lay_aside()) aside(index, cursor.is_writable) = std::move(cursors_[index]);
  }
  // Let the states of aggregates go: the user hears the end of his with the run.
  void let_hosted_go() noexcept;
  void put_cursors_aside();
  void set_initial_state();
  void use_frame();
  Signal run();
  Signal tick();
  // Until the next look for an interrupt.
  void refill_ticks(int ticks) noexcept {
    counts[program::count_step] += first_ticks_ - ticks_;
    ticks_ = first_ticks_ = ticks;
  }
  Step end_with_error();
  void undo_transaction() noexcept;
  void close_cursors();
  static void forget_alternate(Frame& frame, const Cursor& cursor);

  std::unique_ptr<Frame> frame_;
  // Of sub-programs that have run, to be entered again: a trigger runs for many rows.
  std::array<std::unique_ptr<Frame>, 4> resting_;
  Register* registers_ = nullptr;
  std::unique_ptr<Cursor>* cursors_ = nullptr;
  const Instruction* code_ = nullptr;
  int ticks_ = 0;
  int first_ticks_ = 0;
  bool is_running_ = false;
  // A statement that began in this step, from a function or a hook, ran out of memory: what that aborts here tells so.
  bool is_out_of_memory_below_ = false;
  // The row at hand. Not side by side: two words that were just written and are then read as one stall the processor.
  const Value* row_first_ = nullptr;
  PageLoop* row_source_ = nullptr;  // that gave the row at hand
  size_t row_stride_ = 0;
  std::vector<Value> scratch_;
  size_t row_count_ = 0;
  std::unordered_map<std::string, Collation> collations_;
  std::unordered_map<const void*, ResolvedCall> calls_;
  std::array<RecentCall, 32> recent_calls_{};
  std::unordered_map<const KeyInfo*, KeyComparator> comparators_;
  const Collation* binary_ = nullptr;
  std::vector<Loop> loops_;
  int error_code_ = result::OK;
  std::string error_message_;
};

// An error and its text, which outlives what the Status pointed to.
struct Failure {
  int code = result::OK;
  std::string message;

  Failure() = default;
  explicit Failure(Status status) : code(status.code()) {
    if (!status.is_ok()) message = status.message();
  }
  bool is_ok() const { return code == result::OK; }
  int primary_code() const { return code & 0xFF; }
};

// statement_end.cpp
void begin_statement(Machine& machine);
// End the statement that fails with `failure`, or succeeds; `failure` becomes the error that it ends with. A COMMIT
// that meets SQLITE_BUSY leaves the transaction open and gives true: the caller restores the autocommit flag and ends
// the statement once more, with that error.
bool end_statement(Machine& machine, Failure& failure);
// The statement is no longer among the running ones.
void forget_statement(Machine& machine) noexcept;

}  // namespace keelback::vm

#endif
