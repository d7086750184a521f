"""ParseLimits: how much the parser takes, as sqlite3_limit can lower it.

The defaults (and upper bounds) are those of core/spec/limits.toml. Must not know: connections.
"""

from __future__ import annotations

from keelback_core.compiler.sql.parser.limits import (
    COMPOUND_SELECT,
    EXPRESSION_DEPTH,
    FUNCTION_ARGUMENTS,
    PARSER_DEPTH,
    VARIABLE_NUMBER,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final


class ParseLimits:
    """Heights of expressions, terms of a compound SELECT (0: any number), arguments of a call, open constructs, and
    the largest number of a parameter."""

    __slots__ = ("expression_depth", "compound_select", "function_arguments", "parser_depth", "variable_number")

    def __init__(
        self,
        expression_depth: int = EXPRESSION_DEPTH,
        compound_select: int = COMPOUND_SELECT,
        function_arguments: int = FUNCTION_ARGUMENTS,
        parser_depth: int = PARSER_DEPTH,
        variable_number: int = VARIABLE_NUMBER,
    ) -> None:
        self.expression_depth = expression_depth
        self.compound_select = compound_select
        self.function_arguments = function_arguments
        self.parser_depth = parser_depth
        self.variable_number = variable_number


DEFAULT_LIMITS: Final = ParseLimits()
