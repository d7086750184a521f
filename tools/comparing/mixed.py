"""Random statements about what stands between tables and queries: temporary objects that hide others, views and tables
made of queries (their names and types), databases that come and go, nested savepoints, settings that change between
statements, rows that RETURNING shows, sets and orders inside of aggregates.

1. The objects here have names of their own: `e0` (in main, w2 and temp), `ev`, `ec`, `et`, `w2`.
2. No index on `w2.e0`: where a table of temp hides the one that ALTER TABLE renames a column of, SQLite looks for the
   index's columns in that; this is not copied.
3. Values that compare equal but differ are rare in `e0`: which of them stands for a group is SQL's to leave open, and
   the comparison takes them as equal where a statement merges rows.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tools.comparing.statements import StatementGenerator

COLUMNS = ("p", "q", "r", "s")
TYPES = ("INT", "TEXT", "REAL", "", "NUMERIC", "BLOB", "TEXT COLLATE NOCASE", "VARCHAR(3)", "DECIMAL(5,2)")
# The forms that an expression may have as a column of a view: their names, types, affinities and collations differ.
SHOWN = (
    "{0}", "({0})", "e0.{0}", "{0} COLLATE nocase", "{0} COLLATE binary COLLATE rtrim", "likely({0})", "+{0}",
    "CAST({0} AS INT)", "CAST({0} AS REAL)", "CAST({0} AS TEXT)", "CAST({0} AS NUMERIC)", "{0} AS {1}", "{0} || {1}",
    "{0} + {1}", "(SELECT {0})", "coalesce({0}, {1})", "max({0}, {1})", "NULL", "1.5", "'x' AS \"{0} x\"",
    "{0} IS NULL",
    "iif({0} > {1}, {0}, {1})", "CASE WHEN {0} THEN {1} ELSE {0} END", "unlikely({0}) AS {1}", "x'61'", "-{0}", "rowid",
)  # fmt: skip
ORDERED = (
    "group_concat({0} ORDER BY {1}, rowid)", "group_concat(DISTINCT {0} ORDER BY {0})", "count(DISTINCT {0})",
    "json_group_array({0} ORDER BY rowid DESC)", "sum(DISTINCT {0})", "string_agg({0}, '-' ORDER BY {1} DESC, rowid)",
    "count({0} ORDER BY {1})", "max({0})", "min({1})", "total({0}) FILTER (WHERE {1} > 0)", "count(*)",
    "json_group_object({2}, {1})", "median(CAST({0} AS REAL))", "group_concat({1}, rowid)",
)  # fmt: skip
SETTINGS = (
    "case_sensitive_like = 1", "case_sensitive_like = 0", "foreign_keys = ON", "foreign_keys = OFF",
    "recursive_triggers = ON", "recursive_triggers = OFF", "automatic_index = 0", "automatic_index = 1",
    "ignore_check_constraints = 1", "ignore_check_constraints = 0", "user_version = {0}", "cache_size = {0}",
    "user_version", "application_id = {0}", "application_id",
    "short_column_names = 1",
    "defer_foreign_keys = 1",
    "foreign_key_check(e0)", "w2.table_xinfo(e0)", "temp.table_info(e0)", "table_info(ev)", "table_xinfo(ec)",
    "index_list(e0)", "integrity_check(e0)", "quick_check", "table_list(e0)", "secure_delete = {0}",
    "analysis_limit = 5",
    "legacy_alter_table = 0", "nosuch = 1", "trusted_schema = 1", "incremental_vacuum",
)  # fmt: skip
DEFAULTS = (
    "", "", " DEFAULT 'd'", " DEFAULT (1 + 2)", " DEFAULT (coalesce(NULL, 'c'))", " DEFAULT (abs(-3) || 'x')",
    " DEFAULT (length(CURRENT_TIMESTAMP))", " DEFAULT (typeof(CURRENT_DATE) || length(CURRENT_TIME))",
)  # fmt: skip


def setup(generator: StatementGenerator) -> list[str]:
    """What the statements here need; to run at the beginning."""
    return [_table(generator, "e0"), "ATTACH ':memory:' AS w2", _table(generator, "w2.e0")]


def _table(generator: StatementGenerator, name: str) -> str:
    rng = generator.rng
    columns = []
    for column in COLUMNS:
        extra = rng.choice(["", "", "", " UNIQUE", f" CHECK ({column} IS NOT 'never')", " NOT NULL DEFAULT 0"])
        columns.append(f"{column} {rng.choice(TYPES)}{extra}{'' if 'DEFAULT' in extra else rng.choice(DEFAULTS)}")
    temporary = "TEMP " if name.startswith("temp.") else ""
    return f"CREATE {temporary}TABLE {name.removeprefix('temp.')}({', '.join(columns)})"


def _place(generator: StatementGenerator) -> str:
    return generator.rng.choice(["e0", "e0", "e0", "main.e0", "w2.e0", "temp.e0"])


def _pair(generator: StatementGenerator) -> tuple[str, str]:
    one, other = generator.rng.sample(COLUMNS, 2)
    return one, other


def _made_of_query(generator: StatementGenerator) -> str:
    """A view or table made of a query, or a look at one."""
    rng = generator.rng
    kind = rng.random()
    if kind < 0.35:
        width = rng.randint(1, 5)
        shown = ", ".join(rng.choice(SHOWN).format(*_pair(generator)) for _ in range(width))
        query = f"SELECT {shown} FROM e0"
        if rng.random() < 0.2:
            others = ", ".join(rng.choice(SHOWN).format(*_pair(generator)) for _ in range(width))
            query += f" UNION ALL SELECT {others} FROM e0"
        head = rng.choice(["VIEW IF NOT EXISTS ev", "TABLE IF NOT EXISTS ec", "TEMP VIEW IF NOT EXISTS et"])
        return f"CREATE {head} AS {query}"
    if kind < 0.5:
        return rng.choice(["DROP VIEW IF EXISTS ev", "DROP TABLE IF EXISTS ec", "DROP VIEW IF EXISTS et"])
    name = rng.choice(["ev", "ec", "et"])
    if kind < 0.6:
        return f"SELECT sql FROM sqlite_schema WHERE name = '{name}'"
    if kind < 0.7:
        return f"SELECT name, type FROM pragma_table_info('{name}')"
    one, other = _pair(generator)
    if kind < 0.85:
        return f"SELECT *, {one} = {generator.literal()} FROM {name} WHERE {other} >= {generator.literal()}"
    shown = ", ".join(rng.choice(SHOWN).format(*_pair(generator)) for _ in range(3))
    return f"SELECT * FROM (SELECT {shown} FROM e0) AS x WHERE {one} < {generator.literal()} OR {other} = '1'"


def _write(generator: StatementGenerator) -> str:
    rng = generator.rng
    place = _place(generator)
    one, other = _pair(generator)
    values = ", ".join(generator.literal() for _ in range(2))
    returning = rng.choice(
        ["", "", " RETURNING *", f" RETURNING {one}, e0.{other}, {one} || {other} AS z", " RETURNING rowid, *"]
    )
    conflict = rng.choice(["", "", " OR IGNORE", " OR REPLACE", " OR FAIL"])
    kind = rng.random()
    if kind < 0.35:
        return f"INSERT{conflict} INTO {place}({one}, {other}) VALUES ({values}), ({values}){returning}"
    if kind < 0.45:
        return f"INSERT{conflict} INTO {place}({one}) SELECT {other} FROM {_place(generator)} LIMIT 3{returning}"
    if kind < 0.55:
        action = rng.choice(["NOTHING", f"UPDATE SET {one} = excluded.{one}, {other} = e0.{other} || 'u'"])
        return f"INSERT INTO {place}({one}, {other}) VALUES ({values}) ON CONFLICT DO {action}{returning}"
    where = f" WHERE {one} {rng.choice(['=', '<', '>=', 'IS', 'LIKE'])} {generator.literal()}"
    if kind < 0.7:
        inner = f"(SELECT {other}, {one} FROM {_place(generator)} WHERE rowid = {rng.randint(1, 9)})"
        return f"UPDATE{conflict} {place} SET ({one}, {other}) = {inner}{where}"
    if kind < 0.85:
        return f"UPDATE{conflict} {place} SET {one} = {rng.choice([other, generator.literal()])}{where}"
    return f"DELETE FROM {place}{where}"


def _query(generator: StatementGenerator) -> str:
    rng = generator.rng
    one, other = _pair(generator)
    kind = rng.random()
    if kind < 0.45:
        scope = f"{one}, {other}"
        calls = ", ".join(rng.choice(ORDERED).format(one, other, f"quote({other})") for _ in range(2))
        no_blobs = f"typeof({one}) <> 'blob' AND typeof({other}) <> 'blob'"
        source = f"(SELECT rowid, {scope} FROM {_place(generator)} WHERE {no_blobs} ORDER BY rowid)"
        group = f" GROUP BY {one} COLLATE BINARY" if rng.random() < 0.3 else ""
        return f"SELECT {calls} FROM {source}{group}"
    if kind < 0.6:
        negated = rng.choice(["", "NOT "])
        inner = f"SELECT {rng.choice(['', 'likely', '+'])}({one}), {other} FROM {_place(generator)}"
        more = rng.choice(["", f" UNION ALL SELECT {generator.literal()}, {generator.literal()} COLLATE nocase"])
        return f"SELECT rowid FROM e0 WHERE ({one}, {other}) {negated}IN ({inner}{more}) ORDER BY rowid"
    if kind < 0.75:
        operator = rng.choice(["UNION", "UNION ALL", "EXCEPT", "INTERSECT"])
        collate = rng.choice(["", "", " COLLATE nocase", " COLLATE rtrim"])
        left = f"SELECT quote({one}){collate} AS a, typeof({other}) FROM {_place(generator)}"
        right = f"SELECT quote({other}), typeof({one}) FROM e0"
        return f"SELECT count(*), max(length(a)) FROM ({left} {operator} {right})"
    link = rng.choice([f"x.{one} = y.{other}", f"x.{one} IS y.{one}", f"likely(x.{one} = y.{other})"])
    join = rng.choice(["JOIN", "LEFT JOIN", "FULL JOIN"])
    return f"SELECT x.rowid, y.rowid FROM e0 AS x {join} {_place(generator)} AS y ON {link} ORDER BY 1, 2"


def _between(generator: StatementGenerator) -> str:
    """Schema changes, settings and transactions between the others."""
    rng = generator.rng
    kind = rng.random()
    if kind < 0.35:
        return f"PRAGMA {rng.choice(SETTINGS).format(rng.randint(0, 9))}"
    if kind < 0.55:
        name = rng.choice(["m1", "m2"])
        return rng.choice(
            ["BEGIN", "COMMIT", "ROLLBACK", f"SAVEPOINT {name}", f"RELEASE {name}", f"ROLLBACK TO {name}"]
        )
    one, other = _pair(generator)
    return rng.choice(
        [
            _table(generator, "temp.e0"),
            "DROP TABLE IF EXISTS temp.e0",
            _table(generator, "w2.e0"),
            "DROP TABLE IF EXISTS w2.e0",
            "DETACH w2",
            "ATTACH ':memory:' AS w2",
            f"CREATE INDEX IF NOT EXISTS main.ei ON e0({one} COLLATE nocase, {other}) WHERE {one} IS NOT NULL",
            "DROP INDEX IF EXISTS ei",
            f"CREATE TEMP TRIGGER IF NOT EXISTS eg AFTER INSERT ON main.e0 BEGIN UPDATE main.e0 SET {one} = new.{other}"
            " WHERE rowid = new.rowid; END",
            f"CREATE TRIGGER IF NOT EXISTS main.eh BEFORE UPDATE OF {one} ON e0 WHEN new.{one} = 7 BEGIN"
            f" SELECT RAISE({rng.choice(['IGNORE', 'ABORT, old.p', 'FAIL, 7', 'ROLLBACK, new.q'])}); END",
            "DROP TRIGGER IF EXISTS eg",
            "DROP TRIGGER IF EXISTS eh",
            f"ALTER TABLE main.e0 ADD COLUMN t {rng.choice(TYPES)} DEFAULT {rng.randint(0, 5)}",
            "ALTER TABLE main.e0 DROP COLUMN t",
            "ALTER TABLE w2.e0 RENAME COLUMN p TO p2",
            "ALTER TABLE w2.e0 RENAME COLUMN p2 TO p",
            f"EXPLAIN QUERY PLAN DELETE FROM nosuch WHERE {one}",
            "REINDEX e0",
            "VACUUM",
            "ANALYZE main.e0",
        ]
    )


def mixed_statement(generator: StatementGenerator) -> str:
    """Any statement of this module."""
    pick = generator.rng.random()
    if pick < 0.3:
        return _write(generator)
    if pick < 0.55:
        return _made_of_query(generator)
    return _query(generator) if pick < 0.8 else _between(generator)
