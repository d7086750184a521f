"""A cursor on a virtual table: what the opcodes see of a ModuleCursor.

Twin: core/kernel/vm/virtual_cursor.
"""

from __future__ import annotations

from keelback_core.reference.vm.cursor import Cursor

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.module.protocol import ModuleCursor
    from keelback_core.value import Value


class VirtualCursor(Cursor):
    """Stands on the row of the module's cursor, or on a row of NULLs."""

    __slots__ = ("_rows", "takes_pointers")

    def __init__(self, rows: ModuleCursor) -> None:
        super().__init__(True)
        self._rows = rows
        self.takes_pointers = rows.takes_pointers

    def filter(self, number: int, text: str | None, arguments: list[Value], lists: int) -> bool:
        """Begin a scan; whether there is a row."""
        self.is_null_row = False
        self._rows.filter_by_lists(number, text, arguments, lists)
        return not self._rows.is_at_end()

    def next(self) -> bool:
        if self.is_null_row:
            return False
        self._rows.next()
        return not self._rows.is_at_end()

    def column(self, index: int, default: Value) -> Value:
        return None if self.is_null_row else self._rows.column(index)

    def column_to_keep(self, index: int) -> Value:
        """The value of a column that is not changed, or NO_CHANGE."""
        return None if self.is_null_row else self._rows.column_to_keep(index)

    def rowid(self) -> int | None:
        return None if self.is_null_row else self._rows.rowid()

    def close(self) -> None:
        self._rows.close()
