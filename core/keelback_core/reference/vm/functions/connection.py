"""What the connection and the library tell about themselves.

Spec: https://sqlite.org/lang_corefunc.html.
"""

from __future__ import annotations

from keelback_core.value.cast import to_integer, to_text
from keelback_core.value.errors import SqlError
from keelback_core.value.library_facts import COMPILE_OPTIONS, SQLITE_SOURCE_ID, SQLITE_VERSION
from keelback_core.value.result_codes import ERROR

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.value import Value

    from .context import FunctionContext, ScalarTable


def last_insert_rowid(context: FunctionContext, arguments: list[Value]) -> Value:
    """last_insert_rowid()."""
    return context.host.last_insert_rowid


def changes(context: FunctionContext, arguments: list[Value]) -> Value:
    """changes()."""
    return context.host.changes


def total_changes(context: FunctionContext, arguments: list[Value]) -> Value:
    """total_changes()."""
    return context.host.total_changes


def sqlite_version(context: FunctionContext, arguments: list[Value]) -> Value:
    """sqlite_version()."""
    return SQLITE_VERSION


def sqlite_source_id(context: FunctionContext, arguments: list[Value]) -> Value:
    """sqlite_source_id()."""
    return SQLITE_SOURCE_ID


def compile_option_used(context: FunctionContext, arguments: list[Value]) -> Value:
    """sqlite_compileoption_used(name): 1 if an option of that name, with or without a value, is in force."""
    name = to_text(arguments[0])
    if name is None:
        return None
    wanted = name.partition("\0")[0].upper()
    if wanted.startswith("SQLITE_"):
        wanted = wanted[7:]
    return int(any(option == wanted or option.partition("=")[0] == wanted for option in COMPILE_OPTIONS))


def compile_option_get(context: FunctionContext, arguments: list[Value]) -> Value:
    """sqlite_compileoption_get(n): the n-th option, from 0; NULL beyond."""
    number = to_integer(arguments[0])
    return COMPILE_OPTIONS[number] if 0 <= number < len(COMPILE_OPTIONS) else None


def load_extension(context: FunctionContext, arguments: list[Value]) -> Value:
    """load_extension(file[, entry]): never allowed, as by default in SQLite."""
    raise SqlError(ERROR, "not authorized")


def sqlite_log(context: FunctionContext, arguments: list[Value]) -> Value:
    """sqlite_log(code, message): there is no log; NULL."""
    return None


SCALARS: ScalarTable = {
    ("last_insert_rowid", 0): last_insert_rowid,
    ("changes", 0): changes,
    ("total_changes", 0): total_changes,
    ("sqlite_version", 0): sqlite_version,
    ("sqlite_source_id", 0): sqlite_source_id,
    ("sqlite_compileoption_used", 1): compile_option_used,
    ("sqlite_compileoption_get", 1): compile_option_get,
    ("load_extension", 1): load_extension,
    ("load_extension", 2): load_extension,
    ("sqlite_log", 2): sqlite_log,
}
