"""The registry is whole: every module is in it, and `core/spec/functions.toml` says the same as it does."""

from __future__ import annotations

import importlib
import pathlib
import tomllib

import pytest
from function_oracle import CONNECTION
from keelback_core.reference.vm.functions import find_aggregate, find_scalar, registry

FOLDER = pathlib.Path(registry.__file__).parent
SPEC = tomllib.loads((FOLDER.parents[3] / "spec" / "functions.toml").read_text())["function"]


def modules():
    """Every module of the folder, however it came there."""
    names = sorted(path.stem for path in FOLDER.glob("*.py") if path.stem not in ("__init__", "registry"))
    return [importlib.import_module(f"keelback_core.reference.vm.functions.{name}") for name in names]


def test_every_table_in_the_folder_is_registered():
    scalars = {}
    aggregates = {}
    for module in modules():
        scalars.update(getattr(module, "SCALARS", {}))
        aggregates.update(getattr(module, "AGGREGATES", {}))
    assert len(scalars) > 60
    assert scalars == registry.SCALARS
    assert aggregates == registry.AGGREGATES


def test_no_function_is_registered_twice():
    keys = [key for module in modules() for key in getattr(module, "SCALARS", {})]
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize("entry", SPEC, ids=lambda entry: f"{entry['name']}-{entry['kind']}")
def test_what_the_spec_lists_is_there_and_sqlite_takes_the_same_counts(entry):
    find = find_scalar if entry["kind"] == "scalar" else find_aggregate
    counts = entry.get("arguments") or [entry["minimum"], entry["minimum"] + 1]
    assert all(find(entry["name"], count) is not None for count in counts)
    letter = "s" if entry["kind"] == "scalar" else "w"
    sql = "SELECT narg FROM pragma_function_list WHERE name = ? AND type = ?"
    narg = {row[0] for row in CONNECTION.execute(sql, (entry["name"], letter))}
    if entry.get("extension"):
        # Real SQLite would have to load it; nothing of its own is hidden by it.
        assert narg == set()
    elif "minimum" in entry:
        # SQLite writes "at least n" as -2-n; one argument makes min and max aggregates, so theirs is 2 here.
        least = 1 if entry["name"] in ("min", "max") else entry["minimum"]
        assert narg == {-2 - least if least else -1}
    else:
        assert narg == set(counts)


def test_what_is_registered_is_in_the_spec():
    listed = {(entry["name"], entry["kind"]) for entry in SPEC}
    registered = {(name, "scalar") for name, _ in registry.SCALARS} | {
        (name, "aggregate") for name, _ in registry.AGGREGATES
    }
    assert registered - listed == set()
    assert listed - registered == set()
