"""Row values: the checks that SQLite makes of them, and lists of rows and tables turned into SELECTs.

Must not know: names, plans, registers. Source: https://sqlite.org/rowvalue.html
"""

from __future__ import annotations

from keelback_core.compiler.bind.nodes import (
    BoundColumn,
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
    AstSelect,
    AstSelectCore,
    AstStar,
    AstTableFunction,
    AstTableSource,
)
from keelback_core.value.errors import SqlError
from keelback_core.value.result_codes import ERROR

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.compiler.bind.nodes import BoundExpression
    from keelback_core.compiler.sql.ast import AstExpression, AstSource


def check_scalar(e: BoundExpression) -> None:
    """SqlError unless `e` has one value."""
    if isinstance(e, BoundRow):
        raise SqlError(ERROR, "row value misused")
    if isinstance(e, BoundSubquery) and len(e.select.columns) != 1:
        raise SqlError(ERROR, f"sub-select returns {len(e.select.columns)} columns - expected 1")


def check_same_width(left: BoundExpression, right: BoundExpression) -> None:
    """SqlError unless both sides of a comparison have the same number of values."""
    if width(left) != width(right):
        is_row = isinstance(left, BoundRow) or isinstance(right, BoundRow)
        raise SqlError(ERROR, "row value misused", -1 if is_row else left.offset)


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
