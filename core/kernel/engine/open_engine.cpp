// Which engine stands behind the C API: KEELBACK_ENGINE, an error where it names none.
#include <cstdlib>

#include "kernel_connection.hpp"
#include "reference_engine.hpp"

namespace keelback::engine {

const char* engine_name() {
  const char* name = std::getenv("KEELBACK_ENGINE");
  return name == nullptr || *name == '\0' ? "reference" : name;
}

Failure check_engine() {
  const std::string_view name = engine_name();
  if (name == "reference" || name == "kernel") return {};
  return {result::ERROR, "KEELBACK_ENGINE=" + std::string(name) + ": this build has no such engine", -1};
}

Failure open_engine(const OpenRequest& request, EngineHost& host, std::unique_ptr<EngineConnection>& connection) {
  if (Failure failure = check_engine()) return failure;
  return engine_name() == std::string_view("kernel") ? open_kernel(request, host, connection)
                                                     : open_reference(request, host, connection);
}

}  // namespace keelback::engine
