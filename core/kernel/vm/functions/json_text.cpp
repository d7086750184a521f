#include "json_text.hpp"

#include <algorithm>
#include <cstring>

#include "json_parsing.hpp"
#include "json_space.hpp"
#include "json_string.hpp"

namespace keelback::vm::json {

namespace {

// What a text of NUL at its end says there; none of these looks behind the NUL.
bool is_hex_run(const char* at, int count) noexcept {
  for (; count > 0; --count, ++at) {
    if (!is_hex(*at)) return false;
  }
  return true;
}

// What the escape with that letter asks of the string's kind; -1 for none that exists.
int escape_kind(const char* at) noexcept {
  if (is_plain_escape(*at)) return kind_text_escaped;
  switch (*at) {
    case 'u':
      return is_hex_run(at + 1, 4) ? static_cast<int>(kind_text_escaped) : -1;
    case '\'':
    case 'v':
    case '\n':
    case '\r':
      return kind_text5;
    case 'x':
      return is_hex_run(at + 1, 2) ? static_cast<int>(kind_text5) : -1;
    case '0':
      return is_digit(at[1]) ? -1 : static_cast<int>(kind_text5);
    default:
      return starts_with_separator(at) ? static_cast<int>(kind_text5) : -1;
  }
}

}  // namespace

bool JsonParser::parse(std::string& out) {
  out_ = &out;
  used_ = out.size();
  bool is_sound = parse_value();
  if (is_sound) {
    skip_spaces();
    if (*at_) {
      skip();
      is_sound = !*at_;
    }
  }
  out.resize(used_);
  return is_sound;
}

void JsonParser::grow(size_t size) {
  out_->resize(used_ + size + std::clamp<size_t>(out_->size(), 120, InterruptWatch::bytes_between));
  if (!source_ || out_->size() < InterruptWatch::bytes_between || !(is_interrupted_ || source_->must_stop())) return;
  // The rest is not read; the caller does not look at what came of it.
  is_interrupted_ = true;
  at_ += std::strlen(at_);
}

// Of more than 11 bytes; there is room.
void JsonParser::put_long_element(int kind, std::string_view payload) {
  std::string header;
  append_header(header, kind, payload.size());
  used_ += header.copy(out_->data() + used_, header.size());
  used_ += payload.copy(out_->data() + used_, payload.size());
}

inline void JsonParser::skip_spaces() {
  while (is_of(*at_, class_space)) ++at_;
}

// White space of JSON5; more than JSON's is a mark of JSON5.
inline void JsonParser::skip() {
  if (!is_of(*at_, class_gap)) [[likely]]
    return;
  skip_spaces();
  if (!is_of(*at_, class_gap)) return;
  if (const size_t count = json5_space(at_); count > 0) {
    is_nonstandard_ = true;
    at_ += count;
  }
}

// The tree, with a stack instead of recursion.
bool JsonParser::parse_value() {
  for (;;) {
    const char* start = at_;
    if (!open_.empty()) open_.back().item_start = start;
    skip();
    const char c = *at_;
    if (c == '{' || c == '[') {
      if (!open(c == '{' ? kind_object : kind_array)) return false;
      continue;
    }
    size_t value = used_;
    Container* around = open_.empty() ? nullptr : &open_.back();
    // Where an element or a label may begin the container may end; where a value must follow it may not.
    if (around && c == (around->kind == kind_object ? '}' : ']') &&
        (around->kind == kind_array || around->wants_label)) {
      if (around->has_elements) is_nonstandard_ = true;
      error_position_ = place(at_);
      ++at_;
      value = around->header;
      close();
    } else if (!parse_item(start)) {
      return false;
    }
    // A finished value may finish the containers around it.
    for (;;) {
      if (open_.empty()) return true;
      const After after = after_value(value);
      if (after == After::failed) return false;
      if (after == After::more) break;
      value = open_.back().header;
      close();
    }
  }
}

bool JsonParser::open(Kind kind) {
  if (open_.size() >= maximum_depth) return fail(at_);
  open_.push_back({kind, kind == kind_object, false, used_, at_});
  make_room(1);
  ++used_;
  ++at_;
  return true;
}

// The header was left one byte; a longer one moves the payload.
void JsonParser::close() {
  const Container container = open_.back();
  open_.pop_back();
  const size_t size = used_ - container.header - 1;
  if (size <= 11) {
    (*out_)[container.header] = static_cast<char>(size << 4 | container.kind);
    return;
  }
  if (size <= 0xFF) {
    make_room(1);
    char* to = out_->data() + container.header;
    std::memmove(to + 2, to + 1, size);
    to[0] = static_cast<char>(0xC0 | container.kind);
    to[1] = static_cast<char>(size);
    ++used_;
    return;
  }
  std::string header;
  append_header(header, container.kind, size);
  make_room(header.size());
  char* to = out_->data() + container.header;
  std::memmove(to + header.size(), to + 1, size);
  std::memcpy(to, header.data(), header.size());
  used_ += header.size() - 1;
}

// A scalar or a bare label here; `start` is where the white space before it began.
inline bool JsonParser::parse_item(const char* start) {
  const char* item = at_;
  const char c = *item;
  const Container* around = open_.empty() ? nullptr : &open_.back();
  if (c == '}' || c == ']' || c == ',' || c == ':' || c == '\0') {
    if (around) return fail(around->wants_label ? item : start);
    return fail(c ? item : text_);
  }
  if (parse_scalar()) return true;
  if (!around || !around->wants_label) return false;
  const bool is_escape = c == '\\' && item[1] == 'u' && is_hex_run(item + 2, 4);
  if (!is_escape && !is_of(c, class_label_start)) return false;
  parse_bare_label(item);
  return true;
}

void JsonParser::parse_bare_label(const char* start) {
  Kind kind = kind_text;
  const char* end = start;
  for (;; ++end) {
    if (*end == '\\' && end[1] == 'u' && is_hex_run(end + 2, 4)) {
      kind = kind_text_escaped;
    } else if (!is_of(*end, class_label_start | class_alphanumeric) ||
               (static_cast<uint8_t>(*end) >= 0x80 && json5_space(end) > 0)) {
      break;
    }
  }
  is_nonstandard_ = true;
  at_ = end;
  put_element(kind, start, end);
}

// Take in the value that begins there in the output, and read the punctuation after it.
inline JsonParser::After JsonParser::after_value(size_t value) {
  Container& container = open_.back();
  container.has_elements = true;
  if (container.wants_label) {
    if (!is_label(kind_at(*out_, value))) {
      fail(container.item_start);
      return After::failed;
    }
    container.wants_label = false;
    skip_spaces();
    const char* mark = at_;
    if (*mark != ':') {
      skip();
      if (*at_ != ':') {
        fail_after_label(mark);
        return After::failed;
      }
      error_position_ = place(at_);
    }
    ++at_;
    return After::more;
  }
  skip_spaces();
  const char* mark = at_;
  const char close = container.kind == kind_object ? '}' : ']';
  if (*mark != ',' && *mark != close) {
    skip();
    error_position_ = place(at_);
  }
  const char c = *at_;
  if (c == ',') {
    ++at_;
    container.wants_label = container.kind == kind_object;
    return After::more;
  }
  if (c == close) {
    ++at_;
    return After::closed;
  }
  fail(mark);
  return After::failed;
}

// No colon after a label: SQLite reads a value there, and complains of that if it is bad too.
bool JsonParser::fail_after_label(const char* at) {
  fail(at);
  const char c = *at_;
  const bool ends = c == '{' || c == '[' || c == '}' || c == ']' || c == ',' || c == ':' || c == '\0';
  if (!ends && parse_scalar()) fail(at);
  return false;
}

inline bool JsonParser::parse_scalar() {
  const char c = *at_;
  if (c == '"' || c == '\'') return parse_string();
  if (is_digit(c) || c == '-' || c == '+' || c == '.') return parse_number();
  return parse_word();
}

bool JsonParser::parse_string() {
  const char quote = *at_;
  Kind kind = kind_text;
  if (quote == '\'') is_nonstandard_ = true;
  const char* start = at_ + 1;
  const char* end = start;
  for (;; ++end) {
    while (is_of(*end, class_plain_string) && *end != quote) ++end;
    const char c = *end;
    if (c == quote) break;
    if (c == '\\') {
      ++end;
      const int escape = escape_kind(end);
      if (escape < 0) return fail(end);
      if (escape == kind_text5) {
        kind = kind_text5;
        is_nonstandard_ = true;
        if (*end == '\r' && end[1] == '\n') ++end;
      } else if (kind == kind_text) {
        kind = kind_text_escaped;
      }
    } else if (static_cast<uint8_t>(c) <= 0x1F) {
      if (c == '\0') return fail(end);
      kind = kind_text5;
      is_nonstandard_ = true;
    } else if (c == '"') {
      kind = kind_text5;
    }
  }
  at_ = end + 1;
  put_element(kind, start, end);
  return true;
}

}  // namespace keelback::vm::json
