#include "ephemeral_tree.hpp"

#include "ephemeral.hpp"

namespace keelback::vm {

namespace {

constexpr size_t interrupt_period = 1024;

Bytes bytes_of(std::string_view text) { return {reinterpret_cast<const uint8_t*>(text.data()), text.size()}; }

}  // namespace

Status EphemeralTree::open_paged(storage::Database& pages, uint32_t root, std::unique_ptr<PagedCursor>& cursor) {
  if (normaliser) {
    std::unique_ptr<storage::IndexCursor> index;
    KEELBACK_TRY(pages.open_index_cursor(root, true, normaliser->comparator(), index));
    cursor = std::make_unique<PagedCursor>(std::move(index));
  } else {
    std::unique_ptr<storage::TableCursor> table;
    KEELBACK_TRY(pages.open_table_cursor(root, true, table));
    cursor = std::make_unique<PagedCursor>(std::move(table));
  }
  return ok_status;
}

Status EphemeralTree::copy_entries(storage::Database& pages, uint32_t root) {
  std::unique_ptr<storage::TableCursor> table;
  std::unique_ptr<storage::IndexCursor> index;
  if (normaliser) {
    KEELBACK_TRY(pages.open_index_cursor(root, true, normaliser->comparator(), index));
  } else {
    KEELBACK_TRY(pages.open_table_cursor(root, true, table));
  }
  size_t copied = 0;
  for (OrderedStore::Place place = store.begin(); store.is_inside(place); place = store.after(place)) {
    const Node& node = *store.at(place).node;
    const Bytes record = bytes_of(node.record());
    KEELBACK_TRY(index ? index->append(record) : table->insert(rowid_of_key(node.key()), record));
    if (++copied % interrupt_period == 0) KEELBACK_TRY(memory_.check_interrupt());
  }
  return ok_status;
}

Status EphemeralTree::move_to_pages() {
  std::unique_ptr<storage::Database> pages =
      storage::Database::make_temporary(*memory_.vfs, storage::default_page_size);
  pages->set_cache_size(static_cast<int64_t>(memory_.most_tree_bytes / storage::default_page_size));
  KEELBACK_TRY(pages->begin_write());
  uint32_t root = 0;
  KEELBACK_TRY(pages->create_root(normaliser == nullptr, root));
  KEELBACK_TRY(copy_entries(*pages, root));
  std::vector<std::unique_ptr<PagedCursor>> moved(cursors.size());
  for (size_t place = 0; place < cursors.size(); ++place) {
    KEELBACK_TRY(open_paged(*pages, root, moved[place]));
    KEELBACK_TRY(cursors[place]->find_place(*moved[place]));
  }
  for (size_t place = 0; place < cursors.size(); ++place) cursors[place]->enter_pages(std::move(moved[place]));
  pages_ = std::move(pages);
  root_ = root;
  store.clear();
  return ok_status;
}

Status EphemeralTree::count(int64_t& count) {
  count = static_cast<int64_t>(store.count());
  if (!pages_) return ok_status;
  // With a cursor of its own, as counting loses the place.
  std::unique_ptr<storage::TableCursor> table;
  std::unique_ptr<storage::IndexCursor> index;
  uint64_t total = 0;
  if (normaliser) {
    KEELBACK_TRY(pages_->open_index_cursor(root_, false, normaliser->comparator(), index));
    KEELBACK_TRY(index->count(total));
  } else {
    KEELBACK_TRY(pages_->open_table_cursor(root_, false, table));
    KEELBACK_TRY(table->count(total));
  }
  count = static_cast<int64_t>(total);
  return ok_status;
}

void EphemeralTree::clear() {
  for (EphemeralCursor* cursor : cursors) cursor->enter_pages(nullptr);
  pages_.reset();
  store.clear();
}

}  // namespace keelback::vm
