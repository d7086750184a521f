"""FunctionService: the functions that the kernel has no twin of, called here.

The table of functions is imported at the first call, because most programs never need it.

Must not know: programs, schemas. Twin: core/kernel/engine/kernel_host.
"""

from __future__ import annotations

import time

from keelback_core.compiler.catalog.settings import LIMIT_LENGTH, LIMIT_LIKE_PATTERN_LENGTH
from keelback_core.engine.late_module import late_module
from keelback_core.value.errors import SqlError
from keelback_core.value.result_codes import ERROR, MESSAGES, MISUSE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from keelback_core.engine.remote_connection import RemoteConnection
    from keelback_core.value import Value

JSON_ARGUMENTS = 64


class FunctionSurroundings:
    """What functions see of the connection (`FunctionHost`); C++ is asked for what it keeps."""

    __slots__ = ("_connection",)

    def __init__(self, connection: RemoteConnection) -> None:
        self._connection = connection

    def _number(self, name: str) -> int:
        found: int = self._connection.session.get(name)
        return found

    @property
    def last_insert_rowid(self) -> int:
        return self._number("last_insert_rowid")

    @property
    def changes(self) -> int:
        return self._number("changes")

    @property
    def total_changes(self) -> int:
        return self._number("total_changes")

    @property
    def limit_length(self) -> int:
        return self._connection.settings.limits[LIMIT_LENGTH]

    @property
    def limit_pattern_length(self) -> int:
        return self._connection.settings.limits[LIMIT_LIKE_PATTERN_LENGTH]

    def random_bytes(self, count: int) -> bytes:
        """C++ gives them, as it gives its own functions theirs."""
        return self._connection.session.random_bytes(count)

    def current_time_milliseconds(self) -> int:
        """The time of the running step, which C++ keeps; 0 where none runs."""
        return self._number("current_time_milliseconds") or time.time_ns() // 1_000_000


class FunctionService:
    """The functions of one connection, and its aggregates by number."""

    __slots__ = ("_connection", "_surroundings", "_contexts", "_aggregates", "_next", "_registry", "_context", "_json")

    def __init__(self, connection: RemoteConnection) -> None:
        self._connection = connection
        self._surroundings = FunctionSurroundings(connection)
        self._contexts: dict[tuple[str, int, str], tuple[Any, Any]] = {}
        self._aggregates: dict[int, Any] = {}
        self._next = 0
        self._registry: Any = None
        self._context: Any = None
        self._json: Any = None

    def _load(self) -> Any:
        if self._registry is None:
            self._registry = late_module("keelback_core.reference.vm.functions.registry")
            self._context = late_module("keelback_core.reference.vm.functions.context").FunctionContext
            self._json = late_module("keelback_core.reference.vm.functions.subtype").JsonText
        return self._registry

    def _arguments(self, mask: int, values: list[Any]) -> list[Any]:
        """The arguments of a call; bit n of the mask: argument n is JSON that a JSON function made."""
        if mask:
            for number in range(min(len(values), JSON_ARGUMENTS)):
                if mask >> number & 1 and isinstance(values[number], str):
                    values[number] = self._json(values[number])
        return values

    def scalar(self, name: str, count: int, collation: str, mask: int, values: list[Any]) -> list[Value]:
        """Call a scalar function: [result, whether it is JSON]."""
        key = (name, count, collation)
        entry = self._contexts.get(key)
        if entry is None:
            registry = self._load()
            function = registry.find_scalar(name, count)
            if function is None:
                raise SqlError(ERROR, f"no such function: {name}")
            entry = (function, self._context(self._surroundings, self._connection.functions.find_collation(collation)))
            if len(self._contexts) > 1000:
                self._contexts.clear()
            self._contexts[key] = entry
        result = entry[0](entry[1], self._arguments(mask, values))
        return [result, int(type(result) is self._json)]

    def new_aggregate(self, name: str, count: int, collation: str) -> int:
        """Begin a group: the number of its aggregate."""
        factory = self._load().find_aggregate(name, count)
        if factory is None:
            raise SqlError(ERROR, f"no such function: {name}")
        self._next += 1
        order = self._connection.functions.find_collation(collation)
        self._aggregates[self._next] = factory(self._context(self._surroundings, order))
        return self._next

    def _aggregate(self, number: int) -> Any:
        found = self._aggregates.get(number)
        if found is None:
            raise SqlError(MISUSE, MESSAGES[MISUSE])
        return found

    def step(self, number: int, mask: int, values: list[Any]) -> None:
        """Take one row's arguments in."""
        self._aggregate(number).step(self._arguments(mask, values))

    def inverse(self, number: int, mask: int, values: list[Any]) -> None:
        """Take the oldest row's arguments out again."""
        self._aggregate(number).inverse(self._arguments(mask, values))

    def value(self, number: int) -> list[Value]:
        """The result so far, and whether it is JSON."""
        result = self._aggregate(number).value()
        return [result, int(type(result) is self._json)]

    def final(self, number: int) -> list[Value]:
        """The result, and whether it is JSON; the aggregate is gone."""
        result = self._aggregate(number).final()
        del self._aggregates[number]
        return [result, int(type(result) is self._json)]

    def drop(self, number: int) -> None:
        """Forget an aggregate that nobody will ask for its result."""
        self._aggregates.pop(number, None)
