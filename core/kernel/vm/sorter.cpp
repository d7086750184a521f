#include "sorter.hpp"

#include "key_sort.hpp"

namespace keelback::vm {

namespace {

constexpr size_t fewest_kept = 64;

Bytes bytes_of(std::string_view text) { return {reinterpret_cast<const uint8_t*>(text.data()), text.size()}; }

}  // namespace

Status SorterCursor::add(std::string_view record) {
  key_.clear();
  if (normaliser_.can_normalise()) {
    KEELBACK_TRY(view_.open(bytes_of(record)));
    for (size_t position = 0; position < normaliser_.key_column_count(); ++position) {
      Value value;
      KEELBACK_TRY(view_.column(position, utf8, Value(), value));
      normaliser_.append(value, position, key_);
    }
  }
  return is_wanted() ? add_entry(record) : ok_status;
}

Status SorterCursor::add_row(std::span<const Value> values) {
  if (has_bound_ && !values.empty() && normaliser_.is_number_behind(values[0], bound_)) return ok_status;
  key_.clear();
  if (normaliser_.can_normalise()) {
    const size_t count = std::min(normaliser_.key_column_count(), values.size());
    for (size_t position = 0; position < count; ++position) normaliser_.append(values[position], position, key_);
  }
  if (!is_wanted()) return ok_status;
  encode_record(values, utf8, record_);
  return add_entry({reinterpret_cast<const char*>(record_.data()), record_.size()});
}

// The key is in `key_`.
Status SorterCursor::add_entry(std::string_view record) {
  const Node* node = Node::make(arena_, key_, record);
  entries_.push_back({key_prefix(key_), node});
  if (limit_ && entries_.size() >= 2 * limit_ + fewest_kept) return cut();
  return used_bytes() > memory_.most_bytes ? write_run() : ok_status;
}

// With a limit: what sorts behind it goes.
Status SorterCursor::cut() {
  KEELBACK_TRY(sort());
  // What is cut off stays in the arena until the records that are kept are packed anew.
  Arena packed;
  for (Entry& entry : entries_) entry.node = Node::make(packed, entry.node->key(), entry.node->record());
  arena_ = std::move(packed);
  note_bound();
  return ok_status;
}

void SorterCursor::note_bound() {
  if (!limit_ || entries_.size() < limit_ || !normaliser_.can_normalise()) return;
  const std::string_view last = entries_.back().node->key();
  if (has_bound_ && compare_keys(bound_, last) <= 0) return;
  bound_ = last;
  has_bound_ = true;
}

Status SorterCursor::sort() {
  KEELBACK_TRY(sort_entries(entries_, order_, memory_));
  if (limit_ && entries_.size() > limit_) entries_.resize(limit_);
  return ok_status;
}

Status SorterCursor::write_run() {
  KEELBACK_TRY(sort());
  note_bound();
  KEELBACK_TRY(runs_.add(entries_));
  entries_.clear();
  arena_.clear();
  return ok_status;
}

Status SorterCursor::first(bool& found) {
  place_ = 0;
  is_view_open_ = false;
  if (!runs_.is_empty()) {
    if (!entries_.empty()) {
      KEELBACK_TRY(write_run());
      // Its memory is that of the readers now.
      std::vector<Entry>().swap(entries_);
    }
    KEELBACK_TRY(runs_.first(found));
    node_ = found ? &runs_.node() : nullptr;
    return ok_status;
  }
  KEELBACK_TRY(sort());
  found = !entries_.empty();
  node_ = found ? entries_[0].node : nullptr;
  return ok_status;
}

Status SorterCursor::next_of_runs(bool& found) {
  node_ = nullptr;
  found = !limit_ || ++place_ < limit_;
  if (!found) return ok_status;
  KEELBACK_TRY(runs_.next(found));
  if (found) node_ = &runs_.node();
  return ok_status;
}

Status SorterCursor::column(size_t index, const Value& missing, Value& value) {
  if (!is_view_open_) {
    std::string_view bytes;
    KEELBACK_TRY(record(bytes));
    KEELBACK_TRY(view_.open(bytes_of(bytes)));
    is_view_open_ = true;
  }
  return view_.column(index, utf8, missing, value);
}

Status SorterCursor::record(std::string_view& record) {
  if (!node_) return impossible();
  record = node_->record();
  return ok_status;
}

Status SorterCursor::key(std::string_view& key) {
  if (!node_) return impossible();
  key = node_->key();
  return ok_status;
}

Status SorterCursor::compare_key(std::span<const Value> key, int& order) {
  std::string_view bytes;
  KEELBACK_TRY(record(bytes));
  KEELBACK_TRY_ASSIGN(order, compare_record(bytes_of(bytes), key, normaliser_.comparator(), utf8));
  return ok_status;
}

Status SorterCursor::is_same_key(std::string_view record, int column_count, bool& is_same) {
  std::vector<Value> key;
  TextArena arena;
  KEELBACK_TRY(decode_columns(bytes_of(record), column_count, utf8, arena, key));
  is_same = false;
  for (const Value& value : key) {
    if (value.is_null()) return ok_status;
  }
  int order = 0;
  KEELBACK_TRY(compare_key(key, order));
  is_same = order == 0;
  return ok_status;
}

Status SorterCursor::count(int64_t& count) {
  const size_t all = entries_.size() + runs_.count();
  count = static_cast<int64_t>(limit_ ? std::min(all, limit_) : all);
  return ok_status;
}

Status SorterCursor::clear() {
  has_bound_ = false;
  node_ = nullptr;
  entries_.clear();
  arena_.clear();
  KEELBACK_TRY(runs_.clear());
  place_ = 0;
  is_view_open_ = false;
  return ok_status;
}

}  // namespace keelback::vm
