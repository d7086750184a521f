"""Module, ModuleTable, ModuleCursor: a virtual table module, one table of it, one scan over that.

    Module.connect -> ModuleTable.best_index* -> ModuleTable.open -> ModuleCursor.filter (column | rowid | next)* close

1. A module belongs to one connection. `create` makes the storage of a new table, `connect` finds that of an old one.
2. What fails raises SqlError. best_index gives False where no plan is possible with what is usable
   (SQLITE_CONSTRAINT).
3. begin, sync, commit, rollback and the savepoint methods are called for tables that were written in a transaction;
   sync may still fail.
4. disconnect is the last call to a table, or destroy when it is dropped. A cursor is closed before either.

The defaults are those of a table that can only be read and keeps nothing. Must not know: programs, plans, storage.
Source: https://sqlite.org/vtab.html
"""

from __future__ import annotations

from keelback_core.value.errors import SqlError
from keelback_core.value.result_codes import ERROR

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.module.index_query import IndexQuery
    from keelback_core.value import Value

# What a program that does not trust its schema may use a table for (SQLITE_INNOCUOUS, SQLITE_DIRECTONLY).
RISK_LOW = 0
RISK_NORMAL = 1
RISK_HIGH = 2


class ConnectRequest:
    """What is to be created or connected: module, schema and table by name, the texts between the parentheses."""

    __slots__ = ("module", "schema", "table", "arguments")

    def __init__(self, module: str, schema: str, table: str, arguments: tuple[str, ...]) -> None:
        self.module = module
        self.schema = schema
        self.table = table
        self.arguments = arguments


class ModuleCursor:
    """One scan. After filter, and after each next, it stands on a row or `is_at_end`. takes_pointers: it understands
    an argument of `filter` that is a PointerNull."""

    __slots__ = ()

    takes_pointers = False

    def filter(self, number: int, text: str | None, arguments: list[Value]) -> None:
        """Begin (again), with what best_index answered and the values of the constraints it took."""
        raise AssertionError("cursor without filter")

    def filter_by_lists(self, number: int, text: str | None, arguments: list[Value], lists: int) -> None:
        """As filter. lists: bit i for an argument i that is a list: a BLOB of records of one column, or NULL; only a
        table that has asked for lists gets them."""
        self.filter(number, text, arguments)

    def is_at_end(self) -> bool:
        raise AssertionError("cursor without end")

    def next(self) -> None:
        raise AssertionError("cursor without next")

    def column(self, number: int) -> Value:
        """The value of a column of the row; a JsonText has the subtype JSON."""
        raise AssertionError("cursor without columns")

    def column_to_keep(self, number: int) -> Value:
        """The value of a column that an UPDATE does not change, or NO_CHANGE."""
        return self.column(number)

    def rowid(self) -> int:
        raise AssertionError("cursor without rowids")

    def close(self) -> None:
        """The last call."""


class ModuleTable:
    """One connected table. declaration: `CREATE TABLE x(...)`, whose columns it has; a type that has the word HIDDEN
    makes a hidden column. is_writable: it has `update`. handles_conflicts: a constraint that `update` finds violated
    leaves the table as it was, so that the statement's own ON CONFLICT can go on from there. is_shipped: it is ours,
    and its plans depend on nothing but the statement. savepoint_count: how deep the savepoints of the transaction are
    that it has been told of, as SQLite counts them: a release does not count.
    """

    __slots__ = ("declaration", "is_writable", "risk", "handles_conflicts", "is_shipped", "savepoint_count")

    def __init__(self, declaration: str, is_writable: bool = False, risk: int = RISK_NORMAL) -> None:
        self.declaration = declaration
        self.is_writable = is_writable
        self.risk = risk
        self.handles_conflicts = False
        self.is_shipped = False
        self.savepoint_count = 0

    def best_index(self, query: IndexQuery) -> bool:
        """Answer the planner; False: not with these constraints."""
        return True

    def find_function(self, name: str, argument_count: int) -> tuple[int, int]:
        """xFindFunction: (0, 0) if the table has no function of its own for calls on its columns; else what it
        answers, from FUNCTION on the operator of a constraint, and the number by which the host calls it."""
        return 0, 0

    def open(self) -> ModuleCursor:
        raise AssertionError("table without cursors")

    def update(self, arguments: list[Value], conflict: int) -> int | None:
        """xUpdate: one argument deletes that rowid; more insert (first NULL) or update (old rowid, new rowid, columns);
        the rowid of a row inserted without one."""
        raise SqlError(ERROR, "table may not be modified")

    def begin(self) -> None: ...

    def sync(self) -> None: ...

    def commit(self) -> None: ...

    def rollback(self) -> None: ...

    def savepoint(self, depth: int) -> None: ...

    def release(self, depth: int) -> None: ...

    def rollback_to(self, depth: int) -> None: ...

    def open_savepoint(self, depth: int) -> None:
        """Tell it of a savepoint."""
        self.savepoint_count = depth + 1
        self.savepoint(depth)

    def release_savepoint(self, depth: int) -> None:
        """Tell it that a savepoint is released, if it knows of any that is so deep."""
        if self.savepoint_count > depth:
            self.release(depth)

    def roll_back_to_savepoint(self, depth: int) -> None:
        """Tell it to undo what it has done since a savepoint, if it knows of any that is so deep."""
        if self.savepoint_count > depth:
            self.rollback_to(depth)

    def rename(self, name: str) -> None:
        """The table will have another name."""

    def check(self, schema: str, name: str, is_quick: bool) -> str | None:
        """xIntegrity: what is wrong, None for nothing."""
        return None

    def disconnect(self) -> None: ...

    def destroy(self) -> None:
        """The table is dropped: its storage goes too."""
        self.disconnect()


class Module:
    """See the module. is_eponymous: a table of the module's name is there without CREATE. has_create: CREATE VIRTUAL
    TABLE may use it. identity: what tells it from the modules of other connections, "" if it is ours. running_count:
    how many of its methods that may write are running."""

    __slots__ = ("is_eponymous", "has_create", "identity", "running_count")

    def __init__(self, is_eponymous: bool = True, has_create: bool = False, identity: str = "") -> None:
        self.is_eponymous = is_eponymous
        self.identity = identity
        self.has_create = has_create
        self.running_count = 0

    def connect(self, request: ConnectRequest) -> ModuleTable:
        raise AssertionError("module without connect")

    def create(self, request: ConnectRequest) -> ModuleTable:
        """As connect, the first time."""
        return self.connect(request)

    def is_shadow_name(self, suffix: str) -> bool:
        """Whether a table `name_suffix` belongs to a virtual table `name` of this module."""
        return False
