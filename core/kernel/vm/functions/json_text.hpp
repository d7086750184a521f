// Text to JSONB: the parser of JSON and JSON5.
//
// 1. It knows JSON5 and SQLite's additions (NaN, Infinity, control characters in strings); `is_nonstandard` tells
//    whether any of that was used.
// 2. Numbers and strings keep the bytes that they are written with; only their kind says which dialect they need.
// 3. It goes through the text once, with a stack of open containers; nesting beyond maximum_depth is malformed.
// 4. `error_position` is the byte at which SQLite gives up, which json_error_position() shows. Behind a sound value
//    that is the last place at which SQLite was in doubt (often 0), so that is kept up to date too.
//
// Knows nothing of SQL. Twin: keelback_core/reference/vm/functions/json_text.py.
#ifndef KEELBACK_VM_FUNCTIONS_JSON_TEXT_HPP
#define KEELBACK_VM_FUNCTIONS_JSON_TEXT_HPP

#include <string>
#include <string_view>

#include "../../value/interrupt_source.hpp"
#include "../../value/small_stack.hpp"
#include "json_binary.hpp"

namespace keelback::vm::json {

class JsonParser {
 public:
  // The text ends at its first NUL, which must be there: c_str() of a string. It must live as long as the parser.
  // source: asked now and then, if there is one.
  explicit JsonParser(const char* text, InterruptSource* source = nullptr) : text_(text), at_(text), source_(source) {}

  // Append the JSONB of the whole text; false: it is malformed.
  bool parse(std::string& out);

  size_t error_position() const { return error_position_; }
  // Whether the end of the text was not reached because the work was to end.
  bool is_interrupted() const { return is_interrupted_; }
  bool is_nonstandard() const { return is_nonstandard_; }

 private:
  // An array or object that is open: where its header is, and where the element being read (or white space) began.
  struct Container {
    Kind kind;
    bool wants_label;
    bool has_elements;
    size_t header;
    const char* item_start;
  };
  enum class After { more, closed, failed };

  size_t place(const char* at) const { return static_cast<size_t>(at - text_); }
  bool fail(const char* at) {
    error_position_ = place(at);
    return false;
  }
  void skip_spaces();
  void skip();
  bool parse_value();
  bool open(Kind kind);
  void close();
  bool parse_item(const char* start);
  void parse_bare_label(const char* start);
  After after_value(size_t value);
  bool fail_after_label(const char* at);
  bool parse_scalar();
  bool parse_word();
  bool parse_string();
  bool parse_number();
  bool parse_decimal(bool is_json5, bool is_real);
  // Output: `used_` bytes of `out_` count.
  void make_room(size_t size);
  void grow(size_t size);
  void put_element(int kind, const char* start, const char* end);
  void put_long_element(int kind, std::string_view payload);

  const char* text_;
  const char* at_;
  InterruptSource* const source_;
  bool is_interrupted_ = false;
  size_t error_position_ = 0;
  bool is_nonstandard_ = false;
  std::string* out_ = nullptr;
  size_t used_ = 0;
  SmallStack<Container, 8> open_;
};

}  // namespace keelback::vm::json

#endif
