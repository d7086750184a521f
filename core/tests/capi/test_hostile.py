"""Hostile but legal calls: each is made on our library and on the system's SQLite, and the codes and messages compared.

What SQLite leaves undefined (NULL handles, freed handles) it is no judge of; there we only have to live on.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from typing import Any

import pytest
from capi_support import BUILD, ROOT, Database, run_python

NULL = None
INT_MAX, INT64_MAX = 2**31 - 1, 2**63 - 1
TRANSIENT = ctypes.c_void_p(-1)
i64, u64, real = ctypes.c_longlong, ctypes.c_ulonglong, ctypes.c_double
SCALAR = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p)
FINAL = ctypes.CFUNCTYPE(None, ctypes.c_void_p)
COMPARE = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p)
ROW = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)
scalar, final, compare = SCALAR(lambda *_: None), FINAL(lambda *_: None), COMPARE(lambda *_: 0)
abort_row = ROW(lambda *_: 1)


class Case:
    """A connection with a table and a statement `SELECT a, b, ?1, :x FROM t` that has not been stepped."""

    def __init__(self, library: ctypes.CDLL) -> None:
        self.library = library
        self.database = Database(library)
        assert (
            self.database.run("CREATE TABLE t(a INTEGER PRIMARY KEY, b); INSERT INTO t VALUES(1, 'one'), (2, x'00')")
            == 0
        )
        self.statement = self.database.prepare("SELECT a, b, ?1, :x FROM t")
        self.handle = self.database.handle

    def __getattr__(self, name: str) -> Any:
        return getattr(self.library, f"sqlite3_{name}")

    def error(self) -> tuple[int, int, bytes]:
        return self.errcode(self.handle), self.extended_errcode(self.handle), self.errmsg(self.handle)

    def prepared(self, sql: bytes | None, size: int) -> tuple[int, bool, int]:
        """Code, whether there is a statement, and how many bytes were taken."""
        buffer = ctypes.create_string_buffer(sql) if sql is not None else None
        statement, tail = ctypes.c_void_p(), ctypes.c_void_p()
        code = self.prepare_v2(self.handle, buffer, size, ctypes.byref(statement), ctypes.byref(tail))
        taken = tail.value - ctypes.addressof(buffer) if buffer is not None and tail.value else -1
        has_one = bool(statement)
        self.finalize(statement)
        return code, has_one, taken

    def bound(self) -> bytes:
        """What parameter 1 holds now, quoted."""
        self.expanded_sql.restype = ctypes.c_void_p
        text = self.expanded_sql(self.statement)
        assert text
        found = ctypes.string_at(text)
        self.free(ctypes.c_void_p(text))
        return found

    def close(self) -> None:
        self.finalize(self.statement)
        assert self.library.sqlite3_close(self.handle) == 0


def opened_blob(case: Case, *arguments: Any) -> int:
    blob = ctypes.c_void_p()
    code = case.blob_open(case.handle, *arguments, ctypes.byref(blob))
    case.blob_close(blob)
    return code


def stepped(case: Case, *codes_of: Callable[[Case], Any]) -> list[Any]:
    case.step(case.statement)
    return [call(case) for call in codes_of]


CALLS: dict[str, Callable[[Case], Any]] = {
    "no text": lambda c: c.prepared(None, -1),
    "empty text": lambda c: c.prepared(b"", -1),
    "zero bytes": lambda c: c.prepared(b"SELECT 1", 0),
    "one byte": lambda c: c.prepared(b"SELECT 1", 1),
    "cut in a name": lambda c: c.prepared(b"SELECT abcdef FROM t", 10),
    "size beyond the NUL": lambda c: c.prepared(b"SELECT 1\0garbage", 16),
    "very negative size": lambda c: c.prepared(b"SELECT 1; SELECT 2", -(2**31)),
    "NUL inside": lambda c: c.prepared(b"SELECT \0 1", 10),
    "invalid UTF-8 in a string": lambda c: c.prepared(b"SELECT '\xff\xc0\x80'", -1),
    "invalid UTF-8 as a name": lambda c: c.prepared(b"SELECT \xff\xfe FROM t", -1),
    "a byte order mark": lambda c: c.prepared(b"\xef\xbb\xbfSELECT 1", -1),
    "control characters": lambda c: (c.prepared(b"SELECT \x01", -1)[0], c.error()),
    "text without a pointer": lambda c: (c.bind_text(c.statement, 1, NULL, 5, NULL), c.bound()),
    "blob without a pointer": lambda c: (c.bind_blob(c.statement, 1, NULL, 5, NULL), c.bound()),
    "blob of no bytes": lambda c: (c.bind_blob(c.statement, 1, b"x", 0, TRANSIENT), c.bound()),
    "text of no bytes": lambda c: (c.bind_text(c.statement, 1, b"x", 0, TRANSIENT), c.bound()),
    "text with a NUL": lambda c: (c.bind_text(c.statement, 1, b"a\0b", 3, TRANSIENT), c.bound()),
    "text that is too long": lambda c: c.bind_text64(c.statement, 1, b"x", u64(2**31), TRANSIENT, 1),
    "blob that is too long": lambda c: c.bind_blob64(c.statement, 1, b"x", u64(2**40), TRANSIENT),
    "zeroblob of -1": lambda c: c.bind_zeroblob(c.statement, 1, -1),
    "zeroblob of 2^63": lambda c: c.bind_zeroblob64(c.statement, 1, u64(2**63)),
    "zeroblob beyond the limit": lambda c: c.bind_zeroblob64(c.statement, 1, u64(1_000_000_001)),
    "NaN": lambda c: (c.bind_double(c.statement, 1, real(float("nan"))), c.bound()),
    "infinity": lambda c: (c.bind_double(c.statement, 1, real(float("-inf"))), c.bound()),
    "the least integer": lambda c: (c.bind_int64(c.statement, 1, i64(-(2**63))), c.bound()),
    "parameter 0": lambda c: (c.bind_int(c.statement, 0, 1), c.error()),
    "parameter -1": lambda c: (c.bind_null(c.statement, -1), c.error()),
    "parameter 3": lambda c: (c.bind_zeroblob(c.statement, 3, 1), c.error()),
    "parameter INT_MAX": lambda c: (c.bind_double(c.statement, INT_MAX, real(1)), c.error()),
    "name of parameter 0": lambda c: c.bind_parameter_name(c.statement, 0),
    "name of parameter 99": lambda c: c.bind_parameter_name(c.statement, 99),
    "index of no name": lambda c: c.bind_parameter_index(c.statement, NULL),
    "index of a name without colon": lambda c: c.bind_parameter_index(c.statement, b"x"),
    "columns before a step": lambda c: (c.column_type(c.statement, 0), c.column_text(c.statement, 0), c.error()),
    "codes of steps": lambda c: [(c.step(c.statement), c.error()) for _ in range(4)],
    "columns after the end": lambda c: (
        [c.step(c.statement) for _ in range(3)], c.column_int(c.statement, 0), c.error()
    ),
    "column -1 of a row": lambda c: stepped(c, lambda c: c.column_type(c.statement, -1), Case.error),
    "column 4 of a row": lambda c: stepped(c, lambda c: c.column_bytes16(c.statement, 4), Case.error),
    "names of columns out of range": lambda c: [c.column_name(c.statement, n) for n in (-1, 4, INT_MAX)],
    "types of columns out of range": lambda c: [c.column_decltype(c.statement, n) for n in (-1, 4, INT_MAX)],
    "binding while it runs": lambda c: stepped(c, lambda c: c.bind_int(c.statement, 1, 1), Case.error),
    "clearing while it runs": lambda c: stepped(c, lambda c: c.clear_bindings(c.statement)),
    "closing with a statement": lambda c: (c.library.sqlite3_close(c.handle), c.error()),
    "limits that are not there": lambda c: [c.limit(c.handle, n, 5) for n in (-1, 99, INT_MAX)],
    "negative timeouts": lambda c: (c.busy_timeout(c.handle, -5), c.busy_timeout(c.handle, INT_MAX)),
    "a function of -2 arguments": lambda c: c.create_function(c.handle, b"f", -2, 1, NULL, scalar, NULL, NULL),
    "a function of 1001 arguments": lambda c: c.create_function(c.handle, b"f", 1001, 1, NULL, scalar, NULL, NULL),
    "a function without a name": lambda c: c.create_function(c.handle, NULL, 1, 1, NULL, scalar, NULL, NULL),
    "a function with a long name": lambda c: c.create_function(c.handle, b"f" * 256, 1, 1, NULL, scalar, NULL, NULL),
    "a name of 255 bytes": lambda c: c.create_function(c.handle, b"f" * 255, 1, 1, NULL, scalar, NULL, NULL),
    "scalar and aggregate": lambda c: c.create_function(c.handle, b"f", 1, 1, NULL, scalar, scalar, final),
    "aggregate without an end": lambda c: c.create_function(c.handle, b"f", 1, 1, NULL, NULL, scalar, NULL),
    "an end without a step": lambda c: c.create_function(c.handle, b"f", 1, 1, NULL, NULL, NULL, final),
    "removing what is not there": lambda c: c.create_function(c.handle, b"nope", 1, 1, NULL, NULL, NULL, NULL),
    "a collation without a name": lambda c: c.create_collation(c.handle, b"", 1, NULL, compare),
    "a collation of no encoding": lambda c: c.create_collation(c.handle, b"x", 77, NULL, compare),
    "a callback that says stop": lambda c: (c.exec(c.handle, b"SELECT 1; SELECT 2", abort_row, NULL, NULL), c.error()),
    "exec of nothing": lambda c: [c.exec(c.handle, sql, NULL, NULL, NULL) for sql in (NULL, b"", b";;; -- x")],
    "exec of many, one wrong": lambda c: (
        c.exec(c.handle, b"DELETE FROM t; SELECT nope; x", NULL, NULL, NULL), c.error()
    ),
    "blob of a row that is not there": lambda c: (opened_blob(c, b"main", b"t", b"b", i64(99), 0), c.error()),
    "blob of a table that is not there": lambda c: (opened_blob(c, b"main", b"zz", b"b", i64(1), 0), c.error()),
    "blob of a column that is not there": lambda c: (opened_blob(c, b"main", b"t", b"zz", i64(1), 0), c.error()),
    "blob of a schema that is not there": lambda c: (opened_blob(c, b"zz", b"t", b"b", i64(1), 0), c.errcode(c.handle)),
    "blob of a key": lambda c: opened_blob(c, b"main", b"t", b"a", i64(1), 0),
    "schemas that are not there": lambda c: (
        c.db_filename(c.handle, b"zz"), c.db_readonly(c.handle, b"zz"), c.txn_state(c.handle, b"zz")
    ),
    "a backup onto itself": lambda c: (c.backup_init(c.handle, b"main", c.handle, b"main"), c.error()),
    "metadata of nothing": lambda c: (
        c.table_column_metadata(c.handle, NULL, b"zz", b"a", NULL, NULL, NULL, NULL, NULL), c.error()
    ),
    "an old error after a good call": lambda c: (
        c.prepared(b"SELECT nope", -1)[0], c.error(), c.step(c.statement), c.errcode(c.handle)
    ),
    "a code that is no code": lambda c: [c.errstr(n) for n in (-1, 29, 99, 100, 101, 516, 10**6)],
    "counters": lambda c: [c.changes(c.handle), c.total_changes(c.handle), c.get_autocommit(c.handle)],
    "interrupting nothing": lambda c: (c.interrupt(c.handle) and 0, c.step(c.statement)),
    "finalising nothing": lambda c: (c.finalize(NULL), c.library.sqlite3_close(NULL), c.close_v2(NULL)),
    "a parameter far too high": lambda c: (c.prepared(b"SELECT ?999999", -1)[0], c.errcode(c.handle)),
    "parameter number zero": lambda c: (c.prepared(b"SELECT ?0", -1)[0], c.errcode(c.handle)),
    "extended codes": lambda c: (
        c.extended_result_codes(c.handle, 1), c.database.run("INSERT INTO t(a) VALUES(1)"), c.error()
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CALLS)
def test_a_hostile_call_is_answered_as_by_sqlite(library: ctypes.CDLL, real: ctypes.CDLL, name: str) -> None:
    answers = []
    for one in (library, real):
        case = Case(one)
        answers.append(CALLS[name](case))
        case.step(case.statement)
        case.close()
    assert answers[0] == answers[1]


CALL_LIVING = f"""
import ctypes, re, sys, tomllib
library = ctypes.CDLL({str(BUILD / "libkeelback.so.0")!r})
ENDS = {{"sqlite3_close", "sqlite3_close_v2", "sqlite3_finalize"}}
nothing = [ctypes.c_void_p(0)] * 14
for function in tomllib.load(open({str(ROOT / "core/spec/capi.toml")!r}, "rb"))["function"]:
    name = function["name"]
    kind = re.search(r"\\((?:const )?(sqlite3(?:_stmt)?) ?\\*", function["prototype"])
    if kind is None:
        continue
    for steps in (0, 1, 3):
        database, statement = ctypes.c_void_p(), ctypes.c_void_p()
        assert library.sqlite3_open(b":memory:", ctypes.byref(database)) == 0
        library.sqlite3_exec(database, b"CREATE TABLE t(a, b); INSERT INTO t VALUES(1, 2), (3, 'x')", None, None, None)
        library.sqlite3_prepare_v2(database, b"SELECT a, b, ? FROM t", -1, ctypes.byref(statement), None)
        for _ in range(steps):
            library.sqlite3_step(statement)
        print(name, steps, flush=True)
        getattr(library, name)(statement if kind[1] == "sqlite3_stmt" else database, *nothing)
        if name not in ENDS:
            library.sqlite3_step(statement)
            library.sqlite3_finalize(statement)
            library.sqlite3_close_v2(database)
print("alive")
"""


def test_every_function_survives_a_living_handle_and_nothing_else() -> None:
    child = run_python(CALL_LIVING)
    assert child.returncode == 0 and child.stdout.endswith("alive\n"), f"{child.stdout[-60:]} {child.stderr}"
