// The virtual table modules that the kernel has itself. Twin: keelback_core/engine/modules.
#ifndef KEELBACK_VM_MODULES_REGISTRY_HPP
#define KEELBACK_VM_MODULES_REGISTRY_HPP

#include <string_view>

#include "../virtual_rows.hpp"

namespace keelback::vm::modules {

// A scan of the table of the module of that name, null if the host has to run it.
std::unique_ptr<VirtualRows> open_module(std::string_view name);

std::unique_ptr<VirtualRows> open_generate_series();

}  // namespace keelback::vm::modules

#endif
