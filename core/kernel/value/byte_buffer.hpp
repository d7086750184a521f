// ByteBuffer: bytes that a register keeps and takes anew for every row, with a NUL behind them.
//
// 1. Memory only grows; a few bytes need none. What is copied in may lie in the buffer itself.
// 2. Short texts, which most are, are copied without a call: `copy_bytes`. A long std::string may be taken over.
//
// A std::string would not do: it can neither be filled in place nor copied into without calls.
#ifndef KEELBACK_VALUE_BYTE_BUFFER_HPP
#define KEELBACK_VALUE_BYTE_BUFFER_HPP

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>
#include <string>
#include <string_view>
#include <utility>

namespace keelback {

// Copy bytes, which may overlap: whatever is short is read before anything is written.
inline void copy_bytes(void* to, const void* from, size_t size) noexcept {
  auto* out = static_cast<unsigned char*>(to);
  const auto* in = static_cast<const unsigned char*>(from);
  struct Sixteen {
    uint64_t halves[2];
  };
  const auto copy_ends = [&](auto first, auto last) {
    std::memcpy(&first, in, sizeof first);
    std::memcpy(&last, in + size - sizeof last, sizeof last);
    std::memcpy(out, &first, sizeof first);
    std::memcpy(out + size - sizeof last, &last, sizeof last);
  };
  if (size > 2 * sizeof(Sixteen)) {
    std::memmove(to, from, size);
  } else if (size >= sizeof(Sixteen)) {
    copy_ends(Sixteen{}, Sixteen{});
  } else if (size >= sizeof(uint64_t)) {
    copy_ends(uint64_t{}, uint64_t{});
  } else if (size >= sizeof(uint32_t)) {
    copy_ends(uint32_t{}, uint32_t{});
  } else if (size >= sizeof(uint16_t)) {
    copy_ends(uint16_t{}, uint16_t{});
  } else if (size) {
    *out = *in;
  }
}

class ByteBuffer {
 public:
  ByteBuffer() = default;
  ByteBuffer(const ByteBuffer&) = delete;
  ByteBuffer& operator=(const ByteBuffer&) = delete;
  ~ByteBuffer() { release(); }

  const char* data() const noexcept { return data_; }
  char* data() noexcept { return data_; }
  size_t size() const noexcept { return size_; }
  // The bytes there is room for, without the NUL; of a buffer that has taken no memory `inline_bytes`.
  size_t capacity() const noexcept { return capacity_; }
  std::string_view view() const noexcept { return {data_, size_}; }
  bool has_memory() const noexcept { return data_ != few_; }
  // Whether a view lies in the buffer.
  bool holds(const char* bytes) const noexcept { return bytes >= data_ && bytes <= data_ + capacity_; }

  // Throws std::bad_alloc; then nothing has changed.
  void assign(std::string_view bytes) {
    if (bytes.size() > capacity_) [[unlikely]] {
      assign_more(bytes);
      return;
    }
    copy_bytes(data_, bytes.data(), bytes.size());
    end_at(bytes.size());
  }
  void append(std::string_view bytes) {
    reserve(size_ + bytes.size());
    copy_bytes(data_ + size_, bytes.data(), bytes.size());
    end_at(size_ + bytes.size());
  }
  // Take over a string; a short one is copied, for the sake of the memory that is there.
  void adopt(std::string&& bytes) {
    if (bytes.size() < least_adopted || bytes.size() > most_bytes) {
      assign(bytes);
      return;
    }
    auto* adopted = new std::string(std::move(bytes));
    replace(adopted->data(), std::min(adopted->capacity(), most_bytes));
    std::memcpy(few_, &adopted, sizeof adopted);
    is_adopted_ = true;
    end_at(adopted->size());
  }
  // Room for so many bytes, to be filled: what there was stays, up to that size. Throws std::bad_alloc.
  char* take(size_t size) {
    reserve(size);
    end_at(size);
    return data_;
  }
  void reserve(size_t size) {
    if (size <= capacity_) [[likely]]
      return;
    const size_t capacity = room_for(size);
    char* memory = new char[capacity + 1];
    std::memcpy(memory, data_, size_t{size_} + 1);
    replace(memory, capacity);
  }
  void release() noexcept {
    free_memory();
    data_ = few_;
    capacity_ = inline_bytes;
    end_at(0);
  }
  // Views of the few bytes without memory of their own do not go along.
  void swap(ByteBuffer& other) noexcept {
    const bool is_few = !has_memory();
    const bool is_other_few = !other.has_memory();
    std::swap(few_, other.few_);
    std::swap(is_adopted_, other.is_adopted_);
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    std::swap(capacity_, other.capacity_);
    if (is_few) other.data_ = other.few_;
    if (is_other_few) data_ = few_;
  }

  static constexpr size_t inline_bytes = 14;

 private:
  static constexpr size_t most_bytes = UINT32_MAX - 1;
  static constexpr size_t least_adopted = 1024;

  void end_at(size_t size) noexcept {
    size_ = static_cast<uint32_t>(size);
    data_[size] = 0;
  }
  void free_memory() noexcept {
    if (!has_memory()) return;
    if (is_adopted_) {
      std::string* adopted = nullptr;
      std::memcpy(&adopted, few_, sizeof adopted);
      delete adopted;
    } else {
      delete[] data_;
    }
    is_adopted_ = false;
  }
  void replace(char* memory, size_t capacity) noexcept {
    free_memory();
    data_ = memory;
    capacity_ = static_cast<uint32_t>(capacity);
  }
  size_t room_for(size_t size) const {
    if (size >= most_bytes) throw std::bad_alloc();
    return std::max(size, std::min(most_bytes, size_t{2} * capacity_));
  }
  void assign_more(std::string_view bytes) {
    const size_t capacity = room_for(bytes.size());
    char* memory = new char[capacity + 1];
    std::memcpy(memory, bytes.data(), bytes.size());
    replace(memory, capacity);
    end_at(bytes.size());
  }

  char* data_ = few_;
  uint32_t size_ = 0;
  uint32_t capacity_ = inline_bytes;
  char few_[inline_bytes + 1] = {};  // or the string that was taken over
  bool is_adopted_ = false;
};

}  // namespace keelback

#endif
