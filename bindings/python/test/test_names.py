"""The package has what Python's sqlite3 has."""

from __future__ import annotations

import inspect
import sqlite3

import keelback
import keelback.dbapi2
import pytest

# Not the interface: modules that sqlite3 happens to have imported.
NOT_NAMES = {"datetime", "time", "collections", "dbapi2"}


def public_names(thing: object) -> set[str]:
    return {name for name in dir(thing) if not name.startswith("_")} - NOT_NAMES


def test_every_name_of_sqlite3_is_here() -> None:
    assert public_names(sqlite3) - set(dir(keelback)) == set()
    assert public_names(sqlite3.dbapi2) - set(dir(keelback.dbapi2)) == set()


@pytest.mark.parametrize("name", ["Connection", "Cursor", "Row", "Blob", "PrepareProtocol"])
def test_every_member_of_a_class_is_here(name: str) -> None:
    assert public_names(getattr(sqlite3, name)) - public_names(getattr(keelback, name)) == set()


def test_constants_have_the_same_values() -> None:
    names = [name for name in dir(sqlite3) if name.isupper() and isinstance(getattr(sqlite3, name), int)]
    assert len(names) > 100
    assert {n: getattr(keelback, n) for n in names} == {n: getattr(sqlite3, n) for n in names}


def test_facts_of_db_api() -> None:
    assert (keelback.apilevel, keelback.paramstyle, keelback.threadsafety) == ("2.0", "qmark", 3)
    assert keelback.sqlite_version_info == tuple(map(int, keelback.sqlite_version.split(".")))


def test_every_public_thing_says_what_it_is() -> None:
    for thing in (keelback, keelback.connect, keelback.Connection, keelback.Cursor, keelback.Row, keelback.Blob):
        assert inspect.getdoc(thing)
    for kind in (keelback.Connection, keelback.Cursor):
        for name in public_names(kind) - {"row_factory", "text_factory"}:
            assert inspect.getdoc(getattr(kind, name)), name
