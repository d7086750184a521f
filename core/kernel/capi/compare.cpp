// sqlite3_stricmp, sqlite3_strglob, sqlite3_strlike: comparisons of C strings as SQL makes them.
#include <string_view>

#include "api.hpp"
#include "text.hpp"

namespace {

using keelback::capi::next_code_point;

char32_t fold(char32_t c) { return c >= 'A' && c <= 'Z' ? c + 32 : c; }

struct Pattern {
  char32_t any_run;  // * or %
  char32_t any_one;  // ? or _
  char32_t escape;   // 0: none
  bool has_sets;
  bool ignores_case;
};

// Whether `c` belongs to the set that starts after '['; `at` moves past its ']'. A set without end matches nothing.
bool is_in_set(std::string_view pattern, size_t& at, char32_t c, bool& is_closed) {
  bool is_inverted = false, is_member = false;
  char32_t previous = 0;
  is_closed = false;
  if (at < pattern.size() && pattern[at] == '^') {
    is_inverted = true;
    ++at;
  }
  if (at < pattern.size() && pattern[at] == ']') {
    is_member = c == ']';
    ++at;
    previous = ']';
  }
  while (at < pattern.size()) {
    const char32_t member = next_code_point(pattern, at);
    if (member == ']') {
      is_closed = true;
      break;
    }
    if (member == '-' && previous > 0 && at < pattern.size() && pattern[at] != ']') {
      const char32_t last = next_code_point(pattern, at);
      is_member = is_member || (c >= previous && c <= last);
      previous = 0;
    } else {
      is_member = is_member || c == member;
      previous = member;
    }
  }
  return is_closed && is_member != is_inverted;
}

// Whether the pattern's next character matches the text's next one; both move on.
bool match_one(std::string_view pattern, size_t& at, std::string_view text, size_t& position, const Pattern& rules) {
  char32_t c = next_code_point(pattern, at);
  if (position >= text.size()) return false;
  const char32_t found = next_code_point(text, position);
  if (rules.escape != 0 && c == rules.escape) {
    if (at >= pattern.size()) return false;
    c = next_code_point(pattern, at);
  } else if (c == rules.any_one) {
    return true;
  } else if (rules.has_sets && c == '[') {
    bool is_closed = false;
    return is_in_set(pattern, at, found, is_closed);
  }
  return c == found || (rules.ignores_case && c < 0x80 && found < 0x80 && fold(c) == fold(found));
}

// Only the last run-wildcard can need another try: what stands before it has matched as early as it can.
bool matches(std::string_view pattern, std::string_view text, const Pattern& rules) {
  constexpr size_t none = std::string_view::npos;
  size_t at = 0, position = 0, after_run = none, retry = 0;
  for (;;) {
    size_t next = at;
    if (at < pattern.size() && next_code_point(pattern, next) == rules.any_run && rules.any_run != rules.escape) {
      at = after_run = next;
      retry = position;
      continue;
    }
    if (at >= pattern.size() ? position >= text.size() : match_one(pattern, at, text, position, rules)) {
      if (at >= pattern.size() && position >= text.size()) return true;
      if (at < pattern.size()) continue;
    }
    if (after_run == none || retry >= text.size()) return false;
    (void)next_code_point(text, retry);
    at = after_run;
    position = retry;
  }
}

}  // namespace

extern "C" {

int sqlite3_stricmp(const char* left, const char* right) {
  if (left == nullptr) return right == nullptr ? 0 : -1;
  if (right == nullptr) return 1;
  for (;; ++left, ++right) {
    const auto a = fold(static_cast<unsigned char>(*left)), b = fold(static_cast<unsigned char>(*right));
    if (a != b || a == 0) return static_cast<int>(a) - static_cast<int>(b);
  }
}

int sqlite3_strnicmp(const char* left, const char* right, int count) {
  if (left == nullptr) return right == nullptr ? 0 : -1;
  if (right == nullptr) return 1;
  for (; count > 0; ++left, ++right, --count) {
    const auto a = fold(static_cast<unsigned char>(*left)), b = fold(static_cast<unsigned char>(*right));
    if (a != b || a == 0) return static_cast<int>(a) - static_cast<int>(b);
  }
  return 0;
}

int sqlite3_strglob(const char* pattern, const char* text) {
  if (text == nullptr) return pattern != nullptr ? 1 : 0;
  if (pattern == nullptr) return 1;
  return matches(pattern, text, {'*', '?', 0, true, false}) ? 0 : 1;
}

int sqlite3_strlike(const char* pattern, const char* text, unsigned int escape) {
  if (text == nullptr) return pattern != nullptr ? 1 : 0;
  if (pattern == nullptr) return 1;
  return matches(pattern, text, {'%', '_', escape, false, true}) ? 0 : 1;
}

}  // extern "C"
