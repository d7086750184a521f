// The columns of a result row: values that stand `stride` bytes apart, in registers or in an array.
//
// A view: whoever hands it out says how long the values live. Knows nothing of registers.
#ifndef KEELBACK_VALUE_ROW_HPP
#define KEELBACK_VALUE_ROW_HPP

#include "value.hpp"

namespace keelback {

class Row {
 public:
  Row() = default;
  Row(const Value* first, size_t stride, size_t count)
      : first_(reinterpret_cast<const std::byte*>(first)), stride_(stride), count_(count) {}

  size_t size() const { return count_; }
  const Value& operator[](size_t index) const { return *reinterpret_cast<const Value*>(first_ + index * stride_); }

 private:
  const std::byte* first_ = nullptr;
  size_t stride_ = 0;
  size_t count_ = 0;
};

}  // namespace keelback

#endif
