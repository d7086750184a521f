"""Random statements over tables that are tied together: foreign keys of several columns, deferred ones, ones to the own
table, generated columns under indexes and constraints, partial and expression indexes, temporary triggers, and a
scratch table that ALTER takes apart under a view, a trigger and a child.

The tables here have names of their own (`p0`, `k0`, `x0`, `n0`, `q0`, `z0`). Statements may fail, if both sides fail
alike. Foreign keys have no SET NULL (schema.py says why).
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tools.comparing.statements import StatementGenerator

ACTIONS = ("", "", " ON DELETE CASCADE", " ON UPDATE CASCADE", " ON DELETE RESTRICT", " ON UPDATE SET DEFAULT")
DEFERRED = ("", " DEFERRABLE INITIALLY DEFERRED", " DEFERRABLE INITIALLY IMMEDIATE")
CONFLICTS = ("", "", "", " OR REPLACE", " OR IGNORE", " OR FAIL", " OR ROLLBACK", " OR ABORT")
COMPUTED = (
    "a || '-' || b",
    "length(a) + length(b)",
    "coalesce(b, a)",
    "CASE WHEN typeof(a) = 'text' THEN upper(a) ELSE a END",
    "substr(a, 1, 1)",
    "json_array(hex(a), typeof(b))",
    "a IS b",
    "iif(a > b, 'more', b)",
)
PARTIAL = ("", "", " WHERE d IS NOT NULL", " WHERE a > 2", " WHERE c IN (1, 'a', '-')", " WHERE typeof(b) = 'text'")


def constrained_setup(generator: StatementGenerator) -> list[str]:
    """What the statements here need; to run at the beginning."""
    rng = generator.rng
    key = rng.choice(["INTEGER PRIMARY KEY", "TEXT COLLATE NOCASE PRIMARY KEY", "PRIMARY KEY", "INT PRIMARY KEY DESC"])
    without = " WITHOUT ROWID" if "INTEGER" not in key and rng.random() < 0.5 else ""
    found = [
        f"CREATE TABLE p0(k {key}, l TEXT{rng.choice(['', ' COLLATE NOCASE'])}, m DEFAULT 0, UNIQUE(l, m)){without}",
        f"CREATE TABLE k0(id INTEGER PRIMARY KEY{rng.choice(['', ' AUTOINCREMENT'])},"
        f" k DEFAULT 1 REFERENCES p0{rng.choice(ACTIONS)}{rng.choice(DEFERRED)},"
        " l TEXT, m DEFAULT 0,"
        f" up INT REFERENCES k0(id){rng.choice(['', ' ON DELETE CASCADE'])}{rng.choice(DEFERRED)},"
        f" FOREIGN KEY(l, m) REFERENCES p0(l, m){rng.choice(ACTIONS)}{rng.choice(DEFERRED)})",
    ]
    if rng.random() < 0.5:
        found.append(f"CREATE INDEX k0k ON k0({rng.choice(['k', 'k, id DESC', 'l, m', 'up'])})")
    found += _generated_table(generator)
    found += [
        "CREATE TEMP TABLE n0(id INTEGER PRIMARY KEY, who, what)",
        f"CREATE TEMP TRIGGER np AFTER {rng.choice(['UPDATE', 'UPDATE OF l', 'INSERT', 'DELETE'])} ON p0 BEGIN"
        " INSERT INTO n0(who, what) VALUES ('p0', (SELECT count(*) FROM p0)); END",
        f"CREATE TRIGGER kx BEFORE {rng.choice(['UPDATE', 'INSERT'])} ON k0 WHEN new.m = 7 BEGIN"
        f" SELECT RAISE({rng.choice(['IGNORE', 'ABORT, 7', 'FAIL, 7', 'ROLLBACK, 7'])}); END",
        "CREATE TRIGGER xu AFTER UPDATE OF a ON x0 BEGIN"
        " INSERT INTO k0(id, k) VALUES (900, 1) ON CONFLICT(id) DO UPDATE SET up = NULL; END",
    ]
    for table, names in (("p0", "k, l, m"), ("k0", "id, k, l, m, up"), ("x0", "a, b")):
        for number in range(5):
            values = [str(number + 1), *(generator.literal() for _ in names.split(", ")[1:])]
            found.append(f"INSERT OR IGNORE INTO {table}({names}) VALUES ({', '.join(values)})")
    return found + _scratch(generator)


def _generated_table(generator: StatementGenerator) -> list[str]:
    rng = generator.rng
    kinds = [rng.choice(["", " STORED", " VIRTUAL"]) for _ in range(3)]
    checked = rng.choice(["", "", ", CHECK(d IS NULL OR length(d) < 30)", ", UNIQUE(c)", ", UNIQUE(d, a)"])
    key = rng.choice(["", "", ", PRIMARY KEY(a)", ", PRIMARY KEY(a, b)"])
    options = [" WITHOUT ROWID"] if key and rng.random() < 0.6 else []
    typed = rng.random() < 0.2
    types = ["INT", "TEXT", "ANY", "ANY", "ANY"] if typed else ["", rng.choice(["", "TEXT"]), "", "", "TEXT"]
    if typed:
        options.append(" STRICT")
    found = [
        f"CREATE TABLE x0(a {types[0]}, b {types[1]}{rng.choice(['', ' COLLATE NOCASE'])},"
        f" c {types[2]} AS ({rng.choice(COMPUTED)}){kinds[0]}, d {types[3]} AS ({rng.choice(COMPUTED)}){kinds[1]},"
        f" e {types[4]} GENERATED ALWAYS AS (coalesce(c, '') || typeof(d)){kinds[2]}{checked}{key}){','.join(options)}"
    ]
    for number in range(rng.randint(1, 3)):
        terms = rng.sample(["c", "d DESC", "e COLLATE NOCASE", "a", "b", "c || d", "length(e)"], rng.randint(1, 3))
        found.append(f"CREATE INDEX x0i{number} ON x0({', '.join(terms)}){rng.choice(PARTIAL)}")
    return found


def _scratch(generator: StatementGenerator) -> list[str]:
    """The table that ALTER takes apart, and all that names it."""
    rng = generator.rng
    return [
        f"CREATE TABLE q0(a INTEGER PRIMARY KEY, b DEFAULT (1 + 2) CHECK (b <> 'no'), c TEXT NOT NULL DEFAULT '',"
        f" d{rng.choice(['', ' UNIQUE', ' COLLATE NOCASE'])}, CONSTRAINT bc CHECK (b IS NOT c))",
        "CREATE TABLE z0(x REFERENCES q0(a), y AS (x + 1))",
        f"CREATE INDEX q0i ON q0({rng.choice(['b', 'lower(c)', 'd, c'])}){rng.choice(['', ' WHERE b > 1'])}",
        "CREATE VIEW qv(one, two) AS SELECT q0.a, (SELECT max(c) FROM q0 AS q WHERE q.b = q0.b) FROM q0 ORDER BY q0.d",
        "CREATE TRIGGER qt AFTER INSERT ON z0 BEGIN UPDATE q0 SET b = new.x, c = c || 'z' WHERE a = new.x; END",
    ]


def _alter(generator: StatementGenerator) -> str:
    rng = generator.rng
    one, other = rng.choice("abcdef"), rng.choice("abcdef")
    table = rng.choice(["q0", "q0", "q0", "z0", "q1"])
    added = rng.choice(
        [
            "",
            " REFERENCES q0(a)",
            " CHECK (1 < 2)",
            " AS (a) VIRTUAL",
            " COLLATE RTRIM DEFAULT 'v'",
            " DEFAULT (random)",
        ]
    )
    return rng.choice(
        [
            f"ALTER TABLE {table} RENAME COLUMN {one} TO {other}",
            f"ALTER TABLE {table} RENAME {one} TO {other}",
            f"ALTER TABLE {table} DROP COLUMN {one}",
            f"ALTER TABLE {table} ADD {one}{added}",
            f"ALTER TABLE {table} RENAME TO {rng.choice(['q0', 'q1'])}",
            f"ALTER TABLE {table} ALTER COLUMN {one} SET NOT NULL",
            f"ALTER TABLE {table} ALTER COLUMN {one} DROP NOT NULL",
            f"ALTER TABLE {table} DROP CONSTRAINT bc",
            f"ALTER TABLE {table} ADD CONSTRAINT bc CHECK ({one} IS NOT {other})",
            "INSERT INTO z0(x) VALUES (1)",
            "INSERT INTO q0(a) VALUES (NULL)",
            "SELECT * FROM qv",
            "DROP TABLE IF EXISTS q1",
            *_scratch(generator)[:1],
        ]
    )


def _returning(generator: StatementGenerator, names: list[str]) -> str:
    rng = generator.rng
    if rng.random() < 0.7:
        return ""
    return rng.choice(
        [
            " RETURNING *",
            f" RETURNING {generator.expression(names, 1)}",
            f" RETURNING {names[0]} AS r, typeof({names[-1]})",
        ]
    )


def _insert(generator: StatementGenerator) -> str:
    rng = generator.rng
    value = generator.literal
    number = rng.randint(1, 9)
    conflict = rng.choice(CONFLICTS)
    kind = rng.random()
    if kind < 0.35:
        upsert = rng.choice(
            [
                "",
                "",
                " ON CONFLICT(k) DO UPDATE SET l = excluded.l || 'u', m = m + 1",
                " ON CONFLICT(l, m) DO NOTHING ON CONFLICT(k) DO UPDATE SET (l, m) = (excluded.m, excluded.l)",
                " ON CONFLICT(l, m) DO UPDATE SET m = excluded.k WHERE excluded.k > 2 ON CONFLICT DO NOTHING",
                " ON CONFLICT DO UPDATE SET m = (SELECT count(*) FROM k0 WHERE k0.k = excluded.k)",
            ]
        )
        names = ["k", "l", "m"]
        return f"INSERT{conflict} INTO p0 VALUES ({number}, {value()}, {value()}){upsert}{_returning(generator, names)}"
    if kind < 0.65:
        names = ["id", "k", "l", "m", "up"]
        up = rng.choice(["NULL", str(rng.randint(1, 9)), "1"])
        pair = rng.choice(["NULL, 0", f"{value()}, {value()}", f"(SELECT l FROM p0 WHERE k = {number}), 0"])
        row = f"{rng.choice(['NULL', str(number), '900'])}, {rng.randint(1, 9)}, {pair}, {up}"
        return f"INSERT{conflict} INTO k0(id, k, l, m, up) VALUES ({row}){_returning(generator, names)}"
    if kind < 0.9:
        names = ["a", "b", "c", "d", "e"]
        upsert = rng.choice(["", "", " ON CONFLICT DO NOTHING", " ON CONFLICT DO UPDATE SET b = excluded.c || x0.b"])
        rows = ", ".join(f"({value()}, {value()})" for _ in range(rng.choice([1, 1, 2])))
        return f"INSERT{conflict} INTO x0(a, b) VALUES {rows}{upsert}{_returning(generator, names)}"
    return (
        f"WITH w(v) AS (VALUES ({number}), ({value()}) UNION SELECT m FROM p0)"
        f" INSERT{conflict} INTO x0(a, b) SELECT v, count(*) FROM w GROUP BY v ORDER BY v LIMIT 4"
    )


def _change(generator: StatementGenerator) -> str:
    rng = generator.rng
    conflict = rng.choice(CONFLICTS)
    value = generator.literal()
    number = rng.randint(1, 9)
    computed_test = generator.condition(["a", "b", "c", "d", "e"], 1)
    parent, child, computed = ["k", "l", "m"], ["id", "k", "l", "m", "up"], ["a", "b", "c", "d", "e"]
    return rng.choice(
        [
            f"UPDATE{conflict} p0 SET k = {rng.randint(1, 9)} WHERE k = {number}{_returning(generator, parent)}",
            f"UPDATE{conflict} p0 SET (m, l) = ({value}, {generator.expression(parent, 1)}) WHERE k < {number}",
            f"UPDATE{conflict} p0 SET (l, m) = (SELECT k0.l, k0.m FROM k0 WHERE k0.id = p0.k) WHERE m = {value}",
            f"UPDATE{conflict} k0 SET k = {number}, up = id - 1 WHERE {generator.condition(child, 1)}",
            f"UPDATE{conflict} k0 SET id = id + 1 WHERE id = {number}{_returning(generator, child)}",
            f"UPDATE{conflict} k0 SET m = p.m FROM p0 AS p WHERE p.k = k0.k AND k0.id > {number}",
            f"UPDATE{conflict} k0 SET m = g.v FROM (SELECT max(l) AS v, m FROM p0 GROUP BY m) AS g WHERE k0.m = g.m",
            f"UPDATE{conflict} q0 SET b = g.v FROM (SELECT a AS v, c FROM x0 UNION SELECT b, d FROM x0) AS g"
            f" WHERE q0.c = g.c{_returning(generator, ['a', 'b', 'c'])}",
            f"UPDATE{conflict} x0 SET a = {value} WHERE {computed_test}{_returning(generator, computed)}",
            f"UPDATE{conflict} x0 SET b = c WHERE d IS {value} OR e LIKE '%t%'",
            f"WITH w AS (SELECT min(k) AS v FROM p0) UPDATE{conflict} x0 SET b = (SELECT v FROM w) WHERE a = {number}",
            f"DELETE FROM p0 WHERE k = {number}{_returning(generator, parent)}",
            f"DELETE FROM p0 WHERE (l, m) IN (SELECT l, m FROM k0 WHERE id > {number})",
            "DELETE FROM k0 WHERE id IN (SELECT up FROM k0 EXCEPT SELECT k FROM p0)",
            f"DELETE FROM x0 WHERE {computed_test}{_returning(generator, computed)}",
            f"WITH RECURSIVE w(i) AS (SELECT {number} UNION SELECT id FROM k0, w WHERE up = i)"
            " DELETE FROM k0 WHERE id IN (SELECT i FROM w)",
        ]
    )


def _look(generator: StatementGenerator) -> str:
    rng = generator.rng
    return rng.choice(
        [
            "SELECT * FROM n0 ORDER BY id",
            "SELECT k0.*, p0.m FROM k0 LEFT JOIN p0 USING (k) ORDER BY id",
            "SELECT * FROM x0 ORDER BY a, b COLLATE BINARY, c",
            f"SELECT c, count(*) FROM x0 WHERE {generator.condition(['c', 'd', 'e'], 1)} GROUP BY c ORDER BY c",
            f"SELECT a, b FROM x0 WHERE c = {generator.literal()} OR d > 'a' ORDER BY a, b COLLATE BINARY",
            f"SELECT e FROM x0 INDEXED BY x0i0 WHERE {rng.choice('abcd')} = {generator.literal()} ORDER BY e",
            "SELECT e FROM x0 NOT INDEXED WHERE c || d > '' ORDER BY e",
            "SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE tbl_name IN ('q0','q1','z0','qv') ORDER BY 1, 2",
            "PRAGMA table_xinfo(x0)",
            "PRAGMA foreign_key_list(k0)",
            f"PRAGMA index_xinfo(x0i{rng.randint(0, 1)})",
            "PRAGMA foreign_key_check(k0)",
            "SELECT name, seqno, cid FROM pragma_index_list('p0') AS l, pragma_index_info(l.name) ORDER BY 1, 2",
            f"CREATE TABLE IF NOT EXISTS z{rng.randint(1, 2)} AS SELECT a, b AS b2, c || d AS cd FROM x0 ORDER BY 1, 2",
            f"SELECT * FROM z{rng.randint(1, 2)} ORDER BY 1, 2 COLLATE BINARY, 3",
            f"DROP TABLE IF EXISTS z{rng.randint(1, 2)}",
            f"REINDEX {rng.choice(['x0', 'p0', 'NOCASE', 'x0i0'])}",
            f"PRAGMA defer_foreign_keys = {rng.choice(['ON', 'OFF'])}",
        ]
    )


def constrained_statement(generator: StatementGenerator) -> str:
    """Any statement of this module."""
    pick = generator.rng.random()
    if pick < 0.33:
        return _insert(generator)
    if pick < 0.63:
        return _change(generator)
    return _alter(generator) if pick < 0.78 else _look(generator)
