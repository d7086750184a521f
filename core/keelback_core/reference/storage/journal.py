"""The rollback journal: how a segment is written, sealed, found hot and played back.

A journal is one or more segments, each at a multiple of the sector size:

    0  8 magic d9 d5 05 f9 20 a1 63 d7     (zero until the segment is sealed; zero-filled up to the sector size)
    8  4 number of records                 (ffffffff: as many as the file holds, when nothing is synced)
    12 4 nonce    16 4 database pages before the transaction    20 4 sector size    24 4 page size
    then records: 4 page number, the page as it was, 4 checksum = nonce + every 200th byte, counted from the end

and perhaps the name of a super-journal at the very end: lock page number, name, its length, the sum of its bytes,
magic.

1. A page of the database file is overwritten only after the segment with its record was sealed.
2. A page has at most one record in a journal.
3. Play-back works on files only; whoever calls it drops the page cache.

Spec: https://www.sqlite.org/fileformat2.html#the_rollback_journal. It does not know why a page changes.
"""

from __future__ import annotations

import struct

from keelback_core.reference.storage.locks import PENDING_BYTE
from keelback_core.reference.storage.vfs import OPEN_MAIN_JOURNAL, OPEN_READONLY, Vfs, VfsFile
from keelback_core.value.errors import SqlError

MAGIC = bytes((0xD9, 0xD5, 0x05, 0xF9, 0x20, 0xA1, 0x63, 0xD7))
SECTOR_SIZE = 512
_HEX_DIGITS = b"0123456789abcdefABCDEF"
SYNCHRONOUS_OFF = 0
SYNCHRONOUS_NORMAL = 1
SYNCHRONOUS_FULL = 2
SYNCHRONOUS_EXTRA = 3

_ALL_RECORDS = 0xFFFFFFFF
_FLUSH_AT_BYTES = 1 << 18
_LONGEST_SUPER_NAME = 4096


def record_checksum(nonce: int, data: bytes | bytearray) -> int:
    """The checksum of a page's record."""
    return (nonce + sum(data[len(data) - 200 : 0 : -200])) & 0xFFFFFFFF


class JournalWriter:
    """Writes the journal of one transaction; records are gathered in memory until there are many or a seal is due."""

    __slots__ = (
        "file",
        "page_size",
        "original_page_count",
        "synchronous",
        "_nonce",
        "_segment_offset",
        "_offset",
        "_record_count",
        "_gathered",
        "_gathered_bytes",
    )

    def __init__(self, file: VfsFile, page_size: int, original_page_count: int, synchronous: int, nonce: bytes) -> None:
        self.file = file
        self.page_size = page_size
        self.original_page_count = original_page_count
        self.synchronous = synchronous
        self._nonce = int.from_bytes(nonce, "big")
        self._segment_offset = -1
        self._offset = 0
        self._record_count = 0
        self._gathered: list[bytes] = []
        self._gathered_bytes = 0

    @property
    def is_dirty(self) -> bool:
        """True when there are records that are not sealed."""
        return self._segment_offset >= 0

    def add(self, number: int, data: bytes) -> None:
        """Append the record of page `number` with its original content."""
        if self._segment_offset < 0:
            self._begin_segment()
        gathered = self._gathered
        gathered.append(number.to_bytes(4, "big"))
        gathered.append(data)
        gathered.append(record_checksum(self._nonce, data).to_bytes(4, "big"))
        self._record_count += 1
        self._gathered_bytes += len(data) + 8
        if self._gathered_bytes > _FLUSH_AT_BYTES:
            self.flush()

    def _begin_segment(self) -> None:
        self._offset = -(-self._offset // SECTOR_SIZE) * SECTOR_SIZE
        self._segment_offset = self._offset
        self._record_count = 0
        is_synced = self.synchronous != SYNCHRONOUS_OFF
        start = bytes(12) if is_synced else MAGIC + _ALL_RECORDS.to_bytes(4, "big")
        rest = struct.pack(">IIII", self._nonce, self.original_page_count, SECTOR_SIZE, self.page_size)
        self._gathered.append((start + rest).ljust(SECTOR_SIZE, b"\0"))
        self._gathered_bytes += SECTOR_SIZE

    def flush(self) -> None:
        """Write what was gathered, unsealed."""
        if self._gathered:
            chunk = b"".join(self._gathered)
            self.file.write_at(chunk, self._offset)
            self._offset += len(chunk)
            self._gathered = []
            self._gathered_bytes = 0

    def seal(self) -> None:
        """Bring all records to the disk and make the segment count. Without syncs it counts from its first byte."""
        if self._segment_offset < 0:
            if self._offset > 0:
                return
            # The journal of a database that was empty has no records, but its head says so.
            self._begin_segment()
        self.flush()
        if self.synchronous == SYNCHRONOUS_OFF:
            return
        self._blank_stale_header()
        if self.synchronous >= SYNCHRONOUS_FULL:
            self.file.sync()
        self.file.write_at(MAGIC + self._record_count.to_bytes(4, "big"), self._segment_offset)
        self.file.sync()
        self._segment_offset = -1

    def add_super_journal(self, name: str, lock_page: int) -> None:
        """Write the name of the super-journal behind the records, where it ends the file; to be sealed after."""
        if self._segment_offset < 0 and self._offset == 0:
            # Without records the name must not come where the head is looked for.
            self._begin_segment()
        self.flush()
        data = name.encode("utf-8", "surrogateescape")
        offset = -(-self._offset // SECTOR_SIZE) * SECTOR_SIZE
        numbers = struct.pack(">II", len(data), sum(data) & 0xFFFFFFFF)
        content = lock_page.to_bytes(4, "big") + data + numbers + MAGIC
        self.file.write_at(content, offset)
        self._offset = offset + len(content)
        if self.file.size() > self._offset:
            self.file.truncate(self._offset)
        if self._segment_offset < 0 and self.synchronous != SYNCHRONOUS_OFF:
            self.file.sync()

    def _blank_stale_header(self) -> None:
        """A journal that persists may hold an old segment just where this one ends: it must not be read as ours."""
        next_segment = -(-self._offset // SECTOR_SIZE) * SECTOR_SIZE
        if self.file.read_at(8, next_segment) == MAGIC:
            self.file.write_at(b"\0", next_segment)


def _is_super_journal_name(name: bytes) -> bool:
    """Of the form that super-journals have: whatever else a journal names is not to be deleted as one."""
    end = name[-12:]
    digits = end[3:9] + end[10:]
    return len(end) == 12 and end[:3] == b"-mj" and end[9:10] == b"9" and all(d in _HEX_DIGITS for d in digits)


def read_super_journal_name(journal: VfsFile) -> str:
    """The name of the super-journal at the end of a journal; empty when there is none."""
    size = journal.size()
    if size < 16:
        return ""
    length, checksum, magic = struct.unpack(">II8s", journal.read_at(16, size - 16).ljust(16, b"\0"))
    if magic != MAGIC or length == 0 or length >= _LONGEST_SUPER_NAME or length > size - 16:
        return ""
    name = journal.read_at(length, size - 16 - length)
    # The sum is of signed chars in SQLite on x86, of the bytes themselves elsewhere: either is good.
    plain = sum(name) & 0xFFFFFFFF
    signed = sum(byte - 256 if byte > 127 else byte for byte in name) & 0xFFFFFFFF
    if checksum not in (plain, signed) or b"\0" in name or not _is_super_journal_name(name):
        return ""
    return name.decode("utf-8", "surrogateescape")


def is_super_journal_missing(vfs: Vfs, journal: VfsFile) -> bool:
    """True when the journal names a super-journal that is gone: its transaction was committed."""
    name = read_super_journal_name(journal)
    return name != "" and not vfs.exists(name)


def play_back(journal: VfsFile, database: VfsFile, is_hot: bool) -> int:
    """Put the pages of a journal back into the database file and cut it to its old size; how many there were.

    It ends silently at the first thing that is not a whole record, as SQLite does: what follows was never sealed.
    """
    size = journal.size()
    offset = 0
    sector_size = SECTOR_SIZE
    page_size = 0
    page_count = 0
    played_back = 0
    while True:
        offset = -(-offset // sector_size) * sector_size
        if offset + 28 > size or offset + sector_size > size:
            return played_back
        header = journal.read_at(28, offset)
        magic, record_count, nonce, pages_before, sectors, pages = struct.unpack(">8sIIIII", header)
        if magic != MAGIC:
            if is_hot or magic != bytes(8):
                return played_back
            record_count = _ALL_RECORDS
        if offset == 0:
            if not _is_power_of_two(pages, 512, 65536) or not _is_power_of_two(sectors, 32, 65536):
                return played_back
            sector_size = sectors
            page_size = pages
            page_count = pages_before
            _cut_or_grow(database, page_count, page_size)
        offset += sector_size
        if record_count == _ALL_RECORDS:
            record_count = (size - offset) // (page_size + 8)
        for _ in range(record_count):
            if not _play_back_record(journal, database, offset, page_size, page_count, nonce):
                return played_back
            offset += page_size + 8
            played_back += 1


def _is_power_of_two(value: int, least: int, most: int) -> bool:
    return least <= value <= most and value & (value - 1) == 0


def _cut_or_grow(database: VfsFile, page_count: int, page_size: int) -> None:
    wanted = page_count * page_size
    size = database.size()
    if size > wanted:
        database.truncate(wanted)
    elif size + page_size <= wanted:
        database.write_at(bytes(page_size), wanted - page_size)


def _play_back_record(
    journal: VfsFile, database: VfsFile, offset: int, page_size: int, page_count: int, nonce: int
) -> bool:
    record = journal.read_at(page_size + 8, offset)
    if len(record) < page_size + 8:
        return False
    number = int.from_bytes(record[:4], "big")
    if number == 0 or number == PENDING_BYTE // page_size + 1:
        return False
    data = record[4:-4]
    if int.from_bytes(record[-4:], "big") != record_checksum(nonce, data):
        return False
    if number <= page_count:
        database.write_at(data, (number - 1) * page_size)
    return True


def delete_super_journal_if_last(vfs: Vfs, name: str) -> None:
    """After one child was rolled back: delete the super-journal when no journal that it lists still names it."""
    try:
        super_journal = vfs.open(name, OPEN_READONLY | OPEN_MAIN_JOURNAL)
    except SqlError:
        return
    try:
        content = super_journal.read_at(super_journal.size(), 0)
    finally:
        super_journal.close()
    for child in content.split(b"\0"):
        path = child.decode("utf-8", "surrogateescape")
        if path and vfs.exists(path):
            journal = vfs.open(path, OPEN_READONLY | OPEN_MAIN_JOURNAL)
            try:
                if read_super_journal_name(journal) == name:
                    return
            finally:
                journal.close()
    vfs.delete(name, False)
