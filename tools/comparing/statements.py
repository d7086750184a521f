"""Random statements over random tables.

1. Reals are quarters and sums stay small, so that the order in which a sum is taken does not show.
2. Stored integers stay near 2^53: after the largest rowid the next are random, and an overflow depends on the order.
3. LIMIT comes only with an ORDER BY over all result columns.
4. The left side of LIKE and GLOB has a `+`: without it SQLite 3.54.1 loses rows of an outer join where it is a rowid
   (`t LEFT JOIN u ON u.rowid LIKE 'a%'` gives nothing); that is not copied.
"""

from __future__ import annotations

import random

from tools.comparing.composed import common_table_query, json_expression, nested_query
from tools.comparing.constrained import constrained_statement
from tools.comparing.mixed import mixed_statement
from tools.comparing.planned import planned_query
from tools.comparing.queries import recursive_query, window_query
from tools.comparing.schema import RandomTable
from tools.comparing.shapes import shaped_query
from tools.comparing.table_functions import json_query, pragma_query, series_query
from tools.comparing.wider import wider_statement

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

LITERALS = (
    "NULL",
    "0",
    "1",
    "-1",
    "2",
    "3",
    "7",
    "10",
    "2.5",
    "-0.25",
    "1.0",
    "1e3",
    "'a'",
    "'A'",
    "'abc'",
    "'b '",
    "''",
    "'12'",
    "'2.5'",
    "' 3'",
    "'1e1'",
    "x''",
    "x'61'",
    "x'0102'",
    "1125899906842625",
    "-1125899906842625",
    "9007199254740993",
    "'é'",
)
# Only in queries: stored, they would make rowids random and sums overflow.
EXTREMES = ("9223372036854775807", "-9223372036854775807", "9223372036854775808")
BINARY = ("+", "-", "*", "/", "%", "||", "&", "|", "<<", ">>")
COMPARE = ("=", "<", ">", "<=", ">=", "<>", "IS", "IS NOT", "==", "!=")
SCALARS = (
    "abs(%s)",
    "length(%s)",
    "lower(%s)",
    "upper(%s)",
    "typeof(%s)",
    "quote(%s)",
    "hex(%s)",
    "trim(%s)",
    "round(%s)",
    "unicode(%s)",
    "sign(%s)",
    "ltrim(%s, 'a')",
    "replace(%s, 'a', 'bc')",
    "substr(%s, -2, 1)",
    "octet_length(%s)",
    "trunc(%s)",
    "floor(%s)",
    "unhex(hex(%s))",
    "iif(%s, 'yes', 'no')",
    "unistr_quote(%s)",
    "char(length(%s) + 64)",
)
PAIRS = (
    "coalesce(%s,%s)",
    "ifnull(%s,%s)",
    "nullif(%s,%s)",
    "min(%s,%s)",
    "max(%s,%s)",
    "instr(%s,%s)",
    "substr(%s,%s)",
    "concat(%s,%s)",
    "concat_ws('-',%s,%s)",
    "round(%s,length(%s))",
    "rtrim(%s,%s)",
    "like(%s,%s)",
    "glob(%s,%s)",
    "iif(%s,%s)",
    "format('%%s|%%5.1f',%s,%s)",
    "mod(%s,%s)",
)
AGGREGATES = ("count(%s)", "sum(%s)", "min(%s)", "max(%s)", "total(%s)", "count(DISTINCT %s)", "avg(%s)")
CASTS = ("INTEGER", "TEXT", "REAL", "BLOB", "NUMERIC")


class StatementGenerator:
    """Makes statements over `tables`; everything random comes from `rng`."""

    def __init__(self, rng: random.Random, tables: list[RandomTable]) -> None:
        self.rng = rng
        self.tables = tables
        self.aliases = 0
        self.depth = 0
        self.is_query = False
        # Set by the comparison.
        self.is_wider = False
        self.is_constrained = False
        self.is_mixed = False
        self.rooms: list[Callable[[StatementGenerator], str]] = []
        # What is to follow the last statement at once.
        self.pending: list[str] = []

    def literal(self) -> str:
        rng = self.rng
        if rng.random() < 0.4:
            return str(rng.randint(-3, 12))
        return rng.choice(LITERALS + EXTREMES if self.is_query else LITERALS)

    def expression(self, scope: list[str], depth: int = 3) -> str:
        """A random expression over the columns in scope."""
        rng = self.rng
        pick = rng.random()
        if depth <= 0 or pick < 0.3:
            return rng.choice(scope) if scope and rng.random() < 0.7 else self.literal()
        sub = depth - 1
        if pick < 0.45:
            return f"({self.expression(scope, sub)} {rng.choice(BINARY)} {self.expression(scope, sub)})"
        if pick < 0.58:
            return self.condition(scope, sub)
        if pick < 0.68:
            return rng.choice(SCALARS) % self.expression(scope, sub)
        if pick < 0.76:
            return rng.choice(PAIRS) % (self.expression(scope, sub), self.expression(scope, sub))
        if pick < 0.82:
            return f"CAST({self.expression(scope, sub)} AS {rng.choice(CASTS)})"
        if pick < 0.9:
            return self.case(scope, sub)
        if pick < 0.93:
            return rng.choice(["-", "+", "~", "NOT "]) + f"({self.expression(scope, sub)})"
        if pick < 0.96 and self.depth < 2:
            return self.scalar_subquery(scope)
        if pick < 0.975:
            return json_expression(self, scope, sub)
        return f"({self.expression(scope, sub)} COLLATE {rng.choice(['NOCASE', 'BINARY', 'RTRIM'])})"

    def case(self, scope: list[str], depth: int) -> str:
        base = self.expression(scope, depth) if self.rng.random() < 0.4 else ""
        branches = " ".join(
            f"WHEN {self.expression(scope, depth)} THEN {self.expression(scope, depth)}"
            for _ in range(self.rng.randint(1, 2))
        )
        otherwise = f" ELSE {self.expression(scope, depth)}" if self.rng.random() < 0.5 else ""
        return f"CASE {base} {branches}{otherwise} END"

    def condition(self, scope: list[str], depth: int = 2) -> str:
        """A random boolean expression."""
        rng = self.rng
        pick = rng.random()
        sub = depth - 1
        left = self.expression(scope, min(sub, 1))
        if pick < 0.42:
            return f"({left} {rng.choice(COMPARE)} {self.expression(scope, min(sub, 1))})"
        if pick < 0.5:
            return f"({left} {rng.choice(['IS NULL', 'IS NOT NULL', 'NOTNULL', 'ISNULL'])})"
        if pick < 0.58:
            items = ",".join(self.literal() for _ in range(rng.randint(0, 4)))
            return f"({left} {rng.choice(['IN', 'NOT IN'])} ({items}))"
        if pick < 0.66:
            negation = rng.choice(["", "NOT "])
            return f"({left} {negation}BETWEEN {self.expression(scope, 0)} AND {self.expression(scope, 0)})"
        if pick < 0.72:
            pattern = rng.choice(["'a%'", "'%b%'", "'_'", "'%'", "'A%'"])
            return f"(+{left} {rng.choice(['LIKE', 'NOT LIKE'])} {pattern})"
        if pick < 0.76:
            return f"(+{left} GLOB {rng.choice(['a*', '*', '?', '[a-c]*'])!r})"
        if pick < 0.9 and depth > 0:
            joined = rng.choice([" AND ", " OR "])
            return "(" + joined.join(self.condition(scope, sub) for _ in range(rng.randint(2, 3))) + ")"
        if pick < 0.96 and self.depth < 2:
            return self.subquery_condition(scope, left)
        return f"(({left}, {self.expression(scope, 0)}) {rng.choice(['=', '<', '>=', '<>'])} (1, {self.literal()}))"

    def subquery_condition(self, scope: list[str], left: str) -> str:
        rng = self.rng
        self.depth += 1
        table = rng.choice(self.tables)
        alias, inner = self.alias(table)
        where = self.condition(inner + scope, 1)
        self.depth -= 1
        if rng.random() < 0.5:
            negation = rng.choice(["", "NOT "])
            return f"({left} {negation}IN (SELECT {rng.choice(inner)} FROM {table.name} AS {alias} WHERE {where}))"
        negation = rng.choice(["", "NOT "])
        return f"{negation}EXISTS (SELECT 1 FROM {table.name} AS {alias} WHERE {where})"

    def scalar_subquery(self, scope: list[str]) -> str:
        self.depth += 1
        table = self.rng.choice(self.tables)
        alias, inner = self.alias(table)
        aggregate = self.rng.choice(AGGREGATES) % self.rng.choice(inner)
        where = self.condition(inner + scope, 1)
        self.depth -= 1
        return f"(SELECT {aggregate} FROM {table.name} AS {alias} WHERE {where})"

    def alias(self, table: RandomTable) -> tuple[str, list[str]]:
        """A new alias of the table and its qualified columns."""
        self.aliases += 1
        name = f"x{self.aliases}"
        return name, [f"{name}.{column}" for column in [*table.columns, *table.generated]]

    def from_clause(self) -> tuple[str, list[str]]:
        """FROM with one to three sources, and the columns in scope."""
        rng = self.rng
        text = ""
        scope: list[str] = []
        for number in range(rng.choice([1, 1, 1, 2, 2, 3])):
            table = rng.choice(self.tables)
            alias, columns = self.alias(table)
            source = f"{table.name} AS {alias}"
            if rng.random() < 0.12:
                source = f"(SELECT * FROM {table.name} WHERE {self.condition(table.columns, 1)}) AS {alias}"
            if number == 0:
                text = source
                scope = columns
                continue
            join = rng.choice([",", "JOIN", "LEFT JOIN", "LEFT JOIN", "CROSS JOIN", "JOIN", "RIGHT JOIN", "FULL JOIN"])
            scope = scope + columns
            text += f" {join} {source}"
            if join != ",":
                equality = f"{rng.choice(scope)} = {rng.choice(columns)}"
                text += " ON " + (equality if rng.random() < 0.7 else self.condition(scope, 1))
        return text, scope

    def select_core(self, width: int | None = None) -> tuple[str, int]:
        rng = self.rng
        text, scope = self.from_clause()
        where = f" WHERE {self.condition(scope)}" if rng.random() < 0.6 else ""
        width = width or rng.randint(1, 4)
        if rng.random() < 0.25:
            group = [rng.choice(scope) for _ in range(rng.randint(0, 2))]
            columns = group[:width]
            while len(columns) < width:
                aggregate = rng.choice(AGGREGATES) % rng.choice(scope)
                filtered = f" FILTER (WHERE {self.condition(scope, 1)})" if rng.random() < 0.15 else ""
                columns.append(aggregate + filtered)
            clause = f" GROUP BY {', '.join(group)}" if group else ""
            if group and rng.random() < 0.3:
                clause += f" HAVING {rng.choice(['count(*) > 1', 'max(' + rng.choice(scope) + ') IS NOT NULL'])}"
            return f"SELECT {', '.join(columns)} FROM {text}{where}{clause}", width
        distinct = "DISTINCT " if rng.random() < 0.15 else ""
        columns = [self.expression(scope, 2) for _ in range(width)]
        return f"SELECT {distinct}{', '.join(columns)} FROM {text}{where}", width

    def select(self) -> str:
        """A SELECT; compounds, ORDER BY and LIMIT now and then."""
        rng = self.rng
        kind = rng.random()
        if kind < 0.12:
            return window_query(self)
        if kind < 0.18:
            return recursive_query(self)
        if kind < 0.23:
            return common_table_query(self)
        if kind < 0.28:
            return nested_query(self)
        if kind < 0.40:
            self.is_query = False
            return planned_query(self)
        if kind < 0.52:
            self.is_query = False
            return shaped_query(self)
        if self.rng.random() < 0.06:
            kind = self.rng.random()
            if kind < 0.25:
                return pragma_query(self)
            return series_query(self) if kind < 0.55 else json_query(self)
        self.is_query = True
        text, width = self.select_core()
        for _ in range(rng.choice([0, 0, 0, 0, 0, 1, 2])):
            operator = rng.choice(["UNION", "UNION ALL", "EXCEPT", "INTERSECT"])
            text += f" {operator} {self.select_core(width)[0]}"
        if rng.random() < 0.5:
            positions = list(range(1, width + 1))
            rng.shuffle(positions)
            nulls = ["", "", "", " NULLS FIRST", " NULLS LAST"]
            terms = [f"{p}{rng.choice(['', ' ASC', ' DESC'])}{rng.choice(nulls)}" for p in positions]
            text += " ORDER BY " + ", ".join(terms)
            if rng.random() < 0.4:
                text += f" LIMIT {rng.randint(0, 9)}" + (f" OFFSET {rng.randint(0, 3)}" if rng.random() < 0.4 else "")
        self.is_query = False
        return text

    def insert(self) -> str:
        rng = self.rng
        table = rng.choice(self.tables)
        conflict = rng.choice(["", "", "", " OR REPLACE", " OR IGNORE", " OR FAIL", " OR ABORT"])
        columns = table.columns
        named = ""
        if rng.random() < 0.3:
            columns = rng.sample(columns, rng.randint(1, len(columns)))
            named = f"({', '.join(columns)})"
        if rng.random() < 0.1:
            source = rng.choice(self.tables)
            values = ", ".join(self.expression(source.columns, 1) for _ in columns)
            rows = f"SELECT {values} FROM {source.name} ORDER BY {source.order()} LIMIT 20"
            return f"INSERT{conflict} INTO {table.name}{named} {rows}"
        if rng.random() < 0.03:
            return f"INSERT{conflict} INTO {table.name} DEFAULT VALUES"
        rows = ", ".join(f"({', '.join(self.literal() for _ in columns)})" for _ in range(rng.choice([1, 1, 1, 2, 5])))
        upsert = self.upsert(table) if rng.random() < 0.15 else ""
        return f"INSERT{conflict} INTO {table.name}{named} VALUES {rows}{upsert}{self.returning(table)}"

    def upsert(self, table: RandomTable) -> str:
        """ON CONFLICT; with a target where the table's key is known."""
        rng = self.rng
        key = table.key or ([table.columns[0]] if table.rowid_column == 0 else [])
        target = f"({', '.join(key)})" if key and rng.random() < 0.7 else ""
        if rng.random() < 0.3:
            return f" ON CONFLICT{target} DO NOTHING"
        name = rng.choice(table.columns)
        value = rng.choice([f"excluded.{name}", f"excluded.{name} || 'u'", self.new_value(table, name)])
        if table.rowid_column == 0 and "||" in value:
            # Of a conflict on the rowid SQLite shows in `excluded` what was written, before its column's affinity.
            value = f"excluded.{name}"
        where = f" WHERE {self.condition(table.columns, 1)}" if rng.random() < 0.3 else ""
        return f" ON CONFLICT{target} DO UPDATE SET {name} = {value}{where}"

    def returning(self, table: RandomTable) -> str:
        """RETURNING, now and then."""
        return f" RETURNING {', '.join(table.columns)}" if self.rng.random() < 0.08 else ""

    def update(self) -> str:
        rng = self.rng
        table = rng.choice(self.tables)
        # No OR FAIL: the rows before the one that fails stay, and which those are is the plan's to choose.
        conflict = rng.choice(["", "", "", " OR REPLACE", " OR IGNORE", " OR ABORT"])
        if rng.random() < 0.08:
            return self.update_from(table, conflict)
        names = rng.sample(table.columns, rng.randint(1, 2))
        changes = ", ".join(f"{name} = {self.new_value(table, name)}" for name in names)
        where = f" WHERE {self.condition(table.columns)}" if rng.random() < 0.9 else ""
        return f"UPDATE{conflict} {table.name} SET {changes}{where}{self.returning(table)}"

    def update_from(self, table: RandomTable, conflict: str) -> str:
        """UPDATE FROM whole numbers, each of which meets a row once."""
        rng = self.rng
        other = rng.choice(self.tables)
        number = rng.choice(other.columns)
        value = rng.choice(["x.v", "x.v + 1", "x.k || 'f'"])
        columns = f"CAST({number} AS INTEGER) AS k, max({rng.choice(other.columns)}) AS v"
        source = f"(SELECT {columns} FROM {other.name} GROUP BY 1) AS x"
        changed, compared = rng.choice(table.columns), rng.choice(table.columns)
        return f"UPDATE{conflict} {table.name} SET {changed} = {value} FROM {source} WHERE {compared} = x.k"

    def new_value(self, table: RandomTable, column: str) -> str:
        """A value for a column; small for the first, which may be the rowid."""
        value = self.expression(table.columns, 1)
        return f"({value}) % 1000" if column == table.columns[0] else value

    def delete(self) -> str:
        table = self.rng.choice(self.tables)
        if self.rng.random() < 0.05:
            return f"DELETE FROM {table.name}"
        return f"DELETE FROM {table.name} WHERE {self.condition(table.columns)}{self.returning(table)}"

    def transaction(self) -> str:
        choices = ["BEGIN", "BEGIN IMMEDIATE", "COMMIT", "ROLLBACK", "SAVEPOINT s1", "SAVEPOINT s2"]
        return self.rng.choice([*choices, "RELEASE s1", "ROLLBACK TO s1", "ROLLBACK TO s2", "RELEASE s2", "END"])

    def statement(self) -> str:
        """Any statement."""
        if self.pending:
            return self.pending.pop(0)
        if self.rooms and self.rng.random() < 0.5:
            return self.rng.choice(self.rooms)(self)
        if self.is_wider and self.rng.random() < 0.25:
            return wider_statement(self)
        if self.is_constrained and self.rng.random() < 0.3:
            return constrained_statement(self)
        if self.is_mixed and self.rng.random() < 0.35:
            return mixed_statement(self)
        pick = self.rng.random()
        if pick < 0.55:
            return self.select()
        if pick < 0.75:
            return self.insert()
        if pick < 0.85:
            return self.update()
        if pick < 0.9:
            return self.delete()
        if pick < 0.96:
            return self.transaction()
        table = self.rng.choice(self.tables)
        if pick < 0.97:
            return self.rng.choice(table.index_sql or [table.sql])
        if pick < 0.98:
            return f"DROP INDEX IF EXISTS i{table.name}_{self.rng.randint(0, 2)}"
        if pick < 0.985:
            return "ANALYZE"
        return self.rng.choice(
            [f"PRAGMA table_info({table.name})", f"PRAGMA index_list({table.name})", "PRAGMA integrity_check"]
        )
