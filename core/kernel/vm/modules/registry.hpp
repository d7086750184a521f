// The virtual table modules that the kernel has itself. Twin: keelback_core/engine/modules.
#ifndef KEELBACK_VM_MODULES_REGISTRY_HPP
#define KEELBACK_VM_MODULES_REGISTRY_HPP

#include <string_view>

#include "../host.hpp"
#include "../virtual_rows.hpp"

namespace keelback::vm::modules {

// A scan of the table of the module of that name, null if the host has to run it.
std::unique_ptr<VirtualRows> open_module(std::string_view name, Host& host);

std::unique_ptr<VirtualRows> open_generate_series();
std::unique_ptr<VirtualRows> open_json_rows(Host& host, bool is_tree, bool as_binary);

}  // namespace keelback::vm::modules

#endif
