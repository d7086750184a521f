"""An engine that runs each text with the Program of another text, which differs from it in free literals only."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from keelback_core.compiler.emit.lifting import (
    FLAG_NEGATED,
    FLAG_SMALL,
    LiftedLiteral,
    compile_lifted,
    liftable_literals,
)
from keelback_core.compiler.sql.ast import AstStatement
from keelback_core.compiler.sql.parser import parse_statement
from keelback_core.compiler.sql.parser.literals import number_literal
from keelback_core.compiler.sql.parser.state import dequote
from keelback_core.engine.connection import Connection
from keelback_core.program.encoding import encode_program
from keelback_core.program.program import Program
from keelback_core.reference.vm.machine import Machine
from keelback_core.value.errors import SqlError

INTEGERS = ("0", "1", "2", "3", "7", "10", "007", "99", "1000", "2147483648", "9223372036854775807")
REALS = ("0.0", "1.0", "0.5", ".5", "2.", "1e3", "1.5E-3", "9e999", "123456789.25")
STRINGS = ("''", "'a'", "'A'", "'b%'", "'it''s'", "'12'", "' 7 '", "'1.0'", "'2020-02-30'", "'$.a'", "'é'", "'x_'")

Hidden = list[int | float | str]


def value_of(token: str, is_negated: bool) -> int | float | str:
    """The value that a hidden parameter takes from its token."""
    if token[0] == "'":
        return dequote(token)
    value = number_literal(token, 0, len(token)).value
    assert isinstance(value, (int, float))
    return -value if is_negated else value


def other_token(rng: random.Random, token: str, flags: int) -> str:
    """Another literal of the same kind that the Program is good for."""
    tokens = STRINGS if token[0] == "'" else INTEGERS if token.isdigit() else REALS
    if flags > FLAG_NEGATED:
        wants_small = flags & FLAG_SMALL != 0
        tokens = tuple(other for other in tokens if (value_of(other, False) in (0, 1)) == wants_small)
    return rng.choice(tokens)


def with_other_literals(rng: random.Random, sql: str, literals: tuple[LiftedLiteral, ...]) -> str:
    """The text with other values in the places of most of these literals."""
    parts = []
    position = 0
    for literal in literals:
        token = sql[literal.start : literal.end]
        parts.append(sql[position : literal.start])
        parts.append(other_token(rng, token, literal.flags) if rng.random() < 0.8 else token)
        position = literal.end
    return "".join(parts) + sql[position:]


def parsed(sql: str) -> AstStatement:
    ast, _tail = parse_statement(sql)
    assert ast is not None
    return ast


class LiftedMachine(Machine):
    """A machine that adds the values of the hidden parameters to those that the user has bound."""

    __slots__ = ("_all_parameters",)

    hidden: dict[int, tuple[Program, Hidden]] = {}

    @property
    def parameters(self) -> list[object]:
        return self._all_parameters

    @parameters.setter
    def parameters(self, values: list[object]) -> None:
        known = LiftedMachine.hidden.get(id(self.program))
        self._all_parameters = list(values) if known is None else [*values, *known[1]]


class LiftedConnection(Connection):
    """Counts literals and free ones; `faults` holds texts whose Programs depend on a value that was called free."""

    def __init__(self, rng: random.Random) -> None:
        super().__init__(":memory:")
        self.rng = rng
        self.literal_count = 0
        self.free_count = 0
        self.faults: list[str] = []

    def _compile_once(
        self, compile_one: Callable[..., Any], ast: AstStatement, sql: str, options: tuple[int, ...]
    ) -> tuple[Any, int]:
        plain, generation = super()._compile_once(compile_one, ast, sql, options)
        catalog = self._catalog_for(ast)
        program, literals = compile_lifted(ast, catalog, sql)
        self.literal_count += len(liftable_literals(ast))
        self.free_count += len(literals)
        if not literals:
            return program, generation
        other = with_other_literals(self.rng, sql, literals)
        try:
            used, others = compile_lifted(parsed(other), catalog, other)
        except SqlError as error:
            self.faults.append(f"{sql}\n  {other}\n  {error.message}")
            return plain, generation
        flags = [literal.flags for literal in literals]
        if encode_program(used) != encode_program(program) or [literal.flags for literal in others] != flags:
            self.faults.append(f"{sql}\n  {other}")
            return plain, generation
        values = [value_of(sql[literal.start : literal.end], literal.is_negated) for literal in literals]
        LiftedMachine.hidden[id(used)] = used, values
        return used, generation
