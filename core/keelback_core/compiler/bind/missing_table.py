"""missing_table: the table that SQLite finds missing before it looks for any column of the same SELECT.

1. SQLite expands a SELECT as a whole, with its subqueries, the common tables that they name and their stars, before it
   resolves names.
2. It is asked only when a name has turned out wrong; views are not looked into.

Must not know: columns. Source: behaviour of SQLite 3.54.
"""

from __future__ import annotations

from keelback_core.compiler.bind.common_tables import open_with
from keelback_core.compiler.bind.scope import CommonTables
from keelback_core.compiler.catalog.model import fold_name
from keelback_core.compiler.sql.ast import (
    AstInTable,
    AstJoinSource,
    AstSelect,
    AstSelectCore,
    AstSelectSource,
    AstStar,
    AstTableFunction,
    AstTableSource,
    AstValues,
    visit,
)
from keelback_core.value.errors import SqlError
from keelback_core.value.result_codes import ERROR

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from keelback_core.compiler.catalog.catalog import Catalog
    from keelback_core.compiler.sql.ast import AstCommonTable, AstExpression, AstFromItem, AstNode


def missing_table(catalog: Catalog, ast: AstSelect, common: CommonTables | None) -> SqlError | None:
    """SqlError for the first table that is missing, a star's too; None if all are there."""
    return _Expansion(catalog).of_select(ast, common)


def _of_star(table: str | None, items: Sequence[AstFromItem]) -> SqlError | None:
    """What is wrong with `*` or `table.*` behind these items of FROM."""
    names: list[str] = []
    for item in items:
        source = item.source
        if isinstance(source, AstJoinSource):
            # Its tables have names of their own.
            return None
        if item.alias is not None:
            names.append(fold_name(item.alias))
        elif isinstance(source, (AstTableSource, AstTableFunction)):
            names.append(fold_name(source.name))
    if table is None:
        return None if items else SqlError(ERROR, "no tables specified")
    return None if fold_name(table) in names else SqlError(ERROR, f"no such table: {table}")


class _Expansion:
    """Goes through a SELECT as SQLite expands it; seen: the common tables that have been gone through."""

    __slots__ = ("catalog", "seen")

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog
        self.seen: set[AstCommonTable] = set()

    def of_select(self, ast: AstSelect, common: CommonTables | None) -> SqlError | None:
        if ast.with_clause is not None:
            common = open_with(ast.with_clause, common)
        for position in range(len(ast.cores) - 1, -1, -1):
            core = ast.cores[position]
            expressions: list[AstExpression | None] = []
            if isinstance(core, AstSelectCore):
                found = self._of_items(core.from_items, common)
                if found is not None:
                    return found
                for column in core.columns:
                    if isinstance(column, AstStar):
                        found = _of_star(column.table, core.from_items)
                        if found is not None:
                            return found
                    expressions.append(getattr(column, "expression", None))
                expressions += [core.where, *core.group_by, core.having]
            elif isinstance(core, AstValues):
                for row in core.rows:
                    expressions += row
            if position == len(ast.cores) - 1:
                expressions += [*(term.expression for term in ast.order_by), ast.limit, ast.offset]
            found = self._of_expressions(expressions, common)
            if found is not None:
                return found
        return None

    def _of_items(self, items: Iterable[AstFromItem], common: CommonTables | None) -> SqlError | None:
        for item in items:
            source = item.source
            found: SqlError | None = None
            if isinstance(source, AstTableSource):
                found = self._of_table(source.schema, source.name, common)
            elif isinstance(source, AstSelectSource):
                found = self.of_select(source.select, common)
            elif isinstance(source, AstJoinSource):
                found = self._of_items(source.items, common)
            if found is not None:
                return found
        return self._of_expressions([item.on for item in items], common)

    def _of_table(self, schema: str | None, name: str, common: CommonTables | None) -> SqlError | None:
        at = common if schema is None else None
        while at is not None:
            table = at.tables.get(fold_name(name))
            if table is not None:
                if table in self.seen:
                    return None
                self.seen.add(table)
                return self.of_select(table.select, at)
            at = at.outer
        if self.catalog.find_usable(name, schema) is not None:
            return None
        return SqlError(ERROR, f"no such table: {self.catalog.shown_name(name, schema)}")

    def _of_expressions(
        self, expressions: Iterable[AstExpression | None], common: CommonTables | None
    ) -> SqlError | None:
        found: list[SqlError] = []

        def enter(node: AstNode) -> bool:
            problem = None
            if found:
                return False
            if isinstance(node, AstInTable):
                problem = self._of_table(node.schema, node.table, common) if node.arguments is None else None
            elif isinstance(node, AstSelect):
                problem = self.of_select(node, common)
            if problem is not None:
                found.append(problem)
            return not isinstance(node, AstSelect)

        for expression in expressions:
            if expression is not None:
                visit(expression, enter)
        return found[0] if found else None
