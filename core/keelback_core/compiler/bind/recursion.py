"""RecursiveTable: a common table that reads itself, while it is being bound.

1. Its last SELECTs that name it directly in FROM, all joined by the same UNION or UNION ALL, are its steps.
2. The SELECTs before them are bound first: they tell the columns. While they are bound the table may not be named.
3. A step reads the row at hand through one source; any other mention of the table in it is an error.

Must not know: plans, registers. Source: https://sqlite.org/lang_with.html#recursive_common_table_expressions
"""

from __future__ import annotations

from keelback_core.compiler.bind.nodes import BoundRecursion, BoundSelect, BoundSource
from keelback_core.compiler.bind.result_columns import unique_names
from keelback_core.compiler.bind.scope import ScopeItem
from keelback_core.compiler.catalog.model import fold_name
from keelback_core.compiler.sql.ast import AstJoinSource, AstTableSource, AstValues
from keelback_core.value.errors import SqlError
from keelback_core.value.result_codes import ERROR

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from keelback_core.compiler.bind.nodes import BoundSelectCore
    from keelback_core.compiler.sql.ast import AstCommonTable, AstFromItem, AstSelectCore


class RecursiveTable:
    """See the module. first_step: the first core that is a step. direct: the mentions in FROM that are the row at
    hand. bound: what is known once the setup is bound."""

    __slots__ = ("ast", "first_step", "direct", "bound", "names")

    def __init__(self, ast: AstCommonTable, first_step: int, direct: list[AstTableSource]) -> None:
        self.ast = ast
        self.first_step = first_step
        self.direct = direct
        self.bound: BoundRecursion | None = None
        self.names: tuple[str, ...] = ()

    def begin_steps(self, setup: BoundSelect, whole: BoundSelect) -> BoundRecursion:
        """The setup is bound: from here on the table may be named."""
        is_distinct = self.ast.select.operators[self.first_step - 1] == "UNION"
        self.bound = BoundRecursion(setup, whole, self.first_step, is_distinct)
        self.names = common_table_names(self.ast, setup)
        return self.bound

    def item(self, alias: str | None, join_type: str) -> ScopeItem:
        """The row at hand as an item of FROM."""
        assert self.bound is not None
        source = BoundSource(alias or self.ast.name, alias, None, self.bound.setup, join_type, None)
        source.column_names = self.names
        source.recursion = self.bound
        return ScopeItem(source, "", self.names, False)


def recursive_table(ast: AstCommonTable) -> RecursiveTable | None:
    """The table as a recursive one, None if none of its last SELECTs reads it."""
    operators = ast.select.operators
    if not operators or operators[-1] not in ("UNION", "UNION ALL"):
        return None
    position = len(ast.select.cores) - 1
    direct: list[AstTableSource] = []
    while position > 0 and operators[position - 1] == operators[-1]:
        found = _mentions(ast.select.cores[position], ast.name)
        if len(found) > 1:
            raise SqlError(ERROR, f"multiple references to recursive table: {ast.name}")
        if not found:
            break
        direct.extend(found)
        position -= 1
    return RecursiveTable(ast, position + 1, direct) if direct else None


def _mentions(core: AstSelectCore | AstValues, name: str) -> list[AstTableSource]:
    """The items of FROM that are the table of this name."""
    if isinstance(core, AstValues):
        return []
    wanted = fold_name(name)
    items: tuple[AstFromItem, ...] = core.from_items
    while items and items[0].alias is None and isinstance(items[0].source, AstJoinSource):
        items = (*items[0].source.items, *items[1:])
    sources = [item.source for item in items]
    return [
        source
        for source in sources
        if isinstance(source, AstTableSource) and source.schema is None and fold_name(source.name) == wanted
    ]


def check_steps(cores: Sequence[BoundSelectCore]) -> None:
    """SqlError for what a step may not have."""
    for core in cores:
        if core.is_aggregate:
            raise SqlError(ERROR, "recursive aggregate queries not supported")
        if core.windows:
            raise SqlError(ERROR, "cannot use window functions in recursive queries")


def common_table_names(ast: AstCommonTable, select: BoundSelect) -> tuple[str, ...]:
    """The names of the columns of a common table."""
    count = len(select.columns)
    if ast.columns is None:
        return unique_names([column.written_name for column in select.columns])
    if len(ast.columns) != count:
        raise SqlError(ERROR, f"table {ast.name} has {count} values for {len(ast.columns)} columns")
    return unique_names(ast.columns)
