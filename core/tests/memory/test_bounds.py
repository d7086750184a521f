"""Statements over more than the working memory run within a bound, and answer what SQLite answers.

The working memory is what the cache of the main database may hold, 2000 KiB by default; one sorter, ephemeral tree or
table of groups goes beyond it by its buffers and by what a block of memory is rounded up to. `BOUND_KB` is the bound of
the growth of a whole process: several of them, the cache of pages, and what the allocator keeps.
"""

from __future__ import annotations

import pytest
from memory_support import Measure

ROWS = 250_000
BOUND_KB = 16 * 1024

TABLE = f"""
CREATE TABLE t(id INTEGER PRIMARY KEY, a INTEGER, b TEXT, c INTEGER);
WITH RECURSIVE n(i) AS (VALUES(1) UNION ALL SELECT i + 1 FROM n WHERE i < {ROWS})
INSERT INTO t SELECT i, (i * 7919) % 100003, printf('name-%06d-%.*c', (i * 104729) % 200003, i % 60, 'x'), i % 7 FROM n;
"""
STATEMENTS = {
    "order by": "SELECT a, b, id FROM t ORDER BY b DESC, a",
    "order by with few keys": "SELECT c, id FROM t ORDER BY c",
    "order by with a large limit": "SELECT a, b FROM t ORDER BY a LIMIT 150000",
    "order by nocase": "SELECT b FROM t ORDER BY b COLLATE NOCASE, id DESC",
    "create index": "CREATE INDEX i ON t(b, a); SELECT a, b FROM t ORDER BY b, a",
}


@pytest.mark.parametrize("name", STATEMENTS)
def test_a_statement_over_much_data_stays_within_the_bound(name: str, measure: Measure) -> None:
    measure.prepare(TABLE)
    warm_up = "SELECT a, b FROM t WHERE id < 3 ORDER BY b"
    (_, outcome), rows = measure.run(warm_up, STATEMENTS[name])
    assert outcome.code == 0, outcome
    assert outcome.growth_kb < BOUND_KB, outcome
    assert outcome.temporary_bytes > 0, outcome
    texts = STATEMENTS[name].split("; ")
    assert rows == measure.expected(warm_up, texts[-1])


def test_temp_store_memory_writes_no_temporary_file(measure: Measure) -> None:
    measure.prepare(TABLE)
    (_, outcome), rows = measure.run("PRAGMA temp_store = memory", STATEMENTS["order by"])
    assert outcome.code == 0 and outcome.temporary_bytes == 0, outcome
    assert rows == measure.expected(STATEMENTS["order by"])


def test_a_larger_cache_keeps_a_sort_in_memory(measure: Measure) -> None:
    measure.prepare(TABLE)
    (_, outcome), rows = measure.run("PRAGMA cache_size = -200000", STATEMENTS["order by"])
    assert outcome.code == 0 and outcome.temporary_bytes == 0, outcome
    assert rows == measure.expected(STATEMENTS["order by"])


@pytest.mark.parametrize("encoding", ["UTF-8", "UTF-16le"])
@pytest.mark.parametrize("name", STATEMENTS)
def test_hundreds_of_runs_are_merged_in_order(name: str, encoding: str, measure: Measure) -> None:
    """In UTF-16 keys are compared by decoding."""
    measure.prepare(f"PRAGMA encoding = '{encoding}'; {TABLE.replace(str(ROWS), '40000')}")
    (outcome,), rows = measure.run(STATEMENTS[name], KEELBACK_WORKING_MEMORY="16000")
    assert outcome.code == 0 and outcome.temporary_bytes > 0, outcome
    assert rows == measure.expected(STATEMENTS[name].split("; ")[-1])
