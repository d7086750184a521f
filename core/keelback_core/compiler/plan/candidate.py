"""A candidate: one way to reach the rows of one source, what it needs, what it costs, in which order rows come.

Must not know: how candidates are combined.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.compiler.bind.nodes import BoundExpression
    from keelback_core.compiler.plan.nodes import PlanAccess
    from keelback_core.compiler.plan.terms import PlanTerm


class KeyColumn:
    """One column of the order in which rows come. column: its number or ROWID, or -2 with `expression`. is_fixed: one
    value only (an equality). is_member: the members of an IN in turn, which ends the order."""

    __slots__ = ("column", "expression", "collation", "is_descending", "is_fixed", "is_member")

    def __init__(
        self,
        column: int,
        expression: BoundExpression | None,
        collation: str,
        is_descending: bool,
        is_fixed: bool,
        is_member: bool = False,
    ) -> None:
        self.column = column
        self.expression = expression
        self.collation = collation
        self.is_descending = is_descending
        self.is_fixed = is_fixed
        self.is_member = is_member


class PlanCandidate:
    """position: of the source in FROM. needs: mask of the sources that must be outside. setup, run, rows: estimates;
    run and rows are for one run of the loop. terms: those used up by the access. keys: the order of its rows; all of
    them together tell the rows apart; empty if there is no order. is_once: at most one row."""

    __slots__ = (
        "position",
        "access",
        "needs",
        "setup",
        "run",
        "rows",
        "terms",
        "keys",
        "is_once",
        "is_automatic",
        "description",
    )

    def __init__(
        self,
        position: int,
        access: PlanAccess,
        needs: int,
        setup: int,
        run: int,
        rows: int,
        terms: tuple[PlanTerm, ...],
        keys: tuple[KeyColumn, ...],
        is_once: bool,
        is_automatic: bool,
        description: str,
    ) -> None:
        self.position = position
        self.access = access
        self.needs = needs
        self.setup = setup
        self.run = run
        self.rows = rows
        self.terms = terms
        self.keys = keys
        self.is_once = is_once
        self.is_automatic = is_automatic
        self.description = description
