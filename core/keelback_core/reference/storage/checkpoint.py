"""Checkpoints: the frames of the WAL go back into the database.

    passive    what can be done without waiting: frames that no reader still keeps out of the database
    full       waits for the writer, and for readers of old snapshots
    restart    and for all readers of the WAL, so that the next writer starts at its beginning
    truncate   and cuts the file to nothing

1. A frame goes back only if no reader has an older snapshot, which would see it in the database too early.
2. One checkpoint at a time (lock 1); read mark 0 is locked while the database file changes under its readers.

Twin: kernel/storage/checkpoint.cpp.
"""

from __future__ import annotations

from keelback_core.reference.storage.page import corrupt
from keelback_core.reference.storage.wal import CHECKPOINT_LOCK, FIRST_READ_LOCK, WRITE_LOCK, failure
from keelback_core.reference.storage.wal_index import READ_MARK_COUNT, UNUSED_MARK, WalIndexHeader
from keelback_core.reference.storage.wal_writer import restart_header, sync_frames
from keelback_core.value.errors import SqlError
from keelback_core.value.result_codes import IOERR_SHORT_READ, READONLY

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from keelback_core.reference.storage.wal import Wal

    Wait = Callable[[], bool]

# None: only tell how far earlier ones came.
CHECKPOINT_NONE = -1
CHECKPOINT_PASSIVE = 0
CHECKPOINT_FULL = 1
CHECKPOINT_RESTART = 2
CHECKPOINT_TRUNCATE = 3


class CheckpointOrder:
    """What is asked of a checkpoint. wait: asked after each BUSY whether to try again."""

    __slots__ = ("mode", "is_synced", "page_size", "wait", "stop_if_interrupted")

    def __init__(
        self, mode: int, is_synced: bool, page_size: int, wait: Wait | None, stop_if_interrupted: Callable[[], None]
    ) -> None:
        self.mode = mode
        self.is_synced = is_synced
        self.page_size = page_size
        self.wait = wait
        self.stop_if_interrupted = stop_if_interrupted


def _lock_patiently(wal: Wal, wait: Wait | None, number: int, count: int) -> bool:
    while not wal.try_lock(number, count, True):
        if wait is None or not wait():
            return False
    return True


def checkpoint(wal: Wal, order: CheckpointOrder) -> tuple[int, int, int]:
    """Bring frames back into the database: 1 if not all that was asked could be done, committed frames in the WAL, and
    how many of them are in the database. SqlError READONLY, CORRUPT, INTERRUPT, IOERR_*.
    """
    if wal.is_readonly or wal.is_unattended:
        raise failure(READONLY)
    if order.mode == CHECKPOINT_NONE:
        return _progress(wal)
    if not wal.try_lock(CHECKPOINT_LOCK, 1, True):
        return 1, -1, -1
    wal.has_checkpoint_lock = True
    try:
        return _checkpoint(wal, order)
    finally:
        wal.unlock(CHECKPOINT_LOCK, 1, True)
        wal.has_checkpoint_lock = False


def _progress(wal: Wal) -> tuple[int, int, int]:
    is_changed = wal.read_index()
    frames = wal.header.frame_count
    if is_changed:
        wal.header = WalIndexHeader()
    return 0, frames, wal.index.backfill


def _checkpoint(wal: Wal, order: CheckpointOrder) -> tuple[int, int, int]:
    mode = order.mode
    wait = None if mode == CHECKPOINT_PASSIVE else order.wait
    has_write_lock = mode != CHECKPOINT_PASSIVE and _lock_patiently(wal, wait, WRITE_LOCK, 1)
    if mode != CHECKPOINT_PASSIVE and not has_write_lock:
        # Do at least what needs no waiting.
        mode = CHECKPOINT_PASSIVE
        wait = None
    is_changed = False
    wal.is_writing = has_write_lock
    try:
        is_changed = wal.read_index()
        if wal.header.frame_count and wal.page_size != order.page_size:
            raise corrupt()
        is_done = _bring_back(wal, order, wait, mode) and mode == order.mode
        return int(not is_done), wal.header.frame_count, wal.index.backfill
    finally:
        # The pages in the cache are not those of this snapshot: the next reader is to notice.
        if is_changed:
            wal.header = WalIndexHeader()
        wal.end_write()


def _bring_back(wal: Wal, order: CheckpointOrder, wait: Wait | None, mode: int) -> bool:
    """Whether all that was asked could be done."""
    index = wal.index
    if index.backfill < wal.header.frame_count:
        safe, wait = _safe_frame(wal, wait)
        if index.backfill < safe and _lock_patiently(wal, wait, FIRST_READ_LOCK, 1):
            try:
                # A writer may have started the WAL again since the header was read: then all of that header is back,
                # and what is not is of frames that it does not know. From here on nobody can.
                if index.live_header().salt == wal.header.salt:
                    _copy_frames(wal, order, safe)
            finally:
                wal.unlock(FIRST_READ_LOCK, 1, True)
    if mode == CHECKPOINT_PASSIVE:
        return True
    if index.backfill < wal.header.frame_count:
        return False
    if mode == CHECKPOINT_FULL:
        return True
    # All frames are in the database: wait for the readers of the WAL to go.
    if not _lock_patiently(wal, wait, FIRST_READ_LOCK + 1, READ_MARK_COUNT - 1):
        return False
    try:
        if mode == CHECKPOINT_TRUNCATE:
            restart_header(wal)
            wal.file.truncate(0)
    finally:
        wal.unlock(FIRST_READ_LOCK + 1, READ_MARK_COUNT - 1, True)
    return True


def _safe_frame(wal: Wal, wait: Wait | None) -> tuple[int, Wait | None]:
    """The last frame that no reader minds, and whether waiting still helps; marks that nobody holds are moved out of
    the way.
    """
    index = wal.index
    frame = wal.header.frame_count
    for number in range(1, READ_MARK_COUNT):
        mark = index.read_mark(number)
        if frame <= mark:
            continue
        if _lock_patiently(wal, wait, FIRST_READ_LOCK + number, 1):
            index.set_read_mark(number, frame if number == 1 else UNUSED_MARK)
            wal.unlock(FIRST_READ_LOCK + number, 1, True)
        else:
            frame = mark
            wait = None
    return frame, wait


def _copy_frames(wal: Wal, order: CheckpointOrder, safe: int) -> None:
    index, database, header = wal.index, wal.database, wal.header
    page_size = wal.page_size
    page_count = header.page_count
    done = index.backfill
    index.set_backfill_attempted(safe)
    if order.is_synced:
        sync_frames(wal, wal.header.frame_count)
    newest: dict[int, int] = {}
    for frame in range(done + 1, header.frame_count + 1):
        newest[index.page_of(frame)] = frame
    size = database.size()
    wanted = page_count * page_size
    # A database that is to grow by more than the WAL holds is not the one that the WAL belongs to.
    if size < wanted and size + 65536 + header.frame_count * page_size < wanted:
        raise corrupt()
    for page in sorted(newest):
        frame = newest[page]
        if frame > safe or page > page_count:
            continue
        order.stop_if_interrupted()
        content = wal.read_frame(frame, page_size)
        if len(content) < page_size:
            raise SqlError(IOERR_SHORT_READ, "disk I/O error")
        database.write_at(content, (page - 1) * page_size)
    if safe == index.live_header().frame_count:
        if database.size() != wanted:
            database.truncate(wanted)
        if order.is_synced:
            # If it fails, what earlier checkpoints brought back and did not sync may be lost as well: the next one
            # begins anew.
            index.backfill = 0
            database.sync()
    index.backfill = safe


def bring_all_back(wal: Wal, order: CheckpointOrder) -> bool:
    """The checkpoint of who has the database exclusively and is about to close the WAL; whether it came to its end."""
    wal.end_read()
    wal.is_alone = True
    try:
        return checkpoint(wal, order)[0] == 0
    except SqlError:
        # What it left is for the next one to finish.
        return False
