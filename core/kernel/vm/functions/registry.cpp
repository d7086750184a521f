#include "registry.hpp"

namespace keelback::vm {

namespace {

bool is_name(std::string_view name, std::string_view lower) {
  if (name.size() != lower.size()) return false;
  for (size_t place = 0; place < name.size(); ++place) {
    const char c = name[place];
    if ((c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c) != lower[place]) return false;
  }
  return true;
}

// An entry for this very count goes before one for any.
template <typename Entry, typename Families>
const Entry* find_entry(const Families& families, std::string_view name, int argument_count) {
  const Entry* found = nullptr;
  for (const auto& family : families) {
    for (const Entry& entry : family()) {
      if (!is_name(name, entry.name)) continue;
      if (entry.argument_count == argument_count) return &entry;
      if (entry.argument_count < 0) found = &entry;
    }
  }
  return found;
}

}  // namespace

ScalarFunction find_scalar(std::string_view name, int argument_count) {
  using namespace functions;
  static constexpr std::span<const ScalarEntry> (*families[])() = {
      conditional_scalars, connection_scalars,  date_scalars,    digest_scalars,  edit_distance_scalars,
      encoding_scalars,    format_scalars,      ieee754_scalars, json_scalars,    json_edit_scalars,
      literal_scalars,     mathematics_scalars, number_scalars,  pattern_scalars, regexp_scalars,
      text_scalars,        uuid_scalars};
  const ScalarEntry* found = find_entry<ScalarEntry>(families, name, argument_count);
  return found ? found->function : nullptr;
}

bool is_choosing(ScalarFunction function) {
  for (const functions::ScalarEntry& entry : functions::conditional_scalars()) {
    if (entry.function == function) return true;
  }
  return false;
}

bool is_about_json(ScalarFunction function) {
  for (const auto& family : {functions::json_scalars(), functions::json_edit_scalars()}) {
    for (const functions::ScalarEntry& entry : family) {
      if (entry.function == function) return true;
    }
  }
  return false;
}

AggregateFactory find_aggregate(std::string_view name, int argument_count) {
  using namespace functions;
  static constexpr std::span<const AggregateEntry> (*families[])() = {json_aggregates, number_aggregates,
                                                                      statistics_aggregates, value_aggregates};
  const AggregateEntry* found = find_entry<AggregateEntry>(families, name, argument_count);
  return found ? found->factory : nullptr;
}

}  // namespace keelback::vm
