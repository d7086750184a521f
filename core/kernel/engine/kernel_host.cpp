#include "kernel_host.hpp"

#include "../program/marks.hpp"

#include <array>
#include <cstdlib>

#include "../storage/vfs.hpp"
#include "plugin/table.h"

namespace keelback::engine {

namespace {

// sqlite3_busy_timeout's waits, in milliseconds, and what they come to before each.
constexpr std::array<int, 12> waits = {1, 2, 5, 10, 15, 20, 25, 25, 25, 50, 50, 100};
constexpr std::array<int, 12> waited = {0, 1, 3, 8, 18, 33, 53, 78, 103, 128, 178, 228};

bool wait_within(int milliseconds, int count) {
  constexpr int last = static_cast<int>(waits.size()) - 1;
  int64_t delay = waits[static_cast<size_t>(std::min(count, last))];
  const int64_t before =
      count <= last ? waited[static_cast<size_t>(count)] : waited[last] + int64_t{waits[last]} * (count - last);
  if (before + delay > milliseconds) delay = milliseconds - before;
  if (delay <= 0) return false;
  storage::os_vfs().sleep(static_cast<uint32_t>(delay * 1000));
  return true;
}

void write_values(Writer& writer, std::span<const Value> values) {
  for (const Value& value : values) writer.value(value);
}

// What a function of the user is given. json: which of the first 64 are marked as JSON.
void write_arguments(Writer& writer, std::span<const Value> arguments, uint64_t json) {
  constexpr uint8_t json_subtype = 'J';
  for (size_t at = 0; at < arguments.size(); ++at) {
    const bool is_json = at < 64 && (json >> at & 1) != 0;
    writer.value_as_given(arguments[at], is_json ? json_subtype : 0);
  }
}

// One group of an aggregate that the user wrote.
class UserAggregate final : public vm::HostAggregate {
 public:
  UserAggregate(KernelHost& host, int64_t function, int64_t instance)
      : host_(host), function_(function), instance_(instance) {}
  UserAggregate(const UserAggregate&) = delete;
  UserAggregate& operator=(const UserAggregate&) = delete;
  ~UserAggregate() override {
    if (is_open_) (void)ask(KB_ASK_DROP, {}, nullptr);
  }

  Status step(std::span<const Value> arguments) override { return ask(KB_ASK_STEP, arguments, nullptr); }
  Status inverse(std::span<const Value> arguments) override { return ask(KB_ASK_INVERSE, arguments, nullptr); }
  Status value(OwnedValue& result) override { return ask(KB_ASK_VALUE, {}, &result); }
  Status final(OwnedValue& result) override {
    is_open_ = false;
    return ask(KB_ASK_FINAL, {}, &result);
  }

 private:
  Status ask(int question, std::span<const Value> arguments, OwnedValue* result) {
    request_.clear();
    Writer writer(request_);
    writer.integer(function_).integer(instance_);
    write_arguments(writer, arguments, host_.json_arguments);
    return host_.ask(question, request_, result);
  }

  KernelHost& host_;
  int64_t function_;
  int64_t instance_;
  bool is_open_ = true;
  std::string request_;
};

// One group of an aggregate that runs in Python.
class PythonAggregate final : public vm::HostAggregate {
 public:
  PythonAggregate(KernelHost& host, int64_t number) : host_(host), number_(number) {}
  PythonAggregate(const PythonAggregate&) = delete;
  PythonAggregate& operator=(const PythonAggregate&) = delete;
  ~PythonAggregate() override { (void)call(KB_COMPILER_AGGREGATE_DROP, {}, nullptr); }

  Status step(std::span<const Value> arguments) override {
    return call(KB_COMPILER_AGGREGATE_STEP, arguments, nullptr);
  }
  Status inverse(std::span<const Value> arguments) override {
    return call(KB_COMPILER_AGGREGATE_INVERSE, arguments, nullptr);
  }
  Status value(OwnedValue& result) override { return call(KB_COMPILER_AGGREGATE_VALUE, {}, &result); }
  Status final(OwnedValue& result) override { return call(KB_COMPILER_AGGREGATE_FINAL, {}, &result); }

 private:
  Status call(int operation, std::span<const Value> arguments, OwnedValue* result) {
    const bool has_arguments = operation == KB_COMPILER_AGGREGATE_STEP || operation == KB_COMPILER_AGGREGATE_INVERSE;
    return host_.call_compiler(
        operation,
        [&](Writer& writer) {
          writer.integer(number_);
          if (has_arguments) writer.integer(static_cast<int64_t>(host_.json_arguments));
          write_values(writer, arguments);
        },
        [&](Reader& reader) {
          if (!result) return;
          result->assign(reader.next());
          host_.is_json_result = reader.integer() != 0;
        });
  }

  KernelHost& host_;
  int64_t number_;
};

int compare_by_callback(void* context, std::string_view left, std::string_view right) {
  const auto* collation = static_cast<UserCollation*>(context);
  std::string request;
  Writer(request).integer(collation->number).text(left).text(right);
  OwnedValue order;
  // A comparison cannot fail in SQLite either.
  if (!collation->host->ask(KB_ASK_COMPARE, request, &order).is_ok()) return 0;
  const int64_t found = order.value().is_integer() ? order.value().integer() : 0;
  return found < 0 ? -1 : found > 0 ? 1 : 0;
}

}  // namespace

std::string fold_name(std::string_view name) {
  std::string folded(name);
  for (char& c : folded) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  }
  return folded;
}

std::string fold_collation(std::string_view name) {
  std::string folded(name);
  for (char& c : folded) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
  }
  return folded;
}

// Callbacks

Status KernelHost::ask(int question, const std::string& request, OwnedValue* result) {
  std::string answer;
  const int code = callbacks_.ask(question, Reader(request.data(), request.size()), answer);
  Reader reader(answer.data(), answer.size());
  if (code != result::OK) return fail(code, std::string(reader.bytes()));
  if (result) {
    result->assign(reader.next());
    is_json_result = reader.subtype() == 'J';
  }
  return keelback::ok_status;
}

int64_t KernelHost::ask_integer(int question, const std::string& request) {
  answer_.clear();
  if (callbacks_.ask(question, Reader(request.data(), request.size()), answer_) != result::OK) return 0;
  return Reader(answer_.data(), answer_.size()).integer();
}

bool KernelHost::wait_for_lock(int count) {
  if (busy_timeout_ms > 0) return wait_within(busy_timeout_ms, count);
  if (!has_busy_handler) return false;
  std::string request;
  Writer(request).integer(count);
  return ask_integer(KB_ASK_BUSY, request) != 0;
}

bool KernelHost::progress() { return has_progress_handler && ask_integer(KB_ASK_PROGRESS, {}) != 0; }

void KernelHost::update_hook(int operation, int database, const std::string& table, int64_t rowid) {
  if (!has_update_hook) return;
  std::string request;
  Writer(request).integer(operation).text(connection_.schema_name(database)).text(table).integer(rowid);
  (void)ask_integer(KB_ASK_UPDATE, request);
}

void KernelHost::preupdate_hook(int database, const std::string& table, const vm::PreUpdate& change) {
  constexpr int is_insert = 18;
  constexpr int is_delete = 9;
  if (!has_preupdate_hook) return;
  std::string request;
  Writer writer(request);
  const bool has_old = change.operation != is_insert;
  const bool has_new = change.operation != is_delete;
  writer.integer(change.operation).integer(change.depth).text(connection_.schema_name(database)).text(table);
  writer.integer(has_old).integer(has_new).integer(change.blob_column);
  writer.integer(static_cast<int64_t>(has_old ? change.old_row.size() : change.new_row.size()));
  if (has_old) write_values(writer.integer(change.old_rowid), change.old_row);
  if (has_new) write_values(writer.integer(change.new_rowid), change.new_row);
  (void)ask_integer(KB_ASK_PREUPDATE, request);
}

bool KernelHost::commit_hook() { return has_commit_hook && ask_integer(KB_ASK_COMMIT, {}) != 0; }

void KernelHost::rollback_hook() {
  if (has_rollback_hook) (void)ask_integer(KB_ASK_ROLLBACK, {});
}

int KernelHost::wal_hook(int database, uint32_t frames) {
  std::string request;
  Writer(request).text(connection_.schema_name(database)).integer(frames);
  return static_cast<int>(ask_integer(KB_ASK_WAL, request));
}

// Functions and collations

const UserFunction* KernelHost::find_function(const std::string& name, int argument_count) const {
  if (functions.empty()) return nullptr;
  const std::string key = fold_name(name);
  auto found = functions.find({key, argument_count});
  if (found == functions.end()) found = functions.find({key, -1});
  return found == functions.end() ? nullptr : &found->second;
}

// The number of a function that a module has for its own columns; such a function is called by its number, 0 for
// others.
static int64_t number_of_module_function(const std::string& name) {
  return !name.empty() && name[0] == program::module_function_mark ? std::strtoll(name.c_str() + 1, nullptr, 10) : 0;
}

bool KernelHost::hides_function(const program::FunctionReference& reference) {
  if (number_of_module_function(reference.name) != 0) return true;
  return find_function(reference.name, reference.argument_count) != nullptr;
}

Status KernelHost::call_scalar(const program::FunctionReference& reference, std::span<const Value> arguments,
                               OwnedValue& result) {
  is_json_result = false;
  int64_t number = number_of_module_function(reference.name);
  if (number == 0) {
    const UserFunction* function = find_function(reference.name, reference.argument_count);
    if (function != nullptr) number = function->number;
  }
  if (number != 0) {
    std::string request;
    Writer writer(request);
    writer.integer(number);
    write_arguments(writer, arguments, json_arguments);
    return ask(KB_ASK_SCALAR, request, &result);
  }
  return call_compiler(
      KB_COMPILER_SCALAR,
      [&](Writer& writer) {
        writer.text(reference.name).integer(reference.argument_count).text(reference.collation_name);
        writer.integer(static_cast<int64_t>(json_arguments));
        write_values(writer, arguments);
      },
      [&](Reader& reader) {
        result.assign(reader.next());
        is_json_result = reader.integer() != 0;
      });
}

Status KernelHost::new_aggregate(const program::FunctionReference& reference,
                                 std::unique_ptr<vm::HostAggregate>& aggregate) {
  if (const UserFunction* function = find_function(reference.name, reference.argument_count)) {
    aggregate = std::make_unique<UserAggregate>(*this, function->number, ++instances_);
    return keelback::ok_status;
  }
  int64_t number = 0;
  KEELBACK_TRY(call_compiler(
      KB_COMPILER_AGGREGATE_NEW,
      [&](Writer& writer) {
        writer.text(reference.name).integer(reference.argument_count).text(reference.collation_name);
      },
      [&](Reader& reader) { number = reader.integer(); }));
  aggregate = std::make_unique<PythonAggregate>(*this, number);
  return keelback::ok_status;
}

Status KernelHost::find_collation(const std::string& name, Collation& collation) {
  const auto found = collations.find(fold_collation(name));
  if (found != collations.end()) {
    collation = {Collation::Kind::custom, compare_by_callback, found->second.get()};
    return keelback::ok_status;
  }
  if (find_builtin_collation(name, collation)) return keelback::ok_status;
  return fail(result::ERROR_MISSING_COLLSEQ, "no such collation sequence: " + name);
}

void KernelHost::random_bytes(void* data, size_t size) { callbacks_.random_bytes({static_cast<uint8_t*>(data), size}); }

int64_t KernelHost::current_time_milliseconds() {
  if (now_ == 0) now_ = callbacks_.current_time_milliseconds();
  return now_;
}

// Python

Status KernelHost::pragma(int database, const std::string& name, std::span<const Value> arguments, OwnedValue& result) {
  return call_compiler(
      KB_COMPILER_PRAGMA,
      [&](Writer& writer) {
        writer.integer(database).text(name);
        write_values(writer, arguments);
      },
      [&](Reader& reader) { result.assign(reader.next()); });
}

}  // namespace keelback::engine
