"""Conversions of columns and values: ours against real SQLite's, value by value and function by function."""

from __future__ import annotations

import ctypes

import pytest
from capi_support import Database

VALUES = [
    "NULL",
    "0",
    "-1",
    "9223372036854775807",
    "-9223372036854775808",
    "0.5",
    "-2.75",
    "1e18",
    "1e19",
    "-1e300",
    "100.0",
    "''",
    "'abc'",
    "'12'",
    "' 12 '",
    "'-7.9x'",
    "'1e3'",
    "'.5'",
    "'9223372036854775808'",
    "'0x10'",
    "'é😀'",
    "'+5'",
    "'--5'",
    "'1e400'",
    "x''",
    "x'00ff'",
    "x'3132'",
    "x'616263'",
    "x'31322e35'",
]
READERS = ["int", "int64", "double", "text", "blob", "bytes", "bytes16", "text16", "type"]


def read(library, statement, reader: str, index: int):
    result = getattr(library, f"sqlite3_column_{reader}")(statement, index)
    if reader in ("text", "blob") and result is not None:
        return ctypes.string_at(result, library.sqlite3_column_bytes(statement, index))
    if reader == "text16" and result is not None:
        return ctypes.string_at(result, library.sqlite3_column_bytes16(statement, index))
    return result


@pytest.mark.parametrize("reader", READERS)
def test_each_reader_converts_each_value_as_sqlite_does(library, real, reader):
    sql = "SELECT " + ",".join(VALUES)
    answers = []
    for lib in (library, real):
        database = Database(lib)
        statement = database.prepare(sql)
        assert lib.sqlite3_step(statement) == 100
        answers.append([read(lib, statement, reader, index) for index in range(len(VALUES))])
        lib.sqlite3_finalize(statement)
        assert database.close() == 0
    for text, ours, theirs in zip(VALUES, *answers, strict=True):
        assert ours == theirs, text


def test_a_conversion_does_not_change_the_type(library, database):
    statement = database.prepare("SELECT 5, 2.5, 'x'")
    library.sqlite3_step(statement)
    for index, (kind, text) in enumerate([(1, b"5"), (2, b"2.5"), (3, b"x")]):
        assert ctypes.string_at(library.sqlite3_column_text(statement, index)) == text
        assert library.sqlite3_column_type(statement, index) == kind
    library.sqlite3_finalize(statement)


def test_bound_values_come_back_as_they_were(library, database):
    statement = database.prepare("SELECT typeof(?1), ?1, length(?1)")
    wide = "é😀".encode("utf-16-le")
    cases = [
        (
            lambda: library.sqlite3_bind_int64(statement, 1, ctypes.c_longlong(-(2**63))),
            b"integer",
            str(-(2**63)).encode(),
        ),
        (lambda: library.sqlite3_bind_double(statement, 1, ctypes.c_double(2.0)), b"real", b"2.0"),
        (lambda: library.sqlite3_bind_double(statement, 1, ctypes.c_double(float("nan"))), b"null", None),
        (lambda: library.sqlite3_bind_text(statement, 1, b"a\0b", 3, ctypes.c_void_p(-1)), b"text", b"a\0b"),
        (lambda: library.sqlite3_bind_text(statement, 1, b"abc", -1, None), b"text", b"abc"),
        (lambda: library.sqlite3_bind_text(statement, 1, b"", 0, None), b"text", b""),
        (lambda: library.sqlite3_bind_text(statement, 1, None, 0, None), b"null", None),
        (
            lambda: library.sqlite3_bind_text16(statement, 1, wide, len(wide), ctypes.c_void_p(-1)),
            b"text",
            "é😀".encode(),
        ),
        (lambda: library.sqlite3_bind_text(statement, 1, b"\xff\xfe", 2, None), b"text", b"\xff\xfe"),
        (lambda: library.sqlite3_bind_blob(statement, 1, b"\0\1", 2, None), b"blob", b"\0\1"),
        (lambda: library.sqlite3_bind_blob(statement, 1, b"", 0, None), b"blob", None),
        (lambda: library.sqlite3_bind_zeroblob(statement, 1, 3), b"blob", b"\0\0\0"),
        (lambda: library.sqlite3_bind_null(statement, 1), b"null", None),
    ]
    for bind, kind, content in cases:
        assert bind() == 0
        assert library.sqlite3_step(statement) == 100
        assert ctypes.string_at(library.sqlite3_column_text(statement, 0)) == kind
        address = library.sqlite3_column_blob(statement, 1)
        assert (ctypes.string_at(address, library.sqlite3_column_bytes(statement, 1)) if address else None) == (
            content or None
        )
        assert library.sqlite3_reset(statement) == 0
    library.sqlite3_finalize(statement)


def test_a_copied_value_outlives_its_row(library, database):
    statement = database.prepare("SELECT 'kept'")
    library.sqlite3_step(statement)
    copy = ctypes.c_void_p(library.sqlite3_value_dup(ctypes.c_void_p(library.sqlite3_column_value(statement, 0))))
    library.sqlite3_finalize(statement)
    assert ctypes.string_at(library.sqlite3_value_text(copy)) == b"kept"
    library.sqlite3_value_free(copy)


def test_names_are_given_as_utf16_too(library, database):
    database.run("CREATE TABLE t(naïve TEXT)")
    statement = database.prepare("SELECT naïve FROM t")
    assert library.sqlite3_column_name(statement, 0) == "naïve".encode()
    assert ctypes.string_at(library.sqlite3_column_name16(statement, 0), 10).decode("utf-16-le") == "naïve"
    assert library.sqlite3_column_decltype(statement, 0) == b"TEXT"
    assert library.sqlite3_column_table_name(statement, 0) == b"t"
    assert library.sqlite3_column_name(statement, 1) is None
    library.sqlite3_finalize(statement)


def test_texts_of_literals_end_with_a_nul(database):
    sql = "SELECT * FROM (VALUES ('low', 'x', x'4142'), ('high', 'x', x'4142'))"
    for _ in range(2):
        statement = database.prepare(sql)
        rows = []
        while database.library.sqlite3_step(statement) == 100:
            rows.append([ctypes.string_at(database.library.sqlite3_column_text(statement, at)) for at in range(3)])
        database.library.sqlite3_finalize(statement)
        assert rows == [[b"low", b"x", b"AB"], [b"high", b"x", b"AB"]]


def test_a_static_text_that_was_bound_without_a_nul_is_given_with_one(database):
    statement = database.prepare("SELECT ?1")
    text = ctypes.create_string_buffer(b"abcdef")
    assert database.library.sqlite3_bind_text(statement, 1, text, 3, None) == 0
    assert database.library.sqlite3_step(statement) == 100
    assert ctypes.string_at(database.library.sqlite3_column_text(statement, 0)) == b"abc"
    database.library.sqlite3_finalize(statement)
