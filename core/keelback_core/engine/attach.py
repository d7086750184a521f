"""Attaching and detaching databases of a connection.

Source: https://sqlite.org/lang_attach.html
"""

from __future__ import annotations

from keelback_core.compiler.catalog.model import fold_name
from keelback_core.compiler.catalog.settings import LIMIT_ATTACHED
from keelback_core.engine.uri import OPEN_CREATE, OPEN_MEMORY, OPEN_READONLY, OPEN_READWRITE, parse_file_name
from keelback_core.value.cast import to_text
from keelback_core.value.errors import SqlError
from keelback_core.value.result_codes import CANTOPEN, ERROR

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.engine.compiler_session import CompilerSession
    from keelback_core.value import Value

FIRST_ATTACHED = 2


def attach_database(connection: CompilerSession, arguments: list[Value]) -> None:
    """Open a file under a name: arguments are file, name and perhaps a key, which is not looked at."""
    file = to_text(arguments[0]) or ""
    name = to_text(arguments[1]) or ""
    session = connection.session
    limit = connection.settings.limits[LIMIT_ATTACHED]
    if len(session.databases) >= limit + FIRST_ATTACHED:
        raise SqlError(ERROR, f"too many attached databases - max {limit}")
    if any(fold_name(known) == fold_name(name) for known in connection.schema_names):
        raise SqlError(ERROR, f"database {name} is already in use")
    parsed = parse_file_name(file, connection.open_flags)
    flags = parsed.flags
    if not connection.settings.attaches_writable:
        flags = flags & ~(OPEN_CREATE | OPEN_READWRITE) | OPEN_READONLY
    elif not connection.settings.attaches_new_files:
        flags &= ~OPEN_CREATE
    if not parsed.path and session.keeps_temporary_in_memory:
        flags |= OPEN_MEMORY
    try:
        database = connection.tower.open_database(parsed.path, flags, vfs=parsed.options.get("vfs"))
    except SqlError as error:
        if error.primary_code == CANTOPEN:
            raise SqlError(error.code, f"unable to open database: {file}") from None
        raise
    database.keeps_locks = connection.keeps_locks
    connection.inherit_settings(database)
    number = connection.attach_to_session(name, database)
    try:
        connection.add_schema(name, number, database)
    except SqlError as error:
        session.detach(number)
        connection.remove_schema(number)
        database.close()
        if error.primary_code == CANTOPEN:
            raise SqlError(error.code, f"unable to open database: {file}") from None
        raise


def detach_database(connection: CompilerSession, arguments: list[Value]) -> None:
    """Close an attached database."""
    name = to_text(arguments[0]) or ""
    session = connection.session
    number = -1
    for position, known in enumerate(connection.schema_names):
        if fold_name(known) == fold_name(name) and session.databases[position] is not None:
            number = position
    if number < 0:
        raise SqlError(ERROR, f"no such database: {name}")
    if number < FIRST_ATTACHED:
        raise SqlError(ERROR, f"cannot detach database {name}")
    database = session.database(number)
    if database.transaction_state != 0:
        raise SqlError(ERROR, f"database {name} is locked")
    session.detach(number)
    connection.remove_schema(number)
    database.close()
