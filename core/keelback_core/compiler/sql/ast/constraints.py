"""Constraints of columns and tables in CREATE TABLE.

1. `name` is the one given by CONSTRAINT, or None; `conflict` is "" or ROLLBACK, ABORT, FAIL, IGNORE, REPLACE.

Must not know: the catalog. Spec: https://sqlite.org/lang_createtable.html.
"""

from __future__ import annotations

from keelback_core.compiler.sql.ast.calls import AstOrderTerm
from keelback_core.compiler.sql.ast.expressions import AstExpression
from keelback_core.compiler.sql.ast.node import AstNode

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import ClassVar


class AstConstraint(AstNode):
    """Base of column and table constraints."""

    __slots__ = ()


class AstPrimaryKey(AstConstraint):
    """PRIMARY KEY. On a column `columns` is empty and `direction` is "", "ASC" or "DESC"; on a table `direction` is
    ""."""

    fields: ClassVar[tuple[str, ...]] = ("name", "columns", "direction", "conflict", "is_autoincrement")
    __slots__ = fields

    def __init__(
        self,
        name: str | None,
        columns: tuple[AstOrderTerm, ...],
        direction: str,
        conflict: str,
        is_autoincrement: bool,
        start: int = -1,
        end: int = -1,
    ) -> None:
        super().__init__(start, end)
        self.name = name
        self.columns = columns
        self.direction = direction
        self.conflict = conflict
        self.is_autoincrement = is_autoincrement


class AstUnique(AstConstraint):
    """UNIQUE; on a column `columns` is empty."""

    fields: ClassVar[tuple[str, ...]] = ("name", "columns", "conflict")
    __slots__ = fields

    def __init__(
        self, name: str | None, columns: tuple[AstOrderTerm, ...], conflict: str, start: int = -1, end: int = -1
    ) -> None:
        super().__init__(start, end)
        self.name = name
        self.columns = columns
        self.conflict = conflict


class AstNotNull(AstConstraint):
    """NOT NULL of a column."""

    fields: ClassVar[tuple[str, ...]] = ("name", "conflict")
    __slots__ = fields

    def __init__(self, name: str | None, conflict: str, start: int = -1, end: int = -1) -> None:
        super().__init__(start, end)
        self.name = name
        self.conflict = conflict


class AstNull(AstConstraint):
    """The constraint NULL, which does nothing."""

    fields: ClassVar[tuple[str, ...]] = ("name", "conflict")
    __slots__ = fields

    def __init__(self, name: str | None, conflict: str, start: int = -1, end: int = -1) -> None:
        super().__init__(start, end)
        self.name = name
        self.conflict = conflict


class AstCheck(AstConstraint):
    """CHECK (expression) of a column or table; `conflict` is parsed and without effect."""

    fields: ClassVar[tuple[str, ...]] = ("name", "expression", "source_text", "conflict")
    __slots__ = fields

    def __init__(
        self,
        name: str | None,
        expression: AstExpression,
        source_text: str,
        conflict: str,
        start: int = -1,
        end: int = -1,
    ) -> None:
        super().__init__(start, end)
        self.name = name
        self.expression = expression
        self.source_text = source_text
        self.conflict = conflict


class AstDefault(AstConstraint):
    """DEFAULT of a column; `DEFAULT name` is a string literal."""

    fields: ClassVar[tuple[str, ...]] = ("name", "expression", "source_text")
    __slots__ = fields

    def __init__(
        self, name: str | None, expression: AstExpression, source_text: str, start: int = -1, end: int = -1
    ) -> None:
        super().__init__(start, end)
        self.name = name
        self.expression = expression
        self.source_text = source_text


class AstColumnCollation(AstConstraint):
    """COLLATE of a column."""

    fields: ClassVar[tuple[str, ...]] = ("name", "collation")
    __slots__ = fields

    def __init__(self, name: str | None, collation: str, start: int = -1, end: int = -1) -> None:
        super().__init__(start, end)
        self.name = name
        self.collation = collation


class AstGenerated(AstConstraint):
    """`[GENERATED ALWAYS] AS (expression) [STORED|VIRTUAL]`. `storage` is the word as written, "" if none."""

    fields: ClassVar[tuple[str, ...]] = ("name", "expression", "source_text", "storage")
    __slots__ = fields

    def __init__(
        self,
        name: str | None,
        expression: AstExpression,
        source_text: str,
        storage: str,
        start: int = -1,
        end: int = -1,
    ) -> None:
        super().__init__(start, end)
        self.name = name
        self.expression = expression
        self.source_text = source_text
        self.storage = storage


class AstForeignKey(AstConstraint):
    """REFERENCES of a column (`columns` is empty) or FOREIGN KEY of a table. `parent_columns` is empty when not given.
    `on_delete` and `on_update` are "", `SET NULL`, `SET DEFAULT`, `CASCADE`, `RESTRICT` or `NO ACTION`. `match` is the
    name after MATCH or None. `deferral` is "", `DEFERRABLE`, `DEFERRABLE INITIALLY DEFERRED` and so on, as written;
    `is_deferred` says whether it amounts to a deferred key.
    """

    fields: ClassVar[tuple[str, ...]] = (
        "name",
        "columns",
        "parent_table",
        "parent_columns",
        "on_delete",
        "on_update",
        "match",
        "deferral",
        "is_deferred",
    )
    __slots__ = fields

    def __init__(
        self,
        name: str | None,
        columns: tuple[str, ...],
        parent_table: str,
        parent_columns: tuple[str, ...],
        on_delete: str,
        on_update: str,
        match: str | None,
        deferral: str,
        is_deferred: bool,
        start: int = -1,
        end: int = -1,
    ) -> None:
        super().__init__(start, end)
        self.name = name
        self.columns = columns
        self.parent_table = parent_table
        self.parent_columns = parent_columns
        self.on_delete = on_delete
        self.on_update = on_update
        self.match = match
        self.deferral = deferral
        self.is_deferred = is_deferred
