// From a pattern's text to its program. Twin: _Reader of keelback_core/reference/vm/functions/regexp_engine.py.
#ifndef KEELBACK_VM_FUNCTIONS_REGEXP_READER_HPP
#define KEELBACK_VM_FUNCTIONS_REGEXP_READER_HPP

#include "regexp_engine.hpp"

namespace keelback::vm::regexp {

// The next character of a text; `at` moves behind it.
uint32_t take_character(std::string_view text, size_t& at) noexcept;

Status read_pattern(std::string_view pattern, bool ignores_case, std::vector<Instruction>& program,
                    std::vector<CharacterSet>& sets);

}  // namespace keelback::vm::regexp

#endif
