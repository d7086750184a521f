"""Catalog: what one statement's compilation may look up: schemas, functions, collations, settings.

1. Names resolve as in SQLite: temp first, then main, then the attached databases in order.
2. A Catalog is a snapshot; user functions and collations are asked for through `FunctionFinder`, which `engine`
   implements over what the connection has.
3. `authorize` is the one way to the connection's authorizer.

Must not know: storage, the VM, how the schemas were read.
"""

from __future__ import annotations

from keelback_core.compiler.catalog.actions import (
    ACTION_DELETE,
    ACTION_FUNCTION,
    ACTION_INSERT,
    ACTION_READ,
    ACTION_SELECT,
    DENY,
    IGNORE,
    SCHEMA_CHANGES,
    TRIGGER_CHANGES,
)
from keelback_core.compiler.catalog.built_in import built_in_functions
from keelback_core.compiler.catalog.function_table import FUNCTIONS
from keelback_core.compiler.catalog.listing_order import listing_order
from keelback_core.compiler.catalog.model import Column, Index, Schema, Table, Trigger, fold_name
from keelback_core.compiler.catalog.settings import Settings
from keelback_core.value.errors import SqlError
from keelback_core.value.key import BUILTIN_COLLATIONS
from keelback_core.value.result_codes import AUTH, ERROR

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Final

    from keelback_core.compiler.catalog.actions import Authorizer
    from keelback_core.compiler.catalog.function_finder import FunctionFinder
    from keelback_core.compiler.catalog.model import FunctionSignature


# `leaves_out`: nothing; an INSERT by the questions about it and its SELECT; a change of the schema by the questions up
# to the one that names it, and of a trigger by the one behind; a DROP by that about the rows of its table.
LEAVES_NOTHING_OUT: Final = 0
LEAVES_INSERTS_OUT: Final = 1
LEAVES_CHANGES_OUT: Final = 2
LEAVES_DROPS_OUT: Final = 3


class LeftOutError(Exception):
    """The authorizer has a whole statement do nothing."""


SCHEMA_COLUMNS: Final = (
    Column("type", "TEXT", "B"),
    Column("name", "TEXT", "B"),
    Column("tbl_name", "TEXT", "B"),
    Column("rootpage", "INT", "D"),
    Column("sql", "TEXT", "B"),
)


def schema_table(database: int) -> Table:
    """The table that stores the schema of a database."""
    if database == 1:
        name = "sqlite_temp_master"
        sql = "CREATE TEMP TABLE sqlite_temp_master(type text,name text,tbl_name text,rootpage int,sql text)"
    else:
        name = "sqlite_master"
        sql = "CREATE TABLE sqlite_master(type text,name text,tbl_name text,rootpage int,sql text)"
    return Table("table", name, database, 1, SCHEMA_COLUMNS, sql=sql)


MAIN_SCHEMA_TABLE: Final = schema_table(0)
TEMP_SCHEMA_TABLE: Final = schema_table(1)


def empty_schema(name: str, database: int) -> Schema:
    """The schema of a database without tables."""
    return Schema(name, database, 0, {}, {}, {})


class Catalog:
    """See the module. schemas: 0 main, 1 temp, 2... attached; None where there is none.

    only_schema: the one schema in which unqualified names are looked for (inside a trigger of that schema), or None.
    trigger_name: the trigger being compiled. reader: the trigger, view or common table on whose behalf the authorizer
    is asked.
    """

    __slots__ = (
        "schemas",
        "settings",
        "finder",
        "authorizer",
        "only_schema",
        "trigger_name",
        "reader",
        "ignored",
        "has_privilege",
        "leaves_out",
        "_search_order",
    )

    def __init__(
        self,
        schemas: Sequence[Schema | None],
        settings: Settings | None = None,
        finder: FunctionFinder | None = None,
        authorizer: Authorizer | None = None,
    ) -> None:
        self.schemas = tuple(schemas)
        self._search_order: list[Schema] = []
        self.settings = settings if settings is not None else Settings()
        self.finder = finder
        self.authorizer = authorizer
        self.only_schema: str | None = None
        self.trigger_name: str | None = None
        self.reader: str | None = None
        # The actions that the authorizer has told to leave out, of this catalog and of those made from it.
        self.ignored: set[int] = set()
        # A statement has been let through because a module's method has prepared it.
        self.has_privilege = False
        # Which answers leave the statement out that is being compiled: one of the numbers below.
        self.leaves_out = LEAVES_NOTHING_OUT

    @property
    def is_forgiven_too_long(self) -> bool:
        """Whether a schema that PRAGMA writable_schema has let pass is used without it: who reads the same schema now
        may be told that it is malformed."""
        if self.settings.writable_schema:
            return False
        return any(schema is not None and schema.is_forgiven for schema in self.schemas)

    @property
    def text_encoding(self) -> int:
        """1 UTF-8, 2 UTF-16le, 3 UTF-16be: of main, and of every database without a table, which takes it over."""
        main = self.schemas[0]
        return self.settings.encoding if main is None or not main.is_encoding_settled else main.encoding

    def inside_trigger(self, trigger: Trigger) -> Catalog:
        """The catalog as the statements of a trigger see it: those of a stored trigger see its own schema alone."""
        inner = Catalog(self.schemas, self.settings, self.finder, self.authorizer)
        inner.ignored = self.ignored
        if trigger.database != 1:
            inner.only_schema = self.schema_name(trigger.database)
        inner.trigger_name = trigger.name or None
        inner.reader = inner.trigger_name
        return inner

    def inside_schema(self, database: int) -> Catalog:
        """The catalog as a text stored in a database sees it: temp's may name anything, others their own schema."""
        inner = Catalog(self.schemas, self.settings, self.finder, self.authorizer)
        inner.ignored = self.ignored
        if database != 1:
            inner.only_schema = self.schema_name(database)
        return inner

    def shown_name(self, name: str, schema: str | None) -> str:
        """A table's name as "no such table" repeats it."""
        schema = schema if schema is not None else self.only_schema
        return name if schema is None else f"{schema}.{name}"

    # Databases.

    def database_number(self, name: str) -> int | None:
        """The index of the database of this name."""
        wanted = fold_name(name)
        if wanted == "main":
            return 0
        if wanted == "temp":
            return 1
        for schema in self.schemas:
            if schema is not None and fold_name(schema.name) == wanted:
                return schema.database
        return None

    def schema(self, database: int) -> Schema:
        """The schema of this index."""
        found = self.schemas[database] if database < len(self.schemas) else None
        return found if found is not None else empty_schema("temp", database)

    def schema_name(self, database: int) -> str:
        return self.schema(database).name

    def search_order(self) -> list[Schema]:
        """The schemas in the order in which unqualified names are looked for."""
        if not self._search_order:
            wanted = [*self.schemas[1:2], *self.schemas[:1], *self.schemas[2:]]
            self._search_order = [schema for schema in wanted if schema is not None]
        return self._search_order

    # Tables and indexes.

    def find_table(self, name: str, schema: str | None = None) -> Table | None:
        """The table or view of this name, or None."""
        key = fold_name(name)
        schema = schema if schema is not None else self.only_schema
        if schema is not None:
            number = self.database_number(schema)
            if number is None:
                return None
            found = self.schema(number).tables.get(key)
            if found is None and key.startswith("sqlite_"):
                return schema_table_named(key, number)
            return found
        for candidate in self.search_order():
            found = candidate.tables.get(key)
            if found is not None:
                return found
        if key in ("sqlite_schema", "sqlite_master"):
            return MAIN_SCHEMA_TABLE
        if key in ("sqlite_temp_schema", "sqlite_temp_master"):
            return TEMP_SCHEMA_TABLE
        return None

    def connected(self, table: Table) -> Table:
        """The table as it can be used: of a virtual one its columns are known only now."""
        if table.kind != "virtual" or table.module is not None or self.finder is None:
            return table
        return self.finder.connect_virtual(table)

    def find_usable(self, name: str, schema: str | None = None) -> Table | None:
        """As find_table; a virtual table is connected, and one that is there without CREATE is found too."""
        found = self.find_table(name, schema)
        if self.settings.hides_virtual_tables and (found is None or found.kind == "virtual"):
            return None
        if found is not None:
            return self.connected(found)
        return None if self.finder is None else self.finder.eponymous_table(name)

    def owner_of_shadow(self, name: str, schema: str | None = None) -> Table | None:
        """The virtual table to which a table of this name belongs, as its module says."""
        head, _, tail = name.rpartition("_")
        if not head or self.finder is None:
            return None
        table = self.find_table(head, schema)
        if table is None or table.kind != "virtual" or not self.finder.is_shadow_of(table, tail):
            return None
        return table

    def protects(self, name: str, schema: str | None = None) -> bool:
        """Whether it is a shadow table that only its module may change."""
        if not self.settings.defensive:
            return False
        owner = self.owner_of_shadow(name, schema)
        if owner is None or self.finder is None:
            return False
        if self.finder.is_module_running(owner):
            self.has_privilege = True
            return False
        return True

    def find_index(self, name: str, schema: str | None = None) -> tuple[Index, int] | None:
        """The index of this name and the number of its database, or None."""
        key = fold_name(name)
        if schema is not None:
            number = self.database_number(schema)
            found = None if number is None else self.schema(number).indexes.get(key)
            return None if found is None or number is None else (found, number)
        for candidate in self.search_order():
            found = candidate.indexes.get(key)
            if found is not None:
                return found, candidate.database
        return None

    def triggers_of(self, table: Table) -> list[Trigger]:
        """The triggers on a table in the order in which they fire: those of temp on tables of other schemas, in the
        reverse of the order in which SQLite lists them, then those of its own schema, newest first."""
        found: list[Trigger] = []
        wanted = fold_name(table.name)
        for number in (1, table.database) if table.database != 1 else (1,):
            schema = self.schemas[number] if number < len(self.schemas) else None
            if schema is None or not schema.triggers:
                continue
            names = list(schema.triggers) if number == table.database else listing_order(list(schema.triggers))
            here = [schema.triggers[name] for name in reversed(names)]
            found += [t for t in here if fold_name(t.ast.table) == wanted and self._is_on(t, table)]
        return found

    def has_triggers(self, table: Table) -> bool:
        """Whether there is a trigger on the table, whatever it waits for."""
        if not self._has_triggers(1) and not self._has_triggers(table.database):
            return False
        return len(self.triggers_of(table)) > 0

    def _has_triggers(self, number: int) -> bool:
        schema = self.schemas[number] if number < len(self.schemas) else None
        return schema is not None and len(schema.triggers) > 0

    def triggers_for(self, table: Table, event: str, changed: frozenset[str] = frozenset()) -> list[Trigger]:
        """The triggers that an INSERT, DELETE or UPDATE (of the columns of these folded names) of a table fires."""
        found: list[Trigger] = []
        if not self._has_triggers(1) and not self._has_triggers(table.database):
            return found
        for trigger in self.triggers_of(table):
            columns = trigger.ast.columns
            if trigger.database != 1 and not self.settings.enables_triggers:
                continue
            if trigger.ast.event == event and (not columns or any(fold_name(name) in changed for name in columns)):
                found.append(trigger)
        return found

    def _is_on(self, trigger: Trigger, table: Table) -> bool:
        """Whether the table that a trigger names is this one."""
        if trigger.database != 1:
            return True
        if trigger.ast.table_schema is not None:
            return self.database_number(trigger.ast.table_schema) == table.database
        key = fold_name(table.name)
        for schema in self.search_order():
            if key in schema.tables:
                return schema.database == table.database
        return False

    # Functions and collations.

    def find_built_in(self, name: str, argument_count: int) -> FunctionSignature | None:
        """The built-in function for a call; None if there is none, or one of the user's has this name."""
        key = fold_name(name)
        if self.finder is not None and key in self.finder.function_names:
            return None
        for one in built_in_functions(key) or ():
            if argument_count >= one.least and (one.most < 0 or argument_count <= one.most):
                return one.signature
        return None

    def find_function(self, name: str, argument_count: int) -> FunctionSignature:
        """The function for a call; SqlError if there is none of this name, or none for this count."""
        key = fold_name(name)
        is_own = self.finder is not None and key in self.finder.function_names
        if self.finder is not None and is_own:
            own = self.finder.user_function(key, argument_count)
            if own is not None:
                return own
        entries = built_in_functions(key)
        if entries is None and not is_own:
            raise SqlError(ERROR, f"no such function: {name}")
        for one in entries or ():
            if argument_count >= one.least and (one.most < 0 or argument_count <= one.most):
                return one.signature
        raise SqlError(ERROR, f"wrong number of arguments to function {name}()")

    def is_scalar(self, name: str) -> bool:
        """Whether a built-in scalar function has this name, whatever else has."""
        return any(not entry[2] for entry in FUNCTIONS.get(fold_name(name), ()))

    def has_function(self, name: str) -> bool:
        """Whether any function has this name."""
        key = fold_name(name)
        return key in FUNCTIONS or (self.finder is not None and self.finder.has_user_function(key))

    def has_collation(self, name: str) -> bool:
        """Whether a collation of this name is defined."""
        return (
            name in BUILTIN_COLLATIONS
            or name.upper() in BUILTIN_COLLATIONS
            or (self.finder is not None and self.finder.has_user_collation(name))
        )

    # The authorizer.

    def authorize(
        self, action: int, first: str | None, second: str | None, database: str | None, context: str | None = None
    ) -> bool:
        """Ask the authorizer. False: the action is to be left out (IGNORE). A refusal is SqlError AUTH."""
        if self.authorizer is None:
            return True
        answer = self.authorizer(action, first, second, database, context or self.reader)
        if answer == DENY:
            raise SqlError(AUTH, "not authorized")
        if answer not in (0, IGNORE):
            raise SqlError(ERROR, "authorizer malfunction")
        if answer == IGNORE:
            self.ignored.add(action)
            if self.leaves_out and self._is_left_out(action, first or ""):
                raise LeftOutError
        elif self.leaves_out == LEAVES_CHANGES_OUT and action in SCHEMA_CHANGES and action not in TRIGGER_CHANGES:
            self.leaves_out = LEAVES_DROPS_OUT
        return answer == 0

    def _is_left_out(self, action: int, first: str) -> bool:
        """Whether the statement does nothing when this question is ignored."""
        if self.leaves_out == LEAVES_INSERTS_OUT:
            return action in (ACTION_INSERT, ACTION_SELECT)
        if self.leaves_out == LEAVES_DROPS_OUT:
            return action == ACTION_DELETE and not first.startswith("sqlite_")
        return action in SCHEMA_CHANGES or action in (ACTION_INSERT, ACTION_DELETE)

    def authorize_select(self, reader: str | None) -> None:
        """Ask for a SELECT that stands in FROM, on behalf of its view or common table."""
        outer = self.reader
        self.reader = reader
        try:
            self.authorize(ACTION_SELECT, None, None, None)
        finally:
            self.reader = outer

    def authorize_function(self, name: str, spelling: str = "") -> bool:
        """Ask whether a function may be called; False: its value is NULL. A refusal is SqlError ERROR."""
        if self.authorizer is None:
            return True
        answer = self.authorizer(ACTION_FUNCTION, None, name, None, self.reader)
        if answer == DENY:
            raise SqlError(ERROR, f"not authorized to use function: {spelling or name}")
        if answer not in (0, IGNORE):
            raise SqlError(ERROR, "authorizer malfunction")
        return answer == 0

    def authorize_read(self, table: str, column: str, database: str, context: str | None = None) -> bool:
        """Ask whether a column may be read. False: it reads as NULL."""
        if self.authorizer is None:
            return True
        answer = self.authorizer(ACTION_READ, table, column, database, context or self.reader)
        if answer == DENY:
            where = (
                f"{table}.{column}" if len(self.schemas) <= 2 and database == "main" else f"{database}.{table}.{column}"
            )
            raise SqlError(AUTH, f"access to {where} is prohibited")
        if answer not in (0, IGNORE):
            raise SqlError(ERROR, "authorizer malfunction")
        return answer == 0


def schema_table_named(key: str, database: int) -> Table | None:
    """The schema table of a database under any of its names."""
    if database == 1:
        names = ("sqlite_temp_master", "sqlite_temp_schema", "sqlite_master", "sqlite_schema")
        return TEMP_SCHEMA_TABLE if key in names else None
    if key in ("sqlite_master", "sqlite_schema"):
        return MAIN_SCHEMA_TABLE if database == 0 else schema_table(database)
    return None
