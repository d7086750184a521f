// LIKE and GLOB: patterns matched without being compiled.
//
// 1. A wildcard for many is tried from the left; only the last one met is ever taken back, so the time is at most the
//    product of both lengths.
// 2. LIKE folds A-Z and nothing else; the escape character is compared as it is.
// 3. Texts end at their first NUL character.
//
// Twin: keelback_core/reference/vm/functions/pattern.py.
#include "../../value/cast.hpp"
#include "../../value/text_bytes.hpp"
#include "registry.hpp"

namespace keelback::vm::functions {

namespace {

constexpr uint32_t no_character = 0xFFFFFFFF;

// The code point at `at`, which moves behind it; read as leniently as SQLite reads it.
uint32_t next_character(std::string_view text, size_t& at) {
  const auto byte = static_cast<uint8_t>(text[at++]);
  if (byte < 0xC0) return byte;
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

uint32_t fold(uint32_t code) { return code >= 'A' && code <= 'Z' ? code + 32 : code; }

struct Rules {
  uint32_t many;
  uint32_t one;
  uint32_t escape;
  bool has_sets;
  bool folds;
};

// Whether GLOB's set that begins behind its '[' contains the character; false too where it is not closed. `at` moves
// behind the set.
bool set_contains(std::string_view pattern, size_t& at, uint32_t character, bool& is_closed) {
  bool is_inverted = false;
  bool found = false;
  is_closed = false;
  if (at < pattern.size() && pattern[at] == '^') {
    is_inverted = true;
    ++at;
  }
  if (at < pattern.size() && pattern[at] == ']') {
    found = character == ']';
    ++at;
  }
  uint32_t previous = no_character;
  while (at < pattern.size() && pattern[at] != ']') {
    const uint32_t code = next_character(pattern, at);
    if (code == '-' && previous != no_character && at < pattern.size() && pattern[at] != ']') {
      const uint32_t last = next_character(pattern, at);
      if (character >= previous && character <= last) found = true;
      previous = no_character;
    } else {
      if (code == character) found = true;
      previous = code;
    }
  }
  if (at >= pattern.size()) return false;
  ++at;
  is_closed = true;
  return found != is_inverted;
}

// A pattern with an escape character at its end, or a set that is not closed, matches nothing.
bool is_well_formed(std::string_view pattern, const Rules& rules) {
  for (size_t at = 0; at < pattern.size();) {
    const uint32_t code = next_character(pattern, at);
    if (code == rules.escape) {
      if (at == pattern.size()) return false;
      next_character(pattern, at);
    } else if (rules.has_sets && code == '[') {
      bool is_closed = false;
      (void)set_contains(pattern, at, 0, is_closed);
      if (!is_closed) return false;
    }
  }
  return true;
}

// One item of the pattern, which is not the wildcard for many, against one character.
bool matches_one(std::string_view pattern, size_t& at, uint32_t character, const Rules& rules) {
  uint32_t code = next_character(pattern, at);
  if (code == rules.escape) {
    code = next_character(pattern, at);
  } else if (code == rules.one) {
    return true;
  } else if (rules.has_sets && code == '[') {
    bool is_closed = false;
    return set_contains(pattern, at, character, is_closed);
  }
  return code == character || (rules.folds && fold(code) == fold(character));
}

bool is_many(std::string_view pattern, size_t at, const Rules& rules) {
  // The wildcards are ASCII; an escape character that is one of them goes first.
  return at < pattern.size() && static_cast<uint8_t>(pattern[at]) == rules.many && rules.many != rules.escape;
}

// Where the item behind a wildcard for many is a plain ASCII character, go to its next place in the text.
void skip_to_literal(std::string_view pattern, size_t pattern_at, std::string_view text, size_t& text_at,
                     const Rules& rules) {
  const auto wanted = static_cast<uint8_t>(pattern[pattern_at]);
  if (wanted >= 0x80 || wanted == rules.many || wanted == rules.one || wanted == rules.escape ||
      (rules.has_sets && wanted == '[')) {
    return;
  }
  const auto lower = static_cast<char>(rules.folds ? fold(wanted) : wanted);
  const auto upper = rules.folds && lower >= 'a' && lower <= 'z' ? static_cast<char>(lower - 32) : lower;
  while (text_at < text.size() && text[text_at] != lower && text[text_at] != upper) ++text_at;
}

Status matches(InterruptWatch& watch, std::string_view pattern, std::string_view text, const Rules& rules,
               bool& is_match) {
  constexpr size_t nowhere = static_cast<size_t>(-1);
  size_t pattern_at = 0;
  size_t text_at = 0;
  size_t retry_pattern = nowhere;
  size_t retry_text = 0;
  while (true) {
    if (is_many(pattern, pattern_at, rules)) {
      retry_pattern = ++pattern_at;
      retry_text = text_at;
      is_match = pattern_at == pattern.size();
      if (is_match) return ok_status;
      skip_to_literal(pattern, pattern_at, text, retry_text, rules);
      text_at = retry_text;
      continue;
    }
    if (text_at == text.size()) {
      is_match = pattern_at == pattern.size();
      return ok_status;
    }
    if (pattern_at < pattern.size()) {
      size_t after = text_at;
      const uint32_t character = next_character(text, after);
      if (matches_one(pattern, pattern_at, character, rules)) {
        text_at = after;
        continue;
      }
    }
    is_match = false;
    if (retry_pattern == nowhere) return ok_status;
    const size_t tried = pattern_at - retry_pattern;
    pattern_at = retry_pattern;
    const size_t before = retry_text;
    next_character(text, retry_text);
    skip_to_literal(pattern, pattern_at, text, retry_text, rules);
    KEELBACK_TRY(watch.work(tried + retry_text - before));
    text_at = retry_text;
  }
}

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
  const bool is_plain = rules.escape == no_character && !rules.has_sets;
  bool is_match = false;
  InterruptWatch watch(context.host);
  if (is_plain || is_well_formed(readable, rules)) {
    KEELBACK_TRY(matches(watch, readable, subject, rules, is_match));
  }
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
