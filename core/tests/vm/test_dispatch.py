"""The dispatch table is complete and each opcode is in the file of its family."""

from __future__ import annotations

import pytest
from keelback_core.program.opcodes import FAMILIES, NAMES
from keelback_core.reference.vm.dispatch import FAMILY_HANDLERS, HANDLERS


def family_of(opcode: int) -> str:
    """The family of an opcode, whatever the shape of the generated table."""
    return FAMILIES[opcode]


@pytest.mark.parametrize("opcode", range(len(NAMES)), ids=NAMES)
def test_every_opcode_has_exactly_one_handler_in_its_family(opcode: int) -> None:
    owners = [family for family, handlers in FAMILY_HANDLERS.items() if opcode in handlers]
    assert owners == [family_of(opcode)]
    assert HANDLERS[opcode] is FAMILY_HANDLERS[owners[0]][opcode]


def test_no_handler_is_for_an_unknown_opcode() -> None:
    known = set(range(len(NAMES)))
    for handlers in FAMILY_HANDLERS.values():
        assert set(handlers) <= known
