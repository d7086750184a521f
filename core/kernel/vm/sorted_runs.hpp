// SortedRuns: nodes that were sorted piece by piece, on temporary files, and are read back as one sequence.
//
//     level 0   [run][run][run] ...     the newest; a run is a sequence of nodes, each padded to four bytes
//     level 1   [run of `fan_in` runs] ...
//
// 1. A level that has `fan_in` runs is merged into one run of the level above, so that few runs are read at a time.
// 2. Of equal nodes the one of the older run comes first: all of a level are older than what lies below it.
// 3. A node that is read is valid until the next one is. A read may begin again.
//
// Must not know: records, cursors. Twin: none; the reference sorts in memory.
#ifndef KEELBACK_VM_SORTED_RUNS_HPP
#define KEELBACK_VM_SORTED_RUNS_HPP

#include <memory>
#include <vector>

#include "../storage/temporary_file.hpp"
#include "node_order.hpp"
#include "working_memory.hpp"

namespace keelback::vm {

// One run, node by node.
class RunReader {
 public:
  RunReader(storage::TemporaryFile& file, uint64_t start, uint64_t end, size_t buffer_size)
      : file_(file), next_(start), end_(end), size_(buffer_size) {}

  // Go to the next node, the first time to the first one.
  Status next(bool& found);
  const Node& node() const noexcept { return *node_; }
  uint64_t prefix() const noexcept { return prefix_; }

 private:
  Status fill(size_t wanted);

  storage::TemporaryFile& file_;
  uint64_t next_;  // what is to be read from the file next
  const uint64_t end_;
  size_t size_;
  std::unique_ptr<uint8_t[]> buffer_;
  size_t at_ = 0;
  size_t filled_ = 0;
  const Node* node_ = nullptr;
  uint64_t prefix_ = 0;
};

class SortedRuns {
 public:
  // The normaliser must outlive it.
  SortedRuns(const KeyNormaliser& normaliser, const WorkingMemory& memory) : order_(normaliser), memory_(memory) {}

  bool is_empty() const noexcept { return count_ == 0; }
  size_t count() const noexcept { return count_; }
  // Write entries that are sorted as a run younger than all others. FULL, IOERR_*, CANTOPEN, INTERRUPT.
  Status add(const std::vector<Entry>& entries);
  Status clear();
  // Begin to read; `found`: there is a node.
  Status first(bool& found);
  Status next(bool& found);
  const Node& node() const noexcept { return readers_[winner_]->node(); }

 private:
  struct Run {
    uint64_t start = 0;
    uint64_t end = 0;
  };
  struct Level {
    explicit Level(storage::Vfs& vfs) : file(vfs) {}
    storage::TemporaryFile file;
    std::vector<Run> runs;
  };
  static constexpr size_t fan_in = 16;
  static constexpr size_t least_buffer = 16 << 10;
  static constexpr size_t most_buffer = 256 << 10;

  Status merge_up(size_t level);
  // Read these levels, the highest first, from the beginning.
  Status open(size_t lowest, size_t highest);
  void settle();
  bool is_before(size_t left, size_t right);
  Status write(const Node& node, storage::TemporaryFile& file);
  Status flush(storage::TemporaryFile& file);

  NodeOrder order_;
  const WorkingMemory memory_;
  std::vector<std::unique_ptr<Level>> levels_;
  size_t count_ = 0;
  std::vector<uint8_t> written_;
  // A reader that has come to its end is null. `winner_` is the reader of the node; the tree holds the losers.
  std::vector<std::unique_ptr<RunReader>> readers_;
  std::vector<size_t> losers_;
  size_t winner_ = 0;
  size_t steps_ = 0;
};

}  // namespace keelback::vm

#endif
