"""StoredObject: one row of the schema table as ALTER TABLE sees it; and a Schema made anew from changed rows.

1. Objects come in the order tables and views, indexes, triggers, each in the order of the stored rows.
2. Trees keep their roots: automatic indexes take theirs from the schema before, by their place.

Must not know: bound trees, programs, storage. Source: https://sqlite.org/lang_altertable.html
"""

from __future__ import annotations

from keelback_core.compiler.catalog.catalog import Catalog
from keelback_core.compiler.catalog.load import load_table, load_view
from keelback_core.compiler.catalog.load_index import load_index, ordered_with, replace_indexes
from keelback_core.compiler.catalog.model import Index, Schema, Table, Trigger, fold_name
from keelback_core.compiler.sql.ast import (
    AstCreateIndex,
    AstCreateTable,
    AstCreateTrigger,
    AstCreateView,
    AstCreateVirtualTable,
)
from keelback_core.compiler.sql.parser import parse_statement
from keelback_core.value.errors import SqlError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.compiler.sql.ast import AstStatement


class StoredObject:
    """kind: table, index, view or trigger; `old_name` finds its row; `table_name` is the tbl_name of its row."""

    __slots__ = ("kind", "old_name", "name", "table_name", "sql", "root", "is_changed")

    def __init__(self, kind: str, name: str, table_name: str, sql: str | None, root: int) -> None:
        self.kind = kind
        self.old_name = name
        self.name = name
        self.table_name = table_name
        self.sql = sql
        self.root = root
        self.is_changed = False

    def parse(self) -> AstStatement | None:
        """The syntax tree of the text as it is now."""
        return None if self.sql is None else parse_statement(self.sql)[0]

    def set_text(self, sql: str) -> None:
        """Give it another text."""
        if sql != self.sql:
            self.sql = sql
            self.is_changed = True


def stored_objects(schema: Schema) -> list[StoredObject]:
    """The objects of a schema."""
    found = []
    for table in schema.tables.values():
        kind = "view" if table.kind == "view" else "table"
        found.append(StoredObject(kind, table.name, table.name, table.sql, table.root))
    for index in schema.indexes.values():
        found.append(StoredObject("index", index.name, index.table_name, index.sql, index.root))
    for trigger in schema.triggers.values():
        found.append(StoredObject("trigger", trigger.name, trigger.ast.table, trigger.sql, 0))
    return found


def stored_catalog(catalog: Catalog, database: int) -> Catalog:
    """The catalog as texts stored in a database see it: temp's may name anything, others only their own schema."""
    return Catalog(catalog.schemas, catalog.settings, catalog.finder, None).inside_schema(database)


def with_schemas(catalog: Catalog, changed: dict[int, Schema]) -> Catalog:
    """The catalog with other schemas in the places of some."""
    schemas = [changed.get(number, schema) for number, schema in enumerate(catalog.schemas)]
    return Catalog(schemas, catalog.settings, catalog.finder, None)


def rebuilt_schema(
    schema: Schema, objects: list[StoredObject], when: str, broken: dict[StoredObject, SqlError] | None = None
) -> Schema:
    """The schema that the objects make. SqlError "error in table t after rename: why", where `when` is the middle;
    broken indexes are left out instead and put into `broken` with what is wrong with them."""
    tables: dict[str, Table] = {}
    indexes: dict[str, Index] = {}
    triggers: dict[str, Trigger] = {}
    for stored in objects:
        try:
            _add(schema, stored, tables, indexes, triggers)
        except SqlError as error:
            if broken is None or stored.kind != "index":
                raise object_error(stored, when, error) from None
            broken[stored] = error
    return Schema(
        schema.name,
        schema.database,
        schema.cookie,
        tables,
        indexes,
        triggers,
        schema.encoding,
        schema.file_format,
        schema.is_encoding_settled,
        schema.is_forgiven,
    )


def object_error(stored: StoredObject, when: str, error: SqlError) -> SqlError:
    """The error of an ALTER that finds another object broken."""
    middle = f" {when}" if when else ""
    return SqlError(1, f"error in {stored.kind} {stored.name}{middle}: {error.message}")


def _add(
    schema: Schema,
    stored: StoredObject,
    tables: dict[str, Table],
    indexes: dict[str, Index],
    triggers: dict[str, Trigger],
) -> None:
    ast = stored.parse()
    if isinstance(ast, AstCreateTable):
        table = load_table(ast, schema.database, stored.root, stored.sql)
        before = schema.tables[fold_name(stored.old_name)]
        roots = {index.name.rpartition("_")[2]: index.root for index in before.indexes if index.sql is None}
        table = replace_indexes(table, tuple(_with_root(index, roots) for index in table.indexes))
        tables[fold_name(stored.name)] = table
        for index in table.indexes:
            indexes[fold_name(index.name)] = index
    elif isinstance(ast, AstCreateView):
        tables[fold_name(stored.name)] = load_view(ast, schema.database, stored.sql)
    elif isinstance(ast, AstCreateIndex):
        key = fold_name(ast.table)
        index = load_index(ast, tables[key], stored.root, stored.sql)
        indexes[fold_name(ast.name)] = index
        tables[key] = replace_indexes(tables[key], tuple(ordered_with(list(tables[key].indexes), index)))
    elif isinstance(ast, AstCreateTrigger):
        triggers[fold_name(ast.name)] = Trigger(ast.name, schema.database, ast, stored.sql or "")
    elif isinstance(ast, AstCreateVirtualTable):
        tables[fold_name(stored.name)] = Table("virtual", stored.name, schema.database, 0, (), sql=stored.sql)
    elif stored.kind == "table":
        tables[fold_name(stored.name)] = schema.tables[fold_name(stored.old_name)]


def _with_root(index: Index, roots: dict[str, int]) -> Index:
    return index.with_root(roots.get(index.name.rpartition("_")[2], index.root))
