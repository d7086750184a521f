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
#include <vector>

#include "json_binary.hpp"

namespace keelback::vm::json {

class JsonParser {
 public:
  // What follows a NUL does not count. The text must live as long as the parser.
  explicit JsonParser(std::string_view text) : data_(text.substr(0, text.find('\0'))) {}

  // Append the JSONB of the whole text; false: it is malformed.
  bool parse(std::string& out);

  size_t error_position() const { return error_position_; }
  bool is_nonstandard() const { return is_nonstandard_; }

 private:
  // An array or object that is open: where its header is, and where the element being read (or white space) began.
  struct Container {
    Kind kind;
    bool wants_label;
    bool has_elements = false;
    size_t header;
    size_t item_start = 0;
  };
  enum class After { more, closed, failed };

  // The byte there, NUL behind the end.
  char at(size_t place) const { return place < data_.size() ? data_[place] : '\0'; }
  bool is_hex_run(size_t place, size_t count) const;
  bool starts_with_word(size_t place, std::string_view lower) const;
  bool fail(size_t position) {
    error_position_ = position;
    return false;
  }
  void skip_spaces();
  void skip();
  bool parse_value();
  bool open(Kind kind);
  void close();
  bool parse_item(size_t start);
  void parse_bare_label(size_t place);
  After after_value(size_t value);
  bool fail_after_label(size_t place);
  bool parse_scalar();
  bool parse_string(size_t place);
  int escape_kind(size_t place) const;
  bool parse_number(size_t place);
  bool parse_decimal(size_t place, bool is_json5, bool is_real);
  bool ends_with_point(size_t place, size_t position) const;

  std::string_view data_;
  size_t position_ = 0;
  size_t error_position_ = 0;
  bool is_nonstandard_ = false;
  std::string* out_ = nullptr;
  std::vector<Container> open_;
};

}  // namespace keelback::vm::json

#endif
