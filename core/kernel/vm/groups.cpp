#include "groups.hpp"

#include <algorithm>
#include <numeric>

#include "hash_bytes.hpp"
#include "key_sort.hpp"

namespace keelback::vm {

namespace {

uint32_t hash_key(std::string_view key) noexcept {
  const uint64_t hash = hash_bytes(key);
  return static_cast<uint32_t>(hash ^ hash >> 32);
}

bool is_same_key(std::string_view left, std::string_view right) noexcept {
  size_t size = left.size();
  if (size != right.size()) return false;
  const char* first = left.data();
  const char* second = right.data();
  if (size < 8) return std::memcmp(first, second, size) == 0;
  for (; size > 8; size -= 8, first += 8, second += 8) {
    if (load_word(first) != load_word(second)) return false;
  }
  return load_word(first + size - 8) == load_word(second + size - 8);
}

}  // namespace

uint32_t GroupCursor::add_group() {
  if (count_ % chunk_groups == 0) chunks_.push_back(std::make_unique<Register[]>(chunk_groups * length_));
  // Each register may have an object; and a group has its places among slots, keys and, in the end, entries.
  constexpr size_t object_bytes = 64;
  constexpr size_t places_bytes = 64;
  used_bytes_ += length_ * (sizeof(Register) + object_bytes) + places_bytes;
  return count_++;
}

void GroupCursor::grow() {
  std::vector<Slot> old(slots_.size() * 2);
  old.swap(slots_);
  const size_t mask = slots_.size() - 1;
  for (const Slot& slot : old) {
    if (slot.group == none) continue;
    size_t place = slot.hash & mask;
    while (slots_[place].group != none) place = (place + 1) & mask;
    slots_[place] = slot;
  }
}

uint32_t GroupCursor::find_group(std::span<const Value> key, bool& is_known, bool may_add) {
  if (key.size() != 1 || !key[0].is_integer()) return find_by_key(key, is_known, may_add);
  if (last_group_ != none && last_integer_ == key[0].integer()) {
    is_known = true;
    return last_group_;
  }
  if (recent_.empty()) recent_.resize(size_t{1} << recent_bits);
  const auto bits = static_cast<uint64_t>(key[0].integer());
  Recent& recent = recent_[bits * 0x9E3779B97F4A7C15 >> (64 - recent_bits)];
  if (recent.group != none && recent.integer == key[0].integer()) {
    is_known = true;
  } else {
    recent.group = find_by_key(key, is_known, may_add);
    recent.integer = key[0].integer();
  }
  last_integer_ = recent.integer;
  last_group_ = recent.group;
  return recent.group;
}

uint32_t GroupCursor::find_by_key(std::span<const Value> key, bool& is_known, bool may_add) {
  if (!normaliser_.can_normalise()) return find_by_comparing(key, is_known, may_add);
  key_.clear();
  for (size_t position = 0; position < key.size(); ++position) normaliser_.append(key[position], position, key_);
  if (is_ascending_) {
    const int order = count_ ? compare_keys(key_, keys_.back()->key()) : 1;
    is_known = order == 0;
    if (is_known) return count_ - 1;
    if (order > 0) return may_add ? add_key() : none;
    fill_slots();
  }
  const uint32_t hash = hash_key(key_);
  size_t mask = slots_.size() - 1;
  size_t place = hash & mask;
  for (; slots_[place].group != none; place = (place + 1) & mask) {
    if (slots_[place].hash == hash && is_same_key(keys_[slots_[place].group]->key(), key_)) {
      is_known = true;
      return slots_[place].group;
    }
  }
  is_known = false;
  if (!may_add) return none;
  const uint32_t group = add_key();
  slots_[place] = {hash, group};
  if (count_ * size_t{2} > slots_.size()) grow();
  return group;
}

// A group of the key that has just been normalised.
uint32_t GroupCursor::add_key() {
  const uint32_t group = add_group();
  keys_.push_back(Node::make(arena_, key_, {}));
  // The node is made a second time when the groups are sorted.
  used_bytes_ += 2 * (Node::head_size + key_.size()) + sizeof group;
  return group;
}

// A key has come that is smaller than one before: from now on groups are found by hashing.
void GroupCursor::fill_slots() {
  is_ascending_ = false;
  size_t size = slots_.size();
  while (size < size_t{count_} * 2 + 2) size *= 2;
  slots_.assign(size, Slot());
  for (uint32_t group = 0; group < count_; ++group) {
    const uint32_t hash = hash_key(keys_[group]->key());
    size_t place = hash & (size - 1);
    while (slots_[place].group != none) place = (place + 1) & (size - 1);
    slots_[place] = {hash, group};
  }
}

uint32_t GroupCursor::find_by_comparing(std::span<const Value> key, bool& is_known, bool may_add) {
  const auto order = [&](uint32_t group) {
    int found = 0;
    for (size_t position = 0; position < key.size() && position < values_[group].size() && found == 0; ++position) {
      found = normaliser_.comparator().compare_column(values_[group][position].value(), key[position], position);
    }
    return found;
  };
  const auto place =
      std::partition_point(order_.begin(), order_.end(), [&](uint32_t group) { return order(group) < 0; });
  is_known = place != order_.end() && order(*place) == 0;
  if (is_known) return *place;
  if (!may_add) return none;
  const uint32_t group = add_group();
  order_.insert(place, group);
  values_.emplace_back(key.begin(), key.end());
  for (const Value& value : key) used_bytes_ += sizeof(OwnedValue) + (value.has_bytes() ? value.size() : 0);
  return group;
}

// What the group at hand holds by now, beside what every group takes.
void GroupCursor::count_growth(const Register* registers) noexcept {
  for (size_t place = 0; place < length_; ++place) {
    const Register& kept = registers[static_cast<size_t>(first_) + place];
    if (kept.holds() == Holds::aggregate) {
      note_growth(*static_cast<Aggregate*>(kept.object()));
    } else if (is_new_ && kept.value().has_bytes()) {
      used_bytes_ += kept.value().size();
    }
  }
  is_new_ = false;
}

void GroupCursor::put_away(Register* registers) noexcept {
  if (at_hand_ == none) return;
  count_growth(registers);
  for (size_t place = 0; place < length_; ++place) {
    const auto index = first_ + static_cast<int32_t>(place);
    kept(at_hand_, index).move_from(registers[index]);
  }
  at_hand_ = none;
}

void GroupCursor::bring(uint32_t group, Register* registers) noexcept {
  for (size_t place = 0; place < length_; ++place) {
    const auto index = first_ + static_cast<int32_t>(place);
    registers[index].move_from(kept(group, index));
    // What it has been given is the group's before, which is over.
    if (is_sorted_) kept(group, index).let_go();
  }
  at_hand_ = group;
}

void GroupCursor::go_to(std::span<const Value> key, Register* registers, bool& is_known) {
  if (is_sorted_) {
    is_known = has_begun_;
    has_begun_ = true;
    return;
  }
  uint32_t group = none;
  is_known = false;
  if (!is_full()) [[likely]] {
    group = find_group(key, is_known);
  } else if (used_bytes_ - memory_.most_hash_bytes <= memory_.most_hash_bytes / 2) {
    group = find_group(key, is_known, false);
  }
  is_turned_away_ = group == none;
  if (is_turned_away_) {
    // What grows without end may be the group at hand.
    if (at_hand_ != none) count_growth(registers);
    return;
  }
  if (group == at_hand_) return;
  put_away(registers);
  bring(group, registers);
  is_new_ = !is_known;
}

Status GroupCursor::defer(std::string_view record) {
  if (!later_) later_ = std::make_unique<SorterCursor>(normaliser_, 0, memory_);
  return later_->add(record);
}

Status GroupCursor::sort(Register* registers, bool& found) {
  put_away(registers);
  if (normaliser_.can_normalise()) {
    KEELBACK_TRY(sort_keys());
  }
  place_ = 0;
  is_sorted_ = true;
  if (later_) KEELBACK_TRY(later_->first(has_row_));
  return bring_next(registers, found);
}

// The groups in the order of their normalised keys, in which many a table has them already.
Status GroupCursor::sort_keys() {
  order_.resize(count_);
  std::iota(order_.begin(), order_.end(), uint32_t{0});
  if (is_ascending_) return ok_status;
  std::vector<Entry> entries;
  entries.reserve(count_);
  for (uint32_t group = 0; group < count_; ++group) {
    const std::string_view number(reinterpret_cast<const char*>(&group), sizeof group);
    const Node* node = Node::make(arena_, keys_[group]->key(), number);
    entries.push_back({key_prefix(node->key()), node});
  }
  NodeOrder order(normaliser_);
  KEELBACK_TRY(sort_entries(entries, order, memory_));
  for (uint32_t place = 0; place < count_; ++place) {
    std::memcpy(&order_[place], entries[place].node->record().data(), sizeof(uint32_t));
  }
  return ok_status;
}

Status GroupCursor::go_on(Register* registers, bool& found) {
  at_hand_ = none;
  return bring_next(registers, found);
}

// The order of the deferred row under a key.
Status GroupCursor::compare_row(std::string_view key, std::span<const Value> values, int& order) {
  if (!normaliser_.can_normalise()) return later_->compare_key(values, order);
  std::string_view found;
  KEELBACK_TRY(later_->key(found));
  order = compare_keys(found, key);
  return ok_status;
}

Status GroupCursor::bring_next(Register* registers, bool& found) {
  const bool has_group = place_ < order_.size();
  found = has_group || has_row_;
  if (!found) return ok_status;
  int order = 1;
  if (has_group) {
    const uint32_t group = order_[place_];
    values_at_hand_.clear();
    if (normaliser_.can_normalise()) {
      key_at_hand_ = keys_[group]->key();
    } else {
      for (const OwnedValue& value : values_[group]) values_at_hand_.push_back(value.value());
    }
    if (has_row_) KEELBACK_TRY(compare_row(key_at_hand_, values_at_hand_, order));
  }
  if (has_group && order >= 0) {
    bring(order_[place_++], registers);
    has_begun_ = true;
    return ok_status;
  }
  has_begun_ = false;
  for (size_t place = 0; place < length_; ++place) registers[static_cast<size_t>(first_) + place].set_null();
  if (normaliser_.can_normalise()) {
    std::string_view key;
    KEELBACK_TRY(later_->key(key));
    key_ = key;
    key_at_hand_ = key_;
    return ok_status;
  }
  kept_values_.clear();
  values_at_hand_.clear();
  for (size_t position = 0; position < normaliser_.key_column_count(); ++position) {
    Value value;
    KEELBACK_TRY(later_->column(position, Value(), value));
    kept_values_.emplace_back(value);
  }
  for (const OwnedValue& value : kept_values_) values_at_hand_.push_back(value.value());
  return ok_status;
}

Status GroupCursor::take_row(bool& found) {
  found = false;
  if (!has_row_) return ok_status;
  if (is_row_taken_) {
    is_row_taken_ = false;
    KEELBACK_TRY(later_->next(has_row_));
    if (!has_row_) return ok_status;
  }
  int order = 0;
  KEELBACK_TRY(compare_row(key_at_hand_, values_at_hand_, order));
  found = is_row_taken_ = order == 0;
  return ok_status;
}

Status GroupCursor::column(size_t index, const Value& missing, Value& value) {
  return is_row_taken_ ? later_->column(index, missing, value) : impossible();
}

}  // namespace keelback::vm
