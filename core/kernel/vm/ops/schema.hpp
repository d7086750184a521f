// Opcodes of the family schema: roots, cookies, schema changes, integrity, and what the host knows.
//
// Twin: keelback_core/reference/vm/ops/schema.py.
#ifndef KEELBACK_VM_OPS_SCHEMA_HPP
#define KEELBACK_VM_OPS_SCHEMA_HPP

#include "handler.hpp"

namespace keelback::vm::ops {

Signal read_cookie(Machine& m, const Instruction& i);
Signal set_cookie(Machine& m, const Instruction& i);
Signal schema_changed(Machine& m, const Instruction& i);
Signal create_btree(Machine& m, const Instruction& i);
Signal destroy(Machine& m, const Instruction& i);
Signal incremental_vacuum(Machine& m, const Instruction& i);
Signal clear(Machine& m, const Instruction& i);
Signal integrity_check(Machine& m, const Instruction& i);
Signal pragma_call(Machine& m, const Instruction& i);
Signal page_count(Machine& m, const Instruction& i);

}  // namespace keelback::vm::ops

#endif
