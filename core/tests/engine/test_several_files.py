"""A commit of two attached files, and a VACUUM, broken off at each write to a file: all or nothing, for whoever looks.

The child exits, without any clean-up, just before its n-th write, cut, sync or deletion; Keelback or real SQLite then
opens what is left.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import apsw
import pytest
from keelback_core.engine import Connection

CORE = str(Path(__file__).resolve().parents[2])
CHILD = """
import os, sys
sys.path.insert(0, sys.argv[1])
from keelback_core.engine import Connection
from keelback_core.reference.storage import vfs
connection = Connection(sys.argv[2])
if sys.argv[3]:
    connection.execute("ATTACH ? AS x", (sys.argv[3],))
left = int(sys.argv[4])

def counted(method):
    def call(*arguments):
        global left
        left -= 1
        if left < 0:
            os._exit(9)
        return method(*arguments)
    return call

for text in sys.argv[5:-1]:
    connection.execute(text)
for kind in (vfs.OsFile, vfs.OsVfs):
    for name in ("write_at", "truncate", "sync", "delete"):
        if hasattr(kind, name):
            setattr(kind, name, counted(getattr(kind, name)))
connection.execute(sys.argv[-1])
"""


def run_child(main: Path, other: Path | None, steps: int, *texts: str) -> bool:
    """Run texts, counting the steps of the last; whether it came to its end."""
    arguments = [sys.executable, "-c", CHILD, CORE, str(main), str(other or ""), str(steps), *texts]
    code = subprocess.run(arguments, timeout=60, check=False).returncode
    assert code in (0, 9)
    return code == 0


def rows(path: Path, by_oracle: bool, sql: str) -> list[list[Any]]:
    """What a reader of the file gets."""
    if by_oracle:
        oracle = apsw.Connection(str(path))
        found = [list(row) for row in oracle.execute(sql)]
        oracle.close()
        return found
    connection = Connection(str(path))
    found = connection.execute(sql)
    connection.close()
    return found


@pytest.mark.parametrize("by_oracle", [False, True])
@pytest.mark.parametrize("mode", ["delete", "persist"])
def test_a_broken_commit_of_two_files_is_in_both_or_in_none(tmp_path: Path, mode: str, by_oracle: bool) -> None:
    outcomes = set()
    steps = 0
    while True:
        main, other = tmp_path / f"a{steps}.db", tmp_path / f"b{steps}.db"
        connection = Connection(str(main))
        connection.execute("ATTACH ? AS x", (str(other),))
        connection.execute("CREATE TABLE t(a); CREATE TABLE x.u(a); INSERT INTO t VALUES (1); INSERT INTO u VALUES (1)")
        connection.close()
        change = ("BEGIN", "INSERT INTO t VALUES (2)", "INSERT INTO u VALUES (2)", "COMMIT")
        modes = (f"PRAGMA main.journal_mode = {mode}", f"PRAGMA x.journal_mode = {mode}")
        is_done = run_child(main, other, steps, *modes, *change)
        # The file that was attached is looked at first: it must find the super-journal by the name in its journal.
        found = (rows(other, by_oracle, "SELECT a FROM u"), rows(main, by_oracle, "SELECT a FROM t"))
        assert found[0] == found[1], f"after {steps} steps"
        outcomes.add(len(found[0]))
        for path in (main, other):
            assert rows(path, True, "PRAGMA integrity_check") == [["ok"]]
        assert not [path for path in tmp_path.glob(f"a{steps}.db-mj*") if is_done]
        if is_done:
            break
        steps += 1
    assert steps > 8
    assert outcomes == {1, 2}


@pytest.mark.parametrize("by_oracle", [False, True])
def test_a_broken_vacuum_to_another_page_size_loses_nothing(tmp_path: Path, by_oracle: bool) -> None:
    template = tmp_path / "template.db"
    connection = Connection(str(template))
    connection.execute("CREATE TABLE t(a INTEGER PRIMARY KEY, b); CREATE INDEX i ON t(b)")
    for number in range(60):
        connection.execute("INSERT INTO t VALUES (?, ?)", (number, str(number % 7) * 300))
    connection.execute("DELETE FROM t WHERE a % 3 = 0")
    connection.close()
    expected = rows(template, True, "SELECT * FROM t ORDER BY a")
    sizes = set()
    for steps in [*range(0, 40, 3), 1000]:
        path = tmp_path / f"v{steps}.db"
        path.write_bytes(template.read_bytes())
        is_done = run_child(path, None, steps, "PRAGMA page_size = 1024", "VACUUM")
        assert is_done or steps < 1000
        assert rows(path, by_oracle, "SELECT * FROM t ORDER BY a") == expected
        assert rows(path, True, "PRAGMA integrity_check") == [["ok"]]
        sizes.add(rows(path, True, "PRAGMA page_size")[0][0])
    assert sizes == {1024, 4096}
