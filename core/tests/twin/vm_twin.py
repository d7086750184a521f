"""The kernel's VM by ctypes, in step with a connection of the reference.

`TwinConnection` has a reference Connection, which compiles every statement and runs it, and a kernel session on a
database of its own, which runs the same program. What the kernel asks its host is answered by the host of the
reference, pragmas with what the reference's own run was answered.
"""

from __future__ import annotations

import ctypes
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from keelback_core.engine.connection import Connection
from keelback_core.program.encoding import encode_program
from keelback_core.program.program import Program
from keelback_core.reference.vm.frame_values import FRAME_VALUES
from keelback_core.reference.vm.functions import FunctionContext, find_aggregate, find_scalar
from keelback_core.reference.vm.functions.subtype import JsonText
from keelback_core.value.errors import SqlError
from keelback_core.value.key import BUILTIN_COLLATIONS

ROW = 100
DONE = 101
_ASK = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_int, ctypes.c_void_p, ctypes.c_size_t)
_CANDIDATES = [Path(__file__).parents[3] / "build" / "core" / "kernel" / "vm", Path(__file__).parents[3] / "build"]


def find_library() -> Path | None:
    """Where libkeelback_vm_twin.so is; KEELBACK_VM_TWIN names another one."""
    import os

    named = os.environ.get("KEELBACK_VM_TWIN")
    for path in [Path(named)] if named else [folder / "libkeelback_vm_twin.so" for folder in _CANDIDATES]:
        if path.exists():
            return path
    return None


def load_library() -> ctypes.CDLL:
    """The library; the tests fail where it was not built."""
    path = find_library()
    if path is None:
        pytest.fail("libkeelback_vm_twin.so is not built: make library")
    lib = ctypes.CDLL(str(path))
    pointer, size = ctypes.c_void_p, ctypes.c_size_t
    lib.vm_open.argtypes = [_ASK, ctypes.c_char_p, ctypes.c_int, ctypes.POINTER(pointer)]
    lib.vm_close.argtypes = [pointer]
    lib.vm_answer.argtypes = [pointer, ctypes.c_char_p, size]
    lib.vm_state.argtypes = [pointer, ctypes.POINTER(ctypes.c_int64)]
    lib.vm_set.argtypes = [pointer, ctypes.c_int, ctypes.c_int64]
    lib.vm_prepare.argtypes = [pointer, ctypes.c_char_p, size, ctypes.POINTER(pointer)]
    lib.vm_has_function.argtypes = [ctypes.c_char_p, ctypes.c_int, ctypes.c_int]
    lib.vm_check_program.argtypes = [ctypes.c_char_p, size]
    lib.vm_bind.argtypes = [pointer, ctypes.c_char_p, size]
    lib.vm_row.argtypes = [pointer, ctypes.POINTER(pointer), ctypes.POINTER(size)]
    lib.vm_error.argtypes = [pointer]
    lib.vm_error.restype = ctypes.c_char_p
    lib.vm_complaint.argtypes = [pointer]
    lib.vm_complaint.restype = ctypes.c_char_p
    lib.vm_run.argtypes = [pointer]
    lib.vm_run.restype = ctypes.c_int64
    lib.vm_listed_scans.argtypes = [pointer]
    lib.vm_listed_scans.restype = ctypes.c_int64
    lib.vm_run_keys.argtypes = [pointer, ctypes.c_char_p] + [ctypes.c_int64] * 4
    lib.vm_run_keys.restype = ctypes.c_int64
    for name in ("vm_step", "vm_reset", "vm_free"):
        getattr(lib, name).argtypes = [pointer]
    return lib


def pack(values: list[Any]) -> bytes:
    """Values as they cross the border."""
    parts = []
    for value in values:
        if value is None:
            parts.append(b"\x05")
        elif isinstance(value, int):
            parts.append(struct.pack("<Bq", 1, value))
        elif isinstance(value, float):
            parts.append(struct.pack("<Bd", 2, value))
        elif isinstance(value, str):
            data = value.encode("utf-8", "surrogateescape")
            parts.append(struct.pack("<BI", 3, len(data)) + data)
        else:
            parts.append(struct.pack("<BI", 4, len(value)) + value)
    return b"".join(parts)


def unpack(data: bytes) -> list[Any]:
    """The values of packed bytes."""
    values: list[Any] = []
    at = 0
    while at < len(data):
        kind = data[at]
        at += 1
        if kind in (1, 2):
            values.append(struct.unpack_from("<q" if kind == 1 else "<d", data, at)[0])
            at += 8
        elif kind in (3, 4):
            (size,) = struct.unpack_from("<I", data, at)
            piece = data[at + 4 : at + 4 + size]
            values.append(piece.decode("utf-8", "surrogateescape") if kind == 3 else piece)
            at += 4 + size
        else:
            values.append(None)
    return values


class Outcome:
    """What running a statement gave: rows, and the error or None."""

    __slots__ = ("error", "rows", "state")

    def __init__(self, rows: list[list[Any]], error: tuple[int, str] | None, state: tuple[int, ...]) -> None:
        self.rows = rows
        self.error = error
        self.state = state

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Outcome) and repr(self) == repr(other)

    def __repr__(self) -> str:
        return f"rows={self.rows!r} error={self.error!r} changes,total,rowid,autocommit,transaction={self.state!r}"


class TwinConnection:
    """See the module."""

    def __init__(self, path: str | None = None, kernel_path: str | None = None) -> None:
        self.lib = load_library()
        self.reference = Connection(path or ":memory:")
        self._host = self.reference.host
        self._pragma_answers: list[tuple[int, Any]] = []
        self._answers_pragma = self.reference.answer_pragma
        self._aggregates: dict[int, Any] = {}
        self._scans: list[Any] = []
        self._created: list[SqlError | None] = []
        # Scans of the last statement that visited only the rows that were known to have the value.
        self.listed_scans = 0
        self._collations: list[Callable[[str, str], int]] = []
        # Kept alive as long as the kernel may call it.
        self._ask = _ASK(self._answer)
        self.handle = ctypes.c_void_p()
        code = self.lib.vm_open(self._ask, (kernel_path or "").encode(), 6, ctypes.byref(self.handle))
        assert code == 0, code

    def close(self) -> None:
        """Close both."""
        self.lib.vm_close(self.handle)
        self.reference.close(finalizes=True)

    # Running

    def run(self, sql: str, values: Any) -> tuple[Outcome, Outcome] | None:
        """Run one statement on both; None where it does not compile or is blank."""
        try:
            statement, _ = self.reference.prepare(sql)
        except SqlError:
            return None
        if statement is None:
            return None
        program = statement.program
        encoded = encode_program(program)
        if isinstance(values, dict):
            names = [name[1:] if name else "" for name in statement.parameter_names]
            values = [values.get(name, values.get(":" + name)) for name in names]
        values = list(values or [])[: statement.parameter_count]
        for index, value in enumerate(values):
            statement.bind(index + 1, value)
        self._pragma_answers.clear()
        self._created.clear()
        mine = self._run_reference(statement)
        if statement.program is not program:
            encoded = encode_program(statement.program)
        statement.finalize()
        return mine, self._run_kernel(encoded, values)

    def _run_reference(self, statement: Any) -> Outcome:
        rows: list[list[Any]] = []
        error = None
        asked = self._answers_pragma
        answers = self._pragma_answers
        created = self._created
        reference = self.reference

        class Recording:
            def __init__(self, host: Any) -> None:
                self.host = host

            def pragma(self, database: int, name: str, arguments: list[Any]) -> Any:
                try:
                    found = asked(database, name, arguments)
                except SqlError as failure:
                    answers.append((failure.code, failure.message))
                    raise
                answers.append((0, found))
                return found

            def create_virtual(self, database: int, text: str) -> Any:
                try:
                    found = self.host.create_virtual(database, text)
                except SqlError as failure:
                    created.append(failure)
                    raise
                created.append(None)
                return found

            def __getattr__(self, name: str) -> Any:
                return getattr(self.host, name)

            def __setattr__(self, name: str, value: Any) -> None:
                if name == "host":
                    object.__setattr__(self, name, value)
                else:
                    setattr(self.host, name, value)

        statement._machine.host = Recording(reference.host)
        try:
            while statement.step():
                rows.append(list(statement.row))
        except SqlError as failure:
            error = (failure.code, failure.message)
        host = reference.host
        session = reference.session
        state = (
            host.changes,
            host.total_changes,
            host.last_insert_rowid,
            int(session.autocommit),
            session.databases[0].transaction_state,  # type: ignore[union-attr]
        )
        return Outcome(rows, error, state)

    def prepare_kernel(self, program: Program | bytes) -> ctypes.c_void_p:
        """A machine of the kernel for a program."""
        data = program if isinstance(program, bytes) else encode_program(program)
        machine = ctypes.c_void_p()
        code = self.lib.vm_prepare(self.handle, data, len(data), ctypes.byref(machine))
        if code != 0:
            raise SqlError(code, "refused: " + self.lib.vm_complaint(self.handle).decode())
        return machine

    def _run_kernel(self, encoded: bytes, values: list[Any]) -> Outcome:
        lib = self.lib
        try:
            machine = self.prepare_kernel(encoded)
        except SqlError as failure:
            return Outcome([], (failure.code, failure.message), self.kernel_state())
        packed = pack(values)
        lib.vm_bind(machine, packed, len(packed))
        rows = []
        error = None
        data = ctypes.c_void_p()
        size = ctypes.c_size_t()
        while True:
            code = lib.vm_step(machine)
            if code != ROW:
                break
            lib.vm_row(machine, ctypes.byref(data), ctypes.byref(size))
            rows.append(unpack(ctypes.string_at(data, size.value) if size.value else b""))
        if code != DONE:
            error = (code, lib.vm_error(machine).decode("utf-8", "surrogateescape"))
        self.listed_scans = lib.vm_listed_scans(machine)
        lib.vm_free(machine)
        return Outcome(rows, error, self.kernel_state())

    def kernel_state(self) -> tuple[int, ...]:
        """changes, total_changes, last_insert_rowid, autocommit, transaction state of main."""
        found = (ctypes.c_int64 * 6)()
        self.lib.vm_state(self.handle, found)
        return (found[0], found[1], found[2], found[3], found[5])

    # What the kernel asks

    def _answer(self, question: int, request: int, size: int) -> int:
        arguments = unpack(ctypes.string_at(request, size) if size else b"")
        try:
            handler = self._HANDLERS.get(question)
            answer = handler(self, arguments) if handler else 0
            if isinstance(answer, list):
                self._give(answer)
                return 0
            return int(answer)
        except SqlError as failure:
            self._give([failure.message])
            return failure.code

    def _give(self, values: list[Any]) -> None:
        data = pack(values)
        self.lib.vm_answer(self.handle, data, len(data))

    def _hides(self, arguments: list[Any]) -> int:
        return int(self._host.find_user(arguments[0], arguments[1]) is not None)

    def _scalar(self, arguments: list[Any]) -> list[Any]:
        mask, name, count, collation = arguments[:4]
        arguments = self._with_subtypes(mask, arguments[4:])
        return self._marked(self._call(name, count, collation, arguments))

    def _with_subtypes(self, mask: int, arguments: list[Any]) -> list[Any]:
        return [JsonText(value) if mask >> place & 1 else value for place, value in enumerate(arguments)]

    def _marked(self, value: Any) -> list[Any]:
        return [value, 1] if isinstance(value, JsonText) else [value]

    def _call(self, name: str, count: int, collation: str, arguments: list[Any]) -> Any:
        user = self._host.find_scalar(name, count)
        if user is not None:
            return user(arguments)
        function = find_scalar(name, count)
        assert function is not None
        return function(FunctionContext(self._host, self._host.find_collation(collation)), arguments)

    def _new_aggregate(self, arguments: list[Any]) -> list[Any]:
        name, count, collation = arguments
        factory = self._host.find_aggregate(name, count)
        if factory is None:
            builtin = find_aggregate(name, count)
            if name in FRAME_VALUES:
                state: Any = FRAME_VALUES[name]()
            else:
                assert builtin is not None
                state = builtin(FunctionContext(self._host, self._host.find_collation(collation)))
        else:
            state = factory()
        number = len(self._aggregates) + 1
        while number in self._aggregates:
            number += 1
        self._aggregates[number] = state
        return [number]

    def _aggregate_step(self, arguments: list[Any]) -> int:
        self._aggregates[arguments[1]].step(self._with_subtypes(arguments[0], arguments[2:]))
        return 0

    def _aggregate_final(self, arguments: list[Any]) -> list[Any]:
        return self._marked(self._aggregates[arguments[0]].final())

    def _aggregate_inverse(self, arguments: list[Any]) -> int:
        self._aggregates[arguments[0]].inverse(arguments[1:])
        return 0

    def _aggregate_value(self, arguments: list[Any]) -> list[Any]:
        return self._marked(self._aggregates[arguments[0]].value())

    def _virtual_open(self, arguments: list[Any]) -> list[Any]:
        self._scans.append(self._host.virtual_table(arguments[0]).open())
        return [len(self._scans) - 1]

    def _virtual_filter(self, arguments: list[Any]) -> list[Any]:
        scan = self._scans[arguments[0]]
        scan.filter_by_lists(arguments[1], arguments[2], arguments[4:], arguments[3])
        return [int(not scan.is_at_end())]

    def _virtual_next(self, arguments: list[Any]) -> list[Any]:
        scan = self._scans[arguments[0]]
        scan.next()
        return [int(not scan.is_at_end())]

    def _virtual_column(self, arguments: list[Any]) -> list[Any]:
        return self._marked(self._scans[arguments[0]].column(arguments[1]))

    def _virtual_rowid(self, arguments: list[Any]) -> list[Any]:
        return [self._scans[arguments[0]].rowid()]

    def _virtual_close(self, arguments: list[Any]) -> int:
        self._scans[arguments[0]].close()
        return 0

    def _virtual_create(self, arguments: list[Any]) -> int:
        failure = self._created.pop(0)
        if failure is not None:
            raise failure
        return 0

    def _current_time(self, arguments: list[Any]) -> list[Any]:
        return [self._host.current_time_milliseconds()]

    def _aggregate_drop(self, arguments: list[Any]) -> int:
        del self._aggregates[arguments[0]]
        return 0

    def _collation(self, arguments: list[Any]) -> list[Any]:
        found = self._host.find_collation(arguments[0])
        if found in BUILTIN_COLLATIONS.values():
            return [0]
        self._collations.append(found)
        return [len(self._collations)]

    def _compare(self, arguments: list[Any]) -> int:
        return self._collations[arguments[0] - 1](arguments[1], arguments[2])

    def _pragma(self, arguments: list[Any]) -> list[Any]:
        number, name = arguments[:2]
        code, answer = self._pragma_answers.pop(0)
        if code:
            raise SqlError(code, answer)
        if len(arguments) > 2 and number == 0:
            if name == "page_size":
                self.lib.vm_set(self.handle, 6, int(answer))
            elif name == "query_only":
                self.lib.vm_set(self.handle, 3, int(answer))
            elif name == "defer_foreign_keys":
                self.lib.vm_set(self.handle, 4, int(answer))
        return [answer]

    _HANDLERS = {
        1: _hides,
        2: _scalar,
        3: _new_aggregate,
        4: _aggregate_step,
        5: _aggregate_final,
        6: _aggregate_drop,
        7: _collation,
        8: _compare,
        10: _pragma,
        16: _aggregate_inverse,
        17: _aggregate_value,
        19: _virtual_open,
        20: _virtual_filter,
        21: _virtual_next,
        22: _virtual_column,
        23: _virtual_rowid,
        24: _virtual_close,
        27: _virtual_create,
        32: _current_time,
    }
