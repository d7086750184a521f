"""Faults of SQLite that the random statements come upon, and how one is recognised: SQLite itself has to give our
answer to the same question asked in a way that does not meet the fault. What it answers otherwise stays a difference.

There are two.
1. group_concat and string_agg over a moving frame take a frame that holds nothing but an empty text for one that holds
   nothing, lose the separator behind it and then a character of what follows. With another character in the place of
   empty texts, taken away again from the answer, they lose nothing.
2. A scalar subquery that is a compound with a DISTINCT in it keeps the last row that its OFFSET skips. As a subquery in
   the FROM of the scalar one the same compound gives no row.

What SQL leaves open is told by open_states.py.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tools.comparing.engines import Outcome, Side

CALLS = ("group_concat(", "string_agg(")
STAND_IN = "\x01"


def explained(sql: str, real: Side, ours: Outcome) -> Outcome | None:
    """What real SQLite answers where a known fault is kept away, if one may have been met; else None."""
    if ours[0] != "rows" or not sql.startswith(("SELECT ", "WITH ")):
        return None
    asked = _with_inner_compounds(sql)
    has_calls = " OVER " in sql and any(call in sql for call in CALLS) and repr(STAND_IN)[1:-1] not in repr(ours)
    if has_calls:
        asked = _with_stand_in(asked)
    if asked == sql:
        return None
    kind, facts = real.run(asked)
    if kind != "rows":
        return None
    rows, changes, _ = facts  # type: ignore[misc]
    if has_calls:
        rows = [tuple(_without_stand_in(value) for value in row) for row in rows]
    # The names of columns are the texts of their expressions, which were changed.
    return kind, (rows, changes, ours[1][2])  # type: ignore[index]


def _with_inner_compounds(sql: str) -> str:
    """The statement, whose subqueries that are compounds with DISTINCT and OFFSET stand in a FROM of their own."""
    found = ""
    place = 0
    while place < len(sql):
        if not sql.startswith("(SELECT ", place):
            found += sql[place]
            place += 1
            continue
        end = _matching(sql, place)
        inner = sql[place + 1 : end]
        own = _without_parentheses(inner)
        is_met = "SELECT DISTINCT " in own and " UNION ALL " in own and " OFFSET " in own
        inner = _with_inner_compounds(inner)
        found += f"(SELECT * FROM ({inner}))" if is_met else f"({inner})"
        place = end + 1
    return found


def _matching(sql: str, begin: int) -> int:
    """Where the parenthesis is closed that is opened there."""
    depth = 0
    place = begin
    while True:
        character = sql[place]
        if character in "'\"":
            place = sql.index(character, place + 1)
        depth += (character == "(") - (character == ")")
        if depth == 0:
            return place
        place += 1


def _without_parentheses(sql: str) -> str:
    """The text without what stands between parentheses and quotes."""
    found = ""
    place = 0
    while place < len(sql):
        character = sql[place]
        if character == "(":
            place = _matching(sql, place)
        elif character in "'\"":
            place = sql.index(character, place + 1)
        else:
            found += character
        place += 1
    return found


def _without_stand_in(value: object) -> object:
    return value.replace(STAND_IN, "") if isinstance(value, str) else value


def _with_stand_in(sql: str) -> str:
    """The statement, whose concatenations see no empty text."""
    found = ""
    place = 0
    while place < len(sql):
        call = next((call for call in CALLS if sql.startswith(call, place)), None)
        if call is None:
            found += sql[place]
            place += 1
            continue
        begin = place + len(call)
        end = _end_of_argument(sql, begin)
        value = _with_stand_in(sql[begin:end])
        distinct = "DISTINCT " if value.startswith("DISTINCT ") else ""
        value = value.removeprefix(distinct)
        found += f"{call}{distinct}CASE WHEN length({value}) = 0 THEN char({ord(STAND_IN)}) ELSE {value} END"
        place = end
    return found


def _end_of_argument(sql: str, begin: int) -> int:
    """Where the comma or the parenthesis behind an argument stands, or the ORDER BY of the call."""
    depth = 0
    place = begin
    while place < len(sql):
        character = sql[place]
        if character in "'\"":
            place = sql.index(character, place + 1)
        elif character == "(":
            depth += 1
        elif depth == 0 and (character in ",)" or sql.startswith(" ORDER BY ", place)):
            return place
        elif character == ")":
            depth -= 1
        place += 1
    return place
