"""compile_lifted: a Program that serves all texts that differ in some literals only.

1. The literals that are *free* are loaded from hidden parameters, which follow the user's in the order of the text.
2. A literal is free only if nobody looked at its value while the statement was compiled; so the Program, the names of
   its columns and all its errors are those of every text with other values of the same kinds in their places.
3. Queries and changes of rows are lifted, nothing else.

    lifting    := count(literals) literal*               in the order of the text
    literal    := byte_offset flags                      flags: 1 its value is negated; 2 the value must be -1, 0 or 1;
                                                         4 it must be none of these

Must not know: the cache. Twin: core/kernel/cache reads the bytes that `encode_lifting` writes.
"""

from __future__ import annotations

from keelback_core.compiler.emit.literal_loads import LOADED_NEGATED, LiteralLoads, is_liftable
from keelback_core.compiler.emit.statement import STEPS, compile_statement, emit_statement
from keelback_core.compiler.emit.statement_context import StatementContext
from keelback_core.compiler.sql.ast import AstDelete, AstInsert, AstSelect, AstUpdate
from keelback_core.value.record import write_varint

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Final

    from keelback_core.compiler.catalog.catalog import Catalog
    from keelback_core.compiler.sql.ast import AstLiteral, AstStatement
    from keelback_core.program.program import Program

FLAG_NEGATED: Final = 1
FLAG_SMALL: Final = 2
FLAG_NOT_SMALL: Final = 4


class LiftedLiteral:
    """A free literal: `sql[start:end]` is its token, `parameter` the number of its hidden parameter, which takes the
    token's value, negated if `is_negated`. flags: FLAG_NEGATED, and which values the Program is good for."""

    __slots__ = ("start", "end", "parameter", "flags")

    def __init__(self, start: int, end: int, parameter: int, flags: int) -> None:
        self.start = start
        self.end = end
        self.parameter = parameter
        self.flags = flags

    @property
    def is_negated(self) -> bool:
        return self.flags & FLAG_NEGATED != 0


def compile_lifted(ast: AstStatement, catalog: Catalog, sql: str) -> tuple[Program, tuple[LiftedLiteral, ...]]:
    """The Program of a statement, without its query plan, and its free literals in the order of the text, one a hidden
    parameter.

    SqlError as `compile_statement`, which makes the Program where nothing can be lifted.
    """
    literals = liftable_literals(ast)
    if not literals:
        return compile_statement(ast, catalog, sql, False), ()
    context = StatementContext(catalog, ast, sql, STEPS)
    loads = LiteralLoads()
    told = catalog.settings.warnings_told
    context.literal_loads = loads
    context.builder.takes_notes = False
    context.builder.begin()
    emit_statement(context, ast)
    program = context.finish()
    if program.asks_module or catalog.settings.warnings_told != told:
        # It will not be asked for by another text, and a second compilation would ask modules and warn twice.
        return program, ()
    loads.find_signs()
    found = []
    number = len(program.parameters)
    for literal in literals:
        if not literal.is_examined:
            number += 1
            literal.hidden_parameter = number
            flags = FLAG_NEGATED if literal.loaded_sign == LOADED_NEGATED else 0
            if literal.is_size_examined:
                flags |= FLAG_SMALL if literal.value_to_load in (-1, 0, 1) else FLAG_NOT_SMALL
            found.append(LiftedLiteral(literal.start, literal.end, number, flags))
    loads.lift()
    program.hidden_parameter_count = len(found)
    return program, tuple(found)


def is_lifted_statement(ast: AstStatement) -> bool:
    """Whether literals of a statement of this kind may be lifted."""
    return isinstance(ast, (AstSelect, AstInsert, AstUpdate, AstDelete))


def liftable_literals(ast: AstStatement) -> list[AstLiteral]:
    """The literals of a statement that may be lifted, in the order of the text, as if nobody had looked at them yet."""
    found: list[AstLiteral] = []
    if ast.parts is None or not is_lifted_statement(ast):
        return found
    for literal in ast.parts.literals:
        if is_liftable(literal):
            literal.begin_lifting()
            found.append(literal)
    return found


def encode_lifting(sql: str, literals: Sequence[LiftedLiteral]) -> bytes:
    """The free literals for the native program cache; offsets in the UTF-8 form of the text. The compiled tower has it
    in C for most texts (tools/mypyc_runtime/lifting.h)."""
    found: list[int] = []
    _add_number(found, len(literals))
    is_ascii = sql.isascii()
    position = 0
    offset = 0
    for literal in literals:
        if is_ascii:
            offset = literal.start
        else:
            offset += len(sql[position : literal.start].encode("utf-8", "surrogateescape"))
            position = literal.start
        _add_number(found, offset)
        _add_number(found, literal.flags)
    return bytes(found)


def _add_number(found: list[int], number: int) -> None:
    """Add the bytes of a varint."""
    if number < 0x80:
        found.append(number)
    else:
        found.extend(write_varint(number))
