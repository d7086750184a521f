// HashTableCursor: the rows of one side of a join, found by the values of their key columns.
//
//     slots:   hash | number of the first row of a key       a power of two of them, made when the first key is looked
//     up row:     hash | number of the next row of the key | values        in chunks that stay where they are
//
// 1. What compares equal hashes alike: numbers by their exact value, texts as the collation folds them. A NULL in a key
//    equals nothing; such rows are not kept.
// 2. Rows of one key come in the order of the other columns of the KeyInfo, equal ones as they were added; a key's rows
//    are sorted when it is first found.
// 3. With a collation of the user's in the key, and beyond `most_hash_bytes`, the rows are kept in an ephemeral index
// instead.
//    A number behind the columns that order them keeps equal rows apart and in order there.
//
// Must not know: instructions, pages. Twin: keelback_core/reference/vm/hash_table.py.
#ifndef KEELBACK_VM_HASH_TABLE_HPP
#define KEELBACK_VM_HASH_TABLE_HPP

#include <memory>
#include <vector>

#include "arena.hpp"
#include "ephemeral.hpp"

namespace keelback::vm {

class HashTableCursor final : public Cursor {
 public:
  static constexpr uint32_t none = ~uint32_t{0};

  // key_info: of the columns that order the rows; the first `key_count` of them are the key.
  HashTableCursor(const KeyInfo& key_info, const std::vector<Collation>& collations, size_t column_count,
                  size_t key_count, const WorkingMemory& memory);

  size_t column_count() const noexcept { return column_count_; }
  size_t key_count() const noexcept { return key_count_; }
  Status insert(std::span<const Value> row);

  Status find(std::span<const Value> key, bool& found) override;
  Status next(bool& found) override;
  Status column(size_t index, const Value& missing, Value& value) override;

  Status rowid(Value& value) override { return column(column_count_ - 1, Value(), value); }

  // For whoever looks up many keys at once. Not in a tree; after `finish`.
  bool is_in_tree() const noexcept { return tree_ != nullptr; }
  void finish();
  // False for a key that has no rows at all.
  bool hash(std::span<const Value> key, uint32_t& hash);
  void prefetch(uint32_t hash) const noexcept { __builtin_prefetch(&slots_[hash & mask_]); }
  // The row that the hash leads to, to be fetched ahead.
  void prefetch_row(uint32_t hash) const noexcept {
    const uint32_t row = slots_[hash & mask_].row & ~unsorted;
    if (row < count_) __builtin_prefetch(at(row));
  }
  using Cursor::first;
  uint32_t first(uint32_t hash, std::span<const Value> key);
  uint32_t following(uint32_t row) const noexcept { return at(row)->next; }
  const Value& value(uint32_t row, size_t column) const noexcept { return values(row)[column]; }

 private:
  static constexpr size_t chunk_bits = 9;
  static constexpr size_t chunk_rows = size_t{1} << chunk_bits;
  // Of a slot's row: more rows have the key, and they are not in order yet.
  static constexpr uint32_t unsorted = uint32_t{1} << 31;
  static constexpr size_t rows_ahead = 12;

  struct Row {
    uint32_t hash;
    uint32_t next;
  };
  struct Slot {
    uint32_t hash = 0;
    uint32_t row = none;
  };

  Row* at(uint32_t row) const noexcept {
    return reinterpret_cast<Row*>(chunks_[row >> chunk_bits].get() + (row & (chunk_rows - 1)) * row_size_);
  }
  Value* values(uint32_t row) const noexcept { return reinterpret_cast<Value*>(at(row) + 1); }
  bool has_key(uint32_t row, std::span<const Value> key) const;
  Status insert_into_tree(std::span<const Value> row);
  Status move_into_tree();
  std::unique_ptr<EphemeralIndexCursor> make_tree() const;
  void sort_key(Slot& slot);

  const size_t column_count_;
  const size_t key_count_;
  const size_t sort_count_;
  const size_t row_size_;
  const KeyNormaliser normaliser_;
  const WorkingMemory memory_;
  std::vector<std::unique_ptr<uint8_t[]>> chunks_;
  uint32_t count_ = 0;
  Arena texts_;
  size_t text_bytes_ = 0;
  std::vector<Slot> slots_;
  uint32_t mask_ = 0;
  bool is_finished_ = false;
  uint32_t place_ = none;
  std::string folded_;
  std::vector<uint32_t> chain_;
  // Where the rows are if they are not here.
  std::unique_ptr<EphemeralIndexCursor> tree_;
  std::vector<Value> row_;
  std::vector<OwnedValue> key_;
  std::vector<uint8_t> record_;
};

}  // namespace keelback::vm

#endif
