// Sorting entries by their normalised keys, ties in the order in which they stand. Must not know: cursors.
#ifndef KEELBACK_VM_KEY_SORT_HPP
#define KEELBACK_VM_KEY_SORT_HPP

#include <vector>

#include "ordered_store.hpp"

namespace keelback::vm {

// Sort; the prefixes of the entries are of no use afterwards.
void sort_entries(std::vector<Entry>& entries);

}  // namespace keelback::vm

#endif
