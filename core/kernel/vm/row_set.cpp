#include "row_set.hpp"

#include <algorithm>

namespace keelback::vm {

void RowTable::grow() {
  std::vector<int64_t> old(std::max(fewest_slots, 2 * slots_.size()), unused);
  old.swap(slots_);
  for (const int64_t rowid : old) {
    if (rowid != unused) slots_[place_of(rowid)] = rowid;
  }
}

void RowTable::insert(int64_t rowid) {
  if (rowid == unused) {
    size_ += has_unused_ ? 0 : 1;
    has_unused_ = true;
    return;
  }
  if (2 * (size_ + 1) > slots_.size()) grow();
  int64_t& slot = slots_[place_of(rowid)];
  if (slot == unused) ++size_;
  slot = rowid;
}

void RowTable::append_to(std::vector<int64_t>& list) const {
  if (has_unused_) list.push_back(unused);
  for (const int64_t rowid : slots_) {
    if (rowid != unused) list.push_back(rowid);
  }
}

void RowTable::clear() noexcept {
  slots_ = {};
  size_ = 0;
  has_unused_ = false;
}

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
    for (const int64_t listed : list_) members_.insert(listed);
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
    members_.append_to(list_);
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
  members_.clear();
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
