"""Random changes that look at other rows: UPDATE FROM joins, common tables, views, VALUES and table-valued functions,
changes of a table by what it holds itself, INSERT of queries, changes through views of views, RETURNING with
subqueries.

Each changed row meets one row at most, lest the answer depend on the plan. The tables here: `u0`, `u1`, the views
`uv` and `uw`. Statements may fail, if both sides fail alike.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tools.comparing.statements import StatementGenerator

VERBS = ("", "", "", " OR IGNORE", " OR REPLACE", " OR FAIL", " OR ROLLBACK")


def setup(generator: StatementGenerator) -> list[str]:
    """What the statements here need; to run at the beginning."""
    rng = generator.rng
    key = rng.choice(["id INTEGER PRIMARY KEY", "id INT PRIMARY KEY", "id INTEGER PRIMARY KEY AUTOINCREMENT"])
    option = " WITHOUT ROWID" if "INT PRIMARY" in key and rng.random() < 0.5 else ""
    found = [
        f"CREATE TABLE u0({key}, a, b{rng.choice(['', ' UNIQUE', ' COLLATE NOCASE'])}, s AS (a || b)){option}",
        f"CREATE TABLE u1(id INTEGER PRIMARY KEY, r INT, c TEXT{rng.choice(['', ' UNIQUE'])})",
        "CREATE VIEW uv(n, p, q) AS SELECT u0.id, a, c FROM u0 LEFT JOIN u1 ON u1.id = u0.id",
        "CREATE VIEW uw AS SELECT n, p FROM uv WHERE n > 2",
        "CREATE TRIGGER uvi INSTEAD OF INSERT ON uv BEGIN INSERT OR IGNORE INTO u0(id, a) VALUES (new.n, new.p); END",
        "CREATE TRIGGER uvu INSTEAD OF UPDATE OF p, n ON uv BEGIN UPDATE u0 SET a = new.p || old.n"
        " WHERE id = old.n; END",
        "CREATE TRIGGER uvd INSTEAD OF DELETE ON uv WHEN old.n % 2 BEGIN DELETE FROM u0 WHERE id = old.n; END",
        "CREATE TRIGGER uwu INSTEAD OF UPDATE ON uw BEGIN UPDATE uv SET p = new.p WHERE n = old.n; END",
    ]
    for number in range(1, 9):
        found.append(
            f"INSERT OR IGNORE INTO u0(id, a, b) VALUES ({number}, {generator.literal()}, {generator.literal()})"
        )
        found.append(f"INSERT OR IGNORE INTO u1 VALUES ({number}, {9 - number}, {generator.literal()})")
    if rng.random() < 0.4:
        found.append(f"CREATE INDEX u1i ON u1({rng.choice(['r', 'c', 'r, c', 'id, c'])})")
    return found


def _source(generator: StatementGenerator) -> tuple[str, str]:
    """FROM of an UPDATE of u0 (as t), with what links it: one row x of columns k, v for each id."""
    rng = generator.rng
    number = rng.randint(1, 6)
    return rng.choice(
        [
            ("(SELECT id AS k, c AS v FROM u1) AS x", "x.k = t.id"),
            ("(SELECT r AS k, max(c) AS v FROM u1 GROUP BY r) AS x", "x.k = t.id"),
            ("(SELECT id AS k, a AS v FROM u0) AS x", f"x.k = t.id + {number % 3}"),
            ("(SELECT u1.id AS k, w.a AS v FROM u1 JOIN u0 AS w ON w.id = u1.id) AS x", "t.id = x.k"),
            ("(SELECT column1 AS k, column2 AS v FROM (VALUES (1, 'one'), (2, NULL), (5, 5))) AS x", "x.k IS t.id"),
            ("(SELECT key AS k, value AS v FROM json_each('[\"a\", 1, null, 2.5]')) AS x", "x.k = t.id"),
            ("(SELECT n AS k, q AS v FROM uv) AS x", "x.k = t.id"),
            ("(SELECT n AS k, p AS v FROM uw) AS x", "t.id = x.k AND x.v IS NOT NULL"),
            (f"(SELECT value AS k, value * 2 AS v FROM generate_series(1, {number})) AS x", "x.k = t.id"),
            ("u1 AS y JOIN (SELECT id AS k, c AS v FROM u1) AS x ON x.k = y.r", "y.id = t.id"),
            ("(SELECT id AS k, lag(c) OVER (ORDER BY id) AS v FROM u1) AS x", "x.k = t.id"),
        ]
    )


def _update_from(generator: StatementGenerator) -> str:
    rng = generator.rng
    source, link = _source(generator)
    change = rng.choice(
        [
            "a = x.v",
            "a = x.v || t.b, b = coalesce(x.v, t.a)",
            "(a, b) = (x.v, x.k)",
            "(b, a) = (SELECT x.v, count(*) FROM u1)",
            "a = CASE WHEN x.v > t.a THEN x.v ELSE t.a END",
            "id = t.id + 100",
        ]
    )
    more = rng.choice(["", "", f" AND t.id > {rng.randint(0, 5)}", " AND x.v IS NOT t.b", " AND typeof(t.a) <> 'real'"])
    returning = rng.choice(["", "", " RETURNING id, a", " RETURNING *", " RETURNING t.a", " RETURNING x.v"])
    head = rng.choice(["", "", "WITH z AS (SELECT 1) ", "WITH RECURSIVE z(i) AS (VALUES (1) UNION SELECT i + 1 FROM z "
                       "WHERE i < 3) "])  # fmt: skip
    return f"{head}UPDATE{rng.choice(VERBS)} u0 AS t SET {change} FROM {source} WHERE {link}{more}{returning}"


def statement(generator: StatementGenerator) -> str:
    """Any statement of this module."""
    rng = generator.rng
    kind = rng.random()
    number, value = rng.randint(1, 9), generator.literal()
    returning = rng.choice(["", "", " RETURNING *", " RETURNING id, (SELECT count(*) FROM u1) AS n"])
    if kind < 0.35:
        return _update_from(generator)
    if kind < 0.55:
        return rng.choice(
            [
                f"INSERT{rng.choice(VERBS)} INTO u0(id, a, b) SELECT id + {number}, c, r FROM u1 WHERE id > {number}"
                f" ORDER BY id{returning}",
                f"INSERT INTO u0(id, a) SELECT id, c FROM u1 WHERE 1 ON CONFLICT DO UPDATE SET a = excluded.a || b"
                f" WHERE excluded.id <> {number}{returning}",
                f"INSERT{rng.choice(VERBS)} INTO u0(id, a, b) SELECT id + 1, b, a FROM u0 ORDER BY id DESC LIMIT 4",
                f"REPLACE INTO u1 SELECT id, id, a FROM u0 WHERE id % 2 ORDER BY id{returning}",
                f"WITH x(i) AS (VALUES ({number}), ({value})) INSERT INTO u1(r, c)"
                " SELECT i, (SELECT max(i) FROM x) FROM x",
                f"INSERT INTO u1(r, c) WITH x AS (SELECT {number} AS i) SELECT i, {value} FROM x{returning}",
                f"INSERT OR IGNORE INTO u1(r, c) VALUES ((SELECT max(id) FROM u0),"
                f" (SELECT a FROM u0 WHERE id = {number})){returning}",
                f"INSERT INTO u0(id, a, b) VALUES ({number}, {value}, 1) ON CONFLICT(id) DO UPDATE SET"
                f" (a, b) = (SELECT c, r FROM u1 WHERE u1.id = excluded.id){returning}",
            ]
        )
    if kind < 0.7:
        return rng.choice(
            [
                f"UPDATE uv SET p = {value} WHERE n = {number}",
                f"UPDATE uv SET q = {value} WHERE n < {number}",
                f"UPDATE uw SET p = p || 'w' WHERE n < {number}",
                f"UPDATE uv SET p = x.c FROM u1 AS x WHERE x.id = uv.n AND n > {number}",
                f"INSERT INTO uv(n, p) VALUES ({number + 20}, {value}) RETURNING n, p",
                f"INSERT INTO uv SELECT id + 30, c, r FROM u1 WHERE id < {number}",
                f"INSERT INTO uv(n) VALUES ({number}) ON CONFLICT DO NOTHING",
                f"DELETE FROM uv WHERE n = {number} RETURNING p",
                f"DELETE FROM uv WHERE n IN (SELECT r FROM u1) AND n > {number}",
                f"DELETE FROM uw WHERE n = {number}",
                f"REPLACE INTO uv VALUES ({number}, 1, 2)",
            ]
        )
    if kind < 0.88:
        return rng.choice(
            [
                f"DELETE FROM u0 WHERE id > 20 OR (a, b) IN (SELECT c, r FROM u1 WHERE id > {number}){returning}",
                f"DELETE FROM u0 WHERE id = (SELECT max(id) FROM u0 AS o WHERE o.a IS u0.a) AND id > 2{returning}",
                f"UPDATE u0 SET a = (SELECT count(*) FROM u0 AS o WHERE o.id < u0.id) WHERE id <> {number}{returning}",
                f"UPDATE u1 SET r = (SELECT id FROM u0 WHERE u0.b = u1.c), c = c || r WHERE id < {number}{returning}",
                f"UPDATE u0 SET b = b WHERE EXISTS (SELECT 1 FROM u1 WHERE r = u0.id AND c > {value})",
                f"WITH d AS (SELECT id FROM u1 WHERE r > {number}) DELETE FROM u1 WHERE id IN d AND id > 4{returning}",
                f"UPDATE u0 SET id = -id WHERE id > {number}{returning}",
                f"UPDATE u0 INDEXED BY u1i SET a = {value}",
                f"DELETE FROM u1 NOT INDEXED WHERE r = {number}{returning}",
                f"DELETE FROM u1 INDEXED BY u1i WHERE r = {number} AND c IS NOT NULL{returning}",
                f"DELETE FROM u0 WHERE a = {value} ORDER BY id LIMIT 1",
                f"UPDATE u0 SET a = {value}, a = 2 WHERE id = {number} RETURNING a",
                f"UPDATE u0 SET s = {value}",
                "UPDATE u0 SET a = new.a",
                f"UPDATE u0 SET rowid = {number} WHERE id = {number}",
            ]
        )
    return rng.choice(
        [
            "SELECT * FROM u0 ORDER BY id",
            "SELECT * FROM u1 ORDER BY id",
            "SELECT * FROM uv ORDER BY n",
            "BEGIN",
            "COMMIT",
            "ROLLBACK",
            "SELECT total_changes() > 0",
        ]
    )
