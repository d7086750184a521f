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
    from typing import Final, TypeAlias

    from mypy_extensions import i64

    from keelback_core.program.program import Instruction, Operand4

    Piece: TypeAlias = bytes | int | str | None

MAGIC: Final = b"KBP"
VERSION: Final = 2

BYTES: Final = tuple([bytes((value,)) for value in range(256)])

HEAD: Final = MAGIC + BYTES[VERSION]
HEAD_OF_ONE: Final = HEAD + BYTES[1]

SIZE_SHIFT: Final = 48
SMALL_MASK: Final = 0xFFFFFFFFFFFF

FLAG_READONLY: Final = 1
FLAG_STATEMENT_JOURNAL: Final = 2
FLAG_COUNTS_CHANGES: Final = 4

P4_NONE: Final = 0
P4_INTEGER: Final = 1
P4_REAL: Final = 2
P4_TEXT: Final = 3
P4_BLOB: Final = 4
P4_KEY: Final = 5
P4_FUNCTION: Final = 6
P4_INTEGERS: Final = 7
P4_PROGRAM: Final = 8


def encode_program(program: Program) -> bytes:
    """The bytes of a program with all of its sub-programs."""
    return join_pieces(program_pieces(program))


def join_pieces(pieces: list[Piece]) -> bytes:
    """What the pieces of a program are together; plugin/packing.cpp does the same where they cross."""
    whole = []
    for piece in pieces:
        if isinstance(piece, int):
            piece = (piece & SMALL_MASK).to_bytes((piece >> SIZE_SHIFT) + 1, "little")
        elif not isinstance(piece, bytes):
            data = None if piece is None else _utf8(piece)
            piece = BYTES[0] if data is None else write_varint(len(data) + 1) + data
        whole.append(piece)
    return b"".join(whole)


def program_pieces(program: Program) -> list[Piece]:
    """The bytes of a program with all of its sub-programs, not joined yet: bytes; optional texts as texts and None;
    numbers for small numbers and for instructions with small operands: their bytes, the first one lowest, and above
    SIZE_SHIFT how many follow the first."""
    encoder = _Encoder(program)
    # The list grows while the programs before its end are written.
    position = 0
    while position < len(encoder.programs):
        encoder.program(encoder.programs[position])
        position += 1
    count = len(encoder.programs)
    encoder.out[0] = HEAD_OF_ONE if count == 1 else HEAD + write_varint(count)
    return encoder.out


def _utf8(text: str) -> bytes:
    """A text as it crosses; bytes that were no text (surrogates) are those bytes again."""
    try:
        return text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogateescape")


def _encoded_key(key: KeyInfo) -> bytes:
    """The bytes of a key, which it keeps."""
    parts = [write_varint(key.all_column_count), write_varint(len(key.sort_flags)), bytes(key.sort_flags)]
    parts.append(write_varint(len(key.collation_names)))
    for name in key.collation_names:
        data = _utf8(name)
        parts.append(write_varint(len(data)))
        parts.append(data)
    key.encoded = b"".join(parts)
    return key.encoded


class _Encoder:
    """Writes one program after the other to `out`; `programs` are those met so far, `numbers` theirs if they are more.

    `out`: as `program_pieces` gives it, its first piece still to be written.
    """

    __slots__ = ("numbers", "out", "programs")

    def __init__(self, program: Program) -> None:
        self.out: list[Piece] = [HEAD]
        self.programs = [program]
        self.numbers: dict[int, int] | None = None

    def number(self, value: int) -> None:
        self.out.append(value if 0 <= value < 0x80 else write_varint(value))

    def signed(self, value: int) -> None:
        if 0 <= value < 0x40:
            self.out.append(value << 1)
        else:
            self.out.append(write_varint((value << 1) ^ (value >> 63)))

    def text(self, text: str) -> None:
        data = _utf8(text)
        self.number(len(data))
        self.out.append(data)

    def program(self, program: Program) -> None:
        flags = FLAG_READONLY if program.is_readonly else 0
        flags |= FLAG_STATEMENT_JOURNAL if program.needs_statement_journal else 0
        flags |= FLAG_COUNTS_CHANGES if program.counts_changes else 0
        self.number(flags)
        self.number(program.explain_mode)
        self.number(program.register_count)
        self.number(program.cursor_count)
        self.description(program)
        self.number(len(program.instructions))
        for instruction in program.instructions:
            self.instruction(instruction)

    def instruction(self, instruction: Instruction) -> None:
        p1: i64 = instruction.p1
        p2: i64 = instruction.p2
        p3: i64 = instruction.p3
        p5: i64 = instruction.p5
        p4 = instruction.p4
        if 0 <= p1 < 0x40 and 0 <= p2 < 0x40 and 0 <= p3 < 0x40 and 0 <= p5 < 0x80:
            # Nearly all operands are small: a byte each, and all of them one number.
            followers: i64 = 4 if p4 is not None else 5
            packed: i64 = instruction.opcode
            packed |= p1 << 9 | p2 << 17 | p3 << 25 | p5 << 32 | followers << SIZE_SHIFT
            self.out.append(packed)
        else:
            self.out.append(instruction.opcode)
            self.signed(p1)
            self.signed(p2)
            self.signed(p3)
            self.number(p5)
            if p4 is None:
                self.out.append(P4_NONE)
        if p4 is not None:
            self.operand4(p4)

    def description(self, program: Program) -> None:
        """Parameters, columns, cookies and notes."""
        out = self.out
        self.number(len(program.parameters))
        for name in program.parameters:
            out.append(name)
        self.number(program.hidden_parameter_count)
        self.number(len(program.output))
        for column in program.output:
            out.append(column.name)
            out.append(column.declared_type)
            out.append(column.database)
            out.append(column.table)
            out.append(column.origin)
        self.number(len(program.schema_cookies))
        for database, cookie in program.schema_cookies.items():
            self.number(database)
            self.signed(cookie)
        self.number(len(program.notes))
        for note in program.notes:
            self.signed(note.identifier)
            self.signed(note.parent)
            self.text(note.text)

    def operand4(self, operand: Operand4) -> None:
        out = self.out
        if isinstance(operand, int):
            out.append(P4_INTEGER)
            self.signed(operand)
        elif isinstance(operand, str):
            out.append(P4_TEXT)
            self.text(operand)
        elif isinstance(operand, KeyInfo):
            out.append(P4_KEY)
            out.append(operand.encoded or _encoded_key(operand))
        elif isinstance(operand, FunctionReference):
            out.append(P4_FUNCTION)
            self.text(operand.name)
            self.number(operand.argument_count)
            self.text(operand.collation_name)
        elif isinstance(operand, float):
            out.append(P4_REAL)
            out.append(struct.pack(">d", operand))
        elif isinstance(operand, bytes):
            out.append(P4_BLOB)
            self.number(len(operand))
            out.append(operand)
        elif isinstance(operand, tuple):
            out.append(P4_INTEGERS)
            self.number(len(operand))
            for item in operand:
                self.signed(item)
        elif operand is not None:
            out.append(P4_PROGRAM)
            self.number(self.number_of(operand))

    def number_of(self, program: Program) -> int:
        """The number of a sub-program; a new one is written later."""
        if self.numbers is None:
            self.numbers = {id(self.programs[0]): 0}
        number = self.numbers.get(id(program))
        if number is None:
            number = self.numbers[id(program)] = len(self.programs)
            self.programs.append(program)
        return number
