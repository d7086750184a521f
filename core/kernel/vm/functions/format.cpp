// printf() and format().
//
//     %[flags][width][.precision][l|ll]conversion      flags: - + space # ! 0 ,
//
// 1. A conversion takes the next argument under the conversion's own cast; a missing argument is NULL. NULL is 0 for
//    numbers, empty for %s, %c and %j, (NULL) for %q and %w, NULL for %Q, null for %J.
// 2. The format and every text end at their first NUL character. An unknown conversion ends the output.
// 3. Widths and precisions of texts count bytes, with `!` characters. The output holds to SQLITE_LIMIT_LENGTH.
//
// Twin: keelback_core/reference/vm/functions/format.py.
#include <algorithm>
#include <charconv>
#include <optional>

#include "../../value/cast.hpp"
#include "../../value/numeric_text.hpp"
#include "../../value/text_bytes.hpp"
#include "format_real.hpp"
#include "registry.hpp"

namespace keelback::vm::functions {

namespace {

constexpr int64_t mask31 = 0x7FFFFFFF;

bool is_continuation(char byte) { return (static_cast<uint8_t>(byte) & 0xC0) == 0x80; }
bool is_one_of(char letter, std::string_view letters) { return letters.find(letter) != std::string_view::npos; }

// The values that a format consumes, from the left; NULL when none is left.
class Consumed {
 public:
  explicit Consumed(Arguments values) : values_(values) {}
  Value next() { return position_ < values_.size() ? values_[position_++] : Value(); }
  // Its text, which lives until the next one is taken; nothing for NULL.
  std::optional<std::string_view> next_text() {
    const Value text = to_text(next(), buffer_);
    if (text.is_null()) return std::nullopt;
    return until_nul(text.text());
  }
  int64_t next_int32() { return static_cast<int32_t>(static_cast<uint64_t>(to_integer(next()))); }

 private:
  Arguments values_;
  size_t position_ = 0;
  TextBuffer buffer_;
};

// Flags, width, precision and length of one %, from `position` on, which is moved to the conversion.
class DirectiveReader {
 public:
  DirectiveReader(std::string_view format, size_t& position, Consumed& arguments)
      : format_(format), position_(position), arguments_(arguments) {}

  void read(Directive& directive) {
    while (read_flag(directive)) ++position_;
    if (is_at('*')) {
      const int64_t width = arguments_.next_int32();
      directive.is_left = directive.is_left || width < 0;
      directive.width = width >= -mask31 ? std::abs(width) : 0;
      ++position_;
    } else {
      directive.width = read_number();
    }
    if (is_at('.')) {
      ++position_;
      if (is_at('*')) {
        const int64_t precision = arguments_.next_int32();
        directive.precision = precision >= -mask31 ? std::abs(precision) : -1;
        ++position_;
      } else {
        directive.precision = read_number();
      }
    }
    if (!is_at('l')) return;
    ++position_;
    if (is_at('l')) ++position_;
  }

 private:
  bool is_at(char letter) const { return position_ < format_.size() && format_[position_] == letter; }

  bool read_flag(Directive& directive) const {
    if (position_ >= format_.size()) return false;
    switch (format_[position_]) {
      case '-':
        return directive.is_left = true;
      case '+':
      case ' ':
        directive.sign = format_[position_];
        return true;
      case '#':
        return directive.is_alternate = true;
      case '!':
        return directive.counts_characters = true;
      case '0':
        return directive.is_zero = true;
      case ',':
        return directive.has_thousands = true;
      default:
        return false;
    }
  }

  int64_t read_number() {
    uint32_t number = 0;
    for (; position_ < format_.size() && format_[position_] >= '0' && format_[position_] <= '9'; ++position_) {
      number = number * 10 + static_cast<uint32_t>(format_[position_] - '0');
    }
    return number & mask31;
  }

  std::string_view format_;
  size_t& position_;
  Consumed& arguments_;
};

std::string_view ordinal_suffix(uint64_t value) {
  if (value % 10 >= 4 || value / 10 % 10 == 1) return "th";
  static constexpr std::string_view suffixes[] = {"th", "st", "nd", "rd"};
  return suffixes[value % 10];
}

std::string digits_of(uint64_t value, int radix, bool is_upper) {
  char digits[24];
  char* const end = std::to_chars(digits, digits + sizeof digits, value, radix).ptr;
  std::string text(digits, end);
  for (char& c : text) {
    if (is_upper && c >= 'a') c = static_cast<char>(c - 32);
  }
  return text;
}

constexpr int64_t most_short_width = 64;

// %d without flags but `0` and `-`.
void append_decimal(int64_t value, const Directive& directive, std::string& piece) {
  TextBuffer buffer;
  std::string_view digits = integer_to_text(value, buffer);
  if (directive.is_zero && static_cast<int64_t>(digits.size()) < directive.width) {
    const size_t zeros = static_cast<size_t>(directive.width) - digits.size();
    if (value < 0) {
      piece.push_back('-');
      digits.remove_prefix(1);
    }
    piece.append(zeros, '0');
  }
  piece += digits;
}

Status format_integer(char conversion, int64_t value, const Directive& directive, std::string& piece) {
  const bool is_decimal = conversion == 'd' || conversion == 'i';
  if (is_decimal && directive.precision < 0 && (!directive.is_zero || directive.width <= most_short_width) &&
      !directive.has_thousands && !directive.sign) {
    append_decimal(value, directive, piece);
    return ok_status;
  }
  const bool is_signed = is_decimal || conversion == 'r';
  const bool is_negative = is_signed && value < 0;
  std::string prefix;
  if (is_negative) {
    prefix = "-";
  } else if (is_signed && directive.sign) {
    prefix = directive.sign;
  }
  const uint64_t size = is_negative ? 0 - static_cast<uint64_t>(value) : static_cast<uint64_t>(value);
  int64_t precision = directive.precision;
  if (directive.is_zero) precision = std::max(precision, directive.width - static_cast<int64_t>(prefix.size()));
  KEELBACK_TRY(directive.check(precision));
  const bool is_hexadecimal = is_one_of(conversion, "xXp");
  std::string digits = digits_of(size, is_hexadecimal ? 16 : conversion == 'o' ? 8 : 10, conversion != 'x');
  if (conversion == 'r') digits += ordinal_suffix(size);
  if (precision > static_cast<int64_t>(digits.size())) {
    std::string padded;
    for (size_t left = static_cast<size_t>(precision) - digits.size(); left > 0;) {
      const size_t part = std::min(left, InterruptWatch::bytes_between);
      padded.append(part, '0');
      left -= part;
      if (left > 0 && directive.source) KEELBACK_TRY(directive.source->check());
    }
    digits = padded += digits;
  }
  if (directive.has_thousands && is_one_of(conversion, "diu")) digits = group_thousands(digits);
  if (directive.is_alternate && value != 0) {
    if (is_hexadecimal) piece += conversion == 'X' ? "0X" : "0x";
    if (conversion == 'o') piece += "0";
  }
  piece += prefix;
  piece += digits;
  return ok_status;
}

// The text held to the precision: bytes, or characters with the flag `!`.
std::string_view cut(std::string_view text, const Directive& directive) {
  if (directive.precision < 0) return text;
  if (!directive.counts_characters) return text.substr(0, static_cast<size_t>(directive.precision));
  size_t end = 0;
  for (int64_t count = directive.precision; count > 0 && end < text.size(); --count) end = character_end(text, end);
  return text.substr(0, end);
}

// The bytes up to the lead byte that would be one too many; stray continuation bytes cost nothing.
std::string_view cut_between_leads(std::string_view text, int64_t count) {
  if (count < 0) return text;
  for (size_t position = 0; position < text.size(); ++position) {
    if (!is_continuation(text[position]) && count-- == 0) return text.substr(0, position);
  }
  return text;
}

void append_control(std::string& text, char byte) {
  static constexpr char digits[] = "0123456789abcdef";
  text += "\\u00";
  text.push_back(digits[byte >> 4]);
  text.push_back(digits[byte & 15]);
}
bool is_control(char byte) { return static_cast<uint8_t>(byte) < 0x20; }

// %q, %Q, %w: quotes doubled; with the flag `#`, control characters of %q and %Q as unistr() reads them.
Status format_escaped(char conversion, std::optional<std::string_view> text, const Directive& directive,
                      std::string& piece) {
  if (!text) {
    piece = cut(conversion == 'Q' ? "NULL" : "(NULL)", directive);
    return ok_status;
  }
  const std::string_view data = cut(*text, directive);
  const char mark = conversion == 'w' ? '"' : '\'';
  // %#Q needs unistr() only for control characters; %#q stands inside of it and so always escapes.
  const bool escapes = directive.is_alternate &&
                       (conversion == 'q' || (conversion == 'Q' && std::any_of(data.begin(), data.end(), is_control)));
  if (conversion == 'Q') piece += escapes ? "unistr('" : "'";
  InterruptWatch watch(*directive.source);
  for (const char byte : data) {
    KEELBACK_TRY(watch.work(1));
    if (escapes && is_control(byte)) {
      append_control(piece, byte);
      continue;
    }
    piece.push_back(byte);
    if (byte == mark || (escapes && byte == '\\')) piece.push_back(byte);
  }
  if (conversion == 'Q') piece += escapes ? "')" : "'";
  return ok_status;
}

// %j and %J: a text as the inside of a JSON string, or as one.
void format_json(char conversion, std::optional<std::string_view> text, const Directive& directive,
                 std::string& piece) {
  const bool is_whole = conversion == 'J';
  if (!text) {
    piece = is_whole ? "null" : "";
    return;
  }
  static constexpr std::string_view escaped = "\b\t\n\f\r\"\\";
  static constexpr std::string_view letters = "btnfr\"\\";
  if (is_whole) piece.push_back('"');
  for (const char byte :
       directive.counts_characters ? cut_between_leads(*text, directive.precision) : cut(*text, directive)) {
    const size_t place = escaped.find(byte);
    if (place != std::string_view::npos) {
      piece.push_back('\\');
      piece.push_back(letters[place]);
    } else if (is_control(byte)) {
      append_control(piece, byte);
    } else {
      piece.push_back(byte);
    }
  }
  if (is_whole) piece.push_back('"');
}

// The text so often, appended piece by piece.
Status repeat(std::string_view text, int64_t count, const Directive& directive, std::string& piece) {
  if (count <= 0) return ok_status;
  piece.reserve(piece.size() + text.size() * static_cast<size_t>(count));
  for (int64_t place = 0; place < count; ++place) {
    piece += text;
    if (place % 0x40000 == 0 && directive.source) KEELBACK_TRY(directive.source->check());
  }
  return ok_status;
}

// Spaces on the side where they belong.
Status add_spaces(int64_t count, const Directive& directive, std::string& piece) {
  if (directive.is_left) return repeat(" ", count, directive, piece);
  std::string padded;
  KEELBACK_TRY(repeat(" ", count, directive, padded));
  piece = padded += piece;
  return ok_status;
}

// Spaces up to the width, which counts bytes, or characters of texts with the flag `!`.
Status pad(std::string& piece, const Directive& directive, bool is_text) {
  int64_t width = directive.width;
  if (is_text && directive.counts_characters && width > 0) {
    width += std::count_if(piece.begin(), piece.end(), is_continuation);
  }
  const auto size = static_cast<int64_t>(piece.size());
  if (width <= size) return ok_status;
  KEELBACK_TRY(directive.check(width));
  return add_spaces(width - size, directive, piece);
}

// %c: the first character, as often as the precision says; the width counts characters.
Status format_character(std::string_view text, const Directive& directive, std::string& piece) {
  using namespace std::string_view_literals;
  const std::string_view character =
      text.empty() ? "\0"sv : text.substr(0, std::min<size_t>(character_end(text, 0), 4));
  const int64_t count = std::max<int64_t>(directive.precision, 1);
  KEELBACK_TRY(directive.check(std::max(count * static_cast<int64_t>(character.size()), directive.width)));
  int64_t spaces = directive.width - count;
  // A stray continuation byte has no width.
  if (is_continuation(character[0]) && (count == 1 || directive.is_left) && spaces >= 0) ++spaces;
  KEELBACK_TRY(repeat(character, count, directive, piece));
  return add_spaces(spaces, directive, piece);
}

// The output of one conversion; is_known: false if there is no such conversion.
Status convert(char conversion, const Directive& directive, Consumed& arguments, std::string& piece, bool& is_known) {
  switch (conversion) {
    case 'd':
    case 'i':
    case 'u':
    case 'x':
    case 'X':
    case 'o':
    case 'p':
    case 'r':
      KEELBACK_TRY(format_integer(conversion, to_integer(arguments.next()), directive, piece));
      return pad(piece, directive, false);
    case 'f':
    case 'e':
    case 'E':
    case 'g':
    case 'G':
      KEELBACK_TRY(format_real(conversion, to_real(arguments.next()), directive, piece));
      return pad(piece, directive, false);
    case 's':
    case 'z':
      piece = cut(arguments.next_text().value_or(""), directive);
      return pad(piece, directive, true);
    case 'c':
      return format_character(arguments.next_text().value_or(""), directive, piece);
    case 'q':
    case 'Q':
    case 'w':
      KEELBACK_TRY(format_escaped(conversion, arguments.next_text(), directive, piece));
      return pad(piece, directive, true);
    case 'j':
    case 'J':
      format_json(conversion, arguments.next_text(), directive, piece);
      return pad(piece, directive, true);
    case '%':
      piece = "%";
      return pad(piece, directive, false);
    case 'n':
      return ok_status;
    default:
      is_known = false;
      return ok_status;
  }
}

constexpr size_t likely_size = 32;

Status print(const FunctionContext& context, Arguments arguments) {
  if (arguments.empty()) return give_null(context);
  TextBuffer buffer;
  const Value template_text = to_text(arguments[0], buffer);
  if (template_text.is_null()) return give_null(context);
  const std::string_view format = until_nul(template_text.text());
  Consumed consumed(arguments.subspan(1));
  std::string output;
  std::string piece;
  output.reserve(2 * format.size() + likely_size);
  Directive plain;
  plain.limit = static_cast<int64_t>(context.host.limit_length);
  plain.source = &context.host;
  for (size_t position = 0; position < format.size();) {
    const size_t percent = std::min(format.find('%', position), format.size());
    output += format.substr(position, percent - position);
    if (percent == format.size()) break;
    position = percent + 1;
    if (position == format.size()) {
      output.push_back('%');
      break;
    }
    Directive directive = plain;
    DirectiveReader(format, position, consumed).read(directive);
    if (position == format.size()) break;
    if (format[position] == 's' && directive.width == 0 && directive.precision < 0) {
      output += consumed.next_text().value_or("");
      ++position;
      KEELBACK_TRY(plain.check(static_cast<int64_t>(output.size())));
      continue;
    }
    bool is_known = true;
    piece.clear();
    KEELBACK_TRY(convert(format[position++], directive, consumed, piece, is_known));
    if (!is_known) break;
    output += piece;
    KEELBACK_TRY(plain.check(static_cast<int64_t>(output.size())));
  }
  KEELBACK_TRY(plain.check(static_cast<int64_t>(output.size())));
  return give_text(context, std::move(output));
}

constexpr ScalarEntry table[] = {
    {"printf", -1, print},
    {"format", -1, print},
};

}  // namespace

std::span<const ScalarEntry> format_scalars() { return table; }

}  // namespace keelback::vm::functions
