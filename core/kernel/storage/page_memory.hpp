// The memory of cached pages: slabs, given back to the system as soon as they are freed, and the surplus that all
// connections of the process share beyond their own cache_size.
//
// 1. A large slab lies alone on large pages of memory; its address is a multiple of its size.
// 2. Of the surplus no more is granted than `surplus_limit` at any time; what was granted is given back by who took it.
//
// Must not know: pages and pagers. Any thread. The reference engine has no surplus: it keeps to cache_size.
#ifndef KEELBACK_STORAGE_PAGE_MEMORY_HPP
#define KEELBACK_STORAGE_PAGE_MEMORY_HPP

#include <cstddef>
#include <cstdint>

namespace keelback::storage {

inline constexpr size_t large_slab_bytes = size_t{1} << 21;

class Slab {
 public:
  Slab() = default;
  // Throws std::bad_alloc.
  explicit Slab(size_t bytes);
  Slab(Slab&& other) noexcept : memory_(other.memory_), bytes_(other.bytes_) { other.memory_ = nullptr; }
  Slab& operator=(Slab&& other) noexcept;
  ~Slab();

  uint8_t* memory() const noexcept { return memory_; }
  size_t bytes() const noexcept { return bytes_; }

 private:
  uint8_t* memory_ = nullptr;
  size_t bytes_ = 0;
};

// A part of the surplus, held until it is given back.
class SurplusShare {
 public:
  SurplusShare() = default;
  SurplusShare(const SurplusShare&) = delete;
  SurplusShare& operator=(const SurplusShare&) = delete;
  ~SurplusShare() { give_back(); }

  // Take a step more. False when the surplus is used up or memory is tight.
  bool grow() noexcept;
  void give_back() noexcept;
  size_t bytes() const noexcept { return bytes_; }

 private:
  size_t bytes_ = 0;
};

}  // namespace keelback::storage

#endif
