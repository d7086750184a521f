"""States of a database in which SQLite itself says, or shows, that what follows is left open. The random statements end
with such a database.

1. A trigger of temp that names its table without a schema, where temp has come to have a table of that name too: SQLite
   may attach the trigger to the other table whenever it reads the schema anew (lang_createtrigger.html).
2. Four triggers of temp or more, once a statement with RETURNING was run: SQLite's name for its RETURNING, which is
   made of an address, goes into the hash table that holds them, and with it the order in which they fire.
3. VACUUM of a database that shares the name of an indexed table with temp: SQLite makes the indexes of the new file
   from their texts, which name no schema, and so in temp. This is a fault; the indexes are lost.
"""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tools.comparing.engines import Outcome, Side

MOVED = (
    "SELECT tbl_name FROM temp.sqlite_schema AS t WHERE type = 'trigger' AND EXISTS (SELECT 1 FROM temp.sqlite_schema "
    "WHERE type IN ('table', 'view') AND name = t.tbl_name COLLATE NOCASE) AND t.sql NOT LIKE '% ON %.%BEGIN%'"
)
TRACE = "SELECT * FROM trace ORDER BY n"
HASHED_TRIGGERS = 4


def is_left_open(sql: str, real: Side, outcomes: tuple[Outcome, Outcome], log: list[str]) -> bool:
    """Whether a difference may be one of the first two. outcomes: real SQLite's and ours; log: what has been run."""
    return _has_moved_trigger(sql, real) or (sql == TRACE and _is_other_order(real, outcomes, log))


def _has_moved_trigger(sql: str, real: Side) -> bool:
    return not {str(row[0]) for row in _rows(real, MOVED)}.isdisjoint(re.findall(r"\w+", sql))


def _is_other_order(real: Side, outcomes: tuple[Outcome, Outcome], log: list[str]) -> bool:
    if outcomes[0][0] != "rows" or outcomes[1][0] != "rows" or not any(" RETURNING " in text for text in log):
        return False
    if len(_rows(real, "SELECT 1 FROM temp.sqlite_schema WHERE type = 'trigger'")) < HASHED_TRIGGERS:
        return False
    notes = [sorted(repr(row[1]) for row in outcome[1][0]) for outcome in outcomes]  # type: ignore[index]
    return notes[0] == notes[1]


def loses_indexes(sql: str, real: Side) -> bool:
    """Whether a statement that is about to run is a VACUUM of the third kind."""
    words = sql.split()
    # Within a transaction it is refused, and the question would begin to read the database.
    if words[0] != "VACUUM" or real.in_transaction():
        return False
    schema = words[1] if len(words) > 1 and words[1] != "INTO" else "main"
    shared = (
        f"SELECT 1 FROM {schema}.sqlite_schema AS i, temp.sqlite_schema AS t WHERE i.type = 'index' "
        "AND i.sql IS NOT NULL AND t.type = 'table' AND t.name = i.tbl_name COLLATE NOCASE"
    )
    return len(_rows(real, shared)) > 0


def _rows(real: Side, sql: str) -> list[tuple[object, ...]]:
    """The rows of a question about temp, which opens it: none while it is not open."""
    if real.run("SELECT 1 FROM pragma_database_list WHERE seq = 1")[1][0] == []:  # type: ignore[index]
        return []
    kind, facts = real.run(sql)
    return list(facts[0]) if kind == "rows" else []  # type: ignore[index]
