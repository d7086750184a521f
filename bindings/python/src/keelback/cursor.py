"""Cursor: executes a statement and hands out its rows.

1. The rows of an execution belong to a native `Rows`; dropping it resets the statement, so no cursor keeps a lock
   for longer than it lives.
2. A cursor that is at work (its parameters come from an iterator, its columns from a converter) is not used again
   within.
Spec: PEP 249, and the behaviour of Python's sqlite3.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from operator import attrgetter, index
from typing import TYPE_CHECKING, Any

from keelback import _keelback
from keelback._keelback import ProgrammingError
from keelback.adapters import find_converter
from keelback.checks import name_of_type

if TYPE_CHECKING:
    from keelback.connection import Connection

PARSE_DECLTYPES = 1
PARSE_COLNAMES = 2

_RECURSIVE_USE = "Recursive use of cursors not allowed."


# Set by keelback.connection: the class that a cursor's connection must have.
connection_classes: list[type] = []


class Cursor:
    """A cursor of DB-API 2.0."""

    __slots__ = (
        "_connection",
        "_arraysize",
        "_description",
        "_is_closed",
        "_is_locked",
        "_lastrowid",
        "_rowcount",
        "_rows",
        "row_factory",
        "__weakref__",
    )
    _connection: Connection
    _description: Any
    _lastrowid: int | None
    _rowcount: int
    _rows: _keelback.Rows | None
    _is_closed: bool
    _is_locked: bool
    _arraysize: int
    row_factory: Callable[[Any, Any], Any] | None

    def __init__(self, connection: Connection, /) -> None:
        if not isinstance(connection, connection_classes[0]):
            wanted = f"{connection_classes[0].__module__}.Connection"
            raise TypeError(f"Cursor() argument 1 must be {wanted}, not {name_of_type(connection)}")
        self._check_idle()
        connection._check()
        self._is_locked = False
        self._rows = None
        self._description = None
        self._lastrowid = None
        self._rowcount = -1
        self._arraysize = 1
        self._is_closed = False
        self.row_factory = None
        self._connection = connection

    connection = property(attrgetter("_connection"), doc="The connection of this cursor.")
    description = property(attrgetter("_description"), doc="A 7-tuple for each column of the result, or None.")
    lastrowid = property(attrgetter("_lastrowid"), doc="The rowid of the last row inserted by execute().")

    @property
    def arraysize(self) -> int:
        """How many rows fetchmany() fetches without being told."""
        return self._arraysize

    @arraysize.setter
    def arraysize(self, size: int) -> None:
        self._arraysize = index(size)

    @property
    def rowcount(self) -> int:
        """Rows changed by INSERT, UPDATE, DELETE, REPLACE; -1 for others, and before the last row of RETURNING."""
        rows = self._rows
        return self._rowcount if rows is None else rows.changes

    def _start(self) -> Connection:
        """The connection, after the checks that each method begins with."""
        try:
            connection = self._connection
        except AttributeError:
            raise ProgrammingError("Base Cursor.__init__ not called.") from None
        connection._check()
        if self._is_closed:
            raise ProgrammingError("Cannot operate on a closed cursor.")
        rows = self._rows
        if self._is_locked or (rows is not None and rows.is_busy):
            raise ProgrammingError(_RECURSIVE_USE)
        return connection

    def _check_idle(self) -> None:
        """Refuse what is asked of a cursor by the iterator, adapter or converter that it is calling."""
        if not hasattr(self, "_is_locked"):
            return  # before the first __init__
        rows = self._rows
        if self._is_locked or (rows is not None and rows.is_busy):
            raise ProgrammingError(_RECURSIVE_USE)

    def _forget(self) -> None:
        """End the execution before: its rows are reset."""
        rows = self._rows
        if rows is not None:
            self._rows = None
            rows.close()
        self._description = None
        self._rowcount = -1

    def execute(self, sql: str, parameters: Any = (), /) -> Cursor:
        """Execute one statement; a transaction is begun before INSERT, UPDATE, DELETE and REPLACE where due."""
        connection = self._start()
        if not isinstance(sql, str):
            raise TypeError(f"execute() argument 1 must be str, not {name_of_type(sql)}")
        self._is_locked = True
        try:
            self._forget()
            statement = connection._statement(sql)
            rows = statement.execute(parameters, connection._begin_text)
            if rows is not None:
                self._rows = rows
                self._description = rows.description
                self._lastrowid = rows.last_rowid
                if connection._detect_types and self._description is not None:
                    self._detect_types(connection._detect_types, statement, rows)
        finally:
            self._is_locked = False
        return self

    def _detect_types(self, detect_types: int, statement: _keelback.Statement, rows: _keelback.Rows) -> None:
        """Choose the converters of the columns, and take type names in brackets off the columns' names."""
        chosen = []
        for name, declared in statement.column_types():
            converter = None
            bracket = name.find("[")
            if detect_types & PARSE_COLNAMES and bracket >= 0 and "]" in name[bracket:]:
                converter = find_converter(name[bracket + 1 : name.index("]", bracket)])
            if converter is None and detect_types & PARSE_DECLTYPES and declared is not None:
                converter = find_converter(declared.split("(")[0].split(" ")[0])
            chosen.append(converter)
        if any(converter is not None for converter in chosen):
            rows.set_converters(chosen)
        if detect_types & PARSE_COLNAMES:
            self._description = tuple((_strip_type(column[0]), *column[1:]) for column in self._description)

    def executemany(self, sql: str, seq_of_parameters: Iterable[Any], /) -> Cursor:
        """Execute one statement with each set of parameters; rows that it gives are dropped."""
        connection = self._start()
        if not isinstance(sql, str):
            raise TypeError(f"executemany() argument 1 must be str, not {name_of_type(sql)}")
        parameter_sets = iter(seq_of_parameters)
        self._is_locked = True
        try:
            self._forget()
            statement = connection._statement(sql)
            if statement.is_readonly:
                raise ProgrammingError("executemany() can only execute DML statements.")
            self._rowcount = statement.execute_many(parameter_sets, connection._begin_text)
        finally:
            self._is_locked = False
        return self

    def executescript(self, sql_script: str, /) -> Cursor:
        """Execute all statements of a text; in legacy transaction control a pending transaction is committed first."""
        connection = self._start()
        if not isinstance(sql_script, str):
            raise TypeError(f"executescript() argument must be str, not {name_of_type(sql_script)}")
        connection._run_script(sql_script)
        return self

    def _fetch(self, count: int) -> list[Any]:
        """Up to `count` rows through the row factory; all for a count that is not positive."""
        connection = self._start()
        rows = self._rows
        if rows is None:
            return []
        values = rows.fetch(count if count > 0 else -1, connection.text_factory)
        factory = self.row_factory
        return values if factory is None else [factory(self, value) for value in values]

    def fetchone(self) -> Any:
        """The next row, None at the end."""
        rows = self._rows if hasattr(self, "_rows") else None
        if rows is None or self._is_locked:
            self._start()
            return None
        row = rows.next(self._connection.text_factory)
        factory = self.row_factory
        return row if row is None or factory is None else factory(self, row)

    def fetchmany(self, size: int | None = None) -> list[Any]:
        """The next `size` (or `arraysize`) rows."""
        if size is None:
            self._start()
            size = self.arraysize
        return self._fetch(index(size))

    def fetchall(self) -> list[Any]:
        """All rows that are left."""
        return self._fetch(-1)

    def __iter__(self) -> Iterator[Any]:
        return self

    def __next__(self) -> Any:
        row = self.fetchone()
        if row is None:
            raise StopIteration
        return row

    def setinputsizes(self, sizes: Any, /) -> None:
        """Required by DB-API; does nothing."""

    def setoutputsize(self, size: Any, column: Any = None, /) -> None:
        """Required by DB-API; does nothing."""

    def close(self) -> None:
        """Drop the rows that are left."""
        self._check_idle()
        if not hasattr(self, "_connection"):
            raise ProgrammingError("Base Cursor.__init__ not called.")
        self._connection._check()
        self._is_closed = True
        rowcount = self.rowcount
        rows, self._rows = self._rows, None
        self._rowcount = rowcount
        if rows is not None:
            rows.close()


def _strip_type(name: str) -> str:
    """The column's name without its `[type]`."""
    bracket = name.find("[")
    if bracket < 0:
        return name
    return name[: bracket - 1] if bracket > 0 and name[bracket - 1] == " " else name[:bracket]
