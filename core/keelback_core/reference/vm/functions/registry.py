"""The table of the built-in functions, put together from the families beside it.

Names are lower case; an argument count of -1 means any (`core/spec/functions.toml` says how many are allowed). The
binder has refused wrong names and counts before anything is looked up here. A test proves that every module of this
folder is in the list below.
"""

from __future__ import annotations

from . import (
    aggregate_numbers,
    aggregate_statistics,
    aggregate_values,
    conditional,
    connection,
    dates,
    decimal,
    digest,
    edit_distance,
    encoding,
    format,
    ieee754,
    json_aggregates,
    json_edit,
    json_functions,
    literal,
    mathematics,
    number,
    pattern,
    regexp,
    text,
    time_functions,
    time_written,
    uuid,
)
from .pure import pure_function

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .context import AggregateFactory, AggregateTable, ScalarFunction, ScalarTable

SCALARS: ScalarTable = {
    **conditional.SCALARS,
    **connection.SCALARS,
    **dates.SCALARS,
    **decimal.SCALARS,
    **digest.SCALARS,
    **edit_distance.SCALARS,
    **encoding.SCALARS,
    **format.SCALARS,
    **ieee754.SCALARS,
    **json_edit.SCALARS,
    **json_functions.SCALARS,
    **literal.SCALARS,
    **mathematics.SCALARS,
    **number.SCALARS,
    **pattern.SCALARS,
    **regexp.SCALARS,
    **text.SCALARS,
    **time_functions.SCALARS,
    **time_written.SCALARS,
    **uuid.SCALARS,
}

AGGREGATES: AggregateTable = {
    **aggregate_numbers.AGGREGATES,
    **aggregate_statistics.AGGREGATES,
    **aggregate_values.AGGREGATES,
    **decimal.AGGREGATES,
    **json_aggregates.AGGREGATES,
}


def find_scalar(name: str, argument_count: int) -> ScalarFunction | None:
    """The built-in scalar function of that name (in any case) for so many arguments, or None."""
    name = name.lower()
    name, _, place = name.partition(" in ")
    function = SCALARS.get((name, argument_count))
    if function is None:
        function = SCALARS.get((name, -1))
    return (
        pure_function(function, name, place.replace("check", "CHECK")) if place and function is not None else function
    )


def find_aggregate(name: str, argument_count: int) -> AggregateFactory | None:
    """The factory of the built-in aggregate; call it with the FunctionContext of the aggregate, or with nothing."""
    name = name.lower()
    factory = AGGREGATES.get((name, argument_count))
    return AGGREGATES.get((name, -1)) if factory is None else factory
