"""One module for real SQLite and for ours: rows in a list, everything that it is asked in a log.

`take` says which constraints it wants: "equal" those of `=`, "all", or "" none; `omits` whether it sees to them alone.
It gives all rows whatever it was told, so constraints that are omitted are lost, on both sides alike.
"""

from __future__ import annotations

from typing import Any

import apsw
from keelback_core.engine.connection import Connection
from keelback_core.module.index_query import IndexQuery
from keelback_core.module.protocol import ConnectRequest, Module, ModuleCursor, ModuleTable
from keelback_core.value.errors import SqlError

DECLARATION = "CREATE TABLE x(a, b TEXT, c HIDDEN, d COLLATE NOCASE)"
EQUAL = 2


class Settings:
    """What the module does, for both sides."""

    def __init__(self, take: str = "equal", omits: bool = False, consumes_order: bool = False) -> None:
        self.take = take
        self.omits = omits
        self.consumes_order = consumes_order
        self.rows: list[list[Any]] = [[1, "one", None, "X"], [2, "two", None, "y"], [3, "three", None, "x"]]

    def wants(self, operator: int) -> bool:
        return self.take == "all" or (self.take == "equal" and operator == EQUAL)


class OurCursor(ModuleCursor):
    def __init__(self, table: OurTable) -> None:
        self.table = table
        self.rows: list[tuple[int, list[Any]]] = []

    def filter(self, number: int, text: str | None, arguments: list[Any]) -> None:
        self.table.log.append(("filter", number, text, tuple(arguments)))
        self.rows = sorted(self.table.rows.items(), reverse=True)

    def is_at_end(self) -> bool:
        return not self.rows

    def next(self) -> None:
        self.rows.pop()

    def column(self, number: int) -> Any:
        return self.rows[-1][1][number]

    def rowid(self) -> int:
        return self.rows[-1][0]


class OurTable(ModuleTable):
    def __init__(self, settings: Settings, log: list[Any]) -> None:
        super().__init__(DECLARATION, is_writable=True)
        self.settings = settings
        self.log = log
        self.rows = {place: list(row) for place, row in enumerate(settings.rows, 1)}

    def best_index(self, query: IndexQuery) -> bool:
        offered = tuple((c.column, c.operator, c.is_usable) for c in query.constraints)
        self.log.append(("ask", offered, tuple(query.order), query.purpose))
        count = 0
        for constraint in query.constraints:
            if constraint.is_usable and self.settings.wants(constraint.operator):
                count += 1
                query.take(constraint, count, self.settings.omits)
        query.number = count
        query.text = "plan"
        query.cost = 100.0 / (count + 1)
        query.rows = 10
        query.order_is_consumed = self.settings.consumes_order and bool(query.order)
        return True

    def open(self) -> ModuleCursor:
        return OurCursor(self)

    def update(self, arguments: list[Any], conflict: int) -> int | None:
        self.log.append(("update", tuple(arguments)))
        old = arguments[0]
        if len(arguments) == 1:
            del self.rows[old]
            return None
        new = arguments[1]
        if new is None:
            new = max(self.rows, default=0) + 1
        if old is not None:
            del self.rows[old]
        self.rows[new] = list(arguments[2:])
        return int(new)

    def rename(self, name: str) -> None:
        self.log.append(("rename", name))

    def destroy(self) -> None:
        self.log.append(("destroy",))

    def begin(self) -> None:
        self.log.append(("begin",))

    def sync(self) -> None:
        self.log.append(("sync",))

    def commit(self) -> None:
        self.log.append(("commit",))

    def rollback(self) -> None:
        self.log.append(("rollback",))

    def savepoint(self, depth: int) -> None:
        self.log.append(("savepoint", depth))

    def release(self, depth: int) -> None:
        self.log.append(("release", depth))

    def rollback_to(self, depth: int) -> None:
        self.log.append(("rollback to", depth))


class OurModule(Module):
    def __init__(self, settings: Settings, log: list[Any]) -> None:
        super().__init__(True, True)
        self.settings = settings
        self.log = log
        self.tables: dict[str, OurTable] = {}

    def create(self, request: ConnectRequest) -> ModuleTable:
        self.log.append(("create", request.module, request.schema, request.table, *request.arguments))
        return OurTable(self.settings, self.log)

    def connect(self, request: ConnectRequest) -> ModuleTable:
        return OurTable(self.settings, self.log)


class TheirCursor:
    def __init__(self, table: TheirTable) -> None:
        self.table = table
        self.rows: list[tuple[int, list[Any]]] = []

    def Filter(self, number: int, text: str | None, arguments: tuple[Any, ...]) -> None:
        self.table.log.append(("filter", number, text, tuple(arguments)))
        self.rows = sorted(self.table.rows.items(), reverse=True)

    def Eof(self) -> bool:
        return not self.rows

    def Next(self) -> None:
        self.rows.pop()

    def Column(self, number: int) -> Any:
        return self.rows[-1][0] if number < 0 else self.rows[-1][1][number]

    def Rowid(self) -> int:
        return self.rows[-1][0]

    def Close(self) -> None:
        pass


class TheirTable:
    def __init__(self, settings: Settings, log: list[Any]) -> None:
        self.settings = settings
        self.log = log
        self.rows = {place: list(row) for place, row in enumerate(settings.rows, 1)}

    def BestIndexObject(self, info: Any) -> bool:
        offered = tuple(
            (
                info.get_aConstraint_iColumn(i) if info.get_aConstraint_op(i) not in (73, 74) else -2,
                info.get_aConstraint_op(i),
                info.get_aConstraint_usable(i),
            )
            for i in range(info.nConstraint)
        )
        order = tuple((info.get_aOrderBy_iColumn(i), bool(info.get_aOrderBy_desc(i))) for i in range(info.nOrderBy))
        self.log.append(("ask", offered, order, info.distinct))
        count = 0
        for place, (_, operator, usable) in enumerate(offered):
            if usable and self.settings.wants(operator):
                count += 1
                info.set_aConstraintUsage_argvIndex(place, count)
                info.set_aConstraintUsage_omit(place, self.settings.omits)
        info.idxNum = count
        info.idxStr = "plan"
        info.estimatedCost = 100.0 / (count + 1)
        info.estimatedRows = 10
        info.orderByConsumed = self.settings.consumes_order and bool(order)
        return True

    def Open(self) -> TheirCursor:
        return TheirCursor(self)

    def UpdateDeleteRow(self, rowid: int) -> None:
        self.log.append(("update", (rowid,)))
        del self.rows[rowid]

    def UpdateInsertRow(self, rowid: int | None, fields: tuple[Any, ...]) -> int | None:
        self.log.append(("update", (None, rowid, *fields)))
        new = rowid if rowid is not None else max(self.rows, default=0) + 1
        self.rows[new] = list(fields)
        return new if rowid is None else None

    def UpdateChangeRow(self, old: int, new: int, fields: tuple[Any, ...]) -> None:
        self.log.append(("update", (old, new, *fields)))
        del self.rows[old]
        self.rows[new] = list(fields)

    def Rename(self, name: str) -> None:
        self.log.append(("rename", name))

    def Destroy(self) -> None:
        self.log.append(("destroy",))

    def Disconnect(self) -> None:
        pass

    def Begin(self) -> None:
        self.log.append(("begin",))

    def Sync(self) -> None:
        self.log.append(("sync",))

    def Commit(self) -> None:
        self.log.append(("commit",))

    def Rollback(self) -> None:
        self.log.append(("rollback",))

    def Savepoint(self, depth: int) -> None:
        self.log.append(("savepoint", depth))

    def Release(self, depth: int) -> None:
        self.log.append(("release", depth))

    def RollbackTo(self, depth: int) -> None:
        self.log.append(("rollback to", depth))


class TheirModule:
    def __init__(self, settings: Settings, log: list[Any]) -> None:
        self.settings = settings
        self.log = log

    def Create(self, connection: Any, module: str, schema: str, table: str, *arguments: str) -> Any:
        self.log.append(("create", module, schema, table, *arguments))
        return DECLARATION, TheirTable(self.settings, self.log)

    def Connect(self, connection: Any, module: str, schema: str, table: str, *arguments: str) -> Any:
        return DECLARATION, TheirTable(self.settings, self.log)


class Pair:
    """Both connections, with the module `rows`."""

    def __init__(self, settings: Settings | None = None) -> None:
        settings = settings or Settings()
        self.our_log: list[Any] = []
        self.their_log: list[Any] = []
        self.ours = Connection(":memory:")
        self.ours.virtual_tables.register("rows", OurModule(settings, self.our_log))
        self.theirs = apsw.Connection(":memory:")
        self.theirs.create_module(
            "rows", TheirModule(settings, self.their_log), use_bestindex_object=True, eponymous=True, iVersion=3
        )

    def run(self, sql: str) -> tuple[Any, Any]:
        """What a statement gives on each side: rows or error, and the log of it."""
        self.our_log.clear()
        self.their_log.clear()
        mine: Any
        other: Any
        try:
            mine = [tuple(row) for row in self.ours.execute(sql)]
        except SqlError as error:
            mine = error.message
        try:
            other = list(self.theirs.execute(sql))
        except apsw.Error as failure:
            other = str(failure)
        return (mine, list(self.our_log)), (other, list(self.their_log))

    def close(self) -> None:
        self.ours.close(finalizes=True)
        self.theirs.close()
