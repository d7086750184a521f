// Modifiers of time values: '+1 day', 'start of month', 'weekday 3', 'localtime', and the others.
//
// Local time is the process's zone (TZ); outside 1970..2037 the rules of a like year in that range are taken.
// Texts have no NUL characters here. Twin: keelback_core/reference/vm/functions/time_modifier.py.
#ifndef KEELBACK_VM_FUNCTIONS_TIME_MODIFIER_HPP
#define KEELBACK_VM_FUNCTIONS_TIME_MODIFIER_HPP

#include <string_view>

#include "../../value/status.hpp"
#include "moment.hpp"

namespace keelback::vm::functions {

// Change the moment by a modifier. position: of the modifier in the call, from 1. is_known: false for what is no
// modifier, or stands where it may not; the whole call is NULL then.
[[nodiscard]] Status apply_modifier(std::string_view text, Moment& moment, size_t position, bool& is_known);

}  // namespace keelback::vm::functions

#endif
