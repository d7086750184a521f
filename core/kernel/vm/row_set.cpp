#include "row_set.hpp"

#include <algorithm>

namespace keelback::vm {

Status RowSet::add(int64_t rowid) {
  if (tree_) return tree_->insert_row(rowid, {}, false);
  if (!members_.empty()) {
    members_.insert(rowid);
  } else {
    is_sorted_ = is_sorted_ && (list_.empty() || rowid < list_.back());
    list_.push_back(rowid);
  }
  return bound();
}

Status RowSet::contains(int64_t rowid, bool& found) {
  if (tree_) {
    const Value key = Value::of_integer(rowid);
    return tree_->find({&key, 1}, found);
  }
  if (!list_.empty()) {
    members_.insert(list_.begin(), list_.end());
    std::vector<int64_t>().swap(list_);
    is_sorted_ = true;
  }
  found = members_.contains(rowid);
  return ok_status;
}

Status RowSet::take_smallest(int64_t& rowid, bool& found) {
  if (tree_) {
    KEELBACK_TRY(tree_->first(found));
    if (!found) return ok_status;
    Value smallest;
    KEELBACK_TRY(tree_->rowid(smallest));
    rowid = smallest.integer();
    return tree_->remove();
  }
  sort();
  found = !list_.empty();
  if (!found) return ok_status;
  rowid = list_.back();
  list_.pop_back();
  return ok_status;
}

void RowSet::sort() {
  if (!members_.empty()) {
    list_.insert(list_.end(), members_.begin(), members_.end());
    members_.clear();
    is_sorted_ = false;
  }
  if (is_sorted_) return;
  std::sort(list_.begin(), list_.end(), std::greater<>());
  list_.erase(std::unique(list_.begin(), list_.end()), list_.end());
  is_sorted_ = true;
}

// Move into a tree once there are too many.
Status RowSet::bound() {
  if (list_.size() * listed_bytes + members_.size() * member_bytes <= memory_.most_tree_bytes) return ok_status;
  sort();
  auto tree = std::make_unique<EphemeralTableCursor>(std::make_shared<EphemeralTree>(nullptr, memory_));
  for (size_t place = list_.size(); place-- > 0;) KEELBACK_TRY(tree->insert_row(list_[place], {}, false));
  std::vector<int64_t>().swap(list_);
  std::unordered_set<int64_t>().swap(members_);
  tree_ = std::move(tree);
  return ok_status;
}

void RowSet::clear() noexcept {
  list_.clear();
  members_.clear();
  is_sorted_ = true;
  tree_.reset();
}

}  // namespace keelback::vm
