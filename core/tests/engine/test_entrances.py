"""Entrances (compiler/emit/entrance.py): statements take the short way until something they depend on changes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from keelback_core.compiler.emit import encoded
from keelback_core.compiler.sql.lexer import Lexer
from keelback_core.value.result_codes import ERROR, MISUSE, OK, TOOBIG
from kernel_stand_in import NAMES, StandInKernel, keep_program


class Counting:
    """A connection whose compilations the long way are counted."""

    def __init__(self) -> None:
        self.kernel = StandInKernel()
        self.entrances = self.kernel.service.entrances
        self.is_open = True
        self.long_ways = 0
        compile_slowly = self.kernel.service._compile_slowly

        def counted(*arguments: Any) -> tuple[int, list[Any]]:
            self.long_ways += 1
            return compile_slowly(*arguments)

        self.entrances._slowly = counted

    def compile(self, sql: str, has_temporary: bool = False) -> tuple[int, list[Any]]:
        return self.entrances.compile(self.kernel.handle, sql, -1, True, has_temporary, False, [], [], [], False)

    def ways_of(self, sql: str, has_temporary: bool = False) -> int:
        """How often a text that can be compiled goes the long way: 0 or 1."""
        before = self.long_ways
        assert self.compile(sql, has_temporary)[0] == OK
        return self.long_ways - before


@pytest.fixture
def counting(monkeypatch: pytest.MonkeyPatch) -> Iterator[Counting]:
    with monkeypatch.context() as patched:
        patched.setattr(encoded, "program_pieces", keep_program)
        made = Counting()
        made.kernel.execute("CREATE TABLE t(a, b)")
    made.compile("SELECT 1")
    made.long_ways = 0
    yield made
    if made.is_open:
        made.kernel.close()


def test_only_the_first_statement_goes_the_long_way(counting: Counting) -> None:
    assert [counting.ways_of(f"SELECT a AS c{i} FROM t") for i in range(3)] == [0, 0, 0]


@pytest.mark.parametrize(
    "change",
    [
        lambda kernel: kernel.call("LIMIT", 2, 100),
        lambda kernel: kernel.call("FUNCTION", 1, "twice", 1, 0, 1),
        lambda kernel: kernel.call("COLLATION", 1, "backwards"),
        lambda kernel: kernel.call("FORGET", -1),
        lambda kernel: kernel.call("FORGET", 0),
        lambda kernel: kernel.call("HOOK", NAMES.KB_HOOK_PREUPDATE, 1, 0),
    ],
    ids=["a limit", "a function", "a collation", "all schemas", "one schema", "a hook"],
)
def test_a_change_makes_the_next_one_go_the_long_way(counting: Counting, change: Any) -> None:
    change(counting.kernel)
    assert [counting.ways_of(f"SELECT a AS c{i} FROM t") for i in range(2)] == [1, 0]


def test_a_temp_database_that_the_catalog_does_not_know_is_looked_for(counting: Counting) -> None:
    assert counting.ways_of("SELECT a FROM t", has_temporary=True) == 1


def test_the_short_way_gives_what_the_long_way_gives(counting: Counting) -> None:
    kernel = counting.kernel
    for sql in ("SELECT a, 'x' FROM t WHERE b = 5", "INSERT INTO t VALUES(1, ?)", " ", "SELECT 'é'; SELECT 2"):
        slow = kernel.service.compile(kernel.handle, Lexer(sql, 0), -1, True, False, False)
        assert counting.compile(sql) == (OK, slow), sql
    assert counting.long_ways == 0


def test_errors_are_told_by_the_long_way(counting: Counting) -> None:
    assert counting.compile("SELECT nosuch FROM t")[0] == ERROR
    code, (message, offset, tail) = counting.compile("SELECT é + FROM t; SELECT 1")
    assert (code, message, offset) == (ERROR, 'near "FROM": syntax error', 12)
    assert tail == len("SELECT é + FROM".encode())
    assert counting.long_ways == 2
    # The connection is as ready as before.
    assert counting.ways_of("SELECT a FROM t") == 0


def test_a_text_that_is_too_long_is_refused(counting: Counting) -> None:
    counting.kernel.call("LIMIT", 1, 100)
    counting.compile("SELECT 1")
    assert counting.compile("SELECT " + "1" * 100)[0] == TOOBIG
    assert counting.ways_of("SELECT 1" + " " * 50) == 1


def test_a_connection_that_is_closed_is_misused(counting: Counting) -> None:
    counting.kernel.close()
    counting.is_open = False
    assert counting.compile("SELECT a FROM t")[0] == MISUSE
