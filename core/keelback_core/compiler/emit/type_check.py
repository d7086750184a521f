"""TypeCheck: a STRICT table refuses values that do not fit the types of its columns.

p4: the table's name, then type and name of each column, all joined by NUL characters.
Source: https://sqlite.org/stricttables.html
"""

from __future__ import annotations

from keelback_core.program.opcodes import OP_TYPE_CHECK

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.compiler.catalog.model import Column, Table
    from keelback_core.compiler.emit.builder import ProgramBuilder


def emit_row_check(builder: ProgramBuilder, table: Table, first: int, passes_generated: bool) -> None:
    """Check the columns of a row, which are in the registers from `first`. passes_generated: but not the generated
    ones, which have no value yet."""
    words = [table.name]
    for column in table.columns:
        words += ["ANY" if passes_generated and column.generated else column.declared_type, column.name]
    builder.emit(OP_TYPE_CHECK, first, len(table.columns), 0, "\0".join(words))


def emit_column_check(builder: ProgramBuilder, table: Table, column: Column, register: int) -> None:
    """Check one column."""
    builder.emit(OP_TYPE_CHECK, register, 1, 0, "\0".join((table.name, column.declared_type, column.name)))
