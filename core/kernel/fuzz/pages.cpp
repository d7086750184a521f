// Any bytes as a database file: its trees are walked both ways, searched, written to and checked, and nothing but an
// error may come of it.
#include "../storage/database.hpp"
#include "memory_vfs.hpp"

using namespace keelback;
using namespace keelback::storage;

namespace {

constexpr int most_steps = 400;
constexpr uint32_t most_roots = 8;

void walk_table(Database& database, uint32_t root, bool is_writing) {
  std::unique_ptr<TableCursor> cursor;
  if (!database.open_table_cursor(root, is_writing, cursor).is_ok()) return;
  bool is_found = false;
  int64_t rowid = 0;
  Bytes payload;
  Status status = cursor->first(is_found);
  for (int step = 0; status.is_ok() && is_found && step < most_steps; ++step) {
    if (!cursor->rowid(rowid).is_ok() || !cursor->payload(payload).is_ok()) break;
    status = cursor->next(is_found);
  }
  status = cursor->last(is_found);
  for (int step = 0; status.is_ok() && is_found && step < most_steps; ++step) status = cursor->previous(is_found);
  int order = 0;
  (void)cursor->seek(rowid / 2, order);
  if (!is_writing) return;
  const std::vector<uint8_t> row(60, 1);
  for (int64_t place = 0; place < 20; ++place) {
    if (!cursor->insert(rowid / 2 + place, row).is_ok()) return;
  }
  status = cursor->first(is_found);
  for (int step = 0; status.is_ok() && is_found && step < 20; ++step) {
    if (!cursor->delete_row().is_ok()) return;
    status = cursor->next(is_found);
  }
}

void walk_index(Database& database, uint32_t root, bool is_writing) {
  std::unique_ptr<IndexCursor> cursor;
  if (!database.open_index_cursor(root, is_writing, KeyComparator({0}, {Collation{}}), cursor).is_ok()) return;
  bool is_found = false;
  Status status = cursor->first(is_found);
  for (int step = 0; status.is_ok() && is_found && step < most_steps; ++step) {
    TextArena arena;
    std::vector<Value> values;
    if (!cursor->values(arena, values).is_ok()) break;
    status = cursor->next(is_found);
  }
  const Value key[] = {Value::of_text("m")};
  int order = 0;
  (void)cursor->seek(key, 1, order);
  if (!is_writing) return;
  for (int64_t place = 0; place < 20; ++place) {
    const Value entry[] = {Value::of_text("n"), Value::of_integer(place)};
    if (!cursor->insert(entry).is_ok()) return;
  }
  status = cursor->first(is_found);
  for (int step = 0; status.is_ok() && is_found && step < 20; ++step) {
    if (!cursor->delete_entry().is_ok()) return;
    status = cursor->next(is_found);
  }
}

}  // namespace

// The first byte says whether the trees are written to, the rest is the file.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  fuzz::MemoryVfs vfs;
  vfs.put("/file", fuzz::Content(data + 1, data + size));
  std::unique_ptr<Database> database;
  if (!Database::open("/file", open_readwrite, vfs, 4096, database).is_ok()) return 0;
  const bool is_writing = (data[0] & 1) != 0;
  if (is_writing ? !database->begin_write().is_ok() : !database->begin_read().is_ok()) return 0;
  const uint32_t roots = std::min(database->page_count(), most_roots);
  for (uint32_t root = 1; root <= roots; ++root) {
    walk_table(*database, root, is_writing);
    walk_index(*database, root, is_writing);
  }
  std::vector<uint32_t> all(roots);
  for (uint32_t root = 0; root < roots; ++root) all[root] = root + 1;
  std::vector<std::string> messages;
  (void)database->integrity_check(all, 20, messages);
  if (is_writing) {
    uint64_t removed = 0;
    if (roots > 1) (void)database->clear_root(roots, removed);
    if (!database->commit().is_ok()) (void)database->rollback();
  } else {
    (void)database->end_read();
  }
  (void)database->close();
  return 0;
}
