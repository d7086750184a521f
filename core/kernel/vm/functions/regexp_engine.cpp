#include "regexp_engine.hpp"

#include <algorithm>
#include <cstring>

#include "regexp_reader.hpp"

namespace keelback::vm::regexp {

namespace {

// So many characters are read between two looks at the interrupt flag.
constexpr size_t looks_every = 4096;

bool is_word(int64_t c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

bool is_in_class(int32_t letter, uint32_t c) {
  const int32_t lower = letter | 0x20;
  const bool is_found = lower == 'd'   ? c >= '0' && c <= '9'
                        : lower == 'w' ? is_word(c)
                                       : c == ' ' || (c >= '\t' && c <= '\r');
  return is_found != (letter < 'a');
}

}  // namespace

std::string folded(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  }
  return lower;
}

Status Pattern::compile(std::string_view pattern, bool ignores_case) {
  program_.clear();
  sets_.clear();
  KEELBACK_TRY(read_pattern(pattern, ignores_case, program_, sets_));
  known_.assign(program_.size(), 0);
  round_ = 0;
  find_first_byte();
  return ok_status;
}

// Where all that can begin a match is one and the same character of ASCII.
void Pattern::find_first_byte() {
  first_byte_ = -1;
  // An assertion looks at the character before, which the search for a byte passes over.
  for (const Instruction& instruction : program_) {
    if (instruction.kind == Kind::start || instruction.kind == Kind::end || instruction.kind == Kind::boundary) return;
  }
  begin_round();
  close(0, {true, -1, -1});
  if (is_match_) return;
  int found = -1;
  for (const int32_t place : reached_) {
    const Instruction& instruction = program_[static_cast<size_t>(place)];
    if (instruction.kind != Kind::character || instruction.argument >= 0x80) return;
    if (found >= 0 && found != instruction.argument) return;
    found = instruction.argument;
  }
  first_byte_ = found;
}

// A round is one place of a text.
void Pattern::begin_round() {
  if (++round_ == 0) {
    std::fill(known_.begin(), known_.end(), 0U);
    round_ = 1;
  }
  reached_.clear();
  is_match_ = false;
}

bool Pattern::holds(Kind kind, const Between& between) const {
  if (kind == Kind::start) return between.is_start;
  return kind == Kind::end ? between.after < 0 : is_word(between.before) != is_word(between.after);
}

// All places reached from there without reading a character.
void Pattern::close(int32_t place, const Between& between) {
  waiting_.push_back(place);
  while (!waiting_.empty()) {
    const auto here = static_cast<size_t>(waiting_.back());
    waiting_.pop_back();
    if (known_[here] == round_) continue;
    known_[here] = round_;
    const Instruction& instruction = program_[here];
    const auto at = static_cast<int32_t>(here);
    switch (instruction.kind) {
      case Kind::character:
      case Kind::any:
      case Kind::set:
      case Kind::class_of:
        reached_.push_back(at);
        break;
      case Kind::match:
        is_match_ = true;
        break;
      case Kind::jump:
        waiting_.push_back(at + instruction.argument);
        break;
      case Kind::split:
        waiting_.push_back(at + instruction.second);
        waiting_.push_back(at + instruction.argument);
        break;
      default:
        if (holds(instruction.kind, between)) waiting_.push_back(at + 1);
    }
  }
}

// The places after the character is read, in `next_`.
void Pattern::advance(uint32_t character) {
  next_.clear();
  for (const int32_t place : reached_) {
    const Instruction& instruction = program_[static_cast<size_t>(place)];
    bool is_read = true;
    if (instruction.kind == Kind::character) {
      is_read = static_cast<uint32_t>(instruction.argument) == character;
    } else if (instruction.kind == Kind::set) {
      is_read = sets_[static_cast<size_t>(instruction.argument)].contains(character);
    } else if (instruction.kind == Kind::class_of) {
      is_read = is_in_class(instruction.argument, character);
    }
    if (is_read) next_.push_back(place + 1);
  }
}

Status Pattern::matches(std::string_view text, const std::atomic<bool>& is_interrupted, bool& is_found) {
  is_found = false;
  next_.clear();
  int64_t before = -1;
  size_t looks = 0;
  for (size_t at = 0;;) {
    if (first_byte_ >= 0 && next_.empty()) {
      // Nothing is under way: only this byte can begin a match. No assertion needs the character before it.
      const void* found = at < text.size() ? std::memchr(text.data() + at, first_byte_, text.size() - at) : nullptr;
      if (!found) return ok_status;
      at = static_cast<size_t>(static_cast<const char*>(found) - text.data());
    }
    size_t after_at = at;
    const int64_t after = at < text.size() ? static_cast<int64_t>(take_character(text, after_at)) : -1;
    const Between between{at == 0, before, after};
    begin_round();
    for (const int32_t place : next_) close(place, between);
    close(0, between);
    is_found = is_match_;
    if (is_found || after < 0) return ok_status;
    advance(static_cast<uint32_t>(after));
    before = after;
    at = after_at;
    if (++looks % looks_every == 0 && is_interrupted) return Status(result::INTERRUPT);
  }
}

Status Pattern::find(std::string_view text, size_t start, const std::atomic<bool>& is_interrupted, Match& match) {
  match.is_found = false;
  for (size_t first = start;;) {
    if (first_byte_ >= 0) {
      first = text.find(static_cast<char>(first_byte_), first);
      if (first == std::string_view::npos) return ok_status;
    }
    KEELBACK_TRY(longest(text, first, is_interrupted, match));
    if (match.is_found || first >= text.size()) return ok_status;
    take_character(text, first);
  }
}

// The longest match that begins there.
Status Pattern::longest(std::string_view text, size_t first, const std::atomic<bool>& is_interrupted, Match& match) {
  int64_t before = -1;
  if (first > 0) before = static_cast<uint8_t>(text[first - 1]) < 0x80 ? static_cast<uint8_t>(text[first - 1]) : 0x80;
  next_.assign(1, 0);
  size_t looks = 0;
  for (size_t at = first;;) {
    size_t after_at = at;
    const int64_t after = at < text.size() ? static_cast<int64_t>(take_character(text, after_at)) : -1;
    const Between between{at == 0, before, after};
    begin_round();
    for (const int32_t place : next_) close(place, between);
    if (is_match_) match = {first, at, true};
    if (reached_.empty() || after < 0) break;
    advance(static_cast<uint32_t>(after));
    before = after;
    at = after_at;
    if (++looks % looks_every == 0 && is_interrupted) return Status(result::INTERRUPT);
  }
  return is_interrupted ? Status(result::INTERRUPT) : ok_status;
}

}  // namespace keelback::vm::regexp
