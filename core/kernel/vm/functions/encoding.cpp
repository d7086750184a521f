// base64, base85 and is_base85, as SQLite's extensions have them: a BLOB becomes text, a text becomes a BLOB.
//
// 1. Text comes in lines: 72 characters of base64, 80 of base85; every line, the last too, ends with a line feed.
// 2. Reading goes on to the first character that is neither a digit nor white space between groups.
//
// Twin: keelback_core/reference/vm/functions/encoding.py.
#include <vector>

#include "registry.hpp"

namespace keelback::vm::functions {

namespace {

constexpr std::string_view signs64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

// The signs of base85: none that text in quotes would need to escape.
char sign85(uint32_t digit) { return static_cast<char>(digit < 4 ? '#' + digit : '*' + digit - 4); }
int digit85(char c) {
  if (c >= '#' && c <= '&') return c - '#';
  return c >= '*' && c <= 'z' ? c - '*' + 4 : -1;
}
int digit64(char c) {
  const size_t place = signs64.find(c);
  return c == '\0' || place == std::string_view::npos ? -1 : static_cast<int>(place);
}

// Signs in lines of that width.
class Lines {
 public:
  explicit Lines(size_t width) : width_(width) {}
  void put(char c) {
    text_.push_back(c);
    if (++column_ == width_) end_line();
  }
  std::string finish() {
    if (column_ > 0) end_line();
    return std::move(text_);
  }

 private:
  void end_line() {
    text_.push_back('\n');
    column_ = 0;
  }
  std::string text_;
  size_t width_;
  size_t column_ = 0;
};

Status encode64(InterruptWatch& watch, Bytes data, std::string& text) {
  Lines lines(72);
  for (size_t start = 0; start < data.size(); start += 3) {
    KEELBACK_TRY(watch.work(4));
    const size_t size = std::min<size_t>(3, data.size() - start);
    uint32_t bits = 0;
    for (size_t place = 0; place < 3; ++place) bits = bits << 8 | (place < size ? data[start + place] : 0U);
    for (size_t place = 0; place < 4; ++place) lines.put(place <= size ? signs64[bits >> (18 - 6 * place) & 63] : '=');
  }
  text = lines.finish();
  return ok_status;
}

Status encode85(InterruptWatch& watch, Bytes data, std::string& text) {
  Lines lines(80);
  for (size_t start = 0; start < data.size(); start += 4) {
    KEELBACK_TRY(watch.work(5));
    const size_t size = std::min<size_t>(4, data.size() - start);
    uint32_t number = 0;
    for (size_t place = 0; place < size; ++place) number = number << 8 | data[start + place];
    char signs[5];
    for (size_t place = size + 1; place-- > 0; number /= 85) signs[place] = sign85(number % 85);
    for (size_t place = 0; place <= size; ++place) lines.put(signs[place]);
  }
  text = lines.finish();
  return ok_status;
}

// Call `take` with the digits of each group; only the last is shorter, or one that padding ended.
template <typename Digit, typename Take>
Status read_groups(InterruptWatch& watch, std::string_view text, Digit digit, size_t size, char padding, Take take) {
  size_t position = 0;
  std::vector<uint32_t> group;
  while (position < text.size()) {
    KEELBACK_TRY(watch.work(size));
    if (is_space(text[position]) || (padding && text[position] == padding)) {
      ++position;
      continue;
    }
    group.clear();
    for (; group.size() < size && position < text.size(); ++position) {
      const int found = digit(text[position]);
      if (found < 0) break;
      group.push_back(static_cast<uint32_t>(found));
    }
    if (group.empty()) break;
    take(group);
  }
  return ok_status;
}

Status decode64(InterruptWatch& watch, std::string_view text, std::string& data) {
  return read_groups(watch, text, digit64, 4, '=', [&](const std::vector<uint32_t>& group) {
    uint32_t bits = 0;
    for (size_t place = 0; place < 4; ++place) bits = bits << 6 | (place < group.size() ? group[place] : 0);
    for (size_t place = 0; place + 1 < group.size(); ++place) {
      data.push_back(static_cast<char>(bits >> (16 - 8 * place)));
    }
  });
}

Status decode85(InterruptWatch& watch, std::string_view text, std::string& data) {
  return read_groups(watch, text, digit85, 5, '\0', [&](const std::vector<uint32_t>& group) {
    uint64_t number = 0;
    for (const uint32_t digit : group) number = number * 85 + digit;
    for (size_t left = group.size() - 1; left-- > 0;) data.push_back(static_cast<char>(number >> (8 * left)));
  });
}

Status base64(const FunctionContext& context, Arguments arguments) {
  const Value& value = arguments[0];
  InterruptWatch watch(context.host);
  std::string converted;
  if (value.is_blob()) {
    if (value.size() * 4 / 3 > context.host.limit_length) return Status(result::TOOBIG);
    KEELBACK_TRY(encode64(watch, value.blob(), converted));
    return give_text(context, std::move(converted));
  }
  if (!value.is_text()) return Status(result::ERROR, "base64 accepts only blob or text");
  KEELBACK_TRY(decode64(watch, value.text(), converted));
  context.result.adopt(std::move(converted), Type::blob);
  return ok_status;
}

Status base85(const FunctionContext& context, Arguments arguments) {
  const Value& value = arguments[0];
  InterruptWatch watch(context.host);
  std::string converted;
  if (value.is_blob()) {
    if (value.size() * 5 / 4 > context.host.limit_length) return Status(result::TOOBIG);
    KEELBACK_TRY(encode85(watch, value.blob(), converted));
    return give_text(context, std::move(converted));
  }
  if (!value.is_text()) return Status(result::ERROR, "base85 accepts only blob or text.");
  KEELBACK_TRY(decode85(watch, value.text(), converted));
  context.result.adopt(std::move(converted), Type::blob);
  return ok_status;
}

Status is_base85(const FunctionContext& context, Arguments arguments) {
  if (arguments[0].is_null()) return give_null(context);
  if (!arguments[0].is_text()) return Status(result::ERROR, "is_base85 accepts only text or NULL");
  for (const char c : arguments[0].text()) {
    if (digit85(c) < 0 && !is_space(c)) return give_integer(context, 0);
  }
  return give_integer(context, 1);
}

constexpr ScalarEntry table[] = {
    {"base64", 1, base64},
    {"base85", 1, base85},
    {"is_base85", 1, is_base85},
};

}  // namespace

std::span<const ScalarEntry> encoding_scalars() { return table; }

}  // namespace keelback::vm::functions
