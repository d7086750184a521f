"""SELECT and its clauses.

1. A compound is flat: `cores[0] operators[0] cores[1] operators[1] ...`, which associates to the left.
2. FROM is flat too: each item joins everything before it; a parenthesised join is one item (`AstJoinSource`).
3. Optional lists are empty tuples when absent, unless the docstring says None.

Must not know: the catalog, what a name resolves to.
"""

from __future__ import annotations

from keelback_core.compiler.sql.ast.calls import AstOrderTerm, AstWindow
from keelback_core.compiler.sql.ast.expressions import AstExpression, AstLiteral
from keelback_core.compiler.sql.ast.node import AstNode, AstStatement, walk

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import ClassVar


class AstCommonTable(AstNode):
    """One table of WITH: `name[(columns)] AS [[NOT] MATERIALIZED] (select)`; `columns` is None when not given;
    `materialized` is "", "MATERIALIZED" or "NOT MATERIALIZED".
    """

    fields: ClassVar[tuple[str, ...]] = ("name", "columns", "materialized", "select")
    __slots__ = fields

    def __init__(
        self,
        name: str,
        columns: tuple[str, ...] | None,
        materialized: str,
        select: AstSelect,
        start: int = -1,
        end: int = -1,
    ) -> None:
        super().__init__(start, end)
        self.name = name
        self.columns = columns
        self.materialized = materialized
        self.select = select


class AstWith(AstNode):
    """WITH [RECURSIVE] tables."""

    fields: ClassVar[tuple[str, ...]] = ("is_recursive", "tables")
    __slots__ = fields

    def __init__(self, is_recursive: bool, tables: tuple[AstCommonTable, ...], start: int = -1, end: int = -1) -> None:
        super().__init__(start, end)
        self.is_recursive = is_recursive
        self.tables = tables


class AstResultColumn(AstNode):
    """An expression of a result list; `alias` is the name given with or without AS, else None; `source_text` is the
    expression as it stands in the statement, which names the column when there is no alias. literals: those of the
    expression that may be lifted, None if nobody has gathered them.
    """

    __slots__ = ("expression", "alias", "literals", "_source_text")
    fields: ClassVar[tuple[str, ...]] = ("expression", "alias", "source_text")

    def __init__(
        self,
        expression: AstExpression,
        alias: str | None,
        source_text: str,
        start: int = -1,
        end: int = -1,
        literals: tuple[AstLiteral, ...] | None = None,
    ) -> None:
        super().__init__(start, end)
        self.expression = expression
        self.alias = alias
        self.literals = literals
        self._source_text = source_text

    @property
    def source_text(self) -> str:
        """Whoever asks for the text has looked at the literals in it."""
        if self.literals is None:
            self.literals = tuple([node for node in walk(self.expression) if isinstance(node, AstLiteral)])
        for literal in self.literals:
            literal.is_examined = True
        return self._source_text


class AstStar(AstNode):
    """`*`, or `table.*`, in a result list."""

    fields: ClassVar[tuple[str, ...]] = ("table",)
    __slots__ = fields

    def __init__(self, table: str | None, start: int = -1, end: int = -1) -> None:
        super().__init__(start, end)
        self.table = table


class AstSource(AstNode):
    """Base of what may stand in FROM."""

    __slots__ = ()


class AstTableSource(AstSource):
    """A table, view or common table by name."""

    fields: ClassVar[tuple[str, ...]] = ("schema", "name", "indexed_by", "is_not_indexed")
    __slots__ = fields

    def __init__(
        self,
        schema: str | None,
        name: str,
        indexed_by: str | None,
        is_not_indexed: bool,
        start: int = -1,
        end: int = -1,
    ) -> None:
        super().__init__(start, end)
        self.schema = schema
        self.name = name
        self.indexed_by = indexed_by
        self.is_not_indexed = is_not_indexed


class AstTableFunction(AstSource):
    """A table-valued function."""

    fields: ClassVar[tuple[str, ...]] = ("schema", "name", "arguments")
    __slots__ = fields

    def __init__(
        self, schema: str | None, name: str, arguments: tuple[AstExpression, ...], start: int = -1, end: int = -1
    ) -> None:
        super().__init__(start, end)
        self.schema = schema
        self.name = name
        self.arguments = arguments


class AstSelectSource(AstSource):
    """`(SELECT ...)` in FROM."""

    fields: ClassVar[tuple[str, ...]] = ("select",)
    __slots__ = fields

    def __init__(self, select: AstSelect, start: int = -1, end: int = -1) -> None:
        super().__init__(start, end)
        self.select = select


class AstJoinSource(AstSource):
    """A parenthesised FROM list."""

    fields: ClassVar[tuple[str, ...]] = ("items",)
    __slots__ = fields

    def __init__(self, items: tuple[AstFromItem, ...], start: int = -1, end: int = -1) -> None:
        super().__init__(start, end)
        self.items = items


class AstFromItem(AstNode):
    """One item of FROM and how it joins the items before it.

    `join_type` is "" for the first item, else `,`, `JOIN`, `INNER`, `CROSS`, `LEFT`, `RIGHT` or `FULL`. `using` is
    empty when absent. A first item may carry `on`/`using` only where SQLite's parser lets it pass.
    """

    fields: ClassVar[tuple[str, ...]] = ("source", "alias", "join_type", "is_natural", "on", "using")
    __slots__ = fields

    def __init__(
        self,
        source: AstSource,
        alias: str | None,
        join_type: str,
        is_natural: bool,
        on: AstExpression | None,
        using: tuple[str, ...],
        start: int = -1,
        end: int = -1,
    ) -> None:
        super().__init__(start, end)
        self.source = source
        self.alias = alias
        self.join_type = join_type
        self.is_natural = is_natural
        self.on = on
        self.using = using


class AstSelectCore(AstNode):
    """One SELECT of a compound. `is_all` records the redundant keyword ALL. `from_items` is empty without FROM. number:
    which SELECT of the text it is, as they end with their ORDER BY and LIMIT; 0 if it was not written."""

    fields: ClassVar[tuple[str, ...]] = (
        "is_distinct",
        "is_all",
        "columns",
        "from_items",
        "where",
        "group_by",
        "having",
        "windows",
    )
    __slots__ = (*fields, "number")

    def __init__(
        self,
        is_distinct: bool,
        is_all: bool,
        columns: tuple[AstResultColumn | AstStar, ...],
        from_items: tuple[AstFromItem, ...],
        where: AstExpression | None,
        group_by: tuple[AstExpression, ...],
        having: AstExpression | None,
        windows: tuple[AstWindow, ...],
        start: int = -1,
        end: int = -1,
    ) -> None:
        super().__init__(start, end)
        self.is_distinct = is_distinct
        self.is_all = is_all
        self.columns = columns
        self.from_items = from_items
        self.where = where
        self.group_by = group_by
        self.having = having
        self.windows = windows
        self.number = 0


class AstValues(AstNode):
    """VALUES rows; every row has the same number of expressions. number: that of the last row, counted as SELECTs."""

    fields: ClassVar[tuple[str, ...]] = ("rows",)
    __slots__ = (*fields, "number")

    def __init__(self, rows: tuple[tuple[AstExpression, ...], ...], start: int = -1, end: int = -1) -> None:
        super().__init__(start, end)
        self.rows = rows
        self.number = 0


class AstSelect(AstStatement):
    """A whole SELECT: `operators[i]` (`UNION`, `UNION ALL`, `EXCEPT`, `INTERSECT`) stands between `cores[i]` and
    `cores[i+1]`.
    """

    fields: ClassVar[tuple[str, ...]] = ("with_clause", "cores", "operators", "order_by", "limit", "offset")
    __slots__ = fields

    def __init__(
        self,
        with_clause: AstWith | None,
        cores: tuple[AstSelectCore | AstValues, ...],
        operators: tuple[str, ...],
        order_by: tuple[AstOrderTerm, ...],
        limit: AstExpression | None,
        offset: AstExpression | None,
        start: int = -1,
        end: int = -1,
    ) -> None:
        super().__init__(start, end)
        self.with_clause = with_clause
        self.cores = cores
        self.operators = operators
        self.order_by = order_by
        self.limit = limit
        self.offset = offset
