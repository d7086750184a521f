"""Random edits of JSON documents that a table keeps, as text and as JSONB: set, insert, replace, remove and patch at
random paths, JSON5 as input, documents under generated columns and indexes, and looks into them.

A change names its row, so that of several errors one is told. The table here is `d0`.
"""

from __future__ import annotations

from tools.comparing.table_functions import quoted, random_json, random_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tools.comparing.statements import StatementGenerator

EDITS = ("set", "insert", "replace", "array_insert")


def setup(generator: StatementGenerator) -> list[str]:
    """What the statements here need; to run at the beginning."""
    rng = generator.rng
    path = quoted(random_path(rng) if rng.random() < 0.3 else rng.choice(["$.a", "$[0]", "$.b[1]", "$.a.b"]))
    computed = rng.choice(
        [f"doc ->> {path}", f"json_type(doc, {path})", f"json_extract(bin, {path})", "json_valid(doc)"]
    )
    found = [
        "CREATE TABLE d0(id INTEGER PRIMARY KEY, doc TEXT, bin BLOB,"
        f" shown AS ({computed}){rng.choice(['', ' STORED'])})",
        rng.choice(["CREATE INDEX d0i ON d0(shown)", f"CREATE INDEX d0i ON d0(doc -> {path})", "SELECT 1"]),
    ]
    return found + [_insert(generator) for _ in range(5)]


def _document(generator: StatementGenerator) -> str:
    rng = generator.rng
    if rng.random() < 0.03:
        return quoted(rng.choice(["{", "[1,", "{a:}", "nul", "[1 2]", "'a", '{"a":1,}', "[,]"]))
    return quoted(random_json(rng, rng.choice([2, 3, 4]), rng.random() < 0.3))


def _insert(generator: StatementGenerator) -> str:
    text = _document(generator)
    return f"INSERT OR IGNORE INTO d0(doc, bin) VALUES ({text}, jsonb({text}))"


def _value(generator: StatementGenerator) -> str:
    rng = generator.rng
    if rng.random() < 0.4:
        return f"{rng.choice(['json', 'jsonb'])}({_document(generator)})"
    literal = generator.literal()
    return "NULL" if literal.startswith("x'") else literal


def _edit(generator: StatementGenerator, value: str, kind: str) -> str:
    """An expression: the document `value` changed; kind: json or jsonb."""
    rng = generator.rng
    pick = rng.random()
    if pick < 0.6:
        pairs = ", ".join(f"{quoted(random_path(rng))}, {_value(generator)}" for _ in range(rng.choice([1, 1, 2])))
        return f"{kind}_{rng.choice(EDITS)}({value}, {pairs})"
    if pick < 0.8:
        paths = ", ".join(quoted(random_path(rng)) for _ in range(rng.choice([1, 1, 2])))
        return f"{kind}_remove({value}, {paths})"
    return f"{kind}_patch({value}, {_document(generator)})"


def statement(generator: StatementGenerator) -> str:
    """Any statement of this module."""
    rng = generator.rng
    pick = rng.random()
    number = rng.randint(1, 6)
    path = quoted(random_path(rng))
    if pick < 0.1:
        return _insert(generator)
    if pick < 0.45:
        column, kind = rng.choice(
            [("doc", "json"), ("bin", "jsonb"), ("doc", "json"), ("bin", "jsonb"), ("doc", "jsonb")]
        )
        edited = _edit(generator, column, kind)
        if rng.random() < 0.3:
            # Not what json_ gives to jsonb_: SQLite remembers the BLOB of it, in which 0x1F is not yet 31.
            edited = _edit(generator, edited, "json" if edited.startswith("json_") else rng.choice(["json", "jsonb"]))
        returning = rng.choice(["", f" RETURNING {column}", " RETURNING typeof(shown), shown"])
        return f"UPDATE d0 SET {column} = {edited} WHERE id = {number}{returning}"
    if pick < 0.5:
        return f"UPDATE d0 SET doc = json(bin) WHERE id = {number} RETURNING doc"
    if pick < 0.54:
        return f"UPDATE d0 SET bin = jsonb(doc) WHERE id = {number} RETURNING hex(bin)"
    if pick < 0.57:
        return f"DELETE FROM d0 WHERE id = {number} RETURNING shown"
    if pick < 0.7:
        call = rng.choice(
            [
                f"json_extract(doc, {path}, '$')",
                f"jsonb_extract(bin, {path})",
                f"doc -> {path}",
                f"bin ->> {path}",
                f"json_type(bin, {path})",
                f"json_array_length(doc, {path})",
                "json_pretty(bin)",
                "json_pretty(doc, '--')",
                "json_error_position(doc)",
                "json_valid(bin, 4) + json_valid(bin, 8)",
                f"json_array(json(doc), {path}, jsonb(doc))",
                f"json_object('a', json(doc), 'b', bin -> {path})",
                f"json({_edit(generator, 'doc', 'jsonb')})",
                f"hex({_edit(generator, 'bin', 'jsonb')})",
                "json_quote(doc)",
            ]
        )
        return f"SELECT typeof({call}), {call} FROM d0 WHERE id = {number}"
    if pick < 0.85:
        name = rng.choice(["json_each", "json_tree", "jsonb_each", "jsonb_tree"])
        source = f"{name}(d.{rng.choice(['doc', 'bin'])}{rng.choice(['', '', ', ' + path])})"
        shown = "e.key, e.type, e.atom, e.id, e.parent, e.fullkey, e.path, quote(e.value)"
        return f"SELECT {shown} FROM d0 AS d, {source} AS e WHERE d.id = {number} ORDER BY e.rowid"
    return rng.choice(
        [
            "SELECT id, doc, hex(bin) FROM d0 ORDER BY id",
            f"SELECT id FROM d0 WHERE shown = {generator.literal()} ORDER BY id",
            "SELECT json_group_array(json(bin)), json_group_object('k' || id, json(doc))"
            " FROM (SELECT * FROM d0 ORDER BY id)",
            "SELECT hex(jsonb_group_array(jsonb(bin))) FROM (SELECT * FROM d0 ORDER BY id)",
            f"SELECT id, doc ->> 'a', doc -> 0, bin ->> -1 FROM d0 WHERE id = {number}",
            "SELECT id, typeof(shown), shown FROM d0 ORDER BY id",
            f"SELECT group_concat(e.fullkey, ' ') FROM json_tree((SELECT bin FROM d0 WHERE id = {number})) AS e",
            "PRAGMA integrity_check(d0)",
        ]
    )
