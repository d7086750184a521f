"""Entrances: where the kernel enters the tower: by one call from a text to the bytes of its Program.

1. A connection is ready here once one of its statements was compiled the long way (`slowly`), and until its catalog or
   what its programs depend on changes: then `forget` is called. Meanwhile nothing of the engine's room is run.
2. What cannot be compiled here goes the long way: there the schemas are read anew where they are stale, and errors are
   told as SQLite tells them. Whatever else is raised here is raised there again.

Must not know: the connection. Called by core/kernel/engine/plugin/boot.cpp.
"""

from __future__ import annotations

from keelback_core.compiler.catalog.settings import LIMIT_SQL_LENGTH
from keelback_core.compiler.emit.encoded import compile_tokens
from keelback_core.compiler.sql.lexer import Lexer
from keelback_core.value.errors import SqlError
from keelback_core.value.result_codes import OK

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Final

    from keelback_core.compiler.catalog.catalog import Catalog

    # As `Entrances.compile`, and what the text has failed with already.
    Slowly = Callable[[int, Lexer, int, bool, bool, bool, SqlError | None], tuple[int, list[Any]]]

# A character has so many bytes at most.
MOST_BYTES: Final = 4


class Entrance:
    """One connection that is ready; `has_temporary`: the catalog knows a temp database."""

    __slots__ = ("catalog", "has_temporary")

    def __init__(self, catalog: Catalog, has_temporary: bool) -> None:
        self.catalog = catalog
        self.has_temporary = has_temporary


class Entrances:
    """See the module."""

    __slots__ = ("_ready", "_slowly")

    def __init__(self, slowly: Slowly) -> None:
        self._slowly = slowly
        self._ready: dict[int, Entrance] = {}

    def prepare(self, handle: int, catalog: Catalog | None, has_temporary: bool) -> None:
        """A connection's statements are compiled against this catalog from now on; None: it has to be found out."""
        if catalog is None:
            self.forget(handle)
        else:
            self._ready[handle] = Entrance(catalog, has_temporary)

    def forget(self, handle: int) -> None:
        """What statements of a connection are compiled against has changed, or the connection is gone."""
        self._ready.pop(handle, None)

    def compile(
        self,
        handle: int,
        sql: str,
        mode: int,
        is_lifting: bool,
        has_temporary: bool,
        defers_foreign_keys: bool,
        kinds: list[int],
        starts: list[int],
        ends: list[int],
        has_context_words: bool,
    ) -> tuple[int, list[Any]]:
        """OK and what `compile_tokens` gives, or a code and (message, offset, tail). kinds, starts, ends: the tokens of
        the first statement where the native lexer has found them."""
        # The native lexer finds tokens in plain texts only.
        lexer = Lexer(sql, 0, len(kinds) > 0)
        if kinds:
            lexer.take_statement(kinds, starts, ends, has_context_words)
        failure: SqlError | None = None
        entrance = self._ready.get(handle)
        if entrance is not None and (entrance.has_temporary or not has_temporary):
            catalog = entrance.catalog
            settings = catalog.settings
            # A temp database may have been opened since; a long text is measured in bytes.
            if len(sql) * MOST_BYTES <= settings.limits[LIMIT_SQL_LENGTH]:
                settings.defer_foreign_keys = defers_foreign_keys
                try:
                    return OK, compile_tokens(lexer, settings.parse_limits, catalog, mode, is_lifting)
                except SqlError as error:
                    failure = error
                except BaseException:
                    lexer = Lexer(sql, 0)
        return self._slowly(handle, lexer, mode, is_lifting, has_temporary, defers_foreign_keys, failure)
