"""Literals and protocol forms of values: nothing is lost, nothing is mixed up."""

import math
import random
import struct

import pytest
from runner.values import (
    LiteralError,
    Value,
    from_json,
    identity,
    read_literals,
    read_parameters,
    to_json,
    write_literal,
)

SAMPLES: list[Value] = [
    None, 0, -1, 2**63 - 1, -(2**63), 0.0, -0.0, 1.0, 0.1, 1e300, 5e-324, math.inf, -math.inf,
    "", "it's", "a\nb", "\0", "back\\slash", "back\\slash\n", "caf\u00e9 \U0001f600", "\ufeffx",
    "\udcff", "NULL", "1", "a, b",
    b"", b"\x00\xff",
]  # fmt: skip


@pytest.mark.parametrize("value", SAMPLES, ids=repr)
def test_a_literal_reads_back_to_the_same_value(value: Value) -> None:
    assert [identity(item) for item in read_literals(write_literal(value))] == [identity(value)]


@pytest.mark.parametrize("value", SAMPLES, ids=repr)
def test_the_protocol_form_reads_back_to_the_same_value(value: Value) -> None:
    assert identity(from_json(to_json(value))) == identity(value)


def test_random_rows_read_back() -> None:
    seed = random.randrange(2**32)
    print("seed", seed)
    source = random.Random(seed)
    for _ in range(300):
        row: list[Value] = []
        for _ in range(source.randint(1, 5)):
            real = struct.unpack(">d", source.randbytes(8))[0]
            text = "".join(source.choice("a'\\,\n\0 \u00e9\udc80\u2028uU") for _ in range(source.randint(0, 6)))
            row.append(
                source.choice(
                    [
                        None,
                        source.randint(-(2**63), 2**63 - 1),
                        0.5 if real != real else real,
                        text,
                        source.randbytes(3),
                    ]
                )
            )
        line = ", ".join(map(write_literal, row))
        assert "\n" not in line
        assert list(map(identity, read_literals(line))) == list(map(identity, row))


def test_lookalikes_are_told_apart() -> None:
    assert len({identity(value) for value in (1, 1.0, "1", None, "", b"", b"1", 0, 0.0, -0.0)}) == 10


def test_named_parameters_are_read_with_their_prefixes() -> None:
    assert read_parameters(":a = 1, $b = 'x, $c = 2', @c = NULL, ?5 = x''") == {
        ":a": 1,
        "$b": "x, $c = 2",
        "@c": None,
        "?5": b"",
    }


@pytest.mark.parametrize("text", ["", "1,", "1 2", "'a", "x'0'", "nan", "9223372036854775808", "1,,2", ":a = 1, 2"])
def test_what_is_not_a_literal_is_refused(text: str) -> None:
    with pytest.raises((LiteralError, ValueError)):
        read_parameters(text)


@pytest.mark.parametrize("item", [1, "x", {"i": 1}, {"q": "1"}, {"i": "1", "t": "x"}, {"r": "00"}])
def test_what_is_not_a_protocol_value_is_refused(item: object) -> None:
    with pytest.raises(ValueError):
        from_json(item)
