"""The printer: a syntax tree back to SQL text that parses to the same tree.

1. Every compound operand is put in parentheses, which leave no trace in the tree; names are quoted where needed.
2. The text is canonical, not the user's: source texts and offsets of the tree are not looked at, but for what the
   tree keeps nowhere else (arguments of a virtual table).
3. A bare column named WITH comes back as `[with]`: after a parenthesis the bare word would begin a SELECT.
4. Recursive like the tree; the parser bounds the depth of what it makes, and the caller of a printer for deeper trees
   raises Python's recursion limit.

Must not know: the catalog.
"""

from __future__ import annotations

from keelback_core.compiler.sql.ast.alter import (
    AstAddColumn,
    AstAddConstraint,
    AstAlterColumn,
    AstDrop,
    AstDropColumn,
    AstDropConstraint,
    AstDropNotNull,
    AstRenameColumn,
    AstRenameTable,
    AstSetNotNull,
)
from keelback_core.compiler.sql.ast.constraints import (
    AstCheck,
    AstColumnCollation,
    AstConstraint,
    AstDefault,
    AstForeignKey,
    AstGenerated,
    AstNotNull,
    AstNull,
    AstPrimaryKey,
    AstUnique,
)
from keelback_core.compiler.sql.ast.ddl import (
    AstColumnDefinition,
    AstCreateIndex,
    AstCreateTable,
    AstCreateTrigger,
    AstCreateView,
    AstCreateVirtualTable,
)
from keelback_core.compiler.sql.ast.dml import AstAssignment, AstDelete, AstInsert, AstTarget, AstUpdate, AstUpsert
from keelback_core.compiler.sql.ast.expressions import AstColumnRef, AstExpression, AstLiteral, AstUnary
from keelback_core.compiler.sql.ast.node import AstStatement
from keelback_core.compiler.sql.ast.other import (
    AstAnalyze,
    AstAttach,
    AstBegin,
    AstCommit,
    AstDetach,
    AstExplain,
    AstPragma,
    AstReindex,
    AstRelease,
    AstRollback,
    AstSavepoint,
    AstVacuum,
)
from keelback_core.compiler.sql.ast.select import AstResultColumn, AstSelect, AstStar
from keelback_core.compiler.sql.print_query import (
    names,
    optional,
    order_terms,
    print_expression,
    print_from,
    print_name,
    print_result_columns,
    print_select,
    print_with,
    qualified,
    quoted_string,
)

__all__ = ["print_expression", "print_name", "print_statement"]


def print_statement(statement: AstStatement) -> str:
    """The SQL text of a statement, without a semicolon at its end."""
    if isinstance(statement, AstSelect):
        return print_select(statement)
    if isinstance(statement, AstExplain):
        return ("EXPLAIN QUERY PLAN " if statement.is_query_plan else "EXPLAIN ") + print_statement(statement.statement)
    for printer in (_print_change, _print_create, _print_alter, _print_transaction, _print_maintenance):
        text = printer(statement)
        if text:
            return text
    raise AssertionError(f"no printer for {type(statement).__name__}")


# rows


def _print_change(statement: AstStatement) -> str:
    if isinstance(statement, AstInsert):
        return _print_insert(statement)
    if isinstance(statement, AstUpdate):
        text = print_with(statement.with_clause) + "UPDATE " + _or_conflict(statement.conflict)
        text += _print_target(statement.target) + " SET " + _print_assignments(statement.assignments)
        if statement.from_items:
            text += " FROM " + print_from(statement.from_items)
        return text + optional(" WHERE ", statement.where) + _print_returning(statement.returning)
    if isinstance(statement, AstDelete):
        text = print_with(statement.with_clause) + "DELETE FROM " + _print_target(statement.target)
        return text + optional(" WHERE ", statement.where) + _print_returning(statement.returning)
    return ""


def _or_conflict(conflict: str) -> str:
    return f"OR {conflict} " if conflict else ""


def _on_conflict(conflict: str) -> str:
    return f" ON CONFLICT {conflict}" if conflict else ""


def _print_target(target: AstTarget) -> str:
    text = qualified(target.schema, target.name)
    if target.alias is not None:
        text += " AS " + print_name(target.alias)
    if target.indexed_by is not None:
        text += " INDEXED BY " + print_name(target.indexed_by)
    return text + (" NOT INDEXED" if target.is_not_indexed else "")


def _print_returning(returning: tuple[AstResultColumn | AstStar, ...]) -> str:
    return " RETURNING " + print_result_columns(returning) if returning else ""


def _print_assignments(assignments: tuple[AstAssignment, ...]) -> str:
    parts: list[str] = []
    for assignment in assignments:
        columns = names(assignment.columns)
        parts.append((f"({columns})" if assignment.is_row else columns) + " = " + print_expression(assignment.value))
    return ", ".join(parts)


def _print_insert(insert: AstInsert) -> str:
    text = print_with(insert.with_clause) + "INSERT " + _or_conflict(insert.conflict)
    text += "INTO " + _print_target(insert.target)
    if insert.columns is not None:
        text += f" ({names(insert.columns)})"
    text += " DEFAULT VALUES" if insert.source is None else " " + print_select(insert.source)
    for upsert in insert.upserts:
        text += _print_upsert(upsert)
    return text + _print_returning(insert.returning)


def _print_upsert(upsert: AstUpsert) -> str:
    text = " ON CONFLICT"
    if upsert.target:
        text += f" ({order_terms(upsert.target)})" + optional(" WHERE ", upsert.target_where)
    if upsert.assignments is None:
        return text + " DO NOTHING"
    return text + " DO UPDATE SET " + _print_assignments(upsert.assignments) + optional(" WHERE ", upsert.where)


# CREATE


def _print_create(statement: AstStatement) -> str:
    if isinstance(statement, AstCreateTable):
        return _print_create_table(statement)
    if isinstance(statement, AstCreateIndex):
        text = "CREATE UNIQUE INDEX " if statement.is_unique else "CREATE INDEX "
        text += _if_not_exists(statement.if_not_exists) + qualified(statement.schema, statement.name)
        text += f" ON {print_name(statement.table)} ({order_terms(statement.columns)})"
        return text + optional(" WHERE ", statement.where)
    if isinstance(statement, AstCreateView):
        text = "CREATE TEMP VIEW " if statement.is_temporary else "CREATE VIEW "
        text += _if_not_exists(statement.if_not_exists) + qualified(statement.schema, statement.name)
        if statement.columns:
            text += f" ({names(statement.columns)})"
        return text + " AS " + print_select(statement.select)
    if isinstance(statement, AstCreateTrigger):
        return _print_create_trigger(statement)
    if isinstance(statement, AstCreateVirtualTable):
        text = "CREATE VIRTUAL TABLE " + _if_not_exists(statement.if_not_exists)
        text += qualified(statement.schema, statement.name) + " USING " + print_name(statement.module)
        return text + (f"({', '.join(statement.arguments)})" if statement.arguments else "")
    return ""


def _if_not_exists(flag: bool) -> str:
    return "IF NOT EXISTS " if flag else ""


def _print_create_table(table: AstCreateTable) -> str:
    text = "CREATE TEMP TABLE " if table.is_temporary else "CREATE TABLE "
    text += _if_not_exists(table.if_not_exists) + qualified(table.schema, table.name)
    if table.select is not None:
        return text + " AS " + print_select(table.select)
    parts = [_print_column(column) for column in table.columns]
    for constraint in table.constraints:
        parts.append(_print_constraint(constraint, False))
    text += f" ({', '.join(parts)})"
    options: list[str] = []
    if table.is_without_rowid:
        options.append("WITHOUT ROWID")
    if table.is_strict:
        options.append("STRICT")
    return text + (" " + ", ".join(options) if options else "")


def _print_column(column: AstColumnDefinition) -> str:
    text = print_name(column.name)
    if column.type_text is not None:
        text += " " + _print_type(column.type_text)
    for constraint in column.constraints:
        text += " " + _print_constraint(constraint, True)
    return text


def _print_type(type_text: str) -> str:
    """A type as a quoted name, unless it is plain words: what was inside quotes need not be a type's syntax."""
    for character in type_text:
        if not (character.isalnum() and character.isascii()) and character != "_":
            if type_text.rstrip()[-1:] == ")":
                return type_text
            return '"' + type_text.replace('"', '""') + '"'
    return print_name(type_text)


def _print_constraint(constraint: AstConstraint, is_column: bool) -> str:
    if isinstance(constraint, AstPrimaryKey):
        text = _constraint_name(constraint.name) + "PRIMARY KEY"
        autoincrement = " AUTOINCREMENT" if constraint.is_autoincrement else ""
        if is_column:
            direction = f" {constraint.direction}" if constraint.direction else ""
            return text + direction + _on_conflict(constraint.conflict) + autoincrement
        return text + f" ({order_terms(constraint.columns)}{autoincrement})" + _on_conflict(constraint.conflict)
    if isinstance(constraint, AstUnique):
        text = _constraint_name(constraint.name) + "UNIQUE"
        if not is_column:
            text += f" ({order_terms(constraint.columns)})"
        return text + _on_conflict(constraint.conflict)
    if isinstance(constraint, AstNotNull):
        return _constraint_name(constraint.name) + "NOT NULL" + _on_conflict(constraint.conflict)
    if isinstance(constraint, AstNull):
        return _constraint_name(constraint.name) + "NULL" + _on_conflict(constraint.conflict)
    if isinstance(constraint, AstCheck):
        text = _constraint_name(constraint.name) + f"CHECK ({print_expression(constraint.expression)})"
        return text + _on_conflict(constraint.conflict)
    if isinstance(constraint, AstDefault):
        return _constraint_name(constraint.name) + "DEFAULT " + _print_default(constraint.expression)
    if isinstance(constraint, AstColumnCollation):
        return _constraint_name(constraint.name) + "COLLATE " + print_name(constraint.collation)
    if isinstance(constraint, AstGenerated):
        text = _constraint_name(constraint.name) + f"GENERATED ALWAYS AS ({print_expression(constraint.expression)})"
        return text + (f" {constraint.storage}" if constraint.storage else "")
    assert isinstance(constraint, AstForeignKey)
    return _constraint_name(constraint.name) + _print_foreign_key(constraint)


def _constraint_name(name: str | None) -> str:
    return "" if name is None else f"CONSTRAINT {print_name(name)} "


def _print_default(expression: AstExpression) -> str:
    if isinstance(expression, AstLiteral | AstColumnRef):
        return print_expression(expression)
    if isinstance(expression, AstUnary) and expression.operator in "+-" and isinstance(expression.operand, AstLiteral):
        return expression.operator + print_expression(expression.operand)
    return f"({print_expression(expression)})"


def _print_foreign_key(key: AstForeignKey) -> str:
    text = f"FOREIGN KEY ({names(key.columns)}) " if key.columns else ""
    text += "REFERENCES " + print_name(key.parent_table)
    if key.parent_columns:
        text += f" ({names(key.parent_columns)})"
    if key.on_delete:
        text += " ON DELETE " + key.on_delete
    if key.on_update:
        text += " ON UPDATE " + key.on_update
    if key.match is not None:
        text += " MATCH " + print_name(key.match)
    return text + (" " + key.deferral if key.deferral else "")


def _print_create_trigger(trigger: AstCreateTrigger) -> str:
    text = "CREATE TEMP TRIGGER " if trigger.is_temporary else "CREATE TRIGGER "
    text += _if_not_exists(trigger.if_not_exists) + qualified(trigger.schema, trigger.name)
    if trigger.time:
        text += " " + trigger.time
    text += " " + trigger.event
    if trigger.columns:
        text += " OF " + names(trigger.columns)
    text += " ON " + qualified(trigger.table_schema, trigger.table)
    if trigger.is_for_each_row:
        text += " FOR EACH ROW"
    text += optional(" WHEN ", trigger.when) + " BEGIN "
    for statement in trigger.body:
        text += print_statement(statement) + "; "
    return text + "END"


# DROP, ALTER


def _print_alter(statement: AstStatement) -> str:
    if isinstance(statement, AstDrop):
        exists = "IF EXISTS " if statement.if_exists else ""
        return f"DROP {statement.kind} {exists}{qualified(statement.schema, statement.name)}"
    if isinstance(statement, AstRenameTable):
        return _alter(statement.schema, statement.table) + "RENAME TO " + print_name(statement.new_name)
    if isinstance(statement, AstRenameColumn):
        change = f"RENAME COLUMN {print_name(statement.column)} TO {print_name(statement.new_name)}"
        return _alter(statement.schema, statement.table) + change
    if isinstance(statement, AstAddColumn):
        return _alter(statement.schema, statement.table) + "ADD COLUMN " + _print_column(statement.column)
    if isinstance(statement, AstDropColumn):
        return _alter(statement.schema, statement.table) + "DROP COLUMN " + print_name(statement.column)
    if isinstance(statement, AstAddConstraint):
        return _alter(statement.schema, statement.table) + "ADD " + _print_constraint(statement.constraint, False)
    if isinstance(statement, AstDropConstraint):
        return _alter(statement.schema, statement.table) + "DROP CONSTRAINT " + print_name(statement.name)
    if isinstance(statement, AstAlterColumn):
        change = f"ALTER COLUMN {print_name(statement.column)} TO " + _print_column(statement.definition)
        return _alter(statement.schema, statement.table) + change
    if isinstance(statement, AstSetNotNull):
        change = f"ALTER COLUMN {print_name(statement.column)} SET NOT NULL" + _on_conflict(statement.conflict)
        return _alter(statement.schema, statement.table) + change
    if isinstance(statement, AstDropNotNull):
        return _alter(statement.schema, statement.table) + f"ALTER COLUMN {print_name(statement.column)} DROP NOT NULL"
    return ""


def _alter(schema: str | None, table: str) -> str:
    return f"ALTER TABLE {qualified(schema, table)} "


# transactions and maintenance


def _print_transaction(statement: AstStatement) -> str:
    if isinstance(statement, AstBegin):
        return "BEGIN " + statement.mode if statement.mode else "BEGIN"
    if isinstance(statement, AstCommit):
        return "COMMIT"
    if isinstance(statement, AstRollback):
        return "ROLLBACK" if statement.savepoint is None else "ROLLBACK TO " + print_name(statement.savepoint)
    if isinstance(statement, AstSavepoint):
        return "SAVEPOINT " + print_name(statement.name)
    if isinstance(statement, AstRelease):
        return "RELEASE " + print_name(statement.name)
    return ""


def _print_maintenance(statement: AstStatement) -> str:
    if isinstance(statement, AstPragma):
        text = "PRAGMA " + qualified(statement.schema, statement.name)
        if statement.value is None:
            return text
        value = _print_pragma_value(statement.value)
        return text + (f"({value})" if statement.is_call else f" = {value}")
    if isinstance(statement, AstAttach):
        text = f"ATTACH DATABASE {print_expression(statement.file)} AS {print_expression(statement.schema)}"
        return text + optional(" KEY ", statement.key)
    if isinstance(statement, AstDetach):
        return "DETACH DATABASE " + print_expression(statement.schema)
    if isinstance(statement, AstAnalyze):
        return "ANALYZE" + ("" if statement.name is None else " " + qualified(statement.schema, statement.name))
    if isinstance(statement, AstReindex):
        return "REINDEX" + ("" if statement.name is None else " " + qualified(statement.schema, statement.name))
    if isinstance(statement, AstVacuum):
        text = "VACUUM" if statement.schema is None else "VACUUM " + print_name(statement.schema)
        return text + optional(" INTO ", statement.into)
    return ""


def _print_pragma_value(value: str) -> str:
    return value if value[:1] == "-" and value[1:].isdigit() else quoted_string(value)
