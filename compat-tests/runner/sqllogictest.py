"""sqllogictest files (`.test`, `.slt`): read, run, and completed with the answers of real SQLite.

1. A file is one case: its records run in order on one fresh database in memory.
2. Answers there are text: `query IRT` prints integers, reals with three digits, texts; NULL is `NULL`, the empty
   text `(empty)`, what cannot be printed `@`. That is weaker than `.kbt`; ours in slt/ are for breadth.
3. `skipif`/`onlyif` look at the name `sqlite`.
4. Queries of one label (the word after the sort mode) have one answer.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path

from runner.driver_client import DriverClient, DriverDied, DriverFault
from runner.suite_file import SuiteFileError
from runner.values import Value, text_from_bytes

ENGINE_NAME = "sqlite"
FOLDER = Path(__file__).resolve().parents[1] / "slt"


def own_files() -> list[Path]:
    """The files of compat-tests/slt."""
    return sorted(FOLDER.rglob("*.slt"))


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
    label: str = ""


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
    label = words[3] if len(words) > 3 else ""
    return Record(line, "query", sql, False, words[1], sort, body[divider + 1 :], threshold, label)


def run_file(client: DriverClient, path: Path) -> list[str]:
    """Run a file; what differs, one text for each record, with file and line. Stops when the driver dies."""
    problems: list[str] = []
    try:
        client.start()
        client.open("slt", ":memory:")
        labelled: dict[str, list[str]] = {}
        for record in read_records(path):
            problem = _problem(client, record, labelled)
            if problem is not None:
                problems.append(f"{path}:{record.line}: {problem}\n  > {record.sql}")
        client.close("slt")
    except (DriverDied, DriverFault) as trouble:
        problems.append(f"{path}: {trouble}")
    return problems


def completed_text(client: DriverClient, path: Path) -> str:
    """The file with the answers of the driver behind its queries. SuiteFileError if a statement goes another way."""
    lines = path.read_text(encoding="utf-8").split("\n")
    records = {record.line: record for record in read_records(path)}
    client.start()
    client.open("slt", ":memory:")
    done: list[str] = []
    position = 0
    while position < len(lines):
        record = records.get(position + 1)
        done.append(lines[position])
        position += 1
        if record is None:
            continue
        while position < len(lines) and lines[position].strip():
            if lines[position] == "----":
                while position < len(lines) and lines[position].strip():
                    position += 1
                break
            done.append(lines[position])
            position += 1
        answer, _ = client.execute("slt", record.sql, None)
        if (answer.kind == "error") != record.fails:
            raise SuiteFileError(f"{path}:{record.line}: {answer.message or 'succeeds, and should not'}")
        if record.kind == "query":
            done += ["----", *_answer_lines(answer.rows, record)]
    client.close("slt")
    return "\n".join(done)


def _answer_lines(rows: list[list[Value]], record: Record) -> list[str]:
    """What stands behind `----`: a value a line, or their number and hash."""
    found = printed_rows(rows, record.types, record.sort)
    if (record.hash_threshold and len(found) > record.hash_threshold) or _is_hash(record.expected):
        digest = hashlib.md5("".join(value + "\n" for value in found).encode()).hexdigest()
        return [f"{len(found)} values hashing to {digest}"]
    return found


def _problem(client: DriverClient, record: Record, labelled: dict[str, list[str]]) -> str | None:
    answer, _ = client.execute("slt", record.sql, None)
    if record.kind == "statement":
        if (answer.kind == "error") != record.fails:
            return f"answers {answer.message!r}" if answer.kind == "error" else "succeeds, and should not"
        return None
    if answer.kind == "error":
        return f"answers {answer.message!r}"
    found = _answer_lines(answer.rows, record)
    if record.label and labelled.setdefault(record.label, found) != found:
        return f"answers otherwise than the query before it with the label {record.label}"
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
