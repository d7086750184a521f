// LiftedText: the first statement of a text, cut into its shape and its literals.
//
// 1. The *shape* is the statement with one byte of its kind in the place of each liftable literal; blanks, comments and
//    all else stay. Equal shapes have equal tokens, as no token begins with such a byte.
// 2. Liftable are decimal integers of 64 bits, reals, and strings; NULL, blobs, hexadecimal and separated numbers
//    stay in the shape, and a minus is an operator. The compile tower decides alike (emit/literal_loads.py,
//    is_liftable).
// 3. Only queries and changes of rows are lifted. Of other statements the shape is the statement itself; a CREATE is
//    not taken at all, since the body of a trigger holds semicolons.
// 4. An object is used for many texts and keeps its buffers; literals are views of the text.
// 5. The tokens that `lift` passes are kept for the parser in `tokens`, unless the text is long.
//
// Must not know: which literals are free. Twin of its tokens: keelback_core/compiler/sql/lexer.py.
#ifndef KEELBACK_CACHE_LIFTED_TEXT_HPP
#define KEELBACK_CACHE_LIFTED_TEXT_HPP

#include <string>
#include <string_view>
#include <vector>

#include "../value/value.hpp"
#include "statement_tokens.hpp"

namespace keelback::cache {

// What stands in a shape for a literal.
enum LiteralKind : char { literal_integer = '\x01', literal_real = '\x02', literal_string = '\x03' };

struct Literal {
  size_t start;
  std::string_view spelling;
  LiteralKind kind;

  // Whether it is 0 or 1, so that with or without a minus before it is one of -1, 0 and 1.
  bool is_small() const;
  // The value, negated or not. A string with doubled quotes is written to `room`, which must not move later.
  Value value(bool is_negated, std::string& room) const;
};

class LiftedText {
 public:
  // Whether a text (without NUL characters) begins with a statement that can be found again by its shape.
  bool lift(std::string_view text);

  std::string_view shape() const { return literals_.empty() ? text_.substr(0, end_) : std::string_view(shape_); }
  // Whether the text is a whole statement without literals.
  bool is_its_own_shape() const { return literals_.empty() && end_ == text_.size(); }
  const std::vector<Literal>& literals() const { return literals_; }
  // Where the text goes on behind the statement and its semicolon.
  size_t end() const { return end_; }
  std::string_view text() const { return text_; }

  StatementTokens tokens;

 private:
  template <bool keeps_tokens>
  bool lift_literals(size_t position);
  bool pass_statement(size_t position);
  void add(size_t start, size_t end, LiteralKind kind);

  std::string_view text_;
  std::string shape_;
  std::vector<Literal> literals_;
  size_t end_ = 0;
  size_t copied_ = 0;  // up to where the text stands in the shape
};

}  // namespace keelback::cache

#endif
