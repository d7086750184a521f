"""Writing frames: what a Wal does for a write transaction.

Twin: kernel/storage/wal_writer.cpp.
"""

from __future__ import annotations

from keelback_core.reference.storage.journal import SYNCHRONOUS_FULL, SYNCHRONOUS_OFF
from keelback_core.reference.storage.page import corrupt
from keelback_core.reference.storage.wal import FIRST_READ_LOCK, MOST_READ_TRIES, WRITE_LOCK, failure
from keelback_core.reference.storage.wal_format import (
    IS_BIG_MACHINE,
    WAL_MAGIC,
    WAL_VERSION,
    add_checksum,
    frame_offset,
)
from keelback_core.reference.storage.wal_index import READ_MARK_COUNT, UNUSED_MARK
from keelback_core.value.result_codes import BUSY_SNAPSHOT, PROTOCOL, READONLY

_REWRITTEN_BYTES = 256 * 1024

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from keelback_core.reference.storage.wal import Wal

    PageContent = tuple[int, bytes | bytearray]


def begin_write(wal: Wal) -> None:
    """Of a connection that is reading. SqlError BUSY, BUSY_SNAPSHOT, READONLY."""
    if wal.is_readonly or wal.is_unattended:
        raise failure(READONLY)
    wal.lock(WRITE_LOCK, 1, True)
    if not wal.index.is_header(wal.header):
        # Somebody has committed since this snapshot was taken.
        wal.unlock(WRITE_LOCK, 1, True)
        raise failure(BUSY_SNAPSHOT)
    wal.is_writing = True
    wal.first_own_frame = wal.header.frame_count + 1


def undo(wal: Wal) -> None:
    """Forget the frames written since the last commit."""
    if not wal.is_writing:
        return
    last = wal.header.frame_count
    wal.header = wal.index.live_header()
    wal.first_own_frame = wal.header.frame_count + 1
    if last != wal.header.frame_count:
        wal.index.cut(wal.header.frame_count)


def append(wal: Wal, pages: Sequence[PageContent], page_size: int, commit_page_count: int, synchronous: int) -> None:
    """Write frames with (page number, content); with a number of pages the last one commits. SqlError CORRUPT, FULL,
    IOERR_*.
    """
    _restart_if_done(wal)
    if wal.header.frame_count == 0:
        _write_file_header(wal, page_size, synchronous)
    if wal.page_size != page_size:
        raise corrupt()
    header = wal.header
    first = header.frame_count + 1
    last = header.frame_count + len(pages)
    # A commit that is in the file must not fail for want of room in the index.
    wal.index.make_room(last)
    _write_frames(wal, pages, commit_page_count)
    if commit_page_count:
        if synchronous >= SYNCHRONOUS_FULL:
            sync_frames(wal, last)
        if wal.is_cut_at_commit and wal.size_limit >= 0:
            _cut_file(wal, last)
        wal.is_cut_at_commit = False
    for frame, (number, _) in enumerate(pages, first):
        wal.index.append(frame, number)
    header.page_size = page_size
    header.frame_count = last
    if not commit_page_count:
        return
    header.change = header.change + 1 & 0xFFFFFFFF
    header.page_count = commit_page_count
    wal.index.write_header(header)
    wal.first_own_frame = last + 1
    wal.committed_frames = last


def _restart_if_done(wal: Wal) -> None:
    """Where everything is back in the database and no reader needs the frames, go on at the start of the file."""
    if wal.read_lock != 0:
        return
    if wal.index.backfill > 0 and wal.try_lock(FIRST_READ_LOCK + 1, READ_MARK_COUNT - 1, True):
        restart_header(wal)
        wal.unlock(FIRST_READ_LOCK + 1, READ_MARK_COUNT - 1, True)
    # Mark 0 says that the WAL is not looked at, which is about to be no longer true.
    wal.end_read()
    for tries in range(MOST_READ_TRIES):
        if wal.choose_read_mark():
            return
        if tries > 5:
            wal.vfs.sleep(tries * 100)
    raise failure(PROTOCOL)


def restart_header(wal: Wal) -> None:
    """The next frame is the first; the locks of all marks but 0 are held."""
    wal.restart_count += 1
    header = wal.header
    header.frame_count = 0
    first = int.from_bytes(header.salt[:4], "big") + 1 & 0xFFFFFFFF
    header.salt = first.to_bytes(4, "big") + wal.vfs.randomness(4)
    index = wal.index
    index.write_header(header)
    index.backfill = 0
    index.set_backfill_attempted(0)
    index.set_read_mark(1, 0)
    for number in range(2, READ_MARK_COUNT):
        index.set_read_mark(number, UNUSED_MARK)
    wal.first_own_frame = 1


def _write_file_header(wal: Wal, page_size: int, synchronous: int) -> None:
    header = wal.header
    if wal.restart_count == 0:
        header.salt = wal.vfs.randomness(8)
    numbers = (WAL_MAGIC | IS_BIG_MACHINE, WAL_VERSION, page_size, wal.restart_count & 0xFFFFFFFF)
    start = b"".join(number.to_bytes(4, "big") for number in numbers) + header.salt
    checksum = add_checksum((0, 0), start, IS_BIG_MACHINE)
    wal.page_size = page_size
    header.is_big = IS_BIG_MACHINE
    header.frame_checksum = checksum
    wal.is_cut_at_commit = True
    wal.file.write_at(start + _encode(checksum), 0)
    # Were old frames to survive a crash and this header not, or the other way round, salts would not tell them apart.
    if synchronous != SYNCHRONOUS_OFF:
        sync_frames(wal, 0)


def sync_frames(wal: Wal, last: int) -> None:
    """Sync the WAL; last: the last frame that nobody may change any more.

    After a sync that failed the system takes for written what is not on the disk, and the next sync says that all is
    well: the frames are written once more before it is asked.
    """
    if wal.is_rewrite_due:
        end = frame_offset(last + 1, wal.page_size)
        for offset in range(0, end, _REWRITTEN_BYTES):
            wal.file.write_at(wal.file.read_at(min(_REWRITTEN_BYTES, end - offset), offset), offset)
    wal.is_rewrite_due = True
    wal.file.sync()
    wal.is_rewrite_due = False


def _encode(checksum: tuple[int, int]) -> bytes:
    return checksum[0].to_bytes(4, "big") + checksum[1].to_bytes(4, "big")


def _write_frames(wal: Wal, pages: Sequence[PageContent], commit_page_count: int) -> None:
    """Moves the running checksum, but not the number of frames."""
    header = wal.header
    checksum = header.frame_checksum
    for place, (number, content) in enumerate(pages, 1):
        page_count = commit_page_count if place == len(pages) else 0
        start = number.to_bytes(4, "big") + page_count.to_bytes(4, "big")
        checksum = add_checksum(add_checksum(checksum, start, header.is_big), content, header.is_big)
        offset = frame_offset(header.frame_count + place, wal.page_size)
        wal.file.write_at(start + header.salt + _encode(checksum) + bytes(content), offset)
    header.frame_checksum = checksum


def _cut_file(wal: Wal, last: int) -> None:
    """After the first commit of a WAL that starts again: cut what an older one left."""
    wanted = max(wal.size_limit, frame_offset(last + 1, wal.page_size))
    if wal.file.size() > wanted:
        wal.file.truncate(wanted)
