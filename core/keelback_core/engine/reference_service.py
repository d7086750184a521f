"""ReferenceService: the reference engine as libkeelback.so calls it, one operation KB_CONNECTION_..., KB_STATEMENT_...
or KB_BLOB_... a method.

Handles are numbers of this module's tables; the C++ layer owns them and closes them, and holds the connection's mutex
around each call, so that a connection is never entered twice at once.

Twin: core/kernel/engine/reference_engine.cpp.
"""

from __future__ import annotations

import _thread

from keelback_core.engine.foreign_module import foreign_module, shipped_foreign_module
from keelback_core.engine.late_module import late_module
from keelback_core.engine.page_content import copy_pages, read_pages, replace_by_block
from keelback_core.value.errors import SqlError
from keelback_core.value.result_codes import BUSY, DONE, ERROR, MESSAGES, MISUSE, NOTFOUND, ROW

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from keelback_core.value import Value

    Ask = Callable[[int, list[Value]], list[Any]]


class _Aggregate:
    """One group's accumulation in an aggregate or window function written in C."""

    __slots__ = ("_ask", "_names", "_function", "_instance")

    takes_pointers = True

    def __init__(self, ask: Ask, names: Any, function: int, instance: int) -> None:
        self._ask = ask
        self._names = names
        self._function = function
        self._instance = instance

    def step(self, arguments: Sequence[Value]) -> None:
        self._ask(self._names.KB_ASK_STEP, [self._function, self._instance, *arguments])

    def inverse(self, arguments: Sequence[Value]) -> None:
        self._ask(self._names.KB_ASK_INVERSE, [self._function, self._instance, *arguments])

    def value(self) -> Value:
        result: Value = self._ask(self._names.KB_ASK_VALUE, [self._function, self._instance])[0]
        return result

    def final(self) -> Value:
        instance, self._instance = self._instance, 0
        result: Value = self._ask(self._names.KB_ASK_FINAL, [self._function, instance])[0]
        return result

    def __del__(self) -> None:
        if self._instance:
            try:
                self._ask(self._names.KB_ASK_DROP, [self._function, self._instance])
            except SqlError:
                pass


class ReferenceService:
    """See the module. engine: gives the package `keelback_core.engine` or its stand-in; asked at the first use.
    make_ask: from a host's number, how to ask it.
    """

    __slots__ = (
        "_blobs",
        "_connections",
        "_engine",
        "_hosts",
        "_instances",
        "_lock",
        "_make_ask",
        "_names",
        "_next_handle",
        "_statements",
        "operations",
    )

    def __init__(self, names: Any, make_ask: Callable[[int], Ask], engine: Callable[[], Any]) -> None:
        self._names = names
        self._make_ask = make_ask
        self._engine = engine
        self._lock = _thread.allocate_lock()
        self._next_handle = 0
        self._instances = 0
        self._blobs: dict[int, Any] = {}
        self._connections: dict[int, Any] = {}
        self._hosts: dict[int, int] = {}
        self._statements: dict[int, list[Any]] = {}
        self.operations: dict[int, Callable[[int, list[Any]], Sequence[Value]]] = {
            names.KB_CONNECTION_OPEN: self._open,
            names.KB_CONNECTION_CLOSE: self._close,
            names.KB_CONNECTION_PREPARE: self._prepare,
            names.KB_CONNECTION_STATE: self._state,
            names.KB_CONNECTION_SET_ROWID: self._set_rowid,
            names.KB_CONNECTION_INTERRUPT: self._interrupt,
            names.KB_CONNECTION_IS_INTERRUPTED: self._is_interrupted,
            names.KB_CONNECTION_BUSY_TIMEOUT: self._busy_timeout,
            names.KB_CONNECTION_FUNCTION: self._function,
            names.KB_CONNECTION_COLLATION: self._collation,
            names.KB_CONNECTION_MODULE: self._module,
            names.KB_CONNECTION_HOOK: self._hook,
            names.KB_CONNECTION_LIMIT: self._limit,
            names.KB_CONNECTION_FILENAME: self._filename,
            names.KB_CONNECTION_READONLY: self._readonly,
            names.KB_CONNECTION_TRANSACTION_STATE: self._transaction_state,
            names.KB_CONNECTION_SERIALIZE: self._serialize,
            names.KB_CONNECTION_DESERIALIZE: self._deserialize,
            names.KB_CONNECTION_FILE_CONTROL: self._file_control,
            names.KB_CONNECTION_FLUSH_CACHE: self._flush_cache,
            names.KB_CONNECTION_RELEASE_MEMORY: self._release_memory,
            names.KB_CONNECTION_HAS_BROKEN_DEFERRED_KEYS: self._has_broken_deferred_keys,
            names.KB_STATEMENT_DESCRIBE: self._describe,
            names.KB_STATEMENT_BIND: self._bind,
            names.KB_STATEMENT_CLEAR_BINDINGS: self._clear_bindings,
            names.KB_STATEMENT_RESET: self._reset,
            names.KB_STATEMENT_FINALIZE: self._finalize,
            names.KB_STATEMENT_EXPANDED_SQL: self._expanded_sql,
            names.KB_STATEMENT_EXPLAIN: self._explain,
            names.KB_STATEMENT_TAKE_COUNTS: self._take_counts,
            names.KB_BLOB_OPEN: self._blob_open,
            names.KB_BLOB_SEEK: self._blob_seek,
            names.KB_BLOB_READ: self._blob_read,
            names.KB_BLOB_WRITE: self._blob_write,
            names.KB_BLOB_CLOSE: self._blob_close,
        }

    def step(self, handle: int) -> tuple[int, Sequence[Value]]:
        """Step a statement: (ROW, its values) or (DONE, ()); with STEP_DESCRIPTION_CHANGED where its columns are others
        now. SqlError.
        """
        entry = self._statements[handle]
        statement = entry[0]
        has_row = statement.step()
        code = ROW if has_row else DONE
        if statement.column_names is not entry[1]:
            if statement.column_names != entry[1]:
                code |= int(self._names.KB_STEP_DESCRIPTION_CHANGED)
            entry[1] = statement.column_names
        return code, statement.row if has_row else ()

    # Connections.

    def _open(self, _handle: int, arguments: list[Any]) -> list[Value]:
        host, filename, flags, vfs, is_mirrored = arguments
        surroundings = None
        if is_mirrored:
            mirror = late_module("keelback_core.engine.mirror")
            names = self._names
            surroundings = mirror.MirrorSurroundings(
                self._make_ask(host), names.KB_ASK_RANDOM, names.KB_ASK_TIME, names.KB_ASK_IS_FILE_NEW
            )
        connection = self._engine().Connection(filename, flags, vfs, surroundings)
        ask = self._make_ask(host)
        names = self._names
        connection.virtual_tables.native_module = lambda key: shipped_foreign_module(ask, names, key)
        handle = self._new_handle()
        self._connections[handle] = connection
        self._hosts[handle] = host
        return [handle]

    def _new_handle(self) -> int:
        with self._lock:
            self._next_handle += 1
            return self._next_handle

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
        new_handle = self._new_handle()
        self._statements[new_handle] = [statement, statement.column_names]
        return [new_handle, tail_bytes, *self._describe(new_handle, [])]

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
        ask = self._make_ask(self._hosts[handle])
        if kind == 0:
            connection.create_function(name, argument_count, flags, None, None)
        elif kind == 1:
            question = self._names.KB_ASK_SCALAR

            def scalar(values: Sequence[Value]) -> Value:
                result: Value = ask(question, [function, *values])[0]
                return result

            connection.create_function(name, argument_count, flags, scalar, None)
        else:

            def aggregate() -> _Aggregate:
                self._instances += 1
                return _Aggregate(ask, self._names, function, self._instances)

            connection.create_function(name, argument_count, flags, None, aggregate, kind == 3)
        return []

    def _collation(self, handle: int, arguments: list[Any]) -> list[Value]:
        collation, name = arguments
        connection = self._connection(handle)
        if collation is None:
            connection.create_collation(name, None)
            return []
        ask = self._make_ask(self._hosts[handle])
        question = self._names.KB_ASK_COMPARE

        def compare(left: str, right: str) -> int:
            result: int = ask(question, [collation, left, right])[0]
            return result

        connection.create_collation(name, compare)
        return []

    def _module(self, handle: int, arguments: list[Any]) -> list[Value]:
        connection = self._connection(handle)
        module = foreign_module(self._make_ask(self._hosts[handle]), self._names, arguments)
        connection.virtual_tables.register(arguments[1], module)
        ask = self._make_ask(self._hosts[handle])
        question = self._names.KB_ASK_SCALAR

        def module_function(number: int) -> Callable[[list[Value]], Value]:
            def call(values: list[Value]) -> Value:
                result: Value = ask(question, [number, *values])[0]
                return result

            return call

        connection.host.module_function = module_function
        connection.expire()
        return []

    def _hook(self, handle: int, arguments: list[Any]) -> list[Value]:
        hook, is_set, number = arguments
        names = self._names
        connection = self._connection(handle)
        ask = self._make_ask(self._hosts[handle])
        if hook == names.KB_HOOK_BUSY:

            def is_waited_for(count: int) -> bool:
                answer, *interrupts = ask(names.KB_ASK_BUSY, [count])
                if interrupts and interrupts[0]:
                    connection.interrupt()
                return bool(answer)

            connection.busy_handler = is_waited_for if is_set else None
        elif hook == names.KB_HOOK_PROGRESS:
            connection.progress_handler = (number, lambda: ask(names.KB_ASK_PROGRESS, [])[0] != 0) if is_set else None
        elif hook == names.KB_HOOK_AUTHORIZE:
            connection.authorizer = (lambda *facts: ask(names.KB_ASK_AUTHORIZE, list(facts))[0]) if is_set else None
        elif hook == names.KB_HOOK_COMMIT:
            connection.commit_hook = (lambda: ask(names.KB_ASK_COMMIT, [])[0] != 0) if is_set else None
        elif hook == names.KB_HOOK_ROLLBACK:
            connection.rollback_hook = (lambda: ask(names.KB_ASK_ROLLBACK, [])) if is_set else None
        elif hook == names.KB_HOOK_WAL:
            told = (lambda schema, frames: ask(names.KB_ASK_WAL, [schema, frames])[0]) if is_set else None
            connection.set_wal_hook(told, number)
        elif hook == names.KB_HOOK_UPDATE:
            connection.update_hook = (lambda *facts: ask(names.KB_ASK_UPDATE, list(facts))) if is_set else None
        elif hook == names.KB_HOOK_LOG:
            connection.set_log((lambda code, text: ask(names.KB_ASK_LOG, [code, text])) if is_set else None)
        elif hook == names.KB_HOOK_PREUPDATE:
            connection.preupdate_hook = self._preupdate_hook(ask) if is_set else None
        return []

    def _preupdate_hook(self, ask: Any) -> Any:
        """What packs a row that is about to change: [operation, depth, schema, table, whether there is an old row and a
        new one, the column that a blob handle writes to or -1, the number of columns, the rows]."""
        question = self._names.KB_ASK_PREUPDATE

        def tell(operation: int, depth: int, schema: str, table: str, old: Any, new: Any, blob_column: int) -> None:
            rows = [*(old or ()), *(new or ())]
            count = len(old or new) - 1
            ask(
                question,
                [
                    operation,
                    depth,
                    schema,
                    table,
                    int(old is not None),
                    int(new is not None),
                    blob_column,
                    count,
                    *rows,
                ],
            )

        return tell

    def _limit(self, handle: int, arguments: list[Any]) -> list[Value]:
        return [self._connection(handle).limit(arguments[0], arguments[1])]

    def _filename(self, handle: int, arguments: list[Any]) -> list[Value]:
        return [self._connection(handle).database_filename(arguments[0])]

    def _readonly(self, handle: int, arguments: list[Any]) -> list[Value]:
        return [self._connection(handle).is_readonly(arguments[0])]

    def _transaction_state(self, handle: int, arguments: list[Any]) -> list[Value]:
        return [self._connection(handle).transaction_state(arguments[0])]

    def _file_control(self, handle: int, arguments: list[Any]) -> list[Value]:
        schema, operation, value = arguments
        database = self._database(handle, schema)
        found: int | None = None if database is None else database.file_control(operation, value)
        if found is None:
            raise SqlError(NOTFOUND, MESSAGES[NOTFOUND])
        return [found]

    def _flush_cache(self, handle: int, arguments: list[Any]) -> list[Value]:
        """What readers keep from being written is told when all others have been."""
        busy: SqlError | None = None
        for database in self._connection(handle).session.open_databases():
            try:
                database.flush_cache()
            except SqlError as error:
                if error.primary_code != BUSY:
                    raise
                busy = error
        if busy is not None:
            raise busy
        return []

    def _has_broken_deferred_keys(self, handle: int, arguments: list[Any]) -> list[Value]:
        session = self._connection(handle).session
        return [int(session.deferred_constraints + session.deferred_immediate_constraints > 0)]

    def _release_memory(self, handle: int, arguments: list[Any]) -> list[Value]:
        for database in self._connection(handle).session.open_databases():
            database.release_memory()
        return []

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
        if database is None:
            return []
        if arguments[2] is None:
            # Into the database that is there.
            copy_pages(database, arguments[1])
        else:
            replace_by_block(connection, connection.number_of(arguments[0]), arguments[1], bool(arguments[2]))
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
        self._statement(handle).set_explain_mode(arguments[0])
        return []

    def _take_counts(self, handle: int, arguments: list[Any]) -> list[Value]:
        return [*self._statement(handle).take_counts()]

    # Handles of sqlite3_blob_open (blob_handle.py).

    def _blob_open(self, handle: int, arguments: list[Any]) -> list[Value]:
        schema, table, column, rowid, is_writable = arguments
        open_blob = late_module("keelback_core.engine.blob_handle").open_blob
        blob = open_blob(self._connection(handle), schema, table, column, rowid, bool(is_writable))
        new_handle = self._new_handle()
        self._blobs[new_handle] = blob
        return [new_handle, blob.size]

    def _blob_seek(self, handle: int, arguments: list[Any]) -> list[Value]:
        blob = self._blobs[handle]
        blob.seek(arguments[0])
        return [blob.size]

    def _blob_read(self, handle: int, arguments: list[Any]) -> list[Value]:
        return [self._blobs[handle].read(arguments[0], arguments[1])]

    def _blob_write(self, handle: int, arguments: list[Any]) -> list[Value]:
        self._blobs[handle].write(arguments[0], arguments[1])
        return []

    def _blob_close(self, handle: int, _arguments: list[Any]) -> list[Value]:
        self._blobs.pop(handle).close()
        return []
