#include "hash_table.hpp"

#include <algorithm>

#include "hash_bytes.hpp"

namespace keelback::vm {

namespace {

constexpr uint64_t number_seed = 0x8EBC6AF09C88C6E3;
constexpr uint64_t blob_seed = 0x589965CC75374CC3;

uint64_t hash_real(double real) noexcept {
  constexpr double beyond = 9223372036854775808.0;
  if (real >= -beyond && real < beyond) {
    const auto whole = static_cast<int64_t>(real);
    if (static_cast<double>(whole) == real) return mix_words(static_cast<uint64_t>(whole), number_seed);
  }
  return mix_words(std::bit_cast<uint64_t>(real), number_seed);
}

}  // namespace

HashTableCursor::HashTableCursor(const KeyInfo& key_info, const std::vector<Collation>& collations, size_t column_count,
                                 size_t key_count, const WorkingMemory& memory)
    : Cursor(CursorKind::hash_table, false),
      column_count_(column_count),
      key_count_(key_count),
      sort_count_(key_info.key_column_count()),
      row_size_(sizeof(Row) + column_count_ * sizeof(Value)),
      normaliser_(key_info, collations),
      memory_(memory),
      key_(key_count) {
  for (size_t position = 0; position < key_count && position < collations.size(); ++position) {
    if (collations[position].kind != Collation::Kind::custom) continue;
    tree_ = make_tree();
    break;
  }
}

bool HashTableCursor::hash(std::span<const Value> key, uint32_t& hash) {
  uint64_t all = 0;
  for (size_t position = 0; position < key.size(); ++position) {
    const Value& value = key[position];
    uint64_t one = 0;
    switch (value.type()) {
      case Type::null:
        return false;
      case Type::integer:
        one = mix_words(static_cast<uint64_t>(value.integer()), number_seed);
        break;
      case Type::real:
        one = hash_real(value.real());
        break;
      case Type::text:
        if (normaliser_.comparator().collation(position).kind == Collation::Kind::binary) {
          one = hash_bytes(value.text());
        } else {
          folded_.clear();
          normaliser_.append(value, position, folded_);
          one = hash_bytes(folded_);
        }
        break;
      case Type::blob:
        one = mix_words(hash_bytes(value.text()), blob_seed);
        break;
    }
    all = position ? mix_words(all, one) : one;
  }
  hash = static_cast<uint32_t>(all ^ all >> 32);
  return true;
}

Status HashTableCursor::insert(std::span<const Value> row) {
  if (row.size() != column_count_ || is_finished_) return impossible();
  if (tree_) return insert_into_tree(row);
  uint32_t found = 0;
  if (!hash(row.first(key_count_), found)) return ok_status;
  if (count_ % chunk_rows == 0) {
    const bool is_full =
        chunks_.size() * chunk_rows * row_size_ + text_bytes_ > memory_.most_hash_bytes || (count_ & unsorted);
    if (is_full) {
      KEELBACK_TRY(move_into_tree());
      return insert_into_tree(row);
    }
    chunks_.push_back(std::make_unique_for_overwrite<uint8_t[]>(chunk_rows * row_size_));
  }
  *at(count_) = {found, none};
  Value* kept = values(count_);
  for (const Value& value : row) {
    if (!value.has_bytes()) {
      *kept++ = value;
      continue;
    }
    const std::string_view bytes = value.text();
    text_bytes_ += bytes.size();
    auto* copy = reinterpret_cast<char*>(texts_.take(bytes.size()));
    if (!bytes.empty()) std::memcpy(copy, bytes.data(), bytes.size());
    const std::string_view view(copy, bytes.size());
    *kept++ = value.is_text() ? Value::of_text(view) : Value::of_blob(view);
  }
  ++count_;
  return ok_status;
}

bool HashTableCursor::has_key(uint32_t row, std::span<const Value> key) const {
  const Value* mine = values(row);
  for (size_t position = 0; position < key_count_; ++position) {
    if (mine[position].is_integer() && key[position].is_integer()) {
      if (mine[position].integer() != key[position].integer()) return false;
    } else if (compare_values(mine[position], key[position], normaliser_.comparator().collation(position)) != 0) {
      return false;
    }
  }
  return true;
}

// Give every key its slot. From the last row to the first, so that each row comes before those of its key so far.
void HashTableCursor::finish() {
  if (is_finished_) return;
  size_t size = 16;
  while (size < size_t{count_} * 2) size *= 2;
  slots_.resize(size);
  mask_ = static_cast<uint32_t>(size - 1);
  for (uint32_t row = count_; row-- > 0;) {
    if (row >= rows_ahead) prefetch(at(row - rows_ahead)->hash);
    Row& added = *at(row);
    for (uint32_t place = added.hash & mask_;; place = (place + 1) & mask_) {
      Slot& slot = slots_[place];
      if (slot.row == none) {
        slot = {added.hash, row};
        break;
      }
      if (slot.hash == added.hash && has_key(slot.row & ~unsorted, {values(row), key_count_})) {
        added.next = slot.row & ~unsorted;
        slot.row = row | unsorted;
        break;
      }
    }
  }
  is_finished_ = true;
}

uint32_t HashTableCursor::first(uint32_t hash, std::span<const Value> key) {
  for (uint32_t place = hash & mask_;; place = (place + 1) & mask_) {
    Slot& slot = slots_[place];
    if (slot.row == none) return none;
    if (slot.hash != hash || !has_key(slot.row & ~unsorted, key)) continue;
    if (slot.row & unsorted) sort_key(slot);
    return slot.row;
  }
}

void HashTableCursor::sort_key(Slot& slot) {
  slot.row &= ~unsorted;
  if (key_count_ == sort_count_) return;
  chain_.clear();
  for (uint32_t row = slot.row; row != none; row = at(row)->next) chain_.push_back(row);
  const KeyComparator& comparator = normaliser_.comparator();
  std::stable_sort(chain_.begin(), chain_.end(), [&](uint32_t left, uint32_t right) {
    for (size_t position = key_count_; position < sort_count_; ++position) {
      const int order = comparator.compare_column(values(left)[position], values(right)[position], position);
      if (order) return order < 0;
    }
    return false;
  });
  slot.row = chain_.front();
  for (size_t place = 0; place < chain_.size(); ++place) {
    at(chain_[place])->next = place + 1 < chain_.size() ? chain_[place + 1] : none;
  }
}

// The cursor

Status HashTableCursor::find(std::span<const Value> key, bool& found) {
  is_null_row = false;
  found = false;
  if (key.size() != key_count_) return impossible();
  if (tree_) {
    for (size_t position = 0; position < key_count_; ++position) {
      if (key[position].is_null()) return ok_status;
      key_[position].assign(key[position]);
    }
    KEELBACK_TRY(tree_->seek_forward(key, true, found));
    if (!found) return ok_status;
    int order = 0;
    KEELBACK_TRY(tree_->compare_key(key, order));
    found = order == 0;
    return ok_status;
  }
  finish();
  place_ = none;
  uint32_t hashed = 0;
  if (hash(key, hashed)) place_ = first(hashed, key);
  found = place_ != none;
  return ok_status;
}

Status HashTableCursor::next(bool& found) {
  is_null_row = false;
  found = false;
  if (tree_) {
    KEELBACK_TRY(tree_->next(found));
    if (!found) return ok_status;
    row_.clear();
    for (const OwnedValue& value : key_) row_.push_back(value.value());
    int order = 0;
    KEELBACK_TRY(tree_->compare_key(row_, order));
    found = order == 0;
    return ok_status;
  }
  if (place_ != none) place_ = following(place_);
  found = place_ != none;
  return ok_status;
}

Status HashTableCursor::column(size_t index, const Value& missing, Value& value) {
  if (tree_ && !is_null_row) return tree_->column(index < sort_count_ ? index : index + 1, missing, value);
  value = is_null_row || place_ == none || index >= column_count_ ? Value() : values(place_)[index];
  return ok_status;
}

// The tree

Status HashTableCursor::insert_into_tree(std::span<const Value> row) {
  row_.assign(row.begin(), row.begin() + static_cast<ptrdiff_t>(sort_count_));
  row_.push_back(Value::of_integer(sequence++));
  row_.insert(row_.end(), row.begin() + static_cast<ptrdiff_t>(sort_count_), row.end());
  encode_record(row_, utf8, record_);
  return tree_->insert_entry({reinterpret_cast<const char*>(record_.data()), record_.size()}, row_.size());
}

std::unique_ptr<EphemeralIndexCursor> HashTableCursor::make_tree() const {
  auto normaliser = std::make_shared<const KeyNormaliser>(normaliser_);
  return std::make_unique<EphemeralIndexCursor>(std::make_shared<EphemeralTree>(std::move(normaliser), memory_));
}

Status HashTableCursor::move_into_tree() {
  tree_ = make_tree();
  for (uint32_t row = 0; row < count_; ++row) KEELBACK_TRY(insert_into_tree({values(row), column_count_}));
  chunks_.clear();
  texts_.clear();
  count_ = 0;
  return ok_status;
}

}  // namespace keelback::vm
