#include "key_sort.hpp"

namespace keelback::vm {

namespace {

constexpr size_t fewest_for_radix = 512;

// The order of a sort that can be interrupted: once it is, all that is left compares equal, which ends the sort soon.
template <typename IsBefore>
void sort_stably(std::vector<Entry>::iterator first, std::vector<Entry>::iterator end, const WorkingMemory& memory,
                 IsBefore is_before) {
  constexpr size_t period = 1024;
  size_t count = 0;
  bool is_over = false;
  std::stable_sort(first, end, [&](const Entry& left, const Entry& right) {
    if (++count % period == 0 && memory.is_interrupted()) is_over = true;
    return !is_over && is_before(left, right);
  });
}

// Byte by byte, from the last to the first, which keeps the order of insertion.
void sort_by_prefix(std::vector<Entry>& entries, const WorkingMemory& memory) {
  std::vector<Entry> other(entries.size());
  for (int shift = 0; shift < 64; shift += 8) {
    if (memory.is_interrupted()) return;
    size_t places[256] = {};
    for (const Entry& entry : entries) ++places[entry.prefix >> shift & 0xFF];
    if (places[entries[0].prefix >> shift & 0xFF] == entries.size()) continue;
    size_t total = 0;
    for (size_t& place : places) {
      const size_t count = place;
      place = total;
      total += count;
    }
    for (const Entry& entry : entries) other[places[entry.prefix >> shift & 0xFF]++] = entry;
    entries.swap(other);
  }
}

// Keys that begin alike are told apart by the eight bytes behind what all share. Where keys are longer, runs of equal
// prefixes are sorted on.
void sort_by_keys(std::vector<Entry>& entries, const WorkingMemory& memory) {
  const std::string_view first = entries[0].node->key();
  size_t shared = first.size();
  size_t longest = first.size();
  for (const Entry& entry : entries) {
    const std::string_view key = entry.node->key();
    const size_t most = shared < key.size() ? shared : key.size();
    size_t same = 0;
    while (same < most && key[same] == first[same]) ++same;
    shared = same;
    if (key.size() > longest) longest = key.size();
  }
  for (Entry& entry : entries) entry.prefix = key_prefix(entry.node->key().substr(shared));
  if (entries.size() >= fewest_for_radix) {
    sort_by_prefix(entries, memory);
  } else {
    std::stable_sort(entries.begin(), entries.end(),
                     [](const Entry& left, const Entry& right) { return left.prefix < right.prefix; });
  }
  if (longest <= shared + 8) return;
  for (size_t start = 0; start < entries.size();) {
    size_t end = start + 1;
    while (end < entries.size() && entries[end].prefix == entries[start].prefix) ++end;
    if (end - start > 1) {
      sort_stably(
          entries.begin() + static_cast<ptrdiff_t>(start), entries.begin() + static_cast<ptrdiff_t>(end), memory,
          [](const Entry& left, const Entry& right) { return compare_keys(left.node->key(), right.node->key()) < 0; });
    }
    start = end;
  }
}

}  // namespace

Status sort_entries(std::vector<Entry>& entries, NodeOrder& order, const WorkingMemory& memory) {
  if (entries.size() < 2) return ok_status;
  if (order.has_keys()) {
    sort_by_keys(entries, memory);
  } else {
    sort_stably(entries.begin(), entries.end(), memory,
                [&](const Entry& left, const Entry& right) { return order.compare(*left.node, *right.node) < 0; });
  }
  return memory.check_interrupt();
}

}  // namespace keelback::vm
