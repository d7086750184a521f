"""Random queries of rarer shapes over the run's own tables: chains of outer joins with USING and NATURAL, named
windows, ordered aggregates, row values, compounds under collations, several common tables, correlated subqueries.

Everything has one answer, whatever the plan: what depends on an order of rows is given one in which no two are equal.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tools.comparing.schema import RandomTable
    from tools.comparing.statements import StatementGenerator

JOINS = ("JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN", "LEFT JOIN", "FULL OUTER JOIN")
FRAMES = (
    "",
    " ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING",
    " GROUPS BETWEEN 1 PRECEDING AND CURRENT ROW EXCLUDE CURRENT ROW",
    " ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING EXCLUDE GROUP",
    " ROWS 2 PRECEDING EXCLUDE TIES",
    " GROUPS UNBOUNDED PRECEDING",
)
WINDOWED = (
    "min(%s)",
    "max(%s)",
    "sum(length(%s))",
    "count(%s)",
    "json_group_array(quote(%s))",
    "string_agg('s'||%s, '+')",
    "nth_value(%s, 3)",
    "lead(%s, 1, 'end')",
    "row_number()",
    "dense_rank()",
)
ORDERED = (
    "group_concat(%s, '/' ORDER BY %s)",
    "json_group_array(quote(%s) ORDER BY %s)",
    "string_agg(quote(%s), ',' ORDER BY %s)",
    "json_group_object('k' || quote(%s), 1 ORDER BY %s)",
    "group_concat(DISTINCT %s ORDER BY %s)",
)
COLLATIONS = ("NOCASE", "RTRIM", "BINARY")


def _prefixed(alias: str, table: RandomTable) -> list[str]:
    return [f"{alias}.{name}" for name in table.columns]


def joined_by_name(generator: StatementGenerator) -> str:
    """A chain of joins over shared names: the tables all have c0 and c1."""
    rng = generator.rng
    tables = [rng.choice(generator.tables) for _ in range(rng.randint(2, 4))]
    text = f"{tables[0].name} AS j0"
    for number, table in enumerate(tables[1:], 1):
        join = rng.choice(JOINS)
        alias = f"j{number}"
        kind = rng.random()
        if kind < 0.5:
            text += f" {join} {table.name} AS {alias} USING ({rng.choice(['c0', 'c1', 'c0, c1', 'c1'])})"
        elif kind < 0.65:
            narrow = f"(SELECT c{rng.randint(0, 1)}, {table.columns[-1]} AS only{number} FROM {table.name})"
            text += f" NATURAL {join} {narrow} AS {alias}"
        else:
            before = rng.choice(range(number))
            text += f" {join} {table.name} AS {alias} ON j{before}.c0 = {alias}.{rng.choice(table.columns)}"
    picked = rng.choice(["*", "j0.c0, j1.c1", "c0", "count(*), min(j0.c0), max(j1.c1)", "c1, typeof(c1)"])
    where = rng.choice(
        ["", "", f" WHERE j0.c0 IS {rng.choice(['', 'NOT '])}NULL", f" WHERE c1 > {generator.literal()}"]
    )
    return f"SELECT {picked} FROM {text}{where}"


def named_windows(generator: StatementGenerator) -> str:
    """Named windows, one made of another."""
    rng = generator.rng
    table = rng.choice(generator.tables)
    alias, scope = generator.alias(table)
    order = table.order(f"{alias}.")
    calls = []
    for name in ("w1", "w2", "w1"):
        call = rng.choice(WINDOWED)
        if "%s" in call:
            call %= rng.choice(scope)
        over = name if "ROWS" in name or rng.random() < 0.6 else f"({name}{rng.choice(FRAMES) if name == 'w1' else ''})"
        calls.append(f"{call} OVER {over}")
    partition = rng.choice(["", f"PARTITION BY {rng.choice(scope)} "])
    first = f"w0 AS ({partition.strip()}), w1 AS (w0 ORDER BY {order}{'' if 'nth' in calls[0] else ' DESC'})"
    if "," in order or "COLLATE" in order:
        first = f"w0 AS ({partition.strip()}), w1 AS (w0 ORDER BY {order})"
    second = f"w2 AS (ORDER BY {rng.choice(scope)}, {order}{rng.choice(FRAMES)})"
    outer = f"SELECT {order}, {', '.join(calls)} FROM {table.name} AS {alias} WINDOW {first}, {second}"
    return f"{outer} ORDER BY {order}"


def window_over_groups(generator: StatementGenerator) -> str:
    """Windows over the groups of a query, and over a subquery that another condition cuts."""
    rng = generator.rng
    table = rng.choice(generator.tables)
    key = rng.choice(table.columns)
    value = rng.choice(table.columns)
    if rng.random() < 0.5:
        return (
            f"SELECT {key}, count(*), sum(count(*)) OVER (ORDER BY {key} DESC), rank() OVER (ORDER BY count({value}))"
            f" FROM {table.name} GROUP BY {key} ORDER BY {key}"
        )
    limit = rng.randint(1, 4)
    return (
        f"SELECT * FROM (SELECT {table.order()}, {value} AS v, row_number() OVER (PARTITION BY {key} ORDER BY"
        f" {value}, {table.order()}) AS n FROM {table.name}) WHERE n <= {limit} AND v IS NOT NULL"
    )


def ordered_aggregate(generator: StatementGenerator) -> str:
    """Aggregates that say in which order they take their rows, percentiles, and FILTER."""
    rng = generator.rng
    table = rng.choice(generator.tables)
    value, key = rng.choice(table.columns), rng.choice(table.columns)
    calls = []
    for _ in range(rng.randint(1, 3)):
        form = rng.choice(ORDERED)
        # Equal under a collation is not equal: bytes decide last; DISTINCT takes its own value's order only.
        order = (
            value if "DISTINCT" in form else f"{rng.choice(table.columns)} {rng.choice(['', 'DESC '])}, {table.order()}"
        )
        call = form % (
            f"hex({value})" if "DISTINCT" in form else value,
            f"hex({value})" if "DISTINCT" in form else order,
        )
        if rng.random() < 0.2:
            call += f" FILTER (WHERE {generator.condition(table.columns, 1)})"
        calls.append(call)
    calls.append(rng.choice([f"median(length({value}))", f"percentile_disc(length({value}), 0.5)", "count(*)"]))
    group = rng.choice(["", f" GROUP BY {key}"])
    return f"SELECT {', '.join(calls)} FROM {table.name}{group}"


def row_values(generator: StatementGenerator) -> str:
    """Row values compared, looked for and assigned."""
    rng = generator.rng
    table, other = rng.choice(generator.tables), rng.choice(generator.tables)
    alias, scope = generator.alias(table)
    inner, columns = generator.alias(other)
    pair = f"({rng.choice(scope)}, {rng.choice(scope)})"
    mate = f"{rng.choice(columns)}, {rng.choice(columns)}"
    values = f"({generator.literal()}, {generator.literal()})"
    test = rng.choice(
        [
            f"{pair} {rng.choice(['=', '<>', '<', '>=', 'IS', 'IS NOT'])} {values}",
            f"{pair} {rng.choice(['IN', 'NOT IN'])} (SELECT {mate} FROM {other.name} AS {inner})",
            f"{pair} {rng.choice(['IN', 'NOT IN'])} (VALUES {values}, ({rng.choice(scope)}, 1))",
            f"{pair} BETWEEN {values} AND ({generator.literal()}, {generator.literal()})",
            f"{pair} = (SELECT {mate} FROM {other.name} AS {inner} ORDER BY {other.order(inner + '.')} LIMIT 1)",
            f"CASE {pair} WHEN {values} THEN 1 WHEN {pair} THEN 2 ELSE 0 END",
        ]
    )
    return f"SELECT {', '.join(scope)} FROM {table.name} AS {alias} WHERE {test}"


def collated_compound(generator: StatementGenerator) -> str:
    """Compounds whose columns have collations of their own, ordered by yet another."""
    rng = generator.rng
    parts = []
    for _ in range(rng.randint(2, 4)):
        table = rng.choice(generator.tables)
        one = rng.choice(table.columns)
        collated = rng.choice([one, one, f"{one} COLLATE {rng.choice(COLLATIONS)}", f"CAST({one} AS TEXT)"])
        parts.append(
            f"SELECT {collated} AS a, {rng.choice(['1', 'typeof(' + one + ')', 'NULL'])} AS b FROM {table.name}"
        )
    text = parts[0]
    for part in parts[1:]:
        text += f" {rng.choice(['UNION', 'UNION ALL', 'INTERSECT', 'EXCEPT'])} {part}"
    kind = rng.random()
    if kind < 0.4:
        return f"SELECT count(*), count(DISTINCT a) FROM ({text})"
    if kind < 0.7:
        return f"{text} ORDER BY 1 COLLATE {rng.choice(COLLATIONS)}{rng.choice(['', ' DESC'])}, 2"
    return f"SELECT 1 WHERE {generator.literal()} {rng.choice(['IN', 'NOT IN'])} (SELECT a FROM ({text}))"


def several_common_tables(generator: StatementGenerator) -> str:
    """Common tables that see each other, one of them recursive with several terms."""
    rng = generator.rng
    table: RandomTable = rng.choice(generator.tables)
    one, other = rng.choice(table.columns), rng.choice(table.columns)
    kinds = [rng.choice(["", "", " MATERIALIZED", " NOT MATERIALIZED"]) for _ in range(2)]
    operator = rng.choice(["UNION", "UNION ALL"])
    step = rng.choice(
        [
            f"SELECT n + 1, e.x FROM r JOIN e ON e.x > r.v WHERE n < 2 {operator} SELECT n + 2, r.v FROM r WHERE n < 3",
            f"SELECT n + 1, (SELECT min(x) FROM e WHERE x > v) FROM r WHERE n < {rng.randint(2, 6)}",
            "SELECT n + 1, e.x FROM e, r WHERE e.y IS r.v AND n < 3",
            "SELECT r.n + 1, s.v FROM r JOIN (SELECT max(x) AS v FROM e) AS s WHERE r.n < 3",
        ]
    )
    first = f"SELECT 0, x FROM e WHERE y IS NOT NULL {operator} SELECT 0, {generator.literal()}"
    tables = f"e(x, y) AS{kinds[0]} (SELECT DISTINCT {one}, {other} FROM {table.name} WHERE {one} IS NOT NULL), "
    tables += f"r(n, v) AS ({first} {operator} {step}), g AS{kinds[1]} (SELECT n, count(*) AS c FROM r GROUP BY n)"
    last = rng.choice(
        [
            "SELECT n, quote(v) FROM r ORDER BY 1, 2 LIMIT 60",
            "SELECT a.n, a.c, b.c FROM g AS a LEFT JOIN g AS b ON b.n = a.n + 1 ORDER BY 1",
            "SELECT * FROM g WHERE c >= (SELECT avg(c) FROM g) ORDER BY n",
            "SELECT x, (WITH i AS (SELECT count(*) AS k FROM r WHERE r.v = e.x) SELECT k FROM i) FROM e",
        ]
    )
    return f"WITH RECURSIVE {tables} {last}"


def correlated(generator: StatementGenerator) -> str:
    """Subqueries inside of subqueries that look out through two levels, with LIMITs of their own."""
    rng = generator.rng
    outer, middle, inner = (rng.choice(generator.tables) for _ in range(3))
    one, two, three = (
        "o." + rng.choice(outer.columns),
        "m." + rng.choice(middle.columns),
        "i." + rng.choice(inner.columns),
    )
    deepest = f"SELECT {rng.choice(['count(*)', f'max({three})', f'min({three})'])} FROM {inner.name} AS i"
    deepest += f" WHERE {three} {rng.choice(['=', '<', 'IS', '>='])} {two} OR {three} = {one}"
    order = middle.order("m.")
    inside = f"SELECT ({deepest}) FROM {middle.name} AS m WHERE {two} {rng.choice(['<=', '=', 'IS NOT'])} {one}"
    inside += f" ORDER BY {order} LIMIT {rng.randint(1, 3)} OFFSET (SELECT min(2, count(*)) FROM {inner.name})"
    kind = rng.random()
    if kind < 0.4:
        return f"SELECT {one}, ({inside}) FROM {outer.name} AS o"
    if kind < 0.7:
        return f"SELECT {one} FROM {outer.name} AS o WHERE {one} IN (SELECT * FROM ({inside})) OR EXISTS ({inside})"
    return f"SELECT ({inside}) AS v, count(*) FROM {outer.name} AS o GROUP BY v ORDER BY v"


SHAPES = (
    joined_by_name,
    joined_by_name,
    named_windows,
    window_over_groups,
    ordered_aggregate,
    row_values,
    collated_compound,
    several_common_tables,
    correlated,
)


def shaped_query(generator: StatementGenerator) -> str:
    """Any query of this module."""
    return generator.rng.choice(SHAPES)(generator)
