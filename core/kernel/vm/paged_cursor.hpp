// PagedCursor: a place in an ephemeral tree that has become too large for memory: a tree of a temporary database.
//
// 1. `near` is -1 where it stands on the entry before the one it is meant to be on, which is gone; +1: on that after.
// 2. Records are UTF-8, as they were inserted.
//
// Must not know: instructions, who shares the tree. Twin: none; the reference holds everything in memory.
#ifndef KEELBACK_VM_PAGED_CURSOR_HPP
#define KEELBACK_VM_PAGED_CURSOR_HPP

#include <memory>

#include "../storage/database.hpp"
#include "record_view.hpp"

namespace keelback::vm {

class PagedCursor {
 public:
  explicit PagedCursor(std::unique_ptr<storage::TableCursor> table) : table_(std::move(table)), tree_(*table_) {}
  explicit PagedCursor(std::unique_ptr<storage::IndexCursor> index) : index_(std::move(index)), tree_(*index_) {}

  Status is_on_row(bool& is_on);
  Status column(size_t index, const Value& missing, Value& value);
  bool is_json(size_t index) const { return view_serial_ == tree_.move_serial() && view_.is_marked(index); }
  Status record(std::string_view& record);
  // NULL where there is no entry.
  Status rowid(Value& value);
  Status compare_key(std::span<const Value> key, int& order);
  Status first(bool& found);
  Status last(bool& found);
  Status next(bool& found);
  Status previous(bool& found);
  Status find(std::span<const Value> key, bool& found);
  // Go to the entry of the key, or beside where it would be.
  Status find_near(std::span<const Value> key);
  Status seek_forward(std::span<const Value> key, bool or_equal, bool& found);
  Status seek_backward(std::span<const Value> key, bool or_equal, bool& found);
  Status insert_row(int64_t rowid, std::string_view record);
  Status insert_entry(std::span<const Value> values, std::string_view record);
  Status remove();

 private:
  // tie: what to take for an entry that ties with the whole key.
  Status seek(std::span<const Value> key, int tie, int& order);
  Status open_view(bool& is_on);

  const std::unique_ptr<storage::TableCursor> table_;
  const std::unique_ptr<storage::IndexCursor> index_;
  storage::TreeCursor& tree_;
  int near_ = 0;
  uint64_t view_serial_ = 0;
  RecordView view_;
};

}  // namespace keelback::vm

#endif
