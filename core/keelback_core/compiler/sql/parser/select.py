"""SELECT, VALUES, WITH and FROM.

1. ORDER BY and LIMIT belong to the last core of a compound; on an earlier one they are SQLite's own error.
2. What must fit together only by meaning (columns of USING, names of windows) is left to the binder.

Must not know: the catalog. Spec: https://sqlite.org/lang_select.html.
"""

from __future__ import annotations

from keelback_core.compiler.sql.ast.calls import AstFunctionCall, AstOrderTerm, AstWindow
from keelback_core.compiler.sql.ast.expressions import (
    AstColumnRef,
    AstExists,
    AstExpression,
    AstInSelect,
    AstInTable,
    AstSubquery,
)
from keelback_core.compiler.sql.ast.node import AstNode, walk
from keelback_core.compiler.sql.ast.select import (
    AstCommonTable,
    AstResultColumn,
    AstSelect,
    AstSelectCore,
    AstStar,
    AstValues,
    AstWith,
)
from keelback_core.compiler.sql.keywords import (
    K_ALL,
    K_AS,
    K_BY,
    K_CAST,
    K_DISTINCT,
    K_EXCEPT,
    K_GROUP,
    K_HAVING,
    K_INTERSECT,
    K_LIMIT,
    K_MATERIALIZED,
    K_NOT,
    K_OFFSET,
    K_ORDER,
    K_RAISE,
    K_RECURSIVE,
    K_SELECT,
    K_UNION,
    K_VALUES,
    K_WHERE,
    K_WINDOW,
    K_WITH,
)
from keelback_core.compiler.sql.parser.from_clause import FromParser
from keelback_core.compiler.sql.tokens import (
    IS_NAME,
    T_COMMA,
    T_DOT,
    T_LEFT,
    T_RIGHT,
    T_STAR,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

NOT_CONSTANT: Final = (AstColumnRef, AstFunctionCall, AstSubquery, AstExists, AstInSelect, AstInTable)


class SelectParser(FromParser):
    """SELECT statements, alone or inside others."""

    __slots__ = ()

    def parse_select(self) -> AstSelect:
        """A whole SELECT, with its WITH; leaves the height of its tallest expression in `height`."""
        start = self.start()
        with_clause = self.parse_with() if self.kind == K_WITH else None
        return self.parse_select_after_with(with_clause, start)

    def parse_select_after_with(self, with_clause: AstWith | None, start: int) -> AstSelect:
        """The SELECT or VALUES at the current token and what is compounded with it."""
        cores: list[AstSelectCore | AstValues] = []
        operators: list[str] = []
        order_by: tuple[AstOrderTerm, ...] = ()
        limit: AstExpression | None = None
        offset: AstExpression | None = None
        height = 0
        too_early = ""
        while True:
            if self.kind == K_SELECT:
                core = self._parse_core()
                cores.append(core)
                height = max(height, self.height)
                order_by = ()
                if self.kind == K_ORDER:
                    self.open_construct(9)
                    order_by = self.parse_order_by()
                    self.depth -= 9
                    height = max(height, self.height)
                limit, offset = self._parse_limit()
                height = max(height, self.height)
                self.parts.select_count += 1
                core.number = self.parts.select_count
            elif self.kind == K_VALUES:
                cores.append(self._parse_values())
                height = max(height, self.height)
                order_by = ()
                limit = None
            else:
                raise self.unexpected()
            operator = self._parse_compound_operator()
            if not operator:
                break
            if order_by or limit is not None:
                clause = "ORDER BY" if order_by else "LIMIT"
                too_early = f"{clause} clause should come after {operator} not before"
            operators.append(operator)
            if len(operators) == 1:
                # What stands before, and the operator.
                self.open_construct(2)
        if operators:
            self.depth -= 2
        if too_early:
            self.report(too_early)
        if len(cores) > self.limits.compound_select > 0:
            self.report("too many terms in compound SELECT")
        self.height = height
        return AstSelect(
            with_clause, tuple(cores), tuple(operators), order_by, limit, offset, start, self.previous_end()
        )

    def _parse_compound_operator(self) -> str:
        kind = self.kind
        if kind == K_UNION:
            self.advance()
            return "UNION ALL" if self.accept(K_ALL) else "UNION"
        if kind == K_EXCEPT:
            self.advance()
            return "EXCEPT"
        if kind == K_INTERSECT:
            self.advance()
            return "INTERSECT"
        return ""

    def _parse_limit(self) -> tuple[AstExpression | None, AstExpression | None]:
        self.height = 0
        if not self.accept(K_LIMIT):
            return None, None
        self.open_construct(9)
        limit = self.parse_expression()
        self.depth -= 9
        height = self.height
        self.height += 1
        self.check_height(self.height)
        if self.accept(K_OFFSET):
            offset = self.parse_expression()
        elif self.accept(T_COMMA):
            offset = limit
            limit = self.parse_expression()
        else:
            return limit, None
        self.height = max(height, self.height) + 1
        self.check_height(self.height)
        return limit, offset

    # WITH

    def parse_with(self) -> AstWith:
        """WITH [RECURSIVE] and its tables."""
        start = self.start()
        self.advance()
        self.has_with = True
        is_recursive = self.accept(K_RECURSIVE)
        tables: list[AstCommonTable] = []
        while True:
            table = self._parse_common_table()
            for other in tables:
                if other.name.upper() == table.name.upper():
                    self.report(f"duplicate WITH table name: {table.name}")
            tables.append(table)
            if not self.accept(T_COMMA):
                break
        return AstWith(is_recursive, tuple(tables), start, self.previous_end())

    def _parse_common_table(self) -> AstCommonTable:
        start = self.start()
        name = self.parse_name()
        columns = self.parse_plain_columns() if self.kind == T_LEFT else None
        self.expect(K_AS)
        materialized = ""
        if self.accept(K_NOT):
            self.expect(K_MATERIALIZED)
            materialized = "NOT MATERIALIZED"
        elif self.accept(K_MATERIALIZED):
            materialized = "MATERIALIZED"
        self.expect(T_LEFT)
        self.open_construct(5)
        select = self.parse_select()
        self.depth -= 5
        self.expect(T_RIGHT)
        return AstCommonTable(name, columns, materialized, select, start, self.previous_end())

    # cores

    def _parse_values(self) -> AstValues:
        start = self.start()
        self.advance()
        rows: list[tuple[AstExpression, ...]] = []
        height = 0
        self.open_construct(2)
        while True:
            self.expect(T_LEFT)
            known = self.parts.select_count
            row = self.parse_expressions()
            height = max(height, self.height)
            self.expect(T_RIGHT)
            rows.append(tuple(row))
            if len(rows) < 3 or self.has_with or self.parts.select_count > known:
                # Constant rows behind the second belong to the SELECT that computes them all.
                self.parts.select_count += 1
            if len(row) != len(rows[0]):
                self._report_unequal_rows(rows)
            if not self.accept(T_COMMA):
                break
        self.depth -= 2
        self.height = height
        values = AstValues(tuple(rows), start, self.previous_end())
        values.number = self.parts.select_count
        return values

    def _report_unequal_rows(self, rows: list[tuple[AstExpression, ...]]) -> None:
        """Rows of constants are compared at once, others when their names are looked for."""
        if not self.has_with and are_constant(rows):
            self.report("all VALUES must have the same number of terms")

    def _parse_core(self) -> AstSelectCore:
        start = self.start()
        self.advance()
        is_distinct = self.accept(K_DISTINCT)
        is_all = not is_distinct and self.accept(K_ALL)
        self.open_construct(7)
        self.depth -= 3
        columns = self.parse_result_columns()
        height = self.height
        from_items = self.parse_from()
        self.open_construct(1)
        where = self.parse_where()
        self.open_construct(2)
        height = max(height, self.height)
        group_by: tuple[AstExpression, ...] = ()
        if self.accept(K_GROUP):
            self.expect(K_BY)
            group_by = tuple(self.parse_expressions())
            height = max(height, self.height)
        having: AstExpression | None = None
        if self.accept(K_HAVING):
            having = self.parse_expression()
            height = max(height, self.height)
        windows: list[AstWindow] = []
        if self.accept(K_WINDOW):
            windows.append(self._parse_named_window())
            while self.accept(T_COMMA):
                window = self._parse_named_window()
                self._check_base_window(window, windows)
                windows.append(window)
        self.depth -= 7
        self.height = height
        core = AstSelectCore(
            is_distinct,
            is_all,
            columns,
            from_items,
            where,
            group_by,
            having,
            tuple(windows),
            start,
            self.previous_end(),
        )
        return core

    def _parse_named_window(self) -> AstWindow:
        start = self.start()
        name = self.parse_name()
        self.expect(K_AS)
        self.expect(T_LEFT)
        return self.parse_window(name, start)

    def _check_base_window(self, window: AstWindow, earlier: list[AstWindow]) -> None:
        """A window that builds on an earlier one may not say again what that one says."""
        if window.base is None:
            return
        for other in earlier:
            if other.name is not None and other.name.upper() == window.base.upper():
                clause = ""
                if window.partition_by:
                    clause = "PARTITION clause"
                elif other.order_by and window.order_by:
                    clause = "ORDER BY clause"
                elif other.frame is not None:
                    clause = "frame specification"
                if clause:
                    self.report(f"cannot override {clause} of window: {window.base}")
                return
        self.report(f"no such window: {window.base}")

    def parse_where(self) -> AstExpression | None:
        """`[WHERE expression]`; leaves its height in `height`."""
        self.height = 0
        return self.parse_expression() if self.accept(K_WHERE) else None

    def parse_result_columns(self) -> tuple[AstResultColumn | AstStar, ...]:
        """The list of a SELECT or RETURNING; leaves the greatest height in `height`."""
        columns: list[AstResultColumn | AstStar] = []
        height = 0
        while True:
            columns.append(self._parse_result_column())
            if self.height > height:
                height = self.height
            if not self.accept(T_COMMA):
                break
        self.height = height
        return tuple(columns)

    def _parse_result_column(self) -> AstResultColumn | AstStar:
        start = self.start()
        self.height = 1
        if self.accept(T_STAR):
            return AstStar(None, start, self.previous_end())
        if IS_NAME[self.kind] and self.is_qualified_star_ahead():
            table = self.parse_name()
            self.advance()
            self.advance()
            return AstStar(table, start, self.previous_end())
        known = len(self.parts.literals)
        expression = self.parse_expression()
        literals = tuple(self.parts.literals[known:]) if len(self.parts.literals) > known else ()
        end = self.previous_end()
        behind = self.start()
        # One blank at most stands behind most.
        source_text = self.text[start:end] if behind == end else self.trimmed(start, behind)
        return AstResultColumn(expression, self.parse_alias(), source_text, start, end, literals)

    def is_qualified_star_ahead(self) -> bool:
        """Whether `name.*` comes next; words that begin an expression of their own are no names here."""
        if self.peek_kind() != T_DOT or self.kinds[self.position + 2] != T_STAR:
            return False
        return self.kind != K_CAST and self.kind != K_RAISE and not self.is_current_time_ahead()

    # FROM


def is_boolean_word(node: AstNode) -> bool:
    """Whether a node is the bare word TRUE or FALSE."""
    if not isinstance(node, AstColumnRef) or node.table is not None or node.quote:
        return False
    return node.column.lower() in ("true", "false")


def are_constant(rows: list[tuple[AstExpression, ...]]) -> bool:
    """Whether the rows of VALUES are made of literals, parameters and operators only."""
    for row in rows:
        for expression in row:
            for node in walk(expression):
                if isinstance(node, NOT_CONSTANT) and not is_boolean_word(node):
                    return False
    return True
