#include "database.hpp"

#include <cstring>

#include "balance.hpp"
#include "check.hpp"
#include "freelist.hpp"
#include "header.hpp"
#include "immutable_vfs.hpp"
#include "named_memory.hpp"
#include "overflow.hpp"
#include "pointer_map.hpp"
#include "relocate.hpp"
#include "shrink.hpp"

namespace keelback::storage {

namespace {

constexpr std::string_view mode_names[] = {"delete", "truncate", "persist", "memory", "off"};
constexpr std::string_view wal_mode = "wal";

bool is_busy(const Status& status) noexcept { return status.primary_code() == result::BUSY; }

}  // namespace

Status Database::open(const std::string& path, int flags, Vfs& vfs, uint32_t page_size,
                      std::unique_ptr<Database>& database) {
  std::unique_ptr<Pager> pager;
  if (is_named_memory(path, flags)) {
    KEELBACK_TRY(Pager::open(named_memory_vfs(), path, flags, page_size, pager));
  } else {
    // A program's own file system keeps to its promises by itself.
    const bool is_immutable = (flags & open_immutable) && &vfs == &os_vfs();
    if (!is_immutable) flags &= ~open_immutable;
    Vfs& files = is_immutable ? immutable_vfs() : vfs;
    KEELBACK_TRY(Pager::open(files, (flags & open_memory) ? std::string() : path, flags, page_size, pager));
    if (path.empty() && !(flags & open_memory) && !vfs.is_memory()) pager->become_temporary();
  }
  database = std::make_unique<Database>(std::move(pager));
  return ok_status;
}

std::unique_ptr<Database> Database::make_temporary(Vfs& vfs, uint32_t page_size) {
  auto pager = std::make_unique<Pager>(vfs, nullptr, std::string(), page_size);
  pager->become_temporary();
  return std::make_unique<Database>(std::move(pager));
}

Database::~Database() {
  // Who wants to know how closing went calls `close`.
  static_cast<void>(close().is_ok());
}

// Facts

Status Database::freelist_count(uint32_t& count) { return free_page_count(*pager_, count); }

Status Database::change_counter(uint32_t& counter) {
  counter = 0;
  if (pager_->page_count == 0) return ok_status;
  Page* first = nullptr;
  KEELBACK_TRY(pager_->get(1, first));
  counter = get_u32(first->data + 24);
  return ok_status;
}

std::string_view Database::journal_mode() {
  if (pager_->is_wal() || pager_->is_wal_due) return wal_mode;
  return mode_names[static_cast<size_t>(pager_->journal_mode())];
}

Status Database::set_journal_mode(std::string_view mode) {
  std::string lower(mode);
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  const bool is_idle = pager_->is_on_disk() && pager_->state() == TransactionState::none;
  if (is_idle) {
    // Whether it is in WAL mode stands in the file.
    const Status status = begin_read();
    // Which journal is written next concerns nobody who holds the file, as long as it is none of a WAL.
    const bool is_forgiven =
        status.primary_code() == result::BUSY && lower != wal_mode && !pager_->is_wal() && !pager_->is_wal_due;
    if (!status.is_ok() && !is_forgiven) return status;
    if (status.is_ok()) KEELBACK_TRY(end_read());
  }
  if (lower == wal_mode) {
    const bool is_possible = is_idle && (pager_->keeps_locks || pager_->file->supports_wal());
    return is_possible && !pager_->is_wal() ? write_file_format(2) : ok_status;
  }
  for (size_t place = 0; place < std::size(mode_names); ++place) {
    if (lower != mode_names[place]) continue;
    if (pager_->is_wal()) {
      if (!is_idle) return ok_status;
      KEELBACK_TRY(pager_->leave_wal());
      KEELBACK_TRY(pager_->set_journal_mode(static_cast<JournalMode>(place)));
      return write_file_format(1);
    }
    return pager_->set_journal_mode(static_cast<JournalMode>(place));
  }
  return ok_status;
}

// The read and write versions in the header: 1 for a rollback journal, 2 for a WAL.
Status Database::write_file_format(uint8_t version) {
  const auto write = [this, version]() -> Status {
    KEELBACK_TRY(begin_write(true));
    Page* first = nullptr;
    KEELBACK_TRY(pager_->get(1, first));
    if (first->data[18] != version || first->data[19] != version) {
      KEELBACK_TRY(pager_->make_writable(*first));
      first->data[18] = version;
      first->data[19] = version;
    }
    return commit();
  };
  const Status status = write();
  if (!status.is_ok()) {
    // The first error is the one to tell.
    static_cast<void>(rollback().is_ok());
    return status;
  }
  if (version == 2) {
    // The next reader opens the WAL; until then others may change the mode back.
    pager_->is_wal_due = true;
    return ok_status;
  }
  KEELBACK_TRY(begin_read());
  return end_read();
}

int Database::file_control(int operation, int64_t& value) {
  enum Operation { lock_state = 1, size_hint = 5, persist_wal = 10, powersafe = 13, has_moved = 20 };
  enum LaterOperation { data_version = 35, checkpoint_done = 37, reserve_bytes = 38 };
  enum LastOperation { checkpoint_start = 39, reset_cache = 42 };
  enum OwnOperation { no_checkpoint_at_close = -1 };
  Pager& pager = *pager_;
  switch (operation) {
    case no_checkpoint_at_close:
      pager.is_checkpointed_at_close = value == 0;
      return result::OK;
    case data_version:
      // Other than the pragma this counts what the connection itself has done, too.
      value = pager.data_version + pager.commit_count;
      return result::OK;
    case reserve_bytes: {
      const int64_t wanted = value;
      value = requested_reserve();
      if (wanted >= 0 && wanted <= 255) pager.wanted_reserve = static_cast<int>(wanted);
      return result::OK;
    }
    case size_hint:
    case checkpoint_done:
    case checkpoint_start:
    case reset_cache:
      return pager.file ? result::OK : result::NOTFOUND;
    case lock_state:
      value = pager.file ? pager.file->lock_level() : 0;
      return pager.file ? result::OK : result::NOTFOUND;
    case has_moved:
      value = pager.file && pager.file->has_moved() ? 1 : 0;
      return pager.file ? result::OK : result::NOTFOUND;
    case persist_wal:
      if (!pager.file) return result::NOTFOUND;
      if (value >= 0) pager.keeps_wal_file = value != 0;
      value = pager.keeps_wal_file ? 1 : 0;
      return result::OK;
    case powersafe:
      if (!pager.file) return result::NOTFOUND;
      value = 1;
      return result::OK;
    default:
      return result::NOTFOUND;
  }
}

Status Database::flush_cache() {
  if (pager_->state() != TransactionState::write) return ok_status;
  registry_.save_all();
  return pager_->flush_cache();
}

Status Database::checkpoint(CheckpointMode mode, CheckpointResult& result) {
  busy_calls_ = 0;
  return pager_->checkpoint(mode, [this] { return ask_busy_handler(); }, result);
}

Status Database::set_page_size(uint32_t size) {
  if (!is_page_size(size) || pager_->state() != TransactionState::none || pager_->is_format_fixed) return ok_status;
  if (pager_->file) {
    uint64_t file_size = 0;
    KEELBACK_TRY(pager_->file->size(file_size));
    if (file_size > 0) return ok_status;
  }
  if (pager_->page_count == 0) pager_->set_page_format(size, 0);
  return ok_status;
}

// Transactions

bool Database::ask_busy_handler() { return busy_handler && busy_handler(busy_calls_++); }

Status Database::begin_read() {
  if (pager_->state() != TransactionState::none) return ok_status;
  busy_calls_ = 0;
  while (true) {
    const Status status = pager_->begin_read();
    if (!is_busy(status) || !ask_busy_handler()) return status;
  }
}

Status Database::begin_write(bool exclusive) {
  Pager& pager = *pager_;
  if (pager.is_readonly) return Status(result::READONLY);
  if (pager.state() == TransactionState::write) return exclusive ? pager.begin_write(true) : ok_status;
  const bool was_reading = pager.state() == TransactionState::read;
  busy_calls_ = 0;
  const auto try_once = [&pager, exclusive]() -> Status {
    KEELBACK_TRY(pager.begin_read());
    KEELBACK_TRY(pager.begin_write(exclusive));
    return has_pointer_maps(pager, pager.has_pointer_maps);
  };
  while (true) {
    const Status status = try_once();
    if (status.is_ok()) break;
    if (!was_reading) KEELBACK_TRY(pager.end_read());
    if (!is_busy(status) || was_reading) return status;
    // That a snapshot is not the newest only matters to who has read from it.
    if (!ask_busy_handler()) return status.code() == result::BUSY_SNAPSHOT ? Status(result::BUSY) : status;
  }
  const Status status = prepare_first_page();
  if (!status.is_ok()) {
    KEELBACK_TRY(pager.rollback());
    if (!was_reading) KEELBACK_TRY(pager.end_read());
  }
  return status;
}

// Make page 1 of a new database; correct the size in the header where an old library left it wrong.
Status Database::prepare_first_page() {
  Pager& pager = *pager_;
  Page* page = nullptr;
  if (pager.page_count == 0) {
    if (pager.wanted_reserve >= 0) pager.set_page_format(page_size(), static_cast<uint32_t>(pager.wanted_reserve));
    KEELBACK_TRY(pager.append_page(page));
    write_new_header(page->data, page_size(), reserved_bytes());
    page->format(table_leaf, pager.limits());
    pager.is_format_fixed = true;
    if (!pager.wanted_auto_vacuum) return ok_status;
    pager.has_pointer_maps = true;
    KEELBACK_TRY(set_meta(meta_largest_root, 1));
    return set_meta(meta_incremental_vacuum, pager.wanted_auto_vacuum - 1U);
  }
  KEELBACK_TRY(pager.get(1, page));
  if (get_u32(page->data + 28) != pager.page_count) {
    KEELBACK_TRY(pager.make_writable(*page));
    put_u32(page->data + 28, pager.page_count);
  }
  return ok_status;
}

Status Database::make_exclusive() {
  busy_calls_ = 0;
  return pager_->make_exclusive([this] { return ask_busy_handler(); });
}

Status Database::commit_phase_one(const std::string& super_journal) {
  busy_calls_ = 0;
  KEELBACK_TRY(give_back_at_commit());
  return pager_->commit_phase_one([this] { return ask_busy_handler(); }, super_journal);
}

Status Database::commit_phase_two(bool keep_read, bool is_decided) {
  const bool was_writing = pager_->state() == TransactionState::write;
  KEELBACK_TRY(pager_->commit_phase_two(is_decided));
  if (was_writing && pager_->state() == TransactionState::none) registry_.abort_all();
  return keep_read ? ok_status : end_read();
}

Status Database::commit(bool keep_read) {
  KEELBACK_TRY(commit_phase_one());
  return commit_phase_two(keep_read);
}

Status Database::replace_content(Database& source, uint32_t change_counter) {
  busy_calls_ = 0;
  registry_.save_all();
  KEELBACK_TRY(source.begin_read());
  KEELBACK_TRY(pager_->replace_content(*source.pager_, change_counter, [this] { return ask_busy_handler(); }));
  KEELBACK_TRY(source.end_read());
  return end_read();
}

Status Database::rollback(bool keep_read) {
  if (pager_->state() == TransactionState::write) {
    try {
      registry_.save_all();
      registry_.abort_writers();
    } catch (const std::bad_alloc&) {
      registry_.abort_all();
    }
    KEELBACK_TRY(pager_->rollback());
  }
  return keep_read ? ok_status : end_read();
}

Status Database::end_read() {
  if (pager_->state() != TransactionState::read) return ok_status;
  registry_.save_all();
  return pager_->end_read();
}

void Database::open_savepoint(size_t depth) {
  if (pager_->state() == TransactionState::write) pager_->open_savepoint(depth);
}

void Database::release_savepoint(size_t depth) { pager_->release_savepoint(depth); }

Status Database::rollback_to_savepoint(size_t depth) {
  if (depth >= pager_->savepoint_count()) return ok_status;
  registry_.save_all();
  return pager_->rollback_to_savepoint(depth);
}

Status Database::close() {
  registry_.close_all();
  return pager_->close();
}

// The whole content

Status Database::read_content(std::string& content) {
  const bool was_idle = pager_->state() == TransactionState::none;
  KEELBACK_TRY(begin_read());
  const uint32_t size = page_size();
  content.assign(static_cast<size_t>(size) * pager_->page_count, '\0');
  Status status;
  for (uint32_t number = 1; number <= pager_->page_count && status.is_ok(); ++number) {
    if (number == pager_->lock_page) continue;
    Page* page = nullptr;
    status = pager_->get(number, page);
    if (status.is_ok()) std::memcpy(content.data() + static_cast<size_t>(number - 1) * size, page->data, size);
  }
  const Status ended = was_idle ? end_read() : ok_status;
  return status.is_ok() ? ended : status;
}

Status Database::write_content(std::string_view content) {
  if (content.empty()) return ok_status;
  if (content.size() < 512) return Status(result::NOTADB);
  PageFormat format{};
  KEELBACK_TRY(check_header({reinterpret_cast<const uint8_t*>(content.data()), header_size}, format));
  const uint32_t size = format.page_size;
  if (page_size() != size) {
    if (page_count()) return Status(result::READONLY);
    pager_->set_page_format(size, 0);
  }
  KEELBACK_TRY(begin_write(true));
  Status status = append_content(content, size);
  if (status.is_ok()) status = commit();
  if (status.is_ok()) {
    pager_->set_page_format(size, format.reserved_bytes);
  } else {
    // The first error is the one to tell.
    static_cast<void>(rollback().is_ok());
  }
  return status;
}

Status Database::append_content(std::string_view content, uint32_t size) {
  registry_.save_all();
  const auto count = static_cast<uint32_t>((content.size() + size - 1) / size);
  Page* page = nullptr;
  while (pager_->page_count < count) KEELBACK_TRY(pager_->append_page(page));
  for (uint32_t number = 1; number <= count; ++number) {
    if (number == pager_->lock_page) continue;
    KEELBACK_TRY(pager_->get(number, page));
    KEELBACK_TRY(pager_->make_writable(*page));
    const std::string_view piece = content.substr(static_cast<size_t>(number - 1) * size, size);
    std::memset(page->data, 0, size);
    std::memcpy(page->data, piece.data(), piece.size());
    // Whether it is in WAL mode is a fact of this file, not of the content.
    if (number == 1 && pager_->file) page->data[18] = page->data[19] = pager_->is_wal() ? 2 : 1;
    page->forget();
  }
  return pager_->cut_to(count);
}

// Meta values

Status Database::set_meta(int index, uint32_t value) {
  Page* first = nullptr;
  KEELBACK_TRY(pager_->get(1, first));
  KEELBACK_TRY(pager_->make_writable(*first));
  put_u32(first->data + meta_offset + 4 * index, value);
  return ok_status;
}

// Trees

Status Database::create_root(bool is_table, uint32_t& root) {
  Page* page = nullptr;
  pager_->workspace.reset();
  if (pager_->has_pointer_maps) {
    registry_.save_all();
    KEELBACK_TRY(allocate_root(*pager_, page));
  } else {
    KEELBACK_TRY(allocate_page(*pager_, page));
  }
  page->format(is_table ? table_leaf : index_leaf, pager_->limits());
  root = page->number;
  return ok_status;
}

Status Database::clear_root(uint32_t root, uint64_t& removed) {
  registry_.save_root(root);
  registry_.note_tree_cleared(root);
  Page* page = nullptr;
  KEELBACK_TRY(pager_->get_tree_page(root, page));
  const bool is_table = page->is_table;
  KEELBACK_TRY(pager_->make_writable(*page));
  KEELBACK_TRY(free_below(root, removed));
  KEELBACK_TRY(pager_->get(root, page));
  KEELBACK_TRY(pager_->make_writable(*page));
  page->format(is_table ? table_leaf : index_leaf, pager_->limits());
  return ok_status;
}

Status Database::drop_root(uint32_t root, uint32_t& moved) {
  uint32_t largest = 0;
  moved = 0;
  if (pager_->has_pointer_maps) KEELBACK_TRY(get_meta(meta_largest_root, largest));
  if (registry_.has_cursor_on(root) || (largest && registry_.has_cursor_on(largest))) return Status(result::LOCKED);
  if (root < 2 || (largest && root > largest)) return corrupt();
  uint64_t removed = 0;
  KEELBACK_TRY(clear_root(root, removed));
  if (largest == 0) return free_page(*pager_, root);
  if (largest != root) {
    KEELBACK_TRY(move_root(*pager_, largest, root));
    moved = largest;
  }
  KEELBACK_TRY(free_page(*pager_, largest));
  --largest;
  while (largest > 1 && !is_place_for_root(*pager_, largest)) --largest;
  return set_meta(meta_largest_root, largest);
}

Status Database::give_back_pages(uint32_t most, uint32_t& gone) {
  gone = 0;
  if (pager_->state() != TransactionState::write || !pager_->has_pointer_maps) return ok_status;
  registry_.save_all();
  return shrink(*pager_, most, gone);
}

// A full auto-vacuum gives all free pages back at the commit.
Status Database::give_back_at_commit() {
  if (pager_->state() != TransactionState::write || !pager_->has_pointer_maps) return ok_status;
  uint32_t is_incremental = 0;
  uint32_t count = 0;
  KEELBACK_TRY(get_meta(meta_incremental_vacuum, is_incremental));
  KEELBACK_TRY(free_page_count(*pager_, count));
  if (is_incremental) return ok_status;
  uint32_t wanted = count;
  if (pages_to_give_back) wanted = std::min(count, pages_to_give_back(pager_->page_count, count, page_size()));
  return wanted == 0 ? ok_status : give_back_pages(wanted, wanted);
}

// Free the pages of a tree but its root; the number of entries.
Status Database::free_below(uint32_t root, uint64_t& removed) {
  struct Waiting {
    uint32_t number;
    int depth;
  };
  Pager& pager = *pager_;
  removed = 0;
  Page* page = nullptr;
  KEELBACK_TRY(pager.get_tree_page(root, page));
  const bool is_table = page->is_table;
  int64_t visits_left = pager.page_count;
  std::vector<Waiting> waiting{{root, 0}};
  while (!waiting.empty()) {
    const auto [number, depth] = waiting.back();
    waiting.pop_back();
    --visits_left;
    KEELBACK_TRY(pager.get_tree_page(number, page));
    if (depth >= deepest_path || visits_left < 0 || page->is_table != is_table) return corrupt();
    if (page->is_leaf || !is_table) {
      removed += page->cell_count;
      for (uint32_t index = 0; index < page->cell_count; ++index) KEELBACK_TRY(free_chain(pager, *page, index));
    }
    if (!page->is_leaf) {
      for (uint32_t index = 0; index <= page->cell_count; ++index) waiting.push_back({page->child(index), depth + 1});
    }
    if (number != root) KEELBACK_TRY(free_page(pager, number));
    if (pager.wants_shrink) KEELBACK_TRY(registry_.make_room(pager, nullptr, {}));
  }
  return ok_status;
}

Status Database::open_table_cursor(uint32_t root, bool writable, std::unique_ptr<TableCursor>& cursor) {
  int text_encoding = utf8;
  KEELBACK_TRY(encoding(text_encoding));
  cursor = std::make_unique<TableCursor>(*pager_, registry_, root, writable, text_encoding);
  return ok_status;
}

Status Database::open_index_cursor(uint32_t root, bool writable, KeyComparator comparator,
                                   std::unique_ptr<IndexCursor>& cursor) {
  int text_encoding = utf8;
  KEELBACK_TRY(encoding(text_encoding));
  cursor = std::make_unique<IndexCursor>(*pager_, registry_, root, writable, std::move(comparator), text_encoding);
  return ok_status;
}

Status Database::integrity_check(std::span<const uint32_t> roots, int max_errors, std::vector<std::string>& messages) {
  registry_.save_all();
  return IntegrityCheck(*pager_, max_errors).run(roots, messages);
}

}  // namespace keelback::storage
