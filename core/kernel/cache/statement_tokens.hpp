// StatementTokens: the tokens of the first statement of a text, as the parser of the compile tower wants them.
//
// 1. Three parallel arrays: kind (keywords told apart), start and end, up to and with the semicolon or `token_end`. A
//    token that is none is followed by `token_end`, as in the Python lexer.
// 2. Offsets count bytes. The parser counts characters, so only a text of ASCII is read (`read` gives false for
// others).
// 3. The arrays keep their room, and what stands behind the first `count` in them is of earlier texts.
// 4. Who has passed a statement for other reasons hands its tokens over (`begin`, `add`, `end`): they are not looked
//    for again, if the text that is read next is that one.
// 5. WINDOW, OVER and FILTER stay keywords; `has_context_words` has the parser settle what they are.
//
// Must not know: the grammar. Twin: Lexer.lex_statement in keelback_core/compiler/sql/lexer.py.
#ifndef KEELBACK_CACHE_STATEMENT_TOKENS_HPP
#define KEELBACK_CACHE_STATEMENT_TOKENS_HPP

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace keelback::cache {

class StatementTokens {
 public:
  // Forgets what was read before; false, with no tokens, for a text that the parser has to read by itself.
  bool read(std::string_view text);

  // The tokens of a text, words not told apart. Nothing is kept of what has no `end`.
  void begin(std::string_view text);
  void add(uint8_t kind, size_t start, size_t end) {
    kinds[count] = kind;
    starts[count] = static_cast<uint32_t>(start);
    ends[count] = static_cast<uint32_t>(end);
    ++count;
  }
  void end(std::string_view text) { passed_ = text; }
  void forget() { passed_ = {}; }

  std::vector<uint8_t> kinds;
  std::vector<uint32_t> starts;
  std::vector<uint32_t> ends;
  size_t count = 0;
  bool has_context_words = false;

 private:
  void lex(std::string_view text);
  // Word or keyword, and which; what else it may be is settled by others.
  uint8_t kind_of_word(std::string_view word);

  std::string_view passed_;  // the text whose tokens these are, before they are read
};

}  // namespace keelback::cache

#endif
