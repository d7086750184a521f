"""SchemaAlteration: the objects of the schemas that an ALTER TABLE may touch, checked, rewritten, and written back.

1. Everything is decided at compile time: texts are parsed and bound as they are, rewritten, made into new schemas and
   bound again; the Program only puts the new rows in place of the old ones.
2. An object broken before or after is SqlError "error in view v: why", "error in view v after rename: why".

Source: https://sqlite.org/lang_altertable.html
"""

from __future__ import annotations

from keelback_core.compiler.bind.columns import missing_column
from keelback_core.compiler.bind.stored_names import bind_stored
from keelback_core.compiler.catalog.actions import ACTION_ALTER_TABLE
from keelback_core.compiler.catalog.altered import (
    StoredObject,
    object_error,
    rebuilt_schema,
    stored_objects,
    with_schemas,
)
from keelback_core.compiler.catalog.model import fold_name
from keelback_core.compiler.emit.analyze import TEMPORARY
from keelback_core.compiler.emit.schema_rows import COLUMN_NAME, COLUMN_TYPE, emit_new_cookie, open_schema_table
from keelback_core.compiler.sql.ast import AstCreateTable
from keelback_core.compiler.sql.stored_text import StoredText
from keelback_core.program.opcodes import (
    OP_CLOSE,
    OP_COLUMN,
    OP_GOTO,
    OP_INSERT,
    OP_MAKE_RECORD,
    OP_NE,
    OP_NEXT,
    OP_NULL,
    OP_REWIND,
    OP_ROWID,
    OP_STRING8,
    OP_TRANSACTION,
)
from keelback_core.value.errors import SqlError
from keelback_core.value.result_codes import ERROR

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from keelback_core.compiler.bind.mentions import Mentions
    from keelback_core.compiler.catalog.catalog import Catalog
    from keelback_core.compiler.catalog.model import Schema, Table
    from keelback_core.compiler.emit.builder import ProgramBuilder
    from keelback_core.compiler.emit.statement_context import StatementContext
    from keelback_core.compiler.sql.ast import AstStatement

AFTER_RENAME: Final = "after rename"
_JUMP_IF_NULL: Final = 0x10
_ROW_AFFINITY: Final = "BBBDB"


def find_alterable(context: StatementContext, schema: str | None, name: str) -> Table:
    """The table to alter. SqlError if there is none, or it is the library's."""
    catalog = context.catalog
    table = catalog.find_usable(name, schema)
    if table is None:
        raise SqlError(ERROR, "no such table: " + (name if schema is None else f"{schema}.{name}"))
    return table


def check_alterable(catalog: Catalog, table: Table) -> None:
    """Refuse the library's own tables, and those of modules where they are protected."""
    is_own = table.is_eponymous or fold_name(table.name).startswith("sqlite_")
    if is_own or catalog.protects(table.name, catalog.schema_name(table.database)):
        raise SqlError(ERROR, f"table {table.name} may not be altered")


def authorize_alter(catalog: Catalog, table: Table) -> None:
    """Ask the authorizer."""
    catalog.authorize(ACTION_ALTER_TABLE, catalog.schema_name(table.database), table.name, None)


class SchemaAlteration:
    """See the module. objects: by the number of the database: the table's own, and temp's if that is another.
    catalog: what the texts mean as they are now."""

    __slots__ = ("context", "table", "objects", "catalog")

    def __init__(self, context: StatementContext, table: Table) -> None:
        self.context = context
        self.table = table
        self.catalog = context.catalog
        self.objects: dict[int, list[StoredObject]] = {}
        for number in (table.database, 1):
            schemas = context.catalog.schemas
            schema = schemas[number] if number < len(schemas) else None
            if number not in self.objects and schema is not None:
                self.objects[number] = stored_objects(schema)

    def open_temporary(self) -> None:
        """SQLite looks for the names in temp, too, which opens it."""
        self.context.builder.emit(OP_TRANSACTION, TEMPORARY, 0)

    def own(self) -> StoredObject:
        """The object of the table itself."""
        for stored in self.objects[self.table.database]:
            if stored.kind == "table" and stored.old_name == self.table.name:
                return stored
        raise SqlError(ERROR, "no such table: " + self.table.name)

    def own_tree(self) -> tuple[StoredObject, AstCreateTable, StoredText]:
        """The table's object, its tree and its text."""
        stored = self.own()
        ast = stored.parse()
        assert isinstance(ast, AstCreateTable) and stored.sql is not None
        return stored, ast, StoredText(stored.sql)

    def mentions(self, database: int, stored: StoredObject, ast: AstStatement | None) -> Mentions | None:
        """What the names of an object mean now; None for a broken one that PRAGMA writable_schema forgives."""
        try:
            return bind_stored(self.catalog, database, stored, ast)
        except SqlError as error:
            if self._forgives(error):
                return None
            raise object_error(stored, "", error) from None

    def _forgives(self, error: SqlError) -> bool:
        return error.code == ERROR and self.context.catalog.settings.writable_schema

    def _looks_at(self, stored: StoredObject) -> bool:
        """Whether the object must mean something: PRAGMA legacy_alter_table has only tables and indexes looked at."""
        return stored.kind in ("table", "index") or not self.context.catalog.settings.legacy_alter_table

    def check_before(self) -> None:
        """Bind everything as it is."""
        for database, objects in self.objects.items():
            for stored in objects:
                if self._looks_at(stored):
                    self.mentions(database, stored, stored.parse())

    def unquote_strings(self) -> None:
        """Write double-quoted strings in single quotes, lest they become names."""
        for database, objects in self.objects.items():
            for stored in objects:
                if stored.sql is None:
                    continue
                try:
                    mentions = self.mentions(database, stored, stored.parse())
                except SqlError as error:
                    # Nobody has found it broken before this, and SQLite has no words for it here.
                    raise SqlError(error.code, "SQL logic error") from None
                if mentions is not None and mentions.strings:
                    text = StoredText(stored.sql)
                    text.quoted_strings.update(text.index_at(ast.start) for ast in mentions.strings)
                    stored.set_text(text.replaced("", False))
        self.catalog = self._rebuilt("")

    def _rebuilt(self, when: str, broken: dict[StoredObject, SqlError] | None = None) -> Catalog:
        """The catalog that the texts make; broken indexes go into `broken` if there is one."""
        catalog = self.context.catalog
        if broken is None and catalog.settings.writable_schema:
            broken = {}
        changed: dict[int, Schema] = {}
        for database, objects in self.objects.items():
            changed[database] = rebuilt_schema(catalog.schema(database), objects, when, broken)
        return with_schemas(catalog, changed)

    def check_after(self, when: str, has_strings: bool = True) -> Catalog:
        """Make the new schemas and bind them; the catalog after the change.

        has_strings: False where double-quoted strings have got single quotes: what is left of them was a column."""
        broken: dict[StoredObject, SqlError] = {}
        altered = self._rebuilt(when, broken)
        for database, objects in self.objects.items():
            # SQLite finds what is wrong with tables first, then with indexes.
            for stored in sorted(objects, key=_looked_at):
                if not self._looks_at(stored):
                    continue
                try:
                    if stored in broken:
                        raise broken[stored]
                    mentions = bind_stored(altered, database, stored, stored.parse())
                    if mentions.strings and not has_strings and stored.kind in ("table", "index"):
                        raise missing_column(mentions.strings[0])
                except SqlError as error:
                    if not self._forgives(error):
                        raise object_error(stored, when, error) from None
        return altered

    def check_own(self, when: str) -> Table:
        """Make the table itself from its new text, in which all names must mean something."""
        stored = self.own()
        schema = self.context.catalog.schema(self.table.database)
        indexes = [other for other in self.objects[self.table.database] if other.kind == "index" and other.sql]
        own = [other for other in indexes if fold_name(other.table_name) == fold_name(self.table.name)]
        rebuilt = rebuilt_schema(schema, [stored, *own], when)
        altered = with_schemas(self.context.catalog, {self.table.database: rebuilt})
        try:
            bind_stored(altered, rebuilt.database, stored, stored.parse())
        except SqlError as error:
            # A function may be known to another connection.
            if not error.message.startswith("no such function"):
                raise object_error(stored, when, error) from None
        return rebuilt.tables[fold_name(stored.name)]

    def emit_rows(self) -> None:
        """Write the changed rows, and count the cookies up."""
        context, builder = self.context, self.context.builder
        context.is_multi_write = True
        for database, objects in self.objects.items():
            changed = [stored for stored in objects if stored.is_changed]
            if not changed and database != self.table.database:
                continue
            context.need_write(database)
            cursor = open_schema_table(builder, database)
            for stored in changed:
                _emit_row(builder, cursor, stored)
            builder.emit(OP_CLOSE, cursor)
            emit_new_cookie(builder, context.catalog, database)


def _looked_at(stored: StoredObject) -> int:
    """The place of the object's kind in the order in which the new schema is looked at."""
    return 0 if stored.kind == "table" else 1 if stored.kind == "index" else 2


def _emit_row(builder: ProgramBuilder, cursor: int, stored: StoredObject) -> None:
    """Put an object's new row in the place of its old one."""
    first = builder.registers(5)
    kind, name, value, rowid, record = (builder.register() for _ in range(5))
    builder.emit(OP_STRING8, 0, kind, 0, stored.kind)
    builder.emit(OP_STRING8, 0, name, 0, stored.old_name)
    done = builder.label()
    skip = builder.label()
    builder.emit(OP_REWIND, cursor, done)
    top = builder.address
    for column, wanted in ((COLUMN_TYPE, kind), (COLUMN_NAME, name)):
        builder.emit(OP_COLUMN, cursor, column, value)
        builder.emit(OP_NE, wanted, skip, value, "BINARY", _JUMP_IF_NULL)
    builder.emit(OP_STRING8, 0, first, 0, stored.kind)
    builder.emit(OP_STRING8, 0, first + 1, 0, stored.name)
    builder.emit(OP_STRING8, 0, first + 2, 0, stored.table_name)
    builder.emit(OP_COLUMN, cursor, 3, first + 3)
    if stored.sql is None:
        builder.emit(OP_NULL, 0, first + 4)
    else:
        builder.emit(OP_STRING8, 0, first + 4, 0, stored.sql)
    builder.emit(OP_ROWID, cursor, rowid)
    builder.emit(OP_MAKE_RECORD, first, 5, record, _ROW_AFFINITY)
    builder.emit(OP_INSERT, cursor, record, rowid)
    builder.emit(OP_GOTO, 0, done)
    builder.place(skip)
    builder.emit(OP_NEXT, cursor, top)
    builder.place(done)
