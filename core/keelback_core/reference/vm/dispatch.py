"""The dispatch table: opcode number to handler, put together from one table a family."""

from __future__ import annotations

from keelback_core.program.opcodes import NAMES
from keelback_core.reference.vm.ops.aggregate import AGGREGATE_HANDLERS
from keelback_core.reference.vm.ops.arith import ARITH_HANDLERS
from keelback_core.reference.vm.ops.compare import COMPARE_HANDLERS
from keelback_core.reference.vm.ops.constant import CONSTANT_HANDLERS
from keelback_core.reference.vm.ops.control import CONTROL_HANDLERS
from keelback_core.reference.vm.ops.cursor import CURSOR_HANDLERS
from keelback_core.reference.vm.ops.join import JOIN_HANDLERS
from keelback_core.reference.vm.ops.row import ROW_HANDLERS
from keelback_core.reference.vm.ops.schema import SCHEMA_HANDLERS
from keelback_core.reference.vm.ops.sort import SORT_HANDLERS
from keelback_core.reference.vm.ops.text import TEXT_HANDLERS
from keelback_core.reference.vm.ops.txn import TXN_HANDLERS
from keelback_core.reference.vm.ops.virtual import VIRTUAL_HANDLERS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.reference.vm.machine import Handler

FAMILY_HANDLERS: dict[str, dict[int, Handler]] = {
    "control": CONTROL_HANDLERS,
    "constant": CONSTANT_HANDLERS,
    "arith": ARITH_HANDLERS,
    "compare": COMPARE_HANDLERS,
    "text": TEXT_HANDLERS,
    "row": ROW_HANDLERS,
    "cursor": CURSOR_HANDLERS,
    "aggregate": AGGREGATE_HANDLERS,
    "sort": SORT_HANDLERS,
    "txn": TXN_HANDLERS,
    "schema": SCHEMA_HANDLERS,
    "virtual": VIRTUAL_HANDLERS,
    "join": JOIN_HANDLERS,
}


def _handlers_by_opcode() -> list[Handler]:
    merged: dict[int, Handler] = {}
    for handlers in FAMILY_HANDLERS.values():
        merged.update(handlers)
    return [merged[opcode] for opcode in range(len(NAMES))]


HANDLERS = _handlers_by_opcode()
