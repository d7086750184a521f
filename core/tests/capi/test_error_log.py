"""The log of sqlite3_config(SQLITE_CONFIG_LOG) is told of statements that cannot be prepared and of those that fail,
as SQLite tells it. The addresses of instructions are each engine's own.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from capi_support import BUILD, run_python

STATEMENTS = (
    "create table t(a primary key, b not null, c check(c>0))",
    "insert into t values(1,1,1)",
    "insert into t values(1,1,1)",
    "insert into t values(2,null,1)",
    "insert into t values(3,3,-1)",
    "selec 1",
    "select * from nope",
    "select x from t",
    "select (((",
    "select abs(-9223372036854775808)",
    "insert into t select 1,1,1",
    "create trigger tr before insert on t begin select raise(abort,'no!'); end",
    "select json('{')",
    "create table s(x integer primary key) strict",
    "insert into s values('a')",
    "commit",
    "begin",
    "begin",
    "rollback",
    "create table f(x references t(a) deferrable initially deferred)",
    "pragma foreign_keys=1",
    "insert into f values(99)",
    "drop table nope",
    "create table t(x)",
    "reindex nope",
    "select 1",
)
REAL = """
import apsw, json
told = []
apsw.shutdown()
apsw.config(apsw.SQLITE_CONFIG_LOG, lambda code, message: told.append([code, message]))
connection = apsw.Connection(":memory:", statementcachesize=0)
for sql in {statements!r}:
    try:
        list(connection.execute(sql))
    except apsw.Error:
        pass
print(json.dumps(told))
"""
OURS = """
import ctypes, json
library = ctypes.CDLL({library!r})
told = []
log = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_int, ctypes.c_char_p)(
    lambda _, code, message: told.append([code, message.decode()])
)
assert library.sqlite3_config(16, log, None) == 0
handle, statement = ctypes.c_void_p(), ctypes.c_void_p()
assert library.sqlite3_open(b":memory:", ctypes.byref(handle)) == 0
for sql in {statements!r}:
    if library.sqlite3_prepare_v3(handle, sql.encode(), -1, {flags}, ctypes.byref(statement), None) == 0:
        while library.sqlite3_step(statement) == 100:
            pass
        library.sqlite3_finalize(statement)
print(json.dumps(told))
"""


def ours(flags: int = 0) -> list[list[object]]:
    run = run_python(OURS.format(library=str(BUILD / "libkeelback.so.0"), statements=STATEMENTS, flags=flags))
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)


def without_addresses(told: list[list[object]]) -> list[list[object]]:
    return [[code, re.sub(r"aborts at \d+", "aborts at n", str(message))] for code, message in told]


def test_errors_are_logged_as_sqlite_does() -> None:
    run = run_python(REAL.format(statements=STATEMENTS))
    assert run.returncode == 0, run.stderr
    assert without_addresses(ours()) == without_addresses(json.loads(run.stdout))


def test_a_preparation_that_wants_no_log_has_none() -> None:
    dont_log = 0x10
    assert {code for code, message in ours(dont_log) if " in " in str(message)} == set()
    assert any("statement aborts" in str(message) for _, message in ours(dont_log))


NOTEWORTHY = (
    "create table t(a, b)",
    "create table u(c, d)",
    "insert into t values(1, 2), (2, 3)",
    'select "nope", "other one" from t',
    'select "nope", "nope", "a" from t where "x" = \'x\'',
    'insert into t values("lit", 3)',
    'insert into t values("lit", 3)',
    'insert into t values("lit", 4)',
    'update t set a = "lit" where b = "lit"',
    'create trigger tr after insert on u begin update t set a = "lit2" where 0; end',
    "insert into u values(9, 9)",
    "insert into u values(9, 9)",
    'explain query plan select "nope" from t',
    "select * from t, u where t.a = u.c",
    "select * from t, u where t.a = u.c",
    "select * from t, u where t.a = u.c and t.b = u.d",
    "select * from t, u where u.c = t.a and u.d = t.b",
    "select * from t, (select c, d from u union select 1, 2) as k where t.a = k.c",
    "with k as materialized (select c, d from u) select * from t, k where t.a = k.c",
    "select * from t left join u as z on t.a = z.c and z.d > 1",
    "select count(*) from t where exists (select 1 from u where u.c = t.a)",
    "select count(*) from t where a in (select c from u where u.d = t.b)",
    "pragma automatic_index = 0",
    "select count(*) from t, u where t.a = u.c",
    'select "nope" from none',
    "select 1",
)


@pytest.mark.parametrize("engine", ["kernel", "reference", "mirror"])
def test_the_log_is_told_of_strings_in_double_quotes_and_of_automatic_indexes(engine: str) -> None:
    real = run_python(REAL.format(statements=NOTEWORTHY))
    script = OURS.format(library=str(BUILD / "libkeelback.so.0"), statements=NOTEWORTHY, flags=0)
    run = run_python(script, KEELBACK_ENGINE=engine)
    assert run.returncode == 0 and real.returncode == 0, real.stderr + run.stderr
    told = json.loads(run.stdout)
    assert without_addresses(told) == without_addresses(json.loads(real.stdout))
    assert sum(code == 28 for code, _ in told) == 13 and sum(code == 284 for code, _ in told) == 8


# Files that a process left behind: a WAL of two commits, and a hot journal.
LEFT_BEHIND = """
import apsw, shutil
connection = apsw.Connection("wal")
connection.execute("pragma journal_mode = wal; create table t(a); insert into t values(1)").fetchall()
for end in ("", "-wal"):
    shutil.copy("wal" + end, "left_wal" + end)
connection = apsw.Connection("journal")
connection.execute(
    "create table t(a); insert into t select hex(zeroblob(900)) from json_each('[1, 2, 3, 4, 5, 6]');"
    "pragma cache_size = 1; begin; update t set a = a || 'x'"
).fetchall()
connection.cache_flush()
for end in ("", "-journal"):
    shutil.copy("journal" + end, "left_journal" + end)
"""


@pytest.mark.parametrize("engine", ["kernel", "reference"])
def test_the_log_is_told_of_what_is_recovered(tmp_path: Path, engine: str) -> None:
    """On copies in mirror nothing has been left behind."""
    reads = ("select count(*) from t", "select count(*) from t")
    told = []
    for name, script in (
        ("real", REAL.format(statements=reads)),
        ("ours", OURS.format(library=str(BUILD / "libkeelback.so.0"), statements=reads, flags=0)),
    ):
        folder = tmp_path / name
        folder.mkdir()
        here = f"import os; os.chdir({str(folder)!r})\n"
        assert run_python(here + LEFT_BEHIND).stderr == ""
        for kind in ("left_wal", "left_journal"):
            run = run_python(here + script.replace(":memory:", kind), KEELBACK_ENGINE=engine)
            assert run.returncode == 0, run.stderr
            told.append(run.stdout.replace(str(folder), "FOLDER"))
    assert told[2:] == told[:2]
    assert "[[283, " in told[0] and "[[539, " in told[1]
