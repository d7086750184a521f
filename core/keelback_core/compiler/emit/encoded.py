"""compile_encoded: what the kernel gets for a statement: its Program, whether it may be kept, what was lifted.

One call, so that the compiled form of the tower is entered once for all of it.

Must not know: the cache. Twin: none; core/kernel/engine/compiler_service reads the bytes.
"""

from __future__ import annotations

from keelback_core.compiler.emit.cacheability import is_kept_program, is_kept_statement
from keelback_core.compiler.emit.explain import explained_program
from keelback_core.compiler.emit.lifting import compile_lifted, encode_lifting
from keelback_core.compiler.emit.statement import compile_statement
from keelback_core.compiler.sql.ast import AstExplain
from keelback_core.program.encoding import program_pieces

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.compiler.catalog.catalog import Catalog
    from keelback_core.compiler.sql.ast import AstStatement


def compile_encoded(
    ast: AstStatement, catalog: Catalog, sql: str, mode: int, is_lifting: bool
) -> tuple[list[bytes | int], bool, bytes]:
    """The Program of a statement as `program_pieces` gives it, whether it may be kept, and its free literals as
    `encode_lifting` writes them, empty where there are none.

    mode: -1 as the text says, 0 without its EXPLAIN, 1 its listing, 2 its query plan. SqlError as `compile_statement`.
    """
    if mode >= 0 and isinstance(ast, AstExplain):
        ast = ast.statement
    # What an authorizer answers may depend on anything.
    is_kept = catalog.authorizer is None and is_kept_statement(ast)
    lifting = b""
    if is_lifting and is_kept and mode <= 0:
        program, literals = compile_lifted(ast, catalog, sql)
        if literals:
            lifting = encode_lifting(sql, literals)
    else:
        program = compile_statement(ast, catalog, sql)
        if mode > 0:
            program = explained_program(program, mode == 2)
    return program_pieces(program), is_kept and is_kept_program(program), lifting
