"""Which tokens of a stored text name a table, or a column of it.

Names in expressions and in FROM come from binding (Mentions); names in lists (keys, INSERT columns, SET, UPDATE OF)
are read from the tree and found among the tokens behind it.

Must not know: registers. Source: https://sqlite.org/lang_altertable.html
"""

from __future__ import annotations

from keelback_core.compiler.catalog.model import ROWID, ROWID_NAMES, fold_name
from keelback_core.compiler.sql.ast import (
    AstCollate,
    AstColumnRef,
    AstCreateIndex,
    AstCreateTable,
    AstCreateTrigger,
    AstDelete,
    AstForeignKey,
    AstInsert,
    AstLiteral,
    AstPrimaryKey,
    AstStar,
    AstTableSource,
    AstUnique,
    AstUpdate,
    walk,
)
from keelback_core.compiler.sql.keywords import K_AS
from keelback_core.compiler.sql.tokens import T_LEFT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.compiler.bind.mentions import Mentions
    from keelback_core.compiler.catalog.catalog import Catalog
    from keelback_core.compiler.catalog.model import Table
    from keelback_core.compiler.sql.ast import AstConstraint, AstOrderTerm, AstStatement, AstTarget
    from keelback_core.compiler.sql.stored_text import StoredText


def _is_same(one: Table | None, other: Table) -> bool:
    return one is not None and one.database == other.database and one.name == other.name


def _means(catalog: Catalog, target: AstTarget, table: Table) -> bool:
    return _is_same(catalog.find_table(target.name, target.schema), table)


def _constraints(ast: AstCreateTable) -> list[AstConstraint]:
    found = list(ast.constraints)
    for column in ast.columns:
        found += column.constraints
    return found


# The table's name


def mark_table(
    text: StoredText, ast: AstStatement | None, mentions: Mentions | None, table: Table, catalog: Catalog
) -> None:
    """Mark the tokens that name the table; without mentions only those that PRAGMA legacy_alter_table changes."""
    name = fold_name(table.name)
    is_legacy = mentions is None
    for reference, column in () if mentions is None else mentions.columns:
        if reference.table is not None and fold_name(reference.table) == name:
            # An alias that is spelled like the table stays.
            if column.source.alias is None and _is_same(column.source.table, table):
                text.mark_if(text.last_of(reference) - 2, name)
    for node, found in () if mentions is None else mentions.tables:
        if not _is_same(found, table):
            continue
        if isinstance(node, AstTableSource) and node.start >= 0:
            text.mark_source(node.start)
        elif isinstance(node, AstStar) and node.table is not None:
            text.mark_if(text.index_at(node.start), name)
    if isinstance(ast, AstCreateTable) and (not is_legacy or catalog.settings.foreign_keys):
        for constraint in _constraints(ast):
            if isinstance(constraint, AstForeignKey):
                text.mark_key(constraint.start, None, name, None)
    elif isinstance(ast, AstCreateIndex) and fold_name(ast.table) == name:
        text.mark(text.table_after_on())
    elif isinstance(ast, AstCreateTrigger):
        if _is_same(catalog.find_table(ast.table, ast.table_schema), table):
            text.mark(text.table_after_on())
    if ast is None or is_legacy:
        return
    for node in walk(ast):
        # The table of `x IN table` is left alone, which SQLite then finds missing after the rename.
        if isinstance(node, AstInsert) and _means(catalog, node.target, table):
            text.mark(text.target_of(node.start))
        elif isinstance(node, (AstUpdate, AstDelete)) and _means(catalog, node.target, table):
            text.mark_source(node.target.start)


# A column's name


def mark_column(
    text: StoredText, ast: AstStatement | None, mentions: Mentions, table: Table, number: int, catalog: Catalog
) -> None:
    """Mark the tokens that name a column of the table."""
    name = fold_name(table.columns[number].name)
    wanted = ROWID if number == table.rowid_column else number
    for reference, column in mentions.columns:
        if column.column == wanted and _is_same(column.source.table, table):
            # The rowid under another of its names becomes this column too, as in SQLite.
            if fold_name(reference.column) == name or (wanted == ROWID and fold_name(reference.column) in ROWID_NAMES):
                text.mark(text.last_of(reference))
    if isinstance(ast, AstCreateTable):
        _mark_in_table(text, ast, table, name)
    elif isinstance(ast, AstCreateIndex):
        if fold_name(ast.table) == fold_name(table.name):
            _mark_terms(text, ast.columns, name)
    elif isinstance(ast, AstCreateTrigger):
        if ast.columns and _is_same(catalog.find_table(ast.table, ast.table_schema), table):
            text.update_columns(name)
    if ast is None:
        return
    for node in walk(ast):
        if isinstance(node, AstInsert) and _means(catalog, node.target, table):
            _mark_in_insert(text, node, name)
        elif isinstance(node, AstUpdate) and _means(catalog, node.target, table):
            for assignment in node.assignments:
                _mark_assignment(text, assignment.start, assignment.is_row, name)


def _mark_in_table(text: StoredText, ast: AstCreateTable, table: Table, name: str) -> None:
    is_own = fold_name(ast.name) == fold_name(table.name)
    parent = fold_name(table.name)
    if is_own:
        for column in ast.columns:
            text.mark_if(text.index_at(column.start), name)
    for constraint in _constraints(ast):
        if isinstance(constraint, AstForeignKey):
            is_parent = fold_name(constraint.parent_table) == parent
            text.mark_key(constraint.start, name if is_own else None, None, name if is_parent else None)
        elif is_own and isinstance(constraint, (AstPrimaryKey, AstUnique)):
            _mark_terms(text, constraint.columns, name)


def _mark_terms(text: StoredText, terms: tuple[AstOrderTerm, ...], name: str) -> None:
    for term in terms:
        expression = term.expression
        while isinstance(expression, AstCollate):
            expression = expression.operand
        if isinstance(expression, (AstColumnRef, AstLiteral)):
            text.mark_if(text.index_at(expression.start), name)


def _mark_in_insert(text: StoredText, ast: AstInsert, name: str) -> None:
    if ast.columns is not None:
        index = text.target_of(ast.start) + 1
        if text.kinds[index] == K_AS:
            index += 2
        if text.kinds[index] == T_LEFT:
            text.mark_list(index, name)
    for upsert in ast.upserts:
        _mark_terms(text, upsert.target, name)
        for assignment in upsert.assignments or ():
            _mark_assignment(text, assignment.start, assignment.is_row, name)


def _mark_assignment(text: StoredText, start: int, is_row: bool, name: str) -> None:
    index = text.index_at(start)
    if is_row:
        text.mark_list(index, name)
    else:
        text.mark_if(index, name)
