// SQLite's printf: C's conversions, and %q %Q %w %z (https://sqlite.org/printf.html).
//
// An unknown conversion ends the output. Widths of text count bytes, or characters with the flag `!`.
#include "format.hpp"

#include <cinttypes>
#include <cmath>
#include <cstring>

#include "../value/decimal.hpp"
#include "api.hpp"
#include "text.hpp"

namespace keelback::capi {

namespace {

constexpr int no_precision = -1;
constexpr int most_precision = 100000000;

struct Specification {
  bool is_left = false;
  char sign = 0;  // '+' or ' '
  bool is_alternate = false;
  bool is_alternate2 = false;
  bool has_zero_padding = false;
  char separator = 0;
  int width = 0;
  int precision = no_precision;
  int long_count = 0;
  char conversion = 0;
};

size_t character_count(std::string_view text) {
  size_t count = 0;
  for (char c : text) count += (c & 0xC0) != 0x80 ? 1 : 0;
  return count;
}

void pad(std::string& out, const Specification& spec, std::string_view text, size_t size) {
  const size_t width = spec.width > 0 ? static_cast<size_t>(spec.width) : 0;
  const size_t blanks = width > size ? width - size : 0;
  if (!spec.is_left) out.append(blanks, ' ');
  out.append(text);
  if (spec.is_left) out.append(blanks, ' ');
}

void pad(std::string& out, const Specification& spec, std::string_view text) { pad(out, spec, text, text.size()); }

const char* ordinal_suffix(uint64_t number) {
  const uint64_t last = number % 10;
  if (last >= 4 || (number / 10) % 10 == 1) return "th";
  static const char* const suffixes[] = {"th", "st", "nd", "rd"};
  return suffixes[last];
}

std::string digits_of(uint64_t number, unsigned base, const char* alphabet) {
  std::string digits;
  do {
    digits.insert(digits.begin(), alphabet[number % base]);
    number /= base;
  } while (number > 0);
  return digits;
}

void append_integer(std::string& out, const Specification& given, bool is_signed, int64_t integer, uint64_t magnitude) {
  Specification spec = given;
  const char kind = spec.conversion;
  char sign = 0;
  if (is_signed) {
    sign = integer < 0 ? '-' : spec.sign;
    magnitude = integer < 0 ? 0 - static_cast<uint64_t>(integer) : static_cast<uint64_t>(integer);
  }
  const unsigned base = kind == 'x' || kind == 'X' || kind == 'p' ? 16 : kind == 'o' ? 8 : 10;
  std::string body = digits_of(magnitude, base, kind == 'X' ? "0123456789ABCDEF" : "0123456789abcdef");
  if (kind == 'r') body += ordinal_suffix(magnitude);
  if (spec.has_zero_padding && spec.precision < spec.width - (sign != 0 ? 1 : 0))
    spec.precision = spec.width - (sign != 0 ? 1 : 0);
  if (spec.precision > static_cast<int>(body.size()))
    body.insert(0, static_cast<size_t>(spec.precision) - body.size(), '0');
  if (spec.separator != 0 && base == 10 && kind != 'r') {
    for (int at = static_cast<int>(body.size()) - 3; at > 0; at -= 3)
      body.insert(static_cast<size_t>(at), 1, spec.separator);
  }
  if (sign != 0) body.insert(body.begin(), sign);
  if (spec.is_alternate && magnitude != 0 && base != 10) {
    body.insert(0, base == 8 ? "0" : kind == 'X' ? "0X" : "0x");
  }
  pad(out, spec, body);
}

std::string special_real(const value::Decimal& decimal, const Specification& spec, bool& is_special) {
  is_special = true;
  if (decimal.kind == value::Decimal::Kind::not_a_number) return spec.has_zero_padding ? "null" : "NaN";
  if (decimal.kind == value::Decimal::Kind::infinite && !spec.has_zero_padding) {
    if (decimal.is_negative) return "-Inf";
    return spec.sign != 0 ? std::string(1, spec.sign) + "Inf" : "Inf";
  }
  is_special = false;
  return {};
}

void append_real(std::string& out, const Specification& given, double real) {
  Specification spec = given;
  if (spec.precision < 0) spec.precision = 6;
  if (spec.precision > most_precision) spec.precision = most_precision;
  char kind = spec.conversion;
  const bool is_generic = kind == 'g' || kind == 'G';
  const bool is_upper = kind == 'E' || kind == 'G';
  int round = kind == 'f' ? -spec.precision : is_generic ? spec.precision : spec.precision + 1;
  if (is_generic && spec.precision == 0) round = spec.precision = 1;
  value::Decimal decimal = value::decimal_of(real, round, spec.is_alternate2 ? 20 : 16);
  bool is_special = false;
  const std::string special = special_real(decimal, spec, is_special);
  if (is_special) return pad(out, spec, special);
  if (decimal.kind == value::Decimal::Kind::infinite) {
    decimal.digits = "9";
    decimal.point = 1000;
  }
  char sign = decimal.is_negative ? '-' : spec.sign;
  // With '#', a negative number that rounds to zero loses its sign.
  if (decimal.is_negative && spec.is_alternate && decimal.digits == "0") sign = spec.sign;
  const int exponent = decimal.point - 1;
  bool strips_zeros = spec.is_alternate2;
  bool is_exponential = kind == 'e' || kind == 'E';
  if (is_generic) {
    --spec.precision;
    strips_zeros = !spec.is_alternate;
    if (exponent < -4 || exponent > spec.precision) {
      is_exponential = true;
    } else {
      spec.precision -= exponent;
    }
  }
  const bool has_point = spec.precision > 0 || spec.is_alternate || spec.is_alternate2;
  std::string body;
  size_t used = 0;
  const auto digit = [&] { return used < decimal.digits.size() ? decimal.digits[used++] : '0'; };
  int place = is_exponential ? 0 : exponent;
  if (place < 0) body += '0';
  for (; place >= 0; --place) {
    body += digit();
    if (spec.separator != 0 && place % 3 == 0 && place > 1) body += spec.separator;
  }
  if (has_point) body += '.';
  int remaining = spec.precision;
  for (++place; place < 0 && remaining > 0; ++place, --remaining) body += '0';
  while (remaining-- > 0) body += digit();
  if (strips_zeros && has_point) {
    while (body.back() == '0') body.pop_back();
    if (body.back() == '.') {
      if (spec.is_alternate2) {
        body += '0';
      } else {
        body.pop_back();
      }
    }
  }
  if (is_exponential) {
    char buffer[16];
    std::snprintf(buffer, sizeof buffer, "%c%c%02d", is_upper ? 'E' : 'e', exponent < 0 ? '-' : '+',
                  std::abs(exponent));
    body += buffer;
  }
  const size_t size = body.size() + (sign != 0 ? 1 : 0);
  if (spec.has_zero_padding && !spec.is_left && spec.width > 0 && static_cast<size_t>(spec.width) > size) {
    body.insert(0, static_cast<size_t>(spec.width) - size, '0');
  }
  if (sign != 0) body.insert(body.begin(), sign);
  pad(out, spec, body);
}

// The first `precision` bytes, or characters with `!`.
std::string_view cut(const Specification& spec, const char* text) {
  if (spec.precision < 0) return text;
  if (!spec.is_alternate2) return {text, strnlen(text, static_cast<size_t>(spec.precision))};
  size_t size = 0;
  for (int count = spec.precision; count > 0 && text[size] != '\0'; --count) {
    ++size;
    while ((text[size] & 0xC0) == 0x80) ++size;
  }
  return {text, size};
}

void append_text(std::string& out, const Specification& spec, std::string_view text) {
  pad(out, spec, text, spec.is_alternate2 ? character_count(text) : text.size());
}

// `#` writes control characters as escapes for unistr(), if there are any.
bool escape_controls(std::string_view text, std::string& escaped) {
  bool has_controls = false;
  for (char c : text) has_controls = has_controls || static_cast<unsigned char>(c) < 0x20;
  if (!has_controls) return false;
  for (char c : text) {
    if (c == '\\') {
      escaped += "\\\\";
    } else if (static_cast<unsigned char>(c) < 0x20) {
      char buffer[8];
      std::snprintf(buffer, sizeof buffer, "\\u%04x", static_cast<unsigned>(c));
      escaped += buffer;
    } else {
      escaped += c;
    }
  }
  return true;
}

void append_quoted(std::string& out, const Specification& spec, const char* text) {
  const char quote = spec.conversion == 'w' ? '"' : '\'';
  const bool is_null = text == nullptr;
  if (is_null) text = spec.conversion == 'Q' ? "NULL" : "(NULL)";
  std::string_view content = cut(spec, text);
  std::string escaped;
  const bool is_escaped = spec.is_alternate && spec.conversion != 'w' && !is_null && escape_controls(content, escaped);
  if (is_escaped) content = escaped;
  const bool has_quotes = spec.conversion == 'Q' && !is_null;
  std::string body;
  if (has_quotes) body += is_escaped ? "unistr('" : "'";
  for (char c : content) {
    body += c;
    if (c == quote) body += c;
  }
  if (has_quotes) body += is_escaped ? "')" : "'";
  append_text(out, spec, body);
}

// Reads flags, width, precision and length; `format` moves to the conversion.
void read_specification(const char*& format, va_list& arguments, Specification& spec) {
  for (;; ++format) {
    if (*format == '-') {
      spec.is_left = true;
    } else if (*format == '+' || *format == ' ') {
      spec.sign = *format;
    } else if (*format == '#') {
      spec.is_alternate = true;
    } else if (*format == '!') {
      spec.is_alternate2 = true;
    } else if (*format == '0') {
      spec.has_zero_padding = true;
    } else if (*format == ',') {
      spec.separator = ',';
    } else {
      break;
    }
  }
  const auto number = [&]() {
    uint32_t value = 0;
    for (; *format >= '0' && *format <= '9'; ++format) value = value * 10 + static_cast<uint32_t>(*format - '0');
    return static_cast<int>(value & 0x7FFFFFFF);
  };
  if (*format == '*') {
    ++format;
    spec.width = va_arg(arguments, int);
    if (spec.width < 0) {
      spec.is_left = true;
      spec.width = spec.width >= -2147483647 ? -spec.width : 0;
    }
  } else {
    spec.width = number();
  }
  if (*format == '.') {
    ++format;
    if (*format == '*') {
      ++format;
      spec.precision = va_arg(arguments, int);
      if (spec.precision < 0) spec.precision = spec.precision >= -2147483647 ? -spec.precision : no_precision;
    } else {
      spec.precision = number();
    }
  }
  while (*format == 'l' && spec.long_count < 2) ++spec.long_count, ++format;
  spec.conversion = *format;
}

void append_character(std::string& out, const Specification& spec, unsigned code_point) {
  std::string one;
  append_utf8(one, code_point);
  if (code_point == 0) one = "";
  std::string body = one;
  for (int copies = spec.precision; copies > 1; --copies) body += one;
  Specification unit = spec;
  unit.is_alternate2 = true;
  append_text(out, unit, body);
}

bool append_conversion(std::string& out, const Specification& spec, va_list& arguments) {
  switch (spec.conversion) {
    case 'd':
    case 'i':
    case 'r': {
      const int64_t integer = spec.long_count == 2   ? va_arg(arguments, long long)
                              : spec.long_count == 1 ? va_arg(arguments, long)
                                                     : va_arg(arguments, int);
      append_integer(out, spec, true, integer, 0);
      return true;
    }
    case 'u':
    case 'x':
    case 'X':
    case 'o': {
      const uint64_t integer = spec.long_count == 2   ? va_arg(arguments, unsigned long long)
                               : spec.long_count == 1 ? va_arg(arguments, unsigned long)
                                                      : va_arg(arguments, unsigned);
      append_integer(out, spec, false, 0, integer);
      return true;
    }
    case 'p':
      append_integer(out, spec, false, 0, reinterpret_cast<uintptr_t>(va_arg(arguments, void*)));
      return true;
    case 'e':
    case 'E':
    case 'f':
    case 'g':
    case 'G':
      append_real(out, spec, va_arg(arguments, double));
      return true;
    case 'c':
      append_character(out, spec, va_arg(arguments, unsigned));
      return true;
    case 's':
    case 'z': {
      char* text = va_arg(arguments, char*);
      append_text(out, spec, cut(spec, text == nullptr ? "" : text));
      if (spec.conversion == 'z') sqlite3_free(text);
      return true;
    }
    case 'q':
    case 'Q':
    case 'w':
      append_quoted(out, spec, va_arg(arguments, char*));
      return true;
    case '%':
      pad(out, spec, "%");
      return true;
    case 'n':
      (void)va_arg(arguments, int*);
      return true;
    default:
      return false;
  }
}

}  // namespace

void append_format(std::string& out, const char* format, va_list given) {
  va_list arguments;
  va_copy(arguments, given);
  while (*format != '\0') {
    const size_t plain = std::strcspn(format, "%");
    out.append(format, plain);
    format += plain;
    if (*format == '\0') break;
    ++format;
    if (*format == '\0') {
      out += '%';
      break;
    }
    Specification spec;
    read_specification(format, arguments, spec);
    if (spec.conversion == '\0' || !append_conversion(out, spec, arguments)) break;
    ++format;
  }
  va_end(arguments);
}

}  // namespace keelback::capi
