#include "first_statement.hpp"

#include <algorithm>
#include <cstring>

#include "../cache/keywords.hpp"
#include "../cache/lexer.hpp"

namespace keelback::engine {

using namespace cache;

namespace {

constexpr size_t first_window = 4096;
constexpr size_t window_growth = 4;
// EXPLAIN QUERY PLAN CREATE TEMP TRIGGER
constexpr int most_words_to_trigger = 6;

// Where the first statement of the window ends; npos where that is not in it. A table named trigger may be taken for
// one, whose end is then not found.
size_t end_of_statement(std::string_view window) noexcept {
  int words = 0;
  bool has_begun = false;
  bool is_create = false;
  bool is_trigger = false;
  bool is_after_semicolon = false;
  bool is_after_end = false;
  for (size_t position = 0;;) {
    const Token token = next_token(window, position);
    position = token.end;
    if (token.kind == token_semicolon) {
      if (has_begun && (!is_trigger || is_after_end)) return token.end;
      is_after_semicolon = has_begun;
      is_after_end = false;
      continue;
    }
    // What reaches the end of the window may go on behind it.
    if (token.kind == token_end || token.kind == token_illegal || token.end == window.size()) {
      return std::string_view::npos;
    }
    has_begun = true;
    const bool is_word = token.kind == token_word;
    const bool is_first_word = is_word && words < most_words_to_trigger;
    if (is_first_word || (is_word && is_after_semicolon)) {
      const int keyword = keyword_of(window.substr(token.start, token.end - token.start));
      ++words;
      is_create = is_create || keyword == K_CREATE;
      is_trigger = is_trigger || (is_first_word && is_create && keyword == K_TRIGGER);
      is_after_end = is_after_semicolon && keyword == K_END;
    } else {
      is_after_end = false;
    }
    is_after_semicolon = false;
  }
}

}  // namespace

std::string_view first_statement(const char* text, size_t most) noexcept {
  for (size_t window = first_window;; window *= window_growth) {
    const size_t wanted = std::min(window, most);
    const std::string_view seen(text, strnlen(text, wanted));
    if (seen.size() < window) return seen;
    const size_t end = end_of_statement(seen);
    if (end != std::string_view::npos) return seen.substr(0, end);
  }
}

}  // namespace keelback::engine
