// What the C API layer asks of an engine, and what an engine asks back.
//
// 1. Every method is called with the connection's mutex held, except `interrupt` and `is_interrupted`.
// 2. A Failure with code 0 is success. Text is UTF-8. Views in answers live until the next call on the same object.
// 3. An engine knows nothing of C handles, callbacks or conversions: it sees function and collation numbers.
//
// Implemented by reference_engine.cpp (the Python engine behind cffi); the C++ kernel implements it natively.
#ifndef KEELBACK_ENGINE_ENGINE_HPP
#define KEELBACK_ENGINE_ENGINE_HPP

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "../program/program.hpp"
#include "../value/result_codes.hpp"
#include "../value/row.hpp"
#include "../value/value.hpp"
#include "wire.hpp"

namespace keelback::storage {
class Database;
class Vfs;
}  // namespace keelback::storage

namespace keelback::engine {

struct [[nodiscard]] Failure {
  int code = 0;
  std::string message;
  int offset = -1;
  // Where the statement that cannot be prepared ends in its text; -1: with the text.
  int64_t tail = -1;
  // Of the instruction that failed, where a Program was running.
  int64_t address = 0;

  explicit operator bool() const { return code != 0; }
};

// Database, table and origin are all there or none of them.
using ColumnDescription = program::OutputColumn;

// What a statement is. Names are views of what `owner` holds, which the Program may be; `sql` is followed by a NUL and
// lives as long as the statement.
struct StatementDescription {
  std::shared_ptr<const void> owner;
  std::string_view sql;
  bool is_readonly = true;
  int explain_mode = 0;
  std::span<const program::Name> parameter_names;
  std::span<const ColumnDescription> columns;
};

struct ConnectionState {
  int64_t changes = 0;
  int64_t total_changes = 0;
  int64_t last_insert_rowid = 0;
  bool is_autocommit = true;
};

// Beside the operations of sqlite3_file_control: whether closing leaves the WAL as it is.
inline constexpr int no_checkpoint_at_close = -1;

// What is counted of the page caches of a connection.
enum class CacheCount { bytes, hits, misses, writes, spills };

enum class SnapshotOrder { get, open, recover };
inline constexpr size_t snapshot_bytes = 48;

enum class Hook { busy = 1, progress, authorize, commit, rollback, update, trace, wal, preupdate, log };

class EngineStatement {
 public:
  virtual ~EngineStatement() = default;
  // result::ROW, result::DONE or the failure's code. On result::ROW `row` has the columns, whose texts are followed by
  // a NUL byte, until the next call. With `is_description_changed` the statement was compiled anew and its columns are
  // others now, rows or not.
  virtual int step(Row& row, bool& is_description_changed, Failure& failure) = 0;
  virtual Failure reset() = 0;
  virtual void describe(StatementDescription& description) = 0;
  // The values of parameters 1, 2, ...; the statement may look at their bytes until it is bound anew, so that they
  // stay as they are while it runs.
  virtual Failure bind(std::span<const OwnedValue> values) = 0;
  virtual Failure expanded_sql(std::string& sql) = 0;
  virtual Failure set_explain_mode(int mode) = 0;
  // Add what was counted since the last call to `into`.
  virtual void take_counts(std::span<int64_t, program::statement_count_end> into) = 0;
};

// A handle of sqlite3_blob_open: it stands on one value of a row, and keeps the transaction open as a statement does
// that has given a row. Ranges are within the value. A failure with the code ABORT says that the row was changed or is
// gone, and that the handle is over; so does every failure of `seek`.
class EngineBlob {
 public:
  virtual ~EngineBlob() = default;
  // Go to the same column of another row; gives the size of the value in bytes.
  virtual Failure seek(int64_t rowid, int64_t& size) = 0;
  virtual Failure read(int64_t offset, std::span<uint8_t> out) = 0;
  virtual Failure write(int64_t offset, std::span<const uint8_t> data) = 0;
  // How its statement ends; afterwards it is of no use.
  virtual Failure close() = 0;
};

// Where to open one. schema: none looks in all of them, as a name in a statement.
struct BlobPlace {
  std::optional<std::string_view> schema;
  std::string_view table;
  std::string_view column;
  int64_t rowid = 0;
  bool is_writable = false;
};

class EngineConnection {
 public:
  virtual ~EngineConnection() = default;
  virtual Failure close() = 0;
  // `statement` stays empty where the text holds only blanks and comments; `tail` counts bytes.
  virtual Failure prepare(std::string_view sql, std::unique_ptr<EngineStatement>& statement,
                          StatementDescription& description, size_t& tail) = 0;
  virtual Failure open_blob(const BlobPlace& place, std::unique_ptr<EngineBlob>& blob, int64_t& size) = 0;
  virtual Failure state(ConnectionState& state) = 0;
  virtual Failure set_last_insert_rowid(int64_t rowid) = 0;
  virtual void interrupt() = 0;
  // Whether `interrupt` only sets a mark, so that callbacks and signal handlers may call it too.
  virtual bool can_be_interrupted_anywhere() const { return false; }
  virtual bool is_interrupted() = 0;
  virtual Failure set_busy_timeout(int milliseconds) = 0;
  // kind: 0 remove, 1 scalar, 2 aggregate, 3 window.
  virtual Failure create_function(int64_t function, std::string_view name, int argument_count, int flags, int kind) = 0;
  virtual Failure create_collation(int64_t collation, std::string_view name) = 0;
  virtual Failure remove_collation(std::string_view name) = 0;
  // module: its number, 0 to remove it. A connection that has no such module removes nothing.
  virtual Failure create_module(int64_t module, std::string_view name, bool is_eponymous, bool has_create) = 0;
  virtual Failure set_hook(Hook hook, bool is_set, int64_t number) = 0;
  virtual Failure limit(int id, int value, int& before) = 0;
  virtual Failure filename(std::string_view schema, std::optional<std::string>& name) = 0;
  virtual int is_readonly(std::string_view schema) = 0;
  virtual int transaction_state(const char* schema) = 0;
  // Of all databases: write what their transactions have changed; what readers keep from being written is told (BUSY)
  // when all others have been.
  virtual Failure flush_cache() = 0;
  // Of all databases: give the memory of pages that are not needed back.
  virtual Failure release_memory() = 0;
  // Of all databases; what is counted by events is then counted on from 0 if `is_reset`. 0 where nothing is counted.
  virtual int64_t count_cache(CacheCount what, bool is_reset) = 0;
  // Whether deferred foreign keys of the transaction are broken.
  virtual bool has_broken_deferred_keys() = 0;
  // An operation of sqlite3_file_control whose argument is one integer, in and out; or no_checkpoint_at_close.
  // A result code: NOTFOUND for what is not known, ERROR for an unknown database.
  virtual int file_control(std::string_view schema, int operation, int64_t& value) = 0;
  // The sqlite3_file of a program's own file system behind a database; null where there is none.
  virtual void* foreign_file(std::string_view) { return nullptr; }
  // Ask this, with the schema, all pages, the free ones and the size of a page in bytes, how many free pages a commit
  // of a database with full auto-vacuum is to give back; nothing to ask gives back all. False: the engine does not ask.
  using AutovacuumQuestion = std::function<uint32_t(std::string_view, uint32_t, uint32_t, uint32_t)>;
  virtual bool set_autovacuum_question(AutovacuumQuestion) { return false; }
  // A snapshot of a database in WAL mode, as bytes that mean something to the engine alone: hand out what the
  // transaction reads, have it read that, or (no bytes) find out which are still there. A result code: ERROR where that
  // is impossible, and of engines that have none.
  virtual int snapshot(SnapshotOrder, std::string_view, std::span<uint8_t>) { return result::ERROR; }
  // Where backups copy pages from and to; null where an engine has no storage of ours, or no such database open.
  virtual storage::Database* storage_of(std::string_view) { return nullptr; }
  // A backup has put another content into a database.
  virtual void content_was_replaced() {}
  virtual Failure serialize(std::string_view schema, std::string& content) = 0;
  // A database in memory with this content takes the place of the one that is there, whose file stays as it is.
  virtual Failure deserialize(std::string_view schema, std::string_view content, bool is_readonly) = 0;
  // Write another content into a database, in one transaction: what backups do where there is no storage of ours.
  virtual Failure replace_content(std::string_view schema, std::string_view content) = 0;
};

// The questions an engine asks while it runs; numbers are those of KB_ASK_ in plugin/table.h. `request` is a packed
// row, the answer is packed into `answer` (on an error: the message).
class EngineHost {
 public:
  virtual ~EngineHost() = default;
  virtual int ask(int question, Reader request, std::string& answer) = 0;
  // The file system of a name, which lives as long as the connection; null for an unknown one.
  virtual storage::Vfs* file_system(std::string_view name);
  // Let the file of a program's own file system answer a PRAGMA (SQLITE_FCNTL_PRAGMA): a result code, NOTFOUND where it
  // does not care, and a text: the answer, or what is wrong.
  virtual int file_pragma(void*, const std::string&, const std::optional<std::string>&, std::optional<std::string>&) {
    return result::NOTFOUND;
  }
  // The call that gave the pointer of that number gives something else now (Value::of_pointer).
  virtual void release_pointer(int64_t) {}
  // The system's; a mirror gives both of its engines the same.
  virtual void random_bytes(std::span<uint8_t> out);
  virtual int64_t current_time_milliseconds();
};

struct OpenRequest {
  std::string filename;
  int flags = 0;
  std::optional<std::string> vfs;
  // The reference works on copies of the files, and asks for time and randomness.
  bool is_mirrored = false;
};

// The engine named by KEELBACK_ENGINE: "reference", "kernel" or "mirror"; the default stands in open_engine.cpp.
const char* engine_name();
// Whether that engine exists in this build; a message where not.
Failure check_engine();
Failure open_engine(const OpenRequest& request, EngineHost& host, std::unique_ptr<EngineConnection>& connection);

// Locks of this room are taken so that a thread never waits while it holds an interpreter's lock.
void* begin_engine_wait();
void end_engine_wait(void* token);

}  // namespace keelback::engine

#endif
