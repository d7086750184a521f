#include "key_sort.hpp"

namespace keelback::vm {

namespace {

constexpr size_t fewest_for_radix = 512;

// Byte by byte, from the last to the first, which keeps the order of insertion.
void sort_by_prefix(std::vector<Entry>& entries) {
  std::vector<Entry> other(entries.size());
  for (int shift = 0; shift < 64; shift += 8) {
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

}  // namespace

// Keys that begin alike are told apart by the eight bytes behind what all share. Where keys are longer, runs of equal
// prefixes are sorted on.
void sort_entries(std::vector<Entry>& entries) {
  if (entries.size() < 2) return;
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
    sort_by_prefix(entries);
  } else {
    std::stable_sort(entries.begin(), entries.end(),
                     [](const Entry& left, const Entry& right) { return left.prefix < right.prefix; });
  }
  if (longest <= shared + 8) return;
  for (size_t start = 0; start < entries.size();) {
    size_t end = start + 1;
    while (end < entries.size() && entries[end].prefix == entries[start].prefix) ++end;
    if (end - start > 1) {
      std::stable_sort(
          entries.begin() + static_cast<ptrdiff_t>(start), entries.begin() + static_cast<ptrdiff_t>(end),
          [](const Entry& left, const Entry& right) { return compare_keys(left.node->key(), right.node->key()) < 0; });
    }
    start = end;
  }
}

}  // namespace keelback::vm
