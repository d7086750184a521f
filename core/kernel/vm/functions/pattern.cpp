// LIKE and GLOB. The last patterns are kept, taken apart into items: a character, any one, many, or a set.
//
// 1. A wildcard for many is tried from the left; only the last one met is ever taken back, so the time is at most the
//    product of both lengths.
// 2. LIKE folds A-Z and nothing else; the escape character is compared as it is.
// 3. Texts end at their first NUL character.
//
// Twin: keelback_core/reference/vm/functions/pattern.py.
#include <array>
#include <bitset>
#include <vector>

#include "../../value/cast.hpp"
#include "../../value/text_bytes.hpp"
#include "registry.hpp"

namespace keelback::vm::functions {

namespace {

constexpr uint32_t no_character = 0xFFFFFFFF;
constexpr size_t ascii_characters = 128;

// The code point at `at`, which moves behind it; read as leniently as SQLite reads it.
uint32_t next_wide_character(std::string_view text, size_t& at) {
  const auto byte = static_cast<uint8_t>(text[at++]);
  uint32_t code = byte >= 0xFE ? 0
                               : byte & (byte < 0xE0   ? 0x1F
                                         : byte < 0xF0 ? 0x0F
                                         : byte < 0xF8 ? 7
                                         : byte < 0xFC ? 3
                                                       : 1);
  while (at < text.size() && (static_cast<uint8_t>(text[at]) & 0xC0) == 0x80) {
    code = code << 6 | (static_cast<uint8_t>(text[at++]) & 0x3F);
  }
  return code < 0x80 || (code >= 0xD800 && code <= 0xDFFF) || code > 0x10FFFF ? 0xFFFD : code;
}
inline uint32_t next_character(std::string_view text, size_t& at) {
  const auto byte = static_cast<uint8_t>(text[at]);
  if (byte >= 0xC0) return next_wide_character(text, at);
  ++at;
  return byte;
}

inline uint32_t fold(uint32_t code) { return code >= 'A' && code <= 'Z' ? code + 32 : code; }

struct Rules {
  uint32_t many;
  uint32_t one;
  uint32_t escape;
  bool has_sets;
  bool folds;

  bool operator==(const Rules&) const = default;
};

// GLOB's set that begins behind its '[': visit(first, last) is called for its members. False where it is not closed;
// `at` moves behind the set.
template <typename Visit>
bool read_set(std::string_view pattern, size_t& at, bool& is_inverted, Visit visit) {
  is_inverted = at < pattern.size() && pattern[at] == '^';
  if (is_inverted) ++at;
  if (at < pattern.size() && pattern[at] == ']') {
    visit(uint32_t{']'}, uint32_t{']'});
    ++at;
  }
  uint32_t previous = no_character;
  while (at < pattern.size() && pattern[at] != ']') {
    const uint32_t code = next_character(pattern, at);
    if (code == '-' && previous != no_character && at < pattern.size() && pattern[at] != ']') {
      visit(previous, next_character(pattern, at));
      previous = no_character;
    } else {
      visit(code, code);
      previous = code;
    }
  }
  return at++ < pattern.size();
}

// A pattern taken apart.
class Pattern {
 public:
  void assign(std::string_view text, const Rules& rules) {
    is_known_ = false;
    text_ = text;
    rules_ = rules;
    items_.clear();
    sets_.clear();
    is_well_formed_ = true;
    for (size_t at = 0; at < text_.size() && is_well_formed_;) take_item(at);
    is_known_ = true;
  }

  bool is_of(std::string_view text, const Rules& rules) const { return is_known_ && rules_ == rules && text_ == text; }

  Status matches(InterruptWatch& watch, std::string_view text, bool& is_match) const {
    is_match = false;
    if (!is_well_formed_) return ok_status;
    const Item* const items = items_.data();
    const size_t count = items_.size();
    constexpr size_t nowhere = static_cast<size_t>(-1);
    size_t item = 0;
    size_t at = 0;
    size_t retry_item = nowhere;
    size_t retry_at = 0;
    while (true) {
      if (item < count && items[item].kind == Kind::many) {
        retry_item = ++item;
        is_match = item == count;
        if (is_match) return ok_status;
        skip_to(items[item], text, at);
        retry_at = at;
        continue;
      }
      if (at == text.size()) {
        is_match = item == count;
        return ok_status;
      }
      if (item < count) {
        size_t after = at;
        if (is_one(items[item], next_character(text, after))) {
          ++item;
          at = after;
          continue;
        }
      }
      if (retry_item == nowhere) return ok_status;
      const size_t tried = item - retry_item;
      const size_t before = retry_at;
      item = retry_item;
      next_character(text, retry_at);
      skip_to(items[item], text, retry_at);
      KEELBACK_TRY(watch.work(tried + retry_at - before));
      at = retry_at;
    }
  }

 private:
  enum class Kind : uint8_t { literal, one, many, set };
  struct Item {
    Kind kind = Kind::literal;
    bool is_ascii = false;      // a literal
    uint32_t code = 0;          // of a literal, folded where the rules say so; of a set its place in `sets_`
    char lower = 0, upper = 0;  // of an ASCII literal: what it is written as
  };
  struct Set {
    size_t start;  // in the pattern, behind its '['
    std::bitset<ascii_characters> ascii;
  };

  // A pattern with an escape character at its end, or a set that is not closed, matches nothing.
  void take_item(size_t& at) {
    uint32_t code = next_character(text_, at);
    Item item;
    if (code == rules_.escape) {
      is_well_formed_ = at < text_.size();
      if (!is_well_formed_) return;
      code = next_character(text_, at);
    } else if (code == rules_.many) {
      item.kind = Kind::many;
    } else if (code == rules_.one) {
      item.kind = Kind::one;
    } else if (rules_.has_sets && code == '[') {
      item.kind = Kind::set;
      item.code = static_cast<uint32_t>(sets_.size());
      take_set(at);
    }
    if (item.kind == Kind::literal) {
      item.code = rules_.folds ? fold(code) : code;
      item.is_ascii = code < ascii_characters;
      item.lower = item.upper = static_cast<char>(item.code);
      if (rules_.folds && item.code >= 'a' && item.code <= 'z') item.upper = static_cast<char>(item.code - 32);
    }
    items_.push_back(item);
  }

  void take_set(size_t& at) {
    Set set{at, {}};
    bool is_inverted = false;
    is_well_formed_ = read_set(text_, at, is_inverted, [&set](uint32_t first, uint32_t last) {
      for (; first <= last && first < ascii_characters; ++first) set.ascii.set(first);
    });
    if (is_inverted) set.ascii.flip();
    sets_.push_back(set);
  }

  bool is_one(const Item& item, uint32_t character) const {
    switch (item.kind) {
      case Kind::literal:
        return item.code == (rules_.folds ? fold(character) : character);
      case Kind::set: {
        const Set& set = sets_[item.code];
        if (character < ascii_characters) return set.ascii[character];
        size_t at = set.start;
        bool is_inverted = false;
        bool is_found = false;
        read_set(text_, at, is_inverted, [&is_found, character](uint32_t first, uint32_t last) {
          if (character >= first && character <= last) is_found = true;
        });
        return is_found != is_inverted;
      }
      default:
        return item.kind == Kind::one;
    }
  }

  // Where the item behind a wildcard for many is a plain ASCII character, go to its next place in the text.
  static void skip_to(const Item& item, std::string_view text, size_t& at) {
    if (item.kind != Kind::literal || !item.is_ascii) return;
    while (at < text.size() && text[at] != item.lower && text[at] != item.upper) ++at;
  }

  std::string text_;
  Rules rules_{};
  std::vector<Item> items_;
  std::vector<Set> sets_;
  bool is_well_formed_ = true;
  bool is_known_ = false;  // false where memory ran out on the way
};

// The patterns that were matched last: a statement asks for the same ones row by row.
class PatternMemory final : public RegisterObject {
 public:
  static PatternMemory& of(Host& host) {
    if (!host.pattern_memory) host.pattern_memory = std::make_unique<PatternMemory>();
    return static_cast<PatternMemory&>(*host.pattern_memory);
  }

  const Pattern& find(std::string_view text, const Rules& rules) {
    for (const Pattern& pattern : patterns_) {
      if (pattern.is_of(text, rules)) return pattern;
    }
    Pattern& place = patterns_[next_];
    next_ = (next_ + 1) % patterns_.size();
    place.assign(text, rules);
    return place;
  }

 private:
  std::array<Pattern, 4> patterns_;
  size_t next_ = 0;
};

Status match_values(const FunctionContext& context, Arguments arguments, Rules rules) {
  const Value& pattern = arguments[0];
  const Value& text = arguments[1];
  if (pattern.is_blob() || text.is_blob()) return give_integer(context, 0);
  TextBuffer buffers[3];
  const Value pattern_text = to_text(pattern, buffers[0]);
  if (!pattern_text.is_null() && pattern_text.size() > static_cast<size_t>(context.host.limit_pattern_length)) {
    return Status(result::ERROR, "LIKE or GLOB pattern too complex");
  }
  if (arguments.size() == 3) {
    const Value escape = to_text(arguments[2], buffers[2]);
    if (escape.is_null()) return give_null(context);
    const std::string_view escape_text = until_nul(escape.text());
    size_t at = 0;
    if (!escape_text.empty()) rules.escape = next_character(escape_text, at);
    if (escape_text.empty() || at != escape_text.size()) {
      return Status(result::ERROR, "ESCAPE expression must be a single character");
    }
    if (rules.escape == rules.one) rules.one = no_character;
  }
  if (pattern.is_null() || text.is_null()) return give_null(context);
  const std::string_view readable = until_nul(pattern_text.text());
  const std::string_view subject = until_nul(to_text(text, buffers[1]).text());
  bool is_match = false;
  InterruptWatch watch(context.host);
  KEELBACK_TRY(PatternMemory::of(context.host).find(readable, rules).matches(watch, subject, is_match));
  return give_integer(context, is_match);
}

Status like(const FunctionContext& context, Arguments arguments) {
  return match_values(context, arguments, {'%', '_', no_character, false, !context.host.is_like_case_sensitive});
}

Status glob(const FunctionContext& context, Arguments arguments) {
  return match_values(context, arguments, {'*', '?', no_character, true, false});
}

// MATCH, which only a virtual table gives a meaning.
Status match(const FunctionContext&, Arguments) {
  return Status(result::ERROR, "unable to use function MATCH in the requested context");
}

constexpr ScalarEntry table[] = {
    {"like", 2, like},
    {"like", 3, like},
    {"glob", 2, glob},
    {"match", 2, match},
};

}  // namespace

std::span<const ScalarEntry> pattern_scalars() { return table; }

}  // namespace keelback::vm::functions
