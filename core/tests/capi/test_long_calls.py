"""A single instruction that takes long asks now and then whether it is to end, and ends where it is told so.

The kernel tells a progress handler of long work as of fifty instructions. A period of fifty, and a statement of fewer
instructions than that, leave only the long work to call the handler: how often it did so is counted, nothing is timed.
"""

from __future__ import annotations

import ctypes

import pytest
from capi_support import BUILD, Database, load

INTERRUPT, ROW = 9, 100
PERIOD = 50
NUMBERS = 400_000

SETUP = f"""
CREATE TABLE k(name PRIMARY KEY, v);
INSERT INTO k SELECT 'text', hex(zeroblob(4000000));
INSERT INTO k SELECT 'blob', zeroblob(8000000);
INSERT INTO k SELECT 'jsonb', jsonb_group_array(value) FROM generate_series(1, 1200000);
INSERT INTO k SELECT 'strings', jsonb_group_array(printf('"%c%c', value, 7)) FROM generate_series(1, 1000000);
CREATE TABLE numbers(x REAL);
INSERT INTO numbers SELECT value * 7919 % 1000003 + 0.5 FROM generate_series(1, {NUMBERS});
"""


def kept(name: str) -> str:
    return f"(SELECT v FROM k WHERE name = '{name}')"


# The statement, and how often it asks at least.
CALLS = {
    "json": (f"SELECT json({kept('jsonb')})", 6),
    "json of strings with escapes": (f"SELECT json({kept('strings')})", 6),
    "json_pretty": (f"SELECT json_pretty({kept('jsonb')})", 10),
    "->": (f"SELECT {kept('jsonb')} -> '$'", 6),
    "json_extract of a container": (f"SELECT json_extract({kept('jsonb')}, '$', '$')", 12),
    "json_remove": (f"SELECT json_remove({kept('jsonb')}, '$[0]')", 6),
    "printf with zeros": ("SELECT printf('%020000000d', 1)", 15),
    "printf with spaces": ("SELECT printf('%-20000000d', 1)", 15),
    "printf of one character": ("SELECT printf('%.20000000c', 'x')", 15),
    "printf of a text": (f"SELECT printf('%q', {kept('text')})", 7),
    "decimal_mul": ("SELECT decimal_mul(x.v, x.v) FROM (SELECT printf('%.*c', 60000, '7') AS v) AS x", 300),
    "quote": (f"SELECT quote({kept('text')})", 7),
    "quote of a blob": (f"SELECT quote({kept('blob')})", 7),
    "hex": (f"SELECT hex({kept('blob')})", 7),
    "upper": (f"SELECT upper({kept('text')})", 7),
    "replace": (f"SELECT replace({kept('text')}, '0', '11')", 7),
    "zeroblob": ("SELECT zeroblob(20000000)", 15),
    "randomblob": ("SELECT randomblob(20000000)", 15),
}


@pytest.fixture(scope="module")
def library() -> ctypes.CDLL:
    loaded = load(BUILD / "libkeelback.so")
    loaded.sqlite3_progress_handler.argtypes = [ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p]
    return loaded


@pytest.fixture(scope="module")
def filled(library: ctypes.CDLL) -> Database:
    database = Database(library)
    assert database.run(SETUP) == 0, database.message()
    return database


def asked(database: Database, sql: str, most: int) -> tuple[int, int]:
    """How often the statement asked, and the code of its first step; it is ended at the question number `most`."""
    library = database.library
    questions = 0

    def answer(_: object) -> int:
        nonlocal questions
        questions += 1
        return int(questions >= most)

    handler = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p)(answer)
    statement = database.prepare(sql)
    library.sqlite3_progress_handler(database.handle, PERIOD, handler, None)
    code = library.sqlite3_step(statement)
    library.sqlite3_progress_handler(database.handle, 0, None, None)
    library.sqlite3_finalize(statement)
    return questions, code


@pytest.mark.parametrize("name", CALLS)
def test_a_long_call_asks_about_once_a_megabyte_and_ends_when_told(name: str, filled: Database) -> None:
    sql, least = CALLS[name]
    questions, code = asked(filled, sql, 1 << 30)
    assert code == ROW
    assert questions >= least
    for most in (1, least // 2, least):
        assert asked(filled, sql, most) == (most, INTERRUPT)
    assert asked(filled, sql, 1 << 30) == (questions, ROW)


@pytest.mark.parametrize("call", ["median({})", "percentile_cont({}, 0.3)", "percentile_disc({}, 0.9)"])
def test_the_last_sort_of_a_percentile_asks(call: str, filled: Database) -> None:
    """An aggregate that does not sort is asked about as many instructions of its rows."""
    arguments = call.count(",")
    plain = "string_agg({}, 0.3)" if arguments else "total({})"
    rows, code = asked(filled, f"SELECT length({plain.format('x')}) FROM numbers", 1 << 30)
    assert code == ROW
    sql = f"SELECT length({call.format('x')}) FROM numbers"
    questions, code = asked(filled, sql, 1 << 30)
    assert code == ROW
    assert questions > rows + 50
    assert asked(filled, sql, questions - 5) == (questions - 5, INTERRUPT)


def test_an_interrupt_ends_the_reading_of_a_long_value(library: ctypes.CDLL, filled: Database) -> None:
    """The function that interrupts is called before the value is read; no other instruction looks in between."""
    library.sqlite3_interrupt.argtypes = [ctypes.c_void_p]

    def interrupt(_context: object, _count: int, _values: object) -> None:
        library.sqlite3_interrupt(filled.handle)

    stop = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p)(interrupt)
    library.sqlite3_create_function(filled.handle, b"stop", 0, 1, None, stop, None, None)
    statement = filled.prepare("SELECT stop(), substr(v, 1, 10) FROM k WHERE name = 'text'")
    assert library.sqlite3_step(statement) == INTERRUPT
    assert library.sqlite3_finalize(statement) == INTERRUPT
    assert filled.rows("SELECT count(*) FROM k") == [(b"4",)]
