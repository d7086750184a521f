// NodeOrder: which of two nodes comes first: by their normalised keys, or, with a collation of the user's, by their
// records.
//
// Must not know: where nodes lie.
#ifndef KEELBACK_VM_NODE_ORDER_HPP
#define KEELBACK_VM_NODE_ORDER_HPP

#include "../value/record.hpp"
#include "normal_key.hpp"
#include "ordered_store.hpp"

namespace keelback::vm {

class NodeOrder {
 public:
  // The normaliser must outlive it.
  explicit NodeOrder(const KeyNormaliser& normaliser) : normaliser_(normaliser) {}

  bool has_keys() const noexcept { return normaliser_.can_normalise(); }
  int compare(const Node& left, const Node& right) {
    if (has_keys()) return compare_keys(left.key(), right.key());
    // Records of our own are never corrupt.
    if (!decode(left, left_values_) || !decode(right, right_values_)) return 0;
    return normaliser_.comparator().compare(left_values_, right_values_);
  }

 private:
  bool decode(const Node& node, std::vector<Value>& values) {
    values.clear();
    const std::string_view record = node.record();
    const Bytes bytes(reinterpret_cast<const uint8_t*>(record.data()), record.size());
    return decode_columns(bytes, static_cast<int>(normaliser_.key_column_count()), utf8, arena_, values).is_ok();
  }

  const KeyNormaliser& normaliser_;
  TextArena arena_;
  std::vector<Value> left_values_;
  std::vector<Value> right_values_;
};

}  // namespace keelback::vm

#endif
