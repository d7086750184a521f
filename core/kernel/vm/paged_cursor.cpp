#include "paged_cursor.hpp"

namespace keelback::vm {

namespace {

Bytes bytes_of(std::string_view text) { return {reinterpret_cast<const uint8_t*>(text.data()), text.size()}; }

}  // namespace

Status PagedCursor::is_on_row(bool& is_on) {
  is_on = false;
  return near_ == 0 && tree_.is_valid() ? tree_.is_on_row(is_on) : ok_status;
}

Status PagedCursor::open_view(bool& is_on) {
  KEELBACK_TRY(is_on_row(is_on));
  if (!is_on || view_serial_ == tree_.move_serial()) return ok_status;
  Bytes payload;
  KEELBACK_TRY(tree_.payload(payload));
  KEELBACK_TRY(view_.open(payload));
  view_serial_ = tree_.move_serial();
  return ok_status;
}

Status PagedCursor::column(size_t index, const Value& missing, Value& value) {
  bool is_on = false;
  KEELBACK_TRY(open_view(is_on));
  if (is_on) return view_.column(index, utf8, missing, value);
  value = Value();
  return ok_status;
}

Status PagedCursor::record(std::string_view& record) {
  bool is_on = false;
  KEELBACK_TRY(is_on_row(is_on));
  if (!is_on) return corrupt();
  Bytes payload;
  KEELBACK_TRY(tree_.payload(payload));
  record = {reinterpret_cast<const char*>(payload.data()), payload.size()};
  return ok_status;
}

Status PagedCursor::rowid(Value& value) {
  bool is_on = false;
  value = Value();
  if (table_) {
    KEELBACK_TRY(is_on_row(is_on));
    int64_t rowid = 0;
    if (!is_on) return ok_status;
    KEELBACK_TRY(table_->rowid(rowid));
    value = Value::of_integer(rowid);
    return ok_status;
  }
  KEELBACK_TRY(open_view(is_on));
  if (!is_on) return ok_status;
  size_t columns = 0;
  KEELBACK_TRY(view_.count(columns));
  if (columns == 0) return corrupt();
  KEELBACK_TRY(view_.column(columns - 1, utf8, Value(), value));
  return value.is_integer() ? ok_status : corrupt();
}

Status PagedCursor::compare_key(std::span<const Value> key, int& order) {
  std::string_view bytes;
  KEELBACK_TRY(record(bytes));
  KEELBACK_TRY_ASSIGN(order, compare_record(bytes_of(bytes), key, index_->comparator(), utf8));
  return ok_status;
}

Status PagedCursor::first(bool& found) {
  near_ = 0;
  return tree_.first(found);
}

Status PagedCursor::last(bool& found) {
  near_ = 0;
  return tree_.last(found);
}

Status PagedCursor::next(bool& found) {
  found = false;
  if (!tree_.is_valid()) return ok_status;
  const bool is_there = near_ > 0;
  near_ = 0;
  if (!is_there) return tree_.next(found);
  return tree_.is_on_row(found);
}

Status PagedCursor::previous(bool& found) {
  found = false;
  if (!tree_.is_valid()) return ok_status;
  const bool is_there = near_ < 0;
  near_ = 0;
  if (!is_there) return tree_.previous(found);
  return tree_.is_on_row(found);
}

Status PagedCursor::seek(std::span<const Value> key, int tie, int& order) {
  near_ = 0;
  if (index_) return index_->seek(key, tie, order);
  KEELBACK_TRY(table_->seek(key[0].integer(), order));
  if (order == 0) order = tie;
  return ok_status;
}

Status PagedCursor::find(std::span<const Value> key, bool& found) {
  int order = 0;
  KEELBACK_TRY(seek(key, 0, order));
  found = order == 0 && tree_.is_valid();
  return ok_status;
}

Status PagedCursor::find_near(std::span<const Value> key) {
  int order = 0;
  KEELBACK_TRY(seek(key, 0, order));
  near_ = order;
  return ok_status;
}

Status PagedCursor::seek_forward(std::span<const Value> key, bool or_equal, bool& found) {
  int order = 0;
  KEELBACK_TRY(seek(key, or_equal ? 1 : -1, order));
  found = tree_.is_valid();
  return found && order < 0 ? tree_.next(found) : ok_status;
}

Status PagedCursor::seek_backward(std::span<const Value> key, bool or_equal, bool& found) {
  int order = 0;
  KEELBACK_TRY(seek(key, or_equal ? -1 : 1, order));
  found = tree_.is_valid();
  return found && order > 0 ? tree_.previous(found) : ok_status;
}

Status PagedCursor::insert_row(int64_t rowid, std::string_view record) {
  near_ = 0;
  return table_->insert(rowid, bytes_of(record));
}

Status PagedCursor::insert_entry(std::span<const Value> values, std::string_view record) {
  near_ = 0;
  return index_->insert_record(values, bytes_of(record));
}

Status PagedCursor::remove() {
  bool is_on = false;
  KEELBACK_TRY(is_on_row(is_on));
  if (!is_on) return ok_status;
  return table_ ? table_->delete_row() : index_->delete_entry();
}

}  // namespace keelback::vm
