"""ReferenceTower: the run tower of the reference, as the compiler's side of a connection sees it.

Implements `run_tower.RunTower` over reference.storage. Twin: core/kernel/engine/kernel_questions.
"""

from __future__ import annotations

from keelback_core.engine.uri import unknown_vfs
from keelback_core.reference.storage.database import Database
from keelback_core.reference.storage.vfs_names import find_vfs
from keelback_core.reference.vm.functions.context import FunctionContext
from keelback_core.reference.vm.functions.pattern import like_case_sensitive
from keelback_core.value.key import KeyComparator
from keelback_core.value.key_info import KeyInfo

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from keelback_core.engine.run_tower import DatabaseLike
    from keelback_core.reference.storage.vfs import Vfs
    from keelback_core.reference.vm.functions.context import FunctionHost
    from keelback_core.value import Value


class ReferenceTower:
    """See the module."""

    __slots__ = ("_files", "_usual_files")

    def __init__(self, files: Vfs, usual_files: Vfs) -> None:
        self._files = files
        self._usual_files = usual_files

    def open_database(
        self, path: str | None, flags: int, page_size: int = 4096, vfs: str | None = None
    ) -> DatabaseLike:
        files = self._files if not vfs else find_vfs(vfs, self._usual_files)
        if files is None:
            raise unknown_vfs(str(vfs))
        return Database.open(path, flags, files, page_size)

    def table_rows(self, database: DatabaseLike, root: int) -> list[tuple[int, bytes]]:
        assert isinstance(database, Database)
        rows = []
        cursor = database.open_table_cursor(root, False)
        try:
            found = cursor.first()
            while found:
                rows.append((cursor.rowid, cursor.payload()))
                found = cursor.next()
        finally:
            cursor.close()
        return rows

    known_rows = table_rows

    def insert_row(self, database: DatabaseLike, root: int, rowid: int, payload: bytes) -> None:
        assert isinstance(database, Database)
        cursor = database.open_table_cursor(root, True)
        try:
            cursor.insert(rowid, payload)
        finally:
            cursor.close()

    def copy_table(self, source: DatabaseLike, old: int, target: DatabaseLike, new: int, keeps_rowids: bool) -> None:
        assert isinstance(source, Database) and isinstance(target, Database)
        reader = source.open_table_cursor(old, False)
        writer = target.open_table_cursor(new, True)
        rowid = 0
        try:
            found = reader.first()
            while found:
                rowid = reader.rowid if keeps_rowids else rowid + 1
                writer.insert(rowid, reader.payload())
                source.pager.stop_if_interrupted()
                found = reader.next()
        finally:
            reader.close()
            writer.close()

    def copy_index(self, source: DatabaseLike, old: int, target: DatabaseLike, new: int) -> None:
        assert isinstance(source, Database) and isinstance(target, Database)
        # Nothing is compared.
        comparator = KeyComparator(KeyInfo(("BINARY",), (0,), 1), ())
        reader = source.open_index_cursor(old, False, comparator)
        writer = target.open_index_cursor(new, True, comparator)
        try:
            found = reader.first()
            while found:
                writer.append_payload(reader.payload())
                source.pager.stop_if_interrupted()
                found = reader.next()
        finally:
            reader.close()
            writer.close()

    def keep_pointer_maps(self, database: DatabaseLike) -> None:
        assert isinstance(database, Database)
        database.pager.has_pointer_maps = True

    def replace_content(self, target: DatabaseLike, source: DatabaseLike, change_counter: int) -> None:
        assert isinstance(source, Database) and isinstance(target, Database)
        source.begin_read()
        pages = [bytes(source.pager.get(number).data) for number in range(1, source.page_count + 1)]
        source.end_read()
        if pages:
            first = bytearray(pages[0])
            first[24:28] = first[92:96] = (change_counter & 0xFFFFFFFF).to_bytes(4, "big")
            pages[0] = bytes(first)
        target.replace_content(pages, source.page_size)


def partial_like(host: FunctionHost) -> Callable[[list[Value]], Value]:
    """like() with case, as a function of the user."""
    context = FunctionContext(host)

    def like(arguments: list[Value]) -> Value:
        return like_case_sensitive(context, arguments)

    return like
