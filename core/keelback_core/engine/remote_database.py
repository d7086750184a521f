"""RemoteDatabase: a database of the kernel as the compiler's side of a connection sees it: every member asks C++.

`number` is the database's place in the session, or a handle of KB_ASK_DATABASE_OPEN while it is not attached.

Implements `run_tower.DatabaseLike`. Twin: core/kernel/engine/kernel_questions.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from keelback_core.value import Value

    Ask = Callable[[int, list[Value]], list[Any]]


class Questions:
    """How to ask, and the numbers of the questions (KB_ASK_ in plugin/table.h)."""

    __slots__ = (
        "ask",
        "database_open",
        "database_close",
        "database_get",
        "database_set",
        "database_call",
        "tree_rows",
        "tree_copy",
        "session_get",
        "session_set",
        "attach",
        "detach",
        "execute",
        "forgotten",
        "random",
    )

    def __init__(self, ask: Ask, names: Any) -> None:
        self.ask = ask
        self.database_open: int = names.KB_ASK_DATABASE_OPEN
        self.database_close: int = names.KB_ASK_DATABASE_CLOSE
        self.database_get: int = names.KB_ASK_DATABASE_GET
        self.database_set: int = names.KB_ASK_DATABASE_SET
        self.database_call: int = names.KB_ASK_DATABASE_CALL
        self.tree_rows: int = names.KB_ASK_TREE_ROWS
        self.tree_copy: int = names.KB_ASK_TREE_COPY
        self.session_get: int = names.KB_ASK_SESSION_GET
        self.session_set: int = names.KB_ASK_SESSION_SET
        self.attach: int = names.KB_ASK_ATTACH
        self.detach: int = names.KB_ASK_DETACH
        self.execute: int = names.KB_ASK_EXECUTE
        self.forgotten: int = names.KB_ASK_FORGOTTEN
        self.random: int = names.KB_ASK_RANDOM


class RemoteDatabase:
    """See the module."""

    __slots__ = ("_questions", "number", "mmap_size")

    def __init__(self, questions: Questions, number: int) -> None:
        self._questions = questions
        self.number = number
        # Kept for PRAGMA mmap_size only.
        self.mmap_size = 0

    def _get(self, name: str) -> Any:
        return self._questions.ask(self._questions.database_get, [self.number, name])[0]

    def put(self, name: str, value: Value) -> None:
        """Change a fact of the database by name."""
        self._questions.ask(self._questions.database_set, [self.number, name, value])

    def call(self, method: str, *arguments: Value) -> Any:
        """Have C++ call a method of the database; its result, if it has one."""
        answer = self._questions.ask(self._questions.database_call, [self.number, method, *arguments])
        return answer[0] if answer else None

    # Facts and settings.

    @property
    def path(self) -> str:
        found: str = self._get("path")
        return found

    @property
    def page_size(self) -> int:
        found: int = self._get("page_size")
        return found

    @property
    def requested_reserve(self) -> int:
        found: int = self._get("requested_reserve")
        return found

    @requested_reserve.setter
    def requested_reserve(self, count: int) -> None:
        self.put("requested_reserve", count)

    @property
    def wanted_auto_vacuum(self) -> int:
        found: int = self._get("wanted_auto_vacuum")
        return found

    @wanted_auto_vacuum.setter
    def wanted_auto_vacuum(self, mode: int) -> None:
        self.put("wanted_auto_vacuum", mode)

    @property
    def was_read(self) -> bool:
        return bool(self._get("was_read"))

    @property
    def is_format_fixed(self) -> bool:
        return bool(self._get("is_format_fixed"))

    @is_format_fixed.setter
    def is_format_fixed(self, is_fixed: bool) -> None:
        self.put("is_format_fixed", int(is_fixed))

    @property
    def page_count(self) -> int:
        found: int = self._get("page_count")
        return found

    @property
    def is_readonly(self) -> bool:
        return bool(self._get("is_readonly"))

    @property
    def transaction_state(self) -> int:
        found: int = self._get("transaction_state")
        return found

    @property
    def change_counter(self) -> int:
        found: int = self._get("change_counter")
        return found

    @property
    def max_page_count(self) -> int:
        found: int = self._get("max_page_count")
        return found

    @max_page_count.setter
    def max_page_count(self, count: int) -> None:
        self.put("max_page_count", count)

    @property
    def cache_size(self) -> int:
        found: int = self._get("cache_size")
        return found

    @cache_size.setter
    def cache_size(self, size: int) -> None:
        self.put("cache_size", size)

    @property
    def synchronous(self) -> int:
        found: int = self._get("synchronous")
        return found

    @synchronous.setter
    def synchronous(self, level: int) -> None:
        self.put("synchronous", level)

    @property
    def keeps_locks(self) -> bool:
        found: int = self._get("keeps_locks")
        return bool(found)

    @keeps_locks.setter
    def keeps_locks(self, keeps_locks: bool) -> None:
        self.put("keeps_locks", int(keeps_locks))

    @property
    def journal_mode(self) -> str:
        found: str = self._get("journal_mode")
        return found

    @journal_mode.setter
    def journal_mode(self, mode: str) -> None:
        self.put("journal_mode", mode)

    @property
    def journal_size_limit(self) -> int:
        found: int = self._get("journal_size_limit")
        return found

    @journal_size_limit.setter
    def journal_size_limit(self, size: int) -> None:
        self.put("journal_size_limit", size)

    @property
    def secure_delete(self) -> int:
        found: int = self._get("secure_delete")
        return found

    @secure_delete.setter
    def secure_delete(self, mode: int) -> None:
        self.put("secure_delete", mode)

    @property
    def spill_size(self) -> int:
        found: int = self._get("spill_size")
        return found

    @spill_size.setter
    def spill_size(self, pages: int) -> None:
        self.put("spill_size", pages)

    @property
    def may_spill(self) -> bool:
        found: int = self._get("may_spill")
        return bool(found)

    @may_spill.setter
    def may_spill(self, may: bool) -> None:
        self.put("may_spill", int(may))

    def release_memory(self) -> None:
        self.call("release_memory")

    def set_page_size(self, size: int) -> None:
        self.call("set_page_size", size)

    # Transactions.

    def begin_read(self) -> None:
        self.call("begin_read")

    def end_read(self) -> None:
        self.call("end_read")

    def begin_write(self, exclusive: bool = False) -> None:
        self.call("begin_write", int(exclusive))

    def commit(self) -> None:
        self.call("commit")

    def rollback(self) -> None:
        self.call("rollback")

    def checkpoint(self, mode: int) -> tuple[int, int, int]:
        answer = self._questions.ask(self._questions.database_call, [self.number, "checkpoint", mode])
        return answer[0], answer[1], answer[2]

    # Content.

    def get_meta(self, index: int) -> int:
        found: int = self.call("get_meta", index)
        return found

    def set_meta(self, index: int, value: int) -> None:
        self.call("set_meta", index, value)

    def create_root(self, is_table: bool) -> int:
        found: int = self.call("create_root", int(is_table))
        return found

    def read_page(self, number: int) -> bytes:
        found: bytes = self.call("read_page", number)
        return found

    def write_page(self, number: int, data: bytes) -> None:
        self.call("write_page", number, data)

    def close(self) -> None:
        self._questions.ask(self._questions.database_close, [self.number])
