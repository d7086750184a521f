"""Changes that meet a page whose cells and free bytes cannot be as the page says: refused with SQLITE_CORRUPT as real
SQLite refuses them, and what could be read before can be read afterwards.

One thing is wrong in each file, and every case names the change that has to look at it. Kernel, reference, mirror and
real SQLite get a copy each (tools/compare_damage.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import apsw
import pytest

from tools.compare_damage import Side

PAGE_SIZE = 512
CORRUPT = 11
ENGINES = ("kernel", "reference", "mirror")


def make(path: Path, texts: str) -> bytes:
    """A table whose rows have texts of so many bytes, on leaves below a root."""
    judge = apsw.Connection(str(path))
    judge.execute(f"PRAGMA page_size = {PAGE_SIZE}; CREATE TABLE t(a INTEGER PRIMARY KEY, b TEXT)")
    judge.execute(
        "WITH RECURSIVE q(i) AS (VALUES(1) UNION ALL SELECT i + 1 FROM q WHERE i < 60) "
        f"INSERT INTO t SELECT i, printf('%.*c', {texts}, 'x') FROM q"
    )
    judge.close()
    content = path.read_bytes()
    path.unlink()
    return content


def leaves(content: bytes) -> list[int]:
    """Where the leaves of the table's tree, whose root is page 2, begin."""
    root = content[PAGE_SIZE : 2 * PAGE_SIZE]
    assert root[0] == 5
    places = [int.from_bytes(root[12 + 2 * i : 14 + 2 * i], "big") for i in range(int.from_bytes(root[3:5], "big"))]
    numbers = [int.from_bytes(root[place : place + 4], "big") for place in places]
    return [(number - 1) * PAGE_SIZE for number in (*numbers, int.from_bytes(root[8:12], "big"))]


def pointer_leaves_the_page(content: bytearray, leaf: int) -> None:
    """Of the first cell: cut to the page it leads where it always did."""
    content[leaf + 8] += 4


def free_block_leaves_the_page(content: bytearray, leaf: int) -> None:
    content[leaf + 1 : leaf + 3] = (510).to_bytes(2, "big")


def content_begins_too_late(content: bytearray, leaf: int) -> None:
    """Of the page more is free than the cells leave."""
    start = int.from_bytes(content[leaf + 5 : leaf + 7], "big")
    content[leaf + 5 : leaf + 7] = (start + 40).to_bytes(2, "big")


# Damage, sizes of texts, number of the leaf, and the change.
CASES: dict[str, tuple[Callable[[bytearray, int], None], str, int, str]] = {
    "the cell is deleted": (pointer_leaves_the_page, "20", 1, "DELETE FROM t WHERE a = {first}"),
    "it is the page's only cell": (pointer_leaves_the_page, "400", 1, "DELETE FROM t WHERE a = {first}"),
    "the row gets longer": (pointer_leaves_the_page, "20", 1, "UPDATE t SET b = b || 'y' WHERE a = {first}"),
    "a sibling is joined": (free_block_leaves_the_page, "20", 2, "DELETE FROM t WHERE a < {first} AND a > 1"),
    "a sibling is split": (
        free_block_leaves_the_page,
        "20",
        2,
        "UPDATE t SET b = zeroblob(300) WHERE a < {first} AND a > {first} - 4",
    ),
    "the cells are dealt anew": (content_begins_too_late, "20", 1, "DELETE FROM t WHERE a % 3"),
}


@pytest.fixture(scope="module")
def sides(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Side]]:
    folder = tmp_path_factory.mktemp("sides")
    found = [Side(name, folder) for name in (*ENGINES, "sqlite")]
    yield found
    for side in found:
        side.close()


@pytest.mark.parametrize("case", CASES)
def test_a_change_refuses_what_sqlite_refuses(case: str, sides: list[Side], tmp_path: Path) -> None:
    damage, texts, number, change = CASES[case]
    content = bytearray(make(tmp_path / "good.db", texts))
    leaf = leaves(content)[number]
    cell = int.from_bytes(content[leaf + 8 : leaf + 10], "big")
    damage(content, leaf)
    first = content[leaf + cell + (2 if content[leaf + cell] & 128 else 1)]
    question = "SELECT a, b FROM t"
    statements = [question, change.format(first=first), question]
    for side in sides:
        outcomes = side.ask({"": bytes(content)}, statements)
        assert isinstance(outcomes, list), f"{side.name} {outcomes}"
        assert outcomes[0][0] == 0 and len(str(outcomes[0][2])) > 60, side.name
        assert outcomes[1][:2] == [CORRUPT, "database disk image is malformed"], side.name
        assert outcomes[2] == outcomes[0], side.name


# A page of the tree that the free list names, and what would take it into use.
TAKEN = {
    "its last leaf, by a row behind it": (-1, "INSERT INTO t VALUES(1000, printf('%.*c', 400, 'y'))"),
    "a leaf, by a long row on it": (1, "UPDATE t SET b = printf('%.*c', 3000, 'y') WHERE a = {first}"),
}


@pytest.mark.parametrize("case", TAKEN)
def test_a_page_in_use_is_not_taken_from_the_free_list(case: str, sides: list[Side], tmp_path: Path) -> None:
    number, change = TAKEN[case]
    content = bytearray(make(tmp_path / "good.db", "20"))
    leaf = leaves(content)[number]
    cell = int.from_bytes(content[leaf + 8 : leaf + 10], "big")
    first = content[leaf + cell + 1]
    # One page more: a trunk that names it.
    pages = len(content) // PAGE_SIZE + 1
    trunk = [0, 1, leaf // PAGE_SIZE + 1]
    content += b"".join(value.to_bytes(4, "big") for value in trunk) + bytes(PAGE_SIZE - 12)
    for place, value in ((28, pages), (32, pages), (36, 2)):
        content[place : place + 4] = value.to_bytes(4, "big")
    question = "SELECT a, b FROM t"
    for side in sides:
        outcomes = side.ask({"": bytes(content)}, [question, change.format(first=first), question])
        assert isinstance(outcomes, list), f"{side.name} {outcomes}"
        assert outcomes[1][:2] == [CORRUPT, "database disk image is malformed"], side.name
        # Real SQLite has written to the page by then.
        assert outcomes[2] == outcomes[0] or side.name == "sqlite", side.name
