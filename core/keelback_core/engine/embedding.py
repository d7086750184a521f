"""The Python side of the border between libkeelback.so and the engine.

`install(ffi, lib)` is called once by the cffi embedding module when the C library starts it. It binds the two entry
points that the C++ layer calls: `kb_python_call` (one operation of the reference engine or of the kernel's compiler
service) and `kb_python_step` (one step of a statement of the reference, the hot one). A third, the hot one of the
kernel, which `Border.compile_entrance` names, is called by boot.cpp itself, with Python's objects.

1. All else that crosses is a packed row of values (wire.py).
2. No Python exception leaves an entry point: a SqlError becomes its code and (message, offset, tail), anything else is
   an internal error with the exception's text.
3. A question to C++ (`kb_ask`) gives up the GIL.
4. Neither engine is imported before it is used: the kernel's path needs no machine, the reference's no proxies.

Twin: core/kernel/engine/python_calls.cpp. Names: core/kernel/engine/plugin/table.h.
"""

from __future__ import annotations

import _thread
import os

from keelback_core.engine.border_key import BORDER_KEY
from keelback_core.engine.described_error import described
from keelback_core.engine.late_module import late_module
from keelback_core.engine.wire import pack_values, unpack_values
from keelback_core.value.errors import SqlError
from keelback_core.value.result_codes import ERROR, MESSAGES, NOMEM, OK, ROW

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from keelback_core.value import Value

    Operation = Callable[[int, list[Any]], Sequence[Value]]

# The border of this process, for the entry point that boot.cpp calls past cffi; `install` puts it here.
installed: Border

# Where the operations of the compiler service begin (plugin/table.h).
COMPILER_OPERATIONS = 100


class Border:
    """The entry points; an engine's operations are found when the first of them is called."""

    __slots__ = ("_engine", "_ffi", "_lib", "_reference", "_compiler", "_operations", "_lock")

    def __init__(self, ffi: Any, lib: Any, engine: Any = None) -> None:
        self._ffi = ffi
        self._lib = lib
        self._engine = engine
        self._reference: Any = None
        self._compiler: Any = None
        self._operations: dict[int, Operation] = {}
        # Held while an engine is imported: a second thread must not make a second one.
        self._lock = _thread.allocate_lock()

    def _operation(self, number: int) -> Operation:
        """The operation of a number, with its engine imported if this is the first call to it."""
        with self._lock:
            if number >= COMPILER_OPERATIONS and self._compiler is None:
                service = late_module("keelback_core.engine.compiler_service").CompilerService
                self._compiler = service(self._lib, self._make_ask)
                self._operations.update(self._compiler.operations)
            elif number < COMPILER_OPERATIONS and self._reference is None:
                service = late_module("keelback_core.engine.reference_service").ReferenceService
                self._reference = service(self._lib, self._make_ask, self._engine_room)
                self._operations.update(self._reference.operations)
        return self._operations[number]

    def _engine_room(self) -> Any:
        """The engine's package; tests of the C API may name a stand-in module in KEELBACK_TEST_ENGINE."""
        if self._engine is None:
            self._engine = late_module(os.environ.get("KEELBACK_TEST_ENGINE", "keelback_core.engine"))
        return self._engine

    # The two entry points.

    def call(self, operation: int, handle: int, request: Any, size: int, reply: Any) -> int:
        """Do one operation; the reply holds its packed answer, or (message, offset, tail)."""
        try:
            answer = (self._operations.get(operation) or self._operation(operation))(
                handle, unpack_values(self._ffi.buffer(request, size)[:]) if size else []
            )
            if answer:
                self._send(reply, pack_values(answer))
            return OK
        except BaseException as error:
            return self._fail(error, reply)

    def compile_entrance(self) -> Callable[..., tuple[int, list[Any]]]:
        """`Entrances.compile` (compiler/emit/entrance.py), which boot.cpp calls from then on; it packs the answers."""
        if self._compiler is None:
            self._operation(COMPILER_OPERATIONS)
        entrance: Callable[..., tuple[int, list[Any]]] = self._compiler.entrances.compile
        return entrance

    def step(self, handle: int, reply: Any) -> int:
        """Step a statement of the reference; ROW with the packed row, DONE, or an error."""
        try:
            code, row = self._reference.step(handle)
            if code & 0xFF == ROW:
                self._send(reply, pack_values(row))
            return int(code)
        except BaseException as error:
            return self._fail(error, reply)

    def _send(self, reply: Any, data: bytes) -> None:
        size = len(data)
        if size > reply.capacity and not self._lib.kb_reply_reserve(reply, size):
            raise SqlError(NOMEM, MESSAGES[NOMEM])
        self._ffi.memmove(reply.data, data, size)
        reply.size = size

    def _fail(self, error: BaseException, reply: Any) -> int:
        code, message, offset, tail = described(error)
        try:
            self._send(reply, pack_values([message, offset, tail]))
        except (SqlError, MemoryError):
            return NOMEM
        return code

    # Questions to the C++ side.

    def _make_ask(self, host: int) -> Callable[[int, list[Value]], list[Any]]:
        ffi = self._ffi
        kb_ask = self._lib.kb_ask

        def ask(question: int, arguments: list[Value]) -> list[Any]:
            request = pack_values(arguments)
            answer = ffi.new("const char **")
            size = ffi.new("size_t *")
            code = kb_ask(question, host, request, len(request), answer, size)
            values = unpack_values(ffi.buffer(answer[0], size[0])[:]) if size[0] else []
            if code != OK:
                raise SqlError(code, values[0] if values else MESSAGES.get(code, MESSAGES[ERROR]))
            return values

        return ask


def install(ffi: Any, lib: Any, engine: Any = None) -> Border:
    """Bind the entry points of the embedding module; engine: in the place of the package `keelback_core.engine`.
    ImportError if the library was built from other sources than these."""
    if getattr(lib, "KB_BORDER_KEY", None) != BORDER_KEY:
        package = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
        raise ImportError(f"the library was not built from the sources in {package}: build it anew")
    border = Border(ffi, lib, engine)
    ffi.def_extern(name="kb_python_call", error=ERROR)(border.call)
    ffi.def_extern(name="kb_python_step", error=ERROR)(border.step)
    global installed
    installed = border
    return border
