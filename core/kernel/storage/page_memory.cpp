#include "page_memory.hpp"

#include <sys/mman.h>
#include <atomic>
#include <cstdlib>
#include <new>
#include <utility>

#include "../value/memory_account.hpp"
#include "limits.hpp"

namespace keelback::storage {

namespace {

constexpr size_t small_alignment = 64;
constexpr size_t surplus_step = size_t{1} << 18;

std::atomic<size_t> surplus_taken{0};

// Looking cells up at random is bound by the translation of addresses, so that large slabs lie on large pages.
uint8_t* map_large_slab() noexcept {
  constexpr size_t mapped = 2 * large_slab_bytes;
  void* place = mmap(nullptr, mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (place == MAP_FAILED) return nullptr;
  auto* first = static_cast<uint8_t*>(place);
  const size_t before = (large_slab_bytes - reinterpret_cast<uintptr_t>(first) % large_slab_bytes) % large_slab_bytes;
  if (before > 0) munmap(first, before);
  uint8_t* slab = first + before;
  munmap(slab + large_slab_bytes, mapped - large_slab_bytes - before);
  madvise(slab, large_slab_bytes, MADV_HUGEPAGE);
  return slab;
}

}  // namespace

Slab::Slab(size_t bytes) : bytes_(bytes) {
  if (memory_account::would_pass_hard_limit(bytes)) throw std::bad_alloc();
  memory_ = bytes == large_slab_bytes
                ? map_large_slab()
                : static_cast<uint8_t*>(std::aligned_alloc(
                      small_alignment, (bytes + small_alignment - 1) / small_alignment * small_alignment));
  if (!memory_) throw std::bad_alloc();
  memory_account::add(bytes_);
}

Slab& Slab::operator=(Slab&& other) noexcept {
  std::swap(memory_, other.memory_);
  std::swap(bytes_, other.bytes_);
  return *this;
}

Slab::~Slab() {
  if (!memory_) return;
  memory_account::subtract(bytes_);
  if (bytes_ == large_slab_bytes) {
    munmap(memory_, bytes_);
  } else {
    std::free(memory_);
  }
}

bool SurplusShare::grow() noexcept {
  if (memory_account::is_tight(large_slab_bytes)) return false;
  if (surplus_taken.fetch_add(surplus_step, std::memory_order_relaxed) + surplus_step > most_surplus_bytes) {
    surplus_taken.fetch_sub(surplus_step, std::memory_order_relaxed);
    return false;
  }
  bytes_ += surplus_step;
  return true;
}

void SurplusShare::give_back() noexcept {
  surplus_taken.fetch_sub(bytes_, std::memory_order_relaxed);
  bytes_ = 0;
}

}  // namespace keelback::storage
