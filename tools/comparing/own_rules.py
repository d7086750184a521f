"""The planner's rules that SQLite does not have, and how to compile a statement without them.

A plan that differs from SQLite's is explained if it is SQLite's once these rules are left out; it is then told of by
the name of the rule. Each rule is a decision of ours with its reason in the file named; whoever adds one adds it here.
Works on the compiler's Python sources only, whose names can be replaced.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import keelback_core.compiler.plan.planner as planner
import keelback_core.compiler.plan.row_bound as row_bound

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from keelback_core.compiler.plan.terms import TermForm


def _nothing_gone(*_: object) -> list[object]:
    return []


def _as_it_was(chosen: object, *_: object) -> object:
    return chosen


def _never(*_: object) -> bool:
    return False


def _has_affinity_of_key(form: TermForm, key_affinity: str) -> bool:
    return (form.affinity if form.affinity > "@" else "A") == key_affinity


# Rule -> (module, name there, what stands in its place).
OWN_RULES: dict[str, list[tuple[object, str, Callable[..., object]]]] = {
    # plan/hash_lookup.py: rows that many look-ups ask for are read once.
    "hash look-ups": [(planner, "hash_lookups", _nothing_gone)],
    # plan/correlated_index.py: a scan that a subquery repeats becomes an automatic index.
    "repeated scans": [(planner, "index_repeated_scans", _as_it_was)],
    # plan/hash_lookup.py, common_factors.py, delay.py: costs of hash tables in the order of loops, and what ORs imply.
    "costs of hash tables": [(planner, "are_analysed", _never)],
    # plan/noop_join.py: joins that nothing reads are left out, also where they were FULL JOINs, or stand among RIGHT
    # ones that WHERE has reduced; SQLite then keeps them.
    "joins that nothing reads": [(planner, "needed_candidates", _as_it_was)],
    # plan/row_bound.py: items of a row value bound columns of other numeric affinities too.
    "bounds of rows": [(row_bound, "item_fits", _has_affinity_of_key)],
}


@contextlib.contextmanager
def without(rules: Sequence[str]) -> Iterator[None]:
    """Compile without these rules."""
    replaced = [one for rule in rules for one in OWN_RULES[rule]]
    kept = [getattr(module, name) for module, name, _ in replaced]
    for module, name, instead in replaced:
        setattr(module, name, instead)
    try:
        yield
    finally:
        for (module, name, _), original in zip(replaced, kept, strict=True):
            setattr(module, name, original)
