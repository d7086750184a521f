"""What the kernel is to its compiler service, without C++: it asks the service for programs, runs them on the
reference's machine, and answers the questions KB_ASK_... from the reference's storage.

Every request and every answer crosses as packed bytes, as over the border. Programs do not: `keep_program` stands in
the place of `program_pieces` and gives a number.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from keelback_core.compiler.sql.lexer import Lexer
from keelback_core.engine.compiler_service import CompilerService
from keelback_core.engine.reference_tower import ReferenceTower
from keelback_core.engine.user_functions import UserFunctions
from keelback_core.engine.wire import pack_values, unpack_values
from keelback_core.reference.storage.database import Database
from keelback_core.reference.storage.vfs import OsVfs
from keelback_core.reference.vm.functions.registry import find_scalar
from keelback_core.reference.vm.machine import Machine
from keelback_core.reference.vm.session import Session
from keelback_core.value.errors import SqlError
from keelback_core.value.result_codes import NOTFOUND

TABLE_H = Path(__file__).resolve().parents[2] / "kernel/engine/plugin/table.h"
SCHEMA_ERROR = 17


class Names:
    """The numbers of plugin/table.h, as cffi gives them."""

    def __init__(self) -> None:
        for body in re.findall(r"enum \w+ \{(.*?)\}", TABLE_H.read_text(encoding="utf-8"), re.DOTALL):
            number = -1
            for name, _, value in re.findall(r"(KB_\w+)( = (\d+))?", body):
                number = int(value) if value else number + 1
                setattr(self, name, number)


NAMES = Names()
PROGRAMS: list[Any] = []


def keep_program(program: Any) -> bytes:
    """The stand-in for `program_pieces`."""
    PROGRAMS.append(program)
    return str(len(PROGRAMS) - 1).encode()


class StandInHost(UserFunctions):
    """The Host of the machine; what C++ has no answer to goes to the service."""

    def __init__(self, kernel: StandInKernel) -> None:
        super().__init__(None)  # type: ignore[arg-type]
        self.kernel = kernel
        self.last_insert_rowid = self.changes = self.total_changes = 0
        self.limit_length, self.limit_pattern_length = 1_000_000_000, 50_000
        self.is_interrupted, self.progress_period = False, 0
        self.has_case_sensitive_like = False

    def find_scalar(self, name: str, argument_count: int) -> Any:
        if name.lower() == "like" and self.has_case_sensitive_like:
            return lambda values: self.kernel.call("SCALAR", "like", len(values), "BINARY", 0, *values)[0]
        assert find_scalar(name, argument_count) is not None
        return None

    def find_aggregate(self, name: str, argument_count: int) -> Any:
        return None

    def random_bytes(self, count: int) -> bytes:
        return bytes(count)

    def current_time_milliseconds(self) -> int:
        return 1

    def schema_changed(self, database: int) -> None:
        self.kernel.call("FORGET", database)

    def pragma(self, database: int, name: str, arguments: list[Any]) -> Any:
        return self.kernel.call("PRAGMA", database, name, *arguments)[0]

    def update_hook(self, operation: int, database: int, table: str, rowid: int) -> None: ...

    def commit_hook(self) -> bool:
        return False

    def rollback_hook(self) -> None: ...


class StandInKernel:
    """One connection. forgotten: what Python said it forgot; identity: as last told."""

    def __init__(self, path: str = ":memory:") -> None:
        self.path = None if path == ":memory:" else path
        self.host = StandInHost(self)
        self.session = Session(self.host, Database.open(self.path, 6), lambda: Database.open(None, 6))  # type: ignore[arg-type]
        self.tower = ReferenceTower(OsVfs(), OsVfs())
        self.detached: dict[int, Any] = {}
        self.names = ["main", "temp"]
        self.forgotten: list[int] = []
        self.busy_timeout = 0
        self.identity = b""
        self.service = CompilerService(NAMES, lambda host: self.ask)
        self.handle = 0
        self.handle = self.call("OPEN", 7, path, 6, int(self.path is None))[0]

    def call(self, operation: str, *arguments: Any) -> list[Any]:
        """One operation of the service, as over the border."""
        number = getattr(NAMES, "KB_COMPILER_" + operation)
        request = unpack_values(pack_values(list(arguments)))
        return unpack_values(pack_values(self.service.operations[number](self.handle, request)))

    def compile(self, sql: str, mode: int = -1, is_lifting: bool = False) -> tuple[Any, int, int, bytes]:
        """(program or None, tail, is_cacheable, lifted)"""
        facts = (self.session.databases[1] is not None, self.session.defers_foreign_keys)
        answer = self.service.compile(self.handle, Lexer(sql, 0), mode, is_lifting, *facts)
        tail, program, is_cacheable, lifted, *identity = unpack_values(pack_values(answer))
        if identity:
            self.identity = identity[0]
        return (None if program is None else PROGRAMS[int(program)]), tail, is_cacheable, lifted

    def execute(self, sql: str, values: Any = ()) -> list[list[Any]]:
        """The rows of all statements of a text, each compiled again where the schema was another."""
        rows: list[list[Any]] = []
        rest = sql.encode()
        while rest:
            text = rest.decode()
            program, tail, _, _ = self.compile(text)
            if program is None:
                break
            for _ in range(50):
                try:
                    rows = self._run(program, values)
                    break
                except SqlError as error:
                    if error.primary_code != SCHEMA_ERROR:
                        raise
                    self.call("FORGET", -1)
                    program = self.compile(text)[0]
            rest = rest[tail:]
        return rows

    def _run(self, program: Any, values: Any) -> list[list[Any]]:
        machine = Machine(program, self.session, self.host)  # type: ignore[arg-type]
        machine.parameters = list(values[: len(program.parameters)])
        machine.parameters += [None] * (len(program.parameters) - len(machine.parameters))
        rows = []
        while machine.step():
            rows.append(list(machine.row))
        return rows

    def close(self) -> None:
        self.call("CLOSE")
        for database in self.session.open_databases():
            database.close()

    # Questions.

    def ask(self, question: int, arguments: list[Any]) -> list[Any]:
        name = next(name for name, number in vars(NAMES).items() if name.startswith("KB_ASK") and number == question)
        answer = getattr(self, "_" + name[len("KB_ASK_") :].lower())(*unpack_values(pack_values(arguments)))
        return unpack_values(pack_values([] if answer is None else answer if isinstance(answer, list) else [answer]))

    def _database(self, number: int) -> Any:
        return self.detached[number] if number >= 1000 else self.session.database(number)

    def _keep(self, database: Any) -> int:
        handle = 1000 + len(self.detached)
        self.detached[handle] = database
        return handle

    def _database_open(self, path: str | None, flags: int, page_size: int, vfs: str | None) -> int:
        return self._keep(self.tower.open_database(path, flags, page_size, vfs))

    def _database_close(self, number: int) -> None:
        self.detached[number].close()

    def _database_get(self, number: int, name: str) -> Any:
        value = getattr(self._database(number), name)
        return int(value) if isinstance(value, bool) else value

    def _database_set(self, number: int, name: str, value: Any) -> None:
        if name == "has_pointer_maps":
            self.tower.keep_pointer_maps(self._database(number))
        else:
            setattr(self._database(number), name, value)

    def _database_call(self, number: int, method: str, *arguments: Any) -> Any:
        database = self._database(number)
        if method == "table_insert":
            return self.tower.insert_row(database, *arguments)
        if method == "replace_content":
            return self.tower.replace_content(database, self._database(arguments[0]), arguments[1])
        if method == "file_pragma":
            # No file of a program's own.
            return [NOTFOUND, None]
        return getattr(database, method)(*arguments)

    def _tree_rows(self, number: int, root: int, _are_known: int) -> list[Any]:
        return [value for row in self.tower.table_rows(self._database(number), root) for value in row]

    def _tree_copy(self, source: int, old: int, target: int, new: int, is_table: int, keeps_rowids: int) -> None:
        if is_table:
            self.tower.copy_table(self._database(source), old, self._database(target), new, bool(keeps_rowids))
        else:
            self.tower.copy_index(self._database(source), old, self._database(target), new)

    def _session_get(self, name: str) -> Any:
        if name == "has_temporary":
            return int(self.session.databases[1] is not None)
        if name == "running_count":
            return len(self.session.running)
        owner = next(owner for owner in (self.session, self.host, self) if hasattr(owner, name))
        return int(getattr(owner, name))

    def _session_set(self, name: str, value: Any) -> None:
        if name == "case_sensitive_like":
            self.host.has_case_sensitive_like = bool(value)
        else:
            owner = next(owner for owner in (self.session, self.host, self) if hasattr(owner, name))
            setattr(owner, name, value)

    def _attach(self, handle: int, name: str) -> int:
        self.names.append(name)
        return self.session.attach(self.detached.pop(handle))

    def _detach(self, number: int) -> int:
        database = self.session.database(number)
        self.session.detach(number)
        del self.names[number]
        return self._keep(database)

    def _execute(self, sql: str) -> list[Any]:
        rows = self.execute(sql)
        return [len(rows[0]) if rows else 0, *(value for row in rows for value in row)]

    def _random(self, count: int) -> bytes:
        return bytes(count)

    def _forgotten(self, number: int) -> None:
        self.forgotten.append(number)
