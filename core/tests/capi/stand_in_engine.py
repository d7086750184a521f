"""A stand-in for `keelback_core.engine` in tests of the C API layer: real SQLite, reached through ctypes.

It lets the layer be tested apart from our own engine. Chosen by KEELBACK_TEST_ENGINE; the real library is
loaded with RTLD_DEEPBIND, so that its symbols and ours do not mix.
"""

from __future__ import annotations

import ctypes
import os
from pathlib import Path

from keelback_core.value.errors import SqlError

_REAL = next(iter(sorted(Path("/usr/lib").glob("*-linux-gnu/libsqlite3.so.0"))), "/usr/lib64/libsqlite3.so.0")
_real = ctypes.CDLL(str(_REAL), mode=os.RTLD_LOCAL | os.RTLD_NOW | os.RTLD_DEEPBIND)


def _bind(name, result, *arguments):
    function = getattr(_real, "sqlite3_" + name)
    function.restype = result
    function.argtypes = arguments
    return function


_P, _I, _L, _S, _D = ctypes.c_void_p, ctypes.c_int, ctypes.c_longlong, ctypes.c_char_p, ctypes.c_double
open_v2 = _bind("open_v2", _I, _S, ctypes.POINTER(_P), _I, _S)
close = _bind("close", _I, _P)
prepare_v2 = _bind("prepare_v2", _I, _P, _P, _I, ctypes.POINTER(_P), ctypes.POINTER(_P))
step = _bind("step", _I, _P)
reset = _bind("reset", _I, _P)
finalize = _bind("finalize", _I, _P)
errmsg = _bind("errmsg", _S, _P)
extended_errcode = _bind("extended_errcode", _I, _P)
error_offset = _bind("error_offset", _I, _P)
column_count = _bind("column_count", _I, _P)
column_type = _bind("column_type", _I, _P, _I)
column_int64 = _bind("column_int64", _L, _P, _I)
column_double = _bind("column_double", _D, _P, _I)
column_blob = _bind("column_blob", _P, _P, _I)
column_bytes = _bind("column_bytes", _I, _P, _I)
column_name = _bind("column_name", _S, _P, _I)
column_decltype = _bind("column_decltype", _S, _P, _I)
column_database_name = _bind("column_database_name", _S, _P, _I)
column_table_name = _bind("column_table_name", _S, _P, _I)
column_origin_name = _bind("column_origin_name", _S, _P, _I)
bind_parameter_count = _bind("bind_parameter_count", _I, _P)
bind_parameter_name = _bind("bind_parameter_name", _S, _P, _I)
bind_int64 = _bind("bind_int64", _I, _P, _I, _L)
bind_double = _bind("bind_double", _I, _P, _I, _D)
bind_null = _bind("bind_null", _I, _P, _I)
bind_text = _bind("bind_text", _I, _P, _I, _S, _I, _P)
bind_blob = _bind("bind_blob", _I, _P, _I, _S, _I, _P)
clear_bindings = _bind("clear_bindings", _I, _P)
stmt_readonly = _bind("stmt_readonly", _I, _P)
stmt_isexplain = _bind("stmt_isexplain", _I, _P)
stmt_busy = _bind("stmt_busy", _I, _P)
expanded_sql = _bind("expanded_sql", _P, _P)
free = _bind("free", None, _P)
changes64 = _bind("changes64", _L, _P)
total_changes64 = _bind("total_changes64", _L, _P)
last_insert_rowid = _bind("last_insert_rowid", _L, _P)
set_last_insert_rowid = _bind("set_last_insert_rowid", None, _P, _L)
get_autocommit = _bind("get_autocommit", _I, _P)
interrupt = _bind("interrupt", None, _P)
busy_timeout = _bind("busy_timeout", _I, _P, _I)
limit = _bind("limit", _I, _P, _I, _I)
db_filename = _bind("db_filename", _S, _P, _S)
db_readonly = _bind("db_readonly", _I, _P, _S)
txn_state = _bind("txn_state", _I, _P, _S)
value_type = _bind("value_type", _I, _P)
value_int64 = _bind("value_int64", _L, _P)
value_double = _bind("value_double", _D, _P)
value_blob = _bind("value_blob", _P, _P)
value_bytes = _bind("value_bytes", _I, _P)
result_int64 = _bind("result_int64", None, _P, _L)
result_double = _bind("result_double", None, _P, _D)
result_null = _bind("result_null", None, _P)
result_text = _bind("result_text", None, _P, _S, _I, _P)
result_blob = _bind("result_blob", None, _P, _S, _I, _P)
result_error = _bind("result_error", None, _P, _S, _I)
result_error_code = _bind("result_error_code", None, _P, _I)
aggregate_context = _bind("aggregate_context", _P, _P, _I)
_ARGUMENTS = ctypes.CFUNCTYPE(None, _P, _I, ctypes.POINTER(_P))
_FINAL = ctypes.CFUNCTYPE(None, _P)
_COMPARE = ctypes.CFUNCTYPE(_I, _P, _I, _P, _I, _P)
create_function_v2 = _bind("create_function_v2", _I, _P, _S, _I, _I, _P, _P, _P, _P, _P)
create_collation_v2 = _bind("create_collation_v2", _I, _P, _S, _I, _P, _P, _P)
serialize = _bind("serialize", _P, _P, _S, ctypes.POINTER(_L), _I)
_malloc64 = _bind("malloc64", _P, _L)
deserialize = _bind("deserialize", _I, _P, _S, _P, _L, _L, _I)
_TRANSIENT = ctypes.c_void_p(-1)


def _text(data):
    return None if data is None else data.decode("utf-8", "surrogateescape")


def _encode(text):
    return None if text is None else text.encode("utf-8", "surrogateescape")


def _value(value):
    kind = value_type(value)
    if kind == 1:
        return value_int64(value)
    if kind == 2:
        return value_double(value)
    if kind == 5:
        return None
    address = value_blob(value)
    data = ctypes.string_at(address, value_bytes(value)) if address else b""
    return _text(data) if kind == 3 else data


def _answer(context, value):
    if value is None:
        result_null(context)
    elif isinstance(value, int):
        result_int64(context, value)
    elif isinstance(value, float):
        result_double(context, value)
    elif isinstance(value, str):
        data = _encode(value)
        result_text(context, data, len(data), _TRANSIENT)
    else:
        result_blob(context, value, len(value), _TRANSIENT)


class Connection:
    def __init__(self, filename, flags=6, vfs=None):
        handle = _P()
        code = open_v2(_encode(filename), ctypes.byref(handle), flags & 0xFF, _encode(vfs))
        self.handle = handle
        if code:
            raise SqlError(code, "unable to open database file")
        self._kept = {}
        self._aggregates = {}
        self.busy_handler = self.progress_handler = self.authorizer = None
        self.commit_hook = self.rollback_hook = self.update_hook = None
        self.is_interrupted = False

    def fail(self):
        raise SqlError(extended_errcode(self.handle), _text(errmsg(self.handle)), error_offset(self.handle))

    def close(self):
        if close(self.handle):
            self.fail()

    def prepare(self, sql):
        data = _encode(sql)
        buffer = ctypes.create_string_buffer(data)
        statement, tail = _P(), _P()
        if prepare_v2(self.handle, ctypes.addressof(buffer), len(data), ctypes.byref(statement), ctypes.byref(tail)):
            self.fail()
        used = tail.value - ctypes.addressof(buffer)
        index = len(_text(data[:used]))
        return (Statement(self, statement, sql[:index]) if statement.value else None), index

    changes = property(lambda self: changes64(self.handle))
    total_changes = property(lambda self: total_changes64(self.handle))
    autocommit = property(lambda self: bool(get_autocommit(self.handle)))
    last_insert_rowid = property(
        lambda self: last_insert_rowid(self.handle), lambda self, rowid: set_last_insert_rowid(self.handle, rowid)
    )

    def interrupt(self):
        interrupt(self.handle)

    def set_busy_timeout(self, milliseconds):
        busy_timeout(self.handle, milliseconds)

    def limit(self, number, value):
        return limit(self.handle, number, value)

    def database_filename(self, schema):
        return _text(db_filename(self.handle, _encode(schema)))

    def is_readonly(self, schema):
        return db_readonly(self.handle, _encode(schema))

    def transaction_state(self, schema):
        return txn_state(self.handle, _encode(schema))

    def create_function(self, name, argument_count, flags, scalar=None, aggregate=None):
        def guarded(context, work):
            try:
                return work()
            except SqlError as error:
                data = _encode(error.message)
                result_error(context, data, len(data))
                result_error_code(context, error.code)

        def on_call(context, count, values):
            guarded(context, lambda: _answer(context, scalar([_value(values[i]) for i in range(count)])))

        def state(context):
            address = aggregate_context(context, 8)
            if address not in self._aggregates:
                self._aggregates[address] = aggregate()
            return address, self._aggregates[address]

        def on_step(context, count, values):
            guarded(context, lambda: state(context)[1].step([_value(values[i]) for i in range(count)]))

        def on_final(context):
            address, instance = state(context)
            guarded(context, lambda: _answer(context, instance.final()))
            del self._aggregates[address]

        callbacks = (_ARGUMENTS(on_call), _ARGUMENTS(on_step), _FINAL(on_final))
        self._kept[name.lower(), argument_count] = callbacks
        pointers = [ctypes.cast(callback, _P) for callback in callbacks]
        code = create_function_v2(
            self.handle,
            _encode(name),
            argument_count,
            flags,
            None,
            pointers[0] if scalar else None,
            pointers[1] if aggregate else None,
            pointers[2] if aggregate else None,
            None,
        )
        if code:
            self.fail()

    def create_collation(self, name, compare):
        def on_compare(_context, left_size, left, right_size, right):
            return compare(_text(ctypes.string_at(left, left_size)), _text(ctypes.string_at(right, right_size)))

        callback = _COMPARE(on_compare)
        self._kept[name.lower()] = callback
        if create_collation_v2(
            self.handle, _encode(name), 1, None, ctypes.cast(callback, _P) if compare else None, None
        ):
            self.fail()

    def serialize(self, schema):
        size = _L()
        block = serialize(self.handle, _encode(schema), ctypes.byref(size), 0)
        data = ctypes.string_at(block, size.value) if block else b""
        free(block)
        return data

    def deserialize(self, schema, data, is_readonly):
        block = _malloc64(len(data))
        ctypes.memmove(block, data, len(data))
        if deserialize(self.handle, _encode(schema), block, len(data), len(data), 3 | (4 if is_readonly else 0)):
            self.fail()


class Statement:
    def __init__(self, connection, handle, sql):
        self.connection = connection
        self.handle = handle
        self.sql = sql
        self.row = []
        self.is_readonly = bool(stmt_readonly(handle))
        self.explain_mode = stmt_isexplain(handle)
        self.parameter_count = bind_parameter_count(handle)
        self.parameter_names = tuple(_text(bind_parameter_name(handle, i + 1)) for i in range(self.parameter_count))
        self._describe()

    def _describe(self):
        handle = self.handle
        self.column_count = column_count(handle)
        columns = range(self.column_count)
        self.column_names = tuple(_text(column_name(handle, i)) for i in columns)
        self.column_declared_types = tuple(_text(column_decltype(handle, i)) for i in columns)
        self.column_origins = tuple(
            (
                _text(column_database_name(handle, i)),
                _text(column_table_name(handle, i)),
                _text(column_origin_name(handle, i)),
            )
            for i in columns
        )

    is_busy = property(lambda self: bool(stmt_busy(self.handle)))

    def bind(self, index, value):
        handle = self.handle
        if value is None:
            code = bind_null(handle, index)
        elif isinstance(value, int):
            code = bind_int64(handle, index, value)
        elif isinstance(value, float):
            code = bind_double(handle, index, value)
        elif isinstance(value, str):
            data = _encode(value)
            code = bind_text(handle, index, data, len(data), _TRANSIENT)
        else:
            code = bind_blob(handle, index, value, len(value), _TRANSIENT)
        if code:
            self.connection.fail()

    def clear_bindings(self):
        clear_bindings(self.handle)

    def step(self):
        code = step(self.handle)
        if code == 101:
            return False
        if code != 100:
            self.connection.fail()
        if column_count(self.handle) != self.column_count:
            self._describe()
        self.row = [self._column(index) for index in range(self.column_count)]
        return True

    def _column(self, index):
        kind = column_type(self.handle, index)
        if kind == 1:
            return column_int64(self.handle, index)
        if kind == 2:
            return column_double(self.handle, index)
        if kind == 5:
            return None
        address = column_blob(self.handle, index)
        data = ctypes.string_at(address, column_bytes(self.handle, index)) if address else b""
        return _text(data) if kind == 3 else data

    def reset(self):
        reset(self.handle)

    def finalize(self):
        finalize(self.handle)

    def expanded_sql(self):
        block = expanded_sql(self.handle)
        if not block:
            raise SqlError(7, "out of memory")
        text = _text(ctypes.string_at(block))
        free(block)
        return text
