// The bytes of a row where they lie: on its leaf, then along its overflow chain. Read and written in pieces, in place,
// for incremental blob I/O.
//
// 1. What is written takes the place of as many bytes: no cell and no chain gets another size.
// 2. Offsets count from the beginning of the record. Who leaves it, or meets a chain that ends early, gets CORRUPT.
//
// Must not know: what a record holds. Twin: reference/storage/row_bytes.py.
#include <algorithm>
#include <cstring>

#include "overflow_chain.hpp"
#include "table_cursor.hpp"

namespace keelback::storage {

// Calls visit(page, where in it, how many bytes) for the pages that hold the bytes, in order.
template <typename Visit>
Status TableCursor::visit_row_bytes(OverflowChain& chain, uint64_t offset, size_t size, Visit&& visit) {
  KEELBACK_TRY(stand_on_row());
  KEELBACK_TRY(shrink_if_wanted());
  const TreeLimits& limits = pager_.limits();
  PayloadPlace place;
  KEELBACK_TRY(payload_place(*page_, index_, limits, place));
  if (offset > place.size || size > place.size - offset) return corrupt();
  // What other reads may, this does not, as in SQLite: see the cells in its reserved bytes.
  if (place.data + place.local > page_->data + limits.usable_size) return corrupt();
  const bool is_chain_known = !chain.pages.empty() && chain.content_version == pager_.content_version();
  const uint32_t first = place.has_overflow() ? place.first_overflow_page() : 0;
  if (size > 0 && offset < place.local) {
    const size_t amount = std::min<size_t>(size, place.local - offset);
    KEELBACK_TRY(visit(*page_, static_cast<size_t>(place.data - page_->data) + offset, amount));
    offset += amount;
    size -= amount;
  }
  if (!is_chain_known) chain.pages.assign(1, first);
  if (size > 0) {
    offset -= place.local;
    KEELBACK_TRY(reach_link(chain, offset / limits.overflow_size));
    KEELBACK_TRY(visit_chain(chain, offset, size, visit));
  }
  // The bytes that were written are ours, and no chain has changed by them.
  chain.content_version = pager_.content_version();
  return ok_status;
}

// Walk the chain as far as this link.
Status TableCursor::reach_link(OverflowChain& chain, uint64_t link) {
  while (chain.pages.size() <= link) {
    KEELBACK_TRY(shrink_if_wanted());
    Page* last = nullptr;
    if (chain.pages.back() < 2) return corrupt();
    KEELBACK_TRY(pager_.get(chain.pages.back(), last));
    chain.pages.push_back(get_u32(last->data));
  }
  return ok_status;
}

template <typename Visit>
Status TableCursor::visit_chain(OverflowChain& chain, uint64_t offset, size_t size, Visit&& visit) {
  const uint32_t step = pager_.limits().overflow_size;
  uint64_t link = offset / step;
  size_t within = offset % step;
  for (;; ++link) {
    const uint32_t number = chain.pages[link];
    if (number < 2) return corrupt();
    Page* page = nullptr;
    KEELBACK_TRY(pager_.get(number, page));
    if (link + 1 == chain.pages.size()) chain.pages.push_back(get_u32(page->data));
    const size_t amount = std::min<size_t>(size, step - within);
    KEELBACK_TRY(visit(*page, 4 + within, amount));
    size -= amount;
    if (size == 0) return ok_status;
    within = 0;
    KEELBACK_TRY(shrink_if_wanted());
  }
}

Status TableCursor::read_row_bytes(OverflowChain& chain, uint64_t offset, std::span<uint8_t> out) {
  uint8_t* to = out.data();
  return visit_row_bytes(chain, offset, out.size(), [&](const Page& page, size_t at, size_t amount) {
    std::memcpy(to, page.data + at, amount);
    to += amount;
    return ok_status;
  });
}

Status TableCursor::write_row_bytes(OverflowChain& chain, uint64_t offset, Bytes data) {
  KEELBACK_TRY(stand_on_row());
  if (!is_writable_) return Status(result::READONLY, readonly_message);
  ++move_serial_;
  registry_.save_others(*this);
  const uint8_t* from = data.data();
  return visit_row_bytes(chain, offset, data.size(), [&](Page& page, size_t at, size_t amount) {
    if (&page == page_ && at < page.pointers_offset + 2 * page.cell_count) return corrupt();
    KEELBACK_TRY(pager_.make_writable(page));
    std::memcpy(page.data + at, from, amount);
    from += amount;
    return ok_status;
  });
}

Status TableCursor::watch_row() {
  int64_t row = 0;
  KEELBACK_TRY(rowid(row));
  registry_.watch(*this, row);
  return ok_status;
}

}  // namespace keelback::storage
