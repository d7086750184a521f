"""Random triggers over random tables, each of which notes what it saw in the table `trace`."""

from __future__ import annotations

import random

from tools.comparing.schema import RandomTable

TRACE = "CREATE TABLE trace(n INTEGER PRIMARY KEY, note)"
CONFLICTS = ("", "", " OR IGNORE", " OR REPLACE")


def random_trigger(rng: random.Random, tables: list[RandomTable], number: int) -> str:
    """CREATE TRIGGER on one of the tables."""
    table = rng.choice(tables)
    event = rng.choice(("INSERT", "UPDATE", "DELETE"))
    rows = [row for row, other in (("NEW", "DELETE"), ("OLD", "INSERT")) if event != other]
    columns = f" OF {rng.choice(table.columns)}" if event == "UPDATE" and rng.random() < 0.3 else ""
    when = ""
    if rng.random() < 0.4:
        when = f" WHEN {rng.choice(rows)}.{rng.choice(table.columns)} {rng.choice(('IS NOT NULL', '> 3', '<> 1'))}"
    noted = " || '|' || ".join(f"quote({row}.{name})" for row in rows for name in table.columns)
    body = [f"INSERT INTO trace(note) VALUES ('{event} ' || {noted})"]
    body += [_step(rng, tables, table, rng.choice(rows)) for _ in range(rng.randint(0, 2))]
    time = rng.choice(("BEFORE", "AFTER", "AFTER"))
    # Not more than three: with a fourth, the order in which they fire depends on addresses in SQLite.
    kind = rng.choice(("", "", "", "TEMP ")) if number < 3 else ""
    return f"CREATE {kind}TRIGGER r{number} {time} {event}{columns} ON {table.name}{when} BEGIN {'; '.join(body)}; END"


def _step(rng: random.Random, tables: list[RandomTable], table: RandomTable, row: str) -> str:
    other = rng.choice(tables)
    column = rng.choice(other.columns)
    value = f"{row}.{rng.choice(table.columns)}"
    pick = rng.random()
    if pick < 0.3:
        where = f"rowid = {row}.rowid"
        if table.key or other.key:
            where = table.is_row(row) if other is table else f"{rng.choice(other.columns)} = {value}"
        return f"UPDATE{rng.choice(CONFLICTS)} {other.name} SET {column} = {value} WHERE {where}"
    if pick < 0.5:
        return f"INSERT{rng.choice(CONFLICTS)} INTO {other.name}({column}) VALUES ({value})"
    if pick < 0.65:
        return f"DELETE FROM {other.name} WHERE {column} = {value}"
    if pick < 0.75:
        action = rng.choice(("IGNORE", "ABORT, 'stop'", "FAIL, 'fail'"))
        return f"SELECT RAISE({action}) WHERE {value} = 7"
    return f"INSERT INTO trace(note) SELECT count(*) FROM {other.name} WHERE {column} < {value}"
