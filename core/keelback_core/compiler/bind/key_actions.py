"""What ON DELETE and ON UPDATE of a foreign key do, written as the trigger on the parent that does it.

Source: https://sqlite.org/foreignkeys.html#fk_actions
"""

from __future__ import annotations

from keelback_core.compiler.catalog.model import ROWID, Trigger
from keelback_core.compiler.sql.ast import (
    AstAssignment,
    AstBinary,
    AstColumnRef,
    AstCreateTrigger,
    AstDelete,
    AstFromItem,
    AstLiteral,
    AstRaise,
    AstResultColumn,
    AstSelect,
    AstSelectCore,
    AstTableSource,
    AstTarget,
    AstUnary,
    AstUpdate,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from keelback_core.compiler.bind.foreign_keys import BoundForeignKey
    from keelback_core.compiler.catalog.model import Column, Table
    from keelback_core.compiler.sql.ast import AstExpression, AstStatement

NULL: Final = AstLiteral("null", None, "NULL")


def action_trigger(bound: BoundForeignKey, is_update: bool, defers: bool) -> Trigger | None:
    """The action as a trigger; None for NO ACTION, and for RESTRICT while keys are deferred."""
    action = bound.key.on_update if is_update else bound.key.on_delete
    if action in ("", "NO ACTION") or (action == "RESTRICT" and defers):
        return None
    where: AstExpression | None = None
    unchanged: AstExpression | None = None
    assignments = []
    for child_number, parent_number in zip(bound.child_columns, bound.parent_columns, strict=True):
        child = _column(bound.child, child_number)
        parent = _column(bound.parent, parent_number)
        # The old value stands on the left, so that affinity and collation of the parent count.
        where = _and(where, AstBinary("=", _row_column("old", parent), _own_column(child)))
        unchanged = _and(unchanged, AstBinary("IS", _row_column("old", parent), _row_column("new", parent)))
        assignments.append(AstAssignment((child.name,), False, _new_value(action, child, parent)))
    assert where is not None and unchanged is not None
    step: AstStatement
    if action == "RESTRICT":
        step = _refusal(bound.child, where)
    elif action == "CASCADE" and not is_update:
        step = AstDelete(None, _target(bound.child), where, ())
    else:
        step = AstUpdate(None, "", _target(bound.child), tuple(assignments), (), where, ())
    ast = AstCreateTrigger(
        None,
        "",
        False,
        False,
        "AFTER",
        "UPDATE" if is_update else "DELETE",
        (),
        None,
        bound.parent.name,
        True,
        AstUnary("NOT", unchanged) if is_update else None,
        (step,),
        "",
    )
    return Trigger("", bound.parent.database, ast, "", bound.key if action == "SET NULL" else None)


def _column(table: Table, number: int) -> Column:
    return table.columns[table.rowid_column if number == ROWID else number]


def _row_column(row: str, column: Column) -> AstExpression:
    return AstColumnRef(None, row, column.name, "[")


def _own_column(column: Column) -> AstExpression:
    return AstColumnRef(None, None, column.name, "[")


def _and(left: AstExpression | None, right: AstExpression) -> AstExpression:
    return right if left is None else AstBinary("AND", left, right)


def _new_value(action: str, child: Column, parent: Column) -> AstExpression:
    if action == "CASCADE":
        return _row_column("new", parent)
    if action == "SET DEFAULT" and child.default is not None and not child.generated:
        return child.default
    return NULL


def _target(table: Table) -> AstTarget:
    return AstTarget(None, table.name, None, None, False)


def _refusal(table: Table, where: AstExpression) -> AstSelect:
    """SELECT RAISE(ABORT, ...) FROM child WHERE ..."""
    text = "FOREIGN KEY constraint failed"
    column = AstResultColumn(AstRaise("ABORT", AstLiteral("string", text, text)), None, "")
    source = AstFromItem(AstTableSource(None, table.name, None, False), None, "", False, None, ())
    core = AstSelectCore(False, False, (column,), (source,), where, (), None, ())
    return AstSelect(None, (core,), (), (), None, None)
