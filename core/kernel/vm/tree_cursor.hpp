// Cursors on the stored trees of a database: the VM's view of storage's TableCursor and IndexCursor.
//
// 1. Columns are decoded where they lie, when they are asked for.
// 2. A table cursor may be deferred: it will stand on the row of an index cursor, and moves there only when a column is
//    read that the index does not hold.
// 3. If another cursor has deleted the row, it reads as NULLs; `next` and `previous` go on from its place.
// 4. Records come and go in UTF-8; those of a database in UTF-16 are encoded anew on the way.
//
// Must not know: pages, instructions. Twin: keelback_core/reference/vm/tree_cursor.py.
#ifndef KEELBACK_VM_TREE_CURSOR_HPP
#define KEELBACK_VM_TREE_CURSOR_HPP

#include <memory>

#include "../program/program.hpp"
#include "../storage/database.hpp"
#include "cursor.hpp"
#include "record_view.hpp"

namespace keelback::vm {

class TableTreeCursor final : public Cursor {
 public:
  explicit TableTreeCursor(std::unique_ptr<storage::TableCursor> tree)
      : Cursor(CursorKind::table, true), tree_(std::move(tree)), encoding_(tree_->encoding()) {}

  int encoding() const noexcept { return encoding_; }
  // For work on whole pages; after it the cursor is told by `next`.
  storage::TableCursor& tree() noexcept { return *tree_; }
  const storage::TableCursor& tree() const noexcept { return *tree_; }

  Status column(size_t index, const Value& missing, Value& value) override {
    if (view_serial_ == tree_->move_serial()) [[likely]]
      return view_.column(index, encoding_, missing, value);
    return column_of_new_row(index, missing, value, true);
  }
  // The same into a register.
  Status load_column(const program::Instruction& instruction, Register& target) {
    if (view_serial_ == tree_->move_serial()) [[likely]]
      return load_from_view(instruction, target);
    Value value;
    KEELBACK_TRY(column_of_new_row(static_cast<size_t>(instruction.p2), instruction.constant(), value, false));
    if (view_serial_ == tree_->move_serial()) [[likely]]
      return load_from_view(instruction, target);
    target.set(value);
    return ok_status;
  }
  // The view of the record, opened on the row; null where the columns have to be asked for one by one.
  Status open_view(RecordView*& view) {
    view = &view_;
    if (view_serial_ == tree_->move_serial()) return ok_status;
    Bytes record;
    if (is_deferred_ || is_null_row || !tree_->plain_payload(record)) {
      view = nullptr;
      return ok_status;
    }
    KEELBACK_TRY(view_.open(record));
    view_serial_ = tree_->move_serial();
    return ok_status;
  }
  Status rowid(Value& value) override;
  Status record(std::string_view& record) override;
  Status first(bool& found) override {
    moved();
    return tree_->first(found);
  }
  Status last(bool& found) override {
    moved();
    return tree_->last(found);
  }
  // Go to the last row, and give its rowid where there is one.
  Status last_rowid(Value& rowid) {
    moved();
    bool found = false;
    int64_t last = 0;
    KEELBACK_TRY(tree_->last_rowid(last, found));
    if (found) rowid = Value::of_integer(last);
    return ok_status;
  }
  Status next(bool& found) override {
    if (is_deferred_) KEELBACK_TRY(finish_seek());
    if (visited_) [[unlikely]]
      return visit_next(found);
    is_null_row = false;
    return tree_->next(found);
  }
  // Go to the first of these rows; `next` goes on along them, until the cursor is moved otherwise.
  Status visit(const std::vector<int64_t>& rowids, bool& found);
  Status previous(bool& found) override {
    if (is_deferred_) KEELBACK_TRY(finish_seek());
    is_null_row = false;
    return tree_->previous(found);
  }
  Status find(std::span<const Value> key, bool& found) override {
    int order = 0;
    moved();
    KEELBACK_TRY(tree_->seek(key[0].integer(), order));
    found = order == 0 && tree_->is_valid();
    return ok_status;
  }
  Status seek_forward(std::span<const Value> key, bool or_equal, bool& found) override;
  Status seek_backward(std::span<const Value> key, bool or_equal, bool& found) override;
  Status insert_row(int64_t rowid, std::string_view record, bool keep_position) override;
  Status remove() override;
  Status count(int64_t& count) override;
  void set_null_row() override {
    moved();
    is_null_row = true;
  }
  bool lay_aside() override {
    moved();
    pages = nullptr;
    sequence = 0;
    tree_->lay_aside();
    return true;
  }
  bool take_up_unchanged(const storage::Pager& pager) override { return tree_->take_up_unchanged(pager); }
  // Stand on the row of the index cursor `alternate`; go there when it matters. column_map: for each table column the
  // place in the index, plus one, or 0; may be null.
  Status defer_seek(Cursor& alternate, const std::vector<int64_t>* column_map);
  bool waits_for(const Cursor& alternate) const noexcept { return is_deferred_ && alternate_ == &alternate; }
  // The index cursor goes away; the row to go to is known.
  void forget_alternate() noexcept { alternate_ = nullptr; }
  Status finish_seek() override;
  // How many bytes a record takes in this tree; makes the record ready for insert_row.
  size_t stored_size(std::string_view record) { return encoding_ == utf8 ? record.size() : converted_size(record); }

 private:
  void moved() noexcept {
    alternate_ = nullptr;
    is_deferred_ = false;
    is_null_row = false;
    visited_ = nullptr;
    view_serial_ = 0;
  }
  Status visit_next(bool& found);
  // Find the row and open the view on it, where it lies on one page.
  Status column_of_new_row(size_t index, const Value& missing, Value& value, bool reads_view);
  Status load_from_view(const program::Instruction& instruction, Register& target) {
    bool is_there = true;
    KEELBACK_TRY(view_.load(static_cast<size_t>(instruction.p2), encoding_, target, is_there));
    if (!is_there) [[unlikely]]
      target.set_plain(instruction.constant());
    return ok_status;
  }
  size_t converted_size(std::string_view record);
  Status column_elsewhere(size_t index, Value& value, bool& is_answered);

  const std::unique_ptr<storage::TableCursor> tree_;
  const int encoding_;
  // The view is open on the row while this is the tree's serial; 0: it is not.
  uint64_t view_serial_ = 0;
  RecordView view_;
  Cursor* alternate_ = nullptr;
  const std::vector<int64_t>* column_map_ = nullptr;
  int64_t target_ = 0;
  bool is_deferred_ = false;
  const std::vector<int64_t>* visited_ = nullptr;  // the rows to go along, if not all
  size_t visits_ = 0;
  std::vector<uint8_t> encoded_;
};

class IndexTreeCursor final : public Cursor {
 public:
  explicit IndexTreeCursor(std::unique_ptr<storage::IndexCursor> tree)
      : Cursor(CursorKind::index, false), tree_(std::move(tree)) {}

  Status column(size_t index, const Value& missing, Value& value) override {
    bool is_on = false;
    KEELBACK_TRY(is_on_row(is_on));
    if (!is_on) {
      value = Value();
      return ok_status;
    }
    bool is_there = true;
    KEELBACK_TRY(tree_->column(static_cast<uint32_t>(index), value, &is_there));
    if (!is_there) value = missing;
    return ok_status;
  }
  Status rowid(Value& value) override;
  Status record(std::string_view& record) override;
  Status first(bool& found) override {
    is_null_row = false;
    return tree_->first(found);
  }
  Status last(bool& found) override {
    is_null_row = false;
    return tree_->last(found);
  }
  Status next(bool& found) override {
    is_null_row = false;
    return tree_->next(found);
  }
  Status previous(bool& found) override {
    is_null_row = false;
    return tree_->previous(found);
  }
  Status find(std::span<const Value> key, bool& found) override {
    int order = 0;
    is_null_row = false;
    KEELBACK_TRY(tree_->seek(key, 0, order));
    found = order == 0 && tree_->is_valid();
    return ok_status;
  }
  Status seek_forward(std::span<const Value> key, bool or_equal, bool& found) override;
  Status seek_backward(std::span<const Value> key, bool or_equal, bool& found) override;
  Status compare_key(std::span<const Value> key, int& order) override;
  Status insert_entry(std::string_view record, size_t key_count) override;
  // insert_entry where the values that make stored entries equal are at hand.
  Status insert_under(std::span<const Value> key, std::string_view record);
  Status append_entry(std::string_view record) override;
  Status remove() override;
  Status count(int64_t& count) override;
  storage::IndexCursor& tree() noexcept { return *tree_; }
  bool lay_aside() override {
    is_null_row = false;
    pages = nullptr;
    sequence = 0;
    tree_->lay_aside();
    return true;
  }
  bool take_up_unchanged(const storage::Pager& pager) override {
    // What a name of a collation means may have changed, but for the built-in ones.
    return !tree_->comparator().has_custom() && tree_->take_up_unchanged(pager);
  }

 private:
  Status is_on_row(bool& is_on) {
    is_on = false;
    if (is_null_row) return ok_status;
    KEELBACK_TRY(tree_->is_on_row(is_on));
    if (!is_on) is_null_row = true;
    return ok_status;
  }

  const std::unique_ptr<storage::IndexCursor> tree_;
  std::vector<Value> values_;
  std::vector<uint8_t> encoded_;
};

}  // namespace keelback::vm

#endif
