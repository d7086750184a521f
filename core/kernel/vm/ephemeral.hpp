// Ephemeral tables and indexes: ordered stores in memory that behave as trees of a database do, and become trees of a
// temporary database when they are too large for that.
//
// 1. A cursor knows its node and its place. When the store has changed since, the place is found again by the node's
// key;
//    if that entry is gone, the cursor is between two entries, reads NULLs, and moves on from there.
// 2. Cursors made by OpenDup share the tree.
// 3. With `paged_` the place is there, and `node_` is null.
//
// Must not know: instructions, storage. Twin: keelback_core/reference/vm/ephemeral.py.
#ifndef KEELBACK_VM_EPHEMERAL_HPP
#define KEELBACK_VM_EPHEMERAL_HPP

#include <memory>

#include "cursor.hpp"
#include "ephemeral_tree.hpp"
#include "record_view.hpp"

namespace keelback::vm {

// The rowid that a key of a table's store stands for.
int64_t rowid_of_key(std::string_view key) noexcept;

// What the cursors of ephemeral tables and indexes share: places and moves.
class EphemeralCursor : public Cursor {
 public:
  EphemeralCursor(CursorKind kind, bool is_table, std::shared_ptr<EphemeralTree> tree)
      : Cursor(kind, is_table), tree_(std::move(tree)), store_(&tree_->store) {
    tree_->cursors.push_back(this);
  }
  ~EphemeralCursor() override { std::erase(tree_->cursors, this); }

  Status column(size_t index, const Value& missing, Value& value) override;
  bool is_json(size_t index) override {
    if (is_null_row) return false;
    return paged_ ? paged_->is_json(index) : is_view_open_ && view_.is_marked(index);
  }
  Status record(std::string_view& record) override;
  Status first(bool& found) override;
  Status last(bool& found) override;
  Status next(bool& found) override;
  Status previous(bool& found) override;
  Status remove() override;
  Status count(int64_t& count) override;
  Status clear() override;
  Status duplicate(std::unique_ptr<Cursor>& copy) const;

  // For the tree, when it moves into pages: find the place of this cursor there, and go on there (null: in memory).
  virtual Status find_place(PagedCursor& paged) = 0;
  void enter_pages(std::unique_ptr<PagedCursor> paged) noexcept {
    paged_ = std::move(paged);
    node_ = nullptr;
    is_view_open_ = false;
  }

 protected:
  virtual std::unique_ptr<EphemeralCursor> make_alike() const = 0;
  // Whether the place is in pages; the cursor is about to be moved then.
  bool moves_in_pages() noexcept {
    if (paged_) is_null_row = false;
    return paged_ != nullptr;
  }
  Status end_insert() { return tree_->is_too_large() ? tree_->move_to_pages() : ok_status; }
  Status go(OrderedStore::Place place, bool& found) {
    found = stand(place);
    return ok_status;
  }
  // Go to a place; false, and nowhere, if it is outside.
  bool stand(OrderedStore::Place place) {
    is_null_row = false;
    is_view_open_ = false;
    is_present_ = true;
    if (!store_->is_inside(place)) {
      node_ = nullptr;
      return false;
    }
    place_ = place;
    node_ = store_->at(place).node;
    seen_changes_ = store_->changes();
    seen_generation_ = store_->generation();
    return true;
  }
  bool stand_before(OrderedStore::Place place) {
    if (store_->step_back(place)) return stand(place);
    return stand(store_->end());
  }
  // Find the place again after changes; false if the entry is gone (the place is then that of the next one).
  bool is_on_row() {
    if (!node_) return false;
    if (seen_changes_ != store_->changes()) return find_again();
    return is_present_;
  }
  virtual OrderedStore::Place place_of_node(const Node& node) const = 0;
  virtual bool is_same_key(const Node& left, const Node& right) const = 0;

  const std::shared_ptr<EphemeralTree> tree_;
  OrderedStore* const store_;
  std::unique_ptr<PagedCursor> paged_;
  OrderedStore::Place place_;
  const Node* node_ = nullptr;
  bool is_view_open_ = false;
  RecordView view_;

 private:
  bool find_again();

  uint64_t seen_changes_ = 0;
  uint64_t seen_generation_ = 0;
  bool is_present_ = true;
};

class EphemeralTableCursor final : public EphemeralCursor {
 public:
  explicit EphemeralTableCursor(std::shared_ptr<EphemeralTree> tree)
      : EphemeralCursor(CursorKind::ephemeral_table, true, std::move(tree)) {}

  Status rowid(Value& value) override;
  Status find(std::span<const Value> key, bool& found) override;
  Status seek_forward(std::span<const Value> key, bool or_equal, bool& found) override;
  Status seek_backward(std::span<const Value> key, bool or_equal, bool& found) override;
  Status insert_row(int64_t rowid, std::string_view record, bool keep_position) override;
  Status find_place(PagedCursor& paged) override;

 protected:
  std::unique_ptr<EphemeralCursor> make_alike() const override { return std::make_unique<EphemeralTableCursor>(tree_); }
  OrderedStore::Place place_of_node(const Node& node) const override { return store_->find(node.key()); }
  bool is_same_key(const Node& left, const Node& right) const override { return left.key() == right.key(); }
};

class EphemeralIndexCursor final : public EphemeralCursor {
 public:
  explicit EphemeralIndexCursor(std::shared_ptr<EphemeralTree> tree)
      : EphemeralCursor(CursorKind::ephemeral_index, false, std::move(tree)), normaliser_(tree_->normaliser) {}

  Status rowid(Value& value) override;
  Status find(std::span<const Value> key, bool& found) override;
  Status seek_forward(std::span<const Value> key, bool or_equal, bool& found) override;
  Status seek_backward(std::span<const Value> key, bool or_equal, bool& found) override;
  Status compare_key(std::span<const Value> key, int& order) override;
  Status insert_entry(std::string_view record, size_t key_count) override;
  Status find_place(PagedCursor& paged) override;

 protected:
  std::unique_ptr<EphemeralCursor> make_alike() const override { return std::make_unique<EphemeralIndexCursor>(tree_); }
  OrderedStore::Place place_of_node(const Node& node) const override;
  bool is_same_key(const Node& left, const Node& right) const override;

 private:
  // The first entry that is not before the key; is_after: that is after all entries that begin with it.
  OrderedStore::Place place_of(std::span<const Value> key, bool is_after);
  int compare_node(const Node& node, std::span<const Value> key) const;

  const std::shared_ptr<const KeyNormaliser> normaliser_;
  std::string wanted_;
  // Where the key was that was looked up last, for what is not there is inserted next.
  std::string placed_;
  OrderedStore::Place placed_at_;
  uint64_t placed_changes_ = ~uint64_t{0};
  std::vector<Value> values_;
};

}  // namespace keelback::vm

#endif
