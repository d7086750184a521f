"""Wrong use of every function: an answer, never a crash."""

from __future__ import annotations

import ctypes
import re
import tomllib

import pytest
from capi_support import BUILD, ROOT, Database, run_python

FUNCTIONS = tomllib.loads((ROOT / "core/spec/capi.toml").read_text(encoding="utf-8"))["function"]
HANDLE = re.compile(r"\((?:const )?sqlite3(?:_stmt)? ?\*")

CALL_ALL = f"""
import ctypes, tomllib, sys
library = ctypes.CDLL({str(BUILD / "libkeelback.so.0")!r})
for function in tomllib.load(open({str(ROOT / "core/spec/capi.toml")!r}, "rb"))["function"]:
    name = function["name"]
    print(name, end=" ", flush=True)
    result = getattr(library, name)(*[ctypes.c_void_p(0)] * 12)
    print(result, flush=True)
"""


@pytest.fixture(scope="module")
def answers() -> dict[str, int]:
    child = run_python(CALL_ALL)
    assert child.returncode == 0, f"crashed in {child.stdout.split()[-1]}: {child.stderr}"
    return {name: int(result) for name, result in (line.split() for line in child.stdout.splitlines())}


def test_every_function_survives_nothing_but_null_arguments(answers):
    assert set(answers) == {function["name"] for function in FUNCTIONS}


HARMLESS = (
    "close close_v2 finalize reset errcode extended_errcode stmt_readonly stmt_isexplain stmt_busy data_count "
    "column_count "
    "bind_parameter_count bind_parameter_index stmt_status expired changes total_changes get_autocommit limit "
    "is_interrupted "
    "txn_state db_readonly error_offset system_errno preupdate_count preupdate_depth preupdate_blobwrite "
    "vtab_on_conflict "
    "column_int column_bytes column_bytes16 column_type transfer_bindings "
    "stmt_scanstatus stmt_scanstatus_v2"
).split()


def test_functions_with_a_null_handle_answer_misuse(answers):
    checked = 0
    for function in FUNCTIONS:
        name, prototype = function["name"], function["prototype"]
        if (
            not HANDLE.search(prototype)
            or not prototype.startswith("int ")
            or name.removeprefix("sqlite3_") in HARMLESS
        ):
            continue
        checked += 1
        assert answers[name] == 21, name
    assert checked > 70


def test_messages_of_a_null_connection_are_sqlites(library):
    assert library.sqlite3_errmsg(None) == b"out of memory"
    assert library.sqlite3_errcode(None) == 7
    assert library.sqlite3_step(None) == 21
    assert library.sqlite3_errstr(21) == b"bad parameter or other API misuse"


def test_every_unimplemented_function_answers_an_error_on_a_living_connection(library):
    names = [
        f["name"]
        for f in FUNCTIONS
        if f["status"] == "unimplemented"
        and f["prototype"].startswith(f"int {f['name']}(sqlite3 *")
        and f["answer"] == "SQLITE_ERROR"
    ]
    assert names
    for name in names:
        database = Database(library)
        arguments = [ctypes.c_void_p(0)] * 10
        assert getattr(library, name)(database.handle, *arguments) == 1, name
        assert database.message() == f"not supported yet: {name}"
        assert database.close() == 0


def test_a_wrong_column_or_parameter_is_out_of_range(library, database):
    statement = database.prepare("SELECT ?1")
    assert library.sqlite3_bind_int(statement, 2, 5) == 25
    assert database.message() == "column index out of range"
    assert library.sqlite3_bind_int(statement, 0, 5) == 25
    assert library.sqlite3_step(statement) == 100
    assert library.sqlite3_column_int(statement, 7) == 0
    assert library.sqlite3_errcode(database.handle) == 25
    assert library.sqlite3_column_text(statement, -1) is None
    assert library.sqlite3_bind_int(statement, 1, 5) == 21
    assert database.message() == "bad parameter or other API misuse"
    assert library.sqlite3_finalize(statement) == 0


def test_destructors_run_even_where_binding_fails(library, database):
    calls = []
    destroy = ctypes.CFUNCTYPE(None, ctypes.c_void_p)(lambda address: calls.append(address))
    text = ctypes.create_string_buffer(b"abc")
    statement = database.prepare("SELECT ?1")
    assert library.sqlite3_bind_text(statement, 9, text, 3, destroy) == 25
    assert library.sqlite3_bind_text(None, 1, text, 3, destroy) == 21
    assert library.sqlite3_bind_text(statement, 1, text, 3, destroy) == 0
    library.sqlite3_finalize(statement)
    assert calls == [ctypes.addressof(text)] * 3


def test_opening_badly_gives_a_connection_that_tells_why(library, tmp_path):
    for name, flags, code, message in [
        (str(tmp_path), 6, 14, "unable to open database file"),
        (str(tmp_path / "no" / "file"), 6, 14, "unable to open database file"),
        (str(tmp_path / "missing.db"), 2, 14, "unable to open database file"),
        (":memory:", 0, 21, "bad parameter or other API misuse"),
        ("file::memory:?mode=none", 6 | 0x40, 1, "no such access mode: none"),
        ("file://elsewhere/x", 6 | 0x40, 1, "invalid uri authority: elsewhere"),
        ("file:x?vfs=none", 6 | 0x40, 1, "no such vfs: none"),
    ]:
        database = Database(library, name, flags)
        assert (database.code, database.message()) == (code, message), name
        assert database.close() == 0


def test_extensions_are_not_authorized_unless_enabled(library, database):
    no_file = b"x.so: cannot open shared object file: No such file or directory"
    for enable, expected in [(0, b"not authorized"), (1, no_file)]:
        assert library.sqlite3_enable_load_extension(database.handle, enable) == 0
        message = ctypes.c_char_p()
        assert library.sqlite3_load_extension(database.handle, b"x", None, ctypes.byref(message)) == 1
        assert message.value == expected
        library.sqlite3_free(message)


def test_sqlite_log_tells_the_log_of_the_process():
    code = f"""
import ctypes
library = ctypes.CDLL({str(BUILD / "libkeelback.so.0")!r})
heard = []
kind = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_int, ctypes.c_char_p)
log = kind(lambda argument, code, text: heard.append((code, text)))
assert library.sqlite3_config(16, log, None) == 0
handle = ctypes.c_void_p()
assert library.sqlite3_open(b":memory:", ctypes.byref(handle)) == 0
assert library.sqlite3_exec(handle, b"SELECT sqlite_log(5, 'told'), sqlite_log(7, NULL)", None, None, None) == 0
assert library.sqlite3_close(handle) == 0
print(heard)
"""
    for engine in ("kernel", "reference"):
        assert run_python(code, KEELBACK_ENGINE=engine).stdout == "[(5, b'told'), (7, b'')]\n"
