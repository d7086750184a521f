"""generate_series of the kernel and of the reference give the same members, whatever the bounds."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest
from vm_twin import TwinConnection

EDGES = (-(2**63), -(2**63) + 1, -(2**62), -1, 0, 1, 2, 7, 2**32, 2**53, 2**62, 2**63 - 2, 2**63 - 1)


@pytest.fixture()
def pair() -> Iterator[TwinConnection]:
    connection = TwinConnection()
    yield connection
    connection.close()


def number(source: random.Random) -> int:
    """A small number, or one near an edge of what fits."""
    if source.random() < 0.6:
        return source.randrange(-20, 21)
    return max(-(2**63), min(2**63 - 1, source.choice(EDGES) + source.randrange(-3, 4)))


def bound(source: random.Random) -> str:
    """A comparison of the value."""
    kind = source.randrange(8)
    if kind == 0:
        return f"value BETWEEN {number(source)} AND {number(source)}"
    if kind == 1:
        return f"value IN ({number(source)}, {number(source)}, 3)"
    value = source.choice([str(number(source)), f"{number(source)}.5", "1e30", "-1e30", "NULL", "'5'", "x'05'"])
    return f"value {source.choice(['=', '<', '<=', '>', '>=', 'IS'])} {value}"


def statement(source: random.Random) -> str:
    """A query of a series. What does not narrow the range is asked of short ones only: no row might meet it."""
    conditions = [bound(source) for _ in range(source.randrange(3))]
    is_short = any(part in condition for condition in conditions for part in ("IN (", "NULL", "'"))
    small = [str(source.randrange(-20, 21)) for _ in range(3)]
    arguments = [str(number(source)) if source.random() < 0.95 else "NULL" for _ in range(source.randrange(1, 4))]
    text = f"SELECT rowid, value, start, stop, step FROM generate_series({', '.join(small if is_short else arguments)})"
    if conditions:
        text += " WHERE " + " AND ".join(conditions)
    text += source.choice(["", " ORDER BY value", " ORDER BY value DESC"])
    return text + f" LIMIT {source.randrange(1, 12)}"


def test_random_series_are_alike(pair: TwinConnection) -> None:
    seed = random.randrange(2**32)
    print("seed", seed)
    source = random.Random(seed)
    rows = 0
    for _ in range(1000):
        sql = statement(source)
        outcomes = pair.run(sql, [])
        assert outcomes is not None, sql
        assert outcomes[0] == outcomes[1], sql
        rows += len(outcomes[0].rows)
    assert rows > 1000
