#include "sorted_runs.hpp"

#include <algorithm>

namespace keelback::vm {

namespace {

constexpr size_t interrupt_period = 1024;
constexpr size_t padded(size_t size) noexcept { return (size + 3) & ~static_cast<size_t>(3); }

}  // namespace

// Reading

Status RunReader::next(bool& found) {
  at_ += node_ ? padded(node_->size()) : 0;
  node_ = nullptr;
  found = at_ < filled_ || next_ < end_;
  if (!found) return ok_status;
  KEELBACK_TRY(fill(Node::head_size));
  const auto* node = reinterpret_cast<const Node*>(buffer_.get() + at_);
  const size_t size = padded(node->size());
  KEELBACK_TRY(fill(size));
  node_ = reinterpret_cast<const Node*>(buffer_.get() + at_);
  prefix_ = key_prefix(node_->key());
  return ok_status;
}

// Have `wanted` bytes behind `at_`.
Status RunReader::fill(size_t wanted) {
  if (buffer_ && filled_ - at_ >= wanted) return ok_status;
  const size_t kept = filled_ - at_;
  if (!buffer_ || wanted > size_) {
    size_ = std::max(size_, wanted);
    auto larger = std::make_unique_for_overwrite<uint8_t[]>(size_);
    if (kept) std::memcpy(larger.get(), buffer_.get() + at_, kept);
    buffer_ = std::move(larger);
  } else if (kept) {
    std::memmove(buffer_.get(), buffer_.get() + at_, kept);
  }
  at_ = 0;
  filled_ = kept;
  const size_t count = std::min<uint64_t>(size_ - kept, end_ - next_);
  KEELBACK_TRY(file_.read(buffer_.get() + kept, count, next_));
  next_ += count;
  filled_ += count;
  return filled_ >= wanted ? ok_status : Status(result::IOERR_SHORT_READ);
}

// Writing

Status SortedRuns::write(const Node& node, storage::TemporaryFile& file) {
  const auto* bytes = reinterpret_cast<const uint8_t*>(&node);
  const size_t size = padded(node.size());
  if (written_.size() + size > most_buffer) KEELBACK_TRY(flush(file));
  if (size > most_buffer) return file.append({bytes, size});
  written_.insert(written_.end(), bytes, bytes + size);
  return ok_status;
}

Status SortedRuns::flush(storage::TemporaryFile& file) {
  if (!written_.empty()) KEELBACK_TRY(file.append(written_));
  written_.clear();
  return memory_.check_interrupt();
}

Status SortedRuns::add(const std::vector<Entry>& entries) {
  if (entries.empty()) return ok_status;
  if (levels_.empty()) levels_.push_back(std::make_unique<Level>(*memory_.vfs));
  Level& level = *levels_[0];
  written_.clear();
  written_.reserve(most_buffer);
  const uint64_t start = level.file.size();
  for (size_t place = 0; place < entries.size(); ++place) {
    constexpr size_t ahead = 8;
    if (place + ahead < entries.size()) __builtin_prefetch(entries[place + ahead].node);
    KEELBACK_TRY(write(*entries[place].node, level.file));
  }
  KEELBACK_TRY(flush(level.file));
  level.runs.push_back({start, level.file.size()});
  count_ += entries.size();
  for (size_t number = 0; number < levels_.size() && levels_[number]->runs.size() >= fan_in; ++number) {
    KEELBACK_TRY(merge_up(number));
  }
  return ok_status;
}

Status SortedRuns::clear() {
  readers_.clear();
  count_ = 0;
  for (auto& level : levels_) {
    level->runs.clear();
    KEELBACK_TRY(level->file.clear());
  }
  return ok_status;
}

Status SortedRuns::merge_up(size_t number) {
  if (number + 1 == levels_.size()) levels_.push_back(std::make_unique<Level>(*memory_.vfs));
  Level& above = *levels_[number + 1];
  const uint64_t start = above.file.size();
  KEELBACK_TRY(open(number, number));
  for (bool found = true; found;) {
    KEELBACK_TRY(write(node(), above.file));
    KEELBACK_TRY(next(found));
  }
  KEELBACK_TRY(flush(above.file));
  above.runs.push_back({start, above.file.size()});
  readers_.clear();
  levels_[number]->runs.clear();
  return levels_[number]->file.clear();
}

// Merging

Status SortedRuns::open(size_t lowest, size_t highest) {
  size_t run_count = 0;
  for (size_t number = lowest; number <= highest; ++number) run_count += levels_[number]->runs.size();
  const size_t buffer_size = std::clamp(memory_.most_bytes / run_count, least_buffer, most_buffer);
  readers_.clear();
  for (size_t number = highest + 1; number-- > lowest;) {
    Level& level = *levels_[number];
    for (const Run& run : level.runs) {
      readers_.push_back(std::make_unique<RunReader>(level.file, run.start, run.end, buffer_size));
      bool found = false;
      KEELBACK_TRY(readers_.back()->next(found));
    }
  }
  settle();
  return ok_status;
}

// Whether the node of one reader comes first; one at its end comes last.
bool SortedRuns::is_before(size_t left, size_t right) {
  const RunReader* first = readers_[left].get();
  const RunReader* second = readers_[right].get();
  if (!first || !second) return first ? true : second ? false : left < right;
  if (first->prefix() != second->prefix()) return first->prefix() < second->prefix();
  const int order = order_.compare(first->node(), second->node());
  return order != 0 ? order < 0 : left < right;
}

// Play all games of the tournament: the leaf of reader i is at place `readers + i`, and the place above any is half of
// it, down to 1.
void SortedRuns::settle() {
  const size_t leaves = readers_.size();
  losers_.assign(leaves, 0);
  std::vector<size_t> winners(2 * leaves);
  for (size_t leaf = 0; leaf < leaves; ++leaf) winners[leaves + leaf] = leaf;
  for (size_t place = leaves; place-- > 1;) {
    const size_t left = winners[2 * place];
    const size_t right = winners[2 * place + 1];
    const bool is_left = is_before(left, right);
    winners[place] = is_left ? left : right;
    losers_[place] = is_left ? right : left;
  }
  winner_ = leaves > 1 ? winners[1] : 0;
}

Status SortedRuns::first(bool& found) {
  found = count_ > 0;
  return found ? open(0, levels_.size() - 1) : ok_status;
}

Status SortedRuns::next(bool& found) {
  if (++steps_ % interrupt_period == 0) KEELBACK_TRY(memory_.check_interrupt());
  bool has_more = false;
  KEELBACK_TRY(readers_[winner_]->next(has_more));
  if (!has_more) readers_[winner_].reset();
  size_t player = winner_;
  for (size_t place = (readers_.size() + player) / 2; place > 0; place /= 2) {
    if (is_before(losers_[place], player)) std::swap(losers_[place], player);
  }
  winner_ = player;
  found = readers_[winner_] != nullptr;
  return ok_status;
}

}  // namespace keelback::vm
