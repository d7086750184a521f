// Preparing, stepping and finalizing statements.
#include "statement.hpp"

#include <cstring>
#include <ctime>
#include <utility>

#include "../engine/expanded_sql.hpp"
#include "../engine/first_statement.hpp"
#include "../engine/normalized_sql.hpp"
#include "comment.hpp"
#include "config.hpp"
#include "error.hpp"
#include "guard.hpp"
#include "hooks.hpp"
#include "memory.hpp"
#include "text.hpp"

using namespace keelback::capi;

namespace keelback::capi {

namespace {

void link(sqlite3_stmt* statement) {
  sqlite3* db = statement->db;
  statement->next = db->first_statement;
  if (statement->next != nullptr) statement->next->previous = statement;
  db->first_statement = statement;
}

void unlink(sqlite3_stmt* statement) {
  if (statement->previous != nullptr) {
    statement->previous->next = statement->next;
  } else {
    statement->db->first_statement = statement->next;
  }
  if (statement->next != nullptr) statement->next->previous = statement->previous;
}

// Lets the program register the collation that a compilation did not find; whether it has been asked.
bool ask_for_collation(sqlite3* db, const Failure& failure) {
  constexpr std::string_view complaint = "no such collation sequence: ";
  const Callbacks callbacks = db->callbacks;
  if (std::string_view(failure.message).substr(0, complaint.size()) != complaint) return false;
  const std::string name = failure.message.substr(complaint.size());
  if (callbacks.collation_needed) {
    callbacks.collation_needed.function(callbacks.collation_needed.argument, db, SQLITE_UTF8, name.c_str());
  } else if (callbacks.collation_needed16) {
    callbacks.collation_needed16.function(callbacks.collation_needed16.argument, db, SQLITE_UTF16LE,
                                          to_utf16(name).c_str());
  } else {
    return false;
  }
  return true;
}

// The connection compiles as if there were no virtual tables, as long as this lives.
class WithoutVirtualTables {
 public:
  WithoutVirtualTables(sqlite3* db, bool is_wanted) : db_(is_wanted ? db : nullptr) { hide(1); }
  WithoutVirtualTables(const WithoutVirtualTables&) = delete;
  WithoutVirtualTables& operator=(const WithoutVirtualTables&) = delete;
  ~WithoutVirtualTables() { hide(0); }

 private:
  // Twin: SWITCHES in compiler_session.py.
  static constexpr int hides_virtual_tables = 2001;
  void hide(int is_hidden) {
    int before = 0;
    if (db_ != nullptr) (void)db_->engine->limit(hides_virtual_tables, is_hidden, before);
  }

  sqlite3* db_;
};

}  // namespace

int prepare(sqlite3* db, const char* text, size_t most, unsigned flags, bool is_legacy, sqlite3_stmt** out,
            size_t& tail) {
  const std::string_view sql = engine::first_statement(text, most);
  *out = nullptr;
  tail = sql.size();
  if (sql.size() > static_cast<size_t>(db->limits[SQLITE_LIMIT_SQL_LENGTH])) {
    return db->fail(SQLITE_TOOBIG);
  }
  if (db->ensure_engine() != SQLITE_OK) return db->visible(db->error.code);
  follow_log(db);
  auto statement = std::make_unique<sqlite3_stmt>();
  StatementDescription& description = statement->description;
  size_t used = sql.size();
  const WithoutVirtualTables hidden(db, (flags & SQLITE_PREPARE_NO_VTAB) != 0);
  Failure failure = db->engine->prepare(sql, statement->engine, description, used);
  if (failure && ask_for_collation(db, failure))
    failure = db->engine->prepare(sql, statement->engine, description, used);
  if (!are_comments_on(db)) {
    const std::string_view comment = first_comment(failure ? sql : sql.substr(0, used));
    if (!comment.empty()) {
      const auto offset = static_cast<int>(comment.data() - sql.data());
      return db->fail({SQLITE_ERROR, "unrecognized token: \"" + std::string(comment) + '"', offset});
    }
  }
  if (failure) {
    if (failure.tail >= 0) tail = std::min(static_cast<size_t>(failure.tail), sql.size());
    if ((flags & SQLITE_PREPARE_DONT_LOG) == 0) log_prepare(failure, text, most);
    return db->fail(failure);
  }
  tail = std::min(used, sql.size());
  if (statement->engine == nullptr) return db->succeed();
  statement->db = db;
  statement->is_legacy = is_legacy;
  statement->sql = description.sql;
  statement->sql_owner = description.owner;
  statement->adopt_description();
  link(statement.get());
  *out = statement.release();
  return db->succeed();
}

int finalize(sqlite3_stmt* statement) {
  sqlite3* db = statement->db;
  int code = SQLITE_OK;
  bool is_zombie = false;
  {
    Lock lock(db->mutex);
    if (statement->phase != sqlite3_stmt::Phase::ready) code = statement->reset();
    unlink(statement);
    delete statement;
    is_zombie = db->life == Life::zombie;
  }
  if (is_zombie) release_if_zombie(db);
  return code;
}

namespace {

bool is_watched(const Callbacks& callbacks) {
  return callbacks.trace_mask != 0 || callbacks.old_trace || callbacks.old_profile;
}

bool is_profiled(const Callbacks& callbacks) {
  return (callbacks.trace_mask & SQLITE_TRACE_PROFILE) != 0 || callbacks.old_profile;
}

// A statement steps as long as this lives.
class SteppingNow {
 public:
  SteppingNow(sqlite3_stmt*& place, sqlite3_stmt* statement) : place_(place), outer_(std::exchange(place, statement)) {}
  SteppingNow(const SteppingNow&) = delete;
  SteppingNow& operator=(const SteppingNow&) = delete;
  ~SteppingNow() { place_ = outer_; }

 private:
  sqlite3_stmt*& place_;
  sqlite3_stmt* outer_;
};

long long monotonic_ns() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000000000LL + now.tv_nsec;
}

}  // namespace

}  // namespace keelback::capi

Failure sqlite3_stmt::hand_over_parameters() {
  if (!are_parameters_dirty) return {};
  Failure failure = engine->bind(parameters);
  are_parameters_dirty = static_cast<bool>(failure);
  return failure;
}

// Hands the parameters over and tells the tracer.
int sqlite3_stmt::begin() {
  if (db->running_statements == 0) db->interrupt_requested.store(false, std::memory_order_relaxed);
  if (are_parameters_dirty) {
    if (Failure failure = hand_over_parameters()) return db->fail(failure), failure.code;
  }
  ++counters[SQLITE_STMTSTATUS_RUN];
  if (is_watched(db->callbacks)) [[unlikely]]
    tell_begin();
  ++db->running_statements;
  return SQLITE_OK;
}

void sqlite3_stmt::tell_begin() {
  const Callbacks& callbacks = db->callbacks;
  if ((callbacks.trace_mask & SQLITE_TRACE_STMT) != 0) {
    callbacks.trace.function(SQLITE_TRACE_STMT, callbacks.trace.argument, this, const_cast<char*>(sql.data()));
  }
  if (callbacks.old_trace) {
    char* expanded = sqlite3_expanded_sql(this);
    callbacks.old_trace.function(callbacks.old_trace.argument, expanded != nullptr ? expanded : sql.data());
    sqlite3_free(expanded);
  }
  if (is_profiled(callbacks)) started_ns = monotonic_ns();
}

void sqlite3_stmt::end(Phase to) {
  if (!is_running) return;
  is_running = false;
  --db->running_statements;
  phase = to;
  db->pointers.forget_run(this);
  if (is_watched(db->callbacks)) [[unlikely]]
    tell_end();
}

void sqlite3_stmt::tell_end() {
  const Callbacks& callbacks = db->callbacks;
  if (!is_profiled(callbacks)) return;
  sqlite3_int64 elapsed = monotonic_ns() - started_ns;
  if ((callbacks.trace_mask & SQLITE_TRACE_PROFILE) != 0) {
    callbacks.trace.function(SQLITE_TRACE_PROFILE, callbacks.trace.argument, this, &elapsed);
  }
  if (callbacks.old_profile) {
    callbacks.old_profile.function(callbacks.old_profile.argument, sql.data(), static_cast<sqlite3_uint64>(elapsed));
  }
}

void sqlite3_stmt::adopt_description() {
  wide_names.clear();
  conversions.clear();
  if (parameters.size() == description.parameter_names.size()) return;
  parameters.resize(description.parameter_names.size());
  are_parameters_dirty = true;
}

void sqlite3_stmt::describe_anew() {
  StatementDescription fresh;
  engine->describe(fresh);
  description = std::move(fresh);
  adopt_description();
}

sqlite3_value* sqlite3_stmt::converted(int index) {
  if (conversions.size() < row.size()) conversions.resize(row.size());
  ConvertedColumn& column = conversions[static_cast<size_t>(index)];
  if (column.serial != row_serial) {
    set_given(column.value, row[static_cast<size_t>(index)], db->pointers);
    column.serial = row_serial;
  }
  return &column.value;
}

void sqlite3_stmt::forget_pointers(size_t parameter) {
  constexpr auto all = static_cast<size_t>(-1);
  for (size_t at = pointers.size(); at-- > 0;) {
    const BoundPointer entry = pointers[at];
    if (parameter != all && entry.parameter != parameter) continue;
    pointers.erase(pointers.begin() + static_cast<std::ptrdiff_t>(at));
    db->pointers.forget(entry.number);
  }
}

int sqlite3_stmt::step() {
  if (!is_running) {
    if (phase == Phase::done || phase == Phase::halted) (void)reset();
    if (const int code = begin(); code != SQLITE_OK) {
      result = code;
      phase = Phase::halted;
      return db->visible(code);
    }
    is_running = true;
  }
  bool is_changed = false;
  let_row_go();
  const SteppingNow stepping_now(db->stepping, this);
  result = engine->step(row, is_changed, last_failure);
  // Compiled anew, since the schema or what it was compiled with had changed.
  if ((result & 0xFF) == SQLITE_ERROR && phase == Phase::ready && ask_for_collation(db, last_failure)) [[unlikely]] {
    result = engine->step(row, is_changed, last_failure);
  }
  if (is_changed) [[unlikely]]
    describe_anew();
  if (result == SQLITE_ROW) {
    phase = Phase::row;
    db->succeed(SQLITE_ROW);
    const Callbacks& callbacks = db->callbacks;
    if ((callbacks.trace_mask & SQLITE_TRACE_ROW) != 0) [[unlikely]] {
      callbacks.trace.function(SQLITE_TRACE_ROW, callbacks.trace.argument, this, nullptr);
    }
    return SQLITE_ROW;
  }
  if (result == SQLITE_DONE) {
    db->succeed(SQLITE_DONE);
    end(Phase::done);
    return SQLITE_DONE;
  }
  end(Phase::halted);
  log_step(last_failure, sql);
  db->fail(last_failure);
  return is_legacy ? SQLITE_ERROR : db->visible(result);
}

int sqlite3_stmt::run_out_of_memory() {
  result = SQLITE_NOMEM;
  last_failure.code = SQLITE_NOMEM;
  last_failure.message.clear();
  end(Phase::halted);
  phase = Phase::halted;
  return db->run_out_of_memory();
}

int sqlite3_stmt::reset() {
  if (phase == Phase::ready) {
    end(Phase::ready);
    return SQLITE_OK;
  }
  const int code = phase == Phase::halted ? result : SQLITE_OK;
  let_row_go();
  Failure failure = engine->reset();
  end(Phase::ready);
  phase = Phase::ready;
  result = SQLITE_OK;
  if (code != SQLITE_OK)
    return db->fail(last_failure.code == code ? last_failure : Failure{code, error_text(code), -1});
  if (failure) return db->fail(failure);
  return db->succeed();
}

namespace {

using keelback::capi::prepare;

int prepare_utf8(sqlite3* db, const char* sql, int size, unsigned flags, bool is_legacy, sqlite3_stmt** out,
                 const char** tail) {
  if (out == nullptr) return misuse("sqlite3_prepare");
  *out = nullptr;
  if (!is_usable(db) || sql == nullptr) return misuse("sqlite3_prepare");
  return guard_connection(db, [&] {
    Lock lock(db->mutex);
    const size_t most = size < 0 ? SIZE_MAX : static_cast<size_t>(size);
    // A text that ends with its NUL is measured by the parser, which says it in other words.
    const bool is_measured = size > 0 && sql[size - 1] != 0;
    if (is_measured && size > db->limits[SQLITE_LIMIT_SQL_LENGTH]) {
      return db->fail(SQLITE_TOOBIG, "statement too long");
    }
    size_t used = 0;
    const int code = prepare(db, sql, most, flags, is_legacy, out, used);
    if (tail != nullptr) *tail = sql + used;
    return code;
  });
}

int prepare_utf16(sqlite3* db, const void* sql, int size, unsigned flags, bool is_legacy, sqlite3_stmt** out,
                  const void** tail) {
  if (out == nullptr) return misuse("sqlite3_prepare16");
  *out = nullptr;
  if (!is_usable(db) || sql == nullptr) return misuse("sqlite3_prepare16");
  return guard_connection(db, [&] {
    Lock lock(db->mutex);
    const auto* bytes = static_cast<const char*>(sql);
    size_t units = 0;
    while ((size < 0 || 2 * units + 1 < static_cast<size_t>(size)) &&
           (bytes[2 * units] != 0 || bytes[2 * units + 1] != 0))
      ++units;
    const std::string text = utf8_from_encoding(sql, static_cast<long long>(units * 2), SQLITE_UTF16LE);
    size_t used = 0;
    const int code = prepare(db, text.c_str(), text.size(), flags, is_legacy, out, used);
    if (tail != nullptr) *tail = bytes + 2 * to_utf16(std::string_view(text).substr(0, used)).size();
    return code;
  });
}

}  // namespace

extern "C" {

int sqlite3_prepare(sqlite3* db, const char* sql, int size, sqlite3_stmt** out, const char** tail) {
  return prepare_utf8(db, sql, size, 0, true, out, tail);
}

int sqlite3_prepare_v2(sqlite3* db, const char* sql, int size, sqlite3_stmt** out, const char** tail) {
  return prepare_utf8(db, sql, size, 0, false, out, tail);
}

int sqlite3_prepare_v3(sqlite3* db, const char* sql, int size, unsigned flags, sqlite3_stmt** out, const char** tail) {
  return prepare_utf8(db, sql, size, flags, false, out, tail);
}

int sqlite3_prepare16(sqlite3* db, const void* sql, int size, sqlite3_stmt** out, const void** tail) {
  return prepare_utf16(db, sql, size, 0, true, out, tail);
}

int sqlite3_prepare16_v2(sqlite3* db, const void* sql, int size, sqlite3_stmt** out, const void** tail) {
  return prepare_utf16(db, sql, size, 0, false, out, tail);
}

int sqlite3_prepare16_v3(sqlite3* db, const void* sql, int size, unsigned flags, sqlite3_stmt** out,
                         const void** tail) {
  return prepare_utf16(db, sql, size, flags, false, out, tail);
}

int sqlite3_step(sqlite3_stmt* statement) {
  if (!is_usable(statement)) return misuse("sqlite3_step");
  Lock lock(statement->db->mutex);
  try {
    return statement->step();
  } catch (const std::exception&) {
    return statement->run_out_of_memory();
  }
}

int sqlite3_reset(sqlite3_stmt* statement) {
  if (statement == nullptr) return SQLITE_OK;
  if (!is_usable(statement)) return misuse("sqlite3_reset");
  return guard_connection(statement->db, [&] {
    Lock lock(statement->db->mutex);
    return statement->reset();
  });
}

int sqlite3_finalize(sqlite3_stmt* statement) {
  if (statement == nullptr) return SQLITE_OK;
  if (!is_usable(statement)) return misuse("sqlite3_finalize");
  return guard(SQLITE_NOMEM, [&] { return finalize(statement); });
}

const char* sqlite3_sql(sqlite3_stmt* statement) { return is_usable(statement) ? statement->sql.data() : nullptr; }

const char* sqlite3_normalized_sql(sqlite3_stmt* statement) {
  if (!is_usable(statement)) return nullptr;
  return guard<const char*>(nullptr, [&] {
    Lock lock(statement->db->mutex);
    if (statement->normalized.empty()) statement->normalized = keelback::engine::normalized_sql(statement->sql);
    return statement->normalized.c_str();
  });
}

char* sqlite3_expanded_sql(sqlite3_stmt* statement) {
  if (!is_usable(statement)) return nullptr;
  return guard<char*>(nullptr, [&]() -> char* {
    Lock lock(statement->db->mutex);
    return statement->expanded_sql();
  });
}

sqlite3* sqlite3_db_handle(sqlite3_stmt* statement) { return statement == nullptr ? nullptr : statement->db; }

int sqlite3_stmt_readonly(sqlite3_stmt* statement) {
  return !is_usable(statement) || statement->description.is_readonly ? 1 : 0;
}

int sqlite3_stmt_isexplain(sqlite3_stmt* statement) {
  return is_usable(statement) ? statement->description.explain_mode : 0;
}

int sqlite3_stmt_explain(sqlite3_stmt* statement, int mode) {
  if (!is_usable(statement)) return misuse("sqlite3_stmt_explain");
  if (mode < 0 || mode > 2) return SQLITE_ERROR;
  return guard(SQLITE_NOMEM, [&] {
    Lock lock(statement->db->mutex);
    if (mode == statement->description.explain_mode) return SQLITE_OK;
    if (statement->is_busy()) return SQLITE_BUSY;
    if (Failure failure = statement->engine->set_explain_mode(mode)) return statement->db->fail(failure);
    statement->describe_anew();
    return SQLITE_OK;
  });
}

int sqlite3_stmt_busy(sqlite3_stmt* statement) { return is_usable(statement) && statement->is_busy() ? 1 : 0; }

sqlite3_stmt* sqlite3_next_stmt(sqlite3* db, sqlite3_stmt* statement) {
  if (!is_usable(db)) return nullptr;
  Lock lock(db->mutex);
  return statement == nullptr ? db->first_statement : statement->next;
}

int sqlite3_stmt_status(sqlite3_stmt* statement, int counter, int reset) {
  if (!is_usable(statement) || counter < 0) return 0;
  if (counter == SQLITE_STMTSTATUS_MEMUSED) return static_cast<int>(sizeof *statement + statement->sql.size());
  if (counter >= static_cast<int>(statement->counters.size())) return 0;
  return guard(0, [&] {
    Lock lock(statement->db->mutex);
    if (statement->engine != nullptr) statement->engine->take_counts(statement->counters);
    int64_t& count = statement->counters[static_cast<size_t>(counter)];
    const auto before = static_cast<int>(count);
    if (reset != 0) count = 0;
    return before;
  });
}

int sqlite3_expired(sqlite3_stmt*) { return 0; }

}  // extern "C"

char* sqlite3_stmt::expanded_sql() {
  if (phase == Phase::ready && hand_over_parameters()) return nullptr;
  std::string text;
  if (!zero_blobs.empty()) {
    std::vector<keelback::Value> values;
    for (const keelback::OwnedValue& parameter : parameters) values.push_back(parameter.value());
    text = keelback::engine::expand_parameters(sql, description.parameter_names, values, zero_blobs);
  } else if (engine->expanded_sql(text)) {
    return nullptr;
  }
  if (text.size() > static_cast<size_t>(db->limits[SQLITE_LIMIT_LENGTH])) return nullptr;
  return copy_to_heap(text);
}
