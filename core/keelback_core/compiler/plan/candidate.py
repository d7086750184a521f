"""A candidate: one way to reach the rows of one source, what it needs, what it costs, in which order rows come.

Must not know: how candidates are combined.
"""

from __future__ import annotations

from keelback_core.compiler.plan.nodes import PlanRowidEqual
from keelback_core.compiler.plan.term import FORM_IN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from keelback_core.compiler.bind.nodes import BoundExpression
    from keelback_core.compiler.plan.nodes import PlanAccess
    from keelback_core.compiler.plan.term import PlanTerm

# The kind of a column that an item of a row value fixes by IN, beside another: no order can be told of it.
ROW_MEMBERS: Final = "ROW IN"


class KeyColumn:
    """One column of the order in which rows come. column: its number or ROWID, or -2 with `expression`. kind: "" if the
    access does not fix it, else the operator that does (`=`, `IS`, `ISNULL`, `IN`), or "SKIP" where a skip-scan goes
    through all its values. is_not_null: no NULL is stored there."""

    __slots__ = ("column", "expression", "collation", "is_descending", "kind", "is_not_null", "term")

    def __init__(
        self,
        column: int,
        expression: BoundExpression | None,
        collation: str,
        is_descending: bool,
        kind: str,
        is_not_null: bool,
        term: PlanTerm | None = None,
    ) -> None:
        self.column = column
        self.expression = expression
        self.collation = collation
        self.is_descending = is_descending
        self.kind = kind
        self.is_not_null = is_not_null
        self.term = term


class PlanCandidate:
    """position: of the source in FROM. needs: mask of the sources that must be outside. setup, run, rows: estimates;
    run and rows are for one run of the loop. terms: those used up by the access. keys: the order of its rows, with the
    rowid at the end; empty if there is no order. key_count: how many of them are the index's own; is_unique: those
    tell rows apart unless they are NULL. is_once: at most one row. index_width: estimate, -1 without an index.
    sort_group: 0, or the number of the index if it may help with the wanted order: candidates of different groups are
    not compared before their order is known. kinds: the operators in use, as bits (term.py). skips: columns of a
    skip-scan. whole_rows: the estimate of its rows before the terms that are left to be tested were counted.
    is_self_culling: terms on this source alone remain to be tested, so that few rows may be left."""

    __slots__ = (
        "position",
        "access",
        "needs",
        "setup",
        "run",
        "rows",
        "terms",
        "keys",
        "key_count",
        "is_unique",
        "is_once",
        "is_automatic",
        "index_width",
        "is_covering",
        "sort_group",
        "kinds",
        "skips",
        "is_self_culling",
        "is_forward_only",
        "hash_setup",
        "whole_rows",
        "inner_penalty",
    )

    def __init__(self, position: int, access: PlanAccess, needs: int, setup: int, run: int, rows: int) -> None:
        self.position = position
        self.access = access
        self.needs = needs
        self.setup = setup
        self.run = run
        self.rows = rows
        self.whole_rows = rows
        self.terms: tuple[PlanTerm, ...] = ()
        self.keys: tuple[KeyColumn, ...] = ()
        self.key_count = 0
        self.is_unique = False
        self.is_once = False
        self.is_automatic = False
        self.index_width = -1
        self.is_covering = False
        self.sort_group = 0
        self.kinds = 0
        self.skips = 0
        self.is_self_culling = False
        # Rows that come from a subquery in its order, and cannot come in the opposite one.
        self.is_forward_only = False
        # The estimate of what it costs to fill a hash table for the same look-ups, -1 where that is not thought of.
        self.hash_setup = -1
        # What is added to the cost where other loops stand around it.
        self.inner_penalty = 0

    @property
    def is_indexed(self) -> bool:
        """Whether an index of the schema is used."""
        return self.index_width >= 0

    @property
    def is_rowid_members(self) -> bool:
        """Whether it looks up the rowids of an IN one by one."""
        return self.kinds & FORM_IN != 0 and isinstance(self.access, PlanRowidEqual)
