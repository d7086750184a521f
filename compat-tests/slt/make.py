"""Writes the random sqllogictest files of this folder: tables and queries from a seed, answers from real SQLite.

    python slt/make.py            # then: python -m runner slt --rewrite

Each file has tables of its own and asks many short queries of one kind. What SQL leaves open (the order of rows without
ORDER BY, bare columns) is not asked, or is sorted. The same seeds write the same files.
"""

from __future__ import annotations

import random
from pathlib import Path

from kinds_of_three_tables import THREE_TABLE_FILES

HERE = Path(__file__).resolve().parent
WORDS = ("apple", "Banana", "cherry", "", "x", "10", "2.5", "apple pie", "BANANA", "zebra")
QUERIES = 60
THRESHOLD = 12


class Maker:
    """One file in the making."""

    def __init__(self, name: str, seed: int) -> None:
        self.name = name
        self.rng = random.Random(seed)
        self.lines = [f"# {name}: written by make.py from seed {seed}", f"hash-threshold {THRESHOLD}", ""]

    def statement(self, sql: str) -> None:
        self.lines += ["statement ok", sql, ""]

    def query(self, types: str, sql: str, sort: str = "rowsort", label: str = "") -> None:
        self.lines += [f"query {types} {sort} {label}".rstrip(), sql, "----", ""]

    def pick(self, *choices: str) -> str:
        return self.rng.choice(choices)

    def number(self, most: int = 20) -> int:
        return self.rng.randint(0, most)

    def literal(self) -> str:
        kind = self.rng.random()
        if kind < 0.1:
            return "NULL"
        if kind < 0.6:
            return str(self.number())
        if kind < 0.75:
            return f"{self.number()}.{self.rng.choice('05')}"
        return "'" + self.rng.choice(WORDS) + "'"

    def tables(self) -> None:
        self.statement("CREATE TABLE t1(a INTEGER PRIMARY KEY, b INTEGER, c TEXT, d REAL)")
        self.statement("CREATE TABLE t2(x INTEGER, y TEXT COLLATE NOCASE, z)")
        for number in range(1, 21):
            b = "NULL" if self.rng.random() < 0.1 else str(self.number())
            c = "NULL" if self.rng.random() < 0.1 else "'" + self.rng.choice(WORDS) + "'"
            self.statement(f"INSERT INTO t1 VALUES ({number}, {b}, {c}, {self.number(9)}.{self.rng.choice('05')})")
        for _ in range(12):
            self.statement(f"INSERT INTO t2 VALUES ({self.number()}, '{self.rng.choice(WORDS)}', {self.literal()})")
        for index in ("i1 ON t1(b)", "i2 ON t1(c, d DESC)", "i3 ON t2(x)", "i4 ON t2(y) WHERE x > 5"):
            if self.rng.random() < 0.6:
                self.statement(f"CREATE INDEX {index}")

    def integer(self, depth: int = 2) -> str:
        """An expression of integers over t1."""
        if depth == 0 or self.rng.random() < 0.3:
            return self.pick("a", "b", str(self.number()), "NULL" if self.rng.random() < 0.2 else "a")
        left, right = self.integer(depth - 1), self.integer(depth - 1)
        form = self.pick("+", "-", "*", "/", "%", "case", "coalesce", "abs", "&", "|", "nullif", "minus")
        if form == "case":
            return f"CASE WHEN {self.condition(depth - 1)} THEN {left} ELSE {right} END"
        if form in ("coalesce", "nullif"):
            return f"{form}({left}, {right})"
        if form == "abs":
            return f"abs({left})"
        return f"-({left})" if form == "minus" else f"({left} {form} {right})"

    def condition(self, depth: int = 2) -> str:
        """A condition over t1."""
        if depth > 0 and self.rng.random() < 0.4:
            left, right = self.condition(depth - 1), self.condition(depth - 1)
            return self.pick(f"({left} AND {right})", f"({left} OR {right})", f"NOT ({left})")
        column = self.pick("a", "b", "c", "d")
        value = "'" + self.rng.choice(WORDS) + "'" if column == "c" else str(self.number())
        other = "'" + self.rng.choice(WORDS) + "'" if column == "c" else str(self.number())
        return self.pick(
            f"{column} {self.pick('=', '<>', '<', '<=', '>', '>=')} {value}",
            f"{column} BETWEEN {value} AND {other}",
            f"{column} IN ({value}, {other})",
            f"{column} IS {self.pick('', 'NOT ')}NULL",
            f"c LIKE '{self.pick('a%', '%an%', '_', '%')}'",
            f"EXISTS (SELECT 1 FROM t2 WHERE x = t1.{self.pick('a', 'b')})",
            f"b {self.pick('', 'NOT ')}IN (SELECT x FROM t2 WHERE x > {self.number()})",
        )

    def write(self) -> None:
        (HERE / f"{self.name}.slt").write_text("\n".join(self.lines), encoding="utf-8")


def expressions(maker: Maker) -> None:
    for _ in range(QUERIES):
        count = maker.rng.randint(1, 3)
        values = ", ".join(maker.integer() for _ in range(count))
        maker.query(
            "I" * count, f"SELECT {values} FROM t1 WHERE {maker.condition()}", maker.pick("rowsort", "valuesort")
        )


def filters(maker: Maker) -> None:
    for number in range(QUERIES):
        condition = maker.condition(3)
        label = f"filter-{number}"
        maker.query("IIT", f"SELECT a, b, c FROM t1 WHERE {condition}", "rowsort", label)
        maker.query("IIT", f"SELECT a, b, c FROM t1 NOT INDEXED WHERE {condition}", "rowsort", label)


def orders(maker: Maker) -> None:
    for _ in range(QUERIES):
        term = maker.pick("b", "c", "d", "b DESC", "c COLLATE nocase", "d DESC", "b % 5", "length(c)", "b NULLS LAST")
        limit = maker.pick("", f" LIMIT {maker.number(8)}", f" LIMIT {maker.number(8)} OFFSET {maker.number(8)}")
        maker.query("IITR", f"SELECT a, b, c, d FROM t1 WHERE {maker.condition()} ORDER BY {term}, a{limit}", "nosort")


def joins(maker: Maker) -> None:
    for _ in range(QUERIES):
        kind = maker.pick("JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN", "CROSS JOIN")
        on = maker.pick(
            "t1.a = t2.x", "t1.b = t2.x", "t1.c = t2.y", "t1.a = t2.x AND t1.b > 5", "t1.d < t2.x", "t1.b = t2.z"
        )
        on = "" if kind == "CROSS JOIN" else f" ON {on}"
        where = maker.pick("", f" WHERE {maker.condition(1)}", " WHERE x IS NOT NULL", " WHERE t1.a IS NULL OR x > 5")
        maker.query("ITIT", f"SELECT a, c, x, y FROM t1 {kind} t2{on}{where}")


def groups(maker: Maker) -> None:
    for _ in range(QUERIES):
        key = maker.pick("b", "c", "d", "b % 3", "c IS NULL", "length(c)", "a / 5", "upper(c)")
        value = maker.pick(
            "count(*)", "sum(b)", "min(a)", "max(b)", "count(DISTINCT c)", "total(a)", "sum(a) FILTER (WHERE b > 5)"
        )
        having = maker.pick("", " HAVING count(*) > 1", " HAVING sum(a) > 10", f" HAVING {key} IS NOT NULL")
        where = maker.pick("", f" WHERE {maker.condition(1)}")
        maker.query("TI", f"SELECT {key}, {value} FROM t1{where} GROUP BY {key}{having}")


def compounds(maker: Maker) -> None:
    for _ in range(QUERIES):
        parts = []
        for _ in range(maker.rng.randint(2, 4)):
            parts.append(
                maker.pick(
                    f"SELECT b FROM t1 WHERE {maker.condition(1)}",
                    f"SELECT x FROM t2 WHERE x > {maker.number()}",
                    f"SELECT a % 7 FROM t1 WHERE {maker.condition(1)}",
                    f"VALUES ({maker.number()}), ({maker.number()})",
                )
            )
        sql = parts[0]
        for part in parts[1:]:
            sql += f" {maker.pick('UNION', 'UNION ALL', 'EXCEPT', 'INTERSECT')} {part}"
        maker.query("I", sql)


def subqueries(maker: Maker) -> None:
    for _ in range(QUERIES):
        inner = maker.pick("count(*)", "max(x)", "min(x)", "sum(x)", "group_concat(x)")
        link = maker.pick("x = t1.a", "x > t1.b", "y = t1.c", "x BETWEEN t1.a AND t1.b", "z = t1.b")
        form = maker.pick("scalar", "from", "with")
        if form == "scalar":
            maker.query("IT", f"SELECT a, (SELECT {inner} FROM t2 WHERE {link}) FROM t1 WHERE {maker.condition(1)}")
        elif form == "from":
            maker.query(
                "II",
                f"SELECT q.b, q.n FROM (SELECT b, count(*) AS n FROM t1 GROUP BY b) AS q WHERE q.n > {maker.number(2)}",
            )
        else:
            maker.query(
                "II",
                "WITH w(k, n) AS (SELECT x, count(*) FROM t2 GROUP BY x) "
                f"SELECT a, n FROM t1 JOIN w ON k = a WHERE {maker.condition(1)}",
            )


def windows(maker: Maker) -> None:
    for _ in range(QUERIES):
        call = maker.pick(
            "row_number()",
            "rank()",
            "dense_rank()",
            "sum(b)",
            "count(*)",
            "max(b)",
            "lag(a)",
            "lead(a, 2, -1)",
            "first_value(a)",
            "ntile(3)",
            "min(d)",
        )
        partition = maker.pick("", "PARTITION BY c ", "PARTITION BY b % 3 ")
        frame = maker.pick(
            "",
            " ROWS BETWEEN 2 PRECEDING AND 1 FOLLOWING",
            " ROWS UNBOUNDED PRECEDING",
            " GROUPS BETWEEN 1 PRECEDING AND CURRENT ROW",
            " ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING EXCLUDE CURRENT ROW",
        )
        order = maker.pick("a", "d, a", "b, a", "a DESC")
        maker.query(
            "II",
            f"SELECT a, {call} OVER ({partition}ORDER BY {order}{frame}) FROM t1 ORDER BY a",
            "nosort",
        )


def changes(maker: Maker) -> None:
    for number in range(QUERIES):
        maker.statement(
            maker.pick(
                f"UPDATE t1 SET b = {maker.integer(1)} WHERE {maker.condition(1)}",
                f"UPDATE t1 SET c = c || '!', d = d + 1 WHERE a % {maker.number(5) + 1} = 0",
                f"DELETE FROM t2 WHERE x = {maker.number()}",
                f"INSERT INTO t2 SELECT a, c, b FROM t1 WHERE {maker.condition(1)} LIMIT 3",
                f"INSERT OR REPLACE INTO t1 VALUES ({maker.number()}, {maker.number()}, 'new', 1.5)",
                f"INSERT INTO t1 VALUES ({maker.number()}, 1, 'up', 0.5) "
                "ON CONFLICT (a) DO UPDATE SET b = excluded.b + t1.b",
                f"DELETE FROM t1 WHERE a = {maker.number()}",
            )
        )
        if number % 2:
            maker.query("IITR", "SELECT a, b, c, d FROM t1")
            maker.query("IIR", "SELECT count(*), sum(x), total(x) FROM t2", "nosort")


FILES = (expressions, filters, orders, joins, groups, compounds, subqueries, windows, changes)


def main() -> None:
    """Write all files, without answers."""
    for number, kind in enumerate(FILES):
        for part in range(3):
            maker = Maker(f"{kind.__name__}_{part + 1}", 1000 * number + part)
            maker.tables()
            kind(maker)
            maker.write()
    for number, kind in enumerate(THREE_TABLE_FILES):
        for part in range(2):
            maker = Maker(f"{kind.__name__}_{part + 1}", 20_000 + 1000 * number + part)
            maker.tables()
            kind(maker)
            maker.write()


if __name__ == "__main__":
    main()
