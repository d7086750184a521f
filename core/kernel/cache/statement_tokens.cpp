#include "statement_tokens.hpp"

#include <cstring>
#include <limits>
#include <utility>

#include "keywords.hpp"
#include "lexer.hpp"

namespace keelback::cache {

namespace {

// Whether all characters are of ASCII, and none is NUL.
bool is_plain(std::string_view text) {
  constexpr uint64_t high_bits = 0x8080808080808080;
  constexpr uint64_t ones = 0x0101010101010101;
  size_t place = 0;
  uint64_t found = 0;
  for (; place + sizeof(uint64_t) <= text.size(); place += sizeof(uint64_t)) {
    uint64_t word = 0;
    std::memcpy(&word, text.data() + place, sizeof word);
    // Subtracting one sets the highest bit of a NUL, and may set one more than it should behind a NUL only.
    found |= word | (word - ones);
  }
  for (; place < text.size(); ++place) {
    if (text[place] <= '\0') return false;
  }
  return (found & high_bits) == 0;
}

}  // namespace

void StatementTokens::begin(std::string_view text) {
  count = 0;
  passed_ = {};
  // A token has a character at least, but for the one or two at the end.
  if (const size_t most = text.size() + 2; kinds.size() < most) {
    kinds.resize(most);
    starts.resize(most);
    ends.resize(most);
  }
}

bool StatementTokens::read(std::string_view text) {
  const std::string_view passed = std::exchange(passed_, {});
  const bool is_passed = passed.data() == text.data() && passed.size() == text.size() && count != 0;
  has_context_words = false;
  if (text.size() > std::numeric_limits<uint32_t>::max() || !is_plain(text)) {
    count = 0;
    return false;
  }
  if (!is_passed) {
    lex(text);
    return true;
  }
  for (size_t place = 0; place < count; ++place) {
    if (kinds[place] == token_word)
      kinds[place] = kind_of_word(text.substr(starts[place], ends[place] - starts[place]));
  }
  return true;
}

uint8_t StatementTokens::kind_of_word(std::string_view word) {
  const int keyword = keyword_of(word);
  if (keyword == 0) return token_word;
  if (keyword == K_WINDOW || keyword == K_OVER || keyword == K_FILTER) has_context_words = true;
  return static_cast<uint8_t>(keyword);
}

void StatementTokens::lex(std::string_view text) {
  begin(text);
  size_t position = 0;
  while (true) {
    const Token token = next_token(text, position);
    uint8_t kind = token.kind;
    if (kind == token_word) kind = kind_of_word(text.substr(token.start, token.end - token.start));
    add(kind, token.start, token.end);
    position = token.end;
    if (kind == token_illegal) add(token_end, text.size(), text.size());
    if (kind == token_illegal || kind == token_semicolon || kind == token_end) return;
  }
}

}  // namespace keelback::cache
