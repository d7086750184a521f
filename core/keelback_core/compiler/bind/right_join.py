"""RIGHT and FULL JOINs that are less than they say: WHERE is never true for their rows of NULLs.

1. If WHERE rejects the row of NULLs of a source to the left, no row of a RIGHT JOIN's right side can come alone: RIGHT
   becomes inner, FULL becomes LEFT, wherever they stand behind that source.
2. If it rejects that of the right side, FULL becomes RIGHT, and a LEFT JOIN before a RIGHT one becomes inner.
3. Sources are looked at from left to right, each as the ones before have left it; what ON says does not count here.

Without a RIGHT or FULL JOIN bind/outer_join.py sees to the LEFT ones. Must not know: accesses, costs.
Source: https://sqlite.org/optoverview.html section 13.
"""

from __future__ import annotations

from keelback_core.compiler.bind.outer_join import is_rejected
from keelback_core.compiler.bind.walk import terms_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Final

    from keelback_core.compiler.bind.nodes import BoundSelectCore, BoundSource

WITHOUT_ITS_LEFT: Final = {"RIGHT": "INNER", "FULL": "LEFT"}
WITHOUT_ITS_RIGHT: Final = {"LEFT": "INNER", "FULL": "RIGHT"}


def simplify_right_joins(core: BoundSelectCore) -> None:
    """Let the joins of `core` be what they come to."""
    if core.where is None or len(core.sources) < 2 or not _keeps_right(core.sources):
        return
    parts = terms_of(core.where)
    for place, source in enumerate(core.sources):
        is_left = _keeps_right(core.sources[place + 1 :])
        if not is_left and source.join_type not in WITHOUT_ITS_RIGHT:
            continue
        if not is_rejected(parts, source):
            continue
        source.join_type = WITHOUT_ITS_RIGHT.get(source.join_type, source.join_type)
        for other in core.sources[place + 1 :]:
            other.join_type = WITHOUT_ITS_LEFT.get(other.join_type, other.join_type)


def _keeps_right(sources: Sequence[BoundSource]) -> bool:
    return any(source.join_type in WITHOUT_ITS_LEFT for source in sources)
