"""Calls of functions, with their FILTER and OVER, and RAISE.

Must not know: which functions there are. Spec: https://sqlite.org/windowfunctions.html.
"""

from __future__ import annotations

from keelback_core.compiler.sql.ast.expressions import AstExpression
from keelback_core.compiler.sql.ast.node import AstNode

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import ClassVar


class AstOrderTerm(AstNode):
    """A term of ORDER BY, or a column of an index, PRIMARY KEY, UNIQUE or upsert target.

    `direction` is "", "ASC" or "DESC"; `nulls` is "", "FIRST" or "LAST". `start` and `end` enclose the expression.
    """

    fields: ClassVar[tuple[str, ...]] = ("expression", "direction", "nulls")
    __slots__ = fields

    def __init__(self, expression: AstExpression, direction: str, nulls: str, start: int = -1, end: int = -1) -> None:
        super().__init__(start, end)
        self.expression = expression
        self.direction = direction
        self.nulls = nulls


class AstFrameBound(AstNode):
    """An end of a window frame; `kind` is `UNBOUNDED PRECEDING`, `PRECEDING`, `CURRENT ROW`, `FOLLOWING` or
    `UNBOUNDED FOLLOWING`; `distance` goes with PRECEDING and FOLLOWING.
    """

    fields: ClassVar[tuple[str, ...]] = ("kind", "distance")
    __slots__ = fields

    def __init__(self, kind: str, distance: AstExpression | None, start: int = -1, end: int = -1) -> None:
        super().__init__(start, end)
        self.kind = kind
        self.distance = distance


class AstFrame(AstNode):
    """`unit` is ROWS, RANGE or GROUPS; `exclude` is "", `NO OTHERS`, `CURRENT ROW`, `GROUP` or `TIES`. Without BETWEEN
    `last` is None.
    """

    fields: ClassVar[tuple[str, ...]] = ("unit", "first", "last", "exclude")
    __slots__ = fields

    def __init__(
        self,
        unit: str,
        first: AstFrameBound,
        last: AstFrameBound | None,
        exclude: str,
        start: int = -1,
        end: int = -1,
    ) -> None:
        super().__init__(start, end)
        self.unit = unit
        self.first = first
        self.last = last
        self.exclude = exclude


class AstWindow(AstNode):
    """A window: of the WINDOW clause (`name` is set), of `OVER (...)` (`name` is None), or `OVER name` (`is_reference`,
    only `name` is set).
    """

    fields: ClassVar[tuple[str, ...]] = ("name", "base", "partition_by", "order_by", "frame", "is_reference")
    __slots__ = fields

    def __init__(
        self,
        name: str | None,
        base: str | None,
        partition_by: tuple[AstExpression, ...],
        order_by: tuple[AstOrderTerm, ...],
        frame: AstFrame | None,
        is_reference: bool,
        start: int = -1,
        end: int = -1,
    ) -> None:
        super().__init__(start, end)
        self.name = name
        self.base = base
        self.partition_by = partition_by
        self.order_by = order_by
        self.frame = frame
        self.is_reference = is_reference


class AstFunctionCall(AstExpression):
    """`name([DISTINCT] arguments [ORDER BY order_by]) [FILTER (WHERE filter)] [OVER over]`, or `name(*)` with
    `is_star`. `is_within_group`: the first argument was written behind: `name(rest) WITHIN GROUP (ORDER BY first)`."""

    fields: ClassVar[tuple[str, ...]] = (
        "name",
        "arguments",
        "is_distinct",
        "is_star",
        "order_by",
        "filter",
        "over",
        "is_within_group",
    )
    __slots__ = fields

    def __init__(
        self,
        name: str,
        arguments: tuple[AstExpression, ...],
        is_distinct: bool,
        is_star: bool,
        order_by: tuple[AstOrderTerm, ...],
        filter: AstExpression | None,
        over: AstWindow | None,
        start: int = -1,
        end: int = -1,
        is_within_group: bool = False,
    ) -> None:
        super().__init__(start, end)
        self.name = name
        self.arguments = arguments
        self.is_within_group = is_within_group
        self.is_distinct = is_distinct
        self.is_star = is_star
        self.order_by = order_by
        self.filter = filter
        self.over = over


class AstRaise(AstExpression):
    """`RAISE(action[, message])`; `action` is IGNORE, ROLLBACK, ABORT or FAIL."""

    fields: ClassVar[tuple[str, ...]] = ("action", "message")
    __slots__ = fields

    def __init__(self, action: str, message: AstExpression | None, start: int = -1, end: int = -1) -> None:
        super().__init__(start, end)
        self.action = action
        self.message = message
