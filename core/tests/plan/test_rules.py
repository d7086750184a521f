"""Every rule of the planner, by a query that it does not help and one that it does: rules.txt shows both plans,
measured_rules.txt those of the rules that need statistics.

`python core/tests/plan/test_rules.py` writes both anew; the test then says whether real SQLite plans alike.
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

GOLDEN = FOLDER / "rules.txt"
MEASURED_GOLDEN = FOLDER / "measured_rules.txt"
RULES = {
    "EXISTS as a join": (
        "SELECT * FROM person p WHERE EXISTS (SELECT 1 FROM city c WHERE c.id = p.city_id LIMIT 1)",
        "SELECT * FROM person p WHERE EXISTS (SELECT 1 FROM city c WHERE c.id = p.city_id)",
    ),
    "members looked up where they are": (
        "SELECT * FROM person WHERE age IN (SELECT id FROM city WHERE people > 3)",
        "SELECT * FROM person WHERE age IN (SELECT id FROM city)",
    ),
    "a row value looked up by the columns of a subquery": (
        "SELECT id FROM person WHERE (city_id + 0, +age) = (SELECT id, people FROM city)",
        "SELECT id FROM person WHERE (city_id, age) = (SELECT id, people FROM city)",
    ),
    "push-down past GROUP BY": (
        "SELECT * FROM (SELECT city_id, count(*) AS n FROM person GROUP BY city_id LIMIT 9) WHERE city_id = 5",
        "SELECT * FROM (SELECT city_id, count(*) AS n FROM person GROUP BY city_id) WHERE city_id = 5",
    ),
    "push-down into a compound": (
        "SELECT count(*) FROM (SELECT id FROM person UNION ALL SELECT id FROM city LIMIT 9) AS q WHERE id = 5",
        "SELECT count(*) FROM (SELECT id FROM person UNION ALL SELECT id FROM city) AS q WHERE id = 5",
    ),
    "push-down into partitions": (
        "SELECT * FROM (SELECT city_id, rank() OVER (ORDER BY age) FROM person) WHERE city_id = 5",
        "SELECT * FROM (SELECT city_id, rank() OVER (PARTITION BY city_id ORDER BY age) FROM person) WHERE city_id = 5",
    ),
    "HAVING before grouping": (
        "SELECT city_id, count(*) FROM person GROUP BY city_id HAVING max(city_id) = 5",
        "SELECT city_id, count(*) FROM person GROUP BY city_id HAVING city_id = 5",
    ),
    "constants propagate": (
        "SELECT * FROM plain x, plain y WHERE x.a = y.b AND +y.b = 5",
        "SELECT * FROM plain x, plain y WHERE x.a = y.b AND y.b = 5",
    ),
    "equalities are transitive": (
        "SELECT * FROM person p, city c WHERE p.id = c.id AND +p.id > 5",
        "SELECT * FROM person p, city c WHERE p.id = c.id AND p.id > 5",
    ),
    "LIKE as a range": (
        "SELECT * FROM person WHERE name LIKE '%ab'",
        "SELECT * FROM person WHERE name LIKE 'ab%'",
    ),
    "BETWEEN as a range": (
        "SELECT * FROM person WHERE city_id NOT BETWEEN 3 AND 5",
        "SELECT * FROM person WHERE city_id BETWEEN 3 AND 5",
    ),
    "an OR as a union": (
        "SELECT * FROM person WHERE city_id = 3 OR note = 'x'",
        "SELECT * FROM person WHERE city_id = 3 OR id = 4",
    ),
    "an automatic index with a Bloom filter": (
        "SELECT * FROM plain x JOIN plain y ON x.a < y.b",
        "SELECT * FROM plain x JOIN plain y ON x.a = y.b",
    ),
    "a LEFT JOIN that nobody reads": (
        "SELECT p.id, c.name FROM person p LEFT JOIN city c ON c.id = p.city_id",
        "SELECT p.id FROM person p LEFT JOIN city c ON c.id = p.city_id",
    ),
    "a LEFT JOIN that is an inner join": (
        "SELECT * FROM person p LEFT JOIN city c ON c.id = p.city_id WHERE coalesce(c.people, 1) > 3",
        "SELECT * FROM person p LEFT JOIN city c ON c.id = p.city_id WHERE c.people > 3",
    ),
    "a subquery on the right of a LEFT JOIN": (
        "SELECT * FROM person p LEFT JOIN (SELECT DISTINCT id, name FROM city) c ON c.id = p.city_id",
        "SELECT * FROM person p LEFT JOIN (SELECT id, name FROM city) c ON c.id = p.city_id",
    ),
    "ORDER BY of a subquery": (
        "SELECT * FROM (SELECT * FROM person ORDER BY note LIMIT 9) ORDER BY id",
        "SELECT * FROM (SELECT * FROM person ORDER BY note) ORDER BY id",
    ),
    "flattening of UNION ALL": (
        "SELECT * FROM visit v, (SELECT id FROM person UNION ALL SELECT id + 0 FROM city) q WHERE q.id = v.city_id",
        "SELECT * FROM visit v, (SELECT id FROM person UNION ALL SELECT id FROM city) q WHERE q.id = v.city_id",
    ),
    "ORDER BY of a flattened UNION ALL": (
        "SELECT id FROM (SELECT id FROM person UNION ALL SELECT id FROM city) ORDER BY id + 1",
        "SELECT id FROM (SELECT id FROM person UNION ALL SELECT id FROM city) ORDER BY id",
    ),
    "the count of a UNION ALL": (
        "SELECT count(*) FROM (SELECT id FROM person UNION ALL SELECT id FROM city WHERE name > 'x')",
        "SELECT count(*) FROM (SELECT id FROM person UNION ALL SELECT id FROM city)",
    ),
    "the last terms of ORDER BY": (
        "SELECT * FROM city ORDER BY people, country",
        "SELECT * FROM city ORDER BY country, people",
    ),
    "a pointless DISTINCT": (
        "SELECT DISTINCT age FROM person",
        "SELECT DISTINCT id, age FROM person",
    ),
    "the narrowest tree for count(*)": (
        "SELECT count(*) FROM plain",
        "SELECT count(*) FROM city",
    ),
    "row values as bounds": (
        "SELECT * FROM city WHERE (country, name) > ('x', 'y')",
        "SELECT * FROM person WHERE (city_id, age) > (3, 4)",
    ),
    "row values among the rows of a subquery": (
        "SELECT * FROM person WHERE (city_id + 0, +age) IN (SELECT id, people FROM city)",
        "SELECT * FROM person WHERE (city_id, age) IN (SELECT id, people FROM city)",
    ),
    "some items of a row value": (
        "SELECT * FROM person WHERE (age, note) IN (SELECT id, people FROM city)",
        "SELECT * FROM person WHERE city_id = 4 AND (age, note) IN (SELECT id, people FROM city)",
    ),
    "row values among listed rows": (
        "SELECT * FROM stop WHERE (line, seen) NOT IN (VALUES ('a', 3), ('b', 4))",
        "SELECT * FROM stop WHERE (line, number) IN (VALUES ('a', 3), ('b', 4))",
    ),
    "the short cut": (
        "SELECT * FROM city WHERE name > 'x' AND country = 'y'",
        "SELECT * FROM city WHERE name = 'x' AND country = 'y'",
    ),
    "expressions read from an index": (
        "SELECT lower(day) FROM visit WHERE upper(day) > 'A'",
        "SELECT upper(day) FROM visit WHERE upper(day) > 'A'",
    ),
    "aggregates of expressions in an index": (
        "SELECT group_concat(upper(day)), max(day) FROM visit",
        "SELECT group_concat(upper(day)) FROM visit",
    ),
    "a set that comes in order": (
        "SELECT * FROM (SELECT age FROM person UNION ALL SELECT people FROM city) ORDER BY age + 1",
        "SELECT * FROM (SELECT age FROM person UNION SELECT people FROM city) ORDER BY age",
    ),
    "push-down on the right of a LEFT JOIN that is an inner join": (
        "SELECT * FROM plain LEFT JOIN (SELECT city_id, max(age) AS m FROM person GROUP BY city_id) q ON q.city_id = a",
        "SELECT * FROM plain LEFT JOIN (SELECT city_id, max(age) AS m FROM person GROUP BY city_id) q ON q.city_id = a"
        " WHERE q.city_id = 5",
    ),
    "push-down into SELECTs of other affinities": (
        "SELECT * FROM (SELECT name FROM city UNION ALL SELECT id + 0 FROM city) WHERE name > '5'",
        "SELECT * FROM (SELECT name FROM city UNION ALL SELECT id FROM city) WHERE name > '5'",
    ),
    "an OR of an indexed expression": (
        "SELECT * FROM visit WHERE lower(day) = 'x' OR lower(day) = 'y'",
        "SELECT * FROM visit WHERE upper(day) = 'x' OR upper(day) = 'y'",
    ),
    "row values between": (
        "SELECT * FROM person WHERE (city_id, age) NOT BETWEEN (1, 2) AND (3, 4)",
        "SELECT * FROM person WHERE (city_id, age) BETWEEN (1, 2) AND (3, 4)",
    ),
    "likelihood": (
        "SELECT * FROM city WHERE country > 'a' AND country < 'b' AND name > 'c'",
        "SELECT * FROM city WHERE unlikely(country > 'a') AND name > 'c'",
    ),
    "a test for NULL that is decided": (
        "SELECT * FROM person p JOIN plain x ON x.a = p.age WHERE x.b IS NOT NULL",
        "SELECT * FROM person p JOIN plain x ON x.a = p.age WHERE name IS NOT NULL",
    ),
    "what both branches of an OR say": (
        "SELECT * FROM person WHERE city_id > 3 OR (city_id <> 3 AND age > 4)",
        "SELECT * FROM person WHERE city_id > 3 OR (city_id = 3 AND age > 4)",
    ),
    "a RIGHT JOIN that is an inner join": (
        "SELECT * FROM person p RIGHT JOIN city c ON c.id = p.city_id WHERE coalesce(p.age, 1) > 3",
        "SELECT * FROM person p RIGHT JOIN city c ON c.id = p.city_id WHERE p.age > 3",
    ),
    "a FULL JOIN that is a LEFT JOIN": (
        "SELECT * FROM person p FULL JOIN city c ON c.id = p.city_id WHERE coalesce(p.age, 1) > 3",
        "SELECT * FROM person p FULL JOIN city c ON c.id = p.city_id WHERE p.age > 3",
    ),
    "the right side of a RIGHT JOIN by its key": (
        "SELECT * FROM person p RIGHT JOIN city c ON c.id > p.city_id + c.people",
        "SELECT * FROM person p RIGHT JOIN city c ON c.id = p.city_id",
    ),
    "a LIMIT in FROM": (
        "SELECT * FROM (SELECT id, age FROM person ORDER BY age LIMIT 5) WHERE id > 1",
        "SELECT * FROM (SELECT id, age FROM person ORDER BY age LIMIT 5)",
    ),
    "a list as seeks": (
        "SELECT * FROM person WHERE age IN (3, 4)",
        "SELECT * FROM person WHERE city_id IN (3, 4)",
    ),
    "min and max by an index": (
        "SELECT min(city_id), max(city_id) FROM person",
        "SELECT max(city_id) FROM person",
    ),
    "flattening": (
        "SELECT * FROM (SELECT id, age + 1 AS n FROM person LIMIT 9) WHERE id = 5",
        "SELECT * FROM (SELECT id, age + 1 AS n FROM person) WHERE id = 5",
    ),
    "a co-routine": (
        "WITH q AS MATERIALIZED (SELECT DISTINCT age FROM person) SELECT * FROM q",
        "WITH q AS (SELECT DISTINCT age FROM person) SELECT * FROM q",
    ),
    "a covering index": (
        "SELECT note FROM person WHERE city_id = 3",
        "SELECT age FROM person WHERE city_id = 3",
    ),
    "a partial index": (
        "SELECT * FROM visit WHERE city_id = 3",
        "SELECT * FROM visit WHERE city_id = 3 AND day > 'x'",
    ),
    "a partial index by LIKE of an expression": (
        "SELECT * FROM visit WHERE city_id = 3 AND +day LIKE '%x'",
        "SELECT * FROM visit WHERE city_id = 3 AND +day LIKE 'x%'",
    ),
    "LIKE of an indexed expression": (
        "SELECT * FROM visit WHERE upper(day) LIKE 'x%'",
        "SELECT * FROM visit WHERE upper(day) GLOB 'x*'",
    ),
    "ORDER BY by an index": (
        "SELECT * FROM person ORDER BY age",
        "SELECT * FROM person ORDER BY city_id, age",
    ),
    "DISTINCT by an index": (
        "SELECT DISTINCT age FROM person",
        "SELECT DISTINCT city_id FROM person",
    ),
    "GROUP BY by an index": (
        "SELECT age, count(*) FROM person GROUP BY age",
        "SELECT city_id, count(*) FROM person GROUP BY city_id",
    ),
    "a LIMIT makes the order worth an index": (
        "SELECT * FROM city WHERE people > 3 ORDER BY people",
        "SELECT * FROM city WHERE people > 3 ORDER BY country LIMIT 3",
    ),
}
# Two tables with the same rows, of which ANALYZE has seen one; and two to join, of which it says how large they are.
MEASURED = """
CREATE TABLE unknown(kind, code, place, note);
CREATE INDEX unknown_kind ON unknown(kind, code);
CREATE INDEX unknown_place ON unknown(place);
WITH n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)
  INSERT INTO unknown SELECT i % 2, i % 500, i % 90, 'n' || i FROM n;
CREATE TABLE known(kind, code, place, note);
CREATE INDEX known_kind ON known(kind, code);
CREATE INDEX known_place ON known(place);
INSERT INTO known SELECT * FROM unknown;
ANALYZE known;
CREATE TABLE fact(id INTEGER PRIMARY KEY, code, amount);
CREATE TABLE part(code, name);
CREATE INDEX part_code ON part(code);
INSERT INTO sqlite_stat1 VALUES ('fact', NULL, '2000000'), ('part', 'part_code', '9000 3');
ANALYZE sqlite_schema;
"""
MEASURED_RULES = {
    "statistics choose the index": (
        "SELECT * FROM unknown WHERE kind = 1 AND place BETWEEN 2 AND 3",
        "SELECT * FROM known WHERE kind = 1 AND place BETWEEN 2 AND 3",
    ),
    "skip-scan": (
        "SELECT * FROM unknown WHERE code = 5",
        "SELECT * FROM known WHERE code = 5",
    ),
    "samples tell a value that is everywhere": (
        "SELECT * FROM known WHERE kind > 5 AND place < 2",
        "SELECT * FROM known WHERE kind < 5 AND place < 2",
    ),
    "statistics order the join": (
        "SELECT count(*) FROM unknown u JOIN known k ON u.place = k.code",
        "SELECT count(*) FROM known u JOIN known k ON u.place = k.code AND u.code = 3",
    ),
    "a Bloom filter before a probe": (
        "SELECT sum(amount) FROM fact JOIN part ON part.code = fact.code",
        "SELECT sum(amount) FROM fact CROSS JOIN part ON part.code = fact.code WHERE part.name = 'x'",
    ),
}


def golden_text(connection, rules=RULES) -> str:
    """All rules with the plans of their queries."""
    found = []
    for name, queries in rules.items():
        found.append(f"-- {name}")
        for sql in queries:
            found.append(sql)
            rows = plan_of([tuple(row) for row in connection.execute("EXPLAIN QUERY PLAN " + sql)])
            found += ["  " + "  " * depth + text for depth, text in rows]
        found.append("")
    return "\n".join(found)


def test_the_rules_plan_as_their_golden_text_says(both) -> None:
    assert golden_text(both[1]) == GOLDEN.read_text()


@pytest.mark.parametrize("sql", [sql for queries in RULES.values() for sql in queries])
def test_sqlite_plans_alike(both, sql) -> None:
    real, ours = both
    text = "EXPLAIN QUERY PLAN " + sql
    assert plan_of([tuple(row) for row in ours.execute(text)]) == plan_of(list(real.execute(text)))


@pytest.mark.parametrize("name", RULES)
def test_a_rule_changes_the_plan(both, name) -> None:
    before, after = RULES[name]
    plans = [plan_of([tuple(row) for row in both[1].execute("EXPLAIN QUERY PLAN " + sql)]) for sql in (before, after)]
    assert plans[0] != plans[1]


@pytest.fixture(scope="module")
def measured():
    real = apsw.Connection(":memory:")
    list(real.execute(MEASURED))
    ours = Connection(":memory:")
    ours.execute(MEASURED)
    return real, ours


def test_the_rules_by_statistics_plan_as_their_golden_text_says(measured) -> None:
    assert golden_text(measured[1], MEASURED_RULES) == MEASURED_GOLDEN.read_text()


@pytest.mark.parametrize("sql", [sql for queries in MEASURED_RULES.values() for sql in queries])
def test_sqlite_plans_alike_by_statistics(measured, sql) -> None:
    test_sqlite_plans_alike(measured, sql)


@pytest.mark.parametrize("name", MEASURED_RULES)
def test_statistics_change_the_plan(measured, name) -> None:
    plans = []
    for sql in MEASURED_RULES[name]:
        rows = plan_of([tuple(row) for row in measured[1].execute("EXPLAIN QUERY PLAN " + sql)])
        plans.append([(depth, text.replace("unknown", "known")) for depth, text in rows])
    assert plans[0] != plans[1]


if __name__ == "__main__":
    from conftest import SCHEMA

    for schema, rules, path in ((SCHEMA, RULES, GOLDEN), (MEASURED, MEASURED_RULES, MEASURED_GOLDEN)):
        made = Connection(":memory:")
        made.execute(schema)
        path.write_text(golden_text(made, rules))
