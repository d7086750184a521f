"""The samples of an index through the opcodes: counts of each leading part, and which entries are kept."""

from __future__ import annotations

from keelback_core.value.key_info import KeyInfo
from vm_support import machine_of, memory_session

# The rows of a temporary index (r[1] entries of two columns, values r[2] / 3 and r[2]) are shown one after the other.
SAMPLING = """
    Integer {rows} 1
    Integer 0 2
    Integer 3 3
    OpenEphemeral 0 2 0 $key
    SampleOpen 1 2 1
    fill: Divide 3 2 4
    SCopy 2 5
    MakeRecord 4 2 6
    IdxInsert 0 6 4 2
    AddImm 2 1
    Lt 1 fill 2 'BINARY'
    Rewind 0 end
    Integer 0 7
    Null 0 8
    next: Column 0 0 4
    Integer 0 7
    Ne 8 push 4 'BINARY' 128
    Integer 1 7
    push: SCopy 4 8
    SamplePush 1 7 0
    Next 0 next
    OpenPseudo 2 10 2
    out: SampleNext 1 end 10 4
    Column 2 1 9
    ResultRow 9 1
    ResultRow 11 3
    Goto 0 out
    end: Halt
"""


def samples(rows: int) -> list[list[object]]:
    """What is kept of an index of so many entries: the second column, then neq, nlt and ndlt."""
    key = {"key": KeyInfo(("BINARY", "BINARY"), (0, 0), 2)}
    machine = machine_of(memory_session(), SAMPLING.format(rows=rows), key)
    found = []
    while machine.step():
        found.append(list(machine.row))
    return [one + other for one, other in zip(found[::2], found[1::2], strict=True)]


def test_of_few_entries_every_one_is_kept_once() -> None:
    assert samples(1) == [[0, "1 1", "0 0", "0 0"]]
    assert samples(5) == [
        [0, "3 1", "0 0", "0 0"],
        [1, "3 1", "0 1", "0 1"],
        [2, "3 1", "0 2", "0 2"],
        [3, "2 1", "3 3", "1 3"],
        [4, "2 1", "3 4", "1 4"],
    ]


def test_of_many_entries_24_are_kept_with_what_stands_before_them() -> None:
    found = samples(2000)
    assert len(found) == 24
    assert found == sorted(found)
    for value, equal, less, distinct in found:
        first = value // 3
        assert equal == f"{min(3, 2000 - 3 * first)} 1"
        assert (less, distinct) == (f"{3 * first} {value}", f"{first} {value}")
