"""pragma_NAME(arg, schema): the rows of a pragma as a table, one module a pragma.

1. There is a module for every pragma that gives rows and changes nothing by being asked; it is made when its name is
   first used.
2. The PRAGMA statement is run with the arguments when a scan begins; an argument that is NULL is not given.

Source: https://sqlite.org/pragma.html#pragfunc
"""

from __future__ import annotations

from keelback_core.module.index_query import EQUAL
from keelback_core.module.protocol import Module, ModuleCursor, ModuleTable
from keelback_core.value.cast import to_text
from keelback_core.value.errors import SqlError
from keelback_core.value.result_codes import ERROR

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.engine.compiler_session import CompilerSession
    from keelback_core.module.index_query import IndexQuery
    from keelback_core.module.protocol import ConnectRequest
    from keelback_core.value import Value

PREFIX = "pragma_"
_BOTH = ("arg", "schema")
_SCHEMA = ("schema",)
# What SQLite asks for a pragma that is not told of what.
COST_WITHOUT_ARGUMENT = 2147483647
ROWS_WITH_ARGUMENT = 20

# Pragmas that give rows: their columns (empty: one, of the pragma's name) and hidden columns.
_PRAGMAS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "table_info": (("cid", "name", "type", "notnull", "dflt_value", "pk"), _BOTH),
    "table_xinfo": (("cid", "name", "type", "notnull", "dflt_value", "pk", "hidden"), _BOTH),
    "table_list": (("schema", "name", "type", "ncol", "wr", "strict"), ("arg",)),
    "index_list": (("seq", "name", "unique", "origin", "partial"), _BOTH),
    "index_info": (("seqno", "cid", "name"), _BOTH),
    "index_xinfo": (("seqno", "cid", "name", "desc", "coll", "key"), _BOTH),
    "foreign_key_list": (("id", "seq", "table", "from", "to", "on_update", "on_delete", "match"), _BOTH),
    "foreign_key_check": (("table", "rowid", "parent", "fkid"), _BOTH),
    "database_list": (("seq", "name", "file"), ()),
    "collation_list": (("seq", "name"), ()),
    "function_list": (("name", "builtin", "type", "enc", "narg", "flags"), ()),
    "pragma_list": (("name",), ()),
    "module_list": (("name",), ()),
    "compile_options": ((), ()),
    "busy_timeout": (("timeout",), ()),
    "integrity_check": ((), _BOTH),
    "quick_check": ((), _BOTH),
    "optimize": ((), ("arg",)),
    **dict.fromkeys(
        (
            "auto_vacuum cache_size cache_spill journal_mode journal_size_limit locking_mode max_page_count "
            "page_count page_size synchronous"
        ).split(),
        ((), _SCHEMA),
    ),
    **dict.fromkeys(
        (
            "analysis_limit application_id automatic_index cell_size_check checkpoint_fullfsync count_changes "
            "data_version defer_foreign_keys empty_result_callbacks encoding foreign_keys freelist_count "
            "full_column_names fullfsync hard_heap_limit ignore_check_constraints legacy_alter_table query_only "
            "read_uncommitted recursive_triggers reverse_unordered_selects schema_version secure_delete "
            "short_column_names soft_heap_limit temp_store threads trusted_schema user_version writable_schema"
        ).split(),
        ((), ()),
    ),
}


class PragmaTable(ModuleTable):
    """name: of the pragma. width: how many columns stand before the hidden ones, which are `hidden`."""

    __slots__ = ("connection", "name", "width", "hidden")

    def __init__(self, connection: CompilerSession, name: str) -> None:
        columns, self.hidden = _PRAGMAS[name]
        shown = columns or (name,)
        parts = [f'"{column}"' for column in shown] + [f'"{column}" HIDDEN' for column in self.hidden]
        super().__init__(f"CREATE TABLE x({','.join(parts)})")
        self.connection = connection
        self.name = name
        self.width = len(shown)

    def best_index(self, query: IndexQuery) -> bool:
        """The first hidden column, then the second; without the first all is asked for."""
        query.cost = 1.0
        if not self.hidden:
            return True
        found: dict[int, int] = {}
        for position, constraint in enumerate(query.constraints):
            if constraint.operator != EQUAL or constraint.column < self.width:
                continue
            if not constraint.is_usable:
                return False
            found[constraint.column - self.width] = position
        if 0 not in found:
            query.cost = float(COST_WITHOUT_ARGUMENT)
            query.rows = COST_WITHOUT_ARGUMENT
            return True
        query.take(query.constraints[found[0]], 1)
        query.cost = float(ROWS_WITH_ARGUMENT)
        query.rows = ROWS_WITH_ARGUMENT
        if 1 in found:
            query.take(query.constraints[found[1]], 2)
        return True

    def open(self) -> ModuleCursor:
        return PragmaCursor(self)


class PragmaCursor(ModuleCursor):
    """The rows of one run of the PRAGMA."""

    __slots__ = ("table", "rows", "position", "arguments")

    def __init__(self, table: PragmaTable) -> None:
        self.table = table
        self.rows: list[list[Value]] = []
        self.position = 0
        self.arguments: list[Value] = []

    def filter(self, number: int, text: str | None, arguments: list[Value]) -> None:
        self.position = 0
        self.rows = []
        given = [to_text(argument) for argument in arguments]
        # Without a hidden `arg` SQLite keeps the schema in the place behind the one it reads.
        self.arguments = [*([None] if self.table.hidden == _SCHEMA else []), *given, None, None]
        named = dict(zip(self.table.hidden, given, strict=False))
        self.rows = self.table.connection.execute(self._statement(named.get("schema"), named.get("arg")))

    def _statement(self, schema: str | None, argument: str | None) -> str:
        text = "PRAGMA "
        if schema is not None:
            if self.table.connection.number_of(schema) < 0:
                raise SqlError(ERROR, f"unknown database {_quoted(schema)}")
            text += _quoted(schema) + "."
        text += self.table.name
        return text if argument is None else text + "=" + _quoted(argument)

    def is_at_end(self) -> bool:
        return self.position >= len(self.rows)

    def next(self) -> None:
        self.position += 1

    def column(self, number: int) -> Value:
        if number < self.table.width:
            return self.rows[self.position][number]
        return self.arguments[number - self.table.width]

    def rowid(self) -> int:
        return self.position + 1


def _quoted(text: str) -> str:
    return "'" + text.replace("\0", "").replace("'", "''") + "'"


class PragmaModule(Module):
    """One pragma_... table."""

    __slots__ = ("connection", "name")

    def __init__(self, connection: CompilerSession, name: str) -> None:
        super().__init__()
        self.connection = connection
        self.name = name

    def connect(self, request: ConnectRequest) -> ModuleTable:
        return PragmaTable(self.connection, self.name)


def pragma_module(key: str, connection: CompilerSession) -> Module | None:
    """The module of a folded name pragma_..., None if that pragma gives no table."""
    name = key[len(PREFIX) :]
    return PragmaModule(connection, name) if name in _PRAGMAS else None
