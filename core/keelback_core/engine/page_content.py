"""The content of a database of the reference as one block of bytes, read and replaced.

Source: https://sqlite.org/c3ref/serialize.html
"""

from __future__ import annotations

from keelback_core.reference.storage.pager_cache import cut_to
from keelback_core.value.errors import SqlError
from keelback_core.value.result_codes import MESSAGES, NOTADB, READONLY

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def read_pages(database: Any) -> bytes:
    """All pages of a database as one block, as its reader sees them now."""
    was_idle = database.transaction_state == 0
    database.begin_read()
    try:
        pager = database.pager
        size = database.page_size
        parts = [
            bytes(pager.get(number).data) if number != pager.lock_page else bytes(size)
            for number in range(1, database.page_count + 1)
        ]
        return b"".join(parts)
    finally:
        if was_idle:
            database.end_read()


def write_pages(database: Any, content: bytes) -> None:
    """Replace all pages of a database in one transaction of its own. SqlError BUSY, READONLY, NOTADB."""
    if not content:
        return
    if len(content) < 512 or not content.startswith(b"SQLite format 3\0"):
        raise SqlError(NOTADB, MESSAGES[NOTADB])
    size = int.from_bytes(content[16:18], "big")
    size = 65536 if size == 1 else size
    if size < 512 or size & (size - 1):
        raise SqlError(NOTADB, MESSAGES[NOTADB])
    if database.page_size != size:
        if database.page_count:
            raise SqlError(READONLY, MESSAGES[READONLY])
        database.set_page_size(size)
    database.begin_write(True)
    try:
        pager = database.pager
        count = (len(content) + size - 1) // size
        while database.page_count < count:
            pager.append_page()
        for number in range(1, count + 1):
            if number == pager.lock_page:
                continue
            page = pager.get(number)
            pager.make_writable(page)
            page.data[:] = content[(number - 1) * size : number * size].ljust(size, b"\0")
            if number == 1 and pager.file is not None:
                # Whether it is in WAL mode is a fact of this file, not of the content.
                page.data[18:20] = b"\1\1" if pager.wal is None else b"\2\2"
            page.forget()
        cut_to(pager, count)
        database.commit()
    except BaseException:
        database.rollback()
        raise
