#include "groups.hpp"

#include <algorithm>

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

uint32_t GroupCursor::find_group(std::span<const Value> key, bool& is_known) {
  if (key.size() != 1 || !key[0].is_integer()) return find_by_key(key, is_known);
  if (recent_.empty()) recent_.resize(size_t{1} << recent_bits);
  const auto bits = static_cast<uint64_t>(key[0].integer());
  Recent& recent = recent_[bits * 0x9E3779B97F4A7C15 >> (64 - recent_bits)];
  if (recent.group != none && recent.integer == key[0].integer()) {
    is_known = true;
    return recent.group;
  }
  recent.group = find_by_key(key, is_known);
  recent.integer = key[0].integer();
  return recent.group;
}

uint32_t GroupCursor::find_by_key(std::span<const Value> key, bool& is_known) {
  if (!normaliser_.can_normalise()) return find_by_comparing(key, is_known);
  key_.clear();
  for (size_t position = 0; position < key.size(); ++position) normaliser_.append(key[position], position, key_);
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
  const uint32_t group = add_group();
  keys_.push_back(Node::make(arena_, key_, {}));
  slots_[place] = {hash, group};
  if (count_ * size_t{2} > slots_.size()) grow();
  return group;
}

uint32_t GroupCursor::find_by_comparing(std::span<const Value> key, bool& is_known) {
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
  const uint32_t group = add_group();
  order_.insert(place, group);
  values_.emplace_back(key.begin(), key.end());
  return group;
}

void GroupCursor::put_away(Register* registers) noexcept {
  if (at_hand_ == none) return;
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
  }
  at_hand_ = group;
}

void GroupCursor::go_to(std::span<const Value> key, Register* registers, bool& is_known) {
  const uint32_t group = find_group(key, is_known);
  if (group == at_hand_) return;
  put_away(registers);
  bring(group, registers);
}

Status GroupCursor::sort(Register* registers, bool& found) {
  put_away(registers);
  if (normaliser_.can_normalise()) {
    std::vector<Entry> entries;
    entries.reserve(count_);
    for (uint32_t group = 0; group < count_; ++group) {
      const std::string_view number(reinterpret_cast<const char*>(&group), sizeof group);
      const Node* node = Node::make(arena_, keys_[group]->key(), number);
      entries.push_back({key_prefix(node->key()), node});
    }
    NodeOrder order(normaliser_);
    KEELBACK_TRY(sort_entries(entries, order, memory_));
    order_.clear();
    for (const Entry& entry : entries) {
      uint32_t group = 0;
      std::memcpy(&group, entry.node->record().data(), sizeof group);
      order_.push_back(group);
    }
  }
  place_ = 0;
  found = count_ > 0;
  if (found) bring(order_[0], registers);
  return ok_status;
}

void GroupCursor::go_on(Register* registers, bool& found) {
  at_hand_ = none;
  found = ++place_ < order_.size();
  if (found) bring(order_[place_], registers);
}

}  // namespace keelback::vm
