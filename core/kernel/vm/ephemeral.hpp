// Ephemeral tables and indexes: ordered stores in memory that behave as trees of a database do.
//
// 1. A cursor knows its node and its place. When the store has changed since, the place is found again by the node's
// key;
//    if that entry is gone, the cursor is between two entries, reads NULLs, and moves on from there.
// 2. Cursors made by OpenDup share the store.
//
// Must not know: instructions, storage. Twin: keelback_core/reference/vm/ephemeral.py.
#ifndef KEELBACK_VM_EPHEMERAL_HPP
#define KEELBACK_VM_EPHEMERAL_HPP

#include <memory>

#include "cursor.hpp"
#include "normal_key.hpp"
#include "ordered_store.hpp"
#include "record_view.hpp"

namespace keelback::vm {

// What the cursors of ephemeral tables and indexes share: places and moves.
class EphemeralCursor : public Cursor {
 public:
  EphemeralCursor(CursorKind kind, bool is_table, std::shared_ptr<OrderedStore> store)
      : Cursor(kind, is_table), store_(std::move(store)) {}

  Status column(size_t index, const Value& missing, Value& value) override;
  bool is_json(size_t index) override { return is_view_open_ && !is_null_row && view_.is_marked(index); }
  Status record(std::string_view& record) override;
  Status first(bool& found) override { return go(store_->begin(), found); }
  Status last(bool& found) override;
  Status next(bool& found) override;
  Status previous(bool& found) override;
  Status remove() override;
  Status count(int64_t& count) override;
  Status clear() override;
  virtual std::unique_ptr<Cursor> duplicate() const = 0;

 protected:
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

  const std::shared_ptr<OrderedStore> store_;
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
  explicit EphemeralTableCursor(std::shared_ptr<OrderedStore> store)
      : EphemeralCursor(CursorKind::ephemeral_table, true, std::move(store)) {}

  Status rowid(Value& value) override;
  Status find(std::span<const Value> key, bool& found) override;
  Status seek_forward(std::span<const Value> key, bool or_equal, bool& found) override;
  Status seek_backward(std::span<const Value> key, bool or_equal, bool& found) override;
  Status insert_row(int64_t rowid, std::string_view record, bool keep_position) override;
  std::unique_ptr<Cursor> duplicate() const override { return std::make_unique<EphemeralTableCursor>(store_); }

 protected:
  OrderedStore::Place place_of_node(const Node& node) const override { return store_->find(node.key()); }
  bool is_same_key(const Node& left, const Node& right) const override { return left.key() == right.key(); }
};

class EphemeralIndexCursor final : public EphemeralCursor {
 public:
  EphemeralIndexCursor(std::shared_ptr<OrderedStore> store, std::shared_ptr<const KeyNormaliser> normaliser)
      : EphemeralCursor(CursorKind::ephemeral_index, false, std::move(store)), normaliser_(std::move(normaliser)) {}

  Status rowid(Value& value) override;
  Status find(std::span<const Value> key, bool& found) override;
  Status seek_forward(std::span<const Value> key, bool or_equal, bool& found) override;
  Status seek_backward(std::span<const Value> key, bool or_equal, bool& found) override;
  Status compare_key(std::span<const Value> key, int& order) override;
  Status insert_entry(std::string_view record, size_t key_count) override;
  std::unique_ptr<Cursor> duplicate() const override {
    return std::make_unique<EphemeralIndexCursor>(store_, normaliser_);
  }

 protected:
  OrderedStore::Place place_of_node(const Node& node) const override;
  bool is_same_key(const Node& left, const Node& right) const override;

 private:
  // The first entry that is not before the key; is_after: that is after all entries that begin with it.
  OrderedStore::Place place_of(std::span<const Value> key, bool is_after);
  int compare_node(const Node& node, std::span<const Value> key) const;

  const std::shared_ptr<const KeyNormaliser> normaliser_;
  std::string wanted_;
  std::vector<Value> values_;
};

}  // namespace keelback::vm

#endif
