"""Expressions: operator precedence on explicit stacks.

1. Parentheses, unary and binary operators take no Python frames, however deep or long they are; function calls, CASE,
   CAST and subqueries take a few each and are bounded by `depth` and by the height of the tree.
2. Operators are reduced where an LALR parser of SQLite's grammar would: only the topmost open operator is compared
   with the next token. So `a = NOT b = c` is `a = (NOT (b = c))`.
3. `-> ->> || ` bind tighter than `* / %`; COLLATE tighter than these; unary minus tighter than COLLATE.

Must not know: the catalog, aggregates, how parameters are numbered. Spec: https://sqlite.org/lang_expr.html.
"""

from __future__ import annotations

from keelback_core.compiler.sql.ast.expressions import (
    AstBetween,
    AstBinary,
    AstCollate,
    AstExpression,
    AstInList,
    AstInSelect,
    AstInTable,
    AstIsNull,
    AstLike,
    AstRowValue,
    AstSubquery,
    AstUnary,
)
from keelback_core.compiler.sql.heights import height_of_in, replaces_plus
from keelback_core.compiler.sql.keywords import (
    K_AND,
    K_BETWEEN,
    K_COLLATE,
    K_DISTINCT,
    K_ESCAPE,
    K_FROM,
    K_IN,
    K_IS,
    K_ISNULL,
    K_NOT,
    K_NOTNULL,
    K_NULL,
)
from keelback_core.compiler.sql.parser.operands import OperandParser
from keelback_core.compiler.sql.parser.operators import (
    BINARY_LEVELS,
    BINARY_NAMES,
    FORM_BETWEEN,
    FORM_BETWEEN_LOW,
    FORM_BINARY,
    FORM_LIKE,
    FORM_LIKE_ESCAPE,
    FORM_PARENTHESIS,
    FORM_ROW,
    FORM_UNARY,
    LEVEL_BARRIER,
    LEVEL_CONCAT,
    LEVEL_EQUALITY,
    LEVEL_NOT,
    LEVEL_OR,
    LEVEL_UNARY,
    LIKE_NAMES,
    ExpressionStack,
    OpenOperator,
)
from keelback_core.compiler.sql.tokens import (
    T_ARROW,
    T_COMMA,
    T_LEFT,
    T_MINUS,
    T_PLUS,
    T_RIGHT,
    T_TILDE,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    pass


class ExpressionParser(OperandParser):
    """Operators and operands; calls, CASE and CAST are in `CallParser`, SELECT in `SelectParser`."""

    __slots__ = ()

    def parse_expression(self) -> AstExpression:
        """One expression; leaves its height in `height`."""
        operand = self._parse_simple_operand()
        if operand is not None and BINARY_LEVELS[self.kind] < 0:
            return operand
        stack = ExpressionStack()
        entry_depth = self.depth
        if operand is not None:
            stack.operands.append(operand)
            stack.heights.append(self.height)
        while True:
            if operand is None:
                operand = self._open_prefixes(stack)
                if operand is None:
                    operand = self._parse_operand()
                stack.operands.append(operand)
                stack.heights.append(self.height)
            operand = None
            if not self._continue_after_operand(stack):
                break
        self.depth = entry_depth
        self.height = stack.heights[0]
        return stack.operands[0]

    def parse_expressions(self) -> list[AstExpression]:
        """One or more expressions with commas between; leaves the greatest height in `height`."""
        expressions = [self.parse_expression()]
        if self.kind == T_COMMA:
            height = self.height
            self.open_construct(2)
            while self.accept(T_COMMA):
                expressions.append(self.parse_expression())
                if self.height > height:
                    height = self.height
            self.depth -= 2
            self.height = height
        return expressions

    # operands

    # operators

    def _open_prefixes(self, stack: ExpressionStack) -> AstExpression | None:
        """Consume the unary operators and opening parentheses in front of an operand.

        Returns the subquery if one of the parentheses turns out to be its own.
        """
        while True:
            kind = self.kind
            start = self.start()
            if kind == T_LEFT:
                self.advance()
                if self.is_select_ahead():
                    select = self._parse_select_in_parentheses(1)
                    return AstSubquery(select, start, self.previous_end())
                operator = OpenOperator(FORM_PARENTHESIS, LEVEL_BARRIER, "(", start, 1)
            elif kind == K_NOT:
                self.advance()
                operator = OpenOperator(FORM_UNARY, LEVEL_NOT, "NOT", start, 1)
            elif kind == T_MINUS or kind == T_PLUS or kind == T_TILDE:
                operator = OpenOperator(FORM_UNARY, LEVEL_UNARY, self.token_text(), start, 1)
                self.advance()
            else:
                return None
            self._open(stack, operator)

    def _open(self, stack: ExpressionStack, operator: OpenOperator) -> None:
        self.open_construct(operator.weight)
        stack.operators.append(operator)

    def _continue_after_operand(self, stack: ExpressionStack) -> bool:
        """Reduce and consume what may follow an operand; False when the expression is over, True when another
        operand must follow.
        """
        while True:
            kind = self.kind
            level = BINARY_LEVELS[kind]
            if level < 0:
                if kind == K_ESCAPE:
                    return self._open_escape(stack)
                self._reduce(stack, LEVEL_OR)
                if not stack.operators:
                    return False
                if kind == T_RIGHT and stack.operators[-1].form != FORM_BETWEEN_LOW:
                    self._close_parenthesis(stack)
                    continue
                self._open_row_item(stack)
                return True
            if level == LEVEL_NOT:
                self._reduce(stack, LEVEL_NOT + 1)
            else:
                self._reduce(stack, level)
            if BINARY_NAMES[kind]:
                self._open_binary(stack, level)
                return True
            if self._parse_suffix(stack):
                return True

    def _open_binary(self, stack: ExpressionStack, level: int) -> None:
        operators = stack.operators
        kind = self.kind
        self.advance()
        if kind == K_AND and operators and operators[-1].form == FORM_BETWEEN_LOW:
            low = operators[-1]
            low.form = FORM_BETWEEN
            low.level = LEVEL_EQUALITY
            low.weight += 2
            self.open_construct(2)
        else:
            self._open(stack, OpenOperator(FORM_BINARY, level, BINARY_NAMES[kind], -1, 2))

    def _open_escape(self, stack: ExpressionStack) -> bool:
        """ESCAPE belongs to the nearest open LIKE; without one it ends the expression, and is then an error."""
        operators = stack.operators
        while operators and operators[-1].form != FORM_LIKE:
            if operators[-1].level == LEVEL_BARRIER:
                raise self.unexpected()
            self._reduce_top(stack)
        if not operators:
            return False
        self.advance()
        operators[-1].form = FORM_LIKE_ESCAPE
        operators[-1].weight += 2
        self.open_construct(2)
        return True

    def _open_row_item(self, stack: ExpressionStack) -> None:
        """A comma inside parentheses: they enclose a row value."""
        top = stack.operators[-1]
        if self.kind != T_COMMA or top.form == FORM_BETWEEN_LOW:
            raise self.unexpected()
        self.advance()
        if top.form == FORM_PARENTHESIS:
            top.form = FORM_ROW
            top.weight += 2
            self.open_construct(2)
        self._take_row_item(stack, top)

    def _take_row_item(self, stack: ExpressionStack, row: OpenOperator) -> None:
        row.items.append(stack.operands.pop())
        height = stack.heights.pop()
        if height > row.items_height:
            row.items_height = height

    def _close_parenthesis(self, stack: ExpressionStack) -> None:
        self.advance()
        top = stack.operators.pop()
        self.depth -= top.weight
        if top.form == FORM_ROW:
            self._take_row_item(stack, top)
            height = 1
            stack.operands.append(AstRowValue(tuple(top.items), top.start, self.previous_end()))
            stack.heights.append(height)

    def _parse_suffix(self, stack: ExpressionStack) -> bool:
        """An operator written as a word, or `->`; True when an operand must follow."""
        kind = self.kind
        if kind == T_ARROW:
            self._open(stack, OpenOperator(FORM_BINARY, LEVEL_CONCAT, self.token_text(), -1, 2))
            self.advance()
            return True
        self.advance()
        if kind == K_IS:
            self._open(stack, OpenOperator(FORM_BINARY, LEVEL_EQUALITY, self._parse_is(), -1, 2))
            return True
        operand = stack.operands[-1]
        if kind == K_COLLATE:
            collation = self.parse_word()
            self._replace(stack, AstCollate(operand, collation, operand.start, self.previous_end()), 1)
            return False
        if kind == K_ISNULL or kind == K_NOTNULL:
            self._replace(stack, AstIsNull(operand, kind == K_NOTNULL, operand.start, self.previous_end()), 1)
            return False
        is_negated = kind == K_NOT
        if is_negated:
            kind = self.kind
            if kind == K_NULL:
                self.advance()
                self._replace(stack, AstIsNull(operand, True, operand.start, self.previous_end()), 1)
                return False
            if kind != K_IN and kind != K_BETWEEN and kind not in LIKE_NAMES:
                raise self.unexpected()
            self.advance()
        if kind == K_IN:
            self._parse_in(stack, is_negated)
            return False
        if kind == K_BETWEEN:
            self._open(stack, OpenOperator(FORM_BETWEEN_LOW, LEVEL_BARRIER, "BETWEEN", -1, 2, is_negated))
        else:
            self._open(stack, OpenOperator(FORM_LIKE, LEVEL_EQUALITY, LIKE_NAMES[kind], -1, 2, is_negated))
        return True

    def _parse_is(self) -> str:
        """What follows IS: [NOT] [DISTINCT FROM]."""
        is_negated = self.accept(K_NOT)
        if self.accept(K_DISTINCT):
            self.expect(K_FROM)
            is_negated = not is_negated
        return "IS NOT" if is_negated else "IS"

    def _replace(self, stack: ExpressionStack, expression: AstExpression, levels: int) -> None:
        """Put an expression in the place of the topmost operand, which it contains."""
        height = stack.heights[-1] + levels
        self.check_height(height)
        stack.operands[-1] = expression
        stack.heights[-1] = height

    def _parse_in(self, stack: ExpressionStack, is_negated: bool) -> None:
        operand = stack.operands[-1]
        levels = 2 if is_negated else 1
        start = operand.start
        if self.kind != T_LEFT:
            schema, table = self.parse_qualified_name()
            self.parts.read_tables.append(table)
            arguments: tuple[AstExpression, ...] | None = None
            if self.accept(T_LEFT):
                arguments = self._parse_list_in_parentheses()
            self._replace(
                stack, AstInTable(operand, schema, table, arguments, is_negated, start, self.previous_end()), levels
            )
            return
        self.advance()
        if self.is_select_ahead():
            select = self._parse_select_in_parentheses(3)
            stack.heights[-1] = max(stack.heights[-1], self.height - 1)
            self._replace(stack, AstInSelect(operand, select, is_negated, start, self.previous_end()), levels)
            return
        items = self._parse_list_in_parentheses()
        if isinstance(operand, AstRowValue):
            self._check_rows(len(operand.items), items)
        height = height_of_in(operand, stack.heights[-1], items, self.height)
        stack.heights[-1] = height - 1
        if not items:
            levels = 1
        self._replace(stack, AstInList(operand, items, is_negated, start, self.previous_end()), levels)

    def _check_rows(self, width: int, items: tuple[AstExpression, ...]) -> None:
        """A row is compared with rows of the same width."""
        for item in items:
            count = len(item.items) if isinstance(item, AstRowValue) else 1
            if count != width:
                noun = "term" if count == 1 else "terms"
                self.report(f"IN(...) element has {count} {noun} - expected {width}")
                return

    def _parse_list_in_parentheses(self) -> tuple[AstExpression, ...]:
        """Expressions, perhaps none, and the closing parenthesis; the opening one has been consumed."""
        self.height = 0
        if self.accept(T_RIGHT):
            return ()
        self.open_construct(3)
        items = self.parse_expressions()
        self.depth -= 3
        self.expect(T_RIGHT)
        return tuple(items)

    # reductions

    def _reduce(self, stack: ExpressionStack, level: int) -> None:
        """Reduce open operators of this or a higher level."""
        operators = stack.operators
        while operators and operators[-1].level >= level:
            self._reduce_top(stack)

    def _reduce_top(self, stack: ExpressionStack) -> None:
        operator = stack.operators.pop()
        self.depth -= operator.weight
        operands = stack.operands
        last = operands.pop()
        height = stack.heights.pop()
        end = last.end
        form = operator.form
        if form == FORM_UNARY:
            if replaces_plus(operator.name, last):
                height -= 1
            result: AstExpression = AstUnary(operator.name, last, operator.start, end)
        else:
            middle = last
            if form == FORM_BETWEEN or form == FORM_LIKE_ESCAPE:
                middle = operands.pop()
                height = max(height, stack.heights.pop())
            left = operands.pop()
            height = max(height, stack.heights.pop())
            if operator.is_negated:
                height += 1
            start = left.start
            if form == FORM_BINARY:
                result = AstBinary(operator.name, left, last, start, end)
            elif form == FORM_BETWEEN:
                result = AstBetween(left, middle, last, operator.is_negated, start, end)
            else:
                escape = last if form == FORM_LIKE_ESCAPE else None
                result = AstLike(operator.name, left, middle, escape, operator.is_negated, start, end)
        self.check_height(height + 1)
        operands.append(result)
        stack.heights.append(height + 1)
