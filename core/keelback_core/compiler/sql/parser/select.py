"""SELECT, VALUES, WITH and FROM.

1. ORDER BY and LIMIT belong to the last core of a compound; on an earlier one they are SQLite's own error.
2. What must fit together only by meaning (columns of USING, names of windows) is left to the binder.

Must not know: the catalog. Spec: https://sqlite.org/lang_select.html.
"""

from __future__ import annotations

from keelback_core.compiler.sql.ast.expressions import (
    AstColumnRef,
    AstExists,
    AstExpression,
    AstFunctionCall,
    AstInSelect,
    AstInTable,
    AstOrderTerm,
    AstSubquery,
    AstWindow,
)
from keelback_core.compiler.sql.ast.node import AstNode, walk
from keelback_core.compiler.sql.ast.select import (
    AstCommonTable,
    AstFromItem,
    AstJoinSource,
    AstResultColumn,
    AstSelect,
    AstSelectCore,
    AstSelectSource,
    AstSource,
    AstStar,
    AstTableFunction,
    AstTableSource,
    AstValues,
    AstWith,
)
from keelback_core.compiler.sql.keywords import (
    K_ALL,
    K_AS,
    K_BY,
    K_CAST,
    K_COLLATE,
    K_DISTINCT,
    K_EXCEPT,
    K_FROM,
    K_GROUP,
    K_HAVING,
    K_INDEXED,
    K_INTERSECT,
    K_JOIN,
    K_LIMIT,
    K_MATERIALIZED,
    K_NOT,
    K_OFFSET,
    K_ON,
    K_ORDER,
    K_RAISE,
    K_RECURSIVE,
    K_SELECT,
    K_UNION,
    K_USING,
    K_VALUES,
    K_WHERE,
    K_WINDOW,
    K_WITH,
)
from keelback_core.compiler.sql.parser.calls import CallParser
from keelback_core.compiler.sql.tokens import (
    IS_ALIAS,
    IS_JOIN_WORD,
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


class SelectParser(CallParser):
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
                cores.append(self._parse_core())
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
                cores[-1].number = self.parts.select_count
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

    def parse_plain_columns(self) -> tuple[str, ...]:
        """`(name, ...)` where COLLATE and ASC|DESC are parsed and refused."""
        self.expect(T_LEFT)
        names: list[str] = []
        while True:
            raw = self.token_text()
            names.append(self.parse_name())
            is_odd = False
            if self.accept(K_COLLATE):
                self.parse_word()
                is_odd = True
            if self.parse_direction() or is_odd:
                self.report(f'syntax error after column name "{raw}"')
            if not self.accept(T_COMMA):
                break
        self.expect(T_RIGHT)
        return tuple(names)

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
        source_text = self.trimmed(start, self.start())
        end = self.previous_end()
        return AstResultColumn(expression, self.parse_alias(), source_text, start, end, literals)

    def is_qualified_star_ahead(self) -> bool:
        """Whether `name.*` comes next; words that begin an expression of their own are no names here."""
        if self.peek_kind() != T_DOT or self.kinds[self.position + 2] != T_STAR:
            return False
        return self.kind != K_CAST and self.kind != K_RAISE and not self.is_current_time_ahead()

    def parse_alias(self) -> str | None:
        """`[[AS] name]`."""
        if self.kind == K_AS:
            self.advance()
            return self.parse_name()
        return self.parse_word() if IS_ALIAS[self.kind] else None

    # FROM

    def parse_from(self) -> tuple[AstFromItem, ...]:
        """`[FROM items]`."""
        return self._parse_from_items() if self.accept(K_FROM) else ()

    def _parse_from_items(self) -> tuple[AstFromItem, ...]:
        items: list[AstFromItem] = []
        join_type = ""
        is_natural = False
        while True:
            items.append(self._parse_from_item(join_type, is_natural))
            kind = self.kind
            if kind == T_COMMA:
                self.advance()
                join_type = ","
                is_natural = False
            elif kind == K_JOIN:
                self.advance()
                join_type = "JOIN"
                is_natural = False
            elif IS_JOIN_WORD[kind]:
                join_type, is_natural = self._parse_join_words()
            else:
                break
        return tuple(items)

    def _parse_join_words(self) -> tuple[str, bool]:
        """One to three words and JOIN; words that make no join are an error of their own."""
        start = self.start()
        words: list[str] = []
        texts: list[str] = []
        while self.kind != K_JOIN:
            if len(words) == 3 or not IS_NAME[self.kind]:
                raise self.unexpected()
            texts.append(self.token_text())
            words.append(texts[-1].upper() if texts[-1].isascii() else "")
            self.advance()
        self.advance()
        join_type = join_type_of(words)
        if not join_type:
            self.report(f"unknown join type: {' '.join(texts)}", start)
        return join_type, "NATURAL" in words

    def _parse_from_item(self, join_type: str, is_natural: bool) -> AstFromItem:
        start = self.start()
        is_indexable = False
        self.open_construct(1)
        if self.kind == T_LEFT:
            source = self._parse_parenthesised_source(start)
        else:
            self.open_construct(2)
            self.depth -= 2
            schema, name = self.parse_qualified_name()
            if self.kind == T_LEFT:
                self.advance()
                arguments = self._parse_list_in_parentheses()
                source = AstTableFunction(schema, name, arguments, start, self.previous_end())
            else:
                source = AstTableSource(schema, name, None, False, start, self.previous_end())
                is_indexable = True
        alias = self.parse_alias()
        if is_indexable and (self.kind == K_INDEXED or self.kind == K_NOT):
            indexed_by, is_not_indexed = self.parse_indexed()
            source = AstTableSource(schema, name, indexed_by, is_not_indexed, start, self.previous_end())
        on: AstExpression | None = None
        using: tuple[str, ...] = ()
        if self.kind == K_ON or self.kind == K_USING:
            word = self.token_text().upper()
            self.advance()
            if word == "ON":
                on = self.parse_expression()
            else:
                using = self.parse_names_in_parentheses()
            if not join_type:
                self.report(f"a JOIN clause is required before {word}")
        self.depth -= 1
        return AstFromItem(source, alias, join_type, is_natural, on, using, start, self.previous_end())

    def _parse_parenthesised_source(self, start: int) -> AstSource:
        self.advance()
        if self.is_select_ahead():
            self.open_construct(1)
            select = self.parse_select()
            self.depth -= 1
            self.expect(T_RIGHT)
            return AstSelectSource(select, start, self.previous_end())
        self.open_construct(1)
        items = self._parse_from_items()
        self.depth -= 1
        self.expect(T_RIGHT)
        return AstJoinSource(items, start, self.previous_end())

    def parse_indexed(self) -> tuple[str | None, bool]:
        """`[INDEXED BY name | NOT INDEXED]`."""
        if self.accept(K_INDEXED):
            self.expect(K_BY)
            return self.parse_name(), False
        if self.accept(K_NOT):
            self.expect(K_INDEXED)
            return None, True
        return None, False


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


def join_type_of(words: list[str]) -> str:
    """The join that up to three words in upper case amount to, or "" if they contradict each other.

    OUTER needs LEFT, RIGHT or FULL; LEFT together with RIGHT is FULL; INNER and CROSS go with neither.
    """
    known = ("NATURAL", "LEFT", "RIGHT", "FULL", "OUTER", "INNER", "CROSS")
    for word in words:
        if word not in known:
            return ""
    is_left = "LEFT" in words or "FULL" in words
    is_right = "RIGHT" in words or "FULL" in words
    is_inner = "INNER" in words or "CROSS" in words
    is_outer = "OUTER" in words or is_left or is_right
    if is_inner and is_outer:
        return ""
    if is_outer:
        if is_left and is_right:
            return "FULL"
        return "LEFT" if is_left else "RIGHT" if is_right else ""
    if "CROSS" in words:
        return "CROSS"
    return "INNER" if "INNER" in words else "JOIN"
