#include "registry.hpp"

namespace keelback::vm::modules {

std::unique_ptr<VirtualRows> open_module(std::string_view name, Host& host) {
  if (name == "generate_series") return open_generate_series();
  if (name == "json_each") return open_json_rows(host, false, false);
  if (name == "json_tree") return open_json_rows(host, true, false);
  if (name == "jsonb_each") return open_json_rows(host, false, true);
  if (name == "jsonb_tree") return open_json_rows(host, true, true);
  return nullptr;
}

}  // namespace keelback::vm::modules
