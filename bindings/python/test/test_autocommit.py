"""The attribute `autocommit` (Python 3.12's; the running Python may be older, so the expectations are written here)."""

from __future__ import annotations

from pathlib import Path

import keelback
import pytest


def test_the_default_is_legacy_control() -> None:
    assert keelback.connect(":memory:").autocommit == keelback.LEGACY_TRANSACTION_CONTROL == -1


def test_false_keeps_a_transaction_open(tmp_path: Path) -> None:
    connection = keelback.connect(tmp_path / "x.db", autocommit=False)
    assert connection.in_transaction
    connection.execute("CREATE TABLE t(a)")
    connection.commit()
    assert connection.in_transaction
    connection.execute("INSERT INTO t VALUES (1)")
    connection.rollback()
    assert connection.in_transaction
    assert connection.execute("SELECT count(*) FROM t").fetchone() == (0,)
    connection.execute("INSERT INTO t VALUES (1)")
    connection.close()
    assert keelback.connect(tmp_path / "x.db").execute("SELECT count(*) FROM t").fetchone() == (0,)


def test_true_begins_nothing_and_commit_does_nothing() -> None:
    connection = keelback.connect(":memory:", autocommit=True)
    connection.execute("CREATE TABLE t(a)")
    connection.execute("INSERT INTO t VALUES (1)")
    assert not connection.in_transaction
    connection.execute("BEGIN")
    connection.commit()
    assert connection.in_transaction
    with connection:
        pass
    assert connection.in_transaction


def test_a_change_of_the_attribute_begins_or_commits() -> None:
    connection = keelback.connect(":memory:")
    connection.autocommit = False
    assert connection.in_transaction
    connection.autocommit = True
    assert not connection.in_transaction
    connection.autocommit = keelback.LEGACY_TRANSACTION_CONTROL
    connection.execute("CREATE TABLE t(a)")
    connection.execute("INSERT INTO t VALUES (1)")
    assert connection.in_transaction


@pytest.mark.parametrize("value", [None, 2, "x", 1])
def test_other_values_are_refused(value: object) -> None:
    with pytest.raises(ValueError, match="autocommit must be True, False, or sqlite3.LEGACY_TRANSACTION_CONTROL"):
        keelback.connect(":memory:", autocommit=value)


def test_a_script_does_not_commit_without_legacy_control() -> None:
    connection = keelback.connect(":memory:", autocommit=False)
    connection.executescript("CREATE TABLE t(a); INSERT INTO t VALUES (1)")
    connection.rollback()
    with pytest.raises(keelback.OperationalError, match="no such table: t"):
        connection.execute("SELECT * FROM t")
