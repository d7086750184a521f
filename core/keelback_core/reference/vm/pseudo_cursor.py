"""A cursor on one row that stands in a register: the record of a sorter, or a row made by hand."""

from __future__ import annotations

from keelback_core.reference.vm.cursor import Cursor
from keelback_core.reference.vm.record import Record
from keelback_core.value.errors import SqlError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from keelback_core.value import Value


class PseudoCursor(Cursor):
    """Reads the Record in `registers[place]` whenever it is asked."""

    __slots__ = ("_place", "_registers")

    def __init__(self, registers: list[Any], place: int) -> None:
        super().__init__(False)
        self._registers = registers
        self._place = place

    def column(self, index: int, default: Value) -> Value:
        record = self._registers[self._place]
        if self.is_null_row or record is None:
            return None
        values: list[Value]
        try:
            values = record.values()
        except SqlError:
            values = record.first_values(index + 1)
        return values[index] if index < len(values) else default

    def record(self) -> Record:
        record = self._registers[self._place]
        assert isinstance(record, Record)
        return record
