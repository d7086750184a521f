// Functions of texts. A text ends at its first NUL character where SQLite ends it there.
//
// Twin: keelback_core/reference/vm/functions/text.py.
#include <algorithm>
#include <cstring>
#include <limits>
#include <vector>

#include "../../value/cast.hpp"
#include "../../value/text_bytes.hpp"
#include "registry.hpp"

namespace keelback::vm::functions {

namespace {

// Characters of length() and the forward walk of substr(): continuation bytes after a byte of 0x80 or more belong to
// it.
constexpr uint8_t any_lead = 0x80;

Status count_characters(const FunctionContext& context, std::string_view text, uint8_t first_lead, int64_t& count) {
  constexpr uint64_t high_bits = 0x8080808080808080;
  InterruptWatch watch(context.host);
  count = 0;
  for (size_t at = 0; at < text.size(); ++count) {
    // Eight characters of one byte at once.
    for (uint64_t word = 0; text.size() - at > sizeof word; at += sizeof word, count += sizeof word) {
      std::memcpy(&word, text.data() + at, sizeof word);
      if (word & high_bits) break;
      KEELBACK_TRY(watch.work(sizeof word));
    }
    const size_t end = character_end(text, at, first_lead);
    KEELBACK_TRY(watch.work(end - at));
    at = end;
  }
  return ok_status;
}

// The first place of a text that is not empty, looked for piece by piece: a search may take the product of both sizes.
Status find_text(InterruptWatch& watch, std::string_view text, std::string_view wanted, size_t& place) {
  const size_t piece = InterruptWatch::bytes_between / wanted.size() + 1;
  for (size_t start = 0; start + wanted.size() <= text.size(); start += piece) {
    place = text.substr(start, piece + wanted.size() - 1).find(wanted);
    if (place != std::string_view::npos) {
      place += start;
      return watch.work(place - start);
    }
    KEELBACK_TRY(watch.work(piece * wanted.size()));
  }
  place = std::string_view::npos;
  return ok_status;
}

Status length(const FunctionContext& context, Arguments arguments) {
  const Value& value = arguments[0];
  if (value.is_null()) return give_null(context);
  if (value.is_blob()) return give_integer(context, static_cast<int64_t>(value.size()));
  TextBuffer buffer;
  int64_t count = 0;
  KEELBACK_TRY(count_characters(context, until_nul(to_text(value, buffer).text()), any_lead, count));
  return give_integer(context, count);
}

Status octet_length(const FunctionContext& context, Arguments arguments) {
  TextBuffer buffer;
  const Value bytes = to_blob(arguments[0], buffer);
  return bytes.is_null() ? give_null(context) : give_integer(context, static_cast<int64_t>(bytes.size()));
}

Status fold(const FunctionContext& context, const Value& value, char first, int distance) {
  TextBuffer buffer;
  const Value text = to_text(value, buffer);
  if (text.is_null()) return give_null(context);
  std::string folded;
  folded.reserve(text.size());
  InterruptWatch watch(context.host);
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.size(), at + InterruptWatch::bytes_between);
    folded.append(text.text().substr(at, end - at));
    for (; at < end; ++at) {
      char& c = folded[at];
      if (c >= first && c < first + 26) c = static_cast<char>(c + distance);
    }
    KEELBACK_TRY(watch.work(InterruptWatch::bytes_between));
  }
  return give_text(context, std::move(folded));
}
Status lower(const FunctionContext& context, Arguments arguments) { return fold(context, arguments[0], 'A', 32); }
Status upper(const FunctionContext& context, Arguments arguments) { return fold(context, arguments[0], 'a', -32); }

// SQL's 1-based start (negative: from the end) and count (negative: before it) as [start, end).
void slice_bounds(int64_t& start, int64_t& count, int64_t size) {
  if (start < 0) {
    start += size;
    if (start < 0) {
      count = count < 0 ? 0 : count + start;
      start = 0;
    }
  } else if (start > 0) {
    --start;
  } else if (count > 0) {
    --count;
  }
  if (count < 0) {
    count = start < -count ? start : -count;
    start -= count;
  }
  if (count < 0) count = 0;
}

Status substr(const FunctionContext& context, Arguments arguments) {
  for (const Value& argument : arguments) {
    if (argument.is_null()) return give_null(context);
  }
  const Value& value = arguments[0];
  int64_t start = to_integer(arguments[1]);
  int64_t count = arguments.size() == 3 ? to_integer(arguments[2]) : std::numeric_limits<int64_t>::max();
  // The one number whose negative there is not; the rest of the arithmetic cannot overflow.
  if (count == std::numeric_limits<int64_t>::min()) ++count;
  if (value.is_blob()) {
    if (value.size() == 0) return give_null(context);
    const auto size = static_cast<int64_t>(value.size());
    slice_bounds(start, count, size);
    const int64_t first = start < size ? start : size;
    const int64_t taken = count < size - first ? count : size - first;
    return give(context, Value::of_blob(value.text().substr(static_cast<size_t>(first), static_cast<size_t>(taken))));
  }
  TextBuffer buffer;
  const std::string_view text = until_nul(to_text(value, buffer).text());
  int64_t all = 0;
  if (start < 0) KEELBACK_TRY(count_characters(context, text, 0xC0, all));
  slice_bounds(start, count, all);
  InterruptWatch watch(context.host);
  size_t first = 0;
  for (int64_t skipped = 0; skipped < start && first < text.size(); ++skipped) {
    first = character_end(text, first, any_lead);
    KEELBACK_TRY(watch.work(1));
  }
  size_t last = first;
  for (int64_t taken = 0; taken < count && last < text.size(); ++taken) {
    last = character_end(text, last, any_lead);
    KEELBACK_TRY(watch.work(1));
  }
  return give(context, Value::of_text(text.substr(first, last - first)));
}

Status trim_text(const FunctionContext& context, Arguments arguments, bool is_left, bool is_right) {
  TextBuffer buffer;
  TextBuffer second_buffer;
  const Value value = to_text(arguments[0], buffer);
  const Value wanted = arguments.size() == 2 ? to_text(arguments[1], second_buffer) : Value::of_text(" ");
  if (value.is_null() || wanted.is_null()) return give_null(context);
  const std::string_view characters = until_nul(wanted.text());
  std::vector<std::string_view> pieces;
  for (size_t at = 0; at < characters.size();) {
    const size_t end = character_end(characters, at);
    pieces.push_back(characters.substr(at, end - at));
    at = end;
  }
  std::string_view text = value.text();
  const auto trim_one = [&](bool at_start) {
    for (const std::string_view piece : pieces) {
      if (at_start ? text.starts_with(piece) : text.ends_with(piece)) {
        if (at_start) {
          text.remove_prefix(piece.size());
        } else {
          text.remove_suffix(piece.size());
        }
        return true;
      }
    }
    return false;
  };
  InterruptWatch watch(context.host);
  while (is_left && trim_one(true)) KEELBACK_TRY(watch.work(characters.size()));
  while (is_right && trim_one(false)) KEELBACK_TRY(watch.work(characters.size()));
  return give(context, Value::of_text(text));
}
Status trim(const FunctionContext& context, Arguments arguments) { return trim_text(context, arguments, true, true); }
Status trim_left(const FunctionContext& context, Arguments arguments) {
  return trim_text(context, arguments, true, false);
}
Status trim_right(const FunctionContext& context, Arguments arguments) {
  return trim_text(context, arguments, false, true);
}

Status replace(const FunctionContext& context, Arguments arguments) {
  TextBuffer buffers[3];
  const Value value = to_text(arguments[0], buffers[0]);
  const Value old_value = to_text(arguments[1], buffers[1]);
  const Value new_value = to_text(arguments[2], buffers[2]);
  if (value.is_null() || old_value.is_null()) return give_null(context);
  std::string_view text = value.text();
  const std::string_view old_text = old_value.text();
  if (old_text.empty() || old_text[0] == '\0') return give(context, value);
  if (new_value.is_null()) return give_null(context);
  std::string replaced;
  InterruptWatch watch(context.host);
  while (true) {
    size_t at = 0;
    KEELBACK_TRY(find_text(watch, text, old_text, at));
    if (at == std::string_view::npos) break;
    replaced.append(text.substr(0, at)).append(new_value.text());
    KEELBACK_TRY(watch.work(new_value.size() + 1));
    text.remove_prefix(at + old_text.size());
    if (replaced.size() > context.host.limit_length) return Status(result::TOOBIG);
  }
  replaced.append(text);
  return give_text(context, std::move(replaced));
}

Status instr(const FunctionContext& context, Arguments arguments) {
  if (arguments[0].is_null() || arguments[1].is_null()) return give_null(context);
  if (arguments[0].is_blob() && arguments[1].is_blob()) {
    size_t place = 0;
    InterruptWatch watch(context.host);
    if (arguments[1].size()) KEELBACK_TRY(find_text(watch, arguments[0].text(), arguments[1].text(), place));
    return give_integer(context, place == std::string_view::npos ? 0 : static_cast<int64_t>(place) + 1);
  }
  TextBuffer buffers[2];
  const std::string_view haystack = to_text(arguments[0], buffers[0]).text();
  const std::string_view needle = to_text(arguments[1], buffers[1]).text();
  int64_t number = 1;
  InterruptWatch watch(context.host);
  for (size_t at = 0; at + needle.size() <= haystack.size(); ++number) {
    if (haystack.substr(at).starts_with(needle)) return give_integer(context, number);
    KEELBACK_TRY(watch.work(needle.size() + 1));
    ++at;
    while (at < haystack.size() && (static_cast<uint8_t>(haystack[at]) & 0xC0) == 0x80) ++at;
  }
  return give_integer(context, 0);
}

Status make_characters(const FunctionContext& context, Arguments arguments) {
  std::string text;
  for (const Value& argument : arguments) {
    const int64_t code = to_integer(argument);
    append_code_point(code < 0 || code > 0x10FFFF ? replacement_character : static_cast<uint32_t>(code), text);
  }
  return give_text(context, std::move(text));
}

Status unicode(const FunctionContext& context, Arguments arguments) {
  TextBuffer buffer;
  const Value value = to_text(arguments[0], buffer);
  if (value.is_null() || value.size() == 0 || value.text()[0] == '\0') return give_null(context);
  return give_integer(context, first_code_point(value.text()));
}

Status join(const FunctionContext& context, std::string_view separator, Arguments values) {
  std::string joined;
  InterruptWatch watch(context.host);
  bool is_first = true;
  for (const Value& value : values) {
    if (value.is_null()) continue;
    TextBuffer buffer;
    const size_t before = joined.size();
    if (!is_first) joined.append(separator);
    joined.append(to_text(value, buffer).text());
    is_first = false;
    if (joined.size() > context.host.limit_length) return Status(result::TOOBIG);
    KEELBACK_TRY(watch.work(joined.size() > before ? joined.size() - before : 0));
  }
  return give_text(context, std::move(joined));
}

Status concat_all(const FunctionContext& context, Arguments arguments) { return join(context, "", arguments); }

Status concat_separated(const FunctionContext& context, Arguments arguments) {
  TextBuffer buffer;
  const Value separator = to_text(arguments[0], buffer);
  return separator.is_null() ? give_null(context) : join(context, separator.text(), arguments.subspan(1));
}

constexpr ScalarEntry table[] = {
    {"length", 1, length},
    {"octet_length", 1, octet_length},
    {"lower", 1, lower},
    {"upper", 1, upper},
    {"substr", 2, substr},
    {"substr", 3, substr},
    {"substring", 2, substr},
    {"substring", 3, substr},
    {"ltrim", 1, trim_left},
    {"ltrim", 2, trim_left},
    {"rtrim", 1, trim_right},
    {"rtrim", 2, trim_right},
    {"trim", 1, trim},
    {"trim", 2, trim},
    {"replace", 3, replace},
    {"instr", 2, instr},
    {"char", -1, make_characters},
    {"unicode", 1, unicode},
    {"concat", -1, concat_all},
    {"concat_ws", -1, concat_separated},
};

}  // namespace

std::span<const ScalarEntry> text_scalars() { return table; }

}  // namespace keelback::vm::functions
