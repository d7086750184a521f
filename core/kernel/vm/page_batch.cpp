#include "page_batch.hpp"

namespace keelback::vm {

Status PageBatch::load(Cursor& cursor, storage::TreeCursor& tree, size_t limit, bool is_thrifty) {
  kept_.clear();
  kept_bytes_ = 0;
  cursor_ = &cursor;
  tree_ = &tree;
  KEELBACK_TRY(take_page());
  first_ = tree.page_index();
  row_count_ = page_->is_leaf ? std::min(static_cast<size_t>(page_->cell_count - first_), limit) : 1;
  tree.prefetch_next_leaf();
  if (!has_columns_) return ok_status;
  const uint8_t* data = page_->data;
  if (!is_alone_) {
    // A prefix is read in words, which may go beyond the page.
    copy_.resize(tree.limits().page_size + RecordShapes::bytes_read);
    std::memcpy(copy_.data(), data, tree.limits().page_size);
    data = copy_.data();
  }
  for (size_t row = 0; row < row_count_; ++row) {
    Row& found = rows_[row];
    storage::PayloadPlace place{};
    const bool is_whole = payload_place(*page_, first_ + static_cast<uint32_t>(row), tree.limits(), place).is_ok() &&
                          !place.has_overflow();
    if (is_thrifty && !is_whole) [[unlikely]]
      row_count_ = std::max(row, size_t{1});
    found.record = is_whole ? data + (place.data - page_->data) : nullptr;
    found.size = is_whole ? place.local : 0;
    found.shape = is_whole ? shapes_.of(found.record, place.size) : nullptr;
  }
  return ok_status;
}

Status PageBatch::take_page() {
  bool is_on = false;
  KEELBACK_TRY(tree_->is_on_row(is_on));
  if (!is_on) return corrupt();
  page_ = &tree_->page();
  return ok_status;
}

Status PageBatch::come_back() {
  KEELBACK_TRY(take_page());
  tree_->stand_on(first_);
  return ok_status;
}

Status PageBatch::column_by_cursor(size_t row, size_t index, const Value& missing, Value& value) {
  const Row& place = rows_[row];
  if (place.shape && place.shape->whole && index >= place.shape->count) {
    value = missing;
    return ok_status;
  }
  KEELBACK_TRY(take_page());
  tree_->stand_on(first_ + static_cast<uint32_t>(row));
  KEELBACK_TRY(cursor_->column(index, missing, value));
  value = keep(value);
  return ok_status;
}

Status PageBatch::rowid(size_t row, Value& value) {
  if (cursor_->is_table) {
    int64_t found = 0;
    if (!is_alone_) KEELBACK_TRY(take_page());
    if (!cell_rowid(*page_, first_ + static_cast<uint32_t>(row), found)) return corrupt();
    value = Value::of_integer(found);
    return ok_status;
  }
  const Row& place = rows_[row];
  if (place.shape && place.shape->whole) [[likely]] {
    const size_t last = place.shape->count - 1;
    value = decode_plain_value(place.record + place.shape->offsets[last], place.shape->types[last]);
    return value.is_integer() ? ok_status : corrupt();
  }
  KEELBACK_TRY(take_page());
  tree_->stand_on(first_ + static_cast<uint32_t>(row));
  return cursor_->rowid(value);
}

Status PageBatch::leave(bool& found) {
  KEELBACK_TRY(take_page());
  tree_->stand_on(first_ + static_cast<uint32_t>(row_count_) - 1);
  return cursor_->next(found);
}

Value PageBatch::keep(const Value& value) {
  if (!value.has_bytes()) return value;
  const std::string_view kept = keep_joined(value.text(), {});
  return value.is_text() ? Value::of_text(kept) : Value::of_blob(kept);
}

std::string_view PageBatch::keep_joined(std::string_view first, std::string_view second) {
  const size_t size = first.size() + second.size();
  auto* const copy = reinterpret_cast<char*>(kept_.take(size + 1));
  char* end = std::copy(first.begin(), first.end(), copy);
  end = std::copy(second.begin(), second.end(), end);
  // As behind the texts of records in memory: who reads one as C does finds its end.
  *end = 0;
  kept_bytes_ += size;
  return {copy, size};
}

}  // namespace keelback::vm
