// Functions about how values are written. Twin: keelback_core/reference/vm/functions/literal.py.
#include <algorithm>
#include <vector>

#include "../../value/cast.hpp"
#include "../../value/quote.hpp"
#include "../../value/text_bytes.hpp"
#include "registry.hpp"

namespace keelback::vm::functions {

namespace {

Status type_of(const FunctionContext& context, Arguments arguments) {
  static constexpr std::string_view names[] = {"null", "integer", "real", "text", "blob"};
  context.result.set_plain(Value::of_text(names[static_cast<size_t>(arguments[0].type())]));
  return ok_status;
}

Status hexadecimal(const FunctionContext& context, Arguments arguments) {
  static constexpr char digits[] = "0123456789ABCDEF";
  TextBuffer buffer;
  const Value bytes = to_blob(arguments[0], buffer);
  std::string text;
  if (!bytes.is_null()) {
    if (2 * bytes.size() + 1 > context.host.limit_length) return Status(result::TOOBIG);
    text.reserve(2 * bytes.size());
    InterruptWatch watch(context.host);
    for (const uint8_t byte : bytes.blob()) {
      text.push_back(digits[byte >> 4]);
      text.push_back(digits[byte & 15]);
      KEELBACK_TRY(watch.work(2));
    }
  }
  return give_text(context, std::move(text));
}

// A long one piece by piece: every piece of a text or BLOB is quoted by itself.
Status quote_long(const FunctionContext& context, const Value& value) {
  const std::string_view bytes = value.is_text() ? until_nul(value.text()) : value.text();
  std::string literal = value.is_text() ? "'" : "X'";
  for (size_t start = 0; start < bytes.size(); start += InterruptWatch::bytes_between) {
    KEELBACK_TRY(context.host.check());
    const std::string_view piece = bytes.substr(start, InterruptWatch::bytes_between);
    const std::string quoted = quote_value(value.is_text() ? Value::of_text(piece) : Value::of_blob(piece));
    const size_t mark = value.is_text() ? 1 : 2;
    literal.append(quoted, mark, quoted.size() - mark - 1);
    if (literal.size() > context.host.limit_length) return Status(result::TOOBIG);
  }
  literal.push_back('\'');
  return give_text(context, std::move(literal));
}

Status quote(const FunctionContext& context, Arguments arguments) {
  // The room that SQLite makes for a BLOB's digits is a little more than they take.
  constexpr size_t more = 5;
  if (arguments[0].is_blob() && 2 * arguments[0].size() + more > context.host.limit_length) {
    return Status(result::TOOBIG);
  }
  if (arguments[0].has_bytes() && arguments[0].size() > InterruptWatch::bytes_between) {
    return quote_long(context, arguments[0]);
  }
  return give_text(context, quote_value(arguments[0]));
}

// The BLOB; NULL if there is anything but pairs of digits with ignored characters between.
Status from_hexadecimal(const FunctionContext& context, Arguments arguments) {
  TextBuffer buffers[2];
  const Value text = to_text(arguments[0], buffers[0]);
  const Value ignored = arguments.size() == 2 ? to_text(arguments[1], buffers[1]) : Value::of_text("");
  if (text.is_null() || ignored.is_null()) return give_null(context);
  const std::string_view data = until_nul(text.text());
  const std::string_view others = until_nul(ignored.text());
  // Compared by code point, so that all bytes that are no character are the same.
  std::vector<uint32_t> passed_over;
  for (size_t at = 0; at < others.size();) {
    const size_t end = character_end(others, at);
    passed_over.push_back(first_code_point(others.substr(at, end - at)));
    at = end;
  }
  std::string bytes;
  InterruptWatch watch(context.host);
  for (size_t at = 0; at < data.size();) {
    KEELBACK_TRY(watch.work(2 + passed_over.size()));
    if (const int high = hex_digit(data[at]); high >= 0) {
      const int low = at + 1 < data.size() ? hex_digit(data[at + 1]) : -1;
      if (low < 0) return give_null(context);
      bytes.push_back(static_cast<char>(high << 4 | low));
      at += 2;
      continue;
    }
    const size_t end = character_end(data, at);
    const uint32_t code = first_code_point(data.substr(at, end - at));
    if (std::find(passed_over.begin(), passed_over.end(), code) == passed_over.end()) return give_null(context);
    at = end;
  }
  context.result.adopt(std::move(bytes), Type::blob);
  return ok_status;
}

// How many digits follow the letter of an escape of unistr(); without a letter four.
size_t digits_after(char letter) { return letter == '+' ? 6 : letter == 'U' ? 8 : 4; }

Status unistr(const FunctionContext& context, Arguments arguments) {
  TextBuffer buffer;
  const Value value = to_text(arguments[0], buffer);
  if (value.is_null()) return give_null(context);
  const std::string_view text = value.text();
  std::string made;
  size_t position = 0;
  InterruptWatch watch(context.host);
  for (size_t backslash; (backslash = text.find('\\', position)) != std::string_view::npos;) {
    KEELBACK_TRY(watch.work(backslash - position + 1));
    made.append(text.substr(position, backslash - position));
    const char letter = backslash + 1 < text.size() ? text[backslash + 1] : '\0';
    if (letter == '\\') {
      made.push_back('\\');
      position = backslash + 2;
      continue;
    }
    const bool has_letter = letter == 'u' || letter == 'U' || letter == '+';
    const size_t start = backslash + (has_letter ? 2 : 1);
    const size_t end = start + digits_after(letter);
    uint32_t code = 0;
    for (size_t at = start; at < end; ++at) {
      const int digit = at < text.size() ? hex_digit(text[at]) : -1;
      if (digit < 0) return Status(result::ERROR, "invalid Unicode escape");
      code = code << 4 | static_cast<uint32_t>(digit);
    }
    append_code_point(code, made);
    position = end;
  }
  made.append(text.substr(position));
  return give_text(context, std::move(made));
}

// As quote(), but a text with control characters goes through unistr().
Status quote_for_unistr(const FunctionContext& context, Arguments arguments) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string literal = quote_value(arguments[0]);
  const auto is_control = [](char c) { return c >= 1 && c <= 0x1F; };
  if (!arguments[0].is_text() || std::none_of(literal.begin(), literal.end(), is_control)) {
    return give_text(context, std::move(literal));
  }
  std::string made = "unistr(";
  for (const char c : literal) {
    if (is_control(c)) {
      made.append("\\u00");
      made.push_back(digits[c >> 4]);
      made.push_back(digits[c & 15]);
    } else {
      made.append(c == '\\' ? 2 : 1, c);
    }
  }
  made.push_back(')');
  return give_text(context, std::move(made));
}

constexpr ScalarEntry table[] = {
    {"typeof", 1, type_of},
    {"hex", 1, hexadecimal},
    {"unhex", 1, from_hexadecimal},
    {"unhex", 2, from_hexadecimal},
    {"unistr", 1, unistr},
    {"unistr_quote", 1, quote_for_unistr},
    {"quote", 1, quote},
};

}  // namespace

std::span<const ScalarEntry> literal_scalars() { return table; }

}  // namespace keelback::vm::functions
