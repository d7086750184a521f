// Settings of the process and of a connection, and what the library says of itself.
#include "config.hpp"

#include <algorithm>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "../value/library_facts.hpp"
#include "error.hpp"
#include "format.hpp"
#include "guard.hpp"
#include "memory.hpp"

using namespace keelback::capi;

namespace {

struct Settings {
  std::atomic<bool> are_uris_on{false};
  std::atomic<Threading> threading{Threading::serialized};
  std::atomic<void (*)(void*, int, const char*)> log{nullptr};
  std::atomic<void*> log_argument{nullptr};
};

std::atomic<bool> is_in_use{false};

Settings& settings() {
  static auto* all = new Settings;
  return *all;
}

using keelback::library_facts::compile_options;

// The switches that engines hear of, under their own numbers, with the limits. Twin: compiler_session.py.
constexpr int engine_switches[] = {
    SQLITE_DBCONFIG_ENABLE_TRIGGER,
    SQLITE_DBCONFIG_RESET_DATABASE,
    SQLITE_DBCONFIG_DEFENSIVE,
    SQLITE_DBCONFIG_DQS_DML,
    SQLITE_DBCONFIG_DQS_DDL,
    SQLITE_DBCONFIG_ENABLE_VIEW,
    SQLITE_DBCONFIG_ENABLE_ATTACH_CREATE,
    SQLITE_DBCONFIG_ENABLE_ATTACH_WRITE,
};
constexpr int least_digits = 4;
constexpr int default_digits = 17;
constexpr int most_digits = 23;
constexpr int first_db_flag = SQLITE_DBCONFIG_ENABLE_FKEY;
constexpr int last_db_flag = SQLITE_DBCONFIG_FP_DIGITS;
static_assert(last_db_flag - first_db_flag < db_config_count);

// The switches that are on in a new connection.
bool is_on_by_default(int option) {
  return option == SQLITE_DBCONFIG_ENABLE_TRIGGER || option == SQLITE_DBCONFIG_ENABLE_VIEW ||
         option == SQLITE_DBCONFIG_TRUSTED_SCHEMA || option == SQLITE_DBCONFIG_DQS_DML ||
         option == SQLITE_DBCONFIG_DQS_DDL || option == SQLITE_DBCONFIG_ENABLE_COMMENTS ||
         option == SQLITE_DBCONFIG_ENABLE_ATTACH_CREATE || option == SQLITE_DBCONFIG_ENABLE_ATTACH_WRITE;
}

// The pragma that a switch also is, if the engine is to hear of it.
const char* pragma_of(int option) {
  switch (option) {
    case SQLITE_DBCONFIG_ENABLE_FKEY:
      return "foreign_keys";
    case SQLITE_DBCONFIG_WRITABLE_SCHEMA:
      return "writable_schema";
    case SQLITE_DBCONFIG_TRUSTED_SCHEMA:
      return "trusted_schema";
    case SQLITE_DBCONFIG_LEGACY_ALTER_TABLE:
      return "legacy_alter_table";
    case SQLITE_DBCONFIG_REVERSE_SCANORDER:
      return "reverse_unordered_selects";
    default:
      return nullptr;
  }
}

int switch_option(sqlite3* db, int option, int wanted, int* now) {
  // Bit 0: the value; bit 1: it has been set.
  int& stored = db->configuration[option - first_db_flag];
  if (option == SQLITE_DBCONFIG_FP_DIGITS) {
    // Kept and told; reals are written with as many digits as they need.
    if (wanted >= least_digits && wanted <= most_digits) stored = wanted;
    if (now != nullptr) *now = stored == 0 ? default_digits : stored;
    return SQLITE_OK;
  }
  const bool is_on = (stored & 2) != 0 ? (stored & 1) != 0 : is_on_by_default(option);
  bool result = is_on;
  if (wanted >= 0) {
    result = wanted != 0;
    stored = 2 | (result ? 1 : 0);
    if (const char* pragma = pragma_of(option); pragma != nullptr && result != is_on) {
      const std::string sql = std::string("PRAGMA ") + pragma + "=" + (result ? "1" : "0");
      (void)sqlite3_exec(db, sql.c_str(), nullptr, nullptr, nullptr);
    }
  }
  const bool is_engine_switch =
      std::find(std::begin(engine_switches), std::end(engine_switches), option) != std::end(engine_switches);
  if (is_engine_switch && result != is_on && db->ensure_engine() == SQLITE_OK) {
    int before = 0;
    (void)db->engine->limit(option, result ? 1 : 0, before);
  }
  if (option == SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE && result != is_on && db->ensure_engine() == SQLITE_OK) {
    int64_t value = result ? 1 : 0;
    (void)db->engine->file_control("main", no_checkpoint_at_close, value);
  }
  if (now != nullptr) *now = result ? 1 : 0;
  return SQLITE_OK;
}

}  // namespace

namespace keelback::capi {

void note_use() noexcept {
  if (!is_in_use.load(std::memory_order_relaxed)) is_in_use.store(true, std::memory_order_relaxed);
}

bool are_uris_on() { return settings().are_uris_on; }

Threading threading() { return settings().threading; }

bool has_log() { return settings().log.load(std::memory_order_relaxed) != nullptr; }

bool are_comments_on(const sqlite3* db) {
  const int stored = db->configuration[SQLITE_DBCONFIG_ENABLE_COMMENTS - first_db_flag];
  return (stored & 2) == 0 || (stored & 1) != 0;
}

void log_error(int code, const char* message) {
  if (auto* log = settings().log.load(); log != nullptr) log(settings().log_argument, code, message);
}

void log_prepare(const engine::Failure& failure, const char* sql, size_t most) {
  if (settings().log.load() == nullptr) return;
  const char* message = failure.message.empty() ? error_text(failure.code) : failure.message.c_str();
  // A line of the log is cut long before.
  constexpr size_t most_logged = 4096;
  const auto size = static_cast<int>(strnlen(sql, std::min(most, most_logged)));
  sqlite3_log(failure.code, "%s in \"%.*s\"", message, size, sql);
}

void log_step(const engine::Failure& failure, std::string_view sql) {
  if (settings().log.load() == nullptr) return;
  if ((failure.code & 0xFF) == SQLITE_BUSY || failure.code == SQLITE_CONSTRAINT_FOREIGNKEY) return;
  const char* message = failure.message.empty() ? error_text(failure.code) : failure.message.c_str();
  sqlite3_log(failure.code, "statement aborts at %lld: %s; [%.*s]", static_cast<long long>(failure.address), message,
              static_cast<int>(sql.size()), sql.data());
}

int define_log_function(sqlite3* db) {
  if (settings().log.load() == nullptr) return SQLITE_OK;
  const auto tell = [](sqlite3_context*, int, sqlite3_value** values) {
    const auto* text = reinterpret_cast<const char*>(sqlite3_value_text(values[1]));
    log_error(sqlite3_value_int(values[0]), text != nullptr ? text : "");
  };
  constexpr int kind = SQLITE_UTF8 | SQLITE_DIRECTONLY;
  return sqlite3_create_function_v2(db, "sqlite_log", 2, kind, nullptr, tell, nullptr, nullptr, nullptr);
}

}  // namespace keelback::capi

extern "C" {

SQLITE_API extern const char sqlite3_version[] = SQLITE_VERSION;
SQLITE_API char* sqlite3_temp_directory = nullptr;
SQLITE_API char* sqlite3_data_directory = nullptr;

const char* sqlite3_libversion(void) { return sqlite3_version; }

int sqlite3_libversion_number(void) { return SQLITE_VERSION_NUMBER; }

const char* sqlite3_sourceid(void) {
  const char* override_id = std::getenv("KEELBACK_SOURCEID");
  return override_id != nullptr ? override_id : SQLITE_SOURCE_ID;
}

SQLITE_API const char* keelback_version(void) { return KEELBACK_VERSION; }

SQLITE_API const char* keelback_engine(void) { return engine_name(); }

int sqlite3_threadsafe(void) { return 1; }

int sqlite3_initialize(void) {
  note_use();
  return SQLITE_OK;
}

int sqlite3_shutdown(void) {
  if (is_in_use.exchange(false)) {
    sqlite3_reset_auto_extension();
    sqlite3_temp_directory = nullptr;
    sqlite3_data_directory = nullptr;
  }
  return SQLITE_OK;
}

int sqlite3_os_init(void) { return SQLITE_OK; }

int sqlite3_os_end(void) { return SQLITE_OK; }

int sqlite3_global_recover(void) { return SQLITE_OK; }

void sqlite3_thread_cleanup(void) {}

int sqlite3_enable_shared_cache(int) { return SQLITE_OK; }

const char* sqlite3_compileoption_get(int index) {
  const int count = static_cast<int>(sizeof compile_options / sizeof compile_options[0]);
  return index >= 0 && index < count ? compile_options[index] : nullptr;
}

int sqlite3_compileoption_used(const char* name) {
  if (name == nullptr) return 0;
  if (sqlite3_strnicmp(name, "SQLITE_", 7) == 0) name += 7;
  const int length = static_cast<int>(std::strlen(name));
  for (const char* option : compile_options) {
    if (sqlite3_strnicmp(name, option, length) == 0 && (option[length] == '\0' || option[length] == '=')) return 1;
  }
  return 0;
}

// Memory, mutex and cache methods are accepted and not used: allocation and locking are our own.
int sqlite3_config(int option, ...) {
  // What may be changed and asked at any time.
  const bool is_anytime = option == SQLITE_CONFIG_LOG || option == SQLITE_CONFIG_PCACHE_HDRSZ;
  if (!is_anytime && is_in_use) return misuse("sqlite3_config");
  va_list arguments;
  va_start(arguments, option);
  int code = SQLITE_OK;
  switch (option) {
    case SQLITE_CONFIG_URI:
      settings().are_uris_on = va_arg(arguments, int) != 0;
      break;
    case SQLITE_CONFIG_LOG: {
      using Log = void (*)(void*, int, const char*);
      settings().log = va_arg(arguments, Log);
      settings().log_argument = va_arg(arguments, void*);
      break;
    }
    case SQLITE_CONFIG_PCACHE_HDRSZ:
      if (int* size = va_arg(arguments, int*); size != nullptr) *size = 0;
      break;
    case SQLITE_CONFIG_GETMALLOC: {
      if (auto* methods = va_arg(arguments, sqlite3_mem_methods*); methods != nullptr) {
        *methods = {sqlite3_malloc,
                    sqlite3_free,
                    sqlite3_realloc,
                    [](void* block) { return static_cast<int>(sqlite3_msize(block)); },
                    [](int size) { return (size + 7) & ~7; },
                    [](void*) { return SQLITE_OK; },
                    [](void*) {},
                    nullptr};
      }
      break;
    }
    case SQLITE_CONFIG_SINGLETHREAD:
      settings().threading = Threading::single;
      break;
    case SQLITE_CONFIG_MULTITHREAD:
      settings().threading = Threading::multi;
      break;
    case SQLITE_CONFIG_SERIALIZED:
      settings().threading = Threading::serialized;
      break;
    case SQLITE_CONFIG_MALLOC:
    case SQLITE_CONFIG_MEMSTATUS:
    case SQLITE_CONFIG_PAGECACHE:
    case SQLITE_CONFIG_LOOKASIDE:
    case SQLITE_CONFIG_COVERING_INDEX_SCAN:
    case SQLITE_CONFIG_MMAP_SIZE:
    case SQLITE_CONFIG_PMASZ:
    case SQLITE_CONFIG_STMTJRNL_SPILL:
    case SQLITE_CONFIG_SMALL_MALLOC:
    case SQLITE_CONFIG_SORTERREF_SIZE:
    case SQLITE_CONFIG_MEMDB_MAXSIZE:
      break;
    default:
      code = SQLITE_ERROR;
  }
  va_end(arguments);
  return code;
}

int sqlite3_db_config(sqlite3* db, int option, ...) {
  if (!is_usable(db)) return misuse("sqlite3_db_config");
  va_list arguments;
  va_start(arguments, option);
  int code = SQLITE_ERROR;
  if (option == SQLITE_DBCONFIG_MAINDBNAME || option == SQLITE_DBCONFIG_LOOKASIDE) {
    code = SQLITE_OK;
  } else if (option >= first_db_flag && option <= last_db_flag) {
    const int wanted = va_arg(arguments, int);
    int* now = va_arg(arguments, int*);
    code = guard(SQLITE_NOMEM, [&] {
      Lock lock(db->mutex);
      return switch_option(db, option, wanted, now);
    });
  }
  va_end(arguments);
  return code;
}

void sqlite3_log(int code, const char* format, ...) {
  if (settings().log.load() == nullptr || format == nullptr) return;
  va_list arguments;
  va_start(arguments, format);
  (void)guard(0, [&] {
    std::string text;
    append_format(text, format, arguments);
    log_error(code, text.c_str());
    return 0;
  });
  va_end(arguments);
}

}  // extern "C"
