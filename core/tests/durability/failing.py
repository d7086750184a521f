"""The child of test_io_errors.py: one transaction, again and again, each time with other calls to the disk that fail.

Told by a line of JSON; answers a line for each time: which call failed first, the codes of the statement that failed
and of the ROLLBACK after it (0: none), what was found afterwards ("before", "after" or another fingerprint) on the
connection itself and by real SQLite, and what is wrong with the files.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from recording import FailingDisk, complaints, fingerprint, open_all, put
from sql_process import SqlFailed

AGAIN = "INSERT INTO p VALUES(1000, 'again'); DELETE FROM p WHERE id = 1000"


def code_of(connection: Any, sql: str) -> int:
    try:
        connection.run(sql)
    except SqlFailed as failure:
        return failure.code
    return 0


def attempt(task: dict[str, Any], disk: FailingDisk, before: dict[str, bytes], at: int) -> dict[str, Any]:
    folder, names = Path(task["folder"]), task["names"]
    known = {state: name for name, state in task["states"].items()}
    put(folder, before)
    connection = open_all(task["kind"], folder, names)
    connection.run(task["pragmas"])
    fingerprint(connection, names)
    disk.fail(task["failure"], at, task["count"])
    code = 0
    for statement in task["statements"]:
        code = code_of(connection, statement)
        if code:
            break
    rollback = code_of(connection, "ROLLBACK") if code else 0
    calls = disk.calls()
    disk.fail(0)
    state = fingerprint(connection, names)
    wrong = complaints(connection, names)
    again = code_of(connection, AGAIN)
    connection.close()
    judge = open_all("sqlite", folder, names)
    later = fingerprint(judge, names)
    wrong += complaints(judge, names)
    judge.close()
    return {
        "at": at,
        "calls": calls,
        "code": code,
        "rollback": rollback,
        "state": known.get(state, state),
        "later": known.get(later, later),
        "again": again,
        "wrong": wrong,
    }


def main() -> None:
    task = json.load(sys.stdin)
    disk = FailingDisk()
    before = {name: Path(task["files"], name).read_bytes() for name in task["names"]}
    at = 0
    while True:
        result = attempt(task, disk, before, at)
        print(json.dumps(result), flush=True)
        if result["calls"] <= at:
            return
        at += 1 if at < task["dense"] else task["stride"]


if __name__ == "__main__":
    main()
