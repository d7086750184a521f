"""The rows of a pragma as a table-valued function: the PRAGMA statement is run, its arguments are added to each row.

Must not know: how pragmas are answered. Source: https://sqlite.org/pragma.html#pragfunc
"""

from __future__ import annotations

from keelback_core.compiler.bind.modules import hidden_columns, module_table
from keelback_core.value.cast import to_text
from keelback_core.value.errors import SqlError
from keelback_core.value.result_codes import ERROR

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.engine.compiler_session import CompilerSession
    from keelback_core.value import Value

_PREFIX = "pragma_"


def pragma_rows(connection: CompilerSession, name: str, arguments: list[Value]) -> list[list[Value]]:
    """The rows of pragma_...(arguments). SqlError as the PRAGMA gives it."""
    table = module_table(name)
    assert table is not None
    columns = [table.columns[number].name for number in hidden_columns(table)]
    given = dict(zip(columns, arguments, strict=True))
    schema = to_text(given.get("schema"))
    argument = to_text(given.get("arg"))
    text = "PRAGMA "
    if schema is not None:
        if connection.number_of(schema) < 0:
            raise SqlError(ERROR, f"unknown database {_quoted(schema)}")
        text += _quoted(schema) + "."
    text += name[len(_PREFIX) :]
    if argument is not None:
        text += f"={_quoted(argument)}"
    return [[*row, *arguments] for row in connection.execute(text)]


def _quoted(text: str) -> str:
    return "'" + text.replace("\0", "").replace("'", "''") + "'"
