"""Which literals are free: those whose value nothing but the run depends on."""

from __future__ import annotations

import pytest
from keelback_core.compiler.emit.lifting import (
    FLAG_NEGATED,
    FLAG_NOT_SMALL,
    FLAG_SMALL,
    compile_lifted,
    encode_lifting,
)
from keelback_core.engine.connection import Connection
from keelback_core.program.program import Program
from lifted_engine import parsed

SCHEMA = """
    CREATE TABLE t(id INTEGER PRIMARY KEY, g INTEGER, v REAL, s TEXT DEFAULT 'none', CHECK (g <> 12));
    CREATE INDEX tg ON t(g, v);
    CREATE INDEX part ON t(v) WHERE g > 3;
    CREATE VIEW w AS SELECT id, g + 40 AS more FROM t WHERE v <> 41.5;
    CREATE TRIGGER tr AFTER INSERT ON t WHEN new.g = 44 BEGIN UPDATE t SET s = 'fired' WHERE id = 45; END;
"""


def lifted(sql: str) -> tuple[Program, list[str], list[int], bytes]:
    """The Program of a text, the spellings of its free literals, their flags, and their encoded form."""
    connection = Connection(":memory:")
    connection.execute(SCHEMA)
    ast = parsed(sql)
    program, literals = compile_lifted(ast, connection._catalog_for(ast), sql)
    spellings = [sql[literal.start : literal.end] for literal in literals]
    flags = [literal.flags for literal in literals]
    assert [literal.parameter for literal in literals] == [
        len(program.parameters) + place + 1 for place in range(len(literals))
    ]
    assert program.hidden_parameter_count == len(literals)
    return program, spellings, flags, encode_lifting(sql, literals)


@pytest.mark.parametrize(
    ("sql", "free"),
    [
        ("INSERT INTO t VALUES (1, -2, 3.5, 'x'), (4, 5, -.5, 'it''s')", "1 2 3.5 'x' 4 5 .5 'it''s'"),
        ("INSERT INTO t(g, s) VALUES (?1, 'x') ON CONFLICT DO UPDATE SET g = 7 WHERE g < 8", "'x' 7 8"),
        ("REPLACE INTO t(id, g) VALUES (2, 3)", "2 3"),
        ("UPDATE t SET g = g + 2, s = 'y' WHERE id = 9 AND s <> 'z'", "2 'y' 9 'z'"),
        ("DELETE FROM t WHERE g BETWEEN 2 AND 30 OR s IN ('a', 'b')", "2 30 'a' 'b'"),
        ("SELECT g FROM t WHERE id = 5", "5"),
        ("SELECT g FROM t WHERE g = 5 AND v > 2.5 AND s <> 'a' || 'b'", "5 2.5 'a' 'b'"),
        ("SELECT CASE WHEN g > 2 THEN 'many' ELSE 'few' END AS size FROM t", "2 'many' 'few'"),
        ("SELECT more FROM w WHERE more > 50", "50"),
        ("SELECT s FROM t WHERE g IN (2, 3, 4, 5, 6)", "2 3 4 5 6"),
        ("SELECT substr(s, 2, 3) AS part FROM t GROUP BY g HAVING count(*) > 4", "2 3 4"),
        ("WITH c(n) AS (VALUES (2) UNION ALL SELECT n + 3 FROM c WHERE n < 50) SELECT n FROM c", "2 50"),
        ("VALUES (2, 'a'), (3, 'b')", "2 'a' 3 'b'"),
    ],
)
def test_literals_that_are_only_computed_with_are_free(sql: str, free: str) -> None:
    assert lifted(sql)[1] == free.split(" ")


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT g + 5 FROM t",
        "SELECT 5, 'a'",
        "SELECT n FROM (SELECT g AS n, g + 5 FROM t)",
        "SELECT g FROM t LIMIT 5 OFFSET 6",
        "SELECT g, v FROM t ORDER BY 2",
        "SELECT g, count(*) FROM t GROUP BY 1",
        "SELECT g FROM t WHERE likelihood(g, 0.25)",
        "SELECT g + 2 AS n FROM t ORDER BY g + 2",
        "SELECT g FROM t WHERE g = 0x10 OR g = 1_000 OR s = x'00' OR g = 9223372036854775808 OR s IS NULL",
        "SELECT g FROM t WHERE g = -9223372036854775808",
        "SELECT CAST(g AS VARCHAR(10)) AS n FROM t",
        "EXPLAIN SELECT g FROM t WHERE id = 5",
        "CREATE TABLE n AS SELECT g FROM t WHERE id = 5",
        "PRAGMA user_version = 5",
        'SELECT g FROM t WHERE s = "words"',
    ],
)
def test_literals_that_someone_looks_at_are_not_free(sql: str) -> None:
    assert lifted(sql)[1] == []


def test_a_condition_compared_with_that_of_a_partial_index_is_not_free() -> None:
    assert lifted("SELECT id FROM t WHERE g > 3 AND v = 2.5")[1] == ["2.5"]


def test_a_minus_belongs_to_the_value() -> None:
    _program, spellings, flags, _bytes = lifted("UPDATE t SET g = -5, v = 5 - -2.5 WHERE s > - 'a'")
    assert spellings == ["5", "5", "2.5", "'a'"]
    assert flags == [FLAG_NEGATED, 0, FLAG_NEGATED, 0]


def test_estimates_tell_ones_and_zeros_from_other_numbers() -> None:
    assert lifted("SELECT id FROM t WHERE s = 0")[2] == [FLAG_SMALL]
    assert lifted("SELECT id FROM t WHERE s = -1")[2] == [FLAG_SMALL | FLAG_NEGATED]
    assert lifted("SELECT id FROM t WHERE s = 2")[2] == [FLAG_NOT_SMALL]


def test_literals_of_the_schema_stay_in_the_program() -> None:
    program, spellings, _flags, _bytes = lifted("INSERT INTO t(g) VALUES (77)")
    assert spellings == ["77"]
    assert any(instruction.p4 == "none" for instruction in program.instructions)


def test_offsets_are_encoded_in_bytes() -> None:
    sql = "UPDATE t SET s = 'é' WHERE s = 20"
    assert lifted(sql)[3] == bytes((2, 17, 0, 32, FLAG_NOT_SMALL))
    assert sql.encode()[32:34] == b"20"
