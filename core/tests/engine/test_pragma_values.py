"""Pragmas with all sorts of values, with and without a schema name, compared with real SQLite."""

from __future__ import annotations

import pytest
from engine_pair import Pair

SETTINGS = [
    "analysis_limit",
    "application_id",
    "automatic_index",
    "busy_timeout",
    "cache_size",
    "count_changes",
    "defer_foreign_keys",
    "foreign_keys",
    "full_column_names",
    "fullfsync",
    "ignore_check_constraints",
    "journal_size_limit",
    "legacy_alter_table",
    "max_page_count",
    "read_uncommitted",
    "recursive_triggers",
    "reverse_unordered_selects",
    "short_column_names",
    "soft_heap_limit",
    "temp_store",
    "threads",
    "trusted_schema",
    "user_version",
    "wal_autocheckpoint",
]
VALUES = [
    "1",
    "0",
    "-1",
    "on",
    "off",
    "'abc'",
    "1.5",
    "99999999999999999999",
    "0x10",
    "'0x10'",
    "2147483648",
    "full",
    "yes",
]
VALUES += ["-2147483649", "'  7'", "'7abc'", "512", "memory", '"t"']


@pytest.mark.parametrize("name", SETTINGS)
def test_a_setting_takes_values_as_sqlite_does(name: str) -> None:
    pair = Pair()
    pair.check(f"PRAGMA {name}")
    for value in VALUES:
        pair.check(f"PRAGMA {name} = {value}")
        pair.check(f"PRAGMA {name}")
        pair.check(f"PRAGMA main.{name}({value})")
        pair.check(f"PRAGMA main.{name}")
    # The heap limit of real SQLite is the process's; a test that runs after this one must not find it.
    pair.check("PRAGMA soft_heap_limit = 0")
    pair.close()


@pytest.mark.parametrize(
    "name", ["table_info", "table_xinfo", "index_list", "index_info", "index_xinfo", "foreign_key_list"]
)
def test_lists_take_names_as_sqlite_does(name: str) -> None:
    pair = Pair()
    pair.check("CREATE TABLE t(a INTEGER PRIMARY KEY, b UNIQUE COLLATE nocase REFERENCES u(x), c)")
    pair.check("CREATE INDEX i ON t(b DESC, c + 1) WHERE c > 1")
    for argument in ["", "(t)", "('T')", "=t", "(i)", "=nope", "('')", "=1"]:
        for schema in ["", "main.", "temp."]:
            pair.check(f"PRAGMA {schema}{name}{argument}")
    pair.check(f"PRAGMA zz.{name}")
    pair.close()
