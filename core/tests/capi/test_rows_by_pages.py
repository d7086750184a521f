"""Rows of loops that run by pages but for their tails (vm/page_loop_tails.cpp), beside real SQLite.

The tables are large enough for such loops. Between two steps anything may happen that makes what was computed ahead
worthless.
"""

from __future__ import annotations

import ctypes
import random
from typing import Any

import pytest
from capi_support import Database

COUNT = 3000
ROW, DONE = 100, 101
SETUP = [
    "CREATE TABLE t(id INTEGER PRIMARY KEY, g INTEGER, v REAL, s TEXT, b)",
    f"""WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {COUNT})
        INSERT INTO t SELECT i * 2, i * 7919 % 1000, CASE WHEN i % 11 THEN i / 7.0 ELSE i END, 'text ' || i,
          CASE i % 13 WHEN 0 THEN NULL WHEN 1 THEN i WHEN 2 THEN zeroblob(i % 5) WHEN 3 THEN i * 1e300 ELSE 'b' END
        FROM n""",
    "UPDATE t SET b = zeroblob(9000 + id) WHERE id % 1234 = 2",
    "ALTER TABLE t ADD COLUMN late DEFAULT 'later'",
    "CREATE TABLE u(k INTEGER PRIMARY KEY, name TEXT)",
    "INSERT INTO u SELECT g, 'name ' || g FROM t WHERE g % 3 = 0 GROUP BY g",
    "CREATE TABLE w(x, y)",
    "CREATE TABLE o(id INTEGER PRIMARY KEY, g INTEGER, v REAL, s TEXT, b)",
    "INSERT INTO o SELECT id, g % 400, round(v), s, b FROM t",
    "CREATE INDEX og ON o(g)",
]
QUERIES = [
    "SELECT g, v FROM t",
    "SELECT * FROM t",
    "SELECT s, id, late, typeof(b) FROM t WHERE v > 100.0",
    "SELECT 'constant', g + 1, v * 2 - g, NULL, -5 FROM t WHERE g % 7 <> 3",
    "SELECT id, CASE WHEN g > 500 THEN s ELSE v END FROM t",
    "SELECT upper(s) || g, substr(s, 2, 3) FROM t WHERE s LIKE '%7%'",
    "SELECT t.id, u.name FROM t CROSS JOIN u ON u.k = t.g",
    "SELECT t.id, u.name FROM t LEFT JOIN u ON u.k = t.g",
    "SELECT g, b FROM t WHERE b IS NOT NULL LIMIT 700",
    "SELECT g, b FROM t LIMIT 30 OFFSET 5",
    "SELECT id, changes(), total_changes(), last_insert_rowid() FROM t",
    "SELECT id FROM t WHERE g IN (1, 2, 3, 5, 8, 13, 21, 34, 55)",
    "SELECT id, (SELECT max(k) FROM u) FROM t WHERE v IS NOT NULL",
    "SELECT abs(CASE id WHEN 4000 THEN -9223372036854775807 - 1 ELSE id END) FROM t",
    "SELECT a.id, b.k FROM t AS a, u AS b WHERE b.k < 12 AND a.g > 10",
    "SELECT x FROM (SELECT id AS x, g FROM t WHERE v > 5 LIMIT 900) WHERE g < 800",
    "SELECT id FROM t WHERE id > 3000 UNION ALL SELECT g FROM t WHERE id < 500",
    "SELECT id, b COLLATE NOCASE = 'B' FROM t WHERE s COLLATE NOCASE > 'TEXT 2'",
    "SELECT id FROM t WHERE id BETWEEN 500 AND 4000 AND g <> 5",
    "SELECT g, id FROM o INDEXED BY og",
    "SELECT s, g, b FROM o INDEXED BY og WHERE v > 50 ORDER BY g",
    "SELECT g, count(*), sum(v) FROM o INDEXED BY og GROUP BY g",
    "SELECT g, count(*) FROM o INDEXED BY og GROUP BY g",
    "SELECT g, s, max(id), group_concat(s) FROM o INDEXED BY og GROUP BY g HAVING count(b) <> 2",
    "SELECT g, count(*) FILTER (WHERE v > 100), min(s), b FROM o INDEXED BY og GROUP BY g",
    "SELECT s, count(*), total(v + g) FROM o WHERE g % 3 GROUP BY id",
    "SELECT g / 7, count(*) FROM (SELECT g, count(*) FROM o INDEXED BY og GROUP BY g) GROUP BY 1",
]
WRITERS = [
    "CREATE TABLE made AS SELECT id, g, v, s FROM t",
    "INSERT INTO w SELECT g, s FROM t WHERE v < 200",
    "INSERT INTO t SELECT id + 100001, g, v, s, b, late FROM t",
    "INSERT INTO t(g) SELECT g FROM t WHERE g < 30",
    "UPDATE t SET g = g + 1 WHERE v > 20",
    "UPDATE t SET s = s || s, b = zeroblob(200) WHERE g % 3 = 0",
    "UPDATE t SET id = id + 20000 WHERE g % 5 = 0",
    "DELETE FROM t WHERE id % 3 = 0",
    "DELETE FROM t WHERE g > 100 AND v > 10",
    "INSERT OR IGNORE INTO u SELECT g, s FROM t",
    "INSERT OR REPLACE INTO u SELECT g, s FROM t WHERE g NOT NULL",
]


class Side:
    """One library: a connection, its running statements, and what they give."""

    def __init__(self, library: ctypes.CDLL, path: str) -> None:
        self.library = library
        self.database = Database(library, path)
        self.statements: dict[int, ctypes.c_void_p] = {}

    def close(self) -> None:
        for number in list(self.statements):
            self.finish(number)
        assert self.database.close() == 0

    def run(self, sql: str) -> Any:
        code = self.database.run(sql)
        return (code, self.database.message()) if code else self.library.sqlite3_changes(self.database.handle)

    def open(self, number: int, sql: str) -> Any:
        self.finish(number)
        statement = ctypes.c_void_p()
        code = self.library.sqlite3_prepare_v2(self.database.handle, sql.encode(), -1, ctypes.byref(statement), None)
        if code:
            return code, self.database.message()
        self.statements[number] = statement
        return self.step(number, 1)

    def step(self, number: int, times: int) -> Any:
        """The next rows, or the end, or the error."""
        seen: list[Any] = []
        statement = self.statements.get(number)
        while statement is not None and len(seen) < times:
            code = self.library.sqlite3_step(statement)
            if code != ROW:
                seen.append("end" if code == DONE else (code, self.database.message()))
                self.finish(number)
                break
            seen.append(tuple(self.column(statement, i) for i in range(self.library.sqlite3_data_count(statement))))
        return seen

    def column(self, statement: ctypes.c_void_p, index: int) -> Any:
        kind = self.library.sqlite3_column_type(statement, index)
        if kind == 2:
            return kind, self.library.sqlite3_column_double(statement, index)
        address = self.library.sqlite3_column_text(statement, index)
        if not address:
            return kind, None
        size = self.library.sqlite3_column_bytes(statement, index)
        # The byte behind a text is part of what is promised.
        return kind, ctypes.string_at(address, size + (1 if kind == 3 else 0))

    def finish(self, number: int) -> None:
        statement = self.statements.pop(number, None)
        if statement is not None:
            self.library.sqlite3_finalize(statement)


@pytest.fixture
def sides(library, real, tmp_path):
    """Both, with the tables filled in a file."""
    both = [Side(library, str(tmp_path / "ours.db")), Side(real, str(tmp_path / "theirs.db"))]
    for side in both:
        assert side.run("BEGIN") == 0
        for sql in SETUP:
            assert not isinstance(side.run(sql), tuple), (sql, side.database.message())
        side.run("COMMIT")
    yield both
    for side in both:
        side.close()


def check(sides: list[Side], method: str, *arguments: Any) -> Any:
    ours, theirs = (getattr(side, method)(*arguments) for side in sides)
    assert ours == theirs, (method, arguments)
    return ours


@pytest.mark.parametrize("sql", QUERIES)
def test_all_rows_are_those_of_sqlite(sides, sql):
    check(sides, "open", 0, sql)
    assert len(check(sides, "step", 0, 10 * COUNT)) > 1


@pytest.mark.parametrize("sql", WRITERS)
def test_what_is_written_out_of_a_scan_is_the_same(sides, sql):
    for side in sides:
        # Few pages: the cache lets go of the reader's now and then.
        side.run("PRAGMA cache_size = 10")
    check(sides, "run", sql)
    for table in ["t", "u", "w"]:
        check(sides, "open", 0, f"SELECT rowid, * FROM {table} ORDER BY rowid")
        check(sides, "step", 0, 10 * COUNT)


def change(chooser: random.Random) -> str:
    a, g = chooser.randrange(1, 2 * COUNT), chooser.randrange(1000)
    return chooser.choice(
        [
            f"INSERT OR IGNORE INTO t(id, g, s) VALUES({a}, {g}, 'new')",
            f"INSERT OR IGNORE INTO t(id, g) SELECT {a} + k, k FROM u",
            f"DELETE FROM t WHERE id BETWEEN {a} AND {a + chooser.randrange(200)}",
            f"DELETE FROM t WHERE g = {g}",
            f"UPDATE t SET s = s || '!', v = v + 1 WHERE id BETWEEN {a} AND {a + chooser.randrange(300)}",
            f"UPDATE OR IGNORE t SET id = id + 1 WHERE g = {g}",
            f"UPDATE t SET b = zeroblob({a}) WHERE id = {a}",
            f"UPDATE u SET name = 'other' WHERE k > {g}",
            f"DELETE FROM o WHERE id BETWEEN {a} AND {a + chooser.randrange(200)}",
            f"DELETE FROM o WHERE g BETWEEN {g % 400} AND {g % 400 + 5}",
            f"UPDATE o SET g = g + 3, s = s || '?' WHERE g = {g % 400}",
            "DELETE FROM w",
            f"INSERT INTO w VALUES({a}, {g})",
            "BEGIN",
            "COMMIT",
            "ROLLBACK",
            "SAVEPOINT x",
            "ROLLBACK TO x",
            "PRAGMA cache_size = 5",
            "PRAGMA shrink_memory",
            "SELECT count(*), sum(length(b)) FROM t",
        ]
    )


@pytest.mark.parametrize("seed", range(8))
def test_changes_between_two_steps_are_met_as_in_sqlite(sides, seed):
    chooser = random.Random(seed)
    for _ in range(250):
        number = chooser.randrange(3)
        kind = chooser.choices(["open", "step", "run"], [15, 60, 25])[0]
        if kind == "open":
            check(sides, "open", number, chooser.choice(QUERIES))
        elif kind == "step":
            check(sides, "step", number, chooser.choice([1, 2, 3, 9, 40, 300, 1000]))
        else:
            check(sides, "run", change(chooser))


def test_an_interrupt_ends_the_statement_at_the_next_step(sides):
    check(sides, "open", 0, "SELECT g, v FROM t")
    check(sides, "step", 0, 20)
    for side in sides:
        side.library.sqlite3_interrupt(side.database.handle)
    assert check(sides, "step", 0, 5) == [(9, "interrupted")]


def test_a_progress_handler_set_between_two_steps_is_asked(sides):
    calls = []
    handler = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p)(lambda _: len(calls.append(1) or calls) > 30)
    check(sides, "open", 0, "SELECT g, v FROM t")
    check(sides, "step", 0, 20)
    for side in sides:
        calls.clear()
        side.library.sqlite3_progress_handler(side.database.handle, 7, handler, None)
        assert side.step(0, COUNT)[-1] == (9, "interrupted")
        assert len(calls) == 31
        side.library.sqlite3_progress_handler(side.database.handle, 0, None, None)


def test_a_collation_of_the_program_is_called_for_no_row_that_is_not_asked_for(sides):
    kind = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p)
    calls = []
    collation = kind(lambda *_: len(calls.append(1) or calls))
    for side in sides:
        calls.clear()
        side.library.sqlite3_create_collation(side.database.handle, b"mine", 1, None, collation)
        side.open(0, "SELECT g FROM t WHERE s COLLATE mine > 'x'")
        side.step(0, 4)
        assert len(calls) == 5
        side.finish(0)


def test_a_damaged_row_is_told_of_behind_the_rows_before_it(sides, tmp_path):
    for side, name in zip(sides, ["ours.db", "theirs.db"], strict=True):
        side.run("UPDATE t SET s = 'find the place' WHERE id = 3002")
        path = tmp_path / name
        data = path.read_bytes()
        at = data.index(b"find the place")
        # The record's header is longer than the record.
        start = data.rindex(b"\x07", at - 40, at)
        assert side.database.close() == 0
        path.write_bytes(data[:start] + b"\x7f" + data[start + 1 :])
        side.database = Database(side.library, str(path))
    check(sides, "open", 0, "SELECT id, g, s FROM t")
    seen = check(sides, "step", 0, COUNT)
    assert len(seen) == 1500
    assert seen[-1] == (11, "database disk image is malformed")
