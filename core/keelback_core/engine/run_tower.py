"""What the compiler side of a connection asks of the run tower below it, as protocols.

The reference's `Session` and `Database` are such a session and such databases; behind the kernel they are proxies that
ask C++ (remote_session.py, remote_database.py). `RunTower` holds what is work on whole trees, so that no row need cross
where C++ does it.

Must not know: SQL, schemas, which engine is below.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Protocol

    class DatabaseLike(Protocol):
        """One open database; what the members mean stands in reference/storage/database.py."""

        max_page_count: int
        cache_size: int
        synchronous: int
        journal_mode: str
        keeps_locks: bool
        journal_size_limit: int
        secure_delete: int
        spill_size: int
        may_spill: bool
        mmap_size: int

        @property
        def path(self) -> str: ...

        @property
        def page_size(self) -> int: ...

        requested_reserve: int
        wanted_auto_vacuum: int

        @property
        def was_read(self) -> bool: ...

        is_format_fixed: bool

        @property
        def page_count(self) -> int: ...

        @property
        def is_readonly(self) -> bool: ...

        @property
        def transaction_state(self) -> int: ...

        @property
        def change_counter(self) -> int: ...

        def set_page_size(self, size: int) -> None: ...

        def begin_read(self) -> None: ...

        def end_read(self) -> None: ...

        def begin_write(self, exclusive: bool = False) -> None: ...

        def commit(self) -> None: ...

        def rollback(self) -> None: ...

        def get_meta(self, index: int) -> int: ...

        def set_meta(self, index: int, value: int) -> None: ...

        def create_root(self, is_table: bool) -> int: ...

        def read_page(self, number: int) -> bytes: ...

        def write_page(self, number: int, data: bytes) -> None: ...

        def checkpoint(self, mode: int) -> tuple[int, int, int]: ...

        def release_memory(self) -> None: ...

        def close(self) -> None: ...

    class SessionLike(Protocol):
        """The databases and the transaction of one connection; see reference/vm/session.py."""

        is_query_only: bool
        is_damaged: bool
        wal_autocheckpoint: int
        keeps_temporary_in_memory: bool
        temporary_page_size: int
        soft_heap_limit: int
        hard_heap_limit: int

        @property
        def is_encoding_settled(self) -> bool: ...

        @property
        def defers_foreign_keys(self) -> bool: ...

        @property
        def autocommit(self) -> bool: ...

        @property
        def databases(self) -> Sequence[DatabaseLike | None]: ...

        def database(self, index: int) -> DatabaseLike: ...

        def detach(self, index: int) -> None: ...

        def defer_foreign_keys(self, defers: bool) -> None: ...

        def close_temporary(self) -> None: ...

        @property
        def temporary_folder(self) -> str: ...

        def set_temporary_folder(self, path: str) -> None:
            """Where temporary files are made from now on; empty: where the environment says. SqlError ERROR for what
            cannot be written."""
            ...

    class RunTower(Protocol):
        """Databases beside those of the session, and work on whole trees."""

        def open_database(
            self, path: str | None, flags: int, page_size: int = 4096, vfs: str | None = None
        ) -> DatabaseLike:
            """A database that is not attached; None as path or OPEN_MEMORY: in memory, with OPEN_SHARED_CACHE under
            that name. vfs: None for that of the connection. SqlError CANTOPEN, ERROR for an unknown vfs."""
            ...

        def table_rows(self, database: DatabaseLike, root: int) -> list[tuple[int, bytes]]:
            """Rowid and record of all rows of a table tree; the database must be read."""
            ...

        def known_rows(self, database: DatabaseLike, root: int) -> list[tuple[int, bytes]]:
            """The same of the schema or its statistics, as the run tower has read them before where it has: it may have
            run known programs for that schema, whose rows this connection has changed since (writable_schema).
            """
            ...

        def insert_row(self, database: DatabaseLike, root: int, rowid: int, payload: bytes) -> None: ...

        def copy_table(
            self, source: DatabaseLike, old: int, target: DatabaseLike, new: int, keeps_rowids: bool
        ) -> None:
            """Append all rows of a table tree to an empty one, with new rowids (1, 2, ...) unless `keeps_rowids`."""
            ...

        def copy_index(self, source: DatabaseLike, old: int, target: DatabaseLike, new: int) -> None:
            """Append all entries of an index tree to an empty one, comparing nothing."""
            ...

        def keep_pointer_maps(self, database: DatabaseLike) -> None:
            """Have a database in memory that is still empty keep pointer maps, as its meta values say."""
            ...

        def replace_content(self, target: DatabaseLike, source: DatabaseLike, change_counter: int) -> None:
            """Put the pages of a database in memory in the place of another's, with this change counter, and commit;
            the write transaction of `target` must be exclusive.
            """
            ...
