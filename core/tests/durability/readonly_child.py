"""The child of test_readonly_places.py: asks statements as a user whom permissions bind, on files that are there.

Arguments: kind, path or URI; the statements come as a line of JSON, the codes and rows go out as one. The code of
opening comes first; where it is no success nothing follows.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

from keelback_core.value.errors import SqlError
from sql_process import KINDS, SqlFailed

NOBODY = 65534


def outcome(connection: Any, sql: str) -> list[Any]:
    try:
        return [0, connection.run(sql)]
    except SqlFailed as failure:
        return [failure.code, failure.message]


def main() -> None:
    kind, path = sys.argv[1:]
    statements = json.loads(sys.stdin.readline())
    # What is loaded late is loaded now, where it may be read.
    first = KINDS[kind](":memory:")
    first.run(
        "CREATE TABLE t(a); BEGIN; INSERT INTO t VALUES(1); COMMIT; VACUUM; PRAGMA integrity_check; PRAGMA page_size"
    )
    first.close()
    if os.geteuid() == 0:
        os.setuid(NOBODY)
    try:
        connection = KINDS[kind](path)
    except (SqlFailed, SqlError) as failure:
        print(json.dumps([[failure.code, ""]]))
        return
    found = [[0, ""], *(outcome(connection, sql) for sql in statements)]
    connection.close()
    print(json.dumps(found))


if __name__ == "__main__":
    main()
