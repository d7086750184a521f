"""sqllogictest files (`.test`, `.slt`): read and run, for the large suites that others publish in that format.

1. A file is one case: its records run in order on one fresh database in memory.
2. Answers there are text: `query IRT` prints integers, reals with three digits, texts; NULL is `NULL`, the empty
   text `(empty)`,
   what cannot be printed `@`. That is weaker than `.kbt`, so no case of ours is written in it.
3. `skipif`/`onlyif` look at the name `sqlite`.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path

from runner.driver_client import DriverClient, DriverDied, DriverFault
from runner.suite_file import SuiteFileError
from runner.values import Value, text_from_bytes

ENGINE_NAME = "sqlite"


@dataclass
class Record:
    """One `statement` or `query` record; `expected` are the lines after `----`."""

    line: int
    kind: str
    sql: str
    fails: bool = False
    types: str = ""
    sort: str = "nosort"
    expected: list[str] = field(default_factory=list)
    hash_threshold: int = 0


def read_records(path: Path) -> list[Record]:
    """The records of a file that are meant for us. Raises SuiteFileError."""
    lines = path.read_text(encoding="utf-8").split("\n")
    records: list[Record] = []
    threshold = 0
    position = 0
    is_skipped = False
    while position < len(lines):
        words = lines[position].split("#")[0].split()
        start = position
        position += 1
        if not words:
            continue
        if words[0] in ("skipif", "onlyif") and len(words) > 1:
            is_skipped = is_skipped or (words[1] == ENGINE_NAME) == (words[0] == "skipif")
        elif words[0] == "halt":
            if not is_skipped:
                break
            is_skipped = False
        elif words[0] == "hash-threshold":
            threshold = int(words[1])
        elif words[0] in ("statement", "query") and len(words) > 1:
            body: list[str] = []
            while position < len(lines) and lines[position].strip():
                body.append(lines[position])
                position += 1
            if not is_skipped:
                records.append(_record(words, body, start + 1, threshold))
            is_skipped = False
        else:
            raise SuiteFileError(f"{path}:{start + 1}: not a sqllogictest record: {lines[start]}")
    return records


def _record(words: list[str], body: list[str], line: int, threshold: int) -> Record:
    divider = body.index("----") if "----" in body else len(body)
    sql = "\n".join(body[:divider])
    if words[0] == "statement":
        return Record(line, "statement", sql, fails=words[1] == "error")
    sort = words[2] if len(words) > 2 else "nosort"
    return Record(line, "query", sql, False, words[1], sort, body[divider + 1 :], threshold)


def run_file(client: DriverClient, path: Path) -> list[str]:
    """Run a file; what differs, one text for each record, with file and line. Stops when the driver dies."""
    problems: list[str] = []
    try:
        client.start()
        client.open("slt", ":memory:")
        for record in read_records(path):
            problem = _problem(client, record)
            if problem is not None:
                problems.append(f"{path}:{record.line}: {problem}\n  > {record.sql}")
        client.close("slt")
    except (DriverDied, DriverFault) as trouble:
        problems.append(f"{path}: {trouble}")
    return problems


def _problem(client: DriverClient, record: Record) -> str | None:
    answer, _ = client.execute("slt", record.sql, None)
    if record.kind == "statement":
        if (answer.kind == "error") != record.fails:
            return f"answers {answer.message!r}" if answer.kind == "error" else "succeeds, and should not"
        return None
    if answer.kind == "error":
        return f"answers {answer.message!r}"
    found = printed_rows(answer.rows, record.types, record.sort)
    if record.hash_threshold and len(found) > record.hash_threshold or _is_hash(record.expected):
        digest = hashlib.md5("".join(value + "\n" for value in found).encode()).hexdigest()
        found = [f"{len(found)} values hashing to {digest}"]
    if found == record.expected or found == [word for line in record.expected for word in line.split()]:
        return None
    return f"expected {record.expected[:20]}, answered {found[:20]}"


def _is_hash(expected: list[str]) -> bool:
    return len(expected) == 1 and " values hashing to " in expected[0]


def printed_rows(rows: list[list[Value]], types: str, sort: str) -> list[str]:
    """All values in their order of comparison, printed by the letters of `types`."""
    printed = [[_printed(value, letter) for value, letter in zip(row, types, strict=False)] for row in rows]
    if sort == "rowsort":
        printed.sort()
    values = [value for row in printed for value in row]
    return sorted(values) if sort == "valuesort" else values


def _printed(value: Value, letter: str) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, bytes):
        value = text_from_bytes(value)
    if letter == "R":
        return f"{_number(value):.3f}"
    if letter == "I":
        return str(int(_number(value)))
    if isinstance(value, float):
        return repr(value)
    text = "".join(character if " " <= character <= "~" else "@" for character in str(value))
    return text or "(empty)"


def _number(value: int | float | str) -> int | float:
    try:
        return float(value) if isinstance(value, str) else value
    except ValueError:
        return 0
