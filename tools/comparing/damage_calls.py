"""Calls of the C API on a damaged database that no SQL makes: opened as bytes in memory, copied by sqlite3_backup, read
and written by sqlite3_blob. Each gives [code, message, what came of it as Python writes it], as a statement does.

Must not know: what was done to the files.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tools.comparing.prepared import Database

READONLY = 4
DONE = 101
SPARE_BYTES = 8192
# Asked of a copy, or of a database in memory.
QUESTIONS = (
    "SELECT * FROM sqlite_schema",
    "SELECT count(*), sum(a), max(length(b)) FROM t",
    "SELECT x, y FROM w WHERE x > 'b'",
    "SELECT id FROM n WHERE v > 100",
    "INSERT INTO t(b, d) VALUES('new', zeroblob(700))",
    "UPDATE n SET v = v + 1 WHERE id = 3",
    "DELETE FROM t WHERE a % 3 = 0",
    "DROP INDEX tb",
    "VACUUM",
    "PRAGMA quick_check(3)",
)


def _asked(database: Database) -> list[object]:
    """What the questions give: their codes, and the rows of those that read."""
    found: list[object] = []
    for sql in QUESTIONS:
        answer = database.rows(sql)
        is_layout = sql.startswith(("SELECT * FROM sqlite_schema", "PRAGMA"))
        found.append([*answer[:2], *answer[3:]] if is_layout else list(answer))
    return found


def deserialize(database: Database, path: str, flags: str) -> list[object]:
    """The file's bytes as a database in memory."""
    content = Path(path).read_bytes()
    call: Any = database.call
    buffer = ctypes.create_string_buffer(content, len(content) + SPARE_BYTES)
    copy = Database(database.call)
    code = call["deserialize"](
        copy.handle, b"main", ctypes.addressof(buffer), len(content), len(content) + SPARE_BYTES, int(flags)
    )
    message = copy.message() if code else ""
    found = _asked(copy)
    found.append(call["close"](copy.handle))
    return [code, message, repr(found)]


def backup(database: Database, pages: str) -> list[object]:
    """A copy into memory, so many pages at a time."""
    call: Any = database.call
    copy = Database(database.call)
    handle = call["backup_init"](copy.handle, b"main", database.handle, b"main")
    if not handle:
        found = [call["extended_errcode"](copy.handle), copy.message(), "()"]
        call["close"](copy.handle)
        return found
    code = 0
    while code == 0:
        code = call["backup_step"](handle, int(pages))
    end = call["backup_finish"](handle)
    asked = _asked(copy) if code == DONE else []
    asked.append(call["close"](copy.handle))
    return [0 if code == DONE else code, "", repr((end, asked))]


def blob(database: Database, table: str, column: str, rowid: str, is_writable: str, offset: str) -> list[object]:
    """The bytes of a value; some of them written where it is open for that; the next row's too."""
    call: Any = database.call
    handle = ctypes.c_void_p()
    code = call["blob_open"](
        database.handle,
        b"main",
        table.encode(),
        column.encode(),
        int(rowid),
        int(is_writable),
        ctypes.addressof(handle),
    )
    if code:
        return [call["extended_errcode"](database.handle), database.message(), "()"]
    found: list[object] = []
    for row in (int(rowid), int(rowid) + 1):
        size = call["blob_bytes"](handle)
        buffer = ctypes.create_string_buffer(max(size, 1))
        read = call["blob_read"](handle, ctypes.addressof(buffer), size, 0)
        found.append((row, size, read, buffer.raw[:size].hex() if read == 0 else ""))
        if int(is_writable):
            found.append(call["blob_write"](handle, ctypes.addressof(buffer), min(size, 3), int(offset)))
        if row == int(rowid):
            found.append(call["blob_reopen"](handle, row + 1))
    code = call["blob_close"](handle)
    return [code, "", repr(found)]


CALLS: dict[str, Callable[..., list[object]]] = {"deserialize": deserialize, "backup": backup, "blob": blob}

CALL_STATEMENTS = [
    ".deserialize {path} 0",
    ".deserialize {path} 4",
    ".backup -1",
    ".backup 3",
    ".blob t d 1000 0 0",
    ".blob t d 1000 1 600",
    ".blob t b 7 1 1",
    ".blob t d 31 1 0",
    ".blob n v 3 0 0",
    "ATTACH '{path}' AS again",
    "SELECT count(*), max(b) FROM again.t",
    "SELECT a.b FROM main.t AS a JOIN again.t AS b ON a.a = b.a LIMIT 20",
    "PRAGMA again.quick_check(3)",
    "DETACH again",
    "ATTACH ':memory:' AS other",
    "CREATE TABLE other.kept AS SELECT * FROM t",
    "INSERT INTO other.kept SELECT * FROM t WHERE a > 20",
    "SELECT count(*) FROM other.kept",
    "DETACH other",
    "VACUUM",
    "VACUUM INTO '{path}-copy'",
    "PRAGMA auto_vacuum = 1",
    "PRAGMA page_size = 1024",
    "PRAGMA incremental_vacuum",
    "UPDATE t SET d = zeroblob(900) WHERE a % 5 = 1",
    "DELETE FROM w WHERE y % 2",
    "BEGIN",
    "COMMIT",
    "ROLLBACK",
]
