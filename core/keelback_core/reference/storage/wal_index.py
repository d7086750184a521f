"""The wal-index: where in the WAL the newest content of a page is, and how far readers and checkpoints are.

    region 0    0  48 header    48 48 the header again    96 4 frames that are back in the database
                100 4*5 read marks    120 8 bytes that are locked    128 4 frames that a checkpoint began to bring back
                136 4*4062 page numbers of frames 1 ... 4062
    region i    0  4*4096 page numbers of the next 4096 frames
    each        16384 2*8192 hash table: (page * 383) mod 8192 and onwards; 1 + place among the page numbers, 0 = free

1. All numbers are in the byte order of the machine, but the salts, which are as in the file.
2. A writer writes the second copy of the header first and a reader reads the first copy first: where both are equal
   and the checksum holds, the header is whole.
3. A hash table may hold frames beyond those that the header counts, of a transaction that is not committed or was
   rolled back; `find` is told the last frame that it may give, and `cut` wipes them off before others come there.

It does not know files and locks. Spec: https://www.sqlite.org/walformat.html. Twin: kernel/storage/wal_index.
"""

from __future__ import annotations

import struct

from keelback_core.reference.storage.page import corrupt
from keelback_core.reference.storage.wal_format import IS_BIG_MACHINE, WAL_VERSION, add_checksum
from keelback_core.value.errors import SqlError
from keelback_core.value.result_codes import IOERR_SHMSIZE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.reference.storage.shared_memory import SharedMemory

READ_MARK_COUNT = 5
UNUSED_MARK = 0xFFFFFFFF

_HEADER_LAYOUT = "=IIIBBHII2I8s"
_CHECKED_BYTES = 40
_HEADER_BYTES = 48
_BACKFILL_OFFSET = 96
_MARKS_OFFSET = 100
_ATTEMPTED_OFFSET = 128
_FIRST_PAGES_OFFSET = 136
_HASH_OFFSET = 16384
_SLOT_COUNT = 8192
_PAGES_IN_REGION = 4096
_PAGES_IN_FIRST = _PAGES_IN_REGION - _FIRST_PAGES_OFFSET // 4


class WalIndexHeader:
    """change: grows with every commit. is_big: as the WAL's magic says. frame_count: committed frames. page_count: of
    the database. frame_checksum: of the last frame. salt: the eight bytes of the file.
    """

    __slots__ = (
        "change",
        "is_initialised",
        "is_big",
        "page_size",
        "frame_count",
        "page_count",
        "frame_checksum",
        "salt",
    )

    def __init__(self) -> None:
        self.change = 0
        self.is_initialised = False
        self.is_big = False
        self.page_size = 0
        self.frame_count = 0
        self.page_count = 0
        self.frame_checksum = (0, 0)
        self.salt = bytes(8)

    def encode(self) -> bytes:
        """The bytes before the checksum; of a header that was never read or written, zeros."""
        if not self.is_initialised:
            return bytes(_CHECKED_BYTES)
        size = self.page_size & 0xFF00 | self.page_size >> 16
        counts = (self.frame_count, self.page_count)
        return struct.pack(
            _HEADER_LAYOUT, WAL_VERSION, 0, self.change, 1, self.is_big, size, *counts, *self.frame_checksum, self.salt
        )

    def copy(self) -> WalIndexHeader:
        """Another one with the same content."""
        return decode_header(self.encode()) if self.is_initialised else WalIndexHeader()


def decode_header(data: bytes) -> WalIndexHeader:
    """The header of its checked bytes."""
    header = WalIndexHeader()
    (
        _,
        _,
        header.change,
        initialised,
        is_big,
        size,
        header.frame_count,
        header.page_count,
        first,
        second,
        header.salt,
    ) = struct.unpack(_HEADER_LAYOUT, data)
    header.is_initialised = initialised != 0
    header.is_big = is_big != 0
    header.page_size = (size & 0xFE00) + ((size & 1) << 16)
    header.frame_checksum = (first, second)
    return header


def _with_checksum(data: bytes) -> bytes:
    return data + struct.pack("=2I", *add_checksum((0, 0), data, IS_BIG_MACHINE))


def _region_of(frame: int) -> int:
    return (frame + _PAGES_IN_REGION - _PAGES_IN_FIRST - 1) // _PAGES_IN_REGION


class _Region:
    """One region: its page numbers are those of the frames base + 1, base + 2, ..."""

    __slots__ = ("memory", "pages", "slots", "base")

    def __init__(self, index: int, memory: memoryview) -> None:
        self.memory = memory
        self.pages = memory[_FIRST_PAGES_OFFSET if index == 0 else 0 : _HASH_OFFSET].cast("I")
        self.slots = memory[_HASH_OFFSET:].cast("H")
        self.base = 0 if index == 0 else _PAGES_IN_FIRST + (index - 1) * _PAGES_IN_REGION


class WalIndex:
    """See the module."""

    __slots__ = ("memory", "_regions")

    def __init__(self, memory: SharedMemory) -> None:
        self.memory = memory
        self._regions: dict[int, _Region] = {}

    def _region(self, index: int, is_made: bool = False) -> _Region:
        region = self._regions.get(index)
        if region is None:
            memory = self.memory.region(index, is_made)
            if memory is None:
                raise SqlError(IOERR_SHMSIZE, "disk I/O error") if is_made else corrupt()
            region = _Region(index, memory)
            self._regions[index] = region
        return region

    def open(self, is_made: bool) -> None:
        """Have region 0, made if need be. As SharedMemory.region."""
        if 0 not in self._regions:
            memory = self.memory.region(0, is_made)
            if memory is not None:
                self._regions[0] = _Region(0, memory)

    @property
    def is_open(self) -> bool:
        """Whether region 0 is there."""
        return 0 in self._regions

    def close(self) -> None:
        """Let the memory go."""
        self._regions.clear()
        self.memory.close()

    # The header

    def _copy(self, number: int) -> bytes:
        return bytes(self._regions[0].memory[number * _HEADER_BYTES : (number + 1) * _HEADER_BYTES])

    def read_header(self) -> WalIndexHeader | None:
        """The header, if it is whole."""
        first = self._copy(0)
        if first != self._copy(1) or first[12] == 0 or _with_checksum(first[:_CHECKED_BYTES]) != first:
            return None
        return decode_header(first[:_CHECKED_BYTES])

    def is_header(self, header: WalIndexHeader) -> bool:
        """Whether the first copy is still this one."""
        return self._copy(0)[:_CHECKED_BYTES] == header.encode()

    def live_header(self) -> WalIndexHeader:
        """The first copy, which nobody else is changing."""
        return decode_header(self._copy(0)[:_CHECKED_BYTES])

    def version(self) -> int:
        """That of the format, as the first copy has it."""
        version: int = struct.unpack_from("=I", self._copy(0))[0]
        return version

    def write_header(self, header: WalIndexHeader) -> None:
        """Write both copies."""
        header.is_initialised = True
        data = _with_checksum(header.encode())
        memory = self._regions[0].memory
        memory[_HEADER_BYTES : 2 * _HEADER_BYTES] = data
        memory[:_HEADER_BYTES] = data

    def _word(self, offset: int) -> int:
        value: int = struct.unpack_from("=I", self._regions[0].memory, offset)[0]
        return value

    def _set_word(self, offset: int, value: int) -> None:
        struct.pack_into("=I", self._regions[0].memory, offset, value)

    @property
    def backfill(self) -> int:
        """Frames that are back in the database."""
        return self._word(_BACKFILL_OFFSET)

    @backfill.setter
    def backfill(self, frames: int) -> None:
        self._set_word(_BACKFILL_OFFSET, frames)

    def set_backfill_attempted(self, frames: int) -> None:
        """Frames that a checkpoint begins to bring back."""
        self._set_word(_ATTEMPTED_OFFSET, frames)

    def read_mark(self, number: int) -> int:
        """The last frame of the snapshot that readers with this lock have."""
        return self._word(_MARKS_OFFSET + 4 * number)

    def set_read_mark(self, number: int, frame: int) -> None:
        """Move a mark whose lock is held exclusively."""
        self._set_word(_MARKS_OFFSET + 4 * number, frame)

    # The hash tables

    def make_room(self, frame: int) -> None:
        """Have the regions for all frames up to this one."""
        for index in range(_region_of(frame) + 1):
            self._region(index, True)

    def append(self, frame: int, page: int) -> None:
        """Note that a frame holds a page; `frame` follows the last that was noted. SqlError CORRUPT."""
        region = self._region(_region_of(frame), True)
        pages, slots = region.pages, region.slots
        place = frame - region.base
        if place == 1:
            start = _FIRST_PAGES_OFFSET if region.base == 0 else 0
            region.memory[start:] = bytes(len(region.memory) - start)
        # A frame that is not counted was here before.
        if pages[place - 1] != 0:
            self.cut(frame - 1)
        slot = page * 383 % _SLOT_COUNT
        tries = place
        while slots[slot] != 0:
            if tries == 0:
                raise corrupt()
            tries -= 1
            slot = (slot + 1) % _SLOT_COUNT
        pages[place - 1] = page
        slots[slot] = place

    def become(self, other: WalIndex, last: int) -> None:
        """Note the pages of all frames up to `last` as another index has them. Readers of some of these frames may be
        at work: what they need is not touched where it is already so.
        """
        if last == 0:
            return
        for index in range(_region_of(last) + 1):
            start = _FIRST_PAGES_OFFSET if index == 0 else 0
            source = other._region(index, True).memory[start:].cast("I")
            target = self._region(index, True).memory[start:].cast("I")
            for place, word in enumerate(source):
                if target[place] != word:
                    target[place] = word

    def find(self, page: int, first: int, last: int) -> int:
        """The newest of the frames first ... last with this page, 0 if there is none. SqlError CORRUPT."""
        if last == 0 or first > last:
            return 0
        for index in range(_region_of(last), _region_of(first) - 1, -1):
            region = self._region(index)
            pages, slots, base = region.pages, region.slots, region.base
            found = 0
            slot = page * 383 % _SLOT_COUNT
            tries = _SLOT_COUNT
            while (place := slots[slot]) != 0:
                if first <= base + place <= last and place <= len(pages) and pages[place - 1] == page:
                    found = base + place
                if tries == 0:
                    raise corrupt()
                tries -= 1
                slot = (slot + 1) % _SLOT_COUNT
            if found:
                return found
        return 0

    def page_of(self, frame: int) -> int:
        """The page that a frame holds."""
        region = self._region(_region_of(frame))
        page: int = region.pages[frame - region.base - 1]
        return page

    def cut(self, frame: int) -> None:
        """Forget the frames after this one, in its region."""
        if frame == 0:
            return
        region = self._region(_region_of(frame))
        pages, slots = region.pages, region.slots
        kept = frame - region.base
        for slot in range(_SLOT_COUNT):
            if slots[slot] > kept:
                slots[slot] = 0
        for place in range(kept, len(pages)):
            pages[place] = 0
