"""The kernel's storage with the interface of the reference's `Database` and cursors, over libkeelback_twin.so."""

from __future__ import annotations

import ctypes
from typing import Any

from keelback_core.value.errors import SqlError
from twin_library import TwinValue, array_of, check, from_twin, library

library.twin_message.restype = ctypes.c_char_p
library.twin_path.restype = ctypes.c_char_p
library.twin_check_message.restype = ctypes.c_char_p

COLLATION_KINDS = {"BINARY": 0, "NOCASE": 1, "RTRIM": 2}
BUSY_HANDLER = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_int)

_PATH = ctypes.c_char_p
_INT = ctypes.c_int
_U64 = ctypes.c_uint64
_INT_OUT = ctypes.POINTER(ctypes.c_int)
_U64_OUT = ctypes.POINTER(ctypes.c_uint64)
_BYTES = ctypes.POINTER(ctypes.c_uint8)


class VfsCalls(ctypes.Structure):
    """The calls of a file system that a test answers."""

    _fields_ = (
        ("open", ctypes.CFUNCTYPE(_INT, _PATH, _INT, _INT_OUT, _INT_OUT)),
        ("read", ctypes.CFUNCTYPE(_INT, _INT, _BYTES, _U64, _U64, _U64_OUT)),
        ("write", ctypes.CFUNCTYPE(_INT, _INT, _BYTES, _U64, _U64)),
        ("truncate", ctypes.CFUNCTYPE(_INT, _INT, _U64)),
        ("sync", ctypes.CFUNCTYPE(_INT, _INT)),
        ("size", ctypes.CFUNCTYPE(_INT, _INT, _U64_OUT)),
        ("close", ctypes.CFUNCTYPE(_INT, _INT)),
        ("lock_level", ctypes.CFUNCTYPE(_INT, _INT)),
        ("lock", ctypes.CFUNCTYPE(_INT, _INT, _INT)),
        ("unlock", ctypes.CFUNCTYPE(_INT, _INT, _INT)),
        ("is_reserved", ctypes.CFUNCTYPE(_INT, _INT, _INT_OUT)),
        ("has_moved", ctypes.CFUNCTYPE(_INT, _INT)),
        ("delete_file", ctypes.CFUNCTYPE(_INT, _PATH, _INT)),
        ("exists", ctypes.CFUNCTYPE(_INT, _PATH, _INT_OUT)),
        ("full_path", ctypes.CFUNCTYPE(_INT, _PATH, ctypes.POINTER(ctypes.c_char), _U64)),
        ("randomness", ctypes.CFUNCTYPE(_INT, _BYTES, _U64)),
    )


def _coded(function: Any) -> Any:
    """The function with its SqlError as a result code."""

    def call(*arguments: Any) -> int:
        try:
            return function(*arguments) or 0
        except SqlError as error:
            return error.code

    return call


class VfsBridge:
    """Gives the kernel a file system written in Python."""

    def __init__(self, vfs: Any) -> None:
        self.vfs = vfs
        self.files: dict[int, Any] = {}
        names = [name for name, _ in VfsCalls._fields_]
        types = [kind for _, kind in VfsCalls._fields_]
        self.calls = VfsCalls(*[kind(_coded(getattr(self, name))) for name, kind in zip(names, types, strict=True)])

    def open(self, path, flags, number, is_readonly):
        file = self.vfs.open(path.decode(), flags)
        number[0] = len(self.files) + 1
        self.files[number[0]] = file
        is_readonly[0] = file.is_readonly

    def read(self, file, out, size, offset, count):
        data = self.files[file].read_at(size, offset)
        ctypes.memmove(out, bytes(data), len(data))
        count[0] = len(data)

    def write(self, file, data, size, offset):
        self.files[file].write_at(ctypes.string_at(data, size), offset)

    def truncate(self, file, size):
        self.files[file].truncate(size)

    def sync(self, file):
        self.files[file].sync()

    def size(self, file, size):
        size[0] = self.files[file].size()

    def close(self, file):
        self.files[file].close()

    def lock_level(self, file):
        return self.files[file].lock_level

    def lock(self, file, level):
        self.files[file].lock(level)

    def unlock(self, file, level):
        self.files[file].unlock(level)

    def is_reserved(self, file, is_reserved):
        is_reserved[0] = self.files[file].is_reserved_by_anyone()

    def has_moved(self, file):
        return self.files[file].has_moved()

    def delete_file(self, path, is_directory_synced):
        self.vfs.delete(path.decode(), bool(is_directory_synced))

    def exists(self, path, is_there):
        is_there[0] = self.vfs.exists(path.decode())

    def full_path(self, path, out, room):
        full = self.vfs.full_path(path.decode()).encode() + b"\0"
        ctypes.memmove(out, full, min(len(full), room))

    def randomness(self, out, size):
        ctypes.memmove(out, self.vfs.randomness(size), size)


def told(code: int) -> None:
    """Raise the SqlError of a storage call."""
    if code:
        check(code, library.twin_message().decode())


def _fact(number: int, is_settable: bool = False) -> property:
    def get(self: Any) -> int:
        out = ctypes.c_int64()
        told(library.twin_get(self.handle, number, ctypes.byref(out)))
        return out.value

    def set_it(self: Any, value: int) -> None:
        told(library.twin_set(self.handle, number, ctypes.c_int64(value)))

    return property(get, set_it if is_settable else None)


class KernelDatabase:
    """The kernel's Database."""

    def __init__(self) -> None:
        self.handle = ctypes.c_void_p()
        self._busy: Any = None
        self._busy_call: Any = None
        self._bridge: VfsBridge | None = None

    @staticmethod
    def open(path: str | None, flags: int, vfs: Any = None, page_size: int = 4096) -> KernelDatabase:
        database = KernelDatabase()
        name = (path or "").encode("utf-8", "surrogateescape")
        calls = None
        if vfs is not None:
            database._bridge = VfsBridge(vfs)
            calls = ctypes.byref(database._bridge.calls)
        told(
            library.twin_open(
                name,
                ctypes.c_uint64(len(name)),
                flags,
                ctypes.c_uint32(page_size),
                calls,
                ctypes.byref(database.handle),
            )
        )
        return database

    def __del__(self) -> None:
        if self.handle:
            library.twin_free(self.handle)

    page_size = _fact(0)
    reserved_bytes = _fact(1)
    page_count = _fact(2)
    max_page_count = _fact(3, True)
    transaction_state = _fact(5)
    freelist_count = _fact(6)
    change_counter = _fact(7)
    synchronous = _fact(8, True)
    cache_size = _fact(9, True)
    encoding = _fact(10)
    savepoint_count = _fact(11)
    _readonly = _fact(4)

    @property
    def is_readonly(self) -> bool:
        return bool(self._readonly)

    @property
    def path(self) -> str:
        return library.twin_path(self.handle).decode("utf-8", "surrogateescape")

    @property
    def busy_handler(self) -> Any:
        return self._busy

    @busy_handler.setter
    def busy_handler(self, handler: Any) -> None:
        self._busy = handler
        self._busy_call = BUSY_HANDLER(lambda calls: bool(handler(calls))) if handler else None
        library.twin_set_busy_handler(self.handle, self._busy_call)

    @property
    def journal_mode(self) -> str:
        out = ctypes.create_string_buffer(16)
        library.twin_get_journal_mode(self.handle, out)
        return out.value.decode()

    @journal_mode.setter
    def journal_mode(self, mode: str) -> None:
        told(library.twin_set_journal_mode(self.handle, mode.encode()))

    def set_page_size(self, size: int) -> None:
        told(library.twin_set(self.handle, 12, ctypes.c_int64(max(0, size))))

    def begin_read(self) -> None:
        told(library.twin_begin_read(self.handle))

    def begin_write(self, exclusive: bool = False) -> None:
        told(library.twin_begin_write(self.handle, int(exclusive)))

    def make_exclusive(self) -> None:
        told(library.twin_make_exclusive(self.handle))

    def commit_phase_one(self) -> None:
        told(library.twin_commit_phase_one(self.handle))

    def commit_phase_two(self, keep_read: bool = False) -> None:
        told(library.twin_commit_phase_two(self.handle, int(keep_read)))

    def commit(self, keep_read: bool = False) -> None:
        told(library.twin_commit(self.handle, int(keep_read)))

    def rollback(self, keep_read: bool = False) -> None:
        told(library.twin_rollback(self.handle, int(keep_read)))

    def end_read(self) -> None:
        told(library.twin_end_read(self.handle))

    def open_savepoint(self, depth: int) -> None:
        library.twin_savepoint(self.handle, 0, ctypes.c_uint64(depth))

    def release_savepoint(self, depth: int) -> None:
        library.twin_savepoint(self.handle, 1, ctypes.c_uint64(depth))

    def rollback_to_savepoint(self, depth: int) -> None:
        library.twin_savepoint(self.handle, 2, ctypes.c_uint64(depth))

    def close(self) -> None:
        told(library.twin_close(self.handle))

    def get_meta(self, index: int) -> int:
        out = ctypes.c_uint32()
        told(library.twin_get_meta(self.handle, index, ctypes.byref(out)))
        return out.value

    def set_meta(self, index: int, value: int) -> None:
        told(library.twin_set_meta(self.handle, index, ctypes.c_uint32(value & 0xFFFFFFFF)))

    def create_root(self, is_table: bool) -> int:
        out = ctypes.c_uint32()
        told(library.twin_create_root(self.handle, int(is_table), ctypes.byref(out)))
        return out.value

    def clear_root(self, root: int) -> int:
        out = ctypes.c_uint64()
        told(library.twin_clear_root(self.handle, ctypes.c_uint32(root), ctypes.byref(out)))
        return out.value

    def drop_root(self, root: int) -> int:
        moved = ctypes.c_uint32()
        told(library.twin_drop_root(self.handle, ctypes.c_uint32(root), ctypes.byref(moved)))
        return moved.value

    def give_back_pages(self, most: int) -> int:
        gone = ctypes.c_uint32()
        told(library.twin_give_back_pages(self.handle, ctypes.c_uint32(most), ctypes.byref(gone)))
        return gone.value

    def open_table_cursor(self, root: int, writable: bool) -> KernelTableCursor:
        handle = ctypes.c_void_p()
        told(library.twin_open_table_cursor(self.handle, ctypes.c_uint32(root), int(writable), ctypes.byref(handle)))
        return KernelTableCursor(self, handle)

    def open_index_cursor(self, root: int, writable: bool, comparator: Any) -> KernelIndexCursor:
        info = comparator.key_info
        kinds = [COLLATION_KINDS[name] for name in info.collation_names]
        flags = bytes(info.sort_flags)
        handle = ctypes.c_void_p()
        told(
            library.twin_open_index_cursor(
                self.handle,
                ctypes.c_uint32(root),
                int(writable),
                flags,
                (ctypes.c_int * max(1, len(kinds)))(*kinds),
                len(flags),
                ctypes.byref(handle),
            )
        )
        return KernelIndexCursor(self, handle)

    def integrity_check(self, roots: Any, max_errors: int) -> list[str]:
        found = ctypes.c_int()
        array = (ctypes.c_uint32 * max(1, len(roots)))(*roots)
        told(library.twin_integrity_check(self.handle, array, len(roots), max_errors, ctypes.byref(found)))
        return [library.twin_check_message(self.handle, place).decode() for place in range(found.value)]


class _KernelCursor:
    encoding = 1

    def __init__(self, database: KernelDatabase, handle: ctypes.c_void_p) -> None:
        self.database = database
        self.handle = handle

    def __del__(self) -> None:
        library.twin_cursor_free(self.handle)

    def close(self) -> None:
        library.twin_cursor_close(self.handle)

    @property
    def is_valid(self) -> bool:
        return bool(library.twin_cursor_is_valid(self.handle))

    def _move(self, where: int) -> bool:
        is_on = ctypes.c_int()
        told(library.twin_cursor_move(self.handle, where, ctypes.byref(is_on)))
        return bool(is_on.value)

    def first(self) -> bool:
        return self._move(0)

    def last(self) -> bool:
        return self._move(1)

    def next(self) -> bool:
        return self._move(2)

    def previous(self) -> bool:
        return self._move(3)

    def is_on_row(self) -> bool:
        return self._move(4)

    def count(self) -> int:
        total = ctypes.c_uint64()
        told(library.twin_cursor_count(self.handle, ctypes.byref(total)))
        return total.value

    def payload(self) -> bytes:
        data = ctypes.c_void_p()
        size = ctypes.c_uint64()
        told(library.twin_cursor_payload(self.handle, ctypes.byref(data), ctypes.byref(size)))
        return ctypes.string_at(data, size.value) if size.value else b""

    def payload_size(self) -> int:
        size = ctypes.c_uint64()
        told(library.twin_cursor_payload_size(self.handle, ctypes.byref(size)))
        return size.value

    def column(self, number: int) -> Any:
        """A column decoded by the kernel in place; None too where the record has fewer."""
        out = TwinValue()
        is_there = ctypes.c_int()
        told(
            library.twin_cursor_column(self.handle, ctypes.c_uint32(number), ctypes.byref(out), ctypes.byref(is_there))
        )
        return from_twin(out)


class KernelTableCursor(_KernelCursor):
    """The kernel's TableCursor."""

    @property
    def rowid(self) -> int:
        out = ctypes.c_int64()
        told(library.twin_table_rowid(self.handle, ctypes.byref(out)))
        return out.value

    def seek(self, rowid: int) -> int:
        result = ctypes.c_int()
        told(library.twin_table_seek(self.handle, ctypes.c_int64(rowid), ctypes.byref(result)))
        return result.value

    def insert(self, rowid: int, payload: bytes) -> None:
        data = bytes(payload)
        told(library.twin_table_insert(self.handle, ctypes.c_int64(rowid), data, ctypes.c_uint64(len(data))))

    def delete(self) -> None:
        told(library.twin_table_delete(self.handle))


class KernelIndexCursor(_KernelCursor):
    """The kernel's IndexCursor."""

    def seek(self, key: Any, default_result: int = 0) -> int:
        keep: list[Any] = []
        result = ctypes.c_int()
        told(library.twin_index_seek(self.handle, array_of(key, keep), len(key), default_result, ctypes.byref(result)))
        return result.value

    def insert(self, values: Any, key_count: int = 0) -> None:
        keep: list[Any] = []
        told(library.twin_index_insert(self.handle, array_of(values, keep), len(values), ctypes.c_uint64(key_count)))

    def append(self, values: Any) -> None:
        keep: list[Any] = []
        told(library.twin_index_append(self.handle, array_of(values, keep), len(values)))

    def delete(self) -> None:
        told(library.twin_index_delete(self.handle))

    def values(self) -> list[Any]:
        out = ctypes.POINTER(TwinValue)()
        count = ctypes.c_int()
        told(library.twin_index_values(self.handle, ctypes.byref(out), ctypes.byref(count)))
        return [from_twin(out[place]) for place in range(count.value)]
