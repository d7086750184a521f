"""The checker of Programs finds what is wrong and passes what is right."""

from __future__ import annotations

import pytest
from program_check import complaints
from vm_support import assemble


def test_a_sound_program_has_no_complaints() -> None:
    text = "Init 0 setup\nback: Column 0 0 2\nRewind 0 0\nResultRow 1 2\nHalt\nsetup: Integer 7 1\nGoto 0 back"
    assert complaints(assemble(text, register_count=2, cursor_count=1)) == []


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("Goto 0 9", "0 Goto: p2: no instruction 9"),
        ("Integer 1 3\nHalt", "0 Integer: p2: registers 3..3 of 2"),
        ("Integer 1 0\nHalt", "0 Integer: p2: registers 0..0 of 2"),
        ("ResultRow 1 3\nHalt", "0 ResultRow: p1: registers 1..3 of 2"),
        ("Next 1 0\nHalt", "0 Next: p1: no cursor 1"),
        ("String8 0 1 0 7\nHalt", "0 String8: p4 is 7, not text"),
        ("Affinity 1 1 0 'X'\nHalt", "0 Affinity: affinities 'X'"),
        ("Integer 1 1", "the program runs off its end"),
    ],
)
def test_a_wrong_program_is_found_out(text: str, complaint: str) -> None:
    assert complaints(assemble(text, register_count=2, cursor_count=1)) == [complaint]


def test_sub_programs_are_checked_too() -> None:
    sub = assemble("Integer 1 9\nHalt", register_count=1)
    text = "Program 1 end 2 $sub\nend: Halt"
    assert complaints(assemble(text, {"sub": sub}, register_count=2)) == [
        "0 Program: in its program: 0 Integer: p2: registers 9..9 of 1"
    ]
