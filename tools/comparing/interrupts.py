"""Random statements that are stopped in the middle: by an interrupt that a function gives at its N-th call, by an
error in the N-th row, by a progress handler; in transactions and savepoints, and what is left of both.

1. `.stop N` makes the N-th call of stop(x) from then on interrupt the connection; `.progress N` sets a handler that
   stops everything after N instructions (1: at once), `.progress 0` takes it away.
2. An interrupt is seen at once here, by SQLite at the next turn of a loop: it is never given in a loop's last turn.
3. Every statement has one plan: the table `b0` has no index whose order could be taken instead of the rowid's.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tools.comparing.statements import StatementGenerator

OVERFLOW = "abs(-9223372036854775807 - 1)"


def setup(generator: StatementGenerator) -> list[str]:
    """What the statements here need; to run at the beginning."""
    rng = generator.rng
    found = [
        f"CREATE TABLE b0(id INTEGER PRIMARY KEY, v{rng.choice(['', ' CHECK (v <> 77)'])})",
        "CREATE TABLE b1(id INTEGER PRIMARY KEY, w UNIQUE)",
        "INSERT INTO b0 WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 15)"
        " SELECT i, i * 7 % 10 FROM n",
        "INSERT INTO b1 SELECT id, id * 10 FROM b0 WHERE id < 6",
    ]
    if rng.random() < 0.4:
        found.append(
            "CREATE TRIGGER bt AFTER UPDATE ON b0 WHEN new.v > 5 BEGIN"
            " SELECT stop(new.v); UPDATE b0 SET v = v WHERE id = new.id AND old.id % 3; END"
        )
    return found


def _stopped(generator: StatementGenerator) -> str:
    """A statement that calls stop(), or fails in some row."""
    rng = generator.rng
    number = rng.randint(1, 15)
    call = rng.choice(
        ["stop({0})", "stop({0})", "stop({0})", f"iif({{0}} = {number}, {OVERFLOW}, {{0}})", "json_extract('[1]', {0})"]
    )
    verb = rng.choice(["", "", " OR IGNORE", " OR REPLACE", " OR FAIL", " OR ROLLBACK"])
    on_v, on_id = call.format("v"), call.format("id")
    return rng.choice(
        [
            f"SELECT {on_v} FROM b0",
            f"SELECT id FROM b0 WHERE {on_v} > 3",
            f"SELECT id, {on_id} FROM b0 ORDER BY {on_v}, id",
            f"SELECT count(*), sum({on_v}) FROM b0",
            "SELECT v, count(stop(id)) FROM b0 GROUP BY v ORDER BY v",
            f"SELECT sum({on_v}) OVER (ORDER BY id) FROM b0",
            f"SELECT a.id, b.id FROM b0 a, b1 b WHERE {call.format('a.v')} = 3 ORDER BY 1, 2",
            f"SELECT id FROM b0 WHERE id IN (SELECT {on_id} FROM b1) ORDER BY id",
            f"WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT {call.format('i')} + 1 FROM n WHERE i < 12)"
            " SELECT i FROM n",
            f"UPDATE{verb} b0 SET v = {on_v} + 1",
            f"UPDATE{verb} b0 SET v = v + 1 WHERE {on_id} > {number // 2}",
            f"UPDATE{verb} b0 SET v = {on_v} RETURNING id",
            f"UPDATE{verb} b1 SET w = {call.format('w')} + 1000",
            f"INSERT{verb} INTO b0(v) SELECT {on_v} FROM b0 ORDER BY id LIMIT {number}",
            f"INSERT{verb} INTO b1(w) SELECT {on_id} + {rng.randint(100, 999)} FROM b0 ORDER BY id",
            f"INSERT{verb} INTO b1 SELECT id + 3, {on_v} FROM b0 ORDER BY id RETURNING id",
            f"INSERT{verb} INTO b0(v) VALUES (1), ({call.format('2')}), ({call.format('3')}), (4), (5)",
            f"DELETE FROM b0 WHERE {on_v} = {number}",
            f"DELETE FROM b0 WHERE {on_id} > 12 RETURNING v",
            f"CREATE TABLE bq AS SELECT {on_v} AS q FROM b0",
            f"CREATE INDEX bi ON b1({OVERFLOW if rng.random() < 0.3 else 'abs(w)'}) WHERE w > {number}",
            f"INSERT INTO b1(w) VALUES ({number}) ON CONFLICT DO UPDATE SET w = {call.format('excluded.w')} + 50",
            f"SELECT group_concat({on_id}) FROM (SELECT id FROM b0 UNION SELECT {call.format('w')} FROM b1)",
        ]
    )


def statement(generator: StatementGenerator) -> str:
    """Any statement of this module."""
    rng = generator.rng
    pick = rng.random()
    if pick < 0.45:
        if rng.random() < 0.5:
            generator.pending += [_stopped(generator), ".stop 0"]
            return f".stop {rng.randint(1, 4)}"
        return _stopped(generator)
    if pick < 0.5:
        generator.pending += [_stopped(generator), ".progress 0"]
        return ".progress 1"
    if pick < 0.72:
        return rng.choice(
            ["BEGIN", "BEGIN", "BEGIN IMMEDIATE", "COMMIT", "ROLLBACK", "SAVEPOINT b", "SAVEPOINT c", "RELEASE b",
             "ROLLBACK TO b", "ROLLBACK TO c"]
        )  # fmt: skip
    if pick < 0.82:
        return rng.choice(
            [
                f"INSERT OR REPLACE INTO b0 VALUES ({rng.randint(1, 15)}, {rng.randint(0, 9)})",
                "DELETE FROM b0 WHERE id > 15",
                "DELETE FROM b1 WHERE id > 8",
                "DROP TABLE IF EXISTS bq",
                "DROP INDEX IF EXISTS bi",
            ]
        )
    return rng.choice(
        [
            "SELECT * FROM b0 ORDER BY id",
            "SELECT * FROM b1 ORDER BY id",
            "SELECT count(*), total(v) FROM b0",
            "SELECT name FROM sqlite_schema WHERE name LIKE 'b%' ORDER BY 1",
        ]
    )
