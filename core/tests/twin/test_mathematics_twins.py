"""Both VMs answer the mathematical functions alike, on random numbers and what is none."""

from __future__ import annotations

import random
import struct
from typing import Any

import pytest
from keelback_core.reference.vm.functions.mathematics import SCALARS
from vm_twin import TwinConnection

INF = float("inf")
ODD_VALUES = [None, "", "x", "5", " 2.5 ", "3x", b"4", "1e400", "-0.0", 0, 1, -1, 2, 3, 10, 2**63 - 1, -(2**63)]
REALS = [0.0, -0.0, 0.5, -0.5, 1.0, -1.0, 2.0, 1e308, -1e308, 5e-324, INF, -INF, 709.8, -746.0, 0.1, 1e16 + 2]


def random_value(source: random.Random) -> Any:
    """A number mostly."""
    kind = source.randrange(6)
    if kind == 0:
        return source.choice(ODD_VALUES)
    if kind == 1:
        return source.choice(REALS)
    if kind == 2:
        return source.randrange(-20, 20)
    if kind == 3:
        return source.uniform(-1.5, 1.5)
    if kind == 4:
        return source.uniform(-1000, 1000)
    real: float = struct.unpack("<d", source.randbytes(8))[0]
    return real if real == real else 0.25


@pytest.mark.parametrize(("name", "count"), list(SCALARS))
def test_random_numbers_are_answered_alike(twin: TwinConnection, name: str, count: int) -> None:
    seed = random.randrange(1 << 32)
    source = random.Random(seed)
    asked: list[str] = []

    def answer(self: TwinConnection, arguments: list[Any]) -> list[Any]:
        asked.append(arguments[1])
        return [None]

    twin._HANDLERS = {**twin._HANDLERS, 2: answer}  # type: ignore[misc]
    for _ in range(200):
        values = [random_value(source) for _ in range(count)]
        outcomes = twin.run(f"SELECT {name}({', '.join('?' * count)})", values)
        assert outcomes is not None
        assert outcomes[0] == outcomes[1], (seed, values)
    assert asked == []


@pytest.mark.parametrize(
    ("call", "wanted"),
    [
        ("ceil(-0.5)", "-0.0"),
        ("trunc(-0.5)", "-0.0"),
        ("floor(0.5)", "0.0"),
        ("ceil('-7')", "-7"),
        ("pow(ceil(-0.5), -3)", "-inf"),
        ("pow(ceil(-0.5), -2)", "inf"),
        ("pow(-8, 1.5)", "None"),
        ("pow(-10, 309)", "-inf"),
    ],
)
def test_zeros_have_signs_as_in_sqlite(twin: TwinConnection, call: str, wanted: str) -> None:
    outcomes = twin.run(f"SELECT {call}", [])
    assert outcomes is not None
    assert [repr(outcome.rows[0][0]) for outcome in outcomes] == [wanted, wanted]
