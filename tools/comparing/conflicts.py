"""Random statements about constraints that say themselves what happens when they are hurt: NOT NULL, UNIQUE, PRIMARY
KEY and CHECK with ON CONFLICT of each kind, several of them in one row, under statements with a policy of their
own, upserts of several clauses, triggers that note what REPLACE takes away, and AUTOINCREMENT with its sequence
written by hand.

The tables here have names of their own (`y0`, `y1`, `yn`). Statements may fail, if both sides fail alike.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tools.comparing.statements import StatementGenerator

POLICIES = ("", "", " ON CONFLICT ABORT", " ON CONFLICT FAIL", " ON CONFLICT IGNORE", " ON CONFLICT REPLACE")
ROLLING = (*POLICIES, " ON CONFLICT ROLLBACK")
VERBS = ("", "", "", " OR ABORT", " OR FAIL", " OR IGNORE", " OR REPLACE", " OR ROLLBACK")
NAMES = ("a", "b", "c", "d")
TYPES = ("", "INT", "TEXT", "REAL", "NUMERIC", "TEXT COLLATE NOCASE", "BLOB")
STRICT = ("INT", "TEXT", "REAL", "ANY")


def _column(generator: StatementGenerator, name: str, types: tuple[str, ...]) -> str:
    rng = generator.rng
    text = f"{name} {rng.choice(types)}"
    if rng.random() < 0.4:
        text += f" NOT NULL{rng.choice(ROLLING)}" + rng.choice(["", f" DEFAULT {rng.randint(0, 3)}", " DEFAULT NULL"])
    if rng.random() < 0.4:
        text += f" UNIQUE{rng.choice(ROLLING)}"
    if rng.random() < 0.25:
        text += f" CHECK ({name} {rng.choice(['<> 5', 'IS NOT 3', '< 9 OR ' + name + ' IS NULL'])})"
        text += rng.choice(["", "", " ON CONFLICT IGNORE", " ON CONFLICT ROLLBACK"])
    return text


def _table(generator: StatementGenerator, name: str) -> str:
    rng = generator.rng
    is_strict = rng.random() < 0.15
    types = STRICT if is_strict else TYPES
    parts = [_column(generator, column, types) for column in NAMES]
    options = ["STRICT"] if is_strict else []
    kind = rng.random()
    if kind < 0.3:
        parts[0] = f"a INTEGER PRIMARY KEY{rng.choice(ROLLING)}{rng.choice(['', ' AUTOINCREMENT'])}"
    elif kind < 0.6:
        key = rng.choice(["a", "a, b", "b DESC, a", "c COLLATE NOCASE"])
        parts.append(f"PRIMARY KEY ({key}){rng.choice(ROLLING)}")
        if rng.random() < 0.6:
            options.append("WITHOUT ROWID")
    if rng.random() < 0.4:
        parts.append(f"CONSTRAINT pair UNIQUE ({rng.choice(['b, c', 'c, d', 'd, a'])}){rng.choice(ROLLING)}")
    if rng.random() < 0.2:
        parts.append(f"CHECK (a IS NOT b){rng.choice(['', ' ON CONFLICT FAIL'])}")
    return f"CREATE TABLE {name}({', '.join(parts)}) {', '.join(options)}".rstrip()


def setup(generator: StatementGenerator) -> list[str]:
    """What the statements here need; to run at the beginning."""
    rng = generator.rng
    found = [_table(generator, "y0"), _table(generator, "y1"), "CREATE TABLE yn(n INTEGER PRIMARY KEY, note)"]
    for number in range(rng.choice([0, 1, 2])):
        terms = rng.choice(["d", "c, d", "lower(c)", "b DESC", "a + b"])
        where = rng.choice(["", "", " WHERE a > 2", " WHERE d IS NOT NULL"])
        found.append(f"CREATE UNIQUE INDEX IF NOT EXISTS y0u{number} ON y0({terms}){where}")
    seen = "quote({0}.a) || quote({0}.b) || quote({0}.c) || quote({0}.d)"
    for number, event in enumerate(rng.sample(["INSERT", "DELETE", "UPDATE"], rng.randint(0, 3))):
        row = "old" if event == "DELETE" else "new"
        when = rng.choice(["", f" WHEN {row}.a > 3"])
        body = f"INSERT INTO yn(note) VALUES ('{event}' || {seen.format(row)})"
        if rng.random() < 0.25:
            body += f"; INSERT{rng.choice(VERBS)} INTO y1(a, b) VALUES ({row}.a, {row}.b)"
        time = rng.choice(["BEFORE", "AFTER"])
        found.append(f"CREATE TRIGGER yt{number} {time} {event} ON y0{when} BEGIN {body}; END")
    return found


def _value(generator: StatementGenerator) -> str:
    rng = generator.rng
    return str(rng.randint(0, 7)) if rng.random() < 0.7 else rng.choice(["NULL", "NULL", "'a'", "'A'", "2.5", "'3'"])


def _row(generator: StatementGenerator, count: int = 4) -> str:
    return f"({', '.join(_value(generator) for _ in range(count))})"


def _upsert(generator: StatementGenerator) -> str:
    """One to three clauses of ON CONFLICT."""
    rng = generator.rng
    clauses = ""
    targets = ["(a)", "(b)", "(c)", "(d)", "(b, c)", "(c, d)", "(a, d)", "(a, b)", "(d) WHERE d IS NOT NULL"]
    chosen = rng.sample(targets, rng.randint(0, 2)) + ([""] if rng.random() < 0.6 else [])
    for target in chosen:
        if rng.random() < 0.35:
            clauses += f" ON CONFLICT{target} DO NOTHING"
            continue
        column = rng.choice(NAMES)
        value = rng.choice([f"excluded.{column}", "a + 1", _value(generator), "coalesce(excluded.d, y0.b)"])
        # Not the value itself: of a conflict on the rowid SQLite has not yet applied its column's affinity.
        where = rng.choice(["", "", f" WHERE (excluded.b IS NULL) IS NOT {_value(generator)}"])
        clauses += f" ON CONFLICT{target} DO UPDATE SET {column} = {value}{where}"
    return clauses


def _write(generator: StatementGenerator) -> str:
    rng = generator.rng
    verb = rng.choice(VERBS)
    table = rng.choice(["y0", "y0", "y0", "y1"])
    returning = rng.choice(["", "", "", " RETURNING *", " RETURNING a, b || c AS bc, (SELECT count(*) FROM yn)"])
    kind = rng.random()
    if kind < 0.4:
        rows = ", ".join(_row(generator) for _ in range(rng.choice([1, 1, 2, 3, 5])))
        upsert = _upsert(generator).replace("y0.", f"{table}.") if rng.random() < 0.4 else ""
        return f"INSERT{verb} INTO {table} VALUES {rows}{upsert}{returning}"
    if kind < 0.5:
        columns = rng.sample(NAMES, rng.randint(1, 3))
        rows = ", ".join(_row(generator, len(columns)) for _ in range(rng.choice([1, 2])))
        return f"INSERT{verb} INTO {table}({', '.join(columns)}) VALUES {rows}{returning}"
    if kind < 0.56:
        shown = ", ".join(rng.choice(["a", "b", "c", "d", "a + 1", "NULL", "count(*) OVER ()"]) for _ in NAMES)
        upsert = _upsert(generator).replace("y0.", f"{table}.")
        return f"INSERT{verb} INTO {table} SELECT {shown} FROM y1 WHERE true ORDER BY a, b, c, d{upsert}"
    if kind < 0.62:
        return f"REPLACE INTO {table} VALUES {_row(generator)}{returning}"
    if kind < 0.85:
        column, other = rng.sample(NAMES, 2)
        change = rng.choice(
            [
                f"{column} = {_value(generator)}",
                f"{column} = {column} + 1",
                f"{column} = {other}, {other} = {column}",
                f"({column}, {other}) = ({_value(generator)}, {_value(generator)})",
                f"{column} = -{column}",
            ]
        )
        where = rng.choice(["", f" WHERE {other} {rng.choice(['=', '>', 'IS', '<='])} {_value(generator)}"])
        return f"UPDATE{verb} {table} SET {change}{where}{returning}"
    return (
        f"DELETE FROM {table} WHERE {rng.choice(NAMES)} {rng.choice(['=', '>', 'IS'])} {_value(generator)}{returning}"
    )


def statement(generator: StatementGenerator) -> str:
    """Any statement of this module."""
    rng = generator.rng
    if rng.random() < 0.72:
        return _write(generator)
    return rng.choice(
        [
            "SELECT * FROM y0 ORDER BY a, b, c, d",
            "SELECT * FROM y1 ORDER BY a, b, c, d",
            "SELECT note FROM yn ORDER BY n",
            "DELETE FROM yn",
            "BEGIN",
            "COMMIT",
            "SAVEPOINT y",
            "ROLLBACK TO y",
            "RELEASE y",
            "SELECT name, seq FROM sqlite_sequence ORDER BY name, seq",
            f"UPDATE sqlite_sequence SET seq = {rng.choice(['7', '0', '-1', 'NULL', chr(39) + 'x' + chr(39), '3.5'])}"
            f" WHERE name = {rng.choice([chr(39) + 'y0' + chr(39), chr(39) + 'y1' + chr(39)])}",
            "DELETE FROM sqlite_sequence WHERE name IN ('y0', 'y1')",
            f"INSERT INTO sqlite_sequence(name, seq) VALUES ('y{rng.randint(0, 1)}', {rng.randint(-2, 30)})",
            "SELECT changes() >= 0",
            f"UPDATE y0 SET a = 1 ORDER BY a LIMIT {rng.randint(0, 2)}",
            "PRAGMA integrity_check(y0)",
        ]
    )
