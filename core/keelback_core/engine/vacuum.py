"""VACUUM: a database built anew in memory, table by table, then put in the place of the old one, or into a new file.

1. Trees are made in SQLite's order: the tables with their automatic indexes, then the other indexes; views and
   triggers follow in the schema table.
2. Rows of a table with neither INTEGER PRIMARY KEY nor index get new rowids, as in SQLite, but not under INTO.
3. Entries are copied in their order, so nothing is compared.

Source: https://sqlite.org/lang_vacuum.html
"""

from __future__ import annotations

from keelback_core.compiler.catalog.model import fold_name
from keelback_core.engine.schema_loader import META_FILE_FORMAT, META_SCHEMA_COOKIE, META_TEXT_ENCODING, schema_rows
from keelback_core.engine.uri import OPEN_CREATE, OPEN_READWRITE, OPEN_TEMP_DB, parse_file_name
from keelback_core.value.errors import SqlError
from keelback_core.value.record import encode_record
from keelback_core.value.result_codes import CANTOPEN, CORRUPT, ERROR, MESSAGES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.compiler.catalog.model import Schema
    from keelback_core.engine.compiler_session import CompilerSession
    from keelback_core.engine.run_tower import DatabaseLike, RunTower
    from keelback_core.value import Value

META_LARGEST_ROOT = 4
META_DEFAULT_CACHE = 3
META_USER_VERSION = 6
META_INCREMENTAL_VACUUM = 7
META_APPLICATION_ID = 8
SEQUENCE_TABLE = "sqlite_sequence"
NEWEST_FILE_FORMAT = 4


def vacuum(connection: CompilerSession, number: int, arguments: list[Value]) -> None:
    """Rebuild a database; with an argument, into the file of this name."""
    session = connection.session
    if not session.autocommit:
        raise SqlError(ERROR, "cannot VACUUM from within a transaction")
    if connection.running_count > 1:
        raise SqlError(ERROR, "cannot VACUUM - SQL statements in progress")
    source = session.database(number)
    if arguments:
        _vacuum_into(connection, number, source, arguments[0])
        return
    schema = _schema(connection, number)
    source.begin_write(True)
    try:
        # The frames of a WAL are all of one size.
        page_size = source.page_size if source.journal_mode == "wal" else _page_size(connection, source)
        copy = _rebuilt(connection, source, schema, page_size, False)
        try:
            connection.tower.replace_content(source, copy, source.change_counter + 1)
        finally:
            copy.close()
    except BaseException:
        if source.transaction_state == 2:
            source.rollback()
        raise
    connection.forget_schema(number)


def _schema(connection: CompilerSession, number: int) -> Schema:
    """What is to be copied. SQLite's VACUUM may write to the schema while it runs: it does not mind names that differ,
    and of a schema that makes no sense it does not tell what is wrong with it.
    """
    try:
        return connection.catalog().schema(number)
    except SqlError as error:
        if error.code != CORRUPT:
            raise
    return connection.load_for_vacuum(number)


def _page_size(connection: CompilerSession, source: DatabaseLike) -> int:
    size = connection.next_page_size
    is_usable = 512 <= size <= 65536 and not size & (size - 1)
    return size if is_usable and source.path else source.page_size


def _vacuum_into(connection: CompilerSession, number: int, source: DatabaseLike, name: Value) -> None:
    if not isinstance(name, str):
        raise SqlError(ERROR, "non-text filename")
    # Of an empty database too, and whether there is a file or not: VACUUM INTO settles how the source is laid out.
    source.is_format_fixed = True
    schema = _schema(connection, number)
    parsed = parse_file_name(name, connection.open_flags & ~7 | OPEN_READWRITE | OPEN_CREATE)
    tower = connection.tower
    try:
        target = tower.open_database(parsed.path, parsed.flags, vfs=parsed.options.get("vfs"))
    except SqlError as error:
        if error.primary_code != CANTOPEN:
            raise
        raise SqlError(error.code, f"unable to open database: {name}") from None
    try:
        # Before a page of it is made: a database without tables is one too.
        target.begin_read()
        is_new = target.page_count == 0
        target.end_read()
        if not is_new:
            raise SqlError(ERROR, "output file already exists")
        target.begin_write(True)
        source.begin_read()
        try:
            page_size = _page_size(connection, source)
            copy = _rebuilt(connection, source, schema, page_size, True)
        finally:
            if source.transaction_state == 1:
                source.end_read()
        try:
            tower.replace_content(target, copy, 1)
        finally:
            copy.close()
    finally:
        if target.transaction_state == 2:
            target.rollback()
        target.close()


def _auto_vacuum(connection: CompilerSession, source: DatabaseLike) -> int:
    """The mode of the new database: what PRAGMA auto_vacuum asked for, else that of the old one."""
    if connection.next_auto_vacuum >= 0:
        return connection.next_auto_vacuum
    if source.get_meta(META_LARGEST_ROOT) == 0:
        return 0
    return 2 if source.get_meta(META_INCREMENTAL_VACUUM) else 1


def _rebuilt(
    connection: CompilerSession, source: DatabaseLike, schema: Schema, page_size: int, keeps_rowids: bool
) -> DatabaseLike:
    """A temporary database with the content of another, which is being read."""
    tower = connection.tower
    copy = tower.open_database(None, OPEN_READWRITE | OPEN_CREATE | OPEN_TEMP_DB, page_size)
    copy.requested_reserve = source.requested_reserve
    copy.begin_write()
    if source.page_count:
        is_emptied = connection.settings.resets_database
        _Copier(tower, source, copy, schema, keeps_rowids, is_emptied).run(_auto_vacuum(connection, source))
    copy.commit()
    return copy


class _Copier:
    """Copies one database; roots: where the trees have come to be. is_emptied: nothing but its header's facts."""

    __slots__ = ("tower", "source", "copy", "schema", "keeps_rowids", "encoding", "rows", "new_rows", "trees")

    def __init__(
        self,
        tower: RunTower,
        source: DatabaseLike,
        copy: DatabaseLike,
        schema: Schema,
        keeps_rowids: bool,
        is_emptied: bool,
    ) -> None:
        self.tower = tower
        self.source = source
        self.copy = copy
        self.schema = schema
        self.keeps_rowids = keeps_rowids
        self.encoding = schema.encoding
        self.rows = [] if is_emptied else schema_rows(tower, source, schema.encoding)
        self.new_rows: list[list[Value]] = []
        # (old root, new root, is_table, keeps its rowids)
        self.trees: list[tuple[int, int, bool, bool]] = []

    def run(self, auto_vacuum: int) -> None:
        source, copy = self.source, self.copy
        if auto_vacuum:
            copy.set_meta(META_LARGEST_ROOT, 1)
            copy.set_meta(META_INCREMENTAL_VACUUM, auto_vacuum - 1)
            self.tower.keep_pointer_maps(copy)
        copy.set_meta(META_FILE_FORMAT, NEWEST_FILE_FORMAT if self.rows else source.get_meta(META_FILE_FORMAT))
        for meta in (META_DEFAULT_CACHE, META_TEXT_ENCODING, META_USER_VERSION, META_APPLICATION_ID):
            copy.set_meta(meta, source.get_meta(meta))
        copy.set_meta(META_SCHEMA_COOKIE, source.get_meta(META_SCHEMA_COOKIE) + 1 & 0xFFFFFFFF)
        self._make_trees()
        for number, row in enumerate(self.new_rows, 1):
            self.tower.insert_row(copy, 1, number, encode_record(row, self.encoding))
        for old, new, is_table, keeps in self.trees:
            if is_table:
                self.tower.copy_table(source, old, copy, new, keeps)
            else:
                self.tower.copy_index(source, old, copy, new)

    def _make_trees(self) -> None:
        rows = self.rows
        sequence = [row for row in rows if row[0] == "table" and row[1] == SEQUENCE_TABLE]
        for row in rows:
            if row[0] == "table" and row[1] != SEQUENCE_TABLE and row[3]:
                self._add_table(row)
                table = self.schema.tables.get(fold_name(str(row[1])))
                if table is not None and table.is_autoincrement and sequence:
                    self._add_table(sequence.pop())
        for row in sequence:
            self._add_table(row)
        for row in rows:
            if row[0] == "index" and row[4] is not None:
                self._add(row, False, True)
        for row in rows:
            if row[0] in ("view", "trigger") or (row[0] == "table" and not row[3]):
                self.new_rows.append(row)

    def _add_table(self, row: list[Value]) -> None:
        """A table and its automatic indexes."""
        indexes = [other for other in self.rows if other[0] == "index" and other[2] == row[1]]
        table = self.schema.tables.get(fold_name(str(row[1])))
        has_key = table is not None and table.rowid_column >= 0
        is_tree = table is None or not table.is_without_rowid
        self._add(row, is_tree, self.keeps_rowids or has_key or bool(indexes))
        for other in indexes:
            if other[4] is None:
                self._add(other, False, True)

    def _add(self, row: list[Value], is_table: bool, keeps_rowids: bool) -> None:
        old = row[3]
        if not isinstance(old, int) or not 1 < old <= self.source.page_count:
            raise SqlError(CORRUPT, MESSAGES[CORRUPT])
        root = self.copy.create_root(is_table)
        self.trees.append((old, root, is_table, keeps_rowids))
        self.new_rows.append([row[0], row[1], row[2], root, row[4]])
