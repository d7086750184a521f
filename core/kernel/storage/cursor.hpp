// Cursors: a place in a b-tree, moving and changing it. This file holds what table and index cursors share.
//
//     none   nowhere: before the first use, in an empty tree, or past an end
//     on     on entry `index_` of `page_`; `path_` leads there from the root
//     near   as `on`, but the entry it stood on is gone; `near_` is -1 when the entry here is the one before it, +1
//            when the one after
//     saved  pages not held; the key says where it was, and the next use seeks it
//
// 1. Before a tree is changed, all other cursors on it are saved; before pages leave the cache, all cursors are.
// 2. A child page has at least one cell and is of its parent's kind, and a path has at most 20 pages: else CORRUPT.
//    Steps in one direction visit no more pages than the database has, so that a looped tree ends in CORRUPT too.
//    A scan finds its place anew no more often than the database has room for entries, for the same reason.
// 3. What a cursor answers without a walk from the root is what the walk would have given, or follows from the
//    entry it is on by a rule that the twin has too (TableCursor::seek). This is so in a damaged tree as well,
//    where the order of rowids, the dividers or a page's place may say other things than in a good one: so both
//    engines give the same, whatever their cursors were used for before.
// 4. A cursor belongs to its registry until it is closed or destroyed; the database outlives its cursors or closes
// them.
// 5. What `payload` and `column` give are views, good until a cursor is moved or the database changed. They may be the
//    arguments of that one call: pages that leave the cache keep their data until others leave after them.
//
// It does not know of transactions but that writing needs one. Twin: reference/storage/cursor.py.
#ifndef KEELBACK_STORAGE_CURSOR_HPP
#define KEELBACK_STORAGE_CURSOR_HPP

#include "../value/record.hpp"
#include "balance.hpp"
#include "cell.hpp"
#include "pager.hpp"

namespace keelback::storage {

class TreeCursor;

// The open cursors of a database.
class CursorRegistry {
 public:
  CursorRegistry() = default;
  CursorRegistry(const CursorRegistry&) = delete;
  CursorRegistry& operator=(const CursorRegistry&) = delete;

  void add(TreeCursor& cursor) noexcept;
  void remove(TreeCursor& cursor) noexcept;
  bool has_cursor_on(uint32_t root) const noexcept;
  bool is_empty() const noexcept { return !first_; }
  // Save the places of the other cursors on the same tree.
  void save_others(TreeCursor& cursor);
  void save_root(uint32_t root);
  void save_all(const TreeCursor* except = nullptr);
  // Let the pager drop pages; `cursor` goes on with the pages of `keep`, all others seek anew.
  Status make_room(Pager& pager, const TreeCursor* cursor, std::span<Page* const> keep);
  // After a rollback: a writing cursor is of no use any more. Readers go on from their saved places.
  void abort_writers() noexcept;
  // The same for readers, where there was no memory to save their places.
  void abort_all() noexcept;
  void close_all() noexcept;
  // Have a cursor note when its row, of this rowid, is changed or deleted.
  void watch(TreeCursor& cursor, int64_t rowid) noexcept;
  void note_row_changed(uint32_t root, int64_t rowid) noexcept {
    if (watching_count_ != 0) [[unlikely]]
      tell_watching(root, &rowid);
  }
  void note_tree_cleared(uint32_t root) noexcept { tell_watching(root, nullptr); }

 private:
  void tell_watching(uint32_t root, const int64_t* rowid) noexcept;

  TreeCursor* first_ = nullptr;
  int watching_count_ = 0;
};

class TreeCursor {
 public:
  TreeCursor(const TreeCursor&) = delete;
  TreeCursor& operator=(const TreeCursor&) = delete;
  virtual ~TreeCursor();

  uint32_t root() const noexcept { return root_; }
  bool is_writable() const noexcept { return is_writable_; }
  int encoding() const noexcept { return encoding_; }
  // Grows whenever what `payload` and `column` gave is no longer good.
  uint64_t move_serial() const noexcept { return move_serial_; }

  // Forget the cursor; a second call does nothing.
  void close() noexcept;
  // Lay the cursor aside, to be taken up again as if it were new. Nobody tells it of changes in the meantime, and
  // nothing of its tree needs to be there any more; where nothing has changed a seek begins at its old place.
  void lay_aside() noexcept;
  bool can_be_taken_up(const Pager& pager, uint32_t root, bool is_writable, int encoding) const noexcept {
    return &pager == &pager_ && pager.identity == pager_identity_ && root == root_ && is_writable == is_writable_ &&
           encoding == encoding_;
  }
  void take_up() noexcept;
  // The same where nothing of the database has changed since; else false.
  bool take_up_unchanged(const Pager& pager) noexcept {
    if (&pager != &pager_ || pager.identity != pager_identity_ || pager.content_serial != content_serial_) return false;
    registry_.add(*this);
    is_aborted_ = false;
    has_old_path_ = page_ && page_->is_leaf;
    ++move_serial_;
    return true;
  }
  // Whether the cursor has a place in its tree, be it on an entry or where one was deleted.
  bool is_valid() const noexcept { return place_ != Place::none; }
  // Whether it stands on the entry it was moved to; finds it again after changes made by other cursors.
  Status is_on_row(bool& is_on) {
    if (place_ == Place::saved) KEELBACK_TRY(restore());
    is_on = place_ == Place::on;
    return ok_status;
  }

  // Moving: false when there is no such entry, and the cursor then has no place.
  Status first(bool& is_on);
  Status last(bool& is_on);
  Status next(bool& is_on) {
    if (place_ == Place::on && page_->is_leaf && index_ + 1 < page_->cell_count) [[likely]] {
      ++index_;
      ++move_serial_;
      is_on = true;
      return ok_status;
    }
    return next_slowly(is_on);
  }
  Status previous(bool& is_on);

  // The whole record of the entry; a copy in the cursor when it has overflow pages.
  Status payload(Bytes& bytes);
  // The part of the record on the b-tree page, as far as it does not run off it, and the size of the whole.
  Status local_payload(Bytes& bytes, uint64_t& size);
  // The same where the cursor is on an entry of a table leaf whose record lies on its page; else false.
  bool plain_payload(Bytes& bytes) const noexcept {
    if (place_ != Place::on || !page_->is_leaf || !page_->is_table) return false;
    const TreeLimits& limits = pager_.limits();
    uint64_t size = 0;
    const uint8_t* at = skip_varint(read_varint_unchecked(page_->cell(index_), size));
    bytes = {at, static_cast<size_t>(size)};
    return size <= limits.max_leaf_local && at + size <= page_->data + limits.page_size;
  }
  Status payload_size(uint64_t& size);
  // Column `number` of the entry's record, decoded as far as needed; NULL beyond the last one, which `is_there` tells.
  // The header's offsets are kept until the cursor moves. CORRUPT where the header or the column leave the record.
  Status column(uint32_t number, Value& value, bool* is_there = nullptr);

  // Work on the entries of a page at once: the page that the cursor is on (which it must be), its place there, and
  // another place of the same page.
  const Page& page() const noexcept { return *page_; }
  uint32_t page_index() const noexcept { return index_; }
  bool is_at_leaf() const noexcept { return place_ == Place::on && page_->is_leaf; }
  void stand_on(uint32_t index) noexcept {
    index_ = index;
    ++move_serial_;
  }
  // About how many entries the tree has, from the pages on the way to the entry that it is on; 0 where that is not
  // known.
  uint64_t estimated_rows() const noexcept {
    if (place_ != Place::on || !page_->is_leaf) return 0;
    uint64_t rows = page_->cell_count;
    for (int place = 0; place < depth_; ++place) rows *= path_[place]->cell_count + 1;
    return rows;
  }
  const TreeLimits& limits() const noexcept { return pager_.limits(); }
  // Begin to fetch the cells of the leaf behind this one, if it is in the cache.
  void prefetch_next_leaf() const noexcept;

  // Serial type and place in the record of column `number`; `is_there` is false beyond the last one. CORRUPT.
  Status column_place(uint32_t number, RecordColumn& place, bool& is_there) {
    KEELBACK_TRY(stand_on_row());
    if (columns_serial_ != move_serial_) KEELBACK_TRY(begin_columns());
    KEELBACK_TRY(find_column(number, is_there));
    if (is_there) place = columns_[number];
    return ok_status;
  }

  // The number of entries of the tree; the cursor has no place afterwards.
  Status count(uint64_t& total);

 protected:
  enum class Place : uint8_t { none, on, near, saved };

  TreeCursor(Pager& pager, CursorRegistry& registry, uint32_t root, bool is_writable, bool is_table, int encoding);

  // Remember the key and let the pages go.
  virtual void save_place() = 0;
  // Seek the saved key, as `seek`.
  virtual Status seek_saved(int& result) = 0;

  void abort() noexcept;
  void release() noexcept {
    page_ = nullptr;
    depth_ = 0;
    ++move_serial_;
  }
  void lose_place() noexcept {
    place_ = Place::none;
    release();
  }
  Status restore();
  Status check_usable() const noexcept {
    return is_aborted_ ? Status(result::ABORT_ROLLBACK, "abort due to ROLLBACK") : ok_status;
  }
  // Stand on the page of the entry; INTERNAL when there is none.
  Status stand_on_row() {
    if (place_ == Place::on) [[likely]]
      return ok_status;
    return find_row();
  }
  Status find_row();
  // Stand on the root with an empty path; `is_on` is false when the tree is empty.
  Status go_to_root(bool& is_on);
  Status go_to_child(uint32_t index);
  void go_to_parent() noexcept {
    --depth_;
    page_ = path_[depth_];
    index_ = path_indexes_[depth_];
  }
  Status fail() noexcept {
    lose_place();
    return corrupt();
  }
  // Whether the page that it holds is the last leaf, and may be held on to.
  bool is_on_last_leaf() const noexcept {
    return page_ && page_->is_leaf && page_->cell_count > 0 && !pager_.wants_shrink && is_on_right_edge();
  }
  bool is_on_right_edge() const noexcept {
    for (int place = 0; place < depth_; ++place) {
      const Page& parent = *path_[place];
      if (path_indexes_[place] != parent.cell_count || !is_way_to(parent, parent.cell_count, page_below(place))) {
        return false;
      }
    }
    return true;
  }
  // The page of the path that is below the one at `place`.
  const Page& page_below(int place) const noexcept { return place + 1 < depth_ ? *path_[place + 1] : *page_; }
  // Whether an interior page still leads to the one below it on the path, which can be gone to.
  bool is_way_to(const Page& parent, uint32_t index, const Page& below) const noexcept {
    return parent.is_decoded && !parent.is_leaf && parent.is_table == is_table_ && !parent.is_pending() &&
           index <= parent.cell_count && parent.child(index) == below.number && below.is_decoded &&
           below.cell_count > 0 && below.is_table == is_table_;
  }
  // Whether no page of the path was changed since the pager's content was what it was then; the page it is on aside.
  bool is_way_as_of(uint64_t content_serial) const noexcept {
    for (int place = 0; place < depth_; ++place) {
      if (path_[place]->changed_at > content_serial) return false;
    }
    return true;
  }
  bool is_path_as_of(uint64_t content_serial) const noexcept {
    return is_way_as_of(content_serial) && page_->changed_at <= content_serial;
  }
  // Whether it stands on the last entry of all.
  bool is_at_end() const noexcept {
    return place_ == Place::on && is_on_last_leaf() && index_ + 1 == page_->cell_count;
  }
  Status go_to_leftmost();
  Status go_to_rightmost();
  Status next_slowly(bool& is_on);
  Status next_page(bool& is_on);
  Status previous_page(bool& is_on);
  Status count_step(int direction) noexcept;
  Status count_return() noexcept;
  void end_return() noexcept { return_serial_ = move_serial_; }
  // What follows is not what came before.
  void begin_scan() noexcept {
    direction_ = 0;
    returns_ = 0;
  }
  Status shrink_if_wanted();
  Status begin_change();
  // Balance from page_ upwards; the place is then to be saved by the caller.
  Status balance(bool is_append);
  // What is left to do after an entry went in as `index_` of `page_`.
  Status finish_insert(bool is_replacement, bool is_last, bool& is_balanced);
  // Take entry `index_` of the leaf `page_` out, and what is left to do after that. The place is gone before.
  Status delete_from_leaf();
  Status finish_delete();

  Pager& pager_;
  CursorRegistry& registry_;
  const uint32_t root_;
  const bool is_writable_;
  const bool is_table_;
  const int encoding_;
  Place place_ = Place::none;
  bool is_aborted_ = false;
  bool is_registered_ = false;
  // Whether it watches a row, and that has been changed.
  bool is_watching_ = false;
  bool is_row_changed_ = false;
  int64_t watched_rowid_ = 0;
  int8_t near_ = 0;
  int8_t direction_ = 0;
  int depth_ = 0;
  uint32_t index_ = 0;
  Page* page_ = nullptr;
  // The leaf for which the bounds of the rowids that lead to it are known (TableCursor); none once the path went on.
  const Page* bounded_page_ = nullptr;
  int64_t steps_left_ = 0;
  // How often this scan has found its place anew, and `move_serial_` when it last had.
  int64_t returns_ = 0;
  uint64_t return_serial_ = 0;
  // The path leads to a leaf that nothing has changed, though the cursor has no place.
  bool has_old_path_ = false;
  uint64_t content_serial_ = 0;
  const uint64_t pager_identity_;
  Page* path_[deepest_path] = {};
  uint32_t path_indexes_[deepest_path] = {};
  uint64_t move_serial_ = 1;

 private:
  friend class CursorRegistry;

  Status begin_columns();
  bool has_known_shape() const noexcept;
  Status find_column(uint32_t number, bool& is_there);

  // What is known of the record under the cursor; good while `columns_serial_` is `move_serial_`. Rows of one shape
  // have the same header, so what was read of the last one's serves the next as far as their bytes agree.
  static constexpr size_t shape_bytes = 24;
  static constexpr size_t most_kept_bytes = size_t{1} << 16;  // of a record's copy, while the cursor is laid aside
  uint64_t columns_serial_ = 0;
  Bytes record_;
  uint64_t record_size_ = 0;
  uint64_t header_end_ = 0;
  uint64_t header_at_ = 0;
  uint64_t column_offset_ = 0;
  std::vector<RecordColumn> columns_;
  uint8_t shape_[shape_bytes] = {};
  std::vector<uint8_t> payload_buffer_;
  TextArena texts_;

  TreeCursor* next_cursor_ = nullptr;
  TreeCursor* previous_cursor_ = nullptr;
};

}  // namespace keelback::storage

#endif
