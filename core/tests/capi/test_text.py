"""Completeness, keywords and comparisons of C strings, against real SQLite."""

from __future__ import annotations

import ctypes
import itertools

import apsw

COMPLETE = [
    "",
    ";",
    "select 1",
    "select 1;",
    "select 1; ",
    "select 1; -- c",
    "select 1 -- c\n;",
    "select 1; /* c */",
    "select 1; /* c",
    "select ';",
    "select ';';",
    'select "a;";',
    "[a;",
    "`a`;",
    "create table t(a);",
    "create trigger t begin select 1;",
    "create trigger t begin select 1; end",
    "create trigger t begin select 1; end;",
    "create temp trigger t begin select 1; end;",
    "create temporary trigger t begin; end; ;",
    "explain create trigger t begin select 1;",
    "explain query plan select 1;",
    "create trigger t begin select case when 1 then 2 end; end;",
    "-- only",
    "/* x */",
    "; x",
    "create;",
    "explain select 1; x;",
    "CREATE  TRIGGER x;END;",
    "create trigger t begin select 1;; end;;",
    "\xe9;",
    "select 1;\n\t\f\r",
    "select 1; --",
    "select 'x",
    "select ((';",
    "select [x",
    "select `x",
    "x -- y;",
    "select ));",
    "select (1; select (2",
    "create trigger ((; end ((",
    "create trigger x begin; end /*",
    "create trigger '",
    ")" * 300,
    "(;",
    "';",
    "/**",
    "-",
]


def test_complete_is_sqlites(library):
    for sql in COMPLETE:
        assert library.sqlite3_complete(sql.encode()) == apsw.complete(sql), sql
        assert library.sqlite3_complete16(sql.encode("utf-16-le") + b"\0\0") == apsw.complete(sql), sql


def test_what_a_statement_lacks_is_what_sqlite_tells(library):
    library.sqlite3_incomplete.restype = ctypes.c_int64
    for sql in COMPLETE:
        told = library.sqlite3_incomplete(sql.encode())
        real = apsw.incomplete(sql)
        open_mark = ord(real.incomplete) if real.incomplete else 0
        assert (told & 0xFF, told >> 8 & 0xFF, told >> 16 & 0xFF, told >> 32) == (
            *(real.status, real.requires, open_mark, real.balance),
        ), sql


def test_keywords_are_the_oracles(library):
    names = set()
    for index in range(library.sqlite3_keyword_count()):
        name, size = ctypes.c_char_p(), ctypes.c_int()
        assert library.sqlite3_keyword_name(index, ctypes.byref(name), ctypes.byref(size)) == 0
        names.add(name.value[: size.value].decode())
    assert names == set(apsw.keywords)
    assert library.sqlite3_keyword_name(library.sqlite3_keyword_count(), ctypes.byref(name), ctypes.byref(size)) == 1
    assert library.sqlite3_keyword_check(b"select", 6) == 1
    assert library.sqlite3_keyword_check(b"selects", 7) == 0


PATTERNS = [
    "",
    "*",
    "a*",
    "*c",
    "a*c",
    "?",
    "???",
    "[a-c]*",
    "[^a-c]*",
    "[]]",
    "[^]]",
    "[a-",
    "[a",
    "*[b]*",
    "A*",
    "é*",
    "?é",
    "a?c",
    "%",
    "a%",
    "%c",
    "a_c",
    "___",
    "ab\\%",
    "\\_",
    "%b%",
    "_%_",
    "é%",
    "A%",
    "**b",
    "%%%",
    "[-a]",
    "[a-]",
]
TEXTS = ["", "a", "abc", "ABC", "abd", "]", "[", "-", "é", "éa", "aéc", "ab%", "_", "😀bc", "aaaaaaaaab"]


def test_glob_and_like_are_sqlites(library, real):
    for pattern, text in itertools.product(PATTERNS, TEXTS):
        p, t = pattern.encode(), text.encode()
        assert bool(library.sqlite3_strglob(p, t)) == bool(real.sqlite3_strglob(p, t)), (pattern, text)
        for escape in (0, ord("\\")):
            assert bool(library.sqlite3_strlike(p, t, escape)) == bool(real.sqlite3_strlike(p, t, escape)), (
                pattern,
                text,
            )


def test_many_stars_do_not_take_for_ever(library):
    pattern, text = b"*a" * 40 + b"b", b"a" * 200
    assert library.sqlite3_strglob(pattern, text) != 0


def test_comparison_ignores_ascii_case_only(library, real):
    words = [b"", b"a", b"A", b"b", b"[", b"ab", b"AB", "é".encode(), "É".encode()]
    for left, right in itertools.product(words, words):
        sign = lambda number: (number > 0) - (number < 0)  # noqa: E731
        assert sign(library.sqlite3_stricmp(left, right)) == sign(real.sqlite3_stricmp(left, right))
        assert sign(library.sqlite3_strnicmp(left, right, 1)) == sign(real.sqlite3_strnicmp(left, right, 1))


def test_texts_of_result_codes_are_sqlites(library, real):
    for code in list(range(0, 40)) + [100, 101, 261, 516, 2067, 1000, -1]:
        assert library.sqlite3_errstr(code) == real.sqlite3_errstr(code), code
