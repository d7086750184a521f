#include "registry.hpp"

#include <array>

namespace keelback::vm {

namespace {

using namespace functions;

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

bool is_name(std::string_view name, std::string_view lowered) {
  if (name.size() != lowered.size()) return false;
  for (size_t place = 0; place < name.size(); ++place) {
    if (lower(name[place]) != lowered[place]) return false;
  }
  return true;
}

// Entries of all families by name: statements look their functions up each time they run. It is filled once, owns
// nothing, and is at most half full.
template <typename Entry>
class NameIndex {
 public:
  void add(const Entry& entry, size_t family) {
    size_t place = place_of(entry.name);
    while (slots_[place].entry) place = (place + 1) % slots_.size();
    slots_[place] = {&entry, family};
  }

  struct Slot {
    const Entry* entry = nullptr;
    size_t family = 0;
  };
  // An entry for this very count goes before one for any.
  Slot find(std::string_view name, int argument_count) const {
    Slot found;
    for (size_t place = place_of(name); slots_[place].entry; place = (place + 1) % slots_.size()) {
      const Entry& entry = *slots_[place].entry;
      if (!is_name(name, entry.name)) continue;
      if (entry.argument_count == argument_count) return slots_[place];
      if (entry.argument_count < 0) found = slots_[place];
    }
    return found;
  }

 private:
  static size_t place_of(std::string_view name) {
    uint32_t hash = 2166136261U;
    for (const char c : name) hash = (hash ^ static_cast<uint8_t>(lower(c))) * 16777619U;
    return (hash ^ hash >> 16) % slot_count;
  }

  static constexpr size_t slot_count = 512;
  std::array<Slot, slot_count> slots_{};
};

template <typename Entry, typename Families>
NameIndex<Entry> index_of(const Families& families) {
  NameIndex<Entry> index;
  for (size_t family = 0; family < std::size(families); ++family) {
    for (const Entry& entry : families[family].entries()) index.add(entry, family);
  }
  return index;
}

struct ScalarFamily {
  std::span<const ScalarEntry> (*entries)();
  bool hands_on = false;
  bool is_about_json = false;
  bool is_about_moment = false;
};
constexpr ScalarFamily scalar_families[] = {
    {.entries = conditional_scalars, .hands_on = true},
    {.entries = connection_scalars, .is_about_moment = true},
    {.entries = date_scalars, .is_about_moment = true},
    {.entries = decimal_scalars},
    {.entries = digest_scalars},
    {.entries = edit_distance_scalars},
    {.entries = encoding_scalars},
    {.entries = format_scalars},
    {.entries = ieee754_scalars},
    {.entries = json_scalars, .is_about_json = true},
    {.entries = json_edit_scalars, .is_about_json = true},
    {.entries = literal_scalars},
    {.entries = mathematics_scalars},
    {.entries = number_scalars},
    {.entries = pattern_scalars},
    {.entries = regexp_scalars},
    {.entries = text_scalars},
    {.entries = time_scalars, .is_about_moment = true},
    {.entries = time_written_scalars},
    {.entries = uuid_scalars},
};

struct AggregateFamily {
  std::span<const AggregateEntry> (*entries)();
};
constexpr AggregateFamily aggregate_families[] = {
    {decimal_aggregates}, {json_aggregates}, {number_aggregates}, {statistics_aggregates}, {value_aggregates}};

}  // namespace

NativeScalar find_scalar(std::string_view name, int argument_count) {
  static const NameIndex<ScalarEntry> index = index_of<ScalarEntry>(scalar_families);
  const auto found = index.find(name, argument_count);
  if (!found.entry) return {};
  const ScalarFamily& family = scalar_families[found.family];
  return {found.entry->function, family.hands_on, family.is_about_json, family.is_about_moment};
}

AggregateFactory find_aggregate(std::string_view name, int argument_count) {
  static const NameIndex<AggregateEntry> index = index_of<AggregateEntry>(aggregate_families);
  const auto found = index.find(name, argument_count);
  return found.entry ? found.entry->factory : nullptr;
}

}  // namespace keelback::vm
