// The fields of a time: what they are, and the time that they begin with.
//
// 'week' begins on Monday (sqlean's begins with the weekday of January 1st).
// Twin: keelback_core/reference/vm/functions/time_field.py.
#ifndef KEELBACK_VM_FUNCTIONS_TIME_FIELD_HPP
#define KEELBACK_VM_FUNCTIONS_TIME_FIELD_HPP

#include "time_instant.hpp"

namespace keelback::vm::functions {

// A field of a time; an error for one that there is not.
Status give_field(const FunctionContext& context, const Instant& time, std::string_view field);

// Down to the beginning of a field.
Status give_truncated(const FunctionContext& context, const Instant& time, std::string_view field);

// Down, or half up, to a multiple of whole seconds; other durations leave the time alone.
Status give_stepped(const FunctionContext& context, const Instant& time, int64_t duration, bool is_rounded);

}  // namespace keelback::vm::functions

#endif
