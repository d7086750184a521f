// Overflow chains: the part of a payload that does not fit on its b-tree page.
//
//     each page: 4 next page or 0, then payload up to the usable size
//
// 1. How long a chain is follows from the payload size; a chain that ends early or leaves the file is CORRUPT, and
//    nothing is followed for longer than that.
//
// Spec: https://www.sqlite.org/fileformat2.html#cell_payload_overflow_pages. Twin: reference/storage/overflow.py.
#ifndef KEELBACK_STORAGE_OVERFLOW_HPP
#define KEELBACK_STORAGE_OVERFLOW_HPP

#include "cell.hpp"
#include "pager.hpp"

namespace keelback::storage {

// How many pages `size` bytes of overflow take.
constexpr uint64_t chain_length(uint64_t size, uint32_t overflow_size) noexcept {
  return size / overflow_size + (size % overflow_size != 0);
}

// The whole payload of a cell: a view of the page, or of `buffer` when there are overflow pages.
Status read_payload(Pager& pager, const Page& page, uint32_t index, std::vector<uint8_t>& buffer, Bytes& payload);
// A leaf cell in the pager's workspace: prefix (size and rowid varints), payload; writes the overflow chain when there
// has to be one. owner: the page that the cell is meant for.
Status build_cell(Pager& pager, const Page& owner, Bytes prefix, Bytes payload, Cell& cell);
// Free the overflow pages of a cell, if it has any.
Status free_chain(Pager& pager, const Page& page, uint32_t index);

}  // namespace keelback::storage

#endif
