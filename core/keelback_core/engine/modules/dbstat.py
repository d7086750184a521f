"""dbstat: how the pages of every table and index of a database are used; with aggregate=1 one row a tree.

1. Trees come in the order of the schema table, or of their names where that is asked for; the pages of a tree from the
   root down, an overflow chain behind its cell's page, children after the cell to their right.
2. A page is shown as its bytes say; one that is damaged is `corrupted` and has no cells.

Source: https://sqlite.org/dbstat.html
"""

from __future__ import annotations

from keelback_core.engine.modules.arguments import unquoted
from keelback_core.engine.schema_loader import schema_rows
from keelback_core.module.index_query import EQUAL
from keelback_core.module.protocol import RISK_HIGH, Module, ModuleCursor, ModuleTable
from keelback_core.value.cast import to_integer, to_text
from keelback_core.value.errors import SqlError
from keelback_core.value.result_codes import ERROR

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.engine.compiler_session import CompilerSession
    from keelback_core.engine.run_tower import DatabaseLike
    from keelback_core.module.index_query import IndexQuery
    from keelback_core.module.protocol import ConnectRequest
    from keelback_core.value import Value

DECLARATION = (
    "CREATE TABLE x(name TEXT,path TEXT,pageno INTEGER,pagetype TEXT,ncell INTEGER,payload INTEGER,unused INTEGER,"
    "mx_payload INTEGER,pgoffset INTEGER,pgsize INTEGER,schema TEXT HIDDEN,aggregate BOOLEAN HIDDEN)"
)
NAME, PATH, PAGE_NUMBER = range(3)
SCHEMA = 10
AGGREGATE = 11
# Bits of the number of a plan: what the arguments are, in this order; and that trees come by name.
HAS_SCHEMA = 1
HAS_NAME = 2
HAS_AGGREGATE = 4
IS_SORTED = 8

TABLE_INTERIOR = 5
INDEX_INTERIOR = 2
TABLE_LEAF = 13
INDEX_LEAF = 10
# Trees are not deeper than this.
DEEPEST = 32


class PageUse:
    """One page of a tree: children has a page number for each cell and the right one, overflow for each cell the pages
    of its chain."""

    __slots__ = ("kind", "cell_count", "payload", "unused", "largest", "children", "overflow", "last_overflow")

    def __init__(self) -> None:
        self.kind = "corrupted"
        self.cell_count = 0
        self.payload = 0
        self.unused = 0
        self.largest = 0
        self.children: list[int] = []
        self.overflow: list[list[int]] = []
        # Per cell the bytes on the last page of its chain.
        self.last_overflow: list[int] = []


class PageReader:
    """Reads the pages of one database."""

    __slots__ = ("database", "page_size", "usable_size")

    def __init__(self, database: DatabaseLike) -> None:
        self.database = database
        self.page_size = database.page_size
        self.usable_size = self.page_size - database.read_page(1)[20]

    def read(self, number: int) -> PageUse:
        """The use of a tree page."""
        use = PageUse()
        data = self.database.read_page(number)
        start = 100 if number == 1 else 0
        flags = data[start]
        if flags not in (TABLE_INTERIOR, INDEX_INTERIOR, TABLE_LEAF, INDEX_LEAF):
            return use
        is_leaf = flags in (TABLE_LEAF, INDEX_LEAF)
        header = start + (8 if is_leaf else 12)
        count = _number(data, start + 3)
        try:
            unused = _number(data, start + 5) - header - 2 * count + data[start + 7]
            unused += self._free_bytes(data, _number(data, start + 1))
            for cell in range(count):
                self._add_cell(data, _number(data, header + 2 * cell), flags, is_leaf, use)
        except IndexError:
            return PageUse()
        use.kind = "leaf" if is_leaf else "internal"
        use.cell_count = count
        use.unused = unused
        if not is_leaf:
            use.children.append(int.from_bytes(data[start + 8 : start + 12], "big"))
        return use

    def _free_bytes(self, data: bytes, block: int) -> int:
        total = 0
        while block:
            following = _number(data, block)
            total += _number(data, block + 2)
            if following and following < block + 4:
                raise IndexError
            block = following
        return total

    def _add_cell(self, data: bytes, at: int, flags: int, is_leaf: bool, use: PageUse) -> None:
        chain: list[int] = []
        last = 0
        if not is_leaf:
            use.children.append(int.from_bytes(data[at : at + 4], "big"))
            at += 4
        if flags != TABLE_INTERIOR:
            size, at = _varint(data, at)
            if flags == TABLE_LEAF:
                _, at = _varint(data, at)
            local = self._local(size, flags == TABLE_LEAF)
            use.largest = max(use.largest, size)
            use.payload += local
            if local < size:
                room = self.usable_size - 4
                count = (size - local + room - 1) // room
                last = size - local - (count - 1) * room
                chain = self._chain(int.from_bytes(data[at + local : at + local + 4], "big"), count)
        use.overflow.append(chain)
        use.last_overflow.append(last)

    def _local(self, size: int, is_table: bool) -> int:
        """How much of a payload stands in its cell."""
        usable = self.usable_size
        least = (usable - 12) * 32 // 255 - 23
        most = usable - 35 if is_table else (usable - 12) * 64 // 255 - 23
        if size <= most:
            return size
        local = least + (size - least) % (usable - 4)
        return local if local <= most else least

    def _chain(self, page: int, count: int) -> list[int]:
        found = []
        for _ in range(count):
            if page < 1 or page > self.database.page_count:
                raise IndexError
            found.append(page)
            page = int.from_bytes(self.database.read_page(page)[:4], "big")
        return found


def _number(data: bytes, at: int) -> int:
    if at + 2 > len(data):
        raise IndexError
    return data[at] << 8 | data[at + 1]


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    for place in range(9):
        byte = data[at + place]
        if place == 8:
            return value << 8 | byte, at + 9
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, at + place + 1
    return value, at + 9


class StatTable(ModuleTable):
    """schema: the database that is meant where no argument says otherwise."""

    __slots__ = ("connection", "schema")

    def __init__(self, connection: CompilerSession, schema: str) -> None:
        super().__init__(DECLARATION, risk=RISK_HIGH)
        self.connection = connection
        self.schema = schema

    def best_index(self, query: IndexQuery) -> bool:
        found: dict[int, int] = {}
        for position, constraint in enumerate(query.constraints):
            if constraint.operator != EQUAL:
                continue
            if not constraint.is_usable:
                return False
            found[constraint.column] = position
        count = 0
        for column, bit in ((SCHEMA, HAS_SCHEMA), (NAME, HAS_NAME), (AGGREGATE, HAS_AGGREGATE)):
            if column in found:
                count += 1
                query.number |= bit
                query.take(query.constraints[found[column]], count, column == SCHEMA)
        query.cost = 1.0
        if query.order in ([(NAME, False)], [(NAME, False), (PATH, False)]):
            query.order_is_consumed = True
            query.number |= IS_SORTED
        query.shows_hexadecimal = True
        return True

    def open(self) -> ModuleCursor:
        return StatCursor(self)


class StatCursor(ModuleCursor):
    """The rows that are left, those of one tree at a time, the first of them the current one."""

    __slots__ = ("table", "trees", "rows", "is_aggregate", "reader", "schema")

    def __init__(self, table: StatTable) -> None:
        self.table = table
        self.trees: list[tuple[str, int]] = []
        self.rows: list[list[Value]] = []
        self.is_aggregate = False
        self.reader: PageReader | None = None
        self.schema = table.schema

    def filter(self, number: int, text: str | None, arguments: list[Value]) -> None:
        connection = self.table.connection
        given = list(arguments)
        schema = to_text(given.pop(0)) if number & HAS_SCHEMA else self.table.schema
        name = given.pop(0) if number & HAS_NAME else None
        self.is_aggregate = bool(number & HAS_AGGREGATE and to_integer(given.pop(0)))
        self.trees = []
        self.rows = []
        place = -1 if schema is None else connection.number_of(schema)
        if place < 0:
            return
        database = connection.session.databases[place]
        self.schema = connection.schema_name(place)
        if database is None or database.page_count == 0:
            return
        self.trees = self._trees(database)
        if number & HAS_NAME:
            self.trees = [tree for tree in self.trees if tree[0] == name]
        if number & IS_SORTED:
            self.trees.sort(key=_by_name)
        self.reader = PageReader(database)
        self._next_tree()

    def _trees(self, database: DatabaseLike) -> list[tuple[str, int]]:
        """Name and root of the trees, in the order of the schema table."""
        found = [("sqlite_schema", 1)]
        encoding = database.get_meta(5)
        rows = schema_rows(self.table.connection.tower, database, encoding if encoding in (1, 2, 3) else 1)
        for row in rows:
            if len(row) > 3 and isinstance(row[1], str) and isinstance(row[3], int) and row[3] > 0:
                found.append((row[1], row[3]))
        return found

    def _next_tree(self) -> None:
        while not self.rows and self.trees:
            name, root = self.trees.pop(0)
            self.rows = self._tree_rows(name, root)
            if self.is_aggregate:
                self.rows = [self._aggregate(name)]
            self.rows.reverse()

    def _aggregate(self, name: str) -> list[Value]:
        """One row for the rows of a tree."""
        rows = self.rows
        size = self.reader.page_size if self.reader is not None else 0
        sums: list[Value] = [sum(to_integer(row[column]) for row in rows) for column in (4, 5, 6)]
        largest = max((to_integer(row[7]) for row in rows), default=0)
        return [name, None, len(rows), None, *sums, largest, None, len(rows) * size]

    def _tree_rows(self, name: str, root: int) -> list[list[Value]]:
        """The rows of a tree, in order."""
        assert self.reader is not None
        rows: list[list[Value]] = []
        # What is still to be shown, the next one last: pages with their paths, and rows that are ready.
        waiting: list[tuple[int, str, int, list[list[Value]]]] = [(root, "/", 0, [])]
        while waiting:
            page, path, depth, ready = waiting.pop()
            rows += ready
            if page == 0:
                continue
            if depth > DEEPEST or page > self.reader.database.page_count:
                continue
            use = self.reader.read(page)
            counts: list[Value] = [use.cell_count, use.payload, use.unused, use.largest]
            rows.append([name, path, page, use.kind, *counts, *self._place(page)])
            following: list[tuple[int, str, int, list[list[Value]]]] = []
            for cell in range(max(len(use.overflow), len(use.children))):
                ready = []
                if cell < len(use.overflow):
                    ready = self._overflow_rows(name, path, cell, use)
                child = use.children[cell] if cell < len(use.children) else 0
                following.append((child, f"{path}{cell:03x}/", depth + 1, ready))
            waiting += reversed(following)
        return rows

    def _overflow_rows(self, name: str, path: str, cell: int, use: PageUse) -> list[list[Value]]:
        assert self.reader is not None
        room = self.reader.usable_size - 4
        rows: list[list[Value]] = []
        chain = use.overflow[cell]
        for position, page in enumerate(chain):
            payload = use.last_overflow[cell] if position == len(chain) - 1 else room
            counts: list[Value] = [0, payload, room - payload, 0]
            shown = f"{path}{cell:03x}+{position:06x}"
            rows.append([name, shown, page, "overflow", *counts, *self._place(page)])
        return rows

    def _place(self, page: int) -> list[Value]:
        """Offset and size of a page."""
        assert self.reader is not None
        return [(page - 1) * self.reader.page_size, self.reader.page_size]

    def is_at_end(self) -> bool:
        return not self.rows

    def next(self) -> None:
        self.rows.pop()
        self._next_tree()

    def column(self, number: int) -> Value:
        if number == SCHEMA:
            return self.schema
        if number == AGGREGATE:
            return int(self.is_aggregate)
        return self.rows[-1][number]

    def rowid(self) -> int:
        return to_integer(self.rows[-1][PAGE_NUMBER])


def _by_name(tree: tuple[str, int]) -> bytes:
    return tree[0].encode("utf-8", "surrogateescape")


class StatModule(Module):
    """dbstat; CREATE VIRTUAL TABLE x USING dbstat(schema) has another database than main."""

    __slots__ = ("connection",)

    def __init__(self, connection: CompilerSession) -> None:
        super().__init__(True, True)
        self.connection = connection

    def connect(self, request: ConnectRequest) -> ModuleTable:
        schema = "main"
        if request.arguments:
            schema = unquoted(request.arguments[0])
            if self.connection.number_of(schema) < 0:
                raise SqlError(ERROR, "no such database: " + schema)
        return StatTable(self.connection, schema)
