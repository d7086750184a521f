// Cursors on table b-trees: entries are found by rowid, and their payload is a record.
//
// 1. Rowids are unique in a tree; the divider in a parent is at least the greatest rowid of the child it points to.
// 2. Rows that come in order go on where the last one went in, without a walk from the root; what was just sought
//    is not sought again (see 3 of cursor.hpp).
//
// See cursor.hpp for places. Twin: reference/storage/table_cursor.py.
#ifndef KEELBACK_STORAGE_TABLE_CURSOR_HPP
#define KEELBACK_STORAGE_TABLE_CURSOR_HPP

#include "cursor.hpp"

namespace keelback::storage {

struct OverflowChain;

class TableCursor final : public TreeCursor {
 public:
  TableCursor(Pager& pager, CursorRegistry& registry, uint32_t root, bool is_writable, int encoding)
      : TreeCursor(pager, registry, root, is_writable, true, encoding) {}

  // The rowid of the entry.
  Status rowid(int64_t& rowid) {
    KEELBACK_TRY(stand_on_row());
    return cell_rowid(*page_, index_, rowid) ? ok_status : corrupt();
  }
  // Seek: go to the next row of the leaf if it is the one of this rowid and its record lies on the page; else false,
  // and nothing has happened.
  bool step_to(int64_t rowid, Bytes& record) noexcept {
    if (place_ != Place::on || !page_->is_leaf || index_ + 1 >= page_->cell_count) return false;
    uint64_t size = 0;
    uint64_t found = 0;
    const uint8_t* at = read_varint_unchecked(read_varint_unchecked(page_->cell(index_ + 1), size), found);
    const TreeLimits& limits = pager_.limits();
    if (static_cast<int64_t>(found) != rowid || size > limits.max_leaf_local ||
        at + size > page_->data + limits.page_size) {
      return false;
    }

    uint64_t current = 0;
    read_varint_unchecked(skip_varint(page_->cell(index_)), current);
    if (current == found) return false;
    ++index_;
    ++move_serial_;
    begin_scan();
    record = {at, static_cast<size_t>(size)};
    return true;
  }
  // Go to the greatest rowid; false, and no rowid, where the tree is empty.
  Status last_rowid(int64_t& rowid, bool& is_on);
  // Go to `rowid` or beside it: -1 the cursor is on the next smaller (or nowhere, in an empty tree), 0 exact, 1 next
  // larger. It is not sought from the root where the cursor is on that row, where that is the next one of the leaf, or
  // where the cursor is on the last of all and that is smaller.
  Status seek(int64_t rowid, int& result);
  // Put a row in, in the place of one with the same rowid. The cursor stands on it, or finds it when it is asked to.
  Status insert(int64_t rowid, Bytes payload);
  // Whether it stands on its row without having to look for it.
  bool is_on_known_row() const noexcept { return place_ == Place::on; }
  // Delete the row; next() then gives the one after it and previous() the one before.
  Status delete_row();

  // Incremental blob I/O (row_bytes.cpp). Bytes of the row's record, read and written in place; `chain` is for this row
  // alone. READONLY.
  Status read_row_bytes(OverflowChain& chain, uint64_t offset, std::span<uint8_t> out);
  Status write_row_bytes(OverflowChain& chain, uint64_t offset, Bytes data);
  // From now on note when another cursor changes or deletes the row.
  Status watch_row();
  bool is_row_changed() const noexcept { return is_row_changed_; }

 private:
  template <typename Visit>
  Status visit_row_bytes(OverflowChain& chain, uint64_t offset, size_t size, Visit&& visit);
  template <typename Visit>
  Status visit_chain(OverflowChain& chain, uint64_t offset, size_t size, Visit&& visit);
  Status reach_link(OverflowChain& chain, uint64_t link);
  void save_place() override;
  Status seek_saved(int& result) override { return walk(saved_rowid_, result); }
  bool is_behind_all(int64_t rowid) const noexcept;
  void note_appended(int64_t rowid, bool was_end) noexcept;
  Status write_over(int64_t rowid, Bytes payload, bool& is_done);
  Status append_on_new_leaf(Cell cell, int64_t rowid, bool& is_done);
  Status seek_near(int64_t rowid, int& result, bool& is_answered);
  bool leads_here(int64_t rowid) noexcept;
  bool find_bounds() noexcept;
  Status seek_beside(int64_t rowid, int& result, bool& is_answered);
  Status walk(int64_t rowid, int& result);
  Status search_leaf(int64_t rowid, int& result);
  Status seek_from_root(int64_t rowid, int& result);
  Status find_child(int64_t rowid, uint32_t& child) const;

  static constexpr uint32_t least_cells_to_guess = 12;
  static constexpr int most_seeks_apart = 15;

  int64_t saved_rowid_ = 0;
  // Which rowids lead to `bounded_page_`: those greater than the first and not greater than the other; as long as no
  // page above it has changed since.
  uint64_t bounded_at_ = 0;
  int64_t lower_bound_ = 0;
  int64_t upper_bound_ = 0;
  bool has_lower_bound_ = false;
  // The greatest rowid of all, which the cursor stands on; good while `end_serial_` is `move_serial_`.
  uint64_t end_serial_ = 0;
  int64_t end_rowid_ = 0;
  // The same where the cursor has put that row in, on `bounded_page_`; good while this is the pager's `content_serial`.
  uint64_t appended_at_ = 0;
  // The last seek and what it gave; good while `sought_serial_` is `move_serial_`.
  uint64_t sought_serial_ = 0;
  uint64_t sought_at_ = 0;  // the pager's `content_serial` then
  int64_t sought_rowid_ = 0;
  int sought_result_ = 0;
  // Seeks that go all over the tree look only now and then whether the last one's leaf answers them too.
  int seeks_apart_ = 0;
  int seeks_to_wait_ = 0;
};

}  // namespace keelback::storage

#endif
