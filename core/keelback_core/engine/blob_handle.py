"""BlobHandle: a handle of sqlite3_blob_open on the reference: a paused machine, and the bytes of the row it stands on.

1. The machine runs the program of emit/blob.py; while it is paused, its transaction and its locks stay, as those of a
   statement that has given a row.
2. SqlError ABORT says that the row was changed or is gone, and that the handle is over; so does every error of `seek`.
   After ABORT_ROLLBACK and others it is still to be closed.
3. What `read` or `write` failed with last is what the handle ends with, as a statement that failed so.

Must not know: SQL. Twin: kernel/engine/kernel_blob.
"""

from __future__ import annotations

from keelback_core.reference.vm.machine import Machine
from keelback_core.reference.vm.tree_cursor import TableTreeCursor
from keelback_core.value.errors import SqlError
from keelback_core.value.record import serial_size
from keelback_core.value.result_codes import ABORT, ABORT_ROLLBACK, ERROR, MESSAGES, SCHEMA

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from keelback_core.engine.connection import Connection
    from keelback_core.program.program import Program
    from keelback_core.reference.storage.table_cursor import TableCursor
    from keelback_core.value import Value

LARGEST_SCHEMA_RETRIES: Final = 50
FIRST_TEXT_TYPE: Final = 12
REAL_TYPE: Final = 7
# The operation as the hook is told it: SQLITE_DELETE.
HOOK_DELETE: Final = 9


def open_blob(
    connection: Connection, schema: str | None, table: str, column: str, rowid: int, is_writable: bool
) -> BlobHandle:
    """A handle that stands on a row. SqlError."""
    retries = 0
    while True:
        handle = BlobHandle(connection, connection.compile_blob(schema, table, column, is_writable))
        try:
            handle.seek(rowid)
            return handle
        except SqlError as error:
            if error.primary_code != SCHEMA or retries >= LARGEST_SCHEMA_RETRIES:
                raise
        retries += 1
        connection.forget_schemas()


class BlobHandle:
    """See the module. size: of the value in bytes."""

    __slots__ = ("size", "_connection", "_machine", "_offset", "_failure")

    def __init__(self, connection: Connection, program: Program) -> None:
        self.size = 0
        self._connection = connection
        self._machine = Machine(program, connection.session, connection.host)
        self._offset = 0
        self._failure: SqlError | None = None

    def seek(self, rowid: int) -> None:
        """Stand on a row. After an error the handle is over."""
        machine = self._machine
        machine.parameters = [rowid]
        self._failure = None
        self._connection.host.now = 0
        if not machine.step():
            raise SqlError(ERROR, f"no such rowid: {rowid}")
        place = machine.row[0]
        assert isinstance(place, int)
        tree = self._tree()
        found = tree.column_place(place)
        serial_type = 0 if found is None else found[0]
        if found is None or serial_type < FIRST_TEXT_TYPE:
            self._end()
            kind = "null" if serial_type == 0 else "real" if serial_type == REAL_TYPE else "integer"
            raise SqlError(ERROR, f"cannot open value of type {kind}")
        self.size = serial_size(serial_type)
        self._offset = found[1]
        tree.watch_row()

    def read(self, offset: int, size: int) -> bytes:
        """Bytes of the value; the range is within it."""
        try:
            data = self._usable_tree().read_row_bytes(self._offset + offset, size)
        except SqlError as error:
            self._failure = error
            raise
        self._failure = None
        return data

    def write(self, offset: int, data: bytes) -> None:
        """Put bytes in the place of those of the value; the range is within it."""
        try:
            tree = self._usable_tree()
            if len(self._machine.row) > 1:
                self._show_row(tree)
                # Who was told may have changed anything.
                tree = self._usable_tree()
            tree.write_row_bytes(self._offset + offset, data)
        except SqlError as error:
            self._failure = error
            raise
        self._failure = None
        self._connection.session.change_serial += 1

    def close(self) -> None:
        """End the handle. SqlError if what it wrote cannot be committed, or was not written."""
        if self._failure is not None:
            self._machine.end_failed(self._failure)
        else:
            self._machine.reset()

    def _show_row(self, tree: TableCursor) -> None:
        """Tell the preupdate hook of the row that is about to be written: as if it were deleted."""
        place, database, rowid_column, count, table = self._machine.row
        assert isinstance(place, int) and isinstance(database, int) and isinstance(count, int)
        encoding = self._connection.session.database(database).encoding
        row: list[Value] = [tree.rowid]
        for number in range(count):
            row.append(tree.rowid if number == rowid_column else tree.column(number, encoding)[0])
        self._connection.host.preupdate_hook(HOOK_DELETE, 0, database, str(table), row, None, place)

    def _tree(self) -> TableCursor:
        cursor = self._machine.cursor(0)
        if not isinstance(cursor, TableTreeCursor):
            raise SqlError(ABORT_ROLLBACK, MESSAGES[ABORT_ROLLBACK])
        return cursor.tree

    def _usable_tree(self) -> TableCursor:
        tree = self._tree()
        if tree.is_row_changed or not tree.is_on_row():
            self._end()
            raise SqlError(ABORT, MESSAGES[ABORT])
        return tree

    def _end(self) -> None:
        """End the run without telling how."""
        try:
            self._machine.reset()
        except SqlError:
            pass
