"""Program to bytes: the form in which the compile tower hands a Program to the kernel.

    bytes     := "KBP" version(1) count(programs) program*          program 0 is the statement, the others its triggers
    program   := flags explain_mode register_count cursor_count
                 count(parameters) optional_text* hidden_parameter_count
                 count(output) (name declared_type database table origin: five optional_texts)*
                 count(cookies) (database signed)*
                 count(notes) (signed signed text)*
                 count(instructions) (opcode signed(p1) signed(p2) signed(p3) p5 operand4)*
    operand4  := 0 none | 1 signed | 2 real(8 bytes, big-endian) | 3 text | 4 blob | 5 key | 6 function | 7 integers
                 | 8 number of a program
    key       := all_column_count count(flags) flag* count(names) text*
    function  := text argument_count text(collation)

1. Numbers are SQLite's varints, signed ones in zigzag form; a text is its length in UTF-8 bytes and those; an optional
   one has the length plus one, and 0 for None.
2. A program that refers to itself (a recursive trigger) is written once.
3. Comments are left out: the listing is made where the Program is.

Must not know: the VM, storage. Twin: core/kernel/program/program.cpp reads it.
"""

from __future__ import annotations

import struct

from keelback_core.program.program import FunctionReference, Program
from keelback_core.value.key import KeyInfo
from keelback_core.value.record import write_varint

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.program.program import Operand4

MAGIC = b"KBP"
VERSION = 2

FLAG_READONLY = 1
FLAG_STATEMENT_JOURNAL = 2
FLAG_COUNTS_CHANGES = 4

P4_NONE = 0
P4_INTEGER = 1
P4_REAL = 2
P4_TEXT = 3
P4_BLOB = 4
P4_KEY = 5
P4_FUNCTION = 6
P4_INTEGERS = 7
P4_PROGRAM = 8


def encode_program(program: Program) -> bytes:
    """The bytes of a program with all of its sub-programs."""
    encoder = _Encoder(program)
    # The list grows while the programs before its end are written.
    bodies = []
    position = 0
    while position < len(encoder.programs):
        bodies.append(encoder.body(encoder.programs[position]))
        position += 1
    return MAGIC + bytes((VERSION,)) + write_varint(len(bodies)) + b"".join(bodies)


def _signed(value: int) -> bytes:
    return write_varint((value << 1) ^ (value >> 63))


def _text(text: str) -> bytes:
    data = text.encode("utf-8", "surrogateescape")
    return write_varint(len(data)) + data


def _optional_text(text: str | None) -> bytes:
    if text is None:
        return b"\0"
    data = text.encode("utf-8", "surrogateescape")
    return write_varint(len(data) + 1) + data


class _Encoder:
    """Writes one program after the other; `programs` are those met so far."""

    __slots__ = ("numbers", "programs")

    def __init__(self, program: Program) -> None:
        self.programs = [program]
        self.numbers = {id(program): 0}

    def body(self, program: Program) -> bytes:
        flags = FLAG_READONLY if program.is_readonly else 0
        flags |= FLAG_STATEMENT_JOURNAL if program.needs_statement_journal else 0
        flags |= FLAG_COUNTS_CHANGES if program.counts_changes else 0
        parts = [
            write_varint(flags),
            write_varint(program.explain_mode),
            write_varint(program.register_count),
            write_varint(program.cursor_count),
            write_varint(len(program.parameters)),
        ]
        parts.extend(_optional_text(name) for name in program.parameters)
        parts.append(write_varint(program.hidden_parameter_count))
        parts.append(write_varint(len(program.output)))
        for column in program.output:
            parts.append(_optional_text(column.name))
            parts.append(_optional_text(column.declared_type))
            parts.append(_optional_text(column.database))
            parts.append(_optional_text(column.table))
            parts.append(_optional_text(column.origin))
        parts.append(write_varint(len(program.schema_cookies)))
        for database, cookie in program.schema_cookies.items():
            parts.append(write_varint(database))
            parts.append(_signed(cookie))
        parts.append(write_varint(len(program.notes)))
        for note in program.notes:
            parts.append(_signed(note.identifier))
            parts.append(_signed(note.parent))
            parts.append(_text(note.text))
        parts.append(write_varint(len(program.instructions)))
        for instruction in program.instructions:
            parts.append(bytes((instruction.opcode,)))
            parts.append(_signed(instruction.p1))
            parts.append(_signed(instruction.p2))
            parts.append(_signed(instruction.p3))
            parts.append(write_varint(instruction.p5))
            parts.append(self._operand4(instruction.p4))
        return b"".join(parts)

    def _operand4(self, operand: Operand4) -> bytes:
        if operand is None:
            return bytes((P4_NONE,))
        if isinstance(operand, int):
            return bytes((P4_INTEGER,)) + _signed(operand)
        if isinstance(operand, float):
            return bytes((P4_REAL,)) + struct.pack(">d", operand)
        if isinstance(operand, str):
            return bytes((P4_TEXT,)) + _text(operand)
        if isinstance(operand, bytes):
            return bytes((P4_BLOB,)) + write_varint(len(operand)) + operand
        if isinstance(operand, KeyInfo):
            return bytes((P4_KEY,)) + _key(operand)
        if isinstance(operand, FunctionReference):
            count = write_varint(operand.argument_count)
            return bytes((P4_FUNCTION,)) + _text(operand.name) + count + _text(operand.collation_name)
        if isinstance(operand, tuple):
            return bytes((P4_INTEGERS,)) + write_varint(len(operand)) + b"".join([_signed(item) for item in operand])
        return bytes((P4_PROGRAM,)) + write_varint(self._number_of(operand))

    def _number_of(self, program: Program) -> int:
        number = self.numbers.get(id(program))
        if number is None:
            number = self.numbers[id(program)] = len(self.programs)
            self.programs.append(program)
        return number


def _key(key: KeyInfo) -> bytes:
    parts = [write_varint(key.all_column_count), write_varint(len(key.sort_flags)), bytes(key.sort_flags)]
    parts.append(write_varint(len(key.collation_names)))
    parts.extend(_text(name) for name in key.collation_names)
    return b"".join(parts)
