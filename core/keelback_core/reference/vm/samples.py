"""SampleCursor: of the entries of an index, in their order, those that sqlite_stat4 keeps: about 24.

1. For every entry are counted, for each leading part of its key: the entries that share it (equal), those before them
   (less), and the different parts before it (distinct).
2. A third of the samples are taken at even distances; the others are the entries whose parts are shared by most. The
   best candidate for each part is known until the part changes; only then it is complete, and may push out the worst.
3. Between equals decides a number that follows from the size of the index, so that the same index gives the same
   samples, in SQLite too.

Source: https://sqlite.org/fileformat2.html#the_sqlite_stat4_table, and what real SQLite chooses. Must not know:
instructions. Twin: core/kernel/vm/samples.
"""

from __future__ import annotations

from keelback_core.reference.vm.cursor import Cursor

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from keelback_core.reference.vm.record import Record

MOST_SAMPLES: Final = 24
PERIODIC_SHARE: Final = MOST_SAMPLES // 3 + 1
SEED_OF_COLUMNS: Final = 0x689E962D
SEED_OF_ROWS: Final = 0xD0944565
HASH_FACTOR: Final = 1103515245
HASH_STEP: Final = 12345
WORD: Final = 0xFFFFFFFF


class Sample:
    """column: the last of the part for whose sake it is kept. An `equal` of 0 is not known yet."""

    __slots__ = ("equal", "less", "distinct", "record", "column", "hash", "is_periodic")

    def __init__(self, columns: int) -> None:
        self.equal = [0] * columns
        self.less = [0] * columns
        self.distinct = [0] * columns
        self.record: Record | None = None
        self.column = 0
        self.hash = 0
        self.is_periodic = False

    def copy(self) -> Sample:
        """The same, to be kept."""
        made = Sample(0)
        made.equal = list(self.equal)
        made.less = list(self.less)
        made.distinct = list(self.distinct)
        made.record = self.record
        made.column = self.column
        made.hash = self.hash
        made.is_periodic = self.is_periodic
        return made

    def is_better_behind(self, other: Sample) -> bool:
        """Whether it is better by what stands behind its part."""
        for column in range(self.column + 1, len(self.equal)):
            if self.equal[column] != other.equal[column]:
                return self.equal[column] > other.equal[column]
        return self.hash > other.hash

    def is_better(self, other: Sample) -> bool:
        """Whether it is better to keep; both parts are complete."""
        mine, theirs = self.equal[self.column], other.equal[other.column]
        if mine != theirs:
            return mine > theirs
        if self.column != other.column:
            return self.column < other.column
        return self.is_better_behind(other)


class SampleCursor(Cursor):
    """columns: of an entry, with what tells entries apart; rows: of the index."""

    __slots__ = (
        "_columns",
        "_distance",
        "_current",
        "_best",
        "_kept",
        "_hash",
        "_rows",
        "_worst",
        "_unknown",
        "_place",
    )

    def __init__(self, columns: int, rows: int) -> None:
        super().__init__(False)
        self._columns = columns
        self._distance = rows // PERIODIC_SHARE + 1
        self._hash = (SEED_OF_COLUMNS * columns & WORD) ^ (SEED_OF_ROWS * (rows & WORD) & WORD)
        self._current = Sample(columns)
        self._best = [Sample(columns) for _ in range(columns)]
        for column, best in enumerate(self._best):
            best.column = column
        self._kept: list[Sample] = []
        self._rows = 0
        self._worst = 0
        # Kept samples know `equal` of all columns before this one.
        self._unknown = 0
        self._place = -1

    def push(self, changed: int, record: Record) -> None:
        """The next entry. changed: the first column that differs from the entry before."""
        current = self._current
        columns = self._columns
        if self._rows == 0:
            current.equal = [1] * columns
        else:
            self._complete(changed)
            for column in range(changed):
                current.equal[column] += 1
            for column in range(changed, columns):
                current.distinct[column] += 1
                current.less[column] += current.equal[column]
                current.equal[column] = 1
        self._rows += 1
        current.record = record
        self._hash = current.hash = (self._hash * HASH_FACTOR + HASH_STEP) & WORD
        before = current.less[columns - 1]
        if before // self._distance != (before + 1) // self._distance:
            current.is_periodic = True
            current.column = 0
            self._keep(current, columns - 1)
            current.is_periodic = False
        for column in range(columns - 1):
            current.column = column
            if column >= changed or current.is_better_behind(self._best[column]):
                self._best[column] = current.copy()

    def next_sample(self) -> Sample | None:
        """The first sample, then each one after it; None at the end."""
        if self._place < 0:
            self._complete(0)
        self._place += 1
        return self._kept[self._place] if self._place < len(self._kept) else None

    def _complete(self, changed: int) -> None:
        """The parts that end in the columns from `changed` on are over: their best entries may be kept."""
        current = self._current
        for column in range(self._columns - 2, changed - 1, -1):
            best = self._best[column]
            best.equal[column] = current.equal[column]
            if len(self._kept) < MOST_SAMPLES or best.is_better(self._kept[self._worst]):
                self._keep(best, column)
        if changed < self._unknown:
            for sample in self._kept:
                for column in range(changed, self._columns):
                    if sample.equal[column] == 0:
                        sample.equal[column] = current.equal[column]
            self._unknown = changed

    def _keep(self, sample: Sample, unknown: int) -> None:
        """Keep a sample, whose first `unknown` parts are not over yet."""
        self._unknown = max(self._unknown, unknown)
        if not sample.is_periodic:
            alike = [kept for kept in self._kept if kept.equal[sample.column] == 0]
            if alike:
                self._raise_one(alike, sample)
                return
        if len(self._kept) >= MOST_SAMPLES:
            del self._kept[self._worst]
        made = sample.copy()
        made.equal[:unknown] = [0] * unknown
        self._kept.append(made)
        self._find_worst()

    def _raise_one(self, alike: list[Sample], sample: Sample) -> None:
        """There are samples of this part already: the best of them is kept for its sake too."""
        chosen: Sample | None = None
        for kept in reversed(alike):
            if kept.is_periodic:
                return
            if chosen is None or kept.is_better(chosen):
                chosen = kept
        assert chosen is not None
        chosen.column = sample.column
        chosen.equal[chosen.column] = sample.equal[chosen.column]
        self._find_worst()

    def _find_worst(self) -> None:
        if len(self._kept) < MOST_SAMPLES:
            return
        worst = -1
        for place, kept in enumerate(self._kept):
            if not kept.is_periodic and (worst < 0 or self._kept[worst].is_better(kept)):
                worst = place
        self._worst = worst
