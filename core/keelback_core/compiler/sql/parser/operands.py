"""Operands of expressions: literals, parameters, names.

Must not know: the catalog, operators. Spec: https://sqlite.org/lang_expr.html.
"""

from __future__ import annotations

from keelback_core.compiler.sql.ast.expressions import (
    AstColumnRef,
    AstCurrentTime,
    AstExists,
    AstExpression,
    AstLiteral,
    AstParameter,
)
from keelback_core.compiler.sql.keywords import (
    K_CASE,
    K_CAST,
    K_CURRENT_DATE,
    K_CURRENT_TIME,
    K_CURRENT_TIMESTAMP,
    K_EXISTS,
    K_NULL,
    K_RAISE,
    K_SELECT,
    K_VALUES,
    K_WITH,
)
from keelback_core.compiler.sql.lexer import DIGITS
from keelback_core.compiler.sql.parser.literals import is_separated_well, number_literal
from keelback_core.compiler.sql.parser.state import ParserState, dequote
from keelback_core.compiler.sql.tokens import (
    IS_OPERAND_NAME,
    T_BLOB,
    T_DOT,
    T_FLOAT,
    T_INTEGER,
    T_LEFT,
    T_RIGHT,
    T_SEPARATED_NUMBER,
    T_STRING,
    T_VARIABLE,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.compiler.sql.ast.select import AstSelect


class OperandParser(ParserState):
    """Operands; what calls, CASE and SELECT are is said by those who derive from this."""

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

    def is_select_ahead(self) -> bool:
        """Whether the current token can only begin a SELECT (after an opening parenthesis)."""
        return self.kind == K_SELECT or self.kind == K_VALUES or self.kind == K_WITH

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
