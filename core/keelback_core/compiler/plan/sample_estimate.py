"""Estimates by the samples of sqlite_stat4: how many entries of an index have a key, or lie within a range.

1. Only what is a constant in the text can be asked for: a literal, which then belongs to the Program (its value is
   looked at, so it is not lifted), with a sign or a cast. Bound parameters are unknown.
2. A key is known up to its first column whose value is not.
3. Indexes with a collation of the user's have no samples here: it cannot be called while a statement is compiled.

Source: https://sqlite.org/optoverview.html#stat4, and the plans of real SQLite. Must not know: candidates.
"""

from __future__ import annotations

from keelback_core.compiler.bind.nodes import BoundAlias, BoundCast, BoundFixed, BoundIn, BoundLiteral, BoundUnary
from keelback_core.compiler.bind.types import bare, expression_affinity
from keelback_core.compiler.catalog.index_samples import compare_keys
from keelback_core.compiler.plan.estimate import log_estimate
from keelback_core.value.affinity import apply_affinity
from keelback_core.value.cast import cast_value
from keelback_core.value.key import BUILTIN_COLLATIONS
from keelback_core.value.key_utf16 import binary_collation

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Final

    from keelback_core.compiler.bind.nodes import BoundExpression
    from keelback_core.compiler.catalog.index_samples import IndexSamples, KeyStatistics
    from keelback_core.compiler.catalog.model import Index, IndexColumn
    from keelback_core.compiler.plan.term import TermForm
    from keelback_core.value import Value
    from keelback_core.value.key import Collation

    # The values of the first columns of a key.
    KnownKey = tuple[Value, ...]

SAME_SAMPLE_SAVING: Final = 20
SMALLEST_RANGE: Final = 10
WITH_EQUAL: Final = frozenset((">", "<=", "NOTNULL"))
DEPTH: Final = 8


class NotKnown(Exception):
    """The value is not known while the statement is compiled."""


class RangeEstimate:
    """rows: the estimate after the bounds that samples tell of; low, high: those that they do not."""

    __slots__ = ("rows", "low", "high", "is_final")

    def __init__(self, rows: int, low: TermForm | None, high: TermForm | None, is_final: bool = False) -> None:
        self.rows = rows
        self.low = low
        self.high = high
        self.is_final = is_final


class SampleEstimator:
    """The samples of one index, asked by the search for its candidates. columns: of an entry; affinities: theirs."""

    __slots__ = ("samples", "affinities", "collations", "flags")

    def __init__(self, samples: IndexSamples, columns: tuple[IndexColumn, ...], affinities: Sequence[str]) -> None:
        self.samples = samples
        self.affinities = affinities
        self.collations: list[Collation] = []
        for column in columns:
            name = column.collation
            is_binary = name == "BINARY"
            self.collations.append(binary_collation(samples.encoding) if is_binary else BUILTIN_COLLATIONS[name])
        self.flags = [column.is_descending for column in columns]

    def equal_rows(self, known: KnownKey, value: BoundExpression | None) -> tuple[KnownKey, int]:
        """The key with one more value (None: NULL), and how many entries have it; NotKnown."""
        number = len(known)
        if number + 1 >= self.samples.width:
            # With all its columns a key is one entry's.
            return known, 1
        longer = (*known, self._value(value, number))
        return longer, self._locate(longer, False).equal

    def member_rows(self, known: KnownKey, membership: BoundIn) -> int:
        """How many entries have one of the members behind the known key."""
        total = 0
        for item in membership.items or ():
            try:
                total += self.equal_rows(known, item)[1]
            except NotKnown:
                total += self.samples.entries
        return min(total, self.samples.entries)

    def range_rows(self, known: KnownKey, rows: int, low: TermForm | None, high: TermForm | None) -> RangeEstimate:
        """The estimate of the entries behind the known key within the bounds. rows: without them."""
        number = len(known)
        first, last = 0, self.samples.entries
        if known:
            found = self._locate(known, False)
            first, last = found.less, found.less + found.equal
        begin, end = (high, low) if self.flags[number] else (low, high)
        low_place, high_place = -2, -1
        if begin is not None:
            try:
                found = self._locate((*known, self._bound(begin, number)), False)
                first = max(first, found.less + (found.equal if begin.operator in WITH_EQUAL else 0))
                low_place = found.place
                begin = None
                rows -= 1
            except NotKnown:
                pass
        if end is not None:
            try:
                found = self._locate((*known, self._bound(end, number)), True)
                last = min(last, found.less + (found.equal if end.operator in WITH_EQUAL else 0))
                high_place = found.place
                end = None
                rows -= 1
            except NotKnown:
                pass
        within = SMALLEST_RANGE
        if last > first:
            within = log_estimate(last - first)
            if low_place == high_place:
                within -= SAME_SAMPLE_SAVING
        low, high = (end, begin) if self.flags[number] else (begin, end)
        return RangeEstimate(min(rows, within), low, high)

    def loose_range_rows(self, number: int, rows: int, low: TermForm | None, high: TermForm | None) -> RangeEstimate:
        """The same for column `number` where the key before it is not known: by the share of samples in the range."""
        samples = self.samples.samples
        begin = self._value_or_none(low, number)
        end = self._value_or_none(high, number)
        unchanged = RangeEstimate(rows, low, high)
        if begin is None and end is None:
            return unchanged
        below = -1 if low is None else 0
        above = len(samples) + 1 if high is None else 0 if end is not None else len(samples)
        collation = self.collations[number : number + 1]
        for sample in samples:
            value = sample.values[number : number + 1]
            if begin is not None and compare_keys(value, begin, collation, (False,)) <= 0:
                below += 1
            if end is not None and compare_keys(value, end, collation, (False,)) <= 0:
                above += 1
        distance = max(1, above - below)
        if distance == 1 and low is not None and high is not None:
            return unchanged
        return RangeEstimate(rows - (log_estimate(len(samples)) - log_estimate(distance)), low, high, True)

    def _value_or_none(self, form: TermForm | None, number: int) -> list[Value] | None:
        if form is None:
            return None
        try:
            return [self._bound(form, number)]
        except NotKnown:
            return None

    def _bound(self, form: TermForm, number: int) -> Value:
        return self._value(None if form.operator == "NOTNULL" else form.value, number)

    def _value(self, expression: BoundExpression | None, number: int) -> Value:
        value = None if expression is None else constant_value(expression, DEPTH)
        return apply_affinity(value, self.affinities[number])

    def _locate(self, key: KnownKey, rounds_up: bool) -> KeyStatistics:
        return self.samples.locate(key, self.collations, self.flags, rounds_up)


def estimator_of(index: Index, columns: tuple[IndexColumn, ...], affinities: Sequence[str]) -> SampleEstimator | None:
    """The estimator of an index that has samples which can be used."""
    samples = index.samples
    if samples is None or any(column.collation not in BUILTIN_COLLATIONS for column in columns):
        return None
    if not samples.samples or len(columns) < samples.width:
        return None
    return SampleEstimator(samples, columns, affinities)


def constant_value(expression: BoundExpression, depth: int) -> Value:
    """The value of a constant of the text; NotKnown."""
    expression = bare(expression)
    if isinstance(expression, BoundLiteral):
        return expression.value
    if depth:
        if isinstance(expression, BoundUnary) and expression.operator in ("-", "+"):
            value = constant_value(expression.operand, depth - 1)
            if expression.operator == "+":
                return value
            if isinstance(value, (int, float)) and value != -(1 << 63):
                return -value
        elif isinstance(expression, BoundCast):
            return cast_value(constant_value(expression.operand, depth - 1), expression.affinity)
        elif isinstance(expression, BoundFixed):
            return apply_affinity(
                constant_value(expression.expression, depth - 1), expression_affinity(expression.column)
            )
        elif isinstance(expression, BoundAlias):
            return constant_value(expression.expression, depth - 1)
    raise NotKnown
