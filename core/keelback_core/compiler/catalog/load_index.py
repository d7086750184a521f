"""CREATE INDEX to an Index of its table.

Must not know: storage. Source: https://sqlite.org/lang_createindex.html.
"""

from __future__ import annotations

from keelback_core.compiler.catalog.model import (
    EXPRESSION,
    ROWID,
    ROWID_SUFFIX,
    Index,
    IndexColumn,
    Table,
    fold_name,
)
from keelback_core.compiler.sql.ast import (
    AstCollate,
    AstColumnRef,
    AstLiteral,
)
from keelback_core.value.errors import SqlError
from keelback_core.value.key import BUILTIN_COLLATIONS
from keelback_core.value.result_codes import ERROR

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.compiler.sql.ast import (
        AstCreateIndex,
        AstExpression,
        AstOrderTerm,
    )


class KeyConstraint:
    """A PRIMARY KEY or UNIQUE that needs an index: key columns, conflict action, origin "pk" or "u"."""

    __slots__ = ("columns", "conflict", "origin")

    def __init__(self, columns: tuple[IndexColumn, ...], conflict: str, origin: str) -> None:
        self.columns = columns
        self.conflict = conflict
        self.origin = origin


def without_duplicates(columns: tuple[IndexColumn, ...]) -> tuple[IndexColumn, ...]:
    """The columns of a primary key without those that come again under the same collation."""
    kept: tuple[IndexColumn, ...] = ()
    for column in columns:
        if missing_columns((column,), kept):
            kept += (column,)
    return kept


def missing_columns(wanted: tuple[IndexColumn, ...], columns: tuple[IndexColumn, ...]) -> tuple[IndexColumn, ...]:
    """Those of the wanted columns that are not among the others under the same collation."""
    return tuple(
        want
        for want in wanted
        if not any(
            want.column == column.column and fold_collation(want.collation) == fold_collation(column.collation)
            for column in columns
        )
    )


def settle_replacing(ranked: list[KeyConstraint]) -> None:
    """Newest first, but keys whose conflict action is REPLACE last: move the first of those back to the next of them.

    A key that came to be REPLACE only by merging with a later one stays before the others, as in SQLite.
    """
    for place, key in enumerate(ranked):
        if key.conflict == "REPLACE":
            while place + 1 < len(ranked) and ranked[place + 1].conflict != "REPLACE":
                ranked[place], ranked[place + 1] = ranked[place + 1], ranked[place]
                place += 1
            return


def ordered_with(indexes: list[Index], index: Index) -> list[Index]:
    """The indexes with a newer one: newest first, but those whose conflict action is REPLACE last."""
    merged = [index, *indexes]
    return [item for item in merged if item.conflict != "REPLACE"] + [
        item for item in merged if item.conflict == "REPLACE"
    ]


def fold_collation(name: str) -> str:
    """A collation's name without case: ASCII letters in upper case."""
    return "".join(chr(ord(c) - 32) if "a" <= c <= "z" else c for c in name)


def collation_name(name: str) -> str:
    """The name under which the catalog keeps a collation: a built-in one in upper case, another as written."""
    upper = fold_collation(name)
    return upper if upper in BUILTIN_COLLATIONS else name


def column_name(expression: AstExpression) -> str | None:
    """The column that an expression names by itself; a string stands for a name, as in SQLite."""
    if isinstance(expression, AstColumnRef) and expression.table is None:
        return expression.column
    if isinstance(expression, AstLiteral) and expression.kind == "string":
        return str(expression.value)
    return None


def must_be_column(expression: AstExpression) -> bool:
    """Whether a term of an index can only be the name of a column: a text in single quotes counts as one too."""
    if isinstance(expression, AstLiteral):
        return expression.kind == "string"
    if not isinstance(expression, AstColumnRef) or expression.table is not None or expression.quote == '"':
        return False
    return fold_name(expression.column) not in ("true", "false")


def key_term(term: AstOrderTerm) -> tuple[AstExpression, str | None, str | None]:
    """What is indexed by a column of an index or of a constraint, without COLLATE; its name, if it is one; and the
    collation, if one is given. SqlError for NULLS FIRST and LAST."""
    if term.nulls:
        raise SqlError(ERROR, "unsupported use of NULLS " + term.nulls)
    expression = term.expression
    collation = None
    while isinstance(expression, AstCollate):
        collation = collation or collation_name(expression.collation)
        expression = expression.operand
    return expression, column_name(expression), collation


def load_index(ast: AstCreateIndex, table: Table, root: int, sql: str | None) -> Index:
    """The Index of a CREATE INDEX. Expressions are kept unbound; only plain names are looked up here."""
    columns: list[IndexColumn] = []
    for term in ast.columns:
        expression, name, collation = key_term(term)
        is_descending = term.direction == "DESC"
        number = None if name is None else table.column_number(name)
        if number is None and must_be_column(expression):
            raise SqlError(ERROR, f"no such column: {name}", expression.start)
        if number is None:
            columns.append(IndexColumn(EXPRESSION, term.expression, collation or "BINARY", is_descending))
        elif number == table.rowid_column:
            columns.append(IndexColumn(ROWID, None, collation or table.columns[number].collation, is_descending))
        else:
            columns.append(IndexColumn(number, None, collation or table.columns[number].collation, is_descending))
    suffix: tuple[IndexColumn, ...] = ROWID_SUFFIX
    if table.key_index is not None:
        suffix = missing_columns(table.key_index.columns, tuple(columns))
    return Index(ast.name, table.name, root, ast.is_unique, tuple(columns), ast.where, "c", "", sql, suffix)


def replace_indexes(table: Table, indexes: tuple[Index, ...]) -> Table:
    """The same table with other indexes."""
    changed = Table(
        table.kind,
        table.name,
        table.database,
        table.root,
        table.columns,
        table.rowid_column,
        table.rowid_conflict,
        table.is_autoincrement,
        table.is_without_rowid,
        table.is_strict,
        table.checks,
        table.foreign_keys,
        indexes,
        table.sql,
        table.select,
        table.view_columns,
    )
    if changed.key_index is None:
        changed.key_index = table.key_index
    changed.row_count = table.row_count
    changed.statistics_width = table.statistics_width
    return changed
