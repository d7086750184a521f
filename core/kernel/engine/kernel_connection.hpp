// KernelConnection: a connection whose databases and machines are the C++ kernel's.
//
// 1. Statements are compiled by the compiler service (Python), which is started at the first text; what it needs to
//    know of functions, limits and hooks is kept here and told then.
// 2. `generation` grows with whatever makes compiled programs stale; statements compare it before they run.
// 3. Databases have the numbers of the session; those that Python has open beside it, handles from `first_handle` on.
//
// Must not know: what SQL means. Twin: keelback_core/engine/connection.py.
#ifndef KEELBACK_ENGINE_KERNEL_CONNECTION_HPP
#define KEELBACK_ENGINE_KERNEL_CONNECTION_HPP

#include <array>
#include <map>

#include "../vm/machine.hpp"
#include "../vm/session.hpp"
#include "kernel_host.hpp"
#include "kernel_questions.hpp"
#include "surroundings.hpp"

namespace keelback::engine {

class KernelStatement;

// A program, and what its hidden parameters are for one text: views that live until the next one is prepared.
struct Prepared {
  std::shared_ptr<const program::Program> program;  // empty for a text of blanks and comments
  size_t tail = 0;
  std::span<const Value> hidden;
};

class KernelConnection final : public EngineConnection, public HostConnection {
 public:
  KernelConnection(const OpenRequest& open, EngineHost& callbacks, std::unique_ptr<storage::Database> main,
                   storage::Vfs& vfs);
  KernelConnection(const KernelConnection&) = delete;
  KernelConnection& operator=(const KernelConnection&) = delete;
  ~KernelConnection() override;

  // For the C API
  Failure close() override;
  Failure prepare(std::string_view sql, std::unique_ptr<EngineStatement>& statement, StatementDescription& description,
                  size_t& tail) override;
  Failure open_blob(const BlobPlace& place, std::unique_ptr<EngineBlob>& blob, int64_t& size) override;
  Failure state(ConnectionState& state) override;
  Failure set_last_insert_rowid(int64_t rowid) override;
  void interrupt() override;
  bool can_be_interrupted_anywhere() const override { return true; }
  bool is_interrupted() override;
  Failure set_busy_timeout(int milliseconds) override;
  Failure create_function(int64_t function, std::string_view name, int argument_count, int flags, int kind) override;
  Failure create_collation(int64_t collation, std::string_view name) override;
  Failure create_module(int64_t module, std::string_view name, bool is_eponymous, bool has_create) override;
  Failure remove_collation(std::string_view name) override;
  Failure set_hook(Hook hook, bool is_set, int64_t number) override;
  Failure limit(int id, int value, int& before) override;
  Failure filename(std::string_view schema, std::optional<std::string>& name) override;
  int is_readonly(std::string_view schema) override;
  int transaction_state(const char* schema) override;
  Failure flush_cache() override;
  Failure release_memory() override;
  int64_t count_cache(CacheCount what, bool is_reset) override;
  bool has_broken_deferred_keys() override;
  int file_control(std::string_view schema, int operation, int64_t& value) override;
  void* foreign_file(std::string_view schema) override;
  bool set_autovacuum_question(AutovacuumQuestion question) override;
  int snapshot(SnapshotOrder order, std::string_view schema, std::span<uint8_t> bytes) override;
  storage::Database* storage_of(std::string_view schema) override;
  void content_was_replaced() override { forget_schemas(); }
  Failure serialize(std::string_view schema, std::string& content) override;
  Failure deserialize(std::string_view schema, std::string_view content, bool is_readonly) override;
  Failure replace_content(std::string_view schema, std::string_view content) override;

  // For the host
  CompilerService& compiler() override { return service_; }
  std::string schema_name(int database) const override;
  void forget_schema(int database) override;

  // For statements
  uint64_t generation() const { return generation_; }
  vm::Session& session() { return session_; }
  KernelHost& host() { return host_; }
  // The program of the first statement of a text, from the cache or compiled. mode: as CompilerService::compile.
  Failure compile(std::string_view sql, int mode, Prepared& prepared);
  void forget_schemas();
  // A machine for the program, perhaps one that a finalized statement has left: with its registers and its cursors.
  std::unique_ptr<vm::Machine> take_machine(const std::shared_ptr<const program::Program>& program);
  void keep_machine(std::unique_ptr<vm::Machine>& machine) noexcept;
  // Around a step: whether anything runs, for other threads that interrupt.
  void begin_running() { is_running_.store(true, std::memory_order_relaxed); }
  void note_running() { is_running_.store(!session_.running.empty(), std::memory_order_relaxed); }

  // After a step that committed to a WAL: the hook is told, or a WAL that has become long is checkpointed.
  Failure note_wal_commits();

  // For what Python asks
  void expire() { ++generation_; }
  // Python has forgotten a schema.
  void note_forgotten(int database) {
    surroundings_.forget_schema(database);
    expire();
  }
  // The rows of a schema, or of its statistics, as programs are looked up for it.
  bool known_rows(size_t database, uint32_t root, std::string_view& rows) {
    return surroundings_.rows_of(session_.databases, schema_names_, database, root, rows);
  }
  Failure failure_of(Status status) const { return {status.code(), status.message(), -1}; }
  // vfs: its name, empty for that of the connection.
  Status open_database(const std::string& path, int flags, uint32_t page_size, std::string_view vfs,
                       std::unique_ptr<storage::Database>& database);
  int attach(std::unique_ptr<storage::Database> database, std::string name);
  Status detach(int number, std::unique_ptr<storage::Database>& database);
  // Drop the temp database; the next one that is needed is a new one.
  void close_temporary();

 private:
  Failure tell_module(const UserModule& module);
  Failure replay();
  [[nodiscard]] CompilerService::Facts facts() const;
  Failure compile_new(std::string_view sql, int mode, const cache::Surroundings* surroundings, Prepared& prepared);
  Failure blob_program(const BlobPlace& place, std::shared_ptr<const program::Program>& program);
  void note_settings(std::string_view identity);
  // Before Python runs: what programs are going to depend on.
  void note_own_settings();
  // The number of a schema by its name, -1 if there is none.
  int number_of(std::string_view schema) const;
  // Where temporary files are: with those of main, if those are files.
  storage::Vfs& temporary_files() { return vfs_.is_memory() ? storage::os_vfs() : vfs_; }
  Status open_block(std::string_view content, std::unique_ptr<storage::Database>& made);
  Failure find_database(std::string_view schema, storage::Database*& database);
  void watch_locks(storage::Database& database);
  // Have the compiler know of it.
  Failure tell_hook(Hook hook, bool is_set);

  // Where databases are opened that name no other file system.
  storage::Vfs& vfs_;
  KernelHost host_;
  vm::Session session_;
  KernelQuestions questions_;
  EngineHost& callbacks_;
  CompilerService service_;
  std::vector<std::string> schema_names_{"main", "temp"};
  AutovacuumQuestion autovacuum_question_;
  std::map<std::string, UserModule> modules_;  // by their folded names
  std::map<int, int> limits_;
  ConnectionSurroundings surroundings_;
  cache::Found found_;
  // Machines without a statement, of the present generation.
  static constexpr size_t most_spare_machines = 8;
  std::array<std::unique_ptr<vm::Machine>, most_spare_machines> spare_machines_;
  size_t next_spare_ = 0;
  uint64_t spare_generation_ = 0;
  bool has_authorizer_ = false;
  // What is noteworthy in a statement is told whenever it is prepared.
  bool has_log_ = false;
  uint64_t generation_ = 1;
  std::atomic<bool> is_running_ = false;
};

Failure open_kernel(const OpenRequest& request, EngineHost& host, std::unique_ptr<EngineConnection>& connection);

}  // namespace keelback::engine

#endif
