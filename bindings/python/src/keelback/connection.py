"""Connection: a database as a program sees it, with its transactions, functions and hooks.

1. In legacy transaction control (`autocommit=LEGACY_TRANSACTION_CONTROL`) a transaction is begun, in the mode of
   `isolation_level`, before the first INSERT, UPDATE, DELETE or REPLACE; with `isolation_level=None` never.
2. With `autocommit=False` a transaction is always open (PEP 249); with `autocommit=True` the program begins its own.
3. The statement cache holds compiled statements by their text, the least recently used go first.
Spec: PEP 249, and the behaviour of Python's sqlite3 (3.11 to 3.13).
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from operator import index
from typing import TYPE_CHECKING, Any, Literal

from keelback import _keelback, cursor, dump
from keelback._keelback import ProgrammingError
from keelback.blob import Blob, make_blob
from keelback.checks import (
    LEGACY_TRANSACTION_CONTROL,
    check_autocommit,
    check_callable,
    check_level,
    check_name,
    check_timeout,
    name_of_type,
)
from keelback.cursor import Cursor

_OPEN_READWRITE_CREATE = 0x2 | 0x4
_OPEN_URI = 0x40


class Connection:
    """A connection of DB-API 2.0; usable as a context manager that commits or rolls back."""

    __slots__ = (
        "_authorizer",
        "_autocommit",
        "_begin_text",
        "_database",
        "_detect_types",
        "_isolation_level",
        "_progress_handler",
        "_statement",
        "_trace_callback",
        "row_factory",
        "text_factory",
        "__weakref__",
    )
    _database: _keelback.Database
    _statement: Callable[[str], _keelback.Statement]
    _authorizer: Callable[..., int] | None
    _progress_handler: Callable[[], Any] | None
    _trace_callback: Callable[[str], Any] | None
    _begin_text: str | None
    _autocommit: int
    _detect_types: int
    _isolation_level: str | None
    row_factory: Callable[[Any, Any], Any] | None
    text_factory: Callable[[bytes], Any]

    if not TYPE_CHECKING:
        Warning = _keelback.Warning
        Error = _keelback.Error
        InterfaceError = _keelback.InterfaceError
        DatabaseError = _keelback.DatabaseError
        DataError = _keelback.DataError
        OperationalError = _keelback.OperationalError
        IntegrityError = _keelback.IntegrityError
        InternalError = _keelback.InternalError
        ProgrammingError = _keelback.ProgrammingError
        NotSupportedError = _keelback.NotSupportedError

    def __init__(
        self,
        database: str | bytes | os.PathLike[Any],
        timeout: float = 5.0,
        detect_types: int = 0,
        isolation_level: str | None = "",
        check_same_thread: bool = True,
        factory: Any = None,
        cached_statements: int = 128,
        uri: bool = False,
        *,
        autocommit: int = LEGACY_TRANSACTION_CONTROL,
    ) -> None:
        path = os.fsencode(database)
        if b"\0" in path:
            raise ValueError("embedded null byte")
        check_timeout(timeout)
        level = check_level(isolation_level)
        check_autocommit(autocommit)
        self._leave_database()
        flags = _OPEN_READWRITE_CREATE | (_OPEN_URI if uri else 0)
        opened = _keelback.Database(path, flags, int(timeout * 1000), bool(check_same_thread))
        self._statement = lru_cache(maxsize=index(cached_statements))(opened.prepare)
        self._detect_types = detect_types
        self._isolation_level = level
        self._autocommit = autocommit
        self._authorizer = self._progress_handler = self._trace_callback = None
        self.row_factory = None
        self.text_factory = str
        self._database = opened
        self._choose_begin()
        if autocommit is False:
            opened.run_simple("BEGIN")

    def _leave_database(self) -> None:
        """Part from the database of an earlier __init__; it lives on in its cursors, without our hooks."""
        if not hasattr(self, "_database"):
            return
        if self._database.is_open:
            self.set_authorizer(None)
            self.set_progress_handler(None, 0)
            self.set_trace_callback(None)
        del self._database

    def _choose_begin(self) -> None:
        """What to run before a statement that changes rows, outside a transaction."""
        is_manual = self._autocommit != LEGACY_TRANSACTION_CONTROL or self._isolation_level is None
        self._begin_text = None if is_manual else f"BEGIN {self._isolation_level}"

    def _check(self) -> _keelback.Database:
        """The database, if it is open and this is its thread."""
        try:
            database = self._database
        except AttributeError:
            raise ProgrammingError("Base Connection.__init__ not called.") from None
        database.check()
        return database

    # Cursors and statements

    def cursor(self, factory: Callable[[Connection], Any] = Cursor) -> Any:
        """A new cursor, made by `factory`, with this connection's row factory."""
        self._check()
        made = factory(self)
        if not issubclass(type(made), Cursor):
            raise TypeError(f"factory must return a cursor, not {type(made).__name__}")
        if self.row_factory is not None:
            made.row_factory = self.row_factory
        return made

    def execute(self, sql: str, parameters: Any = (), /) -> Cursor:
        """A new cursor that executed the statement."""
        return self.cursor().execute(sql, parameters)  # type: ignore[no-any-return]

    def executemany(self, sql: str, parameters: Iterable[Any], /) -> Cursor:
        """A new cursor that executed the statement with each set of parameters."""
        return self.cursor().executemany(sql, parameters)  # type: ignore[no-any-return]

    def executescript(self, sql_script: str, /) -> Cursor:
        """A new cursor that executed all statements of the text."""
        return self.cursor().executescript(sql_script)  # type: ignore[no-any-return]

    def _run_script(self, sql_script: str) -> None:
        database = self._database
        if self._autocommit == LEGACY_TRANSACTION_CONTROL and database.in_transaction:
            database.run_simple("COMMIT")
        database.run_script(sql_script)

    def __call__(self, *arguments: Any) -> _keelback.Statement:
        """A compiled statement, which is of no use to a program."""
        database = self._check()
        if len(arguments) != 1:
            raise TypeError(f"function takes exactly 1 argument ({len(arguments)} given)")
        (sql,) = arguments
        if not isinstance(sql, str):
            raise TypeError(f"argument 1 must be str, not {name_of_type(sql)}")
        return database.prepare(sql)

    # Transactions

    def commit(self) -> None:
        """Commit the open transaction, if there is one."""
        self._end("COMMIT")

    def rollback(self) -> None:
        """Roll back the open transaction, if there is one."""
        self._end("ROLLBACK")

    def _end(self, text: str) -> None:
        database = self._check()
        if self._autocommit == LEGACY_TRANSACTION_CONTROL:
            if database.in_transaction:
                database.run_simple(text)
        elif not self._autocommit:
            database.run_simple(text)
            database.run_simple("BEGIN")

    def __enter__(self) -> Connection:
        self._check()
        return self

    def __exit__(self, type: Any, value: Any, traceback: Any, /) -> Literal[False]:
        """Commit, or roll back after an exception; a commit that fails is rolled back too."""
        if self._autocommit is True:
            return False
        if type is not None:
            self.rollback()
            return False
        try:
            self.commit()
        except BaseException:
            self.rollback()
            raise
        return False

    @property
    def in_transaction(self) -> bool:
        """Whether a transaction is open."""
        self._check()
        return self._database.in_transaction

    @property
    def isolation_level(self) -> str | None:
        """The mode in which transactions are begun; None: none is begun."""
        self._check()
        return self._isolation_level

    @isolation_level.setter
    def isolation_level(self, level: str | None) -> None:
        self._check()
        checked = check_level(level)
        if checked is None and self._autocommit == LEGACY_TRANSACTION_CONTROL:
            self.commit()
        self._isolation_level = checked
        self._choose_begin()

    @isolation_level.deleter
    def isolation_level(self) -> None:
        raise AttributeError("cannot delete attribute")

    @property
    def autocommit(self) -> int:
        """True, False, or LEGACY_TRANSACTION_CONTROL."""
        self._check()
        return self._autocommit

    @autocommit.setter
    def autocommit(self, value: int) -> None:
        database = self._check()
        checked = check_autocommit(value)
        if checked is True and database.in_transaction:
            database.run_simple("COMMIT")
        elif checked is False and not database.in_transaction:
            database.run_simple("BEGIN")
        self._autocommit = checked
        self._choose_begin()

    @property
    def total_changes(self) -> int:
        """Rows inserted, updated and deleted since the connection was opened."""
        self._check()
        return self._database.total_changes

    def close(self) -> None:
        """Close; an open transaction is rolled back. Closing twice does nothing."""
        try:
            database = self._database
        except AttributeError:
            raise ProgrammingError("Base Connection.__init__ not called.") from None
        database.check_thread()
        if database.is_open and self._autocommit is False and database.in_transaction:
            database.run_simple("ROLLBACK")
        database.close()
        self._statement = database.prepare  # the cache's statements are gone

    # Functions and hooks

    def create_function(
        self, name: str, narg: int, func: Callable[..., Any] | None, *, deterministic: bool = False
    ) -> None:
        """Define (or with None remove) an SQL function."""
        database = self._check()
        check_name("create_function", name)
        database.create_function(name, narg, func, bool(deterministic))

    def create_aggregate(self, name: str, n_arg: int, aggregate_class: Callable[[], Any] | None) -> None:
        """Define (or remove) an aggregate: a class with `step` and `finalize`."""
        database = self._check()
        check_name("create_aggregate", name)
        database.create_aggregate(name, n_arg, aggregate_class)

    def create_window_function(self, name: str, num_params: int, aggregate_class: Callable[[], Any] | None, /) -> None:
        """Define (or remove) an aggregate window function: a class with `step`, `inverse`, `value` and `finalize`."""
        self._check().create_window_function(name, num_params, aggregate_class)

    def create_collation(self, name: str, callback: Callable[[str, str], int] | None, /) -> None:
        """Define (or remove) a collation."""
        database = self._check()
        if not isinstance(name, str):
            raise TypeError(f"create_collation() argument 1 must be str, not {name_of_type(name)}")
        if callback is not None:
            check_callable(callback)
        database.create_collation(name, callback)

    def set_authorizer(self, authorizer_callback: Callable[..., int] | None) -> None:
        """Ask a callable, for each access while statements are compiled: SQLITE_OK, SQLITE_DENY or SQLITE_IGNORE."""
        self._check().set_authorizer(authorizer_callback)
        self._authorizer = authorizer_callback

    def set_progress_handler(self, progress_handler: Callable[[], Any] | None, n: int) -> None:
        """Call a callable each `n` instructions; a true answer interrupts the statement."""
        self._check().set_progress_handler(progress_handler, n)
        self._progress_handler = progress_handler

    def set_trace_callback(self, trace_callback: Callable[[str], Any] | None) -> None:
        """Call a callable with the text of each statement that is run, parameters filled in."""
        self._check().set_trace(trace_callback)
        self._trace_callback = trace_callback

    def interrupt(self) -> None:
        """End the statements that run, from any thread; they raise OperationalError "interrupted"."""
        try:
            database = self._database
        except AttributeError:
            raise ProgrammingError("Base Connection.__init__ not called.") from None
        database.interrupt()

    def enable_load_extension(self, enable: bool, /) -> None:
        """Allow or forbid `load_extension`, here and in SQL."""
        self._check().enable_load_extension(bool(enable))

    def load_extension(self, name: str, /, *, entrypoint: str | None = None) -> None:
        """Load a shared library built against sqlite3ext.h; OperationalError where that is not allowed or fails."""
        self._check().load_extension(name, entrypoint)

    # Whole databases

    def iterdump(self, *, filter: str | None = None) -> Iterator[str]:
        """The database as SQL text."""
        self._check()
        return dump.dump(self, filter)

    def backup(
        self,
        target: Connection,
        *,
        pages: int = -1,
        progress: Callable[[int, int, int], Any] | None = None,
        name: str = "main",
        sleep: float = 0.250,
    ) -> None:
        """Copy the database into another connection's, `pages` at a time."""
        source = self._check()
        if not isinstance(target, Connection):
            wanted = f"{Connection.__module__}.Connection"
            raise TypeError(f"backup() argument 'target' must be {wanted}, not {name_of_type(target)}")
        destination = target._check()
        if target is self:
            raise ValueError("target cannot be the same connection instance")
        if progress is not None and not callable(progress):
            raise TypeError("progress argument must be a callable")
        running = _keelback.BackupHandle(destination, source, name)
        code = _keelback.SQLITE_OK
        while code in (_keelback.SQLITE_OK, _keelback.SQLITE_BUSY, _keelback.SQLITE_LOCKED):
            code = running.step(pages or -1)
            if progress is not None:
                progress(code, running.remaining, running.page_count)
            if code in (_keelback.SQLITE_BUSY, _keelback.SQLITE_LOCKED):
                time.sleep(sleep)
        running.finish()

    def blobopen(self, table: str, column: str, row: int, /, *, readonly: bool = False, name: str = "main") -> Blob:
        """Open the BLOB of a row (by rowid) and column."""
        database = self._check()
        if not -(2**63) <= row < 2**63:
            raise OverflowError("Python int too large to convert to SQLite INTEGER")
        return make_blob(self, database.open_blob(name, table, column, row, readonly))

    def serialize(self, *, name: str = "main") -> bytes:
        """The bytes of the database as they are, or would be, in a file."""
        return self._check().serialize(name)

    def deserialize(self, data: Any, /, *, name: str = "main") -> None:
        """Replace a database by one in memory, with these bytes."""
        self._check().deserialize(data.encode() if isinstance(data, str) else data, name)

    # Settings

    def getlimit(self, category: int, /) -> int:
        """The value of a limit (SQLITE_LIMIT_...)."""
        return self.setlimit(category, -1)

    def setlimit(self, category: int, limit: int, /) -> int:
        """Set a limit (-1: leave it); the value before."""
        return self._check().set_limit(category, limit)

    def getconfig(self, op: int, /) -> bool:
        """A setting of the connection (SQLITE_DBCONFIG_...)."""
        return self._configure(op, -1) != 0

    def setconfig(self, op: int, enable: bool = True, /) -> None:
        """Change a setting of the connection (SQLITE_DBCONFIG_...)."""
        if self._configure(op, int(bool(enable))) != int(bool(enable)):
            raise _keelback.OperationalError("Unable to set config")

    def _configure(self, op: int, value: int) -> int:
        database = self._check()
        if op not in _BOOLEAN_SETTINGS:
            raise ValueError(f"unknown config 'op': {op}")
        return database.configure(op, value)


_BOOLEAN_SETTINGS = frozenset(
    getattr(_keelback, name) for name in dir(_keelback) if name.startswith("SQLITE_DBCONFIG_")
)
cursor.connection_classes.append(Connection)
