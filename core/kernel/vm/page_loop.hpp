// PageLoop: a loop over a table's rows, from Rewind to Next, run page by page and instruction by instruction instead of
// row by row.
//
//     Rewind c, end                  the rows of a page are selected, all of them at first;
//     body: Column c, Ge -> Next,    each instruction works on all rows selected: a column or an operation fills a
//           AggStep, ...             vector of values, a jump takes rows out until its target is reached, a step goes
//     Next c, body                   through the rows in their order
//
// 1. A loop runs this way only if its instructions allow it: they read the row and write registers, accumulators and
//    sorters, jump forwards only, and no register carries a value from one row to the next. All others run row by row.
// 2. Every effect happens in the order of rows for one instruction; which of two instructions comes first shows
// nowhere.
// 3. After the loop each register holds what the last row that wrote it has left.
// 4. Not with a progress handler, which counts instructions; an interrupt is looked for once a page.
//
// Must not know: pages (PageBatch does).
#ifndef KEELBACK_VM_PAGE_LOOP_HPP
#define KEELBACK_VM_PAGE_LOOP_HPP

#include <array>
#include <memory>
#include <vector>

#include "function.hpp"
#include "page_batch.hpp"

namespace keelback::vm {

class Machine;
class GroupCursor;
struct ResolvedCall;

class PageLoop {
 public:
  using Rows = std::vector<uint16_t>;

  // The loop that begins with the Rewind at that address; null if it cannot run this way.
  static std::unique_ptr<PageLoop> make(const program::Program& program, size_t rewind);

  // Run it, the machine standing behind the Rewind; has_run is false where the moment does not allow it, and nothing
  // has happened then.
  Status run(Machine& machine, TableTreeCursor& cursor, bool& has_run);

 private:
  friend class PageLoopAnalysis;

  // Where an operand is: in a vector, or (slot -1) in a register that does not change in the loop.
  struct Source {
    int slot = -1;
    int32_t index = 0;
  };
  struct Step {
    const program::Instruction* instruction = nullptr;
    size_t target = 0;  // the step that a jump goes to
    bool is_target = false;
    bool is_kept = false;  // what is written belongs to the row's group
    int slot = -1;         // what is written otherwise
    std::vector<Source> sources;
    Rows parked;
    const ResolvedCall* call = nullptr;
  };
  // A vector, or one value for all rows.
  struct Values {
    const Value* first;
    size_t stride;
    const Value& operator[](size_t row) const noexcept { return first[row * stride]; }
  };

  explicit PageLoop(int last_column) : batch_(last_column) {}

  Status bind(Machine& machine, bool& can_run);
  Status run_batch(Machine& machine);
  Status run_step(Machine& machine, Step& step);
  Values values(Machine& machine, const Source& source) const noexcept;
  Value* output(const Step& step) noexcept { return slots_[static_cast<size_t>(step.slot)].get(); }
  void unpark(Step& step);
  void select(Step& step);
  void finish_output(Machine& machine, const Step& step, int32_t index);

  Status read_column(Machine& machine, Step& step);
  Status read_rowid(Machine& machine, Step& step);
  Status assign(Machine& machine, Step& step);
  Status make_real(Machine& machine, Step& step);
  Status calculate(Machine& machine, Step& step);
  Status compare(Machine& machine, Step& step);
  Status test(Machine& machine, Step& step);
  Status call_function(Machine& machine, Step& step);
  Status step_aggregate(Machine& machine, Step& step);
  Status find_groups(Machine& machine, Step& step);
  Status insert_into_sorter(Machine& machine, Step& step);

  PageBatch batch_;
  std::vector<Step> steps_;
  std::vector<std::unique_ptr<Value[]>> slots_;
  size_t end_ = 0;  // address of the Next
  int32_t groups_cursor_ = -1;
  GroupCursor* groups_ = nullptr;
  Rows rows_;
  Rows jumping_;
  Rows merged_;
  std::array<uint32_t, PageBatch::most_rows> group_of_row_{};
  std::vector<Value> arguments_;
};

}  // namespace keelback::vm

#endif
