"""LoopLevel: one loop of a LoopEmitter while it is being emitted: its cursors, labels and registers.

Must not know: how rows are reached (loop_access), what is done with them.
"""

from __future__ import annotations

from keelback_core.compiler.emit.row_key import RowKey
from keelback_core.compiler.plan.describe import extreme_text, loop_text
from keelback_core.program.opcodes import OP_NULL, OP_NULL_ROW

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.compiler.bind.nodes import BoundSource
    from keelback_core.compiler.emit.builder import ProgramBuilder
    from keelback_core.compiler.emit.context import EmitContext
    from keelback_core.compiler.plan.nodes import PlanLoop


class LoopStep:
    """What ends a loop: where `label` stands (0: nowhere) the instruction that goes on to its next row."""

    __slots__ = ("opcode", "p1", "p2", "label", "p5")

    def __init__(self, opcode: int, p1: int, p2: int, label: int = 0, p5: int = 0) -> None:
        self.opcode = opcode
        self.p1 = p1
        self.p2 = p2
        self.label = label
        self.p5 = p5


class LoopLevel:
    """See the module.

    cursor: of the table or ephemeral table, -1 if none is open. index_cursors: by access, those it opened.
    first_register, register_count: of a co-routine's row. yield_register: of a co-routine, else 0.
    continue_label: on to the next row. body_end: where filters that fail go. row_end: where the row is done with.
    exit_label: no more rows.
    first_label: where the row of NULLs of an outer join enters. matched: register of an outer join, 1 after a match.
    return_register, body_label: of the body as a subroutine (right join). seen_cursor: rowids that had a match (right
    join). row_register: where the one row of a recursive table stands, else 0. union_return: of the subroutine that
    the branches of a union call. steps: what ends the access, last first. is_extreme: one extreme row is
    searched for.
    """

    __slots__ = (
        "loop",
        "source",
        "cursor",
        "index_cursors",
        "first_register",
        "register_count",
        "yield_register",
        "continue_label",
        "body_end",
        "row_end",
        "exit_label",
        "first_label",
        "matched",
        "return_register",
        "body_label",
        "seen_cursor",
        "union_return",
        "steps",
        "is_extreme",
        "row_register",
    )

    def __init__(self, context: EmitContext, loop: PlanLoop) -> None:
        builder = context.builder
        self.loop = loop
        self.source: BoundSource = loop.source
        self.cursor = -1
        self.index_cursors: list[int] = []
        self.first_register = 0
        self.register_count = 0
        self.yield_register = 0
        self.continue_label = builder.label()
        self.body_end = builder.label() if loop.is_right or loop.is_outer else self.continue_label
        self.row_end = builder.label() if loop.is_exists else self.body_end
        self.exit_label = builder.label()
        self.first_label = builder.label() if loop.is_outer else 0
        self.matched = builder.register() if loop.is_outer else 0
        self.return_register = builder.register() if loop.is_right else 0
        self.body_label = builder.label() if loop.is_right else 0
        self.seen_cursor = builder.cursor() if loop.is_right else -1
        self.union_return = 0
        self.is_extreme = False
        self.row_register = 0
        self.steps: list[LoopStep] = []

    def end_access(self, builder: ProgramBuilder) -> None:
        """Go on to the next row."""
        while self.steps:
            step = self.steps.pop()
            if step.label:
                builder.place(step.label)
            builder.emit(step.opcode, step.p1, step.p2, 0, None, step.p5)

    def description(self) -> str:
        """The line of EXPLAIN QUERY PLAN, which calls a scan for one extreme row a search."""
        if not self.is_extreme:
            return loop_text(self.loop)
        text = extreme_text(self.loop)
        if text.startswith("SCAN "):
            text = "SEARCH " + text[5:]
            if self.row_key is not None and " USING " not in text:
                text += " USING PRIMARY KEY"
        return text

    @property
    def row_key(self) -> RowKey | None:
        """How the rows of a table WITHOUT ROWID are told apart; None for sources that have rowids."""
        table = self.source.table
        return None if table is None or table.key_index is None else RowKey(table)

    def emit_null_row(self, context: EmitContext) -> None:
        """Let every column of the source read as NULL."""
        builder = context.builder
        if self.register_count:
            builder.emit(OP_NULL, 0, self.first_register, self.first_register + self.register_count - 1)
        if self.cursor >= 0:
            builder.emit(OP_NULL_ROW, self.cursor)
        for cursor in self.index_cursors:
            builder.emit(OP_NULL_ROW, cursor)
