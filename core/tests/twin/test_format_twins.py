"""Both VMs answer printf() and round() alike, on random formats and values."""

from __future__ import annotations

import random
import struct
from collections.abc import Iterator
from typing import Any

import pytest
from native_calls import run_and_listen
from vm_twin import TwinConnection

CALLS = 4000
CONVERSIONS = "diuxXoprfeEgGszcqQwjJ%n"
NUMBERS = [0, -1, 7, 11, 112, 1234567, 2**63 - 1, -(2**63), 0.0, -0.0, 0.5, 1e-5, 123456.789, 1e21, float("inf")]
TEXTS = [
    "",
    "é",
    "naïve 'x' \"y\"",
    "a\\b\n\t\x01\x1f",
    "12abc",
    "1e3",
    "x\0y",
    "日本",
    "\udc80\udc81",
    "ab\udcc3",
    "\r\f\b",
]


def random_value(source: random.Random) -> Any:
    """A value of any type."""
    kind = source.randrange(7)
    if kind == 0:
        return None
    if kind == 1:
        return source.choice(NUMBERS)
    if kind == 2:
        return source.choice(TEXTS)
    if kind == 3:
        return bytes(
            source.choice([0x41, 0x27, 0x80, 0xC3, 0xA9, 0xF0, 0x22, 0x5C]) for _ in range(source.randrange(6))
        )
    if kind == 4:
        return source.randrange(-(10 ** source.randrange(1, 19)), 10 ** source.randrange(1, 19))
    if kind == 5:
        return source.uniform(-1, 1) * 10.0 ** source.randrange(-20, 25)
    real: float = struct.unpack("<d", source.randbytes(8))[0]
    return real if real == real else 0.25


def random_size(source: random.Random, values: list[Any]) -> str:
    """A width or precision, or none, or one from the arguments."""
    kind = source.randrange(5)
    if kind == 0:
        return str(source.choice([1, 2, 5, 8, 12, 20, 30, 4294967300]))
    if kind == 1:
        values.append(source.choice([0, 3, -3, 15, -15, None, "7", 2.9, -(2**31), 2**32 + 4]))
        return "*"
    return ""


def random_call(source: random.Random) -> tuple[str, list[Any]]:
    """A format and the values for it, one of them missing at times."""
    values: list[Any] = []
    text = ""
    for _ in range(source.randrange(1, 4)):
        text += source.choice(["", " ", "é", "x"]) + "%"
        text += "".join(source.choice("-+ #!0,") for _ in range(source.randrange(4)))
        text += random_size(source, values)
        if source.randrange(2):
            text += "." + random_size(source, values)
        text += source.choice(["", "", "l", "ll"])
        if source.randrange(60) == 0:
            text += source.choice(["y", "é", "", "\0"])
        text += source.choice(CONVERSIONS)
        if text[-1] not in "%n":
            values.append(random_value(source))
    if values and source.randrange(20) == 0:
        values.pop()
    return text + source.choice(["", "", "%", " end"]), values


@pytest.fixture
def twin() -> Iterator[TwinConnection]:
    connection = TwinConnection()
    # Small, so that results beyond it are met.
    connection.reference.host.limit_length = 400
    connection.lib.vm_set(connection.handle, 0, 400)
    yield connection
    connection.close()


def test_random_formats_are_answered_alike(twin: TwinConnection) -> None:
    seed = random.randrange(1 << 32)
    source = random.Random(seed)
    refused = 0
    for _ in range(CALLS):
        template, values = random_call(source)
        outcomes = twin.run(f"SELECT printf({', '.join('?' * (len(values) + 1))})", [template, *values])
        assert outcomes is not None, (seed, template)
        assert outcomes[0] == outcomes[1], (seed, template, values)
        refused += outcomes[0].error is not None
    assert 0 < refused < CALLS // 2


def test_random_numbers_are_rounded_alike(twin: TwinConnection) -> None:
    seed = random.randrange(1 << 32)
    source = random.Random(seed)
    for _ in range(CALLS):
        digits = source.choice([0, 1, 2, 3, 5, 12, 30, 31, -1, None, "2", 1.9])
        value = source.choice([random_value(source), source.randrange(-(10**6), 10**6) / 1000, source.uniform(-99, 99)])
        outcomes = twin.run("SELECT round(?, ?), round(?)", [value, digits, value])
        assert outcomes is not None
        assert outcomes[0] == outcomes[1], (seed, value, digits)


@pytest.mark.parametrize("call", ["round(2.345, 2)", "printf('%.2f', 2.345)", "format('%s', '2.35')"])
def test_the_kernel_asks_nobody(twin: TwinConnection, call: str) -> None:
    outcomes, asked = run_and_listen(twin, f"SELECT {call}")
    assert float(outcomes[1].rows[0][0]) in (2.35, 2.34)
    assert asked == []


def test_no_format_gives_null(twin: TwinConnection) -> None:
    for call in ("printf()", "printf(NULL, 1)", "format()"):
        outcomes = twin.run(f"SELECT {call}", [])
        assert outcomes is not None
        assert outcomes[0] == outcomes[1]
        assert outcomes[1].rows == [[None]]
