"""Random SELECTs over the small database of the tests: every clause, every kind of subquery, no unstable answer.

An answer is stable if neither the order of rows without ORDER BY nor the choice among equal values shows in it; so
LIMIT comes only with an ORDER BY over all columns, and bare columns do not stand beside aggregates. Left out is what
SQLite 3.54.1 itself gets wrong or leaves to the plan: IS, or LIKE 'prefix%' on a NOCASE index, in the ON of an outer
join (rows without match vanish), and conditions on the columns of a compound whose SELECTs differ in affinity.
"""

from __future__ import annotations

import random

TABLES = {
    "t": ("id", "a", "b", "c"),
    "u": ("a", "b", "d"),
    "w": ("x", "y"),
    "k": ("p", "q", "r"),
}

LITERALS = (
    "0",
    "1",
    "2",
    "3",
    "-1",
    "10",
    "2.5",
    "1.0",
    "'two'",
    "'Two'",
    "'2'",
    "''",
    "'abc'",
    "NULL",
    "x'32'",
    "'1x'",
)


class Generator:
    """Makes one SELECT after the other from a seed."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.names = 0
        self.commons: list[tuple[str, int]] = []

    def choose(self, *options: str) -> str:
        return self.random.choice(options)

    def chance(self, probability: float) -> bool:
        return self.random.random() < probability

    def name(self, prefix: str) -> str:
        self.names += 1
        return f"{prefix}{self.names}"

    def literal(self) -> str:
        return self.random.choice(LITERALS)

    def expression(self, columns: list[str], depth: int) -> str:
        """A scalar expression over the columns."""
        if depth <= 0 or self.chance(0.25):
            return self.random.choice(columns) if columns and self.chance(0.7) else self.literal()
        kind = self.random.randrange(16)
        one = self.expression(columns, depth - 1)
        if kind < 3:
            return (
                f"({one} {self.choose('+', '-', '*', '/', '%', '||', '&', '|')} {self.expression(columns, depth - 1)})"
            )
        if kind < 6:
            return f"({self.condition(columns, depth - 1)})"
        if kind == 6:
            return f"CASE WHEN {self.condition(columns, depth - 1)} THEN {one} ELSE {self.literal()} END"
        if kind == 7:
            return f"CASE {one} WHEN {self.literal()} THEN 1 WHEN {self.expression(columns, depth - 1)} THEN 2 END"
        if kind == 8:
            return f"CAST({one} AS {self.choose('INTEGER', 'TEXT', 'REAL', 'NUMERIC', 'BLOB')})"
        if kind == 9:
            return f"coalesce({one}, {self.expression(columns, depth - 1)})"
        if kind == 10:
            return f"{self.choose('abs', 'length', 'typeof', 'upper', 'quote')}({self.random.choice(columns or ['1'])})"
        if kind == 11:
            return f"{self.choose('min', 'max', 'nullif', 'ifnull')}({one}, {self.expression(columns, depth - 1)})"
        if kind == 12:
            return f"({self.scalar_subquery(columns, depth - 1)})"
        if kind == 13:
            return f"{self.choose('-', '+', '~', 'NOT ')}{one}"
        if kind == 14:
            return f"iif({self.condition(columns, depth - 1)}, {one}, {self.literal()})"
        return f"({one} COLLATE {self.choose('NOCASE', 'BINARY', 'RTRIM')})"

    def condition(self, columns: list[str], depth: int) -> str:
        """A truth value over the columns."""
        one = self.expression(columns, depth - 1)
        kind = self.random.randrange(15)
        if kind < 5:
            operator = self.choose("=", "<>", "<", "<=", ">", ">=", "IS", "IS NOT", "=", "=")
            return f"{one} {operator} {self.expression(columns, depth - 1)}"
        if kind < 7 and depth > 0:
            joiner = self.choose("AND", "OR")
            return f"({self.condition(columns, depth - 1)} {joiner} {self.condition(columns, depth - 1)})"
        if kind == 7:
            return f"{one} IS {self.choose('NULL', 'NOT NULL', 'TRUE', 'NOT FALSE', 'FALSE')}"
        negation = self.choose("", "NOT ")
        if kind == 8:
            return f"{one} {negation}BETWEEN {self.literal()} AND {self.expression(columns, depth - 1)}"
        if kind == 9:
            items = ", ".join(self.literal() for _ in range(self.random.randrange(5)))
            return f"{one} {negation}IN ({items})"
        if kind == 10 and depth > 0:
            return f"{one} {negation}IN ({self.column_subquery(columns, depth - 1)})"
        if kind == 11 and depth > 0:
            return f"{negation}EXISTS ({self.column_subquery(columns, depth - 1)})"
        if kind == 12:
            return f"NOT ({self.condition(columns, depth - 1)})"
        if kind == 13 and len(columns) > 1:
            row = f"({self.random.choice(columns)}, {self.random.choice(columns)})"
            operator = self.choose("=", "<", ">=", "<>", "IS", "<=", ">")
            return f"{row} {operator} ({self.literal()}, {self.expression(columns, depth - 1)})"
        return f"{one} {negation}LIKE '{self.choose('%t%', '%o%', '_', '%2')}'"

    def scalar_subquery(self, outer: list[str], depth: int) -> str:
        """A subquery of one row and column: an aggregate."""
        source, columns = self.source(depth)
        aggregate = self.aggregate(columns, depth)
        where = f" WHERE {self.condition(columns + outer, depth)}" if self.chance(0.7) else ""
        return f"SELECT {aggregate} FROM {source}{where}"

    def column_subquery(self, outer: list[str], depth: int) -> str:
        """A subquery of one column."""
        source, columns = self.source(depth)
        where = f" WHERE {self.condition(columns + outer, depth)}" if self.chance(0.6) else ""
        first = f"SELECT {self.choose('', '', 'DISTINCT ')}{self.expression(columns, depth - 1)} FROM {source}{where}"
        if self.chance(0.15):
            other, other_columns = self.source(0)
            operator = self.choose("UNION", "UNION ALL", "EXCEPT", "INTERSECT")
            return f"{first} {operator} SELECT {self.random.choice(other_columns)} FROM {other}"
        return first

    def aggregate(self, columns: list[str], depth: int) -> str:
        """An aggregate call whose answer does not depend on the order of rows."""
        if self.chance(0.2):
            return "count(*)"
        name = self.choose("count", "sum", "min", "max", "avg", "total")
        # Sums stay exact, so that the order of the rows cannot show.
        argument = (
            self.random.choice(columns) if name in ("sum", "avg", "total") else self.expression(columns, depth - 1)
        )
        distinct = "DISTINCT " if name in ("count", "sum") and self.chance(0.3) else ""
        if name in ("min", "max"):
            argument = f"quote({argument})"
        filtered = f" FILTER (WHERE {self.condition(columns, depth - 1)})" if self.chance(0.2) else ""
        return f"{name}({distinct}{argument}){filtered}"

    def source(self, depth: int) -> tuple[str, list[str]]:
        """A table or subquery with an alias, and its qualified columns."""
        alias = self.name("q")
        if self.chance(0.08):
            return f"v AS {alias}", [f"{alias}.a", f"{alias}.b"]
        if self.commons and self.chance(0.3):
            name, count = self.random.choice(self.commons)
            return f"{name} AS {alias}", [f"{alias}.c{number}" for number in range(count)]
        if depth > 0 and self.chance(0.15):
            table, columns = self.source(0)
            listed = ", ".join(f"{self.expression(columns, 1)} AS c{number}" for number in range(2))
            where = f" WHERE {self.condition(columns, 1)}" if self.chance(0.5) else ""
            return f"(SELECT {listed} FROM {table}{where}) AS {alias}", [f"{alias}.c0", f"{alias}.c1"]
        if depth > 0 and self.chance(0.2):
            inner, count = self.select(depth - 1, self.random.randrange(1, 4), False)
            return f"({inner}) AS {alias}", [f"{alias}.c{number}" for number in range(count)]
        table = self.random.choice(sorted(TABLES))
        return f"{table} AS {alias}", [f"{alias}.{column}" for column in TABLES[table]]

    def from_clause(self, depth: int) -> tuple[str, list[str]]:
        """FROM with up to three sources and joins of every kind."""
        text, columns = self.source(depth)
        for _ in range(self.random.choice((0, 0, 0, 1, 1, 2))):
            other, more = self.source(depth - 1)
            kind = self.choose(",", "JOIN", "LEFT JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN", "CROSS JOIN")
            if kind in (",", "CROSS JOIN"):
                text = f"{text} {kind} {other}"
                columns = columns + more
                continue
            condition = f"{self.random.choice(columns)} {self.choose('=', '=', '=', '<')} {self.random.choice(more)}"
            if self.chance(0.3):
                condition += f" {self.choose('AND', 'OR')} {self.condition(columns + more, 1)}"
            columns = columns + more
            text = f"{text} {kind} {other} ON {condition}"
        return text, columns

    def select(self, depth: int, width: int, may_limit: bool = True) -> tuple[str, int]:
        """A SELECT of `width` columns called c0, c1, ...; the text and the width."""
        source, columns = self.from_clause(depth)
        where = f" WHERE {self.condition(columns, depth)}" if self.chance(0.7) else ""
        group = ""
        if self.chance(0.3):
            terms = [self.random.choice(columns) for _ in range(self.random.randrange(0, 3))]
            results = [f"quote({term})" for term in terms][:width]
            results += [self.aggregate(columns, depth) for _ in range(width - len(results))]
            if terms:
                group = " GROUP BY " + ", ".join(f"quote({term})" for term in terms)
                if self.chance(0.3):
                    group += f" HAVING {self.aggregate(columns, 1)} {self.choose('>', '<=', 'IS NOT')} {self.literal()}"
            elif not any("(" in result for result in results):
                results[0] = "count(*)"
        else:
            results = [self.expression(columns, depth) for _ in range(width)]
        distinct = "DISTINCT " if self.chance(0.15) else ""
        listed = ", ".join(f"{result} AS c{number}" for number, result in enumerate(results))
        text = f"SELECT {distinct}{listed} FROM {source}{where}{group}"
        if depth > 0 and may_limit and self.chance(0.15):
            operator = self.choose("UNION", "UNION ALL", "EXCEPT", "INTERSECT")
            other, other_columns = self.source(0)
            more = ", ".join(self.random.choice(other_columns) for _ in range(width))
            text = f"{text} {operator} SELECT {more} FROM {other}"
        if may_limit and self.chance(0.5):
            terms = [str(number + 1) for number in range(width)]
            self.random.shuffle(terms)
            listed = ", ".join(term + self.choose("", " DESC", " NULLS LAST", " DESC NULLS FIRST") for term in terms)
            text += f" ORDER BY {listed}"
            if self.chance(0.5):
                text += f" LIMIT {self.random.randrange(0, 8)}"
                if self.chance(0.4):
                    text += f" OFFSET {self.random.randrange(0, 4)}"
        return text, width

    def statement(self) -> str:
        """A whole SELECT, sometimes behind WITH."""
        self.names = 0
        self.commons = []
        prefix = ""
        if self.chance(0.15):
            width = self.random.randrange(1, 3)
            inner = self.select(1, width, False)[0]
            prefix = f"WITH z AS ({inner}) "
            self.commons = [("z", width)]
        return prefix + self.select(self.random.choice((1, 2, 2, 3)), self.random.randrange(1, 4))[0]
