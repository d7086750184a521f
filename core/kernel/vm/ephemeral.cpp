#include "ephemeral.hpp"

namespace keelback::vm {

namespace {

Bytes bytes_of(std::string_view text) { return {reinterpret_cast<const uint8_t*>(text.data()), text.size()}; }

// A rowid as a key: eight bytes that memcmp orders.
struct RowidKey {
  explicit RowidKey(int64_t rowid) {
    auto bits = static_cast<uint64_t>(rowid) ^ uint64_t { 1 } << 63;
    for (int place = 7; place >= 0; --place, bits >>= 8) data[place] = static_cast<char>(bits);
  }
  std::string_view view() const { return {data, sizeof data}; }
  char data[8];
};

}  // namespace

int64_t rowid_of_key(std::string_view key) noexcept {
  const auto* at = reinterpret_cast<const uint8_t*>(key.data());
  return static_cast<int64_t>((static_cast<uint64_t>(get_u32(at)) << 32 | get_u32(at + 4)) ^ uint64_t{1} << 63);
}

Status EphemeralCursor::duplicate(std::unique_ptr<Cursor>& copy) const {
  std::unique_ptr<EphemeralCursor> made = make_alike();
  if (tree_->is_paged()) {
    std::unique_ptr<PagedCursor> paged;
    KEELBACK_TRY(tree_->open_paged(paged));
    made->enter_pages(std::move(paged));
  }
  copy = std::move(made);
  return ok_status;
}

bool EphemeralCursor::find_again() {
  is_view_open_ = false;
  if (seen_generation_ != store_->generation()) {
    node_ = nullptr;
    return false;
  }
  place_ = place_of_node(*node_);
  seen_changes_ = store_->changes();
  is_present_ = store_->is_inside(place_) && is_same_key(*store_->at(place_).node, *node_);
  if (is_present_) node_ = store_->at(place_).node;
  return is_present_;
}

Status EphemeralCursor::column(size_t index, const Value& missing, Value& value) {
  if (paged_ && !is_null_row) return paged_->column(index, missing, value);
  if (is_null_row || !is_on_row()) {
    value = Value();
    return ok_status;
  }
  if (!is_view_open_) {
    KEELBACK_TRY(view_.open(bytes_of(node_->record())));
    is_view_open_ = true;
  }
  return view_.column(index, utf8, missing, value);
}

Status EphemeralCursor::record(std::string_view& record) {
  if (paged_ && !is_null_row) return paged_->record(record);
  if (is_null_row || !is_on_row()) return corrupt();
  record = node_->record();
  return ok_status;
}

Status EphemeralCursor::first(bool& found) {
  if (moves_in_pages()) return paged_->first(found);
  return go(store_->begin(), found);
}

Status EphemeralCursor::last(bool& found) {
  if (moves_in_pages()) return paged_->last(found);
  found = stand_before(store_->end());
  return ok_status;
}

Status EphemeralCursor::next(bool& found) {
  if (moves_in_pages()) return paged_->next(found);
  found = false;
  if (!node_) return ok_status;
  const bool is_here = is_on_row();
  if (!node_) return ok_status;
  found = stand(is_here ? store_->after(place_) : place_);
  return ok_status;
}

Status EphemeralCursor::previous(bool& found) {
  if (moves_in_pages()) return paged_->previous(found);
  found = false;
  if (!node_) return ok_status;
  is_on_row();
  if (!node_) return ok_status;
  found = stand_before(place_);
  return ok_status;
}

Status EphemeralCursor::remove() {
  if (paged_) return paged_->remove();
  if (is_on_row()) store_->remove(place_);
  return ok_status;
}

Status EphemeralCursor::count(int64_t& count) { return tree_->count(count); }

Status EphemeralCursor::clear() {
  tree_->clear();
  stand(store_->end());
  sequence = 0;
  return ok_status;
}

// Tables

Status EphemeralTableCursor::rowid(Value& value) {
  if (paged_ && !is_null_row) return paged_->rowid(value);
  value = is_null_row || !is_on_row() ? Value() : Value::of_integer(rowid_of_key(node_->key()));
  return ok_status;
}

Status EphemeralTableCursor::find(std::span<const Value> key, bool& found) {
  if (moves_in_pages()) return paged_->find(key, found);
  const RowidKey wanted(key[0].integer());
  const OrderedStore::Place place = store_->find(wanted.view());
  found = store_->is_inside(place) && store_->at(place).node->key() == wanted.view();
  if (found) stand(place);
  return ok_status;
}

Status EphemeralTableCursor::seek_forward(std::span<const Value> key, bool or_equal, bool& found) {
  if (moves_in_pages()) return paged_->seek_forward(key, or_equal, found);
  const RowidKey wanted(key[0].integer());
  OrderedStore::Place place = store_->find(wanted.view());
  if (!or_equal && store_->is_inside(place) && store_->at(place).node->key() == wanted.view()) {
    place = store_->after(place);
  }
  return go(place, found);
}

Status EphemeralTableCursor::seek_backward(std::span<const Value> key, bool or_equal, bool& found) {
  if (moves_in_pages()) return paged_->seek_backward(key, or_equal, found);
  const RowidKey wanted(key[0].integer());
  const OrderedStore::Place place = store_->find(wanted.view());
  if (or_equal && store_->is_inside(place) && store_->at(place).node->key() == wanted.view()) return go(place, found);
  found = stand_before(place);
  return ok_status;
}

Status EphemeralTableCursor::find_place(PagedCursor& paged) {
  if (!node_) return ok_status;
  const Value key = Value::of_integer(rowid_of_key(node_->key()));
  return paged.find_near({&key, 1});
}

Status EphemeralTableCursor::insert_row(int64_t rowid, std::string_view record, bool) {
  if (moves_in_pages()) return paged_->insert_row(rowid, record);
  const RowidKey key(rowid);
  OrderedStore::Place place = store_->end();
  OrderedStore::Place last = place;
  if (store_->step_back(last) && compare_keys(store_->at(last).node->key(), key.view()) >= 0) {
    place = store_->find(key.view());
  }
  if (store_->is_inside(place) && store_->at(place).node->key() == key.view()) {
    store_->overwrite(place, key.view(), record);
  } else {
    place = store_->insert(place, key.view(), record);
  }
  stand(place);
  return end_insert();
}

// Indexes

int EphemeralIndexCursor::compare_node(const Node& node, std::span<const Value> key) const {
  // Records of our own are never corrupt.
  return compare_record(bytes_of(node.record()), key, normaliser_->comparator(), utf8).value();
}

OrderedStore::Place EphemeralIndexCursor::place_of(std::span<const Value> key, bool is_after) {
  if (!normaliser_->can_normalise()) {
    return store_->lower_bound([&](const Entry& entry) {
      const int order = compare_node(*entry.node, key);
      return order < 0 || (order == 0 && is_after);
    });
  }
  wanted_.clear();
  for (size_t position = 0; position < key.size(); ++position) normaliser_->append(key[position], position, wanted_);
  if (!is_after) {
    if (placed_changes_ == store_->changes() && placed_ == wanted_) return placed_at_;
    placed_at_ = store_->find(wanted_);
    placed_ = wanted_;
    placed_changes_ = store_->changes();
    return placed_at_;
  }
  wanted_.push_back(after_all);
  const OrderedStore::Place place = store_->find(wanted_);
  wanted_.pop_back();
  return place;
}

OrderedStore::Place EphemeralIndexCursor::place_of_node(const Node& node) const {
  if (normaliser_->can_normalise()) return store_->find(node.key());
  std::vector<Value> values;
  TextArena arena;
  if (!decode_record(bytes_of(node.record()), utf8, arena, values).is_ok()) return store_->end();
  return store_->lower_bound([&](const Entry& entry) { return compare_node(*entry.node, values) < 0; });
}

bool EphemeralIndexCursor::is_same_key(const Node& left, const Node& right) const {
  if (normaliser_->can_normalise()) return left.key() == right.key();
  std::vector<Value> values;
  TextArena arena;
  return decode_record(bytes_of(right.record()), utf8, arena, values).is_ok() && compare_node(left, values) == 0;
}

Status EphemeralIndexCursor::rowid(Value& value) {
  if (paged_ && !is_null_row) return paged_->rowid(value);
  size_t columns = 0;
  value = Value();
  if (is_null_row || !is_on_row()) return ok_status;
  KEELBACK_TRY(column(0, Value(), value));
  KEELBACK_TRY(view_.count(columns));
  if (columns == 0) return corrupt();
  KEELBACK_TRY(column(columns - 1, Value(), value));
  return value.is_integer() ? ok_status : corrupt();
}

Status EphemeralIndexCursor::find(std::span<const Value> key, bool& found) {
  if (moves_in_pages()) return paged_->find(key, found);
  const OrderedStore::Place place = place_of(key, false);
  found = false;
  if (!store_->is_inside(place)) return ok_status;
  const Node& node = *store_->at(place).node;
  found = normaliser_->can_normalise() ? node.key().starts_with(wanted_) : compare_node(node, key) == 0;
  if (found) stand(place);
  return ok_status;
}

Status EphemeralIndexCursor::seek_forward(std::span<const Value> key, bool or_equal, bool& found) {
  if (moves_in_pages()) return paged_->seek_forward(key, or_equal, found);
  return go(place_of(key, !or_equal), found);
}

Status EphemeralIndexCursor::seek_backward(std::span<const Value> key, bool or_equal, bool& found) {
  if (moves_in_pages()) return paged_->seek_backward(key, or_equal, found);
  found = stand_before(place_of(key, or_equal));
  return ok_status;
}

Status EphemeralIndexCursor::find_place(PagedCursor& paged) {
  if (!node_) return ok_status;
  std::vector<Value> values;
  TextArena arena;
  KEELBACK_TRY(decode_record(bytes_of(node_->record()), utf8, arena, values));
  return paged.find_near(values);
}

Status EphemeralIndexCursor::compare_key(std::span<const Value> key, int& order) {
  if (paged_) return paged_->compare_key(key, order);
  if (!is_on_row()) return corrupt();
  if (!normaliser_->can_normalise()) {
    order = compare_node(*node_, key);
    return ok_status;
  }
  wanted_.clear();
  for (size_t position = 0; position < key.size(); ++position) normaliser_->append(key[position], position, wanted_);
  order = compare_keys(node_->key().substr(0, wanted_.size()), wanted_);
  order = order < 0 ? -1 : order > 0 ? 1 : 0;
  return ok_status;
}

Status EphemeralIndexCursor::insert_entry(std::string_view record, size_t) {
  values_.clear();
  TextArena arena;
  KEELBACK_TRY(decode_record(bytes_of(record), utf8, arena, values_));
  if (moves_in_pages()) return paged_->insert_entry(values_, record);
  OrderedStore::Place place = place_of(values_, false);
  const bool is_normal = normaliser_->can_normalise();
  const std::string_view key = is_normal ? std::string_view(wanted_) : std::string_view();
  bool is_there = store_->is_inside(place);
  if (is_there) {
    const Node& node = *store_->at(place).node;
    is_there = is_normal ? node.key() == key : compare_node(node, values_) == 0;
  }
  if (is_there) {
    store_->overwrite(place, key, record);
  } else {
    place = store_->insert(place, key, record);
  }
  stand(place);
  return end_insert();
}

}  // namespace keelback::vm
