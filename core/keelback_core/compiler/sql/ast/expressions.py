"""Expressions of the SQL syntax tree; calls of functions and their windows are in calls.py.

1. Parentheses leave no node: `(a)` is `a`; a parenthesised list of two or more is an `AstRowValue`.
2. Operators that mean the same have one spelling: `==` is `=`, `!=` is `<>`, IS [NOT] DISTINCT FROM is IS NOT / IS.
3. Names are dequoted; whether and how a name was quoted is kept where the meaning may depend on it.

Must not know: the catalog, what a name resolves to.
"""

from __future__ import annotations

from keelback_core.compiler.sql.ast.node import AstNode

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import ClassVar

    from keelback_core.compiler.sql.ast.select import AstSelect


class AstExpression(AstNode):
    """Base of all expressions."""

    __slots__ = ()


class AstLiteral(AstExpression):
    """A literal.

    `kind` is "integer", "float", "string", "blob", "null", or one of two oversized kinds: "big_integer" is a
    decimal integer beyond 64 bits (`value` is the REAL it becomes; under a unary minus 9223372036854775808 is still
    an integer), "big_hex" a hexadecimal one (`value` is None; the binder raises "hex literal too big: ..."). `text`
    is the source spelling (digit separators `_` removed from numbers). `is_examined`: something has looked at the value
    or the spelling, so that the Program may depend on it (emit/lifting.py); the kind may be looked at freely.
    `is_size_examined`: something has asked whether the value is -1, 0 or 1, which estimates depend on. `may_be_free`:
    the statement is compiled so that it can be lifted; then `loaded_sign` says how it is loaded (emit/literal_loads.py)
    and `hidden_parameter` what it is loaded from, 0 where it is not lifted. `register` and `negated_register`: where
    the program has it, and with a minus before it; 0 where it has not.
    """

    __slots__ = (
        "kind",
        "value_to_load",
        "spelling",
        "is_examined",
        "is_size_examined",
        "may_be_free",
        "loaded_sign",
        "hidden_parameter",
        "register",
        "negated_register",
    )
    fields: ClassVar[tuple[str, ...]] = ("kind", "value", "text")
    is_leaf: ClassVar[bool] = True

    def __init__(
        self, kind: str, value: int | float | str | bytes | None, text: str, start: int = -1, end: int = -1
    ) -> None:
        super().__init__(start, end)
        self.kind = kind
        self.value_to_load = value
        self.spelling = text
        self.is_examined = False
        self.is_size_examined = False
        self.may_be_free = False
        self.loaded_sign = 0
        self.hidden_parameter = 0
        self.register = 0
        self.negated_register = 0

    def begin_lifting(self) -> None:
        """Be compiled as what may be lifted, as if nobody had looked at it yet."""
        self.is_examined = False
        self.is_size_examined = False
        self.may_be_free = True
        self.loaded_sign = 0
        self.hidden_parameter = 0
        self.register = 0
        self.negated_register = 0

    @property
    def value(self) -> int | float | str | bytes | None:
        """The value, for whoever decides by it. Who only hands it on takes `value_to_load`."""
        self.is_examined = True
        return self.value_to_load

    @property
    def text(self) -> str:
        """The source spelling, for whoever decides by it."""
        self.is_examined = True
        return self.spelling


class AstCurrentTime(AstExpression):
    """CURRENT_DATE, CURRENT_TIME or CURRENT_TIMESTAMP; `keyword` is in upper case."""

    fields: ClassVar[tuple[str, ...]] = ("keyword",)
    __slots__ = fields

    def __init__(self, keyword: str, start: int = -1, end: int = -1) -> None:
        super().__init__(start, end)
        self.keyword = keyword


class AstParameter(AstExpression):
    """A bound parameter; `text` is its spelling: `?`, `?12`, `:name`, `@name`, `$name::part(suffix)`."""

    fields: ClassVar[tuple[str, ...]] = ("text",)
    __slots__ = fields

    def __init__(self, text: str, start: int = -1, end: int = -1) -> None:
        super().__init__(start, end)
        self.text = text


class AstColumnRef(AstExpression):
    """A name in an expression: `column`, `table.column` or `schema.table.column`.

    `quote` is the quoting character of the column name: "" (none), '"', "[" or "`". Unquoted and unqualified TRUE and
    FALSE, and a double-quoted unqualified name that may turn out to be a string, are the binder's business.
    """

    fields: ClassVar[tuple[str, ...]] = ("schema", "table", "column", "quote")
    __slots__ = fields

    def __init__(
        self, schema: str | None, table: str | None, column: str, quote: str, start: int = -1, end: int = -1
    ) -> None:
        super().__init__(start, end)
        self.schema = schema
        self.table = table
        self.column = column
        self.quote = quote


class AstUnary(AstExpression):
    """`operator` is one of `-`, `+`, `~`, `NOT`."""

    fields: ClassVar[tuple[str, ...]] = ("operator", "operand")
    __slots__ = fields

    def __init__(self, operator: str, operand: AstExpression, start: int = -1, end: int = -1) -> None:
        super().__init__(start, end)
        self.operator = operator
        self.operand = operand


class AstBinary(AstExpression):
    """`operator` is one of `OR AND = <> < <= > >= IS` `IS NOT` `& | << >> + - * / % || -> ->>`."""

    fields: ClassVar[tuple[str, ...]] = ("operator", "left", "right")
    __slots__ = fields

    def __init__(
        self, operator: str, left: AstExpression, right: AstExpression, start: int = -1, end: int = -1
    ) -> None:
        super().__init__(start, end)
        self.operator = operator
        self.left = left
        self.right = right


class AstIsNull(AstExpression):
    """`x ISNULL`, or `x NOTNULL` / `x NOT NULL` when negated (IS NULL is an `AstBinary` with IS)."""

    fields: ClassVar[tuple[str, ...]] = ("operand", "is_negated")
    __slots__ = fields

    def __init__(self, operand: AstExpression, is_negated: bool, start: int = -1, end: int = -1) -> None:
        super().__init__(start, end)
        self.operand = operand
        self.is_negated = is_negated


class AstLike(AstExpression):
    """`operator` is LIKE, GLOB, REGEXP or MATCH: `left operator right [ESCAPE escape]`."""

    fields: ClassVar[tuple[str, ...]] = ("operator", "left", "right", "escape", "is_negated")
    __slots__ = fields

    def __init__(
        self,
        operator: str,
        left: AstExpression,
        right: AstExpression,
        escape: AstExpression | None,
        is_negated: bool,
        start: int = -1,
        end: int = -1,
    ) -> None:
        super().__init__(start, end)
        self.operator = operator
        self.left = left
        self.right = right
        self.escape = escape
        self.is_negated = is_negated


class AstBetween(AstExpression):
    """`operand [NOT] BETWEEN low AND high`."""

    fields: ClassVar[tuple[str, ...]] = ("operand", "low", "high", "is_negated")
    __slots__ = fields

    def __init__(
        self,
        operand: AstExpression,
        low: AstExpression,
        high: AstExpression,
        is_negated: bool,
        start: int = -1,
        end: int = -1,
    ) -> None:
        super().__init__(start, end)
        self.operand = operand
        self.low = low
        self.high = high
        self.is_negated = is_negated


class AstInList(AstExpression):
    """`operand [NOT] IN (items)`; the list may be empty."""

    fields: ClassVar[tuple[str, ...]] = ("operand", "items", "is_negated")
    __slots__ = fields

    def __init__(
        self,
        operand: AstExpression,
        items: tuple[AstExpression, ...],
        is_negated: bool,
        start: int = -1,
        end: int = -1,
    ) -> None:
        super().__init__(start, end)
        self.operand = operand
        self.items = items
        self.is_negated = is_negated


class AstInSelect(AstExpression):
    """`operand [NOT] IN (SELECT ...)`."""

    fields: ClassVar[tuple[str, ...]] = ("operand", "select", "is_negated")
    __slots__ = fields

    def __init__(
        self, operand: AstExpression, select: AstSelect, is_negated: bool, start: int = -1, end: int = -1
    ) -> None:
        super().__init__(start, end)
        self.operand = operand
        self.select = select
        self.is_negated = is_negated


class AstInTable(AstExpression):
    """`operand [NOT] IN [schema.]table` or `... IN [schema.]function(arguments)`; `arguments` is None for a table."""

    fields: ClassVar[tuple[str, ...]] = ("operand", "schema", "table", "arguments", "is_negated")
    __slots__ = fields

    def __init__(
        self,
        operand: AstExpression,
        schema: str | None,
        table: str,
        arguments: tuple[AstExpression, ...] | None,
        is_negated: bool,
        start: int = -1,
        end: int = -1,
    ) -> None:
        super().__init__(start, end)
        self.operand = operand
        self.schema = schema
        self.table = table
        self.arguments = arguments
        self.is_negated = is_negated


class AstExists(AstExpression):
    """`EXISTS (SELECT ...)`; NOT EXISTS is an `AstUnary` around it."""

    fields: ClassVar[tuple[str, ...]] = ("select",)
    __slots__ = fields

    def __init__(self, select: AstSelect, start: int = -1, end: int = -1) -> None:
        super().__init__(start, end)
        self.select = select


class AstSubquery(AstExpression):
    """`(SELECT ...)` as an expression."""

    fields: ClassVar[tuple[str, ...]] = ("select",)
    __slots__ = fields

    def __init__(self, select: AstSelect, start: int = -1, end: int = -1) -> None:
        super().__init__(start, end)
        self.select = select


class AstRowValue(AstExpression):
    """`(a, b, ...)` with two or more items."""

    fields: ClassVar[tuple[str, ...]] = ("items",)
    __slots__ = fields

    def __init__(self, items: tuple[AstExpression, ...], start: int = -1, end: int = -1) -> None:
        super().__init__(start, end)
        self.items = items


class AstCollate(AstExpression):
    """`operand COLLATE collation`."""

    fields: ClassVar[tuple[str, ...]] = ("operand", "collation")
    __slots__ = fields

    def __init__(self, operand: AstExpression, collation: str, start: int = -1, end: int = -1) -> None:
        super().__init__(start, end)
        self.operand = operand
        self.collation = collation


class AstCast(AstExpression):
    """`CAST(operand AS type_text)`; the type text may be empty."""

    fields: ClassVar[tuple[str, ...]] = ("operand", "type_text")
    __slots__ = fields

    def __init__(self, operand: AstExpression, type_text: str, start: int = -1, end: int = -1) -> None:
        super().__init__(start, end)
        self.operand = operand
        self.type_text = type_text


class AstWhen(AstNode):
    """One WHEN condition THEN result of a CASE."""

    fields: ClassVar[tuple[str, ...]] = ("condition", "result")
    __slots__ = fields

    def __init__(self, condition: AstExpression, result: AstExpression, start: int = -1, end: int = -1) -> None:
        super().__init__(start, end)
        self.condition = condition
        self.result = result


class AstCase(AstExpression):
    """`CASE [operand] WHEN ... [ELSE otherwise] END`."""

    fields: ClassVar[tuple[str, ...]] = ("operand", "branches", "otherwise")
    __slots__ = fields

    def __init__(
        self,
        operand: AstExpression | None,
        branches: tuple[AstWhen, ...],
        otherwise: AstExpression | None,
        start: int = -1,
        end: int = -1,
    ) -> None:
        super().__init__(start, end)
        self.operand = operand
        self.branches = branches
        self.otherwise = otherwise
