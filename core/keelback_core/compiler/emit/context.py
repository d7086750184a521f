"""EmitContext: what the emitters of one Program share.

1. A source is read through a cursor, an index cursor that covers it, or registers; its SourceReading says which, now.
2. The columns that a source has `shown` and `aggregate_registers` come first: there a column or aggregate has been
   computed already.
3. Literals and parameters are loaded once, in the initial part; nobody may write to such a register.
4. A database that is touched is noted by `need_read` or `need_write`; the initial part begins its transaction.

Must not know: the syntax tree, the VM.
"""

from __future__ import annotations

from keelback_core.compiler.bind.nodes import BoundLiteral
from keelback_core.compiler.emit.builder import ProgramBuilder
from keelback_core.program.opcodes import (
    OP_BLOB,
    OP_INT64,
    OP_INTEGER,
    OP_NULL,
    OP_REAL,
    OP_STRING8,
    OP_TRANSACTION,
    OP_VARIABLE,
)
from keelback_core.value.errors import SqlError
from keelback_core.value.result_codes import ERROR_MISSING_COLLSEQ

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from keelback_core.compiler.bind.nodes import (
        BoundAggregate,
        BoundExpression,
        BoundFieldRow,
        BoundFunction,
        BoundRecursion,
        BoundSelect,
        BoundSource,
        BoundWindow,
    )
    from keelback_core.compiler.catalog.catalog import Catalog
    from keelback_core.compiler.catalog.model import Index
    from keelback_core.compiler.emit.destination import Destination
    from keelback_core.compiler.emit.literal_loads import LiteralLoads
    from keelback_core.program.program import Instruction
    from keelback_core.value import Value


class SourceReading:
    """How the columns of a source are read now.

    cursor: of the table or ephemeral table, -1 if the index covers all. index_positions: for a column in the index,
    its place there. first_register: of a source in registers, else 0. is_ephemeral: records hold the columns of a
    subquery in order. positions: for a table, the place of each column in the record, -1 if it is not stored.
    rowid_is_column: the entries of the index may hold the rowid in any place.
    """

    __slots__ = (
        "cursor",
        "index_cursor",
        "index_positions",
        "first_register",
        "rowid_register",
        "positions",
        "rowid_is_column",
    )

    def __init__(
        self,
        cursor: int,
        index_cursor: int,
        index_positions: dict[int, int],
        first_register: int,
        rowid_register: int,
        positions: tuple[int, ...],
    ) -> None:
        self.cursor = cursor
        self.index_cursor = index_cursor
        self.index_positions = index_positions
        self.rowid_is_column = False
        self.first_register = first_register
        self.rowid_register = rowid_register
        self.positions = positions


MOST_LISTED_PARAMETERS: Final = 32
# Of sources that are not read from an index; nobody adds to it.
NOT_IN_INDEX: Final[dict[int, int]] = {}


def reading_of(source: BoundSource) -> SourceReading:
    """How the source is read now: its loop is open."""
    reading = source.reading
    assert isinstance(reading, SourceReading), f"source {source.name} is read outside its loop"
    return reading


class EmitContext:
    """See the module.

    is_multi_write: the statement may change something and fail afterwards, and must then be undone as a whole.
    loop_depth: greater than 0 where code may run more than once.
    """

    __slots__ = (
        "builder",
        "catalog",
        "reading_count",
        "flattened",
        "index_expressions",
        "subtype_readers",
        "_aggregate_registers",
        "constants",
        "parameters",
        "first_parameters",
        "constant_loads",
        "literal_loads",
        "touched",
        "written",
        "is_multi_write",
        "loop_depth",
        "subquery_count",
        "_recursive_rows",
        "_window_registers",
        "window_count",
        "_shared_tables",
        "_row_fields",
        "rows_around",
        "reads_only",
        "asks_module",
        "early_calls",
        "early_instructions",
    )

    def __init__(self, catalog: Catalog) -> None:
        self.builder = ProgramBuilder()
        self.catalog = catalog
        # How many sources are read.
        self.reading_count = 0
        # What most statements do not need is None, or made when somebody asks for it.
        self.flattened: set[BoundSource] | None = None
        # Expressions that need not be computed: a cursor on an index of the source has them, and at which place.
        self.index_expressions: list[tuple[BoundExpression, BoundSource, int, int]] | None = None
        # Within how many calls of functions that look at subtypes the expression stands.
        self.subtype_readers = 0
        self._aggregate_registers: dict[BoundAggregate, int] | None = None
        self.constants: dict[tuple[str, str], int] | None = None
        self.parameters: dict[int, int] | None = None
        # The registers of the first parameters by their numbers, 0 for none yet: a list costs less.
        self.first_parameters: list[int] = []
        # What the initial part loads: the number of a parameter or 0, the register, else the value or literal.
        self.constant_loads: list[tuple[int, int, Value | BoundLiteral]] | None = None
        # Set where a Program is made that serves texts with other literals too.
        self.literal_loads: LiteralLoads | None = None
        # A bit for each database that the Program reads or writes, and for each that it writes.
        self.touched = 0
        self.written = 0
        self.is_multi_write = False
        self.loop_depth = 0
        self.subquery_count = 0
        self._window_registers: dict[BoundWindow, int] | None = None
        # How many subqueries plans have been told of that stand for windows.
        self.window_count = 0
        self._recursive_rows: dict[BoundRecursion, int] | None = None
        # The estimate of how often the code that is being emitted runs.
        self.rows_around = 0
        # Whether the statement changes nothing.
        self.reads_only = False
        # Whether a module that others brought has been asked how its table can be read or changed.
        self.asks_module = False
        # What the initial part computes of the constants that it has loaded, and where it puts that; no jumps.
        self.early_calls: dict[BoundFunction, int] | None = None
        self.early_instructions: list[Instruction] | None = None
        self._shared_tables: dict[BoundSelect, tuple[int, int, int]] | None = None
        self._row_fields: dict[BoundFieldRow, tuple[int, int]] | None = None

    @property
    def aggregate_registers(self) -> dict[BoundAggregate, int]:
        """Where aggregates that have been computed stand."""
        if self._aggregate_registers is None:
            self._aggregate_registers = {}
        return self._aggregate_registers

    @property
    def window_registers(self) -> dict[BoundWindow, int]:
        """Where calls with OVER that have been computed stand."""
        if self._window_registers is None:
            self._window_registers = {}
        return self._window_registers

    @property
    def recursive_rows(self) -> dict[BoundRecursion, int]:
        """Where the row at hand of a recursive common table stands."""
        if self._recursive_rows is None:
            self._recursive_rows = {}
        return self._recursive_rows

    @property
    def shared_tables(self) -> dict[BoundSelect, tuple[int, int, int]]:
        """Of a materialised common table: cursor, return register and entry of the subroutine that fills it."""
        if self._shared_tables is None:
            self._shared_tables = {}
        return self._shared_tables

    @property
    def row_fields(self) -> dict[BoundFieldRow, tuple[int, int]]:
        """Of subqueries whose columns have been computed the first register, and the number that EXPLAIN gives them."""
        if self._row_fields is None:
            self._row_fields = {}
        return self._row_fields

    # What FullContext knows how to do.

    def emit_node(self, e: BoundExpression, target: int) -> None:
        """Compute an expression that is in no register into one."""
        raise NotImplementedError

    def jump_node(self, e: BoundExpression, label: int, when: bool, null_jumps: bool) -> bool:
        """Jump as `emit_jump` does; False, with nothing emitted, where the expression has no code for that."""
        raise NotImplementedError

    def emit_select(self, select: BoundSelect, destination: Destination) -> None:
        """Emit a whole SELECT into a destination."""
        raise NotImplementedError

    # Sources.

    def _read(self, source: BoundSource, reading: SourceReading) -> None:
        if source.reading is None:
            self.reading_count += 1
        source.reading = reading

    def bind_cursor(self, source: BoundSource, cursor: int, index_cursor: int = -1, index: Index | None = None) -> None:
        """Read the source through `cursor` (-1: not at all), columns that `index` holds through `index_cursor`."""
        if self.index_expressions:
            self.index_expressions = [one for one in self.index_expressions if one[1] is not source]
        positions = source.table.column_facts.positions if source.table is not None else ()
        in_index = NOT_IN_INDEX if index is None else index.places
        self._read(source, SourceReading(cursor, index_cursor, in_index, 0, 0, positions))

    def bind_index_positions(self, source: BoundSource, index_cursor: int, positions: dict[int, int]) -> None:
        """Read the source from an index alone, of which `positions` tells the columns."""
        reading = SourceReading(-1, index_cursor, positions, 0, 0, ())
        reading.rowid_is_column = True
        self._read(source, reading)

    def bind_registers(self, source: BoundSource, first_register: int, rowid_register: int) -> None:
        """Read column i of the source from register first_register + i."""
        self._read(source, SourceReading(-1, -1, NOT_IN_INDEX, first_register, rowid_register, ()))

    def bind_flattened(self, source: BoundSource) -> None:
        """Compute the source's columns from their expressions: its own sources stand in the loops."""
        if self.flattened is None:
            self.flattened = set()
        self.flattened.add(source)

    def show_column(self, source: BoundSource, column: int, register: int) -> None:
        """From here on the column is read from a register."""
        if source.shown is None:
            source.shown = {}
        source.shown[column] = register

    def hide_column(self, source: BoundSource, column: int) -> None:
        """The column is read from its source again."""
        if source.shown is not None:
            source.shown[column] = 0

    # Constants.

    def constant(self, value: Value) -> int:
        """The register that holds a literal."""
        if self.constants is None:
            self.constants = {}
        key = (type(value).__name__, repr(value))
        register = self.constants.get(key)
        if register is None:
            register = self.constants[key] = self._load_into_register(value)
        return register

    def literal(self, e: BoundLiteral) -> int:
        """The register that holds a literal of the text; equal ones share it, but for those that may be lifted."""
        if self.literal_loads is None or not self.literal_loads.may_lift(e):
            return self.constant(e.value)
        literal = e.literal
        assert literal is not None
        if e.is_negated:
            if literal.negated_register == 0:
                literal.negated_register = self._load_into_register(e)
            return literal.negated_register
        if literal.register == 0:
            literal.register = self._load_into_register(e)
        return literal.register

    def _load_into_register(self, value: Value | BoundLiteral) -> int:
        """Have the initial part load a constant; the register."""
        register = self.builder.register()
        self._load(0, register, value)
        return register

    def _load(self, parameter: int, register: int, value: Value | BoundLiteral) -> None:
        if self.constant_loads is None:
            self.constant_loads = []
        self.constant_loads.append((parameter, register, value))

    def emit_literal(self, e: BoundLiteral, target: int) -> None:
        """Load a literal of the text into a register, here and now."""
        if self.literal_loads is None or not self.literal_loads.may_lift(e):
            self.emit_value(e.value, target)
            return
        self.emit_value(e.value_to_load, target)
        self.literal_loads.note(self.builder.instructions[-1], e, target)

    def parameter(self, index: int) -> int:
        """The register that holds a bound parameter."""
        if index <= MOST_LISTED_PARAMETERS:
            listed = self.first_parameters
            while len(listed) <= index:
                listed.append(0)
            first = listed[index]
            if first == 0:
                first = listed[index] = self.builder.register()
                self._load(index, first, None)
            return first
        if self.parameters is None:
            self.parameters = {}
        register = self.parameters.get(index)
        if register is None:
            register = self.parameters[index] = self.builder.register()
            self._load(index, register, None)
        return register

    def emit_value(self, value: Value, target: int) -> None:
        """Load a literal into a register, here and now."""
        builder = self.builder
        if value is None:
            builder.emit(OP_NULL, 0, target)
        elif isinstance(value, int):
            if -0x80000000 <= value <= 0x7FFFFFFF:
                builder.emit(OP_INTEGER, value, target)
            else:
                builder.emit(OP_INT64, 0, target, 0, value)
        elif isinstance(value, float):
            builder.emit(OP_REAL, 0, target, 0, value)
        elif isinstance(value, str):
            builder.emit(OP_STRING8, 0, target, 0, value)
        else:
            builder.emit(OP_BLOB, 0, target, 0, value)

    # Transactions and the initial part.

    def need_read(self, database: int) -> None:
        """The Program reads this database."""
        self.touched |= 1 << database

    def need_write(self, database: int) -> None:
        """The Program writes to this database."""
        self.touched |= 1 << database
        self.written |= 1 << database

    def note_module(self) -> None:
        """The Program depends on what a module says that others brought."""
        self.asks_module = True

    def emit_initial(self) -> None:
        """The part that Init jumps to: transactions, then constants, then back to the first instruction."""
        builder = self.builder
        builder.begin_initial()
        database = 0
        touched = self.touched
        while touched != 0:
            if touched & 1 != 0:
                # As an operand of 32 bits with a sign.
                cookie = (self.catalog.schema(database).cookie + 0x80000000 & 0xFFFFFFFF) - 0x80000000
                builder.emit(OP_TRANSACTION, database, self.written >> database & 1, cookie, None, 1)
            touched >>= 1
            database += 1
        for parameter, register, value in self.constant_loads or ():
            if parameter:
                builder.emit(OP_VARIABLE, parameter, register)
            elif isinstance(value, BoundLiteral):
                self.emit_literal(value, register)
            else:
                self.emit_value(value, register)
        if self.early_instructions:
            builder.instructions += self.early_instructions
        builder.end_initial()

    def schema_cookies(self) -> tuple[int, ...]:
        """Every database that the Program touches, each followed by its cookie."""
        if self.touched == 1:
            return 0, self.catalog.schema(0).cookie
        found: list[int] = []
        database = 0
        touched = self.touched
        while touched != 0:
            if touched & 1 != 0:
                found += (database, self.catalog.schema(database).cookie)
            touched >>= 1
            database += 1
        return tuple(found)

    # Collations.

    def collation(self, name: str | None) -> str:
        """The collation's name for an operand; SqlError if there is none of this name."""
        if name is None or name == "BINARY":
            return "BINARY"
        upper = name.upper()
        if not self.catalog.has_collation(upper) and not self.catalog.has_collation(name):
            raise SqlError(ERROR_MISSING_COLLSEQ, f"no such collation sequence: {name}")
        return upper
