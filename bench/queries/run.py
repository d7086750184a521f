"""Queries of every day on real SQLite and on Keelback, side by side: what TPC-H has none of.

    python bench/queries/run.py --real LIBRARY --ours LIBRARY [--rows 200000] [--queries 1,5] [--repeat 3]
        [--analyze] [--write FILE]

What TPC-H has none of: star and self joins, correlated subqueries, windows, DISTINCT, compounds, groups of texts and
expressions, extremes by an index, LIKE and functions a row, recursive tables, JSON; statements that write, with
upserts, triggers and foreign keys, are rolled back. Times are those of bench/tpch/run.py.
"""

from __future__ import annotations

import argparse
import datetime
import sys
import tempfile
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
ROOT = FOLDER.parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "core")]

import apsw  # noqa: E402

from bench.bench import machine  # noqa: E402
from bench.tpch.run import Library, Line, different_answers, measure, read_queries, summary  # noqa: E402

SCHEMA = """
CREATE TABLE day(id INTEGER PRIMARY KEY, name TEXT);
CREATE TABLE shop(id INTEGER PRIMARY KEY, region INTEGER, town TEXT);
CREATE TABLE item(id INTEGER PRIMARY KEY, kind TEXT, code INTEGER, doc TEXT);
CREATE TABLE sale(id INTEGER PRIMARY KEY, day INTEGER, shop INTEGER, item INTEGER, amount REAL, note TEXT);
WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 365)
  INSERT INTO day SELECT i, 'd' || i FROM n;
WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 300)
  INSERT INTO shop SELECT i, i % 12, 't' || (i % 40) FROM n;
WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < {items})
  INSERT INTO item SELECT i, 'k' || (i % 20), i * 7919 % 3001, json_object('size', i % 100, 'tags', json_array(i, 'a'))
  FROM n;
WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < {rows})
  INSERT INTO sale SELECT i, i * 31 % 365 + 1, i * 7907 % 300 + 1, i * 104729 % {items} + 1, i * 7919 % 10007 / 100.0,
  'n' || (i * 31 % 977) || 'word' FROM n;
CREATE INDEX sale_shop ON sale(shop);
CREATE TABLE label(name TEXT PRIMARY KEY, seen INTEGER) WITHOUT ROWID;
INSERT INTO label SELECT DISTINCT note, 0 FROM sale WHERE id % 3 > 0;
CREATE TABLE person(id INTEGER PRIMARY KEY, chief INTEGER REFERENCES person ON DELETE CASCADE, name TEXT, town TEXT);
CREATE INDEX person_chief ON person(chief);
CREATE INDEX person_town ON person(town);
WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < {items})
  INSERT INTO person SELECT i, nullif(i / 4, 0), 'p' || i, 't' || (i % 40) FROM n;
CREATE TABLE visit(
  id INTEGER PRIMARY KEY, person INTEGER REFERENCES person ON DELETE CASCADE, moment TEXT, cost INTEGER);
CREATE INDEX visit_person ON visit(person);
WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < {items} * 5)
  INSERT INTO visit
  SELECT i, i * 7907 % {items} + 1, datetime('2024-01-01', (i * 7919 % 527040) || ' minutes'), i * 31 % 997 FROM n;
CREATE TABLE journal(visit INTEGER, before INTEGER, after INTEGER);
CREATE TRIGGER visit_cost AFTER UPDATE OF cost ON visit WHEN old.cost <> new.cost BEGIN
  INSERT INTO journal VALUES (new.id, old.cost, new.cost);
END;
CREATE VIEW debt AS SELECT person, sum(cost) AS owed, count(*) AS visits FROM visit GROUP BY person;
CREATE VIEW debtor AS
  SELECT person.id, name, town, chief, owed, visits FROM person JOIN debt ON debt.person = person.id;
CREATE VIEW wealthy AS SELECT * FROM debtor WHERE owed > 2000 AND visits > 2;
CREATE TABLE stock(
  id INTEGER PRIMARY KEY, code TEXT UNIQUE, shelf INTEGER, price REAL CHECK (price >= 0), gross AS (price * 1.2) STORED,
  label AS (code || '/' || shelf));
CREATE INDEX stock_shelf ON stock(shelf);
CREATE INDEX stock_price ON stock(price, shelf);
INSERT INTO stock(id, code, shelf, price) SELECT id, 'c' || id, id % 50, amount FROM sale WHERE id <= {items};
CREATE TABLE pair(a INTEGER, b TEXT, c REAL, PRIMARY KEY(a, b)) WITHOUT ROWID;
CREATE TABLE entry(id INTEGER PRIMARY KEY AUTOINCREMENT, note TEXT);
CREATE TABLE entries(note TEXT, times INTEGER);
CREATE TRIGGER entry_added AFTER INSERT ON entry BEGIN
  INSERT INTO entries VALUES (new.note, new.id);
  UPDATE day SET name = 'seen' WHERE id = new.id % 365 + 1;
END;
"""


def write_page(path: Path, lines: list[Line], queries: dict[int, str], arguments: argparse.Namespace) -> None:
    """The page: each query with its times, those that are slower first."""
    version = Library(arguments.real, ":memory:", 1).version()
    text = [
        "<!-- Written by bench/queries/run.py --write; run it again rather than edit. -->",
        "# Queries of every day",
        "",
        f"{datetime.date.today().isoformat()}, {machine()}. {arguments.rows} rows, in a file;"
        f" SQLite {version} built with -O3; the best of {arguments.repeat} runs, each engine's in turn.",
        "",
        "CPU time of a known statement from prepare to finalize, in milliseconds; a ratio above 1 means that Keelback"
        " is faster. What changes rows is rolled back, outside of the time. A query is interrupted after"
        f" {arguments.limit:g} s and counts as that long. The slowest beside SQLite come first; tables and data are in"
        " `bench/queries/run.py`.",
        "",
        "| query | SQLite | Keelback | ratio | | |",
        "|---:|---:|---:|---:|---|---|",
    ]
    for line in sorted(lines, key=Line.ratio):
        sql = " ".join(queries[line.number].split()).replace("|", "\\|")
        times = f"{line.real * 1000:.1f} | {line.ours * 1000:.1f} | {line.ratio():.2f}"
        text.append(f"| {line.number} | {times} | {line.note} | `` {sql} `` |")
    path.write_text("\n".join([*text, "", summary(lines), ""]), encoding="utf-8")


def compare(path: str, queries: dict[int, str], arguments: argparse.Namespace) -> int:
    """Measure, and write the page if one is wanted; 1 where answers differ."""
    lines = measure(path, queries, arguments)
    if arguments.write:
        write_page(arguments.write, lines, queries, arguments)
    return 1 if different_answers(lines) else 0


def main() -> int:
    parser = argparse.ArgumentParser(description="queries of every day on two engines")
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--queries", default="", help="numbers with commas between them")
    parser.add_argument("--real", required=True)
    parser.add_argument("--ours", required=True)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--limit", type=float, default=30.0)
    parser.add_argument("--database", default=None, help="a file made before")
    parser.add_argument("--write", type=Path, default=None, help="write the page, docs/queries.md")
    parser.add_argument("--analyze", action="store_true", help="with statistics")
    arguments = parser.parse_args()
    queries = read_queries(FOLDER / "queries.sql")
    if arguments.queries:
        queries = {int(number): queries[int(number)] for number in arguments.queries.split(",")}
    if arguments.database:
        return compare(arguments.database, queries, arguments)
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "queries.db")
        database = apsw.Connection(path)
        with database:
            list(database.execute(SCHEMA.format(rows=arguments.rows, items=max(arguments.rows // 20, 100))))
        if arguments.analyze:
            list(database.execute("ANALYZE"))
        database.close()
        return compare(path, queries, arguments)


if __name__ == "__main__":
    sys.exit(main())
