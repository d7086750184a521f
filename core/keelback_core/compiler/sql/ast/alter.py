"""DROP and the forms of ALTER TABLE.

Must not know: the catalog. Spec: https://sqlite.org/lang_altertable.html, https://sqlite.org/lang_droptable.html.
"""

from __future__ import annotations

from keelback_core.compiler.sql.ast.node import AstStatement

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import ClassVar

    from keelback_core.compiler.sql.ast.constraints import AstCheck
    from keelback_core.compiler.sql.ast.ddl import AstColumnDefinition


class AstDrop(AstStatement):
    """`kind` is TABLE, INDEX, VIEW or TRIGGER."""

    fields: ClassVar[tuple[str, ...]] = ("kind", "schema", "name", "if_exists")
    __slots__ = fields

    def __init__(
        self, kind: str, schema: str | None, name: str, if_exists: bool, start: int = -1, end: int = -1
    ) -> None:
        super().__init__(start, end)
        self.kind = kind
        self.schema = schema
        self.name = name
        self.if_exists = if_exists


class AstRenameTable(AstStatement):
    """ALTER TABLE ... RENAME TO new_name."""

    fields: ClassVar[tuple[str, ...]] = ("schema", "table", "new_name")
    __slots__ = fields

    def __init__(self, schema: str | None, table: str, new_name: str, start: int = -1, end: int = -1) -> None:
        super().__init__(start, end)
        self.schema = schema
        self.table = table
        self.new_name = new_name


class AstRenameColumn(AstStatement):
    """ALTER TABLE ... RENAME [COLUMN] column TO new_name."""

    fields: ClassVar[tuple[str, ...]] = ("schema", "table", "column", "new_name")
    __slots__ = fields

    def __init__(
        self, schema: str | None, table: str, column: str, new_name: str, start: int = -1, end: int = -1
    ) -> None:
        super().__init__(start, end)
        self.schema = schema
        self.table = table
        self.column = column
        self.new_name = new_name


class AstAddColumn(AstStatement):
    """ALTER TABLE ... ADD [COLUMN] column; `column_text` is its source."""

    fields: ClassVar[tuple[str, ...]] = ("schema", "table", "column", "column_text")
    __slots__ = fields

    def __init__(
        self,
        schema: str | None,
        table: str,
        column: AstColumnDefinition,
        column_text: str,
        start: int = -1,
        end: int = -1,
    ) -> None:
        super().__init__(start, end)
        self.schema = schema
        self.table = table
        self.column = column
        self.column_text = column_text


class AstDropColumn(AstStatement):
    """ALTER TABLE ... DROP [COLUMN] column."""

    fields: ClassVar[tuple[str, ...]] = ("schema", "table", "column")
    __slots__ = fields

    def __init__(self, schema: str | None, table: str, column: str, start: int = -1, end: int = -1) -> None:
        super().__init__(start, end)
        self.schema = schema
        self.table = table
        self.column = column


class AstAddConstraint(AstStatement):
    """ALTER TABLE ... ADD [CONSTRAINT name] CHECK (...); `constraint_text` is the source from CONSTRAINT or CHECK
    on."""

    fields: ClassVar[tuple[str, ...]] = ("schema", "table", "constraint", "constraint_text")
    __slots__ = fields

    def __init__(
        self,
        schema: str | None,
        table: str,
        constraint: AstCheck,
        constraint_text: str,
        start: int = -1,
        end: int = -1,
    ) -> None:
        super().__init__(start, end)
        self.schema = schema
        self.table = table
        self.constraint = constraint
        self.constraint_text = constraint_text


class AstDropConstraint(AstStatement):
    """ALTER TABLE ... DROP CONSTRAINT name."""

    fields: ClassVar[tuple[str, ...]] = ("schema", "table", "name")
    __slots__ = fields

    def __init__(self, schema: str | None, table: str, name: str, start: int = -1, end: int = -1) -> None:
        super().__init__(start, end)
        self.schema = schema
        self.table = table
        self.name = name


class AstSetNotNull(AstStatement):
    """ALTER TABLE ... ALTER [COLUMN] column SET NOT NULL [ON CONFLICT conflict]."""

    fields: ClassVar[tuple[str, ...]] = ("schema", "table", "column", "conflict", "constraint_text")
    __slots__ = fields

    def __init__(
        self,
        schema: str | None,
        table: str,
        column: str,
        conflict: str,
        constraint_text: str,
        start: int = -1,
        end: int = -1,
    ) -> None:
        super().__init__(start, end)
        self.schema = schema
        self.table = table
        self.column = column
        self.conflict = conflict
        self.constraint_text = constraint_text


class AstAlterColumn(AstStatement):
    """ALTER TABLE ... ALTER [COLUMN] column TO definition, which real SQLite has not. `definition_text`: its source."""

    fields: ClassVar[tuple[str, ...]] = ("schema", "table", "column", "definition", "definition_text")
    __slots__ = fields

    def __init__(
        self,
        schema: str | None,
        table: str,
        column: str,
        definition: AstColumnDefinition,
        definition_text: str,
        start: int = -1,
        end: int = -1,
    ) -> None:
        super().__init__(start, end)
        self.schema = schema
        self.table = table
        self.column = column
        self.definition = definition
        self.definition_text = definition_text


class AstDropNotNull(AstStatement):
    """ALTER TABLE ... ALTER [COLUMN] column DROP NOT NULL."""

    fields: ClassVar[tuple[str, ...]] = ("schema", "table", "column")
    __slots__ = fields

    def __init__(self, schema: str | None, table: str, column: str, start: int = -1, end: int = -1) -> None:
        super().__init__(start, end)
        self.schema = schema
        self.table = table
        self.column = column
