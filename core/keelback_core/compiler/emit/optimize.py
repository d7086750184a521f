"""PRAGMA optimize: ANALYZE of the tables that may profit, as PRAGMA optimize of SQLite chooses them.

1. The argument is a mask: 1 shows the statements instead of running them, 2 is the analysis, 16 limits it (to 2000
   entries an index, fewer in a large schema), 65536 looks at all tables.
2. A table is looked at if it has an index without statistics, or statistics that queries may have used, and is analysed
   if rows or an index are new to the statistics, or if it has ten times more or fewer rows than they say.
3. All tests are made before the first table is written: without work to do there is no writing transaction.

Must not know: how a table is analysed. Source: https://sqlite.org/pragma.html#pragma_optimize
"""

from __future__ import annotations

from keelback_core.compiler.catalog.listed_tables import listed_tables
from keelback_core.compiler.catalog.model import fold_name
from keelback_core.compiler.emit.analyze import TEMPORARY, Analyzer
from keelback_core.compiler.emit.pragma_numbers import integer_32
from keelback_core.compiler.emit.row_key import open_table_cursor
from keelback_core.compiler.plan.estimate import log_estimate
from keelback_core.program.opcodes import (
    OP_CLOSE,
    OP_COUNT,
    OP_GOTO,
    OP_IF,
    OP_IF_NOT,
    OP_INTEGER,
    OP_LT,
    OP_RESULT_ROW,
    OP_REWIND,
    OP_STRING8,
    OP_TRANSACTION,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from keelback_core.compiler.catalog.model import Table
    from keelback_core.compiler.emit.statement_context import StatementContext

SHOWS: Final = 0x01
ANALYSES: Final = 0x02
LIMITS: Final = 0x10
ALL_TABLES: Final = 0x10000
DEFAULT_MASK: Final = 0xFE
DEFAULT_LIMIT: Final = 2000
FEWEST: Final = 100
TEN_TIMES: Final = 33
LARGEST: Final = 1 << 62
# What SQLite takes for the size of a table without statistics.
UNKNOWN_SIZE: Final = 200


class _Candidate:
    """A table to look at; threshold: the logarithm of its rows by the statistics, -1 if they lack something; is_due:
    the register that says whether it is to be analysed."""

    __slots__ = ("table", "threshold", "is_due")

    def __init__(self, table: Table, threshold: int, is_due: int) -> None:
        self.table = table
        self.threshold = threshold
        self.is_due = is_due


def emit_optimize(context: StatementContext, value: str | None, database: int) -> None:
    """The work of PRAGMA optimize; database: -1 for all but temp."""
    mask = DEFAULT_MASK if value is None else integer_32(value) or 0
    if not mask & ANALYSES:
        return
    found: dict[int, list[_Candidate]] = {}
    trees = 0
    for schema in context.catalog.schemas:
        if schema is None or schema.database == TEMPORARY or (database >= 0 and schema.database != database):
            continue
        candidates = found.setdefault(schema.database, [])
        for table in listed_tables(schema):
            threshold = _threshold(table, bool(mask & ALL_TABLES))
            if threshold is not None:
                candidates.append(_Candidate(table, threshold, context.builder.register()))
                trees += len(table.indexes) + 1
    for number, candidates in found.items():
        if candidates:
            context.need_read(number)
            for candidate in candidates:
                _emit_test(context, candidate)
    for number, candidates in found.items():
        if candidates and mask & SHOWS:
            _emit_texts(context, candidates)
        elif candidates:
            _emit_work(context, number, candidates, _limit(context, mask, trees))


def _threshold(table: Table, looks_at_all: bool) -> int | None:
    """The logarithm of the rows that statistics tell of, -1 if an index has none; None: the table is not looked at."""
    if table.kind != "table" or fold_name(table.name).startswith("sqlite_"):
        return None
    if any(not index.statistics for index in table.indexes):
        return -1
    if table.row_count is None or table.row_count < 0:
        return UNKNOWN_SIZE if looks_at_all else None
    return log_estimate(table.row_count)


def _limit(context: StatementContext, mask: int, trees: int) -> int:
    """The limit of entries looked at in an index."""
    own = context.catalog.settings.analysis_limit
    if not mask & LIMITS or 0 < own < DEFAULT_LIMIT:
        return own
    return DEFAULT_LIMIT if trees <= FEWEST else max(FEWEST * DEFAULT_LIMIT // trees, FEWEST)


def _emit_test(context: StatementContext, candidate: _Candidate) -> None:
    builder = context.builder
    table = candidate.table
    cursor, rows, done = builder.cursor(), builder.register(), builder.label()
    builder.emit(OP_INTEGER, 0, candidate.is_due)
    open_table_cursor(builder, table, cursor)
    if candidate.threshold < 0:
        builder.emit(OP_REWIND, cursor, done)
        builder.emit(OP_INTEGER, 1, candidate.is_due)
    else:
        least = _fewest_with(max(candidate.threshold - TEN_TIMES, -1))
        most = _fewest_with(candidate.threshold + TEN_TIMES + 1)
        due = builder.label()
        builder.emit(OP_COUNT, cursor, rows)
        builder.emit(OP_LT, context.constant(least), due, rows, "BINARY")
        builder.emit(OP_LT, context.constant(most), done, rows, "BINARY")
        builder.place(due)
        builder.emit(OP_INTEGER, 1, candidate.is_due)
    builder.place(done)
    builder.emit(OP_CLOSE, cursor)


def _fewest_with(estimate: int) -> int:
    """The smallest count of rows whose logarithm is at least the estimate; an empty table has -1."""
    if estimate <= 0:
        return 0 if estimate < 0 else 1
    least, most = 1, LARGEST
    while least < most:
        middle = (least + most) // 2
        if log_estimate(middle) >= estimate:
            most = middle
        else:
            least = middle + 1
    return least


def _emit_texts(context: StatementContext, candidates: list[_Candidate]) -> None:
    builder = context.builder
    text = builder.register()
    for candidate in candidates:
        skip = builder.label()
        names = (context.catalog.schema_name(candidate.table.database), candidate.table.name)
        builder.emit(OP_IF_NOT, candidate.is_due, skip)
        quoted = ".".join('"' + name.replace('"', '""') + '"' for name in names)
        builder.emit(OP_STRING8, 0, text, 0, f"ANALYZE {quoted}")
        builder.emit(OP_RESULT_ROW, text, 1)
        builder.place(skip)


def _emit_work(context: StatementContext, database: int, candidates: list[_Candidate], limit: int) -> None:
    builder = context.builder
    work, end = builder.label(), builder.label()
    for candidate in candidates:
        builder.emit(OP_IF, candidate.is_due, work)
    builder.emit(OP_GOTO, 0, end)
    builder.place(work)
    builder.emit(OP_TRANSACTION, database, 1)
    context.is_readonly = False
    writer = Analyzer(context, database)
    writer.limit = limit
    writer.open("tbl", None)
    for candidate in candidates:
        skip = builder.label()
        builder.emit(OP_IF_NOT, candidate.is_due, skip)
        writer.forget_table(candidate.table)
        writer.add_table(candidate.table, None)
        builder.place(skip)
    writer.close()
    builder.place(end)
