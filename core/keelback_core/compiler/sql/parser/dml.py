"""INSERT, UPDATE, DELETE and RETURNING, as statements and inside triggers.

1. `is_in_trigger` narrows the grammar: no WITH, no DEFAULT VALUES, no RETURNING, no INDEXED BY.

Must not know: the catalog. Spec: https://sqlite.org/lang_insert.html, lang_update.html,
lang_delete.html, lang_upsert.html.
"""

from __future__ import annotations

from keelback_core.compiler.sql.ast.calls import AstOrderTerm
from keelback_core.compiler.sql.ast.dml import AstAssignment, AstDelete, AstInsert, AstTarget, AstUpdate, AstUpsert
from keelback_core.compiler.sql.ast.expressions import AstExpression, AstRowValue, AstSubquery
from keelback_core.compiler.sql.ast.select import AstResultColumn, AstSelect, AstStar, AstWith
from keelback_core.compiler.sql.keywords import (
    K_ABORT,
    K_AS,
    K_CONFLICT,
    K_DEFAULT,
    K_DO,
    K_FAIL,
    K_FROM,
    K_IGNORE,
    K_INDEXED,
    K_INSERT,
    K_INTO,
    K_NOT,
    K_NOTHING,
    K_ON,
    K_OR,
    K_REPLACE,
    K_RETURNING,
    K_ROLLBACK,
    K_SET,
    K_UPDATE,
    K_VALUES,
)
from keelback_core.compiler.sql.parser.select import SelectParser
from keelback_core.compiler.sql.tokens import T_COMMA, T_EQUAL, T_LEFT, T_RIGHT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

CONFLICTS: Final = {
    K_ROLLBACK: "ROLLBACK",
    K_ABORT: "ABORT",
    K_FAIL: "FAIL",
    K_IGNORE: "IGNORE",
    K_REPLACE: "REPLACE",
}


class DmlParser(SelectParser):
    """Statements that change rows."""

    __slots__ = ()

    def parse_resolution(self) -> str:
        """ROLLBACK, ABORT, FAIL, IGNORE or REPLACE."""
        conflict = CONFLICTS.get(self.kind, "")
        if not conflict:
            raise self.unexpected()
        self.advance()
        return conflict

    def _parse_target(self) -> AstTarget:
        """`[schema.]name [AS alias] [INDEXED BY name | NOT INDEXED]`; INSERT never meets the last part."""
        start = self.start()
        schema, name = self.parse_qualified_name()
        alias = self.parse_name() if self.accept(K_AS) else None
        return AstTarget(schema, name, alias, None, False, start, self.previous_end())

    def _parse_indexed_target(self) -> AstTarget:
        target = self._parse_target()
        if self.kind != K_INDEXED and self.kind != K_NOT:
            return target
        indexed_by, is_not_indexed = self.parse_indexed()
        if self.is_in_trigger:
            clause = "NOT INDEXED" if is_not_indexed else "INDEXED BY"
            self.report(f"the {clause} clause is not allowed on UPDATE or DELETE statements within triggers")
        return AstTarget(
            target.schema, target.name, target.alias, indexed_by, is_not_indexed, target.start, self.previous_end()
        )

    def parse_returning(self) -> tuple[AstResultColumn | AstStar, ...]:
        """`[RETURNING columns]`."""
        if not self.accept(K_RETURNING):
            return ()
        return self.parse_result_columns()

    # INSERT

    def parse_insert(self, with_clause: AstWith | None, start: int) -> AstInsert:
        """INSERT or REPLACE at the current token."""
        conflict = ""
        if self.accept(K_REPLACE):
            conflict = "REPLACE"
        else:
            self.expect(K_INSERT)
            if self.accept(K_OR):
                conflict = self.parse_resolution()
        self.expect(K_INTO)
        target = self._parse_target()
        columns = self.parse_names_in_parentheses() if self.kind == T_LEFT else None
        source: AstSelect | None = None
        upserts: list[AstUpsert] = []
        if self.kind == K_DEFAULT and not self.is_in_trigger:
            self.advance()
            self.expect(K_VALUES)
        else:
            source = self.parse_select()
            upserts = self._parse_upserts()
        returning = self.parse_returning()
        if returning and self.is_in_trigger:
            self.report("cannot use RETURNING in a trigger")
        return AstInsert(
            with_clause, conflict, target, columns, source, tuple(upserts), returning, start, self.previous_end()
        )

    def _parse_upserts(self) -> list[AstUpsert]:
        """ON CONFLICT clauses; only the last may go without a target."""
        upserts: list[AstUpsert] = []
        while self.kind == K_ON:
            start = self.start()
            self.advance()
            self.expect(K_CONFLICT)
            target: tuple[AstOrderTerm, ...] = ()
            target_where: AstExpression | None = None
            if self.accept(T_LEFT):
                target = self.parse_order_terms()
                self.expect(T_RIGHT)
                target_where = self.parse_where()
            self.expect(K_DO)
            upserts.append(self._parse_upsert_action(target, target_where, start))
            if not target:
                break
        return upserts

    def _parse_upsert_action(
        self, target: tuple[AstOrderTerm, ...], target_where: AstExpression | None, start: int
    ) -> AstUpsert:
        if self.accept(K_NOTHING):
            return AstUpsert(target, target_where, None, None, start, self.previous_end())
        self.expect(K_UPDATE)
        self.expect(K_SET)
        assignments = self._parse_assignments()
        where = self.parse_where()
        return AstUpsert(target, target_where, assignments, where, start, self.previous_end())

    # UPDATE, DELETE

    def parse_update(self, with_clause: AstWith | None, start: int) -> AstUpdate:
        """UPDATE at the current token."""
        self.advance()
        conflict = self.parse_resolution() if self.accept(K_OR) else ""
        target = self._parse_indexed_target()
        self.expect(K_SET)
        assignments = self._parse_assignments()
        from_items = self.parse_from()
        where = self.parse_where()
        returning = () if self.is_in_trigger else self.parse_returning()
        return AstUpdate(
            with_clause, conflict, target, assignments, from_items, where, returning, start, self.previous_end()
        )

    def parse_delete(self, with_clause: AstWith | None, start: int) -> AstDelete:
        """DELETE at the current token."""
        self.advance()
        self.expect(K_FROM)
        target = self._parse_indexed_target()
        where = self.parse_where()
        returning = () if self.is_in_trigger else self.parse_returning()
        return AstDelete(with_clause, target, where, returning, start, self.previous_end())

    def _parse_assignments(self) -> tuple[AstAssignment, ...]:
        assignments = [self._parse_assignment()]
        while self.accept(T_COMMA):
            assignments.append(self._parse_assignment())
        return tuple(assignments)

    def _parse_assignment(self) -> AstAssignment:
        start = self.start()
        is_row = self.kind == T_LEFT
        columns = self.parse_names_in_parentheses() if is_row else (self.parse_name(),)
        self.expect(T_EQUAL)
        value = self.parse_expression()
        if is_row and not isinstance(value, AstSubquery):
            count = len(value.items) if isinstance(value, AstRowValue) else 1
            if count != len(columns):
                self.report(f"{len(columns)} columns assigned {count} values")
        return AstAssignment(columns, is_row, value, start, self.previous_end())
