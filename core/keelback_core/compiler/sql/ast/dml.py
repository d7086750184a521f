"""INSERT, UPDATE and DELETE.

1. `conflict` is "" or one of ROLLBACK, ABORT, FAIL, IGNORE, REPLACE; REPLACE INTO is INSERT OR REPLACE.
2. `returning` is empty when there is no RETURNING.

Must not know: the catalog, what a name resolves to.
"""

from __future__ import annotations

from keelback_core.compiler.sql.ast.calls import AstOrderTerm
from keelback_core.compiler.sql.ast.expressions import AstExpression
from keelback_core.compiler.sql.ast.node import AstNode, AstStatement
from keelback_core.compiler.sql.ast.select import AstFromItem, AstResultColumn, AstSelect, AstStar, AstWith

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import ClassVar


class AstTarget(AstNode):
    """The table that a data-changing statement changes."""

    fields: ClassVar[tuple[str, ...]] = ("schema", "name", "alias", "indexed_by", "is_not_indexed")
    __slots__ = fields

    def __init__(
        self,
        schema: str | None,
        name: str,
        alias: str | None,
        indexed_by: str | None,
        is_not_indexed: bool,
        start: int = -1,
        end: int = -1,
    ) -> None:
        super().__init__(start, end)
        self.schema = schema
        self.name = name
        self.alias = alias
        self.indexed_by = indexed_by
        self.is_not_indexed = is_not_indexed


class AstAssignment(AstNode):
    """`column = value`, or `(columns) = value` when `is_row` (which may have a single column)."""

    fields: ClassVar[tuple[str, ...]] = ("columns", "is_row", "value")
    __slots__ = fields

    def __init__(
        self, columns: tuple[str, ...], is_row: bool, value: AstExpression, start: int = -1, end: int = -1
    ) -> None:
        super().__init__(start, end)
        self.columns = columns
        self.is_row = is_row
        self.value = value


class AstUpsert(AstNode):
    """One ON CONFLICT clause. `target` is empty when no target is given; `assignments` is None for DO NOTHING."""

    fields: ClassVar[tuple[str, ...]] = ("target", "target_where", "assignments", "where")
    __slots__ = fields

    def __init__(
        self,
        target: tuple[AstOrderTerm, ...],
        target_where: AstExpression | None,
        assignments: tuple[AstAssignment, ...] | None,
        where: AstExpression | None,
        start: int = -1,
        end: int = -1,
    ) -> None:
        super().__init__(start, end)
        self.target = target
        self.target_where = target_where
        self.assignments = assignments
        self.where = where


class AstInsert(AstStatement):
    """`columns` is None when no list is given; `source` is None for DEFAULT VALUES."""

    fields: ClassVar[tuple[str, ...]] = (
        "with_clause",
        "conflict",
        "target",
        "columns",
        "source",
        "upserts",
        "returning",
    )
    __slots__ = fields

    def __init__(
        self,
        with_clause: AstWith | None,
        conflict: str,
        target: AstTarget,
        columns: tuple[str, ...] | None,
        source: AstSelect | None,
        upserts: tuple[AstUpsert, ...],
        returning: tuple[AstResultColumn | AstStar, ...],
        start: int = -1,
        end: int = -1,
    ) -> None:
        super().__init__(start, end)
        self.with_clause = with_clause
        self.conflict = conflict
        self.target = target
        self.columns = columns
        self.source = source
        self.upserts = upserts
        self.returning = returning


class AstUpdate(AstStatement):
    """UPDATE, with FROM."""

    fields: ClassVar[tuple[str, ...]] = (
        "with_clause",
        "conflict",
        "target",
        "assignments",
        "from_items",
        "where",
        "returning",
    )
    __slots__ = fields

    def __init__(
        self,
        with_clause: AstWith | None,
        conflict: str,
        target: AstTarget,
        assignments: tuple[AstAssignment, ...],
        from_items: tuple[AstFromItem, ...],
        where: AstExpression | None,
        returning: tuple[AstResultColumn | AstStar, ...],
        start: int = -1,
        end: int = -1,
    ) -> None:
        super().__init__(start, end)
        self.with_clause = with_clause
        self.conflict = conflict
        self.target = target
        self.assignments = assignments
        self.from_items = from_items
        self.where = where
        self.returning = returning


class AstDelete(AstStatement):
    """DELETE."""

    fields: ClassVar[tuple[str, ...]] = ("with_clause", "target", "where", "returning")
    __slots__ = fields

    def __init__(
        self,
        with_clause: AstWith | None,
        target: AstTarget,
        where: AstExpression | None,
        returning: tuple[AstResultColumn | AstStar, ...],
        start: int = -1,
        end: int = -1,
    ) -> None:
        super().__init__(start, end)
        self.with_clause = with_clause
        self.target = target
        self.where = where
        self.returning = returning
