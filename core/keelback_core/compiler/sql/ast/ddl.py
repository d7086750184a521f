"""CREATE.

1. `stored_text` is the text that SQLite writes into sqlite_schema for the object: normalised up to the name, as in
   the source from there on.
2. `source_text` of an expression is its source as SQLite keeps it (table_info's default, a CHECK's message).

Must not know: the catalog, what a name resolves to.
"""

from __future__ import annotations

from keelback_core.compiler.sql.ast.calls import AstOrderTerm
from keelback_core.compiler.sql.ast.expressions import AstExpression
from keelback_core.compiler.sql.ast.node import AstNode, AstStatement
from keelback_core.compiler.sql.ast.select import AstSelect

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import ClassVar

    from keelback_core.compiler.sql.ast.constraints import AstConstraint


class AstColumnDefinition(AstNode):
    """A column: `type_text` is the declared type as SQLite reports it, None if none; "" was written as a name in quotes
    that is empty.
    """

    fields: ClassVar[tuple[str, ...]] = ("name", "type_text", "constraints")
    __slots__ = fields

    def __init__(
        self, name: str, type_text: str | None, constraints: tuple[AstConstraint, ...], start: int = -1, end: int = -1
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
