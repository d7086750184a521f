// levenshtein and editdist3: how many single changes make one text of another.
//
// levenshtein counts insertions, deletions and substitutions of characters, one each; editdist3 weighs them 100, 100
// and 150, as SQLite's spellfix extension does without a table of costs.
//
// Twin: keelback_core/reference/vm/functions/edit_distance.py.
#include <algorithm>
#include <vector>

#include "../../value/cast.hpp"
#include "regexp_reader.hpp"
#include "registry.hpp"

namespace keelback::vm::functions {

namespace {

// The work grows with the product of the lengths, so that is bounded.
constexpr size_t largest_product = 25000000;

std::vector<uint32_t> characters(std::string_view text) {
  std::vector<uint32_t> found;
  for (size_t at = 0; at < text.size();) found.push_back(regexp::take_character(text, at));
  return found;
}

template <int64_t change, int64_t substitution>
Status distance(const FunctionContext& context, Arguments arguments) {
  TextBuffer buffers[2];
  const Value first = to_text(arguments[0], buffers[0]);
  const Value second = to_text(arguments[1], buffers[1]);
  if (first.is_null() || second.is_null()) return give_null(context);
  const std::vector<uint32_t> left = characters(first.text());
  const std::vector<uint32_t> right = characters(second.text());
  if (!right.empty() && left.size() > largest_product / right.size()) {
    return Status(result::ERROR, "texts too long for an edit distance");
  }
  std::vector<int64_t> costs(right.size() + 1);
  for (size_t place = 0; place < costs.size(); ++place) costs[place] = static_cast<int64_t>(place) * change;
  for (size_t row = 0; row < left.size(); ++row) {
    if (context.host.is_interrupted) return Status(result::INTERRUPT);
    int64_t diagonal = costs[0];
    costs[0] += change;
    for (size_t place = 1; place < costs.size(); ++place) {
      const int64_t substituted = diagonal + (left[row] == right[place - 1] ? 0 : substitution);
      diagonal = costs[place];
      costs[place] = std::min({substituted, costs[place] + change, costs[place - 1] + change});
    }
  }
  return give_integer(context, costs.back());
}

constexpr ScalarEntry table[] = {
    {"levenshtein", 2, distance<1, 1>},
    {"editdist3", 2, distance<100, 150>},
};

}  // namespace

std::span<const ScalarEntry> edit_distance_scalars() { return table; }

}  // namespace keelback::vm::functions
