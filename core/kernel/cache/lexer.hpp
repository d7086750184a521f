// Tokens of SQL, one after the other, found without allocating anything.
//
// 1. A token is kind, start and end in the text. Its kinds are those of the Python lexer, but for keywords, which are
//    words here: `keyword_of` tells them apart for whoever wants to know.
// 2. `next_token` passes blanks and comments; at the end of the text it gives `token_end`. What is no token is
//    `token_illegal`: nothing behind it can be relied on.
// 3. The text ends before its first NUL character; the caller sees to that.
//
// Must not know: the grammar. Twin: keelback_core/compiler/sql/lexer.py.
#ifndef KEELBACK_CACHE_LEXER_HPP
#define KEELBACK_CACHE_LEXER_HPP

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace keelback::cache {

// As in keelback_core/compiler/sql/tokens.py.
enum TokenKind : uint8_t {
  token_end,
  token_illegal,
  token_word,  // T_IDENTIFIER: a name, quoted or not, or a keyword
  token_string,
  token_integer,
  token_float,
  token_blob,
  token_separated_number,
  token_variable,
  token_semicolon,
  token_left,
  token_right,
  token_comma,
  token_dot,
  token_star,
  token_plus,
  token_minus,
  token_slash,
  token_percent,
  token_equal,
  token_not_equal,
  token_less,
  token_less_equal,
  token_greater,
  token_greater_equal,
  token_shift_left,
  token_shift_right,
  token_ampersand,
  token_pipe,
  token_concat,
  token_tilde,
  token_arrow,
};

struct Token {
  TokenKind kind;
  size_t start;
  size_t end;
};

// What a character may begin, and whether it goes on with a word.
enum CharacterClass : uint8_t {
  class_other,  // nothing, or an operator of several characters
  class_blank,
  class_word_start,
  class_digit,
  class_dollar,  // inside a word, or the start of a parameter
  class_single,  // an operator that is always alone
};

constexpr std::array<uint8_t, 256> make_classes() {
  std::array<uint8_t, 256> classes{};
  for (const char character : std::string_view(" \t\n\f\r")) classes[static_cast<uint8_t>(character)] = class_blank;
  for (int character = 'a'; character <= 'z'; ++character) {
    classes[static_cast<size_t>(character)] = class_word_start;
    classes[static_cast<size_t>(character - 'a' + 'A')] = class_word_start;
  }
  classes[static_cast<size_t>('_')] = class_word_start;
  for (size_t character = 0x80; character < 0x100; ++character) classes[character] = class_word_start;
  for (int character = '0'; character <= '9'; ++character) classes[static_cast<size_t>(character)] = class_digit;
  classes[static_cast<size_t>('$')] = class_dollar;
  for (const char character : std::string_view("(),;+*%&~")) classes[static_cast<uint8_t>(character)] = class_single;
  return classes;
}

constexpr TokenKind single_kind(char character) {
  switch (character) {
    case '(':
      return token_left;
    case ')':
      return token_right;
    case ',':
      return token_comma;
    case ';':
      return token_semicolon;
    case '+':
      return token_plus;
    case '*':
      return token_star;
    case '%':
      return token_percent;
    case '&':
      return token_ampersand;
    default:
      return token_tilde;
  }
}

inline constexpr std::array<uint8_t, 256> character_classes = make_classes();

inline CharacterClass class_of(char character) {
  return static_cast<CharacterClass>(character_classes[static_cast<uint8_t>(character)]);
}
inline bool is_in_word(char character) {
  const CharacterClass found = class_of(character);
  return found >= class_word_start && found <= class_dollar;
}

// The token that begins at `start`, which is neither blank nor a plain word nor an operator that is always alone.
Token rare_token(std::string_view text, size_t start);
// The end of the comment that begins at `start`, or `start` if none does.
size_t after_comment(std::string_view text, size_t start);

// The next token at or behind `position`.
inline Token next_token(std::string_view text, size_t position) {
  while (position < text.size()) {
    const char character = text[position];
    switch (class_of(character)) {
      case class_blank:
        ++position;
        continue;
      case class_word_start: {
        if (character == '\xEF' && text.substr(position, 3) == "\xEF\xBB\xBF") {
          position += 3;
          continue;
        }
        size_t end = position + 1;
        while (end < text.size() && is_in_word(text[end])) ++end;
        const bool may_be_blob = end == position + 1 && end < text.size() && text[end] == '\'';
        if (may_be_blob && (character == 'x' || character == 'X')) return rare_token(text, position);
        return {token_word, position, end};
      }
      case class_single:
        return {single_kind(character), position, position + 1};
      case class_other:
        if (character == '-' || character == '/') {
          const size_t after = after_comment(text, position);
          if (after != position) {
            position = after;
            continue;
          }
        }
        return rare_token(text, position);
      default:
        return rare_token(text, position);
    }
  }
  return {token_end, text.size(), text.size()};
}

// The token kind of a keyword in any case, 0 for other words.
int keyword_of(std::string_view word);

}  // namespace keelback::cache

#endif
