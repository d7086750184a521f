"""Cells that have no room on their page, by their numbers among all of its cells, ascending.

It knows nothing of pages. Twin: PendingCells in kernel/storage/page.
"""

from __future__ import annotations


class PendingCells:
    """What a page that is too full keeps until it is balanced."""

    def __init__(self) -> None:
        self.cells: list[tuple[int, bytes]] = []

    def __len__(self) -> int:
        return len(self.cells)

    def find(self, number: int) -> bytes | None:
        """The cell with a number among all, None where that one lies on the page."""
        return next((cell for at, cell in self.cells if at == number), None)

    def number_on_page(self, number: int) -> int:
        """The number that a cell which lies on the page has there."""
        return number - sum(at < number for at, _ in self.cells)

    def insert(self, number: int, cell: bytes) -> None:
        """Add a cell, which gets this number among all."""
        moved = [(at + (at >= number), other) for at, other in self.cells]
        self.cells = sorted([*moved, (number, cell)])

    def erase(self, number: int) -> None:
        """A cell with this number is no more, of those here or on the page."""
        self.cells = [(at - (at > number), cell) for at, cell in self.cells if at != number]

    def replace(self, number: int, cell: bytes) -> None:
        """Put another cell in the place of one of those here."""
        self.cells = [(at, cell if at == number else other) for at, other in self.cells]

    def among(self, cells: list[bytes]) -> list[bytes]:
        """All cells in order, where `cells` are those on the page."""
        everything = list(cells)
        for number, cell in self.cells:
            everything.insert(number, cell)
        return everything
