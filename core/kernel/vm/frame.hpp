// Frame: the registers, cursors and once-marks of a program or sub-program that runs.
//
// A sub-program's frame also keeps what its caller gets back when it ends: the counters (a trigger does not change what
// its statement reports), and where to go on. Twin: keelback_core/reference/vm/frame.py.
#ifndef KEELBACK_VM_FRAME_HPP
#define KEELBACK_VM_FRAME_HPP

#include <algorithm>
#include <memory>
#include <span>
#include <vector>

#include "../program/program.hpp"
#include "cursor.hpp"
#include "register.hpp"

namespace keelback::vm {

struct Frame {
  explicit Frame(const program::Program& program)
      : program(&program),
        registers(std::make_unique<Register[]>(static_cast<size_t>(program.register_count) + 1)),
        places_(std::make_unique<std::unique_ptr<Cursor>[]>(3 * static_cast<size_t>(program.cursor_count))),
        cursors(places_.get(), static_cast<size_t>(program.cursor_count)),
        laid_aside(places_.get() + program.cursor_count, 2 * static_cast<size_t>(program.cursor_count)) {}

  // Whether the mark of an address was set already; now it is.
  bool meet_once(size_t address) {
    if (once.empty()) once.resize(static_cast<size_t>(code_size()) + 1);
    if (once[address]) return true;
    once[address] = true;
    has_met_once = true;
    return false;
  }
  // As before the first instruction; cursors are closed.
  void clear() noexcept {
    for (int32_t index = 0; index <= program->register_count; ++index) registers[static_cast<size_t>(index)].set_null();
    if (has_met_once) std::fill(once.begin(), once.end(), false);
    has_met_once = false;
  }
  int64_t code_size() const { return static_cast<int64_t>(program->instructions.size()); }

  const program::Program* program;
  std::unique_ptr<Register[]> registers;

 private:
  std::unique_ptr<std::unique_ptr<Cursor>[]> places_;

 public:
  const std::span<std::unique_ptr<Cursor>> cursors;
  // Closed, in this run or the one before, and on stored trees: for each cursor one that reads and one that writes.
  const std::span<std::unique_ptr<Cursor>> laid_aside;
  std::vector<bool> once;  // empty until the first Once
  bool has_met_once = false;

  // Of the caller.
  std::unique_ptr<Frame> parent;
  int depth = 0;
  int64_t return_address = 0;
  int32_t first_parameter = 0;
  int32_t ignore_address = 0;
  int trigger_number = 0;  // of the statement's triggers, 0 for a program that is none
  int64_t change_count = 0;
  int64_t host_changes = 0;
  int64_t last_insert_rowid = 0;
};

}  // namespace keelback::vm

#endif
