"""How names are compared, and the numbers of columns that are none."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final


ROWID: Final = -1
ROWID_NAMES: Final = frozenset(("rowid", "oid", "_rowid_"))
EXPRESSION: Final = -2


def fold_name(name: str) -> str:
    """The key under which a name is found: ASCII letters in lower case, other characters as they are."""
    for place in range(len(name)):
        # From A to Z. Most names have none of these, and are their own keys.
        if 0x41 <= ord(name[place]) <= 0x5A:
            break
    else:
        return name
    if name.isascii():
        return name.lower()
    return "".join(chr(ord(c) + 32) if "A" <= c <= "Z" else c for c in name)
