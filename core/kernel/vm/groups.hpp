// GroupCursor: the groups of a GROUP BY that no order brings together, each with its registers.
//
//     key -> number of the group -> its registers; the groups are sorted by their keys in the end
//
// 1. The registers of the group at hand are in their places in the frame; those of all others are in the table.
// 2. Groups are found by a hash of their normalised keys, so that what compares equal is one group. With a collation of
//    the user's they are found by comparing.
//
// Memory: all groups are held in memory. Must not know: instructions, what the registers hold. Twin:
// keelback_core/reference/vm/groups.py.
#ifndef KEELBACK_VM_GROUPS_HPP
#define KEELBACK_VM_GROUPS_HPP

#include <memory>
#include <vector>

#include "cursor.hpp"
#include "normal_key.hpp"
#include "ordered_store.hpp"
#include "register.hpp"
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

  // Bring the group of the key to hand; `registers` is the frame's.
  void go_to(std::span<const Value> key, Register* registers, bool& is_known);
  // Sort the groups and bring the first one to hand.
  Status sort(Register* registers, bool& found);
  // Bring the next group to hand; the one before is over.
  void go_on(Register* registers, bool& found);

  // For whoever keeps no group at hand: the group of a key, and one of its registers.
  uint32_t find_group(std::span<const Value> key, bool& is_known);
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

  uint32_t add_group();
  uint32_t find_by_key(std::span<const Value> key, bool& is_known);
  uint32_t find_by_comparing(std::span<const Value> key, bool& is_known);
  void grow();
  void bring(uint32_t group, Register* registers) noexcept;

  const int32_t first_;
  const size_t length_;
  const KeyNormaliser normaliser_;
  const WorkingMemory memory_;
  std::vector<Slot> slots_;
  std::vector<Recent> recent_;
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
};

}  // namespace keelback::vm

#endif
