"""Reading sqlite_schema: rows of a database to a Schema of the catalog.

1. Rows come in rowid order, so a table is known before its indexes and triggers.
2. A row that cannot be understood is SQLITE_CORRUPT "malformed database schema (name) - why", as in SQLite.
3. What parses but cannot be used yet (virtual tables) is loaded and refused where it is used.

Source: https://sqlite.org/schematab.html
"""

from __future__ import annotations

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
from keelback_core.engine.statistics import load_statistics
from keelback_core.value.errors import SqlError
from keelback_core.value.record import decode_record
from keelback_core.value.result_codes import CORRUPT, ERROR

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.compiler.sql.ast import AstStatement
    from keelback_core.engine.run_tower import DatabaseLike, RunTower
    from keelback_core.value import Value

META_SCHEMA_COOKIE = 1
META_FILE_FORMAT = 2
META_TEXT_ENCODING = 5
LARGEST_FILE_FORMAT = 4
LARGEST_CACHE = 4000


def schema_rows(tower: RunTower, database: DatabaseLike, encoding: int) -> list[list[Value]]:
    """The rows of the schema table; the database must be read."""
    return [decode_record(payload, encoding) for _, payload in tower.table_rows(database, 1)]


class SchemaLoader:
    """Loads schemas for one connection; remembers parsed texts, so that a reload parses only what is new."""

    __slots__ = ("_parsed",)

    def __init__(self) -> None:
        self._parsed: dict[str, AstStatement] = {}

    def load(self, tower: RunTower, database: DatabaseLike, number: int, name: str, is_forgiving: bool) -> Schema:
        """The schema of a database; is_forgiving: rows that make no sense are left out. SqlError CORRUPT, BUSY, NOTADB,
        IOERR_*."""
        was_idle = database.transaction_state == 0
        database.begin_read()
        try:
            cookie = database.get_meta(META_SCHEMA_COOKIE)
            file_format = database.get_meta(META_FILE_FORMAT)
            encoding = database.get_meta(META_TEXT_ENCODING)
            if file_format > LARGEST_FILE_FORMAT:
                raise SqlError(ERROR, "unsupported file format")
            is_encoding_settled = encoding != 0
            encoding = encoding if encoding in (1, 2, 3) else 1
            rows = schema_rows(tower, database, encoding) if database.page_count else []
        finally:
            if was_idle and database.transaction_state == 1:
                database.end_read()
        builder = _SchemaBuilder(self, number, database.page_count)
        for row in rows:
            try:
                builder.add(row)
            except SqlError:
                if not is_forgiving:
                    raise
        schema = Schema(
            name,
            number,
            cookie,
            builder.tables,
            builder.indexes,
            builder.triggers,
            encoding,
            file_format or 4,
            is_encoding_settled,
        )
        load_statistics(tower, database, schema)
        return schema

    def parse(self, sql: str) -> AstStatement | None:
        """The syntax tree of a stored text."""
        known = self._parsed.get(sql)
        if known is None:
            known = parse_statement(sql)[0]
            if known is not None:
                if len(self._parsed) > LARGEST_CACHE:
                    self._parsed.clear()
                self._parsed[sql] = known
        return known


class _SchemaBuilder:
    """The tables, indexes and triggers found so far."""

    __slots__ = ("loader", "database", "page_count", "tables", "indexes", "triggers")

    def __init__(self, loader: SchemaLoader, database: int, page_count: int) -> None:
        self.loader = loader
        self.database = database
        self.page_count = page_count
        self.tables: dict[str, Table] = {}
        self.indexes: dict[str, Index] = {}
        self.triggers: dict[str, Trigger] = {}

    def add(self, row: list[Value]) -> None:
        """Take in one row of sqlite_schema."""
        row = row + [None] * (5 - len(row))
        name = "?" if row[1] is None else str(row[1])
        root, sql = row[3], row[4]
        try:
            if isinstance(sql, str) and sql[:2].lower() == "cr":
                self._create(sql, root if isinstance(root, int) else 0, str(row[0]))
            elif row[1] is None or (sql is not None and sql != ""):
                raise SqlError(CORRUPT, "")
            else:
                self._automatic_index(name, root if isinstance(root, int) else 0)
        except SqlError as error:
            why = f" - {error.message}" if error.message else ""
            raise SqlError(CORRUPT, f"malformed database schema ({name}){why}") from None

    def _check_root(self, root: int) -> None:
        if root < 2 or root > self.page_count > 0:
            raise SqlError(CORRUPT, "invalid rootpage")

    def _create(self, sql: str, root: int, kind: str) -> None:
        ast = self.loader.parse(sql)
        if isinstance(ast, AstCreateTable):
            self._check_root(root)
            if ast.select is not None:
                raise SqlError(CORRUPT, "")
            table = load_table(ast, self.database, root, sql)
            self._add_table(table)
        elif isinstance(ast, AstCreateView):
            self.tables[fold_name(ast.name)] = load_view(ast, self.database, sql)
        elif isinstance(ast, AstCreateIndex):
            self._check_root(root)
            table_found = self.tables.get(fold_name(ast.table))
            if table_found is None:
                raise SqlError(CORRUPT, f"no such table: {ast.table}")
            index = load_index(ast, table_found, root, sql)
            self._add_index(table_found, index)
        elif isinstance(ast, AstCreateTrigger):
            self.triggers[fold_name(ast.name)] = Trigger(ast.name, self.database, ast, sql)
        elif isinstance(ast, AstCreateVirtualTable):
            self.tables[fold_name(ast.name)] = Table("virtual", ast.name, self.database, 0, (), sql=sql)
        else:
            raise SqlError(CORRUPT, "")

    def _add_table(self, table: Table) -> None:
        self.tables[fold_name(table.name)] = table
        for index in table.indexes:
            self.indexes[fold_name(index.name)] = index

    def _set_root(self, table: Table, index_name: str, root: int) -> None:
        changed = []
        for index in self.tables[fold_name(table.name)].indexes:
            if index.name == index_name:
                index = index.with_root(root)
                self.indexes[fold_name(index.name)] = index
            changed.append(index)
        self.tables[fold_name(table.name)] = replace_indexes(self.tables[fold_name(table.name)], tuple(changed))

    def _add_index(self, table: Table, index: Index) -> None:
        self.indexes[fold_name(index.name)] = index
        self.tables[fold_name(table.name)] = replace_indexes(table, tuple(ordered_with(list(table.indexes), index)))

    def _automatic_index(self, name: str, root: int) -> None:
        index = self.indexes.get(fold_name(name))
        if index is None:
            raise SqlError(CORRUPT, "orphan index")
        self._check_root(root)
        self._set_root(self.tables[fold_name(index.table_name)], index.name, root)
