// PageBatch: up to 256 rows of one leaf of a table, or entries of one page of an index, whose columns are decoded one
// column after the other.
//
// 1. Rows whose headers begin alike have their columns at the same offsets (record_shapes.hpp).
// 2. A row without a shape, with overflow pages, or that is damaged is read by the cursor, one column at a time, with
//    the errors that this gives.
// 3. Values are views of the page, which stays where it is while the batch is worked on, or, where other trees are read
//    in the meantime, of a copy of it; what the cursor reads is copied.
// 4. An entry that lies on an interior page of an index is a batch of its own.
//
// Must not know: instructions, registers.
#ifndef KEELBACK_VM_PAGE_BATCH_HPP
#define KEELBACK_VM_PAGE_BATCH_HPP

#include <array>
#include <vector>

#include "arena.hpp"
#include "record_shapes.hpp"
#include "tree_cursor.hpp"

namespace keelback::vm {

class PageBatch {
 public:
  static constexpr size_t most_rows = 256;

  // last_column: the greatest column that will be asked for, -1 where none is. is_alone: no other tree is read
  // meanwhile.
  explicit PageBatch(int last_column, bool is_alone = true)
      : has_columns_(last_column >= 0), is_alone_(is_alone), shapes_(last_column) {}

  // Begin with the rows from the cursor's place on, as many as its page has, and `limit` at most. is_thrifty: a row
  // with overflow pages makes a batch of its own.
  Status load(TableTreeCursor& cursor, size_t limit = most_rows, bool is_thrifty = false) {
    return load(cursor, cursor.tree(), limit, is_thrifty);
  }
  // The same for either kind of cursor, on that tree.
  Status load(Cursor& cursor, storage::TreeCursor& tree, size_t limit, bool is_thrifty);
  uint32_t first() const noexcept { return first_; }
  // Bytes of the values that are kept.
  size_t kept_bytes() const noexcept { return kept_bytes_; }
  size_t row_count() const noexcept { return row_count_; }
  // Bring the cursor back to the batch, which it has left if its page had to make room for others.
  Status come_back();
  // Move the cursor to the row behind the batch.
  Status leave(bool& found);

  Status column(size_t row, size_t index, const Value& missing, Value& value) {
    const Row& place = rows_[row];
    if (place.shape && index < place.shape->count) [[likely]] {
      const Shape& shape = *place.shape;
      if (shape.ends[index] <= place.size) [[likely]] {
        value = decode_plain_value(place.record + shape.offsets[index], shape.types[index]);
        return ok_status;
      }
    }
    return column_by_cursor(row, index, missing, value);
  }
  // Of an index: the last column.
  Status rowid(size_t row, Value& value);
  // A value that outlives the batch's other values: its bytes are copied.
  Value keep(const Value& value);
  // The same of two texts behind each other.
  std::string_view keep_joined(std::string_view first, std::string_view second);

 private:
  using Shape = RecordShapes::Shape;
  struct Row {
    const uint8_t* record = nullptr;
    const Shape* shape = nullptr;
    uint32_t size = 0;
  };

  // The page again, which the cursor may have had to let go.
  Status take_page();
  Status column_by_cursor(size_t row, size_t index, const Value& missing, Value& value);

  const bool has_columns_;
  const bool is_alone_;
  Cursor* cursor_ = nullptr;
  storage::TreeCursor* tree_ = nullptr;
  const storage::Page* page_ = nullptr;
  uint32_t first_ = 0;
  size_t row_count_ = 0;
  std::array<Row, most_rows> rows_;
  RecordShapes shapes_;
  std::vector<uint8_t> copy_;
  Arena kept_;
  size_t kept_bytes_ = 0;
};

}  // namespace keelback::vm

#endif
