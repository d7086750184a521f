"""Random queries of table-valued functions: json_each and json_tree over JSON made up here, generate_series, pragmas
as functions with right and wrong arguments, alone and joined with tables.

Rows are compared in order: the functions give them in the order of the text.
"""

from __future__ import annotations

import random

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tools.comparing.statements import StatementGenerator

LABELS = ("a", "b", "a.b", "c d", "", "é", "_x", "1", "a1")
SCALARS = ("1", "-2.5", "1e3", "true", "false", "null", '"x"', '"a\\nb"', '"é"', '"\\u0041"', "12345678901234567890")
# Pragmas of which both sides know the same: with the schema's objects as arguments, and about nothing. Not table_list:
# it counts the columns of views, in SQLite by names alone, which another schema may have too.
CATALOG_PRAGMAS = (
    "table_info table_xinfo index_list index_info index_xinfo foreign_key_list foreign_key_check"
).split()
PLAIN_PRAGMAS = (
    "foreign_keys recursive_triggers user_version application_id encoding query_only page_size nosuch "
    "busy_timeout defer_foreign_keys legacy_alter_table auto_vacuum synchronous locking_mode cache_size"
).split()
LAX = ("0x1F", ".5", "+3", "'q'", "NaN", "Infinity")
COLUMNS = ("key", "value", "type", "atom", "id", "parent", "fullkey", "path")


def random_json(rng: random.Random, depth: int = 3, is_lax: bool = False) -> str:
    """A JSON text; is_lax: perhaps JSON5."""
    kind = rng.random()
    if depth == 0 or kind < 0.3:
        return rng.choice(LAX) if is_lax and rng.random() < 0.2 else rng.choice(SCALARS)
    space = rng.choice(["", "", " "])
    count = rng.randrange(4)
    if kind < 0.65:
        return "[" + ",".join(space + random_json(rng, depth - 1, is_lax) for _ in range(count)) + space + "]"
    members = []
    for _ in range(count):
        label = rng.choice(LABELS)
        quoted = label if is_lax and label.isalpha() and label.isascii() else f'"{label}"'
        members.append(f"{space}{quoted}:{random_json(rng, depth - 1, is_lax)}")
    return "{" + ",".join(members) + space + "}"


def random_path(rng: random.Random) -> str:
    """A path, mostly a sound one."""
    text = "$"
    for _ in range(rng.randrange(3)):
        label = rng.choice(LABELS)
        step = f".{label}" if label.isalnum() and rng.random() < 0.8 else f'."{label}"'
        text += rng.choice([step, f"[{rng.randrange(3)}]", "[#-1]", step])
    return text if rng.random() < 0.95 else rng.choice(["", "a", "$.", "$[", "$[#]", "$[-1]", text + "."])


def quoted(text: str) -> str:
    """The text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def random_source(rng: random.Random, argument: str | None = None) -> str:
    """A call; argument: the JSON as an expression, or made up."""
    name = rng.choice(["json_each", "json_tree", "json_each", "json_tree", "jsonb_each", "jsonb_tree"])
    if argument is None:
        argument = quoted(random_json(rng, is_lax=rng.random() < 0.3))
        if rng.random() < 0.2:
            argument = f"jsonb({argument})"
    path = f", {quoted(random_path(rng))}" if rng.random() < 0.4 else ""
    return f"{name}({argument}{path})"


def json_query(generator: StatementGenerator) -> str:
    """A SELECT from json_each or json_tree."""
    rng = generator.rng
    kind = rng.random()
    columns = ", ".join(f"e.{column}" for column in COLUMNS)
    where = rng.choice(["", "", " WHERE e.atom IS NOT NULL", " WHERE e.key = 'a'", " WHERE e.type <> 'object'"])
    if kind < 0.5:
        order = rng.choice(["", "", " ORDER BY e.rowid DESC", " ORDER BY e.fullkey, e.rowid"])
        return f"SELECT e.rowid, {columns} FROM {random_source(rng)} AS e{where}{order}"
    if kind < 0.65:
        join = rng.choice(["JOIN", "LEFT JOIN", "CROSS JOIN"])
        inner = random_source(rng, "e.value")
        # What is no container or JSON is kept away, lest the first error depend on the plan.
        safe = "e.type IN ('array', 'object')"
        inner = inner.replace("(e.value", f"(CASE WHEN {safe} THEN e.value ELSE '[]' END", 1)
        picked = "e.rowid, f.rowid, e.key, f.key, typeof(f.value), f.fullkey"
        return f"SELECT {picked} FROM {random_source(rng)} AS e {join} {inner} AS f ORDER BY e.rowid, f.rowid"
    table = rng.choice(generator.tables)
    alias, scope = generator.alias(table)
    order = table.order(f"{alias}.")
    value = rng.choice(scope)
    argument = f"json_array(CASE typeof({value}) WHEN 'blob' THEN hex({value}) ELSE {value} END, json_object('a', 2))"
    join = rng.choice([",", "JOIN", "LEFT JOIN"])
    source = random_source(rng, argument)
    picked = f"{order}, e.key, e.value, e.fullkey"
    return f"SELECT {picked} FROM {table.name} AS {alias} {join} {source} AS e ORDER BY {order}, e.id"


def series_query(generator: StatementGenerator) -> str:
    """A SELECT from generate_series, joined with a table or two."""
    rng = generator.rng
    table = rng.choice(generator.tables)
    alias, scope = generator.alias(table)
    order = table.order(f"{alias}.")
    value = rng.choice(scope)
    start, stop, step = rng.randrange(-3, 6), rng.randrange(-3, 12), rng.choice([1, 1, 1, 2, 3])
    call = rng.choice([f"generate_series({start}, {stop}, {step})", f"generate_series({start}, {stop}, 1)"])
    link = rng.choice([f"s.value = {value}", f"{value} = s.value", f"s.value < {value}", f"s.value = length({value})"])
    kind = rng.random()
    if kind < 0.3:
        join = rng.choice(["JOIN", "LEFT JOIN", "CROSS JOIN"])
        terms = f"{order}, s.value"
        return f"SELECT {terms} FROM {table.name} AS {alias} {join} {call} AS s ON {link} ORDER BY {terms}"
    if kind < 0.55:
        join = rng.choice(["JOIN", "LEFT JOIN", "CROSS JOIN"])
        terms = f"s.value, {order}"
        return f"SELECT {terms} FROM {call} AS s {join} {table.name} AS {alias} ON {link} ORDER BY {terms}"
    if kind < 0.7:
        negated = rng.choice(["", "NOT "])
        inner = f"SELECT value FROM {call}"
        return f"SELECT {order} FROM {table.name} AS {alias} WHERE {value} {negated}IN ({inner}) ORDER BY {order}"
    if kind < 0.8:
        inner = f"SELECT 1 FROM {call} AS s WHERE {link}"
        return f"SELECT {order} FROM {table.name} AS {alias} WHERE EXISTS ({inner}) ORDER BY {order}"
    if kind < 0.9:
        inner = f"SELECT count(*) FROM {table.name} AS {alias} WHERE {link}"
        return f"SELECT s.value, ({inner}) FROM {call} AS s ORDER BY s.value"
    both = f"SELECT value AS v FROM {call} UNION ALL SELECT {value} FROM {table.name} AS {alias}"
    return f"SELECT typeof(v), v, count(*) FROM ({both}) WHERE v > 1 GROUP BY 1, 2 ORDER BY 1, 2"


def pragma_query(generator: StatementGenerator) -> str:
    """A SELECT from a pragma as a function, with as many arguments as come."""
    rng = generator.rng
    names = [table.name for table in generator.tables]
    name = rng.choice(CATALOG_PRAGMAS) if rng.random() < 0.75 else rng.choice(PLAIN_PRAGMAS)
    pool = [quoted(rng.choice(names)), quoted(rng.choice(names)), "'main'", "NULL", "'nosuch'", "''", "'temp'", "1"]
    count = rng.choice([0, 1, 1, 1, 2, 2, 3])
    arguments = [pool[0], *rng.choices(pool, k=2)][:count] if rng.random() < 0.8 else rng.choices(pool, k=count)
    source = f"pragma_{name}" + (f"({', '.join(arguments)})" if arguments or rng.random() < 0.3 else "")
    kind = rng.random()
    if kind < 0.5:
        return f"SELECT * FROM {rng.choice(['', '', '', 'main.'])}{source}"
    if kind < 0.6:
        return f"SELECT {rng.choice(['arg', 'schema', 'arg, schema', 'rowid', 'nosuch'])} FROM {source} LIMIT 3"
    if kind < 0.7:
        where = rng.choice(["arg = ", "arg IN ", "schema = 'main' AND arg = ", "arg IS "]) + f"({pool[0]})"
        return f"SELECT * FROM pragma_{name} WHERE {where}"
    if kind < 0.8:
        join = rng.choice(["JOIN", "LEFT JOIN", ","])
        return f"SELECT s.name, p.* FROM sqlite_schema AS s {join} pragma_{name}(s.name) AS p ORDER BY 1, 2, 3"
    if kind < 0.9:
        return f"SELECT count(*) FROM {source} AS p, {source} AS q"
    verb = rng.choice(
        ["DELETE FROM {}", "INSERT INTO {} DEFAULT VALUES", "DROP TABLE {}", "CREATE INDEX px ON {}(arg)"]
    )
    return verb.format(f"pragma_{name}")
