"""CREATE TABLE: columns, constraints and options.

1. The name given by CONSTRAINT stays in force for every constraint up to the next CONSTRAINT or the next column or
   comma, as in SQLite.
2. A type swallows the words GENERATED ALWAYS (they may be names); they are cut off its end again.

Must not know: the catalog, whether a default is constant. Spec: https://sqlite.org/lang_createtable.html.
"""

from __future__ import annotations

from keelback_core.compiler.sql.ast.constraints import (
    AstConstraint,
)
from keelback_core.compiler.sql.ast.ddl import AstColumnDefinition, AstCreateTable
from keelback_core.compiler.sql.keywords import (
    K_AS,
    K_CONSTRAINT,
    K_DEFERRABLE,
    K_NOT,
    K_WITHOUT,
)
from keelback_core.compiler.sql.lexer import SPACES
from keelback_core.compiler.sql.parser.constraints import ConstraintParser
from keelback_core.compiler.sql.parser.state import QUOTES, dequote_head
from keelback_core.compiler.sql.tokens import (
    IS_NAME,
    T_COMMA,
    T_LEFT,
    T_RIGHT,
)
from keelback_core.value.errors import SqlError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

STANDARD_TYPES: Final = ("ANY", "BLOB", "INT", "INTEGER", "REAL", "TEXT")


def strip_generated_always(type_text: str) -> str:
    """A type without the words GENERATED ALWAYS at its end."""
    if len(type_text) < 16 or type_text[-6:].lower() != "always":
        return type_text
    shorter = type_text[:-6].rstrip("".join(SPACES))
    if shorter[-9:].lower() == "generated":
        shorter = shorter[:-9].rstrip("".join(SPACES))
    return shorter


def reported_type(type_text: str) -> str:
    """The declared type as table_info shows it: standard types in upper case, quotes around the whole removed."""
    text = strip_generated_always(type_text)
    if len(text) >= 3:
        bare = text
        if text[0] in QUOTES and not any(character in QUOTES for character in text[1:-1]):
            bare = text[1:-1]
        if bare.isascii() and bare.upper() in STANDARD_TYPES:
            return bare.upper()
        text = bare
    return dequote_head(text)


class TableParser(ConstraintParser):
    """CREATE TABLE, and the column definitions that ALTER TABLE shares."""

    __slots__ = ()

    def parse_create_table_body(
        self, schema: str | None, name: str, name_start: int, is_temporary: bool, if_not_exists: bool, start: int
    ) -> AstCreateTable:
        """CREATE TABLE after its name."""
        if self.kind == K_AS or self.kind == T_LEFT:
            self._note_head(schema, name, is_temporary, if_not_exists, [], [], start)
        if self.accept(K_AS):
            select = self.parse_select()
            stored = "CREATE TABLE " + self.text[name_start : self.previous_end()]
            return AstCreateTable(
                schema,
                name,
                is_temporary,
                if_not_exists,
                (),
                (),
                False,
                False,
                select,
                stored,
                start,
                self.previous_end(),
            )
        self.expect(T_LEFT)
        columns: list[AstColumnDefinition] = []
        constraints: list[AstConstraint] = []
        try:
            self._parse_columns(columns, constraints)
        except SqlError:
            if columns and self.kinds[self.position - 1] != T_COMMA:
                # What stands right before the mistake has not been looked at yet.
                columns.pop()
            self._note_head(schema, name, is_temporary, if_not_exists, columns, constraints, start)
            raise
        end = self.previous_end()
        self._note_head(schema, name, is_temporary, if_not_exists, columns, constraints, start)
        is_without_rowid, is_strict, has_options = self._parse_table_options()
        if has_options:
            end = self.start()
        stored = "CREATE TABLE " + self.text[name_start:end]
        return AstCreateTable(
            schema,
            name,
            is_temporary,
            if_not_exists,
            tuple(columns),
            tuple(constraints),
            is_without_rowid,
            is_strict,
            None,
            stored,
            start,
            self.previous_end(),
        )

    def _note_head(
        self,
        schema: str | None,
        name: str,
        is_temporary: bool,
        if_not_exists: bool,
        columns: list[AstColumnDefinition],
        constraints: list[AstConstraint],
        start: int,
    ) -> None:
        """What SQLite has looked at when it meets a syntax error further on."""
        self.note_head(
            AstCreateTable(
                schema,
                name,
                is_temporary,
                if_not_exists,
                tuple(columns),
                tuple(constraints),
                False,
                False,
                None,
                "",
                start,
                self.previous_end(),
            )
        )

    def _parse_columns(self, columns: list[AstColumnDefinition], constraints: list[AstConstraint]) -> None:
        """What stands in the parentheses, and the closing one."""
        columns.append(self.parse_column_definition(None))
        while self.accept(T_COMMA):
            if self._is_table_constraint_ahead():
                self._parse_table_constraints(constraints)
                break
            columns.append(self.parse_column_definition(columns))
        self.expect(T_RIGHT)

    def _parse_table_options(self) -> tuple[bool, bool, bool]:
        """`[WITHOUT ROWID | STRICT] , ...`: the two, and whether there were any."""
        is_without_rowid = False
        is_strict = False
        if self.kind != T_COMMA and not IS_NAME[self.kind]:
            return False, False, False
        self.accept(T_COMMA)
        while True:
            is_without = self.accept(K_WITHOUT)
            raw = self.token_text()
            self.parse_name()
            if is_without and raw.lower() == "rowid":
                is_without_rowid = True
            elif not is_without and raw.lower() == "strict":
                is_strict = True
            else:
                self.report(f"unknown table option: {raw}")
            if not self.accept(T_COMMA):
                break
        return is_without_rowid, is_strict, True

    # columns

    def parse_column_definition(self, earlier: list[AstColumnDefinition] | None) -> AstColumnDefinition:
        """A column: name, type, constraints. A DEFERRABLE that follows no key of this column belongs to an earlier
        column's, which is then replaced in `earlier`.
        """
        start = self.start()
        name = self.parse_name()
        type_text = self.parse_type_text()
        self.after_type = self.position
        constraints: list[AstConstraint] = []
        constraint_name: str | None = None
        while True:
            kind = self.kind
            if kind == K_CONSTRAINT:
                self.advance()
                constraint_name = self.parse_name()
                continue
            if kind == K_DEFERRABLE or (kind == K_NOT and self.peek_kind() == K_DEFERRABLE):
                self._parse_stray_deferral(constraints, earlier)
                continue
            constraint = self._parse_column_constraint(constraint_name, name)
            if constraint is None:
                break
            constraints.append(constraint)
        declared = reported_type(type_text) if strip_generated_always(type_text) else None
        return AstColumnDefinition(name, declared, tuple(constraints), start, self.previous_end())

    # foreign keys

    # table constraints
