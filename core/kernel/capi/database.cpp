// Opening and closing connections, and what a connection tells of itself.
#include "database.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "../storage/temporary_file.hpp"
#include "../value/memory_account.hpp"
#include "config.hpp"
#include "error.hpp"
#include "guard.hpp"
#include "hooks.hpp"
#include "os.hpp"
#include "text.hpp"
#include "vfs.hpp"

using namespace keelback::capi;

namespace keelback::capi {

namespace {

// What SQLite is compiled with by default, by SQLITE_LIMIT_ number.
constexpr int default_limits[limit_count] = {1000000000, 1000000000, 2000,  1000, 500, 250000000, 1000,
                                             10,         50000,      32766, 1000, 0,   2500};

bool is_memory_name(const std::string& path, int flags) {
  return path.empty() || path == ":memory:" || (flags & SQLITE_OPEN_MEMORY) != 0;
}

// Opens nothing: closing a descriptor would drop the locks that this process holds on the same file. A file that
// does not exist yet is made, empty, as SQLite makes it on opening.
int check_file(const std::string& path, int& flags) {
  struct stat status{};
  if (stat(path.c_str(), &status) != 0) {
    if (errno != ENOENT || (flags & SQLITE_OPEN_CREATE) == 0) return SQLITE_CANTOPEN;
    if (mknod(path.c_str(), S_IFREG | 0644, 0) != 0 && errno != EEXIST) return SQLITE_CANTOPEN;
    return SQLITE_OK;
  }
  if (S_ISDIR(status.st_mode)) return SQLITE_CANTOPEN;
  if ((flags & SQLITE_OPEN_READWRITE) != 0 && access(path.c_str(), R_OK | W_OK) != 0) {
    flags = (flags & ~(SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE)) | SQLITE_OPEN_READONLY;
  }
  return access(path.c_str(), R_OK) != 0 ? SQLITE_CANTOPEN : SQLITE_OK;
}

std::string absolute_path(const std::string& path) {
  if (path.empty() || path[0] == '/') return path;
  char folder[4096];
  if (getcwd(folder, sizeof folder) == nullptr) return path;
  return std::string(folder) + "/" + path;
}

// The real path of the folder, so that one file has one name.
std::string full_path(const std::string& path) {
  const std::string absolute = absolute_path(path);
  const size_t slash = absolute.rfind('/');
  char resolved[4097];
  if (char* whole = realpath(absolute.c_str(), resolved); whole != nullptr) return whole;
  const std::string folder = absolute.substr(0, slash == 0 ? 1 : slash);
  if (realpath(folder.c_str(), resolved) == nullptr) return absolute;
  const std::string base = resolved;
  return (base == "/" ? "" : base) + absolute.substr(slash);
}

int finish_opening(sqlite3* db) {
  if (const int code = define_log_function(db); code != SQLITE_OK) return code;
  run_auto_extensions(db);
  return db->error.code == SQLITE_OK ? db->succeed() : db->visible(db->error.code);
}

// nolock=1 in a URI.
bool is_without_locks(const std::vector<std::pair<std::string, std::string>>& parameters) {
  const Filename name("", parameters);
  return sqlite3_uri_boolean(name.c_str(), "nolock", 0) != 0;
}

// Through a program's own VFS, or in the memory of `memdb`.
int open_elsewhere(sqlite3* db, ParsedName parsed, bool is_foreign) {
  if (is_foreign && std::strcmp(engine_name(), "kernel") != 0) {
    const std::string message =
        std::string("the engine ") + engine_name() + " opens no files through a VFS of a program: ";
    return db->fail(SQLITE_ERROR, message + db->vfs_object->zName);
  }
  db->open_flags = parsed.flags;
  if (is_foreign && !is_memory_name(parsed.path, parsed.flags)) {
    auto* foreign = static_cast<ForeignVfs*>(db->file_system(db->vfs_object->zName));
    std::string full;
    const Status status = foreign->full_path(parsed.path, full);
    if (!status.is_ok()) return db->fail(status.code());
    parsed.path = full;
    foreign->set_parameters(parsed.parameters);
  }
  db->filename = Filename(parsed.path, parsed.parameters);
  db->life = Life::open;
  if (const int code = db->ensure_engine(); code != SQLITE_OK) {
    db->life = Life::sick;
    return db->visible(code);
  }
  if (is_foreign && !is_memory_name(parsed.path, parsed.flags)) {
    static_cast<ForeignVfs*>(db->file_system(db->vfs_object->zName))->set_parameters({});
  }
  return finish_opening(db);
}

int open_checked(sqlite3* db, const char* name, int flags, const char* vfs) {
  const int access_mode = flags & (SQLITE_OPEN_READONLY | SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
  const bool is_valid_mode = access_mode == SQLITE_OPEN_READONLY || access_mode == SQLITE_OPEN_READWRITE ||
                             access_mode == (SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
  if (!is_valid_mode) return db->fail(misuse("sqlite3_open_v2: flags"));
  constexpr int known_flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_URI |
                              SQLITE_OPEN_MEMORY | SQLITE_OPEN_SHAREDCACHE | SQLITE_OPEN_NOFOLLOW |
                              SQLITE_OPEN_EXRESCODE;
  db->has_extended_codes = (flags & SQLITE_OPEN_EXRESCODE) != 0;
  db->mutex_flags = flags & (SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_FULLMUTEX);
  ParsedName parsed;
  std::string message;
  if (const int code = parse_name(name == nullptr ? "" : name, flags & known_flags, parsed, message);
      code != SQLITE_OK) {
    return db->fail(code, message);
  }
  if (parsed.vfs.empty() && vfs != nullptr) parsed.vfs = vfs;
  db->vfs_object = sqlite3_vfs_find(parsed.vfs.empty() ? nullptr : parsed.vfs.c_str());
  if (db->vfs_object == nullptr) return db->fail(SQLITE_ERROR, "no such vfs: " + parsed.vfs);
  const storage::Vfs* own = own_file_system(db->vfs_object);
  if (own != &storage::os_vfs()) db->vfs = db->vfs_object->zName;
  if (Failure failure = check_engine()) return db->fail(failure);
  if (own == nullptr || own->is_memory()) {
    // Their files are opened at once.
    if (parsed.path == ":memory:") parsed.flags |= SQLITE_OPEN_MEMORY;
    return open_elsewhere(db, std::move(parsed), own == nullptr);
  }
  if (is_without_locks(parsed.parameters) && own == &storage::os_vfs()) db->vfs = "unix-none";
  if (!is_memory_name(parsed.path, parsed.flags)) {
    if (const int code = check_file(parsed.path, parsed.flags); code != SQLITE_OK) return db->fail(code);
    parsed.path = full_path(parsed.path);
  }
  db->open_flags = parsed.flags;
  db->filename = Filename(parsed.path, parsed.parameters);
  db->life = Life::open;
  // The other databases are opened by their first use; the content of this one goes with its last connection.
  if ((parsed.flags & SQLITE_OPEN_SHAREDCACHE) != 0 && is_memory_name(parsed.path, parsed.flags)) {
    if (const int code = db->ensure_engine(); code != SQLITE_OK) return code;
  }
  return finish_opening(db);
}

int close_database(sqlite3* db, bool as_zombie) {
  if (db == nullptr) return SQLITE_OK;
  if (!is_usable_or_sick(db)) return misuse("sqlite3_close");
  {
    Lock lock(db->mutex);
    const bool has_users = db->first_statement != nullptr || db->open_backups > 0 || db->open_blobs > 0;
    if (has_users && !as_zombie) {
      return db->fail(SQLITE_BUSY, "unable to close due to unfinalized statements or unfinished backups");
    }
    if ((db->callbacks.trace_mask & SQLITE_TRACE_CLOSE) != 0 && db->callbacks.trace) {
      db->callbacks.trace.function(SQLITE_TRACE_CLOSE, db->callbacks.trace.argument, db, nullptr);
    }
    db->life = Life::zombie;
  }
  release_if_zombie(db);
  return SQLITE_OK;
}

}  // namespace

void release_if_zombie(sqlite3* db) {
  {
    Lock lock(db->mutex);
    if (db->life != Life::zombie) return;
    if (db->first_statement != nullptr || db->open_backups > 0 || db->open_blobs > 0) return;
    if (db->engine != nullptr) {
      if (Failure failure = db->engine->close()) db->fail(failure);
      db->interruptible.store(nullptr, std::memory_order_release);
      db->engine.reset();
    }
    db->life = Life::closed;
  }
  delete db;
}

}  // namespace keelback::capi

sqlite3::sqlite3() {
  std::memcpy(limits, default_limits, sizeof limits);
  mutex.favour_this_thread();
  keelback::memory_account::add(sizeof(sqlite3));
}

sqlite3::~sqlite3() {
  keelback::memory_account::subtract(sizeof(sqlite3));
  functions.clear();
  collations.clear();
  for (auto& [number, aggregate] : aggregates) sqlite3_free(aggregate.block);
  for (auto& [name, entry] : client_data) {
    if (entry.destroy != nullptr) entry.destroy(entry.data);
  }
}

int sqlite3::ensure_engine() {
  if (engine != nullptr) return SQLITE_OK;
  keelback::storage::set_temporary_directory_variable(&sqlite3_temp_directory, [](const char* text) {
    sqlite3_free(sqlite3_temp_directory);
    sqlite3_temp_directory = text == nullptr ? nullptr : sqlite3_mprintf("%s", text);
  });
  OpenRequest request{filename.c_str(), open_flags, vfs};
  if (Failure failure = open_engine(request, *this, engine)) {
    engine.reset();
    fail(failure);
    return error.code;
  }
  interruptible.store(engine.get(), std::memory_order_release);
  if (busy_timeout_ms > 0) (void)engine->set_busy_timeout(busy_timeout_ms);
  install_hooks(this);
  for (int id = 0; id < limit_count; ++id) {
    int before = 0;
    if (limits[id] != default_limits[id]) (void)engine->limit(id, limits[id], before);
  }
  return SQLITE_OK;
}

keelback::storage::Vfs* sqlite3::file_system(std::string_view name) {
  if (const auto known = foreign_vfs.find(name); known != foreign_vfs.end()) return known->second.get();
  sqlite3_vfs* found = sqlite3_vfs_find(std::string(name).c_str());
  if (found == nullptr) return nullptr;
  if (keelback::storage::Vfs* own = own_file_system(found)) return own;
  return foreign_vfs.emplace(name, std::make_unique<ForeignVfs>(found)).first->second.get();
}

void sqlite3::random_bytes(std::span<uint8_t> out) { fill_randomly(reinterpret_cast<char*>(out.data()), out.size()); }

// A program's VFS has the say about the time.
int64_t sqlite3::current_time_milliseconds() {
  keelback::storage::Vfs* files = vfs ? file_system(*vfs) : nullptr;
  return files != nullptr ? files->current_time_milliseconds() : EngineHost::current_time_milliseconds();
}

ConnectionState sqlite3::state() {
  ConnectionState state;
  if (engine != nullptr) (void)engine->state(state);
  return state;
}

extern "C" {

int sqlite3_open_v2(const char* name, sqlite3** out, int flags, const char* vfs) {
  if (out == nullptr) return misuse("sqlite3_open_v2");
  note_use();
  *out = nullptr;
  return guard(SQLITE_NOMEM, [&] {
    auto* db = new sqlite3;
    *out = db;
    Lock lock(db->mutex);
    return open_checked(db, name, flags, vfs);
  });
}

int sqlite3_open(const char* name, sqlite3** out) {
  return sqlite3_open_v2(name, out, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, nullptr);
}

int sqlite3_open16(const void* name, sqlite3** out) {
  if (out == nullptr) return misuse("sqlite3_open16");
  *out = nullptr;
  return guard(SQLITE_NOMEM, [&] { return sqlite3_open(utf8_from_encoding(name, -1, SQLITE_UTF16LE).c_str(), out); });
}

int sqlite3_close(sqlite3* db) {
  return guard(SQLITE_NOMEM, [&] { return close_database(db, false); });
}

int sqlite3_close_v2(sqlite3* db) {
  return guard(SQLITE_NOMEM, [&] { return close_database(db, true); });
}

sqlite3_int64 sqlite3_changes64(sqlite3* db) {
  if (!is_usable(db)) return misuse("sqlite3_changes"), 0;
  Lock lock(db->mutex);
  return db->state().changes;
}

int sqlite3_changes(sqlite3* db) { return static_cast<int>(sqlite3_changes64(db)); }

sqlite3_int64 sqlite3_total_changes64(sqlite3* db) {
  if (!is_usable(db)) return misuse("sqlite3_total_changes"), 0;
  Lock lock(db->mutex);
  return db->state().total_changes;
}

int sqlite3_total_changes(sqlite3* db) { return static_cast<int>(sqlite3_total_changes64(db)); }

sqlite3_int64 sqlite3_last_insert_rowid(sqlite3* db) {
  if (!is_usable(db)) return misuse("sqlite3_last_insert_rowid"), 0;
  Lock lock(db->mutex);
  return db->state().last_insert_rowid;
}

void sqlite3_set_last_insert_rowid(sqlite3* db, sqlite3_int64 rowid) {
  if (!is_usable(db)) return;
  Lock lock(db->mutex);
  if (db->ensure_engine() == SQLITE_OK) (void)db->engine->set_last_insert_rowid(rowid);
}

int sqlite3_get_autocommit(sqlite3* db) {
  if (!is_usable(db)) return misuse("sqlite3_get_autocommit"), 0;
  Lock lock(db->mutex);
  return db->state().is_autocommit ? 1 : 0;
}

// Without the mutex, which the thread that runs the statement holds. If that is this thread, we are in a callback or in
// a signal handler, where the engine must not be entered: it looks at the flag by itself.
void sqlite3_interrupt(sqlite3* db) {
  if (db == nullptr || (db->life != Life::open && db->life != Life::zombie)) return;
  db->interrupt_requested = true;
  EngineConnection* engine = db->interruptible.load(std::memory_order_acquire);
  if (engine == nullptr) return;
  if (engine->can_be_interrupted_anywhere() || !db->mutex.is_held()) engine->interrupt();
}

int sqlite3_is_interrupted(sqlite3* db) {
  if (!is_usable_or_sick(db)) return 0;
  if (db->interrupt_requested) return 1;
  EngineConnection* engine = db->interruptible.load(std::memory_order_acquire);
  return engine != nullptr && !db->mutex.is_held() && engine->is_interrupted() ? 1 : 0;
}

const char* sqlite3_db_filename(sqlite3* db, const char* schema) {
  if (!is_usable(db)) return misuse("sqlite3_db_filename"), nullptr;
  return guard<const char*>(nullptr, [&]() -> const char* {
    Lock lock(db->mutex);
    const std::string name = schema == nullptr ? "main" : schema;
    if (sqlite3_stricmp(name.c_str(), "main") == 0) {
      if (db->vfs == "memdb") return "";
      return is_memory_name(db->filename.c_str(), db->open_flags) ? "" : db->filename.c_str();
    }
    if (db->engine == nullptr && sqlite3_stricmp(name.c_str(), "temp") != 0) return nullptr;
    std::optional<std::string> path;
    if (db->ensure_engine() != SQLITE_OK || db->engine->filename(name, path) || !path.has_value()) return nullptr;
    return db->filenames.insert_or_assign(name, Filename(*path, {})).first->second.c_str();
  });
}

int sqlite3_db_readonly(sqlite3* db, const char* schema) {
  if (!is_usable(db)) return misuse("sqlite3_db_readonly"), -1;
  return guard(-1, [&] {
    Lock lock(db->mutex);
    const std::string name = schema == nullptr ? "main" : schema;
    if (db->engine == nullptr && sqlite3_stricmp(name.c_str(), "main") == 0) {
      return (db->open_flags & SQLITE_OPEN_READONLY) != 0 ? 1 : 0;
    }
    return db->ensure_engine() == SQLITE_OK ? db->engine->is_readonly(name) : -1;
  });
}

int sqlite3_txn_state(sqlite3* db, const char* schema) {
  if (!is_usable(db)) return misuse("sqlite3_txn_state"), -1;
  return guard(-1, [&] {
    Lock lock(db->mutex);
    if (db->engine == nullptr) {
      const bool is_known =
          schema == nullptr || sqlite3_stricmp(schema, "main") == 0 || sqlite3_stricmp(schema, "temp") == 0;
      return is_known ? SQLITE_TXN_NONE : -1;
    }
    return db->engine->transaction_state(schema);
  });
}

// None for a connection of which the program has said that it keeps its threads apart, though we do so too.
sqlite3_mutex* sqlite3_db_mutex(sqlite3* db) {
  if (!is_usable_or_sick(db) || threading() == Threading::single) return nullptr;
  if ((db->mutex_flags & SQLITE_OPEN_NOMUTEX) != 0) return nullptr;
  const bool is_full = threading() == Threading::serialized || (db->mutex_flags & SQLITE_OPEN_FULLMUTEX) != 0;
  return is_full ? &db->mutex : nullptr;
}

int sqlite3_limit(sqlite3* db, int id, int value) {
  if (!is_usable(db)) return misuse("sqlite3_limit"), -1;
  if (id < 0 || id >= limit_count) return -1;
  Lock lock(db->mutex);
  const int before = db->limits[id];
  if (value >= 0) {
    const int most = id == SQLITE_LIMIT_WORKER_THREADS ? 8 : default_limits[id];
    db->limits[id] = value > most ? most : value;
    if (id == SQLITE_LIMIT_LENGTH && db->limits[id] < 30) db->limits[id] = 30;
    int ignored = 0;
    if (db->engine != nullptr) (void)db->engine->limit(id, db->limits[id], ignored);
  }
  return before;
}

int sqlite3_set_clientdata(sqlite3* db, const char* name, void* data, void (*destroy)(void*)) {
  if (!is_usable(db) || name == nullptr) return misuse("sqlite3_set_clientdata");
  return guard(SQLITE_NOMEM, [&] {
    Lock lock(db->mutex);
    if (auto found = db->client_data.find(name); found != db->client_data.end()) {
      const ClientData old = found->second;
      db->client_data.erase(found);
      if (old.destroy != nullptr) old.destroy(old.data);
    }
    if (data != nullptr) db->client_data[name] = {data, destroy};
    return SQLITE_OK;
  });
}

void* sqlite3_get_clientdata(sqlite3* db, const char* name) {
  if (!is_usable(db) || name == nullptr) return nullptr;
  Lock lock(db->mutex);
  const auto found = db->client_data.find(name);
  return found == db->client_data.end() ? nullptr : found->second.data;
}

}  // extern "C"
