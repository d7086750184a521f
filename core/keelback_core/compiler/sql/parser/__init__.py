"""The parser: one statement of SQL text to its syntax tree.

`parse_statement` is all that other rooms need. The grammar is cut by family, each family a class that builds on the
one before: state, operands, expr, calls, from_clause, select, dml, constraints, ddl (tables), schema (everything else
of DDL), other.
"""

from __future__ import annotations

import sys

from keelback_core.compiler.sql.ast.node import AstStatement
from keelback_core.compiler.sql.ast.other import AstExplain
from keelback_core.compiler.sql.lexer import Lexer
from keelback_core.compiler.sql.parser.other import Parser
from keelback_core.compiler.sql.parser.parse_limits import DEFAULT_LIMITS, ParseLimits
from keelback_core.compiler.sql.parser.unfinished import UnfinishedError
from keelback_core.compiler.sql.tokens import T_END, T_SEMICOLON
from keelback_core.value.errors import SqlError
from keelback_core.value.result_codes import ERROR

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

__all__ = ["ParseLimits", "UnfinishedError", "parse_statement", "parse_tokens"]

DEEP_RECURSION: Final = 20000
"""Python frames that the deepest statement within PARSER_DEPTH may need."""


def parse_statement(sql: str, start: int = 0, limits: ParseLimits = DEFAULT_LIMITS) -> tuple[AstStatement | None, int]:
    """Parse the first statement of `sql[start:]`.

    Returns the statement and the index where the rest of the text begins (after the semicolon). The statement is None,
    and the index the end of the text, when there is nothing but blanks, comments and semicolons. Raises SqlError with
    the message and byte offset (into the whole of `sql`) that sqlite3_prepare_v2 gives.
    """
    return parse_tokens(Lexer(sql, start), limits)


def parse_tokens(lexer: Lexer, limits: ParseLimits = DEFAULT_LIMITS) -> tuple[AstStatement | None, int]:
    """As `parse_statement`, from where a lexer that has read at most one statement began."""
    try:
        return _parse(lexer, limits)
    except RecursionError:
        pass
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(limit + DEEP_RECURSION)
    try:
        return _parse(lexer, limits)
    except RecursionError:
        raise SqlError(ERROR, "Recursion limit") from None
    finally:
        sys.setrecursionlimit(limit)


def _parse(lexer: Lexer, limits: ParseLimits) -> tuple[AstStatement | None, int]:
    parser = Parser(lexer, limits)
    while parser.kind == T_SEMICOLON:
        parser.advance()
    if parser.kind == T_END:
        return None, parser.lexer.limit
    try:
        statement = parser.parse_statement()
        if parser.kind != T_SEMICOLON and parser.kind != T_END:
            raise parser.unexpected()
    except SqlError as error:
        settled = parser.settle(error)
        settled.tail = parser.end_of(settled)
        if parser.head is not None:
            raise UnfinishedError(settled, parser.head) from None
        raise settled from None
    if parser.pending is not None:
        parser.pending.tail = parser.end_of(parser.pending)
        if parser.head is not None:
            raise UnfinishedError(parser.pending, parser.head)
        raise parser.pending
    statement.parts = parser.parts
    if isinstance(statement, AstExplain):
        statement.statement.parts = parser.parts
    return statement, parser.lexer.ends[parser.position]
