"""ConnectionHost: the services of one connection that running Programs and the compiler ask for.

Implements `program.host.Host` for the machine and `catalog.FunctionFinder` for the compiler.

Must not know: how statements are compiled or run.
"""

from __future__ import annotations

import os
import time

from keelback_core.compiler.catalog.load import fold_collation
from keelback_core.compiler.catalog.model import FunctionSignature, fold_name
from keelback_core.engine.pragma_rows import pragma_rows
from keelback_core.value.errors import SqlError
from keelback_core.value.key import BUILTIN_COLLATIONS
from keelback_core.value.key_utf16 import binary_collation
from keelback_core.value.result_codes import ERROR_MISSING_COLLSEQ

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from keelback_core.engine.connection import Connection
    from keelback_core.program.host import Aggregate
    from keelback_core.value import Value
    from keelback_core.value.key import Collation

FUNCTION_DETERMINISTIC = 0x800


class UserFunction:
    """A function of the user: for a fixed argument count, or any (-1); `scalar` or `aggregate` is set. is_window: the
    aggregate can also give rows back and tell its value at any time."""

    __slots__ = ("name", "argument_count", "flags", "scalar", "aggregate", "is_window")

    def __init__(
        self,
        name: str,
        argument_count: int,
        flags: int,
        scalar: Callable[[list[Value]], Value] | None,
        aggregate: Callable[[], Aggregate] | None,
        is_window: bool = False,
    ) -> None:
        self.name = name
        self.argument_count = argument_count
        self.flags = flags
        self.scalar = scalar
        self.aggregate = aggregate
        self.is_window = is_window


class ConnectionHost:
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
        "functions",
        "function_names",
        "collations",
        "now",
        "text_encoding",
    )

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.last_insert_rowid = 0
        self.changes = 0
        self.total_changes = 0
        self.limit_length = 1_000_000_000
        self.limit_pattern_length = 50_000
        self.is_interrupted = False
        self.progress_period = 0
        self.functions: dict[tuple[str, int], UserFunction] = {}
        self.function_names: set[str] = set()
        self.collations: dict[str, Collation] = {}
        # Milliseconds of the running step, 0 until it is asked for.
        self.now = 0
        # Of the databases of the connection: 1 UTF-8, 2 UTF-16le, 3 UTF-16be. BINARY is the order of its bytes.
        self.text_encoding = 1

    # For the machine.

    def progress(self) -> bool:
        handler = self.connection.progress_handler
        return handler is not None and bool(handler[1]())

    def find_user(self, name: str, argument_count: int) -> UserFunction | None:
        """The user's function that a call means: one for this very count before one for any."""
        key = fold_name(name)
        if key not in self.function_names:
            return None
        found = self.functions.get((key, argument_count))
        return found if found is not None else self.functions.get((key, -1))

    def find_scalar(self, name: str, argument_count: int) -> Callable[[list[Value]], Value] | None:
        found = self.find_user(name, argument_count)
        return None if found is None else found.scalar

    def find_aggregate(self, name: str, argument_count: int) -> Callable[[], Aggregate] | None:
        found = self.find_user(name, argument_count)
        return None if found is None else found.aggregate

    def find_collation(self, name: str) -> Collation:
        key = fold_collation(name)
        found = self.collations.get(key)
        if found is None:
            found = binary_collation(self.text_encoding) if key == "BINARY" else BUILTIN_COLLATIONS.get(key)
        if found is None:
            raise SqlError(ERROR_MISSING_COLLSEQ, "no such collation sequence: " + name)
        return found

    def random_bytes(self, count: int) -> bytes:
        return os.urandom(count)

    def current_time_milliseconds(self) -> int:
        if self.now == 0:
            self.now = time.time_ns() // 1_000_000
        return self.now

    def schema_changed(self, database: int) -> None:
        self.connection.forget_schema(database)

    def pragma(self, database: int, name: str, arguments: list[Value]) -> Value:
        return self.connection.answer_pragma(database, name, arguments)

    def module_rows(self, name: str, arguments: list[Value]) -> list[list[Value]]:
        return pragma_rows(self.connection, name, arguments)

    def update_hook(self, operation: int, database: int, table: str, rowid: int) -> None:
        hook = self.connection.update_hook
        if hook is not None:
            hook(operation, self.connection.schema_name(database), table, rowid)

    def commit_hook(self) -> bool:
        hook = self.connection.commit_hook
        return hook is not None and bool(hook())

    def rollback_hook(self) -> None:
        hook = self.connection.rollback_hook
        if hook is not None:
            hook()

    # For the compiler.

    def user_function(self, name: str, argument_count: int) -> FunctionSignature | None:
        found = self.find_user(name, argument_count)
        if found is None:
            return None
        is_deterministic = bool(found.flags & FUNCTION_DETERMINISTIC)
        is_aggregate = found.aggregate is not None
        return FunctionSignature(fold_name(name), is_aggregate, is_deterministic, False, False, found.is_window)

    def has_user_function(self, name: str) -> bool:
        return fold_name(name) in self.function_names

    def has_user_collation(self, name: str) -> bool:
        return fold_collation(name) in self.collations

    def user_collation_names(self) -> list[str]:
        return list(reversed(self.collations))
