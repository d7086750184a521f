"""Rules by which Keelback plans better than SQLite: own_rules.txt shows SQLite's plan, then ours. Rows are the same.

They need statistics: the tables here are small, but sqlite_stat1 says that they are large.
`python core/tests/plan/test_own_rules.py` writes own_rules.txt anew.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parent
if __name__ == "__main__":
    sys.path[:0] = [str(FOLDER), str(FOLDER.parents[1])]

import apsw  # noqa: E402
from keelback_core.engine.connection import Connection  # noqa: E402
from plan_support import plan_of  # noqa: E402

GOLDEN = FOLDER / "own_rules.txt"
SCHEMA = """
CREATE TABLE big(id INTEGER PRIMARY KEY, part INTEGER, city TEXT, amount REAL, note TEXT);
CREATE TABLE small(id INTEGER PRIMARY KEY, part INTEGER, name TEXT);
CREATE TABLE item(id INTEGER PRIMARY KEY, big_id INTEGER, small_id, code TEXT COLLATE NOCASE, price REAL);
CREATE TABLE coded(code TEXT COLLATE NOCASE, side INTEGER, label TEXT, UNIQUE(code, side));
CREATE INDEX item_big ON item(big_id);
CREATE TABLE keyed(part INTEGER, city TEXT, amount REAL, PRIMARY KEY(part, city)) WITHOUT ROWID;
WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 60)
  INSERT INTO big SELECT i, i * 7 % 11, 'c' || (i % 5), i * 1.25, 'n' || (i % 3) FROM n;
WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 20)
  INSERT INTO small SELECT i, i % 13, 'c' || (i % 7) FROM n;
WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 150)
  INSERT INTO item SELECT i, i % 70,
    CASE i % 9 WHEN 0 THEN NULL WHEN 1 THEN '7' WHEN 2 THEN i % 5 + 0.5 ELSE i % 23 END,
    CASE i % 3 WHEN 0 THEN 'Abc' WHEN 1 THEN 'abC' ELSE 'x' || (i % 4) END, i * 0.5 FROM n;
INSERT INTO coded SELECT DISTINCT upper(code), s.id, 'l' || s.id FROM item, small s WHERE s.id < 4;
INSERT INTO coded VALUES (NULL, 1, 'none'), (NULL, 1, 'none');
INSERT INTO keyed SELECT part, city, sum(amount) FROM big GROUP BY part, city;
ANALYZE;
UPDATE sqlite_stat1 SET stat = '200000' WHERE tbl = 'big';
UPDATE sqlite_stat1 SET stat = '3000' WHERE tbl = 'small';
UPDATE sqlite_stat1 SET stat = '800000 4' WHERE tbl = 'item';
UPDATE sqlite_stat1 SET stat = '5000 40 1' WHERE tbl = 'coded';
DELETE FROM sqlite_stat4;
UPDATE sqlite_stat1 SET stat = '50000 5000 1' WHERE tbl = 'keyed';
ANALYZE sqlite_schema;
CREATE TABLE fresh(id INTEGER PRIMARY KEY, part INTEGER, name TEXT);
INSERT INTO fresh SELECT id, part, name FROM small
"""
RULES = {
    "a scan in a correlated subquery becomes an index made once": (
        "SELECT s.id, (SELECT sum(amount) FROM big b WHERE b.part = s.part) FROM small s",
        "SELECT s.id, (SELECT group_concat(id) FROM big b WHERE b.city = s.name AND b.note = 'n1') FROM small s",
        "SELECT count(*) FROM small s WHERE NOT EXISTS (SELECT * FROM big b WHERE b.part = s.part)",
        "SELECT id FROM small s WHERE id < (SELECT amount FROM big b WHERE b.part = s.part ORDER BY id LIMIT 1)",
        "SELECT id, (SELECT group_concat(city || amount) FROM keyed k WHERE k.amount = s.id * 1.25) FROM small s",
    ),
    "single rows are looked up in a hash table": (
        "SELECT i.id, s.name FROM item i, small s WHERE i.small_id = s.id",
        "SELECT i.id, name, s.rowid FROM item i, small s WHERE small_id = s.id AND name LIKE 'C%' AND part > 2",
        "SELECT i.id, c.label FROM item i, coded c WHERE i.code = c.code AND c.side = i.big_id % 3",
        "SELECT i.id, s.part FROM item i, small s WHERE small_id = s.id AND abs(s.part) > 2 ORDER BY s.part, i.id DESC",
        "SELECT i.id, k.amount FROM item i, keyed k WHERE i.big_id = k.part AND k.city = 'c' || (i.id % 5)",
        "SELECT i.id, s.name FROM item i, small s WHERE i.small_id = s.id LIMIT 3",
    ),
    "what the branches of an OR share": (
        "SELECT count(*), sum(i.price) FROM item i, small s WHERE (s.id = i.small_id AND s.part = 3 AND i.price > 5) "
        "OR (i.small_id = s.id AND s.part = 4 AND i.price > 50)",
    ),
    "a row that every branch of an OR looks up": (
        "SELECT i.id, f.name FROM item i, fresh f WHERE (f.id = i.small_id AND f.part = 3 AND i.price > 5 AND "
        "i.code = 'x1') OR (i.small_id = f.id AND f.part > 4 AND i.price > 50 AND i.code = 'x1') OR "
        "(i.small_id = f.id AND i.code = 'x1' AND f.part BETWEEN 7 AND 8 AND i.price < 70)",
        "SELECT i.id, f.name FROM item i, fresh f WHERE (f.id = i.small_id AND f.part = 3) OR "
        "(f.id = i.big_id AND f.part > 4)",
        "SELECT i.id, f.name FROM item i LEFT JOIN fresh f ON (f.id = i.small_id AND f.part = 3) OR "
        "(f.id = i.small_id AND i.price > 50)",
    ),
    "groups that may be found in any order": (
        "SELECT b.city, count(*), sum(i.price) FROM big b, item i WHERE big_id = b.id AND code = 'x1' GROUP BY city",
        "SELECT b.city, group_concat(i.id) FROM big b, item i WHERE big_id = b.id AND code = 'x1' GROUP BY city",
        "SELECT b.city, b.note, count(*) FROM big b, item i WHERE big_id = b.id AND code = 'x1' GROUP BY city",
    ),
    "correlated subqueries wait for look-ups": (
        "SELECT i.id FROM item i, small s WHERE i.small_id = s.id AND s.part = 3 AND NOT EXISTS "
        "(SELECT 1 FROM big b WHERE b.part = i.big_id AND b.id > 4)",
        "SELECT i.id FROM item i LEFT JOIN small s ON i.small_id = s.id WHERE NOT EXISTS "
        "(SELECT 1 FROM big b WHERE b.part = i.big_id AND b.id > 4)",
    ),
    "rows by pages before rows by an index": (
        "SELECT big_id, sum(price) FROM item GROUP BY big_id",
        "SELECT big_id, count(*) FROM item GROUP BY big_id",
        "SELECT big_id, sum(price) FROM item GROUP BY big_id ORDER BY big_id LIMIT 3",
        "SELECT big_id, sum(price) FROM item GROUP BY big_id ORDER BY sum(price) LIMIT 3",
    ),
    "but not where rows change, or where a condition may say something else each time": (
        "UPDATE small SET name = (SELECT group_concat(city) FROM big b WHERE b.part = small.part)",
        "SELECT count((SELECT count(*) FROM big b WHERE b.part = s.part AND b.note < abs(random()))) FROM small s",
    ),
}


def read_plan(connection, sql) -> list[str]:
    """EXPLAIN QUERY PLAN, indented."""
    rows = [tuple(row) for row in connection.execute("EXPLAIN QUERY PLAN " + sql)]
    return ["  " * depth + text for depth, text in plan_of(rows)]


def open_pair():
    """The schema in real SQLite and in ours."""
    real, ours = apsw.Connection(":memory:"), Connection(":memory:")
    for connection in (real, ours):
        for _ in connection.execute(SCHEMA):
            pass
    return real, ours


def golden_text(real, ours) -> str:
    """The plans of all queries, SQLite's first."""
    found = []
    for name, queries in RULES.items():
        found.append(f"-- {name}")
        for sql in queries:
            found.append(sql)
            found += ["  SQLite: " + line for line in read_plan(real, sql)]
            found += ["  ours:   " + line for line in read_plan(ours, sql)]
        found.append("")
    return "\n".join(found)


@pytest.fixture(scope="module")
def pair():
    return open_pair()


def test_the_rules_plan_as_their_golden_text_says(pair) -> None:
    assert golden_text(*pair) == GOLDEN.read_text()


@pytest.mark.parametrize("sql", [sql for queries in RULES.values() for sql in queries])
def test_rows_are_sqlites(pair, sql) -> None:
    real, ours = pair
    assert [tuple(row) for row in ours.execute(sql)] == list(real.execute(sql))


if __name__ == "__main__":
    GOLDEN.write_text(golden_text(*open_pair()))
