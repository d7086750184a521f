"""Statement: one prepared statement of a Connection.

    ready -> (step) running -> row, row, ... -> done or failed -> (reset or step) ready

1. Bindings outlive reset and recompilation; they cannot change while the statement runs.
2. A Program is compiled anew when the schema, a function or a collation changed since, and when the machine finds
   another schema cookie in the file (SQLITE_SCHEMA), a bounded number of times.
3. Offsets of errors that leave this room count bytes.
"""

from __future__ import annotations

from keelback_core.engine.compiler_session import misuse
from keelback_core.engine.expanded_sql import expanded_text
from keelback_core.program.program import STATEMENT_COUNT_END
from keelback_core.reference.vm.machine import Machine
from keelback_core.value.errors import SqlError
from keelback_core.value.result_codes import MESSAGES, RANGE, SCHEMA, TOOBIG

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.engine.connection import Connection
    from keelback_core.program.program import Program
    from keelback_core.value import Value

LARGEST_SCHEMA_RETRIES = 50


class Statement:
    """See the module. row: the values of the last row that `step` found."""

    __slots__ = (
        "connection",
        "sql",
        "row",
        "is_finalized",
        "_program",
        "_generation",
        "_machine",
        "_counts",
        "_values",
        "_explain_mode",
        "_column_names",
        "_declared_types",
        "_origins",
    )

    def __init__(self, connection: Connection, sql: str, program: Program, generation: int) -> None:
        self.connection = connection
        self.sql = sql
        self.row: list[Value] = []
        self.is_finalized = False
        self._values: list[Value] = [None] * len(program.parameters)
        self._explain_mode = -1
        # Of machines that have been replaced.
        self._counts = [0] * STATEMENT_COUNT_END
        self._use(program, generation)

    def _use_another(self, program: Program, generation: int) -> None:
        self._counts = self.take_counts()
        self._use(program, generation)

    def _use(self, program: Program, generation: int) -> None:
        self._program = program
        self._generation = generation
        self._machine = Machine(program, self.connection.session, self.connection.host)
        names = tuple(column.name for column in program.output)
        self._column_names = names
        self._declared_types = tuple(column.declared_type for column in program.output)
        self._origins = tuple(
            None
            if column.origin is None or column.table is None or column.database is None
            else (column.database, column.table, column.origin)
            for column in program.output
        )
        if len(self._values) != len(program.parameters):
            kept = self._values[: len(program.parameters)]
            self._values = kept + [None] * (len(program.parameters) - len(kept))

    # Facts.

    @property
    def program(self) -> Program:
        """The compiled program."""
        return self._program

    @property
    def column_count(self) -> int:
        return len(self._column_names)

    @property
    def column_names(self) -> tuple[str, ...]:
        return self._column_names

    @property
    def column_declared_types(self) -> tuple[str | None, ...]:
        return self._declared_types

    @property
    def column_origins(self) -> tuple[tuple[str, str, str] | None, ...]:
        """(database, table, column) where a result column is a plain column, else None."""
        return self._origins

    @property
    def parameter_count(self) -> int:
        return len(self._program.parameters)

    @property
    def parameter_names(self) -> tuple[str | None, ...]:
        return self._program.parameters

    @property
    def is_readonly(self) -> bool:
        return self._program.is_readonly

    @property
    def explain_mode(self) -> int:
        """0 none, 1 EXPLAIN, 2 EXPLAIN QUERY PLAN."""
        return self._program.explain_mode

    @property
    def is_busy(self) -> bool:
        """Whether it has been stepped and is neither done nor reset."""
        return self._machine.is_running

    # Bindings.

    def bind(self, index: int, value: Value) -> None:
        """Set parameter `index` (from 1). SqlError RANGE, MISUSE while the statement runs, TOOBIG."""
        if self.is_finalized or self._machine.is_running:
            raise misuse()
        if index < 1 or index > len(self._values):
            raise SqlError(RANGE, MESSAGES[RANGE])
        if isinstance(value, float) and value != value:
            value = None
        elif isinstance(value, (str, bytes)) and len(value) > self.connection.host.limit_length:
            raise SqlError(TOOBIG, MESSAGES[TOOBIG])
        self._values[index - 1] = value

    def clear_bindings(self) -> None:
        """Set all parameters to NULL."""
        self._values = [None] * len(self._values)

    # Running.

    def step(self) -> bool:
        """Run to the next row (True: it is in `row`) or to the end (False). SqlError ends the run."""
        if self.is_finalized or self.connection.is_closed:
            raise misuse()
        machine = self._machine
        if machine.is_running:
            try:
                has_row = machine.step()
            finally:
                self.connection.host.now = 0
            self.row = machine.row
            if not has_row and self.connection.session.has_wal_commits:
                self.connection.note_wal_commits()
            return has_row
        return self._start()

    def _start(self) -> bool:
        connection = self.connection
        connection.host.now = 0
        if self._generation != connection.generation:
            self.recompile()
        retries = 0
        while True:
            machine = self._machine
            machine.parameters = list(self._values)
            if retries == 0 and connection.trace is not None:
                connection.trace(self.expanded_sql())
            try:
                has_row = machine.step()
            except SqlError as error:
                if error.primary_code != SCHEMA or retries >= LARGEST_SCHEMA_RETRIES:
                    raise
                retries += 1
                connection.forget_schemas()
                self.recompile()
                continue
            self.row = machine.row
            if not has_row and connection.session.has_wal_commits:
                connection.note_wal_commits()
            return has_row

    def recompile(self) -> None:
        """Compile the text again under the schema of now."""
        program, generation = self.connection.compile(self.sql)
        if self._explain_mode >= 0:
            program = self.connection.explained(self.sql, self._explain_mode)
        self._use_another(program, generation)

    def reset(self) -> None:
        """End a run. SqlError if what it wrote cannot be committed."""
        if self._machine.is_running:
            self._machine.reset()

    def finalize(self) -> None:
        """Release the statement; it cannot be used any more. Errors of its run are dropped."""
        if self.is_finalized:
            return
        try:
            self.reset()
        except SqlError:
            pass
        self.is_finalized = True
        self.connection.drop_statement(self)

    def set_explain_mode(self, mode: int) -> None:
        """Turn the statement into EXPLAIN (1), EXPLAIN QUERY PLAN (2) or back (0). SqlError while it runs."""
        if self._machine.is_running:
            raise SqlError(5, "database is locked")
        if mode < 0 or mode > 2:
            raise SqlError(1, "SQL logic error")
        self._explain_mode = mode
        self._use_another(self.connection.explained(self.sql, mode), self.connection.generation)

    def take_counts(self) -> list[int]:
        """What was counted since the last call, by the numbers of sqlite3_stmt_status."""
        taken = [count + before for count, before in zip(self._machine.take_counts(), self._counts, strict=True)]
        self._counts = [0] * STATEMENT_COUNT_END
        return taken

    def expanded_sql(self) -> str:
        """The text with the bound values in place of the parameters."""
        return expanded_text(self.sql, self._program.parameters, self._values)
