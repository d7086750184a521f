"""Program to bytes: the form in which the compile tower hands a Program to the kernel.

    bytes     := "KBP" version(1) count(4) program*                 program 0 is the statement, the others its triggers
    program   := flags explain_mode register_count cursor_count
                 count(parameters) optional_text* hidden_parameter_count
                 count(output) (name declared_type database table origin: five optional_texts)*
                 count(cookies) (database signed)*
                 count(notes) (signed signed optional_text)*
                 count(instructions) aligned record* unused(24) operand4*
    aligned   := zeros up to a multiple of 8 of all bytes
    record    := opcode(1) kind(1) p5(2) p1(4) p2(4) p3(4) p4(8)    the lowest byte first, p1 to p4 with a sign
    kind      := 0 none | 1 integer, which is p4 | 2 real, whose bits are p4 | 3 text | 4 blob | 5 key | 6 function
                 | 7 integers | 8 number of a program, which is p4
    operand4  := text | blob | key | function | integers            of the records of kind 3 to 7, in their order
    blob      := count(bytes) byte*
    key       := all_column_count count(flags) flag* count(names) text*
    function  := text argument_count text(collation)
    integers  := count(integers) signed*

1. Numbers are SQLite's varints, signed ones in zigzag form; an optional text is 0 for None, else the length in UTF-8
   bytes plus one, those, and a NUL; a text is one that is there.
2. A record is an instruction as the kernel has it in memory (core/kernel/program/program.hpp), which runs it where it
   stands and needs one more behind the last.
3. A program that refers to itself (a recursive trigger) is written once.
4. Comments are left out: the listing is made where the Program is.
5. In the compiled form of the tower `program_pieces` is C: tools/mypyc_runtime/pieces.h.

Must not know: the VM, storage. Twin: core/kernel/program/program.cpp reads it.
"""

from __future__ import annotations

import struct

from keelback_core.program.program import FunctionReference, Program
from keelback_core.value.key_info import KeyInfo
from keelback_core.value.record import write_varint

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final, TypeAlias

    from keelback_core.program.program import Operand4

    Piece: TypeAlias = bytes | int | str | None

MAGIC: Final = b"KBP"
VERSION: Final = 4

BYTES: Final = tuple([bytes((value,)) for value in range(256)])

HEAD: Final = MAGIC + BYTES[VERSION]
HEAD_SIZE: Final = len(HEAD) + 4
ALIGNMENT: Final = 8

RECORD: Final = struct.Struct("<BBHiiiq")

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
            piece = BYTES[piece]
        elif not isinstance(piece, bytes):
            data = None if piece is None else _utf8(piece)
            piece = BYTES[0] if data is None else write_varint(len(data) + 1) + data + BYTES[0]
        whole.append(piece)
    return b"".join(whole)


def program_pieces(program: Program) -> list[Piece]:
    """The bytes of a program with all of its sub-programs, not joined yet: bytes; optional texts as texts and None;
    numbers below 128, a byte each."""
    encoder = _Encoder(program)
    # The list grows while the programs before its end are written.
    position = 0
    while position < len(encoder.programs):
        encoder.program(encoder.programs[position])
        position += 1
    encoder.out[0] = HEAD + len(encoder.programs).to_bytes(4, "little")
    return encoder.out


def _utf8(text: str) -> bytes:
    """A text as it crosses; bytes that were no text (surrogates) are those bytes again."""
    try:
        return text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogateescape")


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

    def program(self, program: Program) -> None:
        flags = FLAG_READONLY if program.is_readonly else 0
        flags |= FLAG_STATEMENT_JOURNAL if program.needs_statement_journal else 0
        flags |= FLAG_COUNTS_CHANGES if program.counts_changes else 0
        self.number(flags)
        self.number(program.explain_mode)
        self.number(program.register_count)
        self.number(program.cursor_count)
        self.description(program)
        instructions = program.instructions
        self.number(len(instructions))
        before = join_pieces(self.out[1:])
        self.out[1:] = [before, bytes(-(HEAD_SIZE + len(before)) % ALIGNMENT), b""]
        pack = RECORD.pack
        records = []
        for one in instructions:
            kind = P4_NONE
            inline = 0
            if one.p4 is not None:
                kind, inline = self.operand4(one.p4)
            records.append(pack(one.opcode, kind, one.p5, one.p1, one.p2, one.p3, inline))
        self.out[3] = b"".join(records) + bytes(RECORD.size)

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
        cookies = program.schema_cookies
        self.number(len(cookies) // 2)
        for place in range(0, len(cookies), 2):
            self.number(cookies[place])
            self.signed(cookies[place + 1])
        self.number(len(program.notes))
        for note in program.notes:
            self.signed(note.identifier)
            self.signed(note.parent)
            out.append(note.text)

    def operand4(self, operand: Operand4) -> tuple[int, int]:
        """Its kind, and its number for the record; what else there is of it is written."""
        out = self.out
        if isinstance(operand, int):
            return P4_INTEGER, operand
        if isinstance(operand, str):
            out.append(operand)
            return P4_TEXT, 0
        if isinstance(operand, KeyInfo):
            self.key(operand)
            return P4_KEY, 0
        if isinstance(operand, FunctionReference):
            out.append(operand.name)
            self.number(operand.argument_count)
            out.append(operand.collation_name)
            return P4_FUNCTION, 0
        if isinstance(operand, float):
            return P4_REAL, int.from_bytes(struct.pack("<d", operand), "little", signed=True)
        if isinstance(operand, bytes):
            self.number(len(operand))
            out.append(operand)
            return P4_BLOB, 0
        if isinstance(operand, tuple):
            self.number(len(operand))
            for item in operand:
                self.signed(item)
            return P4_INTEGERS, 0
        return (P4_NONE, 0) if operand is None else (P4_PROGRAM, self.number_of(operand))

    def key(self, key: KeyInfo) -> None:
        if key.encoded:
            self.out.append(key.encoded)
            return
        start = len(self.out)
        self.number(key.all_column_count)
        self.number(len(key.sort_flags))
        for flags in key.sort_flags:
            self.out.append(flags)
        self.number(len(key.collation_names))
        for name in key.collation_names:
            self.out.append(name)
        if key.is_kept:
            key.encoded = join_pieces(self.out[start:])

    def number_of(self, program: Program) -> int:
        """The number of a sub-program; a new one is written later."""
        if self.numbers is None:
            self.numbers = {id(self.programs[0]): 0}
        number = self.numbers.get(id(program))
        if number is None:
            number = self.numbers[id(program)] = len(self.programs)
            self.programs.append(program)
        return number
