"""BoundTableRules: what a table's own definition asks of its rows, bound to one BoundSource.

The expressions stand in the stored text of the table and its indexes: CHECKs, DEFAULTs, indexed expressions, conditions
of partial indexes. A statement that sees both the stored row and a new one binds them twice, once a source.

Must not know: registers, cursors.
"""

from __future__ import annotations

from keelback_core.compiler.bind.context import BindContext
from keelback_core.compiler.bind.expressions import bind_expression
from keelback_core.compiler.bind.nodes import BoundColumn, BoundSource
from keelback_core.compiler.bind.row_values import as_scalar
from keelback_core.compiler.bind.scope import Scope, ScopeItem, column_of
from keelback_core.compiler.bind.select import bind_select
from keelback_core.compiler.bind.walk import walk
from keelback_core.compiler.catalog.model import ROWID
from keelback_core.compiler.catalog.settings import QUOTED_IN_NEW_DEFINITION, QUOTED_IN_STORED_DEFINITION
from keelback_core.compiler.sql.ast import AstFunctionCall
from keelback_core.compiler.sql.ast import walk as walk_ast
from keelback_core.compiler.sql.parser.state import dequote_head
from keelback_core.value.errors import SqlError
from keelback_core.value.result_codes import ERROR

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from keelback_core.compiler.bind.nodes import BoundExpression
    from keelback_core.compiler.catalog.catalog import Catalog
    from keelback_core.compiler.catalog.model import Index, Table
    from keelback_core.compiler.sql.ast import AstExpression

CHECKS: Final = "CHECK constraints"
INDEX_EXPRESSIONS: Final = "index expressions"
INDEX_CONDITIONS: Final = "partial index WHERE clauses"
GENERATED_COLUMNS: Final = "generated columns"


class BoundTableRules:
    """See the module.

    checks: (text of its message, expression). defaults: one a column, None without DEFAULT. index_expressions: per
    index and key column the expression, None for a plain column. index_conditions: per index, None if not partial.
    generated: (number, expression) of the generated columns, each after those it reads.
    """

    __slots__ = (
        "table",
        "source",
        "checks",
        "defaults",
        "index_expressions",
        "index_conditions",
        "generated",
        "default_errors",
    )

    def __init__(
        self,
        table: Table,
        source: BoundSource,
        checks: tuple[tuple[str, BoundExpression], ...],
        defaults: tuple[BoundExpression | None, ...],
        index_expressions: tuple[tuple[BoundExpression | None, ...], ...],
        index_conditions: tuple[BoundExpression | None, ...],
        generated: tuple[tuple[int, BoundExpression], ...] = (),
        default_errors: dict[int, SqlError] | None = None,
    ) -> None:
        self.table = table
        self.source = source
        self.checks = checks
        self.defaults = defaults
        self.index_expressions = index_expressions
        self.index_conditions = index_conditions
        self.generated = generated
        # What is wrong with a DEFAULT matters to the statement that uses it.
        self.default_errors = default_errors

    def default(self, number: int) -> BoundExpression | None:
        """The DEFAULT of a column; SqlError if it cannot be computed."""
        if self.default_errors is not None and number in self.default_errors:
            raise self.default_errors[number]
        return self.defaults[number]

    def column(self, number: int) -> BoundColumn:
        """A column of the row (ROWID for the rowid)."""
        return column_of(self.source, number)


def table_source(table: Table, alias: str | None = None) -> BoundSource:
    """A source that stands for the table by itself."""
    return BoundSource(alias if alias is not None else table.name, alias, table, None, "", None)


def table_scope(catalog: Catalog, source: BoundSource, prohibits: str = "") -> Scope:
    """A scope in which the columns of one table are visible."""
    table = source.table
    assert table is not None
    names = tuple(column.name for column in table.columns)
    has_rowid = not table.is_without_rowid and prohibits not in (INDEX_EXPRESSIONS, GENERATED_COLUMNS)
    item = ScopeItem(source, catalog.schema_name(table.database), names, has_rowid)
    scope = Scope(None, [item])
    scope.prohibits = prohibits
    return scope


class RuleBinder:
    """Binds expressions of a table's definition to one source. is_new: the definition is only just being made."""

    __slots__ = ("catalog", "context", "source", "is_new")

    def __init__(self, catalog: Catalog, source: BoundSource, sql: str = "", is_new: bool = False) -> None:
        self.catalog = catalog
        self.is_new = is_new
        self.source = source
        self.context = BindContext(catalog, sql, None, bind_select)
        table = source.table
        self.context.is_stored = table is not None and table.database != 1

    def bind(self, expression: AstExpression, prohibits: str) -> BoundExpression:
        """Bind under the prohibitions of its place."""
        scope = table_scope(self.catalog, self.source, prohibits)
        scope.quoted_names = QUOTED_IN_NEW_DEFINITION if self.is_new else QUOTED_IN_STORED_DEFINITION
        return bind_expression(self.context, expression, scope)

    def bind_virtual(self) -> None:
        """Have the source know its virtual columns, whatever they are made of."""
        table = self.source.table
        assert table is not None
        for number, column in enumerate(table.columns):
            if column.generated == "VIRTUAL" and column.generated_expression is not None:
                self.source.generated[number] = self.bind(column.generated_expression, GENERATED_COLUMNS)

    def bind_generated(self, forgives_loops: bool = False) -> tuple[tuple[int, BoundExpression], ...]:
        """The generated columns in an order in which they can be computed; the source learns the virtual ones.

        forgives_loops: those that refer to each other are left out, as nobody may ask for them."""
        table = self.source.table
        assert table is not None
        waiting: dict[int, BoundExpression] = {}
        for number, column in enumerate(table.columns):
            if column.generated_expression is not None:
                waiting[number] = self.bind(column.generated_expression, GENERATED_COLUMNS)
                if column.generated == "VIRTUAL":
                    self.source.generated[number] = waiting[number]
        ordered: list[tuple[int, BoundExpression]] = []
        while waiting:
            ready = [number for number, e in waiting.items() if not _reads_any(e, self.source, waiting)]
            if not ready and forgives_loops:
                break
            if not ready:
                name = table.columns[max(waiting)].name
                raise SqlError(ERROR, f'generated column loop on "{name}"')
            ordered += [(number, waiting.pop(number)) for number in ready]
        return tuple(ordered)

    def bind_default(self, expression: AstExpression) -> BoundExpression:
        """Bind a DEFAULT, which reads no columns. A function is looked for only here, not when the table is made."""
        try:
            return as_scalar(self.context, bind_expression(self.context, expression, Scope()))
        except SqlError as error:
            for node in walk_ast(expression):
                if error.message.startswith("unsafe use"):
                    break
                if isinstance(node, AstFunctionCall) and node.start == error.offset:
                    raise SqlError(ERROR, f"unknown function: {node.name}()") from None
            raise

    def bind_index(self, index: Index) -> tuple[tuple[BoundExpression | None, ...], BoundExpression | None]:
        """The expressions of an index's columns, and its condition."""
        expressions = tuple(
            None
            if column.expression is None
            else as_scalar(self.context, self.bind(column.expression, INDEX_EXPRESSIONS))
            for column in index.columns
        )
        condition = None if index.where is None else self.bind(index.where, INDEX_CONDITIONS)
        return expressions, condition


def _reads_any(expression: BoundExpression, source: BoundSource, numbers: dict[int, BoundExpression]) -> bool:
    return any(isinstance(n, BoundColumn) and n.source is source and n.column in numbers for n in walk(expression))


def with_generated(rules: BoundTableRules, changed: set[int], rowid_changes: bool) -> set[int]:
    """The columns that change with these: generated ones follow those they read."""
    found = set(changed)
    for number, expression in rules.generated:
        for node in walk(expression):
            if isinstance(node, BoundColumn) and node.source is rules.source:
                if node.column in found or (node.column == ROWID and rowid_changes):
                    found.add(number)
    return found


def plain_rules(table: Table, source: BoundSource | None = None) -> BoundTableRules:
    """The rules of a table that has none (see ColumnFacts.has_rules)."""
    facts = table.column_facts
    if source is None:
        source = table_source(table)
    return BoundTableRules(table, source, (), facts.no_defaults, facts.index_columns, facts.no_conditions)


def bind_table_rules(
    catalog: Catalog, table: Table, with_values: bool, source: BoundSource | None = None, asks: bool = False
) -> BoundTableRules:
    """Bind a table's rules to `source` (or a new one); CHECKs and DEFAULTs only `with_values`. asks: the authorizer
    hears of the functions in DEFAULT."""
    if not table.column_facts.has_rules:
        return plain_rules(table, source)
    binder = RuleBinder(catalog, source if source is not None else table_source(table), table.sql or "")
    binder.context.asks_authorizer = False
    generated = binder.bind_generated(forgives_loops=not with_values)
    checks: list[tuple[str, BoundExpression]] = []
    defaults: list[BoundExpression | None] = []
    default_errors: dict[int, SqlError] = {}
    if with_values:
        for check in table.checks:
            checks.append((check.name or dequote_head(check.source_text), binder.bind(check.expression, CHECKS)))
        binder.context.asks_authorizer = asks
        for column in table.columns:
            try:
                defaults.append(None if column.default is None else binder.bind_default(column.default))
            except SqlError as error:
                default_errors[len(defaults)] = error
                defaults.append(None)
    binder.context.asks_authorizer = False
    index_rules = [binder.bind_index(index) for index in table.indexes]
    return BoundTableRules(
        table,
        binder.source,
        tuple(checks),
        tuple(defaults),
        tuple(expressions for expressions, _ in index_rules),
        tuple(condition for _, condition in index_rules),
        generated,
        default_errors or None,
    )
