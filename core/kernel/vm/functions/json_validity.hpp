// Whether bytes are JSONB throughout, and where they are not: json_valid(x, 8) and json_error_position(x).
//
// Answers are offsets from 1; 0 means sound. Every part is looked at, in order, with a stack of open containers.
//
// Twin: keelback_core/reference/vm/functions/json_validity.py.
#ifndef KEELBACK_VM_FUNCTIONS_JSON_VALIDITY_HPP
#define KEELBACK_VM_FUNCTIONS_JSON_VALIDITY_HPP

#include <string_view>

namespace keelback::vm::json {

// Whether a BLOB counts as JSONB: by its outermost element, and throughout where it may as well be a short text.
bool is_binary(std::string_view data);
// The offset of the first fault, from 1; 0 if there is none.
size_t find_fault(std::string_view data);

}  // namespace keelback::vm::json

#endif
