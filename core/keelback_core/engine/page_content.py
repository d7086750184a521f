"""The content of a database of the reference as one block of bytes, read and replaced.

Source: https://sqlite.org/c3ref/serialize.html
"""

from __future__ import annotations

from keelback_core.engine.uri import OPEN_CREATE, OPEN_MEMORY, OPEN_READWRITE
from keelback_core.reference.storage.database import Database
from keelback_core.reference.storage.header import HEADER_SIZE, check_header, new_header, not_a_database
from keelback_core.reference.storage.named_memory import MemdbVfs
from keelback_core.reference.storage.page import TABLE_LEAF, Page
from keelback_core.reference.storage.pager_cache import cut_to
from keelback_core.value.errors import SqlError
from keelback_core.value.result_codes import BUSY, MESSAGES, NOTADB, READONLY

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


def copy_pages(database: Any, content: bytes) -> None:
    """The same for a copy of another database, as sqlite3_backup makes it: others who have this one open see that it
    has changed; whether it is in WAL mode goes over into a file that is not; a database without a page is one without
    a table."""
    database.begin_write(True)
    try:
        first = bytes(database.pager.get(1).data)
    finally:
        database.rollback()
    pager = database.pager
    copied = bytearray(content)
    if not content:
        copied[:] = new_header(database.page_size, database.reserved_bytes).ljust(database.page_size, b"\0")
        Page(1, copied).format(TABLE_LEAF, pager.limits)
    for start in (24, 40):
        count = int.from_bytes(first[start : start + 4], "big") + 1 & 0xFFFFFFFF
        copied[start : start + 4] = count.to_bytes(4, "big")
    copied[92:96] = copied[24:28]
    write_pages(database, bytes(copied), pager.file is not None and pager.wal is None)


def write_pages(database: Any, content: bytes, keeps_version: bool = False) -> None:
    """Replace all pages of a database in one transaction of its own. keeps_version: whether it is in WAL mode is a fact
    of the content, else of this file. SqlError BUSY, READONLY, NOTADB."""
    if not content:
        return
    if len(content) < 512:
        raise not_a_database()
    size, reserved = check_header(content[:HEADER_SIZE])
    pager = database.pager
    is_other_size = database.page_size != size and database.page_count > 0
    if is_other_size and (pager.file is None or pager.wal is not None):
        raise SqlError(READONLY, MESSAGES[READONLY])
    if database.page_size != size and not is_other_size:
        pager.set_page_format(size, 0)
    database.begin_write(True)
    try:
        if is_other_size:
            pages = [content[start : start + size].ljust(size, b"\0") for start in range(0, len(content), size)]
            if not keeps_version:
                pages[0] = pages[0][:18] + b"\1\1" + pages[0][20:]
            database.replace_content(pages, size)
            return
        count = (len(content) + size - 1) // size
        while database.page_count < count:
            pager.append_page()
        for number in range(1, count + 1):
            if number == pager.lock_page:
                continue
            page = pager.get(number)
            pager.make_writable(page)
            page.data[:] = content[(number - 1) * size : number * size].ljust(size, b"\0")
            if number == 1 and pager.file is not None and not keeps_version:
                page.data[18:20] = b"\1\1" if pager.wal is None else b"\2\2"
            page.forget()
        cut_to(pager, count)
        database.commit()
        pager.set_page_format(size, reserved)
    except BaseException:
        database.rollback()
        raise


def replace_by_block(connection: Any, number: int, content: bytes, is_kept: bool) -> None:
    """Put a database in memory with this content in the place of one, whose file stays as it is. is_kept: it cannot be
    changed. SqlError BUSY."""
    session = connection.session
    if session.running:
        raise SqlError(BUSY, MESSAGES[BUSY])
    made = _opened(content)
    made.pager.is_block_kept = is_kept
    before = session.databases[number]
    made.busy_handler = before.busy_handler
    made.pager.log = before.pager.log
    before.close()
    session.databases[number] = made
    connection.expire()


def _opened(content: bytes) -> Database:
    """The block as pages in memory; one that is none as a file in memory, so that who reads it hears what is wrong."""
    made = Database.open(None, OPEN_READWRITE | OPEN_CREATE | OPEN_MEMORY)
    try:
        write_pages(made, content)
        return made
    except SqlError as error:
        if error.primary_code != NOTADB:
            raise
    made.close()
    made = Database.open("x", OPEN_READWRITE | OPEN_CREATE, MemdbVfs())
    assert made.pager.file is not None
    made.pager.file.write_at(content, 0)
    return made
