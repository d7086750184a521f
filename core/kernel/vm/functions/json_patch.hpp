// The merge patch of RFC 7396 on JSONB, as json_patch() does it.
//
// 1. A patch that is an object changes the target member by member: null removes, an object goes on inside, everything
//    else replaces. Any other patch replaces the target.
// 2. Members keep their place and label; new ones come at the end with the label of the patch.
// 3. Objects that are open lie on a stack, so nesting is bounded by the stated limit only.
//
// Twin: keelback_core/reference/vm/functions/json_patch.py.
#ifndef KEELBACK_VM_FUNCTIONS_JSON_PATCH_HPP
#define KEELBACK_VM_FUNCTIONS_JSON_PATCH_HPP

#include <string>
#include <string_view>

#include "../../value/interrupt_source.hpp"
#include "../../value/status.hpp"

namespace keelback::vm::json {

// The target with the patch applied; neither is empty.
Status merge_patch(InterruptSource& source, std::string_view target, std::string_view patch, std::string& merged);

}  // namespace keelback::vm::json

#endif
