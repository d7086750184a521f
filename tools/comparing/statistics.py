"""Random statements about what the planner is told: ANALYZE over tables whose values are spread in several ways, the
rows of sqlite_stat1 and sqlite_stat4 that it writes, statistics written by hand, hints (INDEXED BY, likelihood,
unary plus, CROSS JOIN), and queries that must answer the same whatever the plan.

The tables here: `h0`, `h1`.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tools.comparing.statements import StatementGenerator

SPREADS = (
    "i % {0}", "i * i % {0}", "i / {0}", "iif(i % {0}, 'x', i)", "NULL", "nullif(i % {0}, 1)", "'t' || (i % {0})",
    "i * 0.25", "iif(i < {0}, 'a', 'B')", "zeroblob(i % 3)",
)  # fmt: skip
INDEXES = ("a", "b", "c", "a, b", "b, c", "c, b, a", "a DESC, c", "lower(b)", "b COLLATE NOCASE", "a + 0")
STATISTICS = ("1000 10 1", "5 5", "100000 1", "x", "", "40 20 2 unordered")
WHERES = ("", "", "", " WHERE a > 2", " WHERE b IS NOT NULL", " WHERE c = 1", " WHERE a IN (1, 2)")


def setup(generator: StatementGenerator) -> list[str]:
    """What the statements here need; to run at the beginning."""
    rng = generator.rng
    found = []
    for name in ("h0", "h1"):
        key = rng.choice(["id INTEGER PRIMARY KEY", "id INT PRIMARY KEY", "id INTEGER PRIMARY KEY", "id INT"])
        option = " WITHOUT ROWID" if "INT PRIMARY" in key and rng.random() < 0.5 else ""
        found.append(
            f"CREATE TABLE {name}({key}, a, b{rng.choice(['', ' TEXT'])}, c{rng.choice(['', ' INT'])}){option}"
        )
        found.append(_fill(generator, name))
        for number in range(rng.randint(1, 3)):
            found.append(f"CREATE INDEX {name}i{number} ON {name}({rng.choice(INDEXES)}){rng.choice(WHERES)}")
    return found


def _fill(generator: StatementGenerator, name: str) -> str:
    rng = generator.rng
    values = ", ".join(rng.choice(SPREADS).format(rng.randint(2, 9)) for _ in "abc")
    count = rng.choice([5, 40, 130])
    return (
        f"INSERT OR IGNORE INTO {name} SELECT i, {values} FROM (WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL"
        f" SELECT i + 1 FROM n WHERE i < {count}) SELECT i FROM n)"
    )


def _term(generator: StatementGenerator, alias: str) -> str:
    rng = generator.rng
    column = f"{alias}.{rng.choice('aabbc')}"
    value = generator.literal()
    test = rng.choice(
        [
            f"{column} = {value}",
            f"{column} = {rng.randint(0, 5)}",
            f"{column} IN ({rng.randint(0, 4)}, {value}, 't1')",
            f"{column} > {rng.randint(0, 6)}",
            f"{column} BETWEEN {rng.randint(0, 3)} AND {value}",
            f"{column} IS NULL",
            f"{column} IS NOT NULL",
            f"({alias}.a, {alias}.b) = ({rng.randint(0, 4)}, {value})",
            f"({alias}.b, {alias}.c) > ({value}, {rng.randint(0, 4)})",
            f"lower({alias}.b) = 't{rng.randint(0, 3)}'",
            f"{alias}.b LIKE 't{rng.randint(0, 3)}%'",
            f"{alias}.b GLOB 't{rng.randint(0, 3)}*'",
            f"{alias}.id IN (SELECT c FROM h1)",
            f"{column} = (SELECT max(c) FROM h1 WHERE h1.id = {alias}.id)",
        ]
    )
    kind = rng.random()
    if kind < 0.12:
        return f"{rng.choice(['likely', 'unlikely'])}({test})"
    if kind < 0.18:
        return f"likelihood({test}, {rng.choice(['0.01', '0.5', '0.99', '1.0'])})"
    return f"+{test}" if kind < 0.24 and test[0] != "(" else test


def _where(generator: StatementGenerator, alias: str) -> str:
    rng = generator.rng
    terms = [_term(generator, alias) for _ in range(rng.choice([1, 1, 2, 3]))]
    if rng.random() < 0.3:
        return "(" + " OR ".join([*terms, _term(generator, alias)]) + ")"
    return " AND ".join(terms)


def _query(generator: StatementGenerator) -> str:
    rng = generator.rng
    hint = rng.choice(["", "", "", " NOT INDEXED", f" INDEXED BY h0i{rng.randint(0, 2)}"])
    shown = "id, a, b, c"
    kind = rng.random()
    if kind < 0.4:
        order = rng.choice(["id", "a, id", "b DESC, id", "c, a, id", "b COLLATE NOCASE, id"])
        limit = rng.choice(["", f" LIMIT {rng.randint(1, 9)}", f" LIMIT 5 OFFSET {rng.randint(0, 5)}"])
        return f"SELECT {shown} FROM h0 AS x{hint} WHERE {_where(generator, 'x')} ORDER BY {order}{limit}"
    if kind < 0.55:
        call = rng.choice(["count(*)", "min(a)", "max(b)", "count(DISTINCT c)", "max(id)", "min(c), max(c)", "sum(id)"])
        return f"SELECT {call} FROM h0 AS x{hint} WHERE {_where(generator, 'x')}"
    if kind < 0.65:
        key = rng.choice("abc")
        return f"SELECT {key}, count(*), min(id) FROM h0 AS x{hint} WHERE {_where(generator, 'x')} GROUP BY {key}"
    if kind < 0.72:
        return f"SELECT DISTINCT {rng.choice(['a', 'b', 'a, c', 'c, b'])} FROM h0 AS x WHERE {_where(generator, 'x')}"
    join = rng.choice(["JOIN", "LEFT JOIN", "CROSS JOIN", "RIGHT JOIN", "FULL JOIN"])
    link = f"x.{rng.choice(['a', 'b', 'c', 'id'])} {rng.choice(['=', '=', '=', 'IS', '>'])} y.{rng.choice(['id', 'a'])}"
    more = f" WHERE {_where(generator, 'x')} AND {_term(generator, 'y')}" if rng.random() < 0.7 else ""
    return f"SELECT count(*), min(x.id), max(y.id), sum(x.id + y.id) FROM h0 AS x {join} h1 AS y ON {link}{more}"


def statement(generator: StatementGenerator) -> str:
    """Any statement of this module."""
    rng = generator.rng
    pick = rng.random()
    if pick < 0.6:
        return _query(generator)
    if pick < 0.72:
        if rng.random() < 0.5:
            generator.pending.append("SELECT tbl, idx, stat FROM sqlite_stat1 WHERE tbl LIKE 'h_' ORDER BY 1, 2")
        else:
            generator.pending.append(
                "SELECT tbl, idx, neq, nlt, ndlt, quote(sample) FROM sqlite_stat4 WHERE tbl LIKE 'h_'"
                " ORDER BY tbl, idx, rowid"
            )
        return rng.choice(
            ["ANALYZE", "ANALYZE h0", "ANALYZE main", f"ANALYZE h0i{rng.randint(0, 2)}", "ANALYZE main.h1"]
        )
    return rng.choice(
        [
            f"INSERT INTO h0 SELECT id + {rng.choice([1000, 2000])}, a, c, b FROM h0 WHERE id < {rng.randint(1, 30)}",
            f"DELETE FROM h0 WHERE {_where(generator, 'h0')} AND id % 2",
            f"UPDATE h0 SET {rng.choice('abc')} = {generator.literal()} WHERE {_where(generator, 'h0')}",
            f"UPDATE sqlite_stat1 SET stat = '{rng.choice(STATISTICS)}' WHERE idx = 'h0i{rng.randint(0, 1)}'",
            "ANALYZE sqlite_schema",
            f"DELETE FROM {rng.choice(['sqlite_stat1', 'sqlite_stat4'])} WHERE tbl = 'h1'",
            f"DROP INDEX IF EXISTS h{rng.randint(0, 1)}i{rng.randint(0, 2)}",
            f"CREATE INDEX IF NOT EXISTS h0i{rng.randint(0, 2)} ON h0({rng.choice(INDEXES)}){rng.choice(WHERES)}",
            "PRAGMA index_list(h0)",
            "PRAGMA analysis_limit = 0",
            "REINDEX h0",
            "PRAGMA integrity_check(h0)",
        ]
    )
