// The tokens that are not plain words or single characters: numbers, texts in quotes, parameters, operators.
#include "lexer.hpp"

#include "../value/text_bytes.hpp"

namespace keelback::cache {

namespace {

bool is_digit(char character) { return character >= '0' && character <= '9'; }
bool is_hex_digit(char character) { return hex_digit(character) >= 0; }

// Reads one token; past the end of the text stands a NUL, which no token contains.
class Reader {
 public:
  Reader(std::string_view text, size_t start) : text_(text), start_(start), at_(start) {}

  Token read() {
    const char first = peek();
    if (is_digit(first) || (first == '.' && is_digit(peek(1)))) return number();
    switch (first) {
      case '\'':
      case '"':
      case '`':
        return quoted(first);
      case '[':
        return bracketed();
      case 'x':
      case 'X':
        return blob();
      case '?':
        ++at_;
        while (is_digit(peek())) ++at_;
        return token(token_variable);
      case '$':
      case '@':
      case ':':
      case '#':
        return named_variable();
      default:
        return operation(first);
    }
  }

 private:
  char peek(size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }
  Token token(TokenKind kind) const { return {kind, start_, at_}; }
  Token token(TokenKind kind, size_t size) {
    at_ = start_ + size;
    return token(kind);
  }
  // The rest of the text up to and with the next such character; all of it if there is none.
  bool pass(char character) {
    const size_t found = text_.find(character, at_);
    at_ = found == std::string_view::npos ? text_.size() : found + 1;
    return found != std::string_view::npos;
  }

  Token quoted(char quote) {
    ++at_;
    while (pass(quote)) {
      if (peek() != quote || at_ >= text_.size()) return token(quote == '\'' ? token_string : token_word);
      ++at_;
    }
    return token(token_illegal);
  }

  Token bracketed() { return token(pass(']') ? token_word : token_illegal); }

  // x'...': an odd number of digits or a stranger among them makes it illegal up to the closing quote.
  Token blob() {
    at_ += 2;
    while (is_hex_digit(peek())) ++at_;
    if (peek() == '\'' && (at_ - start_) % 2 == 0) {
      ++at_;
      return token(token_blob);
    }
    pass('\'');
    return token(token_illegal);
  }

  void pass_digits(bool (*is_fitting)(char), bool& is_separated) {
    while (is_fitting(peek()) || peek() == '_') {
      is_separated = is_separated || peek() == '_';
      ++at_;
    }
  }

  Token number() {
    TokenKind kind = token_integer;
    bool is_separated = false;
    if (peek() == '0' && (peek(1) == 'x' || peek(1) == 'X') && is_hex_digit(peek(2))) {
      at_ += 2;
      pass_digits(is_hex_digit, is_separated);
    } else {
      pass_digits(is_digit, is_separated);
      if (peek() == '.') {
        kind = token_float;
        ++at_;
        pass_digits(is_digit, is_separated);
      }
      if (peek() == 'e' || peek() == 'E') {
        const size_t sign = peek(1) == '+' || peek(1) == '-' ? 1 : 0;
        if (is_digit(peek(1 + sign))) {
          kind = token_float;
          at_ += 2 + sign;
          pass_digits(is_digit, is_separated);
        }
      }
    }
    if (is_separated) kind = token_separated_number;
    while (at_ < text_.size() && is_in_word(text_[at_])) {
      kind = token_illegal;
      ++at_;
    }
    return token(kind);
  }

  // `$name`, `@name`, `:name` or `#name`, with `::` inside and a suffix in parentheses.
  Token named_variable() {
    size_t name_size = 0;
    ++at_;
    while (at_ < text_.size()) {
      const char character = text_[at_];
      if (is_in_word(character)) {
        ++name_size;
      } else if (character == '(' && name_size > 0) {
        ++at_;
        while (at_ < text_.size() && class_of(text_[at_]) != class_blank && text_[at_] != ')') ++at_;
        if (peek() != ')') return token(token_illegal);
        ++at_;
        return token(token_variable);
      } else if (character == ':' && peek(1) == ':') {
        ++at_;
      } else {
        break;
      }
      ++at_;
    }
    return token(name_size > 0 ? token_variable : token_illegal);
  }

  Token operation(char first) {
    const char second = peek(1);
    switch (first) {
      case '=':
        return token(token_equal, second == '=' ? 2 : 1);
      case '<':
        if (second == '=') return token(token_less_equal, 2);
        if (second == '>') return token(token_not_equal, 2);
        return second == '<' ? token(token_shift_left, 2) : token(token_less, 1);
      case '>':
        if (second == '=') return token(token_greater_equal, 2);
        return second == '>' ? token(token_shift_right, 2) : token(token_greater, 1);
      case '!':
        return second == '=' ? token(token_not_equal, 2) : token(token_illegal, 1);
      case '|':
        return second == '|' ? token(token_concat, 2) : token(token_pipe, 1);
      case '-':
        if (second != '>') return token(token_minus, 1);
        return token(token_arrow, peek(2) == '>' ? 3 : 2);
      case '/':
        return token(token_slash, 1);
      case '.':
        return token(token_dot, 1);
      default:
        return token(token_illegal, 1);
    }
  }

  std::string_view text_;
  size_t start_;
  size_t at_;
};

}  // namespace

Token rare_token(std::string_view text, size_t start) { return Reader(text, start).read(); }

size_t after_comment(std::string_view text, size_t start) {
  const std::string_view rest = text.substr(start);
  if (rest.starts_with("--")) {
    const size_t found = rest.find('\n');
    return found == std::string_view::npos ? text.size() : start + found + 1;
  }
  if (rest.starts_with("/*") && rest.size() > 2) {
    // `/*/` is the beginning of a comment only.
    const size_t found = rest.find("*/", rest[2] == '/' ? 3 : 2);
    return found == std::string_view::npos ? text.size() : start + found + 2;
  }
  return start;
}

}  // namespace keelback::cache
