"""Random windows: every function, frames of each kind with offsets that are numbers, expressions and wrong, each
EXCLUDE, FILTER, windows made of named windows, windows in ORDER BY, in subqueries and over joins and groups.

1. The table here is `f0` (and `f1`, a smaller one).
2. Where equal keys leave the order of rows open, only functions that do not see it are called, or the key ends with
   id.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tools.comparing.statements import StatementGenerator

BLIND = (
    "count(*)", "count({0})", "sum({0})", "total({0})", "avg({0})", "min({0})", "max({0})", "median({1})",
    "percentile_disc({1}, 0.5)", "percentile({1}, 25)", "percentile_cont({1}, 0.75)", "min(quote({0}))",
)  # fmt: skip
BLIND_PLACES = ("rank()", "dense_rank()", "percent_rank()", "cume_dist()")
SEEING = (
    "row_number()", "ntile({2})", "lag({0})", "lag({0}, {2})", "lag({0}, {2}, 'none')", "lead({0}, {2}, id)",
    "first_value({0})", "last_value({0})", "nth_value({0}, {2})", "group_concat('<' || {0}, ',')",
    "string_agg(coalesce({0}, 'n'), '/')", "json_group_array({1})", "json_group_object('k' || id, {1})",
    "jsonb_group_array({1})", "group_concat({0})", "string_agg({0}, '')", "group_concat({0}, k)",
)  # fmt: skip
OFFSETS = ("0", "1", "2", "3", "1+1", "(SELECT 1)", "2.0", "'1'", "10")
ODD_OFFSETS = ("1.5", "0.25", "-1", "NULL", "'x'", "k", "1e400", "x'31'")
EXCLUDES = ("", "", " EXCLUDE NO OTHERS", " EXCLUDE CURRENT ROW", " EXCLUDE GROUP", " EXCLUDE TIES")
VALUES = ("v", "k", "id", "g", "k * 2", "v || g", "(SELECT max(w) FROM f1 WHERE f1.id = f0.id)", "NULL", "typeof(k)")


def setup(generator: StatementGenerator) -> list[str]:
    """What the statements here need; to run at the beginning."""
    rng = generator.rng
    keyed = rng.choice(["k", "k REAL", "k INT", "k NUMERIC"])
    found = [
        f"CREATE TABLE f0(id INTEGER PRIMARY KEY, g TEXT{rng.choice(['', ' COLLATE NOCASE'])}, {keyed}, v)",
        "CREATE TABLE f1(id INTEGER PRIMARY KEY, w)",
    ]
    if rng.random() < 0.5:
        found.append(f"CREATE INDEX f0i ON f0({rng.choice(['g, k', 'k', 'k DESC', 'g, k, id', 'v'])})")
    found += [_row(generator) for _ in range(12)]
    found.append("INSERT INTO f1 SELECT id, v FROM f0 WHERE id % 3")
    return found


def _row(generator: StatementGenerator) -> str:
    rng = generator.rng
    key = rng.choice(["NULL", str(rng.randint(-2, 6)), str(rng.randint(0, 4)), f"{rng.randint(0, 12) / 4}"])
    value = rng.choice(["NULL", f"'{rng.choice('abcAB')}'", str(rng.randint(0, 9)), "0.5", "''"])
    return f"INSERT INTO f0(g, k, v) VALUES ({rng.choice(['NULL', repr('a'), repr('b'), repr('B')])}, {key}, {value})"


def _bound(generator: StatementGenerator, side: str) -> str:
    rng = generator.rng
    offset = rng.choice(ODD_OFFSETS) if rng.random() < 0.06 else rng.choice(OFFSETS)
    return rng.choice(
        [
            f"UNBOUNDED {'PRECEDING' if side == 'start' else 'FOLLOWING'}",
            "CURRENT ROW",
            f"{offset} PRECEDING",
            f"{offset} FOLLOWING",
        ]
    )


def _frame(generator: StatementGenerator, kinds: tuple[str, ...]) -> str:
    rng = generator.rng
    kind = rng.choice(kinds)
    if not kind:
        return ""
    if rng.random() < 0.2:
        return f" {kind} {_bound(generator, 'start')}{rng.choice(EXCLUDES)}"
    return f" {kind} BETWEEN {_bound(generator, 'start')} AND {_bound(generator, 'end')}{rng.choice(EXCLUDES)}"


def _partition(generator: StatementGenerator) -> str:
    return generator.rng.choice(["", "", "PARTITION BY g ", "PARTITION BY k > 2 ", "PARTITION BY g, v IS NULL "])


def _call(generator: StatementGenerator, named: bool = False) -> str:
    """A call with OVER; named: the windows `w`, `wp` and `wi` may be used."""
    rng = generator.rng
    facts = (
        rng.choice(VALUES),
        rng.choice(["k", "id"]),
        rng.choice(["1", "2", "3", "abs(k)" if rng.random() < 0.1 else "4"]),
    )
    direction = rng.choice(["", " DESC", " ASC NULLS LAST", " DESC NULLS FIRST"])
    if rng.random() < 0.5:
        function = rng.choice(BLIND + BLIND_PLACES)
        key = rng.choice(["k", "k", "-k", "k / 2", "id", "g"])
        order = f"ORDER BY {key}{direction}"
        kinds = ("", "RANGE", "RANGE", "GROUPS", "GROUPS")
        if rng.random() < 0.15:
            order = ""
        if named and rng.random() < 0.4:
            order, kinds = "", ("", "RANGE", "GROUPS")
            base = rng.choice(["w", "wp"])
            over = rng.choice([base, f"({base}{_frame(generator, kinds)})"])
            return f"{_filtered(generator, function.format(*facts))} OVER {over}"
    else:
        function = rng.choice(SEEING)
        order = f"ORDER BY {rng.choice(['k', 'g', 'v'])}{direction}, id{rng.choice(['', ' DESC'])}"
        kinds = ("", "ROWS", "ROWS", "GROUPS", "RANGE" if rng.random() < 0.2 else "ROWS")
        if rng.random() < 0.3:
            order, kinds = f"ORDER BY id{direction}", ("", "ROWS", "RANGE", "GROUPS")
        if named and rng.random() < 0.4:
            over = rng.choice(["wi", f"(wi{_frame(generator, ('ROWS', 'GROUPS'))})", f"(wp ORDER BY id{direction})"])
            return f"{_filtered(generator, function.format(*facts))} OVER {over}"
    frame = _frame(generator, kinds)
    return f"{_filtered(generator, function.format(*facts))} OVER ({_partition(generator)}{order}{frame})"


def _filtered(generator: StatementGenerator, call: str) -> str:
    rng = generator.rng
    if rng.random() < 0.8:
        return call
    return call + f" FILTER (WHERE {rng.choice(['k > 1', 'v IS NOT NULL', 'id % 2', 'g = ' + repr('a')])})"


def statement(generator: StatementGenerator) -> str:
    """Any statement of this module."""
    rng = generator.rng
    kind = rng.random()
    if kind < 0.08:
        return _row(generator)
    if kind < 0.14:
        return rng.choice(
            [
                f"DELETE FROM f0 WHERE id = {rng.randint(1, 20)}",
                f"UPDATE f0 SET k = k + {rng.randint(1, 2)} WHERE id % 3 = {rng.randint(0, 2)}",
                f"UPDATE f0 SET v = (SELECT r FROM (SELECT id, rank() OVER (ORDER BY k DESC) AS r FROM f0) AS x"
                f" WHERE x.id = f0.id) WHERE id < {rng.randint(1, 9)}",
                "INSERT INTO f1(w) SELECT sum(k) OVER (ORDER BY id ROWS 1 PRECEDING) FROM f0 LIMIT 2",
            ]
        )
    calls = ", ".join(_call(generator) for _ in range(rng.choice([1, 1, 2, 3])))
    if kind < 0.45:
        where = rng.choice(["", "", " WHERE k IS NOT NULL", " WHERE id > 3", " WHERE g = 'b'"])
        return f"SELECT id, {calls} FROM f0{where} ORDER BY id"
    if kind < 0.6:
        partition = _partition(generator)
        windows = f"w AS (ORDER BY k{rng.choice(['', ' DESC'])}), wp AS ({partition.strip()}), wi AS (wp ORDER BY id)"
        named = ", ".join(_call(generator, True) for _ in range(rng.choice([1, 2, 3])))
        return f"SELECT id, {named} FROM f0 WINDOW {windows} ORDER BY id"
    if kind < 0.66:
        return f"SELECT id FROM f0 ORDER BY {_call(generator)}, id LIMIT {rng.randint(1, 8)}"
    if kind < 0.72:
        joined = rng.choice(["JOIN f1 USING (id)", "LEFT JOIN f1 USING (id)"])
        return (
            f"SELECT f0.id, w, sum(k) OVER (PARTITION BY w IS NULL ORDER BY f0.id), count(w) OVER () FROM f0 {joined}"
        )
    if kind < 0.78:
        frame = _frame(generator, ("ROWS", "GROUPS"))
        call = rng.choice(["sum(count(*))", "max(sum(k))", "group_concat(max(id))", "lag(count(v))", "rank()"])
        return (
            f"SELECT g IS NULL, count(*), {call} OVER (ORDER BY g IS NULL{frame}) FROM f0 GROUP BY g IS NULL ORDER BY 1"
        )
    if kind < 0.84:
        return f"SELECT count(*), count(DISTINCT x), max(x) FROM (SELECT {_call(generator)} AS x FROM f0)"
    if kind < 0.9:
        inner = f"SELECT x FROM (SELECT id AS i, {_call(generator)} AS x FROM f0) WHERE i = o.id"
        return f"SELECT id, ({inner}) FROM f1 AS o ORDER BY id"
    if kind < 0.95:
        operator = rng.choice(["UNION ALL", "EXCEPT", "INTERSECT"])
        return f"SELECT id, {_call(generator)} FROM f0 {operator} SELECT id, {_call(generator)} FROM f0 ORDER BY 1, 2"
    return rng.choice(
        [
            "SELECT sum(DISTINCT k) OVER (ORDER BY id) FROM f0",
            "SELECT id FROM f0 WHERE row_number() OVER () > 1",
            "SELECT sum(sum(k) OVER ()) OVER () FROM f0",
            "SELECT sum(k) OVER nowhere FROM f0",
            "SELECT sum(k) OVER (w PARTITION BY g) FROM f0 WINDOW w AS (ORDER BY id)",
            "SELECT sum(k) OVER (w ORDER BY g) FROM f0 WINDOW w AS (ORDER BY id)",
            "SELECT sum(k) OVER (w) FROM f0 WINDOW w AS (ORDER BY id ROWS 1 PRECEDING)",
            "SELECT row_number() FILTER (WHERE k) OVER () FROM f0",
            "SELECT abs(k) OVER () FROM f0",
            "SELECT row_number() FROM f0",
            "SELECT sum(k) OVER (ORDER BY g, id RANGE 1 PRECEDING) FROM f0",
            "SELECT sum(k) OVER (ROWS BETWEEN CURRENT ROW AND 1 PRECEDING) FROM f0",
            "SELECT ntile(0) OVER (ORDER BY id) FROM f0",
            "SELECT nth_value(k, 0) OVER (ORDER BY id) FROM f0",
            "SELECT sum(k ORDER BY id) OVER () FROM f0",
        ]
    )
