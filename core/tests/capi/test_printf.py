"""The printf family against real SQLite: integers, text and quoting through C, reals through the oracle's format()."""

from __future__ import annotations

import ctypes
import itertools
import math
import random
import struct

import apsw
import pytest

FLAGS = ["", "-", "+", " ", "0", "#", "!", ",", "+0", "-+", "#0", "0,"]
WIDTHS = ["", "1", "8", "12"]
PRECISIONS = ["", ".0", ".3", ".10"]


def formatted(library, text: str, *arguments) -> bytes | None:
    address = library.sqlite3_mprintf(text.encode(), *arguments)
    if not address:
        return None
    result = ctypes.string_at(address)
    library.sqlite3_free(ctypes.c_void_p(address))
    return result


def formats(conversions):
    for conversion, flag, width, precision in itertools.product(conversions, FLAGS, WIDTHS, PRECISIONS):
        yield f"[%{flag}{width}{precision}{conversion}]"


def test_integers_are_formatted_as_in_sqlite(library, real):
    checked = 0
    for text in formats(["d", "i", "u", "x", "X", "o", "r"]):
        for number in (0, 7, -7, 12, 113, 123456789, -2147483648):
            assert formatted(library, text, number) == formatted(real, text, number), (text, number)
            checked += 1
    for text in formats(["lld", "llu", "llx", "ld"]):
        for number in (0, 2**63 - 1, -(2**63), 1234567890123):
            value = ctypes.c_longlong(number)
            assert formatted(library, text, value) == formatted(real, text, value), (text, number)
            checked += 1
    assert checked > 1500


def test_texts_are_formatted_as_in_sqlite(library, real):
    for text in formats(["s", "q", "Q", "w"]):
        if "#" in text or "," in text:
            continue
        for content in (b"", b"abc", b"it's", b'say "x"', "é€😀".encode(), None):
            assert formatted(library, text, content) == formatted(real, text, content), (text, content)


def test_characters_percents_and_unknown_conversions(library, real):
    for text in ["%c|%5c|%-5c|%.3c", "%%|%5%|x", "%d%%%d", "100%", "%", "a%kb", "%y", "%-*d|%*.*f", "%p"]:
        arguments = (
            (65, 66, 67, 68)
            if "c" in text
            else (5, 7, ctypes.c_int(9), ctypes.c_double(2.5))
            if "*" in text
            else (1, 2)
        )
        if text == "%-*d|%*.*f":
            arguments = (5, 7, 9, 2, ctypes.c_double(2.5))
        assert formatted(library, text, *arguments) == formatted(real, text, *arguments), text


def test_controls_are_escaped_for_unistr(library):
    connection = apsw.Connection(":memory:")
    for content in ("plain", "a\nb", "it's\t\\", "é\x01"):
        for text in ("%#Q", "%#q", "%Q", "%q"):
            expected = connection.execute("SELECT format(?, ?)", (text, content)).get
            assert formatted(library, text, content.encode()) == expected.encode(), (text, content)


def real_cases(count: int):
    seed = 20261122
    print("seed", seed)
    chance = random.Random(seed)
    yield from (
        0.0,
        -0.0,
        1.0,
        -1.0,
        0.5,
        0.1,
        1.5,
        2.5,
        1e15,
        1e16,
        1e17,
        123456.789,
        1e-5,
        1e-4,
        9.995,
        0.045,
        1e300,
        5e-324,
        99999.5,
    )
    yield from (math.inf, -math.inf, 1.7976931348623157e308, 1000000.0, 999999.5, 0.30000000000000004, 4.35, 2.675)
    for _ in range(count):
        yield chance.uniform(-1000, 1000)
        yield chance.randrange(10**6) / 10 ** chance.randrange(8)


REAL_FORMATS = [
    f"%{flag}{width}{precision}{conversion}"
    for conversion in "fegG"
    for flag in ["", "+", " ", "0", "-", "#", "!", ","]
    for width in ["", "14"]
    for precision in ["", ".0", ".2", ".15"]
]


def test_reals_are_formatted_as_the_oracle_formats_them(library):
    connection = apsw.Connection(":memory:")
    statement = "SELECT " + ",".join(f"format('{text}', ?1)" for text in REAL_FORMATS)
    for number in real_cases(20):
        expected = next(iter(connection.execute(statement, (number,))))
        # With `!` SQLite shows 18 digits and more, which for very large and small numbers are not exact ones.
        is_extreme = number != 0 and math.isfinite(number) and not 1e-20 < abs(number) < 1e20
        got = tuple(formatted(library, text, ctypes.c_double(number)).decode() for text in REAL_FORMATS)
        differences = [
            (text, ours, theirs)
            for text, ours, theirs in zip(REAL_FORMATS, got, expected, strict=True)
            if ours != theirs and not (is_extreme and "!" in text)
        ]
        assert differences == [], number


def test_reals_become_the_oracles_text(library):
    connection = apsw.Connection(":memory:")
    seed = 7
    print("seed", seed)
    chance = random.Random(seed)
    numbers = [n for n in real_cases(1000) if math.isfinite(n)]
    numbers += [n for n in (struct.unpack("d", chance.randbytes(8))[0] for _ in range(3000)) if math.isfinite(n)]
    wrong = []
    for number in numbers:
        expected = connection.execute("SELECT format('%!.17g', ?)", (number,)).get
        got = formatted(library, "%!.17g", ctypes.c_double(number)).decode()
        if got != expected:
            assert float(got) == float(expected) == number
            wrong.append((number, got, expected))
    # SQLite's own digits are not exact in the 18th place; where that shows, both texts are the same double.
    assert len(wrong) <= len(numbers) // 100, wrong[:5]


def test_a_buffer_is_never_overrun_and_always_ends(library, real):
    for size in range(0, 9):
        ours, theirs = ctypes.create_string_buffer(b"#" * 16), ctypes.create_string_buffer(b"#" * 16)
        library.sqlite3_snprintf(size, ours, b"%s-%d", b"abc", 12345)
        real.sqlite3_snprintf(size, theirs, b"%s-%d", b"abc", 12345)
        assert ours.raw == theirs.raw, size


@pytest.mark.parametrize("pieces", [[], ["a"], ["a", "b%d"]])
def test_a_string_is_built_piece_by_piece(library, real, pieces):
    results = []
    for lib in (library, real):
        string = ctypes.c_void_p(lib.sqlite3_str_new(None))
        for piece in pieces:
            lib.sqlite3_str_appendf(string, piece.encode(), 5)
        lib.sqlite3_str_append(string, b"xyz", 2)
        lib.sqlite3_str_appendall(string, b"!")
        lib.sqlite3_str_appendchar(string, 3, ctypes.c_char(b"="))
        length = lib.sqlite3_str_length(string)
        address = lib.sqlite3_str_finish(string)
        results.append((length, ctypes.string_at(address)))
        lib.sqlite3_free(ctypes.c_void_p(address))
    assert results[0] == results[1]


def test_freed_text_and_memory_are_counted(library):
    before = library.sqlite3_memory_used()
    block = ctypes.c_void_p(library.sqlite3_malloc(100))
    assert library.sqlite3_msize(block) >= 100
    block = ctypes.c_void_p(library.sqlite3_realloc(block, 300))
    assert library.sqlite3_memory_used() >= before + 300
    library.sqlite3_free(block)
    assert library.sqlite3_memory_used() == before
    assert library.sqlite3_malloc(0) is None and library.sqlite3_malloc(-5) is None
