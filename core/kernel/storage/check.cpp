#include "check.hpp"

#include <algorithm>
#include <limits>

#include "overflow.hpp"

namespace keelback::storage {

namespace {

constexpr int deepest = 100;

std::string operator+(std::string left, uint64_t right) { return left + std::to_string(right); }

}  // namespace

Status IntegrityCheck::run(std::span<const uint32_t> roots, std::vector<std::string>& messages) {
  messages_ = &messages;
  if (pager_.page_count == 0) return ok_status;
  KEELBACK_TRY(has_pointer_maps(pager_, has_maps_));
  referenced_.assign(static_cast<size_t>(pager_.page_count) + 1, false);
  if (pager_.lock_page <= pager_.page_count) referenced_[pager_.lock_page] = true;
  const bool is_partial = !roots.empty() && roots[0] == 0;
  if (!is_partial) {
    Page* first = nullptr;
    KEELBACK_TRY(pager_.get(1, first));
    prefix_ = "Freelist: ";
    check_freelist(get_u32(first->data + 32), get_u32(first->data + 36));
    prefix_.clear();
    check_largest_root(roots, first->data);
  }
  for (const uint32_t root : roots) {
    if (!root || errors_left_ <= 0) continue;
    if (has_maps_ && root > 1 && !is_partial) check_pointer_map(root, kind_root, 0);
    root_ = root;
    check_tree_page(root, std::numeric_limits<int64_t>::max(), 0);
    prefix_.clear();
  }
  if (pager_.is_interrupted()) return Status(result::INTERRUPT);
  if (!is_partial) check_all_used();
  return ok_status;
}

void IntegrityCheck::report(const std::string& message) {
  if (errors_left_ <= 0) return;
  --errors_left_;
  messages_->push_back(prefix_ + message);
}

void IntegrityCheck::check_largest_root(std::span<const uint32_t> roots, const uint8_t* header) {
  const uint32_t largest = get_u32(header + 52);
  if (has_maps_) {
    uint32_t actual = 0;
    for (const uint32_t root : roots) actual = std::max(actual, root);
    if (actual != largest) report(std::string("max rootpage (") + actual + ") disagrees with header (" + largest + ")");
  } else if (get_u32(header + 64)) {
    report("incremental_vacuum enabled with a max rootpage of zero");
  }
}

void IntegrityCheck::check_all_used() {
  for (uint32_t number = 1; number <= pager_.page_count && errors_left_ > 0; ++number) {
    const bool is_map = has_maps_ && is_pointer_map_page(pager_, number);
    if (!referenced_[number] && !is_map) {
      report(std::string("Page ") + number + ": never used");
    } else if (referenced_[number] && is_map) {
      report(std::string("Page ") + number + ": pointer map referenced");
    }
  }
}

// Count a page as used; false when it cannot be, and that was reported.
bool IntegrityCheck::reference(uint32_t number) {
  if (number < 1 || number > pager_.page_count) {
    report(std::string("invalid page number ") + number);
    return false;
  }
  if (referenced_[number]) {
    report(std::string("2nd reference to page ") + number);
    return false;
  }
  referenced_[number] = true;
  return true;
}

void IntegrityCheck::check_pointer_map(uint32_t number, uint8_t kind, uint32_t parent) {
  PointerMapEntry entry;
  if (!read_pointer_map(pager_, number, entry).is_ok()) {
    report(std::string("Failed to read ptrmap key=") + number);
  } else if (entry != PointerMapEntry{kind, parent}) {
    report(std::string("Bad ptr map entry key=") + number + " expected=(" + kind + "," + parent + ") got=(" +
           entry.kind + "," + entry.parent + ")");
  }
}

void IntegrityCheck::check_freelist(uint32_t number, uint32_t expected) {
  int64_t left = expected;
  const size_t errors_before = messages_->size();
  while (number && errors_left_ > 0) {
    if (!reference(number)) break;
    --left;
    const uint8_t* data = get_data(number);
    if (!data) break;
    if (has_maps_) check_pointer_map(number, kind_free, 0);
    const uint32_t leaf_count = get_u32(data + 4);
    if (leaf_count > pager_.limits().usable_size / 4 - 2) {
      report(std::string("freelist leaf count too big on page ") + number);
      --left;
    } else {
      for (uint32_t place = 0; place < leaf_count; ++place) {
        const uint32_t leaf = get_u32(data + 8 + 4 * place);
        if (has_maps_) check_pointer_map(leaf, kind_free, 0);
        reference(leaf);
      }
      left -= leaf_count;
    }
    number = get_u32(data);
  }
  if (left && errors_before == messages_->size()) {
    report(std::string("size is ") + static_cast<uint32_t>(expected - left) + " but should be " + expected);
  }
}

void IntegrityCheck::check_chain(uint32_t number, uint64_t expected) {
  auto left = static_cast<int64_t>(expected);
  const size_t errors_before = messages_->size();
  while (number && errors_left_ > 0) {
    if (!reference(number)) break;
    --left;
    const uint8_t* data = get_data(number);
    if (!data) break;
    const uint32_t following = get_u32(data);
    if (has_maps_ && left != 0) check_pointer_map(following, kind_other_overflow, number);
    number = following;
  }
  if (left && errors_before == messages_->size()) {
    const auto found = static_cast<uint32_t>(expected - static_cast<uint64_t>(left));
    report(std::string("overflow list length is ") + found + " but should be " + expected);
  }
}

// The pages of the path stay; what was read of another one keeps its content until the next but one.
Status IntegrityCheck::get(uint32_t number, Page*& page) {
  if (pager_.wants_shrink) KEELBACK_TRY(pager_.shrink(path_));
  return pager_.get(number, page);
}

const uint8_t* IntegrityCheck::get_data(uint32_t number) {
  Page* page = nullptr;
  if (get(number, page).is_ok()) return page->data;
  report(std::string("failed to get page ") + number);
  return nullptr;
}

// Check a page and what is below; greatest bounds its rowids.
IntegrityCheck::TreeFacts IntegrityCheck::check_tree_page(uint32_t number, int64_t greatest, int depth) {
  if (pager_.is_interrupted()) return {0, greatest};
  if (number == 0 || depth > deepest || !reference(number)) return {0, greatest};
  const std::string saved_prefix = prefix_;
  const uint32_t saved_cell = cell_;
  prefix_ = std::string("Tree ") + root_ + " page " + number + ": ";
  TreeFacts facts{-1, greatest};
  if (Page* page = decode(number)) {
    path_.push_back(page);
    facts = check_cells(*page, greatest, depth);
    path_.pop_back();
    if (!page->decode(pager_.limits()).is_ok()) page->forget();
  }
  prefix_ = saved_prefix;
  cell_ = saved_cell;
  return {facts.height + 1, facts.least};
}

Page* IntegrityCheck::decode(uint32_t number) {
  Page* page = nullptr;
  Status status = get(number, page);
  if (!status.is_ok()) {
    report(std::string("unable to get the page. error code=") + static_cast<uint64_t>(status.code()));
    return nullptr;
  }
  page->is_decoded = false;
  status = page->decode(pager_.limits());
  if (!status.is_ok()) {
    report(std::string("btreeInitPage() returns error code ") + static_cast<uint64_t>(status.code()));
    return nullptr;
  }
  if (!page->compute_free_bytes(pager_.limits()).is_ok()) {
    report("free space corruption");
    page->forget();
    return nullptr;
  }
  return page;
}

// Look at one cell alone: its place, its size, its rowid. False when it is bad, and that was reported.
bool IntegrityCheck::measure_cell(const Page& page, uint32_t index, uint32_t content_start,
                                  std::vector<Extent>& extents, int64_t& rowid) {
  const TreeLimits& limits = pager_.limits();
  const uint32_t start = get_u16(page.data + page.pointers_offset + 2 * index);
  if (start < content_start || start > limits.usable_size - 4) {
    report(std::string("Offset ") + start + " out of range " + content_start + ".." + (limits.usable_size - 4));
    return false;
  }
  uint32_t size = 0;
  if (!cell_size(page, index, limits, size).is_ok() || (page.is_table && !cell_rowid(page, index, rowid))) {
    report("Extends off end of page");
    return false;
  }
  if (page.is_leaf || !page.is_table) {
    // A record cannot begin with a header of no bytes.
    PayloadPlace place{};
    if (payload_place(page, index, limits, place).is_ok() && place.size > 0 && place.data[0] == 0) {
      report("Bad cell header size");
      return false;
    }
  }
  extents.push_back({start, start + size});
  return true;
}

IntegrityCheck::TreeFacts IntegrityCheck::check_cells(Page& page, int64_t greatest, int depth) {
  const uint32_t content_start = page.content_start();
  const std::string prefix = std::string("Tree ") + root_ + " page " + page.number + " cell ";
  int height = -1;
  bool may_be_equal = true;
  bool is_covered = true;
  std::vector<Extent> extents;
  // With pointer maps SQLite goes on to speak of the right child while it looks at the cells.
  const bool is_prefix_of_child = has_maps_ && !page.is_leaf;
  if (!page.is_leaf) {
    const uint32_t child = page.right_child();
    if (has_maps_) {
      prefix_ = std::string("Tree ") + root_ + " page " + page.number + " right child: ";
      check_pointer_map(child, kind_tree, page.number);
    } else {
      // SQLite names the cell that led to this page here, not one of this page.
      prefix_ = prefix + cell_ + ": ";
    }
    const TreeFacts facts = check_tree_page(child, greatest, depth + 1);
    height = facts.height;
    greatest = facts.least;
    may_be_equal = false;
  }
  for (uint32_t index = page.cell_count; index-- > 0 && errors_left_ > 0;) {
    if (!is_prefix_of_child) prefix_ = prefix + index + ": ";
    cell_ = index;
    int64_t rowid = 0;
    if (!measure_cell(page, index, content_start, extents, rowid)) {
      is_covered = false;
      continue;
    }
    if (page.is_table) {
      if (rowid > greatest || (rowid == greatest && !may_be_equal)) {
        report("Rowid " + std::to_string(rowid) + " out of order");
      }
      greatest = rowid;
      may_be_equal = false;
    }
    if (page.is_leaf || !page.is_table) check_overflow(page, index);
    if (page.is_leaf) continue;
    const uint32_t child = page.child(index);
    if (has_maps_) check_pointer_map(child, kind_tree, page.number);
    const TreeFacts facts = check_tree_page(child, greatest, depth + 1);
    greatest = facts.least;
    may_be_equal = false;
    if (facts.height != height) {
      report("Child page depth differs");
      height = facts.height;
    }
  }
  prefix_.clear();
  if (is_covered && errors_left_ > 0) check_coverage(page, extents, content_start);
  return {height, greatest};
}

void IntegrityCheck::check_overflow(const Page& page, uint32_t index) {
  const TreeLimits& limits = pager_.limits();
  PayloadPlace place{};
  if (!payload_place(page, index, limits, place).is_ok() || !place.has_overflow()) return;
  const uint32_t first = place.first_overflow_page();
  if (has_maps_) check_pointer_map(first, kind_first_overflow, page.number);
  check_chain(first, chain_length(place.size - place.local, limits.overflow_size));
}

// Cells and free blocks cover the cell area without overlap, and the gaps between them are the fragments.
void IntegrityCheck::check_coverage(const Page& page, std::vector<Extent>& extents, uint32_t content_start) {
  const uint8_t* data = page.data;
  const uint32_t base = page.header_offset;
  for (uint32_t block = get_u16(data + base + 1); block; block = get_u16(data + block)) {
    extents.push_back({block, block + get_u16(data + block + 2)});
  }
  std::sort(extents.begin(), extents.end(), [](const Extent& left, const Extent& right) {
    return left.start != right.start ? left.start < right.start : left.end < right.end;
  });
  uint32_t fragments = 0;
  uint32_t end = content_start;
  for (size_t position = 0; position < extents.size(); ++position) {
    const Extent& extent = extents[position];
    if (extent.start < end) {
      report(std::string("Multiple uses for byte ") + extent.start + " of page " + page.number);
      if (position + 1 < extents.size()) return;
      break;
    }
    fragments += extent.start - end;
    end = extent.end;
  }
  fragments += pager_.limits().usable_size - end;
  if (fragments != data[base + 7]) {
    report(std::string("Fragmentation of ") + fragments + " bytes reported as " + data[base + 7] + " on page " +
           page.number);
  }
}

}  // namespace keelback::storage
