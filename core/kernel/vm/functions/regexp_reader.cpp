#include "regexp_reader.hpp"

#include "../../value/text_bytes.hpp"

namespace keelback::vm::regexp {

namespace {

using Fragment = std::vector<Instruction>;
constexpr int64_t nothing = -1;

Status error(const char* message) { return Status(result::ERROR, message); }

void append(Fragment& fragment, const Fragment& other) { fragment.insert(fragment.end(), other.begin(), other.end()); }
int32_t size_of(const Fragment& fragment) { return static_cast<int32_t>(fragment.size()); }

// A parenthesis that is open: its finished branches and the parts of the one being read.
struct Group {
  std::vector<Fragment> branches;
  std::vector<Fragment> parts;
  bool can_repeat = false;

  void add(Fragment fragment, bool is_repeatable = true) {
    parts.push_back(std::move(fragment));
    can_repeat = is_repeatable;
  }
  void end_branch() {
    Fragment branch;
    for (const Fragment& part : parts) append(branch, part);
    branches.push_back(std::move(branch));
    parts.clear();
    can_repeat = false;
  }
  // The whole group as one fragment.
  Fragment finish() {
    end_branch();
    Fragment joined = std::move(branches.back());
    for (size_t place = branches.size() - 1; place-- > 0;) {
      Fragment longer{{Kind::split, 1, size_of(branches[place]) + 2}};
      append(longer, branches[place]);
      longer.push_back({Kind::jump, size_of(joined) + 1});
      append(longer, joined);
      joined = std::move(longer);
    }
    return joined;
  }
};

bool is_upper(int64_t c) { return c >= 'A' && c <= 'Z'; }

class Reader {
 public:
  Reader(std::string_view pattern, bool ignores_case, std::vector<CharacterSet>& sets)
      : ignores_case_(ignores_case), sets_(sets) {
    for (size_t at = 0; at < pattern.size();) pattern_.push_back(take_character(pattern, at));
  }

  Status read(Fragment& program) {
    std::vector<Group> groups(1);
    while (position_ < pattern_.size()) {
      const uint32_t c = pattern_[position_++];
      if (c == '(') {
        groups.emplace_back();
      } else if (c == ')') {
        if (groups.size() == 1) return error("unrecognized character");
        Fragment inner = groups.back().finish();
        groups.pop_back();
        groups.back().add(std::move(inner));
      } else if (c == '|') {
        groups.back().end_branch();
      } else if (c == '*' || c == '+' || c == '?' || c == '{') {
        KEELBACK_TRY(repeat(groups.back(), c));
      } else {
        KEELBACK_TRY(read_part(groups.back(), c));
      }
      KEELBACK_TRY(count(1));
    }
    if (groups.size() > 1) return error("unmatched '('");
    program = groups[0].finish();
    program.push_back({Kind::match});
    return ok_status;
  }

 private:
  int64_t peek(size_t ahead = 0) const {
    return position_ + ahead < pattern_.size() ? static_cast<int64_t>(pattern_[position_ + ahead]) : nothing;
  }
  uint32_t fold(uint32_t c) const { return ignores_case_ && is_upper(c) ? c + 32 : c; }
  Status count(size_t instructions) {
    size_ += instructions;
    return size_ > largest_program ? error("REGEXP pattern too big") : ok_status;
  }

  Status read_part(Group& group, uint32_t c) {
    switch (c) {
      case '.':
        group.add({{Kind::any}});
        return ok_status;
      case '^':
        group.add({{Kind::start}}, position_ > 1);
        return ok_status;
      case '$':
        group.add({{Kind::end}});
        return ok_status;
      case '[': {
        CharacterSet set;
        KEELBACK_TRY(read_set(set));
        sets_.push_back(std::move(set));
        group.add({{Kind::set, static_cast<int32_t>(sets_.size() - 1)}});
        return ok_status;
      }
      case '\\':
        return read_backslash(group);
      default:
        group.add({{Kind::character, static_cast<int32_t>(fold(c))}});
        return ok_status;
    }
  }

  Status read_backslash(Group& group) {
    const int64_t letter = peek();
    if (letter == 'b') {
      ++position_;
      group.add({{Kind::boundary}});
      return ok_status;
    }
    if (letter == 'd' || letter == 'D' || letter == 's' || letter == 'S' || letter == 'w' || letter == 'W') {
      ++position_;
      group.add({{Kind::class_of, static_cast<int32_t>(letter)}});
      return ok_status;
    }
    uint32_t c = 0;
    KEELBACK_TRY(read_escape(c));
    group.add({{Kind::character, static_cast<int32_t>(fold(c))}});
    return ok_status;
  }

  // The character that the escape at the position stands for.
  Status read_escape(uint32_t& c) {
    const int64_t letter = peek();
    ++position_;
    if (letter == 'x' || letter == 'u') {
      const size_t digits = letter == 'x' ? 2 : 4;
      c = 0;
      for (size_t place = 0; place < digits; ++place) {
        const int64_t sign = peek(place);
        const int digit = sign >= 0 && sign < 0x80 ? hex_digit(static_cast<char>(sign)) : -1;
        if (digit < 0) return error("unknown \\ escape");
        c = c << 4 | static_cast<uint32_t>(digit);
      }
      position_ += digits;
      return ok_status;
    }
    constexpr std::string_view letters = "afnrtv";
    constexpr std::string_view meanings = "\a\f\n\r\t\v";
    constexpr std::string_view plain = "\\()*.+?[$^{|}]-";
    const bool is_ascii = letter > 0 && letter < 0x80;
    const char sign = is_ascii ? static_cast<char>(letter) : '\0';
    if (const size_t place = letters.find(sign); is_ascii && place != std::string_view::npos) {
      c = static_cast<uint8_t>(meanings[place]);
      return ok_status;
    }
    if (!is_ascii || plain.find(sign) == std::string_view::npos) return error("unknown \\ escape");
    c = static_cast<uint32_t>(letter);
    return ok_status;
  }

  Status read_set_character(uint32_t& c) {
    if (peek() == nothing) return error("unclosed '['");
    c = pattern_[position_++];
    return c == '\\' ? read_escape(c) : ok_status;
  }

  Status read_set(CharacterSet& set) {
    set.is_inverted = peek() == '^';
    if (set.is_inverted) ++position_;
    bool is_first = true;
    while (is_first || peek() != ']') {
      is_first = false;
      if (peek() == '[' && peek(1) == ':') return error("POSIX character classes not supported");
      uint32_t low = 0;
      KEELBACK_TRY(read_set_character(low));
      uint32_t high = low;
      if (peek() == '-') {
        ++position_;
        KEELBACK_TRY(read_set_character(high));
      }
      set.ranges.emplace_back(low, high);
    }
    ++position_;
    if (!ignores_case_) return ok_status;
    for (size_t place = 0, plain = set.ranges.size(); place < plain; ++place) {
      const auto [low, high] = set.ranges[place];
      if (is_upper(low) && is_upper(high) && low <= high) set.ranges.emplace_back(low + 32, high + 32);
    }
    return ok_status;
  }

  bool is_at_digit() const { return peek() >= '0' && peek() <= '9'; }
  size_t read_number() {
    size_t number = 0;
    for (; is_at_digit(); ++position_) {
      number = std::min(number * 10 + static_cast<size_t>(peek() - '0'), largest_program);
    }
    return number;
  }

  // A repetition sign behind the last part.
  Status repeat(Group& group, uint32_t sign) {
    if (!group.can_repeat) {
      return error(sign == '*'   ? "'*' without operand"
                   : sign == '+' ? "'+' without operand"
                   : sign == '?' ? "'?' without operand"
                                 : "'{m,n}' without operand");
    }
    const Fragment body = std::move(group.parts.back());
    group.parts.pop_back();
    const int32_t size = size_of(body);
    Fragment repeated;
    if (sign == '*') {
      append_any_number(repeated, body);
    } else if (sign == '+') {
      append(repeated, body);
      repeated.push_back({Kind::split, -size, 1});
    } else if (sign == '?') {
      repeated.push_back({Kind::split, 1, size + 1});
      append(repeated, body);
    } else {
      KEELBACK_TRY(append_counted(repeated, body));
    }
    group.add(std::move(repeated));
    return ok_status;
  }

  static void append_any_number(Fragment& fragment, const Fragment& body) {
    fragment.push_back({Kind::split, 1, size_of(body) + 2});
    append(fragment, body);
    fragment.push_back({Kind::jump, -size_of(body) - 1});
  }

  // The body between `m` and `n` times; the position is behind the brace.
  Status append_counted(Fragment& fragment, const Fragment& body) {
    const size_t least = read_number();
    size_t most = least;
    bool is_open = false;
    if (peek() == ',') {
      ++position_;
      is_open = !is_at_digit();
      most = is_open ? 0 : read_number();
    }
    if (peek() != '}') return error("unmatched '{'");
    if (!is_open && most == 0 && least == 0) return error("both m and n are zero in '{m,n}'");
    if (!is_open && most < least) return error("n less than m in '{m,n}'");
    ++position_;
    KEELBACK_TRY(count((is_open ? least + 1 : most) * (body.size() + 1)));
    for (size_t copy = 0; copy < least; ++copy) append(fragment, body);
    if (is_open) {
      append_any_number(fragment, body);
      return ok_status;
    }
    // Each optional copy jumps to the end of all of them.
    for (size_t left = most - least; left > 0; --left) {
      fragment.push_back({Kind::split, 1, static_cast<int32_t>(left * (body.size() + 1))});
      append(fragment, body);
    }
    return ok_status;
  }

  std::vector<uint32_t> pattern_;
  bool ignores_case_;
  std::vector<CharacterSet>& sets_;
  size_t position_ = 0;
  size_t size_ = 0;
};

}  // namespace

uint32_t take_character(std::string_view text, size_t& at) noexcept {
  const auto byte = static_cast<uint8_t>(text[at]);
  if (byte < 0x80) {
    ++at;
    return byte;
  }
  size_t end = at;
  const uint32_t code = take_code_point(text, end);
  if (code == replacement_character && text.substr(at, end - at) != "\xef\xbf\xbd") {
    ++at;
    return 0xDC00 + byte;
  }
  at = end;
  return code;
}

Status read_pattern(std::string_view pattern, bool ignores_case, std::vector<Instruction>& program,
                    std::vector<CharacterSet>& sets) {
  return Reader(pattern, ignores_case, sets).read(program);
}

}  // namespace keelback::vm::regexp
