#include "samples.hpp"

#include <algorithm>

namespace keelback::vm {

namespace {

constexpr size_t most_samples = 24;
constexpr int64_t periodic_share = most_samples / 3 + 1;
constexpr uint32_t seed_of_columns = 0x689e962d;
constexpr uint32_t seed_of_rows = 0xd0944565;
constexpr uint32_t hash_factor = 1103515245;
constexpr uint32_t hash_step = 12345;

}  // namespace

bool Sample::is_better_behind(const Sample& other) const noexcept {
  for (size_t at = column + 1; at < equal.size(); ++at) {
    if (equal[at] != other.equal[at]) return equal[at] > other.equal[at];
  }
  return hash > other.hash;
}

bool Sample::is_better(const Sample& other) const noexcept {
  const int64_t mine = equal[column];
  const int64_t theirs = other.equal[other.column];
  if (mine != theirs) return mine > theirs;
  if (column != other.column) return column < other.column;
  return is_better_behind(other);
}

SampleCursor::SampleCursor(size_t columns, int64_t rows)
    : Cursor(CursorKind::samples, false),
      columns_(columns),
      distance_(rows / periodic_share + 1),
      current_(columns),
      best_(columns, Sample(columns)),
      hash_(seed_of_columns * static_cast<uint32_t>(columns) ^ seed_of_rows * static_cast<uint32_t>(rows)) {
  for (size_t column = 0; column < columns; ++column) best_[column].column = column;
  kept_.reserve(most_samples);
}

void SampleCursor::push(size_t changed, std::string_view record) {
  if (!has_rows_) {
    std::fill(current_.equal.begin(), current_.equal.end(), 1);
    has_rows_ = true;
  } else {
    complete(changed);
    for (size_t column = 0; column < changed; ++column) ++current_.equal[column];
    for (size_t column = changed; column < columns_; ++column) {
      ++current_.distinct[column];
      current_.less[column] += current_.equal[column];
      current_.equal[column] = 1;
    }
  }
  current_.record = record;
  hash_ = current_.hash = hash_ * hash_factor + hash_step;
  const int64_t before = current_.less[columns_ - 1];
  if (before / distance_ != (before + 1) / distance_) {
    current_.is_periodic = true;
    current_.column = 0;
    keep(current_, columns_ - 1);
    current_.is_periodic = false;
  }
  for (size_t column = 0; column + 1 < columns_; ++column) {
    current_.column = column;
    if (column >= changed || current_.is_better_behind(best_[column])) best_[column] = current_;
  }
}

const Sample* SampleCursor::next_sample() {
  if (!is_over_) {
    complete(0);
    is_over_ = true;
  }
  return place_ < kept_.size() ? &kept_[place_++] : nullptr;
}

// The parts that end in the columns from `changed` on are over: their best entries may be kept.
void SampleCursor::complete(size_t changed) {
  for (size_t column = columns_ - 1; column-- > changed;) {
    Sample& best = best_[column];
    best.equal[column] = current_.equal[column];
    if (kept_.size() < most_samples || best.is_better(kept_[worst_])) keep(best, column);
  }
  if (changed >= unknown_) return;
  for (Sample& sample : kept_) {
    for (size_t column = changed; column < columns_; ++column) {
      if (sample.equal[column] == 0) sample.equal[column] = current_.equal[column];
    }
  }
  unknown_ = changed;
}

void SampleCursor::keep(const Sample& sample, size_t unknown) {
  unknown_ = std::max(unknown_, unknown);
  if (!sample.is_periodic && raise_one(sample)) return;
  if (kept_.size() >= most_samples) kept_.erase(kept_.begin() + static_cast<ptrdiff_t>(worst_));
  kept_.push_back(sample);
  std::fill_n(kept_.back().equal.begin(), unknown, 0);
  find_worst();
}

bool SampleCursor::raise_one(const Sample& sample) {
  Sample* chosen = nullptr;
  for (size_t place = kept_.size(); place-- > 0;) {
    Sample& kept = kept_[place];
    if (kept.equal[sample.column] != 0) continue;
    if (kept.is_periodic) return true;
    if (!chosen || kept.is_better(*chosen)) chosen = &kept;
  }
  if (!chosen) return false;
  chosen->column = sample.column;
  chosen->equal[chosen->column] = sample.equal[chosen->column];
  find_worst();
  return true;
}

void SampleCursor::find_worst() {
  if (kept_.size() < most_samples) return;
  const Sample* worst = nullptr;
  for (const Sample& kept : kept_) {
    if (!kept.is_periodic && (!worst || worst->is_better(kept))) worst = &kept;
  }
  worst_ = worst ? static_cast<size_t>(worst - kept_.data()) : 0;
}

}  // namespace keelback::vm
