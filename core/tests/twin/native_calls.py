"""Which functions of a query the kernel's VM hands to its host."""

from __future__ import annotations

from typing import Any

from vm_twin import Outcome, TwinConnection


def run_and_listen(twin: TwinConnection, sql: str) -> tuple[tuple[Outcome, Outcome], list[str]]:
    """What both VMs answer, and the names of the scalar functions that the kernel asked its host for."""
    asked: list[str] = []

    def answer(self: TwinConnection, arguments: list[Any]) -> list[Any]:
        asked.append(arguments[1])
        return [None]

    twin._HANDLERS = {**twin._HANDLERS, 2: answer}  # type: ignore[misc]
    outcomes = twin.run(sql, [])
    assert outcomes is not None
    return outcomes, asked
