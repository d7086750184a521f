"""Constraints of columns and tables.

Must not know: the catalog. Spec: https://sqlite.org/lang_createtable.html.
"""

from __future__ import annotations

from keelback_core.compiler.sql.ast.constraints import (
    AstCheck,
    AstColumnCollation,
    AstConstraint,
    AstDefault,
    AstForeignKey,
    AstGenerated,
    AstNotNull,
    AstNull,
    AstPrimaryKey,
    AstUnique,
)
from keelback_core.compiler.sql.ast.ddl import AstColumnDefinition
from keelback_core.compiler.sql.ast.expressions import AstColumnRef, AstExpression, AstLiteral, AstUnary
from keelback_core.compiler.sql.keywords import (
    K_ACTION,
    K_ALWAYS,
    K_AS,
    K_AUTOINCREMENT,
    K_CASCADE,
    K_CHECK,
    K_COLLATE,
    K_CONFLICT,
    K_CONSTRAINT,
    K_DEFAULT,
    K_DEFERRABLE,
    K_DEFERRED,
    K_DELETE,
    K_FOREIGN,
    K_GENERATED,
    K_IMMEDIATE,
    K_INDEXED,
    K_INITIALLY,
    K_INSERT,
    K_KEY,
    K_MATCH,
    K_NO,
    K_NOT,
    K_NULL,
    K_ON,
    K_PRIMARY,
    K_REFERENCES,
    K_RESTRICT,
    K_SET,
    K_UNIQUE,
    K_UPDATE,
)
from keelback_core.compiler.sql.parser.dml import DmlParser
from keelback_core.compiler.sql.parser.state import dequote
from keelback_core.compiler.sql.tokens import (
    IS_IDENTIFIER,
    T_BLOB,
    T_COMMA,
    T_FLOAT,
    T_IDENTIFIER,
    T_INTEGER,
    T_LEFT,
    T_MINUS,
    T_PLUS,
    T_RIGHT,
    T_SEPARATED_NUMBER,
    T_STRING,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    pass


class ConstraintParser(DmlParser):
    """Constraints in CREATE TABLE and ALTER TABLE."""

    __slots__ = ()

    def _parse_column_constraint(self, name: str | None, column: str) -> AstConstraint | None:
        kind = self.kind
        start = self.start()
        if kind == K_DEFAULT:
            return self._parse_default(name, start)
        if kind == K_NOT or kind == K_NULL:
            self.advance()
            if kind == K_NOT:
                self.expect(K_NULL)
            conflict = self.parse_on_conflict()
            if kind == K_NOT:
                return AstNotNull(name, conflict, start, self.previous_end())
            return AstNull(name, conflict, start, self.previous_end())
        if kind == K_PRIMARY:
            self.advance()
            self.expect(K_KEY)
            direction = self.parse_direction()
            conflict = self.parse_on_conflict()
            is_autoincrement = self.accept(K_AUTOINCREMENT)
            return AstPrimaryKey(name, (), direction, conflict, is_autoincrement, start, self.previous_end())
        if kind == K_UNIQUE:
            self.advance()
            return AstUnique(name, (), self.parse_on_conflict(), start, self.previous_end())
        if kind == K_CHECK:
            self.advance()
            expression, text = self._parse_source_in_parentheses()
            return AstCheck(name, expression, text, "", start, self.previous_end())
        if kind == K_REFERENCES:
            return self._parse_column_reference(name, column, start)
        if kind == K_COLLATE:
            self.advance()
            collation = self.parse_word()
            return AstColumnCollation(name, collation, start, self.previous_end())
        if kind == K_GENERATED or kind == K_AS:
            return self._parse_generated(name, column, start)
        return None

    def _parse_source_in_parentheses(self) -> tuple[AstExpression, str]:
        """`(expression)` and its source."""
        self.expect(T_LEFT)
        start = self.lexer.ends[self.position - 1]
        self.open_construct(8)
        expression = self.parse_expression()
        self.depth -= 8
        source = self.trimmed(start, self.start())
        self.expect(T_RIGHT)
        return expression, source

    def _parse_default(self, name: str | None, start: int) -> AstDefault:
        self.advance()
        if self.kind == T_LEFT:
            expression, source = self._parse_source_in_parentheses()
            return AstDefault(name, expression, source, start, self.previous_end())
        source_start = self.start()
        kind = self.kind
        if kind == T_PLUS or kind == T_MINUS:
            sign = self.token_text()
            self.advance()
            term = self._parse_term()
            expression = AstUnary(sign, term, source_start, self.previous_end())
        elif self._is_term_ahead():
            expression = self._parse_term()
        elif IS_IDENTIFIER[kind] or kind == K_INDEXED:
            raw = self.token_text()
            value = dequote(raw)
            self.advance()
            end = self.previous_end()
            if raw.lower() == "true" or raw.lower() == "false":
                expression = AstColumnRef(None, None, raw, "", source_start, end)
            else:
                quoted = "'" + value.replace("'", "''") + "'"
                expression = AstLiteral("string", value, quoted, source_start, end)
        else:
            raise self.unexpected()
        source = self.text[source_start : self.previous_end()]
        return AstDefault(name, expression, source, start, self.previous_end())

    def _is_term_ahead(self) -> bool:
        kind = self.kind
        if kind == T_INTEGER or kind == T_FLOAT or kind == T_SEPARATED_NUMBER:
            return True
        if kind == T_STRING or kind == T_BLOB or kind == K_NULL:
            return True
        return self.is_current_time_ahead()

    def _parse_term(self) -> AstExpression:
        """A literal by itself: no operators, no name."""
        if not self._is_term_ahead():
            raise self.unexpected()
        return self.parse_literal()

    def _parse_generated(self, name: str | None, column: str, start: int) -> AstGenerated:
        if self.accept(K_GENERATED):
            self.expect(K_ALWAYS)
        self.expect(K_AS)
        expression, source = self._parse_source_in_parentheses()
        storage = ""
        if self.kind == T_IDENTIFIER or IS_IDENTIFIER[self.kind]:
            storage = self.token_text().upper()
            self.advance()
            if storage not in ("STORED", "VIRTUAL"):
                self.report(f'error in generated column "{column}"')
        return AstGenerated(name, expression, source, storage, start, self.previous_end())

    def parse_on_conflict(self) -> str:
        """`[ON CONFLICT resolution]`."""
        if not self.accept(K_ON):
            return ""
        self.expect(K_CONFLICT)
        return self.parse_resolution()

    def _parse_column_reference(self, name: str | None, column: str, start: int) -> AstForeignKey:
        """REFERENCES of a column, to one column at most."""
        position = self.position + 1
        key = self._parse_references(name, (), start)
        if len(key.parent_columns) > 1:
            place = self.starts[position]
            table = self.text[place : self.lexer.ends[position]]
            self.report(f"foreign key on {column} should reference only one column of table {table}", place)
        return key

    def _parse_references(self, name: str | None, columns: tuple[str, ...], start: int) -> AstForeignKey:
        """REFERENCES and what belongs to it, without a DEFERRABLE."""
        self.expect(K_REFERENCES)
        parent = self.parse_name()
        parent_columns = self.parse_plain_columns() if self.kind == T_LEFT else ()
        on_delete = ""
        on_update = ""
        match: str | None = None
        while True:
            if self.accept(K_MATCH):
                match = self.parse_name()
                continue
            if not self.accept(K_ON):
                break
            if self.accept(K_DELETE):
                on_delete = self._parse_action()
            elif self.accept(K_UPDATE):
                on_update = self._parse_action()
            else:
                self.expect(K_INSERT)
                self._parse_action()
        end = self.previous_end()
        return AstForeignKey(name, columns, parent, parent_columns, on_delete, on_update, match, "", False, start, end)

    def _parse_action(self) -> str:
        if self.accept(K_SET):
            if self.accept(K_NULL):
                return "SET NULL"
            self.expect(K_DEFAULT)
            return "SET DEFAULT"
        if self.accept(K_CASCADE):
            return "CASCADE"
        if self.accept(K_RESTRICT):
            return "RESTRICT"
        self.expect(K_NO)
        self.expect(K_ACTION)
        return "NO ACTION"

    def _parse_deferral(self) -> str:
        """`[NOT] DEFERRABLE [INITIALLY DEFERRED|IMMEDIATE]` in upper case."""
        words = "NOT DEFERRABLE" if self.accept(K_NOT) else "DEFERRABLE"
        self.expect(K_DEFERRABLE)
        if self.accept(K_INITIALLY):
            if self.accept(K_DEFERRED):
                return words + " INITIALLY DEFERRED"
            self.expect(K_IMMEDIATE)
            return words + " INITIALLY IMMEDIATE"
        return words

    def _with_deferral(self, key: AstForeignKey, deferral: str) -> AstForeignKey:
        return AstForeignKey(
            key.name,
            key.columns,
            key.parent_table,
            key.parent_columns,
            key.on_delete,
            key.on_update,
            key.match,
            deferral,
            deferral == "DEFERRABLE INITIALLY DEFERRED",
            key.start,
            self.previous_end(),
        )

    def _parse_stray_deferral(
        self, constraints: list[AstConstraint], earlier: list[AstColumnDefinition] | None
    ) -> None:
        """A DEFERRABLE among the constraints of a column: it belongs to the foreign key before it, if there is one."""
        deferral = self._parse_deferral()
        if self._defer_last_key(constraints, deferral) or earlier is None:
            return
        for index in range(len(earlier) - 1, -1, -1):
            column = earlier[index]
            changed = list(column.constraints)
            if self._defer_last_key(changed, deferral):
                earlier[index] = AstColumnDefinition(
                    column.name, column.type_text, tuple(changed), column.start, column.end
                )
                return

    def _defer_last_key(self, constraints: list[AstConstraint], deferral: str) -> bool:
        for index in range(len(constraints) - 1, -1, -1):
            constraint = constraints[index]
            if isinstance(constraint, AstForeignKey):
                constraints[index] = self._with_deferral(constraint, deferral)
                return True
        return False

    def _is_table_constraint_ahead(self) -> bool:
        kind = self.kind
        return kind == K_CONSTRAINT or kind == K_PRIMARY or kind == K_UNIQUE or kind == K_CHECK or kind == K_FOREIGN

    def _parse_table_constraints(self, constraints: list[AstConstraint]) -> None:
        """Constraints of a table, with or without commas between them."""
        name: str | None = None
        while True:
            if self.accept(K_CONSTRAINT):
                name = self.parse_name()
            else:
                constraints.append(self._parse_table_constraint(name))
            if self.accept(T_COMMA):
                name = None
                if not self._is_table_constraint_ahead():
                    raise self.unexpected()
            elif not self._is_table_constraint_ahead():
                return

    def _parse_table_constraint(self, name: str | None) -> AstConstraint:
        kind = self.kind
        start = self.start()
        self.advance()
        if kind == K_PRIMARY or kind == K_UNIQUE:
            if kind == K_PRIMARY:
                self.expect(K_KEY)
            self.expect(T_LEFT)
            is_autoincrement = False
            columns = self.parse_order_terms()
            if kind == K_PRIMARY:
                is_autoincrement = self.accept(K_AUTOINCREMENT)
            self.expect(T_RIGHT)
            conflict = self.parse_on_conflict()
            self.refuse_nulls_order(columns)
            end = self.previous_end()
            if kind == K_UNIQUE:
                return AstUnique(name, columns, conflict, start, end)
            return AstPrimaryKey(name, columns, "", conflict, is_autoincrement, start, end)
        if kind == K_CHECK:
            expression, source = self._parse_source_in_parentheses()
            conflict = self.parse_on_conflict()
            return AstCheck(name, expression, source, conflict, start, self.previous_end())
        self.expect(K_KEY)
        key_columns = self.parse_plain_columns()
        key = self._parse_references(name, key_columns, start)
        if self.kind == K_DEFERRABLE or self.kind == K_NOT:
            key = self._with_deferral(key, self._parse_deferral())
        return key
