"""What the compiler knows of a database's schema: tables, columns, indexes.

1. Everything here is immutable once `load` has built it; a changed schema is a new Schema.
2. Names keep their spelling; look-ups fold ASCII case (`fold_name`).
3. Column numbers count from 0; ROWID stands for the rowid, EXPRESSION for an indexed expression.

Must not know: storage, programs, bound trees. Source: https://sqlite.org/schematab.html
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from keelback_core.compiler.catalog.index_samples import IndexSamples
    from keelback_core.compiler.sql.ast import (
        AstCheck,
        AstCreateTrigger,
        AstExpression,
        AstForeignKey,
        AstSelect,
    )
    from keelback_core.module.protocol import ModuleTable
    from keelback_core.value.key import KeyInfo

ROWID: Final = -1
ROWID_NAMES: Final = ("rowid", "oid", "_rowid_")
EXPRESSION: Final = -2


def fold_name(name: str) -> str:
    """The key under which a name is found: ASCII letters in lower case, other characters as they are."""
    for place in range(len(name)):
        # From A to Z. Most names have none of these, and are their own keys.
        if 0x41 <= ord(name[place]) <= 0x5A:
            break
    else:
        return name
    if name.isascii():
        return name.lower()
    return "".join(chr(ord(c) + 32) if "A" <= c <= "Z" else c for c in name)


class Column:
    """A column of a table.

    declared_type: "" if none. affinity: one-character code. collation: upper-case name. not_null: the conflict
    action of its NOT NULL ("" for the default ABORT), or None if NULLs are allowed. default: the DEFAULT
    expression or None; default_text as table_info shows it. primary_key_position: 1, 2, ... or 0.
    generated: "" / "VIRTUAL" / "STORED", with its expression.
    """

    __slots__ = (
        "name",
        "declared_type",
        "affinity",
        "collation",
        "not_null",
        "default",
        "default_text",
        "primary_key_position",
        "generated",
        "generated_expression",
        "is_hidden",
        "size_units",
    )

    def __init__(
        self,
        name: str,
        declared_type: str,
        affinity: str,
        collation: str = "BINARY",
        not_null: str | None = None,
        default: AstExpression | None = None,
        default_text: str | None = None,
        primary_key_position: int = 0,
        generated: str = "",
        generated_expression: AstExpression | None = None,
        is_hidden: bool = False,
    ) -> None:
        self.name = name
        self.declared_type = declared_type
        self.affinity = affinity
        self.collation = collation
        self.not_null = not_null
        self.default = default
        self.default_text = default_text
        self.primary_key_position = primary_key_position
        self.generated = generated
        self.generated_expression = generated_expression
        self.is_hidden = is_hidden
        # What the planner takes it for (plan/table_sizes.py), 0 until it asks.
        self.size_units = 0


class IndexColumn:
    """A key column of an index: a column number of the table, ROWID, or EXPRESSION with `expression` set."""

    __slots__ = ("column", "expression", "collation", "is_descending")

    def __init__(self, column: int, expression: AstExpression | None, collation: str, is_descending: bool) -> None:
        self.column = column
        self.expression = expression
        self.collation = collation
        self.is_descending = is_descending


ROWID_SUFFIX: Final = (IndexColumn(ROWID, None, "BINARY", False),)


class Index:
    """An index: key columns, then `suffix`, which tells its entries apart: the rowid, or the columns of the primary key
    that the key has not. The key of a table WITHOUT ROWID is the table: its suffix are all other stored columns.

    origin: "c" CREATE INDEX, "u" UNIQUE, "pk" PRIMARY KEY. conflict: action of its constraint, "" default.
    where: condition of a partial index. sql: None for an automatic index. statistics: of ANALYZE, set when the schema
    is loaded: entries, then those that share the first column, the first two, ...; empty if unknown. With them may come
    statistics_width (bytes of an entry, 0 if unknown), is_unordered (not to be used for ranges and orders) and
    is_no_skip_scan. samples: of sqlite_stat4, None without.
    """

    __slots__ = (
        "name",
        "table_name",
        "root",
        "is_unique",
        "columns",
        "where",
        "origin",
        "conflict",
        "sql",
        "suffix",
        "statistics",
        "statistics_width",
        "is_unordered",
        "is_no_skip_scan",
        "samples",
        "key",
    )

    def __init__(
        self,
        name: str,
        table_name: str,
        root: int,
        is_unique: bool,
        columns: tuple[IndexColumn, ...],
        where: AstExpression | None,
        origin: str,
        conflict: str,
        sql: str | None,
        suffix: tuple[IndexColumn, ...] = ROWID_SUFFIX,
    ) -> None:
        self.name = name
        self.table_name = table_name
        self.root = root
        self.is_unique = is_unique
        self.columns = columns
        self.where = where
        self.origin = origin
        self.conflict = conflict
        self.sql = sql
        self.suffix = suffix
        self.statistics: tuple[int, ...] = ()
        self.statistics_width = 0
        self.is_unordered = False
        self.is_no_skip_scan = False
        self.samples: IndexSamples | None = None
        # The order of the entries, None until a program opens the index (emit/row_key.py).
        self.key: KeyInfo | None = None

    @property
    def is_table(self) -> bool:
        """Whether it holds the rows of a table WITHOUT ROWID."""
        return self.origin == "pk" and not any(column.column == ROWID for column in self.suffix)

    @property
    def entry_columns(self) -> tuple[IndexColumn, ...]:
        """The columns of an entry."""
        return self.columns + self.suffix

    def with_root(self, root: int) -> Index:
        """The same index with its tree at another page."""
        return Index(
            self.name,
            self.table_name,
            root,
            self.is_unique,
            self.columns,
            self.where,
            self.origin,
            self.conflict,
            self.sql,
            self.suffix,
        )


class ColumnFacts:
    """What every statement on a table asks of its columns, found once.

    names: as they are spelled. numbers: by folded name, the first one wins. positions: the place of each in the record,
    -1 for a virtual generated column. is_plain: no such column, no index on expressions, none with a condition.
    affinities: a letter a column; stored_affinities: of those that are stored. has_rules: there is a generated column,
    a CHECK, a DEFAULT, or an index that is not plain. index_columns: for every index, and each of its columns, None.
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
    """A table or view. kind: "table", "view", "virtual".

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


class Trigger:
    """A trigger of the schema `database`, or (name "") the action of a foreign key.

    ast: its definition. sql: the stored text. set_null_key: the foreign key whose SET NULL action it is.
    """

    __slots__ = ("name", "database", "ast", "sql", "set_null_key")

    def __init__(
        self,
        name: str,
        database: int,
        ast: AstCreateTrigger,
        sql: str,
        set_null_key: AstForeignKey | None = None,
    ) -> None:
        self.name = name
        self.database = database
        self.ast = ast
        self.sql = sql
        self.set_null_key = set_null_key


class Schema:
    """The schema of one database: name ("main", "temp", ...), index, cookie; tables, indexes and triggers by folded
    name, in the order of the stored rows. The text encoding is settled by the first table or view."""

    __slots__ = (
        "name",
        "database",
        "cookie",
        "encoding",
        "is_encoding_settled",
        "file_format",
        "tables",
        "indexes",
        "triggers",
    )

    def __init__(
        self,
        name: str,
        database: int,
        cookie: int,
        tables: dict[str, Table],
        indexes: dict[str, Index],
        triggers: dict[str, Trigger],
        encoding: int = 1,
        file_format: int = 4,
        is_encoding_settled: bool = True,
    ) -> None:
        self.name = name
        self.database = database
        self.cookie = cookie
        self.encoding = encoding
        self.is_encoding_settled = is_encoding_settled
        self.file_format = file_format
        self.tables = tables
        self.indexes = indexes
        self.triggers = triggers


class FunctionSignature:
    """A function as the binder sees it, for one call's number of arguments.

    is_aggregate, is_deterministic (same arguments, same answer, for ever: may be computed once and indexed),
    is_slow_changing (constant during a statement, as date('now')), needs_collation (min, max, nullif).
    may_have_window: of an aggregate: OVER may follow. is_built_in: it does what our own function of the name does.
    pure_place: of a function of time where the time of now is refused: that place, as messages say it; else "".
    """

    __slots__ = (
        "name",
        "is_aggregate",
        "is_deterministic",
        "is_slow_changing",
        "needs_collation",
        "may_have_window",
        "is_built_in",
        "pure_place",
    )

    def __init__(
        self,
        name: str,
        is_aggregate: bool,
        is_deterministic: bool,
        is_slow_changing: bool,
        needs_collation: bool,
        may_have_window: bool = True,
        is_built_in: bool = False,
        pure_place: str = "",
    ) -> None:
        self.name = name
        self.is_aggregate = is_aggregate
        self.is_deterministic = is_deterministic
        self.is_slow_changing = is_slow_changing
        self.needs_collation = needs_collation
        self.may_have_window = may_have_window
        self.is_built_in = is_built_in
        self.pure_place = pure_place
