// regexp and regexpi (behind REGEXP), regexp_like, regexp_substr, regexp_replace.
//
// 1. regexp(pattern, text) is as SQLite's extension has it; the others take the text first and find the leftmost match,
//    the longest that begins there. The replacement is taken as it is.
// 2. The last few patterns stay compiled with the host, so that a pattern is read once for all rows.
//
// Twin: keelback_core/reference/vm/functions/regexp.py.
#include <array>

#include "../../value/cast.hpp"
#include "regexp_engine.hpp"
#include "regexp_reader.hpp"
#include "registry.hpp"

namespace keelback::vm::functions {

namespace {

using regexp::Match;
using regexp::Pattern;

// The patterns used last, the oldest of them first to go.
class RegexpMemory final : public RegisterObject {
 public:
  Status compiled(std::string_view text, bool ignores_case, Pattern*& pattern) {
    for (Entry& entry : entries_) {
      if (entry.is_used && entry.ignores_case == ignores_case && entry.text == text) {
        pattern = &entry.pattern;
        return ok_status;
      }
    }
    Entry& entry = entries_[oldest_];
    entry.is_used = false;
    entry.text.assign(text);
    entry.ignores_case = ignores_case;
    KEELBACK_TRY(entry.pattern.compile(until_nul(entry.text), ignores_case));
    entry.is_used = true;
    oldest_ = (oldest_ + 1) % entries_.size();
    pattern = &entry.pattern;
    return ok_status;
  }

 private:
  struct Entry {
    bool is_used = false;
    bool ignores_case = false;
    std::string text;
    Pattern pattern;
  };
  std::array<Entry, 8> entries_;
  size_t oldest_ = 0;
};

Status compiled(const FunctionContext& context, const Value& text, bool ignores_case, Pattern*& pattern) {
  auto& memory = context.host.regexp_memory;
  if (!memory) memory = std::make_unique<RegexpMemory>();
  return static_cast<RegexpMemory&>(*memory).compiled(text.text(), ignores_case, pattern);
}

template <bool ignores_case>
Status matches(const FunctionContext& context, Arguments arguments) {
  TextBuffer buffers[2];
  const Value wanted = to_text(arguments[0], buffers[0]);
  if (wanted.is_null()) return give_null(context);
  Pattern* pattern = nullptr;
  KEELBACK_TRY(compiled(context, wanted, ignores_case, pattern));
  const Value text = to_text(arguments[1], buffers[1]);
  if (text.is_null()) return give_null(context);
  bool is_found = false;
  if (ignores_case) {
    KEELBACK_TRY(pattern->matches(regexp::folded(text.text()), context.host.is_interrupted, is_found));
  } else {
    KEELBACK_TRY(pattern->matches(text.text(), context.host.is_interrupted, is_found));
  }
  return give_integer(context, is_found);
}

Status like(const FunctionContext& context, Arguments arguments) {
  if (arguments[0].is_null() || arguments[1].is_null()) return give_null(context);
  const Value swapped[2] = {arguments[1], arguments[0]};
  return matches<false>(context, swapped);
}

Status substring(const FunctionContext& context, Arguments arguments) {
  TextBuffer buffers[2];
  const Value text = to_text(arguments[0], buffers[0]);
  const Value wanted = to_text(arguments[1], buffers[1]);
  if (text.is_null() || wanted.is_null()) return give_null(context);
  Pattern* pattern = nullptr;
  KEELBACK_TRY(compiled(context, wanted, false, pattern));
  Match match;
  KEELBACK_TRY(pattern->find(text.text(), 0, context.host.is_interrupted, match));
  if (!match.is_found) return give_null(context);
  return give(context, Value::of_text(text.text().substr(match.start, match.end - match.start)));
}

Status replace(const FunctionContext& context, Arguments arguments) {
  TextBuffer buffers[3];
  const Value given = to_text(arguments[0], buffers[0]);
  const Value wanted = to_text(arguments[1], buffers[1]);
  const Value replacement = to_text(arguments[2], buffers[2]);
  if (given.is_null() || wanted.is_null() || replacement.is_null()) return give_null(context);
  Pattern* pattern = nullptr;
  KEELBACK_TRY(compiled(context, wanted, false, pattern));
  const std::string_view text = given.text();
  std::string made;
  size_t copied = 0;
  for (size_t position = 0; position <= text.size();) {
    Match match;
    KEELBACK_TRY(pattern->find(text, position, context.host.is_interrupted, match));
    if (!match.is_found) break;
    made.append(text.substr(copied, match.start - copied)).append(replacement.text());
    if (made.size() > context.host.limit_length) return Status(result::TOOBIG);
    copied = match.end;
    position = match.end;
    if (match.end == match.start) {
      if (position == text.size()) break;
      regexp::take_character(text, position);
    }
  }
  made.append(text.substr(copied));
  return made.size() > context.host.limit_length ? Status(result::TOOBIG) : give_text(context, std::move(made));
}

constexpr ScalarEntry table[] = {
    {"regexp", 2, matches<false>},   {"regexpi", 2, matches<true>},  {"regexp_like", 2, like},
    {"regexp_substr", 2, substring}, {"regexp_replace", 3, replace},
};

}  // namespace

std::span<const ScalarEntry> regexp_scalars() { return table; }

}  // namespace keelback::vm::functions
