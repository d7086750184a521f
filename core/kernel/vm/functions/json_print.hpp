// JSONB to text: JSON as json() prints it, and as json_pretty() does.
//
// 1. What is printed is plain JSON: JSON5 numbers and strings are rewritten, everything else keeps its bytes.
// 2. It goes with a stack of open containers; SQLite's own limit of nesting holds.
// 3. Damage that is seen on the way is "malformed JSON"; damage inside plain numbers and strings is printed as it is,
//    and after null, true and false the next byte counts whatever their header says, as in SQLite.
// 4. A source, if there is one, is asked now and then; once the work is to end it ends with INTERRUPT.
//
// Twin: keelback_core/reference/vm/functions/json_print.py.
#ifndef KEELBACK_VM_FUNCTIONS_JSON_PRINT_HPP
#define KEELBACK_VM_FUNCTIONS_JSON_PRINT_HPP

#include <string>
#include <string_view>

#include "../../value/interrupt_source.hpp"
#include "../../value/status.hpp"

namespace keelback::vm::json {

inline Status malformed() noexcept { return Status(result::ERROR, "malformed JSON"); }
inline Status too_deep() noexcept { return Status(result::ERROR, "JSON nested too deep"); }

// The element at `at` as JSON without white space, appended.
Status print(std::string_view data, size_t at, std::string& out, InterruptSource* source = nullptr);
// The whole JSONB over several lines, each level indented once more, appended.
Status print_pretty(std::string_view data, std::string_view indent, std::string& out,
                    InterruptSource* source = nullptr);

}  // namespace keelback::vm::json

#endif
