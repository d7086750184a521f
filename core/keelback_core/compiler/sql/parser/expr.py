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
    AstColumnRef,
    AstCurrentTime,
    AstExists,
    AstExpression,
    AstInList,
    AstInSelect,
    AstInTable,
    AstIsNull,
    AstLike,
    AstLiteral,
    AstParameter,
    AstRowValue,
    AstSubquery,
    AstUnary,
)
from keelback_core.compiler.sql.heights import height_of_in, replaces_plus
from keelback_core.compiler.sql.keywords import (
    K_AND,
    K_BETWEEN,
    K_CASE,
    K_CAST,
    K_COLLATE,
    K_CURRENT_DATE,
    K_CURRENT_TIME,
    K_CURRENT_TIMESTAMP,
    K_DISTINCT,
    K_ESCAPE,
    K_EXISTS,
    K_FROM,
    K_IN,
    K_IS,
    K_ISNULL,
    K_NOT,
    K_NOTNULL,
    K_NULL,
    K_RAISE,
    K_SELECT,
    K_VALUES,
    K_WITH,
)
from keelback_core.compiler.sql.lexer import DIGITS
from keelback_core.compiler.sql.parser.literals import is_separated_well, number_literal
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
from keelback_core.compiler.sql.parser.state import ParserState, dequote
from keelback_core.compiler.sql.tokens import (
    IS_OPERAND_NAME,
    T_ARROW,
    T_BLOB,
    T_COMMA,
    T_DOT,
    T_FLOAT,
    T_INTEGER,
    T_LEFT,
    T_MINUS,
    T_PLUS,
    T_RIGHT,
    T_SEPARATED_NUMBER,
    T_STRING,
    T_TILDE,
    T_VARIABLE,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.compiler.sql.ast.select import AstSelect


class ExpressionParser(ParserState):
    """Operators and operands; calls, CASE and CAST are in `CallParser`, SELECT in `SelectParser`."""

    __slots__ = ()

    def parse_select(self) -> AstSelect:
        """Given by `SelectParser`."""
        raise NotImplementedError

    def parse_call(self, name: str, start: int) -> AstExpression:
        """Given by `CallParser`: the call of a function whose name has been consumed."""
        raise NotImplementedError

    def parse_special_operand(self) -> AstExpression:
        """Given by `CallParser`: CASE, CAST or RAISE."""
        raise NotImplementedError

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

    def is_select_ahead(self) -> bool:
        """Whether the current token can only begin a SELECT (after an opening parenthesis)."""
        return self.kind == K_SELECT or self.kind == K_VALUES or self.kind == K_WITH

    # operands

    def _parse_simple_operand(self) -> AstExpression | None:
        """A literal, name, call or parameter, or None when something else begins here."""
        kind = self.kind
        if IS_OPERAND_NAME[kind] or kind == T_STRING or kind == T_INTEGER or kind == T_VARIABLE or kind == T_FLOAT:
            return self._parse_operand()
        return None

    def _parse_operand(self) -> AstExpression:
        """An operand without prefixes; leaves its height in `height`."""
        kind = self.kind
        start = self.start()
        self.height = 1
        if IS_OPERAND_NAME[kind]:
            return self._parse_name_operand(start)
        if kind == T_STRING:
            return self._parse_string(start)
        if kind == T_VARIABLE:
            text = self.token_text()
            if text[0] == "#" and text[1] in DIGITS:
                self.advance()
                self.report(f'near "{text}": syntax error', start)
            else:
                self.advance()
                if text[0] == "?" and len(text) > 1:
                    self._check_parameter(text, start)
            parameter = AstParameter(text, start, self.previous_end())
            self.parts.parameters.append(parameter)
            return parameter
        if kind == K_EXISTS:
            self.advance()
            self.expect(T_LEFT)
            if not self.is_select_ahead():
                raise self.unexpected()
            select = self._parse_select_in_parentheses(2)
            return AstExists(select, start, self.previous_end())
        if kind == K_CASE:
            return self.parse_special_operand()
        return self.parse_literal()

    def _check_parameter(self, text: str, start: int) -> None:
        """The number of `?NNN`."""
        digits = text[1:].lstrip("0")
        most = self.limits.variable_number
        if not digits or len(digits) > 9 or int(digits) > most:
            self.report(f"variable number must be between ?1 and ?{most}", start)

    def parse_literal(self) -> AstExpression:
        """A number, string, blob, NULL or CURRENT_*, by itself."""
        kind = self.kind
        start = self.start()
        text = self.token_text()
        if kind == T_INTEGER or kind == T_FLOAT:
            self.advance()
            return self._listed(number_literal(text, start, self.previous_end()))
        if kind == T_STRING:
            self.advance()
            return self._listed(AstLiteral("string", dequote(text), text, start, self.previous_end()))
        if kind == K_NULL:
            self.advance()
            return AstLiteral("null", None, text, start, self.previous_end())
        if kind == T_BLOB:
            self.advance()
            return AstLiteral("blob", bytes.fromhex(text[2:-1]), text, start, self.previous_end())
        if kind == T_SEPARATED_NUMBER:
            self.advance()
            if not is_separated_well(text):
                self.report(f'unrecognized token: "{text}"')
            return number_literal(text.replace("_", ""), start, self.previous_end())
        if self.is_current_time_ahead():
            self.advance()
            return AstCurrentTime(text.upper(), start, self.previous_end())
        raise self.unexpected()

    def is_current_time_ahead(self) -> bool:
        """Whether the current token is CURRENT_DATE, CURRENT_TIME or CURRENT_TIMESTAMP."""
        kind = self.kind
        return kind == K_CURRENT_TIMESTAMP or kind == K_CURRENT_DATE or kind == K_CURRENT_TIME

    def _parse_string(self, start: int) -> AstExpression:
        text = self.token_text()
        self.advance()
        if self.kind == T_DOT:
            return self._parse_column(text, start)
        return self._listed(AstLiteral("string", dequote(text), text, start, self.previous_end()))

    def _listed(self, literal: AstLiteral) -> AstLiteral:
        self.parts.literals.append(literal)
        return literal

    def _parse_name_operand(self, start: int) -> AstExpression:
        kind = self.kind
        if kind == K_CAST or kind == K_RAISE:
            return self.parse_special_operand()
        if self.is_current_time_ahead():
            return self.parse_literal()
        text = self.token_text()
        self.advance()
        if self.kind == T_LEFT:
            return self.parse_call(dequote(text), start)
        return self._parse_column(text, start)

    def _parse_column(self, first: str, start: int) -> AstExpression:
        """A column whose first name has been consumed."""
        name = dequote(first)
        if self.kind != T_DOT:
            return AstColumnRef(None, None, name, "" if name is first else first[0], start, self.previous_end())
        last = first
        names = [name]
        while self.kind == T_DOT and len(names) < 3:
            self.advance()
            last = self.token_text()
            names.append(self.parse_name())
        quote = last[0] if last[0] in "\"[`'" else ""
        end = self.previous_end()
        if len(names) == 2:
            return AstColumnRef(None, names[0], names[1], quote, start, end)
        return AstColumnRef(names[0], names[1], names[2], quote, start, end)

    def _parse_select_in_parentheses(self, weight: int) -> AstSelect:
        """A SELECT after the opening parenthesis; leaves the height of the expression that holds it in `height`."""
        self.open_construct(weight)
        select = self.parse_select()
        self.depth -= weight
        self.expect(T_RIGHT)
        self.height += 1
        self.check_height(self.height)
        return select

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
            if kind in BINARY_NAMES:
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
