#include "statement_tokens.hpp"

#include <algorithm>
#include <limits>

#include "keywords.hpp"
#include "lexer.hpp"

namespace keelback::cache {

bool StatementTokens::read(std::string_view text) {
  kinds.clear();
  starts.clear();
  ends.clear();
  has_context_words = false;
  const auto is_plain = [](char character) { return character > '\0'; };
  if (text.size() > std::numeric_limits<uint32_t>::max() || !std::all_of(text.begin(), text.end(), is_plain)) {
    return false;
  }
  const size_t expected = text.size() / 4 + 2;
  kinds.reserve(expected);
  starts.reserve(expected);
  ends.reserve(expected);
  size_t position = 0;
  while (true) {
    const Token token = next_token(text, position);
    int kind = token.kind;
    if (kind == token_word) {
      const int keyword = keyword_of(text.substr(token.start, token.end - token.start));
      if (keyword != 0) kind = keyword;
      if (kind == K_WINDOW || kind == K_OVER || kind == K_FILTER) has_context_words = true;
    }
    add(kind, token.start, token.end);
    position = token.end;
    if (kind == token_illegal) add(token_end, text.size(), text.size());
    if (kind == token_illegal || kind == token_semicolon || kind == token_end) return true;
  }
}

}  // namespace keelback::cache
