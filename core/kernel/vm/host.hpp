// Host: what a running Program may ask of the engine that runs it.
//
// 1. One object per connection. The counters are plain members, because every statement touches them.
// 2. A call that fails gives a Status; where its message is no literal, the host has put it into `message`, and the
//    Status points there.
//
// Twin: keelback_core/program/host.py.
#ifndef KEELBACK_VM_HOST_HPP
#define KEELBACK_VM_HOST_HPP

#include <chrono>
#include <functional>
#include <memory>
#include <span>
#include <string>

#include "../program/program.hpp"
#include "../value/interrupt_source.hpp"
#include "../value/key.hpp"
#include "../value/status.hpp"
#include "register.hpp"
#include "virtual_rows.hpp"

namespace keelback::vm {

// The state of one aggregate of one group that the host runs.
class HostAggregate {
 public:
  virtual ~HostAggregate() = default;
  virtual Status step(std::span<const Value> arguments) = 0;
  // Take the oldest row out again.
  virtual Status inverse(std::span<const Value> arguments) = 0;
  // The value so far; the aggregate goes on.
  virtual Status value(OwnedValue& result) = 0;
  virtual Status final(OwnedValue& result) = 0;
};

// A row that is about to change. Rowids are 0 where the table has none, and equal but for an UPDATE.
struct PreUpdate {
  int operation = 0;
  // How many triggers lie between the change and the statement.
  int depth = 0;
  // The column that sqlite3_blob_write is about to change in place, whose row is shown as if it were deleted.
  int blob_column = -1;
  int64_t old_rowid = 0;
  int64_t new_rowid = 0;
  // Empty where the row is inserted, and where it is deleted.
  std::span<const Value> old_row;
  std::span<const Value> new_row;
};

class Host : public InterruptSource {
 public:
  Host() = default;

  int64_t last_insert_rowid = 0;
  int64_t changes = 0;
  int64_t total_changes = 0;
  // Whether `update_hook` is to be told of changes.
  bool has_update_hook = true;
  size_t limit_length = 1'000'000'000;
  int limit_pattern_length = 50000;
  // PRAGMA case_sensitive_like.
  bool is_like_case_sensitive = false;
  // What an empty main database is going to have: 1 UTF-8, 2 UTF-16le, 3 UTF-16be.
  int text_encoding = 1;
  // Calls of the progress handler: every so many instructions (0: none).
  int progress_period = 0;
  std::string message;
  // Beside the arguments and the result of a call: which of the first 64 arguments are TEXT that a JSON function made,
  // and whether the result is.
  uint64_t json_arguments = 0;
  bool is_json_result = false;
  // What families of functions keep from call to call.
  std::unique_ptr<RegisterObject> json_memory;
  std::unique_ptr<RegisterObject> pattern_memory;
  std::unique_ptr<RegisterObject> regexp_memory;

  // A failure with a message of its own.
  Status fail(int code, std::string text) {
    message = std::move(text);
    return Status(code, message.c_str());
  }

  // True: interrupt.
  virtual bool progress() { return false; }
  // What takes long within one instruction asks; a progress handler hears of it as of so many instructions.
  bool must_stop() override {
    constexpr int instructions_between = 50;
    if (has_stopped_ || InterruptSource::must_stop()) return true;
    if (!progress_period || (long_work_ += instructions_between) < progress_period) return false;
    long_work_ = 0;
    return has_stopped_ = progress();
  }
  // A step begins: what the handler has said before is past. Until then it is not asked again.
  void begin_step() noexcept { has_stopped_ = false; }
  // Whether a user's function hides the built-in one of that name.
  virtual bool hides_function(const program::FunctionReference& reference) = 0;
  // The call whose result carried a pointer of that number gives something else now.
  virtual void release_pointer(int64_t) {}
  // A function that the VM has no twin of, or that hides one.
  virtual Status call_scalar(const program::FunctionReference& reference, std::span<const Value> arguments,
                             OwnedValue& result) = 0;
  virtual Status new_aggregate(const program::FunctionReference& reference,
                               std::unique_ptr<HostAggregate>& aggregate) = 0;
  virtual Status find_collation(const std::string& name, Collation& collation) = 0;
  virtual void random_bytes(void* data, size_t size) = 0;
  // Since 1970-01-01 UTC; the same all through a step.
  virtual int64_t current_time_milliseconds() {
    using namespace std::chrono;
    return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
  }
  virtual void schema_changed(int database) = 0;
  virtual Status pragma(int database, const std::string& name, std::span<const Value> arguments,
                        OwnedValue& result) = 0;
  // Virtual tables are named "database:name". A scan of one, an xUpdate (rowid: that of a row inserted without one),
  // and what else happens to one.
  virtual Status open_virtual(const std::string& table, std::unique_ptr<VirtualRows>& rows) {
    rows = nullptr;
    return no_virtual(table);
  }
  // depth: of the savepoints that are open already.
  virtual Status begin_virtual(const std::string& table, int) { return no_virtual(table); }
  virtual Status update_virtual(const std::string& table, std::span<const Value>, int conflict, OwnedValue& rowid) {
    rowid.assign(Value::of_integer(conflict));
    return no_virtual(table);
  }
  virtual Status create_virtual(int, const std::string& text) { return no_virtual(text); }
  virtual Status destroy_virtual(const std::string& table) { return no_virtual(table); }
  virtual Status rename_virtual(const std::string& table, const std::string&) { return no_virtual(table); }
  // result: what is wrong, or NULL.
  virtual Status check_virtual(const std::string& table, bool, OwnedValue& result) {
    result.assign(Value());
    return no_virtual(table);
  }
  // The transaction of the virtual tables that have begun: only the answer to sync counts.
  virtual Status end_virtual(VirtualEvent, int) { return ok_status; }

  virtual void update_hook(int operation, int database, const std::string& table, int64_t rowid) = 0;
  // Programs ask only where the connection has such a hook.
  virtual void preupdate_hook(int, const std::string&, const PreUpdate&) {}
  // True: turn the commit into a rollback.
  virtual bool commit_hook() { return false; }
  virtual void rollback_hook() {}

 private:
  int long_work_ = 0;
  bool has_stopped_ = false;

  Status no_virtual(const std::string& table) { return fail(result::ERROR, "no such virtual table: " + table); }
};

}  // namespace keelback::vm

#endif
