"""The Python side of the border between libkeelback.so and the engine.

`install(ffi, lib)` is called once by the cffi embedding module when the C library starts it. It binds the two entry
points that the C++ layer calls: `kb_python_call` (one operation on a connection or statement) and
`kb_python_step` (one step of a statement, the hot one).

1. All that crosses is a packed row of values: per value a type byte (1 INTEGER, 2 FLOAT, 3 TEXT, 4 BLOB, 5 NULL),
   8 bytes for numbers, a 4-byte length, the bytes and a NUL for text and blobs; little-endian.
2. Handles are numbers of this module's tables; the C++ layer owns them and closes them.
3. No Python exception leaves an entry point: a SqlError becomes its code and (message, offset), anything else is
   an internal error with the exception's text.
4. The C++ layer holds the connection's mutex around each call, so a connection is never entered twice at once;
   a question to C++ (`kb_ask`) gives up the GIL.

Twin: core/kernel/engine/reference_engine.cpp, core/kernel/engine/wire.hpp. Names: core/kernel/engine/plugin/table.h.
"""

from __future__ import annotations

import os
import struct
import sys
import traceback

from keelback_core.value.errors import SqlError
from keelback_core.value.result_codes import DONE, ERROR, MESSAGES, MISUSE, NOMEM, NOTADB, OK, READONLY, ROW

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    Value = None | int | float | str | bytes

_pack_integer = struct.Struct("<Bq").pack
_pack_real = struct.Struct("<Bd").pack
_pack_length = struct.Struct("<BI").pack
_unpack_integer = struct.Struct("<q").unpack_from
_unpack_real = struct.Struct("<d").unpack_from
_unpack_length = struct.Struct("<I").unpack_from


def pack_values(values: Sequence[Value]) -> bytes:
    """The packed row of `values`."""
    parts: list[bytes] = []
    for value in values:
        if value is None:
            parts.append(b"\x05")
        elif isinstance(value, str):
            try:
                data = value.encode()
            except UnicodeEncodeError:
                data = value.encode("utf-8", "surrogateescape")
            parts.append(_pack_length(3, len(data)))
            parts.append(data)
            parts.append(b"\0")
        elif isinstance(value, int):
            parts.append(_pack_integer(1, value))
        elif isinstance(value, float):
            parts.append(_pack_real(2, value))
        else:
            parts.append(_pack_length(4, len(value)))
            parts.append(bytes(value))
            parts.append(b"\0")
    return b"".join(parts)


def unpack_values(data: bytes) -> list[Any]:
    """The values of a packed row."""
    values: list[Any] = []
    offset = 0
    end = len(data)
    while offset < end:
        kind = data[offset]
        offset += 1
        if kind == 1:
            values.append(_unpack_integer(data, offset)[0])
            offset += 8
        elif kind == 2:
            values.append(_unpack_real(data, offset)[0])
            offset += 8
        elif kind == 5:
            values.append(None)
        else:
            size: int = _unpack_length(data, offset)[0]
            offset += 4
            content = data[offset : offset + size]
            values.append(content.decode("utf-8", "surrogateescape") if kind == 3 else content)
            offset += size + 1
    return values


def read_pages(database: Any) -> bytes:
    """All pages of a database as one block, as its reader sees them now."""
    was_idle = database.transaction_state == 0
    database.begin_read()
    try:
        pager = database.pager
        size = database.page_size
        parts = [
            bytes(pager.get(number).data) if number != pager.lock_page else bytes(size)
            for number in range(1, database.page_count + 1)
        ]
        return b"".join(parts)
    finally:
        if was_idle:
            database.end_read()


def write_pages(database: Any, content: bytes) -> None:
    """Replace all pages of a database in one transaction of its own. SqlError BUSY, READONLY, NOTADB."""
    if not content:
        return
    if len(content) < 512 or not content.startswith(b"SQLite format 3\0"):
        raise SqlError(NOTADB, MESSAGES[NOTADB])
    size = int.from_bytes(content[16:18], "big")
    size = 65536 if size == 1 else size
    if size < 512 or size & (size - 1):
        raise SqlError(NOTADB, MESSAGES[NOTADB])
    if database.page_size != size:
        if database.page_count:
            raise SqlError(READONLY, MESSAGES[READONLY])
        database.set_page_size(size)
    database.begin_write(True)
    try:
        pager = database.pager
        count = (len(content) + size - 1) // size
        while database.page_count < count:
            pager.append_page()
        for number in range(1, count + 1):
            if number == pager.lock_page:
                continue
            page = pager.get(number)
            pager.make_writable(page)
            page.data[:] = content[(number - 1) * size : number * size].ljust(size, b"\0")
            page.forget()
        pager.cut_to(count)
        database.commit()
    except BaseException:
        database.rollback()
        raise


class _Aggregate:
    """One group's accumulation in an aggregate or window function written in C."""

    __slots__ = ("_ask", "_function", "_instance")

    def __init__(self, ask: Callable[[int, list[Value]], list[Any]], function: int, instance: int) -> None:
        self._ask = ask
        self._function = function
        self._instance = instance

    def step(self, arguments: Sequence[Value]) -> None:
        self._ask(_STEP, [self._function, self._instance, *arguments])

    def inverse(self, arguments: Sequence[Value]) -> None:
        self._ask(_INVERSE, [self._function, self._instance, *arguments])

    def value(self) -> Value:
        result: Value = self._ask(_VALUE, [self._function, self._instance])[0]
        return result

    def final(self) -> Value:
        instance, self._instance = self._instance, 0
        result: Value = self._ask(_FINAL, [self._function, instance])[0]
        return result

    def __del__(self) -> None:
        if self._instance:
            try:
                self._ask(_DROP, [self._function, self._instance])
            except SqlError:
                pass


_STEP = _FINAL = _VALUE = _INVERSE = _DROP = 0


class Border:
    """The tables of open handles, and the operations on them."""

    __slots__ = (
        "_connections",
        "_engine",
        "_ffi",
        "_hosts",
        "_instances",
        "_lib",
        "_next_handle",
        "_statements",
        "operations",
    )

    def __init__(self, ffi: Any, lib: Any, engine: Any) -> None:
        self._ffi = ffi
        self._lib = lib
        self._engine = engine
        self._next_handle = 0
        self._instances = 0
        self._connections: dict[int, Any] = {}
        self._hosts: dict[int, int] = {}
        self._statements: dict[int, list[Any]] = {}
        self.operations: dict[int, Callable[[int, list[Any]], Sequence[Value]]] = {
            lib.KB_CONNECTION_OPEN: self._open,
            lib.KB_CONNECTION_CLOSE: self._close,
            lib.KB_CONNECTION_PREPARE: self._prepare,
            lib.KB_CONNECTION_STATE: self._state,
            lib.KB_CONNECTION_SET_ROWID: self._set_rowid,
            lib.KB_CONNECTION_INTERRUPT: self._interrupt,
            lib.KB_CONNECTION_IS_INTERRUPTED: self._is_interrupted,
            lib.KB_CONNECTION_BUSY_TIMEOUT: self._busy_timeout,
            lib.KB_CONNECTION_FUNCTION: self._function,
            lib.KB_CONNECTION_COLLATION: self._collation,
            lib.KB_CONNECTION_HOOK: self._hook,
            lib.KB_CONNECTION_LIMIT: self._limit,
            lib.KB_CONNECTION_FILENAME: self._filename,
            lib.KB_CONNECTION_READONLY: self._readonly,
            lib.KB_CONNECTION_TRANSACTION_STATE: self._transaction_state,
            lib.KB_CONNECTION_SERIALIZE: self._serialize,
            lib.KB_CONNECTION_DESERIALIZE: self._deserialize,
            lib.KB_STATEMENT_DESCRIBE: self._describe,
            lib.KB_STATEMENT_BIND: self._bind,
            lib.KB_STATEMENT_CLEAR_BINDINGS: self._clear_bindings,
            lib.KB_STATEMENT_RESET: self._reset,
            lib.KB_STATEMENT_FINALIZE: self._finalize,
            lib.KB_STATEMENT_EXPANDED_SQL: self._expanded_sql,
            lib.KB_STATEMENT_EXPLAIN: self._explain,
        }

    # The two entry points.

    def call(self, operation: int, handle: int, request: Any, size: int, reply: Any) -> int:
        """Do one operation; the reply holds its packed answer, or (message, offset)."""
        try:
            answer = self.operations[operation](
                handle, unpack_values(self._ffi.buffer(request, size)[:]) if size else []
            )
            if answer:
                self._send(reply, pack_values(answer))
            return OK
        except BaseException as error:
            return self._fail(error, reply)

    def step(self, handle: int, reply: Any) -> int:
        """Step a statement; ROW with the packed row, DONE, or an error."""
        try:
            entry = self._statements[handle]
            statement = entry[0]
            code = DONE
            if statement.step():
                data = pack_values(statement.row)
                size = len(data)
                if size > reply.capacity and not self._lib.kb_reply_reserve(reply, size):
                    return NOMEM
                self._ffi.memmove(reply.data, data, size)
                reply.size = size
                code = ROW
            if statement.column_names is not entry[1]:
                if statement.column_names != entry[1]:
                    code |= int(self._lib.KB_STEP_DESCRIPTION_CHANGED)
                entry[1] = statement.column_names
            return code
        except BaseException as error:
            return self._fail(error, reply)

    def _send(self, reply: Any, data: bytes) -> None:
        size = len(data)
        if size > reply.capacity and not self._lib.kb_reply_reserve(reply, size):
            raise SqlError(NOMEM, MESSAGES[NOMEM])
        self._ffi.memmove(reply.data, data, size)
        reply.size = size

    def _fail(self, error: BaseException, reply: Any) -> int:
        if isinstance(error, SqlError):
            code, message, offset = error.code, error.message, error.offset
        elif isinstance(error, MemoryError):
            code, message, offset = NOMEM, MESSAGES[NOMEM], -1
        else:
            code, message, offset = ERROR, f"internal error: {type(error).__name__}: {error}", -1
            if os.environ.get("KEELBACK_TRACEBACK"):
                traceback.print_exception(type(error), error, error.__traceback__, file=sys.stderr)
        try:
            self._send(reply, pack_values([message, offset]))
        except (SqlError, MemoryError):
            return NOMEM
        return code

    # Questions to the C++ side.

    def _asker(self, host: int) -> Callable[[int, list[Value]], list[Any]]:
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

    # Connections.

    def _open(self, _handle: int, arguments: list[Any]) -> list[Value]:
        host, filename, flags, vfs = arguments
        connection = self._engine.Connection(filename, flags, vfs)
        self._next_handle += 1
        self._connections[self._next_handle] = connection
        self._hosts[self._next_handle] = host
        return [self._next_handle]

    def _connection(self, handle: int) -> Any:
        connection = self._connections.get(handle)
        if connection is None:
            raise SqlError(MISUSE, MESSAGES[MISUSE])
        return connection

    def _close(self, handle: int, _arguments: list[Any]) -> list[Value]:
        self._connection(handle).close()
        del self._connections[handle]
        del self._hosts[handle]
        return []

    def _prepare(self, handle: int, arguments: list[Any]) -> list[Value]:
        sql: str = arguments[0]
        statement, tail = self._connection(handle).prepare(sql)
        tail_bytes = len(sql[:tail].encode("utf-8", "surrogateescape"))
        if statement is None:
            return [0, tail_bytes]
        self._next_handle += 1
        self._statements[self._next_handle] = [statement, statement.column_names]
        return [self._next_handle, tail_bytes, *self._describe(self._next_handle, [])]

    def _state(self, handle: int, _arguments: list[Any]) -> list[Value]:
        connection = self._connection(handle)
        return [connection.changes, connection.total_changes, connection.last_insert_rowid, int(connection.autocommit)]

    def _set_rowid(self, handle: int, arguments: list[Any]) -> list[Value]:
        self._connection(handle).last_insert_rowid = arguments[0]
        return []

    def _interrupt(self, handle: int, _arguments: list[Any]) -> list[Value]:
        self._connection(handle).interrupt()
        return []

    def _is_interrupted(self, handle: int, _arguments: list[Any]) -> list[Value]:
        return [int(self._connection(handle).is_interrupted)]

    def _busy_timeout(self, handle: int, arguments: list[Any]) -> list[Value]:
        self._connection(handle).set_busy_timeout(arguments[0])
        return []

    def _function(self, handle: int, arguments: list[Any]) -> list[Value]:
        function, name, argument_count, flags, kind = arguments
        connection = self._connection(handle)
        ask = self._asker(self._hosts[handle])
        if kind == 0:
            connection.create_function(name, argument_count, flags, None, None)
        elif kind == 1:
            question = self._lib.KB_ASK_SCALAR

            def scalar(values: Sequence[Value]) -> Value:
                result: Value = ask(question, [function, *values])[0]
                return result

            connection.create_function(name, argument_count, flags, scalar, None)
        else:

            def aggregate() -> _Aggregate:
                self._instances += 1
                return _Aggregate(ask, function, self._instances)

            connection.create_function(name, argument_count, flags, None, aggregate, kind == 3)
        return []

    def _collation(self, handle: int, arguments: list[Any]) -> list[Value]:
        collation, name = arguments
        connection = self._connection(handle)
        if collation is None:
            connection.create_collation(name, None)
            return []
        ask = self._asker(self._hosts[handle])
        question = self._lib.KB_ASK_COMPARE

        def compare(left: str, right: str) -> int:
            result: int = ask(question, [collation, left, right])[0]
            return result

        connection.create_collation(name, compare)
        return []

    def _hook(self, handle: int, arguments: list[Any]) -> list[Value]:
        hook, is_set, number = arguments
        lib = self._lib
        connection = self._connection(handle)
        ask = self._asker(self._hosts[handle])
        if hook == lib.KB_HOOK_BUSY:
            connection.busy_handler = (lambda count: ask(lib.KB_ASK_BUSY, [count])[0] != 0) if is_set else None
        elif hook == lib.KB_HOOK_PROGRESS:
            connection.progress_handler = (number, lambda: ask(lib.KB_ASK_PROGRESS, [])[0] != 0) if is_set else None
        elif hook == lib.KB_HOOK_AUTHORIZE:
            connection.authorizer = (lambda *facts: ask(lib.KB_ASK_AUTHORIZE, list(facts))[0]) if is_set else None
        elif hook == lib.KB_HOOK_COMMIT:
            connection.commit_hook = (lambda: ask(lib.KB_ASK_COMMIT, [])[0] != 0) if is_set else None
        elif hook == lib.KB_HOOK_ROLLBACK:
            connection.rollback_hook = (lambda: ask(lib.KB_ASK_ROLLBACK, [])) if is_set else None
        elif hook == lib.KB_HOOK_UPDATE:
            connection.update_hook = (lambda *facts: ask(lib.KB_ASK_UPDATE, list(facts))) if is_set else None
        return []

    def _limit(self, handle: int, arguments: list[Any]) -> list[Value]:
        return [self._connection(handle).limit(arguments[0], arguments[1])]

    def _filename(self, handle: int, arguments: list[Any]) -> list[Value]:
        return [self._connection(handle).database_filename(arguments[0])]

    def _readonly(self, handle: int, arguments: list[Any]) -> list[Value]:
        return [self._connection(handle).is_readonly(arguments[0])]

    def _transaction_state(self, handle: int, arguments: list[Any]) -> list[Value]:
        return [self._connection(handle).transaction_state(arguments[0])]

    def _database(self, handle: int, schema: str) -> Any:
        connection = self._connection(handle)
        number = connection.number_of(schema)
        databases = connection.session.databases
        if not 0 <= number < len(databases) or (number == 0 and databases[0] is None):
            raise SqlError(ERROR, f"unknown database {schema}")
        return databases[number]

    def _serialize(self, handle: int, arguments: list[Any]) -> list[Value]:
        connection = self._connection(handle)
        serialize = getattr(connection, "serialize", None)
        if serialize is not None:
            return [serialize(arguments[0])]
        database = self._database(handle, arguments[0])
        return [read_pages(database) if database is not None else b""]

    def _deserialize(self, handle: int, arguments: list[Any]) -> list[Value]:
        connection = self._connection(handle)
        deserialize = getattr(connection, "deserialize", None)
        if deserialize is not None:
            deserialize(arguments[0], arguments[1], bool(arguments[2]))
            return []
        database = self._database(handle, arguments[0])
        if database is not None:
            write_pages(database, arguments[1])
            connection.forget_schemas()
        return []

    # Statements.

    def _statement(self, handle: int) -> Any:
        entry = self._statements.get(handle)
        if entry is None:
            raise SqlError(MISUSE, MESSAGES[MISUSE])
        return entry[0]

    def _describe(self, handle: int, _arguments: list[Any]) -> list[Value]:
        statement = self._statement(handle)
        description: list[Value] = [
            statement.sql,
            int(statement.is_readonly),
            statement.explain_mode,
            statement.parameter_count,
            statement.column_count,
        ]
        description.extend(statement.parameter_names)
        declared_types = statement.column_declared_types
        for index, name in enumerate(statement.column_names):
            origin = statement.column_origins[index]
            description.append(name)
            description.append(declared_types[index])
            description.extend(origin if origin is not None else (None, None, None))
        return description

    def _bind(self, handle: int, arguments: list[Any]) -> list[Value]:
        statement = self._statement(handle)
        for index, value in enumerate(arguments):
            statement.bind(index + 1, value)
        return []

    def _clear_bindings(self, handle: int, _arguments: list[Any]) -> list[Value]:
        self._statement(handle).clear_bindings()
        return []

    def _reset(self, handle: int, _arguments: list[Any]) -> list[Value]:
        self._statement(handle).reset()
        return []

    def _finalize(self, handle: int, _arguments: list[Any]) -> list[Value]:
        entry = self._statements.pop(handle, None)
        if entry is not None:
            entry[0].finalize()
        return []

    def _expanded_sql(self, handle: int, _arguments: list[Any]) -> list[Value]:
        return [self._statement(handle).expanded_sql()]

    def _explain(self, handle: int, arguments: list[Any]) -> list[Value]:
        set_explain_mode = getattr(self._statement(handle), "set_explain_mode", None)
        if set_explain_mode is None:
            raise SqlError(ERROR, "not supported yet: sqlite3_stmt_explain")
        set_explain_mode(arguments[0])
        return []


def install(ffi: Any, lib: Any, engine: Any = None) -> Border:
    """Bind the entry points of the embedding module to an engine (the package `keelback_core.engine`)."""
    global _STEP, _FINAL, _VALUE, _INVERSE, _DROP
    if engine is None:
        engine = _engine_room()
    _STEP, _FINAL, _VALUE = lib.KB_ASK_STEP, lib.KB_ASK_FINAL, lib.KB_ASK_VALUE
    _INVERSE, _DROP = lib.KB_ASK_INVERSE, lib.KB_ASK_DROP
    border = Border(ffi, lib, engine)
    ffi.def_extern(name="kb_python_call", error=ERROR)(border.call)
    ffi.def_extern(name="kb_python_step", error=ERROR)(border.step)
    return border


def _engine_room() -> Any:
    """The engine's package; tests of the C API may name a stand-in module in KEELBACK_TEST_ENGINE."""
    name = os.environ.get("KEELBACK_TEST_ENGINE", "keelback_core.engine")
    __import__(name)
    return sys.modules[name]
