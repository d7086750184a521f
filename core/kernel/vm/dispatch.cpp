// The loop of the machine: opcode number to handler, by one switch. The hot handlers are inline in ops/*.hpp.
//
// Twin: keelback_core/reference/vm/dispatch.py.
#include "machine.hpp"
#include "ops/aggregate.hpp"
#include "ops/arith.hpp"
#include "ops/compare.hpp"
#include "ops/constant.hpp"
#include "ops/control.hpp"
#include "ops/cursor.hpp"
#include "ops/cursor_write.hpp"
#include "ops/join.hpp"
#include "ops/row.hpp"
#include "ops/schema.hpp"
#include "ops/sort.hpp"
#include "ops/text.hpp"
#include "ops/txn.hpp"
#include "ops/virtual.hpp"

namespace keelback::vm {

using namespace program;

namespace {

// In both of the loops that call it: a call of a function for each instruction costs a tenth of a simple statement.
[[gnu::always_inline]] inline Signal execute(Machine& m, const Instruction& i) {
  using namespace ops;
  switch (i.opcode) {
    // control
    case OP_INIT:
    case OP_GOTO:
      return jump_to_p2(m, i);
    case OP_GOSUB:
      return gosub(m, i);
    case OP_RETURN:
      return return_after(m, i);
    case OP_INIT_COROUTINE:
      return init_coroutine(m, i);
    case OP_END_COROUTINE:
      return end_coroutine(m, i);
    case OP_YIELD:
      return yield_control(m, i);
    case OP_HALT_IF_NULL:
      return halt_if_null(m, i);
    case OP_HALT:
      return halt(m, i);
    case OP_ONCE:
      return once(m, i);
    case OP_BEGIN_SUBROUTINE:
      return begin_subroutine(m, i);
    case OP_PROGRAM:
      return run_program(m, i);
    case OP_PARAM:
      return param(m, i);
    case OP_NOOP:
    case OP_EXPLAIN:
    case OP_PERMUTATION:
      return noop(m, i);
    // constant
    case OP_INTEGER:
      return integer(m, i);
    case OP_INT64:
    case OP_REAL:
      return constant_p4(m, i);
    case OP_STRING8:
    case OP_BLOB:
      return constant_bytes(m, i);
    case OP_NULL:
      return null(m, i);
    case OP_SOFT_NULL:
      return soft_null(m, i);
    case OP_VARIABLE:
      return variable(m, i);
    case OP_MOVE:
      return move(m, i);
    case OP_COPY:
      return copy(m, i);
    case OP_S_COPY:
    case OP_INT_COPY:
      return copy_one(m, i);
    // arith
    case OP_ADD:
      return add_registers(m, i);
    case OP_SUBTRACT:
      return binary<keelback::subtract>(m, i);
    case OP_MULTIPLY:
      return binary<keelback::multiply>(m, i);
    case OP_DIVIDE:
      return binary<keelback::divide>(m, i);
    case OP_REMAINDER:
      return binary<keelback::remainder>(m, i);
    case OP_CONCAT:
      return concat_registers(m, i);
    case OP_BIT_AND:
      return binary<keelback::bit_and>(m, i);
    case OP_BIT_OR:
      return binary<keelback::bit_or>(m, i);
    case OP_SHIFT_LEFT:
      return binary<keelback::shift_left>(m, i);
    case OP_SHIFT_RIGHT:
      return binary<keelback::shift_right>(m, i);
    case OP_ADD_IMM:
      return add_immediate(m, i);
    case OP_MUST_BE_INT:
      return must_be_int(m, i);
    case OP_REAL_AFFINITY:
      return real_affinity(m, i);
    case OP_CAST:
      return cast(m, i);
    case OP_BIT_NOT:
      return bit_not_register(m, i);
    // compare
    case OP_EQ:
      return jump_if_order<is_equal>(m, i);
    case OP_NE:
      return jump_if_order<is_not_equal>(m, i);
    case OP_LT:
      return jump_if_order<is_less>(m, i);
    case OP_LE:
      return jump_if_order<is_less_or_equal>(m, i);
    case OP_GT:
      return jump_if_order<is_greater>(m, i);
    case OP_GE:
      return jump_if_order<is_greater_or_equal>(m, i);
    case OP_ELSE_EQ:
      return jump_if_was_equal(m, i);
    case OP_ZERO_OR_NULL:
      return zero_or_null(m, i);
    case OP_COMPARE:
      return compare(m, i);
    case OP_JUMP:
      return jump_by_order(m, i);
    case OP_AND:
      return logic<logical_and>(m, i);
    case OP_OR:
      return logic<logical_or>(m, i);
    case OP_NOT:
      return not_register(m, i);
    case OP_IS_TRUE:
      return test_truth(m, i);
    case OP_IF:
      return jump_if_true(m, i);
    case OP_IF_NOT:
      return jump_if_false(m, i);
    case OP_IS_NULL:
      return jump_if_null(m, i);
    case OP_NOT_NULL:
      return jump_if_not_null(m, i);
    case OP_IF_POS:
      return jump_if_positive(m, i);
    case OP_IF_NOT_ZERO:
      return jump_if_not_zero(m, i);
    case OP_DECR_JUMP_ZERO:
      return decrement_and_jump_if_zero(m, i);
    case OP_OFFSET_LIMIT:
      return offset_limit(m, i);
    // text
    case OP_FUNCTION:
      return call_function(m, i);
    // row
    case OP_COLUMN:
      return column(m, i);
    case OP_TYPE_CHECK:
      return type_check(m, i);
    case OP_AFFINITY:
      return affinity(m, i);
    case OP_MAKE_RECORD:
      return make_record(m, i);
    case OP_RECORD_BLOB:
      return record_blob(m, i);
    case OP_RESULT_ROW:
      return result_row(m, i);
    case OP_ROWID:
    case OP_IDX_ROWID:
      return rowid(m, i);
    case OP_ROW_DATA:
      return row_data(m, i);
    case OP_NULL_ROW:
      return null_row(m, i);
    case OP_COUNT:
      return count(m, i);
    case OP_SEQUENCE:
      return sequence(m, i);
    case OP_SEQUENCE_TEST:
      return sequence_test(m, i);
    // cursor
    case OP_OPEN_READ:
      return open_read(m, i);
    case OP_REOPEN_IDX:
      return reopen_index(m, i);
    case OP_OPEN_WRITE:
      return open_write(m, i);
    case OP_OPEN_DUP:
      return open_duplicate(m, i);
    case OP_OPEN_PSEUDO:
      return open_pseudo(m, i);
    case OP_CLOSE:
      return close(m, i);
    case OP_SEEK_LT:
      return seek(m, i, false, false);
    case OP_SEEK_LE:
      return seek(m, i, false, true);
    case OP_SEEK_GE:
      return seek(m, i, true, true);
    case OP_SEEK_GT:
      return seek(m, i, true, false);
    case OP_SEEK_ROWID:
      return seek_rowid(m, i);
    case OP_NOT_EXISTS:
      return not_exists(m, i);
    case OP_FOUND:
      return jump_if_found(m, i);
    case OP_NOT_FOUND:
    case OP_IF_NO_HOPE:
      return jump_if_not_found(m, i);
    case OP_NO_CONFLICT:
      return no_conflict(m, i);
    case OP_LAST:
      return last(m, i);
    case OP_REWIND:
      return rewind(m, i);
    case OP_IF_EMPTY:
      return jump_if_empty(m, i);
    case OP_NEXT:
      return next_entry(m, i);
    case OP_PREV:
      return previous_entry(m, i);
    case OP_SEEK_END:
      return seek_end(m, i);
    case OP_IDX_LE:
      return jump_if_entry<is_less_or_equal>(m, i);
    case OP_IDX_LT:
      return jump_if_entry<is_less>(m, i);
    case OP_IDX_GE:
      return jump_if_entry<is_greater_or_equal>(m, i);
    case OP_IDX_GT:
      return jump_if_entry<is_greater>(m, i);
    case OP_DEFERRED_SEEK:
      return deferred_seek(m, i);
    case OP_FINISH_SEEK:
      return finish_seek(m, i);
    case OP_NEW_ROWID:
      return new_rowid(m, i);
    case OP_INSERT:
      return insert(m, i);
    case OP_DELETE:
      return delete_entry(m, i);
    case OP_IDX_INSERT:
      return index_insert(m, i);
    case OP_IDX_DELETE:
      return index_delete(m, i);
    // aggregate
    case OP_AGG_STEP:
      return aggregate_step(m, i);
    case OP_AGG_INVERSE:
      return aggregate_inverse(m, i);
    case OP_AGG_VALUE:
      return aggregate_value(m, i);
    case OP_AGG_FINAL:
      return aggregate_final(m, i);
    case OP_FILTER_ADD:
      return filter_add(m, i);
    case OP_FILTER:
      return filter_test(m, i);
    case OP_GROUP_OPEN:
      return group_open(m, i);
    case OP_GROUP_FIND:
      return group_find(m, i);
    case OP_GROUP_SORT:
      return group_sort(m, i);
    case OP_GROUP_NEXT:
      return group_next(m, i);
    case OP_GROUP_ROOM:
      return group_room(m, i);
    case OP_GROUP_DEFER:
      return group_defer(m, i);
    case OP_GROUP_ROW:
      return group_row(m, i);
    case OP_GROUP_TAKE:
      return group_take(m, i);
    case OP_SAMPLE_OPEN:
      return sample_open(m, i);
    case OP_SAMPLE_PUSH:
      return sample_push(m, i);
    case OP_SAMPLE_NEXT:
      return sample_next(m, i);
    case OP_ROW_SET_ADD:
      return row_set_add(m, i);
    case OP_ROW_SET_READ:
      return row_set_read(m, i);
    case OP_ROW_SET_TEST:
      return row_set_test(m, i);
    // sort
    case OP_OPEN_EPHEMERAL:
      return open_ephemeral(m, i);
    case OP_SORTER_OPEN:
      return sorter_open(m, i);
    case OP_SORTER_INSERT:
      return sorter_insert(m, i);
    case OP_SORTER_SORT:
    case OP_SORT:
      return sort(m, i);
    case OP_SORTER_DATA:
      return sorter_data(m, i);
    case OP_SORTER_COMPARE:
      return sorter_compare(m, i);
    case OP_SORTER_NEXT:
      return sorter_next(m, i);
    case OP_RESET_SORTER:
      return reset_sorter(m, i);
    // txn
    case OP_TRANSACTION:
      return transaction(m, i);
    case OP_AUTO_COMMIT:
      return auto_commit(m, i);
    case OP_SAVEPOINT:
      return savepoint(m, i);
    case OP_RESET_COUNT:
      return reset_count(m, i);
    case OP_MEM_MAX:
      return mem_max(m, i);
    case OP_FK_COUNTER:
      return count_constraint(m, i);
    case OP_FK_IF_ZERO:
      return jump_if_no_constraint(m, i);
    // schema
    case OP_READ_COOKIE:
      return read_cookie(m, i);
    case OP_SET_COOKIE:
      return set_cookie(m, i);
    case OP_SCHEMA_CHANGED:
      return schema_changed(m, i);
    case OP_CREATE_BTREE:
      return create_btree(m, i);
    case OP_DESTROY:
      return destroy(m, i);
    case OP_INCR_VACUUM:
      return incremental_vacuum(m, i);
    case OP_CLEAR:
      return clear(m, i);
    case OP_INTEGRITY_CK:
      return integrity_check(m, i);
    case OP_PRAGMA_CALL:
      return pragma_call(m, i);
    case OP_PAGE_COUNT:
      return page_count(m, i);
    // virtual
    case OP_V_OPEN:
      return open_virtual(m, i);
    case OP_V_FILTER:
      return filter_virtual(m, i);
    case OP_LIST_APPEND:
      return list_append(m, i);
    case OP_V_NEXT:
      return next_virtual(m, i);
    case OP_V_COLUMN:
      return virtual_column(m, i);
    case OP_V_BEGIN:
      return begin_virtual(m, i);
    case OP_V_UPDATE:
      return update_virtual(m, i);
    case OP_V_CREATE:
      return create_virtual(m, i);
    case OP_V_DESTROY:
      return destroy_virtual(m, i);
    case OP_V_RENAME:
      return rename_virtual(m, i);
    case OP_V_CHECK:
      return check_virtual(m, i);
    case OP_PRE_UPDATE:
      return pre_update(m, i);
    // join
    case OP_HASH_OPEN:
      return hash_open(m, i);
    case OP_HASH_INSERT:
      return hash_insert(m, i);
    case OP_HASH_FIND:
      return hash_find(m, i);
    case OP_HASH_NEXT:
      return hash_next(m, i);
    // An opcode that the compiler has learnt before the kernel; a test finds it.
    default:
      break;
  }
  return m.fail(Status(result::INTERNAL));
}

}  // namespace

Signal Machine::run() {
  while (true) {
    if (--ticks_ < 0) [[unlikely]] {
      if (tick() == Signal::failed) return Signal::failed;
    }
    const Instruction& instruction = *next++;
    const Signal signal = execute(*this, instruction);
    if (signal != Signal::next) [[unlikely]]
      return signal;
  }
}

Status Machine::run_block(int32_t from, int32_t to) {
  for (jump(from); next != code_ + to;) {
    if (--ticks_ < 0 && tick() == Signal::failed) return error;
    const Instruction& instruction = *next++;
    const Signal signal = execute(*this, instruction);
    if (signal == Signal::failed) return error;
    if (signal != Signal::next) return Status(result::INTERNAL);
  }
  return ok_status;
}

}  // namespace keelback::vm
