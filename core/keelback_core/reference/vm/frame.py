"""Frame: what a machine puts aside while it runs a sub-program.

Registers, cursors and once-marks belong to the frame; so do the change counter and last_insert_rowid, which the
parent gets back as they were (a trigger does not change what its statement reports).
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from keelback_core.program.program import Program
    from keelback_core.reference.vm.cursor import Cursor


class Frame:
    """The state of the caller, to be restored when the sub-program ends."""

    __slots__ = (
        "address",
        "change_count",
        "code",
        "cursors",
        "first_parameter",
        "host_changes",
        "ignore_address",
        "last_insert_rowid",
        "once",
        "parent",
        "program",
        "registers",
        "trigger_number",
    )

    def __init__(
        self,
        parent: Frame | None,
        program: Program,
        code: list[Any],
        address: int,
        registers: list[Any],
        cursors: list[Cursor | None],
        once: set[int],
        first_parameter: int,
        ignore_address: int,
    ) -> None:
        self.parent = parent
        self.program = program
        self.code = code
        self.address = address
        self.registers = registers
        self.cursors = cursors
        self.once = once
        self.first_parameter = first_parameter
        self.ignore_address = ignore_address
        self.trigger_number = 0
        self.change_count = 0
        self.host_changes = 0
        self.last_insert_rowid = 0
