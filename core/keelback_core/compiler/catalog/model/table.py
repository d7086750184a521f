"""What the compiler knows of a database's schema: tables, columns, indexes.

1. Everything here is immutable once `load` has built it; a changed schema is a new Schema.
2. Names keep their spelling; look-ups fold ASCII case (`fold_name`).
3. Column numbers count from 0; ROWID stands for the rowid, EXPRESSION for an indexed expression.

Must not know: storage, programs, bound trees. Source: https://sqlite.org/schematab.html
"""

from __future__ import annotations

from keelback_core.compiler.catalog.model.names import ROWID, fold_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from keelback_core.compiler.catalog.model.index import Column, Index
    from keelback_core.compiler.sql.ast import (
        AstCheck,
        AstForeignKey,
        AstSelect,
    )
    from keelback_core.module.protocol import ModuleTable


# The kind of what stands for a row whose values have no types of columns.
BARE_ROW: Final = "row"
SCHEMA_TABLES: Final = frozenset(("sqlite_master", "sqlite_temp_master"))


class ColumnFacts:
    """What every statement on a table asks of its columns, found once.

    names: as they are spelled. numbers: by folded name, the first one wins. positions: the place of each in the record,
    -1 for a virtual generated column. is_plain: no such column, no index on expressions, none with a condition.
    affinities: a letter a column; stored_affinities: of those that are stored. has_rules: there is a generated column,
    a CHECK, a DEFAULT, or an index that is not plain. index_columns: for every index, and each of its columns, None.
    no_defaults, no_conditions: None for every column, for every index. places: where the value of each column stands
    in a row that an INSERT without a list of columns gives, -1 if nowhere; place_count: the width of that row.
    is_schema_table: it is one of those that hold a schema.
    """

    __slots__ = (
        "names",
        "numbers",
        "positions",
        "is_plain",
        "affinities",
        "stored_affinities",
        "has_rules",
        "index_columns",
        "no_defaults",
        "no_conditions",
        "places",
        "place_count",
        "is_schema_table",
    )

    def __init__(self, table: Table) -> None:
        self.names = tuple([column.name for column in table.columns])
        self.numbers: dict[str, int] = {}
        for number, name in enumerate(self.names):
            self.numbers.setdefault(fold_name(name), number)
        self.positions = _record_positions(table)
        self.is_plain = True
        for column in table.columns:
            if column.generated == "VIRTUAL":
                self.is_plain = False
        for index in table.indexes:
            if index.where is not None or any(key.expression is not None for key in index.columns):
                self.is_plain = False
        self.affinities = "".join([column.affinity for column in table.columns])
        self.stored_affinities = "".join([c.affinity for c in table.columns if c.generated != "VIRTUAL"])
        self.has_rules = not self.is_plain or bool(table.checks)
        for column in table.columns:
            if column.generated or column.default is not None:
                self.has_rules = True
        self.index_columns: tuple[tuple[None, ...], ...] = tuple([(None,) * len(i.columns) for i in table.indexes])
        self.no_defaults: tuple[None, ...] = (None,) * len(table.columns)
        self.no_conditions: tuple[None, ...] = (None,) * len(table.indexes)
        self.is_schema_table = fold_name(table.name) in SCHEMA_TABLES
        self.places: list[int] = []
        self.place_count = 0
        for column in table.columns:
            if column.generated or column.is_hidden:
                self.places.append(-1)
            else:
                self.places.append(self.place_count)
                self.place_count += 1


def _record_positions(table: Table) -> tuple[int, ...]:
    if table.key_index is not None:
        places: dict[int, int] = {}
        for place, entry in enumerate(table.key_index.entry_columns):
            places.setdefault(entry.column, place)
        return tuple([places.get(number, -1) for number in range(len(table.columns))])
    positions = []
    place = 0
    for column in table.columns:
        if column.generated == "VIRTUAL":
            positions.append(-1)
        else:
            positions.append(place)
            place += 1
    return tuple(positions)


class Table:
    """A table or view. kind: "table", "view", "virtual", or BARE_ROW.

    database: index of its schema (0 main, 1 temp). rowid_column: the INTEGER PRIMARY KEY column, or -1.
    rowid_conflict: conflict action of that primary key. indexes: in the order in which constraints are checked.
    key_index: of a table WITHOUT ROWID the index that holds its rows, else None. select, view_columns: of a view.
    row_count: of ANALYZE, set when the schema is loaded; None if unknown. module: of a virtual table, once it is
    connected; is_eponymous: it is there without CREATE.
    """

    __slots__ = (
        "kind",
        "name",
        "database",
        "root",
        "columns",
        "rowid_column",
        "rowid_conflict",
        "is_autoincrement",
        "is_without_rowid",
        "is_strict",
        "checks",
        "foreign_keys",
        "indexes",
        "sql",
        "select",
        "view_columns",
        "key_index",
        "row_count",
        "statistics_width",
        "module",
        "is_eponymous",
        "size_units",
        "kept_code",
        "_column_facts",
    )

    def __init__(
        self,
        kind: str,
        name: str,
        database: int,
        root: int,
        columns: tuple[Column, ...],
        rowid_column: int = -1,
        rowid_conflict: str = "",
        is_autoincrement: bool = False,
        is_without_rowid: bool = False,
        is_strict: bool = False,
        checks: tuple[AstCheck, ...] = (),
        foreign_keys: tuple[AstForeignKey, ...] = (),
        indexes: tuple[Index, ...] = (),
        sql: str | None = None,
        select: AstSelect | None = None,
        view_columns: tuple[str, ...] = (),
    ) -> None:
        self.kind = kind
        self.name = name
        self.database = database
        self.root = root
        self.columns = columns
        self.rowid_column = rowid_column
        self.rowid_conflict = rowid_conflict
        self.is_autoincrement = is_autoincrement
        self.is_without_rowid = is_without_rowid
        self.is_strict = is_strict
        self.checks = checks
        self.foreign_keys = foreign_keys
        self.indexes = indexes
        self.sql = sql
        self.select = select
        self.view_columns = view_columns
        self.key_index: Index | None = None
        if is_without_rowid:
            self.key_index = next((index for index in indexes if index.origin == "pk"), None)
        self.row_count: int | None = None
        # Of ANALYZE: bytes of a row, 0 if unknown.
        self.statistics_width = 0
        self.module: ModuleTable | None = None
        self.is_eponymous = False
        # The size of a row that the planner estimates (plan/table_sizes.py), 0 until it asks.
        self.size_units = 0
        # What statements on the table have alike (emit/kept_code.py), by what it depends on.
        self.kept_code: dict[int, object] = {}
        self._column_facts: ColumnFacts | None = None

    @property
    def column_facts(self) -> ColumnFacts:
        """Names, numbers and places of the columns; asked for when the table is complete."""
        if self._column_facts is None:
            self._column_facts = ColumnFacts(self)
        return self._column_facts

    @property
    def row_key(self) -> tuple[int, ...]:
        """The numbers of the columns that tell rows apart: ROWID, or those of the primary key."""
        if self.key_index is None:
            return (ROWID,)
        return tuple([column.column for column in self.key_index.columns])

    def column_number(self, name: str) -> int | None:
        """The number of the column of this name, None if there is none (rowid names are not columns)."""
        wanted = fold_name(name)
        if self._column_facts is not None:
            return self._column_facts.numbers.get(wanted)
        for number, column in enumerate(self.columns):
            if fold_name(column.name) == wanted:
                return number
        return None
