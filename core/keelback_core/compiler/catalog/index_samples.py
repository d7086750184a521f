"""IndexSamples: the entries of an index that sqlite_stat4 keeps, in their order, and what they tell of other keys.

1. A sample has, for each leading part of its key: how many entries share it (equal), stand before them (less), and how
   many different parts stand before it (distinct).
2. Texts are decoded when somebody asks for the first time; most statements ask nothing.

Source: https://sqlite.org/fileformat2.html#the_sqlite_stat4_table. Must not know: the planner's estimates.
"""

from __future__ import annotations

from keelback_core.value.errors import SqlError
from keelback_core.value.key import compare_values
from keelback_core.value.record import decode_record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from keelback_core.value import Value
    from keelback_core.value.key import Collation


class IndexSample:
    """One sample. values: of its key, with what tells entries apart."""

    __slots__ = ("equal", "less", "distinct", "values")

    def __init__(self, equal: list[int], less: list[int], distinct: list[int], values: list[Value]) -> None:
        self.equal = equal
        self.less = less
        self.distinct = distinct
        self.values = values


class KeyStatistics:
    """What samples tell of a key: the entries before it, those equal to it, and the number of the sample at which it
    stands."""

    __slots__ = ("less", "equal", "place")

    def __init__(self, less: int, equal: int, place: int) -> None:
        self.less = less
        self.equal = equal
        self.place = place


class IndexSamples:
    """See the module. width: the columns of a sample; key_width: those of the index's own key; counts: of sqlite_stat1,
    empty if unknown."""

    __slots__ = ("width", "key_width", "counts", "encoding", "_rows", "_samples", "_averages", "_entries")

    def __init__(self, width: int, key_width: int, encoding: int) -> None:
        self.width = width
        self.key_width = key_width
        self.counts: tuple[int, ...] = ()
        self.encoding = encoding
        self._rows: list[tuple[str, str, str, bytes]] = []
        self._samples: list[IndexSample] | None = None
        self._averages: list[int] = []
        self._entries = 0

    def add(self, equal: str, less: str, distinct: str, sample: bytes) -> None:
        """The next row of sqlite_stat4."""
        self._rows.append((equal, less, distinct, sample))

    @property
    def samples(self) -> list[IndexSample]:
        """The samples, in the order of the index; none if they cannot be read."""
        if self._samples is None:
            self._samples = self._decode()
            if self._samples:
                self._count_averages(self._samples)
        return self._samples

    @property
    def entries(self) -> int:
        """How many entries the index has."""
        return self._entries if self.samples else 0

    def _decode(self) -> list[IndexSample]:
        found = []
        for equal, less, distinct, sample in self._rows:
            try:
                values = decode_record(sample, self.encoding)
            except SqlError:
                return []
            found.append(IndexSample(self._counts(equal), self._counts(less), self._counts(distinct), values))
        return found

    def _counts(self, text: str) -> list[int]:
        found = [int(word) if word.isascii() and word.isdigit() and len(word) < 19 else 0 for word in text.split(" ")]
        return found[: self.width] + [0] * (self.width - len(found))

    def _count_averages(self, samples: list[IndexSample]) -> None:
        """For each leading part the entries that share a part that no sample has."""
        last = samples[-1]
        columns = max(1, self.width - 1)
        for column in range(columns):
            counts = self.counts
            used = samples
            if column < self.key_width and column + 1 < len(counts) and counts[column + 1]:
                entries = counts[0]
                distinct = 100 * counts[0] // counts[column + 1]
            else:
                entries = last.less[column]
                distinct = 100 * last.distinct[column]
                used = samples[:-1]
            self._entries = entries
            known = 0
            parts = 0
            for place, sample in enumerate(used):
                is_last = place == len(samples) - 1
                if is_last or sample.distinct[column] != samples[place + 1].distinct[column]:
                    known += sample.equal[column]
                    parts += 100
            average = 0
            if distinct > parts and known < entries:
                average = 100 * (entries - known) // (distinct - parts)
            self._averages.append(max(1, average))
        if self.width > 1:
            self._averages.append(1)

    def locate(
        self, key: Sequence[Value], collations: Sequence[Collation], flags: Sequence[bool], rounds_up: bool
    ) -> KeyStatistics:
        """What the samples tell of a key. flags: which columns are descending; rounds_up: a key between two samples is
        taken to stand nearer to the second.

        Each sample stands for as many keys as it has leading parts, the shorter ones before the longer; among all of
        these is searched.
        """
        samples = self.samples
        width = len(key)
        low, high = 0, len(samples) * width
        below = 0
        column = 0
        order = 1
        while order and low < high:
            middle = (low + high) // 2
            place = middle // width
            length = middle % width + 1
            if place > 0:
                before = samples[place - 1]
                while length < width and before.less[length - 1] == samples[place].less[length - 1]:
                    length += 1
            sample = samples[place]
            order = compare_keys(sample.values, key[:length], collations, flags)
            if order < 0:
                below = sample.less[length - 1] + sample.equal[length - 1]
                low = middle + 1
            elif order == 0 and length < width:
                below = sample.less[length - 1]
                low = middle + 1
                order = -1
            else:
                high = middle
                column = length - 1
        place = high // width
        if order == 0:
            return KeyStatistics(samples[place].less[column], samples[place].equal[column], place)
        above = self._entries if place >= len(samples) else samples[place].less[column]
        gap = max(0, above - below)
        gap = gap * 2 // 3 if rounds_up else gap // 3
        return KeyStatistics(below + gap, self._averages[width - 1], place)


def compare_keys(
    values: Sequence[Value], key: Sequence[Value], collations: Sequence[Collation], flags: Sequence[bool]
) -> int:
    """-1, 0 or 1: the order of a sample and a key, of which the sample may have more columns."""
    for value, wanted, collation, is_descending in zip(values, key, collations, flags, strict=False):
        order = compare_values(value, wanted, collation)
        if order:
            return -order if is_descending else order
    return 0
