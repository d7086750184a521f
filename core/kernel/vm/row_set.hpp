// RowSet: a set of rowids that is filled, tested, and read in ascending order, smallest first.
//
// 1. A set that is only filled and read is a list, sorted when it is first read; one that is tested is a hash table of
//    one array.
// 2. Beyond the memory of an ephemeral tree its rowids are the keys of such a tree, which goes to pages.
//
// Must not know: instructions, tables. Twin: keelback_core/reference/vm/row_set.py, which holds all in memory.
#ifndef KEELBACK_VM_ROW_SET_HPP
#define KEELBACK_VM_ROW_SET_HPP

#include <memory>
#include <vector>

#include "ephemeral.hpp"
#include "register.hpp"
#include "working_memory.hpp"

namespace keelback::vm {

// Rowids by their hash, in an array that is at most half full.
class RowTable {
 public:
  bool empty() const noexcept { return size_ == 0; }
  size_t size() const noexcept { return size_; }
  bool contains(int64_t rowid) const noexcept {
    if (rowid == unused) return has_unused_;
    return !slots_.empty() && slots_[place_of(rowid)] == rowid;
  }
  void insert(int64_t rowid);
  void append_to(std::vector<int64_t>& list) const;
  void clear() noexcept;

 private:
  static constexpr int64_t unused = INT64_MIN;  // the mark of a slot that is free; that rowid is kept aside
  static constexpr size_t fewest_slots = 64;

  // Where the rowid is or belongs.
  size_t place_of(int64_t rowid) const noexcept {
    const size_t mask = slots_.size() - 1;
    size_t place = (static_cast<uint64_t>(rowid) * 0x9E3779B97F4A7C15u >> 20) & mask;
    while (slots_[place] != unused && slots_[place] != rowid) place = (place + 1) & mask;
    return place;
  }
  void grow();

  std::vector<int64_t> slots_;
  size_t size_ = 0;
  bool has_unused_ = false;
};

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
  static constexpr size_t member_bytes = 4 * sizeof(int64_t);

  Status bound();
  void sort();

  const WorkingMemory memory_;
  std::vector<int64_t> list_;
  bool is_sorted_ = true;  // the smallest last, none twice
  RowTable members_;
  std::unique_ptr<EphemeralTableCursor> tree_;
};

}  // namespace keelback::vm

#endif
