"""VALUES whose rows call aggregates or window functions: each such row is a SELECT without FROM.

1. Several rows with an aggregate of their own are an error, which SQLite finds late.
2. Calls inside subqueries are those queries' own.

Must not know: scopes. Source: behaviour of SQLite 3.54.
"""

from __future__ import annotations

from keelback_core.compiler.sql.ast import (
    AstColumnRef,
    AstFunctionCall,
    AstLiteral,
    AstResultColumn,
    AstSelect,
    AstSelectCore,
    AstValues,
    visit,
)
from keelback_core.value.errors import SqlError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.compiler.bind.context import BindContext
    from keelback_core.compiler.sql.ast import AstExpression, AstNode


def values_as_selects(context: BindContext, ast: AstSelect) -> AstSelect:
    """The same query with SELECTs in the place of VALUES that need it."""
    if not any(isinstance(core, AstValues) and _needs_select(context, core) for core in ast.cores):
        return ast
    cores: list[AstSelectCore | AstValues] = []
    operators: list[str] = []
    for position, core in enumerate(ast.cores):
        if position:
            operators.append(ast.operators[position - 1])
        if not isinstance(core, AstValues) or not _needs_select(context, core):
            cores.append(core)
            continue
        for number, row in enumerate(core.rows):
            if number:
                operators.append("UNION ALL")
            cores.append(_as_select(row, core))
    return AstSelect(
        ast.with_clause, tuple(cores), tuple(operators), ast.order_by, ast.limit, ast.offset, ast.start, ast.end
    )


def aggregate_of_rows(context: BindContext, ast: AstSelect) -> str | None:
    """The name of the first aggregate in VALUES of several rows, as the text spells it; None if there is none."""
    for core in ast.cores:
        if isinstance(core, AstValues) and len(core.rows) > 1:
            for row in core.rows:
                for item in row:
                    for call in _calls(item):
                        if call.over is None and _is_aggregate(context, call):
                            return call.name
    return None


def unchecked_rows(context: BindContext, ast: AstValues) -> range:
    """The rows of VALUES that SQLite computes while it parses, without a look at what is in them: constant ones after
    constant ones, in statements without WITH."""
    if context.statement is None or getattr(context.statement, "with_clause", None) is not None:
        return range(0)
    count = 0
    for row in ast.rows:
        if not all(_is_constant(context, item) for item in row):
            break
        count += 1
    return range(1, count)


def _is_constant(context: BindContext, item: AstExpression) -> bool:
    is_constant = True

    def enter(node: AstNode) -> bool:
        nonlocal is_constant
        if isinstance(node, (AstSelect, AstColumnRef)):
            is_constant = False
        elif isinstance(node, AstFunctionCall) and is_constant:
            is_constant = _is_constant_function(context, node)
        return is_constant

    visit(item, enter)
    return is_constant


def _is_constant_function(context: BindContext, call: AstFunctionCall) -> bool:
    try:
        signature = context.catalog.find_function(call.name, len(call.arguments))
    except SqlError:
        return False
    return (signature.is_deterministic or signature.is_slow_changing) and not signature.is_aggregate


def _as_select(row: tuple[AstExpression, ...], core: AstValues) -> AstSelectCore:
    columns = tuple(
        AstResultColumn(item, f"column{number + 1}", "", item.start, item.end) for number, item in enumerate(row)
    )
    return AstSelectCore(False, False, columns, (), None, (), None, (), core.start, core.end)


def _needs_select(context: BindContext, core: AstValues) -> bool:
    for row in core.rows:
        for item in row:
            if not isinstance(item, AstLiteral):
                for call in _calls(item):
                    if call.over is not None or _is_aggregate(context, call):
                        return True
    return False


def _calls(item: AstExpression) -> list[AstFunctionCall]:
    found: list[AstFunctionCall] = []

    def enter(node: AstNode) -> bool:
        if isinstance(node, AstFunctionCall):
            found.append(node)
        return not isinstance(node, AstSelect)

    visit(item, enter)
    return found


def _is_aggregate(context: BindContext, call: AstFunctionCall) -> bool:
    try:
        return context.catalog.find_function(call.name, len(call.arguments)).is_aggregate
    except SqlError:
        return False
