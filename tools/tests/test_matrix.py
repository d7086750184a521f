"""What tools/matrix.py counts is what the kernel's tables say."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tools import matrix  # noqa: E402


def test_functions_of_the_benchmarks_and_of_every_day_are_native():
    here, _ = matrix.split()
    for name in (
        "abs",
        "substr",
        "like",
        "sum (aggregate)",
        "count (aggregate)",
        "max (aggregate)",
        "group_concat (aggregate)",
    ):
        assert name in here, name


def test_a_function_is_one_of_both():
    here, python = matrix.split()
    assert not set(here) & set(python)
    assert len(here) + len(python) == len(matrix.listed_functions())
    assert "load_extension" in python


def test_a_count_that_the_table_lacks_takes_the_function_away():
    native = {"scalar": {"f": {1}}, "aggregate": {}}
    assert matrix.is_native({"name": "f", "kind": "scalar", "arguments": [1]}, native)
    assert not matrix.is_native({"name": "f", "kind": "scalar", "arguments": [1, 2]}, native)
    assert not matrix.is_native({"name": "f", "kind": "scalar", "minimum": 1}, native)
    assert not matrix.is_native({"name": "f", "kind": "aggregate", "arguments": [1]}, native)


def test_every_entry_of_the_tables_is_listed():
    assert matrix.unknown_names() == []


def test_the_page_says_how_many():
    here, python = matrix.split()
    assert f"runs {len(here)} itself; {len(python)} are called in Python" in matrix.summary()
