// Opcodes of the family virtual: scans of virtual tables and writes to them.
//
// The tables belong to the host, but for those of the modules in vm/modules. Twin:
// keelback_core/reference/vm/ops/virtual.py.
#ifndef KEELBACK_VM_OPS_VIRTUAL_HPP
#define KEELBACK_VM_OPS_VIRTUAL_HPP

#include "handler.hpp"

namespace keelback::vm::ops {

Signal open_virtual(Machine& m, const Instruction& i);
Signal filter_virtual(Machine& m, const Instruction& i);
Signal next_virtual(Machine& m, const Instruction& i);
Signal virtual_column(Machine& m, const Instruction& i);
Signal list_append(Machine& m, const Instruction& i);
Signal begin_virtual(Machine& m, const Instruction& i);
Signal update_virtual(Machine& m, const Instruction& i);
Signal create_virtual(Machine& m, const Instruction& i);
Signal destroy_virtual(Machine& m, const Instruction& i);
Signal rename_virtual(Machine& m, const Instruction& i);
Signal check_virtual(Machine& m, const Instruction& i);

}  // namespace keelback::vm::ops

#endif
