"""Pragmas whose rows come from the catalog, known when the statement is compiled.

Each function takes (context, argument, database number or -1) and gives the rows. What it has read from schemas is
noted as read by the program, which is compiled again when a schema turns out to be another.

Source: https://sqlite.org/pragma.html
"""

from __future__ import annotations

from keelback_core.compiler.bind.columns_of_view import view_columns
from keelback_core.compiler.bind.windows import WINDOW_FUNCTIONS
from keelback_core.compiler.catalog.built_in import DIRECT_ONLY
from keelback_core.compiler.catalog.catalog import schema_table
from keelback_core.compiler.catalog.function_table import FUNCTIONS
from keelback_core.compiler.catalog.listing_order import listing_order
from keelback_core.compiler.catalog.load_index import fold_collation
from keelback_core.compiler.catalog.model import EXPRESSION, ROWID, fold_name
from keelback_core.compiler.emit.pragma_table import PRAGMAS
from keelback_core.value.errors import SqlError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Final

    from keelback_core.compiler.catalog.model import Index, Table
    from keelback_core.compiler.emit.statement_context import StatementContext
    from keelback_core.value import Value

    Rows = list[list[Value]]
    CatalogPragma = Callable[[StatementContext, "str | None", int], Rows]


FUNCTION_DETERMINISTIC: Final = 0x800
FUNCTION_DIRECT_ONLY: Final = 0x80000
FUNCTION_SUBTYPE: Final = 0x100000
FUNCTION_INNOCUOUS: Final = 0x200000
READS_SUBTYPES: Final = frozenset(
    ["json_quote", "subtype"]
    + [
        prefix + name
        for prefix in ("json_", "jsonb_")
        for name in ("array", "array_insert", "group_array", "group_object", "insert", "object", "replace", "set")
    ]
)


def _find_table(context: StatementContext, name: str | None, database: int) -> Table | None:
    if name is None:
        return None
    catalog = context.catalog
    return catalog.find_usable(name, None if database < 0 else catalog.schema_name(database))


def _read_schemas(context: StatementContext, database: int) -> None:
    """The rows depend on the schema of one database, or on all that are open."""
    for number, schema in enumerate(context.catalog.schemas):
        if schema is not None if database < 0 else number == database:
            context.need_read(number)


def _find_index(context: StatementContext, name: str | None, database: int) -> tuple[Index, Table] | None:
    if name is None:
        return None
    catalog = context.catalog
    found = catalog.find_index(name, None if database < 0 else catalog.schema_name(database))
    if found is None:
        return None
    table = catalog.schema(found[1]).tables.get(fold_name(found[0].table_name))
    return None if table is None else (found[0], table)


def table_info(context: StatementContext, argument: str | None, database: int) -> Rows:
    """cid, name, type, notnull, dflt_value, pk of the columns that are not hidden."""
    found: Rows = []
    hidden_count = 0
    for row in table_xinfo(context, argument, database):
        if row[6] == 0:
            number = row[0]
            assert isinstance(number, int)
            found.append([number - hidden_count, *row[1:6]])
        else:
            # Those that come behind a hidden column of a virtual table, or a generated one, are counted without it.
            hidden_count += 1
    return found


def table_xinfo(context: StatementContext, argument: str | None, database: int) -> Rows:
    """As table_info, generated columns too: hidden is 0, 2 (VIRTUAL) or 3 (STORED)."""
    _read_schemas(context, database)
    table = _find_table(context, argument, database)
    if table is None:
        return []
    if table.kind == "view":
        found = view_columns(context.bind_context, table)
        return [[number, name, declared, 0, None, 0, 0] for number, (name, declared) in enumerate(found)]
    hidden = {"": 0, "VIRTUAL": 2, "STORED": 3}
    rows: Rows = []
    for number, column in enumerate(table.columns):
        rows.append(
            [
                number,
                column.name,
                column.declared_type,
                0 if column.not_null is None else 1,
                column.default_text,
                column.primary_key_position,
                1 if column.is_hidden else hidden[column.generated],
            ]
        )
    return rows


def column_metadata(context: StatementContext, argument: str | None, database: int) -> Rows:
    """name, type, collation, notnull, pk, autoincrement of a table's columns; the names of the rowid come last.

    Source: https://sqlite.org/c3ref/table_column_metadata.html
    """
    table = _find_table(context, argument, database)
    if table is None or table.kind == "view":
        return []
    rows: Rows = []
    rowid: list[Value] = ["INTEGER", "BINARY", 0, 1, 0]
    for number, column in enumerate(table.columns):
        facts: list[Value] = [
            column.declared_type or None,
            column.collation,
            0 if column.not_null is None else 1,
            1 if column.primary_key_position > 0 else 0,
            1 if table.is_autoincrement and number == table.rowid_column else 0,
        ]
        if number == table.rowid_column:
            rowid = facts
        rows.append([column.name, *facts])
    if not table.is_without_rowid:
        rows += [[name, *rowid] for name in ("rowid", "oid", "_rowid_")]
    return rows


def _column_count(context: StatementContext, table: Table) -> int:
    """The columns of a table or view, 0 where they cannot be known."""
    try:
        if table.kind == "view":
            return len(view_columns(context.bind_context, table))
        return len(context.catalog.connected(table).columns)
    except SqlError:
        return 0


def table_list(context: StatementContext, argument: str | None, database: int) -> Rows:
    """schema, name, type, ncol, wr, strict."""
    catalog = context.catalog
    _read_schemas(context, database)
    rows: Rows = []
    wanted = None if argument is None else fold_name(argument)
    for number in range(len(catalog.schemas)):
        if database >= 0 and number != database:
            continue
        schema = catalog.schema(number)
        own = schema_table(number)
        known = {own.name: own, **{table.name: table for table in schema.tables.values()}}
        for listed in listing_order(list(known)):
            table = known[listed]
            name = listed.replace("master", "schema") if table is own else listed
            if wanted is not None and fold_name(listed) != wanted:
                continue
            count = _column_count(context, table)
            is_shadow = table.kind == "table" and catalog.owner_of_shadow(listed, schema.name) is not None
            kind = "shadow" if is_shadow else table.kind
            rows.append([schema.name, name, kind, count, int(table.is_without_rowid), int(table.is_strict)])
    return rows


def index_list(context: StatementContext, argument: str | None, database: int) -> Rows:
    """seq, name, unique, origin, partial."""
    table = _find_table(context, argument, database)
    if table is None:
        return []
    context.need_read(table.database)
    return [
        [number, index.name, int(index.is_unique), index.origin, int(index.where is not None)]
        for number, index in enumerate(table.indexes)
    ]


def _column_number(table: Table, column: int) -> int:
    """An index column as pragmas number it: the INTEGER PRIMARY KEY by its place in the table."""
    return table.rowid_column if column == ROWID and table.rowid_column >= 0 else column


def index_info(context: StatementContext, argument: str | None, database: int) -> Rows:
    """seqno, cid, name of the key columns."""
    return [row[:3] for row in index_xinfo(context, argument, database) if row[5] == 1]


def index_xinfo(context: StatementContext, argument: str | None, database: int) -> Rows:
    """seqno, cid, name, desc, coll, key of all columns, the rowid or the rest of the primary key last."""
    found = _find_index(context, argument, database)
    if found is None:
        own = _find_table(context, argument, database)
        # The name of a table WITHOUT ROWID stands for its primary key too.
        if own is None or own.key_index is None:
            return []
        found = own.key_index, own
    index, table = found
    context.need_read(table.database)
    rows: Rows = []
    for column in index.columns:
        number = _column_number(table, column.column)
        name = None if number < 0 else table.columns[number].name
        collation = _as_written(index, table, column.collation)
        rows.append(
            [len(rows), EXPRESSION if number < ROWID else number, name, int(column.is_descending), collation, 1]
        )
    for column in index.suffix:
        if column.column == ROWID:
            rows.append([len(rows), ROWID, None, 0, "BINARY", 0])
            continue
        name = table.columns[column.column].name
        collation = _as_written(index, table, column.collation)
        rows.append([len(rows), column.column, name, int(column.is_descending), collation, 0])
    return rows


def _as_written(index: Index, table: Table, collation: str) -> str:
    """A collation's name as the definition spells it."""
    for text in (index.sql, table.sql):
        if text is not None and collation != "BINARY":
            place = fold_collation(text).find(fold_collation(collation))
            if place >= 0:
                return text[place : place + len(collation)]
    return collation


def foreign_key_list(context: StatementContext, argument: str | None, database: int) -> Rows:
    """id, seq, table, from, to, on_update, on_delete, match; newest first."""
    table = _find_table(context, argument, database)
    if table is None:
        return []
    context.need_read(table.database)
    rows: Rows = []
    for number, key in enumerate(reversed(table.foreign_keys)):
        for position, name in enumerate(key.columns):
            parent = key.parent_columns[position] if key.parent_columns else None
            own = table.column_number(name)
            shown = name if own is None else table.columns[own].name
            on_update = key.on_update or "NO ACTION"
            on_delete = key.on_delete or "NO ACTION"
            rows.append([number, position, key.parent_table, shown, parent, on_update, on_delete, "NONE"])
    return rows


def database_list(context: StatementContext, argument: str | None, database: int) -> Rows:
    """seq, name, file."""
    paths = context.catalog.settings.paths
    return [[number, name, path] for number, name, path in paths()] if paths is not None else []


def collation_list(context: StatementContext, argument: str | None, database: int) -> Rows:
    """seq, name."""
    finder = context.catalog.finder
    names = [*(finder.user_collation_names() if finder is not None else ()), "RTRIM", "NOCASE", "BINARY"]
    return [[number, name] for number, name in enumerate(names)]


def function_list(context: StatementContext, argument: str | None, database: int) -> Rows:
    """name, builtin, type, enc, narg (-1: any number, -2 - n: at least n), flags."""
    rows: Rows = []
    for name, (least, most) in WINDOW_FUNCTIONS.items():
        rows += [[name, 1, "w", "utf8", count, FUNCTION_INNOCUOUS] for count in range(least, most + 1)]
    for name, entries in FUNCTIONS.items():
        for least, most, is_aggregate, is_deterministic, _, _ in entries:
            flags = FUNCTION_DIRECT_ONLY if name in DIRECT_ONLY else FUNCTION_INNOCUOUS
            if is_deterministic and (not is_aggregate or name in READS_SUBTYPES) and name not in DIRECT_ONLY:
                flags |= FUNCTION_DETERMINISTIC
            if name in READS_SUBTYPES:
                flags |= FUNCTION_SUBTYPE
            kind = "w" if is_aggregate else "s"
            if most < 0 and len(entries) > 1:
                # An aggregate of one argument shares the name: SQLite's entry begins at that.
                least -= 1
            counts = [-1 if least == 0 else -2 - least] if most < 0 else list(range(least, most + 1))
            rows += [[name, 1, kind, "utf8", count, flags] for count in counts]
    finder = context.catalog.finder
    if finder is not None:
        rows += [[name, 0, kind, "utf8", count, flags] for name, kind, count, flags in finder.user_function_rows()]
    return rows


def pragma_list(context: StatementContext, argument: str | None, database: int) -> Rows:
    """The names of SQLite's pragmas."""
    return [[name] for name in sorted(PRAGMAS) if name != "column_metadata"]


def module_list(context: StatementContext, argument: str | None, database: int) -> Rows:
    """The registered modules, the newest last."""
    finder = context.catalog.finder
    return [] if finder is None else [[name] for name in finder.module_names()]


def compile_options(context: StatementContext, argument: str | None, database: int) -> Rows:
    """The options that programs ask for."""
    return [[option] for option in context.catalog.settings.compile_options]


def wal_checkpoint(context: StatementContext, argument: str | None, database: int) -> Rows:
    """A database that is not in WAL mode has nothing to copy back."""
    return [[0, -1, -1]]


CATALOG_PRAGMAS: Final[dict[str, CatalogPragma]] = {
    "table_info": table_info,
    "table_xinfo": table_xinfo,
    "column_metadata": column_metadata,
    "table_list": table_list,
    "index_list": index_list,
    "index_info": index_info,
    "index_xinfo": index_xinfo,
    "foreign_key_list": foreign_key_list,
    "database_list": database_list,
    "collation_list": collation_list,
    "function_list": function_list,
    "pragma_list": pragma_list,
    "module_list": module_list,
    "compile_options": compile_options,
    "wal_checkpoint": wal_checkpoint,
}
