"""Real SQLite beside our functions: one call of a scalar or an aggregate on both, compared.

A text with bytes that are no valid UTF-8 cannot be bound through apsw, so texts and BLOBs go as hexadecimal literals,
and text results come back as BLOBs.
"""

from __future__ import annotations

import math

import apsw
from keelback_core.reference.vm.functions import FunctionContext, find_aggregate, find_scalar
from keelback_core.value.errors import SqlError
from keelback_core.value.key import BUILTIN_COLLATIONS


class FakeHost:
    """A connection as the functions see it. Random bytes are zeros; the time stands still."""

    last_insert_rowid = 0
    changes = 0
    total_changes = 0
    limit_length = 1000000000
    limit_pattern_length = 50000

    def random_bytes(self, count: int) -> bytes:
        return bytes(count)

    def current_time_milliseconds(self) -> int:
        return 1700000000123


CONTEXT = FunctionContext(FakeHost())
CONNECTION = apsw.Connection(":memory:")


def literal(value):
    """The value as an SQL literal that keeps every bit of it."""
    if isinstance(value, str):
        return f"CAST(x'{value.encode('utf-8', 'surrogateescape').hex()}' AS TEXT)"
    if isinstance(value, bytes):
        return f"x'{value.hex()}'"
    if value is None:
        return "NULL"
    if isinstance(value, float):
        if math.isinf(value):
            return "9e999" if value > 0 else "-9e999"
        return f"({value!r})"
    return "(-9223372036854775807-1)" if value == -(2**63) else f"({value})"


def oracle_value(expression, source=""):
    """The value of an expression on real SQLite, or ("error", message)."""
    shown = "CASE typeof(z) WHEN 'text' THEN CAST(z AS BLOB) ELSE z END"
    sql = f"SELECT typeof(z), {shown} FROM (SELECT {expression} AS z {source} LIMIT 1)"
    try:
        kind, value = next(iter(CONNECTION.execute(sql)))
    except apsw.Error as error:
        return ("error", str(error))
    return value.decode("utf-8", "surrogateescape") if kind == "text" else value


def our_scalar(name, arguments, collation="BINARY", host=None):
    """The value of our function, or ("error", message)."""
    function = find_scalar(name, len(arguments))
    assert function is not None, name
    context = FunctionContext(host or FakeHost(), BUILTIN_COLLATIONS[collation])
    try:
        return function(context, list(arguments))
    except SqlError as error:
        return ("error", error.message)


def our_aggregate(name, rows, collation="BINARY"):
    """The result of our aggregate over rows of arguments, or ("error", message)."""
    factory = find_aggregate(name, len(rows[0]))
    assert factory is not None, name
    state = factory(FunctionContext(FakeHost(), BUILTIN_COLLATIONS[collation]))
    try:
        for row in rows:
            state.step(list(row))
        return state.final()
    except SqlError as error:
        return ("error", error.message)


def call_text(name, arguments):
    """The call as SQL."""
    return f"{name}({', '.join(literal(argument) for argument in arguments)})"


def same(left, right):
    """Equal in type and value; the sign of a zero counts not, as SQL cannot see it."""
    return type(left) is type(right) and left == right


def difference(name, arguments):
    """None if both agree on the call, else what to print."""
    expected = oracle_value(call_text(name, arguments))
    actual = our_scalar(name, arguments)
    if same(expected, actual):
        return None
    return f"{call_text(name, arguments)}: SQLite {expected!r}, ours {actual!r}"
