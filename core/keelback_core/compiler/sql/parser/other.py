"""Transactions, PRAGMA, ATTACH, maintenance, EXPLAIN, and the choice among all statements.

Must not know: the catalog, which pragmas exist. Spec: https://sqlite.org/lang.html.
"""

from __future__ import annotations

from keelback_core.compiler.sql.ast.expressions import AstExpression
from keelback_core.compiler.sql.ast.node import AstStatement
from keelback_core.compiler.sql.ast.other import (
    AstAnalyze,
    AstAttach,
    AstBegin,
    AstCommit,
    AstDetach,
    AstExplain,
    AstPragma,
    AstReindex,
    AstRelease,
    AstRollback,
    AstSavepoint,
    AstVacuum,
)
from keelback_core.compiler.sql.keywords import (
    K_ALTER,
    K_ANALYZE,
    K_AS,
    K_ATTACH,
    K_BEGIN,
    K_COMMIT,
    K_CREATE,
    K_DATABASE,
    K_DEFAULT,
    K_DEFERRED,
    K_DELETE,
    K_DETACH,
    K_DROP,
    K_END,
    K_EXCLUSIVE,
    K_EXPLAIN,
    K_IMMEDIATE,
    K_INSERT,
    K_INTO,
    K_KEY,
    K_ON,
    K_PLAN,
    K_PRAGMA,
    K_QUERY,
    K_REINDEX,
    K_RELEASE,
    K_REPLACE,
    K_ROLLBACK,
    K_SAVEPOINT,
    K_SELECT,
    K_TO,
    K_TRANSACTION,
    K_UPDATE,
    K_VACUUM,
    K_VALUES,
    K_WITH,
)
from keelback_core.compiler.sql.parser.schema import SchemaParser
from keelback_core.compiler.sql.tokens import (
    IS_NAME,
    T_EQUAL,
    T_FLOAT,
    T_INTEGER,
    T_LEFT,
    T_MINUS,
    T_PLUS,
    T_RIGHT,
)


class Parser(SchemaParser):
    """The whole language."""

    __slots__ = ()

    def parse_statement(self) -> AstStatement:
        """The statement at the current token, EXPLAIN included."""
        start = self.start()
        if not self.accept(K_EXPLAIN):
            return self._parse_plain_statement()
        is_query_plan = self.accept(K_QUERY)
        if is_query_plan:
            self.expect(K_PLAN)
        statement = self._parse_plain_statement()
        return AstExplain(is_query_plan, statement, start, self.previous_end())

    def _parse_plain_statement(self) -> AstStatement:
        self.depth = 4
        kind = self.kind
        if kind == K_SELECT or kind == K_VALUES:
            return self.parse_select()
        start = self.start()
        if kind == K_INSERT or kind == K_REPLACE:
            return self.parse_insert(None, start)
        if kind == K_UPDATE:
            return self.parse_update(None, start)
        if kind == K_DELETE:
            return self.parse_delete(None, start)
        if kind == K_WITH:
            return self._parse_with_statement(start)
        if kind == K_CREATE:
            return self.parse_create()
        if kind == K_DROP:
            return self.parse_drop()
        if kind == K_ALTER:
            return self.parse_alter()
        if kind == K_PRAGMA:
            return self._parse_pragma(start)
        statement = self._parse_transaction(start)
        return statement if statement is not None else self._parse_maintenance(start)

    def _parse_with_statement(self, start: int) -> AstStatement:
        with_clause = self.parse_with()
        kind = self.kind
        if kind == K_INSERT or kind == K_REPLACE:
            return self.parse_insert(with_clause, start)
        if kind == K_UPDATE:
            return self.parse_update(with_clause, start)
        if kind == K_DELETE:
            return self.parse_delete(with_clause, start)
        return self.parse_select_after_with(with_clause, start)

    # transactions

    def _parse_transaction(self, start: int) -> AstStatement | None:
        kind = self.kind
        if kind == K_BEGIN:
            self.advance()
            mode = ""
            if self.kind == K_DEFERRED or self.kind == K_IMMEDIATE or self.kind == K_EXCLUSIVE:
                mode = self.token_text().upper()
                self.advance()
            self._parse_transaction_name()
            return AstBegin(mode, start, self.previous_end())
        if kind == K_COMMIT or kind == K_END:
            self.advance()
            self._parse_transaction_name()
            return AstCommit(start, self.previous_end())
        if kind == K_ROLLBACK:
            self.advance()
            self._parse_transaction_name()
            savepoint: str | None = None
            if self.accept(K_TO):
                self.accept(K_SAVEPOINT)
                savepoint = self.parse_name()
            return AstRollback(savepoint, start, self.previous_end())
        if kind == K_SAVEPOINT:
            self.advance()
            return AstSavepoint(self.parse_name(), start, self.previous_end())
        if kind == K_RELEASE:
            self.advance()
            self.accept(K_SAVEPOINT)
            return AstRelease(self.parse_name(), start, self.previous_end())
        return None

    def _parse_transaction_name(self) -> None:
        """`[TRANSACTION [name]]`; the name means nothing."""
        if self.accept(K_TRANSACTION) and IS_NAME[self.kind]:
            self.advance()

    # maintenance

    def _parse_maintenance(self, start: int) -> AstStatement:
        kind = self.kind
        if kind == K_ATTACH:
            self.advance()
            self.accept(K_DATABASE)
            file = self.parse_expression()
            self.expect(K_AS)
            schema = self.parse_expression()
            key = self.parse_expression() if self.accept(K_KEY) else None
            return AstAttach(file, schema, key, start, self.previous_end())
        if kind == K_DETACH:
            self.advance()
            self.accept(K_DATABASE)
            return AstDetach(self.parse_expression(), start, self.previous_end())
        if kind == K_VACUUM:
            return self._parse_vacuum(start)
        if kind != K_ANALYZE and kind != K_REINDEX:
            raise self.unexpected()
        self.advance()
        object_schema: str | None = None
        name: str | None = None
        if IS_NAME[self.kind]:
            object_schema, name = self.parse_qualified_head_name()
        if kind == K_ANALYZE:
            return AstAnalyze(object_schema, name, start, self.previous_end())
        return AstReindex(object_schema, name, start, self.previous_end())

    def _parse_vacuum(self, start: int) -> AstVacuum:
        self.advance()
        schema = self.parse_head_name("schema") if IS_NAME[self.kind] else None
        into: AstExpression | None = None
        if self.accept(K_INTO):
            into = self.parse_expression()
        return AstVacuum(schema, into, start, self.previous_end())

    def _parse_pragma(self, start: int) -> AstPragma:
        self.advance()
        schema, name = self.parse_qualified_head_name()
        value: str | None = None
        is_call = self.kind == T_LEFT
        if is_call or self.kind == T_EQUAL:
            self.advance()
            value = self._parse_pragma_value()
            position = self.position - 1
            self.parts.head_tokens["value"] = self.starts[position], self.lexer.ends[position]
            if is_call:
                self.expect(T_RIGHT)
        return AstPragma(schema, name, value, is_call, start, self.previous_end())

    def _parse_pragma_value(self) -> str:
        """A number with or without sign, a name, a string, or one of ON, DELETE, DEFAULT."""
        kind = self.kind
        if kind == T_PLUS or kind == T_MINUS:
            self.advance()
            if self.kind != T_INTEGER and self.kind != T_FLOAT:
                raise self.unexpected()
            text = self.token_text()
            self.advance()
            return "-" + text if kind == T_MINUS else text
        if kind in (T_INTEGER, T_FLOAT, K_ON, K_DELETE, K_DEFAULT):
            text = self.token_text()
            self.advance()
            return text
        return self.parse_name()
