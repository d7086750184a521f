"""Transactions, PRAGMA, ATTACH, maintenance and EXPLAIN.

Must not know: the catalog, which pragmas exist.
"""

from __future__ import annotations

from keelback_core.compiler.sql.ast.expressions import AstExpression
from keelback_core.compiler.sql.ast.node import AstStatement

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import ClassVar


class AstBegin(AstStatement):
    """BEGIN; `mode` is "", DEFERRED, IMMEDIATE or EXCLUSIVE."""

    fields: ClassVar[tuple[str, ...]] = ("mode",)
    __slots__ = fields

    def __init__(self, mode: str, start: int = -1, end: int = -1) -> None:
        super().__init__(start, end)
        self.mode = mode


class AstCommit(AstStatement):
    """COMMIT or END."""

    __slots__ = ()


class AstRollback(AstStatement):
    """ROLLBACK, or ROLLBACK TO savepoint."""

    fields: ClassVar[tuple[str, ...]] = ("savepoint",)
    __slots__ = fields

    def __init__(self, savepoint: str | None, start: int = -1, end: int = -1) -> None:
        super().__init__(start, end)
        self.savepoint = savepoint


class AstSavepoint(AstStatement):
    """SAVEPOINT name."""

    fields: ClassVar[tuple[str, ...]] = ("name",)
    __slots__ = fields

    def __init__(self, name: str, start: int = -1, end: int = -1) -> None:
        super().__init__(start, end)
        self.name = name


class AstRelease(AstStatement):
    """RELEASE name."""

    fields: ClassVar[tuple[str, ...]] = ("name",)
    __slots__ = fields

    def __init__(self, name: str, start: int = -1, end: int = -1) -> None:
        super().__init__(start, end)
        self.name = name


class AstPragma(AstStatement):
    """`PRAGMA [schema.]name`, `= value` or `(value)`. `value` is None when absent, else the text of the value,
    dequoted if it was a string or quoted name, with a leading `-` for negative numbers; `is_call` tells the form
    with parentheses.
    """

    fields: ClassVar[tuple[str, ...]] = ("schema", "name", "value", "is_call")
    __slots__ = fields

    def __init__(
        self, schema: str | None, name: str, value: str | None, is_call: bool, start: int = -1, end: int = -1
    ) -> None:
        super().__init__(start, end)
        self.schema = schema
        self.name = name
        self.value = value
        self.is_call = is_call


class AstAttach(AstStatement):
    """ATTACH file AS schema [KEY key]; a bare name in these expressions stands for a string."""

    fields: ClassVar[tuple[str, ...]] = ("file", "schema", "key")
    __slots__ = fields

    def __init__(
        self, file: AstExpression, schema: AstExpression, key: AstExpression | None, start: int = -1, end: int = -1
    ) -> None:
        super().__init__(start, end)
        self.file = file
        self.schema = schema
        self.key = key


class AstDetach(AstStatement):
    """DETACH schema."""

    fields: ClassVar[tuple[str, ...]] = ("schema",)
    __slots__ = fields

    def __init__(self, schema: AstExpression, start: int = -1, end: int = -1) -> None:
        super().__init__(start, end)
        self.schema = schema


class AstAnalyze(AstStatement):
    """ANALYZE [[schema.]name]; `name` is None for all."""

    fields: ClassVar[tuple[str, ...]] = ("schema", "name")
    __slots__ = fields

    def __init__(self, schema: str | None, name: str | None, start: int = -1, end: int = -1) -> None:
        super().__init__(start, end)
        self.schema = schema
        self.name = name


class AstReindex(AstStatement):
    """REINDEX [[schema.]name]; `name` is None for all."""

    fields: ClassVar[tuple[str, ...]] = ("schema", "name")
    __slots__ = fields

    def __init__(self, schema: str | None, name: str | None, start: int = -1, end: int = -1) -> None:
        super().__init__(start, end)
        self.schema = schema
        self.name = name


class AstVacuum(AstStatement):
    """VACUUM [schema] [INTO into]."""

    fields: ClassVar[tuple[str, ...]] = ("schema", "into")
    __slots__ = fields

    def __init__(self, schema: str | None, into: AstExpression | None, start: int = -1, end: int = -1) -> None:
        super().__init__(start, end)
        self.schema = schema
        self.into = into


class AstExplain(AstStatement):
    """EXPLAIN, or EXPLAIN QUERY PLAN, before another statement."""

    fields: ClassVar[tuple[str, ...]] = ("is_query_plan", "statement")
    __slots__ = fields

    def __init__(self, is_query_plan: bool, statement: AstStatement, start: int = -1, end: int = -1) -> None:
        super().__init__(start, end)
        self.is_query_plan = is_query_plan
        self.statement = statement
