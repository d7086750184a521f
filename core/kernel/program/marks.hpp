// Marks that Programs and those who run them agree on.
//
// Twin: keelback_core/program/program.py (NO_CHANGE, MODULE_FUNCTION_MARK).
#ifndef KEELBACK_PROGRAM_MARKS_HPP
#define KEELBACK_PROGRAM_MARKS_HPP

#include <string_view>

namespace keelback::program {

// A BLOB in the place of a column's value that an UPDATE of a virtual table leaves alone and that the table has not
// told: no module answers just this by itself.
inline constexpr std::string_view no_change{"\0keelback: no change\0", 21};

// The name of a function that a virtual table has for its own columns: this character, then its number.
inline constexpr char module_function_mark = '\1';

}  // namespace keelback::program

#endif
