"""ALTER TABLE ... ADD [CONSTRAINT] CHECK, DROP CONSTRAINT, ALTER COLUMN SET and DROP NOT NULL.

1. Only the text of the table changes; a new condition is first held against the rows.
2. A removed constraint takes along the space before it, and one comma where it stood between commas.

Source: https://sqlite.org/lang_altertable.html
"""

from __future__ import annotations

from keelback_core.compiler.bind.scope import column_of
from keelback_core.compiler.bind.table_rules import CHECKS, RuleBinder, table_source
from keelback_core.compiler.catalog.model import fold_name
from keelback_core.compiler.emit.alter_rows import emit_check_rows
from keelback_core.compiler.emit.alter_schema import (
    SchemaAlteration,
    authorize_alter,
    check_alterable,
    find_alterable,
)
from keelback_core.compiler.sql.ast import AstCheck, AstForeignKey, AstNotNull
from keelback_core.compiler.sql.keywords import (
    K_CHECK,
    K_CONSTRAINT,
    K_FOREIGN,
    K_NOT,
    K_NULL,
    K_PRIMARY,
    K_REFERENCES,
    K_UNIQUE,
)
from keelback_core.compiler.sql.tokens import IS_NAME, T_COMMA, T_END, T_LEFT, T_RIGHT
from keelback_core.program.opcodes import OP_HALT
from keelback_core.program.program import OutputColumn
from keelback_core.value.errors import SqlError
from keelback_core.value.result_codes import CONSTRAINT, ERROR

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from keelback_core.compiler.catalog.model import Table
    from keelback_core.compiler.emit.statement_context import StatementContext
    from keelback_core.compiler.sql.ast import (
        AstAddConstraint,
        AstCreateTable,
        AstDropConstraint,
        AstDropNotNull,
        AstSetNotNull,
    )
    from keelback_core.compiler.sql.stored_text import StoredText

FAILED: Final = ("constraint failed", "constraint failed")
# SQLite runs a SELECT to check the rows, which gives the statement a column.
FAILING_COLUMN: Final = "sqlite_fail('constraint failed', 19)"
REMOVABLE: Final = (K_CHECK, K_NOT, K_REFERENCES, K_FOREIGN)
NOT_REMOVABLE: Final = (K_PRIMARY, K_UNIQUE, K_NULL)


def _editable(context: StatementContext, schema: str | None, name: str) -> Table:
    table = find_alterable(context, schema, name)
    check_alterable(context.catalog, table)
    if table.kind != "table":
        kind = "view" if table.kind == "view" else "virtual table"
        raise SqlError(ERROR, f'cannot edit constraints of {kind} "{table.name}"')
    authorize_alter(context.catalog, table)
    return table


def _named(text: StoredText, name: str) -> int:
    """The token CONSTRAINT before this name in the body of the table, -1 if there is none."""
    level = 0
    for index, kind in enumerate(text.kinds):
        if kind == T_LEFT:
            level += 1
        elif kind == T_RIGHT:
            level -= 1
        elif kind == K_CONSTRAINT and level == 1 and IS_NAME[text.kinds[index + 1]]:
            if fold_name(text.name_of(index + 1)) == fold_name(name):
                return index
    return -1


def _constraint_end(ast: AstCreateTable, start: int) -> int:
    """Where the constraint ends that begins at `start` with its first word."""
    constraints = list(ast.constraints)
    for column in ast.columns:
        constraints += column.constraints
    for constraint in constraints:
        if constraint.start == start and isinstance(constraint, (AstCheck, AstNotNull, AstForeignKey)):
            return constraint.end
    return -1


def _without(text: StoredText, first: int, end: int) -> str:
    """The text without the tokens from `first` up to the offset `end`, and without what stands around them."""
    following = text.index_at(end)
    start, end = text.ends[first - 1], text.starts[following]
    space = "" if text.kinds[following] in (T_COMMA, T_RIGHT) else " "
    if text.kinds[first - 1] == T_COMMA:
        if text.kinds[following] == T_COMMA:
            end = text.ends[following]
        elif text.kinds[following] == T_RIGHT:
            # A comment before the comma stays.
            start = text.starts[first - 1]
    return text.text[:start] + space + text.text[end:]


def emit_add_constraint(context: StatementContext, ast: AstAddConstraint) -> None:
    """The program of ALTER TABLE ... ADD [CONSTRAINT name] CHECK (...)."""
    table = _editable(context, ast.schema, ast.table)
    alteration = SchemaAlteration(context, table)
    stored, tree, text = alteration.own_tree()
    name = ast.constraint.name
    shown = FAILING_COLUMN if name is None else f"sqlite_fail('constraint {name} already exists', 1)"
    context.output = (OutputColumn(shown),)
    source = table_source(table)
    binder = RuleBinder(context.catalog, source, context.bind_context.sql, True)
    condition = binder.bind(ast.constraint.expression, CHECKS)
    RuleBinder(context.catalog, source, table.sql or "").bind_virtual()
    if name is not None and _named(text, name) >= 0:
        raise SqlError(ERROR, f"constraint {name} already exists")
    context.need_write(table.database)
    emit_check_rows(context, source, [condition], [], CONSTRAINT, FAILED)
    last = tree.constraints[-1] if tree.constraints else tree.columns[-1]
    index = text.last_of(last)
    while text.kinds[index] not in (T_RIGHT, T_END) or index == text.last_of(last):
        index += 1
    place = text.starts[index]
    stored.set_text(f"{text.text[:place]}, {ast.constraint_text}{text.text[place:]}")
    _finish(alteration)


def emit_drop_constraint(context: StatementContext, ast: AstDropConstraint) -> None:
    """The program of ALTER TABLE ... DROP CONSTRAINT."""
    table = _editable(context, ast.schema, ast.table)
    alteration = SchemaAlteration(context, table)
    stored, tree, text = alteration.own_tree()
    index = _named(text, ast.name)
    if index < 0:
        raise SqlError(ERROR, "no such constraint: " + ast.name)
    kind = text.kinds[index + 2]
    if kind in NOT_REMOVABLE:
        raise SqlError(ERROR, "constraint may not be dropped: " + ast.name)
    end = _constraint_end(tree, text.starts[index + 2]) if kind in REMOVABLE else text.ends[index + 1]
    stored.set_text(_without(text, index, end))
    _finish(alteration)


def _column(table: Table, name: str) -> int:
    number = table.column_number(name)
    if number is None:
        raise SqlError(ERROR, "no such column: " + name)
    return number


def _drop_not_null(alteration: SchemaAlteration, number: int) -> None:
    """Take the first NOT NULL of the column out of the text."""
    stored, tree, text = alteration.own_tree()
    for constraint in tree.columns[number].constraints:
        if isinstance(constraint, AstNotNull):
            first = text.index_at(constraint.start)
            while text.kinds[first - 2] == K_CONSTRAINT:
                first -= 2
            stored.set_text(_without(text, first, constraint.end))
            return


def emit_set_not_null(context: StatementContext, ast: AstSetNotNull) -> None:
    """The program of ALTER TABLE ... ALTER COLUMN ... SET NOT NULL."""
    table = _editable(context, ast.schema, ast.table)
    number = _column(table, ast.column)
    context.need_write(table.database)
    context.output = (OutputColumn(FAILING_COLUMN),)
    source = table_source(table)
    RuleBinder(context.catalog, source, table.sql or "").bind_virtual()
    emit_check_rows(context, source, [], [column_of(source, number)], CONSTRAINT, FAILED)
    alteration = SchemaAlteration(context, table)
    _drop_not_null(alteration, number)
    stored, tree, text = alteration.own_tree()
    place = text.starts[text.last_of(tree.columns[number]) + 1]
    stored.set_text(f"{text.text[:place]} {ast.constraint_text}{text.text[place:]}")
    _finish(alteration)


def emit_drop_not_null(context: StatementContext, ast: AstDropNotNull) -> None:
    """The program of ALTER TABLE ... ALTER COLUMN ... DROP NOT NULL."""
    table = _editable(context, ast.schema, ast.table)
    number = _column(table, ast.column)
    alteration = SchemaAlteration(context, table)
    _drop_not_null(alteration, number)
    _finish(alteration)


def _finish(alteration: SchemaAlteration) -> None:
    alteration.emit_rows()
    alteration.context.builder.emit(OP_HALT)
