"""Sorting: rows go into a sorter with their keys in front, and come out in order.

1. Ties keep the order of insertion. A result column that is a key is stored once.
2. NULLS FIRST and LAST that differ from the default turn into the key's flag.

Must not know: where rows come from.
"""

from __future__ import annotations

from keelback_core.compiler.bind.types import sort_collation
from keelback_core.compiler.emit.destination import Destination
from keelback_core.compiler.emit.dispatch import emit_expression
from keelback_core.compiler.emit.limit import emit_limited_row
from keelback_core.program.opcodes import (
    OP_COLUMN,
    OP_COPY,
    OP_MAKE_RECORD,
    OP_OPEN_PSEUDO,
    OP_SORTER_DATA,
    OP_SORTER_INSERT,
    OP_SORTER_NEXT,
    OP_SORTER_OPEN,
    OP_SORTER_SORT,
)
from keelback_core.value.key_info import SORT_DESCENDING, SORT_NULLS_BIGGEST, KeyInfo

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.compiler.bind.nodes import BoundOrderTerm
    from keelback_core.compiler.emit.context import EmitContext
    from keelback_core.compiler.emit.limit import RowLimit


def sort_flags(term: BoundOrderTerm) -> int:
    """The flags of a key column: direction, and NULLs where they are not by default."""
    return key_flags(term.is_descending, term.nulls_first)


def key_flags(is_descending: bool, nulls_first: bool) -> int:
    """The flags of a key column of this direction, with NULLs first or last."""
    flags = SORT_DESCENDING if is_descending else 0
    if nulls_first == is_descending:
        flags |= SORT_NULLS_BIGGEST
    return flags


class ResultSorter:
    """The sorter of one result: `open`, then `insert` for every row, then `emit_sorted`."""

    __slots__ = ("context", "terms", "column_count", "places", "stored", "cursor")

    def __init__(self, context: EmitContext, terms: tuple[BoundOrderTerm, ...], column_count: int) -> None:
        self.context = context
        self.terms = terms
        self.column_count = column_count
        self.cursor = context.builder.cursor()
        self.places: list[int] = [-1] * column_count
        for place, term in enumerate(terms):
            if term.result_column >= 0:
                self.places[term.result_column] = place
        self.stored = [column for column in range(column_count) if self.places[column] < 0]
        for number, column in enumerate(self.stored):
            self.places[column] = len(terms) + number

    def open(self, wanted: int) -> None:
        """Open the sorter; wanted: rows that matter, 0 for all."""
        collations = tuple(self.context.collation(sort_collation(term.expression)) for term in self.terms)
        flags = tuple(sort_flags(term) for term in self.terms)
        count = len(self.terms) + len(self.stored)
        self.context.builder.emit(OP_SORTER_OPEN, self.cursor, count, wanted, KeyInfo(collations, flags, count))

    def insert(self, row: int) -> None:
        """Put the row in the registers from `row` into the sorter; keys that are no result columns are computed."""
        builder = self.context.builder
        count = len(self.terms) + len(self.stored)
        first = builder.registers(count)
        for place, term in enumerate(self.terms):
            if term.result_column >= 0:
                builder.emit(OP_COPY, row + term.result_column, first + place)
            else:
                emit_expression(self.context, term.expression, first + place)
        for number, column in enumerate(self.stored):
            builder.emit(OP_COPY, row + column, first + len(self.terms) + number)
        record = builder.register()
        builder.emit(OP_MAKE_RECORD, first, count, record)
        builder.emit(OP_SORTER_INSERT, self.cursor, record)

    def emit_sorted(
        self, limit: RowLimit, destination: Destination, end_label: int, empty_label: int | None = None
    ) -> None:
        """Hand the rows out in order. end_label: where a full LIMIT goes, and no rows unless empty_label is given."""
        builder = self.context.builder
        record = builder.register()
        pseudo = builder.cursor()
        following = builder.label()
        row = destination.row_registers(self.context, self.column_count)
        destination.is_sorted = True
        builder.emit(OP_OPEN_PSEUDO, pseudo, record, len(self.terms) + len(self.stored))
        builder.emit(OP_SORTER_SORT, self.cursor, end_label if empty_label is None else empty_label)
        top = builder.address
        builder.emit(OP_SORTER_DATA, self.cursor, record, pseudo)
        for column in range(self.column_count):
            builder.emit(OP_COLUMN, pseudo, self.places[column], row + column)
        emit_limited_row(self.context, limit, destination, row, self.column_count, following, end_label)
        builder.place(following)
        builder.emit(OP_SORTER_NEXT, self.cursor, top)


class SorterOutput(Destination):
    """Rows of a SELECT of a compound, into the sorter of the whole."""

    __slots__ = ("sorter",)

    def __init__(self, sorter: ResultSorter) -> None:
        super().__init__()
        self.sorter = sorter

    def emit_row(self, context: EmitContext, first: int, count: int, stop_label: int) -> None:
        self.sorter.insert(first)
