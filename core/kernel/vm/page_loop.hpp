// PageLoop: a loop over a table's rows or an index's entries, from Rewind to Next, run page by page and instruction by
// instruction instead of row by row.
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
// 5. A loop inside of it, over the rows that a hash table or an index has for a key, is run over pairs: the rows of all
//    keys are collected, as many as a batch has room for, and the body works on these. What it reads of the row around
//    is carried over to its pairs; what the found row has and the body reads is fetched when it is found.
// 6. A block behind a Once is run as usual when the first row comes to it.
// 7. A body that does more than that is cut in two (page_loop_tails.cpp): its beginning, which only computes, runs by
//    pages, and the rest, the tail, is run by the machine for each row that is left, with the cursor on it, and those
//    of look-ups on what they have found. Where anything happens in the meantime that might change what has been
//    computed, or an error is met in front, rows are done one by one from there on, for a while.
// 8. Where such a tail looks whether a row begins another group and takes it into aggregates (page_loop_groups.cpp), it
//    is run for the first row of a group only, and all rows of the group are taken in at once.
// 9. In a loop over an index the rows that a DeferredSeek leads to are looked up for all entries that are still at hand
//    when the first column of the table is read.
//
// Must not know: pages (PageBatch does).
#ifndef KEELBACK_VM_PAGE_LOOP_HPP
#define KEELBACK_VM_PAGE_LOOP_HPP

#include <array>
#include <memory>
#include <utility>
#include <vector>

#include "arena.hpp"
#include "function.hpp"
#include "hash_table.hpp"
#include "page_batch.hpp"

namespace keelback::vm {

class Machine;
class GroupCursor;
struct ResolvedCall;
enum class Signal : uint8_t;

class PageLoop {
 public:
  using Rows = std::vector<uint16_t>;

  // The loop that begins with the Rewind at that address; null if it cannot run this way. may_have_tail: only where the
  // table has enough rows to pay for the analysis.
  static std::unique_ptr<PageLoop> make(const program::Program& program, size_t rewind, bool may_have_tail);
  static constexpr uint64_t least_rows_for_tail = 500;

  // Run it, the machine standing behind the Rewind; has_run is false where the moment does not allow it, and nothing
  // has happened then.
  Status run(Machine& machine, Cursor& cursor, storage::TreeCursor& tree, bool& has_run);
  // Of the last run.
  uint64_t rows_done() const noexcept { return rows_done_; }
  // The same, once.
  uint64_t take_rows_done() noexcept { return std::exchange(rows_done_, 0); }
  ~PageLoop();

  bool has_tail() const noexcept { return tail_ != 0; }
  // Begin a loop with a tail, the machine standing behind the Rewind.
  Signal begin_rows(Machine& machine, Cursor& cursor, storage::TreeCursor& tree);
  // In the place of the Next of a cursor that this loop was begun with.
  Signal next_row(Machine& machine, Cursor& cursor, const program::Instruction& next);
  // The same for the machine that has given a row of this loop, without running its Next; false where that is to be
  // run.
  bool has_given_next(Machine& machine);
  // In the place of a GroupTake.
  Signal take_group(Machine& machine, const program::Instruction& take);
  // Memory that it holds for the texts of rows.
  size_t kept_bytes() const noexcept;

 private:
  friend class PageLoopAnalysis;

  // Vectors stand a line of the processor's cache further apart than they are long: the columns of a row are read
  // together.
  static constexpr size_t slot_stride = PageBatch::most_rows + 4;

  // Where an operand is: in a vector, or (slot -1) in a register that does not change in the loop.
  struct Source {
    int slot = -1;
    int32_t index = 0;
  };
  // What a look-up reads of the row that it finds.
  struct Fetch {
    int32_t cursor = 0;
    int32_t column = 0;  // -1: the rowid
    int slot = -1;
    const program::Instruction* first = nullptr;  // that asks for it
    int32_t source_column = 0;                    // the same as a column of the table, whose cursor may ask for it
    bool is_of_source = true;
  };
  // A vector of the level around that the body of a look-up reads.
  struct Carried {
    int from = -1;
    int to = -1;
  };
  struct Lookup {
    size_t end = 0;          // the step behind the body; 0: at most one row is found, and there is no body
    int32_t table = -1;      // the table whose rows an index leads to
    bool finds_any = false;  // only the first row counts, and nothing is tested
    bool finds_one = false;  // the first row counts that passes the tests
    size_t look_ahead = 0;   // pairs of the parent at hand that may still be collected before they are tested
    size_t last_look_ahead = 0;
    int done = -1;  // the last parent whose first row was taken
    std::vector<Fetch> fetches;
    std::vector<Carried> carried;
    Rows waiting;  // the rows around, while the pairs are at hand
    Rows parents;
    Rows origins;
    std::vector<uint32_t> hashes;
    std::array<uint16_t, PageBatch::most_rows> waiting_keys{};
    std::vector<Value> key;
    Arena texts;
    std::unique_ptr<RecordShapes> shapes;  // of the rows found in a table
    bool reads_row = false;                // more than the rowid
    // The table in memory that takes the place of the look-ups: what the analysis knows of it, and the table.
    std::vector<size_t> local;         // instructions of the body that test the row found by itself
    int32_t source = -1;               // the table's cursor; -1 where there can be no such table
    std::vector<int32_t> key_columns;  // of the table (-1: the rowid); the key, then what orders the rows of a key
    std::unique_ptr<program::Program> filling;
    std::unique_ptr<PageLoop> fill;
    std::unique_ptr<HashTableCursor> joined;
    bool is_settled = false;  // no table is to be made any more
    uint64_t asked = 0;
    uint64_t found = 0;

    void begin() noexcept;
  };
  struct Step {
    const program::Instruction* instruction = nullptr;  // none where there is nothing to do
    size_t target = 0;                                  // the step that a jump goes to
    bool is_target = false;
    bool is_kept = false;  // what is written belongs to the row's group
    int slot = -1;         // what is written otherwise
    std::vector<Source> sources;
    Rows parked;
    Rows taken;  // of an AggStep that takes rows group by group: those that come to it, and how many have been taken
    size_t taken_count = 0;
    const ResolvedCall* call = nullptr;
    std::unique_ptr<Lookup> lookup;
    Lookup* first_of = nullptr;  // behind this step only the first row of each parent is left
  };
  // A register that the tail reads. In a loop whose tail is a ResultRow they are those of the row, in vectors from the
  // first on, and no register is written.
  struct Output {
    int32_t index = 0;
    int slot = -1;
    bool is_constant = false;  // nothing in front writes it
  };
  // A register that does not change while rows are given, and what was in it when they were computed.
  struct Constant {
    int32_t index = 0;
    Value value;
    uint32_t serial = 0;
  };
  // A vector, or one value for all rows.
  struct Values {
    const Value* first;
    size_t stride;
    const Value& operator[](size_t row) const noexcept { return first[row * stride]; }
  };

  // An entry's last column is the rowid: all of them are wanted.
  PageLoop(int last_column, bool is_alone, bool is_index)
      : batch_(is_index ? static_cast<int>(RecordShapes::most_columns) - 1 : last_column, is_alone),
        is_index_(is_index) {}

  Status bind(Machine& machine, bool& can_run);
  bool can_look_up(Machine& machine, const Step& step) const;
  Status run_steps(Machine& machine, size_t first, size_t end);
  void count_rows(Machine& machine, int64_t rows) const noexcept;
  void uncount_rest(Machine& machine) const noexcept;
  Status run_step(Machine& machine, Step& step);
  Values values(Machine& machine, const Source& source) const noexcept;
  Value* output(const Step& step) noexcept { return slot(step.slot); }
  size_t origin(uint16_t row) const noexcept { return origins_ ? (*origins_)[row] : row; }
  // page_loop_tests.cpp
  void unpark(Step& step);
  void park(const Step& step);
  void select(const Step& step);
  template <typename Jumps>
  void divide(const Step& step, Jumps jumps);
  Status compare(Machine& machine, Step& step);
  Status test(Machine& machine, Step& step);
  Status find_members(Machine& machine, Step& step);
  Status test_empty(Machine& machine, Step& step);

  void finish_output(Machine& machine, const Step& step, int32_t index);

  Status read_column(Machine& machine, Step& step);
  Status read_rowid(Machine& machine, Step& step);
  Status assign(Machine& machine, Step& step);
  Status copy_values(Machine& machine, Step& step, const Source& source, int32_t index);
  Status put_values(Machine& machine, Step& step, Values from, int32_t index);
  Status make_real(Machine& machine, Step& step);
  void put(const Step& step, int32_t index, uint16_t row, const Value& value);
  Status calculate(Machine& machine, Step& step);
  void calculate_pairs(const Step& step, int32_t index, Values left, Values right);
  template <double (*calculate_reals)(double, double), Value (*calculate_values)(const Value&, const Value&) noexcept>
  void calculate_numbers(const Step& step, int32_t index, Values left, Values right);
  // page_loop_texts.cpp
  Status check_kept_bytes() const;
  Status call_function(Machine& machine, Step& step);
  Status concatenate(Machine& machine, Step& step);
  Status cast_to_number(Machine& machine, Step& step);
  Status step_aggregate(Machine& machine, Step& step, std::span<const uint16_t> rows);
  Status find_groups(Machine& machine, Step& step);
  Status insert_into_sorter(Machine& machine, Step& step);
  Status insert_into_table(Machine& machine, Step& step);
  Status add_to_filter(Machine& machine, Step& step);
  Status ask_filter(Machine& machine, Step& step);
  Status apply_affinities(Machine& machine, Step& step);

  // page_loop_tails.cpp
  Signal give_batches(Machine& machine);
  Signal give_row(Machine& machine);
  Status seek_again(Machine& machine, uint16_t row, bool& found);
  Status compute_batch(Machine& machine);
  bool is_undisturbed(Machine& machine) const noexcept;
  const Value* take_row(size_t row);
  Signal go_on_alone() noexcept;

  // page_loop_groups.cpp
  Status take_rows(Machine& machine, Step& step, uint16_t last);
  bool is_same_group(uint16_t left, uint16_t right) const;

  // page_join_table.cpp
  bool is_worth_a_table(Machine& machine, Lookup& lookup);
  Status make_table(Machine& machine, Step& step);
  static std::unique_ptr<program::Program> filling_program(const program::Program& program, const Lookup& lookup);

  // page_join.cpp
  Status run_once(Machine& machine, const Step& step);
  Status seek_rowids(Machine& machine, Step& step);
  Status join_rows(Machine& machine, Step& step, size_t place);
  Status join_hash(Machine& machine, Step& step, size_t place);
  Status join_table(Machine& machine, Step& step, size_t place, HashTableCursor& table, size_t first_fetched);
  bool has_null_key(Machine& machine, const Step& step) const;
  Status find_rowids(Machine& machine, Step& step);
  Status join_index(Machine& machine, Step& step, size_t place);
  static void begin_parent(Lookup& lookup) noexcept;
  Status add_pair(Machine& machine, Step& step, size_t place, uint16_t parent, bool& is_enough);
  Status run_pairs(Machine& machine, Step& step, size_t place);
  void keep_first(Lookup& lookup);
  Status seek_deferred(Machine& machine, Step& step);
  template <typename Read>
  Status fetch_by(Cursor& cursor, Lookup& lookup, int32_t number, size_t pair, Read read);
  Status fetch(Cursor& cursor, Lookup& lookup, int32_t number, size_t pair);
  Status fetch_row(TableTreeCursor& cursor, Lookup& lookup, int32_t number, size_t pair);
  Status fetch_record(TableTreeCursor& cursor, Bytes record, Lookup& lookup, int32_t number, size_t pair);
  static Value keep_bytes(Lookup& lookup, const Value& value);
  Status key_of(Machine& machine, const Step& step, size_t row);
  Value* slot(int number) const noexcept { return slots_.get() + static_cast<size_t>(number) * slot_stride; }

  PageBatch batch_;
  const program::Program* program_ = nullptr;
  HashTableCursor* filled_ = nullptr;  // the table that this loop fills, if it is one that stands beside a program
  Cursor* rows_of_ = nullptr;          // of a loop with a tail
  storage::TreeCursor* tree_ = nullptr;
  const bool is_index_;
  uint64_t rows_done_ = 0;
  std::vector<Step> steps_;
  std::unique_ptr<Value[]> slots_;
  size_t body_ = 0;              // address behind the Rewind
  size_t end_ = 0;               // address of the Next
  size_t tail_ = 0;              // address of the tail, 0 where there is none
  size_t result_count_ = 0;      // columns of the row that the tail gives, 0 where it does something else
  bool is_tail_at_end_ = false;  // nothing stands between that and the Next
  bool is_alone_ = true;
  std::vector<Output> outputs_;
  std::vector<size_t> sought_;                      // the look-ups whose cursors the tail finds on their rows
  const program::Instruction* deferred_ = nullptr;  // what sets the table's cursor on the row of the entry
  // Of a tail that brings groups together: the Compare and what it says, the GroupTake, the vectors of the keys.
  const program::Instruction* group_compare_ = nullptr;
  const program::Instruction* group_take_ = nullptr;
  const KeyComparator* group_order_ = nullptr;
  std::vector<int> group_keys_;
  bool is_change_known_ = false;    // the next row to be given begins a group
  std::vector<std::string> texts_;  // of the row at hand
  std::vector<Constant> constants_;
  int32_t cursor_ = 0;
  size_t given_ = 0;  // of `rows_`, the rows that the tail has been run for
  size_t batch_limit_ = 0;
  uint64_t move_serial_ = 0;
  uint64_t change_serial_ = 0;
  int rows_alone_ = 0;  // to be done one by one before the next batch
  int patience_ = 0;    // how many those will be when something happens again
  int32_t groups_cursor_ = -1;
  GroupCursor* groups_ = nullptr;
  Rows rows_;
  const Rows* origins_ = nullptr;  // of each pair at hand the row of the batch; none for those rows themselves
  Rows jumping_;
  Rows merged_;
  std::array<uint32_t, PageBatch::most_rows> group_of_row_{};
  std::vector<Value> arguments_;
  Register function_result_;
};

}  // namespace keelback::vm

#endif
