"""CREATE, DROP and ALTER.

1. `stored_text` is the text that SQLite writes into sqlite_schema for the object: normalised up to the name, as in
   the source from there on.
2. A constraint's `name` is the one given by CONSTRAINT, or None; `conflict` is "" or ROLLBACK, ABORT, FAIL, IGNORE,
   REPLACE.
3. `source_text` of an expression is its source as SQLite keeps it (table_info's default, a CHECK's message).

Must not know: the catalog, what a name resolves to.
"""

from __future__ import annotations

from keelback_core.compiler.sql.ast.expressions import AstExpression, AstOrderTerm
from keelback_core.compiler.sql.ast.node import AstNode, AstStatement
from keelback_core.compiler.sql.ast.select import AstSelect

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


class AstColumnDefinition(AstNode):
    """A column: `type_text` is the declared type as SQLite reports it, "" if none."""

    fields: ClassVar[tuple[str, ...]] = ("name", "type_text", "constraints")
    __slots__ = fields

    def __init__(
        self, name: str, type_text: str, constraints: tuple[AstConstraint, ...], start: int = -1, end: int = -1
    ) -> None:
        super().__init__(start, end)
        self.name = name
        self.type_text = type_text
        self.constraints = constraints


class AstCreateTable(AstStatement):
    """CREATE TABLE. With AS SELECT `select` is set, columns and constraints are empty and `stored_text` is of no
    use, as SQLite then makes up the text from the columns of the SELECT.
    """

    fields: ClassVar[tuple[str, ...]] = (
        "schema",
        "name",
        "is_temporary",
        "if_not_exists",
        "columns",
        "constraints",
        "is_without_rowid",
        "is_strict",
        "select",
        "stored_text",
    )
    __slots__ = fields

    def __init__(
        self,
        schema: str | None,
        name: str,
        is_temporary: bool,
        if_not_exists: bool,
        columns: tuple[AstColumnDefinition, ...],
        constraints: tuple[AstConstraint, ...],
        is_without_rowid: bool,
        is_strict: bool,
        select: AstSelect | None,
        stored_text: str,
        start: int = -1,
        end: int = -1,
    ) -> None:
        super().__init__(start, end)
        self.schema = schema
        self.name = name
        self.is_temporary = is_temporary
        self.if_not_exists = if_not_exists
        self.columns = columns
        self.constraints = constraints
        self.is_without_rowid = is_without_rowid
        self.is_strict = is_strict
        self.select = select
        self.stored_text = stored_text


class AstCreateIndex(AstStatement):
    """CREATE INDEX; `schema` qualifies the index name."""

    fields: ClassVar[tuple[str, ...]] = (
        "schema",
        "name",
        "is_unique",
        "if_not_exists",
        "table",
        "columns",
        "where",
        "stored_text",
    )
    __slots__ = fields

    def __init__(
        self,
        schema: str | None,
        name: str,
        is_unique: bool,
        if_not_exists: bool,
        table: str,
        columns: tuple[AstOrderTerm, ...],
        where: AstExpression | None,
        stored_text: str,
        start: int = -1,
        end: int = -1,
    ) -> None:
        super().__init__(start, end)
        self.schema = schema
        self.name = name
        self.is_unique = is_unique
        self.if_not_exists = if_not_exists
        self.table = table
        self.columns = columns
        self.where = where
        self.stored_text = stored_text


class AstCreateView(AstStatement):
    """CREATE VIEW; `columns` is empty when not given."""

    fields: ClassVar[tuple[str, ...]] = (
        "schema",
        "name",
        "is_temporary",
        "if_not_exists",
        "columns",
        "select",
        "stored_text",
    )
    __slots__ = fields

    def __init__(
        self,
        schema: str | None,
        name: str,
        is_temporary: bool,
        if_not_exists: bool,
        columns: tuple[str, ...],
        select: AstSelect,
        stored_text: str,
        start: int = -1,
        end: int = -1,
    ) -> None:
        super().__init__(start, end)
        self.schema = schema
        self.name = name
        self.is_temporary = is_temporary
        self.if_not_exists = if_not_exists
        self.columns = columns
        self.select = select
        self.stored_text = stored_text


class AstCreateTrigger(AstStatement):
    """CREATE TRIGGER. `time` is "" (means BEFORE), BEFORE, AFTER or INSTEAD OF; `event` is DELETE, INSERT or UPDATE;
    `columns` are those of UPDATE OF. `body` has AstInsert, AstUpdate, AstDelete and AstSelect statements.
    """

    fields: ClassVar[tuple[str, ...]] = (
        "schema",
        "name",
        "is_temporary",
        "if_not_exists",
        "time",
        "event",
        "columns",
        "table_schema",
        "table",
        "is_for_each_row",
        "when",
        "body",
        "stored_text",
    )
    __slots__ = fields

    def __init__(
        self,
        schema: str | None,
        name: str,
        is_temporary: bool,
        if_not_exists: bool,
        time: str,
        event: str,
        columns: tuple[str, ...],
        table_schema: str | None,
        table: str,
        is_for_each_row: bool,
        when: AstExpression | None,
        body: tuple[AstStatement, ...],
        stored_text: str,
        start: int = -1,
        end: int = -1,
    ) -> None:
        super().__init__(start, end)
        self.schema = schema
        self.name = name
        self.is_temporary = is_temporary
        self.if_not_exists = if_not_exists
        self.time = time
        self.event = event
        self.columns = columns
        self.table_schema = table_schema
        self.table = table
        self.is_for_each_row = is_for_each_row
        self.when = when
        self.body = body
        self.stored_text = stored_text

    def completed(
        self, when: AstExpression | None, body: tuple[AstStatement, ...], stored_text: str, end: int
    ) -> AstCreateTrigger:
        """The statement whose head this is."""
        return AstCreateTrigger(
            self.schema,
            self.name,
            self.is_temporary,
            self.if_not_exists,
            self.time,
            self.event,
            self.columns,
            self.table_schema,
            self.table,
            self.is_for_each_row,
            when,
            body,
            stored_text,
            self.start,
            end,
        )


class AstCreateVirtualTable(AstStatement):
    """CREATE VIRTUAL TABLE; `arguments` are the raw texts between the commas, trimmed."""

    fields: ClassVar[tuple[str, ...]] = ("schema", "name", "if_not_exists", "module", "arguments", "stored_text")
    __slots__ = fields

    def __init__(
        self,
        schema: str | None,
        name: str,
        if_not_exists: bool,
        module: str,
        arguments: tuple[str, ...],
        stored_text: str,
        start: int = -1,
        end: int = -1,
    ) -> None:
        super().__init__(start, end)
        self.schema = schema
        self.name = name
        self.if_not_exists = if_not_exists
        self.module = module
        self.arguments = arguments
        self.stored_text = stored_text


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
