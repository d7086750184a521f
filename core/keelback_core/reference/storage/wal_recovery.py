"""Recovery: the wal-index made anew from the WAL, when the one that is there is not whole or nobody was there.

It is made in private and then put in the place of the other: readers with a snapshot may be at work all the while.
Frames count up to the last commit, as long as salts and checksums hold.

Twin: kernel/storage/wal_recovery.cpp.
"""

from __future__ import annotations

from keelback_core.reference.storage.shared_memory import HeapMemory
from keelback_core.reference.storage.wal_format import (
    FRAME_HEADER_BYTES,
    WAL_HEADER_BYTES,
    WAL_MAGIC,
    WAL_VERSION,
    add_checksum,
    frame_offset,
)
from keelback_core.reference.storage.wal_index import READ_MARK_COUNT, UNUSED_MARK, WalIndex, WalIndexHeader
from keelback_core.value.errors import SqlError
from keelback_core.value.result_codes import CANTOPEN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.reference.storage.wal import Wal

_CHECKPOINT_LOCK = 1
_RECOVERY_LOCK = 2
_FIRST_READ_LOCK = 3


def recover(wal: Wal) -> None:
    """The write lock is held. SqlError BUSY, CANTOPEN, IOERR_*."""
    first = _RECOVERY_LOCK if wal.has_checkpoint_lock else _CHECKPOINT_LOCK
    count = _FIRST_READ_LOCK - first
    wal.lock(first, count, True)
    try:
        _recover(wal)
        if wal.header.page_count:
            wal.recovered_frames = wal.header.frame_count
    finally:
        wal.unlock(first, count, True)


def _recover(wal: Wal) -> None:
    index = wal.index
    header = WalIndexHeader()
    made = WalIndex(HeapMemory())
    made.open(True)
    _read_frames(wal, header, made)
    index.become(made, header.frame_count)
    wal.header = header
    index.write_header(header)
    index.backfill = 0
    index.set_backfill_attempted(header.frame_count)
    index.set_read_mark(0, 0)
    for number in range(1, READ_MARK_COUNT):
        if wal.try_lock(_FIRST_READ_LOCK + number, 1, True):
            index.set_read_mark(number, header.frame_count if number == 1 and header.frame_count else UNUSED_MARK)
            wal.unlock(_FIRST_READ_LOCK + number, 1, True)


def _read_frames(wal: Wal, header: WalIndexHeader, index: WalIndex) -> None:
    file = wal.file
    start = file.read_at(WAL_HEADER_BYTES, 0)
    if len(start) < WAL_HEADER_BYTES:
        return
    magic = int.from_bytes(start[:4], "big")
    page_size = int.from_bytes(start[8:12], "big")
    if magic & ~1 != WAL_MAGIC or page_size < 512 or page_size > 65536 or page_size & (page_size - 1):
        return
    is_big = magic & 1 != 0
    header.is_big = is_big
    wal.page_size = page_size
    wal.restart_count = int.from_bytes(start[12:16], "big")
    header.salt = start[16:24]
    checksum = add_checksum((0, 0), start[:24], is_big)
    if not _is_at(checksum, start[24:32]):
        return
    if int.from_bytes(start[4:8], "big") != WAL_VERSION:
        raise SqlError(CANTOPEN, "unable to open database file")
    header.frame_checksum = checksum
    frame_bytes = FRAME_HEADER_BYTES + page_size
    number = 0
    while True:
        number += 1
        frame = file.read_at(frame_bytes, frame_offset(number, page_size))
        if len(frame) < frame_bytes:
            return
        page = int.from_bytes(frame[:4], "big")
        if page == 0 or frame[8:16] != header.salt:
            return
        checksum = add_checksum(add_checksum(checksum, frame[:8], is_big), frame[FRAME_HEADER_BYTES:], is_big)
        if not _is_at(checksum, frame[16:24]):
            return
        index.append(number, page)
        page_count = int.from_bytes(frame[4:8], "big")
        if page_count:
            header.frame_count = number
            header.page_count = page_count
            header.page_size = page_size
            header.frame_checksum = checksum


def _is_at(checksum: tuple[int, int], data: bytes) -> bool:
    return checksum == (int.from_bytes(data[:4], "big"), int.from_bytes(data[4:8], "big"))
