#include "balance.hpp"

#include <algorithm>
#include <cstring>

#include "cell.hpp"
#include "freelist.hpp"
#include "pointer_map.hpp"
#include "sibling_cells.hpp"

namespace keelback::storage {

namespace {

bool is_lower(const Page* left, const Page* right) noexcept { return left->number < right->number; }

// A cell in the arena: four bytes of child, then the rest.
Cell with_child(CellArena& arena, uint32_t child, Cell rest) {
  uint8_t* place = arena.take(rest.size + 4);
  put_u32(place, child);
  if (rest.size) std::memcpy(place + 4, rest.data, rest.size);
  return {place, rest.size + 4};
}

Cell rowid_cell(CellArena& arena, uint32_t child, uint64_t rowid) {
  uint8_t varint[most_varint_bytes];
  const uint8_t* end = write_varint(varint, rowid);
  return with_child(arena, child, {varint, static_cast<uint32_t>(end - varint)});
}

// Move the root's cells to a new only child, which is pending then in its stead; append_leaf or append_index_sibling
// may follow.
Status deepen_root(Pager& pager, Page& root, Page*& child) {
  TreeWorkspace& workspace = pager.workspace;
  CellList& cells = workspace.lists.cells;
  cells.clear();
  KEELBACK_TRY(page_cells(root, workspace, true, cells));
  PendingCells& pending = *root.pending_cells;
  const uint8_t kind = root.kind();
  KEELBACK_TRY(allocate_page(pager, child));
  if (child == &root) return corrupt();
  child->format(kind, workspace.limits);
  KEELBACK_TRY(child->write_cells(cells.span(), workspace.limits));
  if (!root.is_leaf) child->set_right_child(root.right_child());
  KEELBACK_TRY(map_page_pointers(pager, *child));
  child->pending_cells = &pending;
  workspace.pending_pages.push_back(child);
  root.format(root.is_table ? table_interior : index_interior, workspace.limits);
  root.set_right_child(child->number);
  return map_page_pointers(pager, root);
}

// The usual split for entries that come in order, see append_leaf; in an index the entry before the new one becomes the
// divider.
Status append_index_sibling(Pager& pager, Page& parent, Page& page) {
  TreeWorkspace& workspace = pager.workspace;
  const Cell cell = page.pending_cells->cell(0);
  page.drop_pending();
  Page* new_page = nullptr;
  KEELBACK_TRY(allocate_page(pager, new_page));
  if (new_page == &page || new_page == &parent) return corrupt();
  new_page->format(page.kind(), workspace.limits);
  KEELBACK_TRY(new_page->write_cells({&cell, 1}, workspace.limits));
  const uint32_t last = page.cell_count - 1;
  Cell moving{};
  KEELBACK_TRY(cell_bytes(page, last, workspace.limits, moving));
  Cell divider{};
  if (page.is_leaf) {
    divider = with_child(workspace.arena, page.number, exact_index_cell(moving));
  } else {
    divider = with_child(workspace.arena, page.number, {moving.data + 4, moving.size - 4});
    new_page->set_right_child(page.right_child());
    page.set_right_child(get_u32(moving.data));
  }
  KEELBACK_TRY(remove_cell(page, last, workspace));
  parent.set_right_child(new_page->number);
  KEELBACK_TRY(insert_cell(parent, parent.full_cell_count(), divider, workspace));
  if (!pager.has_pointer_maps) return ok_status;
  KEELBACK_TRY(map_page_pointers(pager, *new_page));
  return map_page_pointers(pager, parent);
}

// One dealing of the cells of up to three siblings.
class SiblingBalance {
 public:
  SiblingBalance(Pager& pager, Page& parent) noexcept
      : pager_(pager),
        workspace_(pager.workspace),
        parent_(parent),
        cells_(workspace_),
        dividers_(workspace_.lists.dividers),
        pages_(workspace_.lists.pages) {
    dividers_.clear();
    pages_.clear();
  }

  Status run(uint32_t index, bool is_root);

 private:
  std::span<Page* const> siblings() const noexcept { return {siblings_, count_}; }
  Status find_siblings();
  Status gather();
  Status choose_pages(size_t count);
  Status write_pages();
  Status divider_after(const Page& page, uint32_t end, Cell& divider);
  Status replace_dividers();
  Status take_in_only_child(Page& child);

  Pager& pager_;
  TreeWorkspace& workspace_;
  Page& parent_;
  uint32_t first_ = 0;
  uint32_t count_ = 0;
  uint8_t kind_ = 0;
  bool is_leaf_ = false;
  bool is_rowid_leaf_ = false;
  uint32_t last_child_ = 0;
  Page* siblings_[most_siblings] = {};
  SiblingCells cells_;
  std::vector<Cell>& dividers_;  // the new ones
  std::vector<Page*>& pages_;
};

// The sibling pages, of one kind, whose free space is sound: what is not would be lost with the cells around it.
Status SiblingBalance::find_siblings() {
  uint32_t numbers[most_siblings];
  for (uint32_t place = 0; place < count_; ++place) {
    numbers[place] = parent_.child(first_ + place);
    if (numbers[place] == parent_.number || std::find(numbers, numbers + place, numbers[place]) != numbers + place) {
      return corrupt();
    }
  }
  for (uint32_t place = 0; place < count_; ++place) {
    KEELBACK_TRY(pager_.get_tree_page(numbers[place], siblings_[place]));
  }
  for (Page* page : siblings()) {
    if (page->is_leaf != siblings_[0]->is_leaf || page->is_table != parent_.is_table || page->number == 1) {
      return corrupt();
    }
    KEELBACK_TRY(page->compute_free_bytes(workspace_.limits));
  }
  return ok_status;
}

// All cells in order, the dividers among them where those are cells of their own.
Status SiblingBalance::gather() {
  CellArena& arena = workspace_.arena;
  for (uint32_t place = 0; place < count_; ++place) {
    Page& page = *siblings_[place];
    Cell divider{};
    const bool is_last = place + 1 == count_;
    if (!is_last) KEELBACK_TRY(cell_bytes(parent_, first_ + place, workspace_.limits, divider));
    KEELBACK_TRY(cells_.add_page(page));
    if (is_last || is_rowid_leaf_) continue;
    if (divider.size < 4) return corrupt();
    const Cell rest{divider.data + 4, divider.size - 4};
    if (is_leaf_) {
      const uint32_t size = std::max<uint32_t>(4, rest.size);
      uint8_t* padded = arena.take(size);
      std::memset(padded, 0, 4);
      std::memcpy(padded, rest.data, rest.size);
      cells_.add_divider({padded, size});
    } else {
      cells_.add_divider(with_child(arena, page.right_child(), rest));
    }
  }
  return ok_status;
}

// The pages to deal to, writable and in the order of their numbers: siblings first, then new ones. Siblings left over
// are freed as they are: what nobody writes needs no place in the journal.
Status SiblingBalance::choose_pages(size_t count) {
  for (Page* sibling : siblings()) {
    sibling->drop_pending();
    pages_.push_back(sibling);
  }
  std::sort(pages_.begin(), pages_.end(), is_lower);
  for (size_t place = 0; place < std::min(count, pages_.size()); ++place) {
    KEELBACK_TRY(pager_.make_writable(*pages_[place]));
  }
  for (size_t place = count; place < pages_.size(); ++place) KEELBACK_TRY(free_page(pager_, pages_[place]->number));
  if (pages_.size() > count) pages_.resize(count);
  while (pages_.size() < count) {
    Page* page = nullptr;
    KEELBACK_TRY(allocate_page(pager_, page));
    pages_.push_back(page);
  }
  std::sort(pages_.begin(), pages_.end(), is_lower);
  const bool has_twice = std::adjacent_find(pages_.begin(), pages_.end()) != pages_.end();
  const bool has_parent = std::find(pages_.begin(), pages_.end(), &parent_) != pages_.end();
  return has_twice || has_parent ? corrupt() : ok_status;
}

// The divider after a page whose cells end before `end`.
Status SiblingBalance::divider_after(const Page& page, uint32_t end, Cell& divider) {
  CellArena& arena = workspace_.arena;
  if (is_rowid_leaf_) {
    const Cell last = cells_.at(end - 1);
    uint64_t rowid = 0;
    const uint8_t* stop = last.data + last.size;
    const uint8_t* at = read_varint(last.data, stop, rowid);
    if (at) at = read_varint(at, stop, rowid);
    if (!at) return corrupt();
    divider = rowid_cell(arena, page.number, rowid);
  } else if (is_leaf_) {
    divider = with_child(arena, page.number, exact_index_cell(cells_.at(end)));
  } else {
    const Cell moving = cells_.at(end);
    divider = with_child(arena, page.number, {moving.data + 4, moving.size - 4});
  }
  return ok_status;
}

Status SiblingBalance::write_pages() {
  uint32_t start = 0;
  for (size_t place = 0; place < pages_.size(); ++place) {
    Page& page = *pages_[place];
    const Share share = cells_.shares()[place];
    const uint32_t end = share.end;
    page.format(kind_, workspace_.limits);
    KEELBACK_TRY(cells_.write(start, share, page));
    start = end;
    if (place + 1 == pages_.size()) {
      if (!is_leaf_) page.set_right_child(last_child_);
      break;
    }
    Cell divider{};
    KEELBACK_TRY(divider_after(page, end, divider));
    dividers_.push_back(divider);
    if (!is_rowid_leaf_) {
      if (!is_leaf_) page.set_right_child(get_u32(cells_.at(end).data));
      start = end + 1;
    }
  }
  return ok_status;
}

Status SiblingBalance::replace_dividers() {
  for (uint32_t place = 0; place + 1 < count_; ++place) KEELBACK_TRY(remove_cell(parent_, first_, workspace_));
  KEELBACK_TRY(parent_.set_child(first_, pages_.back()->number, workspace_));
  uint32_t place = first_;
  for (const Cell& divider : dividers_) KEELBACK_TRY(insert_cell(parent_, place++, divider, workspace_));
  return ok_status;
}

Status SiblingBalance::run(uint32_t index, bool is_root) {
  const uint32_t last = parent_.full_cell_count();
  const uint32_t wanted = std::min(index > 0 ? index - 1 : 0, last >= 2 ? last - 2 : 0);
  first_ = wanted;
  count_ = std::min(most_siblings, last - first_ + 1);
  KEELBACK_TRY(find_siblings());
  is_leaf_ = siblings_[0]->is_leaf;
  is_rowid_leaf_ = is_leaf_ && siblings_[0]->is_table;
  kind_ = siblings_[0]->kind();
  KEELBACK_TRY(gather());
  last_child_ = is_leaf_ ? 0 : siblings_[count_ - 1]->right_child();
  KEELBACK_TRY(cells_.deal(workspace_.limits.usable_size - (is_leaf_ ? 8 : 12), is_rowid_leaf_ ? 0 : 1));
  KEELBACK_TRY(choose_pages(cells_.shares().size()));
  KEELBACK_TRY(write_pages());
  KEELBACK_TRY(replace_dividers());
  if (pager_.has_pointer_maps) {
    for (const Page* page : pages_) KEELBACK_TRY(map_page_pointers(pager_, *page));
    KEELBACK_TRY(map_page_pointers(pager_, parent_));
  }
  return is_root && parent_.full_cell_count() == 0 ? take_in_only_child(*pages_[0]) : ok_status;
}

// A root whose only child would fit into it becomes that child.
Status SiblingBalance::take_in_only_child(Page& child) {
  KEELBACK_TRY(child.compute_free_bytes(workspace_.limits));
  if (child.free_bytes < parent_.header_offset) return ok_status;
  CellList& cells = workspace_.lists.cells;
  cells.clear();
  KEELBACK_TRY(page_cells(child, workspace_, false, cells));
  parent_.format(child.kind(), workspace_.limits);
  KEELBACK_TRY(parent_.write_cells(cells.span(), workspace_.limits));
  if (!child.is_leaf) parent_.set_right_child(child.right_child());
  KEELBACK_TRY(map_page_pointers(pager_, parent_));
  return free_page(pager_, child.number);
}

bool is_append_split(const Page& page, const Page& parent, uint32_t index) noexcept {
  if (page.cell_count + 1 != page.full_cell_count() || index != parent.full_cell_count()) return false;
  return page.is_table ? page.is_leaf && parent.number != 1 : page.cell_count > 1;
}

Status balance_upwards(Pager& pager, TreePath& path, bool is_append) {
  const TreeLimits& limits = pager.limits();
  while (true) {
    Page* page = path.pages[path.depth--];
    const bool is_full = page->is_pending();
    if (!is_full) {
      KEELBACK_TRY(page->compute_free_bytes(limits));
      if (static_cast<uint32_t>(page->free_bytes) * 3 <= limits.usable_size * 2) return ok_status;
    }
    if (path.depth < 0) {
      if (!is_full) return ok_status;
      Page* child = nullptr;
      KEELBACK_TRY(deepen_root(pager, *page, child));
      path.depth = 0;
      path.pages[0] = page;
      path.indexes[0] = 0;
      page = child;
    }
    Page& parent = *path.pages[path.depth];
    const uint32_t index = path.indexes[path.depth];
    KEELBACK_TRY(pager.make_writable(parent));
    if (is_append && is_full && is_append_split(*page, parent, index)) {
      if (!page->is_table) {
        KEELBACK_TRY(append_index_sibling(pager, parent, *page));
        // The pages at the right edge may be nearly empty: entries are still to come.
        if (!parent.is_pending()) return ok_status;
        continue;
      }
      const Cell cell = page->pending_cells->cell(0);
      page->drop_pending();
      Page* new_page = nullptr;
      KEELBACK_TRY(append_leaf(pager, parent, *page, cell, new_page));
    } else {
      KEELBACK_TRY(SiblingBalance(pager, parent).run(index, path.depth == 0));
    }
    is_append = false;
  }
}

}  // namespace

Status append_leaf(Pager& pager, Page& parent, Page& page, Cell cell, Page*& new_page) {
  TreeWorkspace& workspace = pager.workspace;
  KEELBACK_TRY(allocate_page(pager, new_page));
  if (new_page == &page || new_page == &parent) return corrupt();
  new_page->format(table_leaf, workspace.limits);
  KEELBACK_TRY(new_page->write_cells({&cell, 1}, workspace.limits));
  int64_t rowid = 0;
  if (!cell_rowid(page, page.cell_count - 1, rowid)) return corrupt();
  const Cell divider = rowid_cell(workspace.arena, page.number, static_cast<uint64_t>(rowid));
  parent.set_right_child(new_page->number);
  KEELBACK_TRY(insert_cell(parent, parent.full_cell_count(), divider, workspace));
  KEELBACK_TRY(map_page_pointers(pager, *new_page));
  return write_pointer_map(pager, new_page->number, kind_tree, parent.number);
}

Status balance_path(Pager& pager, TreePath& path, bool is_append) {
  const Status status = balance_upwards(pager, path, is_append);
  for (Page* page : pager.workspace.pending_pages) {
    if (page->is_pending() && !status.is_ok()) page->forget();
  }
  return status;
}

}  // namespace keelback::storage
