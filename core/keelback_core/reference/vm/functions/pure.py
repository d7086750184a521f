"""Functions of time where only their pure use is allowed: in an index, a generated column or a CHECK.

The compiler calls such a function `date in an index`: the name, then where it stands. It does what `date` does, and
refuses the time of now and the local zone. Source: https://sqlite.org/deterministic.html
"""

from __future__ import annotations

from keelback_core.value.cast import to_text
from keelback_core.value.errors import SqlError
from keelback_core.value.result_codes import ERROR

from .context import FunctionContext

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.value import Value

    from .context import FunctionHost, ScalarFunction

IMPURE_MODIFIERS = ("localtime", "utc")


class _TimelessHost:
    """The host of a pure call: it has limits, and no time."""

    __slots__ = ("_host", "_message")

    def __init__(self, host: FunctionHost, message: str) -> None:
        self._host = host
        self._message = message

    @property
    def last_insert_rowid(self) -> int:
        return self._host.last_insert_rowid

    @property
    def changes(self) -> int:
        return self._host.changes

    @property
    def total_changes(self) -> int:
        return self._host.total_changes

    @property
    def limit_length(self) -> int:
        return self._host.limit_length

    @property
    def limit_pattern_length(self) -> int:
        return self._host.limit_pattern_length

    def random_bytes(self, count: int) -> bytes:
        return self._host.random_bytes(count)

    def current_time_milliseconds(self) -> int:
        raise SqlError(ERROR, self._message)


def pure_function(function: ScalarFunction, name: str, place: str) -> ScalarFunction:
    """`function` without the time of now; `place` is where it stands, as messages say it."""
    message = f"non-deterministic use of {name}() in {place}"

    def call(context: FunctionContext, arguments: list[Value]) -> Value:
        for modifier in arguments[1:]:
            if (to_text(modifier) or "").lower() in IMPURE_MODIFIERS:
                raise SqlError(ERROR, message)
        pure = FunctionContext(_TimelessHost(context.host, message), context.collation)
        return function(pure, arguments)

    return call
