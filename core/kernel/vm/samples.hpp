// SampleCursor: of the entries of an index, in their order, those that sqlite_stat4 keeps: about 24.
//
// 1. For every entry are counted, for each leading part of its key: the entries that share it (equal), those before
//    them (less), and the different parts before it (distinct).
// 2. A third of the samples are taken at even distances; the others are the entries whose parts are shared by most. The
//    best candidate for each part is known until the part changes; only then it is complete, and may push out the
//    worst.
// 3. Between equals decides a number that follows from the size of the index, so that the same index gives the same
//    samples, in SQLite too.
//
// Must not know: instructions. Twin: keelback_core/reference/vm/samples.py.
#ifndef KEELBACK_VM_SAMPLES_HPP
#define KEELBACK_VM_SAMPLES_HPP

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "cursor.hpp"

namespace keelback::vm {

// column: the last of the part for whose sake it is kept. An `equal` of 0 is not known yet.
struct Sample {
  std::vector<int64_t> equal, less, distinct;
  std::string record;
  size_t column = 0;
  uint32_t hash = 0;
  bool is_periodic = false;

  explicit Sample(size_t columns) : equal(columns), less(columns), distinct(columns) {}
  // Whether it is better by what stands behind its part.
  bool is_better_behind(const Sample& other) const noexcept;
  // Whether it is better to keep; both parts are complete.
  bool is_better(const Sample& other) const noexcept;
};

class SampleCursor final : public Cursor {
 public:
  // columns: of an entry, with what tells entries apart; rows: of the index.
  SampleCursor(size_t columns, int64_t rows);

  // The next entry. changed: the first column that differs from the entry before.
  void push(size_t changed, std::string_view record);
  // The first sample, then each one after it; null at the end.
  const Sample* next_sample();
  size_t columns() const noexcept { return columns_; }

 private:
  void complete(size_t changed);
  void keep(const Sample& sample, size_t unknown);
  // There are samples of this part already: the best of them is kept for its sake too. False if there is none.
  bool raise_one(const Sample& sample);
  void find_worst();

  const size_t columns_;
  const int64_t distance_;
  Sample current_;
  std::vector<Sample> best_;
  std::vector<Sample> kept_;
  uint32_t hash_;
  bool has_rows_ = false;
  size_t worst_ = 0;
  size_t unknown_ = 0;  // kept samples know `equal` of all columns before this one
  size_t place_ = 0;
  bool is_over_ = false;
};

}  // namespace keelback::vm

#endif
