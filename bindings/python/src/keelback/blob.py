"""Blob: an open BLOB as a file-like object of fixed size. Made by `Connection.blobopen`."""

from __future__ import annotations

import os
from operator import index
from typing import TYPE_CHECKING, Any, Literal

from keelback._keelback import ProgrammingError

if TYPE_CHECKING:
    from keelback._keelback import BlobHandle
    from keelback.connection import Connection

_INT_MAX = 2**31 - 1


class Blob:
    """A BLOB that is read and written in place; it has a position, a length, and items."""

    __slots__ = ("_connection", "_handle", "_offset", "__weakref__")
    _connection: Connection
    _handle: BlobHandle
    _offset: int

    __iter__ = None

    def __new__(cls, *arguments: Any, **named: Any) -> Blob:
        raise TypeError(f"cannot create '{cls.__module__}.{cls.__name__}' instances")

    def _open(self) -> BlobHandle:
        self._connection._check()
        if not self._handle.is_open:
            raise ProgrammingError("Cannot operate on a closed blob.")
        return self._handle

    def close(self) -> None:
        """Close the BLOB; closing twice does nothing."""
        self._connection._check()
        self._handle.close()

    def __contains__(self, item: Any) -> bool:
        raise TypeError(f"argument of type '{type(self).__module__}.{type(self).__name__}' is not iterable")

    def __len__(self) -> int:
        return self._open().size()

    def read(self, length: int = -1, /) -> bytes:
        """Read `length` bytes, or to the end."""
        handle = self._open()
        rest = handle.size() - self._offset
        count = rest if length < 0 or length > rest else length
        if count == 0:
            return b""
        data = handle.read(self._offset, count)
        self._offset += count
        return data

    def write(self, data: Any, /) -> None:
        """Write at the position; a BLOB never grows (ValueError "data longer than blob length")."""
        handle = self._open()
        handle.write(self._offset, data)
        self._offset += memoryview(data).nbytes

    def seek(self, offset: int, origin: int = os.SEEK_SET, /) -> None:
        """Set the position, from the start, the position or the end."""
        size = self._open().size()
        bases = {os.SEEK_SET: 0, os.SEEK_CUR: self._offset, os.SEEK_END: size}
        if origin not in bases:
            raise ValueError("'origin' should be os.SEEK_SET, os.SEEK_CUR, or os.SEEK_END")
        if not -_INT_MAX - 1 <= offset <= _INT_MAX:
            raise OverflowError(f"signed integer is {'greater than maximum' if offset > 0 else 'less than minimum'}")
        if offset + bases[origin] > _INT_MAX:
            raise OverflowError("seek offset results in overflow")
        position = bases[origin] + offset
        if not 0 <= position <= size:
            raise ValueError("offset out of blob range")
        self._offset = position

    def tell(self) -> int:
        """The position."""
        self._open()
        return self._offset

    def __enter__(self) -> Blob:
        self._open()
        return self

    def __exit__(self, type: Any, value: Any, traceback: Any, /) -> Literal[False]:
        self._open()
        self.close()
        return False

    def _position(self, key: Any, size: int) -> int:
        position = index(key) if -(2**63) <= index(key) < 2**63 else None
        if position is None:
            raise IndexError("cannot fit 'int' into an index-sized integer")
        if position < 0:
            position += size
        if not 0 <= position < size:
            raise IndexError("Blob index out of range")
        return position

    def __getitem__(self, key: Any, /) -> Any:
        handle = self._open()
        size = handle.size()
        if isinstance(key, slice):
            start, stop, step = key.indices(size)
            if len(range(start, stop, step)) == 0:
                return b""
            if step == 1:
                return handle.read(start, stop - start)
            return handle.read(0, size)[key]
        if not hasattr(key, "__index__"):
            raise TypeError("Blob indices must be integers")
        return handle.read(self._position(key, size), 1)[0]

    def __setitem__(self, key: Any, value: Any, /) -> None:
        handle = self._open()
        size = handle.size()
        if isinstance(key, slice):
            self._set_slice(handle, size, key, value)
            return
        if not hasattr(key, "__index__"):
            raise TypeError("Blob indices must be integers")
        position = self._position(key, size)
        if not isinstance(value, int):
            raise TypeError(f"'{type(value).__name__}' object cannot be interpreted as an integer")
        if not 0 <= value <= 255:
            raise ValueError("byte must be in range(0, 256)")
        handle.write(position, bytes((value,)))

    def _set_slice(self, handle: BlobHandle, size: int, key: slice, value: Any) -> None:
        start, stop, step = key.indices(size)
        count = len(range(start, stop, step))
        view = memoryview(value)
        if not view.c_contiguous:
            raise BufferError("memoryview: underlying buffer is not C-contiguous")
        if view.nbytes != count:
            raise IndexError("Blob slice assignment is wrong size")
        if count == 0:
            return
        if step == 1:
            handle.write(start, value)
            return
        data = bytearray(handle.read(0, size))
        data[key] = view
        handle.write(0, data)

    def __delitem__(self, key: Any, /) -> None:
        self._open()
        raise TypeError(f"Blob doesn't support {'slice' if isinstance(key, slice) else 'item'} deletion")


def make_blob(connection: Connection, handle: BlobHandle) -> Blob:
    """A Blob over an open handle."""
    blob = object.__new__(Blob)
    blob._connection = connection
    blob._handle = handle
    blob._offset = 0
    return blob
