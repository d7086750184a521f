// The wal-index: where in the WAL the newest content of a page is, and how far readers and checkpoints are.
//
//     region 0    0  48 header    48 48 the header again    96 4 frames that are back in the database
//                 100 4*5 read marks    120 8 bytes that are locked    128 4 frames that a checkpoint began to bring
//                 back 136 4*4062 page numbers of frames 1 ... 4062
//     region i    0  4*4096 page numbers of the next 4096 frames
//     each        16384 2*8192 hash table: (page * 383) mod 8192 and onwards; 1 + place among the page numbers, 0 =
//     free
//
// 1. All numbers are in the byte order of the machine, but the salts, which are as in the file.
// 2. A writer writes the second copy of the header first and a reader reads the first copy first: where both are equal
//    and the checksum holds, the header is whole.
// 3. A hash table may hold frames beyond those that the header counts, of a transaction that is not committed or was
//    rolled back; `find` is told the last frame that it may give, and `cut` wipes them off before others come there.
// 4. Several connections touch the memory at once: all accesses are atomic, words or less.
//
// It does not know files and locks. Spec: https://www.sqlite.org/walformat.html. Twin: reference/storage/wal_index.py.
#ifndef KEELBACK_STORAGE_WAL_INDEX_HPP
#define KEELBACK_STORAGE_WAL_INDEX_HPP

#include "shared_memory.hpp"

namespace keelback::storage {

inline constexpr uint32_t read_mark_count = 5;
inline constexpr uint32_t unused_mark = 0xFFFFFFFF;

struct WalIndexHeader {
  uint32_t version = 0;
  uint32_t unused = 0;
  uint32_t change = 0;  // grows with every commit
  uint8_t is_initialised = 0;
  uint8_t is_big = 0;            // as the WAL's magic says
  uint16_t page_size_code = 0;   // 1 for 65536
  uint32_t frame_count = 0;      // committed frames
  uint32_t page_count = 0;       // of the database
  uint32_t frame_checksum[2]{};  // of the last frame
  uint32_t salt[2]{};            // bytes as in the file
  uint32_t checksum[2]{};        // of the bytes before

  uint32_t page_size() const noexcept { return (page_size_code & 0xFE00u) + ((page_size_code & 0x0001u) << 16); }
  void set_page_size(uint32_t size) noexcept { page_size_code = static_cast<uint16_t>((size & 0xFF00) | (size >> 16)); }
  bool operator==(const WalIndexHeader&) const = default;
};
static_assert(sizeof(WalIndexHeader) == 48);

class WalIndex {
 public:
  explicit WalIndex(std::unique_ptr<SharedMemory> memory) noexcept : memory_(std::move(memory)) {}

  SharedMemory& memory() noexcept { return *memory_; }
  // Have region 0, made if need be. As SharedMemory::region.
  Status open(bool is_made) noexcept;
  bool is_open() const noexcept { return !regions_.empty() && regions_[0] != nullptr; }

  // The header, if it is whole.
  bool read_header(WalIndexHeader& header) const noexcept;
  // Whether the first copy is still this one.
  bool is_header(const WalIndexHeader& header) const noexcept;
  // The first copy, which nobody else is changing.
  WalIndexHeader live_header() const noexcept { return copy_of_header(0); }
  // Put version, flag and checksum in, and write both copies.
  void write_header(WalIndexHeader& header) noexcept;

  uint32_t backfill() const noexcept { return word(backfill_offset); }
  void set_backfill(uint32_t frames) noexcept { set_word(backfill_offset, frames); }
  uint32_t backfill_attempted() const noexcept { return word(attempted_offset); }
  void set_backfill_attempted(uint32_t frames) noexcept { set_word(attempted_offset, frames); }
  uint32_t read_mark(uint32_t number) const noexcept { return word(marks_offset + 4 * number); }
  void set_read_mark(uint32_t number, uint32_t frame) noexcept { set_word(marks_offset + 4 * number, frame); }

  // Have the regions for all frames up to this one.
  Status make_room(uint32_t frame) noexcept;
  // Note that a frame holds a page; `frame` follows the last that was noted. CORRUPT.
  Status append(uint32_t frame, uint32_t page) noexcept;
  // Note the pages of all frames up to `last` as another index has them. Readers of some of these frames may be at
  // work: what they need is not touched where it is already so.
  Status become(WalIndex& other, uint32_t last) noexcept;
  // The newest of the frames first ... last with this page, 0 if there is none. CORRUPT.
  Status find(uint32_t page, uint32_t first, uint32_t last, uint32_t& frame) noexcept;
  // The page that a frame holds.
  Status page_of(uint32_t frame, uint32_t& page) noexcept;
  // Forget the frames after this one, in its region.
  Status cut(uint32_t frame) noexcept;

 private:
  static constexpr size_t header_bytes = sizeof(WalIndexHeader);
  static constexpr size_t backfill_offset = 96;
  static constexpr size_t marks_offset = 100;
  static constexpr size_t attempted_offset = 128;
  static constexpr size_t first_pages_offset = 136;
  static constexpr size_t hash_offset = 16384;
  static constexpr uint32_t slot_count = 8192;
  static constexpr uint32_t pages_in_region = 4096;
  static constexpr uint32_t pages_in_first = pages_in_region - first_pages_offset / 4;

  // One region: its page numbers are those of the frames base + 1, base + 2, ...
  struct Block {
    uint32_t* pages;
    uint16_t* slots;
    uint32_t base;
    uint32_t size;
  };
  static uint32_t region_of(uint32_t frame) noexcept {
    return (frame + pages_in_region - pages_in_first - 1) / pages_in_region;
  }
  Status block(uint32_t region, Block& block) noexcept;
  Status get_region(uint32_t index, bool is_made) noexcept;
  WalIndexHeader copy_of_header(size_t copy) const noexcept;
  uint32_t word(size_t offset) const noexcept;
  void set_word(size_t offset, uint32_t value) noexcept;

  std::unique_ptr<SharedMemory> memory_;
  std::vector<uint8_t*> regions_;
};

}  // namespace keelback::storage

#endif
