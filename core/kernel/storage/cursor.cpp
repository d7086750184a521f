#include "cursor.hpp"

#include <cstring>

#include "balance.hpp"
#include "overflow.hpp"

namespace keelback::storage {

namespace {
constexpr int64_t least_bytes_of_an_entry = least_cell_size + 2;
constexpr int64_t most_returns_of_an_entry = 24;
constexpr int64_t steps_of_a_return = 4;
}  // namespace

// The registry

void CursorRegistry::add(TreeCursor& cursor) noexcept {
  cursor.next_cursor_ = first_;
  cursor.previous_cursor_ = nullptr;
  if (first_) first_->previous_cursor_ = &cursor;
  first_ = &cursor;
  cursor.is_registered_ = true;
}

void CursorRegistry::remove(TreeCursor& cursor) noexcept {
  if (!cursor.is_registered_) return;
  (cursor.previous_cursor_ ? cursor.previous_cursor_->next_cursor_ : first_) = cursor.next_cursor_;
  if (cursor.next_cursor_) cursor.next_cursor_->previous_cursor_ = cursor.previous_cursor_;
  cursor.is_registered_ = false;
  if (cursor.is_watching_) --watching_count_;
  cursor.is_watching_ = false;
}

void CursorRegistry::watch(TreeCursor& cursor, int64_t rowid) noexcept {
  if (!cursor.is_watching_) ++watching_count_;
  cursor.is_watching_ = true;
  cursor.is_row_changed_ = false;
  cursor.watched_rowid_ = rowid;
}

void CursorRegistry::tell_watching(uint32_t root, const int64_t* rowid) noexcept {
  for (TreeCursor* cursor = first_; cursor; cursor = cursor->next_cursor_) {
    if (!cursor->is_watching_ || cursor->root_ != root) continue;
    if (rowid == nullptr || *rowid == cursor->watched_rowid_) cursor->is_row_changed_ = true;
  }
}

bool CursorRegistry::has_cursor_on(uint32_t root) const noexcept {
  for (const TreeCursor* cursor = first_; cursor; cursor = cursor->next_cursor_) {
    if (cursor->root_ == root) return true;
  }
  return false;
}

void CursorRegistry::save_others(TreeCursor& cursor) {
  for (TreeCursor* other = first_; other; other = other->next_cursor_) {
    if (other != &cursor && other->root_ == cursor.root_) other->save_place();
  }
}

void CursorRegistry::save_root(uint32_t root) {
  for (TreeCursor* cursor = first_; cursor; cursor = cursor->next_cursor_) {
    if (cursor->root_ == root) cursor->save_place();
  }
}

void CursorRegistry::save_all(const TreeCursor* except) {
  for (TreeCursor* cursor = first_; cursor; cursor = cursor->next_cursor_) {
    if (cursor != except) cursor->save_place();
  }
}

Status CursorRegistry::make_room(Pager& pager, const TreeCursor* cursor, std::span<Page* const> keep) {
  save_all(cursor);
  return pager.shrink(keep);
}

void CursorRegistry::abort_writers() noexcept {
  for (TreeCursor* cursor = first_; cursor; cursor = cursor->next_cursor_) {
    if (cursor->is_writable_) cursor->abort();
  }
}

void CursorRegistry::abort_all() noexcept {
  for (TreeCursor* cursor = first_; cursor; cursor = cursor->next_cursor_) cursor->abort();
}

void CursorRegistry::close_all() noexcept {
  while (first_) first_->close();
}

// Life

TreeCursor::TreeCursor(Pager& pager, CursorRegistry& registry, uint32_t root, bool is_writable, bool is_table,
                       int encoding)
    : pager_(pager),
      registry_(registry),
      root_(root),
      is_writable_(is_writable),
      is_table_(is_table),
      encoding_(encoding),
      pager_identity_(pager.identity) {
  registry.add(*this);
}

TreeCursor::~TreeCursor() { close(); }

void TreeCursor::close() noexcept {
  // A cursor that is not registered may have outlived its registry.
  if (!is_registered_) return;
  registry_.remove(*this);
  lose_place();
}

void TreeCursor::lay_aside() noexcept {
  const bool has_path = is_registered_ && place_ == Place::on;
  place_ = Place::none;
  if (payload_buffer_.capacity() > most_kept_bytes) payload_buffer_ = {};
  if (!has_path) release();
  // A cursor that is not registered may have outlived its pager.
  if (!is_registered_) return;
  registry_.remove(*this);
  content_serial_ = pager_.content_serial;
}

void TreeCursor::take_up() noexcept {
  registry_.add(*this);
  is_aborted_ = false;
  if (content_serial_ != pager_.content_serial) release();
  has_old_path_ = page_ && page_->is_leaf;
  ++move_serial_;
}

void TreeCursor::abort() noexcept {
  lose_place();
  is_aborted_ = true;
}

Status TreeCursor::restore() {
  KEELBACK_TRY(check_usable());
  KEELBACK_TRY(count_return());
  int result = 0;
  KEELBACK_TRY(seek_saved(result));
  end_return();
  if (place_ == Place::on && result != 0) {
    place_ = Place::near;
    near_ = static_cast<int8_t>(result);
  }
  return ok_status;
}

Status TreeCursor::find_row() {
  bool is_on = false;
  KEELBACK_TRY(is_on_row(is_on));
  return is_on ? ok_status : Status(result::INTERNAL, "the cursor is not on a row");
}

// Moving

Status TreeCursor::go_to_root(bool& is_on) {
  KEELBACK_TRY(check_usable());
  if (pager_.wants_shrink) {
    lose_place();
    KEELBACK_TRY(registry_.make_room(pager_, this, {}));
  }
  ++move_serial_;
  has_old_path_ = false;
  depth_ = 0;
  index_ = 0;
  is_on = false;
  if (pager_.page_count == 0 && root_ == 1) {
    place_ = Place::none;
    page_ = nullptr;
    return ok_status;
  }
  Page* page = nullptr;
  KEELBACK_TRY(pager_.get_tree_page(root_, page));
  if (page->is_table != is_table_) return corrupt();
  page_ = page;
  if (page->cell_count == 0) {
    if (page->is_leaf) {
      place_ = Place::none;
      return ok_status;
    }
    if (page->number != 1) return corrupt();
  }
  place_ = Place::on;
  is_on = true;
  return ok_status;
}

Status TreeCursor::go_to_child(uint32_t index) {
  if (depth_ >= deepest_path - 1) return fail();
  Page* child = nullptr;
  KEELBACK_TRY(pager_.get_tree_page(page_->child(index), child));
  if (child->cell_count < 1 || child->is_table != page_->is_table) return fail();
  path_[depth_] = page_;
  path_indexes_[depth_] = index;
  ++depth_;
  page_ = child;
  bounded_page_ = nullptr;
  return ok_status;
}

void TreeCursor::prefetch_next_leaf() const noexcept {
  constexpr uint32_t line_bytes = 64;
  if (depth_ == 0) return;
  const Page& parent = *path_[depth_ - 1];
  const uint32_t place = path_indexes_[depth_ - 1];
  if (place >= parent.cell_count) return;
  const Page* following = pager_.cached(parent.child(place + 1));
  if (!following) return;
  for (uint32_t offset = 0; offset < pager_.limits().page_size; offset += line_bytes) {
    __builtin_prefetch(following->data + offset);
  }
}

Status TreeCursor::go_to_leftmost() {
  while (!page_->is_leaf) KEELBACK_TRY(go_to_child(0));
  index_ = 0;
  ++move_serial_;
  return ok_status;
}

Status TreeCursor::go_to_rightmost() {
  while (!page_->is_leaf) KEELBACK_TRY(go_to_child(page_->cell_count));
  index_ = page_->cell_count - 1;
  ++move_serial_;
  return ok_status;
}

Status TreeCursor::first(bool& is_on) {
  begin_scan();
  KEELBACK_TRY(go_to_root(is_on));
  if (!is_on) return ok_status;
  const Status status = go_to_leftmost();
  if (!status.is_ok()) place_ = Place::none;
  return status;
}

Status TreeCursor::last(bool& is_on) {
  begin_scan();
  // Rows that come in order ask for the last one again and again.
  if ((place_ == Place::on || has_old_path_) && is_on_last_leaf() && !is_aborted_) {
    place_ = Place::on;
    has_old_path_ = false;
    index_ = page_->cell_count - 1;
    ++move_serial_;
    is_on = true;
    return ok_status;
  }
  KEELBACK_TRY(go_to_root(is_on));
  if (!is_on) return ok_status;
  const Status status = go_to_rightmost();
  if (!status.is_ok()) place_ = Place::none;
  return status;
}

Status TreeCursor::next_slowly(bool& is_on) {
  is_on = false;
  ++move_serial_;
  if (place_ != Place::on) {
    if (place_ == Place::saved) KEELBACK_TRY(restore());
    if (place_ == Place::none) return check_usable();
    if (place_ == Place::near) {
      place_ = Place::on;
      if (near_ > 0) {
        is_on = true;
        return ok_status;
      }
    }
  }
  const uint32_t index = index_ + 1;
  if (page_->is_leaf) {
    if (index >= page_->cell_count) return next_page(is_on);
    index_ = index;
  } else {
    KEELBACK_TRY(count_step(1));
    KEELBACK_TRY(go_to_child(index));
    KEELBACK_TRY(go_to_leftmost());
  }
  is_on = true;
  return ok_status;
}

Status TreeCursor::next_page(bool& is_on) {
  KEELBACK_TRY(count_step(1));
  KEELBACK_TRY(shrink_if_wanted());
  while (depth_ > 0) {
    go_to_parent();
    if (index_ < page_->cell_count) {
      if (is_table_) {
        KEELBACK_TRY(go_to_child(index_ + 1));
        KEELBACK_TRY(go_to_leftmost());
      }
      is_on = true;
      return ok_status;
    }
  }
  lose_place();
  return ok_status;
}

Status TreeCursor::previous(bool& is_on) {
  is_on = false;
  ++move_serial_;
  if (place_ != Place::on) {
    if (place_ == Place::saved) KEELBACK_TRY(restore());
    if (place_ == Place::none) return check_usable();
    if (place_ == Place::near) {
      place_ = Place::on;
      if (near_ < 0) {
        is_on = true;
        return ok_status;
      }
    }
  }
  if (!page_->is_leaf) {
    KEELBACK_TRY(count_step(-1));
    KEELBACK_TRY(go_to_child(index_));
    KEELBACK_TRY(go_to_rightmost());
  } else if (index_ > 0) {
    --index_;
  } else {
    return previous_page(is_on);
  }
  is_on = true;
  return ok_status;
}

Status TreeCursor::previous_page(bool& is_on) {
  KEELBACK_TRY(count_step(-1));
  KEELBACK_TRY(shrink_if_wanted());
  while (depth_ > 0) {
    go_to_parent();
    if (index_ > 0) {
      --index_;
      if (is_table_) {
        KEELBACK_TRY(go_to_child(index_));
        KEELBACK_TRY(go_to_rightmost());
      }
      is_on = true;
      return ok_status;
    }
  }
  lose_place();
  return ok_status;
}

// Each step to another leaf uses up one page of the database; a scan that needs more runs in a circle.
Status TreeCursor::count_step(int direction) noexcept {
  if (direction != direction_) {
    direction_ = static_cast<int8_t>(direction);
    steps_left_ = static_cast<int64_t>(pager_.page_count) + 1;
  }
  --steps_left_;
  return steps_left_ < -static_cast<int64_t>(pager_.page_count) ? fail() : ok_status;
}

// In a damaged tree the saved key may lead to a place that the scan has left behind, again and again. Who has not moved
// since is no scan (incremental blob I/O): nothing but `release` has counted `move_serial_` up.
Status TreeCursor::count_return() noexcept {
  if (move_serial_ == return_serial_ + 1) return ok_status;
  ++returns_;
  // Changes may have moved the edges of the pages around it.
  steps_left_ += steps_of_a_return;
  const int64_t room = (static_cast<int64_t>(pager_.page_count) + 1) * pager_.limits().usable_size;
  return returns_ > most_returns_of_an_entry * (room / least_bytes_of_an_entry) ? fail() : ok_status;
}

// Let the pager drop pages; this cursor keeps its own.
Status TreeCursor::shrink_if_wanted() {
  if (!pager_.wants_shrink) return ok_status;
  Page* keep[deepest_path];
  for (int place = 0; place < depth_; ++place) keep[place] = path_[place];
  keep[depth_] = page_;
  return registry_.make_room(pager_, this, {keep, static_cast<size_t>(depth_) + 1});
}

// Content

Status TreeCursor::payload(Bytes& bytes) {
  KEELBACK_TRY(stand_on_row());
  return read_payload(pager_, *page_, index_, payload_buffer_, bytes);
}

Status TreeCursor::local_payload(Bytes& bytes, uint64_t& size) {
  KEELBACK_TRY(stand_on_row());
  const PayloadPlace place = visible_payload(*page_, index_, pager_.limits());
  bytes = {place.data, place.local};
  size = place.size;
  return ok_status;
}

Status TreeCursor::payload_size(uint64_t& size) {
  Bytes local;
  return local_payload(local, size);
}

// Whether the header begins with all that was read of the last record's, and those columns lie in this record.
bool TreeCursor::has_known_shape() const noexcept {
  return !columns_.empty() && header_at_ <= shape_bytes && header_at_ <= record_.size() &&
         std::memcmp(record_.data(), shape_, header_at_) == 0 && header_end_ <= record_.size() &&
         (header_at_ < header_end_ ? column_offset_ <= record_size_ : column_offset_ == record_size_);
}

// Find the header of the record under the cursor.
Status TreeCursor::begin_columns() {
  KEELBACK_TRY(local_payload(record_, record_size_));
  if (encoding_ != utf8) texts_.clear();
  if (has_known_shape()) {
    columns_serial_ = move_serial_;
    return ok_status;
  }
  columns_.clear();
  if (record_size_ == 0) return corrupt();
  // Behind a page and behind the payload buffer there are spare bytes for a varint.
  const uint8_t* at = read_varint_unchecked(record_.data(), header_end_);
  header_at_ = static_cast<uint64_t>(at - record_.data());
  // A header of no size, which no good record has, is one without columns.
  if (header_end_ == 0) header_end_ = header_at_;
  if (header_end_ > record_size_ || header_end_ < header_at_) return corrupt();
  if (header_end_ > record_.size()) KEELBACK_TRY(read_payload(pager_, *page_, index_, payload_buffer_, record_));
  column_offset_ = header_end_;
  std::memcpy(shape_, record_.data(), shape_bytes);
  columns_serial_ = move_serial_;
  return ok_status;
}

// Read serial types up to a column.
Status TreeCursor::find_column(uint32_t number, bool& is_there) {
  while (columns_.size() <= number) {
    if (header_at_ >= header_end_) {
      is_there = false;
      return ok_status;
    }
    uint64_t serial_type = 0;
    const uint8_t* at = read_varint_unchecked(record_.data() + header_at_, serial_type);
    header_at_ = static_cast<uint64_t>(at - record_.data());
    const uint64_t size = serial_size(serial_type);
    if (header_at_ > header_end_ || size > record_size_ - column_offset_) return corrupt();
    columns_.push_back({serial_type, column_offset_});
    // The columns are those of this record now, which may have begun like the one that the shape was taken from.
    if (header_at_ <= shape_bytes) std::memcpy(shape_, record_.data(), header_at_);
    column_offset_ += size;
    if (header_at_ == header_end_ && column_offset_ != record_size_) return corrupt();
  }
  is_there = true;
  return ok_status;
}

Status TreeCursor::column(uint32_t number, Value& value, bool* is_there) {
  KEELBACK_TRY(stand_on_row());
  if (columns_serial_ != move_serial_) KEELBACK_TRY(begin_columns());
  bool is_found = true;
  if (number >= columns_.size()) KEELBACK_TRY(find_column(number, is_found));
  if (is_there) *is_there = is_found;
  if (!is_found) {
    value = Value();
    return ok_status;
  }
  const RecordColumn found = columns_[number];
  if (found.offset + serial_size(found.serial_type) > record_.size()) {
    KEELBACK_TRY(read_payload(pager_, *page_, index_, payload_buffer_, record_));
  }
  const uint8_t* at = record_.data() + found.offset;
  value = encoding_ == utf8 ? decode_plain_value(at, found.serial_type)
                            : decode_value(at, found.serial_type, encoding_, texts_);
  return ok_status;
}

Status TreeCursor::count(uint64_t& total) {
  total = 0;
  bool is_on = false;
  KEELBACK_TRY(go_to_root(is_on));
  if (!is_on) return ok_status;
  lose_place();
  struct Waiting {
    uint32_t number;
    int depth;
  };
  std::vector<Waiting> waiting{{root_, 0}};
  int64_t visits_left = pager_.page_count;
  while (!waiting.empty()) {
    const auto [number, depth] = waiting.back();
    waiting.pop_back();
    --visits_left;
    if (depth >= deepest_path || visits_left < 0) return corrupt();
    Page* page = nullptr;
    KEELBACK_TRY(pager_.get_tree_page(number, page));
    if (page->is_table != is_table_ || (depth && page->cell_count < 1)) return corrupt();
    if (page->is_leaf || !is_table_) total += page->cell_count;
    if (page->is_leaf) {
      if (pager_.wants_shrink) KEELBACK_TRY(registry_.make_room(pager_, this, {}));
      continue;
    }
    for (uint32_t index = page->cell_count + 1; index > 0; --index)
      waiting.push_back({page->child(index - 1), depth + 1});
  }
  return ok_status;
}

// Changing

Status TreeCursor::begin_change() {
  KEELBACK_TRY(check_usable());
  if (!is_writable_) return Status(result::READONLY, "attempt to write a readonly database");
  ++move_serial_;
  registry_.save_others(*this);
  pager_.workspace.reset();
  return ok_status;
}

Status TreeCursor::balance(bool is_append) {
  TreePath path({path_, static_cast<size_t>(depth_)}, path_indexes_, *page_);
  release();
  return balance_path(pager_, path, is_append);
}

Status TreeCursor::finish_insert(bool is_replacement, bool is_last, bool& is_balanced) {
  is_balanced = false;
  ++move_serial_;
  if (!page_->is_pending()) {
    const TreeLimits& limits = pager_.limits();
    if (is_replacement) KEELBACK_TRY(page_->compute_free_bytes(limits));
    if (!is_replacement || static_cast<uint32_t>(page_->free_bytes) * 3 <= limits.usable_size * 2) {
      place_ = Place::on;
      return ok_status;
    }
  }
  KEELBACK_TRY(balance(is_last));
  is_balanced = true;
  place_ = Place::saved;
  return ok_status;
}

Status TreeCursor::delete_from_leaf() {
  Page& page = *page_;
  PayloadPlace place;
  KEELBACK_TRY(payload_place(page, index_, pager_.limits(), place));
  if (place.has_overflow()) KEELBACK_TRY(free_chain(pager_, page, index_));
  KEELBACK_TRY(page.unlink_cell(index_, payload_cell_size(page, index_, place), pager_.limits()));
  return finish_delete();
}

Status TreeCursor::finish_delete() {
  const TreeLimits& limits = pager_.limits();
  bool is_balance_due = page_->cell_count == 0;
  if (depth_ > 0) {
    KEELBACK_TRY(page_->compute_free_bytes(limits));
    is_balance_due = is_balance_due || static_cast<uint32_t>(page_->free_bytes) * 3 > limits.usable_size * 2;
  }
  if (is_balance_due) {
    KEELBACK_TRY(balance(false));
    place_ = Place::saved;
    return ok_status;
  }
  place_ = Place::near;
  near_ = index_ < page_->cell_count ? 1 : -1;
  if (near_ < 0) --index_;
  return ok_status;
}

}  // namespace keelback::storage
