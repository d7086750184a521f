"""Emission of expressions as the other emitters use it; the parts are in dispatch, operators, comparison, calls,
subquery and membership."""

from __future__ import annotations

from keelback_core.compiler.emit.dispatch import (
    emit_expression,
    emit_expressions,
    emit_jump_if_false,
    emit_jump_if_true,
)

__all__ = ["emit_expression", "emit_expressions", "emit_jump_if_false", "emit_jump_if_true"]
