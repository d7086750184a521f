"""Connection: one open database of the reference, with its statements, functions and hooks.

Statements compare `generation` before they run. What leaves this room as SqlError has its offset in bytes.

Twin: core/kernel/engine/kernel_connection. Spec: https://sqlite.org/c3ref/intro.html
"""

from __future__ import annotations

from keelback_core.compiler.catalog.load_index import fold_collation
from keelback_core.compiler.catalog.model import fold_name
from keelback_core.compiler.catalog.settings import LIMIT_LENGTH, LIMIT_LIKE_PATTERN_LENGTH, LIMIT_TRIGGER_DEPTH
from keelback_core.engine.busy import BusyTimeout
from keelback_core.engine.compiler_session import CompilerSession, misuse
from keelback_core.engine.host import ConnectionHost
from keelback_core.engine.reference_tower import ReferenceTower, partial_like
from keelback_core.engine.statement import Statement
from keelback_core.engine.surroundings import Surroundings
from keelback_core.engine.uri import (
    OPEN_CREATE,
    OPEN_MEMORY,
    OPEN_READONLY,
    OPEN_READWRITE,
    OPEN_SHARED_CACHE,
    OPEN_URI,
    parse_file_name,
    unknown_vfs,
)
from keelback_core.engine.user_functions import FUNCTION_DETERMINISTIC, FUNCTION_LIKE_OF_CASE, UserFunction
from keelback_core.reference.storage.checkpoint import CHECKPOINT_PASSIVE
from keelback_core.reference.storage.database import Database
from keelback_core.reference.storage.vfs_names import find_vfs
from keelback_core.reference.vm.session import Session
from keelback_core.value.errors import SqlError
from keelback_core.value.result_codes import BUSY, MESSAGES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any, TypeAlias, Union

    from keelback_core.engine.run_tower import DatabaseLike
    from keelback_core.program.host import Aggregate
    from keelback_core.value import Value
    from keelback_core.value.key import Collation

    ShownRow: TypeAlias = Union[list[Value], None]
    PreupdateHook: TypeAlias = Callable[[int, int, str, str, ShownRow, ShownRow, int], object]

LARGEST_FUNCTION_NAME = 255
LARGEST_ARGUMENT_COUNT = 1000


class Connection(CompilerSession):
    """See the module, and the attributes that programs set: busy_handler, authorizer, trace and the hooks."""

    __slots__ = (
        "host",
        "statements",
        "trace",
        "commit_hook",
        "rollback_hook",
        "_wal_hook",
        "update_hook",
        "_preupdate_hook",
        "_progress_handler",
        "_busy_handler",
        "_busy_timeout",
        "__weakref__",
    )

    session: Session

    def __init__(
        self,
        filename: str,
        flags: int = OPEN_READWRITE | OPEN_CREATE,
        vfs: str | None = None,
        surroundings: Surroundings | None = None,
    ) -> None:
        surroundings = Surroundings() if surroundings is None else surroundings
        if flags & 7 not in (OPEN_READONLY, OPEN_READWRITE, OPEN_READWRITE | OPEN_CREATE):
            raise misuse()
        name = parse_file_name(filename, flags)
        wanted_vfs = name.options.get("vfs", vfs)
        files = find_vfs(wanted_vfs, surroundings.files) if wanted_vfs else surroundings.files
        if files is None:
            raise unknown_vfs(str(wanted_vfs))
        main = Database.open(name.path, name.flags, files)
        is_in_memory = name.is_in_memory or files.is_memory
        super().__init__(name.flags & ~(OPEN_MEMORY | OPEN_SHARED_CACHE) | flags & OPEN_URI, is_in_memory)
        self.host = ConnectionHost(self, surroundings)
        self.functions = self.host
        self.session = Session(self.host, main, self._open_temporary)
        self.session.virtual_tables = self.virtual_tables.written
        self.tower = ReferenceTower(files, surroundings.files)
        self.statements: list[Statement] = []
        self.trace: Callable[[str], object] | None = None
        self.commit_hook: Callable[[], object] | None = None
        self.rollback_hook: Callable[[], object] | None = None
        self._wal_hook: Callable[[str, int], int] | None = None
        self.update_hook: Callable[[int, str, str, int], object] | None = None
        self._preupdate_hook: PreupdateHook | None = None
        self._progress_handler: tuple[int, Callable[[], object]] | None = None
        self._busy_handler: Callable[[int], object] | None = None
        self._busy_timeout = 0
        main.busy_handler = self._ask_busy
        main.pager.log = self.settings.warn

    def _open_temporary(self) -> Database:
        flags = OPEN_READWRITE | OPEN_CREATE | OPEN_MEMORY
        database = Database.open(None, flags, page_size=self.session.temporary_page_size)
        self.generation += 1
        self._catalog = None
        return database

    def set_wal_hook(self, hook: Callable[[str, int], int] | None, autocheckpoint: int) -> None:
        """Have `hook` told of each commit to a WAL, by schema and number of frames, for a result code; or None, and
        the number of frames after which a WAL is checkpointed.
        """
        self._wal_hook = hook
        self.session.wal_autocheckpoint = autocheckpoint

    def note_wal_commits(self) -> None:
        """After a step that committed to a WAL: the hook is told, or a WAL that has become long is checkpointed."""
        session = self.session
        if not session.autocommit:
            return
        session.has_wal_commits = False
        code = 0
        for number, database in enumerate(session.databases):
            frames = 0 if database is None else database.take_wal_commit()
            if database is None or frames == 0 or code:
                continue
            if self._wal_hook is not None and session.wal_autocheckpoint == 0:
                code = self._wal_hook(self.schema_name(number), frames)
            elif 0 < session.wal_autocheckpoint <= frames:
                try:
                    database.checkpoint(CHECKPOINT_PASSIVE)
                except SqlError:
                    # What cannot be brought back now waits for the next time.
                    continue
        if code:
            raise SqlError(code, MESSAGES.get(code & 0xFF, "unknown error"))

    # Preparing.

    def prepare(self, sql: str) -> tuple[Statement | None, int]:
        """Compile the first statement of a text; (statement or None for blank text, index of the rest)."""
        self._check_open()
        ast, tail = self.parse(sql)
        if ast is None:
            return None, tail
        try:
            program, generation = self.compile_ast(ast, sql)
        except SqlError as error:
            if error.tail < 0:
                error.tail = len(sql[:tail].encode("utf-8", "surrogateescape"))
            raise
        statement = Statement(self, sql[:tail], program, generation)
        self.statements.append(statement)
        return statement, tail

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
        self.virtual_tables.close()
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

    @property
    def running_count(self) -> int:
        return len(self.session.running)

    def interrupt(self) -> None:
        """Have running statements end with SQLITE_INTERRUPT; nothing if none runs."""
        if self.session.running:
            self.host.is_interrupted = True

    @property
    def is_interrupted(self) -> bool:
        return self.host.is_interrupted and bool(self.session.running)

    def limit(self, limit_id: int, new_value: int) -> int:
        before = super().limit(limit_id, new_value)
        limits = self.settings.limits
        self.host.limit_length = limits[LIMIT_LENGTH]
        self.host.limit_pattern_length = limits[LIMIT_LIKE_PATTERN_LENGTH]
        self.session.trigger_depth_limit = limits[LIMIT_TRIGGER_DEPTH]
        return before

    def attach_to_session(self, name: str, database: DatabaseLike) -> int:
        assert isinstance(database, Database)
        database.busy_handler = self._ask_busy
        database.pager.log = self.settings.warn
        return self.session.attach(database)

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
    def preupdate_hook(self) -> PreupdateHook | None:
        """Told of a row that is about to change: (operation, triggers above it, schema, table, old row or None, new row
        or None, the column that a blob handle writes to or -1), each row with its rowid (0 if there is none) in
        front."""
        return self._preupdate_hook

    @preupdate_hook.setter
    def preupdate_hook(self, hook: PreupdateHook | None) -> None:
        if (hook is None) != (self._preupdate_hook is None):
            self.watch_rows(hook is not None)
        self._preupdate_hook = hook

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
        if scalar is None and aggregate is None:
            self.host.remove_function(name, argument_count)
        else:
            is_aggregate = aggregate is not None
            self.host.put_function(
                UserFunction(name, argument_count, flags, is_aggregate, is_window, scalar, aggregate)
            )
        self.expire()

    def set_case_sensitive_like(self, is_wanted: bool) -> None:
        scalar = partial_like(self.host)
        flags = FUNCTION_DETERMINISTIC | FUNCTION_LIKE_OF_CASE
        for count in (2, 3):
            if is_wanted:
                self.host.put_function(UserFunction("like", count, flags, False, False, scalar))
            else:
                self.host.remove_function("like", count)

    def create_collation(self, name: str, compare: Collation | None) -> None:
        """Define a collation, or remove it. SqlError BUSY while statements run and it exists."""
        self._check_open()
        key = fold_collation(name)
        if key in self.host.collations and self.session.running:
            raise SqlError(BUSY, "unable to delete/modify collation sequence due to active statements")
        self.host.put_collation(name, compare)
        self.expire()
