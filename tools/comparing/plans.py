"""Random schemas and queries that a planner has choices for: one function a kind of query.

Tables are t0, t1, ..., columns a, b, c, ...; conditions are mostly equalities and ranges, as in ordinary queries.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    import random
    from collections.abc import Callable

TYPES = ("INTEGER", "INT", "TEXT", "REAL", "", "VARCHAR(20)")
LETTERS = "abcdef"
CONSTANTS = ("5", "1", "'x'", "10", "0", "2.5")


class PlanTable:
    """A table: its name, columns, and whether it has an INTEGER PRIMARY KEY (then that is its first column)."""

    def __init__(self, rng: random.Random, number: int, is_wide: bool = False) -> None:
        self.name = f"t{number}"
        self.columns = list(LETTERS[: rng.randint(2, 6)])
        self.has_key = rng.random() < 0.5
        self.types = [rng.choice(TYPES) for _ in self.columns]
        self.indexes: list[tuple[str, list[str], bool]] = []
        # Whether its indexes may be of expressions and collations, and it may be WITHOUT ROWID.
        self.is_wide = is_wide

    def create(self, rng: random.Random) -> list[str]:
        """The CREATE statements."""
        parts = []
        for number, (name, declared) in enumerate(zip(self.columns, self.types, strict=True)):
            text = f"{name} {declared}".rstrip()
            if number == 0 and self.has_key:
                text = f"{name} INTEGER PRIMARY KEY"
            elif rng.random() < 0.2:
                text += " NOT NULL"
            if number and rng.random() < 0.08:
                text += " UNIQUE"
                self.indexes.append((f"sqlite_autoindex_{self.name}_{len(self.indexes) + 1}", [name], True))
            parts.append(text)
        tail = ""
        if self.is_wide and not self.has_key and rng.random() < 0.3:
            parts.append(f"PRIMARY KEY ({', '.join(rng.sample(self.columns, rng.randint(1, 2)))})")
            tail = " WITHOUT ROWID"
        found = [f"CREATE TABLE {self.name}({', '.join(parts)}){tail}"]
        for number in range(rng.choice([0, 1, 1, 2, 3])):
            columns = rng.sample(self.columns, rng.randint(1, min(3, len(self.columns))))
            keys = [column + rng.choice(["", "", "", " DESC"]) for column in columns]
            if self.is_wide and rng.random() < 0.2:
                keys[-1] = rng.choice([f"{columns[-1]} COLLATE NOCASE", f"{columns[-1]} + 1", f"abs({columns[-1]})"])
            unique = rng.choice(["", "", "", "UNIQUE "])
            where = f" WHERE {rng.choice(self.columns)} IS NOT NULL" if rng.random() < 0.08 else ""
            name = f"i{self.name}_{number}"
            found.append(f"CREATE {unique}INDEX {name} ON {self.name}({', '.join(keys)}){where}")
            self.indexes.append((name, columns, bool(unique)))
        return found

    def statistics(self, rng: random.Random) -> list[tuple[str, str | None, str]]:
        """Rows of sqlite_stat1."""
        rows = rng.choice([3, 40, 500, 10000, 2000000])
        found: list[tuple[str, str | None, str]] = []
        for name, columns, is_unique in self.indexes:
            counts = [rows]
            for _ in columns:
                counts.append(max(1, counts[-1] // rng.choice([2, 10, 50, 1000])))
            if is_unique:
                counts[-1] = 1
            found.append((self.name, name, " ".join(map(str, counts))))
        return found or [(self.name, None, str(rows))]


def random_schema(rng: random.Random, is_wide: bool = False) -> tuple[list[PlanTable], list[str]]:
    """Tables and the statements that make them, with statistics for half of the schemas; in a wide one some count rows
    that are there, with samples."""
    tables = [PlanTable(rng, number, is_wide) for number in range(rng.randint(2, 4))]
    statements = []
    for table in tables:
        statements += table.create(rng)
    kind = rng.random()
    if is_wide and kind > 0.75:
        for table in tables:
            values = ", ".join(rng.choice(["i", "i % 7", "i / 20", "'v' || (i % 5)", "NULL"]) for _ in table.columns)
            count = rng.choice([3, 60, 400])
            numbers = f"WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < {count})"
            statements.append(f"INSERT OR IGNORE INTO {table.name} {numbers} SELECT {values} FROM c")
        statements.append("ANALYZE")
    elif kind < 0.5:
        # The first ANALYZE makes the tables of statistics, the second reads what is in them by then.
        statements.append("ANALYZE")
        statements.append("DELETE FROM sqlite_stat1")
        for table in tables:
            for row in table.statistics(rng):
                values = ", ".join("NULL" if value is None else f"'{value}'" for value in row)
                statements.append(f"INSERT INTO sqlite_stat1 VALUES ({values})")
        statements.append("ANALYZE sqlite_schema")
    return tables, statements


def _column(rng: random.Random, table: PlanTable, alias: str) -> str:
    return f"{alias}.{rng.choice(table.columns)}"


def _constant(rng: random.Random) -> str:
    return rng.choice(CONSTANTS)


def condition(rng: random.Random, table: PlanTable, alias: str) -> str:
    """A condition on one table."""
    column = _column(rng, table, alias)
    kind = rng.random()
    if kind < 0.45:
        return f"{column} = {_constant(rng)}"
    if kind < 0.65:
        return f"{column} {rng.choice(['<', '>', '<=', '>='])} {_constant(rng)}"
    if kind < 0.72:
        return f"{column} BETWEEN {_constant(rng)} AND {_constant(rng)}"
    if kind < 0.80:
        return f"{column} IN ({', '.join(_constant(rng) for _ in range(rng.randint(1, 4)))})"
    if kind < 0.85:
        return f"{column} IS {rng.choice(['', 'NOT '])}NULL"
    if kind < 0.90:
        one, other = rng.sample(CONSTANTS, 2)
        return f"({column} = {one} OR {_column(rng, table, alias)} = {other})"
    if kind < 0.94:
        return f"{column} {rng.choice(['LIKE', 'GLOB'])} '{rng.choice(['ab%', 'ab*', 'x', '%y'])}'"
    if kind < 0.97:
        return f"{column} <> {_constant(rng)}"
    return f"{rng.choice(['likely', 'unlikely'])}({column} = {_constant(rng)})"


def _where(rng: random.Random, table: PlanTable, alias: str, most: int = 3) -> str:
    parts = [condition(rng, table, alias) for _ in range(rng.randint(0, most))]
    return f" WHERE {' AND '.join(parts)}" if parts else ""


def _result(rng: random.Random, aliases: list[tuple[str, PlanTable]]) -> str:
    if rng.random() < 0.4:
        return "*"
    chosen = [rng.choice(aliases) for _ in range(rng.randint(1, 3))]
    return ", ".join(_column(rng, table, alias) for alias, table in chosen)


def _order(rng: random.Random, aliases: list[tuple[str, PlanTable]]) -> str:
    terms = []
    for _ in range(rng.randint(1, 3)):
        alias, table = rng.choice(aliases)
        terms.append(_column(rng, table, alias) + rng.choice(["", "", " DESC"]))
    limit = rng.choice(["", "", f" LIMIT {rng.choice([1, 10, 1000])}"])
    return f" ORDER BY {', '.join(terms)}{limit}"


def one_table(rng: random.Random, tables: list[PlanTable]) -> str:
    """WHERE on one table."""
    table = rng.choice(tables)
    return f"SELECT {_result(rng, [('x', table)])} FROM {table.name} AS x{_where(rng, table, 'x')}"


def ordered(rng: random.Random, tables: list[PlanTable]) -> str:
    """ORDER BY on one table."""
    return one_table(rng, tables) + _order_of_last(rng, tables)


def _order_of_last(rng: random.Random, tables: list[PlanTable]) -> str:
    terms = [f"{rng.choice(['1', 'x.a', 'x.b', 'x.b DESC', 'x.a DESC'])}" for _ in range(rng.randint(1, 2))]
    limit = rng.choice(["", "", " LIMIT 5"])
    return f" ORDER BY {', '.join(terms)}{limit}"


def grouped(rng: random.Random, tables: list[PlanTable]) -> str:
    """GROUP BY, DISTINCT and aggregates on one table."""
    table = rng.choice(tables)
    where = _where(rng, table, "x", 2)
    column = _column(rng, table, "x")
    kind = rng.random()
    if kind < 0.4:
        order = rng.choice(["", f" ORDER BY {column}", " ORDER BY 2", f" ORDER BY {column} DESC"])
        return f"SELECT {column}, count(*) FROM {table.name} AS x{where} GROUP BY {column}{order}"
    if kind < 0.6:
        return f"SELECT DISTINCT {_result(rng, [('x', table)])} FROM {table.name} AS x{where}"
    if kind < 0.7:
        return f"SELECT count(*) FROM {table.name} AS x{where}"
    if kind < 0.85:
        return f"SELECT {rng.choice(['min', 'max'])}({column}) FROM {table.name} AS x{where}"
    other = _column(rng, table, "x")
    return f"SELECT {column}, {other}, sum(x.a) FROM {table.name} AS x{where} GROUP BY {column}, {other}"


def _join_text(
    rng: random.Random, tables: list[PlanTable], count: int, left: float
) -> tuple[str, list[tuple[str, PlanTable]]]:
    aliases: list[tuple[str, PlanTable]] = []
    text = ""
    for number in range(count):
        table = rng.choice(tables)
        alias = f"x{number}"
        if not aliases:
            text = f"{table.name} AS {alias}"
        else:
            other, other_table = rng.choice(aliases)
            on = f"{_column(rng, table, alias)} = {_column(rng, other_table, other)}"
            if rng.random() < 0.2:
                on += f" AND {condition(rng, table, alias)}"
            text += f" {'LEFT ' if rng.random() < left else ''}JOIN {table.name} AS {alias} ON {on}"
        aliases.append((alias, table))
    return text, aliases


def _join_query(rng: random.Random, tables: list[PlanTable], left: float) -> str:
    text, aliases = _join_text(rng, tables, rng.choice([2, 2, 3, 3, 4]), left)
    parts = [condition(rng, table, alias) for alias, table in aliases if rng.random() < 0.3]
    where = f" WHERE {' AND '.join(parts)}" if parts else ""
    order = _order(rng, aliases) if rng.random() < 0.3 else ""
    return f"SELECT {_result(rng, aliases)} FROM {text}{where}{order}"


def joined(rng: random.Random, tables: list[PlanTable]) -> str:
    """Inner joins."""
    return _join_query(rng, tables, 0.0)


def left_joined(rng: random.Random, tables: list[PlanTable]) -> str:
    """LEFT JOINs among others."""
    return _join_query(rng, tables, 0.6)


def membership(rng: random.Random, tables: list[PlanTable]) -> str:
    """IN with a subquery, and EXISTS."""
    table, other = rng.choice(tables), rng.choice(tables)
    where = _where(rng, other, "y", 1)
    column = _column(rng, table, "x")
    inner = _column(rng, other, "y")
    more = rng.choice(["", f" AND {condition(rng, table, 'x')}"])
    kind = rng.random()
    if kind < 0.5:
        test = f"{column} {rng.choice(['IN', 'IN', 'NOT IN'])} (SELECT {inner} FROM {other.name} AS y{where})"
    else:
        link = f"{inner} = {column}"
        where = f"{where} AND {link}" if where else f" WHERE {link}"
        test = f"{rng.choice(['', '', 'NOT '])}EXISTS (SELECT 1 FROM {other.name} AS y{where})"
    return f"SELECT {_result(rng, [('x', table)])} FROM {table.name} AS x WHERE {test}{more}"


def nested(rng: random.Random, tables: list[PlanTable]) -> str:
    """Subqueries of FROM."""
    table, other = rng.choice(tables), rng.choice(tables)
    where = _where(rng, table, "x", 2)
    kind = rng.randrange(6)
    a, b = _column(rng, table, "x"), _column(rng, table, "x")
    tail = rng.choice(["", " WHERE q.m = 5", " WHERE q.n > 3", " ORDER BY q.m", " ORDER BY q.n LIMIT 3"])
    if kind == 0:
        inner = f"SELECT {a} AS m, {b} AS n FROM {table.name} AS x{where}"
    elif kind == 1:
        inner = f"SELECT {a} AS m, count(*) AS n FROM {table.name} AS x{where} GROUP BY {a}"
    elif kind == 2:
        inner = f"SELECT DISTINCT {a} AS m, {b} AS n FROM {table.name} AS x{where}"
    elif kind == 3:
        inner = f"SELECT {a} AS m, {b} AS n FROM {table.name} AS x{where} ORDER BY {a}{rng.choice(['', ' LIMIT 7'])}"
    else:
        column, second = _column(rng, other, "y"), _column(rng, other, "y")
        operator = rng.choice(["UNION ALL", "UNION ALL", "UNION"])
        inner = (
            f"SELECT {a} AS m, {b} AS n FROM {table.name} AS x{where} "
            f"{operator} SELECT {column}, {second} FROM {other.name} AS y{_where(rng, other, 'y', 1)}"
        )
    if rng.random() < 0.5:
        return f"SELECT * FROM ({inner}) AS q{tail}"
    outer = rng.choice(tables)
    kind_of_join = rng.choice(["JOIN", "JOIN", "LEFT JOIN"])
    link = f"q.m = {_column(rng, outer, 'z')}"
    if rng.random() < 0.5:
        return f"SELECT * FROM {outer.name} AS z {kind_of_join} ({inner}) AS q ON {link}{tail}"
    return f"SELECT * FROM ({inner}) AS q {kind_of_join} {outer.name} AS z ON {link}{tail}"


def scalar(rng: random.Random, tables: list[PlanTable]) -> str:
    """Scalar subqueries."""
    table, other = rng.choice(tables), rng.choice(tables)
    link = f"{_column(rng, other, 'y')} = {_column(rng, table, 'x')}"
    value = rng.choice([_column(rng, other, "y"), f"max({_column(rng, other, 'y')})", "count(*)"])
    inner = f"(SELECT {value} FROM {other.name} AS y WHERE {link})"
    if rng.random() < 0.5:
        return f"SELECT {_column(rng, table, 'x')}, {inner} FROM {table.name} AS x{_where(rng, table, 'x', 1)}"
    return f"SELECT * FROM {table.name} AS x WHERE {_column(rng, table, 'x')} = {inner}"


KINDS: dict[str, Callable[[random.Random, list[PlanTable]], str]] = {
    "one_table": one_table,
    "ordered": ordered,
    "grouped": grouped,
    "joined": joined,
    "left_joined": left_joined,
    "membership": membership,
    "nested": nested,
    "scalar": scalar,
}
