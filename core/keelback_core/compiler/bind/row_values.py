"""Row values: the checks that SQLite makes of them, and lists of rows and tables turned into SELECTs.

Must not know: names, plans, registers. Source: https://sqlite.org/rowvalue.html
"""

from __future__ import annotations

from keelback_core.compiler.bind.error_offsets import place_of
from keelback_core.compiler.bind.nodes import (
    BoundColumn,
    BoundLiteral,
    BoundResultColumn,
    BoundRow,
    BoundSelect,
    BoundSelectCore,
    BoundSubquery,
)
from keelback_core.compiler.bind.types import width
from keelback_core.compiler.bind.walk import column_references
from keelback_core.compiler.sql.ast import (
    AstFromItem,
    AstRowValue,
    AstSelect,
    AstSelectCore,
    AstStar,
    AstSubquery,
    AstTableFunction,
    AstTableSource,
)
from keelback_core.value.errors import SqlError
from keelback_core.value.result_codes import ERROR

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.compiler.bind.context import BindContext
    from keelback_core.compiler.bind.nodes import BoundExpression
    from keelback_core.compiler.sql.ast import AstExpression, AstSource


def as_scalar(context: BindContext, e: BoundExpression) -> BoundExpression:
    """The expression, which must have one value; what has not is noted as an error, with NULL in its place."""
    if isinstance(e, BoundRow):
        context.note_late_error(SqlError(ERROR, "row value misused"))
        return BoundLiteral(None, e.offset)
    if isinstance(e, BoundSubquery) and len(e.select.columns) != 1:
        message = f"sub-select returns {len(e.select.columns)} columns - expected 1"
        context.note_late_error(SqlError(ERROR, message))
        return BoundLiteral(None, e.offset)
    return e


def as_wide(context: BindContext, operand: BoundExpression, e: BoundExpression) -> BoundExpression:
    """The value that CASE compares with its operand; if their widths differ, that is noted as an error."""
    if width(operand) == width(e):
        return e
    context.note_late_error(SqlError(ERROR, "row value misused"))
    return operand


def check_rows(ast: AstExpression, left: AstExpression, right: AstExpression) -> None:
    """SqlError if a comparison has a row on one side and something narrower or wider, no subquery, on the other: seen
    before any name in it is looked for."""
    if not isinstance(left, AstRowValue) and not isinstance(right, AstRowValue):
        return
    if isinstance(left, AstSubquery) or isinstance(right, AstSubquery):
        return
    left_width = len(left.items) if isinstance(left, AstRowValue) else 1
    right_width = len(right.items) if isinstance(right, AstRowValue) else 1
    if left_width != right_width:
        raise SqlError(ERROR, "row value misused", place_of(ast))


def check_same_width(ast: AstExpression, left: BoundExpression, right: BoundExpression) -> None:
    """SqlError unless both sides of a comparison have the same number of values."""
    if width(left) != width(right):
        raise SqlError(ERROR, "row value misused", place_of(ast))


def list_as_values(rows: tuple[BoundExpression, ...]) -> BoundSelect:
    """`((1,2),(3,4))` on the right of IN as the SELECT of VALUES (1,2),(3,4) that it stands for."""
    items = []
    for row in rows:
        assert isinstance(row, BoundRow)
        items.append(row.items)
    core = BoundSelectCore()
    core.columns = tuple(BoundResultColumn(item, f"column{number + 1}") for number, item in enumerate(items[0]))
    core.values = tuple(items)
    select = BoundSelect()
    select.cores = (core,)
    references: list[BoundColumn] = []
    for values in items:
        for item in values:
            references.extend(column_references(item))
    select.outer_references = list(references)
    return select


def table_as_select(schema: str | None, table: str, arguments: tuple[AstExpression, ...] | None) -> AstSelect:
    """`x IN table` or `x IN table(arguments)` as `x IN (SELECT * FROM table)`."""
    source: AstSource = AstTableSource(schema, table, None, False)
    if arguments is not None:
        source = AstTableFunction(schema, table, arguments)
    item = AstFromItem(source, None, "", False, None, ())
    core = AstSelectCore(False, False, (AstStar(None),), (item,), None, (), None, ())
    return AstSelect(None, (core,), (), (), None, None)
