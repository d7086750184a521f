// EphemeralTree: the entries of an ephemeral table or index, which all cursors on it share.
//
// 1. While they fit into the working memory they are an OrderedStore; then they move into a temporary database, and all
//    cursors with them. Clearing the tree brings it back.
//
// Must not know: instructions.
#ifndef KEELBACK_VM_EPHEMERAL_TREE_HPP
#define KEELBACK_VM_EPHEMERAL_TREE_HPP

#include <memory>
#include <vector>

#include "normal_key.hpp"
#include "ordered_store.hpp"
#include "paged_cursor.hpp"
#include "working_memory.hpp"

namespace keelback::vm {

class EphemeralCursor;

class EphemeralTree {
 public:
  // normaliser: of an index; null for a table.
  EphemeralTree(std::shared_ptr<const KeyNormaliser> normaliser, const WorkingMemory& memory)
      : normaliser(std::move(normaliser)), memory_(memory) {}

  const std::shared_ptr<const KeyNormaliser> normaliser;
  OrderedStore store;
  std::vector<EphemeralCursor*> cursors;

  bool is_paged() const noexcept { return pages_ != nullptr; }
  bool is_too_large() const noexcept { return store.used_bytes() > memory_.most_tree_bytes; }
  Status move_to_pages();
  Status open_paged(std::unique_ptr<PagedCursor>& cursor) { return open_paged(*pages_, root_, cursor); }
  Status count(int64_t& count);
  void clear();

 private:
  Status open_paged(storage::Database& pages, uint32_t root, std::unique_ptr<PagedCursor>& cursor);
  Status copy_entries(storage::Database& pages, uint32_t root);

  const WorkingMemory memory_;
  std::unique_ptr<storage::Database> pages_;
  uint32_t root_ = 0;
};

}  // namespace keelback::vm

#endif
