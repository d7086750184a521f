// Cursors on index b-trees: entries are records, kept in the order of a KeyComparator; interior pages hold entries too.
//
// 1. A whole entry is unique in a tree (an index entry ends in the rowid or the primary key).
// 2. Entries are compared as far as needed, where they lie.
//
// See cursor.hpp for places. Twin: reference/storage/index_cursor.py.
#ifndef KEELBACK_STORAGE_INDEX_CURSOR_HPP
#define KEELBACK_STORAGE_INDEX_CURSOR_HPP

#include "../value/ready_key.hpp"
#include "cursor.hpp"

namespace keelback::storage {

class IndexCursor final : public TreeCursor {
 public:
  IndexCursor(Pager& pager, CursorRegistry& registry, uint32_t root, bool is_writable, KeyComparator comparator,
              int encoding)
      : TreeCursor(pager, registry, root, is_writable, false, encoding), comparator_(std::move(comparator)) {}

  const KeyComparator& comparator() const noexcept { return comparator_; }
  // Append the values of the entry, decoded; TEXT and BLOB are views as of `payload`, or lie in the arena.
  Status values(TextArena& arena, std::vector<Value>& values);
  // Go to an entry beside `key`, which may be a prefix of the entries: -1 the entry under the cursor is smaller (or
  // there is none), 0 equal, 1 greater. default_result: what to take for an entry that ties with the whole key.
  Status seek(std::span<const Value> key, int default_result, int& result);
  // The order of the entry beside a key; a key that is a prefix of the entry ties with it.
  Status compare(std::span<const Value> key, int& order);
  // The last column of the entry where it is a number, else NULL.
  Status last_value(Value& value);
  // Put an entry in, in the place of an equal one. The cursor stands on it. key_count: how many leading columns make
  // entries equal (a table without rowid: those of its primary key); 0 means all.
  Status insert(std::span<const Value> values, size_t key_count = 0);
  // The same for an entry whose record is there already; it must not lie in the tree.
  Status insert_record(std::span<const Value> values, Bytes record, size_t key_count = 0);
  // Put an entry behind all others, which are smaller; nothing is compared. The record must not lie in the tree.
  Status append(Bytes record);
  // Delete the entry; next() then gives the one after it and previous() the one before.
  Status delete_entry();

 private:
  void save_place() override;
  Status seek_saved(int& result) override;
  Status read_entry(const Page& page, uint32_t index, Bytes& record);
  Status keep_key(const Page& page, uint32_t index);
  // The order of an entry beside the key.
  Status compare_entry(const Page& page, uint32_t index, std::span<const Value> key, const ReadyKey& ready, int& order);
  Status compare_slowly(const Page& page, uint32_t index, std::span<const Value> key, const ReadyKey& ready,
                        int& order);
  // What a walk from the root gives; or, on the last entry of all, what is behind it by the twin's rule.
  Status walk(std::span<const Value> key, int default_result, int& result);
  Status seek_downward(const ReadyKey& ready, std::span<const Value> key, int default_result, int& result);
  Status is_behind_all(const ReadyKey& ready, std::span<const Value> key, int default_result, bool& is_behind);
  bool leads_here(uint32_t index);
  bool is_trusted();
  Status seek_near(const ReadyKey& ready, std::span<const Value> key, int default_result, int& result,
                   bool& is_answered);
  Status delete_from_interior();
  // Remember a key that is in no entry, beside which the cursor is.
  void keep_sought(std::span<const Value> key, int result);
  // Whether that is how this record begins, so that a walk from the root would lead here again.
  bool is_sought(Bytes record, size_t key_size) const noexcept;

  KeyComparator comparator_;
  std::vector<uint8_t> saved_record_;
  std::vector<uint8_t> encoded_;
  // The last key that no entry ties with, as a record, and on which side of the entry under the cursor it belongs; good
  // while `sought_serial_` is `move_serial_`.
  std::vector<uint8_t> sought_record_;
  uint64_t sought_serial_ = 0;
  uint64_t sought_at_ = 0;  // the pager's `content_serial` then
  int sought_result_ = 0;
  size_t sought_size_ = 0;  // in columns
  // The pager's `content_serial` when the first and the last entry of `bounded_page_` were found to lead there, and
  // when this cursor last changed that page; and whether they do.
  uint64_t bounded_at_ = 0;
  uint64_t trusted_at_ = 0;
  bool is_leaf_trusted_ = false;
  // The leaf that was near last, where that was not known.
  const Page* hoped_page_ = nullptr;
  std::vector<uint8_t> led_record_;
  std::vector<Value> led_key_;
  TextArena led_texts_;
  // A seek looks at the leaf that the cursor is on; where that did not help, less and less often.
  static constexpr int most_seeks_apart = 31;
  int seeks_apart_ = 0;
  int seeks_to_wait_ = 0;
};

}  // namespace keelback::storage

#endif
