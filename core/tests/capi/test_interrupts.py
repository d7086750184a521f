"""sqlite3_interrupt from another thread and progress handlers end any statement, and leave what SQLite leaves.

Every statement here takes seconds or has no end. The only bound on time is one that no machine in order needs.
"""

from __future__ import annotations

import ctypes
import threading
import time
from pathlib import Path
from typing import Any

import apsw
import pytest
from capi_support import BUILD, Database, load

INTERRUPT = 9
MOST_SECONDS = 60
ENDLESS = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) "
ROWS = 20000

SETUP = f"""
CREATE TABLE t(x INTEGER PRIMARY KEY, y, b);
CREATE INDEX ty ON t(y);
WITH RECURSIVE n(i) AS (VALUES(1) UNION ALL SELECT i + 1 FROM n WHERE i < {ROWS})
INSERT INTO t SELECT i, i * 7919 % 10007, printf('row %d %.40c', i * 10473 % 20003, 'x') FROM n;
CREATE TABLE p(id INTEGER PRIMARY KEY, v, extra);
CREATE TABLE q(id INTEGER PRIMARY KEY, p REFERENCES p ON DELETE CASCADE, w);
CREATE INDEX qp ON q(p);
CREATE TRIGGER pt AFTER UPDATE ON p BEGIN UPDATE q SET w = new.v WHERE p = new.id; END;
INSERT INTO p SELECT x, 0, x FROM t WHERE x <= 4000;
INSERT INTO q SELECT x, x % 4000 + 1, 0 FROM t;
"""


def zeros(count: int) -> str:
    return f"hex(zeroblob({count // 2}))"


# Within one call of one function.
FUNCTIONS = {
    "replace": f"SELECT replace({zeros(8_000_000)}, {zeros(2_000_000)} || '1', 'x')",
    "instr": f"SELECT instr({zeros(8_000_000)}, {zeros(2_000_000)} || '1')",
    "instr of blobs": "SELECT instr(zeroblob(8000000), CAST(zeroblob(2000000) || '1' AS BLOB) || x'01')",
    "trim": f"SELECT trim({zeros(60_000_000)}, replace({zeros(20_000)}, '0', 'x') || '0')",
    "like": f"SELECT {zeros(40_000_000)} LIKE '%' || {zeros(40_000)} || '1%'",
    "glob": f"SELECT {zeros(40_000_000)} GLOB '*' || {zeros(40_000)} || '[1-9]*'",
    "regexp": f"SELECT {zeros(40_000_000)} REGEXP '(0|00)*(0|00)*1$'",
    "sha3": "SELECT sha3(zeroblob(300000000))",
    "sha1": "SELECT sha1(zeroblob(600000000))",
    "json_patch": "SELECT json_patch((SELECT json_group_object('a' || value, 1) FROM generate_series(1, 60000)),"
    " (SELECT json_group_object('b' || value, 1) FROM generate_series(1, 60000)))",
    "json_set": "SELECT json_set((SELECT json_group_array(value) FROM generate_series(1, 3000000)), "
    + ", ".join(f"'$[{2999999 - place}]', 'x'" for place in range(40))
    + ")",
}
STATEMENTS = {
    "count": ENDLESS + "SELECT count(*) FROM c",
    "order by": ENDLESS + "SELECT x FROM c ORDER BY x % 1001",
    "group by": ENDLESS + "SELECT x % 100003, count(*) FROM c GROUP BY 1",
    "group_concat": ENDLESS + "SELECT length(group_concat(x, '')) FROM c",
    "distinct": ENDLESS + "SELECT count(*) FROM (SELECT DISTINCT x % 9 FROM c)",
    "window": ENDLESS + "SELECT sum(x) OVER (ORDER BY x DESC) FROM c",
    "window with exclude": "SELECT max(a.x) OVER (ORDER BY a.x ROWS 10000 PRECEDING EXCLUDE TIES) FROM t a, t b",
    "cross join": "SELECT count(*) FROM t a, t b WHERE a.x + b.x = -1",
    "hash join": "SELECT count(*) FROM t a JOIN t b ON a.b <> b.b JOIN t c ON c.b = b.b WHERE a.y + c.y = -1",
    "compound": ENDLESS + "SELECT x FROM c EXCEPT SELECT x FROM c",
    "in": ENDLESS + "SELECT 1 WHERE 0 IN (SELECT -x FROM c)",
    "insert": ENDLESS + "INSERT INTO t(y) SELECT x FROM c",
    "update": "UPDATE t SET b = b || 'x' WHERE x < 10 OR 1 = (SELECT count(*) FROM t a, t b WHERE a.x + b.x = -t.x)",
    "delete": "DELETE FROM t WHERE x < 10 OR 1 = (SELECT count(*) FROM t a, t b WHERE a.x + b.x = -t.x)",
    "series": "SELECT sum(value) FROM generate_series(1, 900000000000)",
}


@pytest.fixture(scope="module")
def library() -> ctypes.CDLL:
    loaded = load(BUILD / "libkeelback.so")
    loaded.sqlite3_interrupt.argtypes = [ctypes.c_void_p]
    return loaded


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("interrupts") / "filled.db"
    connection = apsw.Connection(str(path))
    connection.execute(SETUP)
    connection.close()
    return path


def copied(filled: Path, folder: Path, name: str) -> str:
    path = folder / name
    path.write_bytes(filled.read_bytes())
    return str(path)


CONTENT = (
    "SELECT count(*), sum(x), sum(y), sum(length(b)) FROM t",
    "SELECT count(*), sum(v) FROM p",
    "SELECT count(*), sum(w) FROM q",
    "SELECT name FROM sqlite_schema ORDER BY 1",
    "PRAGMA integrity_check",
)


def content(database: Database) -> list[Any]:
    return [[tuple(value and value.decode() for value in row) for row in database.rows(sql)] for sql in CONTENT]


def content_of_sqlite(connection: apsw.Connection) -> list[Any]:
    return [
        [tuple(None if value is None else str(value) for value in row) for row in connection.execute(sql)]
        for sql in CONTENT
    ]


def run_to_the_end(library: ctypes.CDLL, database: Database, sql: str) -> tuple[int, int, bool]:
    """The code of the step that ends it, the code of finalize, and autocommit."""
    statement = database.prepare(sql)
    while (code := library.sqlite3_step(statement)) == 100:
        pass
    return code, library.sqlite3_finalize(statement), bool(library.sqlite3_get_autocommit(database.handle))


@pytest.mark.parametrize("is_in_transaction", [False, True])
@pytest.mark.parametrize("name", [*STATEMENTS, *FUNCTIONS])
def test_an_interrupt_from_another_thread_ends_the_statement(
    name: str, is_in_transaction: bool, library: ctypes.CDLL, filled: Path, tmp_path: Path
) -> None:
    if is_in_transaction and name in FUNCTIONS:
        name = "insert"
    sql = {**STATEMENTS, **FUNCTIONS}[name]
    database = Database(library, copied(filled, tmp_path, "ours.db"))
    if is_in_transaction:
        database.rows("BEGIN")
        database.rows("UPDATE p SET v = 7 WHERE id < 5")
    before = content(database)
    is_over = threading.Event()

    def interrupt() -> None:
        # Again and again: one that comes before the statement runs is forgotten.
        while not is_over.wait(0.05):
            library.sqlite3_interrupt(database.handle)

    thread = threading.Thread(target=interrupt)
    start = time.monotonic()
    thread.start()
    code, final, autocommit = run_to_the_end(library, database, sql)
    seconds = time.monotonic() - start
    is_over.set()
    thread.join()
    assert (code, final) == (INTERRUPT, INTERRUPT)
    assert database.message() == "interrupted"
    assert seconds < MOST_SECONDS
    # SQLite undoes the whole transaction where the interrupted statement was writing.
    is_writing = name in ("insert", "update", "delete")
    assert autocommit is (not is_in_transaction or is_writing)
    assert content(database) == (content(Database(library, str(filled))) if is_writing else before)
    library.sqlite3_close(database.handle)


def test_an_interrupt_is_told_until_the_next_statement_starts(library: ctypes.CDLL) -> None:
    library.sqlite3_is_interrupted.argtypes = [ctypes.c_void_p]
    database = Database(library, ":memory:")
    told = [library.sqlite3_is_interrupted(database.handle)]
    library.sqlite3_interrupt(database.handle)
    told.append(library.sqlite3_is_interrupted(database.handle))
    rows = database.rows("SELECT 1")
    told.append(library.sqlite3_is_interrupted(database.handle))
    connection = apsw.Connection(":memory:")
    expected = [connection.is_interrupted]
    connection.interrupt()
    expected.append(connection.is_interrupted)
    assert len(rows) == len(connection.execute("SELECT 1").fetchall())
    expected.append(connection.is_interrupted)
    assert [bool(one) for one in told] == expected
    library.sqlite3_close(database.handle)


# Of these SQLite's progress handler hears too; how many instructions they take is each engine's own.
PROGRESS = {
    "create index": "CREATE INDEX i ON t(b, x)",
    "unique index": "CREATE UNIQUE INDEX i ON t(b, x)",
    "create as": "CREATE TABLE u AS SELECT a.x, b.b FROM t a, t b LIMIT 90000",
    "vacuum": "VACUUM",
    "integrity check": "PRAGMA integrity_check",
    "quick check": "PRAGMA quick_check",
    "foreign key check": "PRAGMA foreign_key_check",
    "analyze": "ANALYZE",
    "reindex": "REINDEX",
    "add column": "ALTER TABLE t ADD COLUMN z CHECK (b NOT LIKE '%q%q%')",
    "drop column": "ALTER TABLE p DROP COLUMN extra",
    "cascade": "DELETE FROM p WHERE id > 3",
    "trigger": "UPDATE p SET v = v + 1",
    "update": "UPDATE t SET b = b || 'x', y = y + 1",
    "update or ignore": "UPDATE OR IGNORE t SET x = x + 1",
    "delete": "DELETE FROM t WHERE x % 3",
    "upsert": "INSERT INTO t SELECT x, y, b FROM t WHERE true ON CONFLICT(x) DO UPDATE SET y = y + 1",
    "replace": "REPLACE INTO t SELECT x + 5, y, b FROM t",
    "group by": "SELECT b, count(*) FROM t GROUP BY b",
    "window": "SELECT sum(y) OVER (ORDER BY b) FROM t",
    "order by": "SELECT b FROM t ORDER BY b DESC, y",
    "join": "SELECT count(*) FROM t a JOIN t b ON a.b = b.b",
    "json": "SELECT count(*) FROM t, json_each('[1,2,3]')",
}


@pytest.mark.parametrize("is_in_transaction", [False, True])
@pytest.mark.parametrize("name", PROGRESS)
def test_a_progress_handler_ends_the_statement_as_in_sqlite(
    name: str, is_in_transaction: bool, library: ctypes.CDLL, filled: Path, tmp_path: Path
) -> None:
    if name == "vacuum" and is_in_transaction:
        name = "update"
    sql = PROGRESS[name]
    database = Database(library, copied(filled, tmp_path, "ours.db"))
    other = apsw.Connection(copied(filled, tmp_path, "theirs.db"))
    for first in ("PRAGMA foreign_keys = ON", *(("BEGIN", "DELETE FROM t WHERE x < 9") if is_in_transaction else ())):
        database.rows(first)
        other.execute(first)
    calls = [0, 0]

    def stop(place: int) -> bool:
        calls[place] += 1
        return calls[place] > 5

    handler = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p)(lambda _: stop(0))
    library.sqlite3_progress_handler(database.handle, 100, handler, None)
    other.set_progress_handler(lambda: stop(1), 100)
    start = time.monotonic()
    code, _, autocommit = run_to_the_end(library, database, sql)
    assert time.monotonic() - start < MOST_SECONDS
    with pytest.raises(apsw.InterruptError):
        list(other.execute(sql))
    assert code == INTERRUPT
    assert calls[0] == calls[1] == 6
    library.sqlite3_progress_handler(database.handle, 0, None, None)
    other.set_progress_handler(None)
    assert autocommit is not other.in_transaction
    assert content(database) == content_of_sqlite(other)
    library.sqlite3_close(database.handle)
