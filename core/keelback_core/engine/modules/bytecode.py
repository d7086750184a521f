"""bytecode(sql) and tables_used(sql): the Program of a statement, and the trees that it opens, as rows.

1. The statement is compiled and not run, so `nexec` and `ncycle` are 0.
2. The programs of triggers and foreign-key actions come behind the main one, each once; `subprog` is the number of
   the program behind a hyphen, NULL for the main one.

Source: https://sqlite.org/bytecodevtab.html
"""

from __future__ import annotations

from keelback_core.module.index_query import EQUAL
from keelback_core.module.protocol import Module, ModuleCursor, ModuleTable
from keelback_core.program.listing import operand4_text
from keelback_core.program.opcodes import NAMES, OP_OPEN_READ, OP_OPEN_WRITE
from keelback_core.program.program import Program
from keelback_core.value.errors import SqlError
from keelback_core.value.result_codes import ERROR

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.engine.compiler_session import CompilerSession
    from keelback_core.module.index_query import IndexQuery
    from keelback_core.module.protocol import ConnectRequest
    from keelback_core.value import Value

BYTECODE = (
    "CREATE TABLE x(addr INT,opcode TEXT,p1 INT,p2 INT,p3 INT,p4 TEXT,p5 INT,comment TEXT,subprog TEXT,nexec INT,"
    "ncycle INT,stmt HIDDEN)"
)
TABLES_USED = "CREATE TABLE x(type TEXT,schema TEXT,name TEXT,wr INT,subprog TEXT,stmt HIDDEN)"
BYTECODE_STATEMENT = 11
TABLES_USED_STATEMENT = 5
ROOT_IN_REGISTER = 2


def programs_of(program: Program) -> list[Program]:
    """The program and all its sub-programs, each once."""
    found = [program]
    for known in found:
        for instruction in known.instructions:
            inner = instruction.p4
            if isinstance(inner, Program) and not any(inner is other for other in found):
                found.append(inner)
    return found


def _subprogram(number: int) -> Value:
    return None if number == 0 else f"-{number}"


class ProgramTable(ModuleTable):
    """uses_only: tables_used, else bytecode."""

    __slots__ = ("connection", "uses_only")

    def __init__(self, connection: CompilerSession, uses_only: bool) -> None:
        super().__init__(TABLES_USED if uses_only else BYTECODE)
        self.connection = connection
        self.uses_only = uses_only

    def best_index(self, query: IndexQuery) -> bool:
        """The statement must be given."""
        wanted = TABLES_USED_STATEMENT if self.uses_only else BYTECODE_STATEMENT
        query.cost = 100.0
        query.rows = 100
        for constraint in query.constraints:
            if constraint.is_usable and constraint.operator == EQUAL and constraint.column == wanted:
                query.take(constraint, 1)
                return True
        return False

    def open(self) -> ModuleCursor:
        return ProgramCursor(self)

    def rows(self, text: str) -> list[list[Value]]:
        """The rows for a statement. SqlError where it does not compile."""
        rows: list[list[Value]] = []
        for number, program in enumerate(programs_of(self.connection.compile(text)[0])):
            for address, instruction in enumerate(program.instructions):
                if not self.uses_only:
                    shown = operand4_text(instruction.p4)
                    operands: list[Value] = [instruction.p1, instruction.p2, instruction.p3, shown, instruction.p5]
                    name = NAMES[instruction.opcode]
                    comment = instruction.comment or None
                    rows.append([address, name, *operands, comment, _subprogram(number), 0, 0, text])
                elif instruction.opcode in (OP_OPEN_READ, OP_OPEN_WRITE) and not instruction.p5 & ROOT_IN_REGISTER:
                    found = self._tree(instruction.p3, instruction.p2)
                    if found is not None:
                        is_write = int(instruction.opcode == OP_OPEN_WRITE)
                        rows.append([*found, is_write, _subprogram(number), text])
        return rows

    def _tree(self, database: int, root: int) -> list[Value] | None:
        """Kind, schema and name of what is stored in a tree."""
        catalog = self.connection.catalog()
        schema = catalog.schema(database)
        if root == 1:
            return ["table", schema.name, "sqlite_temp_master" if database == 1 else "sqlite_master"]
        for table in schema.tables.values():
            if table.root == root and table.kind == "table":
                return ["table", schema.name, table.name]
        for index in schema.indexes.values():
            if index.root == root:
                return ["index", schema.name, index.name]
        return None


class ProgramCursor(ModuleCursor):
    """The rows, all made at once."""

    __slots__ = ("table", "rows", "position")

    def __init__(self, table: ProgramTable) -> None:
        self.table = table
        self.rows: list[list[Value]] = []
        self.position = 0

    def filter(self, number: int, text: str | None, arguments: list[Value]) -> None:
        self.position = 0
        statement = arguments[0]
        if not isinstance(statement, str):
            name = "tables_used" if self.table.uses_only else "bytecode"
            raise SqlError(ERROR, f"argument to {name}() is not a valid SQL statement")
        self.rows = self.table.rows(statement)

    def is_at_end(self) -> bool:
        return self.position >= len(self.rows)

    def next(self) -> None:
        self.position += 1

    def column(self, number: int) -> Value:
        return self.rows[self.position][number]

    def rowid(self) -> int:
        return self.position + 1


class ProgramModule(Module):
    """bytecode or tables_used."""

    __slots__ = ("connection", "uses_only")

    def __init__(self, connection: CompilerSession, uses_only: bool) -> None:
        super().__init__()
        self.connection = connection
        self.uses_only = uses_only

    def connect(self, request: ConnectRequest) -> ModuleTable:
        return ProgramTable(self.connection, self.uses_only)
