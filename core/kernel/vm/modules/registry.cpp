#include "registry.hpp"

namespace keelback::vm::modules {

std::unique_ptr<VirtualRows> open_module(std::string_view name) {
  if (name == "generate_series") return open_generate_series();
  return nullptr;
}

}  // namespace keelback::vm::modules
