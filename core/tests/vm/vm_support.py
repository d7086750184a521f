"""Hand-assembled programs, a plain Host, and sessions for the tests of the reference VM."""

from __future__ import annotations

from typing import Any

from keelback_core.program.opcodes import NAMES
from keelback_core.program.program import Instruction, Program
from keelback_core.reference.storage.database import Database
from keelback_core.reference.vm.machine import Machine
from keelback_core.reference.vm.session import Session
from keelback_core.value.errors import SqlError
from keelback_core.value.key import BUILTIN_COLLATIONS
from keelback_core.value.key_info import KeyInfo
from keelback_core.value.result_codes import ERROR

OPEN_READWRITE_CREATE = 6
NUMBERS = {name: number for number, name in enumerate(NAMES)}


class PlainHost:
    """A Host without an engine: settings are attributes, hooks write a log."""

    def __init__(self) -> None:
        self.last_insert_rowid = 0
        self.changes = 0
        self.total_changes = 0
        self.limit_length = 1000000000
        self.limit_pattern_length = 50000
        self.is_interrupted = False
        self.progress_period = 0
        self.progress_calls = 0
        self.progress_answer = False
        self.scalars: dict[str, Any] = {}
        self.aggregates: dict[str, Any] = {}
        self.collations: dict[str, Any] = dict(BUILTIN_COLLATIONS)
        self.random = iter(range(1, 1000000))
        self.log: list[tuple[Any, ...]] = []
        self.refuses_commit = False

    def progress(self) -> bool:
        self.progress_calls += 1
        return self.progress_answer

    def find_scalar(self, name: str, argument_count: int) -> Any:
        return self.scalars.get(name)

    def find_aggregate(self, name: str, argument_count: int) -> Any:
        return self.aggregates.get(name)

    def find_collation(self, name: str) -> Any:
        if name not in self.collations:
            raise SqlError(ERROR, f"no such collation sequence: {name}")
        return self.collations[name]

    def random_bytes(self, count: int) -> bytes:
        return next(self.random).to_bytes(count, "little")

    def current_time_milliseconds(self) -> int:
        return 0

    def schema_changed(self, database: int) -> None:
        self.log.append(("schema", database))

    def pragma(self, database: int, name: str, arguments: list[Any]) -> Any:
        return f"{database}:{name}:{arguments}"

    def update_hook(self, operation: int, database: int, table: str, rowid: int) -> None:
        self.log.append((operation, database, table, rowid))

    def preupdate_hook(self, operation: int, depth: int, database: int, table: str, old: Any, new: Any) -> None:
        self.log.append((operation, depth, database, table, old, new))

    def commit_hook(self) -> bool:
        self.log.append(("commit",))
        return self.refuses_commit

    def rollback_hook(self) -> None:
        self.log.append(("rollback",))


def assemble(text: str, values: dict[str, Any] | None = None, **settings: Any) -> Program:
    """A Program of lines `[label:] Opcode p1 p2 p3 p4 p5`, `;` begins a comment.

    An operand is an integer, a label, `-` (0, or None for p4), a 'text', or $name: an object out of `values`.
    Registers and cursors are counted generously.
    """
    lines = [line.split(";")[0].strip() for line in text.strip().splitlines()]
    labels: dict[str, int] = {}
    rows: list[list[str]] = []
    for line in lines:
        if not line:
            continue
        words = line.split()
        if words[0].endswith(":"):
            labels[words[0][:-1]] = len(rows)
            words = words[1:]
        if words:
            rows.append(words)
    instructions = []
    for words in rows:
        operands = [_operand(word, labels, values or {}, place == 3) for place, word in enumerate(words[1:])]
        while len(operands) < 5:
            operands.append(None if len(operands) == 3 else 0)
        instructions.append(Instruction(NUMBERS[words[0]], *operands))
    settings.setdefault("register_count", 60)
    settings.setdefault("cursor_count", 10)
    return Program(tuple(instructions), settings.pop("register_count"), settings.pop("cursor_count"), **settings)


def _operand(word: str, labels: dict[str, int], values: dict[str, Any], is_p4: bool) -> Any:
    if word == "-":
        return None if is_p4 else 0
    if word.startswith("$"):
        return values[word[1:]]
    if word.startswith("'"):
        return word.strip("'")
    if word in labels:
        return labels[word]
    return int(word, 0)


def memory_database() -> Database:
    """A new database in memory."""
    return Database.open(None, OPEN_READWRITE_CREATE)


def memory_session(host: PlainHost | None = None) -> Session:
    """A session on a new database in memory."""
    return Session(host or PlainHost(), memory_database(), memory_database)


def file_session(path: Any, host: PlainHost | None = None) -> Session:
    """A session on a file."""
    return Session(host or PlainHost(), Database.open(str(path), OPEN_READWRITE_CREATE), memory_database)


def machine_of(
    session: Session, program: Program | str, values: dict[str, Any] | None = None, **settings: Any
) -> Machine:
    """A machine for a program or for its text."""
    if isinstance(program, str):
        program = assemble(program, values, **settings)
    return Machine(program, session, session.host)


def rows_of(machine: Machine) -> list[list[Any]]:
    """All rows of a run."""
    rows = []
    while machine.step():
        rows.append(machine.row)
    return rows


def run(
    session: Session, program: Program | str, values: dict[str, Any] | None = None, **settings: Any
) -> list[list[Any]]:
    """Run a program to its end."""
    return rows_of(machine_of(session, program, values, **settings))


def evaluate(text: str, values: dict[str, Any] | None = None, result: int = 9, session: Session | None = None) -> Any:
    """Run instructions without a database and hand out one register."""
    rows = run(session or memory_session(), f"{text}\nResultRow {result} 1\nHalt", values)
    assert len(rows) == 1
    return rows[0][0]


def ascending(count: int, all_columns: int | None = None) -> KeyInfo:
    """A key of `count` ascending BINARY columns."""
    return KeyInfo(("BINARY",) * count, (0,) * count, all_columns or count)


def make_table(session: Session, rows: dict[int, list[Any]]) -> int:
    """A table with these rows, written by a program; returns its root page."""
    root = run(session, "Transaction 0 1\nCreateBtree 0 1 1\nResultRow 1 1\nHalt")[0][0]
    fill_table(session, root, rows)
    assert isinstance(root, int)
    return root


def fill_table(session: Session, root: int, rows: dict[int, list[Any]]) -> None:
    """Put rows into a table."""
    for rowid, values in rows.items():
        width = len(values)
        program = assemble(
            "Transaction 0 1\nOpenWrite 0 $root 0 $width\n"
            + "\n".join(f"Variable {index + 1} {index + 10}" for index in range(width))
            + f"\nMakeRecord 10 {width} 1\nInt64 0 2 0 $rowid\nInsert 0 1 2\nHalt",
            {"root": root, "width": width, "rowid": rowid},
            parameters=(None,) * width,
        )
        machine = machine_of(session, program)
        machine.parameters = list(values)
        assert not machine.step()


def scan_text(root: int, width: int) -> str:
    """A program that reads a whole table: rowid and columns."""
    columns = "\n".join(f"Column 0 {index} {index + 2}" for index in range(width))
    return (
        f"Transaction 0 0\nOpenRead 0 {root} 0 {width}\nRewind 0 end\nloop: Rowid 0 1\n{columns}\n"
        f"ResultRow 1 {width + 1}\nNext 0 loop\nend: Halt"
    )


def scan(session: Session, root: int, width: int) -> list[list[Any]]:
    """All rows of a table."""
    return run(session, scan_text(root, width))
