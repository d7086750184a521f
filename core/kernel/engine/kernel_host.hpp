// KernelHost: what running Programs ask, answered by the C API's callbacks or by the compiler service.
//
// 1. The user's functions and collations stand here by name, and are called through EngineHost::ask by number. One for
//    the very count of arguments goes before one for any.
// 2. What is built in and has no native twin runs in Python.
//
// Must not know: how statements are compiled or stepped. Twin: keelback_core/engine/host.py.
#ifndef KEELBACK_ENGINE_KERNEL_HOST_HPP
#define KEELBACK_ENGINE_KERNEL_HOST_HPP

#include <map>
#include <unordered_map>

#include "virtual_host.hpp"

namespace keelback::engine {

// A function that the user has registered.
struct UserFunction {
  int64_t number = 0;
  std::string name;
  int argument_count = 0;
  int flags = 0;
  int kind = 0;
};

// A module that the user has registered; number 0: one that was there and is not wanted.
struct UserModule {
  int64_t number = 0;
  std::string name;
  bool is_eponymous = false;
  bool has_create = false;
};

class KernelHost;

struct UserCollation {
  KernelHost* host = nullptr;
  int64_t number = 0;
  std::string name;
};

class KernelHost final : public VirtualHost {
 public:
  KernelHost(EngineHost& callbacks, HostConnection& connection) : VirtualHost(connection), callbacks_(callbacks) {
    has_update_hook = false;
  }

  std::map<std::pair<std::string, int>, UserFunction> functions;
  std::map<std::string, std::unique_ptr<UserCollation>> collations;  // by their folded names
  bool has_busy_handler = false;
  bool has_progress_handler = false;
  bool has_preupdate_hook = false;
  bool has_commit_hook = false;
  bool has_rollback_hook = false;
  bool has_wal_hook = false;
  int wal_autocheckpoint = 1000;  // frames; without a hook
  int busy_timeout_ms = 0;

  // Whether to try a lock again that was refused `count` times before.
  bool wait_for_lock(int count);
  const UserFunction* find_function(const std::string& name, int argument_count) const;
  // A step begins: the time is to be taken anew.
  void begin_step() { now_ = 0; }
  // Since 1970-01-01 UTC, the same all through one step.
  int64_t current_time_milliseconds() override;
  // The answer of a callback; a failure has the callback's message.
  Status ask(int question, const std::string& request, OwnedValue* result);

  bool progress() override;
  void release_pointer(int64_t number) override { callbacks_.release_pointer(number); }
  bool hides_function(const program::FunctionReference& reference) override;
  Status call_scalar(const program::FunctionReference& reference, std::span<const Value> arguments,
                     OwnedValue& result) override;
  Status new_aggregate(const program::FunctionReference& reference,
                       std::unique_ptr<vm::HostAggregate>& aggregate) override;
  Status find_collation(const std::string& name, Collation& collation) override;
  void random_bytes(void* data, size_t size) override;
  void schema_changed(int database) override { connection_.forget_schema(database); }
  Status pragma(int database, const std::string& name, std::span<const Value> arguments, OwnedValue& result) override;
  void update_hook(int operation, int database, const std::string& table, int64_t rowid) override;
  void preupdate_hook(int database, const std::string& table, const vm::PreUpdate& change) override;
  bool commit_hook() override;
  void rollback_hook() override;
  // A commit made the WAL this long; a result code.
  int wal_hook(int database, uint32_t frames);

 private:
  int64_t ask_integer(int question, const std::string& request);

  EngineHost& callbacks_;
  std::string answer_;
  int64_t instances_ = 0;
  int64_t now_ = 0;
};

// Names as functions and collations are compared: ASCII letters without case.
std::string fold_name(std::string_view name);
std::string fold_collation(std::string_view name);

}  // namespace keelback::engine

#endif
