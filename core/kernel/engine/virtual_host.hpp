// VirtualHost: the virtual tables whose modules are Python, for running Programs.
//
// Every method is one call of the compiler service. Must not know: functions, hooks.
// Twin: keelback_core/engine/virtual_service.py.
#ifndef KEELBACK_ENGINE_VIRTUAL_HOST_HPP
#define KEELBACK_ENGINE_VIRTUAL_HOST_HPP

#include "../vm/host.hpp"
#include "compiler_service.hpp"

namespace keelback::engine {

// What the host needs to know of its connection.
class HostConnection {
 public:
  virtual ~HostConnection() = default;
  virtual CompilerService& compiler() = 0;
  virtual std::string schema_name(int database) const = 0;
  virtual void forget_schema(int database) = 0;
};

class VirtualHost : public vm::Host {
 public:
  explicit VirtualHost(HostConnection& connection) : connection_(connection) {}

  Status open_virtual(const std::string& table, std::unique_ptr<vm::VirtualRows>& rows) override;
  Status begin_virtual(const std::string& table, int depth) override;
  Status update_virtual(const std::string& table, std::span<const Value> arguments, int conflict,
                        OwnedValue& rowid) override;
  Status create_virtual(int database, const std::string& text) override;
  Status destroy_virtual(const std::string& table) override;
  Status rename_virtual(const std::string& table, const std::string& name) override;
  Status check_virtual(const std::string& table, bool is_quick, OwnedValue& result) override;
  Status end_virtual(vm::VirtualEvent event, int depth) override;

  // One call to Python as a Status.
  template <typename Pack, typename Unpack>
  Status call_compiler(int operation, Pack&& pack, Unpack&& unpack) {
    Failure failure = connection_.compiler().call(operation, pack, unpack);
    return failure ? fail(failure.code, std::move(failure.message)) : keelback::ok_status;
  }
  template <typename Pack>
  Status call_compiler(int operation, Pack&& pack) {
    return call_compiler(operation, pack, [](Reader&) {});
  }

 protected:
  HostConnection& connection_;
};

}  // namespace keelback::engine

#endif
