"""The members of `x IN (SELECT column FROM table)` looked up where they are: by rowid, or in an index that begins with
the column, instead of in a copy.

1. Only in statements that change nothing: a copy would not see the changes.
2. Where the members are gone through one by one the index must be unique, or a member would come twice.
3. The comparison must not change how the index orders its keys: affinity and collation must fit.

Must not know: plans. Source: https://sqlite.org/eqp.html (USING INDEX ... FOR IN-OPERATOR).
"""

from __future__ import annotations

from keelback_core.compiler.bind.nodes import BoundColumn
from keelback_core.compiler.bind.types import comparison_affinity, comparison_collation, expression_affinity, row_items
from keelback_core.compiler.catalog.model import ROWID
from keelback_core.compiler.emit.row_key import index_key_info, open_table_cursor
from keelback_core.program.opcodes import OP_ONCE, OP_OPEN_READ

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from keelback_core.compiler.bind.nodes import BoundIn, BoundSelect
    from keelback_core.compiler.catalog.model import Index, Table
    from keelback_core.compiler.emit.context import EmitContext

NUMERIC_AFFINITIES: Final = frozenset(("C", "D", "E", "F"))


class MemberTree:
    """Where the members are: an open cursor on the table (is_rowid), or on an index of it or a copy."""

    __slots__ = ("cursor", "is_rowid")

    def __init__(self, cursor: int, is_rowid: bool) -> None:
        self.cursor = cursor
        self.is_rowid = is_rowid


def member_tree(context: EmitContext, e: BoundIn, is_walked: bool) -> MemberTree | None:
    """Open the tree that has the members already; None if there is none. is_walked: they will be gone through."""
    if e.select is None or not context.reads_only:
        return None
    column = _plain_column(e.select)
    if column is None:
        return None
    table = column.source.table
    assert table is not None
    operand = row_items(e.operand)[0]
    affinity = comparison_affinity(operand, column)
    if affinity not in ("A", "@", "") and affinity != "B" and expression_affinity(column) not in NUMERIC_AFFINITIES:
        return None
    if column.column == ROWID:
        context.builder.note(f"USING ROWID SEARCH ON TABLE {table.name} FOR IN-OPERATOR")
        return MemberTree(_open(context, table, None), True)
    collation = comparison_collation(operand, column)
    for index in table.indexes:
        first = index.columns[0]
        if index.where is not None or first.column != column.column or first.collation != collation:
            continue
        if is_walked and not (index.is_unique and len(index.columns) == 1):
            continue
        context.builder.note(f"USING INDEX {index.name} FOR IN-OPERATOR")
        return MemberTree(_open(context, table, index), False)
    return None


def _plain_column(select: BoundSelect) -> BoundColumn | None:
    """The column that the SELECT gives, all rows of one table, or None."""
    if len(select.cores) != 1 or select.limit is not None or select.outer_references or select.recursion is not None:
        return None
    core = select.cores[0]
    if core.values is not None or core.is_aggregate or core.is_distinct or core.where is not None or core.windows:
        return None
    if len(core.sources) != 1 or core.flattened or len(core.columns) != 1:
        return None
    source = core.sources[0]
    table = source.table
    if table is None or table.kind != "table" or table.key_index is not None or source.recursion is not None:
        return None
    column = core.columns[0].expression
    if not isinstance(column, BoundColumn) or column.source is not source or column.column in source.generated:
        return None
    return column


def _open(context: EmitContext, table: Table, index: Index | None) -> int:
    builder = context.builder
    cursor = builder.cursor()
    opened = builder.label()
    context.need_read(table.database)
    builder.emit(OP_ONCE, 0, opened)
    if index is None:
        open_table_cursor(builder, table, cursor)
    else:
        builder.emit(OP_OPEN_READ, cursor, index.root, table.database, index_key_info(index), 0, index.name)
    builder.place(opened)
    return cursor
