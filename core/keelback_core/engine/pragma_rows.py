"""All rows of a pragma_... table at once, for the opcode OpenModule, which programs of now do not use any more.

Must not know: how pragmas are answered. Source: https://sqlite.org/pragma.html#pragfunc
"""

from __future__ import annotations

from keelback_core.engine.modules.pragma import PREFIX, PragmaCursor, PragmaTable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.engine.compiler_session import CompilerSession
    from keelback_core.value import Value


def pragma_rows(connection: CompilerSession, name: str, arguments: list[Value]) -> list[list[Value]]:
    """The rows of pragma_...(arguments). SqlError as the PRAGMA gives it."""
    scan = PragmaCursor(PragmaTable(connection, name[len(PREFIX) :]))
    scan.filter(0, None, arguments)
    return [[*row, *arguments] for row in scan.rows]
