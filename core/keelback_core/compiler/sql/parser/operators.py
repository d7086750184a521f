"""Operators: their levels of precedence and their forms, and the stacks of an expression being parsed.

Must not know: tokens' text, operands. Spec: https://sqlite.org/lang_expr.html#operators_and_parse_affecting_attributes.
"""

from __future__ import annotations

from keelback_core.compiler.sql.ast.expressions import AstExpression
from keelback_core.compiler.sql.keywords import (
    K_AND,
    K_BETWEEN,
    K_COLLATE,
    K_GLOB,
    K_IN,
    K_IS,
    K_ISNULL,
    K_LIKE,
    K_MATCH,
    K_NOT,
    K_NOTNULL,
    K_OR,
    K_REGEXP,
)
from keelback_core.compiler.sql.tokens import (
    KIND_COUNT,
    T_AMPERSAND,
    T_ARROW,
    T_CONCAT,
    T_EQUAL,
    T_GREATER,
    T_GREATER_EQUAL,
    T_LESS,
    T_LESS_EQUAL,
    T_MINUS,
    T_NOT_EQUAL,
    T_PERCENT,
    T_PIPE,
    T_PLUS,
    T_SHIFT_LEFT,
    T_SHIFT_RIGHT,
    T_SLASH,
    T_STAR,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

LEVEL_BARRIER: Final = 0
LEVEL_OR: Final = 1
LEVEL_AND: Final = 2
LEVEL_NOT: Final = 3
LEVEL_EQUALITY: Final = 4
LEVEL_COMPARISON: Final = 5
LEVEL_BITS: Final = 7
LEVEL_SUM: Final = 8
LEVEL_PRODUCT: Final = 9
LEVEL_CONCAT: Final = 10
LEVEL_COLLATE: Final = 11
LEVEL_UNARY: Final = 12

_NAMES: Final = {
    K_OR: "OR",
    K_AND: "AND",
    T_EQUAL: "=",
    T_NOT_EQUAL: "<>",
    T_LESS: "<",
    T_LESS_EQUAL: "<=",
    T_GREATER: ">",
    T_GREATER_EQUAL: ">=",
    T_AMPERSAND: "&",
    T_PIPE: "|",
    T_SHIFT_LEFT: "<<",
    T_SHIFT_RIGHT: ">>",
    T_PLUS: "+",
    T_MINUS: "-",
    T_STAR: "*",
    T_SLASH: "/",
    T_PERCENT: "%",
    T_CONCAT: "||",
}
LIKE_NAMES: Final = {K_LIKE: "LIKE", K_GLOB: "GLOB", K_REGEXP: "REGEXP", K_MATCH: "MATCH"}

FORM_PARENTHESIS: Final = 0
FORM_ROW: Final = 1
FORM_BETWEEN_LOW: Final = 2
FORM_UNARY: Final = 3
FORM_BINARY: Final = 4
FORM_LIKE: Final = 5
FORM_LIKE_ESCAPE: Final = 6
FORM_BETWEEN: Final = 7


def _binary_names() -> list[str]:
    names = [""] * KIND_COUNT
    for kind, name in _NAMES.items():
        names[kind] = name
    return names


def _binary_levels() -> list[int]:
    levels = [-1] * KIND_COUNT
    table = (
        (LEVEL_OR, (K_OR,)),
        (LEVEL_AND, (K_AND,)),
        (LEVEL_NOT, (K_NOT,)),
        (LEVEL_EQUALITY, (T_EQUAL, T_NOT_EQUAL, K_IS, K_IN, K_BETWEEN, K_ISNULL, K_NOTNULL, *LIKE_NAMES)),
        (LEVEL_COMPARISON, (T_LESS, T_LESS_EQUAL, T_GREATER, T_GREATER_EQUAL)),
        (LEVEL_BITS, (T_AMPERSAND, T_PIPE, T_SHIFT_LEFT, T_SHIFT_RIGHT)),
        (LEVEL_SUM, (T_PLUS, T_MINUS)),
        (LEVEL_PRODUCT, (T_STAR, T_SLASH, T_PERCENT)),
        (LEVEL_CONCAT, (T_CONCAT, T_ARROW)),
        (LEVEL_COLLATE, (K_COLLATE,)),
    )
    for level, kinds in table:
        for kind in kinds:
            levels[kind] = level
    return levels


# By the kind of token: the operators that are one token between two operands; the levels of all, -1 for no operator.
BINARY_NAMES: Final = _binary_names()
BINARY_LEVELS: Final = _binary_levels()


class OpenOperator:
    """An operator or parenthesis that waits for its last operand.

    `form` is one of FORM_*; `level` its precedence (0 for what only a certain token can close); `items` collects the
    finished items of a row value.
    """

    __slots__ = ("form", "is_negated", "items", "items_height", "level", "name", "start", "weight")

    def __init__(self, form: int, level: int, name: str, start: int, weight: int, is_negated: bool = False) -> None:
        self.form = form
        self.level = level
        self.name = name
        self.start = start
        self.weight = weight
        self.is_negated = is_negated
        self.items: list[AstExpression] = []
        self.items_height = 0


class ExpressionStack:
    """The operands and open operators of one expression that is being parsed."""

    __slots__ = ("heights", "operands", "operators")

    def __init__(self) -> None:
        self.operands: list[AstExpression] = []
        self.heights: list[int] = []
        self.operators: list[OpenOperator] = []
