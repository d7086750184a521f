"""More kinds of queries for make.py, over three tables: joins with aggregates, correlated subqueries, sets of rows,
windows over groups, common tables, and date functions.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from make import Maker

QUERIES = 50
AGGREGATES = ("count(*)", "sum(t1.b)", "min(t1.a)", "max(t2.x)", "count(DISTINCT t2.y)", "total(t3.n)", "sum(t3.n)")


def third_table(maker: Maker) -> None:
    """A table of days and numbers that refers to both others."""
    maker.statement("CREATE TABLE t3(k INTEGER, n INTEGER, day TEXT, PRIMARY KEY(k, n)) WITHOUT ROWID")
    for _ in range(16):
        day = f"20{maker.number(9) + 20}-{maker.number(11) + 1:02d}-{maker.number(27) + 1:02d}"
        maker.statement(f"INSERT OR IGNORE INTO t3 VALUES ({maker.number()}, {maker.number()}, '{day}')")
    if maker.rng.random() < 0.5:
        maker.statement("CREATE INDEX i5 ON t3(n, k)")
    if maker.rng.random() < 0.5:
        maker.statement("ANALYZE")


def triples(maker: Maker) -> None:
    """Joins of three tables, with and without groups."""
    third_table(maker)
    for _ in range(QUERIES):
        first = maker.pick("t1.b = t2.x", "t1.a = t2.x", "t1.c = t2.y")
        second = maker.pick("t3.k = t1.a", "t3.n = t2.x", "t3.k = t2.x AND t3.n > 5", "t3.n = t1.b")
        one, two = maker.pick("JOIN", "LEFT JOIN", "JOIN"), maker.pick("JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN")
        text = f"FROM t1 {one} t2 ON {first} {two} t3 ON {second}"
        where = maker.pick("", " WHERE t1.b > 4", " WHERE t3.n < 12", " WHERE t2.x IS NULL", " WHERE t1.a < 15")
        value = maker.rng.choice(AGGREGATES)
        if maker.rng.random() < 0.4:
            maker.query("III", f"SELECT t1.a, t2.x, t3.n {text}{where}")
        elif maker.rng.random() < 0.4:
            maker.query("II", f"SELECT count(*), {value} {text}{where}", "nosort")
        else:
            key = maker.pick("t1.b", "t3.k", "t2.x % 3", "t1.c")
            having = maker.pick("", " HAVING count(*) > 1")
            maker.query("TI", f"SELECT {key}, {value} {text}{where} GROUP BY {key}{having}")


def correlated(maker: Maker) -> None:
    """Subqueries that read what stands outside, in every place."""
    third_table(maker)
    for _ in range(QUERIES):
        link = maker.pick("t3.k = t1.a", "t3.n = t1.b", "t3.k < t1.a", "t3.n BETWEEN t1.a AND t1.b")
        inner = maker.pick("count(*)", "max(t3.n)", "min(day)", "sum(t3.n)")
        where = maker.condition(1)
        maker.query(
            "IT",
            maker.pick(
                f"SELECT a, (SELECT {inner} FROM t3 WHERE {link}) FROM t1 WHERE {where}",
                f"SELECT a, c FROM t1 WHERE {maker.pick('', 'NOT ')}EXISTS (SELECT 1 FROM t3 WHERE {link}) AND {where}",
                f"SELECT a, c FROM t1 WHERE b > (SELECT avg(n) FROM t3 WHERE {link})",
                f"SELECT a, c FROM t1 WHERE a {maker.pick('', 'NOT ')}IN (SELECT n FROM t3 WHERE {link})",
                f"SELECT a, c FROM t1 WHERE (a, b) IN (SELECT k, n FROM t3) OR {where}",
                "SELECT a, c FROM t1 WHERE (a, b) > (SELECT k, n FROM t3 ORDER BY k, n LIMIT 1 OFFSET 3)",
                "SELECT b, count(*) FROM t1 GROUP BY b HAVING count(*) >= (SELECT count(*) FROM t3 WHERE t3.n = t1.b)",
                f"SELECT a, (SELECT (SELECT count(*) FROM t2 WHERE x = n) FROM t3 WHERE {link} ORDER BY k, n) FROM t1",
            ),
        )


def sets(maker: Maker) -> None:
    """Set operations on rows, nested, ordered and limited."""
    third_table(maker)
    for _ in range(QUERIES):
        parts = [
            maker.pick(
                f"SELECT b, c FROM t1 WHERE {maker.condition(1)}",
                "SELECT x, y FROM t2",
                f"SELECT n, day FROM t3 WHERE k < {maker.number()}",
                "SELECT a % 5, upper(c) FROM t1",
                "SELECT x, count(*) FROM t2 GROUP BY x",
            )
            for _ in range(maker.rng.randint(2, 3))
        ]
        text = parts[0]
        for part in parts[1:]:
            text += f" {maker.pick('UNION', 'UNION ALL', 'EXCEPT', 'INTERSECT')} {part}"
        form = maker.pick("plain", "ordered", "from", "in", "count")
        if form == "plain":
            maker.query("IT", text)
        elif form == "ordered":
            maker.query("IT", f"SELECT * FROM ({text}) ORDER BY 1, typeof(2), 2 LIMIT {maker.number(9)}")
        elif form == "from":
            maker.query("IT", f"SELECT q.b, t1.c FROM (SELECT b, c FROM t1 UNION ALL {text}) q JOIN t1 ON a = q.b")
        elif form == "in":
            maker.query("II", f"SELECT a, b FROM t1 WHERE (b, c) {maker.pick('', 'NOT ')}IN ({text})")
        else:
            maker.query("I", f"SELECT count(*) FROM ({text})", "nosort")


def frames(maker: Maker) -> None:
    """Window functions over groups and joins, several windows, and conditions on their results."""
    third_table(maker)
    for _ in range(QUERIES):
        over = maker.pick("ORDER BY k, n", "PARTITION BY k % 3 ORDER BY n, k", "PARTITION BY n % 2 ORDER BY k DESC, n")
        frame = maker.pick(
            "",
            " ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING",
            " ROWS BETWEEN 2 FOLLOWING AND UNBOUNDED FOLLOWING",
            " GROUPS BETWEEN CURRENT ROW AND 2 FOLLOWING EXCLUDE TIES",
            " ROWS UNBOUNDED PRECEDING EXCLUDE GROUP",
        )
        call = maker.pick(
            "sum(n)", "count(*)", "min(day)", "last_value(n)", "nth_value(n, 2)", "avg(k)", "lag(n, 2, 0)"
        )
        maker.query(
            "IIT",
            maker.pick(
                f"SELECT k, n, {call} OVER ({over}{frame}) FROM t3",
                f"SELECT * FROM (SELECT k, n, {call} OVER ({over}{frame}) FROM t3) WHERE k > {maker.number()}",
                "SELECT k, count(*), rank() OVER (ORDER BY count(*) DESC, k) FROM t3 GROUP BY k",
                f"SELECT k, n, {call} OVER w FROM t3 JOIN t1 ON t1.a = t3.k WINDOW w AS ({over})",
                f"SELECT k, n, sum(n) FILTER (WHERE n > {maker.number()}) OVER ({over}) FROM t3",
                f"SELECT k, n, row_number() OVER ({over}) || '/' || count(*) OVER () FROM t3",
                f"SELECT k, n, cume_dist() OVER ({over}) FROM t3 ORDER BY k, n LIMIT {maker.number(6)}",
            ),
        )


def common_tables(maker: Maker) -> None:
    """WITH: several tables, hints, recursion."""
    third_table(maker)
    for _ in range(QUERIES):
        hint = maker.pick("", "", "MATERIALIZED ", "NOT MATERIALIZED ")
        most = maker.number(8) + 1
        maker.query(
            "II",
            maker.pick(
                f"WITH w AS {hint}(SELECT k, sum(n) AS s FROM t3 GROUP BY k) SELECT k, q.s FROM w p JOIN w q USING (k)",
                f"WITH w AS {hint}(SELECT b, count(*) s FROM t1 GROUP BY b) SELECT k, s FROM t3 LEFT JOIN w ON b = n",
                f"WITH w AS {hint}(SELECT a, b FROM t1 ORDER BY a LIMIT {most}) SELECT * FROM w",
                f"WITH w AS {hint}(SELECT a, b FROM t1 ORDER BY b, a LIMIT {most}) SELECT a, n FROM w JOIN t3 ON k = a",
                f"WITH RECURSIVE c(i, f) AS (SELECT 1, 1 UNION ALL SELECT i + 1, f * (i + 1) FROM c WHERE i < {most}) "
                "SELECT i, f FROM c",
                f"WITH RECURSIVE r(k, d) AS (SELECT {maker.number()}, 0 UNION SELECT n, d + 1 FROM t3 JOIN r USING (k) "
                "WHERE d < 4) SELECT k, d FROM r",
                "WITH w AS (SELECT k FROM t3), v AS (SELECT x FROM t2 WHERE x IN (SELECT k FROM w)) SELECT x, count(*) "
                "FROM v GROUP BY x",
                f"WITH w(a, b) AS (VALUES (1, 2), (3, {most})) SELECT t1.a, w.b FROM t1 JOIN w ON w.a = t1.a",
            ),
        )


def dates(maker: Maker) -> None:
    """Date and time functions on days that are there, with modifiers."""
    third_table(maker)
    for _ in range(QUERIES):
        steps = maker.pick(
            "'+1 month'", "'-1 day'", "'start of month', '+1 month', '-1 day'", "'weekday 0'", "'+90 minutes'",
            "'start of year', '+8 months', 'weekday 2'", "'+1 year', '-3 days'", "'12:34:56'", "'+2 months', 'floor'",
        )  # fmt: skip
        form = maker.pick("'%Y-%m'", "'%d.%m.%Y'", "'%j %w %W'", "'%s'", "'%H:%M'", "'%G-W%V-%u'", "'%e %I %p'")
        maker.query(
            "IT",
            maker.pick(
                f"SELECT n, date(day, {steps}) FROM t3",
                f"SELECT n, datetime(day, {steps}) FROM t3",
                f"SELECT n, strftime({form}, day, {steps}) FROM t3",
                "SELECT n, julianday(day) - julianday('2020-01-01') FROM t3",
                f"SELECT count(*), strftime({form}, day) FROM t3 GROUP BY 2",
                f"SELECT n, unixepoch(day, {steps}) FROM t3",
                f"SELECT n, timediff(day, '202{maker.number(9)}-06-15') FROM t3",
                f"SELECT n, time(n * 3600 + {maker.number()}, 'unixepoch') FROM t3",
                f"SELECT n, day FROM t3 WHERE day BETWEEN date('2022-01-01', {steps}) AND '2026-12-31'",
            ),
        )


THREE_TABLE_FILES = (triples, correlated, sets, frames, common_tables, dates)
