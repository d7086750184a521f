"""ConnectionHost: the services of one connection of the reference that running Programs ask for.

Implements `program.host.Host` for the machine; as `UserFunctions` it serves the compiler too.

Must not know: how statements are compiled or run.
"""

from __future__ import annotations

from keelback_core.engine.user_functions import UserFunctions

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.engine.connection import Connection
    from keelback_core.engine.surroundings import Surroundings
    from keelback_core.module.protocol import ModuleTable
    from keelback_core.value import Value


class ConnectionHost(UserFunctions):
    """See the module; its attributes are those of `program.host.Host`."""

    __slots__ = (
        "connection",
        "last_insert_rowid",
        "changes",
        "total_changes",
        "limit_length",
        "limit_pattern_length",
        "is_interrupted",
        "progress_period",
        "now",
        "surroundings",
    )

    def __init__(self, connection: Connection, surroundings: Surroundings) -> None:
        super().__init__(connection.virtual_tables)
        self.connection = connection
        self.surroundings = surroundings
        self.last_insert_rowid = 0
        self.changes = 0
        self.total_changes = 0
        self.limit_length = 1_000_000_000
        self.limit_pattern_length = 50_000
        self.is_interrupted = False
        self.progress_period = 0
        # Milliseconds of the running step, 0 until it is asked for.
        self.now = 0

    # For the machine.

    def progress(self) -> bool:
        handler = self.connection.progress_handler
        return handler is not None and bool(handler[1]())

    def random_bytes(self, count: int) -> bytes:
        return self.surroundings.random_bytes(count)

    def current_time_milliseconds(self) -> int:
        if self.now == 0:
            self.now = self.surroundings.current_time_milliseconds()
        return self.now

    def schema_changed(self, database: int) -> None:
        self.connection.forget_schema(database)

    def pragma(self, database: int, name: str, arguments: list[Value]) -> Value:
        return self.connection.answer_pragma(database, name, arguments)

    def check_virtual_table(self, key: str, is_quick: bool) -> str | None:
        return self.connection.virtual_tables.check(key, is_quick)

    def virtual_table(self, key: str) -> ModuleTable:
        return self.connection.virtual_tables.table(key)

    def create_virtual(self, database: int, text: str) -> ModuleTable:
        return self.connection.virtual_tables.create(database, text)

    def destroy_virtual(self, key: str) -> None:
        self.connection.virtual_tables.destroy(key)

    def rename_virtual(self, key: str, name: str) -> None:
        self.connection.virtual_tables.rename(key, name)

    def virtual_ended(self, is_commit: bool) -> None:
        self.connection.virtual_tables.end(is_commit)

    def update_hook(self, operation: int, database: int, table: str, rowid: int) -> None:
        hook = self.connection.update_hook
        if hook is not None:
            hook(operation, self.connection.schema_name(database), table, rowid)

    def preupdate_hook(
        self,
        operation: int,
        depth: int,
        database: int,
        table: str,
        old: list[Value] | None,
        new: list[Value] | None,
        blob_column: int = -1,
    ) -> None:
        hook = self.connection.preupdate_hook
        if hook is not None:
            hook(operation, depth, self.connection.schema_name(database), table, old, new, blob_column)

    def commit_hook(self) -> bool:
        hook = self.connection.commit_hook
        return hook is not None and bool(hook())

    def rollback_hook(self) -> None:
        hook = self.connection.rollback_hook
        if hook is not None:
            hook()
