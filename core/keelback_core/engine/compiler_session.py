"""CompilerSession: the compiler's side of one open database: schemas, settings, compilation, pragmas.

1. Schemas are read when they are needed: session_schemas.py.
2. What leaves this room as SqlError has its offset in bytes.

`Connection` runs the programs on the reference's machine; `RemoteConnection` serves the kernel, which runs them in C++.
Must not know: how statements are run; of the run tower only `run_tower.py`.
"""

from __future__ import annotations

import sys

from keelback_core.compiler.bind.select import parameter_error
from keelback_core.compiler.catalog.catalog import Catalog
from keelback_core.compiler.catalog.model import Schema, fold_name
from keelback_core.compiler.catalog.settings import LIMIT_LENGTH, LIMIT_MAXIMA, LIMIT_SQL_LENGTH
from keelback_core.compiler.emit.blob import compile_blob
from keelback_core.compiler.emit.encoded import compile_encoded, compile_tokens, encoded_answer
from keelback_core.compiler.emit.explain import explained_program
from keelback_core.compiler.emit.statement import compile_statement, needs_schema
from keelback_core.compiler.emit.statement_head import check_head
from keelback_core.compiler.sql.ast import AstExplain, AstPragma
from keelback_core.compiler.sql.lexer import Lexer
from keelback_core.compiler.sql.parser import UnfinishedError, parse_statement, parse_tokens
from keelback_core.compiler.sql.token_error import TokenError
from keelback_core.engine.attach import attach_database, detach_database
from keelback_core.engine.pragma_settings import PragmaSettings
from keelback_core.engine.session_schemas import SessionSchemas
from keelback_core.engine.uri import OPEN_IMMUTABLE
from keelback_core.engine.vacuum import vacuum
from keelback_core.engine.virtual_tables import VirtualTables
from keelback_core.value.errors import SqlError
from keelback_core.value.library_facts import COMPILE_OPTIONS
from keelback_core.value.result_codes import BUSY, ERROR, MESSAGES, MISUSE, NOMEM, SCHEMA, TOOBIG

DEFENSIVE_SWITCH = 1010
# The switches of sqlite3_db_config, which come with the limits, by their numbers, and one that only a changeset that is
# applied turns, and one of statements. Twins: core/kernel/capi/config.cpp, session/apply.cpp, statement.cpp.
SWITCHES = {
    1003: "enables_triggers",
    1009: "resets_database",
    DEFENSIVE_SWITCH: "defensive",
    1013: "dqs_dml",
    1014: "dqs_ddl",
    1015: "enables_views",
    1020: "attaches_new_files",
    1021: "attaches_writable",
    2000: "fires_key_actions",
    2001: "hides_virtual_tables",
}

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from keelback_core.compiler.sql.ast import AstStatement
    from keelback_core.engine.run_tower import DatabaseLike
    from keelback_core.program.program import Program
    from keelback_core.value import Value

DEEP_RECURSION = 30000
SMALLEST_LENGTH = 30
TEMPORARY = 1
CHECKS = ("integrity_check", "quick_check")


def with_tail_in_bytes(error: SqlError, sql: str) -> SqlError:
    """The error, its tail counted in bytes."""
    if error.tail > 0 and not sql.isascii():
        error.tail = len(sql[: error.tail].encode("utf-8", "surrogateescape"))
    return error


def in_bytes(error: SqlError, sql: str) -> SqlError:
    """The error, its offset and tail counted in bytes."""
    if error.offset > 0 and not sql.isascii():
        error.offset = len(sql[: error.offset].encode("utf-8", "surrogateescape"))
    return with_tail_in_bytes(error, sql)


def misuse() -> SqlError:
    """SQLITE_MISUSE with its text."""
    return SqlError(MISUSE, MESSAGES[MISUSE])


class CompilerSession(SessionSchemas):
    """See the module. Whoever inherits sets `session`, `tower` and `functions` right after this constructor, and says
    what the methods under "What the engine does" do.
    """

    __slots__ = ("is_closed", "open_flags", "next_page_size", "next_auto_vacuum", "_pragmas")

    def __init__(self, open_flags: int, is_memory: bool) -> None:
        super().__init__()
        self.settings.is_memory = is_memory
        self.settings.paths = self._paths
        self.settings.compile_options = COMPILE_OPTIONS
        self.is_closed = False
        # Of what is attached; an immutable main database says nothing of others.
        self.open_flags = open_flags & ~OPEN_IMMUTABLE
        # What PRAGMA page_size asked for and VACUUM will do; 0: nothing.
        self.next_page_size = 0
        # What PRAGMA auto_vacuum asked for and VACUUM will do; -1: nothing.
        self.next_auto_vacuum = -1
        self.virtual_tables = VirtualTables(self)
        self._pragmas = PragmaSettings(self)

    def _paths(self) -> list[tuple[int, str, str]]:
        """Number, name and path of the open databases."""
        found = []
        for number, database in enumerate(self.session.databases):
            if database is not None:
                found.append((number, self.schema_name(number), database.path))
        return found

    # What the engine does.

    def execute(self, sql: str) -> list[list[Value]]:
        """Run the statements of a text, and the rows of the last that gave any columns."""
        raise misuse()

    @property
    def running_count(self) -> int:
        """How many statements run."""
        raise misuse()

    @property
    def busy_timeout(self) -> int:
        """Milliseconds that `set_busy_timeout` has set, 0 with a handler of the user's or none."""
        raise misuse()

    def set_busy_timeout(self, milliseconds: int) -> None:
        """Wait so long for locks before giving up; 0 or less: not at all."""
        raise misuse()

    def set_case_sensitive_like(self, is_wanted: bool) -> None:
        """Put like() with case in the place of like(), also of one that the user has defined; or take it away."""
        raise misuse()

    def attach_to_session(self, name: str, database: DatabaseLike) -> int:
        """Have the session know a database, last; its number."""
        raise misuse()

    @property
    def keeps_locks(self) -> bool:
        """Whether databases that are attached from now on keep their locks."""
        return self._pragmas.locking_mode == "exclusive"

    def inherit_settings(self, database: DatabaseLike) -> None:
        """Give a database that is being attached what it takes over from main."""
        self._pragmas.inherit(database)

    # Compiling.

    def parse(self, sql: str) -> tuple[AstStatement | None, int]:
        """The first statement of a text (None for blank text) and the index of the rest."""
        return self.parse_tokens(Lexer(sql, 0))

    def parse_tokens(self, lexer: Lexer) -> tuple[AstStatement | None, int]:
        """As `parse`, of the text of a lexer that stands at its beginning."""
        sql = lexer.text
        self._check_length(sql)
        try:
            return parse_tokens(lexer, self.settings.parse_limits)
        except SqlError as error:
            if isinstance(error, UnfinishedError):
                self._check_head(error, sql)
            raise with_tail_in_bytes(error, sql) from None

    def _check_length(self, sql: str) -> None:
        """SqlError TOOBIG for a text that is longer than a limit of the connection."""
        limit = self.settings.limits[LIMIT_SQL_LENGTH]
        if len(sql) * 4 > limit and len(sql.encode("utf-8", "surrogateescape")) > limit:
            raise SqlError(TOOBIG, MESSAGES[TOOBIG])

    def _check_head(self, unfinished: UnfinishedError, sql: str) -> None:
        """Raise what SQLite says to the head of a CREATE before it comes to the mistake."""
        try:
            check_head(unfinished.head, self.catalog(), sql)
        except SqlError as error:
            if isinstance(error, TokenError):
                error.place(unfinished.head.parts, sql)
            if error.tail < 0:
                error.tail = unfinished.tail
            raise in_bytes(error, sql) from None

    def compile(self, sql: str) -> tuple[Program, int]:
        """The program of a text of one statement, and the generation it is good for."""
        ast, _ = parse_statement(sql, 0, self.settings.parse_limits)
        if ast is None:
            raise misuse()
        return self.compile_ast(ast, sql)

    def explained(self, sql: str, mode: int) -> Program:
        """The program of a text without its EXPLAIN (0), the one that lists it (1), or its plan (2)."""
        ast, _ = self.parse(sql)
        if ast is None:
            raise misuse()
        program = self.compile_ast(ast.statement if isinstance(ast, AstExplain) else ast, sql)[0]
        return program if mode == 0 else explained_program(program, mode == 2)

    def compile_ast(self, ast: AstStatement, sql: str) -> tuple[Program, int]:
        """The program of a statement, and the generation it is good for."""
        program: Program
        program, generation = self._compile(compile_statement, ast, sql)
        return program, generation

    def compile_encoded_tokens(
        self, lexer: Lexer, mode: int, is_lifting: bool, failure: SqlError | None = None
    ) -> list[Any]:
        """What the kernel gets for the text of a lexer that stands at its beginning; see emit/encoded.py. failure: what
        `compile_tokens` has raised already."""
        sql = lexer.text
        self._check_length(sql)
        catalog = self._catalog
        if catalog is not None and failure is None:
            try:
                return compile_tokens(lexer, self.settings.parse_limits, catalog, mode, is_lifting)
            except SqlError as error:
                failure = error
            except RecursionError:
                pass
        # An error of the parser comes again; one of the compiler is looked into with the statement at hand.
        ast, end = self.parse_tokens(Lexer(sql, 0))
        tail = end if sql.isascii() else len(sql[:end].encode("utf-8", "surrogateescape"))
        if ast is None:
            return encoded_answer(tail, None)
        options = (mode, is_lifting)
        try:
            if failure is None:
                encoded = self._compile(compile_encoded, ast, sql, *options)[0]
            else:
                encoded = self._compile_again(failure, compile_encoded, ast, sql, options)[0]
        except SqlError as error:
            if error.tail < 0:
                error.tail = tail
            raise
        return encoded_answer(tail, encoded)

    def compile_blob(self, schema: str | None, table: str, column: str, is_writable: bool) -> Program:
        """The program of a handle on a column's values; see emit/blob.py. Whatever keeps it from being compiled is
        SQLITE_ERROR, as in SQLite.
        """
        try:
            try:
                return compile_blob(self.catalog(), schema, table, column, is_writable)
            except SqlError:
                if not self._is_schema_stale():
                    raise
                self.forget_schemas()
                return compile_blob(self.catalog(), schema, table, column, is_writable)
        except SqlError as error:
            if error.primary_code == NOMEM:
                raise
            raise SqlError(ERROR, error.message) from None

    def _compile(self, compile_one: Callable[..., Any], ast: AstStatement, sql: str, *options: int) -> tuple[Any, int]:
        """What `compile_one(ast, catalog, sql, *options)` gives, and the generation it is good for."""
        try:
            return self._compile_once(compile_one, ast, sql, options)
        except SqlError as error:
            return self._compile_again(error, compile_one, ast, sql, options)

    def _compile_again(
        self, error: SqlError, compile_one: Callable[..., Any], ast: AstStatement, sql: str, options: tuple[int, ...]
    ) -> tuple[Any, int]:
        """As `_compile`, after this error: what comes of it with the schemas read anew if they were stale."""
        if error.primary_code == BUSY:
            # Who waited for a lock in vain does not wait again.
            raise error
        try:
            if error.primary_code != SCHEMA and not self._is_schema_stale():
                raise error
            self.forget_schemas()
            return self._compile_once(compile_one, ast, sql, options)
        except SqlError as failure:
            if isinstance(ast, AstPragma) and ast.schema is None and fold_name(ast.name) in CHECKS:
                # SQLite opens temp for it before it gives up.
                self.session.database(TEMPORARY).begin_read()
                self.session.database(TEMPORARY).end_read()
            # The parser of SQLite numbers parameters, before any name is looked for.
            first = parameter_error(ast, sql, self.catalog()) or failure
            if isinstance(first, TokenError):
                first.place(ast.parts, sql)
            raise in_bytes(first, sql) from None

    def _compile_once(
        self, compile_one: Callable[..., Any], ast: AstStatement, sql: str, options: tuple[int, ...]
    ) -> tuple[Any, int]:
        catalog = self._catalog_for(ast)
        generation = self.generation
        try:
            return compile_one(ast, catalog, sql, *options), generation
        except RecursionError:
            pass
        limit = sys.getrecursionlimit()
        sys.setrecursionlimit(limit + DEEP_RECURSION)
        try:
            return compile_one(ast, catalog, sql, *options), generation
        except RecursionError:
            raise SqlError(ERROR, "Expression tree is too large (maximum depth 1000)") from None
        finally:
            sys.setrecursionlimit(limit)

    def _catalog_for(self, ast: AstStatement) -> Catalog:
        if self._catalog is not None:
            return self.catalog()
        if not needs_schema(ast):
            return self._catalog_as_loaded()
        try:
            return self.catalog()
        except SqlError as error:
            # Programs that were known have run: SQLite would have the schema since then.
            is_told = isinstance(ast, AstPragma) and fold_name(ast.name) == "journal_mode"
            if not is_told or error.primary_code != BUSY or not self.session.database(0).was_read:
                raise
            return self._catalog_as_loaded()

    def _catalog_as_loaded(self) -> Catalog:
        """The catalog where a schema that is not loaded has nothing in it."""
        names = self.schema_names
        schemas = [
            schema if schema is not None else Schema(names[number], number, 0, {}, {}, {})
            for number, schema in enumerate(self._schemas)
        ]
        return Catalog(schemas, self.settings, self.functions, self._authorizer)

    # Settings.

    def set_log(self, log: Callable[[int, str], object] | None) -> None:
        """Have what is noteworthy told from now on, whenever a statement is compiled."""
        self.settings.log = log
        self.expire()

    def limit(self, limit_id: int, new_value: int) -> int:
        """Set a limit (negative: leave it); the value before, -1 for an unknown limit."""
        if limit_id in SWITCHES:
            setattr(self.settings, SWITCHES[limit_id], new_value > 0)
            if limit_id == DEFENSIVE_SWITCH:
                self._pragmas.settle_writable_schema()
            self.expire()
            return 0
        limits = self.settings.limits
        if limit_id < 0 or limit_id >= len(limits):
            return -1
        before = limits[limit_id]
        if new_value >= 0:
            smallest = SMALLEST_LENGTH if limit_id == LIMIT_LENGTH else 0
            self.settings.set_limit(limit_id, max(smallest, min(new_value, LIMIT_MAXIMA[limit_id])))
        return before

    def answer_pragma(self, database: int, name: str, arguments: list[Value]) -> Value:
        """What a running PRAGMA, ATTACH, DETACH or VACUUM asks; see `pragma_settings`."""
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
