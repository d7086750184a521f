"""Reading of EXPLAIN QUERY PLAN."""

from __future__ import annotations


def plan_of(rows):
    """The lines of EXPLAIN QUERY PLAN as (depth, text)."""
    depths = {0: -1}
    found = []
    for identifier, parent, _, text in rows:
        depths[identifier] = depths[parent] + 1
        found.append((depths[identifier], text))
    return found
