// The room `storage` as C functions. Every function gives a result code; the message of the last error of the thread is
// in `twin_message`. Bytes given back live until the next call on the same handle.
#include <memory>
#include <new>
#include <string>
#include <vector>

#include "../storage/database.hpp"
#include "callback_vfs.hpp"
#include "twin_value.hpp"

namespace {

using namespace keelback;
using namespace keelback::storage;
using twin::from_twin;
using twin::to_twin;

thread_local std::string last_message;

int tell(const Status& status) {
  if (!status.is_ok()) last_message = status.message();
  return status.code();
}

struct TwinDatabase {
  std::unique_ptr<twin::CallbackVfs> vfs;
  std::unique_ptr<Database> database;
  std::vector<std::string> messages;
};

struct TwinCursor {
  std::unique_ptr<TableCursor> table;
  std::unique_ptr<IndexCursor> index;
  std::vector<Value> values;
  std::vector<TwinValue> twins;
  TextArena arena;

  TreeCursor& tree() { return table ? static_cast<TreeCursor&>(*table) : *index; }
};

std::vector<Value> values_of(const TwinValue* twins, int count) {
  std::vector<Value> values;
  for (int place = 0; place < count; ++place) values.push_back(from_twin(twins[place]));
  return values;
}

}  // namespace

extern "C" {

const char* twin_message() { return last_message.c_str(); }

int twin_open(const char* path, uint64_t path_size, int flags, uint32_t page_size, const twin::VfsCalls* calls,
              TwinDatabase** out) {
  auto opened = std::make_unique<TwinDatabase>();
  if (calls) opened->vfs = std::make_unique<twin::CallbackVfs>(*calls);
  Vfs& vfs = opened->vfs ? static_cast<Vfs&>(*opened->vfs) : os_vfs();
  const int code = tell(Database::open(std::string(path, path_size), flags, vfs, page_size, opened->database));
  if (code == 0) *out = opened.release();
  return code;
}

int twin_close(TwinDatabase* handle) { return tell(handle->database->close()); }
void twin_free(TwinDatabase* handle) { std::unique_ptr<TwinDatabase> owner(handle); }

void twin_set_busy_handler(TwinDatabase* handle, int (*handler)(int)) {
  if (handler) {
    handle->database->busy_handler = [handler](int calls) { return handler(calls) != 0; };
  } else {
    handle->database->busy_handler = nullptr;
  }
}

const char* twin_path(TwinDatabase* handle) { return handle->database->path().c_str(); }

// Facts and settings by number.
int twin_get(TwinDatabase* handle, int which, int64_t* out) {
  Database& database = *handle->database;
  uint32_t found = 0;
  int encoding = 0;
  switch (which) {
    case 0:
      *out = database.page_size();
      return 0;
    case 1:
      *out = database.reserved_bytes();
      return 0;
    case 2:
      *out = database.page_count();
      return 0;
    case 3:
      *out = database.max_page_count();
      return 0;
    case 4:
      *out = database.is_readonly();
      return 0;
    case 5:
      *out = static_cast<int64_t>(database.transaction_state());
      return 0;
    case 6: {
      const int code = tell(database.freelist_count(found));
      *out = found;
      return code;
    }
    case 7: {
      const int code = tell(database.change_counter(found));
      *out = found;
      return code;
    }
    case 8:
      *out = database.synchronous();
      return 0;
    case 9:
      *out = database.cache_size();
      return 0;
    case 10: {
      const int code = tell(database.encoding(encoding));
      *out = encoding;
      return code;
    }
    case 11:
      *out = static_cast<int64_t>(database.pager().savepoint_count());
      return 0;
    default:
      return result::MISUSE;
  }
}

int twin_set(TwinDatabase* handle, int which, int64_t value) {
  Database& database = *handle->database;
  switch (which) {
    case 3:
      database.set_max_page_count(static_cast<uint32_t>(value));
      return 0;
    case 8:
      database.set_synchronous(static_cast<int>(value));
      return 0;
    case 9:
      database.set_cache_size(value);
      return 0;
    case 12:
      return tell(database.set_page_size(static_cast<uint32_t>(value)));
    default:
      return result::MISUSE;
  }
}

int twin_get_journal_mode(TwinDatabase* handle, char* out) {
  const std::string_view mode = handle->database->journal_mode();
  out[mode.copy(out, 15)] = '\0';
  return 0;
}
int twin_set_journal_mode(TwinDatabase* handle, const char* mode) {
  return tell(handle->database->set_journal_mode(mode));
}

int twin_begin_read(TwinDatabase* handle) { return tell(handle->database->begin_read()); }
int twin_begin_write(TwinDatabase* handle, int exclusive) {
  return tell(handle->database->begin_write(exclusive != 0));
}
int twin_make_exclusive(TwinDatabase* handle) { return tell(handle->database->make_exclusive()); }
int twin_commit_phase_one(TwinDatabase* handle) { return tell(handle->database->commit_phase_one()); }
int twin_commit_phase_two(TwinDatabase* handle, int keep) {
  return tell(handle->database->commit_phase_two(keep != 0));
}
int twin_commit(TwinDatabase* handle, int keep) { return tell(handle->database->commit(keep != 0)); }
int twin_rollback(TwinDatabase* handle, int keep) { return tell(handle->database->rollback(keep != 0)); }
int twin_end_read(TwinDatabase* handle) { return tell(handle->database->end_read()); }
int twin_savepoint(TwinDatabase* handle, int operation, uint64_t depth) {
  if (operation == 0) handle->database->open_savepoint(depth);
  if (operation == 1) handle->database->release_savepoint(depth);
  if (operation == 2) return tell(handle->database->rollback_to_savepoint(depth));
  return 0;
}

int twin_get_meta(TwinDatabase* handle, int index, uint32_t* value) {
  return tell(handle->database->get_meta(index, *value));
}
int twin_set_meta(TwinDatabase* handle, int index, uint32_t value) {
  return tell(handle->database->set_meta(index, value));
}
int twin_create_root(TwinDatabase* handle, int is_table, uint32_t* root) {
  return tell(handle->database->create_root(is_table != 0, *root));
}
int twin_clear_root(TwinDatabase* handle, uint32_t root, uint64_t* removed) {
  return tell(handle->database->clear_root(root, *removed));
}
int twin_drop_root(TwinDatabase* handle, uint32_t root, uint32_t* moved) {
  return tell(handle->database->drop_root(root, *moved));
}
int twin_give_back_pages(TwinDatabase* handle, uint32_t most, uint32_t* gone) {
  return tell(handle->database->give_back_pages(most, *gone));
}

int twin_integrity_check(TwinDatabase* handle, const uint32_t* roots, int count, int max_errors, int* found) {
  handle->messages.clear();
  const int code =
      tell(handle->database->integrity_check({roots, static_cast<size_t>(count)}, max_errors, handle->messages));
  *found = static_cast<int>(handle->messages.size());
  return code;
}
const char* twin_check_message(TwinDatabase* handle, int place) {
  return handle->messages[static_cast<size_t>(place)].c_str();
}

int twin_open_table_cursor(TwinDatabase* handle, uint32_t root, int writable, TwinCursor** out) {
  auto cursor = std::make_unique<TwinCursor>();
  const int code = tell(handle->database->open_table_cursor(root, writable != 0, cursor->table));
  if (code == 0) *out = cursor.release();
  return code;
}

int twin_open_index_cursor(TwinDatabase* handle, uint32_t root, int writable, const uint8_t* flags, const int* kinds,
                           int count, TwinCursor** out) {
  std::vector<Collation> collations;
  for (int place = 0; place < count; ++place) collations.push_back({static_cast<Collation::Kind>(kinds[place])});
  auto cursor = std::make_unique<TwinCursor>();
  const int code = tell(handle->database->open_index_cursor(
      root, writable != 0, KeyComparator({flags, flags + count}, std::move(collations)), cursor->index));
  if (code == 0) *out = cursor.release();
  return code;
}

void twin_cursor_close(TwinCursor* cursor) { cursor->tree().close(); }
void twin_cursor_free(TwinCursor* cursor) { std::unique_ptr<TwinCursor> owner(cursor); }
int twin_cursor_is_valid(TwinCursor* cursor) { return cursor->tree().is_valid(); }

// first last next previous is_on_row
int twin_cursor_move(TwinCursor* cursor, int where, int* is_on) {
  TreeCursor& tree = cursor->tree();
  bool found = false;
  Status status;
  switch (where) {
    case 0:
      status = tree.first(found);
      break;
    case 1:
      status = tree.last(found);
      break;
    case 2:
      status = tree.next(found);
      break;
    case 3:
      status = tree.previous(found);
      break;
    default:
      status = tree.is_on_row(found);
      break;
  }
  *is_on = found;
  return tell(status);
}

int twin_cursor_count(TwinCursor* cursor, uint64_t* total) { return tell(cursor->tree().count(*total)); }
int twin_cursor_payload(TwinCursor* cursor, const uint8_t** data, uint64_t* size) {
  Bytes bytes;
  const int code = tell(cursor->tree().payload(bytes));
  *data = bytes.data();
  *size = bytes.size();
  return code;
}
int twin_cursor_payload_size(TwinCursor* cursor, uint64_t* size) { return tell(cursor->tree().payload_size(*size)); }
int twin_cursor_column(TwinCursor* cursor, uint32_t number, TwinValue* out, int* is_there) {
  Value value;
  bool found = false;
  const int code = tell(cursor->tree().column(number, value, &found));
  *out = to_twin(value);
  *is_there = found;
  return code;
}

int twin_table_rowid(TwinCursor* cursor, int64_t* rowid) { return tell(cursor->table->rowid(*rowid)); }
int twin_table_seek(TwinCursor* cursor, int64_t rowid, int* result) {
  return tell(cursor->table->seek(rowid, *result));
}
int twin_table_insert(TwinCursor* cursor, int64_t rowid, const uint8_t* data, uint64_t size) {
  return tell(cursor->table->insert(rowid, {data, static_cast<size_t>(size)}));
}
int twin_table_delete(TwinCursor* cursor) { return tell(cursor->table->delete_row()); }

int twin_index_seek(TwinCursor* cursor, const TwinValue* key, int count, int default_result, int* result) {
  return tell(cursor->index->seek(values_of(key, count), default_result, *result));
}
int twin_index_insert(TwinCursor* cursor, const TwinValue* values, int count, uint64_t key_count) {
  return tell(cursor->index->insert(values_of(values, count), key_count));
}
int twin_index_append(TwinCursor* cursor, const TwinValue* values, int count) {
  std::vector<uint8_t> record;
  keelback::encode_record(values_of(values, count), cursor->index->encoding(), record);
  return tell(cursor->index->append(record));
}
int twin_index_delete(TwinCursor* cursor) { return tell(cursor->index->delete_entry()); }
int twin_index_values(TwinCursor* cursor, const TwinValue** out, int* count) {
  cursor->values.clear();
  cursor->twins.clear();
  cursor->arena.clear();
  const int code = tell(cursor->index->values(cursor->arena, cursor->values));
  for (const Value& value : cursor->values) cursor->twins.push_back(to_twin(value));
  *out = cursor->twins.data();
  *count = static_cast<int>(cursor->twins.size());
  return code;
}
}
