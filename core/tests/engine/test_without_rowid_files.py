"""Tables WITHOUT ROWID in files: what real SQLite wrote is read and changed, and real SQLite finds the result in order.

KEELBACK_LONG=1 takes more turns; KEELBACK_SEED=n repeats a run.
"""

from __future__ import annotations

import os
import random
from pathlib import Path
from typing import Any

import apsw
import pytest
from keelback_core.engine import Connection
from keelback_core.value.errors import SqlError

TURNS = 30 if os.environ.get("KEELBACK_LONG") else 5
SCHEMA = """
CREATE TABLE t(a INT, b TEXT, c, d REAL, PRIMARY KEY(b COLLATE NOCASE DESC, a)) WITHOUT ROWID;
CREATE INDEX tc ON t(c, a DESC);
CREATE UNIQUE INDEX td ON t(d) WHERE d > 50;
CREATE TABLE u(k BLOB PRIMARY KEY, v UNIQUE, w AS (typeof(v) || 'w'), x AS (length(k)) STORED) WITHOUT ROWID;
CREATE INDEX uw ON u(w, x)
"""
SETTINGS = [(512, "UTF-8", 0), (512, "UTF-16le", 1), (1024, "UTF-16be", 2), (4096, "UTF-8", 0), (65536, "UTF-8", 1)]


def random_statement(source: random.Random, size: int) -> str:
    """One statement that both engines run alike."""
    key = source.randrange(60)
    text = f"'{source.choice('aAbBß€')}{key % 7}' || hex(zeroblob({source.choice((0, 5, size // 8, size))}))"
    if source.random() < 0.3:
        value = source.choice((f"{key}", f"'{key}'", "NULL", f"zeroblob({size})"))
        kind = source.choice(("OR REPLACE INTO u(k, v)", "OR IGNORE INTO u(k, v)"))
        changes = (
            f"INSERT {kind} VALUES ({text}, {value})",
            f"DELETE FROM u WHERE x % 5 = {key % 5}",
            f"UPDATE OR IGNORE u SET k = k || 'k' WHERE typeof(k) = 'text' AND v > {key}",
            f"UPDATE u SET v = {value} WHERE v = {key}",
        )
        return source.choice(changes)
    kinds = (
        f"INSERT OR REPLACE INTO t VALUES ({key}, {text}, {source.randrange(9)}, {source.randrange(100)})",
        f"INSERT OR IGNORE INTO t SELECT a + {key}, b || 'x', c, d FROM t WHERE a < {key}",
        f"UPDATE OR IGNORE t SET a = a + 1, b = b || 'u' WHERE c = {key % 9}",
        f"UPDATE OR REPLACE t SET d = d + 1 WHERE a % 4 = {key % 4}",
        f"DELETE FROM t WHERE a BETWEEN {key} AND {key + 5}",
        f"DELETE FROM t WHERE c = {key % 9}",
    )
    return kinds[source.choice((0, 0, 0, 0, 1, 2, 3, 4, 5))]


def outcome(run: Any, sql: str) -> Any:
    try:
        return [tuple(row) for row in run(sql)]
    except SqlError as error:
        return error.message
    except apsw.Error as error:
        return str(error)


@pytest.mark.parametrize("page_size, encoding, vacuum", SETTINGS)
def test_both_engines_take_turns_at_one_file(tmp_path: Path, page_size: int, encoding: str, vacuum: int) -> None:
    seed = int(os.environ.get("KEELBACK_SEED") or random.randrange(2**32))
    print("seed", seed)
    source = random.Random(seed)
    path = str(tmp_path / "turns.db")
    memory = apsw.Connection(":memory:")
    settings = f"PRAGMA page_size = {page_size}; PRAGMA encoding = '{encoding}'; PRAGMA auto_vacuum = {vacuum};"
    first = apsw.Connection(path)
    for connection in (memory, first):
        connection.execute(settings + SCHEMA)
    first.close()
    for turn in range(TURNS):
        engine = Connection(path) if turn % 2 == 0 else apsw.Connection(path)
        for _ in range(25):
            sql = random_statement(source, page_size // 2)
            assert outcome(engine.execute, sql) == outcome(memory.execute, sql), sql
        for sql in (
            "SELECT * FROM t",
            "SELECT * FROM u",
            "SELECT a, b FROM t WHERE c = 3",
            "SELECT w FROM u ORDER BY w",
        ):
            assert outcome(engine.execute, sql) == outcome(memory.execute, sql), sql
        engine.close()
        checker = apsw.Connection(path)
        assert list(checker.execute("PRAGMA integrity_check")) == [("ok",)]
        checker.close()
        own = Connection(path)
        assert own.execute("PRAGMA integrity_check") == [["ok"]]
        own.close()


def test_a_file_of_ours_is_that_of_sqlite(tmp_path: Path) -> None:
    """Records and order of the entries, byte for byte on the pages."""
    script = (
        SCHEMA
        + """;
    INSERT INTO t VALUES (1, 'x', 1, 2), (2, 'X', NULL, 2.5), (1, 'y', 'c', 60), (1, 'a', x'01', NULL);
    INSERT INTO u(k, v) VALUES ('k', 1), (x'00', 2), (5, NULL), (2.0, 'v');
    UPDATE t SET d = 70 WHERE b = 'y'; DELETE FROM u WHERE v = 2"""
    )
    real = apsw.Connection(str(tmp_path / "real.db"))
    real.execute(script)
    real.close()
    ours = Connection(str(tmp_path / "ours.db"))
    for sql in script.split(";"):
        ours.execute(sql)
    ours.close()
    pages = []
    for name in ("real.db", "ours.db"):
        data = (tmp_path / name).read_bytes()
        pages.append([data[start : start + 4096] for start in range(4096, len(data), 4096)])
    assert [cells(page) for page in pages[0]] == [cells(page) for page in pages[1]]


def cells(page: bytes) -> list[bytes]:
    """The cells of a leaf of an index, as far as they go on the page."""
    count = int.from_bytes(page[3:5], "big")
    starts = [int.from_bytes(page[8 + 2 * i : 10 + 2 * i], "big") for i in range(count)]
    return [page[start : start + 1 + page[start]] for start in starts]
