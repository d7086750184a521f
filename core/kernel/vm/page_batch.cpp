#include "page_batch.hpp"

namespace keelback::vm {

Status PageBatch::load(TableTreeCursor& cursor, size_t limit, bool is_thrifty) {
  kept_.clear();
  kept_bytes_ = 0;
  cursor_ = &cursor;
  storage::TableCursor& tree = cursor.tree();
  KEELBACK_TRY(take_page());
  first_ = tree.leaf_index();
  row_count_ = std::min(static_cast<size_t>(page_->cell_count - first_), limit);
  tree.prefetch_next_leaf();
  if (!has_columns_) return ok_status;
  const uint8_t* data = page_->data;
  if (!is_alone_) {
    // A prefix is read in words, which may go beyond the page.
    copy_.resize(tree.limits().page_size + sizeof(Prefix));
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
    found.shape = is_whole ? shape_of(found.record, place.size) : nullptr;
  }
  return ok_status;
}

Status PageBatch::take_page() {
  bool is_on = false;
  KEELBACK_TRY(cursor_->tree().is_on_row(is_on));
  if (!is_on) return corrupt();
  page_ = &cursor_->tree().leaf();
  return ok_status;
}

const PageBatch::Shape* PageBatch::shape_of(const uint8_t* record, uint64_t size) {
  if (size == 0) return nullptr;
  const uint32_t header_size = record[0];
  const size_t length = std::min<size_t>(header_size, wanted_);
  if (length < 2 || length > sizeof(Prefix) || header_size > size) return nullptr;
  Prefix prefix;
  std::memcpy(&prefix.first, record, sizeof prefix.first);
  if (length <= 8) {
    prefix.first &= ~uint64_t{0} >> (64 - 8 * length);
  } else {
    std::memcpy(&prefix.second, record + 8, sizeof prefix.second);
    prefix.second &= ~uint64_t{0} >> (128 - 8 * length);
  }
  const uint64_t hash = (prefix.first ^ (prefix.second << 7 | prefix.second >> 57)) * 0x9E3779B97F4A7C15;
  size_t slot = hash >> (64 - slot_bits);
  while (slots_[slot] != none && shapes_[slots_[slot]].prefix != prefix) slot = (slot + 1) & (slots_.size() - 1);
  const Shape* shape = nullptr;
  if (slots_[slot] != none) {
    shape = &shapes_[slots_[slot]];
  } else {
    if (shapes_.size() == most_shapes) return nullptr;
    slots_[slot] = static_cast<uint16_t>(shapes_.size());
    shape = learn(prefix, length, header_size);
  }
  if (shape->count == 0 || (shape->whole && shape->whole != size)) return nullptr;
  return shape;
}

const PageBatch::Shape* PageBatch::learn(Prefix prefix, size_t length, uint32_t header_size) {
  Shape& shape = shapes_.emplace_back();
  shape.prefix = prefix;
  uint32_t offset = header_size;
  uint32_t count = 0;
  for (size_t place = 1; place < length; ++place) {
    const auto type = static_cast<uint8_t>(place < 8 ? prefix.first >> 8 * place : prefix.second >> 8 * (place - 8));
    if (type >= 0x80) {
      shape.count = count;
      return &shape;
    }
    shape.types[count] = type;
    shape.offsets[count] = static_cast<uint16_t>(offset);
    offset += static_cast<uint32_t>(serial_size(type));
    shape.ends[count++] = static_cast<uint16_t>(offset);
  }
  shape.count = count;
  if (length == header_size) shape.whole = offset;
  return &shape;
}

Status PageBatch::column_by_cursor(size_t row, size_t index, const Value& missing, Value& value) {
  const Row& place = rows_[row];
  if (place.shape && place.shape->whole && index >= place.shape->count) {
    value = missing;
    return ok_status;
  }
  KEELBACK_TRY(take_page());
  cursor_->tree().stand_on(first_ + static_cast<uint32_t>(row));
  KEELBACK_TRY(cursor_->column(index, missing, value));
  value = keep(value);
  return ok_status;
}

Status PageBatch::rowid(size_t row, Value& value) {
  int64_t found = 0;
  if (!is_alone_) KEELBACK_TRY(take_page());
  if (!cell_rowid(*page_, first_ + static_cast<uint32_t>(row), found)) return corrupt();
  value = Value::of_integer(found);
  return ok_status;
}

Status PageBatch::leave(TableTreeCursor& cursor, bool& found) {
  KEELBACK_TRY(take_page());
  cursor.tree().stand_on(first_ + static_cast<uint32_t>(row_count_) - 1);
  return cursor.next(found);
}

Value PageBatch::keep(const Value& value) {
  if (!value.has_bytes()) return value;
  const std::string& kept = kept_.emplace_back(value.text());
  kept_bytes_ += kept.size();
  return value.is_text() ? Value::of_text(kept) : Value::of_blob(std::string_view(kept));
}

}  // namespace keelback::vm
