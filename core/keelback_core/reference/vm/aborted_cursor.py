"""What stands in the place of a cursor whose transaction was rolled back under it: every use fails."""

from __future__ import annotations

from keelback_core.reference.vm.cursor import Cursor
from keelback_core.reference.vm.failure import failure
from keelback_core.reference.vm.record import Record
from keelback_core.value.result_codes import ABORT_ROLLBACK

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from keelback_core.value import Value


class AbortedCursor(Cursor):
    """Fails with SQLITE_ABORT_ROLLBACK "abort due to ROLLBACK"."""

    __slots__ = ()

    def column(self, index: int, default: Value) -> Value:
        raise failure(ABORT_ROLLBACK)

    def rowid(self) -> int | None:
        raise failure(ABORT_ROLLBACK)

    def record(self) -> Record:
        raise failure(ABORT_ROLLBACK)

    def first(self) -> bool:
        raise failure(ABORT_ROLLBACK)

    def last(self) -> bool:
        raise failure(ABORT_ROLLBACK)

    def next(self) -> bool:
        raise failure(ABORT_ROLLBACK)

    def previous(self) -> bool:
        raise failure(ABORT_ROLLBACK)

    def find(self, key: Sequence[Value]) -> bool:
        raise failure(ABORT_ROLLBACK)

    def seek_forward(self, key: Sequence[Value], or_equal: bool) -> bool:
        raise failure(ABORT_ROLLBACK)

    def seek_backward(self, key: Sequence[Value], or_equal: bool) -> bool:
        raise failure(ABORT_ROLLBACK)

    def compare_key(self, key: Sequence[Value]) -> int:
        raise failure(ABORT_ROLLBACK)

    def insert_row(self, rowid: int, record: Record, keep_position: bool) -> None:
        raise failure(ABORT_ROLLBACK)

    def insert_entry(self, record: Record, key_count: int) -> None:
        raise failure(ABORT_ROLLBACK)

    def delete(self) -> None:
        raise failure(ABORT_ROLLBACK)

    def count(self) -> int:
        raise failure(ABORT_ROLLBACK)
