"""EXPLAIN and EXPLAIN QUERY PLAN: a Program whose rows list another Program.

The listed program's parameters stay, as SQLite lets them be bound. Where it would count
its changes, the listing counts none. Source: https://sqlite.org/lang_explain.html
"""

from __future__ import annotations

from keelback_core.compiler.emit.builder import ProgramBuilder
from keelback_core.compiler.emit.values import emit_value_rows
from keelback_core.program.listing import explain_rows
from keelback_core.program.opcodes import OP_HALT, OP_RESET_COUNT
from keelback_core.program.program import OutputColumn, Program

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from keelback_core.value import Value

LISTING_COLUMNS: Final = ("addr", "opcode", "p1", "p2", "p3", "p4", "p5", "comment")
PLAN_COLUMNS: Final = ("id", "parent", "notused", "detail")


def explained_program(program: Program, is_query_plan: bool) -> Program:
    """The program whose rows are the listing, or the query plan, of `program`."""
    rows: list[list[Value]]
    names: tuple[str, ...]
    if is_query_plan:
        rows = [[note.identifier, note.parent, 0, note.text] for note in program.notes]
        names = PLAN_COLUMNS
    else:
        rows = [list(row) for row in explain_rows(program)]
        names = LISTING_COLUMNS
    builder = ProgramBuilder()
    builder.begin()
    emit_value_rows(builder, rows)
    if program.counts_changes:
        builder.emit(OP_RESET_COUNT)
    builder.emit(OP_HALT)
    builder.begin_initial()
    builder.end_initial()
    made = builder.finish(
        program.parameters, tuple(OutputColumn(name) for name in names), program.is_readonly, False, False
    )
    made.asks_module = program.asks_module
    made.explain_mode = 2 if is_query_plan else 1
    return made
