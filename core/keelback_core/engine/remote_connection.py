"""RemoteConnection: the compiler's side of a connection whose statements the kernel runs.

Functions and collations of the user are signatures here; C++ keeps them and calls them. `identity` names everything,
beside texts and schemas, that programs depend on.

Twin: core/kernel/engine/kernel_connection.
"""

from __future__ import annotations

from keelback_core.engine.compiler_session import CompilerSession
from keelback_core.engine.remote_database import RemoteDatabase
from keelback_core.engine.remote_session import RemoteSession, RemoteTower
from keelback_core.engine.settings_identity import settings_identity
from keelback_core.engine.uri import OPEN_MEMORY, OPEN_SHARED_CACHE
from keelback_core.engine.user_functions import (
    FUNCTION_DETERMINISTIC,
    FUNCTION_LIKE_OF_CASE,
    UserFunction,
    UserFunctions,
)
from keelback_core.value.result_codes import NOTFOUND

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from keelback_core.compiler.catalog.catalog import Catalog
    from keelback_core.engine.remote_database import Questions
    from keelback_core.engine.run_tower import DatabaseLike
    from keelback_core.value import Value


class RemoteConnection(CompilerSession):
    """See the module."""

    __slots__ = ("_questions", "_identity", "_is_noticed", "_tell_change")

    session: RemoteSession

    def __init__(self, questions: Questions, open_flags: int, is_memory: bool, tell_change: Callable[[], None]) -> None:
        super().__init__(open_flags & ~(OPEN_MEMORY | OPEN_SHARED_CACHE), is_memory)
        self._questions = questions
        # Called when what statements are compiled against has changed.
        self._tell_change = tell_change
        self.session = RemoteSession(questions)
        self.tower = RemoteTower(questions)
        self.functions = UserFunctions(self.virtual_tables)
        self._is_noticed = False
        self.settings.file_pragma = self._ask_file
        # None: to be found anew.
        self._identity: bytes | None = b""

    def _ask_file(self, number: int, name: str, value: str | None) -> tuple[int, str | None]:
        """Let the file of a database answer a PRAGMA; see Settings.file_pragma."""
        database = self.session.databases[number] if number != 1 else None
        if database is None:
            return NOTFOUND, None
        questions = self._questions
        code, text = questions.ask(questions.database_call, [number, "file_pragma", name, value])
        return code, text

    @property
    def identity(self) -> bytes:
        """What programs depend on beside texts and schemas; empty for a connection that nobody has changed."""
        if self._identity is None:
            self._identity = settings_identity(self.settings, self.functions)
        return self._identity

    def expire(self) -> None:
        super().expire()
        self._identity = None
        self._tell_change()

    def limit(self, limit_id: int, new_value: int) -> int:
        self._identity = None
        self._tell_change()
        return super().limit(limit_id, new_value)

    def forget_schema(self, number: int) -> None:
        super().forget_schema(number)
        self._tell_change()
        self._questions.ask(self._questions.forgotten, [number])

    def take_forgotten(self, number: int) -> None:
        """C++ says that a schema (-1: every one) is to be read again."""
        self._tell_change()
        for place in range(len(self.schema_names)) if number < 0 else (number,):
            if place < len(self.schema_names):
                super().forget_schema(place)

    def begin_compiling(self, has_temporary: bool, defers_foreign_keys: bool) -> None:
        """Take note of what C++ tells with a text: whether there is a temp database, and `defers_foreign_keys`, which
        are not asked again before `end_compiling`."""
        # A temp database may have been opened since the schemas were read.
        if has_temporary and self._catalog is not None and self._schemas[1] is None:
            self._catalog = None
            self._tell_change()
        self.settings.defer_foreign_keys = defers_foreign_keys
        self._is_noticed = True

    def end_compiling(self) -> None:
        """What `begin_compiling` was told may be so no longer."""
        self._is_noticed = False

    def known_catalog(self) -> tuple[Catalog | None, bool]:
        """What statements are compiled against, None if that has to be found out; whether it knows a temp database."""
        return self._catalog, self._schemas[1] is not None

    def _notice_transaction(self) -> None:
        if not self._is_noticed:
            super()._notice_transaction()

    # What the engine does.

    def execute(self, sql: str) -> list[list[Value]]:
        values = self._questions.ask(self._questions.execute, [sql])
        width = values[0]
        return [values[at : at + width] for at in range(1, len(values), width)] if width else []

    @property
    def running_count(self) -> int:
        found: int = self.session.get("running_count")
        return found

    @property
    def busy_timeout(self) -> int:
        found: int = self.session.get("busy_timeout")
        return found

    def set_busy_timeout(self, milliseconds: int) -> None:
        self.session.put("busy_timeout", milliseconds)

    def set_text_encoding(self, encoding: int) -> None:
        if encoding != self.functions.text_encoding:
            self.functions.text_encoding = encoding
            self.session.put("text_encoding", encoding)

    def set_case_sensitive_like(self, is_wanted: bool) -> None:
        flags = FUNCTION_DETERMINISTIC | FUNCTION_LIKE_OF_CASE
        for count in (2, 3):
            if is_wanted:
                self.functions.put_function(UserFunction("like", count, flags, False))
            else:
                self.functions.remove_function("like", count)
        self.session.put("case_sensitive_like", int(is_wanted))
        self.expire()

    def attach_to_session(self, name: str, database: DatabaseLike) -> int:
        assert isinstance(database, RemoteDatabase)
        return self.session.attach(database, name)
