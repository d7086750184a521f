// Regular expressions in the syntax of SQLite's regexp extension, matched without backtracking.
//
//     e*  e+  e?  e{m} e{m,n} e{m,} e{,n}   ab   a|b   (e)   ^  $   .   [abc] [^a-z]   \b \d \D \s \S \w \W
//     \a \f \n \r \t \v   \xHH  \uHHHH  and a backslash before a sign that would mean something
//
// 1. A pattern becomes a program of small instructions with relative jumps, so that a repeated part is a copy of
// itself.
// 2. Matching keeps the set of all places in the program at once, so its time is program length times text length.
// 3. A pattern's program has at most largest_program instructions.
// 4. A byte that is no UTF-8 is a character of its own, between U+DC80 and U+DCFF.
//
// Knows nothing of SQL values. Twin: keelback_core/reference/vm/functions/regexp_engine.py.
#ifndef KEELBACK_VM_FUNCTIONS_REGEXP_ENGINE_HPP
#define KEELBACK_VM_FUNCTIONS_REGEXP_ENGINE_HPP

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "../../value/status.hpp"

namespace keelback::vm::regexp {

inline constexpr size_t largest_program = 20000;

// The characters between brackets.
struct CharacterSet {
  std::vector<std::pair<uint32_t, uint32_t>> ranges;
  bool is_inverted = false;

  bool contains(uint32_t character) const {
    for (const auto& [low, high] : ranges) {
      if (low <= character && character <= high) return !is_inverted;
    }
    return is_inverted;
  }
};

enum class Kind : uint8_t { character, any, set, class_of, start, end, boundary, jump, split, match };
struct Instruction {
  Kind kind;
  int32_t argument = 0;  // a character, the number of a set, the letter of a class, a relative jump
  int32_t second = 0;    // of a split, the other relative jump
};

// A-Z in lower case, for matching without case.
std::string folded(std::string_view text);

// Where a match begins and ends, in bytes.
struct Match {
  size_t start = 0;
  size_t end = 0;
  bool is_found = false;
};

class Pattern {
 public:
  // An ERROR with the extension's message for a bad pattern.
  Status compile(std::string_view pattern, bool ignores_case);

  // Whether the pattern is found anywhere in the text, which is folded if the pattern ignores case. INTERRUPT.
  Status matches(std::string_view text, const std::atomic<bool>& is_interrupted, bool& is_found);
  // The first match from `start` on, the longest of those that begin there.
  Status find(std::string_view text, size_t start, const std::atomic<bool>& is_interrupted, Match& match);

 private:
  // What is around a place of the text: the characters before and after, -1 at its ends.
  struct Between {
    bool is_start;
    int64_t before;
    int64_t after;
  };
  void find_first_byte();
  void begin_round();
  void close(int32_t place, const Between& between);
  bool holds(Kind kind, const Between& between) const;
  void advance(uint32_t character);
  Status longest(std::string_view text, size_t first, const std::atomic<bool>& is_interrupted, Match& match);

  std::vector<Instruction> program_;
  std::vector<CharacterSet> sets_;
  // The byte that every match begins with, -1 if there are several.
  int first_byte_ = -1;
  // While matching: the places reached that read a character, which places are known in this round, and what is to be
  // looked at.
  std::vector<int32_t> reached_;
  std::vector<int32_t> next_;
  std::vector<uint32_t> known_;
  std::vector<int32_t> waiting_;
  uint32_t round_ = 0;
  bool is_match_ = false;
};

}  // namespace keelback::vm::regexp

#endif
