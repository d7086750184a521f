// RowSet: a set of rowids that is filled, tested, and read in ascending order, smallest first.
//
// Twin: keelback_core/reference/vm/row_set.py.
#ifndef KEELBACK_VM_ROW_SET_HPP
#define KEELBACK_VM_ROW_SET_HPP

#include <algorithm>
#include <unordered_set>
#include <vector>

#include "register.hpp"

namespace keelback::vm {

class RowSet final : public RegisterObject {
 public:
  void add(int64_t rowid) {
    if (members_.insert(rowid).second) is_queued_ = false;
  }
  bool contains(int64_t rowid) const { return members_.contains(rowid); }
  // Take the smallest out; false if the set is empty.
  bool take_smallest(int64_t& rowid) {
    if (!is_queued_) {
      queue_.assign(members_.begin(), members_.end());
      std::sort(queue_.begin(), queue_.end(), std::greater<>());
      is_queued_ = true;
    }
    if (queue_.empty()) return false;
    rowid = queue_.back();
    queue_.pop_back();
    members_.erase(rowid);
    return true;
  }
  void clear() noexcept {
    members_.clear();
    queue_.clear();
    is_queued_ = false;
  }

 private:
  std::unordered_set<int64_t> members_;
  std::vector<int64_t> queue_;
  bool is_queued_ = false;
};

}  // namespace keelback::vm

#endif
