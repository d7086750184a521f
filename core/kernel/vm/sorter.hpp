// Sorter: records in, records out in the order of a KeyInfo, ties in the order of insertion.
//
// 1. Only the key columns order the records; what stands behind them is carried along.
// 2. Records are sorted by their normalised keys with memcmp; with a collation of the user's, by comparing decoded
// keys.
// 3. With a limit no more than about twice so many records are kept.
// 4. All records that are kept are in memory: a sorter does not spill yet.
//
// Must not know: instructions, storage. Twin: keelback_core/reference/vm/sorter.py.
#ifndef KEELBACK_VM_SORTER_HPP
#define KEELBACK_VM_SORTER_HPP

#include "cursor.hpp"
#include "normal_key.hpp"
#include "ordered_store.hpp"
#include "record_view.hpp"

namespace keelback::vm {

class SorterCursor final : public Cursor {
 public:
  SorterCursor(KeyNormaliser normaliser, size_t limit)
      : Cursor(CursorKind::sorter, false), normaliser_(std::move(normaliser)), limit_(limit) {}

  Status add(std::string_view record);
  // The same for a record of these values.
  void add_row(std::span<const Value> values);
  // Whether the record under the cursor ties with another on the first columns; a NULL ties with none.
  Status is_same_key(std::string_view record, int column_count, bool& is_same);

  Status first(bool& found) override;
  Status next(bool& found) override {
    found = ++place_ < entries_.size();
    // Sorted nodes lie all over the memory.
    if (place_ + nodes_ahead < entries_.size()) __builtin_prefetch(entries_[place_ + nodes_ahead].node);
    is_view_open_ = false;
    return ok_status;
  }
  Status column(size_t index, const Value& missing, Value& value) override;
  bool is_json(size_t index) override { return is_view_open_ && view_.is_marked(index); }
  Status record(std::string_view& record) override;
  Status compare_key(std::span<const Value> key, int& order) override;
  Status count(int64_t& count) override;
  Status clear() override;

 private:
  static constexpr size_t nodes_ahead = 8;

  void sort();
  bool is_wanted() const noexcept { return !bound_ || compare_keys(key_, bound_->key()) < 0; }
  void add_entry(std::string_view record);

  const KeyNormaliser normaliser_;
  const size_t limit_;
  Arena arena_;
  std::vector<Entry> entries_;
  size_t place_ = 0;
  std::string key_;
  std::vector<uint8_t> record_;
  // With a limit, once so many records were cut off: what does not sort before this node is not wanted.
  const Node* bound_ = nullptr;
  RecordView view_;
  bool is_view_open_ = false;
};

}  // namespace keelback::vm

#endif
