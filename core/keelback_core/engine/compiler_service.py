"""CompilerService: the compile tower as the kernel calls it, one operation KB_COMPILER_... a method.

    OPEN        [host, file name, open flags, is_memory]          -> [compiler]
    CLOSE       []                                                -> []
    COMPILE     see `compile`                -> [tail, program or NULL, is_cacheable, lifted] + identity
    BLOB        [schema or NULL, table, column, is_writable, has_temporary, defers_foreign_keys] -> [program]
    FUNCTION    [function, name, argument count, flags, kind]     -> identity
    COLLATION   [collation or NULL, name]                         -> identity      NULL: remove
    MODULE      [module, name, is_eponymous, has_create]          -> identity      0: remove
    LIMIT       [limit, value]                                    -> [before] + identity
    HOOK        [hook, is_set, number]                            -> identity      KB_HOOK_AUTHORIZE or _PREUPDATE
    FORGET      [database or -1]                                  -> []
    PRAGMA      [database, name, arguments...]                    -> [value] + identity
    SETTINGS    []                                                -> [identity]
    EXPANDED_SQL [sql, count, parameter names..., values...]      -> [text]
    SCALAR      [name, argument count, collation, json mask, arguments...] -> [result, is_json]
    AGGREGATE_NEW [name, argument count, collation]               -> [aggregate]
    AGGREGATE_STEP, _INVERSE [aggregate, json mask, arguments...] -> []
    AGGREGATE_VALUE, _FINAL [aggregate]                           -> [result, is_json]
    AGGREGATE_DROP [aggregate]                                    -> []
    VIRTUAL_... see virtual_service.py

   kind: 0 remove, 1 scalar, 2 aggregate, 3 window.

1. `+ identity`: the answer ends with the identity of the settings (a blob, empty for the default) if it has changed
   since it was last told. C++ adds the session's `defers_foreign_keys` to its keys itself.
2. Modes of COMPILE: -1 as the text says, 0, 1 and 2 as sqlite3_stmt_explain. `tail` counts bytes. `lifted`: the
   free literals as `encode_lifting` (emit/lifting.py) writes them, empty where there are none.
3. What C++ is asked meanwhile (KB_ASK_...) stands in remote_database.py and remote_session.py. FORGOTTEN [database]
   says that Python has forgotten a schema, so that C++ does too; what FORGET tells is not told back.

Must not know: the machine and the storage of the reference. Twin: core/kernel/engine/compiler_service.
"""

from __future__ import annotations

from keelback_core.compiler.emit.entrance import Entrances
from keelback_core.engine.described_error import described
from keelback_core.engine.expanded_sql import expanded_text
from keelback_core.engine.foreign_module import foreign_module, shipped_foreign_module
from keelback_core.engine.function_service import FunctionService
from keelback_core.engine.remote_connection import RemoteConnection
from keelback_core.engine.remote_database import Questions
from keelback_core.engine.user_functions import UserFunction
from keelback_core.engine.virtual_service import VirtualService, virtual_operations
from keelback_core.program.encoding import encode_program
from keelback_core.value.errors import SqlError
from keelback_core.value.result_codes import MESSAGES, MISUSE, OK

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from keelback_core.compiler.sql.lexer import Lexer
    from keelback_core.engine.remote_database import Ask
    from keelback_core.engine.virtual_service import VirtualOperation
    from keelback_core.value import Value
    from keelback_core.value.key import Collation


class Compiler:
    """One connection of the kernel: its compiler's side, its functions, and the identity that C++ knows."""

    __slots__ = ("connection", "functions", "tables", "ask", "identity")

    def __init__(self, connection: RemoteConnection, ask: Ask) -> None:
        self.connection = connection
        self.functions = FunctionService(connection)
        self.tables = VirtualService(connection)
        self.ask = ask
        self.identity = b""

    def with_identity(self, answer: list[Any]) -> list[Any]:
        """An answer, with the identity if C++ does not know it."""
        identity = self.connection.identity
        if identity != self.identity:
            self.identity = identity
            answer.append(identity)
        return answer


class CompilerService:
    """See the module. `operations`: what the border calls; `entrances`: what it calls to compile."""

    __slots__ = ("_compilers", "_make_ask", "_names", "entrances", "operations")

    def __init__(self, names: Any, make_ask: Callable[[int], Ask]) -> None:
        self._names = names
        self._make_ask = make_ask
        self._compilers: dict[int, Compiler] = {}
        self.entrances = Entrances(self._compile_slowly)
        self.operations: dict[int, Callable[[int, list[Any]], Sequence[Value]]] = {
            names.KB_COMPILER_OPEN: self._open,
            names.KB_COMPILER_CLOSE: self._close,
            names.KB_COMPILER_BLOB: self._blob,
            names.KB_COMPILER_FUNCTION: self._function,
            names.KB_COMPILER_COLLATION: self._collation,
            names.KB_COMPILER_MODULE: self._module,
            names.KB_COMPILER_LIMIT: self._limit,
            names.KB_COMPILER_HOOK: self._hook,
            names.KB_COMPILER_FORGET: self._forget,
            names.KB_COMPILER_PRAGMA: self._pragma,
            names.KB_COMPILER_SETTINGS: self._settings,
            names.KB_COMPILER_EXPANDED_SQL: self._expanded_sql,
            names.KB_COMPILER_SCALAR: self._scalar,
            names.KB_COMPILER_AGGREGATE_NEW: self._aggregate_new,
            names.KB_COMPILER_AGGREGATE_STEP: self._aggregate_step,
            names.KB_COMPILER_AGGREGATE_INVERSE: self._aggregate_inverse,
            names.KB_COMPILER_AGGREGATE_VALUE: self._aggregate_value,
            names.KB_COMPILER_AGGREGATE_FINAL: self._aggregate_final,
            names.KB_COMPILER_AGGREGATE_DROP: self._aggregate_drop,
        }
        for number, operation in virtual_operations(names).items():
            self.operations[number] = self._of_tables(operation)

    def _compiler(self, handle: int) -> Compiler:
        found = self._compilers.get(handle)
        if found is None:
            raise SqlError(MISUSE, MESSAGES[MISUSE])
        return found

    def _of_tables(self, operation: VirtualOperation) -> Callable[[int, list[Any]], Sequence[Value]]:
        def run(handle: int, arguments: list[Any]) -> Sequence[Value]:
            return operation(self._compiler(handle).tables, arguments)

        return run

    # The connection.

    def _open(self, _handle: int, arguments: list[Any]) -> list[Value]:
        host, _filename, flags, is_memory = arguments
        ask = self._make_ask(host)
        connection = RemoteConnection(
            Questions(ask, self._names), flags, bool(is_memory), lambda: self.entrances.forget(host)
        )
        names = self._names
        connection.virtual_tables.native_module = lambda key: shipped_foreign_module(ask, names, key)
        # C++ numbers its hosts, so that threads that open at the same time cannot get the same handle.
        self._compilers[host] = Compiler(connection, ask)
        return [host]

    def _close(self, handle: int, _arguments: list[Any]) -> list[Value]:
        self._compiler(handle).connection.virtual_tables.close()
        self.entrances.forget(handle)
        del self._compilers[handle]
        return []

    # Compiling.

    def compile(
        self,
        handle: int,
        lexer: Lexer,
        mode: int,
        is_lifting: bool,
        has_temporary: bool,
        defers_foreign_keys: bool,
        failure: SqlError | None = None,
    ) -> list[Any]:
        """The answer of COMPILE for the text of a lexer that stands at its beginning; the program in pieces, which
        boot.cpp joins (program/encoding.py). failure: what `compile_tokens` has raised already."""
        compiler = self._compiler(handle)
        connection = compiler.connection
        connection.begin_compiling(has_temporary, defers_foreign_keys)
        try:
            answer = compiler.with_identity(connection.compile_encoded_tokens(lexer, mode, is_lifting, failure))
        finally:
            connection.end_compiling()
        # C++ knows the identity now.
        self.entrances.prepare(handle, *connection.known_catalog())
        return answer

    def _compile_slowly(self, handle: int, *facts: Any) -> tuple[int, list[Any]]:
        """OK and the answer of `compile`, or a code and (message, offset, tail)."""
        try:
            return OK, self.compile(handle, *facts)
        except BaseException as error:
            code, message, offset, tail = described(error)
            return code, [message, offset, tail]

    def _blob(self, handle: int, arguments: list[Any]) -> list[Value]:
        schema, table, column, is_writable, has_temporary, defers_foreign_keys = arguments
        connection = self._compiler(handle).connection
        connection.begin_compiling(bool(has_temporary), bool(defers_foreign_keys))
        try:
            return [encode_program(connection.compile_blob(schema, table, column, bool(is_writable)))]
        finally:
            connection.end_compiling()

    def _expanded_sql(self, handle: int, arguments: list[Any]) -> list[Value]:
        count = arguments[1]
        return [expanded_text(arguments[0], arguments[2 : 2 + count], arguments[2 + count :])]

    # What programs hand in.

    def _function(self, handle: int, arguments: list[Any]) -> list[Value]:
        _function, name, argument_count, flags, kind = arguments
        compiler = self._compiler(handle)
        functions = compiler.connection.functions
        if kind == 0:
            functions.remove_function(name, argument_count)
        else:
            functions.put_function(UserFunction(name, argument_count, flags, kind >= 2, kind == 3))
        compiler.connection.expire()
        return compiler.with_identity([])

    def _collation(self, handle: int, arguments: list[Any]) -> list[Value]:
        collation, name = arguments
        compiler = self._compiler(handle)
        compare: Collation | None = None
        if collation is not None:
            ask = compiler.ask
            question = self._names.KB_ASK_COMPARE

            def compare_by_name(left: str, right: str) -> int:
                result: int = ask(question, [collation, left, right])[0]
                return result

            compare = compare_by_name
        compiler.connection.functions.put_collation(name, compare)
        compiler.connection.expire()
        return compiler.with_identity([])

    def _module(self, handle: int, arguments: list[Any]) -> list[Value]:
        compiler = self._compiler(handle)
        # C++ numbers its connections, so the handle tells the module from those of other connections.
        module = foreign_module(compiler.ask, self._names, arguments, f"{handle} {arguments[0]}")
        compiler.connection.virtual_tables.register(arguments[1], module)
        compiler.connection.expire()
        return compiler.with_identity([])

    def _limit(self, handle: int, arguments: list[Any]) -> list[Value]:
        compiler = self._compiler(handle)
        return compiler.with_identity([compiler.connection.limit(arguments[0], arguments[1])])

    def _hook(self, handle: int, arguments: list[Any]) -> list[Value]:
        hook, is_set, _number = arguments
        compiler = self._compiler(handle)
        if hook == self._names.KB_HOOK_AUTHORIZE:
            question = self._names.KB_ASK_AUTHORIZE
            ask = compiler.ask
            compiler.connection.authorizer = (lambda *facts: ask(question, list(facts))[0]) if is_set else None
        elif hook == self._names.KB_HOOK_LOG:
            question = self._names.KB_ASK_LOG
            ask = compiler.ask
            compiler.connection.set_log((lambda code, text: ask(question, [code, text])) if is_set else None)
        elif hook == self._names.KB_HOOK_PREUPDATE:
            compiler.connection.watch_rows(bool(is_set))
        return compiler.with_identity([])

    # Schemas and settings.

    def _forget(self, handle: int, arguments: list[Any]) -> list[Value]:
        self._compiler(handle).connection.take_forgotten(arguments[0])
        return []

    def _pragma(self, handle: int, arguments: list[Any]) -> list[Value]:
        compiler = self._compiler(handle)
        return compiler.with_identity([compiler.connection.answer_pragma(arguments[0], arguments[1], arguments[2:])])

    def _settings(self, handle: int, _arguments: list[Any]) -> list[Value]:
        compiler = self._compiler(handle)
        compiler.identity = compiler.connection.identity
        return [compiler.identity]

    # Functions and modules.

    def _scalar(self, handle: int, arguments: list[Any]) -> list[Value]:
        name, count, collation, mask = arguments[:4]
        return self._compiler(handle).functions.scalar(name, count, collation, mask, arguments[4:])

    def _aggregate_new(self, handle: int, arguments: list[Any]) -> list[Value]:
        return [self._compiler(handle).functions.new_aggregate(arguments[0], arguments[1], arguments[2])]

    def _aggregate_step(self, handle: int, arguments: list[Any]) -> list[Value]:
        self._compiler(handle).functions.step(arguments[0], arguments[1], arguments[2:])
        return []

    def _aggregate_inverse(self, handle: int, arguments: list[Any]) -> list[Value]:
        self._compiler(handle).functions.inverse(arguments[0], arguments[1], arguments[2:])
        return []

    def _aggregate_value(self, handle: int, arguments: list[Any]) -> list[Value]:
        return self._compiler(handle).functions.value(arguments[0])

    def _aggregate_final(self, handle: int, arguments: list[Any]) -> list[Value]:
        return self._compiler(handle).functions.final(arguments[0])

    def _aggregate_drop(self, handle: int, arguments: list[Any]) -> list[Value]:
        self._compiler(handle).functions.drop(arguments[0])
        return []
