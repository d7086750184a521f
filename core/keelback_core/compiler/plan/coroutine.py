"""Which subqueries of FROM run as co-routines: those without another subquery, an outer or a CROSS join before them.

Their rows are handed over one by one, to the outermost loop or into an automatic index; the others are kept in a table
first. Must not know: costs. Source: https://sqlite.org/eqp.html
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from keelback_core.compiler.bind.nodes import BoundSource

FENCES: Final = frozenset(("LEFT", "RIGHT", "FULL", "CROSS"))


def may_be_coroutine(sources: tuple[BoundSource, ...], position: int) -> bool:
    """Whether the source is a subquery that SQLite would run as a co-routine."""
    if sources[position].select is None or any(source.join_type in ("RIGHT", "FULL") for source in sources):
        return False
    if position == 0:
        return True
    if any(source.select is not None for source in sources[:position]):
        return False
    return not any(source.join_type in FENCES for source in sources[: position + 1])
