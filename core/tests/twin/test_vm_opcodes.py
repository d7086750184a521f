"""The kernel's VM knows every opcode of core/spec/opcodes.toml."""

from __future__ import annotations

from pathlib import Path

from keelback_core.program import opcodes

DISPATCH = Path(__file__).parents[2] / "kernel" / "vm" / "dispatch.cpp"


def test_every_opcode_has_a_handler() -> None:
    text = DISPATCH.read_text()
    names = [name for name in vars(opcodes) if name.startswith("OP_")]
    assert len(names) == len(opcodes.NAMES)
    assert [name for name in names if f"case {name}:" not in text] == []
