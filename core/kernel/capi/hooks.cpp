// Callbacks of a connection: busy, progress, authorizer, commit, rollback, update, preupdate, trace.
//
// Setting one only notes it; the engine is told when it runs already, else when it starts.
#include "hooks.hpp"

#include <vector>

#include "../engine/plugin/table.h"
#include "config.hpp"
#include "database.hpp"
#include "error.hpp"
#include "extension.hpp"
#include "guard.hpp"

using namespace keelback::capi;

namespace keelback::capi {

namespace {

// How often, in instructions, an engine that cannot be told looks whether it has been interrupted.
constexpr int interrupt_poll_interval = 2000;
constexpr int default_autocheckpoint = 1000;

void tell(sqlite3* db, Hook hook, bool is_set, int64_t number = 0) {
  if (db->engine != nullptr) (void)db->engine->set_hook(hook, is_set, number);
}

// The user's progress handler, or the poll of an engine that needs one.
void tell_progress(sqlite3* db) {
  if (db->engine == nullptr) return;
  const int poll = db->engine->can_be_interrupted_anywhere() ? 0 : interrupt_poll_interval;
  const int period = db->callbacks.progress ? db->callbacks.progress_interval : poll;
  tell(db, Hook::progress, period > 0, period);
}

using ExtensionEntry = void (*)(void);
struct AutoExtensions {
  Mutex mutex;
  std::vector<ExtensionEntry> entries;
};

AutoExtensions& auto_extensions() {
  static auto* extensions = new AutoExtensions;
  return *extensions;
}

}  // namespace

void tell_of_rows(sqlite3* db) { tell(db, Hook::preupdate, db->callbacks.preupdate || !db->sessions.empty()); }

void follow_log(sqlite3* db) {
  if (db->is_log_told == has_log()) return;
  db->is_log_told = !db->is_log_told;
  tell(db, Hook::log, db->is_log_told);
}

void install_hooks(sqlite3* db) {
  const Callbacks& callbacks = db->callbacks;
  if (callbacks.busy) tell(db, Hook::busy, true);
  tell_progress(db);
  if (callbacks.authorize) tell(db, Hook::authorize, true);
  follow_log(db);
  if (callbacks.commit) tell(db, Hook::commit, true);
  if (callbacks.rollback) tell(db, Hook::rollback, true);
  if (callbacks.update) tell(db, Hook::update, true);
  if (callbacks.preupdate || !db->sessions.empty()) tell_of_rows(db);
  if (callbacks.wal || callbacks.wal_autocheckpoint != default_autocheckpoint) {
    tell(db, Hook::wal, static_cast<bool>(callbacks.wal), callbacks.wal_autocheckpoint);
  }
}

void run_auto_extensions(sqlite3* db) {
  std::vector<ExtensionEntry> entries;
  {
    Lock lock(auto_extensions().mutex);
    entries = auto_extensions().entries;
  }
  using Initializer = int (*)(sqlite3*, char**, const sqlite3_api_routines*);
  for (ExtensionEntry entry : entries) {
    char* message = nullptr;
    const int code = reinterpret_cast<Initializer>(entry)(db, &message, extension_api());
    if (code != SQLITE_OK) {
      db->fail(code, std::string("automatic extension loading failed: ") + (message != nullptr ? message : ""));
      sqlite3_free(message);
      return;
    }
    sqlite3_free(message);
  }
}

namespace {

const char* text_of(const Value& value) { return value.is_text() ? value.text().data() : nullptr; }

int ask_authorize(const sqlite3* db, Reader& request) {
  const int action = static_cast<int>(request.integer());
  const Value first = request.next(), second = request.next(), schema = request.next(), trigger = request.next();
  return db->callbacks.authorize.function(db->callbacks.authorize.argument, action, text_of(first), text_of(second),
                                          text_of(schema), text_of(trigger));
}

void ask_update(const sqlite3* db, Reader& request) {
  const int operation = static_cast<int>(request.integer());
  const Value schema = request.next(), table = request.next();
  db->callbacks.update.function(db->callbacks.update.argument, operation, text_of(schema), text_of(table),
                                request.integer());
}

}  // namespace

}  // namespace keelback::capi

int sqlite3::ask(int question, Reader request, std::string& answer) {
  answer.clear();
  Writer writer(answer);
  switch (question) {
    case KB_ASK_BUSY: {
      const int count = static_cast<int>(request.integer());
      writer.integer(callbacks.busy ? callbacks.busy.function(callbacks.busy.argument, count) : 0);
      // From inside of it an engine that is not to be entered has not been told.
      writer.integer(interrupt_requested ? 1 : 0);
      return SQLITE_OK;
    }
    case KB_ASK_PROGRESS:
      if (interrupt_requested) {
        writer.integer(1);
      } else {
        writer.integer(callbacks.progress ? callbacks.progress.function(callbacks.progress.argument) : 0);
      }
      return SQLITE_OK;
    case KB_ASK_AUTHORIZE:
      writer.integer(callbacks.authorize ? ask_authorize(this, request) : SQLITE_OK);
      return SQLITE_OK;
    case KB_ASK_LOG: {
      const int code = static_cast<int>(request.integer());
      if (const char* text = text_of(request.next())) log_error(code, text);
      return SQLITE_OK;
    }
    case KB_ASK_COMMIT:
      writer.integer(callbacks.commit ? callbacks.commit.function(callbacks.commit.argument) : 0);
      return SQLITE_OK;
    case KB_ASK_ROLLBACK:
      if (callbacks.rollback) callbacks.rollback.function(callbacks.rollback.argument);
      return SQLITE_OK;
    case KB_ASK_UPDATE:
      if (callbacks.update) ask_update(this, request);
      return SQLITE_OK;
    case KB_ASK_PREUPDATE:
      show_change(this, request);
      return SQLITE_OK;
    case KB_ASK_WAL: {
      const keelback::Value schema = request.next();
      const int frames = static_cast<int>(request.integer());
      const auto& hook = callbacks.wal;
      writer.integer(hook
                         ? hook.function(hook.argument, this, schema.is_text() ? schema.text().data() : nullptr, frames)
                         : SQLITE_OK);
      return SQLITE_OK;
    }
    default:
      if (question >= KB_ASK_MODULE_CONNECT && question <= KB_ASK_MODULE_CALL) {
        return modules.ask(question, request, answer);
      }
      return ask_function(question, request, answer);
  }
}

extern "C" {

int sqlite3_busy_handler(sqlite3* db, int (*handler)(void*, int), void* argument) {
  if (!is_usable(db)) return misuse("sqlite3_busy_handler");
  return guard(SQLITE_NOMEM, [&] {
    Lock lock(db->mutex);
    db->callbacks.busy = {handler, argument};
    db->busy_timeout_ms = 0;
    if (db->engine != nullptr) (void)db->engine->set_busy_timeout(0);
    tell(db, Hook::busy, handler != nullptr);
    return SQLITE_OK;
  });
}

int sqlite3_busy_timeout(sqlite3* db, int milliseconds) {
  if (!is_usable(db)) return misuse("sqlite3_busy_timeout");
  return guard(SQLITE_NOMEM, [&] {
    Lock lock(db->mutex);
    db->callbacks.busy = {};
    db->busy_timeout_ms = milliseconds > 0 ? milliseconds : 0;
    tell(db, Hook::busy, false);
    if (db->engine != nullptr) (void)db->engine->set_busy_timeout(db->busy_timeout_ms);
    return SQLITE_OK;
  });
}

int sqlite3_setlk_timeout(sqlite3* db, int milliseconds, int) {
  if (!is_usable(db)) return misuse("sqlite3_setlk_timeout");
  return milliseconds < -1 ? SQLITE_RANGE : SQLITE_OK;
}

void sqlite3_progress_handler(sqlite3* db, int interval, int (*handler)(void*), void* argument) {
  if (!is_usable(db)) return;
  Lock lock(db->mutex);
  const bool is_set = interval > 0 && handler != nullptr;
  db->callbacks.progress = {is_set ? handler : nullptr, is_set ? argument : nullptr};
  db->callbacks.progress_interval = is_set ? interval : 0;
  tell_progress(db);
}

int sqlite3_set_authorizer(sqlite3* db,
                           int (*authorizer)(void*, int, const char*, const char*, const char*, const char*),
                           void* argument) {
  if (!is_usable(db)) return misuse("sqlite3_set_authorizer");
  return guard(SQLITE_NOMEM, [&] {
    Lock lock(db->mutex);
    db->callbacks.authorize = {authorizer, argument};
    tell(db, Hook::authorize, authorizer != nullptr);
    return SQLITE_OK;
  });
}

void* sqlite3_commit_hook(sqlite3* db, int (*hook)(void*), void* argument) {
  if (!is_usable(db)) return nullptr;
  Lock lock(db->mutex);
  void* before = db->callbacks.commit.argument;
  db->callbacks.commit = {hook, argument};
  tell(db, Hook::commit, hook != nullptr);
  return before;
}

void* sqlite3_rollback_hook(sqlite3* db, void (*hook)(void*), void* argument) {
  if (!is_usable(db)) return nullptr;
  Lock lock(db->mutex);
  void* before = db->callbacks.rollback.argument;
  db->callbacks.rollback = {hook, argument};
  tell(db, Hook::rollback, hook != nullptr);
  return before;
}

void* sqlite3_update_hook(sqlite3* db, void (*hook)(void*, int, char const*, char const*, sqlite3_int64),
                          void* argument) {
  if (!is_usable(db)) return nullptr;
  Lock lock(db->mutex);
  void* before = db->callbacks.update.argument;
  db->callbacks.update = {hook, argument};
  tell(db, Hook::update, hook != nullptr);
  return before;
}

void* sqlite3_preupdate_hook(sqlite3* db,
                             void (*hook)(void*, sqlite3*, int, char const*, char const*, sqlite3_int64, sqlite3_int64),
                             void* argument) {
  if (!is_usable(db)) return nullptr;
  Lock lock(db->mutex);
  void* before = db->callbacks.preupdate.argument;
  db->callbacks.preupdate = {hook, argument};
  tell_of_rows(db);
  return before;
}

void* sqlite3_wal_hook(sqlite3* db, int (*hook)(void*, sqlite3*, const char*, int), void* argument) {
  if (!is_usable(db)) return misuse("sqlite3_wal_hook"), nullptr;
  Lock lock(db->mutex);
  void* before = db->callbacks.wal.argument;
  db->callbacks.wal = {hook, argument};
  db->callbacks.wal_autocheckpoint = 0;
  tell(db, Hook::wal, hook != nullptr, 0);
  return before;
}

// This hook and the other are one place: who sets one takes the other away.
int sqlite3_wal_autocheckpoint(sqlite3* db, int frames) {
  if (!is_usable(db)) return misuse("sqlite3_wal_autocheckpoint");
  Lock lock(db->mutex);
  db->callbacks.wal = {};
  db->callbacks.wal_autocheckpoint = frames > 0 ? frames : 0;
  tell(db, Hook::wal, false, db->callbacks.wal_autocheckpoint);
  return SQLITE_OK;
}

int sqlite3_trace_v2(sqlite3* db, unsigned mask, int (*callback)(unsigned, void*, void*, void*), void* argument) {
  if (!is_usable(db)) return misuse("sqlite3_trace_v2");
  Lock lock(db->mutex);
  const bool is_set = mask != 0 && callback != nullptr;
  db->callbacks.old_trace = {};
  db->callbacks.old_profile = {};
  db->callbacks.trace = {is_set ? callback : nullptr, argument};
  db->callbacks.trace_mask = is_set ? mask : 0;
  return SQLITE_OK;
}

void* sqlite3_trace(sqlite3* db, void (*callback)(void*, const char*), void* argument) {
  if (!is_usable(db)) return nullptr;
  Lock lock(db->mutex);
  void* before = db->callbacks.old_trace.argument;
  db->callbacks.trace = {};
  db->callbacks.trace_mask = 0;
  db->callbacks.old_trace = {callback, argument};
  return before;
}

void* sqlite3_profile(sqlite3* db, void (*callback)(void*, const char*, sqlite3_uint64), void* argument) {
  if (!is_usable(db)) return nullptr;
  Lock lock(db->mutex);
  void* before = db->callbacks.old_profile.argument;
  db->callbacks.trace = {};
  db->callbacks.trace_mask = 0;
  db->callbacks.old_profile = {callback, argument};
  return before;
}

int sqlite3_auto_extension(void (*entry)(void)) {
  if (entry == nullptr) return misuse("sqlite3_auto_extension");
  note_use();
  return guard(SQLITE_NOMEM, [&] {
    Lock lock(auto_extensions().mutex);
    for (ExtensionEntry known : auto_extensions().entries) {
      if (known == entry) return SQLITE_OK;
    }
    auto_extensions().entries.push_back(entry);
    return SQLITE_OK;
  });
}

int sqlite3_cancel_auto_extension(void (*entry)(void)) {
  Lock lock(auto_extensions().mutex);
  auto& entries = auto_extensions().entries;
  for (size_t at = 0; at < entries.size(); ++at) {
    if (entries[at] != entry) continue;
    entries.erase(entries.begin() + static_cast<std::ptrdiff_t>(at));
    return 1;
  }
  return 0;
}

void sqlite3_reset_auto_extension(void) {
  Lock lock(auto_extensions().mutex);
  auto_extensions().entries.clear();
}

}  // extern "C"
