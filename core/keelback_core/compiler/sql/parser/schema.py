"""CREATE INDEX, VIEW, TRIGGER and VIRTUAL TABLE; DROP; ALTER TABLE.

1. The stored text of an index, a view, or a table with options runs to the end of the statement, comments included;
   that of a plain table to its closing parenthesis, that of a trigger to its END.

Must not know: the catalog. Spec: https://sqlite.org/lang.html.
"""

from __future__ import annotations

from keelback_core.compiler.sql.ast.alter import (
    AstAddColumn,
    AstAddConstraint,
    AstAlterColumn,
    AstDrop,
    AstDropColumn,
    AstDropConstraint,
    AstDropNotNull,
    AstRenameColumn,
    AstRenameTable,
    AstSetNotNull,
)
from keelback_core.compiler.sql.ast.constraints import AstCheck
from keelback_core.compiler.sql.ast.ddl import (
    AstColumnDefinition,
    AstCreateIndex,
    AstCreateTrigger,
    AstCreateView,
    AstCreateVirtualTable,
)
from keelback_core.compiler.sql.ast.expressions import AstExpression
from keelback_core.compiler.sql.ast.node import AstStatement
from keelback_core.compiler.sql.keywords import (
    K_ADD,
    K_AFTER,
    K_ALTER,
    K_AS,
    K_BEFORE,
    K_BEGIN,
    K_CHECK,
    K_COLUMN,
    K_CONSTRAINT,
    K_DELETE,
    K_DROP,
    K_EACH,
    K_END,
    K_EXISTS,
    K_FOR,
    K_IF,
    K_INDEX,
    K_INSERT,
    K_INSTEAD,
    K_NOT,
    K_NULL,
    K_OF,
    K_ON,
    K_RENAME,
    K_REPLACE,
    K_ROW,
    K_SET,
    K_TABLE,
    K_TEMP,
    K_TEMPORARY,
    K_TO,
    K_TRIGGER,
    K_UNIQUE,
    K_UPDATE,
    K_USING,
    K_VIEW,
    K_VIRTUAL,
    K_WHEN,
)
from keelback_core.compiler.sql.parser.ddl import TableParser
from keelback_core.compiler.sql.parser.state import dequote
from keelback_core.compiler.sql.tokens import T_COMMA, T_END, T_ILLEGAL, T_LEFT, T_RIGHT, T_SEMICOLON
from keelback_core.value.errors import SqlError


class SchemaParser(TableParser):
    """Statements that change the schema."""

    __slots__ = ()

    def parse_create(self) -> AstStatement:
        """CREATE at the current token."""
        start = self.start()
        self.advance()
        kind = self.kind
        if kind == K_UNIQUE:
            self.advance()
            if self.kind != K_INDEX:
                raise self.unexpected()
            return self._parse_create_index(True, start)
        if kind == K_INDEX:
            return self._parse_create_index(False, start)
        if kind == K_VIRTUAL:
            self.advance()
            return self._parse_create_virtual_table(start)
        is_temporary = kind == K_TEMP or kind == K_TEMPORARY
        if is_temporary:
            self.advance()
        if self.kind == K_TABLE:
            if_not_exists, schema, name, name_start = self._parse_object_name()
            return self.parse_create_table_body(schema, name, name_start, is_temporary, if_not_exists, start)
        if self.kind == K_VIEW:
            return self._parse_create_view(is_temporary, start)
        if self.kind == K_TRIGGER:
            return self._parse_create_trigger(is_temporary, start)
        raise self.unexpected()

    def _parse_object_name(self) -> tuple[bool, str | None, str, int]:
        """`TABLE [IF NOT EXISTS] [schema.]name`: the flag, the names, and where the name proper begins."""
        self.advance()
        if_not_exists = False
        if self.accept(K_IF):
            self.expect(K_NOT)
            self.expect(K_EXISTS)
            if_not_exists = True
        schema, name = self.parse_qualified_head_name()
        return if_not_exists, schema, name, self.parts.head_tokens["name"][0]

    def expect_end(self) -> None:
        """The statement must end here; the semicolon stays where it is."""
        if self.kind != T_SEMICOLON and self.kind != T_END:
            raise self.unexpected()

    def _parse_create_index(self, is_unique: bool, start: int) -> AstCreateIndex:
        if_not_exists, schema, name, name_start = self._parse_object_name()
        self.expect(K_ON)
        table = self.parse_name()
        self.expect(T_LEFT)
        columns = self.parse_order_terms()
        self.expect(T_RIGHT)
        where = self.parse_where()
        self.expect_end()
        self.refuse_nulls_order(columns)
        stored = ("CREATE UNIQUE INDEX " if is_unique else "CREATE INDEX ") + self.text[name_start : self.start()]
        return AstCreateIndex(
            schema, name, is_unique, if_not_exists, table, columns, where, stored, start, self.previous_end()
        )

    def _parse_create_view(self, is_temporary: bool, start: int) -> AstCreateView:
        if_not_exists, schema, name, name_start = self._parse_object_name()
        columns = self.parse_plain_columns() if self.kind == T_LEFT else ()
        self.expect(K_AS)
        select = self.parse_select()
        self.expect_end()
        stored = "CREATE VIEW " + self.trimmed(name_start, self.start())
        return AstCreateView(
            schema, name, is_temporary, if_not_exists, columns, select, stored, start, self.previous_end()
        )

    # triggers

    def _parse_create_trigger(self, is_temporary: bool, start: int) -> AstCreateTrigger:
        if_not_exists, schema, name, name_start = self._parse_object_name()
        time = self._parse_trigger_time()
        event, columns = self._parse_trigger_event()
        self.expect(K_ON)
        table_schema, table = self.parse_qualified_name()
        is_for_each_row = False
        if self.accept(K_FOR):
            self.expect(K_EACH)
            self.expect(K_ROW)
            is_for_each_row = True
        when: AstExpression | None = None
        if self.accept(K_WHEN):
            when = self.parse_expression()
        if self.kind != K_BEGIN:
            raise self.unexpected()
        head = AstCreateTrigger(
            schema,
            name,
            is_temporary,
            if_not_exists,
            time,
            event,
            columns,
            table_schema,
            table,
            is_for_each_row,
            None,
            (),
            "",
            start,
            self.previous_end(),
        )
        self.note_head(head)
        self.advance()
        self.is_in_trigger = True
        body = self._parse_trigger_body()
        self.is_in_trigger = False
        self.expect(K_END)
        end = self.previous_end()
        return head.completed(when, body, "CREATE TRIGGER " + self.text[name_start:end], end)

    def _parse_trigger_time(self) -> str:
        if self.accept(K_BEFORE):
            return "BEFORE"
        if self.accept(K_AFTER):
            return "AFTER"
        if self.accept(K_INSTEAD):
            self.expect(K_OF)
            return "INSTEAD OF"
        return ""

    def _parse_trigger_event(self) -> tuple[str, tuple[str, ...]]:
        if self.accept(K_DELETE):
            return "DELETE", ()
        if self.accept(K_INSERT):
            return "INSERT", ()
        self.expect(K_UPDATE)
        if not self.accept(K_OF):
            return "UPDATE", ()
        columns = [self.parse_name()]
        while self.accept(T_COMMA):
            columns.append(self.parse_name())
        return "UPDATE", tuple(columns)

    def _parse_trigger_body(self) -> tuple[AstStatement, ...]:
        body: list[AstStatement] = []
        while self.kind != K_END or not body:
            start = self.start()
            kind = self.kind
            if kind == K_UPDATE or kind == K_DELETE or kind == K_INSERT or kind == K_REPLACE:
                body.append(self._parse_trigger_change(kind, start))
            else:
                body.append(self.parse_select())
            if self.kind == T_END and self.pending is not None:
                raise self.pending
            self.expect(T_SEMICOLON)
        return tuple(body)

    def _parse_trigger_change(self, kind: int, start: int) -> AstStatement:
        if kind == K_UPDATE:
            return self.parse_update(None, start)
        if kind == K_DELETE:
            return self.parse_delete(None, start)
        return self.parse_insert(None, start)

    # virtual tables

    def _parse_create_virtual_table(self, start: int) -> AstCreateVirtualTable:
        if self.kind != K_TABLE:
            raise self.unexpected()
        if_not_exists, schema, name, name_start = self._parse_object_name()
        self.expect(K_USING)
        module = self.parse_name()
        self.note_head(AstCreateVirtualTable(schema, name, if_not_exists, module, (), "", start, self.previous_end()))
        arguments = self._parse_module_arguments() if self.kind == T_LEFT else ()
        stored = "CREATE VIRTUAL TABLE " + self.text[name_start : self.previous_end()]
        return AstCreateVirtualTable(schema, name, if_not_exists, module, arguments, stored, start, self.previous_end())

    def _parse_module_arguments(self) -> tuple[str, ...]:
        """`(text, text, ...)`: any tokens, with parentheses in pairs."""
        self.advance()
        arguments: list[str] = []
        first_start = -1
        level = 0
        while True:
            kind = self.kind
            if kind == T_END or kind == T_ILLEGAL:
                raise self.unexpected()
            if level == 0 and (kind == T_COMMA or kind == T_RIGHT):
                text = self.text[first_start : self.previous_end()] if first_start >= 0 else ""
                if text:
                    arguments.append(text)
                first_start = -1
                self.advance()
                if kind == T_RIGHT:
                    return tuple(arguments)
                continue
            if first_start < 0:
                first_start = self.start()
            if kind == T_LEFT:
                level += 1
            elif kind == T_RIGHT:
                level -= 1
            self.advance()

    # DROP, ALTER

    def parse_drop(self) -> AstDrop:
        """DROP at the current token."""
        start = self.start()
        self.advance()
        kind = self.kind
        if kind != K_TABLE and kind != K_INDEX and kind != K_VIEW and kind != K_TRIGGER:
            raise self.unexpected()
        what = self.token_text().upper()
        self.advance()
        if_exists = self.accept(K_IF)
        if if_exists:
            self.expect(K_EXISTS)
        schema, name = self.parse_qualified_name()
        return AstDrop(what, schema, name, if_exists, start, self.previous_end())

    def parse_alter(self) -> AstStatement:
        """ALTER TABLE at the current token."""
        start = self.start()
        self.advance()
        self.expect(K_TABLE)
        schema, table = self.parse_qualified_name()
        if self.accept(K_RENAME):
            return self._parse_rename(schema, table, start)
        if self.accept(K_ADD):
            return self._parse_add(schema, table, start)
        if self.accept(K_DROP):
            if self.accept(K_CONSTRAINT):
                return AstDropConstraint(schema, table, self.parse_name(), start, self.previous_end())
            self.accept(K_COLUMN)
            return AstDropColumn(schema, table, self.parse_head_name("column"), start, self.previous_end())
        self.expect(K_ALTER)
        return self._parse_alter_column(schema, table, start)

    def _parse_rename(self, schema: str | None, table: str, start: int) -> AstStatement:
        if self.accept(K_TO):
            return AstRenameTable(schema, table, self.parse_name(), start, self.previous_end())
        self.accept(K_COLUMN)
        column = self.parse_head_name("column")
        self.expect(K_TO)
        return AstRenameColumn(schema, table, column, self.parse_name(), start, self.previous_end())

    def _parse_add(self, schema: str | None, table: str, start: int) -> AstStatement:
        text_start = self.start()
        if self.kind == K_CONSTRAINT or self.kind == K_CHECK:
            name: str | None = None
            if self.accept(K_CONSTRAINT):
                name = self.parse_name()
                if self.kind != K_CHECK:
                    raise self.unexpected()
            check_start = self.start()
            self.advance()
            expression, source = self._parse_source_in_parentheses()
            conflict = self.parse_on_conflict()
            end = self.previous_end()
            check = AstCheck(name, expression, source, conflict, check_start, end)
            return AstAddConstraint(schema, table, check, self.text[text_start:end], start, end)
        if self.accept(K_COLUMN):
            text_start = self.start()
        first = self.position
        try:
            column = self.parse_column_definition(None)
            self.expect_end()
        except SqlError:
            if self.position > self.after_type > first:
                self._note_new_column(schema, table, first, start)
            raise
        return AstAddColumn(schema, table, column, self.trimmed(text_start, self.start()), start, self.previous_end())

    def _note_new_column(self, schema: str | None, table: str, first: int, start: int) -> None:
        """The table and the column's name, the token `first`, are looked up before the constraints are read."""
        name = dequote(self.text[self.starts[first] : self.lexer.ends[first]])
        column = AstColumnDefinition(name, None, (), self.starts[first], self.lexer.ends[first])
        self.parts.head_end = self.lexer.ends[self.after_type]
        self.note_head(AstAddColumn(schema, table, column, "", start, self.previous_end()))

    def _parse_alter_column(self, schema: str | None, table: str, start: int) -> AstStatement:
        self.accept(K_COLUMN)
        column = self.parse_name()
        if self.accept(K_DROP):
            self.expect(K_NOT)
            self.expect(K_NULL)
            return AstDropNotNull(schema, table, column, start, self.previous_end())
        if self.accept(K_TO):
            text_start = self.start()
            definition = self.parse_column_definition(None)
            text = self.text[text_start : self.previous_end()]
            self.expect_end()
            return AstAlterColumn(schema, table, column, definition, text, start, self.previous_end())
        self.expect(K_SET)
        text_start = self.start()
        self.expect(K_NOT)
        self.expect(K_NULL)
        conflict = self.parse_on_conflict()
        text = self.text[text_start : self.previous_end()]
        return AstSetNotNull(schema, table, column, conflict, text, start, self.previous_end())
