"""Pages by number, read from the database's file or its WAL when first asked for.

1. The cache holds what the transaction sees; a page in `dirty` differs from the file.
2. Nothing leaves it here: `pager_cache.shrink` is called when cursors have let go of their pages.

Must not know: transactions. Twin: kernel/storage/page_table and pager_cache.cpp.
"""

from __future__ import annotations

from keelback_core.reference.storage.locks import PENDING_BYTE
from keelback_core.reference.storage.page import Page, TreeLimits, corrupt

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.reference.storage.vfs import VfsFile
    from keelback_core.reference.storage.wal import Wal

_ALWAYS_CACHED = 20
# Of memory, as SQLite counts it.
_PAGE_OVERHEAD = 136

# Whether what is deleted is overwritten: everything, or, fast, what is written anyway.
SECURE_DELETE_OFF = 0
SECURE_DELETE_ON = 1


class PageCache:
    """The pages of one pager; `file` is None for a database in memory."""

    __slots__ = (
        "file",
        "wal",
        "limits",
        "lock_page",
        "page_count",
        "cache_size",
        "pages",
        "dirty",
        "wants_shrink",
        "shrink_at",
        "secure_delete",
        "spill_size",
        "may_spill",
    )

    def __init__(self, file: VfsFile | None, page_size: int) -> None:
        self.file = file
        # The WAL of a database in WAL mode; known after `begin_read`.
        self.wal: Wal | None = None
        self.limits = TreeLimits(page_size, 0)
        self.lock_page = PENDING_BYTE // page_size + 1
        self.page_count = 0
        self.cache_size = -2000
        self.secure_delete = SECURE_DELETE_OFF
        # Of how many pages the cache must be before changed ones are written in the middle of a transaction; whether
        # they may.
        self.spill_size = 1
        self.may_spill = True
        self.pages: dict[int, Page] = {}
        self.dirty: dict[int, Page] = {}
        self.wants_shrink = False
        self.shrink_at = self.cache_limit()

    @property
    def is_in_memory(self) -> bool:
        """True when there is no file."""
        return self.file is None

    def set_page_format(self, page_size: int, reserved_bytes: int) -> None:
        """Take another page size; drops the cache when it differs."""
        if page_size != self.limits.page_size:
            self.drop_cache()
        if page_size != self.limits.page_size or page_size - reserved_bytes != self.limits.usable_size:
            self.limits = TreeLimits(page_size, reserved_bytes)
            self.limits.zeroes_freed = self.secure_delete != SECURE_DELETE_OFF
            self.lock_page = PENDING_BYTE // page_size + 1
            self.shrink_at = self.cache_limit()

    def set_cache_size(self, size: int) -> None:
        """Pages, or KiB when negative."""
        self.cache_size = size
        self.shrink_at = self.cache_limit()

    def set_secure_delete(self, mode: int) -> None:
        """Off, on, or 2: fast."""
        self.secure_delete = mode
        self.limits.zeroes_freed = mode != SECURE_DELETE_OFF

    def cache_limit(self) -> int:
        """How many pages it may hold."""
        size = self.cache_size
        pages = size if size >= 0 else -size * 1024 // (self.limits.page_size + _PAGE_OVERHEAD)
        return max(_ALWAYS_CACHED, pages)

    def get(self, number: int) -> Page:
        """The page of this number, which must be within the database. SqlError CORRUPT, IOERR_*."""
        page = self.pages.get(number)
        if page is not None:
            return page
        if number < 1 or number > self.page_count or number == self.lock_page:
            raise corrupt()
        page_size = self.limits.page_size
        if self.file is None:
            data = bytearray(page_size)
        else:
            data = bytearray(self._read_page(number))
            if len(data) < page_size:
                data.extend(bytes(page_size - len(data)))
        page = Page(number, data)
        pages = self.pages
        pages[number] = page
        if len(pages) > self.shrink_at and self.file is not None:
            self.wants_shrink = True
        return page

    def get_tree_page(self, number: int) -> Page:
        """As `get`, with the b-tree header decoded."""
        page = self.pages.get(number)
        if page is None:
            page = self.get(number)
        if not page.is_decoded:
            page.decode(self.limits)
        return page

    def _read_page(self, number: int) -> bytes:
        assert self.file is not None
        if self.wal is not None:
            data = self.wal.read_page(number, self.limits.page_size)
            if data is not None:
                return data
        return self.file.read_at(self.limits.page_size, (number - 1) * self.limits.page_size)

    def drop_cache(self) -> None:
        """Forget all pages, also changed ones."""
        self.pages.clear()
        self.dirty.clear()
        self.shrink_at = self.cache_limit()
        self.wants_shrink = False
