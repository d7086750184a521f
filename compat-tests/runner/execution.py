"""Running cases against a driver, and comparing what comes with what is expected.

1. Every case has a fresh database: `:memory:`, or a file in a directory of its own when the case needs one.
2. Values are compared by storage class and bits, never by Python's equality.
3. A driver's death fails the case during which it happened and no other.
"""

from __future__ import annotations

import difflib
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from runner.driver_client import DriverClient, DriverDied, DriverFault
from runner.suite_file import Answer, Case, Step, SuiteFile, write_answer
from runner.values import Value, identity, write_literal


@dataclass
class Failure:
    """A case that did not pass: where, and why, ready to print."""

    case: Case
    line: int
    text: str


class _CaseRun:
    """One case on its way: the connections it has open."""

    def __init__(self, client: DriverClient, case: Case, directory: str | None) -> None:
        self.client = client
        self.path = ":memory:" if directory is None else str(Path(directory) / "test.db")
        self.open_connections: list[str] = []

    def answer(self, step: Step) -> tuple[Answer, list[str]]:
        if step.connection not in self.open_connections:
            problem = self.client.open("c" + step.connection, self.path)
            if problem is not None:
                return problem, []
            self.open_connections.append(step.connection)
        return self.client.execute("c" + step.connection, step.sql, step.parameters)

    def close_all(self) -> Answer | None:
        first: Answer | None = None
        while self.open_connections:
            problem = self.client.close("c" + self.open_connections.pop())
            first = first or problem
        return first


def run_case(client: DriverClient, case: Case, location: str) -> Failure | None:
    """Run one case; None when it passes. Stops at its first wrong answer."""
    with tempfile.TemporaryDirectory(prefix="keelback-") as directory:
        run = _CaseRun(client, case, directory if case.needs_file else None)
        line = case.line
        try:
            for step in case.setup + case.steps:
                line = step.line
                text = _step_problem(run, step)
                if text is not None:
                    return Failure(case, line, f"{location}:{line}: {case.title}\n{text}")
            problem = run.close_all()
            if problem is not None:
                return Failure(case, line, f"{location}:{line}: {case.title}\n  closing: {write_answer(problem)[0]}")
        except (DriverDied, DriverFault) as trouble:
            return Failure(case, line, f"{location}:{line}: {case.title}\n  {trouble}")
        finally:
            _close_quietly(run)
    return None


def _close_quietly(run: _CaseRun) -> None:
    try:
        run.close_all()
    except (DriverDied, DriverFault):
        run.open_connections.clear()


def _step_problem(run: _CaseRun, step: Step) -> str | None:
    if step.kind == "reopen":
        problem = run.close_all()
        return None if problem is None else f"  reopen: {write_answer(problem)[0]}"
    actual, _ = run.answer(step)
    if step.answer is None:
        return None if actual.kind != "error" else _difference(step, Answer("ok"), actual)
    return None if answers_agree(step.answer, actual) else _difference(step, step.answer, actual)


def answers_agree(expected: Answer, actual: Answer) -> bool:
    """True when `actual` is what `expected` states; what `expected` leaves out is not compared."""
    if expected.kind != actual.kind:
        return False
    if expected.kind == "error":
        return (expected.code_name, expected.message) == (actual.code_name, actual.message)
    if expected.kind == "ok":
        return expected.changes is None or expected.changes == actual.changes
    if expected.columns is not None and expected.columns != actual.columns:
        return False
    wanted = [tuple(map(identity, row)) for row in expected.rows]
    found = [tuple(map(identity, row)) for row in (plan_tree(actual.rows) if expected.plan else actual.rows)]
    return Counter(wanted) == Counter(found) if expected.unordered else wanted == found


def plan_tree(rows: list[list[Value]]) -> list[list[Value]]:
    """The rows of EXPLAIN QUERY PLAN without what depends on addresses and costs: one text a row, `. ` a level."""
    if any(len(row) != 4 or not isinstance(row[3], str) for row in rows):
        return rows
    levels: dict[Value, int] = {}
    tree: list[list[Value]] = []
    for number, parent, _, detail in rows:
        levels[number] = levels.get(parent, -1) + 1
        tree.append([". " * levels[number] + str(detail)])
    return tree


def _difference(step: Step, expected: Answer, actual: Answer) -> str:
    shown = Answer(**vars(actual))
    if expected.columns is None:
        shown.columns = None
    if expected.changes is None and shown.kind == "ok":
        shown.changes = None
    shown.unordered = expected.unordered
    if expected.plan:
        shown.plan, shown.rows = True, plan_tree(actual.rows)
    wanted_lines, found_lines = write_answer(expected), _safe_lines(shown)
    name = step.connection
    lines = [f"  {name}> " + step.sql.replace("\n", "\n  ... ")]
    if step.parameters is not None:
        lines.append("  with " + _parameters_text(step))
    lines += _aligned(wanted_lines, found_lines)
    return "\n".join(lines)


def _safe_lines(answer: Answer) -> list[str]:
    if answer.kind == "error":
        return [f"error {answer.code_name}: {answer.message}"]
    return write_answer(answer)


def _aligned(wanted: list[str], found: list[str]) -> list[str]:
    """Both sides line by line: `  ` equal, `- ` expected only, `+ ` answered only."""
    lines = [line for line in difflib.ndiff(wanted, found) if not line.startswith("?")]
    return ["  " + line for line in lines[:60]] + (["  (more lines)"] if len(lines) > 60 else [])


def _parameters_text(step: Step) -> str:
    if isinstance(step.parameters, dict):
        return ", ".join(f"{name} = {write_literal(value)}" for name, value in step.parameters.items())
    return ", ".join(write_literal(value) for value in step.parameters or [])


def collect_answers(client: DriverClient, suite_file: SuiteFile) -> dict[int, Answer]:
    """What the driver answers to every step of every test, by the step's line (for --rewrite)."""
    answers: dict[int, Answer] = {}
    for case in suite_file.cases:
        with tempfile.TemporaryDirectory(prefix="keelback-") as directory:
            run = _CaseRun(client, case, directory if case.needs_file else None)
            for step in case.setup:
                problem = _step_problem(run, step)
                if problem is not None:
                    raise DriverFault(f"{suite_file.path}:{step.line}: setup fails\n{problem}")
            for step in case.steps:
                if step.kind == "reopen":
                    run.close_all()
                    continue
                answers[step.line] = _recorded(step, run.answer(step)[0])
            run.close_all()
    return answers


_COUNTING = ("INSERT", "UPDATE", "DELETE", "REPLACE")


def _recorded(step: Step, actual: Answer) -> Answer:
    """The answer as the file should state it: columns where asked for, changes for row-changing statements."""
    answer = Answer(**vars(actual))
    if not step.wants_columns:
        answer.columns = None
    if answer.kind == "ok" and not step.sql.lstrip().upper().startswith(_COUNTING):
        answer.changes = None
    if answer.kind == "rows" and step.answer is not None:
        answer.unordered = step.answer.unordered
        answer.plan = step.answer.plan
    if answer.plan:
        answer.rows = plan_tree(answer.rows)
    return answer
