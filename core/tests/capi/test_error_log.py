"""The log of sqlite3_config(SQLITE_CONFIG_LOG) is told of statements that cannot be prepared and of those that fail,
as SQLite tells it. The addresses of instructions are each engine's own.
"""

from __future__ import annotations

import json
import re

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
connection = apsw.Connection(":memory:")
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
