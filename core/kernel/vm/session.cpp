#include "session.hpp"

#include <algorithm>

#include "../value/memory_account.hpp"
#include "machine.hpp"

namespace keelback::vm {

namespace {

// As SQLITE_CONFIG_PMASZ by default, and as SQLite bounds it.
constexpr uint64_t least_sorter_pages = 250;
constexpr size_t least_tree_bytes = size_t{1} << 25;
// Where a limit of the heap leaves next to nothing.
constexpr size_t least_limited_bytes = size_t{1} << 18;
constexpr uint64_t most_working_bytes = uint64_t{1} << 29;

constexpr int temporary = 1;

bool is_same_name(std::string_view left, std::string_view right) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                    [&](char first, char second) { return lower(first) == lower(second); });
}

constexpr Status foreign_key_failed() { return Status(result::CONSTRAINT_FOREIGNKEY, "FOREIGN KEY constraint failed"); }

bool is_writing(const std::unique_ptr<storage::Database>& database) {
  return database && database->transaction_state() == storage::TransactionState::write;
}

}  // namespace

Session::Session(Host& host, std::unique_ptr<storage::Database> main, OpenTemporary open_temporary)
    : host(host), open_temporary_(std::move(open_temporary)) {
  main->pager().interrupt_source = &host;
  databases.push_back(std::move(main));
  databases.emplace_back();
}

Status Session::open_database(int index, storage::Database*& found) {
  if (index < 0 || static_cast<size_t>(index) >= databases.size()) return Status(result::ERROR, "SQL logic error");
  std::unique_ptr<storage::Database>& place = databases[static_cast<size_t>(index)];
  if (!place) {
    if (index != temporary || !open_temporary_) return Status(result::ERROR, "SQL logic error");
    KEELBACK_TRY(open_temporary_(place));
    place->pager().interrupt_source = &host;
  }
  found = place.get();
  return ok_status;
}

// Transactions of statements

WorkingMemory Session::working_memory() const noexcept {
  const storage::Database& main = *databases[0];
  WorkingMemory memory;
  memory.vfs = &main.vfs();
  memory.interrupt_source = &host;
  if (keeps_temporary_in_memory) return memory;
  if (forced_working_bytes) {
    memory.most_bytes = memory.most_tree_bytes = memory.most_hash_bytes = forced_working_bytes;
    return memory;
  }
  const int64_t size = main.cache_size();
  const uint64_t cache =
      size < 0 ? uint64_t{1024} * static_cast<uint64_t>(-size) : static_cast<uint64_t>(size) * main.page_size();
  memory.most_bytes = std::clamp<uint64_t>(cache, least_sorter_pages * uint64_t{main.page_size()}, most_working_bytes);
  memory.most_tree_bytes = std::max<size_t>(memory.most_bytes, least_tree_bytes);
  if (const int64_t limit = memory_account::soft_limit; limit > 0) {
    const auto most = std::max<size_t>(static_cast<size_t>(limit) / 4, least_limited_bytes);
    memory.most_bytes = std::min(memory.most_bytes, most);
    memory.most_tree_bytes = std::min(memory.most_tree_bytes, most);
    memory.most_hash_bytes = std::min(memory.most_hash_bytes, most);
  }
  return memory;
}

Status Session::begin(Machine& machine, int index, int write) {
  if (write && is_query_only) return Status(result::READONLY);
  if (write && is_damaged) return corrupt();
  storage::Database* database_found = nullptr;
  KEELBACK_TRY(database(index, database_found));
  if (!write) return database_found->begin_read();
  KEELBACK_TRY(database_found->begin_write(write == 2));
  if (!savepoints.empty()) database_found->open_savepoint(savepoints.size() - 1);
  if (!machine.program->needs_statement_journal || (autocommit && reader_count <= 1)) return ok_status;
  if (machine.statement_depth < 0) {
    machine.statement_depth = static_cast<int>(savepoints.size()) + statement_count;
    machine.deferred_constraints_before = deferred_constraints;
    machine.deferred_immediate_constraints_before = deferred_immediate_constraints;
    ++statement_count;
    KEELBACK_TRY(ask_virtual(VirtualEvent::savepoint, machine.statement_depth));
  }
  database_found->open_savepoint(static_cast<size_t>(machine.statement_depth));
  return ok_status;
}

Status Session::close_statement(Machine& machine, bool is_rollback) {
  const int depth = machine.statement_depth;
  if (depth < 0 || statement_count == 0) return ok_status;
  machine.statement_depth = -1;
  --statement_count;
  Status first_failure;
  for (const auto& database : databases) {
    if (!is_writing(database)) continue;
    if (is_rollback) {
      ++change_serial;
      const Status status = database->rollback_to_savepoint(static_cast<size_t>(depth));
      if (first_failure.is_ok()) first_failure = status;
    }
    database->release_savepoint(static_cast<size_t>(depth));
  }
  if (is_rollback) tell_virtual(VirtualEvent::rollback_to, depth);
  tell_virtual(VirtualEvent::release, depth);
  if (is_rollback) {
    deferred_constraints = machine.deferred_constraints_before;
    deferred_immediate_constraints = machine.deferred_immediate_constraints_before;
  }
  return first_failure;
}

// The transaction

Status Session::check_deferred_constraints() const {
  return deferred_constraints + deferred_immediate_constraints != 0 ? foreign_key_failed() : ok_status;
}

void Session::defer_foreign_keys(bool defers) {
  defers_foreign_keys = defers;
  if (!defers) deferred_constraints = deferred_immediate_constraints = 0;
}

void Session::reset_constraints() {
  deferred_constraints = 0;
  deferred_immediate_constraints = 0;
  defers_foreign_keys = false;
}

Status Session::begin_virtual(const std::string& table) {
  has_virtual_tables = true;
  return host.begin_virtual(table, static_cast<int>(savepoints.size()) + statement_count - uncounted_savepoints());
}

// The answer of a virtual table counts where it is asked to sync and in statements about savepoints.
Status Session::ask_virtual(VirtualEvent event, int depth) {
  return has_virtual_tables ? host.end_virtual(event, depth - uncounted_savepoints()) : ok_status;
}

void Session::tell_virtual(VirtualEvent event, int depth) {
  if (!has_virtual_tables) return;
  if (event == VirtualEvent::commit || event == VirtualEvent::rollback) has_virtual_tables = false;
  if (event >= VirtualEvent::savepoint) depth -= uncounted_savepoints();
  if (!host.end_virtual(event, depth).is_ok()) host.message.clear();
}

Status Session::commit() {
  if (has_virtual_tables) KEELBACK_TRY(host.end_virtual(VirtualEvent::sync, 0));
  std::vector<storage::Database*> writing;
  for (const auto& database : databases) {
    if (is_writing(database)) writing.push_back(database.get());
  }
  if (!writing.empty()) {
    for (storage::Database* database : writing) KEELBACK_TRY(database->make_exclusive());
    if (host.commit_hook()) return Status(result::CONSTRAINT_COMMITHOOK);
    bool is_decided = false;
    KEELBACK_TRY(commit_together(writing, is_decided));
    for (storage::Database* database : writing) has_wal_commits = has_wal_commits || database->pager().is_wal();
    for (storage::Database* database : writing) KEELBACK_TRY(database->commit_phase_two(reader_count > 1, is_decided));
  }
  tell_virtual(VirtualEvent::commit, 0);
  KEELBACK_TRY(drop_read_locks());
  reset_constraints();
  schema_changes.clear();
  return ok_status;
}

// Phase one of all. is_decided: several files were committed at once, by the deletion of a super-journal.
Status Session::commit_together(const std::vector<storage::Database*>& writing, bool& is_decided) {
  std::vector<std::string> journals;
  for (const storage::Database* database : writing) {
    if (std::string name = database->journal_name(); !name.empty()) journals.push_back(std::move(name));
  }
  storage::Database& main = *databases[0];
  if (journals.size() < 2 || main.path().empty()) {
    for (storage::Database* database : writing) KEELBACK_TRY(database->commit_phase_one());
    return ok_status;
  }
  KEELBACK_TRY(super_journal_.create(main.pager().vfs, main.path(), journals));
  for (storage::Database* database : writing) {
    KEELBACK_TRY(database->commit_phase_one(database->journal_name().empty() ? std::string() : super_journal_.path()));
  }
  KEELBACK_TRY(super_journal_.remove(true));
  is_decided = true;
  return ok_status;
}

void Session::note_detached(int index) {
  std::set<int> changes;
  for (const int number : schema_changes) changes.insert(number > index ? number - 1 : number);
  schema_changes = std::move(changes);
}

Status Session::drop_read_locks() {
  // The statement that ends is itself still counted.
  if (reader_count > 1) return ok_status;
  for (const auto& database : databases) {
    if (database && database->transaction_state() == storage::TransactionState::read) {
      KEELBACK_TRY(database->end_read());
    }
  }
  return ok_status;
}

Status Session::rollback_all(const Machine* ending, bool aborts_others) {
  if (aborts_others) abort_others(ending);
  bool was_writing = false;
  Status first_error;
  for (const auto& database : databases) {
    if (!is_writing(database)) continue;
    was_writing = true;
    const Status status = database->rollback(reader_count > 1);
    if (first_error.is_ok()) first_error = status;
  }
  if (first_error.is_ok()) {
    first_error = super_journal_.remove(false);
  } else {
    // Without it a journal that is still hot would not count.
    super_journal_.leave();
  }
  is_damaged = false;
  tell_virtual(VirtualEvent::rollback, 0);
  KEELBACK_TRY(drop_read_locks());
  ++change_serial;
  forget_schemas();
  schema_changes.clear();
  reset_constraints();
  if (was_writing || !autocommit) host.rollback_hook();
  return first_error;
}

void Session::forget_schemas() {
  for (const int index : schema_changes) host.schema_changed(index);
}

void Session::abort_others(const Machine* ending) {
  for (Machine* machine : running) {
    if (machine != ending) machine->abort_cursors(schema_changes.empty());
  }
}

void Session::end_transaction() {
  autocommit = true;
  close_savepoints();
}

void Session::close_savepoints() {
  savepoints.clear();
  statement_count = 0;
  has_transaction_savepoint = false;
}

// Savepoints of the user

Status Session::open_savepoint(const std::string& name) {
  if (writer_count > 0) return Status(result::BUSY, "cannot open savepoint - SQL statements in progress");
  if (autocommit) {
    autocommit = false;
    has_transaction_savepoint = true;
  }
  KEELBACK_TRY(ask_virtual(VirtualEvent::savepoint, static_cast<int>(savepoints.size())));
  savepoints.push_back({name, deferred_constraints, deferred_immediate_constraints});
  return ok_status;
}

Status Session::find_savepoint(const std::string& name, size_t& depth) {
  for (depth = savepoints.size(); depth-- > 0;) {
    if (is_same_name(savepoints[depth].name, name)) return ok_status;
  }
  return host.fail(result::ERROR, "no such savepoint: " + name);
}

Status Session::release_savepoint(size_t depth) {
  for (const auto& database : databases) {
    if (is_writing(database)) database->release_savepoint(depth);
  }
  const Status status = ask_virtual(VirtualEvent::release, static_cast<int>(depth));
  savepoints.resize(depth);
  return status;
}

Status Session::rollback_to_savepoint(size_t depth, const Machine* ending) {
  abort_others(ending);
  for (const auto& database : databases) {
    // A database that first wrote inside the savepoint has it open since then.
    if (is_writing(database)) KEELBACK_TRY(database->rollback_to_savepoint(depth));
  }
  const Status status = ask_virtual(VirtualEvent::rollback_to, static_cast<int>(depth));
  ++change_serial;
  forget_schemas();
  deferred_constraints = savepoints[depth].deferred_constraints;
  deferred_immediate_constraints = savepoints[depth].deferred_immediate_constraints;
  savepoints.resize(depth + 1);
  return status;
}

}  // namespace keelback::vm
