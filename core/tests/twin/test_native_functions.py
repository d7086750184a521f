"""The kernel finds every function that stands in one of its tables: what tools/matrix.py counts is what runs."""

from __future__ import annotations

import sys

from twin_library import ROOT
from vm_twin import load_library

sys.path.insert(0, str(ROOT))

from tools import matrix


def test_every_function_of_the_tables_is_found() -> None:
    lib = load_library()
    asked = 0
    for kind, functions in matrix.native_functions().items():
        for name, counts in functions.items():
            for count in counts:
                asked += 1
                assert lib.vm_has_function(name.encode(), max(count, 0), kind == "aggregate"), (kind, name, count)
                assert lib.vm_has_function(name.upper().encode(), max(count, 0), kind == "aggregate"), name
    assert asked > 150


def test_what_is_in_no_table_is_not_found() -> None:
    lib = load_library()
    for name, count in ((b"load_extension", 1), (b"upper", 2), (b"", 0), (b"nothing", 1), (b"upper in an index", 1)):
        assert not lib.vm_has_function(name, count, False), name
