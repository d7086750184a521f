// sqlite3_malloc and its kin: malloc with the size in front of the block, so that sqlite3_msize can tell it.
#include "memory.hpp"

#include <atomic>
#include <cstdlib>
#include <cstring>

#include "../value/memory_account.hpp"
#include "config.hpp"

namespace memory_account = keelback::memory_account;

namespace {

constexpr size_t header_bytes = 16;  // keeps the alignment of malloc
constexpr sqlite3_uint64 most_bytes = 0x7FFFFEFF;

size_t size_of(void* block) {
  size_t size = 0;
  std::memcpy(&size, static_cast<char*>(block) - header_bytes, sizeof size);
  return size;
}

std::atomic<int64_t> block_count{0};
std::atomic<int64_t> highest_count{0};
std::atomic<int64_t> largest_block{0};

void raise(std::atomic<int64_t>& mark, int64_t to) noexcept {
  int64_t known = mark.load(std::memory_order_relaxed);
  while (to > known && !mark.compare_exchange_weak(known, to, std::memory_order_relaxed)) {
  }
}

void* finish(void* raw, size_t size, size_t before) {
  if (raw == nullptr) return nullptr;
  std::memcpy(raw, &size, sizeof size);
  raise(largest_block, static_cast<int64_t>(size));
  if (before == 0) raise(highest_count, block_count.fetch_add(1, std::memory_order_relaxed) + 1);
  memory_account::subtract(before);
  memory_account::add(size);
  return static_cast<char*>(raw) + header_bytes;
}

bool is_over_hard_limit(sqlite3_uint64 size) {
  return memory_account::would_pass_hard_limit(static_cast<size_t>(size));
}

}  // namespace

namespace keelback::capi {

AllocationCounts allocation_counts(bool is_count_reset, bool is_largest_reset) noexcept {
  const AllocationCounts counts{block_count, highest_count, largest_block};
  if (is_count_reset) highest_count = block_count.load();
  if (is_largest_reset) largest_block = 0;
  return counts;
}

char* copy_to_heap(std::string_view bytes) {
  auto* copy = static_cast<char*>(sqlite3_malloc64(bytes.size() + 1));
  if (copy == nullptr) return nullptr;
  std::memcpy(copy, bytes.data(), bytes.size());
  copy[bytes.size()] = '\0';
  return copy;
}

}  // namespace keelback::capi

extern "C" {

void* sqlite3_malloc64(sqlite3_uint64 size) {
  keelback::capi::note_use();
  if (size == 0 || size > most_bytes || is_over_hard_limit(size)) return nullptr;
  const auto rounded = static_cast<size_t>((size + 7) & ~7ULL);
  return finish(std::malloc(rounded + header_bytes), rounded, 0);
}

void* sqlite3_malloc(int size) { return size <= 0 ? nullptr : sqlite3_malloc64(static_cast<sqlite3_uint64>(size)); }

void* sqlite3_realloc64(void* block, sqlite3_uint64 size) {
  if (block == nullptr) return sqlite3_malloc64(size);
  if (size == 0) {
    sqlite3_free(block);
    return nullptr;
  }
  if (size > most_bytes || is_over_hard_limit(size)) return nullptr;
  const size_t before = size_of(block);
  const auto rounded = static_cast<size_t>((size + 7) & ~7ULL);
  return finish(std::realloc(static_cast<char*>(block) - header_bytes, rounded + header_bytes), rounded, before);
}

void* sqlite3_realloc(void* block, int size) {
  return sqlite3_realloc64(block, size < 0 ? 0 : static_cast<sqlite3_uint64>(size));
}

void sqlite3_free(void* block) {
  if (block == nullptr) return;
  memory_account::subtract(size_of(block));
  block_count.fetch_sub(1, std::memory_order_relaxed);
  std::free(static_cast<char*>(block) - header_bytes);
}

sqlite3_uint64 sqlite3_msize(void* block) { return block == nullptr ? 0 : size_of(block); }

sqlite3_int64 sqlite3_memory_used(void) { return memory_account::used_bytes; }

sqlite3_int64 sqlite3_memory_highwater(int reset) {
  const sqlite3_int64 highest = memory_account::highest_bytes;
  if (reset != 0) memory_account::highest_bytes = memory_account::used_bytes.load();
  return highest;
}

sqlite3_int64 sqlite3_soft_heap_limit64(sqlite3_int64 limit) {
  const sqlite3_int64 before = memory_account::soft_limit;
  if (limit >= 0) memory_account::set_soft_limit(limit);
  return before;
}

void sqlite3_soft_heap_limit(int limit) { sqlite3_soft_heap_limit64(limit < 0 ? 0 : limit); }

sqlite3_int64 sqlite3_hard_heap_limit64(sqlite3_int64 limit) {
  const sqlite3_int64 before = memory_account::hard_limit;
  if (limit >= 0) memory_account::set_hard_limit(limit);
  return before;
}

int sqlite3_release_memory(int) { return 0; }

}  // extern "C"
