"""A journal that persists, whose last write a crash has torn: what stood there from an earlier transaction is not taken
for part of it, and the file is recovered to the byte as real SQLite recovers it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sql_process import LibraryConnection, OracleConnection, ReferenceConnection

PAGE_BYTES = 1024
RECORD_BYTES = PAGE_BYTES + 8
SECTOR_BYTES = 512
ROWS = 120

ENGINES = {"sqlite": OracleConnection, "kernel": LibraryConnection, "reference": ReferenceConnection}


def torn_files(folder: Path, writer: Any, synchronous: str) -> tuple[bytes, bytes, bytes, bytes]:
    """A database before a transaction and in the middle of its spill, its hot journal then, and the journal as the
    transaction before had left it."""
    path = folder / "source.db"
    connection = writer(str(path))
    connection.run(
        f"PRAGMA page_size = {PAGE_BYTES}; PRAGMA journal_mode = PERSIST; PRAGMA synchronous = {synchronous};"
        "PRAGMA cache_size = 5; CREATE TABLE t(a INTEGER PRIMARY KEY, b);"
        f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {ROWS})"
        " INSERT INTO t SELECT i, printf('%.*c', 700, 'a') FROM n"
    )
    connection.run("UPDATE t SET b = printf('%.*c', 700, 'b')")
    journal = Path(f"{path}-journal")
    before, stale = path.read_bytes(), journal.read_bytes()
    connection.run("BEGIN; UPDATE t SET b = printf('%.*c', 700, 'c') WHERE a <= 60")
    middle, hot = path.read_bytes(), journal.read_bytes()
    connection.run("ROLLBACK")
    connection.close()
    assert middle != before and stale[:8] == bytes(8)
    return before, middle, hot, stale


def recovered(folder: Path, engine: str, content: bytes, journal: bytes) -> bytes:
    path = folder / f"{engine}.db"
    path.write_bytes(content)
    Path(f"{path}-journal").write_bytes(journal)
    connection = ENGINES[engine](str(path))
    connection.run("SELECT count(*) FROM sqlite_schema")
    connection.close()
    return path.read_bytes()


@pytest.mark.parametrize("synchronous", ["OFF", "FULL"])
@pytest.mark.parametrize("writer", ["sqlite", "kernel"])
def test_a_torn_last_write_is_recovered_as_real_sqlite_recovers_it(
    writer: str, synchronous: str, tmp_path: Path
) -> None:
    before, middle, hot, stale = torn_files(tmp_path, ENGINES[writer], synchronous)
    # How far the journal is this transaction's: up to there it differs from what was left of the one before.
    end = max(place for place in range(len(hot)) if place >= len(stale) or hot[place] != stale[place]) + 1
    assert end > SECTOR_BYTES + 2 * RECORD_BYTES
    whole = recovered(tmp_path, "sqlite", middle, hot)
    assert whole == before
    seen = set()
    for torn_bytes in range(0, 2 * RECORD_BYTES + SECTOR_BYTES, SECTOR_BYTES // 2):
        # What the disk did not write any more still holds the records of the transaction before.
        cut = end - torn_bytes
        journal = hot[:cut] + stale[cut:]
        wanted = recovered(tmp_path, "sqlite", middle, journal)
        seen.add(wanted)
        for engine in ("kernel", "reference"):
            assert recovered(tmp_path, engine, middle, journal) == wanted, (engine, torn_bytes)
    assert whole in seen and len(seen) > 1
