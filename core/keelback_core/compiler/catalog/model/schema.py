"""A schema with all that is in it, its triggers, and the signatures of functions.

Must not know: the syntax of CREATE, storage.
"""

from __future__ import annotations

from keelback_core.compiler.catalog.model.names import fold_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.compiler.catalog.model.index import Index
    from keelback_core.compiler.catalog.model.table import Table
    from keelback_core.compiler.sql.ast import (
        AstCreateTrigger,
        AstForeignKey,
    )


class Trigger:
    """A trigger of the schema `database`, or (name "") the action of a foreign key.

    ast: its definition. sql: the stored text. set_null_key: the foreign key whose SET NULL action it is.
    """

    __slots__ = ("name", "database", "ast", "sql", "set_null_key")

    def __init__(
        self,
        name: str,
        database: int,
        ast: AstCreateTrigger,
        sql: str,
        set_null_key: AstForeignKey | None = None,
    ) -> None:
        self.name = name
        self.database = database
        self.ast = ast
        self.sql = sql
        self.set_null_key = set_null_key


class Schema:
    """The schema of one database: name ("main", "temp", ...), index, cookie; tables, indexes and triggers by folded
    name, in the order of the stored rows. The text encoding is settled by the first table or view. is_forgiven: rows
    that make no sense were let pass."""

    __slots__ = (
        "name",
        "database",
        "cookie",
        "encoding",
        "is_encoding_settled",
        "file_format",
        "is_forgiven",
        "tables",
        "indexes",
        "triggers",
        "_parent_names",
    )

    def __init__(
        self,
        name: str,
        database: int,
        cookie: int,
        tables: dict[str, Table],
        indexes: dict[str, Index],
        triggers: dict[str, Trigger],
        encoding: int = 1,
        file_format: int = 4,
        is_encoding_settled: bool = True,
        is_forgiven: bool = False,
    ) -> None:
        self.name = name
        self.database = database
        self.cookie = cookie
        self.encoding = encoding
        self.is_encoding_settled = is_encoding_settled
        self.file_format = file_format
        self.is_forgiven = is_forgiven
        self.tables = tables
        self.indexes = indexes
        self.triggers = triggers
        self._parent_names: frozenset[str] | None = None

    @property
    def parent_names(self) -> frozenset[str]:
        """The folded names that foreign keys of its tables refer to; asked for when the schema is complete."""
        if self._parent_names is None:
            keys = [key for table in self.tables.values() for key in table.foreign_keys]
            self._parent_names = frozenset([fold_name(key.parent_table) for key in keys])
        return self._parent_names


class FunctionSignature:
    """A function as the binder sees it, for one call's number of arguments.

    is_aggregate, is_deterministic (same arguments, same answer, for ever: may be computed once and indexed),
    is_slow_changing (constant during a statement, as date('now')), needs_collation (min, max, nullif).
    may_have_window: of an aggregate: OVER may follow. is_built_in: it does what our own function of the name does.
    risk: 1: only a trusted schema may call it, 2: no text stored in a schema may; as sqlite3_create_function says.
    is_like_of_case: the like() that PRAGMA case_sensitive_like puts in the place of the built-in one.
    pure_place: of a function of time where the time of now is refused: that place, as messages say it; else "".
    """

    __slots__ = (
        "name",
        "is_aggregate",
        "is_deterministic",
        "is_slow_changing",
        "needs_collation",
        "may_have_window",
        "is_built_in",
        "pure_place",
        "risk",
        "is_like_of_case",
    )

    def __init__(
        self,
        name: str,
        is_aggregate: bool,
        is_deterministic: bool,
        is_slow_changing: bool,
        needs_collation: bool,
        may_have_window: bool = True,
        is_built_in: bool = False,
        pure_place: str = "",
        risk: int = 0,
    ) -> None:
        self.name = name
        self.is_aggregate = is_aggregate
        self.is_deterministic = is_deterministic
        self.is_slow_changing = is_slow_changing
        self.needs_collation = needs_collation
        self.may_have_window = may_have_window
        self.is_built_in = is_built_in
        self.pure_place = pure_place
        self.risk = risk
        self.is_like_of_case = False
