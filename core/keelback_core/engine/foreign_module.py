"""ForeignModule: a module that a program has registered through the C API; every method asks C++ (KB_ASK_MODULE_...).

    CONNECT    [module, is_create, name, schema, table, arguments...]
               -> [table, declaration, is_writable, risk, handles_conflicts]
    BEST_INDEX [table, purpose, columns used, order count, (column, is_descending)..., (column, operator, is_usable,
               collation, is_value_known, value, is_in)...]
               -> [is_possible, number, text, order_is_consumed, cost, rows, flags, (argument, is_omitted, as_set)...]
    OPEN       [table]                         -> [cursor]
    FILTER     [cursor, number, text, lists, arguments...] -> [has_row]
    NEXT       [cursor]                        -> [has_row]
    COLUMN     [cursor, number]                -> [value, is_json]    -1 - number: the column is not changed
    ROWID      [cursor]                        -> [rowid]
    CLOSE      [cursor]                        -> []
    UPDATE     [table, conflict, arguments...] -> [rowid]
    CALL       [table, method, argument...]    -> [answer]     methods: BEGIN ...; below zero: -module

Must not know: C. Twin: core/kernel/capi/module. Source: https://sqlite.org/vtab.html
"""

from __future__ import annotations

from keelback_core.engine.late_module import late_module
from keelback_core.module.protocol import Module, ModuleCursor, ModuleTable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from keelback_core.module.index_query import IndexQuery
    from keelback_core.module.protocol import ConnectRequest
    from keelback_core.value import Value

    Ask = Callable[[int, list[Value]], list[Any]]

BEGIN, SYNC, COMMIT, ROLLBACK, SAVEPOINT, RELEASE, ROLLBACK_TO, RENAME, DESTROY, DISCONNECT, CHECK = range(11)
FIND_FUNCTION = 11
IS_SHADOW = 12
# Flags of a plan.
SCAN_UNIQUE = 1
SCAN_HEXADECIMAL = 2


class ForeignCursor(ModuleCursor):
    """A sqlite3_vtab_cursor."""

    __slots__ = ("_ask", "_names", "_number", "_is_at_end")

    takes_pointers = True

    def __init__(self, ask: Ask, names: Any, number: int) -> None:
        self._ask = ask
        self._names = names
        self._number = number
        self._is_at_end = True

    def filter_by_lists(self, number: int, text: str | None, arguments: list[Value], lists: int) -> None:
        self._is_at_end = True
        answer = self._ask(self._names.KB_ASK_MODULE_FILTER, [self._number, number, text, lists, *arguments])
        self._is_at_end = not answer[0]

    def is_at_end(self) -> bool:
        return self._is_at_end

    def next(self) -> None:
        self._is_at_end = True
        self._is_at_end = not self._ask(self._names.KB_ASK_MODULE_NEXT, [self._number])[0]

    def column_to_keep(self, number: int) -> Value:
        return self.column(-1 - number)

    def column(self, number: int) -> Value:
        value: Value
        value, is_json = self._ask(self._names.KB_ASK_MODULE_COLUMN, [self._number, number])
        if is_json and isinstance(value, str):
            marked: Value = late_module("keelback_core.reference.vm.functions.subtype").JsonText(value)
            return marked
        return value

    def rowid(self) -> int:
        found: int = self._ask(self._names.KB_ASK_MODULE_ROWID, [self._number])[0]
        return found

    def close(self) -> None:
        if self._number:
            number, self._number = self._number, 0
            self._ask(self._names.KB_ASK_MODULE_CLOSE, [number])


class ForeignTable(ModuleTable):
    """A sqlite3_vtab."""

    __slots__ = ("_ask", "_names", "_number", "_module")

    def __init__(
        self, module: ForeignModule, names: Any, number: int, declaration: str, is_writable: bool, risk: int
    ) -> None:
        super().__init__(declaration, is_writable, risk)
        self._module = module
        self._ask = module.ask
        self._names = names
        self._number = number

    def best_index(self, query: IndexQuery) -> bool:
        used = query.columns_used
        request: list[Value] = [self._number, query.purpose, used - (1 << 64) if used >> 63 else used]
        request.append(len(query.order))
        for column, is_descending in query.order:
            request += [column, int(is_descending)]
        for constraint in query.constraints:
            request += [constraint.column, constraint.operator, int(constraint.is_usable), constraint.collation]
            request += [int(constraint.is_value_known), constraint.value, int(constraint.is_in)]
        answer = self._ask(self._names.KB_ASK_MODULE_BEST_INDEX, request)
        if not answer[0]:
            return False
        _, query.number, query.text, consumed, query.cost, query.rows, flags = answer[:7]
        query.order_is_consumed = bool(consumed)
        query.is_unique = bool(flags & SCAN_UNIQUE)
        query.shows_hexadecimal = bool(flags & SCAN_HEXADECIMAL)
        for position, constraint in enumerate(query.constraints):
            constraint.argument = answer[7 + 3 * position]
            constraint.is_omitted = bool(answer[8 + 3 * position])
            constraint.as_set = bool(answer[9 + 3 * position])
        return True

    def find_function(self, name: str, argument_count: int) -> tuple[int, int]:
        asked: list[Value] = [self._number, FIND_FUNCTION, name, argument_count]
        code, number = self._ask(self._names.KB_ASK_MODULE_CALL, asked)
        return code, number

    def open(self) -> ModuleCursor:
        return ForeignCursor(self._ask, self._names, self._ask(self._names.KB_ASK_MODULE_OPEN, [self._number])[0])

    def update(self, arguments: list[Value], conflict: int) -> int | None:
        found: int = self._module.run(self._names.KB_ASK_MODULE_UPDATE, [self._number, conflict, *arguments])[0]
        return found

    def _call(self, method: int, *arguments: Value) -> Value:
        answer = self._module.run(self._names.KB_ASK_MODULE_CALL, [self._number, method, *arguments])
        found: Value = answer[0] if answer else None
        return found

    def begin(self) -> None:
        self._call(BEGIN)

    def sync(self) -> None:
        self._call(SYNC)

    def commit(self) -> None:
        self._call(COMMIT)

    def rollback(self) -> None:
        self._call(ROLLBACK)

    def savepoint(self, depth: int) -> None:
        self._call(SAVEPOINT, depth)

    def release(self, depth: int) -> None:
        self._call(RELEASE, depth)

    def rollback_to(self, depth: int) -> None:
        self._call(ROLLBACK_TO, depth)

    def rename(self, name: str) -> None:
        self._call(RENAME, name)

    def check(self, schema: str, name: str, is_quick: bool) -> str | None:
        found = self._call(CHECK, schema, name, int(is_quick))
        return found if isinstance(found, str) else None

    def disconnect(self) -> None:
        self._call(DISCONNECT)

    def destroy(self) -> None:
        self._call(DESTROY)


class ForeignModule(Module):
    """number: under which C++ knows it."""

    __slots__ = ("ask", "_names", "number")

    def __init__(self, ask: Ask, names: Any, number: int, identity: str, is_eponymous: bool, has_create: bool) -> None:
        super().__init__(is_eponymous, has_create, identity)
        self.ask = ask
        self._names = names
        self.number = number

    def run(self, question: int, request: list[Value]) -> list[Any]:
        """Ask for a method that may write to tables of its own."""
        self.running_count += 1
        try:
            return self.ask(question, request)
        finally:
            self.running_count -= 1

    def _connect(self, request: ConnectRequest, is_create: bool) -> ModuleTable:
        table, declaration, is_writable, risk, handles_conflicts = self.run(
            self._names.KB_ASK_MODULE_CONNECT,
            [self.number, int(is_create), request.module, request.schema, request.table, *request.arguments],
        )
        made = ForeignTable(self, self._names, table, declaration, bool(is_writable), risk)
        made.handles_conflicts = bool(handles_conflicts)
        return made

    def is_shadow_name(self, suffix: str) -> bool:
        return bool(self.ask(self._names.KB_ASK_MODULE_CALL, [-self.number, IS_SHADOW, suffix])[0])

    def connect(self, request: ConnectRequest) -> ModuleTable:
        return self._connect(request, False)

    def create(self, request: ConnectRequest) -> ModuleTable:
        return self._connect(request, True)


def shipped_foreign_module(ask: Ask, names: Any, key: str) -> ForeignModule | None:
    """A module of C that every connection behind the C API has, by its folded name."""
    if key != "carray":
        return None
    return ForeignModule(ask, names, names.KB_MODULE_CARRAY, "", True, False)


def foreign_module(ask: Ask, names: Any, facts: list[Any], identity: str = "") -> ForeignModule | None:
    """The module of [number, name, is_eponymous, has_create]; None for number 0, which removes it."""
    number, _name, is_eponymous, has_create = facts
    return ForeignModule(ask, names, number, identity, bool(is_eponymous), bool(has_create)) if number else None
