"""ALTER TABLE ... ADD COLUMN and DROP COLUMN.

1. An added column changes the stored text alone: rows that are too short read as its default.
2. A dropped column leaves the text from its own start to the next column's; the last one takes its comma with it.

Source: https://sqlite.org/lang_altertable.html#alter_table_add_column
"""

from __future__ import annotations

from keelback_core.compiler.bind.scope import column_of
from keelback_core.compiler.bind.table_rules import CHECKS, RuleBinder, table_source
from keelback_core.compiler.catalog.actions import ACTION_ALTER_TABLE
from keelback_core.compiler.catalog.load import is_constant_default
from keelback_core.compiler.catalog.model import ROWID_NAMES, fold_name
from keelback_core.compiler.catalog.settings import LIMIT_COLUMN
from keelback_core.compiler.emit.alter_authority import authorize_add_column, authorize_drop_column
from keelback_core.compiler.emit.alter_rows import emit_check_rows, emit_refuse_rows, emit_rewrite_without
from keelback_core.compiler.emit.alter_schema import (
    SchemaAlteration,
    authorize_alter,
    check_alterable,
    find_alterable,
)
from keelback_core.compiler.emit.column import default_value
from keelback_core.compiler.sql.ast import (
    AstCheck,
    AstColumnCollation,
    AstCurrentTime,
    AstDefault,
    AstForeignKey,
    AstGenerated,
    AstLiteral,
    AstNotNull,
    AstPrimaryKey,
    AstUnary,
    AstUnique,
)
from keelback_core.compiler.sql.token_error import TokenError
from keelback_core.program.opcodes import OP_HALT
from keelback_core.program.program import OutputColumn
from keelback_core.value.errors import SqlError
from keelback_core.value.result_codes import ERROR, ERROR_MISSING_COLLSEQ

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from keelback_core.compiler.bind.nodes import BoundExpression
    from keelback_core.compiler.catalog.model import Column, Table
    from keelback_core.compiler.emit.statement_context import StatementContext
    from keelback_core.compiler.sql.ast import (
        AstAddColumn,
        AstColumnDefinition,
        AstConstraint,
        AstDropColumn,
        AstExpression,
    )

CHECK_FAILED: Final = "CHECK constraint failed"
NOT_NULL_FAILED: Final = "NOT NULL constraint failed"
STRICT_CLASSES: Final[dict[str, tuple[type, ...]]] = {
    "INT": (int,),
    "INTEGER": (int,),
    "REAL": (int, float),
    "TEXT": (str,),
    "BLOB": (bytes,),
}


def _constraint(definition: AstColumnDefinition, kind: type[AstConstraint]) -> AstConstraint | None:
    """The last constraint of a kind."""
    found = None
    for constraint in definition.constraints:
        if isinstance(constraint, kind):
            found = constraint
    return found


def begin_add_column(context: StatementContext, ast: AstAddColumn) -> Table:
    """The table, which may get a column of this name."""
    table = find_alterable(context, ast.schema, ast.table)
    if table.kind == "virtual":
        raise SqlError(ERROR, "virtual tables may not be altered")
    if table.kind == "view":
        raise SqlError(ERROR, "Cannot add a column to a view")
    check_alterable(context.catalog, table)
    if table.column_number(ast.column.name) is not None:
        raise SqlError(ERROR, "duplicate column name: " + ast.column.name)
    return table


def emit_add_column(context: StatementContext, ast: AstAddColumn) -> None:
    """The program of ALTER TABLE ... ADD COLUMN."""
    table = begin_add_column(context, ast)
    definition = ast.column
    default = _constraint(definition, AstDefault)
    if isinstance(default, AstDefault) and not is_constant_default(default.expression):
        raise SqlError(ERROR, f"default value of column [{definition.name}] is not constant")
    authorize_alter(context.catalog, table)
    if _constraint(definition, AstPrimaryKey) is not None:
        raise SqlError(ERROR, "Cannot add a PRIMARY KEY column")
    if _constraint(definition, AstUnique) is not None:
        raise SqlError(ERROR, "Cannot add a UNIQUE column")
    if fold_name(definition.name) in ROWID_NAMES and not table.is_without_rowid:
        raise SqlError(ERROR, "cannot add rowid alias: " + definition.name)
    collation = _constraint(definition, AstColumnCollation)
    if isinstance(collation, AstColumnCollation) and not context.catalog.has_collation(collation.collation):
        raise SqlError(ERROR_MISSING_COLLSEQ, "no such collation sequence: " + collation.collation)
    alteration = SchemaAlteration(context, table)
    stored, tree, text = alteration.own_tree()
    # The column goes before the comma of the constraints, or before the closing parenthesis.
    place = text.starts[text.last_of(tree.columns[-1]) + 1]
    stored.set_text(f"{text.text[:place]}, {ast.column_text}{text.text[place:]}")
    altered = alteration.check_own("after add column")
    authorize_add_column(context.catalog, table, _is_checked(altered, definition))
    context.need_write(table.database)
    if len(table.columns) >= context.catalog.settings.limits[LIMIT_COLUMN]:
        raise SqlError(ERROR, "too many columns on sqlite_altertab_" + table.name)
    message = _refusal(context, definition)
    if message:
        emit_refuse_rows(context, table, ERROR, message)
        # SQLite runs a SELECT for it, which gives the statement a column.
        context.output = (OutputColumn(f"raise(ABORT,'{message}')"),)
    _emit_checks(context, altered, definition)
    alteration.emit_rows()
    context.builder.emit(OP_HALT)


def _refusal(context: StatementContext, definition: AstColumnDefinition) -> str:
    """Why the column cannot be added to a table with rows, "" if it can."""
    generated = _constraint(definition, AstGenerated)
    if isinstance(generated, AstGenerated):
        return "cannot add a STORED column" if generated.storage.upper() == "STORED" else ""
    default = _constraint(definition, AstDefault)
    expression = default.expression if isinstance(default, AstDefault) else None
    if isinstance(expression, AstLiteral) and expression.value is None:
        expression = None
    if (
        context.catalog.settings.foreign_keys
        and expression is not None
        and _constraint(definition, AstForeignKey) is not None
    ):
        return "Cannot add a REFERENCES column with non-NULL default value"
    if _constraint(definition, AstNotNull) is not None and expression is None:
        return "Cannot add a NOT NULL column with default value NULL"
    if expression is not None and not _is_plain_value(expression):
        return "Cannot add a column with non-constant default"
    return ""


def _is_plain_value(expression: AstExpression) -> bool:
    """Whether a default is a literal with signs, which short rows can be read with."""
    while isinstance(expression, AstUnary) and expression.operator in ("-", "+"):
        expression = expression.operand
    if isinstance(expression, AstCurrentTime):
        return False
    name = getattr(expression, "column", None)
    return isinstance(expression, AstLiteral) or (isinstance(name, str) and name.lower() in ("true", "false"))


def _is_checked(altered: Table, definition: AstColumnDefinition) -> bool:
    column = altered.columns[-1]
    has_check = _constraint(definition, AstCheck) is not None
    return has_check or altered.is_strict or (bool(column.generated) and column.not_null is not None)


def _emit_checks(context: StatementContext, altered: Table, definition: AstColumnDefinition) -> None:
    """Hold the rows, with the new column, against CHECK, NOT NULL and STRICT."""
    column = altered.columns[-1]
    is_generated = bool(column.generated)
    if not _is_checked(altered, definition):
        return
    if altered.is_strict and not is_generated and not _fits(column):
        emit_refuse_rows(context, altered, ERROR, "type mismatch on DEFAULT")
    source = table_source(altered)
    binder = RuleBinder(context.catalog, source, altered.sql or "")
    binder.bind_virtual()
    conditions = [binder.bind(check.expression, CHECKS) for check in altered.checks]
    not_null: list[BoundExpression] = []
    if is_generated and column.not_null is not None:
        not_null.append(column_of(source, len(altered.columns) - 1))
    # A STRICT table checks the types of virtual columns when they are read.
    computed: list[BoundExpression] = []
    if altered.is_strict:
        computed = [column_of(source, number) for number in source.generated]
    emit_check_rows(context, source, conditions, not_null, ERROR, (CHECK_FAILED, NOT_NULL_FAILED), computed)


def _fits(column: Column) -> bool:
    """Whether the default of a column of a STRICT table is of its type."""
    value = default_value(column)
    classes = STRICT_CLASSES.get(column.declared_type.upper())
    return value is None or classes is None or isinstance(value, classes)


def emit_drop_column(context: StatementContext, ast: AstDropColumn) -> None:
    """The program of ALTER TABLE ... DROP COLUMN."""
    catalog = context.catalog
    table = find_alterable(context, ast.schema, ast.table)
    check_alterable(context.catalog, table)
    if table.kind != "table":
        kind = "view" if table.kind == "view" else "virtual table"
        raise SqlError(ERROR, f'cannot drop column from {kind} "{table.name}"')
    number = table.column_number(ast.column)
    if number is None:
        raise TokenError('no such column: "', "column", ast.column, '"')
    column = table.columns[number]
    alteration = SchemaAlteration(context, table)
    stored, tree, text = alteration.own_tree()
    is_unique = any(isinstance(constraint, AstUnique) for constraint in tree.columns[number].constraints)
    if column.primary_key_position or is_unique:
        kind = "PRIMARY KEY" if column.primary_key_position else "UNIQUE"
        raise SqlError(ERROR, f'cannot drop {kind} column: "{ast.column}"')
    if len(table.columns) == 1:
        raise SqlError(ERROR, f'cannot drop column "{ast.column}": no other columns exist')
    alteration.check_before()
    catalog.authorize(ACTION_ALTER_TABLE, catalog.schema_name(table.database), table.name, column.name)
    authorize_drop_column(catalog, table)
    alteration.unquote_strings()
    stored, tree, text = alteration.own_tree()
    if number + 1 < len(tree.columns):
        start, end = tree.columns[number].start, tree.columns[number + 1].start
    else:
        # SQLite looks for the comma in the characters, comments included.
        start = tree.columns[number].start
        while text.text[start] != ",":
            start -= 1
        end = text.starts[text.last_of(tree.columns[number]) + 1]
    stored.set_text(text.text[:start] + text.text[end:])
    alteration.open_temporary()
    alteration.check_after("after drop column", False)
    context.need_write(table.database)
    if column.generated != "VIRTUAL":
        emit_rewrite_without(context, table, number)
    alteration.emit_rows()
    context.builder.emit(OP_HALT)
