// OrderedStore: the entries of one ephemeral tree, in memory and in order: normalised key and record.
//
//     blocks: [entry entry ...] [entry ...] ...      at most `block_entries` each, none empty
//     entry:  first 8 bytes of the key | node        node: key size | record size | key | record
//
// 1. Keys are unique; a table's key is its rowid in 8 bytes. Where a collation of the user's takes part the key is
//    empty and records are compared by decoding.
// 2. Nodes stay readable until `clear`, also those of deleted entries: a cursor finds its place again by them.
//
// Memory: all entries are held in memory; EphemeralTree moves them out when they are too many. Must not know: cursors.
// Twin: EphemeralStore of keelback_core/reference/vm/ephemeral.py.
#ifndef KEELBACK_VM_ORDERED_STORE_HPP
#define KEELBACK_VM_ORDERED_STORE_HPP

#include <algorithm>
#include <bit>
#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

#include "arena.hpp"

namespace keelback::vm {

// A key and a record in an arena.
class Node {
 public:
  static constexpr size_t head_size = 8;
  static Node* make(Arena& arena, std::string_view key, std::string_view record) {
    uint8_t* at = arena.take(head_size + key.size() + record.size());
    const uint32_t sizes[2] = {static_cast<uint32_t>(key.size()), static_cast<uint32_t>(record.size())};
    std::memcpy(at, sizes, sizeof sizes);
    if (!key.empty()) std::memcpy(at + 8, key.data(), key.size());
    if (!record.empty()) std::memcpy(at + 8 + key.size(), record.data(), record.size());
    return reinterpret_cast<Node*>(at);
  }
  std::string_view key() const noexcept { return {bytes() + 8, size(0)}; }
  std::string_view record() const noexcept { return {bytes() + 8 + size(0), size(4)}; }
  size_t size() const noexcept { return head_size + size(0) + size(4); }

 private:
  Node() = default;
  const char* bytes() const noexcept { return reinterpret_cast<const char*>(this); }
  uint32_t size(size_t offset) const noexcept {
    uint32_t found = 0;
    std::memcpy(&found, bytes() + offset, sizeof found);
    return found;
  }
};

// The first eight bytes of a key as a number that compares as they do.
inline uint64_t key_prefix(std::string_view key) noexcept {
  uint64_t bits = 0;
  if (!key.empty()) std::memcpy(&bits, key.data(), key.size() < 8 ? key.size() : 8);
  return __builtin_bswap64(bits);
}

inline int compare_keys(std::string_view left, std::string_view right) noexcept {
  const size_t common = left.size() < right.size() ? left.size() : right.size();
  const int order = common ? std::memcmp(left.data(), right.data(), common) : 0;
  if (order) return order;
  return left.size() < right.size() ? -1 : left.size() > right.size() ? 1 : 0;
}

struct Entry {
  uint64_t prefix = 0;
  const Node* node = nullptr;
};

class OrderedStore {
 public:
  struct Place {
    size_t block = 0;
    size_t index = 0;
  };

  size_t count() const noexcept { return count_; }
  size_t used_bytes() const noexcept { return arena_.used_bytes() + sizeof(Entry) * count_; }
  uint64_t changes() const noexcept { return changes_; }
  uint64_t generation() const noexcept { return generation_; }
  Place begin() const noexcept { return {}; }
  Place end() const noexcept { return {blocks_.size(), 0}; }
  bool is_inside(Place place) const noexcept { return place.block < blocks_.size(); }
  const Entry& at(Place place) const noexcept { return (*blocks_[place.block])[place.index]; }
  Place after(Place place) const noexcept {
    if (++place.index == blocks_[place.block]->size()) place = {place.block + 1, 0};
    return place;
  }
  // The place before, which may be that of the end; false at the beginning.
  bool step_back(Place& place) const noexcept {
    if (place.index > 0) {
      --place.index;
      return true;
    }
    if (place.block == 0) return false;
    --place.block;
    place.index = blocks_[place.block]->size() - 1;
    return true;
  }

  // The first place for which `is_before(entry)` is false; it must be true for the entries before and false after.
  template <typename IsBefore>
  Place lower_bound(IsBefore is_before) const {
    const auto block = std::partition_point(blocks_.begin(), blocks_.end(),
                                            [&](const auto& candidate) { return is_before(candidate->back()); });
    if (block == blocks_.end()) return end();
    const auto entry = std::partition_point((*block)->begin(), (*block)->end(), is_before);
    return {static_cast<size_t>(block - blocks_.begin()), static_cast<size_t>(entry - (*block)->begin())};
  }
  // The first entry whose key is not smaller.
  Place find(std::string_view key) const {
    const uint64_t prefix = key_prefix(key);
    // Keys often come in order.
    if (!blocks_.empty() && blocks_.back()->back().prefix < prefix) return end();
    return lower_bound([&](const Entry& entry) {
      if (entry.prefix != prefix) return entry.prefix < prefix;
      return compare_keys(entry.node->key(), key) < 0;
    });
  }

  // Put an entry in before `place`.
  Place insert(Place place, std::string_view key, std::string_view record) {
    ++changes_;
    ++count_;
    const Entry entry{key_prefix(key), Node::make(arena_, key, record)};
    if (!is_inside(place)) {
      if (blocks_.empty() || blocks_.back()->size() >= block_entries) add_block(blocks_.size());
      place = {blocks_.size() - 1, blocks_.back()->size()};
    } else if (blocks_[place.block]->size() >= block_entries) {
      split(place);
    }
    Block& block = *blocks_[place.block];
    block.insert(block.begin() + static_cast<ptrdiff_t>(place.index), entry);
    return place;
  }
  // Give the entry at a place another record, and its key anew.
  void overwrite(Place place, std::string_view key, std::string_view record) {
    ++changes_;
    (*blocks_[place.block])[place.index] = {key_prefix(key), Node::make(arena_, key, record)};
  }
  void remove(Place place) {
    ++changes_;
    --count_;
    Block& block = *blocks_[place.block];
    block.erase(block.begin() + static_cast<ptrdiff_t>(place.index));
    if (!block.empty()) return;
    spare_ = std::move(blocks_[place.block]);
    blocks_.erase(blocks_.begin() + static_cast<ptrdiff_t>(place.block));
  }
  void clear() noexcept {
    ++changes_;
    ++generation_;
    count_ = 0;
    if (blocks_.size() == 1) {
      spare_ = std::move(blocks_.front());
      spare_->clear();
    }
    blocks_.clear();
    arena_.clear();
  }

 private:
  static constexpr size_t block_entries = 256;
  using Block = std::vector<Entry>;

  void add_block(size_t at) {
    std::unique_ptr<Block> block = std::move(spare_);
    if (!block) {
      block = std::make_unique<Block>();
      block->reserve(block_entries);
    }
    blocks_.insert(blocks_.begin() + static_cast<ptrdiff_t>(at), std::move(block));
  }
  void split(Place& place) {
    add_block(place.block + 1);
    Block& left = *blocks_[place.block];
    Block& right = *blocks_[place.block + 1];
    const size_t half = left.size() / 2;
    right.assign(left.begin() + static_cast<ptrdiff_t>(half), left.end());
    left.resize(half);
    if (place.index > half) place = {place.block + 1, place.index - half};
  }

  Arena arena_;
  std::vector<std::unique_ptr<Block>> blocks_;
  std::unique_ptr<Block> spare_;  // an empty one: queues fill and empty theirs with every row
  size_t count_ = 0;
  uint64_t changes_ = 0;
  uint64_t generation_ = 0;
};

}  // namespace keelback::vm

#endif
