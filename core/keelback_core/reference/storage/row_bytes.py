"""The bytes of a row where they lie: on its leaf, then along its overflow chain. Read and written in pieces, in place,
for incremental blob I/O.

1. What is written takes the place of as many bytes: no cell and no chain gets another size.
2. Offsets count from the beginning of the record. Who leaves it, or meets a chain that ends early, gets SqlError
   CORRUPT.

Must not know: what a record holds. Twin: kernel/storage/row_bytes.
"""

from __future__ import annotations

from keelback_core.reference.storage.cell import first_overflow_page, payload_place
from keelback_core.reference.storage.page import Page, corrupt

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from keelback_core.reference.storage.pager import Pager


def read_bytes(pager: Pager, page: Page, index: int, offset: int, size: int) -> bytes:
    """`size` bytes of the record of a cell."""
    return b"".join(
        [bytes(data[at : at + count]) for data, at, count in _pieces(pager, page, index, offset, size, False)]
    )


def write_bytes(pager: Pager, page: Page, index: int, offset: int, data: bytes) -> None:
    """Put bytes in the place of those of the record of a cell."""
    place = 0
    for target, at, count in _pieces(pager, page, index, offset, len(data), True):
        target[at : at + count] = data[place : place + count]
        place += count


def _pieces(
    pager: Pager, page: Page, index: int, offset: int, size: int, is_writing: bool
) -> Iterator[tuple[bytearray, int, int]]:
    """(content of a page, where in it, how many bytes) of the pages that hold the bytes; writable ones if wanted."""
    limits = pager.limits
    whole, start, local = payload_place(page, index, limits)
    if offset + size > whole:
        raise corrupt()
    # What other reads may, this does not, as in SQLite: see the cells in its reserved bytes.
    if start + local > limits.usable_size:
        raise corrupt()
    number = first_overflow_page(page, start, local) if local < whole else 0
    if offset < local and size:
        if is_writing:
            if start + offset < page.pointers_offset + 2 * page.cell_count:
                raise corrupt()
            pager.make_writable(page)
        count = min(size, local - offset)
        yield page.data, start + offset, count
        offset += count
        size -= count
    offset -= local
    while size:
        if number < 2:
            raise corrupt()
        link = pager.get(number)
        if offset < limits.overflow_size:
            if is_writing:
                pager.make_writable(link)
            count = min(size, limits.overflow_size - offset)
            yield link.data, 4 + offset, count
            offset += count
            size -= count
        offset -= limits.overflow_size
        number = int.from_bytes(link.data[:4], "big")
