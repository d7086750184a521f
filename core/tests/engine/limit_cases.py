"""Cases for sqlite3_limit: statements of many shapes for each limit, at one less, at it and beyond it.

`cases(n)` with n = 5, 6, 7 gives (number of the limit, its value, statement); most limits are set to 6. `SETUP` makes
what the statements need. Must not know: who runs them.
"""

from __future__ import annotations

from collections.abc import Iterator

from keelback_core.compiler.catalog.settings import (
    LIMIT_ATTACHED,
    LIMIT_COLUMN,
    LIMIT_COMPOUND_SELECT,
    LIMIT_EXPR_DEPTH,
    LIMIT_FUNCTION_ARG,
    LIMIT_LENGTH,
    LIMIT_LIKE_PATTERN_LENGTH,
    LIMIT_PARSER_DEPTH,
    LIMIT_SQL_LENGTH,
    LIMIT_TRIGGER_DEPTH,
    LIMIT_VARIABLE_NUMBER,
    LIMIT_WORKER_THREADS,
)

SETUP = [
    "CREATE TABLE t(a, b, c)",
    "INSERT INTO t VALUES (1, 2, 3)",
    "CREATE TABLE deep(n)",
    "PRAGMA recursive_triggers = 1",
    "PRAGMA foreign_keys = 1",
    "CREATE TRIGGER r AFTER INSERT ON deep BEGIN INSERT INTO deep VALUES (new.n + 1); END",
    "CREATE TABLE chain1(x)",
    "CREATE TABLE chain2(x)",
    "CREATE TABLE chain3(x)",
    "CREATE TRIGGER c1 AFTER INSERT ON chain1 BEGIN INSERT INTO chain2 VALUES (new.x); END",
    "CREATE TRIGGER c2 AFTER INSERT ON chain2 BEGIN INSERT INTO chain3 VALUES (new.x); END",
    "CREATE TRIGGER c3 AFTER INSERT ON chain3 BEGIN SELECT 1; END",
    "CREATE TABLE par(id INTEGER PRIMARY KEY, p REFERENCES par ON DELETE CASCADE ON UPDATE CASCADE)",
    "INSERT INTO par VALUES (1, NULL), (2, 1), (3, 2), (4, 3)",
]


def listed(count: int, form: str = "{}") -> str:
    """The form with 1, 2, ... in it, with commas between."""
    return ", ".join(form.format(number) for number in range(1, count + 1))


def compound(count: int, operator: str) -> str:
    return f" {operator} ".join(["SELECT 1"] * count)


def nested(opening: str, inner: str, closing: str, count: int) -> str:
    return opening * count + inner + closing * count


def sum_of(count: int) -> str:
    return "+".join(["1"] * count)


def length_cases(n: int) -> list[str]:
    """The limit is 30."""
    a, b = "a" * (n + 24), "b" * 14
    return [
        f"SELECT length(zeroblob({n + 24}))",
        f"SELECT hex(zeroblob({n + 9}))",
        f"SELECT '{a}'",
        f"SELECT x'{'00' * (n + 24)}'",
        f"SELECT '{a}' AS s",
        f"SELECT printf('%.{n + 24}c', 'x')",
        f"SELECT printf('%{n + 24}s', 'x')",
        f"SELECT replace('aaaaaa', 'a', '{'b' * (n - 1)}')",
        f"SELECT '{'a' * (n + 10)}' || '{b}'",
        f"SELECT '{'a' * (n + 10)}' || '{b}' AS s",
        f"SELECT group_concat('{'a' * (n + 4)}') FROM (SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3)",
        f"SELECT quote(zeroblob({n + 7}))",
        f"SELECT quote('{'a' * (n + 22)}')",
        f"SELECT randomblob({n + 24}) IS NOT NULL",
        f"SELECT json_array('{'a' * (n + 20)}')",
        f"SELECT json_array('{'a' * (n + 20)}') AS s",
        f"SELECT CAST('{a}' AS BLOB)",
        f"INSERT INTO t VALUES (zeroblob({n + 20}), 1, 1)",
        f"INSERT INTO t VALUES (zeroblob({n + 10}), zeroblob(10), 1)",
        f"UPDATE t SET a = zeroblob({n + 21})",
        f"SELECT zeroblob({n + 10}) AS q UNION SELECT zeroblob(12) ORDER BY 1",
        f"SELECT char({', '.join(['65'] * (n + 24))}) AS s",
        f"SELECT concat('{'a' * (n + 10)}', '{b}') AS s",
        f"SELECT concat_ws('-', '{'a' * (n + 9)}', '{b}') AS s",
        f"SELECT substr('{a}', 2) AS s",
        f"SELECT strftime('{'%Y' * n}', '2020-01-01')",
        f"SELECT strftime('{'%Y' * n}', '2020-01-01') AS s",
        f"SELECT unhex('{'00' * (n + 24)}')",
        f"SELECT json('[\"{'a' * (n + 20)}\"]') AS s",
        f"SELECT json_group_array('{'a' * (n + 3)}') FROM (SELECT 1 UNION ALL SELECT 2)",
        f'SELECT a AS "{a}" FROM t',
        f'SELECT * FROM (SELECT a AS "{a}" FROM t)',
    ]


def text_cases(n: int) -> list[str]:
    """The limit is 30."""
    return ["SELECT " + "1" * (n + 17), "SELECT 1" + " " * (n + 16), "SELECT /*" + "x" * (n + 12) + "*/ 1"]


def column_cases(n: int) -> list[str]:
    values = listed(n)
    terms = listed(n, "a+{}")
    same = ", ".join(["a"] * n)
    return [
        f"SELECT {values}",
        f"VALUES ({values})",
        f"SELECT {values} UNION SELECT {values}",
        f"CREATE TABLE u({listed(n, 'c{}')})",
        f"CREATE TABLE u AS SELECT {listed(n, '{0} AS c{0}')}",
        f"CREATE VIEW v AS SELECT {values}",
        f"SELECT * FROM (SELECT {values})",
        f"SELECT a FROM t ORDER BY {terms}",
        f"SELECT a FROM t GROUP BY {terms}",
        f"SELECT DISTINCT {values}",
        f"INSERT INTO t VALUES ({values})",
        f"INSERT INTO t(a, b, c) VALUES ({values})",
        f"INSERT INTO t SELECT {values}",
        f"UPDATE t SET {listed(n, 'a={}')}",
        f"CREATE INDEX i ON t({same})",
        f"SELECT 1 FROM t WHERE ({values}) = ({values})",
        f"SELECT a FROM t WHERE a IN ({values})",
        f"WITH w({listed(n, 'c{}')}) AS (SELECT {values}) SELECT * FROM w",
        f"SELECT row_number() OVER (PARTITION BY {terms}) FROM t",
        f"SELECT row_number() OVER (ORDER BY {terms}) FROM t",
        f"INSERT INTO t VALUES (1, 2, 3) RETURNING {values}",
        f"CREATE TABLE u(a, b, c, d, e, f, UNIQUE ({', '.join('abcdefa'[:n])}))",
        f"CREATE TABLE u(a, FOREIGN KEY ({same}) REFERENCES t({same}))",
        f"UPDATE t SET ({same}) = ({values})",
        f"UPDATE t SET ({same}) = (SELECT {values})",
        f"SELECT EXISTS (SELECT {values})",
        f"SELECT group_concat(a ORDER BY {terms}) FROM t",
        f"SELECT 1 IN (SELECT {values})",
        f"SELECT ({values}) IN (SELECT {values})",
    ]


def depth_cases(n: int) -> list[str]:
    k = n - 1
    height, less, two_less = sum_of(n), sum_of(k), sum_of(n - 2)
    wholes = [
        height,
        sum_of(n + 1),
        nested("(", "1", ")", k),
        "-" * k + "1" if k < 2 else "- " * k + "1",
        "+ " * k + "1",
        "- + " * (k // 2) + "1",
        "~" * k + "1",
        "NOT " * k + "1",
        nested("abs(", "1", ")", k),
        nested("CASE WHEN 1 THEN ", "1", " END", k),
        nested("(SELECT ", "1", ")", k),
        nested("(SELECT 1+", "1", ")", k),
        nested("1 IN (SELECT ", "1", ")", k),
        nested("EXISTS (SELECT ", "1", ")", k),
        nested("1 IN (", "1", ")", k),
        nested("1 IN (2, ", "1", ")", k),
        nested("1 NOT IN (", "1", ")", k),
        nested("CAST(", "1", " AS INT)", k),
        "1 AND " * k + "1",
        "1 OR " * k + "1",
        "'a' || " * k + "'b'",
        f"1 BETWEEN {two_less} AND 2",
        "'a' LIKE " + " || ".join(["'b'"] * (n - 2)),
        f"(1, {less}) = (1, 2)",
        f"1 IN (1, {less})",
        f"CASE {less} WHEN 1 THEN 2 END",
        f"CASE 1 WHEN {less} THEN 2 END",
        f"CASE 1 WHEN 1 THEN {less} ELSE 2 END",
        f"1 IN (VALUES ({less}))",
        f"1 IS NOT DISTINCT FROM {less}",
        f"(WITH q AS (SELECT {less}) SELECT * FROM q)",
        f"(SELECT (SELECT {two_less}))",
        f"(SELECT {less} UNION SELECT 2)",
        f"(SELECT 1 FROM t WHERE {less})",
        f"(SELECT 1 ORDER BY {less})",
        f"(SELECT 1 LIMIT {less})",
        f"(SELECT 1 FROM (SELECT {two_less}))",
    ]
    return [
        *(f"SELECT {whole}" for whole in wholes),
        "SELECT " + "a AND " * k + "b FROM t",
        "SELECT a FROM t WHERE " + " AND ".join(["a = 1"] * (n - 2)),
        "SELECT a FROM t WHERE " + " OR ".join(["a = 1"] * (n - 2)),
        f"SELECT a FROM t ORDER BY {height}",
        f"SELECT a FROM t GROUP BY {height}",
        f"SELECT a FROM t GROUP BY a HAVING {height}",
        f"SELECT a FROM t LIMIT {height}",
        f"SELECT a FROM t LIMIT 1 OFFSET {less}",
        f"VALUES ({height})",
        f"INSERT INTO t VALUES ({height}, 1, 1)",
        f"UPDATE t SET a = {height}",
        f"DELETE FROM t WHERE {height}",
        f"CREATE VIEW v AS SELECT {height}",
        f"CREATE TABLE u(a CHECK ({height}))",
        f"CREATE TABLE u(a DEFAULT ({height}))",
        f"CREATE TABLE u(a, b AS (a + {less}))",
        f"CREATE INDEX ii ON t(a + {less})",
        f"CREATE INDEX ii ON t(a) WHERE a > {less}",
        f"CREATE TRIGGER tr AFTER INSERT ON t BEGIN SELECT {height}; END",
        f"CREATE TRIGGER tr AFTER INSERT ON t WHEN {height} BEGIN SELECT 1; END",
        f"SELECT 1 FROM (SELECT {less})",
        f"SELECT 1 FROM t JOIN t AS b ON {height}",
        f"SELECT count(*) OVER (ORDER BY {height}) FROM t",
        f"SELECT count(*) FILTER (WHERE {less}) FROM t",
        f"SELECT sum({less}) FROM t",
        "SELECT a" + " COLLATE binary" * k + " FROM t",
        "SELECT a" + " IS NULL" * k + " FROM t",
        "SELECT a -> 'x'" + " -> 'y'" * (n - 2) + " FROM t",
    ]


def compound_cases(n: int) -> list[str]:
    rows = ", ".join(["(1)"] * n)
    union = compound(n, "UNION")
    return [
        union,
        compound(n, "UNION ALL"),
        compound(n, "INTERSECT"),
        f"VALUES {rows}",
        f"INSERT INTO t VALUES {', '.join(['(1, 2, 3)'] * n)}",
        f"SELECT * FROM ({union})",
        f"CREATE VIEW v AS {union}",
        f"SELECT 1 IN ({union})",
        f"WITH c AS ({union}) SELECT * FROM c",
        f"SELECT 1 IN (VALUES {rows})",
        f"INSERT INTO t(a) {compound(n, 'UNION ALL')}",
        "WITH RECURSIVE c(x) AS (SELECT 1 UNION "
        + " UNION ".join(["SELECT x + 1 FROM c WHERE x < 3"] * (n - 1))
        + ") SELECT * FROM c",
    ]


def argument_cases(n: int) -> list[str]:
    values = listed(n)
    names = ("max({})", "nosuch({})", "coalesce({})", "abs({})", "char({})", "json_object({})", "printf('x', {})")
    return [
        *("SELECT " + name.format(values) for name in names),
        f"SELECT count({values}) OVER () FROM t",
        f"SELECT max({values}) FILTER (WHERE 1) FROM t",
        f"SELECT sum(DISTINCT {values}) FROM t",
        f"CREATE TABLE u(a CHECK (max({values})))",
        f"SELECT * FROM json_each({values})",
        f"CREATE VIEW v AS SELECT max({values})",
    ]


def variable_cases(n: int) -> list[str]:
    return [
        f"SELECT ?{n}",
        f"SELECT {', '.join(['?'] * n)}",
        f"SELECT {listed(n, ':a{}')}",
        f"SELECT {listed(n, '@a{}')}",
        f"SELECT {listed(n, '$a{}')}",
        f"SELECT ?{n - 1}, ?",
        f"SELECT ?{n - 1}, :b, ?",
        f"SELECT ?6, {listed(max(n - 5, 1), ':c{}')}",
        "SELECT ?0",
        f"SELECT ?00{n}",
        f"SELECT 1 LIMIT ?{n}",
        f"SELECT 1 FROM nosuch WHERE ?{n}",
        f"SELECT :a, :a, :a, :a, :a, :a, :a, ?{n}",
        "SELECT ?99999999999",
        f"INSERT INTO t VALUES (?, ?, ?{n})",
        f"CREATE TABLE u(a CHECK (?{n}))",
        f"CREATE VIEW v AS SELECT ?{n}",
    ]


def pattern_cases(n: int) -> list[str]:
    pattern = "a" * n
    return [
        f"SELECT 'a' LIKE '{pattern}'",
        f"SELECT 'a' GLOB '{pattern}'",
        f"SELECT 'a' LIKE '{'é' * (n // 2)}x'",
        f"SELECT NULL LIKE '{pattern}'",
        f"SELECT like('{pattern}', 'b')",
        f"SELECT 'a' LIKE '{pattern}' ESCAPE 'x'",
        f"SELECT 'a' LIKE zeroblob({n})",
        f"SELECT 'a' LIKE {'1' * n}",
        f"SELECT a FROM t WHERE a LIKE '{pattern}'",
        f"SELECT glob('{pattern}', NULL)",
    ]


def trigger_cases() -> list[str]:
    return [
        "INSERT INTO deep VALUES (1)",
        "INSERT INTO chain1 VALUES (1)",
        "INSERT INTO chain2 VALUES (1)",
        "INSERT INTO chain3 VALUES (1)",
        "DELETE FROM par WHERE id = 1",
        "UPDATE par SET id = 9 WHERE id = 1",
    ]


def stack_cases(n: int) -> list[str]:
    """The limit is 60 + n; the parser's stack is larger than it in any case."""
    return [
        "SELECT " + nested("(", "1", ")", 50),
        "SELECT " + nested("(", "1", ")", n + 50),
        "SELECT " + nested("abs(", "1", ")", 25),
        "SELECT " + nested("(SELECT ", "1", ")", 13),
        "SELECT " + nested("CASE WHEN 1 THEN ", "1", " END", 14),
        "SELECT " + nested("max(1, ", "1", ")", 14),
        "SELECT " + nested("(SELECT 1 WHERE ", "1", ")", 12),
        "SELECT " + nested("(SELECT 1 ORDER BY ", "1", ")", 8),
        "SELECT " + nested("(SELECT 1 LIMIT ", "1", ")", 8),
        "SELECT " + "- " * 40 + "1",
    ]


def cases(n: int) -> Iterator[tuple[int, int, str]]:
    """(number of the limit, its value, statement)."""
    for number, value, statements in (
        (LIMIT_LENGTH, 30, length_cases(n)),
        (LIMIT_SQL_LENGTH, 30, text_cases(n)),
        (LIMIT_COLUMN, 6, column_cases(n)),
        (LIMIT_EXPR_DEPTH, 6, depth_cases(n)),
        (LIMIT_COMPOUND_SELECT, 6, compound_cases(n)),
        (LIMIT_FUNCTION_ARG, 6, argument_cases(n)),
        (LIMIT_VARIABLE_NUMBER, 6, variable_cases(n)),
        (LIMIT_LIKE_PATTERN_LENGTH, 6, pattern_cases(n)),
        (LIMIT_TRIGGER_DEPTH, n - 4, trigger_cases()),
        (LIMIT_ATTACHED, n - 5, ["ATTACH ':memory:' AS x", "ATTACH ':memory:' AS main"]),
        (LIMIT_PARSER_DEPTH, n + 60, stack_cases(n)),
        (LIMIT_WORKER_THREADS, n - 5, ["SELECT 1"]),
    ):
        for statement in statements:
            yield number, value, statement
