#include "kernel_connection.hpp"

#include <cstdlib>

#include "../storage/database_copy.hpp"
#include "../storage/named_memory.hpp"
#include "kernel_blob.hpp"
#include "kernel_statement.hpp"
#include "plugin/table.h"

namespace keelback::engine {

namespace {

constexpr int temporary = 1;
constexpr int largest_blob_retries = 50;
constexpr int limit_length = 0;
constexpr int limit_pattern_length = 8;
constexpr int limit_trigger_depth = 10;
constexpr const char* memory_path = "";

bool is_memory(const OpenRequest& open) {
  return open.filename.empty() || open.filename == ":memory:" || (open.flags & storage::open_memory) != 0 ||
         open.vfs == "memdb";
}

uint64_t& count_of(storage::Pager::Counts& counts, CacheCount what) {
  switch (what) {
    case CacheCount::misses:
      return counts.misses;
    case CacheCount::writes:
      return counts.writes;
    case CacheCount::spills:
      return counts.spills;
    default:
      return counts.hits;
  }
}

std::string unknown_vfs(std::string_view name) { return "no such vfs: " + std::string(name); }

}  // namespace

Failure open_kernel(const OpenRequest& request, EngineHost& host, std::unique_ptr<EngineConnection>& connection) {
  std::unique_ptr<storage::Database> main;
  storage::Vfs* vfs = request.vfs ? host.file_system(*request.vfs) : &storage::os_vfs();
  if (!vfs) return {result::ERROR, unknown_vfs(*request.vfs), -1};
  // A file without a name is a temporary one.
  const bool has_file = request.filename.empty() || (vfs->is_memory() && request.filename != ":memory:");
  const int flags = request.flags | (is_memory(request) && !has_file ? storage::open_memory : 0);
  const Status status = storage::Database::open(request.filename, flags, *vfs, storage::default_page_size, main);
  if (!status.is_ok()) return {status.code(), status.message(), -1};
  connection = std::make_unique<KernelConnection>(request, host, std::move(main), *vfs);
  return {};
}

KernelConnection::KernelConnection(const OpenRequest& open, EngineHost& callbacks,
                                   std::unique_ptr<storage::Database> main, storage::Vfs& vfs)
    : vfs_(vfs),
      host_(callbacks, *this),
      session_(host_, std::move(main),
               [this](std::unique_ptr<storage::Database>& database) {
                 if (session_.keeps_temporary_in_memory) {
                   KEELBACK_TRY(storage::Database::open(
                       memory_path, storage::open_readwrite | storage::open_create | storage::open_memory,
                       storage::os_vfs(), session_.temporary_page_size, database));
                 } else {
                   database = storage::Database::make_temporary(temporary_files(), session_.temporary_page_size);
                 }
                 forget_schema(temporary);
                 return keelback::ok_status;
               }),
      questions_(*this, callbacks),
      callbacks_(callbacks),
      service_(
          open, is_memory(open), questions_, [this] { return replay(); },
          [this](std::string_view identity) { note_settings(identity); }) {
  watch_locks(*session_.databases[0]);
  if (const char* bytes = std::getenv("KEELBACK_WORKING_MEMORY")) {
    session_.forced_working_bytes = std::strtoull(bytes, nullptr, 10);
  }
}

KernelConnection::~KernelConnection() { (void)close(); }

void KernelConnection::watch_locks(storage::Database& database) {
  database.busy_handler = [this](int count) { return host_.wait_for_lock(count); };
  database.set_log([this](int code, const std::string& text) {
    if (!has_log_) return;
    std::string request;
    Writer(request).integer(code).text(text);
    std::string answer;
    (void)callbacks_.ask(KB_ASK_LOG, Reader(request.data(), request.size()), answer);
  });
  database.pages_to_give_back = [this, &database](uint32_t pages, uint32_t free, uint32_t page_size) {
    if (!autovacuum_question_) return free;
    size_t number = 0;
    while (number + 1 < session_.databases.size() && session_.databases[number].get() != &database) ++number;
    return autovacuum_question_(schema_names_[number], pages, free, page_size);
  };
}

bool KernelConnection::set_autovacuum_question(AutovacuumQuestion question) {
  autovacuum_question_ = std::move(question);
  return true;
}

Failure KernelConnection::close() {
  if (!session_.running.empty()) {
    return {result::BUSY, "unable to close due to unfinalized statements or unfinished backups", -1};
  }
  if (!session_.autocommit) (void)session_.rollback_all(nullptr, false);
  session_.end_transaction();
  for (auto& database : session_.databases) {
    if (database) (void)database->close();
  }
  return {};
}

// Compiling

Failure KernelConnection::replay() {
  for (const auto& [key, function] : host_.functions) {
    if (Failure failure =
            create_function(function.number, function.name, function.argument_count, function.flags, function.kind)) {
      return failure;
    }
  }
  for (const auto& [key, collation] : host_.collations) {
    const auto& found = *collation;
    if (Failure failure = service_.tell(KB_COMPILER_COLLATION,
                                        [&](Writer& writer) { writer.integer(found.number).text(found.name); })) {
      return failure;
    }
  }
  for (const auto& [name, module] : modules_) {
    if (Failure failure = tell_module(module)) return failure;
  }
  for (const auto& [id, value] : limits_) {
    if (Failure failure =
            service_.tell(KB_COMPILER_LIMIT, [&](Writer& writer) { writer.integer(id).integer(value); })) {
      return failure;
    }
  }
  if (host_.has_preupdate_hook) {
    if (Failure failure = tell_hook(Hook::preupdate, true)) return failure;
  }
  if (has_log_) {
    if (Failure failure = tell_hook(Hook::log, true)) return failure;
  }
  return has_authorizer_ ? set_hook(Hook::authorize, true, 0) : Failure{};
}

Failure KernelConnection::compile(std::string_view sql, int mode, Prepared& prepared) {
  const cache::Surroundings* surroundings = nullptr;
  if (mode < 0 && !has_authorizer_) {
    surroundings = surroundings_.find(session_.databases, schema_names_, session_.defers_foreign_keys);
    if (surroundings && cache::program_cache().find(*surroundings, sql, found_)) {
      prepared = {found_.statement->program, found_.tail, found_.values};
      return {};
    }
  }
  return compile_new(sql, mode, surroundings, prepared);
}

CompilerService::Facts KernelConnection::facts() const {
  return {session_.databases[1] != nullptr, session_.defers_foreign_keys};
}

Failure KernelConnection::compile_new(std::string_view sql, int mode, const cache::Surroundings* surroundings,
                                      Prepared& prepared) {
  const uint64_t generation = generation_;
  const cache::Surroundings before = surroundings ? *surroundings : cache::Surroundings();
  Compiled compiled;
  cache::StatementTokens& tokens = found_.tokens();
  // It has not been looked for: they are of another text.
  if (!surroundings) tokens.forget();
  if (Failure failure = service_.compile(sql, mode, surroundings != nullptr, facts(), tokens, compiled)) return failure;
  prepared = {compiled.program, std::min(compiled.tail, sql.size()), {}};
  if (!compiled.program) return {};
  const bool may_be_kept = compiled.is_cacheable && surroundings && generation == generation_;
  // What is read while a program is compiled may be another schema.
  if (may_be_kept) {
    surroundings = surroundings_.find(session_.databases, schema_names_, session_.defers_foreign_keys);
  }
  const bool is_kept = may_be_kept && surroundings && surroundings_.is_for(*compiled.program) &&
                       before.settings == surroundings->settings && before.schema == surroundings->schema;
  if (is_kept &&
      cache::program_cache().store(before, sql, prepared.tail, compiled.lifting, {compiled.program}, found_)) {
    prepared.hidden = found_.values;
    return {};
  }
  if (compiled.program->hidden_parameter_count == 0) return {};
  compiled = {};
  Failure failure = service_.compile(sql, mode, false, facts(), tokens, compiled);
  if (!failure) prepared.program = std::move(compiled.program);
  return failure;
}

void KernelConnection::note_settings(std::string_view identity) {
  surroundings_.set_settings(std::string(identity));
  expire();
}

void KernelConnection::note_own_settings() {
  if (service_.is_started()) return;
  std::string settings;
  Writer writer(settings);
  for (const auto& [key, function] : host_.functions) {
    writer.text(key.first).integer(key.second).integer(function.flags).integer(function.kind);
  }
  for (const auto& [name, collation] : host_.collations) writer.text(collation->name);
  // No other connection has the same module: what was planned with it stays here.
  for (const auto& [name, module] : modules_) writer.text(name).integer(reinterpret_cast<intptr_t>(this));
  for (const auto& [id, value] : limits_) writer.integer(id).integer(value);
  if (host_.has_preupdate_hook) writer.text("preupdate");
  if (has_log_) writer.text("log");
  surroundings_.set_settings(std::move(settings));
}

Failure KernelConnection::prepare(std::string_view sql, std::unique_ptr<EngineStatement>& statement,
                                  StatementDescription& description, size_t& tail) {
  Prepared prepared;
  if (Failure failure = compile(sql, -1, prepared)) return failure;
  tail = prepared.tail;
  if (!prepared.program) return {};
  auto made = std::make_unique<KernelStatement>(*this, std::string(sql.substr(0, tail)), std::move(prepared));
  made->describe(description);
  statement = std::move(made);
  return {};
}

Failure KernelConnection::blob_program(const BlobPlace& place, std::shared_ptr<const program::Program>& program) {
  std::string key = "blob";
  for (const std::string_view name : {place.schema.value_or(std::string_view()), place.table, place.column}) {
    key.append(" \"").append(name).append("\"");
  }
  key.append(place.is_writable ? " write" : " read");
  const cache::Surroundings* surroundings =
      surroundings_.find_for_blobs(session_.databases, schema_names_, session_.defers_foreign_keys);
  if (surroundings && cache::program_cache().find(*surroundings, key, found_)) {
    program = found_.statement->program;
    return {};
  }
  const uint64_t generation = generation_;
  const cache::Surroundings before = surroundings ? *surroundings : cache::Surroundings();
  if (Failure failure = service_.compile_blob(place, facts(), program)) return failure;
  if (!surroundings || generation != generation_) return {};
  surroundings = surroundings_.find_for_blobs(session_.databases, schema_names_, session_.defers_foreign_keys);
  if (surroundings && surroundings->schema == before.schema && surroundings_.is_for(*program)) {
    (void)cache::program_cache().store(before, key, key.size(), {}, {program}, found_);
  }
  return {};
}

Failure KernelConnection::open_blob(const BlobPlace& place, std::unique_ptr<EngineBlob>& blob, int64_t& size) {
  Failure failure;
  for (int retries = 0; retries <= largest_blob_retries; ++retries) {
    std::shared_ptr<const program::Program> program;
    if (Failure refused = blob_program(place, program)) return refused;
    auto made = std::make_unique<KernelBlob>(*this, program);
    failure = made->seek(place.rowid, size);
    if (!failure) {
      blob = std::move(made);
      return {};
    }
    if ((failure.code & 0xFF) != result::SCHEMA) return failure;
    made.reset();
    forget_schemas();
  }
  return failure;
}

std::unique_ptr<vm::Machine> KernelConnection::take_machine(const std::shared_ptr<const program::Program>& program) {
  if (spare_generation_ == generation_) {
    for (std::unique_ptr<vm::Machine>& spare : spare_machines_) {
      if (spare && spare->program == program) return std::move(spare);
    }
  }
  return std::make_unique<vm::Machine>(program, session_);
}

void KernelConnection::keep_machine(std::unique_ptr<vm::Machine>& machine) noexcept {
  if (!machine->make_spare()) return;
  if (spare_generation_ != generation_) {
    for (std::unique_ptr<vm::Machine>& spare : spare_machines_) spare.reset();
    spare_generation_ = generation_;
  }
  spare_machines_[next_spare_] = std::move(machine);
  next_spare_ = (next_spare_ + 1) % most_spare_machines;
}

void KernelConnection::forget_schema(int database) {
  ++generation_;
  surroundings_.forget_schema(database);
  service_.forget(database);
}

void KernelConnection::forget_schemas() { forget_schema(-1); }

// Facts

Failure KernelConnection::state(ConnectionState& state) {
  state.changes = host_.changes;
  state.total_changes = host_.total_changes;
  state.last_insert_rowid = host_.last_insert_rowid;
  state.is_autocommit = session_.autocommit;
  return {};
}

Failure KernelConnection::set_last_insert_rowid(int64_t rowid) {
  host_.last_insert_rowid = rowid;
  return {};
}

void KernelConnection::interrupt() {
  if (is_running_.load(std::memory_order_relaxed)) host_.is_interrupted.store(true, std::memory_order_relaxed);
}

bool KernelConnection::is_interrupted() {
  return is_running_.load(std::memory_order_relaxed) && host_.is_interrupted.load(std::memory_order_relaxed);
}

std::string KernelConnection::schema_name(int database) const {
  const auto number = static_cast<size_t>(database);
  return number < schema_names_.size() ? schema_names_[number] : std::string();
}

int KernelConnection::number_of(std::string_view schema) const {
  const std::string folded = fold_name(schema);
  for (size_t number = 0; number < schema_names_.size(); ++number) {
    if (fold_name(schema_names_[number]) == folded) return static_cast<int>(number);
  }
  return -1;
}

Failure KernelConnection::filename(std::string_view schema, std::optional<std::string>& name) {
  const int number = number_of(schema);
  name.reset();
  if (number < 0) return {};
  const auto& database = session_.databases[static_cast<size_t>(number)];
  if (database) {
    name = database->path();
  } else if (number == temporary) {
    name = "";
  }
  return {};
}

int KernelConnection::is_readonly(std::string_view schema) {
  const int number = number_of(schema);
  if (number < 0) return -1;
  const auto& database = session_.databases[static_cast<size_t>(number)];
  return database && database->is_readonly() ? 1 : 0;
}

Failure KernelConnection::flush_cache() {
  Failure busy;
  for (const auto& database : session_.databases) {
    const Status status = database ? database->flush_cache() : keelback::ok_status;
    if (status.is_ok()) continue;
    if (status.primary_code() != result::BUSY) return failure_of(status);
    busy = failure_of(status);
  }
  return busy;
}

Failure KernelConnection::release_memory() {
  for (const auto& database : session_.databases) {
    if (database) database->release_memory();
  }
  return {};
}

int64_t KernelConnection::count_cache(CacheCount what, bool is_reset) {
  uint64_t sum = 0;
  for (const auto& database : session_.databases) {
    if (!database) continue;
    storage::Pager& pager = database->pager();
    if (what == CacheCount::bytes) {
      sum += pager.cache_bytes();
      continue;
    }
    uint64_t& counted = count_of(pager.counts, what);
    sum += counted;
    if (is_reset) counted = 0;
  }
  return static_cast<int64_t>(sum);
}

bool KernelConnection::has_broken_deferred_keys() {
  return session_.deferred_constraints + session_.deferred_immediate_constraints > 0;
}

int KernelConnection::file_control(std::string_view schema, int operation, int64_t& value) {
  const int number = number_of(schema);
  if (number < 0) return result::ERROR;
  const auto& database = session_.databases[static_cast<size_t>(number)];
  return database ? database->file_control(operation, value) : result::NOTFOUND;
}

int KernelConnection::transaction_state(const char* schema) {
  const auto state_of = [](const std::unique_ptr<storage::Database>& database) {
    return database ? static_cast<int>(database->transaction_state()) : 0;
  };
  if (schema) {
    const int number = number_of(schema);
    return number < 0 ? -1 : state_of(session_.databases[static_cast<size_t>(number)]);
  }
  int furthest = 0;
  for (const auto& database : session_.databases) furthest = std::max(furthest, state_of(database));
  return furthest;
}

Failure KernelConnection::find_database(std::string_view schema, storage::Database*& database) {
  const int number = number_of(schema);
  if (number < 0) return {result::ERROR, "unknown database " + std::string(schema), -1};
  database = session_.databases[static_cast<size_t>(number)].get();
  return {};
}

storage::Database* KernelConnection::storage_of(std::string_view schema) {
  storage::Database* database = nullptr;
  return find_database(schema, database) ? nullptr : database;
}

Failure KernelConnection::serialize(std::string_view schema, std::string& content) {
  storage::Database* database = nullptr;
  if (Failure failure = find_database(schema, database)) return failure;
  content.clear();
  const Status status = database ? database->read_content(content) : keelback::ok_status;
  return status.is_ok() ? Failure{} : failure_of(status);
}

namespace {

// The pages of a whole database in the place of another's, as sqlite3_backup copies them.
Status copy_content(std::string_view content, storage::Database& target) {
  std::unique_ptr<storage::Database> source;
  constexpr int flags = storage::open_readwrite | storage::open_create | storage::open_memory;
  KEELBACK_TRY(storage::Database::open(memory_path, flags, storage::os_vfs(), target.page_size(), source));
  KEELBACK_TRY(source->write_content(content));
  storage::DatabaseCopy copy;
  bool is_done = false;
  const Status status = copy.step(*source, target, -1, is_done);
  // The first error is the one to tell.
  if (!status.is_ok()) static_cast<void>(copy.abandon(target).is_ok());
  return status;
}

}  // namespace

Failure KernelConnection::replace_content(std::string_view schema, std::string_view content) {
  storage::Database* database = nullptr;
  if (Failure failure = find_database(schema, database)) return failure;
  const Status status = database ? copy_content(content, *database) : keelback::ok_status;
  forget_schemas();
  return status.is_ok() ? Failure{} : failure_of(status);
}

Failure KernelConnection::deserialize(std::string_view schema, std::string_view content, bool is_readonly) {
  storage::Database* before = nullptr;
  if (Failure failure = find_database(schema, before)) return failure;
  if (!before) return {};
  if (!session_.running.empty()) return {result::BUSY, result::default_message(result::BUSY), -1};
  std::unique_ptr<storage::Database> made;
  const Status status = open_block(content, made);
  if (!status.is_ok()) return failure_of(status);
  made->set_block_kept(is_readonly);
  watch_locks(*made);
  made->pager().interrupt_source = &host_;
  std::unique_ptr<storage::Database>& place = session_.databases[static_cast<size_t>(number_of(schema))];
  (void)place->close();
  place = std::move(made);
  forget_schemas();
  expire();
  return {};
}

// The block as pages in memory; one that is none as a file in memory, so that who reads it hears what is wrong with it.
Status KernelConnection::open_block(std::string_view content, std::unique_ptr<storage::Database>& made) {
  constexpr int flags = storage::open_readwrite | storage::open_create;
  KEELBACK_TRY(storage::Database::open(memory_path, flags | storage::open_memory, storage::os_vfs(),
                                       storage::default_page_size, made));
  const Status status = made->write_content(content);
  if (status.code() != result::NOTADB) return status;
  (void)made->close();
  KEELBACK_TRY(storage::Database::open("x", flags, storage::memdb_vfs(), storage::default_page_size, made));
  const auto* bytes = reinterpret_cast<const uint8_t*>(content.data());
  return made->pager().file->write_at({bytes, content.size()}, 0);
}

// What programs hand in

Failure KernelConnection::set_busy_timeout(int milliseconds) {
  host_.busy_timeout_ms = std::max(milliseconds, 0);
  host_.has_busy_handler = false;
  return {};
}

Failure KernelConnection::create_function(int64_t function, std::string_view name, int argument_count, int flags,
                                          int kind) {
  const std::pair<std::string, int> key{fold_name(name), argument_count};
  const bool is_known = host_.functions.contains(key);
  const bool is_replay = is_known && host_.functions[key].number == function;
  if (is_known && !is_replay && !session_.running.empty()) {
    return {result::BUSY, "unable to delete/modify user-function due to active statements", -1};
  }
  const std::string kept(name);
  if (Failure failure = service_.tell(KB_COMPILER_FUNCTION, [&](Writer& writer) {
        writer.integer(function).text(kept).integer(argument_count).integer(flags).integer(kind);
      })) {
    return failure;
  }
  if (is_replay) return {};
  if (kind == 0) {
    host_.functions.erase(key);
  } else {
    host_.functions[key] = {function, kept, argument_count, flags, kind};
  }
  note_own_settings();
  expire();
  return {};
}

Failure KernelConnection::create_collation(int64_t collation, std::string_view name) {
  if (host_.collations.contains(fold_collation(name)) && !session_.running.empty()) {
    return {result::BUSY, "unable to delete/modify collation sequence due to active statements", -1};
  }
  if (Failure failure =
          service_.tell(KB_COMPILER_COLLATION, [&](Writer& writer) { writer.integer(collation).text(name); })) {
    return failure;
  }
  auto made = std::make_unique<UserCollation>(UserCollation{&host_, collation, std::string(name)});
  host_.collations[fold_collation(name)] = std::move(made);
  note_own_settings();
  expire();
  return {};
}

Failure KernelConnection::create_module(int64_t module, std::string_view name, bool is_eponymous, bool has_create) {
  UserModule made{module, std::string(name), is_eponymous, has_create};
  if (Failure failure = tell_module(made)) return failure;
  modules_[fold_name(name)] = std::move(made);
  note_own_settings();
  expire();
  return {};
}

Failure KernelConnection::tell_module(const UserModule& module) {
  return service_.tell(KB_COMPILER_MODULE, [&](Writer& writer) {
    writer.integer(module.number).text(module.name).integer(module.is_eponymous).integer(module.has_create);
  });
}

Failure KernelConnection::remove_collation(std::string_view name) {
  if (host_.collations.contains(fold_collation(name)) && !session_.running.empty()) {
    return {result::BUSY, "unable to delete/modify collation sequence due to active statements", -1};
  }
  if (Failure failure = service_.tell(KB_COMPILER_COLLATION, [&](Writer& writer) { writer.null().text(name); })) {
    return failure;
  }
  host_.collations.erase(fold_collation(name));
  note_own_settings();
  expire();
  return {};
}

Failure KernelConnection::tell_hook(Hook hook, bool is_set) {
  return service_.tell(KB_COMPILER_HOOK, [&](Writer& writer) {
    writer.integer(static_cast<int>(hook)).integer(is_set ? 1 : 0).integer(0);
  });
}

Failure KernelConnection::set_hook(Hook hook, bool is_set, int64_t number) {
  switch (hook) {
    case Hook::busy:
      host_.has_busy_handler = is_set;
      host_.busy_timeout_ms = 0;
      break;
    case Hook::progress:
      host_.has_progress_handler = is_set && number > 0;
      host_.progress_period = host_.has_progress_handler ? static_cast<int>(number) : 0;
      break;
    case Hook::authorize:
      has_authorizer_ = is_set;
      expire();
      return tell_hook(hook, is_set);
    case Hook::preupdate:
      if (host_.has_preupdate_hook == is_set) return {};
      host_.has_preupdate_hook = is_set;
      note_own_settings();
      expire();
      return tell_hook(hook, is_set);
    case Hook::log:
      if (has_log_ == is_set) return {};
      has_log_ = is_set;
      note_own_settings();
      expire();
      return tell_hook(hook, is_set);
    case Hook::commit:
      host_.has_commit_hook = is_set;
      break;
    case Hook::rollback:
      host_.has_rollback_hook = is_set;
      break;
    case Hook::update:
      host_.has_update_hook = is_set;
      break;
    case Hook::wal:
      // Without a hook, the number of frames after which a WAL is checkpointed.
      host_.has_wal_hook = is_set;
      host_.wal_autocheckpoint = static_cast<int>(number);
      break;
    case Hook::trace:
      break;
  }
  return {};
}

Failure KernelConnection::note_wal_commits() {
  if (!session_.autocommit) return {};
  session_.has_wal_commits = false;
  Failure failure;
  for (size_t number = 0; number < session_.databases.size(); ++number) {
    storage::Database* database = session_.databases[number].get();
    storage::Wal* wal = database == nullptr ? nullptr : database->pager().wal();
    const uint32_t frames = wal == nullptr ? 0 : wal->take_committed_frames();
    if (frames == 0 || failure) continue;
    if (host_.has_wal_hook) {
      const int code = host_.wal_hook(static_cast<int>(number), frames);
      if (code != result::OK) failure = {code, result::default_message(code), -1};
    } else if (host_.wal_autocheckpoint > 0 && frames >= static_cast<uint32_t>(host_.wal_autocheckpoint)) {
      // What cannot be brought back now waits for the next time.
      storage::CheckpointResult done;
      static_cast<void>(database->checkpoint(storage::CheckpointMode::passive, done).is_ok());
    }
  }
  return failure;
}

// The C API keeps the limits and answers what they were; here they are told to whom they concern.
Failure KernelConnection::limit(int id, int value, int& before) {
  before = -1;
  if (value < 0) return {};
  limits_[id] = value;
  note_own_settings();
  if (id == limit_length) {
    host_.limit_length = static_cast<size_t>(value);
  } else if (id == limit_pattern_length) {
    host_.limit_pattern_length = value;
  } else if (id == limit_trigger_depth) {
    session_.trigger_depth_limit = value;
  }
  return service_.tell(KB_COMPILER_LIMIT, [&](Writer& writer) { writer.integer(id).integer(value); });
}

// Attached databases

Status KernelConnection::open_database(const std::string& path, int flags, uint32_t page_size, std::string_view vfs,
                                       std::unique_ptr<storage::Database>& database) {
  storage::Vfs* files = vfs.empty() ? &vfs_ : callbacks_.file_system(vfs);
  if (!files) return host_.fail(result::ERROR, unknown_vfs(vfs));
  return storage::Database::open(path, flags, *files, page_size, database);
}

void* KernelConnection::foreign_file(std::string_view schema) {
  const int number = number_of(schema);
  if (number < 0) return nullptr;
  const auto& database = session_.databases[static_cast<size_t>(number)];
  return database && database->pager().file ? database->pager().file->foreign_file() : nullptr;
}

int KernelConnection::attach(std::unique_ptr<storage::Database> database, std::string name) {
  watch_locks(*database);
  database->pager().interrupt_source = &host_;
  session_.databases.push_back(std::move(database));
  schema_names_.push_back(std::move(name));
  surroundings_.note_attached();
  expire();
  return static_cast<int>(session_.databases.size()) - 1;
}

Status KernelConnection::detach(int number, std::unique_ptr<storage::Database>& database) {
  const auto place = static_cast<size_t>(number);
  if (number <= temporary || place >= session_.databases.size()) return Status(result::ERROR);
  database = std::move(session_.databases[place]);
  session_.databases.erase(session_.databases.begin() + number);
  schema_names_.erase(schema_names_.begin() + number);
  session_.note_detached(number);
  surroundings_.note_detached(number);
  expire();
  return keelback::ok_status;
}

void KernelConnection::close_temporary() {
  session_.databases[temporary].reset();
  surroundings_.forget_schema(temporary);
  expire();
}

}  // namespace keelback::engine
