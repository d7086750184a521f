// Copying whole trees between databases, entry by entry in their order: VACUUM's work.
//
// The target tree is empty, and nothing is compared. Twin: the copying half of keelback_core/engine/vacuum.py.
#ifndef KEELBACK_STORAGE_TREE_COPY_HPP
#define KEELBACK_STORAGE_TREE_COPY_HPP

#include "database.hpp"

namespace keelback::storage {

// With new rowids (1, 2, ...) unless `keeps_rowids`.
Status copy_table(Database& source, uint32_t old_root, Database& target, uint32_t new_root, bool keeps_rowids);
Status copy_index(Database& source, uint32_t old_root, Database& target, uint32_t new_root);

}  // namespace keelback::storage

#endif
