"""Scope: the names one SELECT core (or CHECK, UPDATE, ...) can see, and how a column name is found in them.

1. A scope has the items of FROM in order; `parent` is the scope of the enclosing query.
2. A column joined by USING or NATURAL is one name: the left one, for RIGHT the right one, for FULL the first of the two
   that is not NULL.
3. An item with `entries` is a parenthesised join: the names of the tables inside it stay visible.
4. A column found in an outer scope is noted in `outer_references` of every SELECT between.

Must not know: plans, registers. Source: https://sqlite.org/lang_select.html
"""

from __future__ import annotations

from keelback_core.compiler.bind.nodes import BoundAggregate, BoundColumn, BoundFunction
from keelback_core.compiler.bind.types import MERGED_COLUMN
from keelback_core.compiler.catalog.model import ROWID, fold_name
from keelback_core.compiler.catalog.settings import QUOTED_IN_STATEMENT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from keelback_core.compiler.bind.nodes import (
        BoundExpression,
        BoundResultColumn,
        BoundSelect,
        BoundSelectCore,
        BoundSource,
    )
    from keelback_core.compiler.bind.recursion import RecursiveTable
    from keelback_core.compiler.sql.ast import AstCommonTable, AstWindow

ROWID_NAMES: Final = frozenset(("rowid", "oid", "_rowid_"))
SCHEMA_NAMES: Final = frozenset(("sqlite_master", "sqlite_temp_master"))
SHORTEST_SCHEMA_NAME: Final = 13
NO_NAMES: Final[frozenset[str]] = frozenset()


class InnerName:
    """A column of a parenthesised join: the names by which it is known, and its place in the join's result.

    is_merged: the one column that a USING made of two; is_hidden: one of those two, left out of `*`.
    """

    __slots__ = ("schema", "table", "column", "position", "is_merged", "is_hidden", "name")

    def __init__(
        self, schema: str, table: str, name: str, position: int, is_merged: bool = False, is_hidden: bool = False
    ) -> None:
        self.schema = schema
        self.table = table
        self.name = name
        self.column = fold_name(name)
        self.position = position
        self.is_merged = is_merged
        self.is_hidden = is_hidden


class ScopeItem:
    """One item of FROM: source, its name and schema (folded), its column numbers by folded name (first one wins)."""

    __slots__ = ("source", "name", "schema", "columns", "using", "entries", "has_rowid", "column_names")

    def __init__(
        self,
        source: BoundSource,
        schema: str,
        column_names: tuple[str, ...],
        has_rowid: bool,
        entries: tuple[InnerName, ...] | None = None,
        numbers: dict[str, int] | None = None,
    ) -> None:
        self.source = source
        self.name = fold_name(source.name)
        self.schema = fold_name(schema)
        self.column_names = column_names
        if numbers is None:
            numbers = {}
            for number, name in enumerate(column_names):
                numbers.setdefault(fold_name(name), number)
        self.columns = numbers
        self.using: frozenset[str] = NO_NAMES
        self.entries = entries
        self.has_rowid = has_rowid

    def answers_to(self, schema: str | None, table: str) -> bool:
        """Whether `[schema.]table` means this item."""
        if schema is not None and self.schema != schema:
            return False
        if self.name == table:
            return True
        # Of most the length tells.
        return len(self.name) >= SHORTEST_SCHEMA_NAME and self._is_schema_table(schema, table)

    def _is_schema_table(self, schema: str | None, table: str) -> bool:
        """Whether this is a schema table and `table` another of its names."""
        if self.name not in SCHEMA_NAMES or self.source.alias is not None or self.source.table is None:
            return False
        if self.name == "sqlite_master":
            return table == "sqlite_schema"
        if table == "sqlite_temp_schema":
            return True
        return schema is not None and table in ("sqlite_master", "sqlite_schema")

    def column(self, number: int, offset: int = -1) -> BoundColumn:
        """A reference to column `number` of the item."""
        return column_of(self.source, number, offset)


def column_of(source: BoundSource, number: int, offset: int = -1) -> BoundColumn:
    """A reference to a column of a source; the INTEGER PRIMARY KEY is the rowid."""
    table = source.table
    if table is None:
        source.used_columns.add(number)
        return BoundColumn(source, number, None, offset)
    if number == ROWID or number == table.rowid_column:
        declared = None if table.rowid_column < 0 else table.columns[table.rowid_column]
        source.used_columns.add(ROWID)
        return BoundColumn(source, ROWID, declared, offset)
    source.used_columns.add(number)
    return BoundColumn(source, number, table.columns[number], offset)


class CommonTables:
    """The tables of a WITH clause, visible inside it and below; `outer` is the next WITH outward."""

    __slots__ = ("tables", "outer")

    def __init__(self, tables: dict[str, AstCommonTable], outer: CommonTables | None) -> None:
        self.tables = tables
        self.outer = outer


class Scope:
    """See the module.

    select, core: what is being bound, None outside SELECT. aliases: result columns that WHERE, GROUP BY, HAVING and
    ORDER BY may name, None while they may not. allows_aggregates: aggregates may stand here. prohibits: "" or the
    place ("CHECK constraints", "index expressions", ...) where subqueries and parameters are not allowed.
    misuses_aggregates: an aggregate of this query is an error here, found late (WHERE of an aggregate query).
    allows_windows: calls with OVER may stand here. windows: those of the WINDOW clause.
    recursion: the SELECT bound directly below is that of this recursive common table.
    needs_table_name: its columns are known as NEW.x and OLD.x only. is_condition: what is bound now stands in WHERE or
    ON of a SELECT.
    """

    __slots__ = (
        "parent",
        "items",
        "select",
        "core",
        "aliases",
        "allows_aggregates",
        "prohibits",
        "common_tables",
        "has_aggregates",
        "quoted_names",
        "misuses_aggregates",
        "recursion",
        "allows_windows",
        "windows",
        "needs_table_name",
        "is_condition",
    )

    def __init__(
        self,
        parent: Scope | None = None,
        items: list[ScopeItem] | None = None,
        select: BoundSelect | None = None,
        core: BoundSelectCore | None = None,
    ) -> None:
        self.parent = parent
        self.items: list[ScopeItem] = items if items is not None else []
        self.select = select
        self.core = core
        self.aliases: list[tuple[str, BoundResultColumn]] | None = None
        self.allows_aggregates = False
        self.prohibits = ""
        self.common_tables: CommonTables | None = parent.common_tables if parent is not None else None
        self.has_aggregates = False
        # What a name in double quotes that is no column depends on.
        self.quoted_names = QUOTED_IN_STATEMENT
        self.misuses_aggregates = False
        self.recursion: RecursiveTable | None = None
        self.allows_windows = False
        self.windows: tuple[AstWindow, ...] = ()
        self.needs_table_name = False
        self.is_condition = False


def find_in_items(
    scope: Scope, schema: str | None, table: str | None, column: str, offset: int
) -> tuple[BoundExpression | None, int]:
    """Look for a (folded) column name among the items of one scope, USING and rowid names included: the expression
    and the count of candidates, None if that is not one."""
    if scope.needs_table_name and (table is None or schema is not None):
        return None, 0
    if len(scope.items) == 1:
        # Of one table there is nothing to choose.
        only = scope.items[0]
        if only.entries is None and (table is None or only.answers_to(schema, table)):
            number = only.columns.get(column)
            if number is not None:
                return column_of(only.source, number, offset), 1
    matches: list[BoundExpression] = []
    count = 0
    tables_matched = 0
    rowid_item: ScopeItem | None = None
    inner_rowid: BoundColumn | None = None
    for item in scope.items:
        if item.entries is not None:
            positions = _inner_positions(item, schema, table, column)
            if positions:
                for position in positions:
                    count = _add_match(item, column, position, count, matches, offset)
                tables_matched = max(tables_matched, 1)
                continue
            if table is None or not item.answers_to(schema, table):
                inner = _inner_rowid(item, table, column)
                if inner:
                    tables_matched += len(inner)
                    inner_rowid = item.column(inner[0], offset)
                continue
        elif table is not None and not item.answers_to(schema, table):
            continue
        if item.has_rowid:
            tables_matched += 1
            rowid_item = item
        number = item.columns.get(column)
        if number is not None:
            count = _add_match(item, column, number, count, matches, offset)
    if count == 0 and column in ROWID_NAMES:
        if rowid_item is not None:
            return rowid_item.column(ROWID, offset), tables_matched
        if inner_rowid is not None:
            return inner_rowid, tables_matched
    if count != 1:
        return None, count
    if len(matches) == 1:
        return matches[0], 1
    return BoundFunction(MERGED_COLUMN, tuple(matches), offset), 1


def _inner_positions(item: ScopeItem, schema: str | None, table: str | None, column: str) -> list[int]:
    """Places in a parenthesised join of the columns that the name may mean."""
    found: list[int] = []
    assert item.entries is not None
    for entry in item.entries:
        if entry.column != column:
            continue
        if table is not None and entry.table != table:
            continue
        if schema is not None and entry.schema != schema:
            continue
        found.append(entry.position)
        if entry.is_merged:
            break
    return found


def _inner_rowid(item: ScopeItem, table: str | None, column: str) -> list[int]:
    """Places of the rowids (entries of an empty name) of the tables inside a parenthesised join."""
    if column not in ROWID_NAMES or item.entries is None:
        return []
    return [e.position for e in item.entries if e.column == "" and (table is None or e.table == table)]


def _add_match(
    item: ScopeItem, column: str, number: int, count: int, matches: list[BoundExpression], offset: int
) -> int:
    """Take one more candidate in, under the rules of USING; the new count."""
    if count > 0:
        if column not in item.using:
            matches.clear()
        elif item.source.join_type not in ("RIGHT", "FULL"):
            return count
        elif item.source.join_type == "RIGHT":
            count = 0
            matches.clear()
        else:
            matches.append(item.column(number, offset))
            return count
    matches.append(item.column(number, offset))
    return count + 1


def note_outer(scope: Scope, owner: Scope, reference: BoundColumn | BoundAggregate) -> None:
    """Note in every SELECT from `scope` up to, not including, `owner` that it reads `reference` from outside."""
    at: Scope | None = scope
    owner_select = owner.select
    while at is not None and at is not owner:
        if at.select is not None and at.select is not owner_select:
            known = at.select.outer_references
            if not any(_same_reference(one, reference) for one in known):
                known.append(reference)
        at = at.parent


def _same_reference(one: BoundColumn | BoundAggregate, other: BoundColumn | BoundAggregate) -> bool:
    if isinstance(one, BoundColumn) and isinstance(other, BoundColumn):
        return one.source is other.source and one.column == other.column
    return one is other
