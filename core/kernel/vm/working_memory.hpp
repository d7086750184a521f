// WorkingMemory: what one sorter, ephemeral tree or hash table may hold in memory before it uses temporary files.
//
// Must not know: who holds what. Twin: none; the reference holds everything in memory.
#ifndef KEELBACK_VM_WORKING_MEMORY_HPP
#define KEELBACK_VM_WORKING_MEMORY_HPP

#include <cstddef>
#include <limits>

#include "../storage/vfs.hpp"
#include "../value/interrupt_source.hpp"

namespace keelback::vm {

struct WorkingMemory {
  // No limit by default: PRAGMA temp_store = MEMORY.
  size_t most_bytes = std::numeric_limits<size_t>::max();
  // Of an ephemeral tree, which is slower in pages, where a sorter is not; and of the hash table of a join.
  size_t most_tree_bytes = std::numeric_limits<size_t>::max();
  size_t most_hash_bytes = size_t{1} << 28;
  storage::Vfs* vfs = nullptr;
  InterruptSource* interrupt_source = nullptr;

  bool is_interrupted() const { return interrupt_source && interrupt_source->must_stop(); }
  Status check_interrupt() const { return is_interrupted() ? Status(result::INTERRUPT) : ok_status; }
};

}  // namespace keelback::vm

#endif
