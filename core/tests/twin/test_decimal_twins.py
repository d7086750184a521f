"""Both VMs answer the decimal functions alike, odd texts and very long ones included; the kernel does so itself."""

from __future__ import annotations

import random
import struct
from typing import Any

import pytest
from keelback_core.reference.vm.functions.decimal import SCALARS
from native_calls import run_and_listen
from vm_twin import TwinConnection

ODD_VALUES = [None, "", "-", "--5", ".", "1.2.3", "1 2", " \t+7", "abc", "1e", "1e+", "5e-3x", "-0.00", "0e5"]
ODD_VALUES += [
    ".5",
    "5.",
    "9.99",
    "-0.0951",
    "1e5",
    "12e-30",
    "0.00e1",
    "1\x002",
    b"",
    b"12",
    b"\x3f\xe0" + bytes(6),
    b"-1.5",
]
REALS = [0.0, -0.0, 0.1, -2.5, 1e300, 5e-324, -1e-310, float("inf"), 2.0**60, 1e15 + 0.5]


def random_value(source: random.Random) -> Any:
    """A number mostly, in one of its spellings."""
    kind = source.randrange(7)
    if kind == 0:
        return source.choice(ODD_VALUES)
    if kind == 1:
        return source.choice(REALS)
    if kind == 2:
        return source.randrange(-20, 20)
    if kind == 3:
        return str(source.randrange(-(10**40), 10**40))
    if kind == 4:
        return f"{source.uniform(-99, 99):.{source.randrange(12)}f}"
    if kind == 5:
        return f"{source.uniform(-9, 9):.3f}e{source.randrange(-30, 30)}"
    real: float = struct.unpack("<d", source.randbytes(8))[0]
    return real if real == real else 0.25


@pytest.mark.parametrize(("name", "count"), list(SCALARS))
def test_random_numbers_are_answered_alike(twin: TwinConnection, name: str, count: int) -> None:
    seed = random.randrange(1 << 32)
    source = random.Random(seed)
    for _ in range(400):
        values = [random_value(source) for _ in range(count)]
        if count == 2 and name in ("decimal", "decimal_exp"):
            values[1] = source.choice([-1, 0, 1, 2, 5, 17, 100, 2**63 - 1, None, "3"])
        outcomes = twin.run(f"SELECT {name}({', '.join('?' * count)})", values)
        assert outcomes is not None
        assert outcomes[0] == outcomes[1], (seed, values)


@pytest.mark.parametrize("operation", ["add", "sub", "mul", "cmp"])
def test_long_operands_are_answered_alike(twin: TwinConnection, operation: str) -> None:
    seed = random.randrange(1 << 32)
    source = random.Random(seed)
    for _ in range(6):
        values = []
        for _ in range(2):
            digits = "".join(source.choices("0199", k=source.choice([1, 9, 18, 500, 4001])))
            point = source.randrange(len(digits) + 1)
            values.append(source.choice(["", "-"]) + digits[:point] + "." + digits[point:])
        outcomes = twin.run(f"SELECT decimal_{operation}(?, ?)", values)
        assert outcomes is not None
        assert outcomes[0] == outcomes[1], (seed, values)


@pytest.mark.parametrize(
    "call",
    [
        "decimal('1e99999')",
        "decimal('1e100000')",
        "decimal('-1e-99999')",
        "decimal_add('1e99999', '1e-99999')",
        "decimal_mul(printf('%.*c', 100000, '9'), '9')",
        "decimal(printf('%.*c', 100001, '9'))",
        "decimal_cmp('1e-9999999', 0)",
        "decimal_exp('0e99999')",
    ],
)
def test_the_limit_is_the_same(twin: TwinConnection, call: str) -> None:
    (ours, native), asked = run_and_listen(twin, f"SELECT {call}")
    assert ours == native
    assert asked == []


@pytest.mark.parametrize(
    "query",
    [
        "SELECT decimal_sum(column1) FROM (VALUES ('1.10'), (2), (NULL), ('-3.1'), (0.1))",
        "SELECT decimal_sum(NULL), decimal_sum(1) FILTER (WHERE 0)",
        "SELECT column1, decimal_sum(column2) FROM (VALUES (1, '9.9'), (2, '.001'), (1, '0.1')) GROUP BY 1",
        "SELECT decimal_sum(column1) OVER (ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)"
        " FROM (VALUES ('5.5'), ('-5.50'), (NULL), ('1e3'))",
    ],
)
def test_sums_are_the_same(twin: TwinConnection, query: str) -> None:
    outcomes = twin.run(query, [])
    assert outcomes is not None
    assert outcomes[0] == outcomes[1]
