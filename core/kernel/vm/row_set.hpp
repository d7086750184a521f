// RowSet: a set of rowids that is filled, tested, and read in ascending order, smallest first.
//
// 1. A set that is only filled and read is a list, sorted when it is first read; one that is tested is a hash table.
// 2. Beyond the memory of an ephemeral tree its rowids are the keys of such a tree, which goes to pages.
//
// Must not know: instructions, tables. Twin: keelback_core/reference/vm/row_set.py, which holds all in memory.
#ifndef KEELBACK_VM_ROW_SET_HPP
#define KEELBACK_VM_ROW_SET_HPP

#include <memory>
#include <unordered_set>
#include <vector>

#include "ephemeral.hpp"
#include "register.hpp"
#include "working_memory.hpp"

namespace keelback::vm {

class RowSet final : public RegisterObject {
 public:
  explicit RowSet(const WorkingMemory& memory) : memory_(memory) {}

  Status add(int64_t rowid);
  Status contains(int64_t rowid, bool& found);
  // Take the smallest out; `found` is false if the set is empty.
  Status take_smallest(int64_t& rowid, bool& found);
  void clear() noexcept;

 private:
  // What one rowid takes in a list that grows, and in a hash table.
  static constexpr size_t listed_bytes = 2 * sizeof(int64_t);
  static constexpr size_t member_bytes = 48;

  Status bound();
  void sort();

  const WorkingMemory memory_;
  std::vector<int64_t> list_;
  bool is_sorted_ = true;  // the smallest last, none twice
  std::unordered_set<int64_t> members_;
  std::unique_ptr<EphemeralTableCursor> tree_;
};

}  // namespace keelback::vm

#endif
