"""The kinds of statements that a database may have beside those over the run's own tables: each is a module with its
own names, of a function that gives what is to run first and one that gives a statement. A database has none to
three."""

from __future__ import annotations

from tools.comparing import (
    conflicts,
    documents,
    files,
    frames,
    interrupts,
    joined_changes,
    limits,
    pages,
    renamed,
    statistics,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from tools.comparing.statements import StatementGenerator

    Room = tuple[Callable[[StatementGenerator], list[str]], Callable[[StatementGenerator], str]]

ROOMS: dict[str, Room] = {
    module.__name__.rpartition(".")[2]: (module.setup, module.statement)
    for module in (conflicts, documents, files, frames, interrupts, joined_changes, limits, pages, renamed, statistics)
}
