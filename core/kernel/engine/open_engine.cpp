// Which engine stands behind the C API: KEELBACK_ENGINE, an error where it names none.
#include <cstdlib>

#include "../storage/vfs_names.hpp"
#include "kernel_connection.hpp"
#include "mirror_engine.hpp"
#include "reference_engine.hpp"

namespace keelback::engine {

namespace {

// Where KEELBACK_ENGINE is not set; everybody else asks keelback_engine().
constexpr const char* default_engine = "kernel";

}  // namespace

const char* engine_name() {
  const char* name = std::getenv("KEELBACK_ENGINE");
  return name == nullptr || *name == '\0' ? default_engine : name;
}

Failure check_engine() {
  const std::string_view name = engine_name();
  if (name == "reference" || name == "kernel" || name == "mirror") return {};
  return {result::ERROR, "KEELBACK_ENGINE=" + std::string(name) + ": this build has no such engine", -1};
}

Failure open_engine(const OpenRequest& request, EngineHost& host, std::unique_ptr<EngineConnection>& connection) {
  if (Failure failure = check_engine()) return failure;
  const std::string_view name = engine_name();
  if (name == "kernel") return open_kernel(request, host, connection);
  if (name == "mirror") return open_mirror(request, host, connection);
  return open_reference(request, host, connection);
}

storage::Vfs* EngineHost::file_system(std::string_view name) { return storage::find_vfs(name); }

void EngineHost::random_bytes(std::span<uint8_t> out) { storage::os_vfs().randomness(out); }

int64_t EngineHost::current_time_milliseconds() { return storage::os_vfs().current_time_milliseconds(); }

}  // namespace keelback::engine
