// What is done when a block is left, however it is left: running out of memory included.
#ifndef KEELBACK_STORAGE_AT_END_HPP
#define KEELBACK_STORAGE_AT_END_HPP

namespace keelback::storage {

template <typename Work>
struct AtEnd {
  Work work;
  ~AtEnd() { work(); }
};

template <typename Work>
AtEnd(Work) -> AtEnd<Work>;

}  // namespace keelback::storage

#endif
