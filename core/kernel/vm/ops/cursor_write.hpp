// The opcodes of the family cursor that write: new rowids, insert, delete.
//
// Twin: keelback_core/reference/vm/ops/cursor_write.py.
#ifndef KEELBACK_VM_OPS_CURSOR_WRITE_HPP
#define KEELBACK_VM_OPS_CURSOR_WRITE_HPP

#include "handler.hpp"

namespace keelback::vm::ops {

// AUTOINCREMENT counts in the registers of the statement, also from within a trigger; null where it has no such one.
Register* outermost_register(Machine& m, int32_t index);

Signal new_rowid(Machine& m, const Instruction& i);
Signal insert(Machine& m, const Instruction& i);
Signal delete_entry(Machine& m, const Instruction& i);
Signal index_insert(Machine& m, const Instruction& i);
Signal index_delete(Machine& m, const Instruction& i);
Signal pre_update(Machine& m, const Instruction& i);

}  // namespace keelback::vm::ops

#endif
