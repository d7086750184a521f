#include "tree_cursor.hpp"

namespace keelback::vm {

namespace {

Bytes bytes_of(std::string_view text) { return {reinterpret_cast<const uint8_t*>(text.data()), text.size()}; }
std::string_view text_of(Bytes bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

// A record in another text encoding.
Status convert_record(Bytes record, int from, int to, std::vector<uint8_t>& out) {
  std::vector<Value> values;
  TextArena arena;
  KEELBACK_TRY(decode_record(record, from, arena, values));
  encode_record(values, to, out);
  return ok_status;
}

}  // namespace

// Tables

Status TableTreeCursor::column_of_new_row(size_t index, const Value& missing, Value& value, bool reads_view) {
  if (is_deferred_ || is_null_row) {
    bool is_answered = false;
    KEELBACK_TRY(column_elsewhere(index, value, is_answered));
    if (is_answered) return ok_status;
    if (view_serial_ == tree_->move_serial()) {
      return reads_view ? view_.column(index, encoding_, missing, value) : ok_status;
    }
  }
  bool is_on = false;
  KEELBACK_TRY(tree_->is_on_row(is_on));
  if (!is_on) {
    is_null_row = true;
    value = Value();
    return ok_status;
  }
  Bytes local;
  uint64_t size = 0;
  KEELBACK_TRY(tree_->local_payload(local, size));
  if (local.size() == size) {
    KEELBACK_TRY(view_.open(local));
    view_serial_ = tree_->move_serial();
    if (!reads_view) return ok_status;
    return view_.column(index, encoding_, missing, value);
  }
  // A record with overflow pages is read as far as needed only.
  bool is_there = true;
  KEELBACK_TRY(tree_->column(static_cast<uint32_t>(index), value, &is_there));
  if (!is_there) value = missing;
  return ok_status;
}

Status TableTreeCursor::column_elsewhere(size_t index, Value& value, bool& is_answered) {
  if (is_deferred_) {
    if (alternate_ && column_map_ && index < column_map_->size() && (*column_map_)[index] > 0) {
      is_answered = true;
      return alternate_->column(static_cast<size_t>((*column_map_)[index] - 1), Value(), value);
    }
    KEELBACK_TRY(finish_seek());
  }
  if (is_null_row) {
    is_answered = true;
    value = Value();
  }
  return ok_status;
}

Status TableTreeCursor::rowid(Value& value) {
  if (is_deferred_) {
    value = Value::of_integer(target_);
    return ok_status;
  }
  value = Value();
  if (is_null_row) return ok_status;
  bool is_on = false;
  KEELBACK_TRY(tree_->is_on_row(is_on));
  if (!is_on) {
    is_null_row = true;
    return ok_status;
  }
  int64_t rowid = 0;
  KEELBACK_TRY(tree_->rowid(rowid));
  value = Value::of_integer(rowid);
  return ok_status;
}

Status TableTreeCursor::record(std::string_view& record) {
  KEELBACK_TRY(finish_seek());
  bool is_on = false;
  KEELBACK_TRY(tree_->is_on_row(is_on));
  if (!is_on) return corrupt();
  Bytes payload;
  KEELBACK_TRY(tree_->payload(payload));
  if (encoding() != utf8) {
    KEELBACK_TRY(convert_record(payload, encoding(), utf8, encoded_));
    payload = encoded_;
  }
  record = text_of(payload);
  return ok_status;
}

Status TableTreeCursor::seek_forward(std::span<const Value> key, bool or_equal, bool& found) {
  int order = 0;
  moved();
  KEELBACK_TRY(tree_->seek(key[0].integer(), order));
  found = tree_->is_valid();
  if (found && (order < 0 || (order == 0 && !or_equal))) return tree_->next(found);
  return ok_status;
}

Status TableTreeCursor::seek_backward(std::span<const Value> key, bool or_equal, bool& found) {
  int order = 0;
  moved();
  KEELBACK_TRY(tree_->seek(key[0].integer(), order));
  if (order > 0 || (order == 0 && !or_equal)) return tree_->previous(found);
  found = tree_->is_valid();
  return ok_status;
}

size_t TableTreeCursor::converted_size(std::string_view record) {
  return convert_record(bytes_of(record), utf8, encoding(), encoded_).is_ok() ? encoded_.size() : 0;
}

Status TableTreeCursor::insert_row(int64_t rowid, std::string_view record, bool keep_position) {
  moved();
  Bytes payload = bytes_of(record);
  if (encoding() != utf8) {
    KEELBACK_TRY(convert_record(payload, utf8, encoding(), encoded_));
    payload = encoded_;
  }
  KEELBACK_TRY(tree_->insert(rowid, payload));
  if (!keep_position || tree_->is_on_known_row()) return ok_status;
  int order = 0;
  return tree_->seek(rowid, order);
}

Status TableTreeCursor::remove() {
  KEELBACK_TRY(finish_seek());
  moved();
  bool is_on = false;
  KEELBACK_TRY(tree_->is_on_row(is_on));
  return is_on ? tree_->delete_row() : ok_status;
}

Status TableTreeCursor::count(int64_t& count) {
  uint64_t total = 0;
  KEELBACK_TRY(tree_->count(total));
  count = static_cast<int64_t>(total);
  return ok_status;
}

Status TableTreeCursor::defer_seek(Cursor& alternate, const std::vector<int64_t>* column_map) {
  moved();
  Value rowid;
  KEELBACK_TRY(alternate.rowid(rowid));
  if (rowid.is_null()) {
    is_null_row = true;
    return ok_status;
  }
  target_ = rowid.integer();
  is_deferred_ = true;
  alternate_ = &alternate;
  column_map_ = column_map;
  return ok_status;
}

Status TableTreeCursor::visit(const std::vector<int64_t>& rowids, bool& found) {
  moved();
  visited_ = &rowids;
  visits_ = 0;
  return visit_next(found);
}

Status TableTreeCursor::visit_next(bool& found) {
  const std::vector<int64_t>* rowids = visited_;
  size_t place = visits_;
  // Rows may have been deleted since they were noted.
  for (found = false; !found && place < rowids->size(); ++place) {
    const Value rowid = Value::of_integer((*rowids)[place]);
    KEELBACK_TRY(find({&rowid, 1}, found));
  }
  if (found) {
    visited_ = rowids;
    visits_ = place;
    return ok_status;
  }
  // As behind the last row of all.
  KEELBACK_TRY(last(found));
  return found ? tree_->next(found) : ok_status;
}

Status TableTreeCursor::finish_seek() {
  if (!is_deferred_) return ok_status;
  moved();
  // Who goes along an index often wants the next row.
  Bytes record;
  if (tree_->step_to(target_, record)) {
    KEELBACK_TRY(view_.open(record));
    view_serial_ = tree_->move_serial();
    return ok_status;
  }
  int order = 0;
  KEELBACK_TRY(tree_->seek(target_, order));
  return order == 0 && tree_->is_valid() ? ok_status : corrupt();
}

// Indexes

Status IndexTreeCursor::rowid(Value& value) {
  bool is_on = false;
  value = Value();
  KEELBACK_TRY(is_on_row(is_on));
  if (!is_on) return ok_status;
  KEELBACK_TRY(tree_->last_value(value));
  return value.is_integer() ? ok_status : corrupt();
}

Status IndexTreeCursor::record(std::string_view& record) {
  bool is_on = false;
  KEELBACK_TRY(is_on_row(is_on));
  if (!is_on) return corrupt();
  Bytes payload;
  KEELBACK_TRY(tree_->payload(payload));
  if (tree_->encoding() != utf8) {
    KEELBACK_TRY(convert_record(payload, tree_->encoding(), utf8, encoded_));
    payload = encoded_;
  }
  record = text_of(payload);
  return ok_status;
}

Status IndexTreeCursor::seek_forward(std::span<const Value> key, bool or_equal, bool& found) {
  int order = 0;
  is_null_row = false;
  KEELBACK_TRY(tree_->seek(key, or_equal ? 1 : -1, order));
  found = tree_->is_valid();
  return found && order < 0 ? tree_->next(found) : ok_status;
}

Status IndexTreeCursor::seek_backward(std::span<const Value> key, bool or_equal, bool& found) {
  int order = 0;
  is_null_row = false;
  KEELBACK_TRY(tree_->seek(key, or_equal ? -1 : 1, order));
  if (order > 0) return tree_->previous(found);
  found = tree_->is_valid();
  return ok_status;
}

Status IndexTreeCursor::compare_key(std::span<const Value> key, int& order) {
  bool is_on = false;
  KEELBACK_TRY(is_on_row(is_on));
  if (!is_on) return corrupt();
  const Status status = tree_->compare(key, order);
  if (status.code() != result::CORRUPT) return status;
  // An entry whose pages are there, but whose header is empty, has no column that would decide.
  Bytes record;
  KEELBACK_TRY(tree_->payload(record));
  if (record.empty() || record.front() != 0) return status;
  order = 0;
  return ok_status;
}

Status IndexTreeCursor::insert_entry(std::string_view record, size_t key_count) {
  is_null_row = false;
  values_.clear();
  TextArena arena;
  KEELBACK_TRY(decode_record(bytes_of(record), utf8, arena, values_));
  return tree_->encoding() == utf8 ? tree_->insert_record(values_, bytes_of(record), key_count)
                                   : tree_->insert(values_, key_count);
}

Status IndexTreeCursor::insert_under(std::span<const Value> key, std::string_view record) {
  if (tree_->encoding() != utf8) return insert_entry(record, key.size());
  is_null_row = false;
  return tree_->insert_record(key, bytes_of(record));
}

Status IndexTreeCursor::append_entry(std::string_view record) {
  is_null_row = false;
  if (tree_->encoding() == utf8) return tree_->append(bytes_of(record));
  KEELBACK_TRY(convert_record(bytes_of(record), utf8, tree_->encoding(), encoded_));
  return tree_->append(encoded_);
}

Status IndexTreeCursor::remove() {
  is_null_row = false;
  bool is_on = false;
  KEELBACK_TRY(tree_->is_on_row(is_on));
  return is_on ? tree_->delete_entry() : ok_status;
}

Status IndexTreeCursor::count(int64_t& count) {
  uint64_t total = 0;
  KEELBACK_TRY(tree_->count(total));
  count = static_cast<int64_t>(total);
  return ok_status;
}

}  // namespace keelback::vm
