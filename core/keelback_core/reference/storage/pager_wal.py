"""The pager in WAL mode: what Pager asks of its Wal. The states and the cache are in pager.py.

Twin: kernel/storage/pager_wal.cpp.
"""

from __future__ import annotations

from keelback_core.reference.storage.checkpoint import CHECKPOINT_PASSIVE, CheckpointOrder, bring_all_back, checkpoint
from keelback_core.reference.storage.header import HEADER_SIZE, RESERVED_OFFSET, is_wal_version
from keelback_core.reference.storage.journal import SYNCHRONOUS_OFF
from keelback_core.reference.storage.locks import LOCK_EXCLUSIVE, LOCK_NONE, LOCK_SHARED
from keelback_core.reference.storage.pager_header import raise_change_counter, validate_header
from keelback_core.reference.storage.vfs import cannot_open
from keelback_core.reference.storage.wal import Wal
from keelback_core.reference.storage.wal_writer import append, begin_write, undo
from keelback_core.value.errors import SqlError
from keelback_core.value.result_codes import BUSY, INTERNAL, LOCKED, NOTICE_RECOVER_WAL, READONLY

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from keelback_core.reference.storage.pager import Pager
    from keelback_core.reference.storage.vfs import VfsFile

    Wait = Callable[[], bool]


# Opening


def has_wal(pager: Pager, header: bytes, size: int) -> bool:
    """The header says it, or a WAL lies beside a database whose header may be older than it. A WAL without a database
    is of one that was deleted.
    """
    if pager.is_leaving_wal or not pager.is_on_disk:
        return False
    if is_wal_version(header):
        return True
    # Who makes a WAL changes the header first.
    if pager.file_version and header[24:40] == pager.file_version:
        return False
    path = pager.path + "-wal"
    if not pager.vfs.exists(path):
        return False
    if size == 0:
        if not pager.is_readonly:
            pager.vfs.delete(path, False)
        return False
    return True


def open_wal(pager: Pager, file: VfsFile) -> None:
    """SHARED is held. SqlError CANTOPEN, BUSY."""
    if not pager.keeps_locks and not file.supports_wal:
        raise cannot_open()
    if pager.keeps_locks:
        file.lock(LOCK_EXCLUSIVE)
    wal = Wal(pager.vfs, file, pager.path, pager.keeps_locks)
    try:
        # Without shared memory nobody can tell others about snapshots.
        if wal.is_heap and not pager.is_readonly:
            file.lock(LOCK_EXCLUSIVE)
    except SqlError:
        wal.close(False)
        raise
    wal.size_limit = pager.journal_size_limit
    pager.journal_mode = "delete"
    pager.wal = wal
    pager.is_wal_view_known = False


# Reading


def begin_wal_read(pager: Pager, file: VfsFile, wal: Wal) -> None:
    """Take a snapshot and look at its header."""
    is_changed = wal.begin_read()
    if wal.recovered_frames:
        pager.tell(NOTICE_RECOVER_WAL, f"recovered {wal.recovered_frames} frames from WAL file {wal.path}")
        wal.recovered_frames = 0
    if not is_changed and pager.is_wal_view_known:
        return
    header = wal.read_page(1, HEADER_SIZE)
    if header is None:
        header = file.read_at(HEADER_SIZE, 0)
    size = wal.page_count * wal.page_size or file.size()
    # The header need not tell the change: a commit that leaves page 1 alone leaves its counter alone.
    pager.data_version += 1
    pager.file_version = b""
    pager.drop_cache()
    validate_header(pager, header, size)
    pager.is_wal_view_known = True


def end_wal_read(pager: Pager, file: VfsFile, wal: Wal) -> None:
    """Let the snapshot go."""
    wal.end_read()
    if not pager.keeps_locks and wal.is_alone and not wal.is_heap:
        wal.be_among_others()
        file.unlock(LOCK_SHARED)


# Writing


def begin_wal_write(pager: Pager, file: VfsFile, wal: Wal) -> None:
    """SqlError BUSY, BUSY_SNAPSHOT, READONLY."""
    if pager.keeps_locks and not wal.is_alone:
        try:
            file.lock(LOCK_EXCLUSIVE)
        except SqlError:
            file.unlock(LOCK_SHARED)
            raise
        wal.be_alone()
    begin_write(wal)


def write_dirty_frames(pager: Pager, wal: Wal, is_commit: bool) -> None:
    """A commit, or a spill in the middle of a transaction."""
    dirty = pager.dirty
    if not dirty and not (is_commit and wal.has_uncommitted_frames):
        return
    if is_commit and (1 in dirty or not dirty):
        # A commit needs a frame to be written on.
        raise_change_counter(pager)
    pages = [(number, dirty[number].data) for number in sorted(dirty) if number <= pager.page_count]
    if is_commit and not pages:
        pages.append((1, pager.get(1).data))
    append(wal, pages, pager.limits.page_size, pager.page_count if is_commit else 0, pager.synchronous)
    for page in dirty.values():
        page.is_dirty = False
        page.write_serial = 0
    dirty.clear()
    if is_commit:
        pager.original_page_count = pager.page_count


def replace_in_wal(pager: Pager, wal: Wal, contents: list[bytes], page_size: int) -> None:
    """Other pages in the place of all; the frames of a WAL are all of one size."""
    if page_size != pager.limits.page_size:
        raise SqlError(INTERNAL, "another page size in WAL mode")
    pages: list[tuple[int, bytes | bytearray]] = [
        (number, content) for number, content in enumerate(contents, 1) if number != pager.lock_page
    ]
    first = bytearray(contents[0])
    first[18:20] = b"\2\2"
    pages[0] = (1, first)
    append(wal, pages, page_size, len(contents), pager.synchronous)
    pager.drop_cache()
    pager.set_page_format(page_size, contents[0][RESERVED_OFFSET])
    pager.page_count = len(contents)
    pager.original_page_count = len(contents)
    pager.commit_phase_two()


def undo_wal(pager: Pager, wal: Wal) -> None:
    """Forget what the write transaction changed."""
    if wal.has_uncommitted_frames:
        pager.drop_cache()
    else:
        for number in pager.dirty:
            pager.pages.pop(number, None)
        pager.dirty.clear()
    pager.page_count = pager.original_page_count
    undo(wal)


# Checkpoints and closing


def _order(pager: Pager, mode: int, wait: Wait | None) -> CheckpointOrder:
    is_synced = pager.synchronous != SYNCHRONOUS_OFF
    return CheckpointOrder(mode, is_synced, pager.limits.page_size, wait, pager.stop_if_interrupted)


def checkpoint_pager(pager: Pager, mode: int, wait: Wait | None) -> tuple[int, int, int]:
    """Without a transaction. 1 if something was in the way, frames in the WAL, frames in the database; -1 where there
    is no WAL. SqlError LOCKED.
    """
    if pager.file is None:
        return 0, -1, -1
    if pager.state:
        raise SqlError(LOCKED, "database table is locked")
    if pager.wal is None:
        pager.begin_read()
        pager.end_read()
    if pager.wal is None:
        return 0, -1, -1
    return checkpoint(pager.wal, _order(pager, mode, wait))


def close_wal(pager: Pager, file: VfsFile, wal: Wal) -> None:
    """Only the last one who has the database open can lock it exclusively, and brings everything back. Beside a file
    that was deleted or renamed the WAL may be that of another one of its name.
    """
    is_last = pager.is_checkpointed_at_close and not pager.is_readonly and not file.has_moved()
    if is_last:
        try:
            file.lock(LOCK_EXCLUSIVE)
        except SqlError as error:
            if error.primary_code != BUSY:
                raise
            is_last = False
    is_done = is_last and bring_all_back(wal, _order(pager, CHECKPOINT_PASSIVE, None))
    if is_done and pager.keeps_wal_file and pager.journal_size_limit >= 0:
        wal.file.truncate(0)
    wal.close(is_done and not pager.keeps_wal_file)
    pager.wal = None
    pager.is_wal_view_known = False
    file.unlock(LOCK_NONE)


def leave_wal(pager: Pager, file: VfsFile, wal: Wal) -> None:
    """Without a transaction: bring everything back into the database and close the WAL; nobody else may have it open.
    The EXCLUSIVE lock stays, and the header still says WAL until the next commit. SqlError BUSY, LOCKED.
    """
    if pager.state:
        raise SqlError(LOCKED, "database table is locked")
    try:
        file.lock(LOCK_EXCLUSIVE)
    except SqlError:
        file.unlock(LOCK_SHARED)
        raise
    is_done = bring_all_back(wal, _order(pager, CHECKPOINT_PASSIVE, None))
    wal.close(is_done)
    pager.wal = None
    pager.is_wal_view_known = False
    pager.drop_cache()
    pager.file_version = b""
    if not is_done:
        file.unlock(LOCK_NONE)
        if wal.is_readonly:
            raise SqlError(READONLY, "attempt to write a readonly database")
        raise SqlError(BUSY, "database is locked")
    pager.is_leaving_wal = True
