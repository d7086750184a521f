// What every family of opcodes uses: a handler is `Signal name(Machine &m, const Instruction &i)`.
//
// The verifier has checked registers, jumps and cursor numbers; a handler checks what depends on values and on which
// cursor is open.
#ifndef KEELBACK_VM_OPS_HANDLER_HPP
#define KEELBACK_VM_OPS_HANDLER_HPP

#include "../machine.hpp"

// Leave a handler with the error of an expression that gives a Status.
#define KEELBACK_OP_TRY(expression)                                                                               \
  do {                                                                                                            \
    if (const ::keelback::Status status_of_op = (expression); !status_of_op.is_ok()) return m.fail(status_of_op); \
  } while (false)

namespace keelback::vm::ops {

// Assumed open by the compiler; a program that is wrong about it fails.
#define KEELBACK_OP_CURSOR(name, index) \
  Cursor* name = m.cursor(index);       \
  if (!name) [[unlikely]]               \
  return m.fail(Status(result::INTERNAL, "cursor is not open"))

}  // namespace keelback::vm::ops

#endif
