"""compile_encoded: what the kernel gets for a statement: its Program, whether it may be kept, what was lifted.

`compile_tokens` does the same for a text, from its tokens on: one call, so that the compiled form of the tower is
entered once for all of it.

Must not know: the cache. Twin: none; core/kernel/engine/compiler_service reads the bytes.
"""

from __future__ import annotations

from keelback_core.compiler.emit.cacheability import is_kept_statement
from keelback_core.compiler.emit.explain import explained_program
from keelback_core.compiler.emit.lifting import compile_lifted, encode_lifting
from keelback_core.compiler.emit.statement import compile_statement
from keelback_core.compiler.sql.ast import AstExplain
from keelback_core.compiler.sql.parser import parse_tokens
from keelback_core.program.encoding import program_pieces

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from keelback_core.compiler.catalog.catalog import Catalog
    from keelback_core.compiler.sql.ast import AstStatement
    from keelback_core.compiler.sql.lexer import Lexer
    from keelback_core.compiler.sql.parser import ParseLimits
    from keelback_core.program.encoding import Piece


def compile_encoded(
    ast: AstStatement, catalog: Catalog, sql: str, mode: int, is_lifting: bool
) -> tuple[list[Piece], bool, bytes]:
    """The Program of a statement as `program_pieces` gives it, whether it may be kept, and its free literals as
    `encode_lifting` writes them, empty where there are none.

    mode: -1 as the text says, 0 without its EXPLAIN, 1 its listing, 2 its query plan. SqlError as `compile_statement`.
    """
    if mode >= 0 and isinstance(ast, AstExplain):
        ast = ast.statement
    # What an authorizer answers may depend on anything.
    is_kept = catalog.authorizer is None and is_kept_statement(ast) and not catalog.is_forgiven_too_long
    catalog.has_privilege = False
    told = catalog.settings.warnings_told
    lifting = b""
    if is_lifting and is_kept and mode <= 0:
        program, literals = compile_lifted(ast, catalog, sql)
        if literals:
            lifting = encode_lifting(sql, literals)
    else:
        program = compile_statement(ast, catalog, sql, mode > 0)
        if mode > 0:
            program = explained_program(program, mode == 2)
    is_kept = is_kept and not program.asks_module and not catalog.has_privilege
    # What is in the log is told whenever the statement is prepared.
    is_kept = is_kept and catalog.settings.warnings_told == told
    return program_pieces(program), is_kept, lifting


def compile_tokens(lexer: Lexer, limits: ParseLimits, catalog: Catalog, mode: int, is_lifting: bool) -> list[Any]:
    """Of the first statement of a text: the offset of its end in bytes, then what `compile_encoded` gives, or None for
    a Program where there is no statement. SqlError as `parse_tokens` and `compile_statement`."""
    ast, tail = parse_tokens(lexer, limits)
    sql = lexer.text
    if not lexer.is_plain and not sql.isascii():
        tail = len(sql[:tail].encode("utf-8", "surrogateescape"))
    return encoded_answer(tail, None if ast is None else compile_encoded(ast, catalog, sql, mode, is_lifting))


def encoded_answer(tail: int, encoded: tuple[list[Piece], bool, bytes] | None) -> list[Any]:
    """See `compile_tokens`."""
    if encoded is None:
        return [tail, None, 0, b""]
    pieces, is_kept, lifting = encoded
    return [tail, pieces, 1 if is_kept else 0, lifting]
