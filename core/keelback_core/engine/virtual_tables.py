"""VirtualTables: the modules of one connection, and the virtual tables that are connected.

1. A table is connected when it is first used, and stays connected as long as its text in the schema is the same; one
   whose CREATE is rolled back is disconnected.
2. The modules whose tables are there without CREATE are registered when somebody first asks for their name, as in
   SQLite; `names` tells those that are registered.

Must not know: plans, cursors. Source: https://sqlite.org/vtab.html
"""

from __future__ import annotations

from keelback_core.compiler.catalog.model import fold_name
from keelback_core.compiler.catalog.virtual import load_virtual
from keelback_core.compiler.sql.ast import AstCreateTable, AstCreateVirtualTable
from keelback_core.compiler.sql.parser import parse_statement
from keelback_core.engine.modules import FIRST_MODULES, shipped_module
from keelback_core.engine.modules.pragma import PREFIX
from keelback_core.module.protocol import ConnectRequest
from keelback_core.value.errors import SqlError
from keelback_core.value.result_codes import ERROR, LOCKED, MESSAGES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from keelback_core.compiler.catalog.model import Table
    from keelback_core.engine.compiler_session import CompilerSession
    from keelback_core.module.protocol import Module, ModuleTable


class ConnectedTable:
    """A virtual table that is connected: its stored text, its module, its Table. is_new: created in the transaction
    that is not over yet; is_stale: the schema may have changed since."""

    __slots__ = ("sql", "module", "table", "is_new", "is_stale")

    def __init__(self, sql: str | None, module: Module, table: Table) -> None:
        self.sql = sql
        self.module = module
        self.table = table
        self.is_new = False
        self.is_stale = False


class VirtualTables:
    """See the module."""

    __slots__ = (
        "connection",
        "written",
        "native_module",
        "_modules",
        "_names",
        "_removed",
        "_connected",
        "_connecting",
    )

    def __init__(self, connection: CompilerSession) -> None:
        self.connection = connection
        # Those that were told of the running transaction; the session of the reference keeps this list.
        self.written: list[ModuleTable] = []
        # Makes the modules of C that every connection of the C API has, by their folded names.
        self.native_module: Callable[[str], Module | None] | None = None
        self._modules: dict[str, Module] = {}
        self._names: list[str] = list(FIRST_MODULES)
        # Names, in folded letters, that the user has removed.
        self._removed: set[str] = set()
        # By "database:name" in folded letters, as programs name tables.
        self._connected: dict[str, ConnectedTable] = {}
        self._connecting: list[str] = []

    # Modules.

    def register(self, name: str, module: Module | None) -> None:
        """Define a module, or remove it; the table that the one before has without CREATE is disconnected."""
        key = fold_name(name)
        before = self._modules.pop(key, None)
        self._names = [known for known in self._names if fold_name(known) != key]
        if before is not None:
            self._drop(":" + key)
        if module is None:
            self._removed.add(key)
        else:
            self._modules[key] = module
            self._names.append(name)

    def module(self, name: str) -> Module | None:
        """The module of a name."""
        key = fold_name(name)
        found = self._modules.get(key)
        if found is None and key not in self._removed:
            found = shipped_module(key, self.connection)
            if found is None and self.native_module is not None:
                found = self.native_module(key)
            if found is not None:
                self._modules[key] = found
                if key not in self._names:
                    # Those of pragmas are made when they are asked for, under the name as it is spelled then.
                    self._names.append(name if key.startswith(PREFIX) else key)
        return found

    def identities(self) -> list[str]:
        """What tells the modules of the user from those of other connections."""
        facts = [f"module {key!r} {module.identity}" for key, module in self._modules.items() if module.identity]
        return facts + [f"no module {key!r}" for key in sorted(self._removed) if key not in self._modules]

    def names(self) -> list[str]:
        """The registered modules."""
        return list(self._names)

    # Tables.

    def eponymous(self, name: str) -> Table | None:
        """The table that a module has without CREATE, None if there is none of this name."""
        module = self.module(name)
        if module is None or not module.is_eponymous:
            return None
        key = ":" + fold_name(name)
        known = self._connected.get(key)
        if known is None:
            shown = next(known for known in self._names if fold_name(known) == fold_name(name))
            request = ConnectRequest(shown, "main", shown, ())
            known = self._take(key, 0, request, module, module.connect(request), None)
        return known.table

    def connect(self, table: Table) -> Table:
        """The Table of the catalog with the module's side of it."""
        key = f"{table.database}:{fold_name(table.name)}"
        known = self._connected.get(key)
        if known is not None:
            if not known.is_stale:
                return known.table
            if known.sql == table.sql:
                known.is_stale = False
                return known.table
            self._drop(key)
        assert table.sql is not None
        request = self._request(table.database, table.sql)
        module = self.module(request.module)
        if module is None:
            raise SqlError(ERROR, f"no such module: {request.module}")
        if key in self._connecting:
            raise SqlError(LOCKED, f"vtable constructor called recursively: {table.name}")
        self._connecting.append(key)
        try:
            made = module.connect(request)
        finally:
            self._connecting.remove(key)
        return self._take(key, table.database, request, module, made, table.sql).table

    def table(self, key: str) -> ModuleTable:
        """The module's side of the table that a program names."""
        database, _, name = key.partition(":")
        if not database:
            found = self.eponymous(name)
        else:
            found = self.connection.catalog().schema(int(database)).tables.get(fold_name(name))
            found = None if found is None or found.kind != "virtual" else self.connect(found)
        if found is None or found.module is None:
            raise SqlError(ERROR, f"no such table: {name}")
        return found.module

    def create(self, database: int, text: str) -> ModuleTable:
        """Run the module's create for a CREATE VIRTUAL TABLE."""
        request = self._request(database, text)
        module = self.module(request.module)
        if module is None or not module.has_create:
            raise SqlError(ERROR, f"no such module: {request.module}")
        key = f"{database}:{fold_name(request.table)}"
        self._drop(key)
        self._connecting.append(key)
        try:
            made = module.create(request)
        finally:
            self._connecting.remove(key)
        self._take(key, database, request, module, made, text).is_new = True
        return made

    def destroy(self, key: str) -> None:
        """Run the module's destroy for a table that is being dropped."""
        table = self.table(key)
        for place, known in enumerate(self.written):
            if known is table:
                del self.written[place]
                break
        database, _, name = key.partition(":")
        self._connected.pop(f"{database}:{fold_name(name)}", None)
        table.destroy()

    def check(self, key: str, is_quick: bool) -> str | None:
        """What a table says is wrong with it, None for nothing."""
        database, _, name = key.partition(":")
        schema = self.connection.schema_name(int(database)) if database else "main"
        return self.table(key).check(schema, name, is_quick)

    def rename(self, key: str, name: str) -> None:
        """Tell a table its name to be; under that it is connected again."""
        self.table(key).rename(name)
        database, _, old = key.partition(":")
        self._drop(f"{database}:{fold_name(old)}")

    def expire(self, database: int) -> None:
        """The schema of a database may have changed."""
        for connected in self._connected.values():
            if connected.sql is not None and connected.table.database == database:
                connected.is_stale = True

    def end(self, is_commit: bool) -> None:
        """The transaction is over."""
        for key, connected in list(self._connected.items()):
            if connected.is_new and not is_commit:
                self._drop(key)
            connected.is_new = False

    def close(self) -> None:
        """Disconnect all."""
        for key in list(self._connected):
            self._drop(key)

    def _request(self, database: int, text: str) -> ConnectRequest:
        ast = parse_statement(text)[0]
        assert isinstance(ast, AstCreateVirtualTable)
        return ConnectRequest(ast.module, self.connection.schema_name(database), ast.name, ast.arguments)

    def _take(
        self, key: str, database: int, request: ConnectRequest, module: Module, made: ModuleTable, sql: str | None
    ) -> ConnectedTable:
        """Keep a table that its module has just connected."""
        try:
            declaration = parse_statement(made.declaration)[0]
            if not isinstance(declaration, AstCreateTable) or declaration.select is not None:
                raise SqlError(ERROR, MESSAGES[ERROR])
            table = load_virtual(declaration, request.table, database, sql, made, sql is None)
        except SqlError:
            made.disconnect()
            raise
        connected = self._connected[key] = ConnectedTable(sql, module, table)
        return connected

    def _drop(self, key: str) -> None:
        connected = self._connected.pop(key, None)
        if connected is not None and connected.table.module is not None:
            connected.table.module.disconnect()
