#include "wal_index.hpp"

#include <cstring>
#include <new>

#include "wal_format.hpp"

namespace keelback::storage {

namespace {

// In one order for all processes, as the two copies of the header need it.
template <typename T>
T load(const T* at) noexcept {
  return __atomic_load_n(at, __ATOMIC_SEQ_CST);
}

template <typename T>
void store(T* at, T value) noexcept {
  __atomic_store_n(at, value, __ATOMIC_SEQ_CST);
}

WalChecksum checksum_of(const WalIndexHeader& header) noexcept {
  WalChecksum checksum;
  checksum.add(reinterpret_cast<const uint8_t*>(&header), offsetof(WalIndexHeader, checksum), is_big_machine);
  return checksum;
}

}  // namespace

Status WalIndex::get_region(uint32_t index, bool is_made) noexcept {
  if (index < regions_.size() && regions_[index] != nullptr) return ok_status;
  try {
    if (index >= regions_.size()) regions_.resize(index + 1);
  } catch (const std::bad_alloc&) {
    return Status(result::NOMEM);
  }
  return memory_->region(index, is_made, regions_[index]);
}

Status WalIndex::open(bool is_made) noexcept { return get_region(0, is_made); }

Status WalIndex::block(uint32_t region, Block& block) noexcept {
  KEELBACK_TRY(get_region(region, false));
  uint8_t* memory = regions_[region];
  if (memory == nullptr) return corrupt();
  block.slots = reinterpret_cast<uint16_t*>(memory + hash_offset);
  if (region == 0) {
    block.pages = reinterpret_cast<uint32_t*>(memory + first_pages_offset);
    block.base = 0;
    block.size = pages_in_first;
  } else {
    block.pages = reinterpret_cast<uint32_t*>(memory);
    block.base = pages_in_first + (region - 1) * pages_in_region;
    block.size = pages_in_region;
  }
  return ok_status;
}

uint32_t WalIndex::word(size_t offset) const noexcept {
  return load(reinterpret_cast<const uint32_t*>(regions_[0] + offset));
}

void WalIndex::set_word(size_t offset, uint32_t value) noexcept {
  store(reinterpret_cast<uint32_t*>(regions_[0] + offset), value);
}

// The header

WalIndexHeader WalIndex::copy_of_header(size_t copy) const noexcept {
  uint32_t words[header_bytes / 4];
  for (size_t place = 0; place < std::size(words); ++place) words[place] = word(copy * header_bytes + 4 * place);
  WalIndexHeader header;
  std::memcpy(&header, words, header_bytes);
  return header;
}

bool WalIndex::read_header(WalIndexHeader& header) const noexcept {
  const WalIndexHeader first = copy_of_header(0);
  const WalIndexHeader second = copy_of_header(1);
  if (first != second || first.is_initialised == 0) return false;
  const WalChecksum checksum = checksum_of(first);
  if (checksum.first != first.checksum[0] || checksum.second != first.checksum[1]) return false;
  header = first;
  return true;
}

bool WalIndex::is_header(const WalIndexHeader& header) const noexcept { return copy_of_header(0) == header; }

void WalIndex::write_header(WalIndexHeader& header) noexcept {
  header.is_initialised = 1;
  header.version = wal_version;
  const WalChecksum checksum = checksum_of(header);
  header.checksum[0] = checksum.first;
  header.checksum[1] = checksum.second;
  uint32_t words[header_bytes / 4];
  std::memcpy(words, &header, header_bytes);
  for (size_t place = 0; place < std::size(words); ++place) set_word(header_bytes + 4 * place, words[place]);
  for (size_t place = 0; place < std::size(words); ++place) set_word(4 * place, words[place]);
}

// The hash tables

Status WalIndex::make_room(uint32_t frame) noexcept {
  for (uint32_t region = 0; region <= region_of(frame); ++region) {
    KEELBACK_TRY(get_region(region, true));
    if (regions_[region] == nullptr) return Status(result::IOERR_SHMSIZE);
  }
  return ok_status;
}

Status WalIndex::append(uint32_t frame, uint32_t page) noexcept {
  KEELBACK_TRY(get_region(region_of(frame), true));
  Block found{};
  KEELBACK_TRY(block(region_of(frame), found));
  const uint32_t place = frame - found.base;
  if (place == 1) {
    for (uint32_t at = 0; at < found.size; ++at) store(found.pages + at, uint32_t{0});
    for (uint32_t slot = 0; slot < slot_count; ++slot) store(found.slots + slot, uint16_t{0});
  }
  // A frame that is not counted was here before.
  if (load(found.pages + place - 1) != 0) KEELBACK_TRY(cut(frame - 1));
  uint32_t slot = page * 383 % slot_count;
  for (uint32_t tries = place; load(found.slots + slot) != 0; slot = (slot + 1) % slot_count) {
    if (tries-- == 0) return corrupt();
  }
  store(found.pages + place - 1, page);
  store(found.slots + slot, static_cast<uint16_t>(place));
  return ok_status;
}

Status WalIndex::become(WalIndex& other, uint32_t last) noexcept {
  if (last == 0) return ok_status;
  KEELBACK_TRY(make_room(last));
  for (uint32_t region = 0; region <= region_of(last); ++region) {
    KEELBACK_TRY(other.get_region(region, true));
    const size_t start = region == 0 ? first_pages_offset : 0;
    const auto* const from = reinterpret_cast<uint32_t*>(other.regions_[region] + start);
    auto* const to = reinterpret_cast<uint32_t*>(regions_[region] + start);
    for (size_t place = 0; place < (region_bytes - start) / sizeof *to; ++place) {
      if (load(to + place) != from[place]) store(to + place, from[place]);
    }
  }
  return ok_status;
}

Status WalIndex::find(uint32_t page, uint32_t first, uint32_t last, uint32_t& frame) noexcept {
  frame = 0;
  if (last == 0 || first > last) return ok_status;
  const uint32_t lowest = region_of(first);
  for (uint32_t region = region_of(last);; --region) {
    Block found{};
    KEELBACK_TRY(block(region, found));
    uint32_t tries = slot_count;
    for (uint32_t slot = page * 383 % slot_count;; slot = (slot + 1) % slot_count) {
      const uint32_t place = load(found.slots + slot);
      if (place == 0) break;
      const uint32_t candidate = found.base + place;
      if (candidate <= last && candidate >= first && place <= found.size && load(found.pages + place - 1) == page) {
        frame = candidate;
      }
      if (tries-- == 0) return corrupt();
    }
    if (frame != 0 || region == lowest) return ok_status;
  }
}

Status WalIndex::page_of(uint32_t frame, uint32_t& page) noexcept {
  Block found{};
  KEELBACK_TRY(block(region_of(frame), found));
  page = load(found.pages + (frame - found.base - 1));
  return ok_status;
}

Status WalIndex::cut(uint32_t frame) noexcept {
  if (frame == 0) return ok_status;
  Block found{};
  KEELBACK_TRY(block(region_of(frame), found));
  const uint32_t kept = frame - found.base;
  for (uint32_t slot = 0; slot < slot_count; ++slot) {
    if (load(found.slots + slot) > kept) store(found.slots + slot, uint16_t{0});
  }
  for (uint32_t at = kept; at < found.size; ++at) store(found.pages + at, uint32_t{0});
  return ok_status;
}

}  // namespace keelback::storage
