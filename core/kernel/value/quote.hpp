// Values as SQL literals, as the quote() function and the conformance suite write them.
//
// A text ends at its first NUL character. Twin: keelback_core/value/quote.py.
#ifndef KEELBACK_VALUE_QUOTE_HPP
#define KEELBACK_VALUE_QUOTE_HPP

#include <string>

#include "value.hpp"

namespace keelback {

// The literal: NULL, 1, 1.5, 9.0e+999 for infinity, 'it''s', X'00FF'.
std::string quote_value(const Value& value);

}  // namespace keelback

#endif
