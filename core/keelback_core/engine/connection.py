"""Connection: one open database with its statements, functions, hooks and settings.

1. The schema is read when the first statement that needs it is prepared, and again after it was forgotten: when this
   connection changed it, a rollback undid a change, or the file's cookie turned out to be another.
2. `generation` grows with whatever makes compiled programs stale; statements compare it before they run.
3. What leaves this room as SqlError has its offset in bytes.

Twin of nothing: the kernel's engine calls it for what it has not compiled yet. Spec: https://sqlite.org/c3ref/intro.html
"""

from __future__ import annotations

import sys

from keelback_core.compiler.catalog.catalog import Catalog
from keelback_core.compiler.catalog.load import fold_collation
from keelback_core.compiler.catalog.model import Schema, fold_name
from keelback_core.compiler.catalog.settings import (
    LIMIT_LENGTH,
    LIMIT_LIKE_PATTERN_LENGTH,
    LIMIT_MAXIMA,
    LIMIT_SQL_LENGTH,
    LIMIT_TRIGGER_DEPTH,
    Settings,
)
from keelback_core.compiler.emit.explain import explained_program
from keelback_core.compiler.emit.statement import compile_statement, needs_schema
from keelback_core.compiler.emit.statement_head import check_head
from keelback_core.compiler.sql.parser import UnfinishedError, parse_statement
from keelback_core.engine.attach import attach_database, detach_database
from keelback_core.engine.busy import BusyTimeout
from keelback_core.engine.host import ConnectionHost, UserFunction
from keelback_core.engine.pragma_settings import PragmaSettings
from keelback_core.engine.schema_loader import META_SCHEMA_COOKIE, SchemaLoader
from keelback_core.engine.statement import Statement, misuse
from keelback_core.engine.uri import OPEN_CREATE, OPEN_MEMORY, OPEN_READONLY, OPEN_READWRITE, OPEN_URI, parse_file_name
from keelback_core.engine.vacuum import vacuum
from keelback_core.reference.storage.database import Database
from keelback_core.reference.vm.functions.connection import COMPILE_OPTIONS
from keelback_core.reference.vm.session import Session
from keelback_core.value.errors import SqlError
from keelback_core.value.result_codes import BUSY, ERROR, MESSAGES, SCHEMA, TOOBIG

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any

    from keelback_core.compiler.sql.ast import AstStatement
    from keelback_core.program.host import Aggregate
    from keelback_core.program.program import Program
    from keelback_core.value import Value
    from keelback_core.value.key import Collation

DEEP_RECURSION = 30000
LARGEST_FUNCTION_NAME = 255
LARGEST_ARGUMENT_COUNT = 1000


class Connection:
    """See the module, and the attributes that programs set: busy_handler, authorizer, trace and the hooks."""

    __slots__ = (
        "session",
        "host",
        "settings",
        "generation",
        "is_closed",
        "open_flags",
        "next_page_size",
        "schema_names",
        "statements",
        "trace",
        "commit_hook",
        "rollback_hook",
        "update_hook",
        "_authorizer",
        "_progress_handler",
        "_busy_handler",
        "_busy_timeout",
        "_loader",
        "_schemas",
        "_catalog",
        "_pragmas",
        "__weakref__",
    )

    def __init__(self, filename: str, flags: int = OPEN_READWRITE | OPEN_CREATE, vfs: str | None = None) -> None:
        if flags & 7 not in (OPEN_READONLY, OPEN_READWRITE, OPEN_READWRITE | OPEN_CREATE):
            raise misuse()
        name = parse_file_name(filename, flags)
        wanted_vfs = name.options.get("vfs", vfs)
        if wanted_vfs not in (None, "", "unix"):
            raise SqlError(ERROR, f"no such vfs: {wanted_vfs}")
        open_flags = name.flags
        if name.options.get("immutable") in ("1", "true", "yes", "on"):
            open_flags = open_flags & ~(OPEN_READWRITE | OPEN_CREATE) | OPEN_READONLY
        path = None if name.flags & OPEN_MEMORY or not name.path else name.path
        main = Database.open(path, open_flags)
        self.host = ConnectionHost(self)
        self.session = Session(self.host, main, self._open_temporary)
        self.settings = Settings()
        self.settings.is_memory = path is None
        self.settings.paths = self._paths
        self.settings.compile_options = COMPILE_OPTIONS
        self.generation = 0
        self.is_closed = False
        self.open_flags = name.flags & ~OPEN_MEMORY | flags & OPEN_URI
        # What PRAGMA page_size asked for and VACUUM will do; 0: nothing.
        self.next_page_size = 0
        self.schema_names = ["main", "temp"]
        self.statements: list[Statement] = []
        self.trace: Callable[[str], object] | None = None
        self.commit_hook: Callable[[], object] | None = None
        self.rollback_hook: Callable[[], object] | None = None
        self.update_hook: Callable[[int, str, str, int], object] | None = None
        self._authorizer: Callable[..., int] | None = None
        self._progress_handler: tuple[int, Callable[[], object]] | None = None
        self._busy_handler: Callable[[int], object] | None = None
        self._busy_timeout = 0
        self._loader = SchemaLoader()
        self._schemas: list[Schema | None] = [None, None]
        self._catalog: Catalog | None = None
        self._pragmas = PragmaSettings(self)
        main.busy_handler = self._ask_busy

    def _open_temporary(self) -> Database:
        database = Database.open(None, OPEN_READWRITE | OPEN_CREATE | OPEN_MEMORY)
        self.generation += 1
        self._catalog = None
        return database

    def _paths(self) -> list[tuple[int, str, str]]:
        """Number, name and path of the open databases."""
        found = []
        for number, database in enumerate(self.session.databases):
            if database is not None:
                found.append((number, self.schema_name(number), database.path))
        return found

    # Preparing.

    def prepare(self, sql: str) -> tuple[Statement | None, int]:
        """Compile the first statement of a text; (statement or None for blank text, index of the rest)."""
        self._check_open()
        limit = self.settings.limits[LIMIT_SQL_LENGTH]
        if len(sql) > limit or (len(sql) * 4 > limit and len(sql.encode("utf-8", "surrogateescape")) > limit):
            raise SqlError(TOOBIG, "statement too long" if len(sql) > limit else MESSAGES[TOOBIG])
        try:
            ast, tail = parse_statement(sql, 0, self.settings.parse_limits)
        except UnfinishedError as error:
            check_head(error.head, self.catalog(), sql)
            raise
        if ast is None:
            return None, tail
        program, generation = self._compile(ast, sql)
        statement = Statement(self, sql[:tail], program, generation)
        self.statements.append(statement)
        return statement, tail

    def compile(self, sql: str) -> tuple[Program, int]:
        """The program of a text of one statement, and the generation it is good for."""
        ast, _ = parse_statement(sql, 0, self.settings.parse_limits)
        if ast is None:
            raise misuse()
        return self._compile(ast, sql)

    def explained(self, sql: str, mode: int) -> Program:
        """The program of a text, or the one that lists it (1), or its plan (2)."""
        program = self.compile(sql)[0]
        return program if mode == 0 else explained_program(program, mode == 2)

    def _compile(self, ast: AstStatement, sql: str) -> tuple[Program, int]:
        try:
            try:
                return self._compile_once(ast, sql)
            except SqlError as error:
                if error.primary_code != SCHEMA and not self._is_schema_stale():
                    raise
                self.forget_schemas()
                return self._compile_once(ast, sql)
        except SqlError as error:
            if error.offset > 0:
                error.offset = len(sql[: error.offset].encode("utf-8", "surrogateescape"))
            raise

    def _compile_once(self, ast: AstStatement, sql: str) -> tuple[Program, int]:
        catalog = self._catalog_for(ast)
        generation = self.generation
        try:
            return compile_statement(ast, catalog, sql), generation
        except RecursionError:
            pass
        limit = sys.getrecursionlimit()
        sys.setrecursionlimit(limit + DEEP_RECURSION)
        try:
            return compile_statement(ast, catalog, sql), generation
        except RecursionError:
            raise SqlError(ERROR, "Expression tree is too large (maximum depth 1000)") from None
        finally:
            sys.setrecursionlimit(limit)

    def _catalog_for(self, ast: AstStatement) -> Catalog:
        if self._catalog is not None:
            return self._catalog
        if not needs_schema(ast):
            names = self.schema_names
            schemas = [
                schema if schema is not None else Schema(names[number], number, 0, {}, {}, {})
                for number, schema in enumerate(self._schemas)
            ]
            return Catalog(schemas, self.settings, self.host, self._authorizer)
        return self.catalog()

    def catalog(self) -> Catalog:
        """What statements are compiled against now; reads the schemas that are not known."""
        # The end of a transaction takes the pragma back.
        self.settings.defer_foreign_keys = self.session.defers_foreign_keys
        if self._catalog is None:
            for number, database in enumerate(self.session.databases):
                if database is not None and self._schemas[number] is None:
                    self._schemas[number] = self._loader.load(database, number, self.schema_names[number])
            self._catalog = Catalog(self._schemas, self.settings, self.host, self._authorizer)
            main = self.session.databases[0]
            is_empty = main is None or main.page_count == 0
            self.host.text_encoding = self.settings.encoding if is_empty else self._catalog.schema(0).encoding
        return self._catalog

    # The schema.

    def forget_schema(self, number: int) -> None:
        """Read the schema of a database again before it is used next."""
        self._schemas[number] = None
        self._catalog = None
        self.generation += 1

    def forget_schemas(self) -> None:
        """Read all schemas again before they are used next."""
        for number in range(len(self._schemas)):
            self.forget_schema(number)

    def expire(self) -> None:
        """Have all statements compiled again before they run next."""
        self._catalog = None
        self.generation += 1

    def _is_schema_stale(self) -> bool:
        """Whether the schema in a file has changed behind the one we compiled with."""
        for number, schema in enumerate(self._schemas):
            database = self.session.databases[number]
            if schema is None or database is None:
                continue
            was_idle = database.transaction_state == 0
            try:
                database.begin_read()
                cookie = database.get_meta(META_SCHEMA_COOKIE)
                if was_idle:
                    database.end_read()
            except SqlError:
                continue
            if cookie & 0xFFFFFFFF != schema.cookie & 0xFFFFFFFF:
                return True
        return False

    def schema_name(self, number: int) -> str:
        """The name of a database."""
        return self.schema_names[number]

    def number_of(self, schema: str | None) -> int:
        """The number of a database by its name (None: main), -1 if there is none."""
        key = "main" if schema is None else fold_name(schema)
        for number, name in enumerate(self.schema_names):
            if fold_name(name) == key:
                return number
        return -1

    def add_schema(self, name: str, number: int, database: Database) -> None:
        """Take in an attached database, reading its schema. SqlError if it cannot be read."""
        self.schema_names.append(name)
        self._schemas.append(None)
        database.busy_handler = self._ask_busy
        self.expire()
        schema = self._loader.load(database, number, name)
        main = self.session.database(0)
        encoding = self.catalog().schema(0).encoding if main.page_count else self.settings.encoding
        if database.page_count and schema.encoding != encoding:
            raise SqlError(ERROR, "attached databases must use the same text encoding as main database")
        self._schemas[number] = schema
        self.expire()

    def remove_schema(self, number: int) -> None:
        """Forget a detached database; those behind it have moved up."""
        del self.schema_names[number]
        del self._schemas[number]
        self.forget_schemas()

    # Running.

    def execute(self, sql: str, parameters: Sequence[Value] | Mapping[str, Value] = ()) -> list[list[Value]]:
        """Run all statements of a text with the same parameters; the rows of the last that gave any columns."""
        rows: list[list[Value]] = []
        rest = sql
        while rest:
            statement, tail = self.prepare(rest)
            rest = rest[tail:]
            if statement is None:
                break
            try:
                self._bind_all(statement, parameters)
                found = []
                while statement.step():
                    found.append(list(statement.row))
                rows = found
            finally:
                statement.finalize()
        return rows

    def _bind_all(self, statement: Statement, parameters: Sequence[Value] | Mapping[str, Value]) -> None:
        if hasattr(parameters, "keys"):
            for index, name in enumerate(statement.parameter_names):
                if name is not None and name[1:] in parameters:
                    statement.bind(index + 1, parameters[name[1:]])  # type: ignore[call-overload]
            return
        for index in range(min(len(parameters), statement.parameter_count)):
            statement.bind(index + 1, parameters[index])

    def drop_statement(self, statement: Statement) -> None:
        """Forget a finalized statement."""
        for position, known in enumerate(self.statements):
            if known is statement:
                del self.statements[position]
                return

    def close(self, finalizes: bool = False) -> None:
        """Close. SqlError BUSY while statements are not finalized, unless `finalizes` does that."""
        if self.is_closed:
            return
        if finalizes:
            for statement in list(self.statements):
                statement.finalize()
        if self.statements:
            raise SqlError(BUSY, "unable to close due to unfinalized statements or unfinished backups")
        if not self.session.autocommit:
            try:
                self.session.rollback_all(None, False)
            except SqlError:
                pass
        self.is_closed = True
        for database in self.session.open_databases():
            database.close()

    def _check_open(self) -> None:
        if self.is_closed:
            raise misuse()

    # Counters and state.

    @property
    def changes(self) -> int:
        return self.host.changes

    @property
    def total_changes(self) -> int:
        return self.host.total_changes

    @property
    def last_insert_rowid(self) -> int:
        return self.host.last_insert_rowid

    @last_insert_rowid.setter
    def last_insert_rowid(self, rowid: int) -> None:
        self.host.last_insert_rowid = rowid

    @property
    def autocommit(self) -> bool:
        """False inside a transaction."""
        return self.session.autocommit

    def interrupt(self) -> None:
        """Have running statements end with SQLITE_INTERRUPT; nothing if none runs."""
        if self.session.running:
            self.host.is_interrupted = True

    @property
    def is_interrupted(self) -> bool:
        return self.host.is_interrupted and bool(self.session.running)

    def limit(self, limit_id: int, new_value: int) -> int:
        """Set a limit (negative: leave it); the value before, -1 for an unknown limit."""
        limits = self.settings.limits
        if limit_id < 0 or limit_id >= len(limits):
            return -1
        before = limits[limit_id]
        if new_value >= 0:
            value = min(new_value, LIMIT_MAXIMA[limit_id])
            if limit_id == LIMIT_LENGTH:
                value = max(value, 30)
                self.host.limit_length = value
            elif limit_id == LIMIT_LIKE_PATTERN_LENGTH:
                self.host.limit_pattern_length = value
            elif limit_id == LIMIT_TRIGGER_DEPTH:
                self.session.trigger_depth_limit = value
            self.settings.set_limit(limit_id, value)
        return before

    def database_filename(self, schema: str | None) -> str | None:
        """The absolute path of a database, "" in memory, None for an unknown name."""
        number = self.number_of(schema)
        database = self.session.databases[number] if number >= 0 else None
        if database is None:
            return "" if number == 1 else None
        return database.path

    def is_readonly(self, schema: str | None) -> int:
        """1 if a database can only be read, 0 if not, -1 for an unknown name."""
        number = self.number_of(schema)
        if number < 0:
            return -1
        database = self.session.databases[number]
        return 0 if database is None else int(database.is_readonly)

    def transaction_state(self, schema: str | None) -> int:
        """0 none, 1 read, 2 write, of one database or (None) the furthest of all; -1 for an unknown name."""
        if schema is None:
            return max(database.transaction_state for database in self.session.open_databases())
        number = self.number_of(schema)
        if number < 0:
            return -1
        database = self.session.databases[number]
        return 0 if database is None else database.transaction_state

    # What programs hand in.

    @property
    def authorizer(self) -> Callable[..., int] | None:
        """Asked when statements are compiled: (action, first, second, database, view) -> 0, 1 deny, 2 ignore."""
        return self._authorizer

    @authorizer.setter
    def authorizer(self, callback: Callable[..., int] | None) -> None:
        self._authorizer = callback
        self.expire()

    @property
    def progress_handler(self) -> tuple[int, Callable[[], object]] | None:
        """(number of instructions, callback); a true answer interrupts."""
        return self._progress_handler

    @progress_handler.setter
    def progress_handler(self, handler: tuple[int, Callable[[], object]] | None) -> None:
        if handler is not None and (handler[0] <= 0 or handler[1] is None):
            handler = None
        self._progress_handler = handler
        self.host.progress_period = 0 if handler is None else handler[0]

    @property
    def busy_handler(self) -> Callable[[int], object] | None:
        """Called with the number of calls before when a lock is held elsewhere; a false answer gives up."""
        return self._busy_handler

    @busy_handler.setter
    def busy_handler(self, handler: Callable[[int], object] | None) -> None:
        self._busy_handler = handler
        self._busy_timeout = 0

    @property
    def busy_timeout(self) -> int:
        """Milliseconds that `set_busy_timeout` has set, 0 with a handler of the user's or none."""
        return self._busy_timeout

    def set_busy_timeout(self, milliseconds: int) -> None:
        """Wait so long for locks before giving up; 0 or less: not at all."""
        if milliseconds <= 0:
            self.busy_handler = None
            return
        self._busy_handler = BusyTimeout(milliseconds).wait
        self._busy_timeout = milliseconds

    def _ask_busy(self, count: int) -> bool:
        return self._busy_handler is not None and bool(self._busy_handler(count))

    def create_function(
        self,
        name: str,
        argument_count: int,
        flags: int,
        scalar: Callable[[list[Any]], Value] | None = None,
        aggregate: Callable[[], Aggregate] | None = None,
        is_window: bool = False,
    ) -> None:
        """Define a function, or remove the user's one when both are None. SqlError MISUSE, BUSY.

        is_window: the aggregate has `value` and `inverse`, and may be used with OVER.
        """
        self._check_open()
        size = len(name.encode("utf-8", "surrogateescape"))
        if not -1 <= argument_count <= LARGEST_ARGUMENT_COUNT or size > LARGEST_FUNCTION_NAME:
            raise misuse()
        if (fold_name(name), argument_count) in self.host.functions and self.session.running:
            raise SqlError(BUSY, "unable to delete/modify user-function due to active statements")
        self.put_function(name, argument_count, flags, scalar, aggregate, is_window)

    def put_function(
        self,
        name: str,
        argument_count: int,
        flags: int,
        scalar: Callable[[list[Any]], Value] | None,
        aggregate: Callable[[], Aggregate] | None,
        is_window: bool = False,
    ) -> None:
        """Define or remove a function, whatever runs."""
        key = (fold_name(name), argument_count)
        self.host.functions.pop(key, None)
        if scalar is not None or aggregate is not None:
            self.host.functions[key] = UserFunction(name, argument_count, flags, scalar, aggregate, is_window)
        self.host.function_names = {known for known, _ in self.host.functions}
        self.expire()

    def create_collation(self, name: str, compare: Collation | None) -> None:
        """Define a collation, or remove it. SqlError BUSY while statements run and it exists."""
        self._check_open()
        key = fold_collation(name)
        if key in self.host.collations and self.session.running:
            raise SqlError(BUSY, "unable to delete/modify collation sequence due to active statements")
        if compare is None:
            self.host.collations.pop(key, None)
        else:
            self.host.collations[key] = compare
        self.expire()

    def answer_pragma(self, database: int, name: str, arguments: list[Value]) -> Value:
        """What a running PRAGMA asks; see `pragma_settings`."""
        if name == "attach":
            attach_database(self, arguments)
            return None
        if name == "detach":
            detach_database(self, arguments)
            return None
        if name == "vacuum":
            vacuum(self, database, arguments)
            return None
        return self._pragmas.answer(database, name, arguments)
