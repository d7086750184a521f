// PageLoopAnalysis: which loops can run by pages, and their steps.
//
// 1. The shape of the loop is found first: its end, the loops inside (ranges) and all that is written anywhere in it
//    (page_loop_analysis.cpp); then its instructions become steps, one after another (page_loop_steps.cpp), look-ups
//    with what a table in memory would be made from (page_loop_lookups.cpp).
// 2. Where anything is met that the machine would do otherwise, `make` gives null and the loop runs row by row.
// 3. `make_with_tail` cuts the body in front of the first such instruction (page_loop_cut.cpp): what stands before it
//    runs by pages, the tail row by row.
//
// Must not know: the machine that will run it. Twin: none, the reference runs all loops row by row.
#ifndef KEELBACK_VM_PAGE_LOOP_ANALYSIS_HPP
#define KEELBACK_VM_PAGE_LOOP_ANALYSIS_HPP

#include <map>
#include <memory>
#include <set>
#include <utility>
#include <vector>

#include "../value/affinity.hpp"
#include "page_loop.hpp"

namespace keelback::vm {

using program::Instruction;
using program::Program;

class PageLoopAnalysis {
 public:
  PageLoopAnalysis(const Program& program, size_t rewind) : program_(program), rewind_(rewind) {}

  // is_early: rows of a table are looked up where the program says so, not where they are needed.
  std::unique_ptr<PageLoop> make(bool is_early);
  bool has_deferred_seek() const noexcept { return deferred_table_ >= 0; }
  // takes_groups: one that begins with the change of groups, whose rows are taken in at once.
  std::unique_ptr<PageLoop> make_with_tail(bool takes_groups);

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

  PageLoop::Step& step() { return step_at(address_); }
  static bool is_jump(const Instruction& i) {
    return program::opcode_facts[i.opcode].operands[1] == program::OperandKind::jump;
  }

  // Results without bytes; TEXT cast to TEXT may stay JSON.
  static bool is_cast_to_number(const Instruction& i) {
    return i.p5 == 0 && static_cast<char>(i.p2) >= affinity::numeric;
  }

  std::unique_ptr<PageLoop> make_steps();

  // The shape (page_loop_analysis.cpp).

  // Where to go on behind an instruction, past a block that runs once or for rows that a table of groups turns away.
  size_t behind(size_t address) const;
  bool find_end();
  // Whether the loop goes over an index.
  bool is_over_index() const;
  // Whether the cursor is on an ephemeral index that nobody goes through: the items of an IN.
  bool is_members(int32_t cursor) const;
  bool find_ranges();
  // The innermost range that the address is in the body of; null in the loop itself.
  Range* range_of(size_t address);
  void note_write(size_t address, int32_t index);
  // What stands for a column of a row that is looked up: a register that no program has.
  int32_t pseudo_register(int32_t cursor, int32_t column);
  // A read of a column (-1: of the rowid); false if it is not of a row that is at hand.
  bool note_column(const Instruction& i, int32_t column);
  // What the body writes, and whether it has only instructions that it may have.
  bool collect_writes();
  // A block that runs once leaves registers as they are for the whole loop; no instruction of the loop writes them too.
  bool note_block(size_t once);

  // Loops with a tail (page_loop_cut.cpp).

  // Where the tail begins: `split_`. False where there is nothing to gain.
  bool find_tail();
  bool may_be_in_front(const Instruction& i) const;
  // Whether the tail gives a row to the caller, and perhaps counts it down, and nothing else.
  bool gives_rows() const;
  // The first vectors are those of the row that is given.
  void place_results();
  // Where the tail's GroupTake stands, if it begins groups and takes rows into them, and nothing else; else 0
  // (page_loop_groups.cpp).
  size_t find_group_take() const;
  bool add_group_steps();
  // What the tail has to find in its registers.
  bool find_outputs();

  // Steps (page_loop_steps.cpp).

  size_t enter_range(size_t address);
  // Behind the body the rows around go on, with what they had before.
  bool leave_ranges(size_t address);
  bool find_kept(int32_t cursor);
  bool is_kept(int32_t index) const { return kept_first_ > 0 && index >= kept_first_ && index <= kept_last_; }
  bool add_step(size_t address);
  // Rows that jumped to the address go on here, with what all of them have.
  void arrive(size_t address);
  bool is_range_end(size_t address) const;
  // The look-up of the rows that entries lead to, in the step at hand.
  bool find_rows();
  // The jump out of a loop of which only the first row is wanted.
  bool is_exit(size_t address);
  // A column of the row that a cursor has found; of the loop's own rows the batch knows.
  bool read_found(const Instruction& i, int32_t column);
  bool read(int32_t index);
  bool read_range(int32_t first, int64_t count);
  bool write(int32_t index);
  bool jump(size_t address, int32_t to);
  // The vector of a register that is written at this depth.
  int slot_of(int32_t index);
  // The vector to read a register from at a depth: what was written further out is carried in.
  int slot_at(int32_t index, size_t depth);

  // Tables in memory in place of look-ups (page_loop_lookups.cpp).

  void describe_rowid_source(PageLoop::Step& look_up, size_t address);
  void describe_index_source(PageLoop::Step& look_up, size_t address, const Range& range);
  bool fetch_columns(PageLoop::Step& look_up, int32_t cursor);
  // The instructions from `begin` on that do nothing but test the row found, and cannot fail.
  void find_local(PageLoop::Lookup& lookup, size_t begin, size_t drop);
  bool is_local_value(int32_t index) const;
  bool own(int32_t index);
  bool is_local(const Instruction& i, int32_t cursor);

  const Program& program_;
  const size_t rewind_;
  size_t end_ = 0;
  size_t split_ = 0;  // where the tail begins; the end where there is none
  size_t take_ = 0;   // the tail's GroupTake, behind which the loop knows what is done; 0: it knows nothing of the tail
  int last_column_ = -1;
  std::set<int32_t> written_;
  std::set<int32_t> front_written_;  // where rows are taken into groups: in front of the tail
  std::set<int32_t> accumulators_;
  int32_t groups_cursor_ = -1;
  int32_t kept_first_ = 0;
  int32_t kept_last_ = 0;
  bool has_groups_ = false;
  bool is_reached_ = false;
  int32_t deferred_table_ = -1;  // its rows are found by the entries of the loop
  bool is_early_ = false;
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

}  // namespace keelback::vm

#endif
