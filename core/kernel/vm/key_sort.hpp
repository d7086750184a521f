// Sorting entries, ties in the order in which they stand. Must not know: cursors.
#ifndef KEELBACK_VM_KEY_SORT_HPP
#define KEELBACK_VM_KEY_SORT_HPP

#include <vector>

#include "node_order.hpp"
#include "working_memory.hpp"

namespace keelback::vm {

// Sort; the prefixes of the entries are of no use afterwards. INTERRUPT.
Status sort_entries(std::vector<Entry>& entries, NodeOrder& order, const WorkingMemory& memory);

}  // namespace keelback::vm

#endif
