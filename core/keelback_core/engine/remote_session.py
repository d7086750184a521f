"""RemoteSession and RemoteTower: the kernel's session and trees as the compiler's side of a connection sees them.

Implement `run_tower.SessionLike` and `run_tower.RunTower`. Twin: core/kernel/engine/kernel_questions.
"""

from __future__ import annotations

from keelback_core.engine.remote_database import RemoteDatabase
from keelback_core.value.errors import SqlError
from keelback_core.value.result_codes import ERROR, MESSAGES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from keelback_core.engine.remote_database import Questions
    from keelback_core.engine.run_tower import DatabaseLike
    from keelback_core.value import Value

TEMPORARY = 1
NOT_WRITABLE = "not a writable directory"


class RemoteSession:
    """The session of one connection; its databases are those of C++, and change only through `attach` and `detach`."""

    __slots__ = ("_questions", "_databases")

    def __init__(self, questions: Questions) -> None:
        self._questions = questions
        # Main and temp, then the attached ones; that temp is open is asked each time.
        self._databases = [RemoteDatabase(questions, 0), RemoteDatabase(questions, TEMPORARY)]

    def get(self, name: str) -> Any:
        """A fact of the session or the connection, by name."""
        return self._questions.ask(self._questions.session_get, [name])[0]

    def put(self, name: str, *values: Value) -> None:
        """Change a fact of the session or the connection."""
        self._questions.ask(self._questions.session_set, [name, *values])

    def random_bytes(self, count: int) -> bytes:
        """So many random bytes."""
        found: bytes = self._questions.ask(self._questions.random, [count])[0]
        return found

    @property
    def autocommit(self) -> bool:
        return bool(self.get("autocommit"))

    @property
    def has_temporary(self) -> bool:
        """Whether the temp database is open."""
        return bool(self.get("has_temporary"))

    @property
    def is_query_only(self) -> bool:
        return bool(self.get("is_query_only"))

    @is_query_only.setter
    def is_query_only(self, is_query_only: bool) -> None:
        self.put("is_query_only", int(is_query_only))

    @property
    def is_encoding_settled(self) -> bool:
        return bool(self.get("is_encoding_settled"))

    @property
    def is_damaged(self) -> bool:
        return bool(self.get("is_damaged"))

    @is_damaged.setter
    def is_damaged(self, is_damaged: bool) -> None:
        self.put("is_damaged", int(is_damaged))

    @property
    def wal_autocheckpoint(self) -> int:
        found: int = self.get("wal_autocheckpoint")
        return found

    @wal_autocheckpoint.setter
    def wal_autocheckpoint(self, frames: int) -> None:
        self.put("wal_autocheckpoint", frames)

    @property
    def defers_foreign_keys(self) -> bool:
        return bool(self.get("defers_foreign_keys"))

    def defer_foreign_keys(self, defers: bool) -> None:
        self.put("defers_foreign_keys", int(defers))

    @property
    def keeps_temporary_in_memory(self) -> bool:
        return bool(self.get("keeps_temporary_in_memory"))

    @keeps_temporary_in_memory.setter
    def keeps_temporary_in_memory(self, keeps: bool) -> None:
        self.put("keeps_temporary_in_memory", int(keeps))

    @property
    def temporary_page_size(self) -> int:
        """What temp begins with when it is opened."""
        found: int = self.get("temporary_page_size")
        return found

    @temporary_page_size.setter
    def temporary_page_size(self, size: int) -> None:
        self.put("temporary_page_size", size)

    @property
    def soft_heap_limit(self) -> int:
        """Of the process, in bytes; 0 for none. Setting one may change the other."""
        found: int = self.get("soft_heap_limit")
        return found

    @soft_heap_limit.setter
    def soft_heap_limit(self, limit: int) -> None:
        self.put("soft_heap_limit", limit)

    @property
    def hard_heap_limit(self) -> int:
        found: int = self.get("hard_heap_limit")
        return found

    @hard_heap_limit.setter
    def hard_heap_limit(self, limit: int) -> None:
        self.put("hard_heap_limit", limit)

    def close_temporary(self) -> None:
        """Drop the temp database; the next one that is needed is a new one."""
        self.put("close_temporary", 1)

    @property
    def temporary_folder(self) -> str:
        """Where temporary files are made, if the process has said so."""
        found: str = self.get("temporary_folder")
        return found

    def set_temporary_folder(self, path: str) -> None:
        """Have temporary files made there. SqlError ERROR for what cannot be written."""
        try:
            self.put("temporary_folder", path)
        except SqlError:
            raise SqlError(ERROR, NOT_WRITABLE) from None

    @property
    def databases(self) -> Sequence[DatabaseLike | None]:
        """Main, temp (None until it is open), and the attached ones."""
        found: list[DatabaseLike | None] = list(self._databases)
        if not self.has_temporary:
            found[TEMPORARY] = None
        return found

    def database(self, index: int) -> DatabaseLike:
        """The database of that index; C++ opens temp at its first use."""
        if index >= len(self._databases):
            raise SqlError(ERROR, MESSAGES[ERROR])
        return self._databases[index]

    def attach(self, database: RemoteDatabase, name: str) -> int:
        """Add a database; its number."""
        number: int = self._questions.ask(self._questions.attach, [database.number, name])[0]
        database.number = number
        self._databases.append(database)
        return number

    def detach(self, index: int) -> None:
        """Take a database out, those behind it move up; the caller closes it."""
        database = self._databases.pop(index)
        database.number = self._questions.ask(self._questions.detach, [index])[0]
        for number in range(index, len(self._databases)):
            self._databases[number].number = number


class RemoteTower:
    """Databases beside those of the session, and work on whole trees, all of it done by C++."""

    __slots__ = ("_questions",)

    def __init__(self, questions: Questions) -> None:
        self._questions = questions

    def open_database(
        self, path: str | None, flags: int, page_size: int = 4096, vfs: str | None = None
    ) -> DatabaseLike:
        questions = self._questions
        return RemoteDatabase(questions, questions.ask(questions.database_open, [path, flags, page_size, vfs])[0])

    def table_rows(self, database: DatabaseLike, root: int) -> list[tuple[int, bytes]]:
        return self._rows(database, root, False)

    def known_rows(self, database: DatabaseLike, root: int) -> list[tuple[int, bytes]]:
        return self._rows(database, root, True)

    def _rows(self, database: DatabaseLike, root: int, are_known: bool) -> list[tuple[int, bytes]]:
        assert isinstance(database, RemoteDatabase)
        values = self._questions.ask(self._questions.tree_rows, [database.number, root, int(are_known)])
        return list(zip(values[::2], values[1::2], strict=True))

    def insert_row(self, database: DatabaseLike, root: int, rowid: int, payload: bytes) -> None:
        assert isinstance(database, RemoteDatabase)
        database.call("table_insert", root, rowid, payload)

    def copy_table(self, source: DatabaseLike, old: int, target: DatabaseLike, new: int, keeps_rowids: bool) -> None:
        self._copy(source, old, target, new, True, keeps_rowids)

    def copy_index(self, source: DatabaseLike, old: int, target: DatabaseLike, new: int) -> None:
        self._copy(source, old, target, new, False, True)

    def _copy(
        self, source: DatabaseLike, old: int, target: DatabaseLike, new: int, is_table: bool, keeps_rowids: bool
    ) -> None:
        assert isinstance(source, RemoteDatabase) and isinstance(target, RemoteDatabase)
        request: list[Value] = [source.number, old, target.number, new, int(is_table), int(keeps_rowids)]
        self._questions.ask(self._questions.tree_copy, request)

    def keep_pointer_maps(self, database: DatabaseLike) -> None:
        assert isinstance(database, RemoteDatabase)
        database.put("has_pointer_maps", 1)

    def replace_content(self, target: DatabaseLike, source: DatabaseLike, change_counter: int) -> None:
        assert isinstance(source, RemoteDatabase) and isinstance(target, RemoteDatabase)
        target.call("replace_content", source.number, change_counter)
