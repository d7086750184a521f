"""Calls that can neither fail nor show that they were made: built-in functions that give a value for all arguments.

They may be computed where SQLite would not have come to them: before the first row, or for rows that another condition
leaves out. Must not know: plans, programs.
"""

from __future__ import annotations

from keelback_core.compiler.bind.nodes import BoundFunction, BoundLiteral, BoundParameter
from keelback_core.compiler.bind.walk import may_run_early, walk

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from keelback_core.compiler.bind.nodes import BoundExpression

HARMLESS: Final = frozenset(
    (
        *("date", "time", "datetime", "julianday", "unixepoch", "strftime"),
        *("lower", "upper", "length", "substr", "substring", "trim", "ltrim", "rtrim", "instr", "typeof", "round"),
        *("nullif", "ifnull", "coalesce", "likely", "unlikely", "likelihood", "like", "glob"),
    )
)
OF_CONSTANTS: Final = HARMLESS - frozenset(("nullif", "ifnull", "coalesce", "likely", "unlikely", "likelihood"))
MOST_LIKE_ARGUMENTS: Final = 2


def is_harmless(e: BoundExpression) -> bool:
    """Whether computing `e` for more rows than asked for cannot be told from not doing so."""
    if not may_run_early(e):
        return False
    return all(_is_harmless_call(node) for node in walk(e) if isinstance(node, BoundFunction))


def _is_harmless_call(call: BoundFunction) -> bool:
    signature = call.signature
    name = signature.name.lower()
    if name in ("like", "glob") and len(call.arguments) > MOST_LIKE_ARGUMENTS:
        # ESCAPE must be one character.
        return False
    return signature.is_built_in and not signature.pure_place and name in HARMLESS


def is_early_call(call: BoundFunction) -> bool:
    """Whether the call is one of literals and parameters, and may be made before the statement's first row."""
    if not _is_harmless_call(call) or call.signature.name.lower() not in OF_CONSTANTS:
        return False
    for argument in call.arguments:
        if not isinstance(argument, (BoundLiteral, BoundParameter)):
            return False
    return True
