"""Keelback's module beside Python's sqlite3: the same scenarios (scenarios/*.txt) give the same answers.

A file holds blocks; the first line of a block, a comment, is its name. Each statement of a block is run on its own,
with `m` the module, `c` a connection to a new database in memory, `cu` a cursor of it, and `t(a, b)` a table with two
rows; the value of each expression, and each exception, is an answer. `path` is that of a file that does not exist.

Compared are values, the classes of exceptions, their messages and their codes. Where Python's sqlite3 is C and ours is
Python, the wording of "missing argument" is not compared.
"""

from __future__ import annotations

import ast
import re
import sqlite3
from pathlib import Path
from types import ModuleType
from typing import Any

import keelback
import pytest

SCENARIOS = Path(__file__).with_name("scenarios")

_ARGUMENTS = re.compile(
    r"missing|takes |unexpected keyword|invalid keyword|expected .* argument|object has no attribute"
)
_IN_OUR_WORDS = re.compile(r"readonly attribute|not writable|has no setter|cannot be interpreted|incompatible function")


# Scenarios that wait for the engine, with what they wait for. A scenario that passes is to be taken off.
WAITING: dict[str, str] = {}


def all_scenarios() -> list[tuple[str, str]]:
    """(subject: name, text) of each block."""
    result = []
    for file in sorted(SCENARIOS.glob("*.txt")):
        for block in file.read_text().strip().split("\n\n"):
            name, _, text = block.partition("\n")
            result.append((f"{file.stem}: {name.removeprefix('# ')}", text))
    return result


def cases() -> list[Any]:
    """The scenarios as parameters; what waits for the engine is expected to fail."""
    result = []
    for name, text in all_scenarios():
        marks = [pytest.mark.xfail(strict=True, reason=WAITING[name])] if name in WAITING else []
        result.append(pytest.param(text, id=name, marks=marks))
    return result


def show(module: ModuleType, value: Any) -> Any:
    """A value as it can be compared between the modules."""
    if isinstance(value, module.Row):
        return ("Row", value.keys(), tuple(value))
    if isinstance(value, (module.Cursor, module.Connection)):
        return type(value).__name__
    if isinstance(value, (list, tuple)):
        return type(value).__name__, [show(module, item) for item in value]
    return repr(value)


def show_error(error: Exception) -> Any:
    """An exception: class, message, codes."""
    message = str(error).replace("keelback.", "").replace("sqlite3.", "")
    if isinstance(error, (TypeError, AttributeError)) and (_ARGUMENTS.search(message) or _IN_OUR_WORDS.search(message)):
        message = "about arguments"
    codes = (getattr(error, "sqlite_errorcode", None), getattr(error, "sqlite_errorname", None))
    return (type(error).__name__, message, *codes)


def run_scenario(module: ModuleType, text: str, path: Path) -> list[Any]:
    """The answer to each statement of a scenario."""
    connection = module.connect(":memory:")
    connection.execute("create table t(a, b)")
    connection.execute("insert into t values (1, 'x'), (2, 'y')")
    names = {"m": module, "c": connection, "cu": connection.cursor(), "path": str(path)}
    answers = []
    for node in ast.parse(text).body:
        source = ast.unparse(node)
        try:
            if isinstance(node, ast.Expr):
                answers.append((source, show(module, eval(compile(ast.Expression(node.value), source, "eval"), names))))
            else:
                exec(compile(ast.Module([node], []), source, "exec"), names)
        except Exception as error:
            answers.append((source, show_error(error)))
    return answers


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("text", cases())
def test_same_answers(text: str, tmp_path: Path) -> None:
    expected = run_scenario(sqlite3, text, tmp_path / "sqlite3.db")
    actual = run_scenario(keelback, text, tmp_path / "keelback.db")
    assert len(expected) > 0
    assert actual == expected
