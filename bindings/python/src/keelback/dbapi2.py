"""The names of DB-API 2.0 and of Python's sqlite3, gathered; `keelback` itself has the same."""

from __future__ import annotations

import collections.abc
import warnings
from typing import Any

from keelback import _keelback
from keelback._keelback import (
    DatabaseError,
    DataError,
    Error,
    IntegrityError,
    InterfaceError,
    InternalError,
    NotSupportedError,
    OperationalError,
    ProgrammingError,
    Warning,
    sqlite_version,
    threadsafety,
)
from keelback.adapters import PrepareProtocol, adapt, adapters, converters, register_adapter, register_converter
from keelback.blob import Blob
from keelback.checks import LEGACY_TRANSACTION_CONTROL
from keelback.connection import Connection
from keelback.cursor import PARSE_COLNAMES, PARSE_DECLTYPES, Cursor
from keelback.row import Row
from keelback.times import (
    Binary,
    Date,
    DateFromTicks,
    Time,
    TimeFromTicks,
    Timestamp,
    TimestampFromTicks,
)

apilevel = "2.0"
paramstyle = "qmark"
version = "2.6.0"  # of the interface, as Python's sqlite3 counts it
version_info = (2, 6, 0)
sqlite_version_info = tuple(int(part) for part in sqlite_version.split("."))

_CONSTANTS = {name: getattr(_keelback, name) for name in dir(_keelback) if name.startswith("SQLITE_")}
globals().update(_CONSTANTS)
collections.abc.Sequence.register(Row)


def connect(*arguments: Any, **named: Any) -> Connection:
    """Open a database: `connect(database, timeout=5.0, detect_types=0, isolation_level="", check_same_thread=True,
    factory=Connection, cached_statements=128, uri=False, *, autocommit=LEGACY_TRANSACTION_CONTROL)`."""
    factory = arguments[5] if len(arguments) > 5 else named.get("factory", Connection)
    connection: Connection = factory(*arguments, **named)
    return connection


def complete_statement(statement: str) -> bool:
    """Whether the text ends with a complete statement."""
    if not isinstance(statement, str):
        raise TypeError(f"complete_statement() argument 'statement' must be str, not {type(statement).__name__}")
    return _keelback.complete(statement)


def enable_callback_tracebacks(enable: bool, /) -> None:
    """Hand exceptions of user functions and hooks to sys.unraisablehook instead of dropping them."""
    _keelback.enable_callback_tracebacks(bool(enable))


def enable_shared_cache(do_enable: bool) -> None:
    """Deprecated in Python 3.10 and gone in 3.12; here connections never share a cache, and nothing is changed."""
    warnings.warn("enable_shared_cache is deprecated", DeprecationWarning, stacklevel=2)


def __getattr__(name: str) -> Any:
    if name == "OptimizedUnicode":
        warnings.warn("OptimizedUnicode is deprecated; use str", DeprecationWarning, stacklevel=2)
        return str
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


__all__ = [
    "Binary",
    "Blob",
    "Connection",
    "Cursor",
    "DataError",
    "DatabaseError",
    "Date",
    "DateFromTicks",
    "Error",
    "IntegrityError",
    "InterfaceError",
    "InternalError",
    "LEGACY_TRANSACTION_CONTROL",
    "NotSupportedError",
    "OperationalError",
    "PARSE_COLNAMES",
    "PARSE_DECLTYPES",
    "PrepareProtocol",
    "ProgrammingError",
    "Row",
    "Time",
    "TimeFromTicks",
    "Timestamp",
    "TimestampFromTicks",
    "Warning",
    "adapt",
    "adapters",
    "apilevel",
    "complete_statement",
    "connect",
    "converters",
    "enable_callback_tracebacks",
    "enable_shared_cache",
    "paramstyle",
    "register_adapter",
    "register_converter",
    "sqlite_version",
    "sqlite_version_info",
    "threadsafety",
]
__all__ += sorted(_CONSTANTS)

for _public in (Blob, Connection, Cursor, PrepareProtocol, Row):
    _public.__module__ = "keelback"
