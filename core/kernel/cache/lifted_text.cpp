// Shapes and values of literals.
#include "lifted_text.hpp"

#include <charconv>

#include "../value/numeric_text.hpp"
#include "keywords.hpp"
#include "lexer.hpp"
#include "limits.hpp"

namespace keelback::cache {

namespace {

// Texts that are longer are many statements: it would take long to make room for the tokens of all.
constexpr size_t most_noted_bytes = 4096;
static_assert(most_noted_bytes <= most_text_bytes);

// Digits that fit into 64 bits whatever they are.
constexpr size_t safe_digits = 18;

bool is_64_bit_decimal(std::string_view digits) {
  if (digits.size() <= safe_digits) return digits.size() < 2 || (digits[1] != 'x' && digits[1] != 'X');
  int64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return error == std::errc() && end == digits.data() + digits.size();
}

bool is_lifted_statement(int keyword) {
  switch (keyword) {
    case K_SELECT:
    case K_INSERT:
    case K_REPLACE:
    case K_UPDATE:
    case K_DELETE:
    case K_WITH:
    case K_VALUES:
      return true;
    default:
      return false;
  }
}

// The four words that nearly all statements begin with, found without a look into the table.
bool begins_usual_statement(std::string_view word) {
  if (word.size() != 6) return false;
  uint64_t letters = 0;
  for (const char letter : word) letters = letters << 8 | static_cast<uint8_t>(letter & ~0x20);
  constexpr auto number_of = [](std::string_view name) {
    uint64_t number = 0;
    for (const char letter : name) number = number << 8 | static_cast<uint8_t>(letter);
    return number;
  };
  return letters == number_of("SELECT") || letters == number_of("INSERT") || letters == number_of("UPDATE") ||
         letters == number_of("DELETE");
}

}  // namespace

bool Literal::is_small() const {
  std::string room;
  switch (kind) {
    case literal_integer:
      return spelling.back() <= '1' && value(false, room).integer() <= 1;
    case literal_real: {
      const double real = value(false, room).real();
      return real == 0.0 || real == 1.0;
    }
    default:
      return false;
  }
}

Value Literal::value(bool is_negated, std::string& room) const {
  switch (kind) {
    case literal_integer: {
      int64_t integer = 0;
      for (const char digit : spelling) integer = integer * 10 + (digit - '0');
      return Value::of_integer(is_negated ? -integer : integer);
    }
    case literal_real: {
      const double real = scan_real(spelling).value;
      return Value::of_real(is_negated ? -real : real);
    }
    default:
      break;
  }
  const std::string_view inner = spelling.substr(1, spelling.size() - 2);
  size_t quote = inner.find('\'');
  if (quote == std::string_view::npos) return Value::of_text(inner);
  const size_t begin = room.size();
  size_t copied = 0;
  while (quote != std::string_view::npos) {
    room.append(inner.substr(copied, quote + 1 - copied));
    copied = quote + 2;
    quote = inner.find('\'', copied);
  }
  room.append(inner.substr(copied));
  return Value::of_text(std::string_view(room).substr(begin));
}

bool LiftedText::lift(std::string_view text) {
  text_ = text;
  literals_.clear();
  tokens.forget();
  Token token = next_token(text, 0);
  const bool is_first = token.kind == token_word;
  while (token.kind == token_semicolon) token = next_token(text, token.end);
  if (token.kind != token_word) return false;
  const std::string_view word = text.substr(token.start, token.end - token.start);
  if (begins_usual_statement(word)) {
    // The parser begins at the semicolons that stand before a statement.
    if (!is_first || text.size() > most_noted_bytes) return lift_literals<false>(token.end) && end_ <= most_text_bytes;
    tokens.begin(text);
    tokens.add(token_word, token.start, token.end);
    return lift_literals<true>(token.end);
  }
  const int keyword = keyword_of(word);
  const bool is_found = is_lifted_statement(keyword) ? lift_literals<false>(token.end)
                                                     : keyword != 0 && keyword != K_CREATE && pass_statement(token.end);
  return is_found && end_ <= most_text_bytes;
}

// Up to the end of the statement, whose tokens are kept or not; false where something is no token or the literals are
// too many.
template <bool keeps_tokens>
bool LiftedText::lift_literals(size_t position) {
  shape_.clear();
  copied_ = 0;
  while (true) {
    const Token token = next_token(text_, position);
    position = token.end;
    if (keeps_tokens) tokens.add(token.kind, token.start, token.end);
    switch (token.kind) {
      case token_illegal:
        return false;
      case token_integer:
        if (is_64_bit_decimal(text_.substr(token.start, token.end - token.start))) {
          add(token.start, token.end, literal_integer);
        }
        break;
      case token_float:
        add(token.start, token.end, literal_real);
        break;
      case token_string:
        add(token.start, token.end, literal_string);
        break;
      case token_semicolon:
      case token_end:
        end_ = position;
        if (keeps_tokens) tokens.end(text_);
        if (!literals_.empty()) shape_.append(text_.substr(copied_, end_ - copied_));
        return literals_.size() <= most_literals;
      default:
        break;
    }
  }
}

bool LiftedText::pass_statement(size_t position) {
  while (true) {
    const Token token = next_token(text_, position);
    position = token.end;
    if (token.kind == token_illegal) return false;
    if (token.kind == token_semicolon || token.kind == token_end) break;
  }
  end_ = position;
  return true;
}

void LiftedText::add(size_t start, size_t end, LiteralKind kind) {
  shape_.append(text_.substr(copied_, start - copied_));
  shape_.push_back(kind);
  copied_ = end;
  literals_.push_back({start, text_.substr(start, end - start), kind});
}

}  // namespace keelback::cache
