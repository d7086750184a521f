"""A temporary file that cannot be made or written: the error SQLite gives, and nothing else is lost."""

from __future__ import annotations

from pathlib import Path

import pytest
from memory_support import Measure

FULL = 13
CANTOPEN = 14
IOERR_GETTEMPPATH = 6410

TABLE = """
CREATE TABLE t(id INTEGER PRIMARY KEY, a INTEGER, b TEXT);
WITH RECURSIVE n(i) AS (VALUES(1) UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
INSERT INTO t SELECT i, (i * 7919) % 10007, printf('name-%06d', (i * 104729) % 20011) FROM n;
"""
READING = {
    "order by": "SELECT a FROM t ORDER BY b",
    "distinct": "SELECT DISTINCT b, a FROM t",
}
# Beyond the first file, in the first write, in a later one.
FULL_AT = ("0", "100000", "300000")


@pytest.mark.parametrize("full_at", FULL_AT)
@pytest.mark.parametrize("name", READING)
def test_a_full_disk_ends_the_statement_and_the_next_one_runs(name: str, full_at: str, measure: Measure) -> None:
    measure.prepare(TABLE)
    memory = {"KEELBACK_WORKING_MEMORY": "50000"}
    counts = "SELECT count(*), sum(a) FROM t"
    (failed, after), rows = measure.run(READING[name], counts, MEASURE_FULL=full_at, **memory)
    assert (failed.code, failed.message) == (FULL, "database or disk is full"), failed
    assert after.code == 0
    assert rows.splitlines()[-1] == measure.expected(counts).splitlines()[-1]


@pytest.mark.parametrize("full_at", FULL_AT)
def test_a_full_disk_undoes_create_index(full_at: str, measure: Measure) -> None:
    measure.prepare(TABLE)
    texts = ("CREATE INDEX i ON t(b)", "SELECT count(*) FROM sqlite_schema", "PRAGMA integrity_check")
    outcomes, rows = measure.run(*texts, MEASURE_FULL=full_at, KEELBACK_WORKING_MEMORY="50000")
    assert outcomes[0].code == FULL and outcomes[0].is_autocommit
    assert rows == b"1\nok\n"
    assert measure.expected("PRAGMA integrity_check") == b"ok\n"


def test_temporary_files_are_made_where_the_environment_says(measure: Measure, tmp_path: Path) -> None:
    measure.prepare(TABLE)
    folder = tmp_path / "elsewhere"
    folder.mkdir(mode=0o700)
    (outcome,), rows = measure.run(READING["order by"], SQLITE_TMPDIR=str(folder), KEELBACK_WORKING_MEMORY="50000")
    assert outcome.code == 0 and outcome.temporary_bytes > 0
    assert rows == measure.expected(READING["order by"])
    assert not list(folder.iterdir())
