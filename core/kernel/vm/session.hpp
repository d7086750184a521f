// Session: one connection's databases, transaction, savepoints and running statements.
//
// 1. `autocommit` is false between BEGIN (or an outermost SAVEPOINT) and its COMMIT or ROLLBACK.
// 2. Savepoints of the user and statement journals share one stack in each database: user savepoints have the depths
//    0..n-1, statement journals follow. A database opens them only when it begins to write.
// 3. Reads of other running statements outlive commit and rollback, unless the schema changed or they were writing:
//    then they end with SQLITE_ABORT_ROLLBACK.
// 4. `change_serial` grows with every change to any tree, so that cursors know when a row they read may be stale.
//
// Must not know: instructions, SQL, schemas. Twin: keelback_core/reference/vm/session.py.
#ifndef KEELBACK_VM_SESSION_HPP
#define KEELBACK_VM_SESSION_HPP

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "../storage/database.hpp"
#include "../storage/super_journal.hpp"
#include "host.hpp"
#include "working_memory.hpp"

namespace keelback::vm {

class Machine;

struct UserSavepoint {
  std::string name;
  int64_t deferred_constraints = 0;
  int64_t deferred_immediate_constraints = 0;
};

class Session {
 public:
  using OpenTemporary = std::function<Status(std::unique_ptr<storage::Database>&)>;

  Session(Host& host, std::unique_ptr<storage::Database> main, OpenTemporary open_temporary = {});

  Host& host;
  // 0 main, 1 temp (empty until used), 2 and up attached (empty: a detached place).
  std::vector<std::unique_ptr<storage::Database>> databases;
  bool autocommit = true;
  bool has_transaction_savepoint = false;
  // Virtual tables do not count the savepoint that began the transaction.
  [[nodiscard]] int uncounted_savepoints() const { return has_transaction_savepoint ? 1 : 0; }
  bool defers_foreign_keys = false;
  // A commit went to a WAL: the engine has not yet seen to checkpoints and hooks.
  bool has_wal_commits = false;
  bool is_query_only = false;
  // A statement of the open transaction has met a damaged page: nothing more is written in it, and its COMMIT fails and
  // undoes it, so that nothing stays that rests on what was found.
  bool is_damaged = false;
  // PRAGMA temp_store = MEMORY: nothing goes to temporary files.
  bool keeps_temporary_in_memory = false;
  // What temp begins with when it is opened: the last size that PRAGMA page_size asked for.
  uint32_t temporary_page_size = storage::default_page_size;
  // For tests: the working memory in bytes, whatever the cache may hold; 0 where that decides.
  size_t forced_working_bytes = 0;
  int statement_count = 0;
  int reader_count = 0;
  int writer_count = 0;
  int trigger_depth_limit = 1000;
  // Some virtual table was told of the transaction; and how many are being destroyed right now.
  bool has_virtual_tables = false;
  int destroying_count = 0;
  int64_t deferred_constraints = 0;
  int64_t deferred_immediate_constraints = 0;
  uint64_t change_serial = 0;
  std::vector<UserSavepoint> savepoints;
  std::vector<Machine*> running;
  std::set<int> schema_changes;
  // A statement has made the first table of a database, be it that it was undone: the encoding of texts is settled.
  bool is_encoding_settled = false;

  // The database of that index; opens the temp database at its first use.
  Status database(int index, storage::Database*& found) {
    found = static_cast<size_t>(index) < databases.size() ? databases[static_cast<size_t>(index)].get() : nullptr;
    return found ? ok_status : open_database(index, found);
  }

  // For what an instruction opens: as much as the cache of the main database may hold, within bounds.
  WorkingMemory working_memory() const noexcept;

  // Begin to read (write=0), write (1) or write exclusively (2); a transaction begun before goes on.
  Status begin(Machine& machine, int index, int write);
  // Release or roll back the statement journal of a machine, if it has one.
  Status close_statement(Machine& machine, bool is_rollback);

  // Tell a virtual table that it will be written.
  Status begin_virtual(const std::string& table);

  Status check_deferred_constraints() const;
  // Whether immediate keys are checked at the end of the transaction. Turned off in between, as programs do that build
  // a parent table anew, it forgets all that was counted, of deferred keys too.
  void defer_foreign_keys(bool defers);
  // Commit all databases and drop locks that no running statement needs. On an error the transaction is still open.
  Status commit();
  // A database was taken out of `databases`; those behind it have moved up.
  void note_detached(int index);
  // Undo the whole transaction in all databases. aborts_others: the writing cursors of other statements fail when they
  // are next used; if the schema changed, all of their cursors do.
  Status rollback_all(const Machine* ending, bool aborts_others);
  // Back to autocommit, without savepoints.
  void end_transaction();
  // Forget all savepoints and statement journals: the transaction they were in is over.
  void close_savepoints();

  Status open_savepoint(const std::string& name);
  // The depth of the innermost savepoint of that name.
  Status find_savepoint(const std::string& name, size_t& depth);
  Status release_savepoint(size_t depth);
  Status rollback_to_savepoint(size_t depth, const Machine* ending);

 private:
  Status open_database(int index, storage::Database*& found);
  void tell_virtual(VirtualEvent event, int depth);
  Status ask_virtual(VirtualEvent event, int depth);
  void reset_constraints();
  // Phase one of all; several files are committed at once by the deletion of a super-journal.
  Status commit_together(const std::vector<storage::Database*>& writing, bool& is_decided);
  Status drop_read_locks();
  void forget_schemas();
  void abort_others(const Machine* ending);

  OpenTemporary open_temporary_;
  storage::SuperJournal super_journal_;
};

}  // namespace keelback::vm

#endif
