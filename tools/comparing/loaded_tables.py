"""The random tables of plans.py with thousands of rows in them, and the values that its queries ask for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tools.comparing.plans import PlanTable

if TYPE_CHECKING:
    import random

# What columns are made of: row numbers, few values, many values, skewed ones, texts, NULLs.
VALUES = (
    "i",
    "i % 7",
    "i % 100",
    "i / 20",
    "i * 7919 % 1009",
    "(i * 7919 % 97) * (i * 104729 % 89)",
    "'v' || (i % 500)",
    "CASE WHEN i % 10 = 0 THEN i % 50 END",
    "CASE i % 4 WHEN 0 THEN 'x' WHEN 1 THEN 'abc' || i WHEN 2 THEN 5 ELSE 2.5 END",
    "i / 8.0",
)


def loaded_tables(rng: random.Random, rows: int) -> tuple[list[PlanTable], list[str]]:
    """Tables, and the statements that make and fill them; the largest may have so many rows."""
    tables = [PlanTable(rng, number, is_wide=True) for number in range(rng.randint(2, 4))]
    statements = []
    for table in tables:
        created = table.create(rng)
        count = rng.choice([rows, rows // 3, rows // 10, rows // 100, 20])
        numbers = f"WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < {max(count, 5)})"
        values = ", ".join(
            [VALUES[0] if table.has_key else rng.choice(VALUES), *(rng.choice(VALUES) for _ in table.columns[1:])]
        )
        statements += [created[0], f"INSERT OR IGNORE INTO {table.name} {numbers} SELECT {values} FROM n"]
        # Keys that the rows do not have are not unique.
        statements += [sql.replace("UNIQUE INDEX", "INDEX") for sql in created[1:]]
    if rng.random() < 0.5:
        statements.append("ANALYZE")
    return tables, statements
