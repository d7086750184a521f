// SmallStack: a stack whose first elements lie in itself, so that a shallow one allocates nothing.
//
// Elements are plain data. Must not know what they are. Twin: none; Python's lists.
#ifndef KEELBACK_VALUE_SMALL_STACK_HPP
#define KEELBACK_VALUE_SMALL_STACK_HPP

#include <array>
#include <cstddef>
#include <type_traits>
#include <vector>

namespace keelback {

template <typename Element, size_t near_size>
class SmallStack {
 public:
  static_assert(std::is_trivially_copyable_v<Element>);

  bool empty() const noexcept { return size_ == 0; }
  size_t size() const noexcept { return size_; }
  Element& operator[](size_t place) noexcept { return place < near_size ? near_[place] : far_[place - near_size]; }
  Element& back() noexcept { return (*this)[size_ - 1]; }
  void push_back(const Element& element) {
    if (size_ < near_size) {
      near_[size_] = element;
    } else {
      far_.push_back(element);
    }
    ++size_;
  }
  void pop_back() noexcept {
    if (size_ > near_size) far_.pop_back();
    --size_;
  }

 private:
  std::array<Element, near_size> near_;  // set as far as `size_`
  std::vector<Element> far_;
  size_t size_ = 0;
};

}  // namespace keelback

#endif
