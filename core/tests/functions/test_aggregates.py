"""Aggregates beside real SQLite over random columns, with a printed seed."""

from __future__ import annotations

import random

import pytest
from function_oracle import CONTEXT, literal, oracle_value, our_aggregate, same
from keelback_core.reference.vm.functions import find_aggregate

VALUES = [
    None, 0, 1, -1, 5, 2**53, 2**53 + 1, 2**62, -(2**62), 2**63 - 1, -(2**63), 0.1, 0.5, -2.5, 1e16, -1e16,
    1e300, -1e300,
    float("inf"), -float("inf"), "", "a", "B", "b", "5", "5.5", "5x", " 7 ", "9223372036854775807", b"", b"5", b"x",
    "é",
]  # fmt: skip
SMALL = [None, 0.1, 0.2, 0.3, 1, 2, 3, 1e16, -1e16, "4", "2.5", 4503599627370497, -4503599627370499]
NAMES = ["count", "sum", "total", "avg", "min", "max", "group_concat"]


def expected_of(name, rows, collation=""):
    """What real SQLite makes of the rows."""
    width = len(rows[0])
    values = ", ".join("(" + ", ".join(literal(value) for value in row) + ")" for row in rows)
    columns = ", ".join(f"column{number + 1}" for number in range(width))
    return oracle_value(f"{name}({columns}{collation})", f"FROM (VALUES {values})")


@pytest.mark.parametrize("name", NAMES)
def test_an_aggregate_agrees_with_sqlite_on_random_columns(name):
    seed = random.randrange(1 << 30)
    print("seed", seed)
    source = random.Random(f"{seed}{name}")
    for round_number in range(250):
        pool = VALUES if round_number % 2 else SMALL
        rows = [[source.choice(pool)] for _ in range(source.randint(1, 8))]
        expected, actual = expected_of(name, rows), our_aggregate(name, rows)
        assert same(expected, actual), (rows, expected, actual)


@pytest.mark.parametrize("name", ["group_concat", "string_agg"])
def test_separators_belong_to_their_rows(name):
    source = random.Random(7)
    for _ in range(150):
        rows = [
            [source.choice(VALUES), source.choice([None, "", "-", ";", 5, "é"])] for _ in range(source.randint(1, 6))
        ]
        expected, actual = expected_of(name, rows), our_aggregate(name, rows)
        assert same(expected, actual), (rows, expected, actual)


@pytest.mark.parametrize("name", ["min", "max"])
def test_min_and_max_keep_the_first_of_equal_values_under_their_collation(name):
    rows = [["b"], ["B"], ["a"], ["A"], ["b"]]
    expected = expected_of(name, rows, " COLLATE NOCASE")
    assert our_aggregate(name, rows, "NOCASE") == expected


def test_aggregates_of_no_rows():
    for name, count in [
        ("count", 0),
        ("count", 1),
        ("sum", 1),
        ("total", 1),
        ("avg", 1),
        ("min", 1),
        ("group_concat", 1),
    ]:
        actual = find_aggregate(name, count)(CONTEXT).final()
        assert same(actual, oracle_value(f"{name}({'1' if count else ''})", "WHERE 0")), name


def test_overflow_of_a_sum_of_integers_is_an_error_unless_a_real_follows():
    big = 2**63 - 1
    for rows in ([[big], [1]], [[big], [1], [0.5]], [[0.5], [big], [1]], [[big], [1], [-5]]):
        assert same(our_aggregate("sum", rows), expected_of("sum", rows)), rows


def test_window_frames_can_take_rows_out_again():
    rows = [[3], [None], [4.5], ["2"], [7], [2**53 + 1], [-1]]
    for name in ("count", "sum", "total", "avg", "group_concat"):
        moving = find_aggregate(name, 1)(CONTEXT)
        values = ", ".join(f"({number}, {literal(row[0])})" for number, row in enumerate(rows))
        frame = "ORDER BY column1 ROWS BETWEEN 2 PRECEDING AND CURRENT ROW"
        for number, row in enumerate(rows):
            moving.step(list(row))
            if number >= 3:
                moving.inverse(list(rows[number - 3]))
            window = f"(SELECT column1 AS n, {name}(column2) OVER ({frame}) AS w FROM (VALUES {values}))"
            assert same(moving.value(), oracle_value("w", f"FROM {window} WHERE n = {number}")), (name, number)
