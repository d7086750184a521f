// PageBatch: up to 256 rows of one leaf of a table, whose columns are decoded one column after the other.
//
//     record:  header size | type | type | ...        prefix: as much of that as leads to the last column wanted, at
//              ------ prefix ------                   most sixteen bytes
//
// 1. Rows whose headers begin alike have their columns at the same offsets: what a prefix says is read once and kept.
// 2. A row with another kind of header, with overflow pages, or that is damaged has no shape; its columns are read by
//    the cursor, one at a time, with the errors that this gives.
// 3. Values are views of the page, which stays where it is while the batch is worked on, or, where other trees are read
//    in the meantime, of a copy of it; what the cursor reads is copied.
//
// Must not know: instructions, registers.
#ifndef KEELBACK_VM_PAGE_BATCH_HPP
#define KEELBACK_VM_PAGE_BATCH_HPP

#include <array>
#include <vector>

#include "tree_cursor.hpp"

namespace keelback::vm {

class PageBatch {
 public:
  static constexpr size_t most_rows = 256;

  // last_column: the greatest column that will be asked for, -1 where none is. is_alone: no other tree is read
  // meanwhile.
  explicit PageBatch(int last_column, bool is_alone = true)
      : wanted_(static_cast<size_t>(last_column + 2)),
        has_columns_(last_column >= 0),
        is_alone_(is_alone),
        slots_(size_t{1} << slot_bits, none) {
    shapes_.reserve(most_shapes);
  }

  // Begin with the rows from the cursor's place on, as many as its page has, and `limit` at most. is_thrifty: a row
  // with overflow pages makes a batch of its own.
  Status load(TableTreeCursor& cursor, size_t limit = most_rows, bool is_thrifty = false);
  uint32_t first() const noexcept { return first_; }
  // Bytes of the values that are kept.
  size_t kept_bytes() const noexcept { return kept_bytes_; }
  size_t row_count() const noexcept { return row_count_; }
  // Move the cursor to the row behind the batch.
  Status leave(TableTreeCursor& cursor, bool& found);

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
  Status rowid(size_t row, Value& value);
  // A value that outlives the batch's other values: its bytes are copied.
  Value keep(const Value& value);

 private:
  static constexpr size_t most_columns = 15;
  static constexpr size_t slot_bits = 10;
  static constexpr size_t most_shapes = 512;
  static constexpr uint16_t none = 0xFFFF;

  struct Prefix {
    uint64_t first = 0;
    uint64_t second = 0;
    bool operator==(const Prefix&) const = default;
  };
  struct Shape {
    Prefix prefix;
    uint32_t count = 0;  // columns known; 0 for a prefix without a shape
    uint32_t whole = 0;  // where the columns end, if the prefix is the whole header
    uint8_t types[most_columns];
    uint16_t offsets[most_columns];
    uint16_t ends[most_columns];
  };
  struct Row {
    const uint8_t* record = nullptr;
    const Shape* shape = nullptr;
    uint32_t size = 0;
  };

  const Shape* shape_of(const uint8_t* record, uint64_t size);
  const Shape* learn(Prefix prefix, size_t length, uint32_t header_size);
  // The page again, which the cursor may have had to let go.
  Status take_page();
  Status column_by_cursor(size_t row, size_t index, const Value& missing, Value& value);

  const size_t wanted_;  // bytes of a header that lead to the last column
  const bool has_columns_;
  const bool is_alone_;
  TableTreeCursor* cursor_ = nullptr;
  const storage::Page* page_ = nullptr;
  uint32_t first_ = 0;
  size_t row_count_ = 0;
  std::array<Row, most_rows> rows_;
  std::vector<Shape> shapes_;  // never moved
  std::vector<uint16_t> slots_;
  std::vector<uint8_t> copy_;
  TextArena kept_;
  size_t kept_bytes_ = 0;
};

}  // namespace keelback::vm

#endif
