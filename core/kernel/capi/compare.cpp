// sqlite3_stricmp, sqlite3_strglob, sqlite3_strlike: comparisons of C strings as SQL makes them.
#include <string_view>

#include "api.hpp"
#include "text.hpp"

namespace {

using keelback::capi::next_code_point;

constexpr int most_depth = 1000;

char32_t fold(char32_t c) { return c >= 'A' && c <= 'Z' ? c + 32 : c; }

struct Pattern {
  char32_t any_run;  // * or %
  char32_t any_one;  // ? or _
  char32_t escape;   // 0: none
  bool has_sets;
  bool ignores_case;
};

// Whether `c` belongs to the set that starts after '['; `at` moves past its ']'. A set without end matches nothing.
bool is_in_set(std::string_view pattern, size_t &at, char32_t c, bool &is_closed) {
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

bool matches(std::string_view pattern, std::string_view text, const Pattern &rules, int depth) {
  size_t at = 0, position = 0;
  while (at < pattern.size()) {
    char32_t c = next_code_point(pattern, at);
    if (c == rules.any_run) {
      if (depth >= most_depth) return false;
      const std::string_view rest = pattern.substr(at);
      for (;;) {
        if (matches(rest, text.substr(position), rules, depth + 1)) return true;
        if (position >= text.size()) return false;
        (void)next_code_point(text, position);
      }
    }
    if (position >= text.size()) return false;
    const char32_t found = next_code_point(text, position);
    if (c == rules.any_one) continue;
    if (rules.has_sets && c == '[') {
      bool is_closed = false;
      if (!is_in_set(pattern, at, found, is_closed)) return false;
      continue;
    }
    if (rules.escape != 0 && c == rules.escape) {
      if (at >= pattern.size()) return false;
      c = next_code_point(pattern, at);
    }
    if (c != found && !(rules.ignores_case && c < 0x80 && found < 0x80 && fold(c) == fold(found))) return false;
  }
  return position >= text.size();
}

}  // namespace

extern "C" {

int sqlite3_stricmp(const char *left, const char *right) {
  if (left == nullptr) return right == nullptr ? 0 : -1;
  if (right == nullptr) return 1;
  for (;; ++left, ++right) {
    const auto a = fold(static_cast<unsigned char>(*left)), b = fold(static_cast<unsigned char>(*right));
    if (a != b || a == 0) return static_cast<int>(a) - static_cast<int>(b);
  }
}

int sqlite3_strnicmp(const char *left, const char *right, int count) {
  if (left == nullptr) return right == nullptr ? 0 : -1;
  if (right == nullptr) return 1;
  for (; count > 0; ++left, ++right, --count) {
    const auto a = fold(static_cast<unsigned char>(*left)), b = fold(static_cast<unsigned char>(*right));
    if (a != b || a == 0) return static_cast<int>(a) - static_cast<int>(b);
  }
  return 0;
}

int sqlite3_strglob(const char *pattern, const char *text) {
  if (text == nullptr) return pattern != nullptr ? 1 : 0;
  if (pattern == nullptr) return 1;
  return matches(pattern, text, {'*', '?', 0, true, false}, 0) ? 0 : 1;
}

int sqlite3_strlike(const char *pattern, const char *text, unsigned int escape) {
  if (text == nullptr) return pattern != nullptr ? 1 : 0;
  if (pattern == nullptr) return 1;
  return matches(pattern, text, {'%', '_', escape, false, true}, 0) ? 0 : 1;
}

}  // extern "C"
