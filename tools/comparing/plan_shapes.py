"""Random statements of the rarer shapes for comparing plans: views, compounds, common tables, windows, row values,
outer joins of all kinds, expressions in indexes, writes. One function a kind, as in plans.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tools.comparing.plans import PlanTable, condition

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

OPERATORS = ("UNION ALL", "UNION ALL", "UNION", "EXCEPT", "INTERSECT")


def _column(rng: random.Random, table: PlanTable, alias: str) -> str:
    return f"{alias}.{rng.choice(table.columns)}"


def _where(rng: random.Random, table: PlanTable, alias: str, most: int = 2) -> str:
    parts = [condition(rng, table, alias) for _ in range(rng.randint(0, most))]
    return f" WHERE {' AND '.join(parts)}" if parts else ""


def _two(rng: random.Random, table: PlanTable, alias: str) -> str:
    """A SELECT of two columns, m and n."""
    where = _where(rng, table, alias)
    one, two = _column(rng, table, alias), _column(rng, table, alias)
    return f"SELECT {one} AS m, {two} AS n FROM {table.name} AS {alias}{where}"


def _tail(rng: random.Random) -> str:
    return rng.choice(["", "", " ORDER BY 1", " ORDER BY 2 DESC", " ORDER BY 1, 2 LIMIT 4", " LIMIT 3"])


def compound(rng: random.Random, tables: list[PlanTable]) -> str:
    """Compounds, alone, in FROM and on the right of IN."""
    arms = [_two(rng, rng.choice(tables), "xyz"[number]) for number in range(rng.choice([2, 2, 3]))]
    text = arms[0]
    for arm in arms[1:]:
        text += f" {rng.choice(OPERATORS)} {arm}"
    kind = rng.random()
    if kind < 0.5:
        return text + _tail(rng)
    if kind < 0.75:
        return f"SELECT * FROM ({text}) AS q{rng.choice(['', ' WHERE q.m = 5', ' WHERE q.n > 3 ORDER BY q.m'])}{''}"
    table = rng.choice(tables)
    return f"SELECT * FROM {table.name} AS w WHERE (w.a, w.b) IN ({text})"


def common_table(rng: random.Random, tables: list[PlanTable]) -> str:
    """WITH, used once or twice."""
    hint = rng.choice(["", "", "", "MATERIALIZED ", "NOT MATERIALIZED "])
    inner = _two(rng, rng.choice(tables), "x") + rng.choice(["", "", " ORDER BY 1", " LIMIT 5", " ORDER BY 2 LIMIT 5"])
    if rng.random() < 0.2:
        table = rng.choice(tables)
        inner = f"SELECT x.a AS m, count(*) AS n FROM {table.name} AS x GROUP BY x.a"
    with_clause = f"WITH w AS {hint}({inner}) "
    table = rng.choice(tables)
    return with_clause + rng.choice(
        [
            "SELECT * FROM w",
            "SELECT * FROM w WHERE m = 5 ORDER BY n",
            "SELECT * FROM w AS p JOIN w AS q ON p.m = q.n",
            f"SELECT * FROM {table.name} AS z JOIN w ON w.m = z.b WHERE {condition(rng, table, 'z')}",
            f"SELECT * FROM {table.name} AS z LEFT JOIN w ON w.m = z.a",
            f"SELECT * FROM {table.name} AS z WHERE z.b IN (SELECT n FROM w)",
            f"SELECT count(*) FROM {table.name} AS z, w",
        ]
    )


def window(rng: random.Random, tables: list[PlanTable]) -> str:
    """Window functions, and conditions on their results."""
    table = rng.choice(tables)
    part = _column(rng, table, "x")
    over = rng.choice(["", f"PARTITION BY {part} "]) + rng.choice(["", f"ORDER BY {_column(rng, table, 'x')}"])
    call = rng.choice(["row_number()", "sum(x.b)", "rank()", "max(x.a)"])
    text = f"SELECT {part} AS m, {call} OVER ({over.strip()}) AS n FROM {table.name} AS x{_where(rng, table, 'x', 1)}"
    if rng.random() < 0.5:
        return text + rng.choice(["", " ORDER BY 1", " ORDER BY n", " LIMIT 3"])
    return f"SELECT * FROM ({text}) AS q WHERE {rng.choice(['m = 5', 'n < 3', 'm = 5 AND n = 1', 'm > 2'])}"


def outer_join(rng: random.Random, tables: list[PlanTable]) -> str:
    """RIGHT, FULL, LEFT, CROSS and inner joins together."""
    chosen = [rng.choice(tables) for _ in range(rng.choice([2, 2, 3]))]
    text = f"{chosen[0].name} AS x0"
    for number, table in enumerate(chosen[1:], 1):
        kind = rng.choice(["RIGHT JOIN", "FULL JOIN", "LEFT JOIN", "JOIN", "CROSS JOIN"])
        left = rng.randrange(number)
        link = f"{_column(rng, table, f'x{number}')} = {_column(rng, chosen[left], f'x{left}')}"
        text += f" {kind} {table.name} AS x{number} ON {link}"
    where = f" WHERE {condition(rng, chosen[0], 'x0')}" if rng.random() < 0.4 else ""
    result = rng.choice(["*", "x0.a", "count(*)", "DISTINCT x0.a"])
    return f"SELECT {result} FROM {text}{where}{rng.choice(['', '', ' ORDER BY x0.a'])}"


def row_value(rng: random.Random, tables: list[PlanTable]) -> str:
    """Row values: comparisons, IN, and equality with a subquery."""
    table, other = rng.choice(tables), rng.choice(tables)
    one, two = rng.sample(table.columns, 2)
    inner = f"SELECT {_column(rng, other, 'y')}, {_column(rng, other, 'y')} FROM {other.name} AS y"
    test = rng.choice(
        [
            f"(x.{one}, x.{two}) = (1, 5)",
            f"(x.{one}, x.{two}) > (1, 5)",
            f"(x.{one}, x.{two}) <= (1, 5)",
            f"(x.{one}, x.{two}) IN ({inner})",
            f"(x.{one}, x.{two}) = ({inner} LIMIT 1)",
            f"(x.{one}, x.{two}) IN (VALUES (1, 2), (3, 4))",
            f"(x.{one}, x.{two}) BETWEEN (1, 2) AND (3, 4)",
        ]
    )
    return f"SELECT {rng.choice(['*', 'x.a', 'count(*)'])} FROM {table.name} AS x WHERE {test}"


def branches(rng: random.Random, tables: list[PlanTable]) -> str:
    """ORs, also of ANDs and across tables."""
    table = rng.choice(tables)
    some = [
        " AND ".join(condition(rng, table, "x") for _ in range(rng.choice([1, 1, 2])))
        for _ in range(rng.choice([2, 2, 3]))
    ]
    test = " OR ".join(f"({one})" for one in some)
    if rng.random() < 0.3:
        other = rng.choice(tables)
        link = f"{_column(rng, other, 'y')} = {_column(rng, table, 'x')}"
        link += f" OR {condition(rng, other, 'y')}"
        return f"SELECT * FROM {table.name} AS x JOIN {other.name} AS y ON ({link}) AND ({test})"
    return (
        f"SELECT {rng.choice(['*', 'x.a'])} FROM {table.name} AS x WHERE {test}{rng.choice(['', '', ' ORDER BY x.b'])}"
    )


def view(rng: random.Random, tables: list[PlanTable]) -> str:
    """The views that the schema has."""
    name = rng.choice(["plain_view", "group_view", "union_view", "limit_view", "nested_view"])
    table = rng.choice(tables)
    return rng.choice(
        [
            f"SELECT * FROM {name}",
            f"SELECT m FROM {name} WHERE m = 5",
            f"SELECT * FROM {name} WHERE n > 3 ORDER BY m",
            f"SELECT * FROM {name} AS v JOIN {table.name} AS z ON v.m = z.b",
            f"SELECT * FROM {table.name} AS z LEFT JOIN {name} AS v ON v.m = z.a",
            f"SELECT count(*) FROM {name}",
            f"SELECT * FROM {table.name} AS z WHERE z.a IN (SELECT m FROM {name})",
            f"SELECT * FROM {table.name} AS z WHERE EXISTS (SELECT 1 FROM {name} AS v WHERE v.m = z.a)",
            f"SELECT DISTINCT n FROM {name}",
        ]
    )


def write(rng: random.Random, tables: list[PlanTable]) -> str:
    """UPDATE, DELETE and INSERT ... SELECT."""
    table, other = rng.choice(tables), rng.choice(tables)
    name, target = table.name, rng.choice(table.columns)
    where = _where(rng, table, name)
    kind = rng.randrange(6)
    if kind == 0:
        return f"DELETE FROM {name}{where}"
    if kind == 1:
        return f"UPDATE {name} SET {target} = 5{where}"
    if kind == 2:
        inner = f"SELECT {_column(rng, other, 'y')} FROM {other.name} AS y"
        return f"DELETE FROM {name} WHERE {rng.choice(table.columns)} IN ({inner})"
    if kind == 3:
        link = f"{_column(rng, other, 'y')} = {_column(rng, table, name)}"
        return f"UPDATE {name} SET {target} = (SELECT max(y.a) FROM {other.name} AS y WHERE {link}){where}"
    if kind == 4:
        link = f"{_column(rng, other, 'y')} = {_column(rng, table, name)}"
        return f"UPDATE {name} SET {target} = y.b FROM {other.name} AS y WHERE {link}"
    columns = table.columns[:2]
    return f"INSERT INTO {name}({', '.join(columns)}) {_two(rng, other, 'y')}{_tail(rng)}"


def aggregate(rng: random.Random, tables: list[PlanTable]) -> str:
    """Aggregates with DISTINCT, FILTER, HAVING, several at once, over joins."""
    table = rng.choice(tables)
    one, two = _column(rng, table, "x"), _column(rng, table, "x")
    result = rng.choice(
        [
            f"count(DISTINCT {one})",
            f"min({one}), max({one})",
            f"max({one}), {two}",
            f"count(*) FILTER (WHERE {one} > 3)",
            f"group_concat({one} ORDER BY {two})",
            f"count(DISTINCT {one}), count(DISTINCT {two})",
            f"sum({one}), avg({two})",
        ]
    )
    tail = rng.choice(
        [
            "",
            f" GROUP BY {two}",
            f" GROUP BY {two} HAVING {two} = 5",
            f" GROUP BY {two} ORDER BY 1",
            f" GROUP BY {one}, {two}",
        ]
    )
    return f"SELECT {result} FROM {table.name} AS x{_where(rng, table, 'x', 1)}{tail}"


def views(rng: random.Random, tables: list[PlanTable]) -> list[str]:
    """The CREATE statements of the views that `view` reads."""
    some = [rng.choice(tables) for _ in range(6)]
    inner = f"(SELECT max(b) FROM {some[5].name} AS k WHERE k.a = m)"
    return [
        f"CREATE VIEW plain_view AS {_two(rng, some[0], 'x')}",
        f"CREATE VIEW group_view AS SELECT x.a AS m, count(*) AS n FROM {some[1].name} AS x GROUP BY x.a",
        f"CREATE VIEW union_view AS {_two(rng, some[2], 'x')} UNION ALL {_two(rng, some[3], 'y')}",
        f"CREATE VIEW limit_view AS {_two(rng, some[4], 'x')} ORDER BY 1 LIMIT 6",
        f"CREATE VIEW nested_view AS SELECT m, {inner} AS n FROM plain_view",
    ]


SHAPES: dict[str, Callable[[random.Random, list[PlanTable]], str]] = {
    "compound": compound,
    "common_table": common_table,
    "window": window,
    "outer_join": outer_join,
    "row_value": row_value,
    "branches": branches,
    "view": view,
    "write": write,
    "aggregate": aggregate,
}
