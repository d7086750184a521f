"""Balancing: pages too full are split, pages too empty are joined, with up to three siblings at a time.

1. A page is balanced when it holds pending cells or when more than two thirds of it are free; then its parent is
   looked at.
2. All leaves of a tree stay at the same depth. Depth changes at the root only: `_deepen_root` and
   `_take_in_only_child`.
3. The siblings' cells are first copied out, then dealt anew over the sibling pages, so that no page is read after it
   was written.
4. A table leaf's divider in the parent repeats its greatest rowid; elsewhere the divider is a cell of its own, between
   two pages.
5. What is appended to a tree goes alone to a new right-most leaf, where the last one is full; in an index also on the
   pages above, whose right edge may then be nearly empty.
6. A page that the free list gives and that is one of those at hand is CORRUPT: its cells would be lost.

It walks up along the cursor's path and leaves the cursor without a place. Twin: kernel/storage/balance.
"""

from __future__ import annotations

from keelback_core.reference.storage.cell import (
    cell_bytes,
    cell_rowid,
    exact_index_cell,
    insert_cell,
    padded,
    page_cells,
    remove_cell,
    varint_at,
)
from keelback_core.reference.storage.freelist import allocate_page, free_page
from keelback_core.reference.storage.page import INDEX_INTERIOR, TABLE_INTERIOR, TABLE_LEAF, Page, corrupt
from keelback_core.reference.storage.pager import Pager
from keelback_core.reference.storage.pointer_map import KIND_TREE, map_page_pointers, write_pointer_map
from keelback_core.value.errors import SqlError
from keelback_core.value.record import write_varint

_SIBLINGS = 3


def balance_path(pager: Pager, path: list[Page], indexes: list[int], is_append: bool) -> None:
    """Balance from the last page of `path` up to the root. Uses both lists up.

    path: pages from the root down. indexes: for each page but the last, which child comes next. is_append: the last
    page's pending cell is its new greatest one, and in an index more are to follow. After a SqlError the tree is not
    in order; no page is left pending, and the caller's transaction or savepoint is to be rolled back.
    """
    try:
        _balance_upwards(pager, path, indexes, is_append)
    except SqlError:
        for page in pager.pages.values():
            if page.pending_cells is not None:
                page.forget()
        raise


def _balance_upwards(pager: Pager, path: list[Page], indexes: list[int], is_append: bool) -> None:
    limits = pager.limits
    while True:
        page = path.pop()
        is_full = page.pending_cells is not None
        if not is_full and page.compute_free_bytes(limits) * 3 <= limits.usable_size * 2:
            return
        if not path:
            if not is_full:
                return
            child = _deepen_root(pager, page)
            path.append(page)
            indexes.append(0)
            page = child
        parent = path[-1]
        index = indexes.pop()
        pager.make_writable(parent)
        if is_append and is_full and _is_append_split(page, parent, index):
            if not page.is_table:
                _append_index_page(pager, parent, page)
                # The pages at the right edge may be nearly empty: entries are still to come.
                if parent.pending_cells is None:
                    return
                continue
            cell = _only_pending(page)
            page.pending_cells = None
            append_leaf(pager, parent, page, cell)
        else:
            _balance_siblings(pager, parent, index, len(path) == 1)
        is_append = False


def _is_append_split(page: Page, parent: Page, index: int) -> bool:
    if page.cell_count + 1 != page.full_cell_count or index != parent.full_cell_count:
        return False
    return page.is_leaf and parent.number != 1 if page.is_table else page.cell_count > 1


def _only_pending(page: Page) -> bytes:
    assert page.pending_cells is not None
    ((_, cell),) = page.pending_cells.cells
    return cell


def _deepen_root(pager: Pager, root: Page) -> Page:
    """Move the root's cells to a new only child, which is pending then in its stead; `append_leaf` or
    `_append_index_page` may follow.
    """
    limits = pager.limits
    cells = page_cells(root, limits)
    pending = root.pending_cells
    kind = root.data[root.header_offset]
    child = allocate_page(pager)
    if child is root:
        raise corrupt()
    child.format(kind, limits)
    child.write_cells(cells, limits)
    if not root.is_leaf:
        child.right_child = root.right_child
    map_page_pointers(pager, child)
    child.pending_cells = pending
    root.format(TABLE_INTERIOR if root.is_table else INDEX_INTERIOR, limits)
    root.right_child = child.number
    map_page_pointers(pager, root)
    return child


def append_leaf(pager: Pager, parent: Page, page: Page, cell: bytes) -> Page:
    """The usual split of rows that come in order: the new row alone on a new right-most page, which is the result."""
    limits = pager.limits
    new_page = allocate_page(pager)
    if new_page is page or new_page is parent:
        raise corrupt()
    new_page.format(TABLE_LEAF, limits)
    new_page.write_cells([cell], limits)
    divider = page.number.to_bytes(4, "big") + write_varint(cell_rowid(page, page.cell_count - 1))
    parent.right_child = new_page.number
    insert_cell(parent, parent.full_cell_count, divider, limits)
    map_page_pointers(pager, new_page)
    write_pointer_map(pager, new_page.number, KIND_TREE, parent.number)
    return new_page


def _append_index_page(pager: Pager, parent: Page, page: Page) -> None:
    """The same for an index: the entry before the new one becomes the divider."""
    limits = pager.limits
    cell = _only_pending(page)
    page.pending_cells = None
    new_page = allocate_page(pager)
    if new_page is page or new_page is parent:
        raise corrupt()
    new_page.format(page.data[page.header_offset], limits)
    new_page.write_cells([cell], limits)
    last = page.cell_count - 1
    moving = cell_bytes(page, last, limits)
    if page.is_leaf:
        rest = exact_index_cell(moving, limits)
    else:
        rest = moving[4:]
        new_page.right_child = page.right_child
        page.right_child = int.from_bytes(moving[:4], "big")
    remove_cell(page, last, limits)
    parent.right_child = new_page.number
    insert_cell(parent, parent.full_cell_count, page.number.to_bytes(4, "big") + rest, limits)
    if pager.has_pointer_maps:
        map_page_pointers(pager, new_page)
        map_page_pointers(pager, parent)


def _balance_siblings(pager: Pager, parent: Page, index: int, is_root: bool) -> None:
    limits = pager.limits
    last = parent.full_cell_count
    first = max(0, min(index - 1, last - 2))
    count = min(_SIBLINGS, last - first + 1)
    numbers = [parent.child(place) for place in range(first, first + count)]
    siblings = _siblings(pager, parent, numbers)
    is_leaf = siblings[0].is_leaf
    is_rowid_leaf = is_leaf and siblings[0].is_table
    kind = siblings[0].data[siblings[0].header_offset]
    dividers = [cell_bytes(parent, place, limits) for place in range(first, first + count - 1)]
    cells = _gather(pager, siblings, dividers)
    last_child = 0 if is_leaf else siblings[-1].right_child
    sizes = [len(cell) + 2 for cell in cells]
    ends = deal_cells(sizes, limits.usable_size - (8 if is_leaf else 12), 0 if is_rowid_leaf else 1)

    for sibling in siblings:
        sibling.pending_cells = None
    pages = sorted(siblings, key=_page_number)[: len(ends)]
    for page in pages:
        pager.make_writable(page)
    # What is left over is freed as it is: what nobody writes needs no place in the journal.
    for number in sorted(numbers)[len(ends) :]:
        free_page(pager, number)
    while len(pages) < len(ends):
        pages.append(allocate_page(pager))
    if len({page.number for page in pages}) < len(pages) or any(page is parent for page in pages):
        raise corrupt()
    pages.sort(key=_page_number)

    new_dividers: list[bytes] = []
    start = 0
    for page, end in zip(pages, ends, strict=True):
        page.format(kind, limits)
        page.write_cells(cells[start:end], limits)
        start = end
        if page is pages[-1]:
            if not is_leaf:
                page.right_child = last_child
            break
        new_dividers.append(page.number.to_bytes(4, "big") + _divider_rest(pager, page, cells, end))
        if not is_rowid_leaf:
            if not is_leaf:
                page.right_child = int.from_bytes(cells[end][:4], "big")
            start = end + 1

    for _ in range(count - 1):
        remove_cell(parent, first, limits)
    parent.set_child(first, pages[-1].number, limits)
    for place, divider in enumerate(new_dividers):
        insert_cell(parent, first + place, divider, limits)
    if pager.has_pointer_maps:
        for page in pages:
            map_page_pointers(pager, page)
        map_page_pointers(pager, parent)
    if is_root and parent.full_cell_count == 0:
        _take_in_only_child(pager, parent, pages[0])


def _page_number(page: Page) -> int:
    return page.number


def _siblings(pager: Pager, parent: Page, numbers: list[int]) -> list[Page]:
    """The sibling pages, of one kind, whose free space is sound: what is not would be lost with the cells around it."""
    if len(set(numbers)) < len(numbers) or parent.number in numbers:
        raise corrupt()
    siblings = [pager.get_tree_page(number) for number in numbers]
    for page in siblings:
        if page.is_leaf != siblings[0].is_leaf or page.is_table != parent.is_table or page.number == 1:
            raise corrupt()
        page.compute_free_bytes(pager.limits)
    return siblings


def _gather(pager: Pager, siblings: list[Page], dividers: list[bytes]) -> list[bytes]:
    """All cells in order, the dividers among them where those are cells of their own."""
    limits = pager.limits
    cells: list[bytes] = []
    is_leaf = siblings[0].is_leaf
    for place, page in enumerate(siblings):
        on_page = page_cells(page, limits)
        cells.extend(on_page if page.pending_cells is None else page.pending_cells.among(on_page))
        if place == len(dividers) or is_leaf and page.is_table:
            continue
        if is_leaf:
            cells.append(padded(dividers[place][4:]))
        else:
            cells.append(page.right_child.to_bytes(4, "big") + dividers[place][4:])
    return cells


def _divider_rest(pager: Pager, page: Page, cells: list[bytes], end: int) -> bytes:
    """What follows the child number in the divider after `page`, whose cells end before `end`."""
    if page.is_leaf and page.is_table:
        last = bytearray(cells[end - 1])
        _, offset = varint_at(last, 0)
        rowid, _ = varint_at(last, offset)
        return write_varint(rowid)
    if page.is_leaf:
        return exact_index_cell(cells[end], pager.limits)
    return cells[end][4:]


def deal_cells(sizes: list[int], capacity: int, divider_count: int) -> list[int]:
    """Deal cells over as few pages as will do, and evenly towards the right.

    sizes: bytes of each cell with its pointer. divider_count: cells that drop out between two pages, 0 or 1.
    Gives for each page the index of the cell after its last one. SqlError CORRUPT where a page would stay empty.
    """
    ends: list[int] = []
    loads: list[int] = []
    load = 0
    start = 0
    position = 0
    total = len(sizes)
    while position < total:
        if load + sizes[position] <= capacity:
            load += sizes[position]
            position += 1
            continue
        if position == start:
            raise corrupt()
        ends.append(position)
        loads.append(load)
        position += divider_count
        start = position
        load = 0
    ends.append(total)
    loads.append(load)
    for right in range(len(ends) - 1, 0, -1):
        left = right - 1
        begin = ends[left - 1] + divider_count if left else 0
        end = ends[left]
        while end - 1 > begin:
            # With a divider, the old one comes down to the right page and the left page's last cell takes its place.
            coming = sizes[end] if divider_count else sizes[end - 1]
            going = sizes[end - 1]
            if loads[right] and loads[right] + coming > loads[left] - going:
                break
            if loads[right] + coming > capacity:
                break
            loads[right] += coming
            loads[left] -= going
            end -= 1
        ends[left] = end
        if loads[right] == 0:
            raise corrupt()
    return ends


def _take_in_only_child(pager: Pager, root: Page, child: Page) -> None:
    """A root whose only child would fit into it becomes that child."""
    limits = pager.limits
    if child.compute_free_bytes(limits) < root.header_offset:
        return
    cells = page_cells(child, limits)
    root.format(child.data[child.header_offset], limits)
    root.write_cells(cells, limits)
    if not child.is_leaf:
        root.right_child = child.right_child
    map_page_pointers(pager, root)
    free_page(pager, child.number)
