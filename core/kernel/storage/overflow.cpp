#include "overflow.hpp"

#include <algorithm>
#include <cstring>

#include "freelist.hpp"
#include "pointer_map.hpp"

namespace keelback::storage {

namespace {
// So many pages of a chain are read, written or freed between two looks for an interrupt.
constexpr uint32_t links_between = 256;

// INTERRUPT now and then while a chain is walked; without the progress handler, which may not run while pages are held.
Status check_interrupt(const Pager& pager, uint64_t links) {
  if (links % links_between != links_between - 1 || !pager.interrupt_source) return ok_status;
  return pager.interrupt_source->is_interrupted.load(std::memory_order_relaxed) ? Status(result::INTERRUPT) : ok_status;
}
}  // namespace

Status read_payload(Pager& pager, const Page& page, uint32_t index, std::vector<uint8_t>& buffer, Bytes& payload) {
  const TreeLimits& limits = pager.limits();
  PayloadPlace place;
  KEELBACK_TRY(payload_place(page, index, limits, place));
  if (!place.has_overflow()) {
    payload = {place.data, place.local};
    return ok_status;
  }
  uint64_t remaining = place.size - place.local;
  if (chain_length(remaining, limits.overflow_size) > pager.page_count) return corrupt();
  buffer.resize(place.size + spare_bytes);
  std::memcpy(buffer.data(), place.data, place.local);
  uint8_t* at = buffer.data() + place.local;
  uint32_t number = place.first_overflow_page();
  for (uint32_t links = 0; remaining > 0; ++links) {
    if (number < 2) return corrupt();
    KEELBACK_TRY(check_interrupt(pager, links));
    Page* link = nullptr;
    KEELBACK_TRY(pager.get(number, link));
    const auto amount = static_cast<uint32_t>(std::min<uint64_t>(remaining, limits.overflow_size));
    std::memcpy(at, link->data + 4, amount);
    at += amount;
    remaining -= amount;
    number = get_u32(link->data);
  }
  payload = {buffer.data(), static_cast<size_t>(place.size)};
  return ok_status;
}

namespace {

// Write the rest of a payload to new pages; gives the first of them.
Status write_chain(Pager& pager, const Page& owner, Bytes rest, uint32_t& first_number) {
  const uint32_t step = pager.limits().overflow_size;
  std::vector<Page*> pages(chain_length(rest.size(), step));
  for (Page*& page : pages) {
    KEELBACK_TRY(check_interrupt(pager, static_cast<uint64_t>(&page - pages.data())));
    KEELBACK_TRY(allocate_page(pager, page));
    // The free list names pages that are in use.
    if (page == &owner || (&page != pages.data() && page == (&page)[-1])) return corrupt();
  }
  for (size_t place = 0; place < pages.size(); ++place) {
    Page& page = *pages[place];
    const Bytes part = rest.subspan(place * step, std::min<size_t>(step, rest.size() - place * step));
    put_u32(page.data, place + 1 < pages.size() ? pages[place + 1]->number : 0);
    std::memcpy(page.data + 4, part.data(), part.size());
    if (pager.limits().zeroes_freed) std::memset(page.data + 4 + part.size(), 0, step - part.size());
    KEELBACK_TRY(place ? write_pointer_map(pager, page.number, kind_other_overflow, pages[place - 1]->number)
                       : write_pointer_map(pager, page.number, kind_first_overflow, owner.number));
  }
  first_number = pages[0]->number;
  return ok_status;
}

}  // namespace

Status build_cell(Pager& pager, const Page& owner, Bytes prefix, Bytes payload, Cell& cell) {
  std::vector<uint8_t>& built = pager.workspace.cell;
  const uint32_t local = local_payload_size(payload.size(), owner.is_table, pager.limits());
  const size_t head = prefix.size() + local;
  const bool has_overflow = local < payload.size();
  const size_t size = has_overflow ? head + 4 : std::max<size_t>(4, head);
  uint32_t first_number = 0;
  if (has_overflow) KEELBACK_TRY(write_chain(pager, owner, payload.subspan(local), first_number));
  if (built.size() < size + spare_bytes) built.resize(size + spare_bytes);
  std::memcpy(built.data(), prefix.data(), prefix.size());
  if (local) std::memcpy(built.data() + prefix.size(), payload.data(), local);
  if (has_overflow) {
    put_u32(built.data() + head, first_number);
  } else if (head < 4) {
    std::memset(built.data() + head, 0, 4 - head);
  }
  cell = {built.data(), static_cast<uint32_t>(size)};
  return ok_status;
}

Status free_chain(Pager& pager, const Page& page, uint32_t index) {
  if (page.is_table && !page.is_leaf) return ok_status;
  const TreeLimits& limits = pager.limits();
  PayloadPlace place;
  KEELBACK_TRY(payload_place(page, index, limits, place));
  if (!place.has_overflow()) return ok_status;
  const uint64_t count = chain_length(place.size - place.local, limits.overflow_size);
  if (count > pager.page_count) return corrupt();
  uint32_t number = place.first_overflow_page();
  for (uint64_t step = 0; step < count; ++step) {
    if (number < 2) return corrupt();
    KEELBACK_TRY(check_interrupt(pager, step));
    // Nothing of the last one is of use.
    uint32_t following = 0;
    if (step + 1 < count) {
      Page* link = nullptr;
      KEELBACK_TRY(pager.get(number, link));
      following = get_u32(link->data);
    }
    KEELBACK_TRY(free_page(pager, number));
    number = following;
  }
  return ok_status;
}

}  // namespace keelback::storage
