"""A savepoint: what to put back to undo everything since it was opened.

1. A page has an image here if it was changed since; a page that did not exist then has none, and goes with
   `page_count`.
2. Each open savepoint has its own images, so an inner one can be forgotten without telling the outer one.
"""

from __future__ import annotations

# Of a pager: without a transaction, reading, writing.
STATE_NONE = 0
STATE_READ = 1
STATE_WRITE = 2


class Savepoint:
    """The old contents of the pages changed since it was opened."""

    __slots__ = ("images", "page_count")

    def __init__(self, page_count: int) -> None:
        self.page_count = page_count
        self.images: dict[int, bytes] = {}
