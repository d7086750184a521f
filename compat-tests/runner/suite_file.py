"""Suite files: the `.kbt` format, read into cases and written back with new answers.

1. Reading keeps every line: writing back replaces the answer lines of steps and nothing else.
2. A step of a test has an answer, a step of `setup:` may have one (without, it must not fail).
3. Titles are unique within a file, so `path::title` names a case.

The format itself is described in FORMAT.md.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from runner.values import LiteralError, Value, read_literals, read_parameters, write_literal

_STATEMENT = re.compile(r"([a-z][a-z0-9]*)?>(?: (.*))?$")
_ROW_START = re.compile(r"[-+0-9'xXNCu]")
_ERROR = re.compile(r"error (SQLITE_[A-Z_0-9]+): (.*)$")
_OK = re.compile(r"ok(?: changes=([0-9]+))?$")


class SuiteFileError(Exception):
    """A suite file that breaks the format; the text begins with file:line."""


@dataclass
class Answer:
    """What a statement answers. kind: 'rows', 'ok' or 'error'; columns and changes are None where not stated."""

    kind: str
    rows: list[list[Value]] = field(default_factory=list)
    columns: list[str] | None = None
    unordered: bool = False
    plan: bool = False
    changes: int | None = None
    code_name: str = ""
    message: str = ""


@dataclass
class Step:
    """One statement on one connection, or `reopen`. Lines count from 1; answer_begin/_end are a 0-based range."""

    line: int
    kind: str
    connection: str = ""
    sql: str = ""
    parameters: list[Value] | dict[str, Value] | None = None
    answer: Answer | None = None
    wants_columns: bool = False
    answer_begin: int = 0
    answer_end: int = 0


@dataclass
class Case:
    """One test: its steps, after the setup of its file, on a fresh database."""

    path: str
    title: str
    line: int
    needs: list[str]
    setup: list[Step]
    steps: list[Step]
    wants_file: bool = False

    @property
    def key(self) -> str:
        """The name under which excuses and reports know the case."""
        return f"{self.path}::{self.title}"

    @property
    def needs_file(self) -> bool:
        """True when the case needs a database that more than one connection can open."""
        steps = self.setup + self.steps
        return self.wants_file or any(step.connection or step.kind == "reopen" for step in steps)


@dataclass
class SuiteFile:
    """A whole file."""

    path: str
    lines: list[str]
    needs: list[str]
    setup: list[Step]
    cases: list[Case]


def read_suite_file(path: Path, name: str, complete: bool = True) -> SuiteFile:
    """The cases of a file. `complete` demands an answer of each step of a test. Raises SuiteFileError."""
    try:
        text = path.read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError) as problem:
        raise SuiteFileError(f"{path}:1: unreadable: {problem}") from problem
    return parse_suite_text(text, name, str(path), complete)


def parse_suite_text(text: str, name: str, location: str = "", complete: bool = True) -> SuiteFile:
    """As `read_suite_file`, from text."""
    return _Parser(text, name, location or name, complete).parse()


class _Parser:
    def __init__(self, text: str, name: str, location: str, complete: bool) -> None:
        self.name = name
        self.location = location
        self.complete = complete
        self.lines = text.split("\n")
        self.position = 0
        self.file_needs: list[str] = []
        self.file_wants_file = False
        self.setup: list[Step] = []
        self.setup_seen = False
        self.cases: list[Case] = []
        self.section: list[Step] | None = None

    def fail(self, message: str, line: int | None = None) -> SuiteFileError:
        return SuiteFileError(f"{self.location}:{line or self.position + 1}: {message}")

    def parse(self) -> SuiteFile:
        while self.position < len(self.lines):
            line = self.lines[self.position]
            if "\t" in line[: len(line) - len(line.lstrip())] or line.endswith("\r"):
                raise self.fail("indent with spaces and end lines with LF")
            content = line.strip()
            if line.startswith("# needs:"):
                self.head_needs(line)
            elif not content or content.startswith("#"):
                self.position += 1
            elif line[0] != " ":
                self.heading(content)
            else:
                self.body(content)
        self.finish()
        return SuiteFile(self.name, self.lines, self.file_needs, self.setup, self.cases)

    def head_needs(self, line: str) -> None:
        if self.cases or self.setup_seen:
            raise self.fail("`# needs:` stands at the head of the file; within a test write `needs:`")
        self.file_needs += self.feature_ids(line.split(":", 1)[1])
        self.position += 1

    def feature_ids(self, text: str) -> list[str]:
        ids = [part.strip() for part in text.split(",")]
        if not all(re.fullmatch(r"[a-z0-9_.-]+", part) for part in ids):
            raise self.fail("feature ids are comma separated words")
        return ids

    def heading(self, content: str) -> None:
        if content == "setup:":
            if self.cases or self.setup_seen:
                raise self.fail("one `setup:`, before the first test")
            self.setup_seen = True
            self.section = self.setup
        elif content == "database: file":
            if self.cases:
                raise self.fail("`database: file` stands before the first test, or indented within a test")
            self.file_wants_file = True
        elif content.startswith("test: ") and content[6:].strip():
            title = content[6:].strip()
            if any(case.title == title for case in self.cases):
                raise self.fail(f"two tests are called {title!r}")
            case = Case(
                self.name, title, self.position + 1, list(self.file_needs), self.setup, [], self.file_wants_file
            )
            self.cases.append(case)
            self.section = case.steps
        else:
            raise self.fail(f"not a heading: {content}")
        self.position += 1

    def body(self, content: str) -> None:
        if self.section is None:
            raise self.fail("a step outside of `setup:` and `test:`")
        statement = _STATEMENT.match(content)
        if statement:
            self.section.append(self.statement(statement))
        elif content == "reopen":
            self.section.append(Step(self.position + 1, "reopen"))
            self.position += 1
        elif content.startswith("needs:") and self.cases and not self.section:
            self.cases[-1].needs += self.feature_ids(content[6:])
            self.position += 1
        elif content == "database: file" and self.cases and not self.section:
            self.cases[-1].wants_file = True
            self.position += 1
        else:
            raise self.fail(f"an answer without a statement, or an unknown line: {content}")

    def statement(self, match: re.Match[str]) -> Step:
        step = Step(self.position + 1, "statement", match[1] or "")
        sql = [match[2] or ""]
        self.position += 1
        while self.peek() == "..." or self.peek().startswith("... "):
            sql.append(self.peek()[4:])
            self.position += 1
        step.sql = "\n".join(sql)
        if not step.sql.strip():
            raise self.fail("an empty statement", step.line)
        if self.peek().startswith("with "):
            step.parameters = self.guarded(read_parameters, self.peek()[5:])
            self.position += 1
        step.answer_begin = self.position
        step.answer = self.answer(step)
        step.answer_end = self.position
        if step.answer is None and self.complete and self.section is not self.setup:
            raise self.fail("a statement without an answer (let --rewrite fill it in)", step.line)
        return step

    def peek(self) -> str:
        return self.lines[self.position].strip() if self.position < len(self.lines) else ""

    def guarded(self, read, text: str):  # type: ignore[no-untyped-def]
        try:
            return read(text)
        except LiteralError as problem:
            raise self.fail(str(problem)) from problem

    def answer(self, step: Step) -> Answer | None:
        columns: list[str] | None = None
        unordered = False
        if self.peek() == "columns:" or self.peek().startswith("columns: "):
            step.wants_columns = True
            columns = self.column_names(self.peek()[8:].strip()) if self.peek() != "columns:" else None
            self.position += 1
        if self.peek() == "unordered:":
            unordered = True
            self.position += 1
        plan = self.peek() == "plan:"
        if plan:
            self.position += 1
        content = self.peek()
        if content == "no rows":
            self.position += 1
            return Answer("rows", [], columns, unordered, plan)
        if _OK.match(content) or _ERROR.match(content):
            if step.wants_columns or unordered or plan:
                raise self.fail("`columns:`, `unordered:` and `plan:` go with rows")
            self.position += 1
            return self.plain_answer(content)
        rows: list[list[Value]] = []
        while _ROW_START.match(self.peek()) and not _STATEMENT.match(self.peek()):
            rows.append(self.guarded(read_literals, self.peek()))
            self.position += 1
        if rows:
            return Answer("rows", rows, columns, unordered, plan)
        if unordered or plan or columns is not None:
            if self.complete:
                raise self.fail("rows or `no rows` must follow")
            return Answer("rows", [], columns, unordered, plan)
        return None

    def plain_answer(self, content: str) -> Answer:
        error = _ERROR.match(content)
        if error:
            return Answer("error", code_name=error[1], message=error[2])
        ok = _OK.match(content)
        assert ok is not None
        return Answer("ok", changes=None if ok[1] is None else int(ok[1]))

    def column_names(self, text: str) -> list[str]:
        names: list[str] = []
        for match in re.finditer(r"\s*('(?:[^']|'')*'|[^,']*?)\s*(?:,|$)", text):
            if match.start() == len(text) and names and not text.endswith(","):
                break
            name = match[1]
            names.append(name[1:-1].replace("''", "'") if name.startswith("'") else name)
        return names

    def finish(self) -> None:
        if not self.cases:
            raise self.fail("a file without tests", 1)
        for case in self.cases:
            if not case.steps:
                raise self.fail(f"the test {case.title!r} has no steps", case.line)
            if not case.needs:
                raise self.fail(f"the test {case.title!r} needs no feature: add `# needs:`", case.line)


def write_column_name(name: str) -> str:
    """A column name as a `columns:` line has it: bare where that can be read back, else quoted."""
    if name and name == name.strip() and not re.search(r"[',]", name):
        return name
    return "'" + name.replace("'", "''") + "'"


def write_answer(answer: Answer) -> list[str]:
    """The lines of an answer, without indentation."""
    if answer.kind == "error":
        if "\n" in answer.message:
            raise SuiteFileError(f"a message of more than one line cannot be written: {answer.message!r}")
        return [f"error {answer.code_name}: {answer.message}"]
    if answer.kind == "ok":
        return ["ok" if answer.changes is None else f"ok changes={answer.changes}"]
    lines: list[str] = []
    if answer.columns is not None:
        lines.append("columns: " + ", ".join(write_column_name(name) for name in answer.columns))
    if answer.unordered:
        lines.append("unordered:")
    if answer.plan:
        lines.append("plan:")
    lines += [", ".join(write_literal(value) for value in row) for row in answer.rows]
    return lines if answer.rows else [*lines, "no rows"]


def rewritten_text(suite_file: SuiteFile, answers: dict[int, Answer]) -> str:
    """The text of the file with the answers of the steps at the given lines replaced."""
    steps = list(suite_file.setup)
    for case in suite_file.cases:
        steps += case.steps
    lines = list(suite_file.lines)
    for step in sorted(steps, key=lambda step: step.line, reverse=True):
        if step.line in answers:
            lines[step.answer_begin : step.answer_end] = ["  " + line for line in write_answer(answers[step.line])]
    return "\n".join(lines)
