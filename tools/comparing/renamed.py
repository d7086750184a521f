"""Random ALTER TABLE over tables whose names and columns are written in every way that SQL has (bare, in double
quotes, brackets and backticks, keywords, with blanks), below views, triggers, indexes, checks and foreign keys that
name them in every kind of query: what is kept of their texts is compared byte by byte.

1. The names here begin with `r`: `ra`, `rb`, `rc` (tables), `rv0`.. (views), `rt0`.. (triggers), `ri0`.. (indexes).
2. No `excluded` in triggers: RENAME TO of SQLite writes the table's name in its place; that is not copied.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tools.comparing.statements import StatementGenerator

COLUMNS = ("one", "Two", "order", "a b", "fünf", "key")
BARE = ("one", "Two", "fünf", "key")
TABLES = ("ra", "rb")

VIEWS = (
    "SELECT {c}, {d} AS x FROM {t} WHERE {e} > 1 ORDER BY {c}",
    "SELECT a.{c}, b.{d} FROM {t} AS a JOIN {u} b ON a.{c} = b.{d}",
    "SELECT * FROM {t} JOIN {u} USING ({c})",
    "SELECT * FROM {t} NATURAL LEFT JOIN {u}",
    "WITH w({c}) AS (SELECT {d} FROM {t}) SELECT {c} FROM w UNION SELECT {d} FROM {u} ORDER BY 1",
    "WITH w AS (SELECT {c} AS z, {d} FROM {t}) SELECT z, {d} FROM w WHERE z IN (SELECT {c} FROM {u})",
    "SELECT {t}.{c}, (SELECT max({u}.{d}) FROM {u} WHERE {u}.{c} = {t}.{e}) FROM {t}",
    "SELECT {c}, row_number() OVER (PARTITION BY {d} ORDER BY {e}) FROM {t}",
    "SELECT sum({c}) OVER w FROM {t} WINDOW w AS (ORDER BY {d} ROWS 1 PRECEDING)",
    "SELECT {c} AS {d} FROM {t} GROUP BY {d} HAVING max({e}) > 1 ORDER BY {d}",
    "SELECT main.{t}.{c} FROM main.{t}",
    "SELECT x.{c} FROM (SELECT {c}, {d} FROM {t}) AS x WHERE x.{d} IS NOT NULL",
    "SELECT 1 FROM {t} WHERE ({c}, {d}) IN (SELECT {e}, {c} FROM {u})",
    "SELECT CASE {c} WHEN {d} THEN 'ra' ELSE \"nosuch\" END FROM {t}",
    "SELECT count(*) FILTER (WHERE {c}), group_concat({d} ORDER BY {e}) FROM {t}",
    "SELECT {c} COLLATE nocase, CAST({d} AS TEXT), {e} NOT NULL, -{c} FROM {t} -- {c}\n",
    "SELECT e.value FROM {t}, json_each({t}.{c}) AS e /* {d} */ LIMIT 3",
    "SELECT {t}.* FROM {t}, {u} WHERE EXISTS (SELECT 1 FROM {u} AS {t} WHERE {t}.{c})",
    "SELECT {c}, {d} FROM {t} EXCEPT SELECT {d}, {e} FROM {u} ORDER BY {c}",
    "SELECT rv0.* FROM rv0, {t}",
    "VALUES (1, (SELECT {c} FROM {t}))",
)
STEPS = (
    "UPDATE {u} SET {c} = new.{d}, {e} = {c} WHERE {d} = old.{c}",
    "UPDATE {u} SET ({c}, {d}) = (SELECT {e}, {c} FROM {t}) WHERE {e} = new.{c}",
    "INSERT INTO {u}({c}, {d}) SELECT new.{c}, {d} FROM {t} WHERE {e} = 1",
    "INSERT INTO {u}({c}) VALUES (new.{d}), (old.{e})",
    "DELETE FROM {u} WHERE {c} IN (SELECT new.{d} FROM {t} AS q WHERE q.{e} = {u}.{d})",
    "SELECT RAISE(ABORT, 'x') WHERE new.{c} > 5",
    "UPDATE {u} SET {c} = x.{d} FROM {t} AS x WHERE x.{e} = {u}.{c}",
    "INSERT INTO {u}({c}) VALUES (1) ON CONFLICT({c}) DO UPDATE SET {d} = {e} + 1",
    "SELECT {c}, count(*) OVER (ORDER BY {d}) FROM {t}",
)
LAST = (
    "",
    ", FOREIGN KEY ({c}) REFERENCES {u}({d})",
    ", CHECK ({c} <> {d})",
    ', CONSTRAINT "the rule" CHECK (length({c}) < 9)',
    ", UNIQUE ({c}, {d})",
    ", {n} AS ({c} || {d}) STORED",
    ", {n} GENERATED ALWAYS AS (coalesce({c}, {d}))",
)
# What is written behind a column's name.
DEFINED = (
    "", " INT", " TEXT DEFAULT 'x'", " REFERENCES {u}({c})", " CHECK ({name} > 0)", " NOT NULL DEFAULT 1",
    " COLLATE nocase", " /* {c} */", " varchar(10) NULL",
)  # fmt: skip


def setup(generator: StatementGenerator) -> list[str]:
    """What the statements here need; to run at the beginning."""
    return [_table(generator, "ra"), _table(generator, "rb"), _view(generator, 0), _trigger(generator, 0)]


def spelled(generator: StatementGenerator, name: str) -> str:
    """A name in one of the ways in which it may be written."""
    rng = generator.rng
    if name in BARE + TABLES and rng.random() < 0.6:
        return rng.choice([name, name, name.upper() if name.isascii() else name])
    return rng.choice([f'"{name}"', f"[{name}]", f"`{name}`", f'"{name}"'])


def _filled(generator: StatementGenerator, text: str, **more: str) -> str:
    one, two, three, four = generator.rng.sample(COLUMNS, 4)
    tables = generator.rng.sample(TABLES, 2)
    names = {"c": one, "d": two, "e": three, "n": four, "t": tables[0], "u": tables[1]}
    return text.format(**{key: spelled(generator, name) for key, name in names.items()} | more)


def _table(generator: StatementGenerator, name: str) -> str:
    rng = generator.rng
    columns = rng.sample(COLUMNS, rng.randint(3, 5))
    parts = []
    for column in columns:
        written = spelled(generator, column)
        parts.append(written + _filled(generator, rng.choice(DEFINED), name=written))
    if rng.random() < 0.3:
        parts[0] = spelled(generator, columns[0]) + rng.choice([" INTEGER PRIMARY KEY", " PRIMARY KEY", " UNIQUE"])
    last = _filled(generator, rng.choice(LAST)) if rng.random() < 0.6 else ""
    space = rng.choice(["", " ", "\n  "])
    return f"CREATE TABLE IF NOT EXISTS {spelled(generator, name)}({space}{(',' + space).join(parts)}{last})"


def _view(generator: StatementGenerator, number: int) -> str:
    rng = generator.rng
    # One of temp has its own name: PRAGMA table_list counts the columns of the one that a query would find.
    head = rng.choice(["VIEW IF NOT EXISTS rv", "VIEW IF NOT EXISTS rv", "TEMP VIEW IF NOT EXISTS rw"])
    return f"CREATE {head}{number} AS {_filled(generator, rng.choice(VIEWS))}"


def _trigger(generator: StatementGenerator, number: int) -> str:
    rng = generator.rng
    event = rng.choice(["INSERT", "UPDATE", "DELETE", _filled(generator, "UPDATE OF {c}, {d}")])
    row = "old" if event == "DELETE" else "new"
    when = _filled(generator, f" WHEN {row}.{{c}} > {row}.{{d}}") if rng.random() < 0.3 else ""
    steps = "; ".join(_filled(generator, rng.choice(STEPS)) for _ in range(rng.choice([1, 1, 2])))
    if event == "INSERT":
        steps = steps.replace("old.", "new.")
    elif event == "DELETE":
        steps = steps.replace("new.", "old.")
    time = rng.choice(["BEFORE", "AFTER", ""])
    table = spelled(generator, rng.choice(TABLES))
    kind = rng.choice(["", "", "", "TEMP "])
    return f"CREATE {kind}TRIGGER IF NOT EXISTS rt{number} {time} {event} ON {table}{when} BEGIN {steps}; END"


def _alter(generator: StatementGenerator) -> str:
    rng = generator.rng
    table = spelled(generator, rng.choice([*TABLES, *TABLES, "rc"]))
    one, other = (spelled(generator, name) for name in rng.sample(COLUMNS, 2))
    new = rng.choice([other, other, '"new ""one"""', "[group]", "'quoted'"])
    added = _filled(generator, rng.choice(DEFINED), name=one)
    change = rng.choice(
        [
            f"RENAME COLUMN {one} TO {new}",
            f"RENAME {one} TO {new}",
            f"RENAME COLUMN {one} TO {new}",
            f'RENAME COLUMN "new ""one""" TO {one}',
            f"RENAME COLUMN [group] TO {one}",
            f"RENAME TO {spelled(generator, rng.choice([*TABLES, 'rc']))}",
            f"RENAME TO {rng.choice(['ra', 'rb', 'rc'])}",
            f"ADD COLUMN {one}{added}",
            f"ADD {one}{added}",
            f"DROP COLUMN {one}",
            f"DROP {one}",
            f"ALTER COLUMN {one} SET NOT NULL",
            f"ALTER {one} DROP NOT NULL",
            'DROP CONSTRAINT "the rule"',
            f'ADD CONSTRAINT "the rule" CHECK ({one} IS NOT {other})',
            f"ADD CHECK ({one} IS NOT {other})",
        ]
    )
    return f"ALTER TABLE {rng.choice(['', '', 'main.', 'temp.'])}{table} {change}"


def statement(generator: StatementGenerator) -> str:
    """Any statement of this module."""
    rng = generator.rng
    kind = rng.random()
    if kind < 0.4:
        return _alter(generator)
    number = rng.randint(0, 2)
    if kind < 0.5:
        return _view(generator, number)
    if kind < 0.58:
        return _trigger(generator, number)
    if kind < 0.62:
        where = _filled(generator, rng.choice(["", "", " WHERE {c} > 1", " WHERE {d} IS NOT NULL"]))
        terms = _filled(
            generator, rng.choice(["{c}", "{c}, {d} DESC", "lower({c})", "{c} || {d}", "{c} COLLATE nocase"])
        )
        table = spelled(generator, rng.choice(TABLES))
        return f"CREATE INDEX IF NOT EXISTS ri{number} ON {table}({terms}){where}"
    if kind < 0.66:
        return _table(generator, rng.choice(TABLES))
    if kind < 0.8:
        return rng.choice(
            [
                f"DROP VIEW IF EXISTS {rng.choice(['rv', 'rv', 'rw'])}{number}",
                f"DROP TRIGGER IF EXISTS rt{number}",
                f"DROP INDEX IF EXISTS ri{number}",
                f"DROP TABLE IF EXISTS {rng.choice(['ra', 'rb', 'rc', 'rc'])}",
            ]
        )
    if kind < 0.88:
        values = ", ".join(generator.literal() for _ in range(2))
        return _filled(generator, "INSERT INTO {t}({c}, {d}) VALUES (") + values + ")"
    return rng.choice(
        [
            "SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE name LIKE 'r%' ORDER BY 1, 2",
            "SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE name LIKE 'r%' ORDER BY 1, 2",
            "SELECT type, name, tbl_name, sql FROM sqlite_temp_schema WHERE name LIKE 'r%' ORDER BY 1, 2",
            f"SELECT * FROM rv{number} LIMIT 0",
            f"SELECT count(*) FROM rv{number}",
            f"SELECT count(*) FROM {rng.choice(TABLES)}",
            f"PRAGMA table_xinfo({rng.choice(TABLES)})",
            f"PRAGMA foreign_key_list({rng.choice(TABLES)})",
        ]
    )
