"""Random queries over queries: common tables, subqueries of FROM, VALUES; and expressions of JSON.

JSON is made of texts and numbers only: BLOB values are refused, and which row is refused first depends on the plan.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tools.comparing.statements import StatementGenerator

MATERIALIZED = ("", "", " MATERIALIZED", " NOT MATERIALIZED")
JSON_FORMS = (
    "json_array(%s, %s)",
    "json_object('a', %s, 'b', %s)",
    "json_array_length(json_array(%s, %s))",
    "json_extract(json_array(%s, %s), '$[1]')",
    "json_array(%s, json_array(%s)) -> 1",
    "json_object('k', %s, 'l', %s) ->> 'k'",
    "json_type(json_array(%s, %s), '$[0]')",
    "json_set('{\"a\":1}', '$.a', %s, '$.b', %s)",
    "json_insert(json_array(%s), '$[#]', %s)",
    "json_remove(json_array(%s, %s), '$[0]')",
    "json_replace(json_object('a', %s), '$.a', %s)",
    "json_patch(json_object('a', %s), json_object('a', NULL, 'b', %s))",
    "json_quote(%s) || json_quote(%s)",
    "json(jsonb_array(%s, %s))",
    "json_valid(%s) + json_valid(%s, 6)",
)


def _without_blobs(value: str) -> str:
    return f"CASE typeof({value}) WHEN 'blob' THEN hex({value}) ELSE {value} END"


def json_expression(generator: StatementGenerator, scope: list[str], depth: int) -> str:
    """A call of a JSON function."""
    first = _without_blobs(generator.expression(scope, min(depth, 1)))
    second = _without_blobs(generator.expression(scope, 0))
    return generator.rng.choice(JSON_FORMS) % (first, second)


def _inner(generator: StatementGenerator, prefix: str) -> tuple[str, list[str]]:
    """A SELECT or VALUES whose columns have names of their own."""
    rng = generator.rng
    width = rng.randint(1, 3)
    names = [f"{prefix}{number}" for number in range(width)]
    if rng.random() < 0.1:
        rows = (f"({', '.join(generator.literal() for _ in names)})" for _ in range(rng.randint(1, 3)))
        columns = ", ".join(f"column{number + 1} AS {name}" for number, name in enumerate(names))
        return f"SELECT {columns} FROM (VALUES {', '.join(rows)})", names
    text, scope = generator.from_clause()
    where = f" WHERE {generator.condition(scope, 1)}" if rng.random() < 0.5 else ""
    if rng.random() < 0.3:
        key = rng.choice(scope)
        values = [f"{key} AS {names[0]}", *(f"count({rng.choice(scope)}) AS {name}" for name in names[1:])]
        return f"SELECT {', '.join(values)} FROM {text}{where} GROUP BY {key}", names
    values = [f"{generator.expression(scope, 1)} AS {name}" for name in names]
    distinct = "DISTINCT " if rng.random() < 0.15 else ""
    return f"SELECT {distinct}{', '.join(values)} FROM {text}{where}", names


def common_table_query(generator: StatementGenerator) -> str:
    """A SELECT from one or two common tables, perhaps joined with each other or with themselves."""
    rng = generator.rng
    first, first_names = _inner(generator, "p")
    text = f"WITH w1({', '.join(first_names)}) AS{rng.choice(MATERIALIZED)} ({first})"
    scope = [f"w1.{name}" for name in first_names]
    source = "w1"
    if rng.random() < 0.5:
        second, second_names = _inner(generator, "q")
        text += f", w2({', '.join(second_names)}) AS{rng.choice(MATERIALIZED)} ({second})"
        join = rng.choice(["JOIN", "LEFT JOIN", "JOIN"])
        other = [f"w2.{name}" for name in second_names]
        source += f" {join} w2 ON {rng.choice(scope)} = {rng.choice(other)}"
        scope = scope + other
    elif rng.random() < 0.4:
        other = [f"again.{name}" for name in first_names]
        source += f" JOIN w1 AS again ON {rng.choice(scope)} = {rng.choice(other)}"
        scope = scope + other
    where = f" WHERE {generator.condition(scope, 1)}" if rng.random() < 0.5 else ""
    columns = ", ".join(generator.expression(scope, 1) for _ in range(rng.randint(1, 3)))
    return f"{text} SELECT {columns} FROM {source}{where}"


def nested_query(generator: StatementGenerator) -> str:
    """A SELECT from a SELECT from a SELECT."""
    rng = generator.rng
    text, names = _inner(generator, "n")
    for level in range(rng.randint(1, 2)):
        prefix = f"m{level}_"
        outer = [f"{prefix}{number}" for number in range(rng.randint(1, 3))]
        where = f" WHERE {generator.condition(names, 1)}" if rng.random() < 0.5 else ""
        if rng.random() < 0.25:
            values = [f"{names[0]} AS {outer[0]}", *(f"max({rng.choice(names)}) AS {name}" for name in outer[1:])]
            text = f"SELECT {', '.join(values)} FROM ({text}){where} GROUP BY {names[0]}"
        else:
            values = [f"{generator.expression(names, 1)} AS {name}" for name in outer]
            text = f"SELECT {', '.join(values)} FROM ({text}) AS s{level}{where}"
        names = outer
    return text
