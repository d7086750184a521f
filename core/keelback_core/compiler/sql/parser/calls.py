"""Function calls with their windows, CASE, CAST, RAISE, and ORDER BY terms.

Must not know: which functions exist, which are aggregates. Spec: https://sqlite.org/lang_expr.html,
https://sqlite.org/windowfunctions.html.
"""

from __future__ import annotations

from keelback_core.compiler.sql.ast.calls import (
    AstFrame,
    AstFrameBound,
    AstFunctionCall,
    AstOrderTerm,
    AstRaise,
    AstWindow,
)
from keelback_core.compiler.sql.ast.expressions import AstCase, AstCast, AstExpression, AstWhen
from keelback_core.compiler.sql.keywords import (
    K_ABORT,
    K_ALL,
    K_AND,
    K_AS,
    K_ASC,
    K_BETWEEN,
    K_BY,
    K_CASE,
    K_CAST,
    K_CURRENT,
    K_DESC,
    K_DISTINCT,
    K_ELSE,
    K_END,
    K_EXCLUDE,
    K_FAIL,
    K_FILTER,
    K_FIRST,
    K_FOLLOWING,
    K_GROUP,
    K_GROUPS,
    K_IGNORE,
    K_LAST,
    K_NO,
    K_NULLS,
    K_ORDER,
    K_OTHERS,
    K_OVER,
    K_PARTITION,
    K_PRECEDING,
    K_RANGE,
    K_ROLLBACK,
    K_ROW,
    K_ROWS,
    K_THEN,
    K_TIES,
    K_UNBOUNDED,
    K_WHEN,
    K_WHERE,
)
from keelback_core.compiler.sql.parser.expr import ExpressionParser
from keelback_core.compiler.sql.parser.state import dequote_head
from keelback_core.compiler.sql.tokens import (
    IS_ALIAS,
    IS_NAME,
    T_COMMA,
    T_FLOAT,
    T_IDENTIFIER,
    T_INTEGER,
    T_LEFT,
    T_MINUS,
    T_PLUS,
    T_RIGHT,
    T_STAR,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

FRAME_UNITS: Final = {K_ROWS: "ROWS", K_RANGE: "RANGE", K_GROUPS: "GROUPS"}
FRAME_ORDER: Final = {
    "UNBOUNDED PRECEDING": 0,
    "PRECEDING": 1,
    "CURRENT ROW": 2,
    "FOLLOWING": 3,
    "UNBOUNDED FOLLOWING": 4,
}


class CallParser(ExpressionParser):
    """Operands that begin with a word and go on in parentheses."""

    __slots__ = ()

    # functions

    def parse_call(self, name: str, start: int) -> AstExpression:
        """The call of a function whose name has been consumed; the current token is the opening parenthesis."""
        self.advance()
        arguments: list[AstExpression] = []
        order_by: tuple[AstOrderTerm, ...] = ()
        is_distinct = False
        is_star = False
        height = 0
        if self.kind == T_STAR:
            is_star = True
            self.advance()
        elif self.kind != T_RIGHT:
            if self.kind == K_DISTINCT or self.kind == K_ALL:
                is_distinct = self.kind == K_DISTINCT
                self.advance()
            self.open_construct(3)
            if self.kind != K_ORDER and self.kind != T_RIGHT:
                arguments = self.parse_expressions()
                height = self.height
            if self.kind == K_ORDER:
                order_by = self.parse_order_by()
                height = max(height, self.height)
            self.depth -= 3
        self.expect(T_RIGHT)
        is_within_group = self._is_within_group()
        if is_within_group:
            arguments.insert(0, self._parse_within_group())
            height = max(height, self.height)
        self.check_height(height + 1)
        condition = self._parse_filter()
        over = self._parse_over()
        if len(arguments) > self.limits.function_arguments:
            self.report(f"too many arguments on function {name}", start)
        if over is not None and order_by and arguments:
            self.report(f"ORDER BY may not be used with non-aggregate {name}()", start)
        if not arguments:
            # SQLite forgets the order of what has no arguments.
            order_by = ()
        if over is not None and is_distinct:
            self.report("DISTINCT is not supported for window functions")
        self.height = height + 1
        return AstFunctionCall(
            name,
            tuple(arguments),
            is_distinct,
            is_star,
            order_by,
            condition,
            over,
            start,
            self.previous_end(),
            is_within_group,
        )

    def _is_within_group(self) -> bool:
        """WITHIN is no keyword: it may be an alias before a GROUP BY."""
        if self.kind != T_IDENTIFIER or self.peek_kind() != K_GROUP:
            return False
        return self.kinds[self.position + 2] == T_LEFT and self.token_text().upper() == "WITHIN"

    def _parse_within_group(self) -> AstExpression:
        """WITHIN GROUP (ORDER BY expression)."""
        for kind in (T_IDENTIFIER, K_GROUP, T_LEFT, K_ORDER, K_BY):
            self.expect(kind)
        self.open_construct(5)
        ordered = self.parse_expression()
        self.depth -= 5
        self.expect(T_RIGHT)
        return ordered

    def _parse_filter(self) -> AstExpression | None:
        if self.kind != K_FILTER:
            return None
        self.advance()
        self.expect(T_LEFT)
        self.expect(K_WHERE)
        self.open_construct(4)
        condition = self.parse_expression()
        self.depth -= 4
        self.expect(T_RIGHT)
        return condition

    def _parse_over(self) -> AstWindow | None:
        if self.kind != K_OVER:
            return None
        self.advance()
        start = self.start()
        if self.kind == T_LEFT:
            self.advance()
            return self.parse_window(None, start)
        name = self.parse_name()
        return AstWindow(name, None, (), (), None, True, start, self.previous_end())

    # windows

    def parse_window(self, name: str | None, start: int) -> AstWindow:
        """A window definition after its opening parenthesis, and the closing one."""
        self.open_construct(3)
        base: str | None = None
        kind = self.kind
        if kind != K_PARTITION and kind != K_ORDER and kind not in FRAME_UNITS and IS_NAME[kind]:
            base = self.parse_name()
        partition_by: tuple[AstExpression, ...] = ()
        order_by: tuple[AstOrderTerm, ...] = ()
        if self.accept(K_PARTITION):
            self.expect(K_BY)
            partition_by = tuple(self.parse_expressions())
        if self.kind == K_ORDER:
            order_by = self.parse_order_by()
        frame = self._parse_frame() if self.kind in FRAME_UNITS else None
        self.expect(T_RIGHT)
        self.depth -= 3
        return AstWindow(name, base, partition_by, order_by, frame, False, start, self.previous_end())

    def _parse_frame(self) -> AstFrame:
        start = self.start()
        unit = FRAME_UNITS[self.kind]
        self.advance()
        last: AstFrameBound | None = None
        if self.accept(K_BETWEEN):
            first = self._parse_frame_bound(K_PRECEDING)
            self.expect(K_AND)
            last = self._parse_frame_bound(K_FOLLOWING)
        else:
            first = self._parse_frame_bound(K_PRECEDING)
        exclude = self._parse_exclude() if self.accept(K_EXCLUDE) else ""
        last_order = 2 if last is None else FRAME_ORDER[last.kind]
        if FRAME_ORDER[first.kind] > last_order:
            self.report("unsupported frame specification")
        return AstFrame(unit, first, last, exclude, start, self.previous_end())

    def _parse_frame_bound(self, unbounded_side: int) -> AstFrameBound:
        """One end of a frame; UNBOUNDED is PRECEDING at the first end and FOLLOWING at the last."""
        start = self.start()
        if self.accept(K_UNBOUNDED):
            self.expect(unbounded_side)
            kind = "UNBOUNDED PRECEDING" if unbounded_side == K_PRECEDING else "UNBOUNDED FOLLOWING"
            return AstFrameBound(kind, None, start, self.previous_end())
        if self.accept(K_CURRENT):
            self.expect(K_ROW)
            return AstFrameBound("CURRENT ROW", None, start, self.previous_end())
        distance = self.parse_expression()
        if self.accept(K_PRECEDING):
            return AstFrameBound("PRECEDING", distance, start, self.previous_end())
        self.expect(K_FOLLOWING)
        return AstFrameBound("FOLLOWING", distance, start, self.previous_end())

    def _parse_exclude(self) -> str:
        if self.accept(K_NO):
            self.expect(K_OTHERS)
            return "NO OTHERS"
        if self.accept(K_CURRENT):
            self.expect(K_ROW)
            return "CURRENT ROW"
        if self.accept(K_GROUP):
            return "GROUP"
        self.expect(K_TIES)
        return "TIES"

    # ORDER BY

    def parse_order_by(self) -> tuple[AstOrderTerm, ...]:
        """ORDER BY and its terms; leaves the greatest height in `height`."""
        self.advance()
        self.expect(K_BY)
        return self.parse_order_terms()

    def refuse_nulls_order(self, terms: tuple[AstOrderTerm, ...]) -> None:
        """NULLS FIRST|LAST is parsed in the columns of an index or a key, and is then an error."""
        for term in terms:
            if term.nulls:
                self.report(f"unsupported use of NULLS {term.nulls}")

    def parse_order_terms(self) -> tuple[AstOrderTerm, ...]:
        """`expression [ASC|DESC] [NULLS FIRST|LAST], ...`.

        Leaves the greatest height in `height`.
        """
        terms: list[AstOrderTerm] = []
        height = 0
        while True:
            start = self.start()
            expression = self.parse_expression()
            height = max(height, self.height)
            end = self.previous_end()
            direction = self.parse_direction()
            nulls = ""
            if self.accept(K_NULLS):
                if self.accept(K_FIRST):
                    nulls = "FIRST"
                else:
                    self.expect(K_LAST)
                    nulls = "LAST"
            terms.append(AstOrderTerm(expression, direction, nulls, start, end))
            if self.kind != T_COMMA:
                break
            self.advance()
        self.height = height
        return tuple(terms)

    def parse_direction(self) -> str:
        """`[ASC|DESC]`."""
        if self.accept(K_ASC):
            return "ASC"
        return "DESC" if self.accept(K_DESC) else ""

    # CASE, CAST, RAISE

    def parse_special_operand(self) -> AstExpression:
        """CASE, CAST or RAISE at the current token; leaves the height in `height`."""
        if self.kind == K_CASE:
            return self._parse_case()
        return self._parse_cast() if self.kind == K_CAST else self._parse_raise()

    def _parse_case(self) -> AstExpression:
        start = self.start()
        self.advance()
        operand: AstExpression | None = None
        height = 0
        if self.kind != K_WHEN:
            self.open_construct(1)
            operand = self.parse_expression()
            self.depth -= 1
            height = self.height
        branches: list[AstWhen] = []
        if self.kind != K_WHEN:
            raise self.unexpected()
        while self.kind == K_WHEN:
            branches.append(self._parse_when())
            height = max(height, self.height)
        otherwise: AstExpression | None = None
        if self.accept(K_ELSE):
            self.open_construct(4)
            otherwise = self.parse_expression()
            self.depth -= 4
            height = max(height, self.height)
        self.expect(K_END)
        self.height = height + 1
        self.check_height(self.height)
        return AstCase(operand, tuple(branches), otherwise, start, self.previous_end())

    def _parse_when(self) -> AstWhen:
        start = self.start()
        self.advance()
        self.open_construct(3)
        condition = self.parse_expression()
        height = self.height
        self.expect(K_THEN)
        self.depth += 2
        result = self.parse_expression()
        self.depth -= 5
        self.height = max(height, self.height)
        return AstWhen(condition, result, start, self.previous_end())

    def _parse_cast(self) -> AstExpression:
        start = self.start()
        self.advance()
        self.expect(T_LEFT)
        self.open_construct(2)
        operand = self.parse_expression()
        self.depth -= 2
        self.expect(K_AS)
        type_text = self.parse_type_text()
        self.expect(T_RIGHT)
        self.height += 1
        self.check_height(self.height)
        type_text = dequote_head(type_text)
        return AstCast(operand, type_text, start, self.previous_end())

    def parse_type_text(self) -> str:
        """The source of a declared type, perhaps empty: words, then `(number)` or `(number, number)`."""
        start = self.start()
        if not IS_ALIAS[self.kind]:
            return ""
        while IS_ALIAS[self.kind]:
            self.advance()
        if self.accept(T_LEFT):
            self._parse_signed_number()
            if self.accept(T_COMMA):
                self._parse_signed_number()
            self.expect(T_RIGHT)
        return self.text[start : self.previous_end()]

    def _parse_signed_number(self) -> None:
        if self.kind == T_PLUS or self.kind == T_MINUS:
            self.advance()
        if self.kind != T_INTEGER and self.kind != T_FLOAT:
            raise self.unexpected()
        self.advance()

    def _parse_raise(self) -> AstExpression:
        start = self.start()
        self.advance()
        self.expect(T_LEFT)
        message: AstExpression | None = None
        if self.accept(K_IGNORE):
            action = "IGNORE"
            self.height = 0
        else:
            if self.kind != K_ROLLBACK and self.kind != K_ABORT and self.kind != K_FAIL:
                raise self.unexpected()
            action = self.token_text().upper()
            self.advance()
            self.expect(T_COMMA)
            self.open_construct(4)
            message = self.parse_expression()
            self.depth -= 4
        self.expect(T_RIGHT)
        self.height += 1
        return AstRaise(action, message, start, self.previous_end())
