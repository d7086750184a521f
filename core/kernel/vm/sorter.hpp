// Sorter: records in, records out in the order of a KeyInfo, ties in the order of insertion.
//
// 1. Only the key columns order the records; what stands behind them is carried along.
// 2. Records are sorted by their normalised keys with memcmp; with a collation of the user's, by comparing decoded
// keys.
// 3. With a limit no more than about twice so many records are kept.
// 4. Once its records take more than the working memory they are sorted and written to a temporary file as a run; in
//    the end the runs are merged.
//
// Must not know: instructions, pages. Twin: keelback_core/reference/vm/sorter.py, which has all records in memory.
#ifndef KEELBACK_VM_SORTER_HPP
#define KEELBACK_VM_SORTER_HPP

#include "cursor.hpp"
#include "record_view.hpp"
#include "sorted_runs.hpp"

namespace keelback::vm {

class SorterCursor final : public Cursor {
 public:
  SorterCursor(KeyNormaliser normaliser, size_t limit, const WorkingMemory& memory)
      : Cursor(CursorKind::sorter, false),
        normaliser_(std::move(normaliser)),
        limit_(limit),
        memory_(memory),
        order_(normaliser_),
        runs_(normaliser_, memory) {}

  Status add(std::string_view record);
  // The same for a record of these values.
  Status add_row(std::span<const Value> values);
  // Whether the record under the cursor ties with another on the first columns; a NULL ties with none.
  Status is_same_key(std::string_view record, int column_count, bool& is_same);

  Status first(bool& found) override;
  Status next(bool& found) override {
    is_view_open_ = false;
    if (!runs_.is_empty()) return next_of_runs(found);
    found = ++place_ < entries_.size();
    node_ = found ? entries_[place_].node : nullptr;
    // Sorted nodes lie all over the memory.
    if (place_ + nodes_ahead < entries_.size()) __builtin_prefetch(entries_[place_ + nodes_ahead].node);
    return ok_status;
  }
  Status column(size_t index, const Value& missing, Value& value) override;
  bool is_json(size_t index) override { return is_view_open_ && view_.is_marked(index); }
  Status record(std::string_view& record) override;
  // The normalised key of the record; empty where records are compared by decoding.
  Status key(std::string_view& key);
  Status compare_key(std::span<const Value> key, int& order) override;
  Status count(int64_t& count) override;
  Status clear() override;

 private:
  static constexpr size_t nodes_ahead = 8;

  Status sort();
  Status write_run();
  Status next_of_runs(bool& found);
  bool is_wanted() const noexcept { return !has_bound_ || compare_keys(key_, bound_) < 0; }
  Status add_entry(std::string_view record);
  Status cut();
  void note_bound();
  // With what sorting takes beside.
  size_t used_bytes() const noexcept { return arena_.used_bytes() + 2 * sizeof(Entry) * entries_.size(); }

  const KeyNormaliser normaliser_;
  const size_t limit_;
  const WorkingMemory memory_;
  NodeOrder order_;
  Arena arena_;
  std::vector<Entry> entries_;
  SortedRuns runs_;
  size_t place_ = 0;
  const Node* node_ = nullptr;
  std::string key_;
  std::vector<uint8_t> record_;
  // With a limit, once so many records were cut off: what does not sort before this key is not wanted.
  std::string bound_;
  bool has_bound_ = false;
  RecordView view_;
  bool is_view_open_ = false;
};

}  // namespace keelback::vm

#endif
