// Keywords by a hash of their letters.
//
// Two words of eight bytes, the first and the last of a name with its letters in upper case, and its size are compared
// at once; they overlap in names that are shorter, and leave out the middle of those of more than 16 bytes.
#include <array>
#include <cstring>
#include <iterator>
#include <type_traits>

#include "keywords.hpp"
#include "lexer.hpp"

namespace keelback::cache {

namespace {

constexpr size_t longest_keyword = 17;
constexpr size_t slot_bits = 9;
constexpr size_t slot_count = size_t{1} << slot_bits;
// The bits of letters without their case; it leaves '_' as it is, and no other byte of a name becomes one of a keyword.
constexpr uint64_t case_mask = 0xDFDFDFDFDFDFDFDF;

template <typename Number>
constexpr uint64_t load(const char* at) {
  Number number = 0;
  if (std::is_constant_evaluated()) {
    for (size_t place = sizeof number; place-- > 0;) {
      number = static_cast<Number>(static_cast<uint64_t>(number) << 8 | static_cast<uint8_t>(at[place]));
    }
  } else {
    std::memcpy(&number, at, sizeof number);
  }
  return number;
}

struct Letters {
  uint64_t first = 0;
  uint64_t last = 0;

  constexpr bool operator==(const Letters&) const = default;
};

// Of a name of at least two bytes.
constexpr Letters letters_of(std::string_view name) {
  const char* const begin = name.data();
  const char* const end = begin + name.size();
  if (name.size() >= 8) return {load<uint64_t>(begin) & case_mask, load<uint64_t>(end - 8) & case_mask};
  if (name.size() >= 4) return {load<uint32_t>(begin) & case_mask, load<uint32_t>(end - 4) & case_mask};
  return {load<uint16_t>(begin) & case_mask, load<uint16_t>(end - 2) & case_mask};
}

constexpr size_t slot_of(const Letters& letters, size_t size) {
  constexpr uint64_t odd = 0x9E3779B97F4A7C15;
  return static_cast<size_t>(((letters.first + size) * odd ^ letters.last * (odd << 1 | 1)) >> (64 - slot_bits));
}

struct Slot {
  Letters letters;
  uint8_t size = 0;
  uint8_t keyword = 0;
};

// A keyword whose slot is taken stands in the next one that is free.
constexpr std::array<Slot, slot_count> slots = [] {
  std::array<Slot, slot_count> made{};
  for (const KeywordName& name : keyword_names) {
    const Letters letters = letters_of(name.name);
    size_t place = slot_of(letters, name.name.size());
    while (made[place].size != 0) place = (place + 1) % slot_count;
    made[place] = {letters, static_cast<uint8_t>(name.name.size()), name.keyword};
  }
  return made;
}();

// Names of more than 16 bytes are told by what stands between the two words too.
constexpr bool has_same_middle(std::string_view word, uint8_t keyword) {
  for (const KeywordName& name : keyword_names) {
    if (name.keyword != keyword) continue;
    for (size_t place = 8; place < word.size() - 8; ++place) {
      if ((word[place] & ~0x20) != name.name[place]) return false;
    }
  }
  return true;
}

}  // namespace

int keyword_of(std::string_view word) {
  if (word.size() < 2 || word.size() > longest_keyword) return 0;
  const Letters letters = letters_of(word);
  for (size_t place = slot_of(letters, word.size()); slots[place].size != 0; place = (place + 1) % slot_count) {
    const Slot& slot = slots[place];
    if (slot.size != word.size() || slot.letters != letters) continue;
    return word.size() <= 16 || has_same_middle(word, slot.keyword) ? slot.keyword : 0;
  }
  return 0;
}

}  // namespace keelback::cache
