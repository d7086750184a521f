"""KEELBACK_ENGINE=mirror: kernel and reference side by side, on their own files, and what it says where they differ."""

from __future__ import annotations

import json
from pathlib import Path

import apsw
import pytest
from capi_support import BUILD, run_python

CHILD = """
import ctypes, json, os, sys, sqlite3 as real
library = ctypes.CDLL({library!r})
library.sqlite3_errmsg.restype = ctypes.c_char_p
handle = ctypes.c_void_p()
path = {path!r}
assert library.sqlite3_open(path.encode(), ctypes.byref(handle)) == 0
def run(sql):
    code = library.sqlite3_exec(handle, sql.encode(), None, None, None)
    return [code, library.sqlite3_errmsg(handle).decode() if code else ""]
assert run("SELECT count(*) FROM t") == [0, ""]
{body}
"""


def run_mirror(path: Path, body: str) -> list[object]:
    """What the child prints as JSON, run in a process whose engine is the mirror."""
    code = CHILD.format(library=str(BUILD / "libkeelback.so.0"), path=str(path), body=body)
    child = run_python(code, KEELBACK_ENGINE="mirror")
    assert child.returncode == 0, child.stderr
    found: list[object] = json.loads(child.stdout)
    return found


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "file.db"
    connection = apsw.Connection(str(path))
    connection.execute("CREATE TABLE t(a INTEGER PRIMARY KEY, b); INSERT INTO t VALUES (1, 'one'), (2, 'two')")
    connection.close()
    return path


def test_the_reference_works_on_a_copy_that_goes_with_the_connection(database: Path) -> None:
    body = """
found = [run("INSERT INTO t VALUES (3, 'three')"), os.path.exists(path + "-mirror"), library.sqlite3_close(handle)]
print(json.dumps(found + [os.path.exists(path + "-mirror")]))
"""
    assert run_mirror(database, body) == [[0, ""], True, 0, False]
    assert apsw.Connection(str(database)).execute("SELECT count(*) FROM t").fetchall() == [(3,)]


def test_a_value_that_differs_is_told(database: Path) -> None:
    body = """
other = real.connect(path + "-mirror")
other.execute("UPDATE t SET b = 'zwei' WHERE a = 2")
other.commit()
other.close()
print(json.dumps([run("SELECT b FROM t WHERE a = 1"), run("SELECT b FROM t WHERE a = 2")]))
"""
    same, different = run_mirror(database, body)
    assert same == [0, ""]
    assert different == [2, "mirror: value 0: kernel 'two', reference 'zwei'"]


def test_pages_that_differ_are_told_after_a_commit(database: Path) -> None:
    body = """
other = real.connect(path + "-mirror")
other.execute("UPDATE t SET b = 'eno' WHERE a = 1")
other.commit()
other.close()
print(json.dumps([run("INSERT INTO t VALUES (9, 'nine')")]))
"""
    [[code, message]] = run_mirror(database, body)  # type: ignore[misc]
    assert code == 2 and message.startswith("mirror: content of main from byte ")


def test_functions_and_hooks_are_called_once(database: Path) -> None:
    body = """
calls = []
SCALAR = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p)
HOOK = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_int, ctypes.c_char_p, ctypes.c_char_p, ctypes.c_int64)
def scalar(context, count, values):
    calls.append("f")
    library.sqlite3_result_int(ctypes.c_void_p(context), len(calls))
def hook(unused, operation, schema, table, rowid):
    calls.append([operation, rowid])
scalar, hook = SCALAR(scalar), HOOK(hook)
library.sqlite3_create_function(handle, b"f", 0, 1, None, scalar, None, None)
library.sqlite3_update_hook(handle, hook, None)
print(json.dumps([run("INSERT INTO t SELECT a + 10, f() FROM t"), run("SELECT random(), randomblob(8), f()"), calls]))
"""
    insert, select, calls = run_mirror(database, body)
    assert insert == select == [0, ""]
    assert calls == ["f", "f", [18, 11], [18, 12], "f"]
