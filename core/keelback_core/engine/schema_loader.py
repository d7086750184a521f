"""Reading sqlite_schema: rows of a database to a Schema of the catalog.

1. Rows come in rowid order, so a table is known before its indexes and triggers.
2. A row that cannot be understood is SQLITE_CORRUPT "malformed database schema (name) - why", as in SQLite. Under
   PRAGMA writable_schema what can be understood of it is taken in.
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
    AstInTable,
    AstParameter,
    AstTableSource,
    walk,
)
from keelback_core.compiler.sql.parser import parse_statement
from keelback_core.engine.statistics import load_statistics
from keelback_core.value.errors import SqlError
from keelback_core.value.record import first_columns
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
TEMPORARY = 1
# As the root of a tree: no database has so many pages.
NO_PAGE = 0x7FFFFFFF
SCHEMA_TABLES = frozenset(("sqlite_schema", "sqlite_master", "sqlite_temp_schema", "sqlite_temp_master"))


def schema_rows(tower: RunTower, database: DatabaseLike, encoding: int, is_from_file: bool = True) -> list[list[Value]]:
    """The rows of the schema table; the database must be read."""
    rows = tower.table_rows(database, 1) if is_from_file else tower.known_rows(database, 1)
    return [first_columns(payload, -1, encoding) for _, payload in rows]


class SchemaLoader:
    """Loads schemas for one connection; remembers parsed texts, so that a reload parses only what is new."""

    __slots__ = ("_parsed", "error", "is_unreadable", "has_read_rows")

    def __init__(self) -> None:
        self._parsed: dict[str, tuple[AstStatement, bool]] = {}
        # What was wrong with the last schema that was loaded, forgiven or not.
        self.error: SqlError | None = None
        # Its pages could not be read, which is more than rows that make no sense.
        self.is_unreadable = False
        # Whether some schema had a row, which settles the encoding of the connection's texts.
        self.has_read_rows = False

    def load(
        self,
        tower: RunTower,
        database: DatabaseLike,
        number: int,
        name: str,
        is_forgiving: bool,
        is_from_file: bool = False,
    ) -> Schema:
        """The schema of a database; is_forgiving: rows that make no sense are left out; is_from_file: as it is there
        now. SqlError CORRUPT, BUSY, NOTADB, IOERR_*."""
        was_idle = database.transaction_state == 0
        self.is_unreadable = False
        database.begin_read()
        try:
            cookie = database.get_meta(META_SCHEMA_COOKIE)
            file_format = database.get_meta(META_FILE_FORMAT)
            encoding = database.get_meta(META_TEXT_ENCODING)
            if file_format > LARGEST_FILE_FORMAT:
                raise SqlError(ERROR, "unsupported file format")
            is_encoding_settled = encoding != 0
            encoding = encoding if encoding in (1, 2, 3) else 1
            self.is_unreadable = True
            rows = schema_rows(tower, database, encoding, is_from_file) if database.page_count else []
            self.is_unreadable = False
        finally:
            if was_idle and database.transaction_state == 1:
                database.end_read()
        if rows:
            self.has_read_rows = True
        builder = _SchemaBuilder(self, number, name, database.page_count, is_forgiving)
        for row in rows:
            builder.add(row)
            if builder.error is not None and not is_forgiving:
                raise builder.error
        self.error = builder.error
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
            is_forgiving,
        )
        if builder.error is None:
            load_statistics(tower, database, schema)
        return schema

    def parse(self, sql: str) -> tuple[AstStatement | None, bool]:
        """The syntax tree of a stored text, and whether more than that statement stands there."""
        known = self._parsed.get(sql)
        if known is None:
            ast, end = parse_statement(sql)
            if ast is None:
                return None, False
            known = ast, end < len(sql)
            if len(self._parsed) > LARGEST_CACHE:
                self._parsed.clear()
            self._parsed[sql] = known
        return known


class _SchemaBuilder:
    """The tables, indexes and triggers found so far; the first error of a row that makes no sense."""

    __slots__ = (
        "loader",
        "database",
        "schema_name",
        "page_count",
        "is_forgiving",
        "error",
        "tables",
        "indexes",
        "triggers",
    )

    def __init__(
        self, loader: SchemaLoader, database: int, schema_name: str, page_count: int, is_forgiving: bool
    ) -> None:
        self.loader = loader
        self.database = database
        self.schema_name = schema_name
        self.page_count = page_count
        self.is_forgiving = is_forgiving
        self.error: SqlError | None = None
        self.tables: dict[str, Table] = {}
        self.indexes: dict[str, Index] = {}
        self.triggers: dict[str, Trigger] = {}

    def add(self, row: list[Value]) -> None:
        """Take in one row of sqlite_schema."""
        texts = [_as_text(value) for value in row[:5]] + [None] * (5 - len(row))
        name, sql = texts[1], texts[4]
        if texts[3] is None:
            self._note(name, "")
            return
        root = _root_of(texts[3])
        try:
            if sql is not None and sql[:2].lower() == "cr":
                if root < 0 or root > self.page_count > 0:
                    self._note(name, "invalid rootpage")
                    root = max(root, 0) and NO_PAGE
                self._create(texts, sql, root)
            elif name is None or sql:
                self._note(name, "")
            else:
                self._automatic_index(name, root)
        except SqlError as error:
            self._note(name, error.message)

    def _note(self, name: str | None, why: str) -> None:
        """The row is damaged; what can be used of it is."""
        if self.error is None:
            reason = f" - {why}" if why else ""
            self.error = SqlError(CORRUPT, f"malformed database schema ({'?' if name is None else name}){reason}")

    def _check_names(self, texts: list[str | None], kind: str, name: str, table_name: str) -> None:
        """What the row says of the object has to be what its text says."""
        if self.is_forgiving:
            return
        for text, expected in zip(texts, (kind, name, table_name), strict=False):
            if text is None or fold_name(text) != fold_name(expected):
                raise SqlError(CORRUPT, "")

    def _create(self, texts: list[str | None], sql: str, root: int) -> None:
        ast, has_more = self.loader.parse(sql)
        if has_more:
            self._note(texts[1], "")
        if isinstance(ast, (AstCreateTable, AstCreateView, AstCreateIndex, AstCreateTrigger, AstCreateVirtualTable)):
            if ast.schema is not None:
                raise SqlError(CORRUPT, "corrupt database")
        if isinstance(ast, AstCreateTable):
            if not self._is_free(texts, "table", ast.name, ast.if_not_exists):
                return
            if ast.select is not None:
                raise SqlError(CORRUPT, "")
            self._add_table(load_table(ast, self.database, root, sql))
        elif isinstance(ast, AstCreateView):
            if any(mark in sql for mark in "?:@$") and any(isinstance(node, AstParameter) for node in walk(ast)):
                raise SqlError(CORRUPT, "parameters are not allowed in views")
            if self._is_free(texts, "view", ast.name, ast.if_not_exists):
                self._check_rootless(root)
                if "." in sql:
                    self._check_own(ast, "view", ast.name)
                self.tables[fold_name(ast.name)] = load_view(ast, self.database, sql)
        elif isinstance(ast, AstCreateIndex):
            self._create_index(texts, ast, sql, root)
        elif isinstance(ast, AstCreateTrigger):
            self._create_trigger(texts, ast, sql)
        elif isinstance(ast, AstCreateVirtualTable):
            if self._is_free(texts, "table", ast.name, ast.if_not_exists):
                self._check_rootless(root)
                self.tables[fold_name(ast.name)] = Table("virtual", ast.name, self.database, 0, (), sql=sql)
        else:
            raise SqlError(CORRUPT, "")

    def _check_rootless(self, root: int) -> None:
        if root:
            raise SqlError(CORRUPT, "")

    def _check_own(self, ast: AstCreateView | AstCreateTrigger, kind: str, name: str) -> None:
        """What a text reads must be of its own database, under the name that it is attached by now."""
        if self.database == TEMPORARY:
            return
        for node in walk(ast):
            if isinstance(node, (AstTableSource, AstInTable)) and node.schema is not None:
                schema = fold_name(node.schema)
                if schema != fold_name(self.schema_name) and (self.database or schema != "main"):
                    raise SqlError(CORRUPT, f"{kind} {name} cannot reference objects in database {node.schema}")

    def _is_free(self, texts: list[str | None], kind: str, name: str, may_exist: bool) -> bool:
        """Whether a table or view is to be taken in under this name."""
        self._check_names(texts, kind, name, name)
        known = self.tables.get(fold_name(name))
        if known is not None:
            if may_exist:
                return False
            raise SqlError(CORRUPT, f"{'view' if known.kind == 'view' else 'table'} {name} already exists")
        if fold_name(name) in self.indexes:
            raise SqlError(CORRUPT, f"there is already an index named {name}")
        return True

    def _find_table(self, name: str) -> Table:
        table = self.tables.get(fold_name(name))
        if table is None:
            qualifier = "" if self.database == 1 else self.schema_name + "."
            raise SqlError(CORRUPT, f"no such table: {qualifier}{name}")
        return table

    def _create_index(self, texts: list[str | None], ast: AstCreateIndex, sql: str, root: int) -> None:
        table = self._find_table(ast.table)
        self._check_names(texts, "index", ast.name, table.name)
        if table.kind == "view":
            raise SqlError(CORRUPT, "views may not be indexed")
        if table.kind == "virtual":
            raise SqlError(CORRUPT, "virtual tables may not be indexed")
        if fold_name(ast.name) in self.indexes:
            if ast.if_not_exists:
                return
            raise SqlError(CORRUPT, f"index {ast.name} already exists")
        index = load_index(ast, table, root, sql)
        if any(other.root == root for other in table.indexes):
            raise SqlError(CORRUPT, "invalid rootpage")
        self._add_index(table, index)

    def _create_trigger(self, texts: list[str | None], ast: AstCreateTrigger, sql: str) -> None:
        # Of a trigger in temp the table may be anywhere.
        if self.database != 1 and fold_name(ast.table) not in SCHEMA_TABLES:
            table = self._find_table(ast.table)
            if table.kind == "virtual":
                raise SqlError(CORRUPT, "cannot create triggers on virtual tables")
            self._check_names(texts, "trigger", ast.name, table.name)
            if fold_name(ast.name) in self.triggers:
                if ast.if_not_exists:
                    return
                raise SqlError(CORRUPT, f"trigger {ast.name} already exists")
            if fold_name(table.name).startswith("sqlite_"):
                raise SqlError(CORRUPT, "cannot create trigger on system table")
            shown = ast.table
            if table.kind == "view" and ast.time != "INSTEAD OF":
                raise SqlError(CORRUPT, f"cannot create {ast.time or 'BEFORE'} trigger on view: {shown}")
            if table.kind != "view" and ast.time == "INSTEAD OF":
                raise SqlError(CORRUPT, f"cannot create INSTEAD OF trigger on table: {shown}")
            if "." in sql:
                self._check_own(ast, "trigger", ast.name)
        self.triggers[fold_name(ast.name)] = Trigger(ast.name, self.database, ast, sql)

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
        table = self.tables[fold_name(index.table_name)]
        is_taken = any(other.root == root and other.name != index.name for other in table.indexes)
        is_possible = 2 <= root <= self.page_count
        self._set_root(table, index.name, root if is_possible else 0)
        if not is_possible or is_taken:
            raise SqlError(CORRUPT, "invalid rootpage")


def _as_text(value: Value) -> str | None:
    """A column of the schema table as text, whatever its type."""
    if value is None or isinstance(value, str):
        return value
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def _root_of(text: str) -> int:
    """The root page that a text says, -1 if it is no such number."""
    if not text.isascii() or not text.isdigit() or len(text) > 10:
        return -1
    root = int(text)
    return root if root <= 0xFFFFFFFF else -1
