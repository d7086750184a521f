"""VirtualService: virtual tables of the kernel whose modules are Python; an operation KB_COMPILER_VIRTUAL_... a method.

    OPEN    [table]                              -> [scan]        table: "database:name", as programs name it
    CLOSE   [scan]                               -> []
    FILTER  [scan, number, text, lists, arguments...] -> [has_row]
    NEXT    [scan]                               -> [has_row]
    COLUMN  [scan, number]                       -> [value, is_json]     -1 - number: it is not changed
    ROWID   [scan]                               -> [rowid]
    BEGIN   [table, depth]                       -> []            depth: of the savepoints that are open already
    UPDATE  [table, conflict, arguments...]      -> [rowid or NULL]
    CREATE  [database, text]                     -> []
    DESTROY [table]                              -> []
    RENAME  [table, name]                        -> []
    CHECK   [table, is_quick]                    -> [what is wrong, or NULL]
    END     [event, depth]                       -> []

Events: 0 sync, 1 commit, 2 rollback, 3 savepoint, 4 release, 5 rollback_to. A table is told of a transaction once.

Must not know: programs. Twin: core/kernel/engine/virtual_host. Source: https://sqlite.org/vtab.html
"""

from __future__ import annotations

from keelback_core.engine.late_module import late_module
from keelback_core.value.errors import SqlError
from keelback_core.value.pointer import PointerNull
from keelback_core.value.result_codes import MESSAGES, MISUSE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from keelback_core.engine.remote_connection import RemoteConnection
    from keelback_core.module.protocol import ModuleCursor
    from keelback_core.value import Value

    VirtualOperation = Callable[["VirtualService", list[Any]], Sequence[Value]]

EVENT_SYNC = 0
EVENT_COMMIT = 1
EVENT_ROLLBACK = 2
EVENT_SAVEPOINT = 3
EVENT_RELEASE = 4
EVENT_ROLLBACK_TO = 5


class VirtualService:
    """Of one connection: the scans that are open, by number."""

    __slots__ = ("_connection", "_scans", "_next", "_json")

    def __init__(self, connection: RemoteConnection) -> None:
        self._connection = connection
        self._scans: dict[int, ModuleCursor] = {}
        self._next = 0
        self._json: Any = None

    def _scan(self, number: int) -> ModuleCursor:
        found = self._scans.get(number)
        if found is None:
            raise SqlError(MISUSE, MESSAGES[MISUSE])
        return found

    # Scans.

    def open(self, arguments: list[Any]) -> list[Value]:
        scan = self._connection.virtual_tables.table(arguments[0]).open()
        if self._json is None:
            self._json = late_module("keelback_core.reference.vm.functions.subtype").JsonText
        self._next += 1
        self._scans[self._next] = scan
        return [self._next]

    def close(self, arguments: list[Any]) -> list[Value]:
        scan = self._scans.pop(arguments[0], None)
        if scan is not None:
            scan.close()
        return []

    def filter(self, arguments: list[Any]) -> list[Value]:
        scan = self._scan(arguments[0])
        values = arguments[4:]
        if not scan.takes_pointers:
            values = [None if type(value) is PointerNull else value for value in values]
        scan.filter_by_lists(arguments[1], arguments[2], values, arguments[3])
        return [int(not scan.is_at_end())]

    def next(self, arguments: list[Any]) -> list[Value]:
        scan = self._scan(arguments[0])
        scan.next()
        return [int(not scan.is_at_end())]

    def column(self, arguments: list[Any]) -> list[Value]:
        number = arguments[1]
        scan = self._scan(arguments[0])
        value = scan.column(number) if number >= 0 else scan.column_to_keep(-1 - number)
        return [value, int(type(value) is self._json)]

    def rowid(self, arguments: list[Any]) -> list[Value]:
        return [self._scan(arguments[0]).rowid()]

    # Writes.

    def begin(self, arguments: list[Any]) -> list[Value]:
        tables = self._connection.virtual_tables
        table = tables.table(arguments[0])
        if not any(known is table for known in tables.written):
            table.begin()
            tables.written.append(table)
            if arguments[1]:
                table.open_savepoint(arguments[1] - 1)
        return []

    def update(self, arguments: list[Any]) -> list[Value]:
        return [self._connection.virtual_tables.table(arguments[0]).update(arguments[2:], arguments[1])]

    def create(self, arguments: list[Any]) -> list[Value]:
        tables = self._connection.virtual_tables
        # It takes part in the transaction; it need not be told that it will be written.
        table = tables.create(arguments[0], arguments[1])
        tables.written.append(table)
        return []

    def destroy(self, arguments: list[Any]) -> list[Value]:
        self._connection.virtual_tables.destroy(arguments[0])
        return []

    def rename(self, arguments: list[Any]) -> list[Value]:
        self._connection.virtual_tables.rename(arguments[0], arguments[1])
        return []

    def check(self, arguments: list[Any]) -> list[Value]:
        return [self._connection.virtual_tables.check(arguments[0], bool(arguments[1]))]

    def end(self, arguments: list[Any]) -> list[Value]:
        event, depth = arguments
        tables = self._connection.virtual_tables
        written = list(tables.written)
        if event in (EVENT_COMMIT, EVENT_ROLLBACK):
            tables.written.clear()
        for table in written:
            if event == EVENT_SYNC:
                table.sync()
            elif event == EVENT_SAVEPOINT:
                table.open_savepoint(depth)
            elif event == EVENT_RELEASE:
                table.release_savepoint(depth)
            elif event == EVENT_ROLLBACK_TO:
                table.roll_back_to_savepoint(depth)
            else:
                table.savepoint_count = 0
                try:
                    if event == EVENT_COMMIT:
                        table.commit()
                    else:
                        table.rollback()
                except SqlError:
                    # As in SQLite, nobody asks.
                    continue
        if event in (EVENT_COMMIT, EVENT_ROLLBACK):
            tables.end(event == EVENT_COMMIT)
        return []


def virtual_operations(names: Any) -> dict[int, VirtualOperation]:
    """The operations by their numbers (plugin/table.h)."""
    return {
        names.KB_COMPILER_VIRTUAL_OPEN: VirtualService.open,
        names.KB_COMPILER_VIRTUAL_CLOSE: VirtualService.close,
        names.KB_COMPILER_VIRTUAL_FILTER: VirtualService.filter,
        names.KB_COMPILER_VIRTUAL_NEXT: VirtualService.next,
        names.KB_COMPILER_VIRTUAL_COLUMN: VirtualService.column,
        names.KB_COMPILER_VIRTUAL_ROWID: VirtualService.rowid,
        names.KB_COMPILER_VIRTUAL_BEGIN: VirtualService.begin,
        names.KB_COMPILER_VIRTUAL_UPDATE: VirtualService.update,
        names.KB_COMPILER_VIRTUAL_CREATE: VirtualService.create,
        names.KB_COMPILER_VIRTUAL_DESTROY: VirtualService.destroy,
        names.KB_COMPILER_VIRTUAL_RENAME: VirtualService.rename,
        names.KB_COMPILER_VIRTUAL_CHECK: VirtualService.check,
        names.KB_COMPILER_VIRTUAL_END: VirtualService.end,
    }
