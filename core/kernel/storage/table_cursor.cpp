#include "table_cursor.hpp"

#include <algorithm>
#include <cstring>

#include "../value/byte_buffer.hpp"
#include "balance.hpp"
#include "overflow.hpp"
#include "page_order.hpp"

namespace keelback::storage {

void TableCursor::save_place() {
  // From `near` the rowid that is gone is the one to seek, and it still is in `saved_rowid_`.
  if (place_ == Place::on) {
    place_ = cell_rowid(*page_, index_, saved_rowid_) ? Place::saved : Place::none;
  } else if (place_ == Place::near) {
    place_ = Place::saved;
  }
  release();
}

Status TableCursor::last_rowid(int64_t& rowid, bool& is_on) {
  if (end_serial_ == move_serial_ && !pager_.wants_shrink && is_on_last_leaf() && index_ + 1 == page_->cell_count) {
    begin_scan();
    rowid = end_rowid_;
    is_on = true;
    return check_usable();
  }
  KEELBACK_TRY(last(is_on));
  if (!is_on) return ok_status;
  if (!cell_rowid(*page_, index_, rowid)) return corrupt();
  end_rowid_ = rowid;
  end_serial_ = move_serial_;
  return ok_status;
}

Status TableCursor::seek(int64_t rowid, int& result) {
  bool is_answered = false;
  const bool is_return = place_ == Place::saved && saved_rowid_ == rowid;
  if (place_ == Place::on && page_->is_leaf) {
    KEELBACK_TRY(seek_beside(rowid, result, is_answered));
  } else if (is_return) {
    KEELBACK_TRY(count_return());
  } else {
    begin_scan();
  }
  if (!is_answered) KEELBACK_TRY(walk(rowid, result));
  if (is_return) end_return();
  sought_serial_ = place_ == Place::on ? move_serial_ : 0;
  sought_at_ = pager_.content_serial;
  sought_rowid_ = rowid;
  sought_result_ = result;
  return ok_status;
}

// Answer from the entry that the cursor is on.
Status TableCursor::seek_beside(int64_t rowid, int& result, bool& is_answered) {
  KEELBACK_TRY(check_usable());
  int64_t found = 0;
  if (!cell_rowid(*page_, index_, found)) return fail();
  is_answered = true;
  if (found == rowid) {
    result = 0;
    return ok_status;
  }
  begin_scan();
  if (found < rowid) {
    if (index_ + 1 < page_->cell_count) {
      if (!cell_rowid(*page_, index_ + 1, found)) return fail();
      if (found == rowid) {
        ++index_;
        ++move_serial_;
        result = 0;
        return ok_status;
      }
    } else if (is_at_end()) {
      result = -1;
      return ok_status;
    }
  }
  is_answered = false;
  return ok_status;
}

// Whether a walk would end behind the last row of all, because the cursor has put that in and nothing has changed
// since.
bool TableCursor::is_behind_all(int64_t rowid) const noexcept {
  if (appended_at_ != pager_.content_serial || rowid <= end_rowid_ || page_ != bounded_page_ || !page_) return false;
  if (pager_.wants_shrink || is_aborted_ || (place_ != Place::on && !has_old_path_)) return false;
  int64_t first = 0;
  return !(has_lower_bound_ && rowid <= lower_bound_) && cell_rowid(*page_, 0, first) &&
         static_cast<uint64_t>(rowid) - static_cast<uint64_t>(first) >= page_->cell_count;
}

// What a walk from the root gives.
Status TableCursor::walk(int64_t rowid, int& result) {
  if (is_behind_all(rowid)) {
    place_ = Place::on;
    has_old_path_ = false;
    index_ = page_->cell_count - 1;
    ++move_serial_;
    result = -1;
    return ok_status;
  }
  const bool has_path = (place_ == Place::on && page_->is_leaf) || (has_old_path_ && page_);
  if (has_path && !pager_.wants_shrink && --seeks_to_wait_ < 0) {
    bool is_answered = false;
    const Status status = seek_near(rowid, result, is_answered);
    if (!status.is_ok()) place_ = Place::none;
    KEELBACK_TRY(status);
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
  if (!is_on) return ok_status;
  const Status status = seek_from_root(rowid, result);
  if (!status.is_ok()) place_ = Place::none;
  return status;
}

// Which rowids a walk from the root leads to the leaf that the cursor holds. Where all dividers are smaller find_child
// asks for no order. False where that cannot be told.
bool TableCursor::find_bounds() noexcept {
  bounded_page_ = nullptr;
  has_lower_bound_ = false;
  upper_bound_ = INT64_MAX;
  for (int place = depth_ - 1; place >= 0; --place) {
    Page& parent = *path_[place];
    const uint32_t index = path_indexes_[place];
    int64_t bound = 0;
    if (!is_way_to(parent, index, page_below(place))) return false;
    if (index > 0) {
      if (!divider(parent, index - 1, bound)) return false;
      if (!has_lower_bound_ || bound > lower_bound_) lower_bound_ = bound;
      has_lower_bound_ = true;
    }
    if (index < parent.cell_count) {
      if (!divider(parent, index, bound) || !is_in_order(parent)) return false;
      upper_bound_ = std::min(upper_bound_, bound);
    }
  }
  bounded_page_ = page_;
  bounded_at_ = pager_.content_serial;
  return true;
}

// Whether a walk from the root to this rowid ends at the leaf that the cursor holds.
bool TableCursor::leads_here(int64_t rowid) noexcept {
  const bool is_known = bounded_page_ == page_ && is_way_as_of(bounded_at_);
  if (!is_known && !find_bounds()) return false;
  if (rowid > upper_bound_ || (has_lower_bound_ && rowid <= lower_bound_)) return false;
  return page_->is_decoded && page_->is_leaf && page_->is_table && page_->cell_count > 0;
}

// Answer from the page the cursor is on, when the rowid can only be here.
Status TableCursor::seek_near(int64_t rowid, int& result, bool& is_answered) {
  KEELBACK_TRY(check_usable());
  if (!leads_here(rowid)) return ok_status;
  is_answered = true;
  return search_leaf(rowid, result);
}

Status TableCursor::search_leaf(int64_t rowid, int& result) {
  const Page& page = *page_;
  uint32_t low = 0;
  uint32_t high = page.cell_count;
  ++move_serial_;
  int64_t found = 0;
  // Rowids mostly follow one another without gaps: then the first one tells where this one is.
  if (high > 0) {
    if (!cell_rowid(page, 0, found)) return corrupt();
    const uint64_t place = static_cast<uint64_t>(rowid) - static_cast<uint64_t>(found);
    if (place < high) {
      if (!cell_rowid(page, static_cast<uint32_t>(place), found)) return corrupt();
      if (found == rowid) {
        index_ = static_cast<uint32_t>(place);
        result = 0;
        return ok_status;
      }
    }
    // Or they come in order, and this one is behind all.
    if (!cell_rowid(page, high - 1, found)) return corrupt();
    if (rowid > found) {
      index_ = high - 1;
      result = -1;
      return ok_status;
    }
  }
  while (low < high) {
    const uint32_t middle = (low + high - 1) >> 1;
    prefetch_halves(page, low, middle, high);
    if (!cell_rowid(page, middle, found)) return corrupt();
    if (found < rowid) {
      low = middle + 1;
    } else if (found > rowid) {
      high = middle;
    } else {
      index_ = middle;
      result = 0;
      return ok_status;
    }
  }
  const bool is_larger = low < page.cell_count;
  index_ = is_larger ? low : low - 1;
  result = is_larger ? 1 : -1;
  return ok_status;
}

// The child of an interior page that the rowid leads to. Leaves hold about as many rows each, so mostly the first and
// the last divider tell where the one looked for stands; from there the search widens.
Status TableCursor::find_child(int64_t rowid, uint32_t& child) const {
  const Page& page = *page_;
  uint32_t low = 0;
  uint32_t high = page.cell_count;
  int64_t found = 0;
  int64_t most = 0;
  if (high > 0 && !divider(page, high - 1, most)) return corrupt();
  if (high == 0 || rowid > most) {
    child = high;
    return ok_status;
  }
  if (high >= least_cells_to_guess) {
    int64_t least = 0;
    if (!divider(page, 0, least)) return corrupt();
    if (rowid > least) {
      const double share = static_cast<double>(static_cast<uint64_t>(rowid) - static_cast<uint64_t>(least)) /
                           static_cast<double>(static_cast<uint64_t>(most) - static_cast<uint64_t>(least));
      uint32_t place = std::min(static_cast<uint32_t>(share * (high - 1)), high - 1);
      low = 1;
      --high;
      if (!divider(page, place, found)) return corrupt();
      if (found < rowid) {
        for (uint32_t step = 1; found < rowid; step *= 2) {
          low = place + 1;
          place += step;
          if (place >= high) break;
          if (!divider(page, place, found)) return corrupt();
        }
        high = std::min(high, place);
      } else {
        for (uint32_t step = 1; found >= rowid; step *= 2) {
          high = std::min(high, place);
          if (place <= low) break;
          place -= std::min(step, place - low);
          if (!divider(page, place, found)) return corrupt();
        }
        if (found < rowid) low = std::max(low, place + 1);
      }
    } else {
      high = 0;
    }
  }
  while (low < high) {
    const uint32_t middle = (low + high) >> 1;
    if (!divider(page, middle, found)) return corrupt();
    if (found < rowid) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  child = low;
  return ok_status;
}

Status TableCursor::seek_from_root(int64_t rowid, int& result) {
  while (!page_->is_leaf) {
    uint32_t child = 0;
    KEELBACK_TRY(find_child(rowid, child));
    KEELBACK_TRY(go_to_child(child));
  }
  return search_leaf(rowid, result);
}

// An UPDATE mostly leaves a row as long as it was: its bytes then change where they are. False, and nothing has
// happened, where the cursor is not on such a row.
Status TableCursor::write_over(int64_t rowid, Bytes payload, bool& is_done) {
  Page& page = *page_;
  const uint8_t* const cell = page.cell(index_);
  const TreeLimits& limits = pager_.limits();
  uint64_t old_size = 0;
  uint64_t old_rowid = 0;
  const uint8_t* const at = read_varint_unchecked(read_varint_unchecked(cell, old_size), old_rowid);
  const uint8_t* const end = at + payload.size();
  is_done = static_cast<int64_t>(old_rowid) == rowid && old_size == payload.size() &&
            old_size <= limits.max_leaf_local && end >= cell + least_cell_size &&
            end <= page.data + limits.usable_size &&
            page.is_place_of_cell(static_cast<size_t>(cell - page.data), limits) &&
            static_cast<size_t>(at - cell) == varint_size(old_size) + varint_size(old_rowid);
  if (!is_done) return ok_status;
  KEELBACK_TRY(begin_change());
  registry_.note_row_changed(root_, rowid);
  KEELBACK_TRY(pager_.make_writable(page));
  copy_bytes(const_cast<uint8_t*>(at), payload.data(), payload.size());
  return ok_status;
}

Status TableCursor::insert(int64_t rowid, Bytes payload) {
  // Who has just sought it, or the last one of all, knows that there is no such row.
  const bool is_known_new = (sought_serial_ == move_serial_ && sought_result_ != 0 && sought_rowid_ == rowid) ||
                            (end_serial_ == move_serial_ && rowid > end_rowid_);
  if (!is_known_new && place_ == Place::on && page_->is_leaf) {
    bool is_done = false;
    KEELBACK_TRY(write_over(rowid, payload, is_done));
    if (is_done) return ok_status;
  }
  const bool is_last_sought = end_serial_ == move_serial_ && rowid > end_rowid_ && is_at_end();
  const bool is_sought = is_last_sought || (sought_serial_ == move_serial_ && sought_rowid_ == rowid &&
                                            place_ == Place::on && is_path_as_of(sought_at_));
  const bool was_end = appended_at_ == pager_.content_serial && page_ && page_ == bounded_page_;
  KEELBACK_TRY(begin_change());
  registry_.note_row_changed(root_, rowid);
  int result = is_last_sought ? -1 : sought_result_;
  if (!is_sought || pager_.wants_shrink || place_ != Place::on) {
    if (place_ == Place::near) place_ = Place::none;
    KEELBACK_TRY(seek(rowid, result));
  }
  if (!page_ || !page_->is_leaf) return corrupt();
  place_ = Place::none;
  Page& page = *page_;
  uint8_t prefix[2 * most_varint_bytes];
  const uint8_t* prefix_end = write_varint(write_varint(prefix, payload.size()), static_cast<uint64_t>(rowid));
  const Bytes head(prefix, prefix_end);
  if (result < 0 && page.cell_count) ++index_;
  const bool is_last = result != 0 && index_ == page.cell_count;
  if (result != 0 && payload.size() <= pager_.limits().max_leaf_local) {
    KEELBACK_TRY(pager_.make_writable(page));
    KEELBACK_TRY(page.compute_free_bytes(pager_.limits()));
    if (page.put_in_gap(index_, head, payload, pager_.limits())) {
      ++move_serial_;
      place_ = Place::on;
      if (is_last_sought) {
        end_rowid_ = rowid;
        end_serial_ = move_serial_;
      }
      if (is_last && page_ == bounded_page_) note_appended(rowid, was_end);
      return ok_status;
    }
  }
  Cell cell{};
  KEELBACK_TRY(build_cell(pager_, page, head, payload, cell));
  KEELBACK_TRY(pager_.make_writable(page));
  if (result == 0) {
    PayloadPlace old;
    KEELBACK_TRY(payload_place(page, index_, pager_.limits(), old));
    if (old.has_overflow()) KEELBACK_TRY(free_chain(pager_, page, index_));
    const uint32_t old_size = payload_cell_size(page, index_, old);
    if (old_size == cell.size) {
      const uint32_t start = page.pointer(index_);
      if (!page.is_place_of_cell(start, pager_.limits()) || start + old_size > pager_.limits().usable_size) {
        return corrupt();
      }
      std::memcpy(page.data + start, cell.data, cell.size);
      place_ = Place::on;
      return ok_status;
    }
    KEELBACK_TRY(page.unlink_cell(index_, old_size, pager_.limits()));
  }
  if (is_last) {
    bool is_done = false;
    KEELBACK_TRY(append_on_new_leaf(cell, rowid, is_done));
    if (is_done) return ok_status;
  }
  KEELBACK_TRY(insert_cell(page, index_, cell, pager_.workspace));
  bool is_balanced = false;
  KEELBACK_TRY(finish_insert(result == 0, is_last, is_balanced));
  if (is_balanced) saved_rowid_ = rowid;
  return ok_status;
}

// The row went onto the end of `bounded_page_`. was_end: which was known to be the last leaf.
void TableCursor::note_appended(int64_t rowid, bool was_end) noexcept {
  if (!was_end && !(is_way_as_of(bounded_at_) && is_on_right_edge())) return;
  end_rowid_ = rowid;
  appended_at_ = pager_.content_serial;
}

// What balancing does with a row behind all others that finds the leaf full, without looking at the leaf's cells.
Status TableCursor::append_on_new_leaf(Cell cell, int64_t rowid, bool& is_done) {
  if (depth_ == 0) return ok_status;
  const TreeLimits& limits = pager_.limits();
  Page& parent = *path_[depth_ - 1];
  KEELBACK_TRY(page_->compute_free_bytes(limits));
  const bool is_full = static_cast<uint32_t>(page_->free_bytes) < cell.size + 2;
  if (!is_full || parent.number == 1 || path_indexes_[depth_ - 1] != parent.cell_count) return ok_status;
  KEELBACK_TRY(pager_.make_writable(parent));
  Page* leaf = nullptr;
  const Status status = append_leaf(pager_, parent, *page_, cell, leaf);
  if (!status.is_ok() && parent.is_pending()) parent.forget();
  KEELBACK_TRY(status);
  is_done = true;
  ++move_serial_;
  if (!parent.is_pending()) KEELBACK_TRY(parent.compute_free_bytes(limits));
  if (parent.is_pending() || static_cast<uint32_t>(parent.free_bytes) * 3 > limits.usable_size * 2) {
    page_ = &parent;
    --depth_;
    saved_rowid_ = rowid;
    KEELBACK_TRY(balance(false));
    place_ = Place::saved;
    return ok_status;
  }
  path_indexes_[depth_ - 1] = parent.cell_count;
  page_ = leaf;
  index_ = 0;
  place_ = Place::on;
  return ok_status;
}

Status TableCursor::delete_row() {
  KEELBACK_TRY(begin_change());
  KEELBACK_TRY(stand_on_row());
  if (!page_->is_leaf) return Status(result::INTERNAL, "internal error");
  Page& page = *page_;
  if (!cell_rowid(page, index_, saved_rowid_)) return corrupt();
  registry_.note_row_changed(root_, saved_rowid_);
  KEELBACK_TRY(pager_.make_writable(page));
  place_ = Place::none;
  return delete_from_leaf();
}

}  // namespace keelback::storage
