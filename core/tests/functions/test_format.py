"""printf() beside real SQLite: random formats with a printed seed, and a few odd ones."""

from __future__ import annotations

import random
import struct

import pytest
from function_oracle import difference

TEXTS = [
    "", "a", "hello", "é", "日本語x", "a'b", 'a"b\\c', "x\ny\x01", "\x7f", "\0a", "a\0b", "\udcff\udc80z", "12",
    "3.7abc",
    "\udca9\udca9a", "\udce9a", "ab\udc80\udc80", "\r\t\b\x0c",
]  # fmt: skip
NUMBERS = [
    0, 1, -1, 7, 11, 12, 13, 21, 22, 23, 101, 111, 112, 1234567, -1234567, 2**63 - 1, -(2**63), 999, 1000, -1000, 0.0,
    -0.0,
    1.5, -1.5, 0.05, -0.001, 123456.789, 1e100, -1e-100, float("inf"), -float("inf"), 0.1, 9.995, 99999.5, 999999.5,
    1e15,
    1e16, 123456789012345678.0, 5e-324, 1.7976931348623157e308, 0.5, 2.5, 1e5, 1e6, 1e-5, 0.0001,
]  # fmt: skip


def any_value(source):
    """A random value; integers stay small enough not to ask for a gigabyte of padding by `*`."""
    kind = source.random()
    if kind < 0.05:
        return None
    if kind < 0.3:
        return source.choice(TEXTS)
    if kind < 0.65:
        return source.choice(NUMBERS)
    if kind < 0.7:
        return b"ab\xff\0c"
    if kind < 0.8:
        return source.getrandbits(10)
    if kind < 0.9:
        return source.uniform(-10, 10) * 10 ** source.randint(-20, 20)
    real = struct.unpack("d", struct.pack("Q", source.getrandbits(64)))[0]
    return real if real == real else 0.0


def any_format(source):
    """One or two conversions with any flags, width and precision."""
    pieces = []
    for _ in range(source.choice([1, 1, 1, 2])):
        pieces.append(source.choice(["", "x", "é", "%%"]) + "%")
        pieces.append("".join(source.choice("-+ #!0,") for _ in range(source.choice([0, 0, 1, 1, 2, 3]))))
        pieces.append(source.choice(["", "", "", "5", "12", "30", "08"]))
        pieces.append(source.choice(["", "", "", ".0", ".3", ".", "..5", ".10", ".17", ".25", ".1"]))
        pieces.append(source.choice(["", "", "l", "ll", "lll"]))
        if source.random() < 0.98:
            pieces.append(source.choice("dddiuxXopcsszqQwjJfffeEEgGGrn%%ysTS@F"))
    return "".join(pieces)


def test_printf_agrees_with_sqlite_on_random_formats():
    seed = random.randrange(1 << 30)
    print("seed", seed)
    source = random.Random(seed)
    differences = []
    for _ in range(4000):
        arguments = [any_format(source)] + [any_value(source) for _ in range(source.randint(0, 3))]
        found = difference("printf", arguments)
        if found:
            differences.append(f"{arguments!r} {found}")
    assert differences[:5] == []


@pytest.mark.parametrize(
    "arguments",
    [
        ["%"],
        ["abc%"],
        ["%5"],
        ["%*d", 8, 42],
        ["%*d", -8, 42],
        ["%-*.*f|", 12, 3, 2.5],
        ["%.*s", 2, "hello"],
        ["%.*s", -2, "hello"],
        ["%!.2s", "日本語"],
        ["%.2s", "日本語"],
        ["%!10s|", "日本語"],
        ["%-!10s|", "日本語"],
        ["%2000000000d", 1],
        ["%.2000000000d", 1],
        ["%.1000000000f", 1.5],
        ["%4294967297d", 1],
        ["%99999999999999999999s", "a"],
        ["%.5c", "é"],
        ["%!5.3c|", "日本"],
        ["%c"],
        ["%c", ""],
        ["%#Q", "a\nb'c\\"],
        ["%#q", "a\nb'c\\"],
        ["%#Q", "plain\\"],
        ["%,d", -1234567],
        ["%,.3f", 1234567.5],
        ["%020,d", 1234567],
        ["%+09.1e|", 12345.678],
        ["%!.20g", 0.1],
        ["%!.17g", 49.47],
        ["%.30f", 0.1],
        ["%s %s", 1.0, 10**18],
        ["%d", "9223372036854775808"],
        ["%x", -1],
        ["%.0e", 15.0],
        ["%#.0f", -0.4],
        ["%j|%J|%j", 'a"\\\n\x01é', "x", None],
    ],
)
def test_an_odd_format_agrees_with_sqlite(arguments):
    assert difference("printf", arguments) is None
    assert difference("format", arguments) is None
