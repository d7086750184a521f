"""From the syntax tree of a CREATE statement to the Table or Index it describes.

1. The same functions check a new statement and load a stored one; what is wrong raises SQLite's error.
2. Automatic indexes are named and ordered as SQLite does: in the order of the constraints, equal ones merged.
3. `Table.indexes` is in the order in which constraints are checked: newest first, those that REPLACE last.

Must not know: storage, bound trees. Source: https://sqlite.org/lang_createtable.html
"""

from __future__ import annotations

from keelback_core.compiler.catalog.load_index import (
    KeyConstraint,
    collation_name,
    fold_collation,
    key_term,
    missing_columns,
    settle_replacing,
    without_duplicates,
)
from keelback_core.compiler.catalog.model import (
    BARE_ROW,
    ROWID,
    ROWID_SUFFIX,
    Column,
    Index,
    IndexColumn,
    Table,
    fold_name,
)
from keelback_core.compiler.sql.ast import (
    AstCheck,
    AstColumnCollation,
    AstColumnRef,
    AstDefault,
    AstExists,
    AstForeignKey,
    AstFunctionCall,
    AstGenerated,
    AstInSelect,
    AstInTable,
    AstNotNull,
    AstParameter,
    AstPrimaryKey,
    AstRaise,
    AstSubquery,
    AstUnique,
    walk,
)
from keelback_core.value.affinity import NUMERIC, affinity_of_type
from keelback_core.value.errors import SqlError
from keelback_core.value.result_codes import ERROR

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from keelback_core.compiler.sql.ast import (
        AstCreateTable,
        AstCreateView,
        AstExpression,
        AstOrderTerm,
    )

NO_AFFINITY: Final = "@"
STANDARD_TYPES: Final = frozenset(("ANY", "BLOB", "INT", "INTEGER", "REAL", "TEXT"))
_NOT_CONSTANT: Final = (AstSubquery, AstExists, AstInSelect, AstInTable, AstParameter, AstRaise)


class TableLoader:
    """Builds one Table from its AstCreateTable; `load()` gives it."""

    __slots__ = (
        "ast",
        "columns",
        "numbers",
        "collations",
        "keys",
        "rowid_column",
        "rowid_conflict",
        "is_autoincrement",
        "primary_positions",
        "has_primary_key",
        "late_key",
        "ranked",
        "checks",
        "foreign_keys",
    )

    def __init__(self, ast: AstCreateTable) -> None:
        self.ast = ast
        self.columns: list[Column] = []
        self.numbers: dict[str, int] = {}
        self.collations: list[str] = []
        self.keys: list[KeyConstraint] = []
        # The keys in the order in which rows are checked: see settle_replacing.
        self.ranked: list[KeyConstraint] = []
        self.rowid_column = ROWID
        self.rowid_conflict = ""
        self.is_autoincrement = False
        self.primary_positions: dict[int, int] = {}
        self.has_primary_key = False
        # INTEGER PRIMARY KEY of a table WITHOUT ROWID: it turns into a key when all others are known.
        self.late_key: KeyConstraint | None = None
        self.checks: list[AstCheck] = []
        self.foreign_keys: list[AstForeignKey] = []

    def load(self, database: int, root: int, sql: str | None) -> Table:
        """The table; its automatic indexes have root 0."""
        ast = self.ast
        for number, definition in enumerate(ast.columns):
            key = fold_name(definition.name)
            if key in self.numbers:
                raise SqlError(ERROR, "duplicate column name: " + definition.name)
            self.numbers[key] = number
            collation = "BINARY"
            for constraint in definition.constraints:
                if isinstance(constraint, AstColumnCollation):
                    collation = collation_name(constraint.collation)
            self.collations.append(collation)
        for number, definition in enumerate(ast.columns):
            for constraint in definition.constraints:
                if isinstance(constraint, AstPrimaryKey):
                    self._primary_key(constraint, number)
                elif isinstance(constraint, AstUnique):
                    self._add_key((self._plain(number, ""),), constraint.conflict, "u")
                elif isinstance(constraint, AstCheck):
                    self.checks.append(constraint)
                elif isinstance(constraint, AstForeignKey):
                    self._foreign_key(constraint, number)
        for constraint in ast.constraints:
            if isinstance(constraint, AstPrimaryKey):
                self._primary_key(constraint, -1)
            elif isinstance(constraint, AstUnique):
                self._add_key(tuple(self._key_column(term) for term in constraint.columns), constraint.conflict, "u")
            elif isinstance(constraint, AstCheck):
                self.checks.append(constraint)
            elif isinstance(constraint, AstForeignKey):
                self._foreign_key(constraint, -1)
        if self.late_key is not None:
            self._add_key(self.late_key.columns, self.late_key.conflict, "pk")
        self._check_options()
        for number in range(len(ast.columns)):
            self.columns.append(self._column(number))
        if self.columns and all(column.generated for column in self.columns):
            raise SqlError(ERROR, "must have at least one non-generated column")
        return Table(
            "table",
            ast.name,
            database,
            root,
            tuple(self.columns),
            self.rowid_column,
            self.rowid_conflict,
            self.is_autoincrement,
            ast.is_without_rowid,
            ast.is_strict,
            tuple(self.checks),
            tuple(self.foreign_keys),
            self._indexes(root),
            sql,
        )

    def _check_options(self) -> None:
        if self.ast.is_strict:
            for definition in self.ast.columns:
                if definition.type_text is None:
                    raise SqlError(ERROR, f"missing datatype for {self.ast.name}.{definition.name}")
                if definition.type_text.upper() not in STANDARD_TYPES:
                    raise SqlError(
                        ERROR, f'unknown datatype for {self.ast.name}.{definition.name}: "{definition.type_text}"'
                    )
        if self.ast.is_without_rowid:
            if self.is_autoincrement:
                raise SqlError(ERROR, "AUTOINCREMENT not allowed on WITHOUT ROWID tables")
            if not self.has_primary_key:
                raise SqlError(ERROR, "PRIMARY KEY missing on table " + self.ast.name)

    def _column(self, number: int) -> Column:
        definition = self.ast.columns[number]
        declared = definition.type_text or ""
        if declared.upper() in STANDARD_TYPES:
            declared = declared.upper()
        not_null: str | None = None
        default: AstDefault | None = None
        generated: AstGenerated | None = None
        for constraint in definition.constraints:
            if isinstance(constraint, AstNotNull):
                not_null = constraint.conflict
            elif isinstance(constraint, AstDefault):
                default = constraint
                if generated is not None:
                    raise SqlError(ERROR, "cannot use DEFAULT on a generated column")
                if not is_constant_default(constraint.expression):
                    raise SqlError(ERROR, f"default value of column [{definition.name}] is not constant")
            elif isinstance(constraint, AstGenerated):
                if default is not None or generated is not None:
                    raise SqlError(ERROR, f'error in generated column "{definition.name}"')
                generated = constraint
        is_key_kept = self.ast.is_without_rowid or (self.ast.is_strict and number != self.rowid_column)
        if is_key_kept and number in self.primary_positions and not_null is None:
            not_null = ""
        # A type whose name is empty is a type, and has none of the words that say otherwise.
        affinity = NUMERIC if definition.type_text == "" else affinity_of_type(declared)
        storage = "" if generated is None else (generated.storage.upper() or "VIRTUAL")
        if storage not in ("", "VIRTUAL", "STORED"):
            raise SqlError(ERROR, f'error in generated column "{definition.name}"')
        return Column(
            definition.name,
            declared,
            "A" if self.ast.is_strict and declared == "ANY" else affinity,
            self.collations[number],
            not_null,
            None if default is None else default.expression,
            None if default is None else default.source_text,
            self.primary_positions.get(number, 0),
            storage,
            None if generated is None else generated.expression,
        )

    def _is_generated(self, number: int) -> bool:
        return any(isinstance(constraint, AstGenerated) for constraint in self.ast.columns[number].constraints)

    def _plain(self, number: int, direction: str) -> IndexColumn:
        return IndexColumn(number, None, self.collations[number], direction == "DESC")

    def _key_column(self, term: AstOrderTerm) -> IndexColumn:
        """A column of a table constraint."""
        expression, name, collation = key_term(term)
        if name is None:
            raise SqlError(ERROR, "expressions prohibited in PRIMARY KEY and UNIQUE constraints")
        number = self.numbers.get(fold_name(name))
        if number is None and isinstance(expression, AstColumnRef) and expression.quote == '"':
            # What no column has the name of is a text.
            raise SqlError(ERROR, "expressions prohibited in PRIMARY KEY and UNIQUE constraints")
        if number is None:
            raise SqlError(ERROR, "no such column: " + name, expression.start)
        return IndexColumn(number, None, collation or self.collations[number], term.direction == "DESC")

    def _primary_key(self, constraint: AstPrimaryKey, number: int) -> None:
        if self.has_primary_key:
            raise SqlError(ERROR, f'table "{self.ast.name}" has more than one primary key')
        self.has_primary_key = True
        columns: tuple[IndexColumn, ...]
        if number >= 0:
            columns = (self._plain(number, constraint.direction),)
        else:
            columns = tuple(self._key_column(term) for term in constraint.columns)
        for position, column in enumerate(columns):
            self.primary_positions.setdefault(column.column, position + 1)
            if self._is_generated(column.column):
                raise SqlError(ERROR, "generated columns cannot be part of the PRIMARY KEY")
        only = columns[0].column
        is_integer = len(columns) == 1 and (self.ast.columns[only].type_text or "").upper() == "INTEGER"
        # DESC on the column keeps INTEGER PRIMARY KEY from being the rowid; on a table constraint it does not.
        if is_integer and not (number >= 0 and constraint.direction == "DESC"):
            if not self.ast.is_without_rowid:
                self.rowid_column = only
                self.rowid_conflict = constraint.conflict
                self.is_autoincrement = constraint.is_autoincrement
                return
            self.is_autoincrement = constraint.is_autoincrement
            # As in SQLite a COLLATE within PRIMARY KEY(...) is lost on the way.
            key = self._plain(only, "DESC" if columns[0].is_descending else "")
            self.late_key = KeyConstraint((key,), constraint.conflict, "pk")
            return
        elif constraint.is_autoincrement:
            raise SqlError(ERROR, "AUTOINCREMENT is only allowed on an INTEGER PRIMARY KEY")
        self._add_key(columns, constraint.conflict, "pk")

    def _add_key(self, columns: tuple[IndexColumn, ...], conflict: str, origin: str) -> None:
        """Note a key, merging it with an equal one."""
        for key in self.keys:
            if len(key.columns) != len(columns):
                continue
            if all(
                one.column == other.column and fold_collation(one.collation) == fold_collation(other.collation)
                for one, other in zip(key.columns, columns, strict=True)
            ):
                if key.conflict != conflict:
                    if key.conflict and conflict:
                        raise SqlError(ERROR, "conflicting ON CONFLICT clauses specified")
                    key.conflict = key.conflict or conflict
                    settle_replacing(self.ranked)
                if origin == "pk":
                    key.origin = "pk"
                return
        self.keys.append(KeyConstraint(columns, conflict, origin))
        self.ranked.insert(0, self.keys[-1])
        settle_replacing(self.ranked)

    def _foreign_key(self, constraint: AstForeignKey, number: int) -> None:
        if number >= 0:
            constraint = AstForeignKey(
                constraint.name,
                (self.ast.columns[number].name,),
                constraint.parent_table,
                constraint.parent_columns,
                constraint.on_delete,
                constraint.on_update,
                constraint.match,
                constraint.deferral,
                constraint.is_deferred,
                constraint.start,
                constraint.end,
            )
        else:
            if constraint.parent_columns and len(constraint.parent_columns) != len(constraint.columns):
                raise SqlError(
                    ERROR,
                    "number of columns in foreign key does not match the number of columns in the referenced table",
                )
            for name in constraint.columns:
                if fold_name(name) not in self.numbers:
                    raise SqlError(ERROR, f'unknown column "{name}" in foreign key definition')
        self.foreign_keys.append(constraint)

    def _indexes(self, root: int) -> tuple[Index, ...]:
        """The automatic indexes; only one that is the table itself has a root already."""
        indexes: list[Index] = []
        primary: tuple[IndexColumn, ...] | None = None
        if self.ast.is_without_rowid:
            key = next(key for key in self.keys if key.origin == "pk")
            primary = key.columns = without_duplicates(key.columns)
        for position, key in enumerate(self.keys):
            name = f"sqlite_autoindex_{self.ast.name}_{position + 1}"
            # The rowid's own column is told by ROWID, as in expressions.
            columns = tuple(
                IndexColumn(ROWID, None, column.collation, column.is_descending)
                if column.column == self.rowid_column
                else column
                for column in key.columns
            )
            is_table = primary is not None and key.origin == "pk"
            suffix: tuple[IndexColumn, ...] = ROWID_SUFFIX
            if primary is not None:
                # Behind an automatic key the primary key stands ascending, whatever it is in its own tree.
                suffix = tuple(
                    IndexColumn(column.column, None, column.collation, False)
                    for column in missing_columns(primary, columns)
                )
            if is_table:
                suffix = self._other_columns(columns)
            index = Index(
                name,
                self.ast.name,
                root if is_table else 0,
                True,
                columns,
                None,
                key.origin,
                key.conflict,
                None,
                suffix,
            )
            indexes.append(index)
        return tuple(indexes[self.keys.index(key)] for key in self.ranked)

    def _other_columns(self, columns: tuple[IndexColumn, ...]) -> tuple[IndexColumn, ...]:
        """The stored columns that are not in the primary key, in the order of the table."""
        known = {column.column for column in columns}
        return tuple(
            IndexColumn(number, None, self.collations[number], False)
            for number, column in enumerate(self.columns)
            if number not in known and column.generated != "VIRTUAL"
        )


def is_constant_default(expression: AstExpression) -> bool:
    """Whether an expression may stand in DEFAULT: no columns, parameters or subqueries."""
    for node in walk(expression):
        if isinstance(node, AstColumnRef):
            if node.table is not None or node.quote or node.column.upper() not in ("TRUE", "FALSE"):
                return False
        elif isinstance(node, AstFunctionCall):
            if node.over is not None or node.filter is not None:
                return False
        elif isinstance(node, _NOT_CONSTANT):
            return False
    return True


def load_table(ast: AstCreateTable, database: int, root: int, sql: str | None) -> Table:
    """The Table of a CREATE TABLE (not AS SELECT), automatic indexes included with root 0."""
    return TableLoader(ast).load(database, root, sql)


def load_view(ast: AstCreateView, database: int, sql: str | None) -> Table:
    """The Table that stands for a view; its columns are known only to the binder."""
    return Table("view", ast.name, database, 0, (), sql=sql, select=ast.select, view_columns=ast.columns)


def as_bare_row(table: Table) -> Table:
    """The table with columns that have neither affinity nor collation, the rowid among them."""
    columns = tuple(Column(column.name, column.declared_type, NO_AFFINITY, "") for column in table.columns)
    return Table(BARE_ROW, table.name, table.database, table.root, columns, table.rowid_column)


def as_trigger_row(table: Table) -> Table:
    """The table as NEW and OLD are seen: their columns, but for the rowid, have a collation and no affinity."""
    columns = tuple(
        Column(column.name, column.declared_type, NO_AFFINITY, column.collation) for column in table.columns
    )
    return Table(table.kind, table.name, table.database, table.root, columns, table.rowid_column)
