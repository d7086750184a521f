"""Columns of tables and indexes, and indexes.

Must not know: the syntax of CREATE, storage.
"""

from __future__ import annotations

from keelback_core.compiler.catalog.model.names import ROWID

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from keelback_core.compiler.catalog.index_samples import IndexSamples
    from keelback_core.compiler.sql.ast import (
        AstExpression,
    )
    from keelback_core.value.key_info import KeyInfo


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
    is_no_skip_scan. samples: of sqlite_stat4, None without. entry_columns: the columns of an entry; held_columns: their
    numbers; places: where in the entry each of them, but for expressions, is.
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
        "entry_columns",
        "held_columns",
        "places",
        "size_units",
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
        self.entry_columns = columns + suffix
        self.held_columns = frozenset([column.column for column in self.entry_columns])
        self.places: dict[int, int] = {}
        for place, column in enumerate(self.entry_columns):
            if column.expression is None:
                self.places.setdefault(column.column, place)
        # The size of an entry that the planner estimates (plan/table_sizes.py), 0 until it asks.
        self.size_units = 0

    @property
    def is_table(self) -> bool:
        """Whether it holds the rows of a table WITHOUT ROWID."""
        return self.origin == "pk" and not any(column.column == ROWID for column in self.suffix)

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
