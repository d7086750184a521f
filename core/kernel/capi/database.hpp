// struct sqlite3: what a connection is to C. Error state, callbacks, settings and the list of its statements live
// here; the engine's connection behind it is made at the first need.
//
// 1. `mutex` guards all but `interrupt_requested` and `interruptible`. It is recursive: callbacks may call back.
// 2. `engine` is empty until something needs it: a program that opens and closes a database starts no engine.
// 3. After sqlite3_close_v2 with statements left the connection is a zombie: it goes with its last statement.
#ifndef KEELBACK_CAPI_DATABASE_HPP
#define KEELBACK_CAPI_DATABASE_HPP

#include <atomic>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "../engine/engine.hpp"
#include "extension.hpp"
#include "filename.hpp"
#include "foreign_vfs.hpp"
#include "function.hpp"
#include "module.hpp"
#include "mutex.hpp"
#include "preupdate.hpp"

namespace keelback::capi {

enum class Life : uint32_t { open = 0x4B42D0BE, sick = 0x4B425151, zombie = 0x4B42206B, closed = 0xDEADDB00 };

// A callback and its first argument.
template <typename Function>
struct Callback {
  Function* function = nullptr;
  void* argument = nullptr;

  explicit operator bool() const { return function != nullptr; }
};

struct Callbacks {
  Callback<int(void*, int)> busy;
  Callback<int(void*)> progress;
  int progress_interval = 0;
  Callback<int(void*, int, const char*, const char*, const char*, const char*)> authorize;
  Callback<int(void*)> commit;
  Callback<void(void*)> rollback;
  Callback<void(void*, int, char const*, char const*, sqlite3_int64)> update;
  Callback<void(void*, sqlite3*, int, char const*, char const*, sqlite3_int64, sqlite3_int64)> preupdate;
  Callback<int(void*, sqlite3*, const char*, int)> wal;
  int wal_autocheckpoint = 1000;  // frames; without a callback
  Callback<int(unsigned, void*, void*, void*)> trace;
  unsigned trace_mask = 0;
  Callback<void(void*, const char*)> old_trace;
  Callback<void(void*, const char*, sqlite3_uint64)> old_profile;
  Callback<void(void*, sqlite3*, int, const char*)> collation_needed;
  Callback<void(void*, sqlite3*, int, const void*)> collation_needed16;
};

struct ErrorState {
  int code = SQLITE_OK;  // extended
  std::string message;   // empty: the code's own text
  std::u16string message16;
  int offset = -1;
  int system_errno = 0;
};

struct ClientData {
  void* data = nullptr;
  void (*destroy)(void*) = nullptr;
};

// What sqlite3_autovacuum_pages was given; its argument goes with it.
struct AutovacuumPages {
  unsigned int (*function)(void*, const char*, unsigned int, unsigned int, unsigned int) = nullptr;
  void* argument = nullptr;
  void (*destroy)(void*) = nullptr;

  AutovacuumPages() = default;
  AutovacuumPages(const AutovacuumPages&) = delete;
  AutovacuumPages& operator=(const AutovacuumPages&) = delete;
  ~AutovacuumPages() { forget(); }
  void forget() {
    if (destroy != nullptr) destroy(argument);
    function = nullptr;
    destroy = nullptr;
  }
};

constexpr int limit_count = 13;
constexpr int db_config_count = 32;

}  // namespace keelback::capi

struct sqlite3 : public keelback::capi::EngineHost {
 public:
  sqlite3();
  ~sqlite3() override;
  sqlite3(const sqlite3&) = delete;
  sqlite3& operator=(const sqlite3&) = delete;

  // Makes the engine's connection if there is none yet, and hands it the settings made so far. An error code is
  // recorded in `error`.
  [[nodiscard]] int ensure_engine();
  // Records an error (or success) and returns the code as the caller shall see it: extended or not.
  int fail(const keelback::capi::Failure& failure);
  int fail(int code);
  int fail(int code, std::string message);
  int run_out_of_memory() noexcept;
  // No error; code: SQLITE_OK, or SQLITE_ROW and SQLITE_DONE of a step. Returns it.
  int succeed(int code = SQLITE_OK) {
    error.code = code;
    error.offset = -1;
    error.message.clear();
    return code;
  }
  [[nodiscard]] int visible(int code) const { return has_extended_codes ? code : code & 0xFF; }

  int ask(int question, keelback::capi::Reader request, std::string& answer) override;
  keelback::storage::Vfs* file_system(std::string_view name) override;
  int64_t current_time_milliseconds() override;
  int file_pragma(void* file, const std::string& name, const std::optional<std::string>& value,
                  std::optional<std::string>& text) override;
  void random_bytes(std::span<uint8_t> out) override;
  void release_pointer(int64_t number) override { pointers.forget(number); }

  keelback::capi::ConnectionState state();

  // The first member: it goes last, when nobody can call the extensions any more.
  keelback::capi::LoadedExtensions extensions;
  keelback::capi::Life life = keelback::capi::Life::sick;
  keelback::capi::Mutex mutex;
  keelback::capi::Filename filename;
  int open_flags = 0;
  int mutex_flags = 0;  // SQLITE_OPEN_NOMUTEX, SQLITE_OPEN_FULLMUTEX
  std::optional<std::string> vfs;
  // The VFS that its name chose, and the file systems of programs that databases of this connection are opened through.
  sqlite3_vfs* vfs_object = nullptr;
  std::map<std::string, std::unique_ptr<keelback::capi::ForeignVfs>, std::less<>> foreign_vfs;
  std::unique_ptr<keelback::capi::EngineConnection> engine;
  // The same for sqlite3_interrupt, which comes from any thread without the mutex, when the engine is there.
  std::atomic<keelback::capi::EngineConnection*> interruptible{nullptr};
  keelback::capi::ErrorState error;
  bool has_extended_codes = false;
  keelback::capi::Callbacks callbacks;
  // Whether the engine knows of the process's log.
  bool is_log_told = false;
  keelback::capi::AutovacuumPages autovacuum;
  // Those that watch rows, in the order in which they were made.
  std::vector<sqlite3_session*> sessions;
  // While the hook runs: the row that it is told of.
  keelback::capi::ShownChange* shown_change = nullptr;
  int busy_timeout_ms = 0;
  std::atomic<bool> interrupt_requested{false};
  int limits[keelback::capi::limit_count];
  int configuration[keelback::capi::db_config_count] = {};
  sqlite3_stmt* first_statement = nullptr;
  int running_statements = 0;
  int open_backups = 0;
  int open_blobs = 0;
  std::map<int64_t, std::unique_ptr<keelback::capi::Function>> functions;
  std::map<int64_t, std::unique_ptr<keelback::capi::CollationEntry>> collations;
  std::map<int64_t, keelback::capi::AggregateState> aggregates;
  // Outlives statements and functions, whose values it holds.
  keelback::capi::PointerStore pointers;
  // The statement whose step runs, of steps within steps the inmost.
  sqlite3_stmt* stepping = nullptr;
  keelback::capi::Modules modules{this};
  std::map<std::string, keelback::capi::ClientData> client_data;
  std::map<std::string, keelback::capi::Filename> filenames;
  // Handed out by SQLITE_FCNTL_FILE_POINTER, by schema.
  std::map<std::string, keelback::capi::BorrowedFile> lent_files;
  int64_t next_number = 1;

 private:
  int ask_function(int question, keelback::capi::Reader& request, std::string& answer);
};

namespace keelback::capi {

// Whether a handle may be used; what may not is answered with SQLITE_MISUSE.
inline bool is_usable(const sqlite3* db) { return db != nullptr && db->life == Life::open; }
// Also a connection whose opening failed: its error may be read.
inline bool is_usable_or_sick(const sqlite3* db) {
  return db != nullptr && (db->life == Life::open || db->life == Life::sick);
}
// Frees the connection if it is a zombie with nothing left. The mutex must not be held.
void release_if_zombie(sqlite3* db);

const char* error_text(int code);

}  // namespace keelback::capi

#endif
