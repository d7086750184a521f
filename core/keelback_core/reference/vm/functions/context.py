"""What a function of SQL is given, and what an aggregate is.

1. A scalar is a plain callable `(context, arguments) -> Value`. It raises only SqlError.
2. An aggregate is made once a group: `factory(context)`, or `factory()` where neither collation nor limits matter.
   `step` and `final` are what a group needs; `value` and `inverse` are for window frames.

Knows nothing of registers or programs. Twin: core/kernel/vm/functions/context.
"""

from __future__ import annotations

from keelback_core.value.errors import SqlError
from keelback_core.value.key import compare_binary
from keelback_core.value.result_codes import ERROR, TOOBIG

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Protocol

    from keelback_core.value import Value
    from keelback_core.value.key import Collation

    class FunctionHost(Protocol):
        """The part of Host that functions use. `current_time_milliseconds` counts from 1970-01-01 UTC."""

        @property
        def last_insert_rowid(self) -> int: ...

        @property
        def changes(self) -> int: ...

        @property
        def total_changes(self) -> int: ...

        @property
        def limit_length(self) -> int: ...

        @property
        def limit_pattern_length(self) -> int: ...

        def random_bytes(self, count: int) -> bytes: ...

        def current_time_milliseconds(self) -> int: ...


class FunctionContext:
    """One call's surroundings: the connection (`host`), the collation, and what a function keeps from call to call."""

    __slots__ = ("collation", "host", "memory")

    def __init__(self, host: FunctionHost, collation: Collation = compare_binary) -> None:
        self.host = host
        self.collation = collation
        self.memory: object = None


class Aggregate:
    """The state of one aggregate of one group."""

    __slots__ = ()

    def step(self, arguments: list[Value]) -> None:
        """Take one row's arguments in."""
        raise NotImplementedError

    def final(self) -> Value:
        """The result; the state is not used afterwards."""
        raise NotImplementedError

    def value(self) -> Value:
        """The result so far; the state goes on."""
        return self.final()

    def inverse(self, arguments: list[Value]) -> None:
        """Take the oldest row's arguments out again."""
        raise SqlError(ERROR, "this aggregate cannot be used in a moving window frame")


if TYPE_CHECKING:
    ScalarFunction = Callable[[FunctionContext, list[Value]], Value]
    AggregateFactory = Callable[..., Aggregate]
    ScalarTable = dict[tuple[str, int], ScalarFunction]
    AggregateTable = dict[tuple[str, int], AggregateFactory]


def too_big() -> SqlError:
    """The error for a result longer than SQLITE_LIMIT_LENGTH."""
    return SqlError(TOOBIG, "string or blob too big")
