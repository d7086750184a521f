"""What a disk may hold after the power fails: the log that disk.c has written, and the images that follow from it.

    from the log                      in the model
    W, T of a file                    pending, until the file is synced
    S                                 all that is pending of the file is on the disk
    F, a sync that failed             what was pending may be lost for good, though programs go on reading it
    C, U                              pending entries of the folder, until D; they reach the disk in their order

1. Of what is pending any part may be on the disk, in any order; a write is torn between sectors, and never touches
   bytes beside its own ("powersafe overwrite", which SQLite relies on too).
2. A file that has no entry in the folder on the disk is not there, synced or not.
3. Where a file has grown and the bytes have not come, there are zeros or old bytes of the disk.
4. Keelback has to stand truncates that overtake entries of the folder. SQLite does not: its VACUUM truncates the
   database after it has unlinked the journal, which does not hold what is cut. It relies on file systems that keep such
   changes in their order, and `is_in_order` is for trying the model on it.

It knows nothing of databases.
"""

from __future__ import annotations

import random
import struct
from collections.abc import Callable, Iterator
from pathlib import Path

HEAD = struct.Struct("<cIQQ")
# What of the pending writes an image holds.
MANNERS = ("all", "none", "few", "half", "most", "first", "files")

UNLIMITED = 1 << 60

Record = tuple[str, int, int, bytes]
Image = dict[str, bytes]


def read_log(path: Path) -> list[Record]:
    """The records: kind, file, offset, bytes."""
    data = path.read_bytes()
    records: list[Record] = []
    at = 0
    while at < len(data):
        kind, file, offset, size = HEAD.unpack_from(data, at)
        at += HEAD.size
        records.append((kind.decode(), file, offset, data[at : at + size]))
        at += size
    return records


class File:
    """One file: what is on the disk, and what is pending, in order: (offset, bytes, 0), or for a truncate (size, None,
    how many changes of the folder came before).
    """

    def __init__(self, content: bytes = b"") -> None:
        self.durable = bytearray(content)
        self.pending: list[tuple[int, bytes | None, int]] = []

    def sync(self) -> None:
        for offset, data, _ in self.pending:
            apply(self.durable, offset, data, b"\0")
        self.pending = []

    def lose(self, source: random.Random) -> None:
        """A sync failed: some of what is pending will never be written."""
        self.durable = self.image(source, source.choice(("none", "few", "half")), 512, UNLIMITED)
        self.pending = []

    def image(self, source: random.Random, manner: str, sector: int, entered_count: int) -> bytearray:
        """The content with a part of what is pending. entered_count: changes of the folder that are on the disk."""
        content = bytearray(self.durable)
        if manner == "none":
            return content
        filler = source.choice((b"\0", b"\0", b"\xa5", b"\xd9"))
        chance = {"all": 1.0, "first": 1.0, "few": 0.15, "half": 0.5, "most": 0.9}[manner]
        pending = self.pending
        torn_at = -1
        if manner == "first" and pending:
            torn_at = source.randrange(len(pending))
            pending = pending[: torn_at + 1]
        for number, (offset, data, entries_before) in enumerate(pending):
            if data is None:
                if source.random() < chance and entries_before <= entered_count:
                    apply(content, offset, None, b"\0")
                continue
            if manner == "all" or (manner == "first" and number != torn_at):
                apply(content, offset, data, filler)
                continue
            start = 0
            is_torn = source.random() < 0.5
            is_kept = source.random() < chance
            while start < len(data):
                end = min(len(data), (offset + start) // sector * sector + sector - offset)
                if is_kept:
                    apply(content, offset + start, data[start:end], filler)
                elif manner == "first":
                    break
                start = end
                if is_torn:
                    is_kept = source.random() < (0.5 if manner == "first" else chance)
        return content


def apply(content: bytearray, offset: int, data: bytes | None, filler: bytes) -> None:
    """Write, or truncate to `offset`."""
    if data is None:
        del content[offset:]
        content.extend(bytes(offset - len(content)))
        return
    if offset > len(content):
        content.extend(filler * (offset - len(content)))
    content[offset : offset + len(data)] = data


class Disk:
    """The disk while the records of a log go by."""

    def __init__(self, before: Image, seed: int, is_in_order: bool) -> None:
        self.before = before
        self.is_in_order = is_in_order
        self.entered_count = 0
        self.source = random.Random(seed)
        self.files: dict[int, File] = {}
        self.folder: dict[str, int] = {}
        self.entries: list[tuple[str, int]] = []  # pending: (name, file), file 0 for one that is gone
        self.unopened = dict(before)

    def take(self, record: Record) -> None:
        kind, number, offset, data = record
        if kind in "CE":
            name = data.decode()
            self.files[number] = File(self.unopened.pop(name, b"") if kind == "E" else b"")
            if kind == "C":
                self.entries.append((name, number))
            else:
                self.folder[name] = number
        elif kind == "U":
            self.entries.append((data.decode(), 0))
        elif kind == "W":
            self.files[number].pending.append((offset, data, 0))
        elif kind == "T":
            self.files[number].pending.append((offset, None, self.entered_count + len(self.entries)))
        elif kind == "S":
            self.files[number].sync()
        elif kind == "F":
            self.files[number].lose(self.source)
        elif kind == "D":
            self._enter(len(self.entries))

    def _enter(self, count: int) -> None:
        entered(self.folder, self.entries[:count])
        del self.entries[:count]
        self.entered_count += count

    def image(self, manner: str, sector: int) -> Image:
        """One thing that may be found after the power failed now."""
        source = self.source
        folder = dict(self.folder)
        count = len(self.entries) if manner == "all" else source.randint(0, len(self.entries))
        entered(folder, self.entries[:count])
        image = dict(self.unopened)
        for name, number in folder.items():
            own = source.choice(("all", "none")) if manner == "files" else manner
            limit = self.entered_count + count if self.is_in_order else UNLIMITED
            image[name] = bytes(self.files[number].image(source, own, sector, limit))
        return image


def entered(folder: dict[str, int], entries: list[tuple[str, int]]) -> None:
    for name, number in entries:
        if number:
            folder[name] = number
        else:
            folder.pop(name, None)


def images(
    records: list[Record], before: Image, seed: int, points: Callable[[int, str], int], is_in_order: bool = False
) -> Iterator[tuple[int, int, int, str, Image]]:
    """Images of a run: (record, last mark, number among the images of that record, manner, image).

    points: how many images are wanted before the record of this number and kind; those of the last are after the end.
    """
    disk = Disk(before, seed, is_in_order)
    mark = 0
    for place, record in enumerate([*records, ("end", 0, 0, b"")]):
        for number in range(points(place, record[0])):
            manner = MANNERS[(place + number + disk.source.randrange(2)) % len(MANNERS)]
            yield place, mark, number, manner, disk.image(manner, disk.source.choice((512, 4096)))
        if record[0] == "M":
            mark = record[2]
        elif record[0] != "end":
            disk.take(record)
