"""Real SQLite for the tests of values: expressions over values that may be odd, and a pool of odd values."""

from __future__ import annotations

import math
import struct

import apsw

CONNECTION = apsw.Connection(":memory:")

TEXTS = [
    "", "0", "-0", "+0", "1", "-1", "+1", " 1", "1 ", " 1 ", "\t1\n", "1\x0b", "\x0c1", "\xa01", "1\u2003", "0x10",
    "0X1F",
    "1e2", "1E2", "1e+2", "1e-2", "1e", "1e+", "1e-", "1.", "1.0", "1.5", ".5", "-.5", ".", "-", "+", "+-1", "--1",
    "1.e2",
    ".e2", "1..2", "1.5.5", "abc", "1abc", "12abc34", "9223372036854775807", "9223372036854775808",
    "-9223372036854775808",
    "-9223372036854775809", "9223372036854775807.0", "18446744073709551615", "18446744073709551616",
    "99999999999999999999",
    "00000000000000000000000000000001", "1e18", "1e19", "1e400", "-1e400", "1e-400", "1e308", "inf", "Inf", "nan",
    "-inf",
    "9007199254740993", "9007199254740993.0", "4503599627370497.5", "123456789012345678901234567890", "1_000",
    "1,000", "１",
    "٣", "1\x00", "1\x002", "\x001", "1.5\x00x", "1 \x00", "1e5x", "1e5 x", " ", "- 1", "1 2", "0.1e1", "10e-1",
    "2251799813685247.0", "2251799813685248.0", "2251799813685249.0", "-2251799813685248.0", "-2251799813685249.0",
    "9223372036854774784.0", "-9223372036854775808.0", "1e15", "1e16", "0e0", "0.0", "-0.0", "0e999", "\udc80",
    "1\udcff",
    "é", "1é", "1e00000000000000000005", "1e99999999999", "5e-324", "2.5e-324", "2.4e-324", "9223372036854775807abc",
    "9223372036854775808abc", "1.5abc", "5 abc", "\ufeff1", "0x", "-0x10", "1\x00  ", "1\n\r\t\x0b\x0c ", "'", "it's",
]  # fmt: skip
NUMBERS = [
    0, 1, -1, 2, 3, -7, 63, 64, 65, -63, -64, -65, 2**31, 2**53, 2**53 + 1, 2**63 - 1, -(2**63), 2**62, 0.0, -0.0,
    0.5, -0.5,
    1.5, 1e18, 1e19, -1e19, 9.2233720368547748e18, 9.2233720368547758e18, -9.2233720368547758e18, float("inf"),
    -float("inf"), 1e15, 1e16, 4503599627370496.0, 9007199254740992.0, 2.0**62, 1e100, 5e-324,
]  # fmt: skip
BLOBS = [b"", b"1", b"1.5", b"abc", b"\xff", b"1\x00", b" 2 ", b"12\xe9"]
VALUES = [None, *NUMBERS, *BLOBS, *TEXTS]


def literal(value):
    """The value as an SQL literal that keeps every bit of it, or a parameter sign for numbers."""
    if isinstance(value, str):
        return f"CAST(x'{value.encode('utf-8', 'surrogateescape').hex()}' AS TEXT)"
    return f"x'{value.hex()}'" if isinstance(value, bytes) else "?"


def oracle_value(template, *values):
    """The value of an expression with `{}` for each value."""
    expression = template.format(*[literal(value) for value in values])
    bound = [value for value in values if not isinstance(value, (str, bytes))]
    shown = "CASE typeof(z) WHEN 'text' THEN CAST(z AS BLOB) ELSE z END"
    kind, value = next(
        iter(CONNECTION.execute(f"SELECT typeof(z), {shown} FROM (SELECT {expression} AS z LIMIT 1)", bound))
    )
    return value.decode("utf-8", "surrogateescape") if kind == "text" else value


def same(left, right):
    """Equal in type and value."""
    return type(left) is type(right) and left == right


def any_real(source, kind):
    """A random double: any bits, a usual one, a short decimal one, or one of extreme size."""
    if kind == 0:
        real = struct.unpack("d", struct.pack("Q", source.getrandbits(64)))[0]
        return 0.25 if math.isnan(real) else real
    if kind == 1:
        return source.random() * 10 ** source.randint(-10, 20)
    if kind == 2:
        return round(source.random() * 10 ** source.randint(0, 6), source.randint(0, 8))
    return float(source.randint(0, 2**62)) * 10.0 ** source.randint(-320, 300)
