"""A connection goes by the schema that it read first, also where PRAGMA writable_schema lets it change the rows: what
it compiles then is for the schema that it has, and nobody else gets it.

Programs are kept for the whole process, by what their schema says. Those that are known run without the compile tower,
which therefore comes to read the schema late. Each case is asked of databases that began alike, one after the other in
one process, and of real SQLite.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import apsw
import pytest

ROOT = Path(__file__).resolve().parents[3]
MAKE = """
CREATE TABLE t(a INTEGER PRIMARY KEY, b); CREATE INDEX tb ON t(b); INSERT INTO t VALUES(1, 'one'), (2, 'two');
CREATE TABLE n(v); INSERT INTO n VALUES(1), (2), (3);
"""
FORGET = ("PRAGMA writable_schema = ON", "DELETE FROM sqlite_schema WHERE name = 'tb'", "PRAGMA writable_schema = OFF")
INSERT = "INSERT INTO t(b) VALUES('three')"
WHOLE = "PRAGMA integrity_check"
# For each database of the same beginning the statements that are asked of it.
CASES: dict[str, list[list[str]]] = {
    "the index is kept up until the schema is read anew": [
        [*FORGET],
        [*FORGET, INSERT, "SELECT a FROM t WHERE b = 'three'"],
    ],
    "others get no program that leaves the index out": [[*FORGET], [*FORGET, INSERT], [INSERT, WHOLE]],
    "nor one that writes what has become another tree": [
        [*FORGET[:2]],
        [*FORGET, "ATTACH ':memory:' AS x", INSERT],
        [*FORGET, "VACUUM", INSERT, WHOLE, "SELECT count(*) FROM n"],
    ],
    "statistics too": [
        ["ANALYZE", "SELECT * FROM t, n"],
        ["ANALYZE", "DELETE FROM sqlite_stat1", "SELECT * FROM t, n"],
        ["ANALYZE", "SELECT * FROM t, n"],
    ],
    "reading it anew sees the rows": [
        [*FORGET],
        [*FORGET, "PRAGMA writable_schema = RESET", "PRAGMA index_list(t)", INSERT],
    ],
}
CHILD = """
import json, sys
sys.path.insert(0, sys.argv[1])
from tools.comparing.prepared import Database, our_functions, real_functions
functions = real_functions() if sys.argv[2] == "sqlite" else our_functions()
found = []
for path, statements in json.load(sys.stdin):
    database = Database(functions, path)
    found.append([repr(database.rows(sql)) for sql in statements])
    database.close()
print(json.dumps(found))
"""


@pytest.mark.parametrize("engine", ["kernel", "reference", "mirror"])
@pytest.mark.parametrize("case", CASES)
def test_it_is_as_in_sqlite(case: str, engine: str, tmp_path: Path) -> None:
    told = []
    for side in ("sqlite", engine):
        asked = []
        for number, statements in enumerate(CASES[case]):
            path = tmp_path / f"{side}-{number}.db"
            judge = apsw.Connection(str(path))
            judge.execute(MAKE)
            judge.close()
            asked.append([str(path), statements])
        child = subprocess.run(
            [sys.executable, "-c", CHILD, str(ROOT), side],
            input=json.dumps(asked),
            env={**os.environ, "KEELBACK_ENGINE": "kernel" if side == "sqlite" else side},
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert child.returncode == 0, child.stderr
        told.append(json.loads(child.stdout))
    assert told[1] == told[0]
