"""Random queries with windows and with recursive common tables.

The results must not depend on the plan: a window whose values depend on the order of its rows ends its ORDER BY with
the rowid; one whose order has ties has only calls that do not see their order. Recursion is bounded by a counter or a
LIMIT. group_concat gets no empty text: SQLite 3.54.1 loses a character when one leaves the frame; that is not copied.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tools.comparing.schema import RandomTable
    from tools.comparing.statements import StatementGenerator

PLACES = ("row_number()", "ntile(3)", "lag(%s)", "lead(%s, 2, 'none')", "lag(%s, -1)")
VALUES = (
    "first_value(%s)",
    "last_value(%s)",
    "nth_value(%s, 2)",
    "group_concat('g'||%s)",
    "sum(%s)",
    "total(%s)",
    "avg(%s)",
)
UNORDERED = ("rank()", "dense_rank()", "percent_rank()", "cume_dist()", "count(*)", "count(%s)")
STARTS = ("UNBOUNDED PRECEDING", "2 PRECEDING", "CURRENT ROW", "1 FOLLOWING")
ENDS = ("1 PRECEDING", "CURRENT ROW", "2 FOLLOWING", "UNBOUNDED FOLLOWING")
EXCLUDES = ("", "", "", " EXCLUDE NO OTHERS", " EXCLUDE CURRENT ROW", " EXCLUDE GROUP", " EXCLUDE TIES")


def _frame(generator: StatementGenerator) -> str:
    rng = generator.rng
    if rng.random() < 0.3:
        return ""
    start = rng.randrange(4)
    end = rng.randrange(max(0, start - 1) if start < 2 else start - 1, 4) if start != 3 else rng.randrange(2, 4)
    if start == 2:
        end = rng.randrange(1, 4)
    return f" {rng.choice(['ROWS', 'RANGE', 'GROUPS'])} BETWEEN {STARTS[start]} AND {ENDS[end]}{rng.choice(EXCLUDES)}"


def _call(generator: StatementGenerator, scope: list[str], rowid: str) -> str:
    """A call with OVER."""
    rng = generator.rng
    partition = f"PARTITION BY {generator.expression(scope, 1)} " if rng.random() < 0.4 else ""
    direction = rng.choice(["", " DESC", " NULLS LAST", " DESC NULLS FIRST"])
    key = generator.expression(scope, 1)
    frame = _frame(generator)
    if "," in rowid:
        # A key of several columns: RANGE with an offset wants one term.
        frame = frame.replace("RANGE", "GROUPS")
    has_offset = " RANGE " in frame and (" 1 " in frame or " 2 " in frame or "N 2 " in frame)
    if rng.random() < 0.3:
        function = rng.choice(UNORDERED)
        order = f"ORDER BY {key}{direction}"
        if "%s" not in function and function != "count(*)":
            frame = ""
        if "ROWS" in frame:
            # Which rows stand before it, or are excluded, depends on the order of ties.
            order += f", {rowid}"
    else:
        function = rng.choice(PLACES + VALUES)
        order = f"ORDER BY {rowid}{rng.choice(['', ' DESC'])}" if has_offset else f"ORDER BY {key}{direction}, {rowid}"
    if "%s" in function:
        function %= generator.expression(scope, 1)
    is_aggregate = function.startswith(("count", "sum", "total", "avg", "group"))
    condition = f" FILTER (WHERE {generator.condition(scope, 1)})" if is_aggregate and rng.random() < 0.2 else ""
    return f"{function}{condition} OVER ({partition}{order}{frame})"


def window_query(generator: StatementGenerator) -> str:
    """A SELECT with one to three windows over one table."""
    rng = generator.rng
    table = rng.choice(generator.tables)
    alias, scope = generator.alias(table)
    calls = [_call(generator, scope, table.order(f"{alias}.")) for _ in range(rng.choice([1, 1, 2, 3]))]
    where = f" WHERE {generator.condition(scope, 1)}" if rng.random() < 0.4 else ""
    order = table.order(f"{alias}.")
    return f"SELECT {order}, {', '.join(calls)} FROM {table.name} AS {alias}{where} ORDER BY {order}"


def recursive_query(generator: StatementGenerator) -> str:
    """A SELECT from a recursive common table."""
    rng = generator.rng
    table: RandomTable = rng.choice(generator.tables)
    alias, scope = generator.alias(table)
    operator = rng.choice(["UNION", "UNION ALL"])
    first = f"SELECT 0, {generator.literal()}"
    if rng.random() < 0.3:
        limited = (table.key or ["rowid"])[0]
        first = f"SELECT 0, {rng.choice(scope)} FROM {table.name} AS {alias} WHERE {alias}.{limited} < 4"
    elif rng.random() < 0.3:
        first = f"VALUES (0, {generator.literal()}), (1, {generator.literal()})"
    steps = []
    for _ in range(rng.choice([1, 1, 2])):
        value = generator.expression(["r.v", "r.n"], 2)
        steps.append(f"SELECT r.n + 1, {value} FROM r WHERE r.n < {rng.randint(1, 4)}")
        if rng.random() < 0.3:
            inner, columns = generator.alias(table)
            picked = rng.choice(columns)
            steps[-1] = f"SELECT r.n + 1, {picked} FROM r JOIN {table.name} AS {inner} ON {picked} = r.v WHERE r.n < 2"
    order = rng.choice(["", "", " ORDER BY 1, 2", " ORDER BY 2 DESC, 1"])
    limit = " LIMIT 40" if order else ""
    query = f"WITH RECURSIVE r(n, v) AS ({first} {operator} {f' {operator} '.join(steps)}{order}{limit})"
    return f"{query} SELECT n, quote(v) FROM r ORDER BY 1, 2"
