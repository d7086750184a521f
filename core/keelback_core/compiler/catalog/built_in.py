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


class BuiltIn:
    """A function for from `least` to `most` arguments, any number if that is -1."""

    __slots__ = ("least", "most", "signature")

    def __init__(self, least: int, most: int, signature: FunctionSignature) -> None:
        self.least = least
        self.most = most
        self.signature = signature


_kept: Final[dict[str, list[BuiltIn]]] = {}


def built_in_functions(name: str) -> list[BuiltIn] | None:
    """The built-in functions of a folded name, None if there is none."""
    kept = _kept.get(name)
    if kept is None and name in FUNCTIONS:
        kept = _kept[name] = _made(name)
    return kept


def _made(name: str) -> list[BuiltIn]:
    found = []
    for least, most, is_aggregate, is_deterministic, is_slow_changing, needs_collation in FUNCTIONS[name]:
        signature = FunctionSignature(
            name, is_aggregate, is_deterministic, is_slow_changing, needs_collation, is_built_in=True
        )
        if name in DIRECT_ONLY:
            signature.risk = 2
        found.append(BuiltIn(least, most, signature))
    return found
