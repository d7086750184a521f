// RepeatedScan: a loop over a whole table that begins with `column = value`, run again and again, as correlated
// subqueries are: after a few runs the rows of each value are known, and only these are visited.
//
//     Rewind c, end             the first row of the value's rows; where it has none, the table's last row
//     body: Column c, Ne -> Next
//     Next c, body              the next of them, and at last the table's last row
//
// 1. What is kept for a value is a superset of its rows, in the order of the table: the loop tests them all the
//    same, so that it gives what it would give, errors of rows that it does not visit apart. The last row of the table
//    is visited in any case: registers are left as a whole scan leaves them.
// 2. It is made once the runs have visited twice as many rows as the table has, so that it never costs more than has
//    been spent already, and thrown away when anything of the database changes, or the statement ends.
// 3. Not with a progress handler, which counts instructions, and not inside of triggers.
//
// Must not know: pages. Twin: none, the reference visits all rows.
#ifndef KEELBACK_VM_REPEATED_SCAN_HPP
#define KEELBACK_VM_REPEATED_SCAN_HPP

#include <memory>
#include <vector>

#include "../program/program.hpp"
#include "tree_cursor.hpp"

namespace keelback::vm {

class Machine;

class RepeatedScan {
 public:
  // The loop that begins with the Rewind at that address; null if it is not of this form.
  static std::unique_ptr<RepeatedScan> make(const program::Program& program, size_t rewind);

  // The cursor stands on the first row of its table: stay there, or go to the first of the value's rows, and on from
  // row to row of these.
  Status begin(Machine& machine, TableTreeCursor& cursor, bool& is_listed);
  // Rows that were visited otherwise than by moves of the cursor.
  void note_rows(uint64_t count) noexcept { visited_ += count; }
  void end() noexcept;
  // For tests: how many runs have visited only the rows that were known.
  uint64_t listed() const noexcept { return listed_; }

 private:
  enum class Hash : uint8_t { none, known, unknown };

  // The rowids of all rows, grouped by the hash of the column's value.
  struct Rows {
    std::vector<uint32_t> ends;  // of each bucket
    std::vector<uint32_t> hashes;
    std::vector<int64_t> rowids;
  };

  RepeatedScan(const program::Instruction& test, int32_t column, const program::Instruction* loading, int32_t value);

  static Hash hash_of(const Value& value, char affinity, uint32_t& hash);
  bool is_worth_it(TableTreeCursor& cursor) const;
  Status make_rows(Machine& machine, TableTreeCursor& cursor);
  void group_rows(const std::vector<uint32_t>& hashes, const std::vector<int64_t>& rowids);

  const char affinity_;
  const int32_t column_;                 // -1: the rowid
  const program::Instruction* loading_;  // what loads the value in the loop; none where it is there before
  const int32_t value_;                  // the register that has it
  const storage::TableCursor* tree_ = nullptr;
  uint64_t serial_ = 0;
  uint64_t visited_ = 0;
  uint64_t listed_ = 0;
  uint64_t content_ = 0;
  int64_t last_ = 0;  // rowid
  bool is_given_up_ = false;
  std::unique_ptr<Rows> rows_;
  std::vector<int64_t> found_;
};

}  // namespace keelback::vm

#endif
