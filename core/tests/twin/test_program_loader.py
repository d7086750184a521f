"""The kernel's loader takes what encode_program writes, and refuses what is damaged or out of bounds."""

from __future__ import annotations

import random
import struct

import pytest
from keelback_core.engine.connection import Connection
from keelback_core.program.encoding import RECORD, encode_program, join_pieces, program_pieces
from keelback_core.program.opcodes import (
    NAMES,
    OP_COLUMN,
    OP_COMPARE,
    OP_GOTO,
    OP_HALT,
    OP_INTEGER,
    OP_MAKE_RECORD,
    OP_OPEN_READ,
    OP_PERMUTATION,
    OP_RESULT_ROW,
)
from keelback_core.program.program import Instruction, Program
from keelback_core.value.key_info import KeyInfo
from vm_twin import load_library

INTERNAL = 2
HALT = Instruction(OP_HALT)
STATEMENTS = [
    "SELECT a, count(*), group_concat(b, '-') FROM t WHERE a > ?1 AND b LIKE 'x%' GROUP BY a ORDER BY 2 DESC LIMIT 3",
    "INSERT INTO t VALUES (?, :b, 1.5) ON CONFLICT DO UPDATE SET a = excluded.a",
    "UPDATE t SET a = a + 1, b = x'00ff' WHERE c IN (SELECT a FROM t)",
    "SELECT * FROM t AS x JOIN t AS y ON x.a = y.b UNION SELECT 1, 2, 3, 4, 5, 9223372036854775807",
]


def load(program: Program | bytes) -> int:
    data = program if isinstance(program, bytes) else encode_program(program)
    return int(load_library().vm_check_program(data, len(data)))


def program_of(*instructions: Instruction) -> Program:
    return Program(instructions, 3, 1)


@pytest.fixture(scope="module")
def encoded() -> list[bytes]:
    connection = Connection(":memory:")
    connection.execute("CREATE TABLE t(a INTEGER PRIMARY KEY, b TEXT UNIQUE, c REAL)")
    programs = []
    for sql in STATEMENTS:
        statement, _ = connection.prepare(sql)
        assert statement is not None
        programs.append(encode_program(statement.program))
    return programs


def test_compiled_programs_are_taken(encoded: list[bytes]) -> None:
    assert [load(data) for data in encoded] == [0] * len(STATEMENTS)


def test_a_program_cut_short_is_refused(encoded: list[bytes]) -> None:
    for data in encoded:
        assert {load(data[:size]) for size in range(0, len(data), 3)} == {INTERNAL}
        assert load(data + b"\0") == INTERNAL


def test_damaged_programs_do_no_harm(encoded: list[bytes]) -> None:
    seed = random.randrange(1 << 30)
    print("seed", seed)
    generator = random.Random(seed)
    codes = set()
    for _ in range(3000):
        data = bytearray(generator.choice(encoded))
        for _ in range(generator.randint(1, 4)):
            data[generator.randrange(len(data))] = generator.randrange(256)
        codes.add(load(bytes(data)))
    assert codes <= {0, INTERNAL}


def instruction_name(instruction: Instruction) -> str:
    """A name that is the same in every process."""
    return f"{NAMES[instruction.opcode]} {instruction.p1} {instruction.p2} {instruction.p3} p5={instruction.p5}"


@pytest.mark.parametrize(
    "instruction",
    [
        Instruction(OP_INTEGER, 1, 4),
        Instruction(OP_INTEGER, 1, 0),
        Instruction(OP_INTEGER, 1, -1),
        Instruction(OP_GOTO, 0, 99),
        Instruction(OP_GOTO, 0, -1),
        Instruction(OP_RESULT_ROW, 2, 3),
        Instruction(OP_RESULT_ROW, 1, -1),
        Instruction(OP_MAKE_RECORD, 1, 4, 3),
        Instruction(OP_MAKE_RECORD, 1, 1, 2, "Z"),
        Instruction(OP_COLUMN, 1, 0, 1),
        Instruction(OP_COLUMN, 0, -1, 1),
        Instruction(OP_OPEN_READ, 0, 9, 0, 1, 2),
        Instruction(OP_COMPARE, 1, 2, 1, None),
        Instruction(OP_COMPARE, 1, 2, 1, KeyInfo(("BINARY",), (0,), 1), 1),
    ],
    ids=instruction_name,
)
def test_operands_out_of_bounds_are_refused(instruction: Instruction) -> None:
    assert load(program_of(HALT)) == 0
    assert load(program_of(instruction, HALT)) == INTERNAL


def test_a_permutation_stays_inside_the_registers() -> None:
    compare = Instruction(OP_COMPARE, 1, 2, 1, KeyInfo(("BINARY",), (0,), 1), 1)
    assert load(program_of(Instruction(OP_PERMUTATION, p4=(1,)), compare, HALT)) == 0
    assert load(program_of(Instruction(OP_PERMUTATION, p4=(2,)), compare, HALT)) == INTERNAL


def test_an_instruction_is_a_record_and_numbers_stand_in_it() -> None:
    first, last = Instruction(OP_INTEGER, 63, -1, 0x7FFFFFFF, -2, 0x1234), Instruction(OP_HALT, p4=1.0)
    pieces = program_pieces(program_of(first, last))
    assert all(isinstance(piece, (bytes, str)) or piece is None or 0 <= piece < 0x80 for piece in pieces)
    record = bytes((OP_INTEGER, 1, 0x34, 0x12, 63, 0, 0, 0, 255, 255, 255, 255, 255, 255, 255, 0x7F, 254, *[255] * 7))
    whole = join_pieces(pieces)
    assert whole.endswith(bytes((*record, OP_HALT, 2, *[0] * 20, 0xF0, 0x3F, *[0] * RECORD.size)))
    assert whole.index(record) % 8 == 0


def test_other_operands_stand_behind_the_records_in_their_order() -> None:
    key = KeyInfo(("NOCASE",), (1,), 2)
    whole = encode_program(
        program_of(Instruction(OP_HALT, p4="text"), Instruction(OP_HALT, p4=b"\0\1"), Instruction(OP_HALT, p4=key))
    )
    assert whole.endswith(bytes(RECORD.size) + b"\5text\0" + b"\2\0\1" + b"\2\1\1" + b"\1\7NOCASE\0")


def test_an_operand_that_is_no_number_of_32_bits_has_no_bytes() -> None:
    with pytest.raises((OverflowError, struct.error)):
        encode_program(program_of(Instruction(OP_INTEGER, 1 << 31)))
