"""Program: what the compile tower hands to the run tower.

1. A Program is immutable once built, holds no AST, plan or table object, and can be run by several
   statements at once; all state of a run lives in the VM.
2. Registers are numbered from 1 to `register_count`, cursors from 0 to `cursor_count` - 1.
3. Everything that p4 may hold is listed in `Operand4`; a Program can therefore be written to bytes.

Twin: core/kernel/program. Opcodes: core/spec/opcodes.toml.
"""

from __future__ import annotations

from keelback_core.value.key_info import KeyInfo

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Final, TypeAlias, Union

    from mypy_extensions import i64

    Operand4: TypeAlias = Union[None, int, float, str, bytes, KeyInfo, "FunctionReference", tuple[int, ...], "Program"]

# Conflict actions, as Halt's p2 carries them.
CONFLICT_NONE: Final = 0
CONFLICT_ROLLBACK: Final = 1
CONFLICT_ABORT: Final = 2
CONFLICT_FAIL: Final = 3
CONFLICT_IGNORE: Final = 4
CONFLICT_REPLACE: Final = 5

# Flags of comparison opcodes in p5, beside the affinity code (mask 0x47).
COMPARE_JUMP_IF_NULL: Final = 0x10
COMPARE_NULL_EQUAL: Final = 0x80
COMPARE_AFFINITY_MASK: Final = 0x47

# p5 of Insert, IdxInsert and Delete.
WRITE_COUNT_CHANGE: Final = 1
WRITE_POSITIONED: Final = 2
WRITE_IS_UPDATE: Final = 4
WRITE_APPEND: Final = 8
WRITE_LAST_ROWID: Final = 16
WRITE_KEEP_POSITION: Final = 32

# Flags of p5 of Copy and MakeRecord, on texts that are marked as JSON.
COPY_CLEARS_SUBTYPE: Final = 2
RECORD_KEEPS_SUBTYPES: Final = 1

# What a run counts, by the numbers of sqlite3_stmt_status; p5 of Next and Prev is one of them (0: not counted).
COUNT_FULL_SCAN: Final = 1
COUNT_SORT: Final = 2
COUNT_AUTOMATIC_INDEX: Final = 3
COUNT_STEP: Final = 4
COUNT_FILTER_MISS: Final = 7
COUNT_FILTER_HIT: Final = 8
STATEMENT_COUNT_END: Final = 9

# A bit of p5 of VUpdate, beside the conflict action: the table leaves IGNORE and the others to the VM.
UPDATE_HANDLES_CONFLICTS: Final = 16
# As in core/kernel/program/marks.hpp: what VColumn gives for a column that an UPDATE of a virtual table does not change
# and that the table has not told; and what begins the name of a function that a virtual table has for its own columns,
# its number behind it.
NO_CHANGE: Final = b"\0keelback: no change\0"
MODULE_FUNCTION_MARK: Final = "\1"

# p5 of Halt: how p4 is wrapped into the message.
HALT_MESSAGE: Final = 0
HALT_NOT_NULL: Final = 1
HALT_UNIQUE: Final = 2
HALT_CHECK: Final = 3
HALT_FOREIGN_KEY: Final = 4


class FunctionReference:
    """A call target: the function `name` for `argument_count` arguments, comparing by `collation_name`.

    `argument_count` is the number of arguments of this call. The VM resolves it through its Host: a user's
    function first, then the built-in one.
    """

    __slots__ = ("name", "argument_count", "collation_name")

    def __init__(self, name: str, argument_count: int, collation_name: str = "BINARY") -> None:
        self.name = name
        self.argument_count = argument_count
        self.collation_name = collation_name

    def __repr__(self) -> str:
        return f"{self.name}({self.argument_count})"


class Instruction:
    """One instruction: opcode number, integers p1, p2, p3, operand p4, flags p5 and a comment for EXPLAIN."""

    __slots__ = ("opcode", "p1", "p2", "p3", "p4", "p5", "comment")

    def __init__(
        self, opcode: int, p1: int = 0, p2: int = 0, p3: int = 0, p4: Operand4 = None, p5: int = 0, comment: str = ""
    ) -> None:
        self.opcode: i64 = opcode
        self.p1: i64 = p1
        self.p2: i64 = p2
        self.p3: i64 = p3
        self.p4 = p4
        self.p5: i64 = p5
        self.comment = comment


class OutputColumn:
    """A column of the result: its name, and for a plain table column its declared type and origin, else None."""

    __slots__ = ("name", "declared_type", "database", "table", "origin")

    def __init__(
        self,
        name: str,
        declared_type: str | None = None,
        database: str | None = None,
        table: str | None = None,
        origin: str | None = None,
    ) -> None:
        self.name = name
        self.declared_type = declared_type
        self.database = database
        self.table = table
        self.origin = origin


class PlanNote:
    """One line of EXPLAIN QUERY PLAN: id, id of its parent (0: the root), text."""

    __slots__ = ("identifier", "parent", "text")

    def __init__(self, identifier: int, parent: int, text: str) -> None:
        self.identifier = identifier
        self.parent = parent
        self.text = text


class Program:
    """A compiled statement.

    instructions: run from index 0, never changed. parameters: the spelling of parameter i+1, None for a bare `?` or a
    gap. output: the columns of ResultRow. is_readonly: as `sqlite3_stmt_readonly`. explain_mode: 0, 1 EXPLAIN,
    2 EXPLAIN QUERY PLAN. needs_statement_journal: the statement may fail after its first change, and ABORT
    must undo it. counts_changes: changes() is set when it ends. schema_cookies: each database that it was compiled for,
    followed by its cookie. expires_with_schema: False for statements that need no schema (BEGIN, PRAGMA ...).
    hidden_parameter_count: how many parameters follow those of the user, for literals lifted from the text.
    asks_module: a module that others brought has told how its table can be read or changed.
    """

    __slots__ = (
        "instructions",
        "register_count",
        "cursor_count",
        "parameters",
        "output",
        "is_readonly",
        "explain_mode",
        "needs_statement_journal",
        "counts_changes",
        "schema_cookies",
        "notes",
        "hidden_parameter_count",
        "asks_module",
    )

    def __init__(
        self,
        instructions: Sequence[Instruction],
        register_count: int,
        cursor_count: int,
        parameters: tuple[str | None, ...] = (),
        output: tuple[OutputColumn, ...] = (),
        is_readonly: bool = True,
        explain_mode: int = 0,
        needs_statement_journal: bool = False,
        counts_changes: bool = False,
        schema_cookies: tuple[int, ...] = (),
        notes: tuple[PlanNote, ...] = (),
    ) -> None:
        self.instructions = instructions
        self.register_count = register_count
        self.cursor_count = cursor_count
        self.parameters = parameters
        self.output = output
        self.is_readonly = is_readonly
        self.explain_mode = explain_mode
        self.needs_statement_journal = needs_statement_journal
        self.counts_changes = counts_changes
        self.schema_cookies = schema_cookies
        self.notes = notes
        self.hidden_parameter_count = 0
        self.asks_module = False
