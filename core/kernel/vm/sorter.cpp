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
  if (is_wanted()) add_entry(record);
  return ok_status;
}

void SorterCursor::add_row(std::span<const Value> values) {
  key_.clear();
  if (normaliser_.can_normalise()) {
    const size_t count = std::min(normaliser_.key_column_count(), values.size());
    for (size_t position = 0; position < count; ++position) normaliser_.append(values[position], position, key_);
  }
  if (!is_wanted()) return;
  encode_record(values, utf8, record_);
  add_entry({reinterpret_cast<const char*>(record_.data()), record_.size()});
}

// The key is in `key_`.
void SorterCursor::add_entry(std::string_view record) {
  const Node* node = Node::make(arena_, key_, record);
  entries_.push_back({key_prefix(key_), node});
  if (!limit_ || entries_.size() < 2 * limit_ + fewest_kept) return;
  sort();
  // What is cut off stays in the arena until the records that are kept are packed anew.
  Arena packed;
  for (Entry& entry : entries_) entry.node = Node::make(packed, entry.node->key(), entry.node->record());
  arena_ = std::move(packed);
  if (normaliser_.can_normalise() && !entries_.empty()) bound_ = entries_.back().node;
}

void SorterCursor::sort() {
  if (normaliser_.can_normalise()) {
    sort_entries(entries_);
  } else {
    const KeyComparator& comparator = normaliser_.comparator();
    const size_t count = normaliser_.key_column_count();
    TextArena arena;
    std::vector<Value> left_values;
    std::vector<Value> right_values;
    std::stable_sort(entries_.begin(), entries_.end(), [&](const Entry& left, const Entry& right) {
      left_values.clear();
      right_values.clear();
      const auto decode = [&](const Entry& entry, std::vector<Value>& values) {
        return decode_columns(bytes_of(entry.node->record()), static_cast<int>(count), utf8, arena, values).is_ok();
      };
      if (!decode(left, left_values) || !decode(right, right_values)) return false;
      return comparator.compare(left_values, right_values) < 0;
    });
  }
  if (limit_ && entries_.size() > limit_) entries_.resize(limit_);
}

Status SorterCursor::first(bool& found) {
  sort();
  place_ = 0;
  is_view_open_ = false;
  found = !entries_.empty();
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
  if (place_ >= entries_.size()) return impossible();
  record = entries_[place_].node->record();
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
  count = static_cast<int64_t>(entries_.size());
  return ok_status;
}

Status SorterCursor::clear() {
  bound_ = nullptr;
  entries_.clear();
  arena_.clear();
  place_ = 0;
  is_view_open_ = false;
  return ok_status;
}

}  // namespace keelback::vm
