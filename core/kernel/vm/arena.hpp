// Arena: memory that is given out in pieces and taken back all at once. Pieces stay where they are.
#ifndef KEELBACK_VM_ARENA_HPP
#define KEELBACK_VM_ARENA_HPP

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace keelback::vm {

class Arena {
 public:
  // Room for `size` bytes, aligned to four.
  uint8_t* take(size_t size) {
    size = (size + 3) & ~static_cast<size_t>(3);
    if (size > left_) grow(size);
    uint8_t* piece = at_;
    at_ += size;
    left_ -= size;
    return piece;
  }
  size_t used_bytes() const noexcept { return taken_ - left_; }
  // What was small stays, for what is filled and emptied with every group.
  void clear() noexcept {
    if (taken_ == first_size) {
      at_ = blocks_.front().get();
      left_ = first_size;
      return;
    }
    blocks_.clear();
    at_ = nullptr;
    left_ = 0;
    taken_ = 0;
    next_size_ = first_size;
  }

 private:
  static constexpr size_t first_size = 4096;
  static constexpr size_t last_size = 1 << 20;

  void grow(size_t size) {
    const size_t block_size = size > next_size_ ? size : next_size_;
    if (next_size_ < last_size) next_size_ *= 2;
    blocks_.push_back(std::make_unique_for_overwrite<uint8_t[]>(block_size));
    at_ = blocks_.back().get();
    left_ = block_size;
    taken_ += block_size;
  }

  std::vector<std::unique_ptr<uint8_t[]>> blocks_;
  uint8_t* at_ = nullptr;
  size_t left_ = 0;
  size_t taken_ = 0;
  size_t next_size_ = first_size;
};

}  // namespace keelback::vm

#endif
