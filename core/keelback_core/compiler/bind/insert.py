"""Binding INSERT: which value goes to which column.

Must not know: registers. Source: https://sqlite.org/lang_insert.html
"""

from __future__ import annotations

from keelback_core.compiler.bind.columns_of_view import view_as_table
from keelback_core.compiler.bind.expressions import bind_scalar
from keelback_core.compiler.bind.from_clause import bind_table_expressions, table_item
from keelback_core.compiler.bind.returning import bind_returning
from keelback_core.compiler.bind.scope import ROWID_NAMES, Scope
from keelback_core.compiler.bind.table_rules import BoundTableRules, bind_table_rules, plain_rules
from keelback_core.compiler.bind.target import bind_target
from keelback_core.compiler.bind.upsert import bind_upserts
from keelback_core.compiler.bind.values_as_selects import unchecked_rows
from keelback_core.compiler.bind.with_clause import with_scope
from keelback_core.compiler.catalog.actions import ACTION_INSERT, ACTION_SELECT
from keelback_core.compiler.catalog.model import fold_name
from keelback_core.compiler.sql.ast import AstValues
from keelback_core.value.errors import SqlError
from keelback_core.value.result_codes import ERROR

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.compiler.bind.context import BindContext
    from keelback_core.compiler.bind.nodes import BoundExpression, BoundResultColumn, BoundSelect
    from keelback_core.compiler.bind.table_rules import BoundTableRules
    from keelback_core.compiler.bind.upsert import BoundUpsert
    from keelback_core.compiler.catalog.model import Table
    from keelback_core.compiler.sql.ast import AstExpression, AstInsert


class BoundInsert:
    """An INSERT.

    places: per column of the table the position of its value in a source row, -1 for the default. rowid_place: the
    position of the rowid, -1 if it is made up. single_row: the values of VALUES with one row; else `select`; neither:
    DEFAULT VALUES.
    """

    __slots__ = (
        "table",
        "conflict",
        "places",
        "rowid_place",
        "single_row",
        "select",
        "_new",
        "_stored",
        "upserts",
        "returning",
    )

    def __init__(
        self,
        table: Table,
        conflict: str,
        places: list[int],
        rowid_place: int,
        single_row: tuple[BoundExpression, ...] | None,
        select: BoundSelect | None,
        new: BoundTableRules | None,
        stored: BoundTableRules | None,
        upserts: tuple[BoundUpsert, ...],
        returning: tuple[BoundResultColumn, ...],
    ) -> None:
        self.table = table
        self.conflict = conflict
        self.places = places
        self.rowid_place = rowid_place
        self.single_row = single_row
        self.select = select
        self._new = new
        self._stored = stored
        self.upserts = upserts
        self.returning = returning

    @property
    def new(self) -> BoundTableRules:
        """The table's rules for the new row."""
        if self._new is None:
            self._new = plain_rules(self.table)
        return self._new

    @property
    def stored(self) -> BoundTableRules:
        """The table's rules for a row that is stored."""
        if self._stored is None:
            self._stored = plain_rules(self.table)
        return self._stored


def bind_insert(context: BindContext, ast: AstInsert) -> BoundInsert:
    """Bind an INSERT or REPLACE. SqlError as SQLite gives it."""
    catalog = context.catalog
    is_taken_as_is = catalog.authorizer is not None and _is_taken_as_is(context, ast)
    if catalog.authorizer is not None:
        if is_taken_as_is:
            catalog.authorize(ACTION_SELECT, None, None, None)
        found = catalog.find_usable(ast.target.name, ast.target.schema)
        if found is not None:
            catalog.authorize(ACTION_INSERT, found.name, None, catalog.schema_name(found.database))
    table = bind_target(context, ast.target, "INSERT")
    if table.kind == "view":
        table = view_as_table(context, table)
        if ast.upserts:
            raise SqlError(ERROR, "cannot UPSERT a view")
    elif table.kind == "virtual" and ast.upserts:
        raise SqlError(ERROR, f'UPSERT not implemented for virtual table "{table.name}"')
    shown = ast.target.name if ast.target.schema is None else f"{ast.target.schema}.{ast.target.name}"
    if ast.target.alias is not None:
        shown = ast.target.alias
    row = _single_row(ast)
    single_row = None
    select = None
    if row is not None:
        places, rowid_place = _places(context, table, ast.columns, shown)
        scope = with_scope(ast.with_clause, context.trigger_scope) or Scope(context.trigger_scope)
        single_row = tuple([bind_scalar(context, expression, scope) for expression in row])
        _check_count(context, table, ast.columns, len(row), shown)
    elif ast.source is not None:
        places, rowid_place = _places(context, table, ast.columns, shown)
        if not is_taken_as_is:
            catalog.authorize(ACTION_SELECT, None, None, None)
        select = context.bind_select(
            context, ast.source, with_scope(ast.with_clause, context.trigger_scope) or context.trigger_scope
        )
        select.is_asked = True
        for core in select.cores:
            core.is_asked = is_taken_as_is
        context.raise_late_error()
        _check_count(context, table, ast.columns, len(select.columns), shown)
    elif ast.columns is not None:
        _places(context, table, ast.columns, shown)
        raise SqlError(ERROR, f"0 values for {len(ast.columns)} columns")
    else:
        places = [-1] * len(table.columns)
        rowid_place = -1
    new: BoundTableRules | None = None
    stored: BoundTableRules | None = None
    if table.column_facts.has_rules or ast.returning:
        new = bind_table_rules(catalog, table, True, asks=True)
    upserts: tuple[BoundUpsert, ...] = ()
    if ast.upserts:
        item = table_item(table, ast.target.alias, "", catalog.schema_name(table.database))
        bind_table_expressions(context, item)
        upserts = bind_upserts(context, ast, table, item, rowid_place >= 0)
    if table.column_facts.has_rules:
        stored = bind_table_rules(catalog, table, False)
    return BoundInsert(
        table,
        ast.conflict,
        places,
        rowid_place,
        single_row,
        select,
        new,
        stored,
        upserts,
        () if new is None else bind_returning(context, ast.returning, new.source),
    )


def _single_row(ast: AstInsert) -> tuple[AstExpression, ...] | None:
    """The expressions of VALUES with one row and nothing else around it."""
    source = ast.source
    if source is None or len(source.cores) != 1 or source.order_by or source.limit is not None:
        return None
    core = source.cores[0]
    if source.with_clause is not None or not isinstance(core, AstValues) or len(core.rows) != 1:
        return None
    return core.rows[0]


def _check_count(context: BindContext, table: Table, names: tuple[str, ...] | None, given: int, shown: str) -> None:
    """As many values as columns."""
    if context.only_resolves:
        return
    if names is None:
        count = table.column_facts.place_count
        if given != count:
            raise SqlError(ERROR, f"table {shown} has {count} columns but {given} values were supplied")
    elif given != len(names):
        raise SqlError(ERROR, f"{given} values for {len(names)} columns")


def _places(context: BindContext, table: Table, names: tuple[str, ...] | None, shown: str) -> tuple[list[int], int]:
    """Where each column's value stands in a source row, and where the rowid's does."""
    if names is None and not context.only_resolves:
        # Nobody changes them.
        places = table.column_facts.places
        return places, places[table.rowid_column] if table.rowid_column >= 0 else -1
    places = [-1] * len(table.columns)
    rowid_place = -1
    if context.only_resolves or names is None:
        return places, rowid_place
    for position, name in enumerate(names):
        number = table.column_number(name)
        if number is None:
            if fold_name(name) not in ROWID_NAMES or table.is_without_rowid:
                raise SqlError(ERROR, f"table {shown} has no column named {name}")
            rowid_place = position
        else:
            if table.columns[number].generated:
                raise SqlError(ERROR, f'cannot INSERT into generated column "{table.columns[number].name}"')
            if places[number] < 0:
                places[number] = position
            if number == table.rowid_column:
                rowid_place = position
    return places, rowid_place


def _is_taken_as_is(context: BindContext, ast: AstInsert) -> bool:
    """Whether the rows are VALUES that SQLite computes while it parses."""
    cores = () if ast.source is None else ast.source.cores
    return len(cores) == 1 and isinstance(cores[0], AstValues) and len(unchecked_rows(context, cores[0])) > 0
