"""Random statements beside those over the run's own tables: dates and formats, a STRICT table, a table that ALTER
changes, views with INSTEAD OF triggers, upserts with several clauses, an attached database.

The tables here have names of their own (`a0`, `s0`, `v0`, `w.m`). Statements may fail, if both sides fail alike.
Everything queried has an order. No call asks for the time of day.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tools.comparing.statements import StatementGenerator

TIMES = (
    "'2024-02-29'", "'2023-12-31 23:59:59.999'", "'12:34'", "'-0001-01-01'", "'9999-12-31T00:00Z'", "2460000.5", "0",
    "1700000000", "'2024-03-10 01:02:03+05:30'", "-1", "'2024-02-30'", "5373484.5", "''", "NULL", "'2024-1-1'", "1e10",
)  # fmt: skip
MODIFIERS = (
    "'+1 day'", "'-1 month'", "'+13 months'", "'-1.5 years'", "'start of month'", "'start of year'", "'start of day'",
    "'weekday 0'", "'weekday 6'", "'unixepoch'", "'julianday'", "'auto'", "'subsec'", "'ceiling'", "'floor'",
    "'+90 minutes'",
    "'+12:30'", "'-0003-02-01'", "'+0001-00-00 10:00'", "'utc'", "'1e3 seconds'", "'nonsense'", "NULL", "'+ 1 day'",
    "''",
)  # fmt: skip
FORMATS = (
    "%d", "%Y-%m-%d %H:%M:%f", "%j %J", "%s", "%w %u", "%W %U", "%G-W%V", "%e|%k|%l", "%I %p %P", "%R %T %F", "%%",
    "%x",
    "%g",
)  # fmt: skip
PRINTED = (
    "%d", "%5d|", "%-5d|", "%05d", "%+d", "%,d", "%x", "%X", "%#x", "%o", "%e", "%.3e", "%g", "%.3g", "%f", "%.0f",
    "%10.2f|",
    "%s", "%10s|", "%-10s|", "%.2s", "%q", "%Q", "%w", "%c", "%z", "%!.15g", "%#g", "%i %s", "%*d", "%.*f", "%%",
    "%lld",
    "%u",
)  # fmt: skip
NAMES = ("x0", "x1", "x2", "x3", "x4", "x5")
STRICT_TYPES = ("INT", "INTEGER", "REAL", "TEXT", "BLOB", "ANY")


def setup(generator: StatementGenerator) -> list[str]:
    """What the statements here need; to run at the beginning."""
    rng = generator.rng
    strict = ", ".join(f"{name} {rng.choice(STRICT_TYPES)}" for name in NAMES[:4])
    base = rng.choice(generator.tables)
    columns = ", ".join(base.columns)
    # The order in which rows of the view are met is the plan's: it must not show.
    change = "; ".join(
        [
            f"INSERT OR IGNORE INTO a0(x0) VALUES (length(quote({{0}}.{base.columns[0]})))",
            f"UPDATE a0 SET x2 = x2 + length(quote({{0}}.{base.columns[-1]})) WHERE x0 = -77",
        ]
    )
    third = rng.choice(["", "INT", "REAL"])
    return [
        f"CREATE TABLE a0({NAMES[0]} INTEGER PRIMARY KEY, {NAMES[1]} TEXT, {NAMES[2]} {third} DEFAULT 3)",
        f"CREATE TABLE s0({strict}, UNIQUE({NAMES[1]}), UNIQUE({NAMES[2]})) STRICT",
        f"CREATE VIEW v0 AS SELECT {columns} FROM {base.name} WHERE {base.columns[0]} > {rng.randint(-3, 5)}",
        f"CREATE TRIGGER vi INSTEAD OF INSERT ON v0 BEGIN {change.format('NEW')}; END",
        f"CREATE TRIGGER vu INSTEAD OF UPDATE ON v0 BEGIN {change.format('NEW')}; END",
        f"CREATE TRIGGER vd INSTEAD OF DELETE ON v0 BEGIN {change.format('OLD')}; END",
        "INSERT INTO a0 VALUES (-77, 'counter', 0)",
        "ATTACH ':memory:' AS w",
        f"CREATE TABLE w.m({NAMES[0]} PRIMARY KEY, {NAMES[1]}, {NAMES[2]} REAL)",
    ]


def date_expression(generator: StatementGenerator, scope: list[str]) -> str:
    """A call of a date function, or of format()."""
    rng = generator.rng
    if rng.random() < 0.35:
        values = [generator.expression(scope, 0) for _ in range(2)]
        return f"{rng.choice(['format', 'printf'])}('{rng.choice(PRINTED)}{rng.choice(PRINTED)}', {', '.join(values)})"
    time = rng.choice(TIMES) if rng.random() < 0.7 else generator.expression(scope, 0)
    tail = "".join(f", {rng.choice(MODIFIERS)}" for _ in range(rng.choice([0, 0, 1, 1, 2])))
    name = rng.choice(["date", "time", "datetime", "julianday", "unixepoch", "strftime", "timediff"])
    if name == "strftime":
        return f"strftime('{rng.choice(FORMATS)} {rng.choice(FORMATS)}', {time}{tail})"
    if name == "timediff":
        return f"timediff({time}, {rng.choice(TIMES)})"
    return f"{name}({time}{tail})"


def _values(generator: StatementGenerator, count: int) -> str:
    return ", ".join(generator.literal() for _ in range(count))


def _alter(generator: StatementGenerator) -> str:
    rng = generator.rng
    one, other = rng.choice(NAMES), rng.choice(NAMES)
    added = rng.choice(
        [
            "",
            " INT",
            " TEXT NOT NULL DEFAULT 'n'",
            " DEFAULT 1.5",
            " NOT NULL",
            " UNIQUE",
            " CHECK(1)",
            " AS (x0)",
        ]
    )
    return rng.choice(
        [
            f"ALTER TABLE a0 ADD COLUMN {one}{added}",
            f"ALTER TABLE a0 RENAME COLUMN {one} TO {other}",
            f"ALTER TABLE a0 DROP COLUMN {one}",
            f"CREATE INDEX ia_{one} ON a0({one}, {other})",
            f"DROP INDEX IF EXISTS ia_{one}",
            "SELECT type, name, sql FROM sqlite_schema WHERE tbl_name IN ('a0', 'v0') ORDER BY name",
        ]
    )


def _upsert(generator: StatementGenerator) -> str:
    rng = generator.rng
    clauses = ""
    for target in rng.sample(["(x1)", "(x2)", "(x1)", ""], rng.randint(1, 3)):
        action = rng.choice(
            ["NOTHING", f"UPDATE SET x0 = excluded.x0, x3 = {rng.choice(['x3', 'excluded.x3', 'NULL'])}"]
        )
        clauses += f" ON CONFLICT{target} DO {action}" + (
            f" WHERE x0 <> {generator.literal()}" if "SET" in action else ""
        )
    returning = rng.choice(["", "", " RETURNING *", " RETURNING x0, (SELECT count(*) FROM s0)"])
    # One row: SQLite keeps the rows before one whose type a STRICT table refuses, if nothing else may abort.
    conflict = rng.choice(["", "", " OR IGNORE", " OR REPLACE"])
    return f"INSERT{conflict} INTO s0 VALUES ({_values(generator, 4)}){clauses}{returning}"


def wider_statement(generator: StatementGenerator) -> str:
    """Any statement of this module."""
    rng = generator.rng
    pick = rng.random()
    base = generator.tables[0].columns
    if pick < 0.35:
        calls = ", ".join(date_expression(generator, ["x0", "x1"]) for _ in range(3))
        return f"SELECT {calls} FROM a0 ORDER BY x0"
    if pick < 0.5:
        return _alter(generator)
    if pick < 0.65:
        return _upsert(generator)
    if pick < 0.72:
        return f"INSERT INTO a0(x0, {rng.choice(NAMES[1:])}) VALUES ({_values(generator, 2)})"
    if pick < 0.76:
        return (
            f"UPDATE v0 SET {rng.choice(base)} = {generator.literal()} WHERE {rng.choice(base)} < {generator.literal()}"
        )
    if pick < 0.8:
        return f"DELETE FROM v0 WHERE {rng.choice(base)} > {generator.literal()}"
    if pick < 0.84:
        return f"INSERT INTO v0({base[0]}) VALUES ({generator.literal()}) RETURNING *"
    if pick < 0.88:
        source = f"FROM a0 WHERE x0 > {generator.literal()} ORDER BY x0 LIMIT 5"
        return f"INSERT OR REPLACE INTO w.m SELECT x0, x1, 0.25 {source}"
    if pick < 0.92:
        return f"UPDATE w.m SET x1 = (SELECT max(x1) FROM s0), x2 = x2 + 1 WHERE x0 > {generator.literal()} RETURNING *"
    return rng.choice(
        [
            "SELECT a.*, m.x1 FROM a0 AS a LEFT JOIN w.m AS m ON m.x0 = a.x0 ORDER BY a.x0",
            "SELECT * FROM s0 ORDER BY x1, x2, x0, x3",
            "DELETE FROM s0 WHERE x0 IN (SELECT x0 FROM a0)",
            f"SELECT x1, group_concat(x0 ORDER BY x0 DESC) FROM a0 GROUP BY x1 HAVING count(*) > {rng.randint(0, 2)}"
            " ORDER BY 1",
            "SELECT * FROM a0 WHERE (x0, x1) > (SELECT x0, x1 FROM w.m ORDER BY x0 LIMIT 1) ORDER BY x0",
            "PRAGMA foreign_key_check",
            "PRAGMA w.table_info(m)",
        ]
    )
