// Cells on their way to a page: views of bytes, and lists of them.
//
// 1. A list grows without clearing what it grows by: who asks for room fills it.
// 2. Clearing keeps the memory for the next use.
//
// It does not know what is in a cell. Twin: none, lists of bytes in Python.
#ifndef KEELBACK_STORAGE_CELL_LIST_HPP
#define KEELBACK_STORAGE_CELL_LIST_HPP

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>

namespace keelback::storage {

// The bytes of a cell, wherever they are.
struct Cell {
  const uint8_t* data;
  uint32_t size;
};

class CellList {
 public:
  uint32_t size() const noexcept { return size_; }
  std::span<const Cell> span() const noexcept { return {cells_.get(), size_}; }
  void clear() noexcept { size_ = 0; }
  void cut(uint32_t size) noexcept { size_ = size; }
  // Room for as many cells behind the last one, to be filled by the caller.
  Cell* grow(uint32_t count) {
    reserve(size_ + count);
    Cell* start = cells_.get() + size_;
    size_ += count;
    return start;
  }
  void push_back(Cell cell) { *grow(1) = cell; }

 private:
  static constexpr uint32_t least_room = 64;

  void reserve(uint32_t wanted) {
    if (wanted <= room_) return;
    uint32_t room = room_ ? room_ : least_room;
    while (room < wanted) room *= 2;
    auto larger = std::make_unique_for_overwrite<Cell[]>(room);
    if (size_) std::memcpy(larger.get(), cells_.get(), size_ * sizeof(Cell));
    cells_ = std::move(larger);
    room_ = room;
  }

  std::unique_ptr<Cell[]> cells_;
  uint32_t size_ = 0;
  uint32_t room_ = 0;
};

}  // namespace keelback::storage

#endif
