"""The signatures of the built-in functions: each is made when it is first called for, and then kept, as none changes.

Must not know: what a connection adds.
"""

from __future__ import annotations

from keelback_core.compiler.catalog.function_table import FUNCTIONS
from keelback_core.compiler.catalog.model import FunctionSignature

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

# Functions that no text stored in a schema may call.
DIRECT_ONLY: Final = frozenset(("load_extension", "sqlite_log"))
# By name, one for each entry of the table.
_kept: Final[dict[str, list[FunctionSignature]]] = {}


def built_in_signature(name: str, argument_count: int) -> FunctionSignature | None:
    """The built-in function of a folded name for so many arguments, None if none takes them."""
    entries = FUNCTIONS[name]
    for place in range(len(entries)):
        least, most = entries[place][0], entries[place][1]
        if argument_count >= least and (most < 0 or argument_count <= most):
            kept = _kept.get(name)
            if kept is None:
                kept = _kept[name] = _signatures(name)
            return kept[place]
    return None


def _signatures(name: str) -> list[FunctionSignature]:
    found = []
    for _least, _most, is_aggregate, is_deterministic, is_slow_changing, needs_collation in FUNCTIONS[name]:
        signature = FunctionSignature(
            name, is_aggregate, is_deterministic, is_slow_changing, needs_collation, is_built_in=True
        )
        if name in DIRECT_ONLY:
            signature.risk = 2
        found.append(signature)
    return found
