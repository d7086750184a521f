"""Foreign keys resolved: which columns of the parent a key names, and the index that finds them.

Must not know: registers. Source: https://sqlite.org/foreignkeys.html
"""

from __future__ import annotations

from keelback_core.compiler.catalog.load_index import fold_collation
from keelback_core.compiler.catalog.model import ROWID, fold_name
from keelback_core.value.errors import SqlError
from keelback_core.value.result_codes import ERROR

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.compiler.catalog.catalog import Catalog
    from keelback_core.compiler.catalog.model import Index, Table
    from keelback_core.compiler.sql.ast import AstForeignKey


class BoundForeignKey:
    """A key with its parent found. index: the unique index over the parent's columns, None for the rowid.

    child_columns, parent_columns: numbers, in the order of the index's columns (ROWID for the rowid's column).
    """

    __slots__ = ("key", "child", "parent", "index", "child_columns", "parent_columns")

    def __init__(
        self,
        key: AstForeignKey,
        child: Table,
        parent: Table,
        index: Index | None,
        child_columns: tuple[int, ...],
        parent_columns: tuple[int, ...],
    ) -> None:
        self.key = key
        self.child = child
        self.parent = parent
        self.index = index
        self.child_columns = child_columns
        self.parent_columns = parent_columns


def find_parent(catalog: Catalog, child: Table, key: AstForeignKey) -> Table | None:
    """The parent table: one of the child's own schema."""
    return catalog.find_table(key.parent_table, catalog.schema_name(child.database))


def keys_to(catalog: Catalog, parent: Table) -> list[tuple[Table, AstForeignKey]]:
    """The keys that refer to a table, with their tables, newest first."""
    wanted = fold_name(parent.name)
    found: list[tuple[Table, AstForeignKey]] = []
    schema = catalog.schema(parent.database)
    if wanted not in schema.parent_names:
        return found
    for child in schema.tables.values():
        for key in child.foreign_keys:
            if fold_name(key.parent_table) == wanted:
                found.append((child, key))
    found.reverse()
    return found


def child_numbers(child: Table, key: AstForeignKey) -> tuple[int, ...]:
    """The child's columns in the order in which the key names them."""
    numbers = []
    for name in key.columns:
        number = child.column_number(name)
        assert number is not None
        numbers.append(ROWID if number == child.rowid_column else number)
    return tuple(numbers)


def find_key(child: Table, key: AstForeignKey, parent: Table) -> BoundForeignKey | None:
    """The key over its parent; None if no unique constraint of the parent fits."""
    children = child_numbers(child, key)
    if len(children) == 1 and parent.rowid_column >= 0:
        name = parent.columns[parent.rowid_column].name
        if not key.parent_columns or fold_name(key.parent_columns[0]) == fold_name(name):
            return BoundForeignKey(key, child, parent, None, children, (ROWID,))
    for index in parent.indexes:
        if len(index.columns) != len(children) or not index.is_unique or index.where is not None:
            continue
        columns = tuple(column.column for column in index.columns)
        if not key.parent_columns:
            if index.origin == "pk":
                return BoundForeignKey(key, child, parent, index, children, columns)
            continue
        ordered = _ordered_children(key, children, parent, index)
        if ordered is not None:
            return BoundForeignKey(key, child, parent, index, ordered, columns)
    return None


def _ordered_children(
    key: AstForeignKey, children: tuple[int, ...], parent: Table, index: Index
) -> tuple[int, ...] | None:
    """The child's columns in the order of the index, if it is over just the parent's columns that the key names."""
    named = [fold_name(name) for name in key.parent_columns]
    ordered = []
    for column in index.columns:
        number = parent.rowid_column if column.column == ROWID else column.column
        if number < 0:
            return None
        declared = parent.columns[number]
        if fold_collation(column.collation) != fold_collation(declared.collation):
            return None
        name = fold_name(declared.name)
        if name not in named:
            return None
        ordered.append(children[named.index(name)])
    return tuple(ordered)


def bind_key(child: Table, key: AstForeignKey, parent: Table) -> BoundForeignKey:
    """The key over its parent; SqlError if none of its constraints fits."""
    found = find_key(child, key, parent)
    if found is None:
        raise SqlError(ERROR, f'foreign key mismatch - "{child.name}" referencing "{key.parent_table}"')
    return found


def is_child_changed(child: Table, key: AstForeignKey, changed: set[int], rowid_changes: bool) -> bool:
    """Whether an UPDATE of these columns sets a column of the key."""
    return any(number in changed or (number == ROWID and rowid_changes) for number in child_numbers(child, key))


def is_parent_changed(parent: Table, key: AstForeignKey, changed: set[int], rowid_changes: bool) -> bool:
    """Whether an UPDATE of these columns of the parent sets a column that the key refers to."""
    named = [fold_name(name) for name in key.parent_columns]
    for number, column in enumerate(parent.columns):
        if number in changed or (number == parent.rowid_column and rowid_changes):
            if fold_name(column.name) in named if named else column.primary_key_position > 0:
                return True
    return False
