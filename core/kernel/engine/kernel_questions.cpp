#include "kernel_questions.hpp"

#include <cstring>

#include "../storage/temporary_file.hpp"
#include "../storage/tree_copy.hpp"
#include "../value/memory_account.hpp"
#include "kernel_connection.hpp"
#include "kernel_statement.hpp"
#include "plugin/table.h"
#include "schema_image.hpp"

namespace keelback::engine {

namespace {

constexpr Status unknown_name() { return Status(result::INTERNAL, "unknown name in a question"); }

}  // namespace

int KernelQuestions::ask(int question, Reader request, std::string& answer) {
  if (question < KB_ASK_DATABASE_OPEN) return callbacks_.ask(question, request, answer);
  answer.clear();
  Writer writer(answer);
  if (question == KB_ASK_EXECUTE) return execute(request, answer);
  const Status status = this->answer(question, request, writer);
  if (status.is_ok()) return result::OK;
  const std::string message = status.message();
  answer.clear();
  writer.text(message);
  return status.code();
}

Status KernelQuestions::answer(int question, Reader& request, Writer& writer) {
  switch (question) {
    case KB_ASK_DATABASE_OPEN:
      return open(request, writer);
    case KB_ASK_DATABASE_CLOSE: {
      const auto found = open_.find(request.integer());
      if (found == open_.end()) return unknown_name();
      const Status status = found->second->close();
      open_.erase(found);
      return status;
    }
    case KB_ASK_DATABASE_GET:
      return get(request, writer);
    case KB_ASK_DATABASE_SET:
      return set(request);
    case KB_ASK_DATABASE_CALL:
      return call(request, writer);
    case KB_ASK_TREE_ROWS:
      return tree_rows(request, writer);
    case KB_ASK_TREE_COPY:
      return tree_copy(request);
    case KB_ASK_RANDOM: {
      std::string bytes(static_cast<size_t>(std::max<int64_t>(request.integer(), 0)), '\0');
      connection_.host().random_bytes(bytes.data(), bytes.size());
      writer.blob(bytes);
      return keelback::ok_status;
    }
    case KB_ASK_SESSION_GET:
      return session_get(request, writer);
    case KB_ASK_SESSION_SET:
      return session_set(request);
    case KB_ASK_ATTACH:
      return attach(request, writer);
    case KB_ASK_DETACH:
      return detach(request, writer);
    case KB_ASK_FORGOTTEN:
      connection_.note_forgotten(static_cast<int>(request.integer()));
      return keelback::ok_status;
    default:
      return unknown_name();
  }
}

Status KernelQuestions::find(int64_t number, storage::Database*& database) {
  if (number < first_handle) return connection_.session().database(static_cast<int>(number), database);
  const auto found = open_.find(number);
  if (found == open_.end()) return unknown_name();
  database = found->second.get();
  return keelback::ok_status;
}

// Databases

Status KernelQuestions::open(Reader& request, Writer& writer) {
  const std::string path(request.bytes());
  const int flags = static_cast<int>(request.integer());
  const int64_t page_size = request.integer();
  const std::string_view vfs = request.bytes();
  std::unique_ptr<storage::Database> database;
  const uint32_t size = page_size > 0 ? static_cast<uint32_t>(page_size) : storage::default_page_size;
  if ((flags & storage::open_temporary_database) && !connection_.session().keeps_temporary_in_memory) {
    database = storage::Database::make_temporary(storage::os_vfs(), size);
    // Where somebody decided how much memory pages may take, a copy keeps to it.
    const storage::Database& main = *connection_.session().databases[0];
    if (main.is_cache_size_set()) database->set_cache_size(main.cache_size());
  } else {
    KEELBACK_TRY(connection_.open_database(path, flags, size, vfs, database));
  }
  open_[next_handle_] = std::move(database);
  writer.integer(next_handle_++);
  return keelback::ok_status;
}

Status KernelQuestions::get(Reader& request, Writer& writer) {
  const int64_t number = request.integer();
  const std::string_view name = request.bytes();
  if (name == "is_open") {
    const auto& databases = connection_.session().databases;
    const bool is_open = number < first_handle ? static_cast<size_t>(number) < databases.size() &&
                                                     databases[static_cast<size_t>(number)] != nullptr
                                               : open_.contains(number);
    writer.integer(is_open ? 1 : 0);
    return keelback::ok_status;
  }
  storage::Database* database = nullptr;
  KEELBACK_TRY(find(number, database));
  uint32_t value = 0;
  if (name == "page_size") {
    writer.integer(database->page_size());
  } else if (name == "page_count") {
    writer.integer(database->page_count());
  } else if (name == "max_page_count") {
    writer.integer(database->max_page_count());
  } else if (name == "cache_size") {
    writer.integer(database->cache_size());
  } else if (name == "synchronous") {
    writer.integer(database->synchronous());
  } else if (name == "journal_mode") {
    writer.text(database->journal_mode());
  } else if (name == "keeps_locks") {
    writer.integer(database->pager().keeps_locks ? 1 : 0);
  } else if (name == "journal_size_limit") {
    writer.integer(database->pager().journal_size_limit());
  } else if (name == "secure_delete") {
    writer.integer(database->pager().secure_delete());
  } else if (name == "spill_size") {
    writer.integer(static_cast<int64_t>(database->pager().spill_size));
  } else if (name == "may_spill") {
    writer.integer(database->pager().may_spill ? 1 : 0);
  } else if (name == "transaction_state") {
    writer.integer(static_cast<int>(database->transaction_state()));
  } else if (name == "path") {
    writer.text(database->path());
  } else if (name == "is_readonly") {
    writer.integer(database->is_readonly() ? 1 : 0);
  } else if (name == "change_counter") {
    KEELBACK_TRY(database->change_counter(value));
    writer.integer(value);
  } else if (name == "freelist_count") {
    KEELBACK_TRY(database->freelist_count(value));
    writer.integer(value);
  } else if (name == "requested_reserve") {
    writer.integer(database->requested_reserve());
  } else if (name == "wanted_auto_vacuum") {
    writer.integer(database->pager().wanted_auto_vacuum);
  } else if (name == "was_read") {
    writer.integer(database->pager().was_read ? 1 : 0);
  } else if (name == "is_format_fixed") {
    writer.integer(database->pager().is_format_fixed ? 1 : 0);
  } else if (name == "journal_name") {
    writer.text(database->journal_name());
  } else if (name == "encoding") {
    int encoding = 0;
    KEELBACK_TRY(database->encoding(encoding));
    writer.integer(encoding);
  } else {
    return unknown_name();
  }
  return keelback::ok_status;
}

Status KernelQuestions::set(Reader& request) {
  storage::Database* database = nullptr;
  KEELBACK_TRY(find(request.integer(), database));
  const std::string_view name = request.bytes();
  const Value value = request.next();
  if (name == "journal_mode") return database->set_journal_mode(value.has_bytes() ? value.text() : "");
  const int64_t number = value.is_integer() ? value.integer() : 0;
  if (name == "max_page_count") {
    database->set_max_page_count(static_cast<uint32_t>(number));
  } else if (name == "cache_size") {
    database->set_cache_size(number);
  } else if (name == "synchronous") {
    database->set_synchronous(static_cast<int>(number));
  } else if (name == "journal_size_limit") {
    database->pager().set_journal_size_limit(number);
  } else if (name == "secure_delete") {
    database->pager().set_secure_delete(static_cast<int>(number));
  } else if (name == "spill_size") {
    database->pager().spill_size = static_cast<size_t>(number);
  } else if (name == "may_spill") {
    database->pager().may_spill = number != 0;
  } else if (name == "keeps_locks") {
    database->pager().set_keeps_locks(number != 0);
  } else if (name == "requested_reserve") {
    database->pager().wanted_reserve = static_cast<int>(number);
  } else if (name == "wanted_auto_vacuum") {
    database->pager().wanted_auto_vacuum = static_cast<uint8_t>(number);
  } else if (name == "is_format_fixed") {
    database->pager().is_format_fixed = number != 0;
  } else if (name == "has_pointer_maps") {
    database->pager().has_pointer_maps = number != 0;
  } else {
    return unknown_name();
  }
  return keelback::ok_status;
}

Status KernelQuestions::call(Reader& request, Writer& writer) {
  storage::Database* database = nullptr;
  KEELBACK_TRY(find(request.integer(), database));
  const std::string_view method = request.bytes();
  if (method == "begin_read") return database->begin_read();
  if (method == "end_read") return database->end_read();
  if (method == "begin_write") return database->begin_write(request.integer() != 0);
  if (method == "commit") return database->commit();
  if (method == "rollback") return database->rollback();
  if (method == "checkpoint") {
    storage::CheckpointResult result;
    const Status status = database->checkpoint(static_cast<storage::CheckpointMode>(request.integer()), result);
    if (!status.is_ok() && status.primary_code() != result::BUSY) return status;
    writer.integer(status.is_ok() ? 0 : 1).integer(result.frames).integer(result.done);
    return keelback::ok_status;
  }
  if (method == "set_journal_mode") return database->set_journal_mode(request.bytes());
  if (method == "set_page_size") {
    const int64_t size = request.integer();
    return size > 0 && size <= 65536 ? database->set_page_size(static_cast<uint32_t>(size)) : keelback::ok_status;
  }
  if (method == "get_meta") {
    uint32_t value = 0;
    KEELBACK_TRY(database->get_meta(static_cast<int>(request.integer()), value));
    writer.integer(value);
    return keelback::ok_status;
  }
  if (method == "set_meta") {
    const int index = static_cast<int>(request.integer());
    return database->set_meta(index, static_cast<uint32_t>(request.integer()));
  }
  if (method == "read_page") {
    // A module may read all the pages of a tree for one row.
    if (connection_.host().is_interrupted.load(std::memory_order_relaxed)) return Status(result::INTERRUPT);
    storage::Page* page = nullptr;
    KEELBACK_TRY(database->pager().get(static_cast<uint32_t>(request.integer()), page));
    writer.blob({reinterpret_cast<const char*>(page->data), database->page_size()});
    return keelback::ok_status;
  }
  if (method == "write_page") {
    storage::Page* page = nullptr;
    KEELBACK_TRY(database->pager().get(static_cast<uint32_t>(request.integer()), page));
    KEELBACK_TRY(database->pager().make_writable(*page));
    const std::string_view bytes = request.bytes();
    if (bytes.size() != database->page_size()) return unknown_name();
    std::memcpy(page->data, bytes.data(), bytes.size());
    page->forget();
    return keelback::ok_status;
  }
  if (method == "create_root") {
    uint32_t root = 0;
    KEELBACK_TRY(database->create_root(request.integer() != 0, root));
    writer.integer(root);
    return keelback::ok_status;
  }
  if (method == "clear_root") {
    uint64_t removed = 0;
    KEELBACK_TRY(database->clear_root(static_cast<uint32_t>(request.integer()), removed));
    writer.integer(static_cast<int64_t>(removed));
    return keelback::ok_status;
  }
  if (method == "file_pragma") {
    void* file = database->pager().file ? database->pager().file->foreign_file() : nullptr;
    const std::string name(request.bytes());
    const Value value = request.next();
    const auto given = value.is_text() ? std::optional<std::string>(value.text()) : std::nullopt;
    std::optional<std::string> text;
    const int code = file ? callbacks_.file_pragma(file, name, given, text) : result::NOTFOUND;
    writer.integer(code).text_or_null(text ? text->c_str() : nullptr);
    return keelback::ok_status;
  }
  if (method == "release_memory") {
    database->release_memory();
    return keelback::ok_status;
  }
  if (method == "keep_pointer_maps") {
    database->pager().has_pointer_maps = true;
    return keelback::ok_status;
  }
  if (method == "drop_root") {
    uint32_t moved = 0;
    return database->drop_root(static_cast<uint32_t>(request.integer()), moved);
  }
  if (method == "table_insert") {
    const auto root = static_cast<uint32_t>(request.integer());
    const int64_t rowid = request.integer();
    const std::string_view payload = request.bytes();
    std::unique_ptr<storage::TableCursor> cursor;
    KEELBACK_TRY(database->open_table_cursor(root, true, cursor));
    return cursor->insert(rowid, {reinterpret_cast<const uint8_t*>(payload.data()), payload.size()});
  }
  if (method == "replace_content") {
    storage::Database* source = nullptr;
    KEELBACK_TRY(find(request.integer(), source));
    ++connection_.session().change_serial;
    return database->replace_content(*source, static_cast<uint32_t>(request.integer()));
  }
  return unknown_name();
}

// Trees

Status KernelQuestions::tree_rows(Reader& request, Writer& writer) {
  storage::Database* database = nullptr;
  const int64_t number = request.integer();
  KEELBACK_TRY(find(number, database));
  const auto root = static_cast<uint32_t>(request.integer());
  std::string_view rows;
  if (request.integer() != 0 && number < first_handle &&
      connection_.known_rows(static_cast<size_t>(number), root, rows)) {
    each_row(rows, [&](int64_t rowid, std::string_view payload) { writer.integer(rowid).blob(payload); });
    return keelback::ok_status;
  }
  std::unique_ptr<storage::TableCursor> cursor;
  KEELBACK_TRY(database->open_table_cursor(root, false, cursor));
  bool is_on = false;
  KEELBACK_TRY(cursor->first(is_on));
  while (is_on) {
    int64_t rowid = 0;
    Bytes payload;
    KEELBACK_TRY(cursor->rowid(rowid));
    KEELBACK_TRY(cursor->payload(payload));
    writer.integer(rowid).blob({reinterpret_cast<const char*>(payload.data()), payload.size()});
    KEELBACK_TRY(cursor->next(is_on));
  }
  return keelback::ok_status;
}

Status KernelQuestions::tree_copy(Reader& request) {
  storage::Database* source = nullptr;
  storage::Database* target = nullptr;
  KEELBACK_TRY(find(request.integer(), source));
  const auto old_root = static_cast<uint32_t>(request.integer());
  KEELBACK_TRY(find(request.integer(), target));
  const auto new_root = static_cast<uint32_t>(request.integer());
  const bool is_table = request.integer() != 0;
  const bool keeps_rowids = request.integer() != 0;
  return is_table ? storage::copy_table(*source, old_root, *target, new_root, keeps_rowids)
                  : storage::copy_index(*source, old_root, *target, new_root);
}

// The session

Status KernelQuestions::session_get(Reader& request, Writer& writer) {
  const std::string_view name = request.bytes();
  vm::Session& session = connection_.session();
  KernelHost& host = connection_.host();
  if (name == "autocommit") {
    writer.integer(session.autocommit ? 1 : 0);
  } else if (name == "has_temporary") {
    writer.integer(session.databases[1] != nullptr ? 1 : 0);
  } else if (name == "running_count") {
    writer.integer(static_cast<int64_t>(session.running.size()));
  } else if (name == "reader_count") {
    writer.integer(session.reader_count);
  } else if (name == "writer_count") {
    writer.integer(session.writer_count);
  } else if (name == "is_query_only") {
    writer.integer(session.is_query_only ? 1 : 0);
  } else if (name == "is_encoding_settled") {
    writer.integer(session.is_encoding_settled ? 1 : 0);
  } else if (name == "is_damaged") {
    writer.integer(session.is_damaged ? 1 : 0);
  } else if (name == "defers_foreign_keys") {
    writer.integer(session.defers_foreign_keys ? 1 : 0);
  } else if (name == "keeps_temporary_in_memory") {
    writer.integer(session.keeps_temporary_in_memory ? 1 : 0);
  } else if (name == "temporary_folder") {
    writer.text(storage::temporary_directory());
  } else if (name == "temporary_page_size") {
    writer.integer(session.temporary_page_size);
  } else if (name == "trigger_depth_limit") {
    writer.integer(session.trigger_depth_limit);
  } else if (name == "database_count") {
    writer.integer(static_cast<int64_t>(session.databases.size()));
  } else if (name == "last_insert_rowid") {
    writer.integer(host.last_insert_rowid);
  } else if (name == "changes") {
    writer.integer(host.changes);
  } else if (name == "total_changes") {
    writer.integer(host.total_changes);
  } else if (name == "wal_autocheckpoint") {
    writer.integer(host.has_wal_hook ? 0 : host.wal_autocheckpoint);
  } else if (name == "busy_timeout") {
    writer.integer(host.busy_timeout_ms);
  } else if (name == "soft_heap_limit") {
    writer.integer(memory_account::soft_limit);
  } else if (name == "hard_heap_limit") {
    writer.integer(memory_account::hard_limit);
  } else if (name == "current_time_milliseconds") {
    writer.integer(host.current_time_milliseconds());
  } else {
    return unknown_name();
  }
  return keelback::ok_status;
}

Status KernelQuestions::session_set(Reader& request) {
  const std::string_view name = request.bytes();
  if (name == "temporary_folder") return storage::set_temporary_directory(std::string(request.bytes()));
  const int64_t value = request.integer();
  vm::Session& session = connection_.session();
  if (name == "is_query_only") {
    session.is_query_only = value != 0;
  } else if (name == "is_damaged") {
    session.is_damaged = value != 0;
  } else if (name == "defers_foreign_keys") {
    session.defer_foreign_keys(value != 0);
  } else if (name == "keeps_temporary_in_memory") {
    session.keeps_temporary_in_memory = value != 0;
  } else if (name == "temporary_page_size") {
    session.temporary_page_size = static_cast<uint32_t>(value);
  } else if (name == "trigger_depth_limit") {
    session.trigger_depth_limit = static_cast<int>(value);
  } else if (name == "last_insert_rowid") {
    connection_.host().last_insert_rowid = value;
  } else if (name == "text_encoding") {
    connection_.host().text_encoding = static_cast<int>(value);
  } else if (name == "case_sensitive_like") {
    connection_.host().is_like_case_sensitive = value != 0;
    // The built-in one takes the place of the user's.
    for (const int count : {2, 3}) connection_.host().functions.erase({"like", count});
  } else if (name == "wal_autocheckpoint") {
    connection_.host().has_wal_hook = false;
    connection_.host().wal_autocheckpoint = static_cast<int>(value);
  } else if (name == "soft_heap_limit") {
    memory_account::set_soft_limit(value);
  } else if (name == "hard_heap_limit") {
    memory_account::set_hard_limit(value);
  } else if (name == "close_temporary") {
    connection_.close_temporary();
  } else if (name == "busy_timeout") {
    (void)connection_.set_busy_timeout(static_cast<int>(std::clamp<int64_t>(value, 0, INT32_MAX)));
  } else {
    return unknown_name();
  }
  return keelback::ok_status;
}

Status KernelQuestions::attach(Reader& request, Writer& writer) {
  const auto found = open_.find(request.integer());
  if (found == open_.end()) return unknown_name();
  const std::string name(request.bytes());
  std::unique_ptr<storage::Database> database = std::move(found->second);
  open_.erase(found);
  writer.integer(connection_.attach(std::move(database), name));
  return keelback::ok_status;
}

Status KernelQuestions::detach(Reader& request, Writer& writer) {
  std::unique_ptr<storage::Database> database;
  KEELBACK_TRY(connection_.detach(static_cast<int>(request.integer()), database));
  open_[next_handle_] = std::move(database);
  writer.integer(next_handle_++);
  return keelback::ok_status;
}

// A statement inside of one that runs.
int KernelQuestions::execute(Reader& request, std::string& answer) {
  Writer writer(answer);
  const auto fail = [&](const Failure& failure) {
    const std::string message = failure.message;
    answer.clear();
    writer.text(message);
    return failure.code;
  };
  std::unique_ptr<EngineStatement> statement;
  StatementDescription description;
  size_t tail = 0;
  if (Failure failure = connection_.prepare(request.bytes(), statement, description, tail)) return fail(failure);
  writer.integer(static_cast<int64_t>(description.columns.size()));
  while (statement) {
    Row row;
    bool is_changed = false;
    Failure failure;
    const int code = statement->step(row, is_changed, failure);
    if (code == result::DONE) break;
    if (code != result::ROW) return fail(failure);
    for (size_t at = 0; at < row.size(); ++at) writer.value(row[at]);
  }
  return result::OK;
}

}  // namespace keelback::engine
