#include "index_cursor.hpp"

#include <algorithm>
#include <cstring>

#include "balance.hpp"
#include "overflow.hpp"
#include "pointer_map.hpp"

namespace keelback::storage {

Status IndexCursor::read_entry(const Page& page, uint32_t index, Bytes& record) {
  return read_payload(pager_, page, index, pager_.workspace.payload, record);
}

// Keep a copy of an entry, which must be a good record, for seeking it again.
Status IndexCursor::keep_key(const Page& page, uint32_t index) {
  Bytes record;
  KEELBACK_TRY(read_entry(page, index, record));
  if (!is_sound_record(record)) return corrupt();
  saved_record_.assign(record.begin(), record.end());
  return ok_status;
}

void IndexCursor::save_place() {
  if (place_ == Place::on && !keep_key(*page_, index_).is_ok()) place_ = Place::none;
  if (place_ == Place::on || place_ == Place::near) place_ = Place::saved;
  release();
}

Status IndexCursor::seek_saved(int& result) {
  TextArena arena;
  std::vector<Value> key;
  KEELBACK_TRY(decode_record(saved_record_, encoding_, arena, key));
  return walk(key, 0, result);
}

Status IndexCursor::values(TextArena& arena, std::vector<Value>& values) {
  Bytes record;
  KEELBACK_TRY(payload(record));
  return decode_record(record, encoding_, arena, values);
}

Status IndexCursor::seek(std::span<const Value> key, int default_result, int& result) {
  begin_scan();
  KEELBACK_TRY(walk(key, default_result, result));
  if (is_writable_ && result != 0 && default_result == 0 && place_ == Place::on) keep_sought(key, result);
  return ok_status;
}

Status IndexCursor::walk(std::span<const Value> key, int default_result, int& result) {
  const ReadyKey ready(key, comparator_, encoding_);
  bool is_behind = false;
  if (is_at_end()) KEELBACK_TRY(is_behind_all(ready, key, default_result, is_behind));
  if (is_behind) {
    result = -1;
    return ok_status;
  }
  const bool has_path = (place_ == Place::on && page_->is_leaf) || (has_old_path_ && page_);
  if (has_path && !pager_.wants_shrink && --seeks_to_wait_ < 0) {
    bool is_answered = false;
    KEELBACK_TRY(seek_near(ready, key, default_result, result, is_answered));
    has_old_path_ = false;
    seeks_apart_ = is_answered ? 0 : std::min(2 * seeks_apart_ + 1, most_seeks_apart);
    seeks_to_wait_ = seeks_apart_;
    if (is_answered) {
      place_ = Place::on;
      return ok_status;
    }
  }
  bool is_on = false;
  result = -1;
  KEELBACK_TRY(go_to_root(is_on));
  const Status status = is_on ? seek_downward(ready, key, default_result, result) : ok_status;
  if (!status.is_ok()) place_ = Place::none;
  return status;
}

// Whether the last entry of the tree, which the cursor is on, is before the key. Errors are left to the walk.
Status IndexCursor::is_behind_all(const ReadyKey& ready, std::span<const Value> key, int default_result,
                                  bool& is_behind) {
  KEELBACK_TRY(check_usable());
  int order = 0;
  if (!compare_entry(*page_, index_, key, ready, order).is_ok()) return ok_status;
  is_behind = (order == 0 ? default_result : order) < 0;
  return ok_status;
}

// Answer from the leaf the cursor is on, when the key can only be here: behind all entries, or between two of this
// leaf. What cannot be told is left to the walk, errors too.
Status IndexCursor::seek_near(const ReadyKey& ready, std::span<const Value> key, int default_result, int& result,
                              bool& is_answered) {
  KEELBACK_TRY(check_usable());
  const Page& page = *page_;
  if (!page.is_decoded || !page.is_leaf || page.is_table || page.cell_count == 0) return ok_status;
  int order = 0;
  if (!compare_entry(page, page.cell_count - 1, key, ready, order).is_ok()) return ok_status;
  if (order == 0) order = default_result;
  if (order < 0) {
    if (!is_on_last_leaf()) return ok_status;
  } else if (!compare_entry(page, 0, key, ready, order).is_ok() || order >= 0) {
    return ok_status;
  }
  if (!is_trusted() || !seek_downward(ready, key, default_result, result).is_ok()) return ok_status;
  ++move_serial_;
  is_answered = true;
  return ok_status;
}

// Whether a walk to each key between the first and the last entry of the leaf, or behind the last of all, ends here.
// Each comparison on the way gives for such a key what it gives for those two, if it gives the same for both; and which
// way the search of a page has gone follows from where it ended. Entries that a walk has led to this leaf belong here
// too.
bool IndexCursor::is_trusted() {
  const bool is_known = bounded_page_ == page_ && is_way_as_of(bounded_at_) && page_->changed_at <= trusted_at_;
  if (is_known) return is_leaf_trusted_;
  // To find it out takes as long as a few walks.
  const bool is_hoped = hoped_page_ == page_;
  hoped_page_ = page_;
  if (!is_hoped && depth_ > 0) return false;
  is_leaf_trusted_ = depth_ == 0 || (leads_here(0) && leads_here(page_->cell_count - 1));
  bounded_page_ = page_;
  bounded_at_ = trusted_at_ = pager_.content_serial;
  return is_leaf_trusted_;
}

// Whether a walk from the root to this entry of the leaf goes the way that the cursor has gone.
bool IndexCursor::leads_here(uint32_t index) {
  Bytes record;
  if (!read_entry(*page_, index, record).is_ok()) return false;
  led_record_.assign(record.begin(), record.end());
  led_texts_.clear();
  std::vector<Value>& key = led_key_;
  key.clear();
  if (!decode_record(led_record_, encoding_, led_texts_, key).is_ok()) return false;
  const ReadyKey ready(key, comparator_, encoding_);
  for (int place = 0; place < depth_; ++place) {
    const Page& parent = *path_[place];
    if (!is_way_to(parent, path_indexes_[place], page_below(place))) return false;
    uint32_t low = 0;
    uint32_t high = parent.cell_count;
    while (low < high) {
      const uint32_t middle = (low + high - 1) >> 1;
      int order = 0;
      if (!compare_entry(parent, middle, key, ready, order).is_ok() || order == 0) return false;
      if (order < 0) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    if (low != path_indexes_[place]) return false;
  }
  return true;
}

// Who looks a key up and does not find it mostly puts it in, or an entry that begins with it. None of the comparisons
// on the way was a tie, so each of them gives the same for that entry.
void IndexCursor::keep_sought(std::span<const Value> key, int result) {
  encode_record(key, encoding_, sought_record_);
  sought_serial_ = move_serial_;
  sought_at_ = pager_.content_serial;
  sought_result_ = result;
  sought_size_ = key.size();
}

bool IndexCursor::is_sought(Bytes record, size_t key_size) const noexcept {
  if (sought_serial_ != move_serial_ || place_ != Place::on || sought_size_ > key_size || !page_->is_leaf ||
      !is_path_as_of(sought_at_)) {
    return false;
  }
  const size_t size = sought_record_.size();
  const size_t head = sought_record_[0];
  const size_t record_head = record[0];
  // Heads of one byte: others are sought once more.
  if (head >= 0x80 || record_head >= 0x80 || head > record_head || size > record.size() ||
      record_head + (size - head) > record.size()) {
    return false;
  }
  const uint8_t* const sought = sought_record_.data();
  return std::memcmp(sought + 1, record.data() + 1, head - 1) == 0 &&
         std::memcmp(sought + head, record.data() + record_head, size - head) == 0;
}

namespace {

// The order of an entry beside the key, where the entry is short, as nearly all are, and its first bytes tell it.
[[gnu::always_inline]] inline bool compare_short(const uint8_t* entry, const uint8_t* end, uint32_t most_short,
                                                 const ReadyKey& ready, int& order) noexcept {
  return *entry <= most_short && entry + 1 + *entry <= end && ready.compare_at_once(entry + 1, *entry, order);
}

uint32_t most_short(const TreeLimits& limits) noexcept { return std::min(limits.max_local, 0x7Fu); }

}  // namespace

Status IndexCursor::compare_entry(const Page& page, uint32_t index, std::span<const Value> key, const ReadyKey& ready,
                                  int& order) {
  const TreeLimits& limits = pager_.limits();
  const uint8_t* const entry = page.cell(index) + (page.is_leaf ? 0 : 4);
  if (compare_short(entry, page.data + limits.page_size, most_short(limits), ready, order)) return ok_status;
  return compare_slowly(page, index, key, ready, order);
}

Status IndexCursor::compare_slowly(const Page& page, uint32_t index, std::span<const Value> key, const ReadyKey& ready,
                                   int& order) {
  PayloadPlace place;
  KEELBACK_TRY(payload_place(page, index, pager_.limits(), place));
  Bytes record(place.data, place.local);
  if (place.has_overflow()) {
    KEELBACK_TRY(read_entry(page, index, record));
  } else if (ready.compare(place.data, place.local, order)) {
    return ok_status;
  }
  const Result<int> compared = compare_record(record, key, comparator_, encoding_);
  order = compared.value();
  return compared.status();
}

Status IndexCursor::compare(std::span<const Value> key, int& order) {
  KEELBACK_TRY(stand_on_row());
  return compare_entry(*page_, index_, key, ReadyKey(key, comparator_, encoding_), order);
}

Status IndexCursor::last_value(Value& value) {
  PayloadPlace place;
  KEELBACK_TRY(stand_on_row());
  KEELBACK_TRY(payload_place(*page_, index_, pager_.limits(), place));
  Bytes record(place.data, place.local);
  if (place.has_overflow()) KEELBACK_TRY(read_payload(pager_, *page_, index_, pager_.workspace.payload, record));
  if (record.empty()) return corrupt();
  uint64_t head = 0;
  const uint8_t* at = read_varint_unchecked(record.data(), head);
  if (head > record.size() || record.data() + head < at) return corrupt();
  const uint8_t* const types_end = record.data() + head;
  const uint8_t* const end = record.data() + record.size();
  const uint8_t* body = types_end;
  const uint8_t* last = body;
  uint64_t type = 0;
  while (at < types_end) {
    at = read_varint_unchecked(at, type);
    const uint64_t size = serial_size(type);
    if (at > types_end || size > static_cast<uint64_t>(end - body)) return corrupt();
    last = body;
    body += size;
  }
  if (body != end) return corrupt();
  value = type >= 12 ? Value() : decode_plain_value(last, type);
  return ok_status;
}

Status IndexCursor::seek_downward(const ReadyKey& ready, std::span<const Value> key, int default_result, int& result) {
  const uint32_t most = most_short(pager_.limits());
  while (true) {
    const Page& page = *page_;
    const uint8_t* const end = page.data + pager_.limits().page_size;
    const uint32_t child_bytes = page.is_leaf ? 0 : 4;
    uint32_t low = 0;
    uint32_t high = page.cell_count;
    uint32_t middle = 0;
    int order = -1;
    while (low < high) {
      middle = (low + high - 1) >> 1;
      prefetch_halves(page, low, middle, high);
      if (!compare_short(page.cell(middle) + child_bytes, end, most, ready, order)) {
        KEELBACK_TRY(compare_slowly(page, middle, key, ready, order));
      }
      if (order == 0) order = default_result;
      if (order < 0) {
        low = middle + 1;
      } else if (order > 0) {
        high = middle;
      } else {
        index_ = middle;
        result = 0;
        return ok_status;
      }
    }
    if (page.is_leaf) {
      index_ = middle;
      result = order < 0 ? -1 : 1;
      return ok_status;
    }
    KEELBACK_TRY(go_to_child(low));
  }
}

Status IndexCursor::insert(std::span<const Value> values, size_t key_count) {
  // Encoded first: the values may be views of what the seek drops.
  encode_record(values, encoding_, encoded_);
  return insert_record(values, encoded_, key_count);
}

Status IndexCursor::insert_record(std::span<const Value> values, Bytes record, size_t key_count) {
  // Mostly somebody has just asked whether there is such an entry, and left the cursor where it belongs.
  const auto key = key_count && key_count < values.size() ? values.first(key_count) : values;
  bool is_here = is_sought(record, key.size()) && !pager_.wants_shrink;
  int result = sought_result_;
  KEELBACK_TRY(begin_change());
  // Or it is the row of a table without rowid that the cursor is on.
  if (!is_here && key_count && place_ == Place::on) {
    KEELBACK_TRY(compare_entry(*page_, index_, key, ReadyKey(key, comparator_, encoding_), result));
    is_here = result == 0;
  }
  if (!is_here) KEELBACK_TRY(walk(key, 0, result));
  if (!page_) return corrupt();
  place_ = Place::none;
  Page& page = *page_;
  uint8_t prefix[most_varint_bytes];
  const uint8_t* prefix_end = write_varint(prefix, record.size());
  if (result < 0 && page.cell_count) ++index_;
  const bool is_last = result != 0 && index_ == page.cell_count && is_on_right_edge();
  if (result != 0 && record.size() <= pager_.limits().max_local) {
    const bool was_trusted = page.changed_at <= trusted_at_;
    KEELBACK_TRY(pager_.make_writable(page));
    KEELBACK_TRY(page.compute_free_bytes(pager_.limits()));
    if (page.put_in_gap(index_, {prefix, prefix_end}, record, pager_.limits())) {
      if (was_trusted) trusted_at_ = pager_.content_serial;
      ++move_serial_;
      place_ = Place::on;
      return ok_status;
    }
  }
  Cell cell{};
  KEELBACK_TRY(build_cell(pager_, page, {prefix, prefix_end}, record, cell));
  const bool was_trusted = page.changed_at <= trusted_at_;
  KEELBACK_TRY(pager_.make_writable(page));
  if (result == 0) {
    KEELBACK_TRY(free_chain(pager_, page, index_));
    if (!page.is_leaf) {
      const Cell exact = exact_index_cell(cell);
      uint8_t* whole = pager_.workspace.arena.take(exact.size + 4);
      put_u32(whole, page.child(index_));
      std::memcpy(whole + 4, exact.data, exact.size);
      cell = {whole, exact.size + 4};
    }
    uint32_t old_size = 0;
    KEELBACK_TRY(cell_size(page, index_, pager_.limits(), old_size));
    if (old_size == cell.size) {
      if (!page.is_place_of_cell(page.pointer(index_), pager_.limits())) return corrupt();
      std::memcpy(page.data + page.pointer(index_), cell.data, cell.size);
      // What a walk goes by has stayed the same.
      if (was_trusted) trusted_at_ = pager_.content_serial;
      place_ = Place::on;
      return ok_status;
    }
    KEELBACK_TRY(remove_cell(page, index_, pager_.workspace));
  }
  KEELBACK_TRY(insert_cell(page, index_, cell, pager_.workspace));
  bool is_balanced = false;
  KEELBACK_TRY(finish_insert(result == 0, is_last, is_balanced));
  if (is_balanced) saved_record_.assign(record.begin(), record.end());
  return ok_status;
}

Status IndexCursor::append(Bytes record) {
  KEELBACK_TRY(begin_change());
  if (!is_at_end()) {
    bool is_on = false;
    KEELBACK_TRY(last(is_on));
    if (!page_) return corrupt();
  }
  place_ = Place::none;
  Page& page = *page_;
  uint8_t prefix[most_varint_bytes];
  const uint8_t* prefix_end = write_varint(prefix, record.size());
  KEELBACK_TRY(pager_.make_writable(page));
  KEELBACK_TRY(page.compute_free_bytes(pager_.limits()));
  index_ = page.cell_count;
  const bool is_short = record.size() <= pager_.limits().max_local;
  if (is_short && page.put_in_gap(index_, {prefix, prefix_end}, record, pager_.limits())) {
    place_ = Place::on;
    ++move_serial_;
    return ok_status;
  }
  Cell cell{};
  KEELBACK_TRY(build_cell(pager_, page, {prefix, prefix_end}, record, cell));
  KEELBACK_TRY(insert_cell(page, index_, cell, pager_.workspace));
  bool is_balanced = false;
  KEELBACK_TRY(finish_insert(false, true, is_balanced));
  if (is_balanced) lose_place();
  return ok_status;
}

Status IndexCursor::delete_entry() {
  KEELBACK_TRY(begin_change());
  KEELBACK_TRY(stand_on_row());
  Page& page = *page_;
  KEELBACK_TRY(keep_key(page, index_));
  KEELBACK_TRY(pager_.make_writable(page));
  if (!page.is_leaf) return delete_from_interior();
  place_ = Place::none;
  return delete_from_leaf();
}

// The entry before it, which is the last of a leaf, takes its place; then the leaf and this page may need balancing.
Status IndexCursor::delete_from_interior() {
  TreeWorkspace& workspace = pager_.workspace;
  Page& page = *page_;
  const uint32_t index = index_;
  const int depth = depth_;
  const uint32_t left_child = page.child(index);
  KEELBACK_TRY(go_to_child(index));
  KEELBACK_TRY(go_to_rightmost());
  Page& leaf = *page_;
  KEELBACK_TRY(pager_.make_writable(leaf));
  TreePath path({path_, static_cast<size_t>(depth_)}, path_indexes_, leaf);
  lose_place();
  KEELBACK_TRY(free_chain(pager_, page, index));
  Cell moving{};
  KEELBACK_TRY(cell_bytes(leaf, leaf.cell_count - 1, workspace.limits, moving));
  moving = exact_index_cell(moving);
  uint8_t* replacement = workspace.arena.take(moving.size + 4);
  put_u32(replacement, left_child);
  std::memcpy(replacement + 4, moving.data, moving.size);
  KEELBACK_TRY(remove_cell(page, index, workspace));
  KEELBACK_TRY(insert_cell(page, index, {replacement, moving.size + 4}, workspace));
  KEELBACK_TRY(map_page_pointers(pager_, page));
  KEELBACK_TRY(remove_cell(leaf, leaf.cell_count - 1, workspace));
  KEELBACK_TRY(balance_path(pager_, path, false));
  if (path.depth >= depth) {
    path.depth = depth;
    KEELBACK_TRY(balance_path(pager_, path, false));
  }
  place_ = Place::saved;
  return ok_status;
}

}  // namespace keelback::storage
