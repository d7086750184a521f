"""Opcodes of the family cursor: opening, moving and searching. Writing through cursors is in cursor_write.

A key is p4 registers from p3. For a table it is one register, the rowid, which may hold any value: what is no integer
is compared as SQLite compares storage classes.
"""

from __future__ import annotations

from keelback_core.program.opcodes import (
    OP_CLOSE,
    OP_DEFERRED_SEEK,
    OP_FINISH_SEEK,
    OP_FOUND,
    OP_IDX_GE,
    OP_IDX_GT,
    OP_IDX_LE,
    OP_IDX_LT,
    OP_IF_EMPTY,
    OP_IF_NO_HOPE,
    OP_LAST,
    OP_NEXT,
    OP_NO_CONFLICT,
    OP_NOT_EXISTS,
    OP_NOT_FOUND,
    OP_OPEN_DUP,
    OP_OPEN_PSEUDO,
    OP_OPEN_READ,
    OP_OPEN_WRITE,
    OP_PREV,
    OP_REOPEN_IDX,
    OP_REWIND,
    OP_SEEK_END,
    OP_SEEK_GE,
    OP_SEEK_GT,
    OP_SEEK_LE,
    OP_SEEK_LT,
    OP_SEEK_ROWID,
)
from keelback_core.reference.vm.ephemeral import EphemeralIndexCursor, EphemeralTableCursor
from keelback_core.reference.vm.ops.cursor_write import CURSOR_WRITE_HANDLERS
from keelback_core.reference.vm.pseudo_cursor import PseudoCursor
from keelback_core.reference.vm.record import Record
from keelback_core.reference.vm.tree_cursor import IndexTreeCursor, TableTreeCursor
from keelback_core.value.affinity import NUMERIC, apply_affinity, real_as_rowid
from keelback_core.value.cast import to_integer
from keelback_core.value.errors import SqlError
from keelback_core.value.key import KeyComparator
from keelback_core.value.key_info import KeyInfo
from keelback_core.value.result_codes import CORRUPT, MESSAGES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from keelback_core.program.program import Instruction
    from keelback_core.reference.vm.machine import Handler, Machine

_ROOT_IN_REGISTER = 2


def open_read(machine: Machine, instruction: Instruction) -> None:
    _open(machine, instruction, False)


def open_write(machine: Machine, instruction: Instruction) -> None:
    _open(machine, instruction, True)


def reopen_index(machine: Machine, instruction: Instruction) -> None:
    old = machine.cursors[instruction.p1]
    if old is None or old.root != instruction.p2 or old.database != instruction.p3:
        _open(machine, instruction, False)


def _open(machine: Machine, instruction: Instruction, is_writable: bool) -> None:
    index = instruction.p3
    database = machine.session.database(index)
    root = instruction.p2
    if instruction.p5 & _ROOT_IN_REGISTER:
        root = machine.registers[root]
    if root < 1 or root > 0xFFFFFFFF:
        raise SqlError(CORRUPT, MESSAGES[CORRUPT])
    key_info = instruction.p4
    if isinstance(key_info, KeyInfo):
        comparator = KeyComparator(key_info, machine.collations_of(key_info))
        tree = database.open_index_cursor(root, is_writable, comparator)
        machine.open_cursor(instruction.p1, IndexTreeCursor(tree, index, root, is_writable, comparator))
        return
    wanted = machine.wanted_columns.get(instruction.p1, 0)
    table = database.open_table_cursor(root, is_writable)
    machine.open_cursor(instruction.p1, TableTreeCursor(table, index, root, is_writable, database.encoding, wanted))


def open_duplicate(machine: Machine, instruction: Instruction) -> None:
    original = machine.cursors[instruction.p2]
    assert isinstance(original, (EphemeralTableCursor, EphemeralIndexCursor)), "OpenDup of a stored tree"
    machine.open_cursor(instruction.p1, original.duplicate())


def open_pseudo(machine: Machine, instruction: Instruction) -> None:
    machine.open_cursor(instruction.p1, PseudoCursor(machine.registers, instruction.p2))


def close(machine: Machine, instruction: Instruction) -> None:
    cursor = machine.cursors[instruction.p1]
    if cursor is not None:
        cursor.close()
        machine.cursors[instruction.p1] = None


# Searches


def _key(machine: Machine, instruction: Instruction) -> Any:
    first = instruction.p3
    count = instruction.p4
    assert isinstance(count, int)
    return machine.registers[first : first + count]


def _seek(machine: Machine, instruction: Instruction, is_forward: bool, or_equal: bool) -> None:
    cursor = machine.cursor(instruction.p1)
    if cursor.is_table:
        rowid = _number_of_rowid(machine.registers[instruction.p3])
        if isinstance(rowid, float):
            whole = to_integer(rowid)
            # With 4.5 for a key: > 4 is >= 5 and < 5 is <= 4, whichever side the integer fell on.
            if whole != rowid:
                or_equal = (whole > rowid) == is_forward
            rowid = whole
        if not isinstance(rowid, int):
            # NULL compares with nothing; a TEXT or BLOB is greater than every rowid.
            found = rowid is not None and not is_forward and cursor.last()
        else:
            found = _seek_key(cursor, [rowid], is_forward, or_equal)
    else:
        found = _seek_key(cursor, _key(machine, instruction), is_forward, or_equal)
    if not found:
        machine.address = instruction.p2


def _seek_key(cursor: Any, key: list[Any], is_forward: bool, or_equal: bool) -> bool:
    if is_forward:
        return bool(cursor.seek_forward(key, or_equal))
    return bool(cursor.seek_backward(key, or_equal))


def _number_of_rowid(value: Any) -> Any:
    if isinstance(value, str):
        value = apply_affinity(value, NUMERIC)
    return real_as_rowid(value) if isinstance(value, float) else value


def seek_less(machine: Machine, instruction: Instruction) -> None:
    _seek(machine, instruction, False, False)


def seek_less_or_equal(machine: Machine, instruction: Instruction) -> None:
    _seek(machine, instruction, False, True)


def seek_greater_or_equal(machine: Machine, instruction: Instruction) -> None:
    _seek(machine, instruction, True, True)


def seek_greater(machine: Machine, instruction: Instruction) -> None:
    _seek(machine, instruction, True, False)


def seek_rowid(machine: Machine, instruction: Instruction) -> None:
    rowid = _number_of_rowid(machine.registers[instruction.p3])
    if not isinstance(rowid, int) or not machine.cursor(instruction.p1).find([rowid]):
        machine.address = instruction.p2


def not_exists(machine: Machine, instruction: Instruction) -> None:
    rowid = machine.registers[instruction.p3]
    if not machine.cursor(instruction.p1).find([rowid]):
        machine.address = instruction.p2


def _find(machine: Machine, instruction: Instruction) -> bool:
    if instruction.p4:
        key = _key(machine, instruction)
    else:
        record = machine.registers[instruction.p3]
        assert isinstance(record, Record)
        key = record.values()
    return machine.cursor(instruction.p1).find(key)


def found(machine: Machine, instruction: Instruction) -> None:
    if _find(machine, instruction):
        machine.address = instruction.p2


def not_found(machine: Machine, instruction: Instruction) -> None:
    if not _find(machine, instruction):
        machine.address = instruction.p2


def no_conflict(machine: Machine, instruction: Instruction) -> None:
    key = _key(machine, instruction)
    if None in key or not machine.cursor(instruction.p1).find(key):
        machine.address = instruction.p2


# Moves


def last(machine: Machine, instruction: Instruction) -> None:
    if not machine.cursor(instruction.p1).last() and instruction.p2:
        machine.address = instruction.p2


def rewind(machine: Machine, instruction: Instruction) -> None:
    if not machine.cursor(instruction.p1).first() and instruction.p2:
        machine.address = instruction.p2


def jump_if_empty(machine: Machine, instruction: Instruction) -> None:
    if not machine.cursor(instruction.p1).first():
        machine.address = instruction.p2


def next_entry(machine: Machine, instruction: Instruction) -> None:
    cursor = machine.cursors[instruction.p1]
    assert cursor is not None
    if cursor.next():
        machine.address = instruction.p2
        machine.counts[instruction.p5] += 1


def previous_entry(machine: Machine, instruction: Instruction) -> None:
    cursor = machine.cursors[instruction.p1]
    assert cursor is not None
    if cursor.previous():
        machine.address = instruction.p2
        machine.counts[instruction.p5] += 1


def seek_end(machine: Machine, instruction: Instruction) -> None:
    machine.cursor(instruction.p1).last()


# The entry under an index cursor against a key


def index_less_or_equal(machine: Machine, instruction: Instruction) -> None:
    if machine.cursor(instruction.p1).compare_key(_key(machine, instruction)) <= 0:
        machine.address = instruction.p2


def index_less(machine: Machine, instruction: Instruction) -> None:
    if machine.cursor(instruction.p1).compare_key(_key(machine, instruction)) < 0:
        machine.address = instruction.p2


def index_greater_or_equal(machine: Machine, instruction: Instruction) -> None:
    if machine.cursor(instruction.p1).compare_key(_key(machine, instruction)) >= 0:
        machine.address = instruction.p2


def index_greater(machine: Machine, instruction: Instruction) -> None:
    if machine.cursor(instruction.p1).compare_key(_key(machine, instruction)) > 0:
        machine.address = instruction.p2


# From an index to its table


def deferred_seek(machine: Machine, instruction: Instruction) -> None:
    table = machine.cursor(instruction.p3)
    index = machine.cursor(instruction.p1)
    column_map = None if instruction.p5 else instruction.p4
    assert column_map is None or isinstance(column_map, tuple)
    assert isinstance(table, TableTreeCursor)
    table.defer_seek(index, column_map)


def finish_seek(machine: Machine, instruction: Instruction) -> None:
    """p1 is the index cursor; the table cursors that wait for it move."""
    index = machine.cursor(instruction.p1)
    for cursor in machine.cursors:
        if isinstance(cursor, TableTreeCursor) and cursor.waits_for(index):
            cursor.finish_seek()


CURSOR_HANDLERS: dict[int, Handler] = {
    OP_OPEN_READ: open_read,
    OP_REOPEN_IDX: reopen_index,
    OP_OPEN_WRITE: open_write,
    OP_OPEN_DUP: open_duplicate,
    OP_OPEN_PSEUDO: open_pseudo,
    OP_CLOSE: close,
    OP_SEEK_LT: seek_less,
    OP_SEEK_LE: seek_less_or_equal,
    OP_SEEK_GE: seek_greater_or_equal,
    OP_SEEK_GT: seek_greater,
    OP_SEEK_ROWID: seek_rowid,
    OP_NOT_EXISTS: not_exists,
    OP_FOUND: found,
    OP_NOT_FOUND: not_found,
    OP_NO_CONFLICT: no_conflict,
    OP_IF_NO_HOPE: not_found,
    OP_LAST: last,
    OP_REWIND: rewind,
    OP_IF_EMPTY: jump_if_empty,
    OP_NEXT: next_entry,
    OP_PREV: previous_entry,
    OP_SEEK_END: seek_end,
    OP_IDX_LE: index_less_or_equal,
    OP_IDX_LT: index_less,
    OP_IDX_GE: index_greater_or_equal,
    OP_IDX_GT: index_greater,
    OP_DEFERRED_SEEK: deferred_seek,
    OP_FINISH_SEEK: finish_seek,
    **CURSOR_WRITE_HANDLERS,
}
