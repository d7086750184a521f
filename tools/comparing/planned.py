"""Random queries for the planner's rules: conditions on subqueries and compounds, EXISTS, LEFT JOINs, IN, ANALYZE.

Everything has one answer, whatever the plan: groups show their keys and aggregates that do not see an order, and there
is no LIMIT.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tools.comparing.schema import RandomTable
    from tools.comparing.statements import StatementGenerator

AGGREGATES = ("count(*)", "count(%s)", "min(%s)", "max(%s)", "count(DISTINCT %s)")


def _core(generator: StatementGenerator) -> str:
    """A SELECT of columns m and n over one table."""
    rng = generator.rng
    table: RandomTable = rng.choice(generator.tables)
    alias, scope = generator.alias(table)
    where = f" WHERE {generator.condition(scope, 1)}" if rng.random() < 0.5 else ""
    key, other = rng.choice(scope), rng.choice(scope)
    kind = rng.random()
    if kind < 0.35:
        aggregate = rng.choice(AGGREGATES)
        if "%s" in aggregate:
            aggregate %= other
        return f"SELECT {key} AS m, {aggregate} AS n FROM {table.name} AS {alias}{where} GROUP BY {key}"
    distinct = "DISTINCT " if kind < 0.5 else ""
    return f"SELECT {distinct}{key} AS m, {other} AS n FROM {table.name} AS {alias}{where}"


def _subquery(generator: StatementGenerator) -> str:
    """A subquery of FROM with columns m and n."""
    rng = generator.rng
    text = _core(generator)
    for _ in range(rng.choice([0, 0, 0, 1, 2])):
        text += f" {rng.choice(['UNION ALL', 'UNION ALL', 'UNION', 'EXCEPT', 'INTERSECT'])} {_core(generator)}"
    if rng.random() < 0.2:
        text += f" ORDER BY {rng.choice(['1', '2 DESC', '1, 2'])}"
    return text


def _test(generator: StatementGenerator, name: str) -> str:
    """A condition that the planner may use."""
    rng = generator.rng
    value = generator.literal()
    return rng.choice(
        [
            f"{name} = {value}",
            f"{name} > {value}",
            f"{name} BETWEEN {value} AND {generator.literal()}",
            f"{name} IN ({value}, {generator.literal()})",
            f"{name} IS {value}",
            f"+{name} LIKE 'a%'",
            f"{name} IS NOT NULL",
            f"likely({name} <> {value})",
        ]
    )


def _or_join(generator: StatementGenerator) -> str:
    """Two tables joined by an OR whose branches share conditions."""
    rng = generator.rng
    around: RandomTable = rng.choice(generator.tables)
    table: RandomTable = rng.choice(generator.tables)
    one, mine = generator.alias(around)
    other, its = generator.alias(table)
    key = f"{other}.rowid" if rng.random() < 0.5 and not table.key else rng.choice(its)
    shared = f"{key} = {rng.choice(mine)}"
    branches = []
    for _ in range(rng.choice([2, 2, 3])):
        link = shared if rng.random() < 0.85 else f"{rng.choice(its)} = {rng.choice(mine)}"
        parts = [link] + [_test(generator, rng.choice(mine + its)) for _ in range(rng.choice([0, 1, 1, 2]))]
        rng.shuffle(parts)
        branches.append("(" + " AND ".join(parts) + ")")
    joined = f"{around.name} AS {one}, {table.name} AS {other}"
    return f"SELECT {rng.choice(mine)}, {rng.choice(its)} FROM {joined} WHERE {' OR '.join(branches)}"


def planned_query(generator: StatementGenerator) -> str:
    """A query over subqueries and tables."""
    rng = generator.rng
    if rng.random() < 0.1:
        return _or_join(generator)
    subquery = _subquery(generator)
    # Real SQLite pushes a condition into the SELECTs of a compound with the affinity that each has there, so what it
    # gives depends on the plan; a unary plus leaves no affinity to differ.
    is_compound = any(word in subquery for word in (" UNION ", " EXCEPT ", " INTERSECT "))
    sign = "+" if is_compound else ""
    tests = [_test(generator, sign + name) for name in ("q.m", "q.n") if rng.random() < 0.5]
    kind = rng.random()
    if kind < 0.35:
        where = f" WHERE {' AND '.join(tests)}" if tests else ""
        return f"SELECT q.m, q.n FROM ({subquery}) AS q{where}"
    table: RandomTable = rng.choice(generator.tables)
    alias, scope = generator.alias(table)
    if kind < 0.65:
        join = rng.choice(["JOIN", "LEFT JOIN", "LEFT JOIN"])
        on = f"{sign}q.{rng.choice('mn')} = {rng.choice(scope)}"
        where = f" WHERE {' AND '.join(tests)}" if tests and rng.random() < 0.5 else ""
        if tests and not where:
            on += f" AND {tests[0]}"
        joined = f"{table.name} AS {alias} {join} ({subquery}) AS q ON {on}"
        return f"SELECT {scope[0]}, q.m, q.n FROM {joined}{where}"
    other: RandomTable = rng.choice(generator.tables)
    inner, columns = generator.alias(other)
    link = f"{rng.choice(columns)} {rng.choice(['=', '=', '=', '>', 'IS'])} {rng.choice(scope)}"
    more = f" AND {_test(generator, rng.choice(columns))}" if rng.random() < 0.4 else ""
    if kind < 0.9:
        test = f"EXISTS (SELECT {rng.choice(['1', '*', 'DISTINCT 1'])} FROM {other.name} AS {inner} WHERE {link}{more})"
        if rng.random() < 0.2:
            test = "NOT " + test
    else:
        members = f"(SELECT {rng.choice(columns)} FROM {other.name} AS {inner})"
        test = f"{rng.choice(scope)} {rng.choice(['IN', 'NOT IN'])} {members}"
    both = f" AND {_test(generator, rng.choice(scope))}" if rng.random() < 0.5 else ""
    return f"SELECT {', '.join(scope)} FROM {table.name} AS {alias} WHERE {test}{both}"
