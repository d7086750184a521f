"""Ten thousand random statements give the same on Keelback and on real SQLite; and the comparison can tell.

The long form runs one of twenty slices of a million statements on the library, 50,000 each, less than a minute on one
idle core (files stand in memory: on a disk nearly all of the time goes to fsync): KEELBACK_COMPARE_SLICE (0 to 19, or
`all`) chooses it, else the day of the year does, so that twenty days of `make test-long` are the million.
KEELBACK_COMPARE_SEED moves the million to other seeds (0 is the first).
"""

from __future__ import annotations

import os
import random
import tempfile
import time

import pytest

from tools.compare import STATEMENTS_PER_DATABASE, Comparison, differs, memory_folder
from tools.comparing.engines import Keelback, RealSqlite
from tools.comparing.known_faults import explained
from tools.comparing.open_states import TRACE, is_left_open, loses_indexes

SLICES = 4
STATEMENTS = 10_000
FIRST_SEED = 1
LONG_SLICES = 20
LONG_STATEMENTS = 50_000
LONG_SEEDS = 100_000_000


def long_slices() -> list[int]:
    """The slices of the million that this run is to take."""
    chosen = os.environ.get("KEELBACK_COMPARE_SLICE", "")
    if chosen == "all":
        return list(range(LONG_SLICES))
    return [int(chosen) if chosen else time.gmtime().tm_yday % LONG_SLICES]


def run_slice(first_seed: int, statements: int, is_direct: bool = True) -> str | None:
    done = 0
    seed = first_seed
    while done < statements:
        with tempfile.TemporaryDirectory(prefix="keelback-compare-", dir=memory_folder()) as folder:
            comparison = Comparison(seed, folder, 3, is_direct)
            difference = comparison.run(STATEMENTS_PER_DATABASE)
        if difference:
            return f"seed {seed}, statement {len(comparison.log)}: {comparison.log[-1]}\n{difference}"
        done += len(comparison.log)
        seed += 1
    return None


@pytest.mark.parametrize("part", range(SLICES))
def test_random_statements_give_what_real_sqlite_gives(part):
    difference = run_slice(FIRST_SEED + part * 1000, STATEMENTS // SLICES)
    assert difference is None, difference


@pytest.mark.skipif(not os.environ.get("KEELBACK_LONG"), reason="part of make test-long")
@pytest.mark.parametrize("part", range(SLICES))
def test_many_random_statements_give_what_real_sqlite_gives(part):
    seed = random.randrange(1 << 30)
    print(f"seed {seed}")
    difference = run_slice(seed, 10 * STATEMENTS // SLICES)
    assert difference is None, difference


@pytest.mark.skipif(not os.environ.get("KEELBACK_LONG"), reason="part of make test-long")
@pytest.mark.parametrize("part", long_slices())
def test_a_slice_of_a_million_statements_gives_what_real_sqlite_gives(part):
    seed = LONG_SEEDS + int(os.environ.get("KEELBACK_COMPARE_SEED", "0")) * LONG_SEEDS + part * 10_000
    print(f"slice {part}, seed {seed}")
    difference = run_slice(seed, LONG_STATEMENTS, is_direct=False)
    assert difference is None, difference


@pytest.mark.parametrize(
    ("real", "ours"),
    [
        (("rows", ([(1,)], 0)), ("rows", ([(1.0,)], 0))),
        (("rows", ([(1,)], 0)), ("rows", ([("1",)], 0))),
        (("rows", ([(1,)], 0)), ("rows", ([(1,), (1,)], 0))),
        (("rows", ([], 0)), ("rows", ([], 1))),
        (("rows", ([(0.0,)], 0)), ("rows", ([(-0.0,)], 0))),
        (("error", (1, "a")), ("error", (1, "b"))),
        (("error", (19, "a")), ("error", (2067, "a"))),
        (("rows", ([], 0)), ("error", (1, "a"))),
        (("rows", ([(1,)], 0, ("a",))), ("rows", ([(1,)], 0, ("b",)))),
    ],
)
def test_the_comparison_sees_types_counts_changes_names_codes_and_messages(real, ours):
    assert differs("SELECT 1", real, ours)


def test_the_comparison_minds_the_order_only_with_order_by():
    one = ("rows", ([(1,), (2,)], 0))
    other = ("rows", ([(2,), (1,)], 0))
    assert not differs("SELECT a FROM t", one, other)
    assert differs("SELECT a FROM t ORDER BY a", one, other)


FRAME = "OVER (ORDER BY id ROWS 1 PRECEDING)"
LOST = "SELECT id, group_concat(v) {0}, string_agg(iif(v = ',', '', v), v) {0} FROM f"


def test_a_character_that_sqlite_loses_is_explained_by_sqlite_alone():
    real, ours = RealSqlite(":memory:"), Keelback(":memory:")
    for side in (real, ours):
        side.run("CREATE TABLE f(id INTEGER PRIMARY KEY, v)")
        side.run("INSERT INTO f VALUES (1, 'a'), (2, ''), (3, 'b'), (4, ','), (5, NULL), (6, x''), (7, 'd')")
    sql = LOST.format(FRAME)
    right = ours.run(sql)
    assert differs(sql, real.run(sql), right)
    instead = explained(sql, real, right)
    assert instead is not None and not differs(sql, instead, right)
    rows, changes, names = right[1]
    for place in range(len(rows)):
        wrong = list(rows)
        wrong[place] = (rows[place][0], f"{rows[place][1]},", rows[place][2])
        assert differs(sql, instead, ("rows", (wrong, changes, names)))


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT group_concat(v) FROM f",
        "SELECT sum(v) OVER () FROM f",
        f"INSERT INTO f SELECT group_concat(v) {FRAME} FROM f",
        f"SELECT group_concat(v || char(1)) {FRAME} FROM f",
        f"SELECT group_concat(nosuch) {FRAME} FROM f",
    ],
)
def test_nothing_else_is_explained(sql):
    real = RealSqlite(":memory:")
    real.run("CREATE TABLE f(id INTEGER PRIMARY KEY, v)")
    assert explained(sql, real, ("rows", ([("a\x01",)] if "char" in sql else [("a",)], 0, ("x",)))) is None


SKIPPED = "SELECT id, (SELECT DISTINCT v FROM f UNION ALL SELECT id FROM f LIMIT 3 OFFSET 90) FROM f"


def test_the_row_that_offset_skips_is_explained_by_sqlite_alone():
    real, ours = RealSqlite(":memory:"), Keelback(":memory:")
    for side in (real, ours):
        side.run("CREATE TABLE f(id INTEGER PRIMARY KEY, v)")
        side.run("INSERT INTO f VALUES (1, 7), (2, '(')")
    right = ours.run(SKIPPED)
    assert differs(SKIPPED, real.run(SKIPPED), right)
    instead = explained(SKIPPED, real, right)
    assert instead is not None and not differs(SKIPPED, instead, right)
    rows, changes, names = right[1]
    assert differs(SKIPPED, instead, ("rows", ([(1, 2), *rows[1:]], changes, names)))
    for other in (SKIPPED.replace("DISTINCT ", ""), SKIPPED.replace(" OFFSET 90", ""), SKIPPED.replace("ALL ", "")):
        assert explained(other, real, ours.run(other)) is None


def test_only_an_open_state_is_forgiven():
    real = RealSqlite(":memory:")
    real.run("CREATE TABLE t(a)")
    real.run("CREATE TEMP TRIGGER q AFTER INSERT ON t BEGIN SELECT 1; END")
    none, failed = ("rows", ([], 0, ())), ("error", (1, "no such table: x"))
    assert not is_left_open("INSERT INTO temp.t VALUES (1)", real, (none, failed), [])
    real.run("CREATE TEMP TABLE t(a)")
    assert is_left_open("INSERT INTO temp.t VALUES (1)", real, (none, failed), [])
    assert not is_left_open("INSERT INTO other VALUES (1)", real, (none, failed), [])


def test_the_order_of_triggers_is_open_behind_returning_alone():
    real = RealSqlite(":memory:")
    real.run("CREATE TABLE t(a)")
    for number in range(4):
        real.run(f"CREATE TEMP TRIGGER q{number} AFTER INSERT ON main.t BEGIN SELECT 1; END")
    outcomes = [("rows", ([(1, one), (2, other)], 0, ("n", "note"))) for one, other in ("ab", "ba", "aa")]
    log = ["UPDATE t SET a = 1 RETURNING a"]
    assert is_left_open(TRACE, real, (outcomes[0], outcomes[1]), log)
    assert not is_left_open(TRACE, real, (outcomes[0], outcomes[2]), log)
    assert not is_left_open(TRACE, real, (outcomes[0], outcomes[1]), [])
    real.run("DROP TRIGGER q0")
    assert not is_left_open(TRACE, real, (outcomes[0], outcomes[1]), log)


def test_vacuum_beside_a_table_of_temp_loses_indexes():
    real = RealSqlite(":memory:")
    real.run("ATTACH ':memory:' AS l1")
    real.run("CREATE TABLE l1.t(a)")
    assert not loses_indexes("VACUUM l1", real)
    assert real.run("DETACH temp")[1][1] == "no such database: temp"
    real.run("CREATE TEMP TABLE t(a)")
    assert not loses_indexes("VACUUM l1", real)
    real.run("CREATE INDEX l1.i ON t(a)")
    assert loses_indexes("VACUUM l1", real) and loses_indexes("VACUUM l1 INTO 'x'", real)
    assert not loses_indexes("VACUUM", RealSqlite(":memory:"))
    assert not loses_indexes("VACUUM", real) and not loses_indexes("SELECT 1", real)
    real.run("BEGIN")
    assert not loses_indexes("VACUUM l1", real)
    real.run("COMMIT")
    real.run("VACUUM l1")
    assert real.run("SELECT name FROM temp.sqlite_schema WHERE type = 'index'")[1][0] == [("i",)]


def test_changes_are_open_where_an_interrupt_met_the_schema():
    comparison = Comparison.__new__(Comparison)
    comparison.is_count_open, comparison.is_in_progress = False, True
    stopped = ("error", (9, "interrupted"))
    comparison._note_count("DELETE FROM t", stopped, stopped)
    assert comparison.is_count_open
    done = ("rows", ([], 1, ()))
    comparison._note_count("SELECT 1", done, done)
    assert comparison.is_count_open
    comparison._note_count("DELETE FROM t", done, done)
    assert not comparison.is_count_open
