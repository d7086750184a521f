// Order of values: collations, storage classes, and index keys.
//
// 1. NULL < numbers < TEXT < BLOB. Integers and reals compare by their exact numeric value, also beyond 2^53.
// 2. A collation compares two TEXT values and returns a negative, zero or positive number. The built-in ones are known
//    by their kind and cost no call through a pointer.
// 3. `KeyInfo` has no functions in it, so that a Program may carry it. `KeyComparator` joins it with the collations of
//    one connection.
//
// Knows nothing of pages; comparing with a record is in record.hpp. Twin: keelback_core/value/key.py.
#ifndef KEELBACK_VALUE_KEY_HPP
#define KEELBACK_VALUE_KEY_HPP

#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "value.hpp"

namespace keelback {

inline constexpr uint8_t sort_descending = 1;
inline constexpr uint8_t sort_nulls_biggest = 2;

struct Collation {
  enum class Kind : uint8_t { binary, nocase, rtrim, custom };
  using Function = int (*)(void* context, std::string_view left, std::string_view right);

  Kind kind = Kind::binary;
  Function function = nullptr;  // of a custom one
  void* context = nullptr;

  bool operator==(const Collation&) const = default;
};

// The sign of each is the order; binary and rtrim by bytes, nocase with A-Z folded and a NUL ending the contents.
int compare_nocase(std::string_view left, std::string_view right) noexcept;
int compare_rtrim(std::string_view left, std::string_view right) noexcept;
inline int compare_binary(std::string_view left, std::string_view right) noexcept {
  const size_t common = left.size() < right.size() ? left.size() : right.size();
  const int order = common ? std::memcmp(left.data(), right.data(), common) : 0;
  if (order) return order;
  return left.size() < right.size() ? -1 : left.size() > right.size() ? 1 : 0;
}

inline int compare_texts(std::string_view left, std::string_view right, const Collation& collation) {
  switch (collation.kind) {
    case Collation::Kind::binary:
      return compare_binary(left, right);
    case Collation::Kind::nocase:
      return compare_nocase(left, right);
    case Collation::Kind::rtrim:
      return compare_rtrim(left, right);
    case Collation::Kind::custom:
      break;
  }
  return collation.function(collation.context, left, right);
}

// Whether a name (in any case) is a built-in collation, and which.
bool find_builtin_collation(std::string_view name, Collation& collation) noexcept;

// -1, 0 or 1: an INTEGER beside a REAL, exactly.
int compare_integer_real(int64_t integer, double real) noexcept;
// -1, 0 or 1: the order of two values of any storage class. NULL equals NULL here.
int compare_values(const Value& left, const Value& right, const Collation& collation);

// How the columns of an index key are ordered.
struct KeyInfo {
  std::span<const std::string_view> collation_names;  // upper case, one a key column
  std::span<const uint8_t> sort_flags;                // one a key column
  int all_column_count = 0;

  size_t key_column_count() const noexcept { return sort_flags.size(); }
};

// Compares index entries in the order of a KeyInfo. Columns beyond it compare ascending, BINARY.
class KeyComparator {
 public:
  KeyComparator() = default;
  KeyComparator(std::span<const uint8_t> sort_flags, std::vector<Collation> collations)
      : sort_flags_(sort_flags.begin(), sort_flags.end()), collations_(std::move(collations)) {}

  // One pair of values at a key position: -1, 0 or 1 with direction and the place of NULLs applied.
  int compare_column(const Value& left, const Value& right, size_t position) const {
    const int order = compare_values(left, right, collation(position));
    return order ? directed(order, position, left.is_null() || right.is_null()) : 0;
  }
  int directed(int order, size_t position, bool is_null) const noexcept {
    const uint8_t flags = position < sort_flags_.size() ? sort_flags_[position] : 0;
    if (!flags) return order;
    // A NULL that counts as bigger turns the order once more, and DESC turns that again.
    bool is_reversed = flags & sort_descending;
    if ((flags & sort_nulls_biggest) && is_null) is_reversed = !is_reversed;
    return is_reversed ? -order : order;
  }
  // By the leading columns that both have; 0 when all of those tie.
  int compare(std::span<const Value> record, std::span<const Value> key) const {
    const size_t count = record.size() < key.size() ? record.size() : key.size();
    for (size_t position = 0; position < count; ++position) {
      const int order = compare_column(record[position], key[position], position);
      if (order) return order;
    }
    return 0;
  }
  uint8_t sort_flags(size_t position) const noexcept {
    return position < sort_flags_.size() ? sort_flags_[position] : 0;
  }
  bool has_custom() const noexcept {
    for (const Collation& collation : collations_) {
      if (collation.kind == Collation::Kind::custom) return true;
    }
    return false;
  }
  const Collation& collation(size_t position) const noexcept {
    static constexpr Collation binary{};
    return position < collations_.size() ? collations_[position] : binary;
  }

 private:
  std::vector<uint8_t> sort_flags_;
  std::vector<Collation> collations_;
};

}  // namespace keelback

#endif
