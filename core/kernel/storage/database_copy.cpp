#include "database_copy.hpp"

#include <cstring>

#include "header.hpp"

namespace keelback::storage {

namespace {

constexpr size_t change_counter_offset = 24;
constexpr size_t schema_version_offset = 40;
constexpr size_t valid_for_offset = 92;

Status make_room(Pager& pager) { return pager.wants_shrink ? pager.shrink({}) : ok_status; }

}  // namespace

Status DatabaseCopy::step(Database& source, Database& destination, int pages, bool& is_done) {
  is_done = is_done_;
  if (is_done_) return ok_status;
  if (source.transaction_state() == TransactionState::write) return Status(result::BUSY);
  const bool was_idle = source.transaction_state() == TransactionState::none;
  KEELBACK_TRY(source.begin_read());
  Status status = begin(source, destination);
  if (status.is_ok()) status = copy_pages(source, destination, pages, is_done);
  const Status ended = was_idle ? source.end_read() : ok_status;
  return status.is_ok() ? ended : status;
}

Status DatabaseCopy::abandon(Database& destination) {
  gathered_.reset();
  if (!is_begun_ || is_done_ || destination.pager().identity != destination_identity_) return ok_status;
  is_begun_ = false;
  return destination.rollback();
}

Status DatabaseCopy::begin(Database& source, Database& destination) {
  if (is_begun_) {
    const bool is_same = source.pager().identity == source_identity_ &&
                         destination.pager().identity == destination_identity_ &&
                         destination.transaction_state() == TransactionState::write;
    return is_same ? note_changes(source.pager()) : Status(result::ERROR);
  }
  if (destination.page_size() != source.page_size() && destination.page_count() == 0) {
    destination.pager().set_page_format(source.page_size(), 0);
  }
  KEELBACK_TRY(destination.begin_write(true));
  is_begun_ = true;
  source_identity_ = source.pager().identity;
  destination_identity_ = destination.pager().identity;
  Page* first = nullptr;
  KEELBACK_TRY(destination.pager().get(1, first));
  change_counter_ = get_u32(first->data + change_counter_offset);
  schema_version_ = get_u32(first->data + schema_version_offset);
  file_format_ = destination.pager().is_wal() ? 2 : destination.pager().is_on_disk() ? 0 : 1;
  if (destination.page_size() != source.page_size()) {
    if (destination.pager().is_wal() || !destination.pager().file) return Status(result::READONLY);
    gathered_ = Database::make_temporary(destination.vfs(), source.page_size());
    KEELBACK_TRY(gathered_->begin_write());
  }
  data_version_ = source.pager().data_version;
  content_version_ = source.pager().content_version();
  return ok_status;
}

Status DatabaseCopy::note_changes(Pager& source) {
  if (source.data_version != data_version_) {
    next_ = 1;
    is_stale_ = false;
  } else if (source.content_version() != content_version_) {
    is_stale_ = next_ > 1;
  }
  data_version_ = source.data_version;
  content_version_ = source.content_version();
  return ok_status;
}

Status DatabaseCopy::copy_pages(Database& source, Database& destination, int pages, bool& is_done) {
  Pager& from = source.pager();
  Pager& to = gathered_ ? gathered_->pager() : destination.pager();
  page_count_ = from.page_count;
  source.save_cursors();
  destination.save_cursors();
  for (int copied = 0; next_ <= page_count_ && (pages < 0 || copied < pages); ++copied) {
    KEELBACK_TRY(copy_page(from, to, next_));
    ++next_;
  }
  // Reading drops pages from the cache, which is no change.
  content_version_ = from.content_version();
  if (next_ <= page_count_) return ok_status;
  for (uint32_t number = 1; is_stale_ && number <= page_count_; ++number) KEELBACK_TRY(copy_page(from, to, number));
  is_stale_ = false;
  KEELBACK_TRY(finish(source, destination));
  is_done = is_done_ = true;
  return ok_status;
}

Status DatabaseCopy::copy_page(Pager& source, Pager& destination, uint32_t number) {
  Page* to = nullptr;
  while (destination.page_count < number) KEELBACK_TRY(destination.append_page(to));
  if (number == source.lock_page) return ok_status;
  KEELBACK_TRY(make_room(source));
  KEELBACK_TRY(make_room(destination));
  Page* from = nullptr;
  KEELBACK_TRY(source.get(number, from));
  KEELBACK_TRY(destination.get(number, to));
  KEELBACK_TRY(destination.make_writable(*to));
  std::memcpy(to->data, from->data, source.limits().page_size);
  if (number == 1) write_own_facts(to->data);
  to->forget();
  return ok_status;
}

// A destination in WAL mode stays so; others who have it open must see that it has changed.
void DatabaseCopy::write_own_facts(uint8_t* header) const noexcept {
  if (file_format_ != 0) header[18] = header[19] = file_format_;
  put_u32(header + change_counter_offset, change_counter_ + 1);
  put_u32(header + valid_for_offset, change_counter_ + 1);
  put_u32(header + schema_version_offset, schema_version_ + 1);
}

Status DatabaseCopy::finish(Database& source, Database& destination) {
  if (page_count_ == 0) {
    // A database without a page is copied as one without a table.
    Page* first = nullptr;
    Pager& pager = destination.pager();
    KEELBACK_TRY(pager.get(1, first));
    KEELBACK_TRY(pager.make_writable(*first));
    std::memset(first->data, 0, pager.limits().page_size);
    write_new_header(first->data, destination.page_size(), destination.reserved_bytes());
    write_own_facts(first->data);
    first->format(table_leaf, pager.limits());
    first->forget();
    gathered_.reset();
  }
  if (gathered_) {
    KEELBACK_TRY(gathered_->commit());
    gathered_->pager().set_page_format(source.page_size(), source.reserved_bytes());
    KEELBACK_TRY(destination.replace_content(*gathered_, change_counter_ + 1));
    gathered_.reset();
  } else {
    Pager& pager = destination.pager();
    KEELBACK_TRY(pager.cut_to(page_count_ == 0 ? 1 : page_count_));
    // The pages are those of the source, and so are its free ones: a commit has none to give back.
    pager.has_pointer_maps = false;
    KEELBACK_TRY(destination.commit());
  }
  destination.pager().set_page_format(destination.page_size(), source.reserved_bytes());
  return ok_status;
}

}  // namespace keelback::storage
