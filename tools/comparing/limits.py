"""Random statements around limits that sqlite3_limit has lowered: each limit is lowered, one or two statements that
are about as long, wide or deep are run, and the limit is what it was. The length of a text and the number of its
parameters are left to others: bindings look at both themselves.

`.limit CATEGORY N` sets a limit, N = -2: to what it was at first. The tables here: `m0`, `m1`.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from tools.comparing.statements import StatementGenerator

LENGTH, COLUMN, EXPR_DEPTH, COMPOUND, FUNCTION_ARG, ATTACHED, PATTERN, TRIGGER_DEPTH = (
    0, 2, 3, 4, 6, 7, 8, 10,
)  # fmt: skip


COUNTED = (
    "CREATE TABLE m1(n)",
    "CREATE TRIGGER mt AFTER INSERT ON m1 WHEN new.n > 0 BEGIN INSERT INTO m1 VALUES (new.n - 1); END",
)


def setup(generator: StatementGenerator) -> list[str]:
    """What the statements here need; to run at the beginning."""
    return [
        "CREATE TABLE m0(id INTEGER PRIMARY KEY, a, b)",
        "INSERT INTO m0(a, b) VALUES ('abc', 1), (zeroblob(40), 2), (NULL, 3)",
        *COUNTED,
        "PRAGMA recursive_triggers = ON",
    ]


def _length(generator: StatementGenerator, limit: int) -> str:
    rng = generator.rng
    size = max(limit * 3 + rng.randint(-3, 3), 0)
    return rng.choice(
        [
            f"SELECT length(zeroblob({size}))",
            f"SELECT length(hex(zeroblob({size // 2})))",
            f"SELECT length(printf('%.*c', {size}, 'x'))",
            f"SELECT length(replace('{'a' * 9}', 'a', '{'b' * (size // 9)}'))",
            f"INSERT INTO m0(a) VALUES (zeroblob({size}))",
            f"INSERT INTO m0(a, b) VALUES (zeroblob({size // 2}), zeroblob({size // 2}))",
            f"SELECT length(group_concat('{'x' * (size // 3)}')) FROM m0",
            f"SELECT '{'y' * size}'",
            f"SELECT length(concat_ws(',', '{'a' * (size // 2)}', '{'b' * (size // 2)}'))",
            f"SELECT length('{'a' * (size // 2)}' || '{'b' * (size // 2)}')",
            f"SELECT length(json_array('{'a' * (size // 2)}', '{'b' * (size // 2)}'))",
            f"SELECT length(quote(zeroblob({size // 2})))",
            f"SELECT length(upper('{'a' * size}'))",
            f"SELECT count(*) FROM (SELECT zeroblob({size}) AS z UNION SELECT 1)",
            f"SELECT length(format('%{size}d', 5))",
            f"SELECT length(char({', '.join(['97'] * (size // 4))}))",
        ]
    )


def _columns(generator: StatementGenerator, limit: int) -> str:
    rng = generator.rng
    count = max(limit + rng.randint(-1, 1), 1)
    names = [f"x{number}" for number in range(count)]
    numbers = ", ".join(str(number) for number in range(count))
    return rng.choice(
        [
            f"SELECT {numbers}",
            f"VALUES ({numbers})",
            f"CREATE TEMP TABLE mx({', '.join(names)})",
            f"SELECT * FROM (SELECT {numbers})",
            f"SELECT 1 FROM m0 GROUP BY {', '.join(['a'] * count)}",
            f"SELECT 1 FROM m0 ORDER BY {', '.join(['a'] * count)}",
            f"SELECT a.*, b.* FROM m0 a, m0 b WHERE a.id < {count}",
            f"UPDATE m0 SET {', '.join(['a = 1'] * count)}",
            f"INSERT INTO m0({', '.join(['a'] * count)}) VALUES ({numbers})",
            f"CREATE INDEX mi ON m1({', '.join(['n'] * count)})",
            f"CREATE TEMP VIEW mv AS SELECT {numbers}",
            f"WITH w({', '.join(names)}) AS (SELECT {numbers}) SELECT 1 FROM w",
            f"SELECT 1 IN (SELECT {numbers})",
            f"SELECT ({numbers}) = ({numbers})",
            f"SELECT a FROM m0 RETURNING {numbers}",
            f"DELETE FROM m0 WHERE 0 RETURNING {numbers}",
            f"CREATE TABLE mk(a, b, PRIMARY KEY({', '.join(['a'] * count)}))",
        ]
    )


def _depth(generator: StatementGenerator, limit: int) -> str:
    rng = generator.rng
    count = max(limit + rng.randint(-3, 2), 1)
    return rng.choice(
        [
            f"SELECT {'(' * count}1{')' * count}",
            f"SELECT {'-' * 1}{'+' * 0}{' NOT' * count} 1",
            f"SELECT {' + '.join(['1'] * count)}",
            f"SELECT {' AND '.join(['b'] * count)} FROM m0",
            f"SELECT {'abs(' * count}1{')' * count}",
            f"SELECT {'(SELECT ' * count}1{')' * count}",
            f"SELECT a FROM m0 WHERE {' OR '.join(['b = 1'] * count)}",
            f"SELECT CASE WHEN {' || '.join(['a'] * count)} THEN 1 END FROM m0",
            f"SELECT 1 IN ({', '.join(['1'] * count)})",
            f"SELECT {'1 BETWEEN 0 AND ' * count}1",
            f"CREATE TEMP TABLE mx(a DEFAULT ({'(' * count}1{')' * count}))",
            f"CREATE TEMP VIEW mv AS SELECT {' + '.join(['1'] * count)} AS q",
            f"SELECT sum({' + '.join(['b'] * count)}) OVER () FROM m0",
        ]
    )


def _compound(generator: StatementGenerator, limit: int) -> str:
    rng = generator.rng
    count = max(limit + rng.randint(-1, 1), 1)
    word = rng.choice([" UNION ALL ", " UNION ", " EXCEPT "])
    selects = word.join(f"SELECT {number}" for number in range(count))
    return rng.choice(
        [
            selects,
            f"SELECT count(*) FROM ({selects})",
            "VALUES " + ", ".join(f"({number})" for number in range(count)),
            f"SELECT 1 IN ({selects})",
            "INSERT INTO m0(b) VALUES " + ", ".join(f"({number})" for number in range(count)),
            f"INSERT INTO m0(b) {selects}",
            f"SELECT * FROM (SELECT 1 UNION ALL {selects}) UNION ALL SELECT 5",
        ]
    )


def _arguments(generator: StatementGenerator, limit: int) -> str:
    rng = generator.rng
    count = max(limit + rng.randint(-1, 1), 1)
    name = rng.choice(["coalesce", "max", "char", "concat", "json_array", "printf", "nosuch", "abs"])
    return f"SELECT {name}({', '.join(['1'] * count)})"


def _attached(generator: StatementGenerator, limit: int) -> str:
    return f"ATTACH ':memory:' AS m{generator.rng.randint(1, 3)}"


def _pattern(generator: StatementGenerator, limit: int) -> str:
    rng = generator.rng
    count = max(limit + rng.randint(-1, 1), 1)
    return rng.choice(
        [
            f"SELECT 'a' LIKE '{'%' * count}'",
            f"SELECT 'a' GLOB '{'*' * count}'",
            f"SELECT a FROM m0 WHERE a LIKE '{'a' * count}%'",
            f"SELECT like('{'x' * count}', 'x')",
            f"SELECT like('{'é' * (count // 2)}', 'x')",
        ]
    )


def _triggers(generator: StatementGenerator, limit: int) -> str:
    return f"INSERT INTO m1 VALUES ({max(limit + generator.rng.randint(-2, 2), 0)})"


KINDS: tuple[tuple[int, int, int, Callable[[StatementGenerator, int], str]], ...] = (
    (LENGTH, 30, 60, _length),
    (LENGTH, 30, 200, _length),
    # Not lower: SQLite's own statements about its schema have five columns, and expressions.
    (COLUMN, 5, 9, _columns),
    (COLUMN, 5, 9, _columns),
    (EXPR_DEPTH, 4, 15, _depth),
    (EXPR_DEPTH, 4, 15, _depth),
    (COMPOUND, 1, 5, _compound),
    (FUNCTION_ARG, 0, 4, _arguments),
    (ATTACHED, 0, 3, _attached),
    (PATTERN, 0, 9, _pattern),
    (TRIGGER_DEPTH, 0, 6, _triggers),
)


def statement(generator: StatementGenerator) -> str:
    """Any statement of this module."""
    rng = generator.rng
    if rng.random() < 0.15:
        return rng.choice(
            [
                "SELECT id, length(a), b FROM m0 ORDER BY id",
                "SELECT count(*), max(n) FROM m1",
                "DELETE FROM m0 WHERE id > 3",
                "DROP TABLE IF EXISTS mx",
                "DROP VIEW IF EXISTS mv",
                "DROP TABLE IF EXISTS mk",
                "DETACH m1",
                "DETACH m2",
                "DETACH m3",
            ]
        )
    category, least, most, make = rng.choice(KINDS)
    limit = rng.randint(least, most)
    generator.pending += [make(generator, limit) for _ in range(rng.choice([1, 2]))] + [f".limit {category} -2"]
    if category == LENGTH:
        # What is stored is not looked at again here; SQLite refuses to read what is longer than the limit.
        generator.pending.append("DELETE FROM m0 WHERE length(a) > 40 OR length(b) > 9")
    if category == TRIGGER_DEPTH:
        # SQLite keeps what was inserted above the trigger that is one too deep, if there is no statement journal.
        generator.pending += ["DROP TABLE m1", *COUNTED]
    shown = limit * 3 if category == LENGTH else limit
    generator.pending.insert(0, f".limit {category} {shown}")
    # So that the schema is not read below the limit: its texts are longer.
    return "SELECT count(*), max(n) FROM m1"
