// One % of a format, as parsed, and the reals and integers that it writes.
//
// Shared by printf() and the date functions. Twin: keelback_core/reference/vm/functions/format.py.
#ifndef KEELBACK_VM_FUNCTIONS_FORMAT_REAL_HPP
#define KEELBACK_VM_FUNCTIONS_FORMAT_REAL_HPP

#include <cstdint>
#include <string>
#include <string_view>

#include "../../value/interrupt_source.hpp"
#include "../../value/status.hpp"

namespace keelback::vm::functions {

struct Directive {
  bool is_left = false;
  char sign = 0;  // '+' or ' ' before what is not negative
  bool is_alternate = false;
  bool counts_characters = false;
  bool is_zero = false;
  bool has_thousands = false;
  int64_t width = 0;
  int64_t precision = -1;
  int64_t limit = 0;  // of the size of a result
  InterruptSource* source = nullptr;

  [[nodiscard]] Status check(int64_t size) const { return size > limit ? Status(result::TOOBIG) : ok_status; }
};

// "1234567" as "1,234,567".
std::string group_thousands(std::string_view digits);
// %f, %e, %E, %g, %G, without the padding by spaces; appended to `output`.
[[nodiscard]] Status format_real(char conversion, double value, const Directive& directive, std::string& output);

}  // namespace keelback::vm::functions

#endif
