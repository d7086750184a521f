"""What the pager reads from the database's header, and the change counter that it writes there.

Twin: kernel/storage/pager.cpp.
"""

from __future__ import annotations

from keelback_core.reference.storage.header import check_header
from keelback_core.reference.storage.page import corrupt

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.reference.storage.pager import Pager

_SQLITE_VERSION_NUMBER = 3054001


def validate_header(pager: Pager, header: bytes, size: int) -> None:
    """Compare a header with the cache's and find the size of the database, whose file or WAL has `size` bytes."""
    version = header[24:40]
    if version != pager.file_version:
        if pager.file_version:
            pager.data_version += 1
        pager.drop_cache()
        pager.file_version = version
    page_count = -(-size // pager.limits.page_size)
    if page_count > 0:
        page_size, reserved = check_header(header)
        pager.set_page_format(page_size, reserved)
        in_file = -(-size // page_size)
        page_count = int.from_bytes(header[28:32], "big")
        if page_count == 0 or header[24:28] != header[92:96]:
            page_count = in_file
        if page_count > in_file:
            raise corrupt()
    pager.page_count = page_count
    pager.original_page_count = page_count


def raise_change_counter(pager: Pager) -> None:
    """Count the transaction in the header, once."""
    if pager.is_change_counter_done or pager.page_count == 0:
        return
    page = pager.get(1)
    pager.make_writable(page)
    counter = (int.from_bytes(page.data[24:28], "big") + 1 & 0xFFFFFFFF).to_bytes(4, "big")
    page.data[24:28] = counter
    page.data[92:96] = counter
    page.data[96:100] = _SQLITE_VERSION_NUMBER.to_bytes(4, "big")
    pager.is_change_counter_done = True
