// The first statement of a long text, found by its tokens alone, so that nobody looks at a script from each of its
// statements to its end.
//
// 1. A statement ends with the first semicolon that something stands before; CREATE TRIGGER with the one of `; END ;`.
// 2. A short text is given whole, and so is one whose first statement cannot be told.
//
// Must not know: the grammar.
#ifndef KEELBACK_ENGINE_FIRST_STATEMENT_HPP
#define KEELBACK_ENGINE_FIRST_STATEMENT_HPP

#include <cstddef>
#include <string_view>

namespace keelback::engine {

// text: ends with its first NUL, or after `most` bytes. The statement, with the semicolon and with what stands before
// it.
std::string_view first_statement(const char* text, size_t most) noexcept;

}  // namespace keelback::engine

#endif
