"""sqlite_dbpage: the pages of a database as bytes, to be read and, with UPDATE, to be written.

1. A page is a blob of the page size; nothing is checked. The page of the lock bytes reads as zeros.
2. DELETE is refused; an UPDATE may change neither the number nor the schema; an INSERT writes the page that it names.

Source: https://sqlite.org/dbpage.html
"""

from __future__ import annotations

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

DECLARATION = "CREATE TABLE x(pgno INTEGER PRIMARY KEY, data BLOB, schema HIDDEN)"
NUMBER, DATA, SCHEMA = range(3)
# Bits of the number of a plan: the arguments, the schema first.
HAS_SCHEMA = 1
HAS_NUMBER = 2
LOCK_BYTE = 0x40000000


class PageTable(ModuleTable):
    """See the module."""

    __slots__ = ("connection",)

    def __init__(self, connection: CompilerSession) -> None:
        super().__init__(DECLARATION, is_writable=True, risk=RISK_HIGH)
        self.connection = connection

    def database(self, schema: Value) -> DatabaseLike | None:
        """The database of a schema's name (NULL: main), None if there is none or it is not open."""
        number = 0 if schema is None else self.connection.number_of(to_text(schema) or "")
        return self.connection.session.databases[number] if number >= 0 else None

    def best_index(self, query: IndexQuery) -> bool:
        count = 0
        query.cost = 1.0e6
        for constraint in query.constraints:
            if constraint.column == SCHEMA and constraint.operator == EQUAL:
                if not constraint.is_usable:
                    return False
                count += 1
                query.take(constraint, count)
                query.number = HAS_SCHEMA
                break
        for constraint in query.constraints:
            if constraint.column in (-1, NUMBER) and constraint.operator == EQUAL and constraint.is_usable:
                count += 1
                query.take(constraint, count)
                query.number |= HAS_NUMBER
                query.cost = 1.0
                query.rows = 1
                query.is_unique = True
                break
        if len(query.order) >= 1 and query.order[0] in ((-1, False), (NUMBER, False)):
            query.order_is_consumed = True
        return True

    def open(self) -> ModuleCursor:
        return PageCursor(self)

    def update(self, arguments: list[Value], conflict: int) -> int | None:
        if len(arguments) == 1:
            raise SqlError(ERROR, "cannot delete")
        number = to_integer(arguments[2])
        schema = arguments[2 + SCHEMA]
        if arguments[0] is not None and to_integer(arguments[0]) != number:
            raise SqlError(ERROR, "cannot insert")
        if self.connection.settings.defensive:
            raise SqlError(ERROR, "read-only")
        database = self.database(schema)
        if database is None:
            raise SqlError(ERROR, "unknown schema")
        if number < 1 or number > database.page_count:
            raise SqlError(ERROR, "bad page number")
        data = arguments[2 + DATA]
        if not isinstance(data, bytes) or len(data) != database.page_size:
            raise SqlError(ERROR, "bad page value")
        database.begin_write()
        database.write_page(number, data)
        return None


class PageCursor(ModuleCursor):
    """The pages from `number` to `last` of a database."""

    __slots__ = ("table", "database", "schema", "number", "last")

    def __init__(self, table: PageTable) -> None:
        self.table = table
        self.database: DatabaseLike | None = None
        self.schema: Value = None
        self.number = 1
        self.last = 0

    def filter(self, number: int, text: str | None, arguments: list[Value]) -> None:
        given = list(arguments)
        self.number = 1
        self.last = 0
        self.schema = "main"
        if number & HAS_SCHEMA:
            self.schema = given.pop(0)
        self.database = self.table.database(self.schema)
        if self.database is None:
            return
        self.last = self.database.page_count
        if number & HAS_NUMBER:
            wanted = to_integer(given.pop(0))
            if not 1 <= wanted <= self.last:
                self.last = 0
            else:
                self.number = self.last = wanted

    def is_at_end(self) -> bool:
        return self.number > self.last

    def next(self) -> None:
        self.number += 1

    def column(self, number: int) -> Value:
        assert self.database is not None
        if number == NUMBER:
            return self.number
        if number == SCHEMA:
            return self.schema
        size = self.database.page_size
        if self.number == LOCK_BYTE // size + 1:
            return bytes(size)
        return self.database.read_page(self.number)

    def rowid(self) -> int:
        return self.number


class PageModule(Module):
    """sqlite_dbpage."""

    __slots__ = ("connection",)

    def __init__(self, connection: CompilerSession) -> None:
        super().__init__(True, True)
        self.connection = connection

    def connect(self, request: ConnectRequest) -> ModuleTable:
        return PageTable(self.connection)
