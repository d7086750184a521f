"""GroupCursor: the groups of a GROUP BY that no order brings together, each with its registers.

1. The registers of the group at hand are in their places in the frame; those of all others are in the table.
2. Groups are found by normalised keys, so that what compares equal is one group, and leave in the order of the keys.

Must not know: instructions, what the registers hold. Twin: core/kernel/vm/groups.
"""

from __future__ import annotations

from keelback_core.reference.vm.cursor import Cursor
from keelback_core.reference.vm.normal_key import KeyNormaliser

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from keelback_core.value import Value
    from keelback_core.value.key import Collation
    from keelback_core.value.key_info import KeyInfo


class GroupCursor(Cursor):
    """first, length: the registers that each group has."""

    __slots__ = ("_at_hand", "_first", "_groups", "_length", "_normaliser", "_order", "_place")

    def __init__(self, key_info: KeyInfo, collations: Sequence[Collation], first: int, length: int) -> None:
        super().__init__(False)
        self._normaliser = KeyNormaliser(key_info, collations)
        self._first = first
        self._length = length
        self._groups: dict[Any, list[Any]] = {}
        self._at_hand: list[Any] | None = None
        self._order: list[Any] = []
        self._place = 0

    def go_to(self, key: Sequence[Value], registers: list[Any]) -> bool:
        """Bring the group of the key to hand; gives whether it was known."""
        name = self._normaliser.key(key)
        group = self._groups.get(name)
        is_known = group is not None
        if group is None:
            group = self._groups[name] = [None] * self._length
        if group is not self._at_hand:
            self._put_away(registers)
            self._bring(group, registers)
        return is_known

    def sort(self, registers: list[Any]) -> bool:
        """Sort the groups and bring the first one to hand; False if there is none."""
        self._put_away(registers)
        self._order = sorted(self._groups)
        self._place = -1
        return self.go_on(registers)

    def go_on(self, registers: list[Any]) -> bool:
        """Bring the next group to hand; the one before is over."""
        self._at_hand = None
        self._place += 1
        if self._place >= len(self._order):
            return False
        self._bring(self._groups.pop(self._order[self._place]), registers)
        return True

    def _bring(self, group: list[Any], registers: list[Any]) -> None:
        registers[self._first : self._first + self._length] = group
        self._at_hand = group

    def _put_away(self, registers: list[Any]) -> None:
        if self._at_hand is not None:
            self._at_hand[:] = registers[self._first : self._first + self._length]
            self._at_hand = None
