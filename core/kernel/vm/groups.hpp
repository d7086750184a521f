// GroupCursor: the groups of a GROUP BY that no order brings together, each with its registers.
//
//     key -> number of the group -> its registers; the groups are sorted by their keys in the end
//
// 1. The registers of the group at hand are in their places in the frame; those of all others are in the table.
// 2. Groups are found by a hash of their normalised keys, so that what compares equal is one group; as long as keys
//    come in their order, by looking at the last one. With a collation of the user's they are found by comparing.
// 3. Once the groups take more than the memory of a hash table, rows of groups that are not known are turned away; once
//    they have grown by half as much again, all rows are. The program defers such rows, and a sorter brings them
//    together: in the end each group at hand takes its deferred rows, in the order in which they came, and is complete
//    then. Groups that have only such rows come up between the others, where their keys belong.
//
// Memory: bounded by 3, but for what a loop by pages adds before it ends. Must not know: instructions, what the
// registers hold. Twin: keelback_core/reference/vm/groups.py, which holds all groups in memory.
#ifndef KEELBACK_VM_GROUPS_HPP
#define KEELBACK_VM_GROUPS_HPP

#include <memory>
#include <vector>

#include "cursor.hpp"
#include "function.hpp"
#include "normal_key.hpp"
#include "ordered_store.hpp"
#include "register.hpp"
#include "sorter.hpp"
#include "working_memory.hpp"

namespace keelback::vm {

class GroupCursor final : public Cursor {
 public:
  // first, length: the registers that each group has.
  GroupCursor(KeyNormaliser normaliser, int32_t first, int32_t length, const WorkingMemory& memory)
      : Cursor(CursorKind::groups, false),
        first_(first),
        length_(static_cast<size_t>(length)),
        normaliser_(std::move(normaliser)),
        memory_(memory),
        slots_(first_slots) {}

  // Bring the group of the key to hand, unless it is turned away; `registers` is the frame's.
  void go_to(std::span<const Value> key, Register* registers, bool& is_known);
  bool is_turned_away() const noexcept { return is_turned_away_; }
  // Keep the record of a row that was turned away: the key, then whatever the row is to bring along.
  Status defer(std::string_view record);
  // Sort the groups and bring the first one to hand.
  Status sort(Register* registers, bool& found);
  // Go to the next deferred row of the group at hand, which `column` reads.
  Status take_row(bool& found);
  // Bring the next group to hand; the one before is over.
  Status go_on(Register* registers, bool& found);
  Status column(size_t index, const Value& missing, Value& value) override;
  // Whether some rows are turned away by now.
  bool is_full() const noexcept { return used_bytes_ > memory_.most_hash_bytes; }

  // For whoever keeps no group at hand: the group of a key, and one of its registers.
  uint32_t find_group(std::span<const Value> key, bool& is_known, bool may_add = true);
  void note_growth(size_t bytes) noexcept { used_bytes_ += bytes; }
  void note_growth(Aggregate& aggregate) noexcept {
    if (aggregate.held_bytes <= aggregate.counted_bytes) return;
    used_bytes_ += aggregate.held_bytes - aggregate.counted_bytes;
    aggregate.counted_bytes = aggregate.held_bytes;
  }
  size_t key_count() const noexcept { return normaliser_.key_column_count(); }
  bool is_kept(int32_t index) const noexcept {
    return index >= first_ && index - first_ < static_cast<int32_t>(length_);
  }
  Register& kept(uint32_t group, int32_t index) noexcept {
    return chunks_[group / chunk_groups][group % chunk_groups * length_ + static_cast<size_t>(index - first_)];
  }
  void put_away(Register* registers) noexcept;

 private:
  static constexpr size_t first_slots = 64;
  static constexpr uint32_t chunk_groups = 64;
  static constexpr uint32_t none = ~uint32_t{0};
  struct Slot {
    uint32_t hash = 0;
    uint32_t group = none;
  };

  // An INTEGER that was a key lately, and its group.
  static constexpr size_t recent_bits = 11;
  struct Recent {
    int64_t integer = 0;
    uint32_t group = none;
  };
  int64_t last_integer_ = 0;
  uint32_t last_group_ = none;

  uint32_t add_group();
  uint32_t add_key();
  void fill_slots();
  uint32_t find_by_key(std::span<const Value> key, bool& is_known, bool may_add);
  uint32_t find_by_comparing(std::span<const Value> key, bool& is_known, bool may_add);
  void grow();
  void bring(uint32_t group, Register* registers) noexcept;
  Status sort_keys();
  Status bring_next(Register* registers, bool& found);
  Status compare_row(std::string_view key, std::span<const Value> values, int& order);
  void count_growth(const Register* registers) noexcept;

  const int32_t first_;
  const size_t length_;
  const KeyNormaliser normaliser_;
  const WorkingMemory memory_;
  std::vector<Slot> slots_;
  std::vector<Recent> recent_;
  // No key has been smaller than one before it: the slots are empty, for every key is the last group's or a new one's.
  bool is_ascending_ = true;
  std::vector<const Node*> keys_;  // by number of the group; their records are empty
  Arena arena_;
  std::vector<std::unique_ptr<Register[]>> chunks_;
  uint32_t count_ = 0;
  uint32_t at_hand_ = none;
  std::string key_;
  // Of collations of the user's: the keys' values, and the groups in order.
  std::vector<std::vector<OwnedValue>> values_;
  std::vector<uint32_t> order_;
  size_t place_ = 0;
  size_t used_bytes_ = 0;
  bool is_new_ = false;  // the group at hand, until it is put away
  bool is_turned_away_ = false;
  // The deferred rows; in the end, whether there is one, and whether the group at hand has taken it.
  std::unique_ptr<SorterCursor> later_;
  bool has_row_ = false;
  bool is_row_taken_ = false;
  bool is_sorted_ = false;
  bool has_begun_ = false;  // the group at hand has rows
  std::string_view key_at_hand_;
  std::vector<Value> values_at_hand_;
  std::vector<OwnedValue> kept_values_;
};

}  // namespace keelback::vm

#endif
