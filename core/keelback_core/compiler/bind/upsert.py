"""Binding ON CONFLICT ... DO: which constraint a clause is for, and what it does.

Must not know: registers. Source: https://sqlite.org/lang_upsert.html
"""

from __future__ import annotations

from keelback_core.compiler.bind.columns import EXCLUDED
from keelback_core.compiler.bind.expressions import bind_scalar
from keelback_core.compiler.bind.nodes import BoundCollate, BoundColumn
from keelback_core.compiler.bind.scope import Scope, ScopeItem
from keelback_core.compiler.bind.table_rules import RuleBinder, bind_table_rules, table_source
from keelback_core.compiler.bind.update import bind_assignments
from keelback_core.compiler.bind.walk import equal_expressions
from keelback_core.compiler.catalog.load import as_bare_row
from keelback_core.compiler.catalog.load_index import fold_collation
from keelback_core.compiler.catalog.model import EXPRESSION, ROWID, fold_name
from keelback_core.value.errors import SqlError
from keelback_core.value.result_codes import ERROR

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from keelback_core.compiler.bind.context import BindContext
    from keelback_core.compiler.bind.nodes import BoundExpression, BoundSource, BoundSubquery
    from keelback_core.compiler.bind.table_rules import BoundTableRules
    from keelback_core.compiler.catalog.model import Index, Table
    from keelback_core.compiler.sql.ast import AstInsert, AstUpsert

# Which constraint a clause is for: the position of an index, or one of these.
TARGET_ROWID: Final = -1
TARGET_ANY: Final = -2


class BoundUpsert:
    """One clause. target: see above. values: None for DO NOTHING, else column number to new value, which with `where`
    reads the stored row (`source`) and the row that was to be inserted (`excluded`). new: rules of the updated row."""

    __slots__ = ("target", "values", "changed", "where", "source", "excluded", "new")

    def __init__(
        self,
        target: int,
        values: dict[int, BoundExpression | tuple[BoundSubquery, int]] | None,
        changed: frozenset[str],
        where: BoundExpression | None,
        source: BoundSource,
        excluded: BoundSource,
        new: BoundTableRules,
    ) -> None:
        self.target = target
        self.values = values
        self.changed = changed
        self.where = where
        self.source = source
        self.excluded = excluded
        self.new = new


def bind_upserts(
    context: BindContext, ast: AstInsert, table: Table, item: ScopeItem, has_rowid: bool
) -> tuple[BoundUpsert, ...]:
    """The ON CONFLICT clauses of an INSERT; `item` is the target under its alias. has_rowid: the new rows bring their
    rowids with them."""
    # All targets first: of several errors theirs are told.
    targets: list[int] = []
    for number, clause in enumerate(ast.upserts):
        target = TARGET_ANY
        if clause.target:
            which = "" if len(ast.upserts) == 1 else _ordinal(number + 1) + " "
            target = _find_target(context, clause, table, item, which)
        targets.append(target)
    reached = _reached(targets, table, has_rowid)
    return tuple(
        _bind_clause(context, clause, table, item, target, is_reached or context.only_resolves)
        for clause, target, is_reached in zip(ast.upserts, targets, reached, strict=True)
    )


def _reached(targets: list[int], table: Table, has_rowid: bool) -> list[bool]:
    """Whether some constraint may be violated that a clause is for and none before it: SQLite does not look at what the
    others do."""
    left = {position for position, index in enumerate(table.indexes) if index.is_unique}
    if has_rowid:
        left.add(TARGET_ROWID)
    found: list[bool] = []
    for target in targets:
        found.append(bool(left) if target == TARGET_ANY else target in left)
        left.discard(target)
    return found


def _ordinal(number: int) -> str:
    if number % 100 in (11, 12, 13):
        return f"{number}th"
    return str(number) + {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")


def _bind_clause(
    context: BindContext, clause: AstUpsert, table: Table, item: ScopeItem, target: int, is_reached: bool
) -> BoundUpsert:
    excluded = _excluded_item(context, table)
    scope = Scope(Scope(context.trigger_scope, [excluded]), [item])
    values = None
    changed: frozenset[str] = frozenset()
    where = None
    if clause.assignments is not None and is_reached:
        changed = frozenset(fold_name(name) for assignment in clause.assignments for name in assignment.columns)
        values = bind_assignments(context, scope, table, clause.assignments)
        if clause.where is not None:
            where = bind_scalar(context, clause.where, scope)
    new = bind_table_rules(context.catalog, table, True)
    return BoundUpsert(target, values, changed, where, item.source, excluded.source, new)


def _excluded_item(context: BindContext, table: Table) -> ScopeItem:
    """The row that was to be inserted; its columns are known as excluded.x only: values in registers, which SQLite
    compares without an affinity or a collation of their own."""
    names = tuple(column.name for column in table.columns)
    schema = context.catalog.schema_name(table.database)
    return ScopeItem(table_source(as_bare_row(table), EXCLUDED), schema, names, not table.is_without_rowid)


def _find_target(context: BindContext, clause: AstUpsert, table: Table, item: ScopeItem, which: str) -> int:
    """The constraint that the conflict target names."""
    for term in clause.target:
        if term.nulls:
            raise SqlError(ERROR, f"unsupported use of NULLS {term.nulls}")
    scope = Scope(None, [item])
    terms = [bind_scalar(context, term.expression, scope) for term in clause.target]
    where = None if clause.target_where is None else bind_scalar(context, clause.target_where, scope)
    if context.only_resolves:
        return TARGET_ANY
    if len(terms) == 1 and isinstance(terms[0], BoundColumn) and terms[0].column == ROWID:
        return TARGET_ROWID
    binder = RuleBinder(context.catalog, item.source)
    for position, index in enumerate(table.indexes):
        if index.is_unique and len(index.columns) == len(terms) and _matches(binder, index, terms, where):
            return position
    raise SqlError(ERROR, f"{which}ON CONFLICT clause does not match any PRIMARY KEY or UNIQUE constraint")


def _matches(binder: RuleBinder, index: Index, terms: list[BoundExpression], where: BoundExpression | None) -> bool:
    expressions, condition = binder.bind_index(index)
    if condition is not None and (where is None or not equal_expressions(where, condition)):
        return False
    for column, expression in zip(index.columns, expressions, strict=True):
        if column.column == ROWID:
            # As in SQLite: an index that holds the rowid is no target.
            return False
        if not any(_is_term(term, column.column, column.collation, expression) for term in terms):
            return False
    return True


def _is_term(term: BoundExpression, column: int, collation: str, expression: BoundExpression | None) -> bool:
    """Whether a term of the target is this index column; a collation matters only when it is given."""
    if isinstance(term, BoundCollate):
        if fold_collation(term.collation) != fold_collation(collation):
            return False
        term = term.operand
    if column == EXPRESSION:
        inner = expression.operand if isinstance(expression, BoundCollate) else expression
        return inner is not None and equal_expressions(term, inner)
    return isinstance(term, BoundColumn) and term.column == column
