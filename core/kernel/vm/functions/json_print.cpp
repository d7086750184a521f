#include "json_print.hpp"

#include "../../value/numeric_text.hpp"
#include "../../value/small_stack.hpp"
#include "json_binary.hpp"
#include "json_plain.hpp"
#include "json_space.hpp"
#include "json_string.hpp"

namespace keelback::vm::json {

namespace {

// A JSON5 integer in decimal.
Status print_hexadecimal(std::string_view payload, std::string& out) {
  size_t start = 2;
  if (payload[0] == '+' || payload[0] == '-') {
    if (payload[0] == '-') out.push_back('-');
    start = 3;
  }
  uint64_t value = 0;
  bool overflows = false;
  for (size_t at = start; at < payload.size(); ++at) {
    const char c = payload[at];
    if (!is_hex(c)) return malformed();
    if (value >> 60) {
      overflows = true;
    } else {
      value = value * 16 + static_cast<uint64_t>(hex_digit(c));
    }
  }
  out.append(overflows ? "9.0e999" : std::to_string(value));
  return ok_status;
}

// A JSON5 real with a digit on each side of its point.
void print_completed_real(std::string_view payload, std::string& out) {
  size_t start = 0;
  if (payload[0] == '-') {
    out.push_back('-');
    start = 1;
  }
  if (start < payload.size() && payload[start] == '.') out.push_back('0');
  for (size_t at = start; at < payload.size(); ++at) {
    out.push_back(payload[at]);
    if (payload[at] == '.' && !(at + 1 < payload.size() && is_digit(payload[at + 1]))) out.push_back('0');
  }
}

// One escape of JSON5 in JSON's form; `at` goes to where the next character begins.
Status rewrite_escape(std::string_view payload, size_t& at, std::string& out) {
  const size_t left = payload.size() - at;
  if (left < 2) return malformed();
  const std::string_view escape = payload.substr(at, 2);
  at += 2;
  switch (escape[1]) {
    case '\'':
      out.push_back('\'');
      break;
    case 'v':
      out.append("\\u000b");
      break;
    case 'x':
      if (left < 4) return malformed();
      out.append("\\u00").append(payload.substr(at, 2));
      at += 2;
      break;
    case '0':
      out.append("\\u0000");
      break;
    case '\r':
      if (at < payload.size() && payload[at] == '\n') ++at;
      break;
    case '\xe2':
      if (!is_line_separator(payload, at - 1)) return malformed();
      at += 2;
      break;
    case '\n':
      break;
    default:
      out.append(escape);
  }
  return ok_status;
}

// A JSON5 string as a JSON string.
Status print_rewritten(std::string_view payload, std::string& out) {
  out.push_back('"');
  for (size_t at = 0; at < payload.size();) {
    const uint8_t byte = byte_at(payload, at);
    if (byte == '\\') {
      KEELBACK_TRY(rewrite_escape(payload, at, out));
      continue;
    }
    if (byte == '"') {
      out.append("\\\"");
    } else if (byte < 0x20) {
      append_control_escape(out, byte);
    } else {
      out.push_back(static_cast<char>(byte));
    }
    ++at;
  }
  out.push_back('"');
  return ok_status;
}

Status print_scalar(int kind, std::string_view payload, std::string& out) {
  switch (kind) {
    case kind_null:
    case kind_true:
    case kind_false:
      out.append(kind_name(kind));
      return ok_status;
    case kind_text:
    case kind_text_escaped:
      out.push_back('"');
      out.append(payload);
      out.push_back('"');
      return ok_status;
    case kind_text_raw:
      append_quoted(out, payload);
      return ok_status;
    case kind_text5:
      return print_rewritten(payload, out);
    default:
      break;
  }
  if (payload.empty()) return malformed();
  switch (kind) {
    case kind_integer:
    case kind_real:
      out.append(payload);
      return ok_status;
    case kind_integer5:
      return print_hexadecimal(payload, out);
    case kind_real5:
      print_completed_real(payload, out);
      return ok_status;
    default:
      return malformed();
  }
}

// A container being printed.
struct Open {
  int kind;
  size_t end;
  size_t count = 0;
};

class Printer {
 public:
  // indent: null for one line.
  Printer(std::string_view data, const std::string_view* indent, std::string& out, InterruptSource* source)
      : data_(data), indent_(indent), out_(out), source_(source), asked_at_(out.size()) {}

  Status run(size_t at) {
    const Status status = run_from(at);
    flush();
    return status;
  }

 private:
  Status run_from(size_t at) {
    position_ = at;
    for (;;) {
      const Bounds bounds = element_bounds(data_, position_);
      if (!bounds.is_sound()) return malformed();
      const int kind = kind_at(data_, position_);
      if (kind > kind_object) return malformed();
      if (kind >= kind_array && !(indent_ && bounds.start == bounds.end)) {
        KEELBACK_TRY(open(kind, bounds));
        // An empty one is closed at once.
      } else {
        if (kind >= kind_array) {
          put(kind == kind_array ? "[]" : "{}");
        } else {
          KEELBACK_TRY(scalar(kind, payload_of(data_, bounds)));
        }
        if (source_ && out_.size() - asked_at_ >= InterruptWatch::bytes_between) [[unlikely]] {
          asked_at_ = out_.size();
          KEELBACK_TRY(source_->check());
        }
        position_ = kind > kind_false ? bounds.end : position_ + 1;
        if (stack_.empty()) return ok_status;
        ++stack_.back().count;
      }
      bool is_done = false;
      KEELBACK_TRY(close(is_done));
      if (is_done) return ok_status;
      if (stack_.back().count > 0) separate();
    }
  }
  // What is printed gathers in `room_`: most documents go out at once.
  void flush() {
    out_.append(room_, used_);
    used_ = 0;
  }
  void put(char c) {
    if (used_ == sizeof room_) flush();
    room_[used_++] = c;
  }
  void put(std::string_view text) {
    if (text.size() > sizeof room_ - used_) {
      flush();
      if (text.size() > sizeof room_) {
        out_.append(text);
        return;
      }
    }
    for (size_t place = 0; place < text.size(); ++place) room_[used_ + place] = text[place];
    used_ += text.size();
  }
  Status scalar(int kind, std::string_view payload) {
    if (kind == kind_text || kind == kind_text_escaped) {
      put('"');
      put(payload);
      put('"');
      return ok_status;
    }
    if ((kind == kind_integer || kind == kind_real) && !payload.empty()) {
      put(payload);
      return ok_status;
    }
    flush();
    return print_scalar(kind, payload, out_);
  }
  Status open(int kind, Bounds bounds) {
    if (stack_.size() >= maximum_depth) return too_deep();
    put(kind == kind_array ? '[' : '{');
    stack_.push_back({kind, bounds.end});
    if (indent_) new_line();
    position_ = bounds.start;
    return ok_status;
  }
  // Close the containers that end here.
  Status close(bool& is_done) {
    while (!stack_.empty() && position_ >= stack_.back().end) {
      const Open closed = stack_.back();
      stack_.pop_back();
      if (position_ > closed.end || (closed.kind == kind_object && closed.count % 2)) return malformed();
      if (indent_) new_line();
      put(closed.kind == kind_array ? ']' : '}');
      if (stack_.empty()) {
        is_done = true;
        return ok_status;
      }
      ++stack_.back().count;
    }
    return ok_status;
  }
  void separate() {
    if (stack_.back().kind == kind_object && stack_.back().count % 2) {
      put(indent_ ? ": " : ":");
      return;
    }
    put(',');
    if (indent_) new_line();
  }
  void new_line() {
    put('\n');
    for (size_t level = 0; level < stack_.size(); ++level) put(*indent_);
  }

  std::string_view data_;
  const std::string_view* indent_;
  std::string& out_;
  InterruptSource* const source_;
  size_t asked_at_;  // the size of `out_` when the source was asked last
  size_t position_ = 0;
  SmallStack<Open, 8> stack_;
  char room_[256];
  size_t used_ = 0;
};

}  // namespace

Status print(std::string_view data, size_t at, std::string& out, InterruptSource* source) {
  char room[plain_text_room];
  if (const size_t size = print_plain(data, at, room); size > 0) {
    out.append(room, size);
    return ok_status;
  }
  return Printer(data, nullptr, out, source).run(at);
}

Status print_pretty(std::string_view data, std::string_view indent, std::string& out, InterruptSource* source) {
  return Printer(data, &indent, out, source).run(0);
}

}  // namespace keelback::vm::json
