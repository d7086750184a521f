"""Host: what a running Program may ask of the engine that runs it.

The VM sees user functions, collations, hooks, time, randomness and connection settings only through this
protocol; `engine` implements it. It stands beside Program because both VMs speak it.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Protocol

    from keelback_core.module.protocol import ModuleTable
    from keelback_core.value import Value
    from keelback_core.value.key import Collation

    class Aggregate(Protocol):
        """The state of one aggregate of one group."""

        def step(self, arguments: list[Value]) -> None: ...

        def final(self) -> Value: ...

        def value(self) -> Value:
            """The result so far; only of functions that may be used with OVER, as `inverse`."""
            ...

        def inverse(self, arguments: list[Value]) -> None:
            """Take the oldest row that is still in out again."""
            ...

    class Host(Protocol):
        """Services of a connection, one object per connection."""

        last_insert_rowid: int
        changes: int
        total_changes: int
        limit_length: int
        limit_pattern_length: int
        is_interrupted: bool
        # Calls of the progress handler: every so many instructions (0: none); True means interrupt.
        progress_period: int

        def progress(self) -> bool: ...

        def find_scalar(self, name: str, argument_count: int) -> Callable[[list[Value]], Value] | None:
            """A user's function that hides or adds to the built-in ones; None if there is none."""
            ...

        def find_aggregate(self, name: str, argument_count: int) -> Callable[[], Aggregate] | None: ...

        def find_collation(self, name: str) -> Collation:
            """Raises SqlError "no such collation sequence: name"."""
            ...

        def random_bytes(self, count: int) -> bytes: ...

        def current_time_milliseconds(self) -> int:
            """Milliseconds since 1970-01-01 UTC, the same all through one step of a statement."""
            ...

        def schema_changed(self, database: int) -> None:
            """The schema of this database is to be read again before the next statement is compiled."""
            ...

        def pragma(self, database: int, name: str, arguments: list[Value]) -> Value:
            """Answer or change a setting that is no work of the VM."""
            ...

        def check_virtual_table(self, key: str, is_quick: bool) -> str | None:
            """What a virtual table says is wrong with it, None for nothing."""

        def virtual_table(self, key: str) -> ModuleTable:
            """The connected virtual table "database:name". SqlError as its module gives it."""
            ...

        def create_virtual(self, database: int, text: str) -> ModuleTable:
            """Have a module create the table of a CREATE VIRTUAL TABLE statement."""
            ...

        def destroy_virtual(self, key: str) -> None:
            """Have a module destroy a table, which is being dropped."""
            ...

        def rename_virtual(self, key: str, name: str) -> None:
            """Tell a virtual table that its name will be another."""
            ...

        def virtual_ended(self, is_commit: bool) -> None:
            """The transaction of the virtual tables is over."""
            ...

        def update_hook(self, operation: int, database: int, table: str, rowid: int) -> None:
            """A row was inserted (18), deleted (9) or updated (23)."""
            ...

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
            """A row is about to be inserted, deleted or updated `depth` triggers below the statement; each row is its
            rowid (0 if it has none) and its columns. `blob_column`: the one that a blob handle writes. Programs ask
            only where the connection has such a hook."""
            ...

        def commit_hook(self) -> bool:
            """True: turn the commit into a rollback."""
            ...

        def rollback_hook(self) -> None: ...
