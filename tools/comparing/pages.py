"""Random pages of compounds: LIMIT and OFFSET over UNION ALL and sets, in FROM, IN, EXISTS and as scalars, of tables,
VALUES and common tables, where some row cannot be computed: who skips it does not find out. And upserts of which a
clause may name what there is not, since no row can reach it.

1. Its own tables are g0 and g1, without indexes, so that their rows have one order.
2. An error is one of `abs` of the smallest integer, of a JSON path or of a LIKE's ESCAPE.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from random import Random

    from tools.comparing.statements import StatementGenerator

ROWS = 8
WRONG = ("abs(-9223372036854775807 - 1)", "json_extract('[1]', 'x')", "'a' LIKE 'b' ESCAPE 'long'")
ALONE = (*WRONG, "4", "format('%d', 5)")
SECOND = ("NULL", "2", "'x'")
SETS = ("UNION ALL", "UNION ALL", "UNION ALL", "UNION ALL", "UNION", "EXCEPT", "INTERSECT")
DISTINCTIONS = ("IS DISTINCT FROM", "IS NOT DISTINCT FROM", "IS NOT", "IS", "<", ">=", "<>")
KEYS = (
    "a, b",
    "a INTEGER PRIMARY KEY, b",
    "a UNIQUE, b",
    "a, b, UNIQUE (b, a)",
    "a PRIMARY KEY, b UNIQUE",
)
WRITTEN = ("a = 1", "nosuch = 1", "b = excluded.b", "b = nosuch", "b = (SELECT nosuch FROM g0)", "a = a + 7")


def setup(generator: StatementGenerator) -> list[str]:
    """The tables, of rows that nothing changes, and those that are inserted into."""
    rng = generator.rng
    found = [f"CREATE TABLE {name}(id INTEGER PRIMARY KEY, v, w)" for name in ("g0", "g1")]
    for name in ("g0", "g1"):
        rows = ", ".join(f"({n + 1}, {rng.randrange(5)}, {rng.choice(SECOND)})" for n in range(ROWS))
        found.append(f"INSERT INTO {name} VALUES {rows}")
    found += [f"CREATE TABLE g{n + 2}({keys})" for n, keys in enumerate(KEYS)]
    return found


def statement(generator: StatementGenerator) -> str:
    """One statement over them."""
    rng = generator.rng
    kind = rng.random()
    if kind < 0.15:
        return _upsert(rng)
    if kind < 0.2:
        return f"EXPLAIN QUERY PLAN INSERT INTO g{rng.randint(2, 6)} VALUES (1, 2)"
    if kind < 0.25:
        return "SELECT changes(), total_changes() >= 0"
    page = _page(rng, 2)
    if kind < 0.35:
        return f"SELECT id, ({page}) FROM g0 ORDER BY id"
    if kind < 0.45:
        return f"SELECT id FROM g1 WHERE v {rng.choice(['IN', 'NOT IN'])} ({page}) ORDER BY id"
    if kind < 0.5:
        return f"SELECT EXISTS ({page}), (SELECT count(*) FROM ({page}))"
    if kind < 0.6:
        hint = rng.choice(["MATERIALIZED ", "NOT MATERIALIZED ", ""])
        return f"WITH c(x) AS {hint}({page}) SELECT x, typeof(x) FROM c LIMIT {rng.randint(1, 4)}"
    return page


def _page(rng: Random, depth: int, is_set: bool = True) -> str:
    """is_set: it may hold other operators than UNION ALL."""
    sets = SETS if is_set and rng.random() < 0.4 else SETS[:1]
    arms = [_arm(rng, depth, len(sets) == 1) for _ in range(rng.choice([1, 2, 2, 3, 4]))]
    text = arms[0]
    for arm in arms[1:]:
        text += f" {rng.choice(sets)} {arm}"
    if "UNION" in sets and rng.random() < 0.2:
        # UNION is UNION ALL where one row is wanted, and nothing behind that is computed.
        return f"{text} LIMIT {rng.choice(['1', '(1)', '0x1'])}"
    if len(sets) > 1 or rng.random() < 0.2:
        # Which rows of a set come first is left open without it.
        text += rng.choice([" ORDER BY 1", " ORDER BY 1 DESC"])
    limit = rng.choice(["0", "1", "2", "3", "5", "-1", "(SELECT count(*) FROM g1) - 6"])
    offset = rng.choice(["", " OFFSET 0", " OFFSET 1", " OFFSET 2", " OFFSET 4", " OFFSET 9", " OFFSET -1"])
    return f"{text} LIMIT {limit}{offset}"


def _arm(rng: Random, depth: int, may_fail: bool) -> str:
    """may_fail: also with nothing but a constant that cannot be computed: sets of single rows stop before some."""
    value = rng.choice(["v", "v + id", "id", "-v", "typeof(w)", "w"])
    if rng.random() < 0.3:
        value = f"iif(id = {rng.randint(1, ROWS)}, {rng.choice(WRONG)}, {value})"
        if rng.random() < 0.3:
            sides = [value, rng.choice(["0", "1", "id > 3", "(SELECT max(g1.v) FROM g1 WHERE g1.id = 2)", "NULL", "v"])]
            rng.shuffle(sides)
            value = rng.choice([" AND ", " OR "]).join(sides)
    source = rng.choice(["g0", "g1", "g0", "g1", ""])
    if not source:
        source = "(SELECT column1 AS id, column2 AS v, column3 AS w FROM (VALUES (1, 7, NULL), (2, 2, 'z'), (5, 0, 2)))"
    kind = rng.random()
    if kind < 0.1:
        return f"SELECT {rng.choice(['count(*)', 'max(v)', 'sum(id)'])} FROM {source}"
    if kind < 0.15:
        return f"SELECT DISTINCT {value} FROM {source}"
    if kind < 0.2:
        return f"SELECT count(*) FROM {source} GROUP BY v"
    if kind < 0.25:
        return f"SELECT lag(v, 1, 'none') OVER (ORDER BY id) FROM {source}"
    if kind < 0.35 and depth:
        return f"SELECT * FROM ({_page(rng, depth - 1, not may_fail)})"
    if kind < 0.4:
        return f"SELECT {rng.choice(ALONE if may_fail else ALONE[-2:])}"
    if kind < 0.7:
        return f"SELECT {value} FROM {source} WHERE v {rng.choice(DISTINCTIONS)} {rng.choice(['w', '2', 'NULL', 'id'])}"
    return f"SELECT {value} FROM {source}"


def _upsert(rng: Random) -> str:
    table = rng.randint(2, 6)
    columns = rng.choice(["", "", "(a, b)", "(b)", "(rowid, b)", "(a)"])
    count = columns.count(",") + 1 if columns else 2
    rows = ", ".join(
        f"({', '.join(rng.choice(['1', '2', '3', 'NULL']) for _ in range(count))})" for _ in range(rng.randint(1, 2))
    )
    clauses = ""
    for _ in range(rng.choice([1, 1, 1, 2, 3])):
        target = rng.choice(["", "", "(a)", "(b)", "(b, a)", "(rowid)"])
        action = "NOTHING" if rng.random() < 0.3 else f"UPDATE SET {rng.choice(WRITTEN)}"
        clauses += f" ON CONFLICT{target} DO {action}"
        if not target:
            break
    returning = rng.choice(["", "", " RETURNING a, b"])
    return f"INSERT INTO g{table}{columns} VALUES {rows}{clauses}{returning}"
