"""PRAGMA secure_delete: what was deleted is not found in the file, in all places where it may have stood.

Real SQLite leaves some of it in the gaps of pages that it balanced, so that it is no model here; it checks the files.
"""

from __future__ import annotations

from pathlib import Path

import apsw
import pytest
from sql_process import SqlProcess

SECRET = b"QZsecretQZ"
FILL = """
PRAGMA auto_vacuum = {auto_vacuum};
CREATE TABLE t(a INTEGER PRIMARY KEY, b);
CREATE INDEX i ON t(b);
CREATE TABLE w(b PRIMARY KEY, c) WITHOUT ROWID;
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 400)
INSERT INTO t SELECT i,
    printf('%s-%d-%.*c', CASE WHEN i % 4 THEN 'QZsecretQZ' ELSE 'kept' END, i, i * 37 % 4000, 'x') FROM n;
INSERT INTO w SELECT b, a FROM t;
CREATE TABLE dropped AS SELECT * FROM t;
"""
DELETIONS = {
    "delete": "DELETE FROM t WHERE a % 4; DELETE FROM w WHERE c % 4; DELETE FROM dropped WHERE a % 4;",
    "update": "UPDATE t SET b = 'short' || a WHERE a % 4; DELETE FROM w WHERE b GLOB 'QZ*';"
    "UPDATE dropped SET b = a WHERE a % 4;",
    "all": "DELETE FROM t; DELETE FROM w; DELETE FROM dropped;",
    "drop": "DROP TABLE t; DROP TABLE w; DROP TABLE dropped;",
    "one by one": "DROP TABLE dropped;"
    + "".join(f"DELETE FROM t WHERE a = {a}; DELETE FROM w WHERE c = {a};" for a in range(400, 0, -1) if a % 4),
}


def run(kind: str, path: Path, sql: str) -> None:
    with SqlProcess(kind, path) as process:
        for statement in sql.split(";"):
            if statement.strip():
                process.run(statement)


@pytest.mark.parametrize("kind", ["kernel", "reference"])
@pytest.mark.parametrize("auto_vacuum", ["none", "full"])
@pytest.mark.parametrize("how", DELETIONS)
def test_deleted_content_is_not_in_the_file(how: str, auto_vacuum: str, kind: str, tmp_path: Path) -> None:
    """It is on from the beginning: balancing too leaves copies behind."""
    if kind == "reference" and how == "one by one":
        how = "delete"
    path = tmp_path / "a.db"
    run(kind, path, "PRAGMA secure_delete = on;" + FILL.format(auto_vacuum=auto_vacuum))
    assert path.read_bytes().count(SECRET) > 400
    run(kind, path, "PRAGMA secure_delete = on;" + DELETIONS[how])
    assert path.read_bytes().count(SECRET) == 0
    assert list(apsw.Connection(str(path)).execute("PRAGMA integrity_check")) == [("ok",)]


@pytest.mark.parametrize("kind", ["kernel", "reference"])
def test_fast_overwrites_what_stays_in_its_page(kind: str, tmp_path: Path) -> None:
    """Whole pages that become free keep their content; SQLite leaves the same pages as they were."""
    left = []
    for each in (kind, "sqlite"):
        path = tmp_path / f"{each}.db"
        run("sqlite", path, "CREATE TABLE t(a INTEGER PRIMARY KEY, b); CREATE TABLE large(b)")
        run(
            "sqlite",
            path,
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 200)"
            " INSERT INTO t SELECT i, 'QZsecretQZ' || i FROM n;"
            "INSERT INTO large VALUES (printf('%.9000c', 'x') || 'QZsecretQZ')",
        )
        run(each, path, "PRAGMA secure_delete = fast; DELETE FROM t WHERE a % 2; DELETE FROM large")
        content = path.read_bytes()
        assert content.count(SECRET) == 101
        left.append(content)


@pytest.mark.parametrize("kind", ["kernel", "reference"])
def test_without_it_deleted_content_stays(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    run(kind, path, FILL.format(auto_vacuum="none"))
    run(kind, path, DELETIONS["delete"])
    assert path.read_bytes().count(SECRET) > 0
